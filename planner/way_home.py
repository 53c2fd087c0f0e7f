"""The legal way home from anywhere in the air: straight where that is allowed, around what is closed where it is not."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from planner.airspace import Airspace, build_airspace
from planner.corner_deadheads import CornerDeadheads
from planner.geo import LatLon
from planner.lanes import Point, Track
from planner.mission_of import mission_of, working_height_m
from planner.model import DroneType, KeepOut, Permission, Plan, Validity, Wind
from planner.visibility import DeadheadParams, Room


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

    def __call__(self, drone: str, place: LatLon, base: str) -> WayHome:
        """Straight when no legal way leads there: somebody must decide, and home is better than nowhere."""
        frame = self._airspace.frame
        nation = self._plan.drone(drone).nation
        here, there = frame.point_to_local(place), frame.point_to_local(self._plan.base(base).location)
        straight = shapely.LineString([here, there])
        if straight.length < 1.0 or self._clear[nation].covers(straight):
            return WayHome((place, self._plan.base(base).location), straight.length, True)
        kind = self._plan.drone_type(self._plan.drone(drone).type)
        points = _around(self._airspace.approach[nation], here, there, kind, self._plan.wind)
        if points is None:
            return WayHome((place, self._plan.base(base).location), straight.length, True)
        length_m = float(np.hypot(*np.diff(np.array(points), axis=0).T).sum())
        return WayHome(tuple(frame.point_to_geographic(east_m=east_m, north_m=north_m) for east_m, north_m in points), length_m, False)

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


def _around(approach: BaseGeometry, here: Point, there: Point, kind: DroneType, wind: Wind) -> list[Point] | None:
    """Over the corners of what may be flown; None when no way leads there."""
    parts = [part for part in shapely.get_parts(approach) if part.dwithin(shapely.Point(there), 1.0)]
    if not parts:
        return None
    ground = shapely.union_all(parts)
    inside = shapely.get_coordinates(shapely.shortest_line(ground, shapely.Point(here)))[0]
    entry = (float(inside[0]), float(inside[1]))
    room = Room([Track(entry, entry, 1.0)], [there], ground, ground, DeadheadParams())
    # Corners are flown over whatever the vehicle is: a plane cuts them within its turn.
    way = CornerDeadheads(kind, wind, room).home_way(0, 0)
    if way is None:
        return None
    points = [(float(east_m), float(north_m)) for east_m, north_m in way]
    return [here, *points] if np.hypot(here[0] - entry[0], here[1] - entry[1]) > 0.5 else [here, *points[1:]]
