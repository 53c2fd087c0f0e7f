"""Where a vehicle returns to: home, or a rally point that is nearer (AP_Rally, 4.7.0-dev)."""

from __future__ import annotations

import math

from sitl.core import Core
from sitl.waypoint_nav import Vector

HOME: Vector = (0.0, 0.0, 0.0)


def return_place(core: Core, north_m: float, east_m: float) -> Vector:
    """North, east and up of where it was armed. RALLY_LIMIT_KM 0 is no limit; home competes when RALLY_INCL_HOME says so."""
    here = north_m, east_m
    home = (*core.home_at, 0.0)
    nearest = min(_rally_points(core), key=lambda point: math.dist(point[:2], here), default=None)
    if nearest is None:
        return home
    distance_m, limit_m = math.dist(nearest[:2], here), core.parameters["RALLY_LIMIT_KM"] * 1000.0
    is_too_far = 0 < limit_m < distance_m
    is_home_nearer = core.parameters["RALLY_INCL_HOME"] > 0 and math.dist(home[:2], here) <= distance_m
    return home if is_too_far or is_home_nearer else nearest


def _rally_points(core: Core) -> list[Vector]:
    items = [item for seq in range(core.rallies.count) if (item := core.rallies.read(seq)) is not None]
    places = [core.to_local(item.x / 1e7, item.y / 1e7) for item in items]
    heights = [core.up_m(item.frame, item.z) for item in items]
    return [(n, e, max(0.0, up)) for (n, e), up in zip(places, heights, strict=True)]
