"""Shortest legal ways between lane ends and bases, for drones that stop at corners and for drones that must keep turning.

A *state* is a track flown one way: 2 * track + 0 from start to end, + 1 back. Matrices give cruise seconds, infinite
where no legal way exists.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from planner import cost, dubins
from planner.dubins import Pose
from planner.lanes import Point, Track
from planner.model import DroneType, Wind

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, slots=True)
class DeadheadParams:
    """`corner_tolerance_m` simplifies the airspace's edge (inwards) before its corners become way points; `slack_m` lets ends
    that lie on the edge count as inside. Planes' arcs have a point every `arc_step_rad`; they leave a base on the best of
    `departures` headings.
    """

    corner_tolerance_m: float = 8.0
    slack_m: float = 0.05
    arc_step_rad: float = math.radians(30)
    departures: int = 8


class Deadheads(Protocol):
    """Ways of one drone type among tracks and bases."""

    @property
    def out_s(self) -> Floats:
        """bases x states: from above a base to where the state begins."""

    @property
    def between_s(self) -> Floats:
        """states x states: from where the first ends to where the second begins."""

    @property
    def home_s(self) -> Floats:
        """states x bases: from where the state ends to above a base."""

    def out_path(self, base: int, state: int) -> Floats:
        """n x 2 metres, ends included."""

    def between_path(self, first: int, second: int) -> Floats: ...

    def home_path(self, state: int, base: int) -> Floats: ...


def find_deadheads(
    drone_type: DroneType,
    tracks: Sequence[Track],
    bases: Sequence[Point],
    flyable: BaseGeometry,
    wind: Wind,
    params: DeadheadParams | None = None,
) -> Deadheads:
    """All shortest ways for one type over the given airspace (local metres)."""
    params = params or DeadheadParams()
    graph = VisibilityGraph.build(tracks, bases, flyable, params)
    corners = CornerDeadheads(drone_type, tracks, bases, graph, wind)
    if not cost.is_winged(drone_type) or drone_type.turn_radius_m <= 0:
        return corners
    return CurvedDeadheads(drone_type, tracks, bases, flyable, wind, corners, params)


@dataclass(frozen=True, slots=True)
class VisibilityGraph:
    """Nodes: start and end of each track, then bases, then corners of the airspace; `visible` is which see each other."""

    points: Floats
    visible: NDArray[np.bool_]

    @classmethod
    def build(cls, tracks: Sequence[Track], bases: Sequence[Point], flyable: BaseGeometry, params: DeadheadParams) -> VisibilityGraph:
        ends = [point for track in tracks for point in (track.start, track.end)]
        points = np.array([*ends, *bases, *_corners(flyable, params)], dtype=np.float64).reshape(-1, 2)
        inside = flyable.buffer(params.slack_m)
        shapely.prepare(inside)
        first, second = np.triu_indices(len(points), k=1)
        sights = shapely.linestrings(np.stack([points[first], points[second]], axis=1))
        seen = shapely.covers(inside, sights)
        visible = np.eye(len(points), dtype=bool)
        visible[first, second] = seen
        visible[second, first] = seen
        return cls(points, visible)


def _corners(flyable: BaseGeometry, params: DeadheadParams) -> list[Point]:
    """Vertices around which a shortest way can bend: those where the airspace's edge is dented."""
    tolerance_m = params.corner_tolerance_m
    found: list[Point] = []
    for part in shapely.get_parts(flyable.buffer(-tolerance_m / 2).simplify(tolerance_m / 2)):
        polygon = shapely.orient_polygons(part)
        for ring in (polygon.exterior, *polygon.interiors):
            points = shapely.get_coordinates(ring)[:-1]
            before, after = np.roll(points, 1, axis=0), np.roll(points, -1, axis=0)
            first, second = points - before, after - points
            dented = first[:, 0] * second[:, 1] - first[:, 1] * second[:, 0] < 0
            found.extend((float(east_m), float(north_m)) for east_m, north_m in points[dented])
    return found


class CornerDeadheads:
    """Ways with stops at corners: all-pairs shortest paths over the visibility graph (Floyd and Warshall)."""

    def __init__(self, drone_type: DroneType, tracks: Sequence[Track], bases: Sequence[Point], graph: VisibilityGraph, wind: Wind) -> None:
        self._points = graph.points
        steps = self._points[None, :, :] - self._points[:, None, :]
        direct_s = np.where(graph.visible, cost.straight_s(drone_type, wind, steps[..., 0], steps[..., 1]), np.inf)
        self._seconds, self._next = _all_pairs(direct_s)
        states = np.arange(2 * len(tracks))
        self._entry, self._exit = states, states ^ 1
        self._bases = 2 * len(tracks) + np.arange(len(bases))

    @property
    def out_s(self) -> Floats:
        return np.asarray(self._seconds[np.ix_(self._bases, self._entry)])

    @property
    def between_s(self) -> Floats:
        return np.asarray(self._seconds[np.ix_(self._exit, self._entry)])

    @property
    def home_s(self) -> Floats:
        return np.asarray(self._seconds[np.ix_(self._exit, self._bases)])

    def out_path(self, base: int, state: int) -> Floats:
        return self._path(int(self._bases[base]), int(self._entry[state]))

    def between_path(self, first: int, second: int) -> Floats:
        return self._path(int(self._exit[first]), int(self._entry[second]))

    def home_path(self, state: int, base: int) -> Floats:
        return self._path(int(self._exit[state]), int(self._bases[base]))

    def _path(self, start: int, end: int) -> Floats:
        nodes = [start]
        while nodes[-1] != end:
            nodes.append(int(self._next[nodes[-1], end]))
        return np.asarray(self._points[nodes])


