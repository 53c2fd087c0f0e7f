"""`python -m missions.control PLAN`: mission control as a process of its own, the same as `jointpatrol control serve`."""

from __future__ import annotations

import sys

from missions.cli.program import main

if __name__ == "__main__":
    sys.exit(main(["control", "serve", *sys.argv[1:]]))
