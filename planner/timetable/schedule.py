"""Turn routes into sorties of timed legs: the plan's own words, in geographic coordinates."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from planner import cost, geo
from planner.geo import LocalFrame, Position
from planner.model import AboveGround, Base, Drone, DroneType, Lane, Leg, LegKind, Sortie, Wind
from planner.relief.following import Followed, GroundFollower
from planner.relief.surface import FlyingSurface, top_m
from planner.tracks.lanes import Track
from planner.ways.deadheads import Deadheads

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, slots=True)
class ScheduleParams:
    """No segment is longer than `longest_segment_m`, no lane than `longest_lane_m`: between its ends alone a longer one is another line
    in another frame, by metres. Ways between lanes up to `turn_swaths` wide are turns, longer ones transits."""

    longest_segment_m: float = 4_900.0
    longest_lane_m: float = 25_000.0
    turn_swaths: float = 3.0
    shortest_leg_m: float = 0.01


@dataclass(frozen=True, slots=True)
class Piece:
    """A track, or one of the pieces into which it was cut: consecutive pieces flown in order are one lane again."""

    track: Track
    parent: int
    index: int

    def continues(self, before: Piece, direction: int) -> bool:
        """Whether this piece, flown in `direction` (0 or 1), goes on where `before`, flown the same way, ended."""
        return self.parent == before.parent and self.index == before.index + (1 if direction == 0 else -1)


@dataclass(frozen=True, kw_only=True, slots=True)
class DroneDay:
    """What a drone flies from: its airframe, base, working height and the ways it knows. Without a `surface` the earth is flat."""

    drone: Drone
    drone_type: DroneType
    base: Base
    base_index: int
    height_m: float
    ways: Deadheads
    surface: FlyingSurface | None = None

    def follower(self, frame: LocalFrame, wind: Wind) -> GroundFollower | None:
        """Who keeps to the ground's heights, where they are known."""
        if self.surface is None:
            return None
        offset_m = self.height_m - self.drone_type.height_above_home_m
        least_m = self.base.elevation_m + self.surface.params.least_above_base_m
        return GroundFollower(self.surface, self.drone_type, wind, frame, offset_m=offset_m, least_m=least_m)

    @property
    def top_m(self) -> float:
        """How high above its base the drone takes off to."""
        return top_m(self.surface, self.drone_type, self.base, self.height_m)


@dataclass(frozen=True, eq=False, slots=True)
class _Stretch:
    """What becomes a leg: its points (local metres), and the swath of one that sweeps."""

    kind: LegKind
    points_m: Floats
    swath_m: float | None = None


