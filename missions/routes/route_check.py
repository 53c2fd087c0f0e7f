"""Check a route against the fences in its own file: every way between its places lies in what it stays in, and out of the rest."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import shapely
from shapely.geometry import LineString, Point, Polygon
from shapely.geometry.base import BaseGeometry

from missions.routes.route import FencePolygon, FenceZone, Route
from planner.geo import Geographic, LocalFrame
from planner.model import Rule, Violation

#: As for plans: what is forgiven.
_TOLERANCE_M = 1.0


def route_violations(route: Route) -> tuple[Violation, ...]:
    """One for each way and fence that it breaks, with the length that does and where it begins. Heights are not compared."""
    places = ([] if route.home is None else [route.home]) + list(route.places)
    if not places or not route.fences:
        return ()
    frame = LocalFrame(places[0].ground)
    zones = [(number, zone.inclusion, _ground(zone, frame)) for number, zone in enumerate(route.fences, start=1)]
    points = [frame.point_to_local(place.ground) for place in places]
    return tuple(found for number, way in enumerate(pairwise(points), start=1) for found in _broken(number, LineString(way), zones, frame))


def _broken(number: int, way: LineString, zones: list[tuple[int, bool, BaseGeometry]], frame: LocalFrame) -> Iterator[Violation]:
    for fence, inclusion, ground in zones:
        wrong = way.difference(ground) if inclusion else way.intersection(ground)
        if wrong.length <= _TOLERANCE_M:
            continue
        east_m, north_m = shapely.get_coordinates(wrong)[0].tolist()
        where = frame.point_to_geographic(east_m=east_m, north_m=north_m)
        side = "leaves" if inclusion else "enters"
        yield Violation(
            rule=Rule.FENCE,
            subject=f"way {number}",
            amount=wrong.length,
            unit="m",
            text=f"the way to place {number} {side} fence {fence}",
            lat_deg=where.lat_deg,
            lon_deg=where.lon_deg,
        )


def _ground(zone: FenceZone, frame: LocalFrame) -> BaseGeometry:
    if isinstance(zone, FencePolygon):
        return frame.ground(Geographic(Polygon([(place.lon_deg, place.lat_deg) for place in zone.ring])))
    return Point(frame.point_to_local(zone.centre)).buffer(zone.radius_m, quad_segs=32)
