"""The command line: one module a command, found through the table in `commands`."""

from __future__ import annotations

from missions.cli.program import main

__all__ = ["main"]
