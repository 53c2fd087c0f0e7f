"""Tracks along the outline and round holes, beside which lanes may end anyhow: choices of them to lay lanes between.

A lane that ends at a slanted outline leaves a corner unseen, or overlaps its neighbour's ground; beside a strip it may run on until
all is seen.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from planner.sweep_search.world import SweepTask

#: x and y of both ends; lanes lie along x.
Strip = tuple[float, float, float, float]
Strips = tuple[Strip, ...]

_LEAST_RISE = 0.2
_SHORTEST_IN_SWATHS = 0.75
#: Corners of an outline by less than this part of a swath are none.
_SMOOTHED = 0.02


def side_choices(task: SweepTask) -> list[Strips]:
    """No strip, each of the two longest sides across the lanes, and both."""
    strips = []
    for part in shapely.get_parts(shapely.orient_polygons(task.flyable)):
        points = np.asarray(part.exterior.coords)[:, :2]
        for start, end in itertools.pairwise(points):
            side = end - start
            length = float(np.hypot(*side))
            if length < 8 * task.swath_m or abs(side[1]) < 0.7 * length:
                continue
            inward = np.array([-side[1], side[0]]) / length * task.swath_m / 2
            line = shapely.LineString([start + inward, end + inward]).intersection(task.flyable)
            strips += [
                (length, (*piece.coords[0], *piece.coords[-1]))
                for piece in shapely.get_parts(line)
                if piece.geom_type == "LineString" and piece.length > 4 * task.swath_m
            ]
    chosen = [strip for _, strip in sorted(strips, reverse=True)[:2]]
    return [several for count in range(len(chosen) + 1) for several in itertools.combinations(chosen, count)]


def ring_choices(task: SweepTask) -> list[Strips]:
    """Along all of the outline, along those sides that lanes do not run along, and the latter round holes, too."""
    outer: list[Strip] = []
    inner: list[Strip] = []
    for part in shapely.get_parts(task.ground.buffer(-task.swath_m / 2, join_style="mitre")):
        if part.geom_type == "Polygon":
            outer += _along(part.exterior, task.swath_m)
            inner += [strip for ring in part.interiors for strip in _along(ring, task.swath_m)]
    across = tuple(strip for strip in outer if _rise(strip) > _LEAST_RISE)
    round_holes = tuple(strip for strip in inner if _rise(strip) > _LEAST_RISE)
    return sorted({tuple(outer), across, across + round_holes, round_holes} - {()})


def nested_rings(task: SweepTask) -> Strips:
    """The sides of the outline, half a swath inside it, and again a swath further in for as long as there is room."""
    strips: list[Strip] = []
    inset_m = task.swath_m / 2
    while ring := [strip for part in _parts_inside(task.ground, inset_m) for strip in _round(part, task)]:
        strips += ring
        inset_m += task.swath_m
    return tuple(strips)


def _parts_inside(ground: BaseGeometry, inset_m: float) -> list[shapely.Polygon]:
    parts = shapely.get_parts(shapely.orient_polygons(ground.buffer(-inset_m, join_style="mitre")))
    return [part for part in parts if isinstance(part, shapely.Polygon)]


def _round(part: shapely.Polygon, task: SweepTask) -> Iterator[Strip]:
    """Flat ends leave the outer part of a corner unseen: each side runs on as far as that reaches, and the next begins so much later."""
    points = np.asarray(part.exterior.simplify(_SMOOTHED * task.swath_m).coords)[:-1, :2]
    sides = np.roll(points, -1, axis=0) - points
    along = sides / np.hypot(sides[:, 0], sides[:, 1])[:, None]
    onwards = np.roll(along, -1, axis=0)
    turn_rad = np.arctan2(along[:, 0] * onwards[:, 1] - along[:, 1] * onwards[:, 0], (along * onwards).sum(axis=1))
    runs_on_m = task.swath_m / 2 * np.minimum(2.0, np.tan(np.maximum(0.0, turn_rad) / 2))
    starts, ends = points + along * np.roll(runs_on_m, 1)[:, None], points + sides + along * runs_on_m[:, None]
    ahead = ((ends - starts) * along).sum(axis=1) > 0.0
    for start, end in zip(starts[ahead], ends[ahead], strict=True):
        for piece in shapely.get_parts(shapely.LineString([start, end]).intersection(task.flyable)):
            if piece.geom_type == "LineString" and piece.length > _SHORTEST_IN_SWATHS * task.swath_m:
                yield (*piece.coords[0], *piece.coords[-1])


def _along(ring: BaseGeometry, swath_m: float) -> Iterator[Strip]:
    points = np.asarray(ring.simplify(_SMOOTHED * swath_m).coords)[:, :2]
    for (x1, y1), (x2, y2) in itertools.pairwise(points.tolist()):
        if math.dist((x1, y1), (x2, y2)) > _SHORTEST_IN_SWATHS * swath_m:
            yield x1, y1, x2, y2


def _rise(strip: Strip) -> float:
    x1, y1, x2, y2 = strip
    return abs(y2 - y1) / math.dist((x1, y1), (x2, y2))