class LegWriter:
    """Writes the legs of one drone's sorties; lanes are numbered as they are first flown, from `first` on."""

    def __init__(self, frame: LocalFrame, wind: Wind, nation: str, params: ScheduleParams | None = None, *, first: int = 1) -> None:
        self._frame, self._wind, self._nation, self._first = frame, wind, nation, first
        self._params = params or ScheduleParams()
        self.lanes: list[Lane] = []

    def sortie(self, day: DroneDay, number: int, states: Sequence[int], pieces: Sequence[Piece]) -> Sortie:
        """The sortie's legs, starting at time 0."""
        takeoff = self._vertical(day, LegKind.TAKEOFF, 0.0)
        stretches = list(self._stretches(day, _runs(states, pieces), pieces))
        follower = day.follower(self._frame, self._wind)
        flown = self._flown(day, stretches, takeoff) if follower is None else self._followed(day, stretches, takeoff, follower)
        legs = [takeoff, *flown]
        # The base is where the last way ended, up to rounding: say it with the same digits.
        legs.append(replace(self._vertical(day, LegKind.LAND, legs[-1].end_s), start=legs[-1].end))
        return Sortie(
            id=f"{day.drone.id}-s{number}",
            drone=day.drone.id,
            nation=day.drone.nation,
            start_base=day.base.id,
            end_base=day.base.id,
            start_s=0.0,
            end_s=legs[-1].end_s,
            energy_wh=sum(leg.energy_wh for leg in legs),
            legs=tuple(legs),
        )

    def _stretches(self, day: DroneDay, runs: Sequence[Sequence[int]], pieces: Sequence[Piece]) -> Iterator[_Stretch]:
        """What is flown between take-off and landing, leg by leg."""
        before: Sequence[int] | None = None
        for run in runs:
            if before is None:
                yield from self._way(day, LegKind.TRANSIT, day.ways.out_path(day.base_index, run[0]))
            else:
                way = day.ways.between_path(before[-1], run[0])
                yield from self._way(day, self._kind(way, pieces[run[0] // 2].track), way)
            yield from self._sweep(run, pieces)
            before = run
        assert before is not None
        yield from self._way(day, LegKind.TRANSIT, day.ways.home_path(before[-1], day.base_index))

    def _vertical(self, day: DroneDay, kind: LegKind, start_s: float) -> Leg:
        ground, air = self._above(day.base, 0.0), self._above(day.base, day.top_m)
        if kind is LegKind.TAKEOFF:
            start, end, seconds = ground, air, cost.takeoff_s(day.drone_type, day.top_m)
        else:
            start, end, seconds = air, ground, cost.landing_s(day.drone_type, day.top_m)
        energy_wh = cost.energy_wh(day.drone_type, kind, seconds)
        above = None
        if day.surface is not None and not math.isnan(ground_m := day.surface.over_place(day.base.location)[1]):
            above = AboveGround(least_m=0.0, most_m=day.base.elevation_m + day.top_m - ground_m)
        return Leg(kind=kind, start=start, end=end, start_s=start_s, end_s=start_s + seconds, energy_wh=energy_wh, above_ground=above)

    def _above(self, base: Base, height_m: float) -> Position:
        return Position(lat_deg=base.location.lat_deg, lon_deg=base.location.lon_deg, height_m=height_m)

    def _kind(self, way: Floats, track: Track) -> LegKind:
        length_m = float(np.hypot(*np.diff(way, axis=0).T).sum())
        return LegKind.TURN if length_m <= self._params.turn_swaths * track.swath_m else LegKind.TRANSIT

    def _way(self, day: DroneDay, kind: LegKind, points_m: Floats) -> Iterator[_Stretch]:
        """A way: copters stop at each corner, so each straight is a leg; others fly it in one."""
        stretches = [points_m] if cost.is_winged(day.drone_type) else [points_m[index : index + 2] for index in range(len(points_m) - 1)]
        for stretch in stretches:
            if np.hypot(*np.diff(stretch, axis=0).T).sum() > self._params.shortest_leg_m:
                yield _Stretch(kind, self._densified(stretch))

    def _sweep(self, run: Sequence[int], pieces: Sequence[Piece]) -> Iterator[_Stretch]:
        ends = _ends(run, pieces)
        marks = ends[0] + (ends[1] - ends[0]) * np.linspace(0.0, 1.0, _lanes_along(ends, self._params) + 1)[:, None]
        for here, there in pairwise(marks):
            yield _Stretch(LegKind.SWEEP, self._densified(np.array([here, there])), pieces[run[0] // 2].track.swath_m)

    def _densified(self, points_m: Floats) -> Floats:
        return _densified(points_m, self._params.longest_segment_m)

    def _swept(self, legs: Sequence[Leg], swath_m: float) -> list[Leg]:
        """The legs, one after the other, with a lane of their own."""
        lane = Lane(
            id=f"{self._nation}-{len(self.lanes) + self._first:03d}",
            nation=self._nation,
            start=legs[0].start.ground,
            end=legs[-1].end.ground,
            swath_m=swath_m,
        )
        self.lanes.append(lane)
        return [replace(leg, lane=lane.id, swath_m=lane.swath_m) for leg in legs]

    def _flown(self, day: DroneDay, stretches: Sequence[_Stretch], before: Leg) -> Iterator[Leg]:
        """The stretches as legs after another; all are placed and measured at once, which is many times faster than one by one."""
        points_m = np.concatenate([stretch.points_m for stretch in stretches])
        lat_deg, lon_deg = self._frame.arrays_to_geographic(points_m[:, 0], points_m[:, 1])
        firsts = np.cumsum([0, *(len(stretch.points_m) for stretch in stretches)])
        # Where a leg begins and where the one before ended are the same point up to rounding: say it with the same digits.
        for degrees, at in ((lat_deg, before.end.lat_deg), (lon_deg, before.end.lon_deg)):
            degrees[firsts[:-1]] = np.concatenate([[at], degrees[firsts[1:-1] - 1]])
        lengths_m = geo.geodesic_steps_m(lat_deg, lon_deg)
        courses_rad = np.radians(geo.azimuths_deg(lat_deg[:-1], lon_deg[:-1], lat_deg[1:], lon_deg[1:]))
        positions = [
            Position(lat_deg=lat, lon_deg=lon, height_m=day.height_m) for lat, lon in zip(lat_deg.tolist(), lon_deg.tolist(), strict=True)
        ]
        for stretch, first, end in zip(stretches, firsts[:-1].tolist(), firsts[1:].tolist(), strict=True):
            steps = slice(first, end - 1)
            # A copter's positions are one straight run, a plane's may turn.
            seconds = cost.bent_run_s(day.drone_type, self._wind, lengths_m[steps], courses_rad[steps])
            leg = Leg(
                kind=stretch.kind,
                start=positions[first],
                end=positions[end - 1],
                start_s=before.end_s,
                end_s=before.end_s + seconds,
                energy_wh=cost.energy_wh(day.drone_type, stretch.kind, seconds),
                path=tuple(positions[first:end]) if end - first > 2 else None,
            )
            (before,) = [leg] if stretch.swath_m is None else self._swept([leg], stretch.swath_m)
            yield before

    def _followed(self, day: DroneDay, stretches: Sequence[_Stretch], before: Leg, follower: GroundFollower) -> Iterator[Leg]:
        """The stretches as legs that follow the ground, each in as many legs as it has speeds."""
        ways = follower.follow([stretch.points_m for stretch in stretches], before.end.ground)
        for stretch, parts in zip(stretches, ways, strict=True):
            legs: list[Leg] = []
            for part in parts:
                before = _followed_leg(day, stretch.kind, part, before)
                legs.append(before)
            yield from legs if stretch.swath_m is None else self._swept(legs, stretch.swath_m)


def _followed_leg(day: DroneDay, kind: LegKind, part: Followed, before: Leg) -> Leg:
    points = [
        Position(lat_deg=lat, lon_deg=lon, height_m=height)
        for lat, lon, height in zip(
            part.lat_deg.tolist(), part.lon_deg.tolist(), (part.above_sea_m - day.base.elevation_m).tolist(), strict=True
        )
    ]
    return Leg(
        kind=kind,
        start=before.end,
        end=points[-1],
        start_s=before.end_s,
        end_s=before.end_s + part.seconds,
        energy_wh=cost.energy_wh(day.drone_type, kind, part.seconds),
        path=(before.end, *points[1:]) if len(points) > 2 else None,
        above_ground=part.above_ground,
    )


def lanes_of(states: Sequence[int], pieces: Sequence[Piece], params: ScheduleParams | None = None) -> int:
    """How many lanes a sortie has."""
    return sum(_lanes_along(_ends(run, pieces), params or ScheduleParams()) for run in _runs(states, pieces))


def _ends(run: Sequence[int], pieces: Sequence[Piece]) -> Floats:
    """Where a run begins and where it ends."""
    first, last = pieces[run[0] // 2].track, pieces[run[-1] // 2].track
    return np.array([first.start, last.end] if run[0] % 2 == 0 else [first.end, last.start])


def _lanes_along(ends: Floats, params: ScheduleParams) -> int:
    return max(1, math.ceil(float(np.hypot(*(ends[1] - ends[0]))) / params.longest_lane_m))


def _runs(states: Sequence[int], pieces: Sequence[Piece]) -> list[list[int]]:
    """The states with pieces of one track flown on end put together."""
    runs: list[list[int]] = []
    for state in states:
        if runs and runs[-1][-1] % 2 == state % 2 and pieces[state // 2].continues(pieces[runs[-1][-1] // 2], state % 2):
            runs[-1].append(state)
        else:
            runs.append([state])
    return runs


def _densified(points_m: Floats, longest_m: float) -> Floats:
    dense = [points_m[:1]]
    for start, end in pairwise(points_m):
        steps = max(1, math.ceil(float(np.hypot(*(end - start))) / longest_m))
        dense.append(start + (end - start) * (np.arange(1, steps + 1) / steps)[:, None])
    return np.concatenate(dense)


def shifted(sortie: Sortie, delay_s: float) -> Sortie:
    """The same sortie later (or earlier) by `delay_s`."""
    legs = tuple(replace(leg, start_s=leg.start_s + delay_s, end_s=leg.end_s + delay_s) for leg in sortie.legs)
    return replace(sortie, start_s=sortie.start_s + delay_s, end_s=sortie.end_s + delay_s, legs=legs)
