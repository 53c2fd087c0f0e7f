"""`python -m missions.cli`: the command line where the package is not installed."""

from __future__ import annotations

import sys

from missions.cli.program import main

if __name__ == "__main__":
    sys.exit(main())
