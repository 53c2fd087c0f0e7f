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


def _along(ring: BaseGeometry, swath_m: float) -> Iterator[Strip]:
    points = np.asarray(ring.simplify(0.02 * swath_m).coords)[:, :2]
    for (x1, y1), (x2, y2) in itertools.pairwise(points.tolist()):
        if math.dist((x1, y1), (x2, y2)) > _SHORTEST_IN_SWATHS * swath_m:
            yield x1, y1, x2, y2


def _rise(strip: Strip) -> float:
    x1, y1, x2, y2 = strip
    return abs(y2 - y1) / math.dist((x1, y1), (x2, y2))
