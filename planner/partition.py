"""Split the area between nations, so that sectors tile it: no gap, no overlap."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise

import shapely
from shapely import affinity
from shapely.geometry.base import BaseGeometry


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
    return {nation: _polygons(shapely.union_all(parts)) for nation, parts in pieces.items()}


def _polygons(geometry: BaseGeometry) -> BaseGeometry:
    return shapely.MultiPolygon([part for part in shapely.get_parts(geometry) if part.geom_type == "Polygon" and part.area > 0])


def share_out(ground: BaseGeometry, parts: Sequence[float]) -> list[BaseGeometry]:
    """The ground in contiguous bands across its long axis, their areas proportional to `parts`, from one end to the other.

    The end of the first part is the one further west (or south). Each cut is found by bisection to 1e-6 of the length.
    """
    if len(parts) == 1 or ground.is_empty:
        return [ground] + [shapely.Polygon()] * (len(parts) - 1)
    angle_rad = long_axis_rad(ground)
    turned = affinity.rotate(ground, -angle_rad, origin=(0, 0), use_radians=True)
    west_m, low_m, east_m, high_m = turned.bounds
    cuts = [west_m - 1.0]
    total, wanted = sum(parts), 0.0
    for part in parts[:-1]:
        wanted += part / total
        cuts.append(_cut_at(turned, wanted * turned.area))
    cuts.append(east_m + 1.0)
    bands = [turned.intersection(shapely.box(first, low_m - 1, last, high_m + 1)) for first, last in pairwise(cuts)]
    return [_polygons(affinity.rotate(band, angle_rad, origin=(0, 0), use_radians=True)) for band in bands]


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
        if turned.intersection(shapely.box(west_m - 1, low_m - 1, middle, high_m + 1)).area < area_m2:
            first = middle
        else:
            last = middle
    return (first + last) / 2
