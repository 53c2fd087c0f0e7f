"""Random ground in local metres: concave, holed, thin, tiny and jagged areas, and what is shut in them."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from shapely import affinity
from shapely.geometry.base import BaseGeometry


@dataclass(frozen=True, kw_only=True, slots=True)
class GroundRanges:
    """Areas reach `smallest_m` to `usual_m` from their middle, small ones as often as large ones by their logarithm; one in `large`
    reaches up to `largest_m`, one in `rare` is of a rare kind. `most_corners` is for outlines of many corners.
    """

    smallest_m: float = 30.0
    usual_m: float = 90.0
    largest_m: float = 400.0
    large: int = 40
    rare: int = 8
    most_holes: int = 5
    most_corners: int = 5_000


Shape = Callable[[random.Random, float], BaseGeometry]


def random_area(dice: random.Random, ranges: GroundRanges) -> BaseGeometry:
    """A valid polygon (or several): one of the common kinds, or once in a while a rare one."""
    most_m = ranges.largest_m if dice.randrange(ranges.large) == 0 else ranges.usual_m
    radius_m = math.exp(dice.uniform(math.log(ranges.smallest_m), math.log(most_m)))
    if dice.randrange(ranges.rare) == 0:
        kind = dice.choice(_RARE)
        area = _jagged(dice, radius_m, ranges.most_corners) if kind is None else kind(dice, radius_m)
    else:
        area = dice.choice(_COMMON)(dice, radius_m)
    area = affinity.rotate(area, dice.uniform(0, 180), origin=(0, 0))
    return with_holes(dice, area, dice.randint(1, ranges.most_holes)) if dice.random() < 0.5 else area


def star(dice: random.Random, radius_m: float, corners: int, depth: float) -> BaseGeometry:
    """A star-shaped polygon, concave where neighbouring radii differ."""
    angles = sorted(dice.uniform(0, 2 * math.pi) for _ in range(corners))
    radii = [radius_m * dice.uniform(1 - depth, 1) for _ in angles]
    ring = [(radius * math.cos(angle), radius * math.sin(angle)) for angle, radius in zip(angles, radii, strict=True)]
    return _largest(shapely.make_valid(shapely.Polygon(ring)))


def with_holes(dice: random.Random, area: BaseGeometry, count: int) -> BaseGeometry:
    """Holes anywhere: some touch the outline in a point or along an edge, some each other, and one may cut the area in two."""
    west, south, east, north = area.bounds
    size_m = max(east - west, north - south)
    result = area
    for _ in range(count):
        hole = star(dice, dice.uniform(0.02, 0.15) * size_m, dice.randint(3, 8), 0.4)
        kind = dice.random()
        if kind < 0.2:
            at = shapely.get_coordinates(area)[dice.randrange(len(shapely.get_coordinates(area)))]
        elif kind < 0.4:
            # Its corner exactly on the outline, the rest of it mostly inside.
            rings = shapely.get_rings(shapely.get_parts(area))
            on = shapely.line_interpolate_point(rings[dice.randrange(len(rings))], dice.random(), normalized=True)
            at = shapely.get_coordinates(on)[0] - shapely.get_coordinates(hole)[0]
        else:
            at = np.array([dice.uniform(west, east), dice.uniform(south, north)])
        if kind > 0.9:
            hole = affinity.rotate(shapely.box(-size_m, -0.5, size_m, 0.5), dice.uniform(0, 180))
        result = result.difference(affinity.translate(hole, *at))
    parts = [part for part in shapely.get_parts(result) if part.geom_type == "Polygon" and part.area > 1.0]
    return shapely.union_all(parts) if parts else area


def random_obstacle(dice: random.Random, area: BaseGeometry) -> BaseGeometry:
    """What is shut: a blob, a wall across, a moat that cuts an island off, or a corner piece with the outline as its edge."""
    west, south, east, north = area.bounds
    size_m = max(east - west, north - south)
    blob = star(dice, size_m * dice.uniform(0.03, 0.2), dice.randint(3, 9), 0.4)
    kind = dice.random()
    if kind < 0.2:
        blob = blob.buffer(size_m * dice.uniform(0.05, 0.2)).boundary.buffer(dice.uniform(1.0, 8.0))
    elif kind < 0.35:
        blob = affinity.rotate(shapely.box(-size_m, -dice.uniform(0.5, 6), size_m, 3), dice.uniform(0, 180))
    placed = affinity.translate(blob, dice.uniform(west, east), dice.uniform(south, north))
    shared = placed.intersection(area)
    return _largest(shared) if kind > 0.85 and shared.area > 1.0 else placed


def fans(dice: random.Random, centre: tuple[float, float], count: int, reach_m: float) -> list[BaseGeometry]:
    """Ground around a point in so many parts that all meet there; now and then with a gap or an overlap between two."""
    if count == 1:
        return [shapely.box(-reach_m, -reach_m, reach_m, reach_m)]
    first = dice.uniform(0, 2 * math.pi)
    turns = [first + 2 * math.pi * number / count + dice.uniform(-0.4, 0.4) for number in range(count)]
    ends = [*turns[1:], turns[0] + 2 * math.pi]
    off = dice.choice([0.0] * 8 + [0.02, -0.02])
    return [_fan(centre, start, end + off, reach_m) for start, end in zip(turns, ends, strict=True)]


def borders(grounds: Sequence[BaseGeometry]) -> BaseGeometry:
    """The lines that neighbours share."""
    lines = [grounds[a].boundary.intersection(grounds[b].boundary) for a in range(len(grounds)) for b in range(a)]
    parts = [part for line in lines for part in shapely.get_parts(line) if part.geom_type == "LineString" and part.length > 1.0]
    return shapely.line_merge(shapely.MultiLineString(parts))


def place_in(dice: random.Random, ground: BaseGeometry) -> tuple[float, float]:
    """A point of the ground, which is not empty."""
    parts = sorted((part for part in shapely.get_parts(ground) if part.geom_type == "Polygon"), key=lambda part: -part.area)
    west, south, east, north = ground.bounds
    for _ in range(60):
        trial = shapely.Point(dice.uniform(west, east), dice.uniform(south, north))
        if ground.contains(trial):
            return trial.x, trial.y
    point = parts[0].representative_point()
    return point.x, point.y


def _fan(centre: tuple[float, float], start: float, end: float, reach_m: float) -> BaseGeometry:
    arc = [start + (end - start) * part / 8 for part in range(9)]
    ring = [centre, *((centre[0] + reach_m * math.cos(angle), centre[1] + reach_m * math.sin(angle)) for angle in arc)]
    return shapely.make_valid(shapely.Polygon(ring))


def _star(dice: random.Random, radius_m: float) -> BaseGeometry:
    return star(dice, radius_m, dice.randint(4, 30), dice.uniform(0.1, 0.8))


def _comb(dice: random.Random, radius_m: float) -> BaseGeometry:
    """A spine with teeth."""
    teeth = dice.randint(2, 5)
    width_m = 2 * radius_m / (2 * teeth)
    spine = shapely.box(-radius_m, 0, radius_m, dice.uniform(0.1, 0.5) * radius_m)
    starts = [-radius_m + 2 * number * width_m for number in range(teeth)]
    return shapely.union_all([spine, *(shapely.box(at, 0, at + width_m, radius_m * dice.uniform(0.5, 1.5)) for at in starts)])


def _strip(dice: random.Random, radius_m: float) -> BaseGeometry:
    """A band along a winding line."""
    step_m, points = radius_m / 2, [(-radius_m, 0.0)]
    for _ in range(dice.randint(2, 6)):
        points.append((points[-1][0] + step_m, points[-1][1] + dice.uniform(-step_m, step_m)))
    half_m = radius_m * dice.uniform(0.1, 0.4)
    return _areal(shapely.LineString(points).buffer(half_m, cap_style="flat", join_style=dice.choice(["round", "mitre"])))


def _ring(dice: random.Random, radius_m: float) -> BaseGeometry:
    outer = star(dice, radius_m, dice.randint(8, 20), 0.3)
    return _largest(outer.difference(affinity.scale(outer, dice.uniform(0.2, 0.8), dice.uniform(0.2, 0.8), origin=(0, 0))))


def _two(dice: random.Random, radius_m: float) -> BaseGeometry:
    """Two separate pieces."""
    apart_m = radius_m * dice.uniform(1.4, 3)
    return shapely.union_all([_star(dice, radius_m), affinity.translate(_star(dice, radius_m), apart_m, 0)])


def _needle(dice: random.Random, radius_m: float) -> BaseGeometry:
    """A triangle much narrower than a swath."""
    return shapely.Polygon([(-radius_m, 0), (radius_m, dice.uniform(0.05, 10)), (radius_m, 0)])


def _speck(dice: random.Random, _radius_m: float) -> BaseGeometry:
    """Smaller than a swath."""
    return star(dice, dice.uniform(1.5, 25), dice.randint(3, 9), 0.5)


def _touching(dice: random.Random, radius_m: float) -> BaseGeometry:
    """Two pieces that meet in one point, and a hole that touches another in a point."""
    one = shapely.Polygon([(0, 0), (radius_m, radius_m), (radius_m, -radius_m)])
    side_m, middle_m = radius_m * dice.uniform(0.1, 0.3), 0.5 * radius_m
    holes = [shapely.box(middle_m, 0, middle_m + side_m, side_m), shapely.box(middle_m - side_m, -side_m, middle_m, 0)]
    return shapely.union(one.difference(shapely.union_all(holes)), affinity.scale(one, -1, 1, origin=(0, 0)))


def _jagged(dice: random.Random, radius_m: float, most_corners: int) -> BaseGeometry:
    """An outline of thousands of corners."""
    corners = dice.randint(most_corners // 5, most_corners)
    waves = [(dice.randint(2, 40), dice.uniform(0, 2 * math.pi), dice.uniform(0.005, 0.04)) for _ in range(6)]
    angle = 2 * math.pi * np.arange(corners) / corners
    radius = radius_m * (1 + sum(height * np.sin(count * angle + phase) for count, phase, height in waves))
    radius *= 1 + np.array([dice.uniform(-0.2, 0.2) for _ in range(corners)]) / corners
    return _largest(shapely.make_valid(shapely.Polygon(np.column_stack([radius * np.cos(angle), radius * np.sin(angle)]))))


_COMMON: tuple[Shape, ...] = (_star, _star, _star, _comb, _strip, _ring, _two)
#: None is the jagged outline, whose corners the ranges count.
_RARE: tuple[Shape | None, ...] = (_needle, _speck, _touching, None)


def _areal(geometry: BaseGeometry) -> BaseGeometry:
    return shapely.union_all([part for part in shapely.get_parts(shapely.make_valid(geometry)) if part.geom_type == "Polygon"])


def _largest(geometry: BaseGeometry) -> BaseGeometry:
    parts = shapely.get_parts(shapely.get_parts(geometry))
    polygons: list[BaseGeometry] = [part for part in parts if part.geom_type == "Polygon"]
    return max(polygons, key=lambda part: part.area)
