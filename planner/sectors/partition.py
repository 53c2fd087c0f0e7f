"""Split the area between nations, so that sectors tile it: no gap, no overlap."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise

import shapely
from shapely import affinity
from shapely.geometry.base import BaseGeometry

from planner import overlay
from planner.geo import polygons_of


def partition_by_territory(area: BaseGeometry, territory: Mapping[str, BaseGeometry]) -> dict[str, BaseGeometry]:
    """Each nation's part of the area, local metres. Where territories overlap the first nation has it; ground in no
    territory goes to the nearest nation, piece by piece. A nation without ground in the area has an empty sector.
    """
    remaining = area
    pieces: dict[str, list[BaseGeometry]] = {nation: [] for nation in territory}
    for nation, ground in territory.items():
        pieces[nation].append(remaining.intersection(ground))
        remaining = remaining.difference(ground)
    for leftover in shapely.get_parts(remaining):
        if leftover.area > 0:
            nearest = min(territory, key=lambda nation: (territory[nation].distance(leftover), nation))
            pieces[nearest].append(leftover)
    return {nation: polygons_of(shapely.union_all(parts)) for nation, parts in pieces.items()}


def bands(ground: BaseGeometry, cuts: Sequence[float]) -> list[BaseGeometry]:
    """The ground in bands across its long axis, cut where these parts of its area lie further west (or south).

    `cuts` rise from above 0 to below 1; there is one band more than cuts. Each is found by bisection to 1e-6 of the length.
    """
    if not cuts or ground.is_empty:
        return [ground] + [shapely.Polygon()] * len(cuts)
    angle_rad = long_axis_rad(ground)
    turned = overlay.turned(ground, -angle_rad)
    west_m, low_m, east_m, high_m = turned.bounds
    places = [west_m - 1.0, *(_cut_at(turned, part * turned.area) for part in cuts), east_m + 1.0]
    strips = [overlay.intersection(turned, shapely.box(first, low_m - 1, last, high_m + 1)) for first, last in pairwise(places)]
    return [polygons_of(overlay.turned(strip, angle_rad)) for strip in strips]


def part_before(ground: BaseGeometry, place: tuple[float, float]) -> float:
    """The part of the ground's area that lies before a place (metres) along the long axis, as `bands` counts it; 0 of a sliver that
    turning leaves without area.
    """
    angle_rad = long_axis_rad(ground)
    turned = overlay.turned(ground, -angle_rad)
    if turned.area == 0:
        return 0.0
    here = affinity.rotate(shapely.Point(place), -angle_rad, origin=(0, 0), use_radians=True)
    west_m, low_m, _, high_m = turned.bounds
    before = shapely.box(west_m - 1, low_m - 1, max(west_m, here.x), high_m + 1)
    return float(overlay.intersection(turned, before).area / turned.area)


def long_axis_rad(ground: BaseGeometry) -> float:
    """Direction of the longer side of the smallest rectangle around the ground, within -90..90 degrees from east."""
    corners = shapely.get_coordinates(shapely.minimum_rotated_rectangle(ground))
    sides = corners[1:3] - corners[0:2]
    east_m, north_m = max(sides.tolist(), key=lambda side: math.hypot(*side))
    angle_rad = math.atan2(north_m, east_m)
    return math.remainder(angle_rad, math.pi)


def _cut_at(turned: BaseGeometry, area_m2: float) -> float:
    west_m, low_m, east_m, high_m = turned.bounds
    first, last = west_m, east_m
    while last - first > 1e-6 * (east_m - west_m):
        middle = (first + last) / 2
        if overlay.intersection(turned, shapely.box(west_m - 1, low_m - 1, middle, high_m + 1)).area < area_m2:
            first = middle
        else:
            last = middle
    return (first + last) / 2
