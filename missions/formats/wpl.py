"""`QGC WPL 110`, the plain-text mission of Mission Planner, MAVProxy and QGroundControl (mavlink.io/en/file_formats)."""

from __future__ import annotations

import math
from collections.abc import Iterable

from missions.formats.mission_rows import MissionRow, mission_rows
from planner.model import Plan, Sortie

#: As Mission Planner writes: six decimals, as pymavlink does, would move a waypoint by up to 0.06 m.
_DECIMALS = 8
_ROW = "\t".join(["%d"] * 4 + [f"%.{_DECIMALS}f"] * 7 + ["%d"])


def sortie_wpl(plan: Plan, sortie: Sortie) -> bytes:
    """One row an item, home in row 0: seq, current, frame, command, param1..4, latitude, longitude, height, autocontinue."""
    return wpl_bytes(mission_rows(plan, sortie), current=0)


def wpl_bytes(rows: Iterable[MissionRow], *, current: int | None = None) -> bytes:
    """The file of these rows; `current` is the seq of the one marked so, if any is."""
    return "\n".join(["QGC WPL 110", *(_line(row, is_current=row.seq == current) for row in rows), ""]).encode()


def _line(row: MissionRow, *, is_current: bool) -> str:
    numbers: tuple[float, ...] = (*row.params, row.x, row.y, row.z)
    if math.isnan(sum(numbers)):
        # The format has no word for "not given"; autopilots take 0 as their default
        numbers = tuple(0.0 if math.isnan(value) else value for value in numbers)
    return _ROW % (row.seq, is_current, row.frame, row.command, *numbers, row.autocontinue)
