"""Start, await and stop ArduPilot's own simulation, one process a vehicle, and leave nothing behind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from planner.model import VehicleKind
from sitl.config import VehicleConfig

MISSING_TEXT = (
    "ArduPilot SITL was not found on PATH or in $JOINTPATROL_ARDUPILOT_DIR; "
    "ArduPilot publishes builds at firmware.ardupilot.org (Tools/ArduPilot SITL), or use --vehicles embedded"
)


def find_ardupilot(kind: VehicleKind) -> Path | None:
    """The SITL program for this kind of vehicle (arducopter or arduplane), or None."""
    raise NotImplementedError


class ArduPilotFleet:
    """`async with ArduPilotFleet(...) as fleet: fleet.urls`: one ArduPilot a drone, stopped on the way out."""

    def __init__(self, configs: Sequence[VehicleConfig], *, speedup: float = 1.0, folder: Path) -> None:
        raise NotImplementedError

    @property
    def urls(self) -> Mapping[str, str]:
        """Link addresses by drone id: `tcp:127.0.0.1:<port>`."""
        raise NotImplementedError

    async def __aenter__(self) -> Self:
        raise NotImplementedError

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        raise NotImplementedError
