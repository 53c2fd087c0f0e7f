"""What can be wrong with what a user gives to the simulation, with the mend."""

from __future__ import annotations

import errno
from pathlib import Path


class FaultFileError(Exception):
    """A fault file that cannot be used: which file, which key, which value, and what would mend it."""

    def __init__(self, text: str, *, file: Path, key: str | None = None, value: object = None, mend: str = "") -> None:
        self.text = text
        self.file = file
        self.key = key
        self.value = value
        self.mend = mend
        parts = [str(file), *([key] if key else []), text]
        super().__init__(": ".join(parts) + (f" ({mend})" if mend else ""))


class ArduPilotError(Exception):
    """ArduPilot's simulation did not come up, or died; the message holds what it printed last."""


class DownloadError(Exception):
    """ArduPilot's published simulation could not be had, or what came is not believed; the message says why and what to do."""


class VehicleFileError(Exception):
    """What a vehicle's file system says instead of doing it: an errno."""

    def __init__(self, number: int) -> None:
        super().__init__(errno.errorcode.get(number, str(number)))
        self.number = number


class ClockOrderError(Exception):
    """An order to the fleet's clock that is none; the text says what would be."""
