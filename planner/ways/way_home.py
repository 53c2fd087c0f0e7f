"""The legal way home from anywhere in the air: straight where that is allowed, around what is closed where it is not."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from planner import cost
from planner.airspace import Airspace, build_airspace
from planner.geo import LatLon
from planner.mission_of import mission_of, working_height_m
from planner.model import DroneType, KeepOut, Permission, Plan, Validity, Wind
from planner.tracks.lanes import Point
from planner.ways.corner_deadheads import ShortestWays
from planner.ways.visibility import DeadheadParams, Inside, VisibilityGraph


@dataclass(frozen=True, kw_only=True, slots=True)
class WayHomeParams:
    """Positions are believed to `tolerance_m`: a drone so little outside what is allowed flies straight. Nobody is longer on its way
    home than `soon_s`.
    """

    tolerance_m: float = 3.0
    soon_s: float = 900.0


@dataclass(frozen=True, slots=True)
class WayHome:
    """Places to fly over, from here to above the base, and its length. `is_straight`: nothing is in between."""

    places: tuple[LatLon, ...]
    length_m: float
    is_straight: bool


class WaysHome:
    """For one plan, at some instant of it: permissions that hold then count, and keep-outs that hold or will soon.

    `is_timeless` when that is the same at any other. `closed` areas hold at once. A way that begins in what is closed leads out of
    it first, where that is nearest.
    """

    def __init__(self, plan: Plan, closed: Sequence[KeepOut], now_s: float, params: WayHomeParams | None = None) -> None:
        self._plan, self._params = plan, params or WayHomeParams()
        self._airspace = _airspace(plan, closed, now_s, now_s + self._params.soon_s)
        self._clear = {nation.id: self._ground(self._airspace, nation.id) for nation in plan.nations}
        timed: list[KeepOut | Permission] = [*plan.keep_outs, *plan.permissions]
        self.is_timeless = not any(_is_timed(each.validity) for each in timed)
        by_now = self._airspace if self.is_timeless else _airspace(plan, closed, now_s, now_s)
        self._legal = {nation.id: self._ground(by_now, nation.id) for nation in plan.nations}
        self._approaches: dict[tuple[str, str, str], _Approach] = {}

    def __call__(self, drone: str, place: LatLon, base: str) -> WayHome:
        """Straight when no legal way leads there: somebody must decide, and home is better than nowhere."""
        frame = self._airspace.frame
        nation = self._plan.drone(drone).nation
        here, there = frame.point_to_local(place), frame.point_to_local(self._plan.base(base).location)
        straight = shapely.LineString([here, there])
        if straight.length < 1.0 or self._clear[nation].covers(straight):
            return WayHome((place, self._plan.base(base).location), straight.length, True)
        kind = self._plan.drone_type(self._plan.drone(drone).type)
        points = self._approach(nation, base, kind).way(here)
        if points is None:
            return WayHome((place, self._plan.base(base).location), straight.length, True)
        length_m = float(np.hypot(*np.diff(np.array(points), axis=0).T).sum())
        return WayHome(tuple(frame.point_to_geographic(east_m=east_m, north_m=north_m) for east_m, north_m in points), length_m, False)

    def _approach(self, nation: str, base: str, kind: DroneType) -> _Approach:
        key = (nation, base, kind.id)
        if key not in self._approaches:
            there = self._airspace.frame.point_to_local(self._plan.base(base).location)
            self._approaches[key] = _Approach(self._airspace.approach[nation], there, kind, self._plan.wind)
        return self._approaches[key]

    def is_outside_m(self, drone: str, place: LatLon) -> float:
        """How far the place is from where the drone may be; 0 inside."""
        point = shapely.Point(self._airspace.frame.point_to_local(place))
        return float(self._legal[self._plan.drone(drone).nation].distance(point))

    def lets_pass(self, drone: str, here: LatLon, there: LatLon) -> bool:
        """Whether the straight way is allowed now and soon."""
        frame = self._airspace.frame
        straight = shapely.LineString([frame.point_to_local(here), frame.point_to_local(there)])
        return bool(self._clear[self._plan.drone(drone).nation].covers(straight))

    def _ground(self, airspace: Airspace, nation: str) -> BaseGeometry:
        whole = shapely.union(airspace.allowed[nation], airspace.approach[nation]).buffer(self._params.tolerance_m)
        shapely.prepare(whole)
        return whole


def _is_timed(validity: Validity) -> bool:
    return validity.from_s > 0.0 or validity.to_s < math.inf


def _airspace(plan: Plan, closed: Sequence[KeepOut], from_s: float, to_s: float) -> Airspace:
    """What may be flown from this second on and until that one."""
    holding = tuple(each for each in plan.keep_outs if each.validity.from_s <= to_s and each.validity.to_s >= from_s)
    heights_m = {drone.id: working_height_m(plan, drone) for drone in plan.drones}
    permitted = [each.id for each in plan.permissions if each.validity.from_s <= from_s and each.validity.to_s >= to_s]
    return build_airspace(mission_of(replace(plan, keep_outs=holding), closed), heights_m, bounded=permitted)


class _WaysTo:
    """One base: from each corner of what may be flown the shortest way home is found once, from anywhere else over what it sees."""

    def __init__(self, ground: BaseGeometry, base: Point, kind: DroneType, wind: Wind, params: DeadheadParams) -> None:
        # Corners are flown over whatever the vehicle is: a plane cuts them within its turn.
        self._kind, self._wind = kind, wind
        self._inside = Inside(ground, params)
        graph = VisibilityGraph.build([], [base], self._inside, params)
        self._points, self._table = graph.points, ShortestWays(kind, wind, graph)

    def way(self, start: Point) -> list[Point] | None:
        """From a place inside, which is its first point; None when no corner leads home from there."""
        steps = self._points - np.array(start)
        ways = np.stack([np.broadcast_to(start, self._points.shape), self._points], axis=1)
        seconds = cost.straight_s(self._kind, self._wind, steps[:, 0], steps[:, 1]) + self._table.seconds[:, 0]
        seconds = np.where(self._inside.covers(ways), seconds, np.inf)
        first = int(np.argmin(seconds))
        path = self._table.path(first, 0) if np.isfinite(seconds[first]) else None
        return None if path is None else [start, *((float(east_m), float(north_m)) for east_m, north_m in path)]


class _Approach:
    """What a nation may fly over on its way to a base. Corners are few at first, more where those see no way."""

    def __init__(self, approach: BaseGeometry, base: Point, kind: DroneType, wind: Wind) -> None:
        self._ground = shapely.union_all([part for part in shapely.get_parts(approach) if part.dwithin(shapely.Point(base), 1.0)])
        self._base, self._kind, self._wind = base, kind, wind

    def way(self, here: Point) -> list[Point] | None:
        """By the place of the ground that is nearest; None when no way leads there."""
        if self._ground.is_empty:
            return None
        inside = shapely.get_coordinates(shapely.shortest_line(self._ground, shapely.Point(here)))[0]
        entry = (float(inside[0]), float(inside[1]))
        points = self._few.way(entry) or self._many.way(entry)
        if points is None:
            return None
        return [here, *points] if np.hypot(here[0] - entry[0], here[1] - entry[1]) > 0.5 else [here, *points[1:]]

    @cached_property
    def _few(self) -> _WaysTo:
        return _WaysTo(self._ground, self._base, self._kind, self._wind, DeadheadParams())

    @cached_property
    def _many(self) -> _WaysTo:
        params = DeadheadParams()
        return _WaysTo(self._ground, self._base, self._kind, self._wind, replace(params, corner_tolerance_m=params.finer_tolerance_m))
