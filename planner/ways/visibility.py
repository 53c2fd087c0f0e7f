"""What sees what: lines that stay in flyable ground, and the graph of points that see each other."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from planner.tracks.lanes import Point, Track

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, slots=True)
class DeadheadParams:
    """`corner_tolerance_m` simplifies the airspace's edge (inwards) before its corners become way points; where that closes the
    only way to somewhere, `finer_tolerance_m` does. `slack_m` lets ends that lie on the edge count as inside, ground less `coarse_m`
    tells quickly what surely is. Planes' arcs have a point every `arc_step_rad`; they leave a base on the best of `departures` headings.
    Before a track they fly straight for `lead_in_radii`, after it for `lead_out_radii`, or for the largest of `lead_parts` of it that
    there is room for.
    """

    corner_tolerance_m: float = 8.0
    finer_tolerance_m: float = 1.0
    slack_m: float = 0.05
    coarse_m: float = 32.0
    arc_step_rad: float = math.radians(30)
    departures: int = 8
    lead_in_radii: float = 1.5
    lead_out_radii: float = 0.25
    lead_parts: tuple[float, ...] = (1.0, 0.5, 0.0)
    batch: int = 20_000


@dataclass(frozen=True)
class Room:
    """Where ways may lead (local metres): `flyable` between tracks, `approach` to and from bases; often the same ground."""

    tracks: Sequence[Track]
    bases: Sequence[Point]
    flyable: BaseGeometry
    approach: BaseGeometry
    params: DeadheadParams

    @cached_property
    def inside(self) -> Inside:
        return Inside(self.flyable, self.params)

    @cached_property
    def inside_approach(self) -> Inside:
        return self.inside if self.approach is self.flyable else Inside(self.approach, self.params)

    @cached_property
    def graph(self) -> VisibilityGraph:
        return VisibilityGraph.build(self.tracks, self.bases, self.inside, self.params)

    @cached_property
    def approach_graph(self) -> VisibilityGraph:
        same = self.approach is self.flyable
        return self.graph if same else VisibilityGraph.build(self.tracks, self.bases, self.inside_approach, self.params)


class Inside:
    """Tells which of many lines stay in some ground. Plain shapes within and around it decide most of them quickly."""

    def __init__(self, ground: BaseGeometry, params: DeadheadParams) -> None:
        self.ground = ground
        self._exact = ground.buffer(params.slack_m)
        self._within = ground.buffer(-params.coarse_m).simplify(params.coarse_m / 2).intersection(self._exact)
        shapely.prepare([self._exact, self._within])
        self._batch = params.batch

    def covers(self, points: Floats) -> NDArray[np.bool_]:
        """For each row of points (n x points x 2 metres) whether the line through them stays inside."""
        found = [self._covers(points[first : first + self._batch]) for first in range(0, len(points), self._batch)]
        return np.concatenate(found) if found else np.empty(0, dtype=bool)

    def _covers(self, points: Floats) -> NDArray[np.bool_]:
        lines = np.asarray(shapely.linestrings(points))
        inside = np.asarray(shapely.covers(self._within, lines))
        open_ = np.flatnonzero(~inside)
        # A line that goes nowhere covers nothing for GEOS.
        lines[open_] = np.where(shapely.length(lines[open_]) > 0, lines[open_], shapely.points(points[open_, 0]))
        inside[open_] = shapely.covers(self._exact, lines[open_])
        return inside


@dataclass(frozen=True, slots=True)
class VisibilityGraph:
    """Nodes: start and end of each track, then bases, then corners of the airspace; `visible` is which see each other."""

    points: Floats
    visible: NDArray[np.bool_]
    corners: int

    @classmethod
    def build(cls, tracks: Sequence[Track], bases: Sequence[Point], inside: Inside, params: DeadheadParams) -> VisibilityGraph:
        ends = [point for track in tracks for point in (track.start, track.end)]
        fixed = np.array([*ends, *bases], dtype=np.float64).reshape(-1, 2)
        graph = cls._over(fixed, inside, params)
        if not graph.connects_like(inside.ground, len(fixed), params.slack_m):
            graph = cls._over(fixed, inside, replace(params, corner_tolerance_m=params.finer_tolerance_m))
        return graph

    @classmethod
    def _over(cls, fixed: Floats, inside: Inside, params: DeadheadParams) -> VisibilityGraph:
        corners = np.array(_corners(inside.ground, params), dtype=np.float64).reshape(-1, 2)
        points = np.concatenate([fixed, corners])
        first, second = np.triu_indices(len(points), k=1)
        seen = inside.covers(np.stack([points[first], points[second]], axis=1))
        visible = np.eye(len(points), dtype=bool)
        visible[first, second] = seen
        visible[second, first] = seen
        return cls(points, visible, len(corners))

    def connects_like(self, ground: BaseGeometry, count: int, slack_m: float) -> bool:
        """Whether the first `count` nodes reach each other, corners between, wherever the ground is in one piece."""
        pieces = [shapely.dwithin(shapely.points(self.points[:count]), part, slack_m) for part in shapely.get_parts(ground)]
        in_piece = np.array(pieces, dtype=bool).reshape(-1, count)
        corner = self._corner_groups()
        sees = np.array([self.visible[:count, count:][:, corner == group].any(axis=1) for group in np.unique(corner)])
        reached = self.visible[:count, :count] | (sees.T @ sees if len(sees) else False)
        return not bool(np.any((in_piece.T @ in_piece) & ~reached))

    def _corner_groups(self) -> NDArray[np.int64]:
        """A label for each corner, the same where they see each other over any number of others."""
        visible = self.visible[-self.corners :, -self.corners :] if self.corners else np.empty((0, 0), dtype=bool)
        labels = np.arange(self.corners)
        while True:
            least = np.where(visible, labels[None, :], self.corners).min(axis=1, initial=self.corners)
            if np.array_equal(least, labels):
                return labels
            labels = least


def _corners(flyable: BaseGeometry, params: DeadheadParams) -> list[Point]:
    """Vertices around which a shortest way can bend: those where the airspace's edge is dented."""
    tolerance_m = params.corner_tolerance_m
    found: list[Point] = []
    for part in shapely.get_parts(flyable.buffer(-tolerance_m / 2).simplify(tolerance_m / 2)):
        if part.is_empty:
            continue
        polygon = shapely.orient_polygons(part)
        for ring in (polygon.exterior, *polygon.interiors):
            points = shapely.get_coordinates(ring)[:-1]
            before, after = np.roll(points, 1, axis=0), np.roll(points, -1, axis=0)
            first, second = points - before, after - points
            dented = first[:, 0] * second[:, 1] - first[:, 1] * second[:, 0] < 0
            found.extend((float(east_m), float(north_m)) for east_m, north_m in points[dented])
    return found
