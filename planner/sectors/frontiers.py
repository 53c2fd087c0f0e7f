"""Divide ground by weighted nearness: each place goes to the claimant whose distance less its weight is least.

Distances are sampled at the corners of a mesh and linear in between, so the frontiers are polylines. Shifting the weights moves
them: this is how a nation's part is made larger without tearing it apart (semi-discrete optimal transport; Aurenhammer, Hoffmann
and Aronov 1998, "Minkowski-type theorems and least-squares clustering"). A region grows along shortest ways from what it is near
to, so it stays in one piece wherever those ways do.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from planner import overlay
from planner.geo import polygons_of

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Mesh:
    """Squares over some ground; `squares` are their corners' numbers, anticlockwise."""

    corners: Floats
    squares: NDArray[np.int64]

    @classmethod
    def over(cls, ground: BaseGeometry, *, about: int) -> Mesh:
        """About so many squares, those without ground left out."""
        west, south, east, north = ground.bounds
        side_m = max(math.sqrt(ground.area / about), max(east - west, north - south) / about)
        columns, rows = math.ceil((east - west) / side_m), math.ceil((north - south) / side_m)
        column, row = np.repeat(np.arange(columns), rows), np.tile(np.arange(rows), columns)
        boxes = shapely.box(west + column * side_m, south + row * side_m, west + (column + 1) * side_m, south + (row + 1) * side_m)
        shapely.prepare(ground)
        met = shapely.intersects(ground, boxes)
        column, row = column[met], row[met]
        numbers = np.stack([_number(column + i, row + j, rows) for i, j in ((0, 0), (1, 0), (1, 1), (0, 1))], axis=1)
        used, squares = np.unique(numbers, return_inverse=True)
        corners = np.column_stack([west + (used // (rows + 1)) * side_m, south + (used % (rows + 1)) * side_m])
        return cls(corners.astype(np.float64), squares.reshape(-1, 4))

    def scattered(self, values: Floats, per_square: int) -> Floats:
        """Values (a column each) at some places of every square, square after square, of those at the corners. The places differ from
        square to square: a frontier along a row of squares passes their places one by one.
        """
        east, north = np.random.default_rng(0).random((2, len(self.squares), per_square))
        parts = np.stack([(1 - east) * (1 - north), east * (1 - north), east * north, (1 - east) * north], axis=-1)
        rows = np.einsum("spc,sc...->sp...", parts, values[self.squares])
        return np.asarray(rows.reshape(-1, *values.shape[1:]), dtype=np.float64)

    def distances_m(self, place: BaseGeometry) -> Floats:
        """From each corner to a place."""
        if place.geom_type == "Point" and not place.is_empty:
            return np.asarray(np.hypot(*(self.corners - shapely.get_coordinates(place)[0]).T), dtype=np.float64)
        shapely.prepare(place)
        return np.asarray(shapely.distance(place, shapely.points(self.corners)), dtype=np.float64)


def _number(column: NDArray[np.int64], row: NDArray[np.int64], rows: int) -> NDArray[np.int64]:
    return column * (rows + 1) + row


def nearest_parts(ground: BaseGeometry, mesh: Mesh, costs: Mapping[str, Floats]) -> dict[str, BaseGeometry]:
    """The ground (local metres) by claimant: where its cost, given at the mesh's corners, is least. The parts tile the ground; of
    equal costs the first has it.
    """
    names = list(costs)
    if len(names) == 1:
        return {names[0]: ground}
    values = np.stack([costs[name] for name in names])
    regions = _regions(mesh, values)
    found: dict[str, list[BaseGeometry]] = {name: [] for name in names}
    rest = ground
    for name, region in zip(names, regions, strict=True):
        found[name].append(overlay.intersection(rest, region))
        rest = overlay.difference(rest, region)
    for leftover in shapely.get_parts(polygons_of(rest)):
        nearest = min(range(len(names)), key=lambda index: regions[index].distance(leftover))
        found[names[nearest]].append(leftover)
    return {name: polygons_of(shapely.union_all(parts)) for name, parts in found.items()}


def _regions(mesh: Mesh, values: Floats) -> list[BaseGeometry]:
    """For each row of costs where it is the least, over whole squares of the mesh."""
    least = np.argmin(values, axis=0)[mesh.squares]
    plain = (least == least[:, :1]).all(axis=1)
    pieces: list[list[BaseGeometry]] = [[] for _ in values]
    for label in np.unique(least[plain, 0]).tolist():
        pieces[label].extend(shapely.polygons(mesh.corners[mesh.squares[plain & (least[:, 0] == label)]]))
    for square in mesh.squares[~plain]:
        for triangle in (square[[0, 1, 2]], square[[0, 2, 3]]):
            # Linear in between, a cost is the least nowhere when at no corner it is below what another is everywhere.
            costs = values[:, triangle]
            labels = np.flatnonzero(costs.min(axis=1) <= costs.max(axis=1).min())
            for number, label in enumerate(labels.tolist()):
                part = _lowest_part(mesh.corners[triangle], costs[labels], number)
                if len(part) >= 3:
                    pieces[label].append(shapely.Polygon(part))
    return [_dissolved([part for part in parts if part.area > 0]) for parts in pieces]


def _dissolved(parts: Sequence[BaseGeometry]) -> BaseGeometry:
    """Pieces that meet corner to corner as one: quick, and only where that fails thorough."""
    whole = shapely.coverage_union_all(parts)
    return whole if whole.is_valid else shapely.union_all(parts)


def _lowest_part(corners: Floats, costs: Floats, label: int) -> list[tuple[float, float]]:
    """The convex part of a triangle where the labelled cost is least; costs are rows of values at its corners."""
    part = [(float(east), float(north)) for east, north in corners]
    above = [(costs[label] - other).tolist() for number, other in enumerate(costs) if number != label]
    for number in range(len(above)):
        part, above = _cut(part, above, number)
    return part


def _cut(part: Sequence[tuple[float, float]], above: list[list[float]], number: int) -> tuple[list[tuple[float, float]], list[list[float]]]:
    """What is left of a convex polygon where its `number`-th value is not positive, and all values there."""
    kept: list[tuple[float, float]] = []
    values: list[list[float]] = [[] for _ in above]
    for here in range(len(part)):
        following = (here + 1) % len(part)
        first, second = above[number][here], above[number][following]
        if first <= 0:
            kept.append(part[here])
            for row, old in zip(values, above, strict=True):
                row.append(old[here])
        if (first < 0 < second) or (second < 0 < first):
            # From the same end in both triangles of an edge, so that rounding does not tell them apart.
            start, end = sorted((here, following), key=lambda corner: part[corner])
            along = above[number][start] / (above[number][start] - above[number][end])
            kept.append(_between(part[start], part[end], along))
            for row, old in zip(values, above, strict=True):
                row.append(old[start] + (old[end] - old[start]) * along)
    return kept, values


def _between(first: tuple[float, float], second: tuple[float, float], along: float) -> tuple[float, float]:
    return first[0] + (second[0] - first[0]) * along, first[1] + (second[1] - first[1]) * along
