"""The places a sortie flies to between take-off and landing, for apps that take off and land in their own way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from mavlink_bridge.enums import MavCmd
from missions.formats.mission_rows import MissionRow, mission_rows
from planner.geo import LatLon, azimuth_deg
from planner.model import Plan, Sortie

_FLOWN_TO = frozenset({MavCmd.NAV_WAYPOINT, MavCmd.NAV_LOITER_TIME})


@dataclass(frozen=True, slots=True)
class Waypoint:
    """A place, the height above home, and the course to the next place (the last one's is the course there).

    `trigger_m`: on the way to the next place there is a picture every so many metres; 0 is none.
    """

    place: LatLon
    height_m: float
    course_deg: float
    trigger_m: float = 0.0


def sortie_waypoints(plan: Plan, sortie: Sortie) -> list[Waypoint]:
    """Those of the uploaded mission, home excluded."""
    items = mission_rows(plan, sortie)[1:]
    rows = [row for row in items if row.command in _FLOWN_TO]
    places = [LatLon(lat_deg=row.x, lon_deg=row.y) for row in rows]
    courses_deg = [azimuth_deg(here, there) for here, there in pairwise(places)]
    courses_deg.append(courses_deg[-1] if courses_deg else 0.0)
    triggers_m = _triggers_m(items)
    return [Waypoint(place, row.z, course, triggers_m[row.seq]) for place, row, course in zip(places, rows, courses_deg, strict=True)]


def _triggers_m(items: Sequence[MissionRow]) -> dict[int, float]:
    """By the number of the item flown to: what holds after it, which is what the next items order until another place comes."""
    triggers_m: dict[int, float] = {}
    now_m, last = 0.0, 0
    for item in items:
        if item.command == MavCmd.DO_SET_CAM_TRIGG_DIST:
            now_m = item.params[0]
        elif item.command in _FLOWN_TO:
            last = item.seq
        triggers_m[last] = now_m
    return triggers_m
