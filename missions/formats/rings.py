"""Polygons of fewer corners within a polygon: fences hold few vertices, and must not let in what is shut out."""

from __future__ import annotations

import heapq
from collections.abc import Iterator

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import Polygon
from shapely.geometry.base import BaseGeometry

_Points = NDArray[np.float64]


def shrunk_to(polygon: Polygon, kept: BaseGeometry, *, vertices: int) -> Polygon:
    """The shell with corners cut off until it has so few, `kept` still inside; holes are dropped.

    Only corners that stick out are cut, the smallest first, so that the result lies within the shell. It keeps more vertices than
    asked for where `kept` is in the way. Containment has no metric: any affine coordinates will do, degrees too.
    """
    ring = shapely.get_coordinates(shapely.orient_polygons(Polygon(polygon.exterior)))[:-1]
    return Polygon(_with_corners_cut(ring, kept, vertices))


def _with_corners_cut(ring: _Points, untouched: BaseGeometry, vertices: int) -> _Points:
    """Corners that stick out are removed, least area first, where the triangle cut is free of `untouched` and of other corners."""
    count, points = len(ring), ring.tolist()
    after, before = np.roll(np.arange(count), -1), np.roll(np.arange(count), 1)
    alive = np.ones(count, dtype=bool)
    heap = [(area, i) for i in range(count) if (area := _cross(points, int(before[i]), i, int(after[i]))) >= 0]
    heapq.heapify(heap)
    shapely.prepare(untouched)
    while heap and count > max(vertices, 3):
        area, corner = heapq.heappop(heap)
        left, right = int(before[corner]), int(after[corner])
        if not alive[corner] or area != _cross(points, left, corner, right):
            continue
        if not _is_free(ring, alive, (left, corner, right), untouched):
            continue
        alive[corner], count = False, count - 1
        after[left], before[right] = right, left
        for moved in (left, right):
            moved_area = _cross(points, int(before[moved]), moved, int(after[moved]))
            if moved_area >= 0:
                heapq.heappush(heap, (moved_area, moved))
    return np.asarray(ring[alive])


def _cross(points: list[list[float]], a: int, b: int, c: int) -> float:
    """Twice the triangle's area, positive for a turn to the left."""
    (ax, ay), (bx, by), (cx, cy) = points[a], points[b], points[c]
    return (bx - ax) * (cy - by) - (by - ay) * (cx - bx)


def _is_free(ring: _Points, alive: NDArray[np.bool_], corners: tuple[int, int, int], untouched: BaseGeometry) -> bool:
    triangle = ring[list(corners)]
    low, high = triangle.min(axis=0), triangle.max(axis=0)
    near = alive & np.all((ring >= low) & (ring <= high), axis=1)
    near[list(corners)] = False
    if near.any() and any(_holds(triangle, point) for point in ring[near]):
        return False
    return not untouched.intersects(Polygon(triangle))


def _holds(triangle: _Points, point: _Points) -> bool:
    """Whether a point lies in a triangle or on its rim."""
    sides = list(_sides(triangle, point))
    return min(sides) >= 0 or max(sides) <= 0


def _sides(triangle: _Points, point: _Points) -> Iterator[float]:
    for index in range(3):
        (ax, ay), (bx, by) = triangle[index].tolist(), triangle[(index + 1) % 3].tolist()
        yield (bx - ax) * (point[1] - ay) - (by - ay) * (point[0] - ax)
