"""Polygons of fewer corners within a polygon: fences hold few vertices, and must not let in what is shut out."""

from __future__ import annotations

import heapq
from collections.abc import Iterable

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import Polygon
from shapely.geometry.base import BaseGeometry

_Points = NDArray[np.float64]
_Triangle = tuple[list[float], list[float], list[float]]

#: Edges that fit into the bits of a whole number, and a point more.
_MAX_BITS = 63


def shrunk_to(polygon: Polygon, kept: BaseGeometry, *, vertices: int) -> Polygon:
    """The shell with corners cut off until it has so few, `kept` still inside; holes are dropped.

    Only corners that stick out are cut, the smallest first, so that the result lies within the shell. It keeps more vertices than
    asked for where `kept` is in the way. Containment has no metric: any affine coordinates will do, degrees too.
    """
    ring = shapely.get_coordinates(shapely.orient_polygons(Polygon(polygon.exterior)))[:-1]
    return Polygon(_with_corners_cut(ring, kept, vertices))


def _with_corners_cut(ring: _Points, untouched: BaseGeometry, vertices: int) -> _Points:
    """Corners that stick out are removed, least area first, where the triangle cut is free of `untouched` and of other corners."""
    count, points, beyond = len(ring), ring.tolist(), _beyond(ring, untouched)
    after, before = [*range(1, count), 0], [count - 1, *range(count - 1)]
    areas = [_cross(points, left, corner, right) for left, corner, right in zip(before, range(count), after, strict=True)]
    heap = [(area, corner) for corner, area in enumerate(areas) if area >= 0]
    heapq.heapify(heap)
    # a triangle at a corner that sticks out holds another one only when it holds one that bends inwards, and none begins to do so
    inwards = [corner for corner, area in enumerate(areas) if area <= 0]
    alive = [True] * count
    shapely.prepare(untouched)
    while heap and count > max(vertices, 3):
        area, corner = heapq.heappop(heap)
        left, right = before[corner], after[corner]
        if not alive[corner] or area != _cross(points, left, corner, right):
            continue
        triangle = (points[left], points[corner], points[right])
        near = _within_box(inwards, points, triangle)
        if any(alive[i] and i not in (left, corner, right) and _holds(triangle, points[i]) for i in near):
            continue
        if not beyond[left] & beyond[corner] & beyond[right] and untouched.intersects(Polygon(triangle)):
            continue
        alive[corner], count = False, count - 1
        after[left], before[right] = right, left
        for moved in (left, right):
            moved_area = _cross(points, before[moved], moved, after[moved])
            if moved_area >= 0:
                heapq.heappush(heap, (moved_area, moved))
    return np.asarray(ring[alive])


def _beyond(ring: _Points, untouched: BaseGeometry) -> list[int]:
    """For each corner, as bits, the edges of the untouched ground's hull that it lies beyond.

    A triangle with all its corners beyond one edge is free: nearly all of them are, and need no closer look.
    """
    hull = shapely.convex_hull(untouched)
    if not isinstance(hull, Polygon):
        return [0] * len(ring)
    edges = shapely.get_coordinates(shapely.orient_polygons(hull))[:_MAX_BITS]
    (ax, ay), (dx, dy) = edges[:-1].T, np.diff(edges, axis=0).T
    outside = dx * (ring[:, 1:] - ay) - dy * (ring[:, :1] - ax) < 0
    bits: list[int] = (outside @ (1 << np.arange(len(dx), dtype=np.int64))).tolist()
    return bits


def _cross(points: list[list[float]], a: int, b: int, c: int) -> float:
    """Twice the triangle's area, positive for a turn to the left."""
    (ax, ay), (bx, by), (cx, cy) = points[a], points[b], points[c]
    return (bx - ax) * (cy - by) - (by - ay) * (cx - bx)


def _within_box(corners: Iterable[int], points: list[list[float]], triangle: _Triangle) -> list[int]:
    """Those corners that lie in the triangle's bounds."""
    (ax, ay), (bx, by), (cx, cy) = triangle
    west, east, south, north = min(ax, bx, cx), max(ax, bx, cx), min(ay, by, cy), max(ay, by, cy)
    return [i for i in corners if west <= points[i][0] <= east and south <= points[i][1] <= north]


def _holds(triangle: _Triangle, point: list[float]) -> bool:
    """Whether a point lies in a triangle or on its rim."""
    (ax, ay), (bx, by), (cx, cy) = triangle
    x, y = point
    sides = (
        (bx - ax) * (y - ay) - (by - ay) * (x - ax),
        (cx - bx) * (y - by) - (cy - by) * (x - bx),
        (ax - cx) * (y - cy) - (ay - cy) * (x - cx),
    )
    return min(sides) >= 0 or max(sides) <= 0
