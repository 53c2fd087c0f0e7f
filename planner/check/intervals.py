"""Sets of intervals on a straight segment, its start being 0 and its end 1: where along it something holds."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

#: Sorted and disjoint.
Intervals = tuple[tuple[float, float], ...]

NOWHERE: Intervals = ()
WHOLE: Intervals = ((0.0, 1.0),)

#: Shorter intervals are floating point noise: on the longest segment (5 km) it is 5 micrometres.
_NOISE = 1e-9


def union(*sets: Intervals) -> Intervals:
    """Where any of the sets holds."""
    merged: list[tuple[float, float]] = []
    for low, high in sorted(interval for each in sets for interval in each):
        if merged and low <= merged[-1][1] + _NOISE:
            merged[-1] = (merged[-1][0], max(merged[-1][1], high))
        else:
            merged.append((low, high))
    return tuple(merged)


def intersection(first: Intervals, second: Intervals) -> Intervals:
    """Where both sets hold."""
    return _kept((max(a, c), min(b, d)) for a, b in first for c, d in second)


def difference(first: Intervals, second: Intervals) -> Intervals:
    """Where the first set holds and the second does not."""
    left = first
    for low, high in second:
        left = intersection(left, ((-np.inf, low), (high, np.inf)))
    return left


def longest(intervals: Intervals) -> tuple[float, float]:
    """The longest interval (the first of equals); there must be one."""
    return max(intervals, key=lambda interval: interval[1] - interval[0])


def between(start: float, end: float, *, low: float, high: float) -> Intervals:
    """Where a value that goes linearly from `start` to `end` lies within low..high."""
    if start == end:
        return WHOLE if low <= start <= high else NOWHERE
    crossings = sorted(((low - start) / (end - start), (high - start) / (end - start)))
    return intersection(WHOLE, ((crossings[0], crossings[1]),)) if low <= high else NOWHERE


def inside(polygon: BaseGeometry, start: tuple[float, float], end: tuple[float, float]) -> Intervals:
    """Where the segment between two planar points lies in the polygon; a segment without length is a point. Many segments are told
    quicker when the polygon has been prepared.
    """
    along = np.subtract(end, start)
    length_squared = float(along @ along)
    if length_squared < _NOISE:
        return WHOLE if shapely.intersects_xy(polygon, *start) else NOWHERE
    segment = shapely.linestrings([start, end])
    if not shapely.intersects(polygon, segment):
        return NOWHERE
    if shapely.covers(polygon, segment):
        return WHOLE
    common = shapely.intersection(polygon, segment)
    pieces = [shapely.get_coordinates(part) for part in shapely.get_parts(common)]
    fractions = [np.clip((piece - start) @ along / length_squared, 0.0, 1.0) for piece in pieces if len(piece) > 1]
    return union(*(_kept([(float(each.min()), float(each.max()))]) for each in fractions))


def _kept(intervals: Iterable[tuple[float, float]]) -> Intervals:
    return tuple(sorted((low, high) for low, high in intervals if high - low > _NOISE))
