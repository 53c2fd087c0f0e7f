"""The places a sortie flies to between take-off and landing, for apps that take off and land in their own way."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from mavlink_bridge.enums import MavCmd
from missions.formats.mission_rows import mission_rows
from planner.geo import LatLon, azimuth_deg
from planner.model import Plan, Sortie

_FLOWN_TO = frozenset({MavCmd.NAV_WAYPOINT, MavCmd.NAV_LOITER_TIME})


@dataclass(frozen=True, slots=True)
class Waypoint:
    """A place, the height above home, and the course to the next place (the last one's is the course there)."""

    place: LatLon
    height_m: float
    course_deg: float


def sortie_waypoints(plan: Plan, sortie: Sortie) -> list[Waypoint]:
    """Those of the uploaded mission, home excluded."""
    rows = [row for row in mission_rows(plan, sortie)[1:] if row.command in _FLOWN_TO]
    places = [LatLon(lat_deg=row.x, lon_deg=row.y) for row in rows]
    courses_deg = [azimuth_deg(here, there) for here, there in pairwise(places)]
    courses_deg.append(courses_deg[-1] if courses_deg else 0.0)
    return [Waypoint(place, row.z, course) for place, row, course in zip(places, rows, courses_deg, strict=True)]