def _all_pairs(direct_s: Floats) -> tuple[Floats, NDArray[np.int64]]:
    seconds = direct_s.copy()
    following = np.broadcast_to(np.arange(len(seconds)), seconds.shape).copy()
    for node in range(len(seconds)):
        through = seconds[:, node, None] + seconds[None, node, :]
        better = through < seconds - 1e-9
        seconds = np.where(better, through, seconds)
        following = np.where(better, following[:, node, None], following)
    return seconds, following


class CurvedDeadheads:
    """Ways of bounded curvature: the shortest Dubins path that stays in the airspace; where none does, a chain of them along the
    corners of the straight way. Wind changes their time, not their shape.
    """

    def __init__(
        self,
        drone_type: DroneType,
        tracks: Sequence[Track],
        bases: Sequence[Point],
        flyable: BaseGeometry,
        wind: Wind,
        corners: CornerDeadheads,
        params: DeadheadParams,
    ) -> None:
        self._type, self._wind, self._params, self._corners = drone_type, wind, params, corners
        self._inside = flyable.buffer(params.slack_m)
        shapely.prepare(self._inside)
        self._entries = [_pose(track, direction, at_end=False) for track in tracks for direction in (0, 1)]
        self._exits = [_pose(track, direction, at_end=True) for track in tracks for direction in (0, 1)]
        self._bases = bases
        count = range(len(self._entries))
        self._between = {(a, b): self._route(self._exits[a], self._entries[b], a, b) for a in count for b in count if a // 2 != b // 2}
        self._out = {(base, state): self._departure(base, state) for base in range(len(bases)) for state in count}
        self._home = {(state, base): self._arrival(state, base) for base in range(len(bases)) for state in count}

    @property
    def out_s(self) -> Floats:
        return self._matrix(self._out, (len(self._bases), len(self._entries)))

    @property
    def between_s(self) -> Floats:
        return self._matrix(self._between, (len(self._entries), len(self._entries)))

    @property
    def home_s(self) -> Floats:
        return self._matrix(self._home, (len(self._entries), len(self._bases)))

    def out_path(self, base: int, state: int) -> Floats:
        return self._known(self._out[base, state])

    def between_path(self, first: int, second: int) -> Floats:
        return self._known(self._between[first, second])

    def home_path(self, state: int, base: int) -> Floats:
        return self._known(self._home[state, base])

    def _known(self, points: Floats | None) -> Floats:
        if points is None:
            raise LookupError("there is no legal way; its time is infinite")
        return points

    def _matrix(self, ways: dict[tuple[int, int], Floats | None], shape: tuple[int, int]) -> Floats:
        seconds = np.full(shape, np.inf)
        for pair, points in ways.items():
            if points is not None:
                seconds[pair] = cost.polyline_s(self._type, self._wind, points)
        return seconds

    def _route(self, start: Pose, end: Pose, first: int, second: int) -> Floats | None:
        direct = self._legal(start, end)
        if direct is not None:
            return direct
        if not np.isfinite(self._corners.between_s[first, second]):
            return None
        return self._chain(start, end, self._corners.between_path(first, second))

    def _departure(self, base: int, state: int) -> Floats | None:
        """A drone that takes off vertically may leave its base on any heading."""
        east_m, north_m = self._bases[base]
        starts = [Pose(east_m, north_m, heading) for heading in self._headings(self._bases[base], self._entries[state])]
        return self._shortest([self._legal(start, self._entries[state]) for start in starts])

    def _arrival(self, state: int, base: int) -> Floats | None:
        east_m, north_m = self._bases[base]
        ends = [Pose(east_m, north_m, heading) for heading in self._headings(self._bases[base], self._exits[state])]
        return self._shortest([self._legal(self._exits[state], end) for end in ends])

    def _headings(self, base: Point, other: Pose) -> list[float]:
        towards = math.atan2(other.north_m - base[1], other.east_m - base[0])
        return [towards + 2 * math.pi * index / self._params.departures for index in range(self._params.departures)]

    def _shortest(self, ways: Sequence[Floats | None]) -> Floats | None:
        known = [way for way in ways if way is not None]
        return min(known, key=lambda points: cost.polyline_s(self._type, self._wind, points), default=None)

    def _legal(self, start: Pose, end: Pose) -> Floats | None:
        for path in dubins.paths(start, end, self._type.turn_radius_m):
            points = path.points(self._params.arc_step_rad)
            if len(points) > 1 and self._inside.covers(shapely.LineString(points)):
                return points
        return None

    def _chain(self, start: Pose, end: Pose, corners: Floats) -> Floats | None:
        poses = [start]
        for before, here, after in zip(corners, corners[1:], corners[2:], strict=False):
            poses.append(Pose(float(here[0]), float(here[1]), math.atan2(after[1] - before[1], after[0] - before[0])))
        poses.append(end)
        pieces = [self._legal(first, second) for first, second in pairwise(poses)]
        if any(piece is None for piece in pieces):
            return None
        return np.concatenate([piece if index == 0 else piece[1:] for index, piece in enumerate(pieces) if piece is not None])


def _pose(track: Track, direction: int, *, at_end: bool) -> Pose:
    start, end = (track.start, track.end) if direction == 0 else (track.end, track.start)
    heading_rad = math.atan2(end[1] - start[1], end[0] - start[0])
    here = end if at_end else start
    return Pose(here[0], here[1], heading_rad)
