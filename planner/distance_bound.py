"""What no plan can beat by distance: a linear programme over ground, types of drone, and how far out their sorties go.

A *fleet* is n drones of one nation and type whose bases are one group: sorties may start and end at other bases of the nation than the
drone's own, but no sortie comes from one group to another, which are further apart than C g. Let V be the take-off and landing of a
sortie, C the most it can cruise, b a battery swap, w the swath and g the greatest ground speed, d(p) the least time in which the group
and a place from where p can be seen lie apart, and r_0 = 0 < r_1 < ... < r_K thresholds of time.

Of any plan let N_k be the number of the fleet's sorties that see ground with d >= r_k, Y_k the seconds that they cruise at places at
least r_k from all bases, and s_k the ground they see with d >= r_k (each place counted for whoever sees it first) over w g. Then

1. s_k <= Y_k: who sees such ground is at such a place, and new ground comes into a swath at w g at most;
2. Y_k <= N_k (C - 2 r_k): before it is there and after it has left, a sortie is under way for r_k at least;
3. Y_k >= Y_k+1 + 2 (r_k+1 - r_k) N_k+1: on the way there and on the way back it crosses what lies between;
4. Y_0 + N_0 V + (N_0 - n) b <= n T in a makespan T: a drone's swaps are one fewer than its sorties at most;
5. Y_0 <= n f(T), where f(t) is the most that one drone cruises in t: of all whole numbers m of sorties the greatest of
   min(m C, t - m V - (m - 1) b). It is not convex, but grows by no more than t does: where T >= t is known, Y_0 <= n (f(t) + T - t).

What sorties see on their way is not held against them (3. and 4. count it once). All this is linear in N, Y and s, as is that all ground
but what may stay unseen is seen by fleets that may; so the least T of the programme (N not being whole) is a bound, by which 5. is then
drawn tighter, a few times. Ground is taken in squares, with d at their nearest point. Drones work at their types' heights.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import shapely
from numpy.typing import NDArray
from ortools.linear_solver import pywraplp
from shapely.geometry.base import BaseGeometry

from planner.airspace import Airspace
from planner.geo import geodesic_m, polygons_of
from planner.model import Base, DroneType, MissionSpec

Floats = NDArray[np.float64]

_HOUR_S = 3600.0
#: What the solver may be off by.
_ROUNDING = 1e-6


@dataclass(frozen=True, kw_only=True, slots=True)
class DistanceBoundParams:
    """The ground is looked at in about so many squares, and ways in so many thresholds; more make the bound a little tighter. So often
    whole numbers of sorties draw it tighter, unless that is by less than the part `worth`.
    """

    squares: int = 500
    rings: int = 32
    tightened: int = 6
    worth: float = 1e-4


@dataclass(frozen=True, kw_only=True, slots=True)
class _Fleet:
    """As in the module's words: `count` is n, `bases` the group, the others V, C, b, w and g."""

    nation: str
    count: int
    vertical_s: float
    cruise_s: float
    swap_s: float
    swath_m: float
    fastest_mps: float
    bases: BaseGeometry
    seen_part: float = 1.0

    @property
    def rate_m2ps(self) -> float:
        return self.swath_m * self.seen_part * self.fastest_mps

    def most_cruised_s(self, within_s: float) -> float:
        """f of 5.: with more sorties the first of the two falls behind no more, and the second only shrinks."""
        most, sorties = 0.0, 0
        while True:
            sorties += 1
            left_s = within_s - sorties * self.vertical_s - (sorties - 1) * self.swap_s
            most = max(most, min(sorties * self.cruise_s, left_s))
            if left_s <= sorties * self.cruise_s:
                return most


@dataclass(frozen=True, slots=True)
class _Squares:
    """Ground that the same nations can see, in squares."""

    shapes: NDArray[np.object_]
    areas_m2: Floats
    seen_by: frozenset[str]


def distance_bound_s(spec: MissionSpec, airspace: Airspace, params: DistanceBoundParams | None = None, *, overlap: float = 0.0) -> float:
    """The bound in seconds; 0 when nothing needs to be seen, or when what must be can't be: then nothing is promised.

    With an `overlap` it is one for plans in which swaths less this part of their width still see what must be seen: 1. holds for them
    with w (1 - overlap).
    """
    params = params or DistanceBoundParams()
    fleets = [replace(fleet, seen_part=1 - overlap) for fleet in _fleets(spec, airspace)]
    if not fleets or airspace.coverable.area * spec.min_coverage <= 0:
        return 0.0
    solver = pywraplp.Solver.CreateSolver("GLOP")
    makespan = solver.NumVar(0.0, solver.infinity(), "T")
    unseen: list[pywraplp.LinearExpr] = []
    sweeping: list[list[tuple[float, pywraplp.Variable]]] = [[] for _ in fleets]
    for ground in _by_sight(airspace, {fleet.nation for fleet in fleets}, params):
        able = [(number, _ways_s(fleet, ground)) for number, fleet in enumerate(fleets) if fleet.nation in ground.seen_by]
        for square, area_m2 in enumerate(ground.areas_m2.tolist()):
            seen: list[pywraplp.LinearExpr] = []
            for number, ways_s in able:
                if 2 * ways_s[square] < fleets[number].cruise_s:
                    part = solver.NumVar(0.0, 1.0, "")
                    seen.append(part)
                    hours = area_m2 / fleets[number].rate_m2ps / _HOUR_S
                    sweeping[number].append((float(ways_s[square]), hours * part))
            missed = solver.NumVar(0.0, 1.0, "")
            solver.Add(solver.Sum([*seen, missed]) >= 1.0)
            unseen.append(area_m2 / airspace.coverable.area * missed)
    solver.Add(solver.Sum(unseen) <= 1 - spec.min_coverage)
    cruising = [_limit(solver, fleet, swept, makespan, params) for fleet, swept in zip(fleets, sweeping, strict=True)]
    solver.Minimize(makespan)
    known_h = 0.0
    for _ in range(params.tightened + 1):
        if solver.Solve() != pywraplp.Solver.OPTIMAL:
            return known_h * _HOUR_S
        least_h = float(makespan.solution_value()) * (1 - _ROUNDING)
        if least_h <= known_h * (1 + params.worth):
            break
        known_h = least_h
        for fleet, cruised in zip(fleets, cruising, strict=True):
            if cruised is not None:
                most_h = fleet.most_cruised_s(known_h * _HOUR_S) / _HOUR_S
                solver.Add(cruised <= fleet.count * (most_h - known_h) + fleet.count * makespan)
    return max(known_h, least_h) * _HOUR_S


def _limit(
    solver: pywraplp.Solver,
    fleet: _Fleet,
    swept: Sequence[tuple[float, pywraplp.LinearExpr]],
    makespan: pywraplp.Variable,
    params: DistanceBoundParams,
) -> pywraplp.Variable | None:
    """The first four inequalities, in hours; all that the fleet cruises, where it sees anything."""
    if not swept:
        return None
    farthest_s = max(way_s for way_s, _ in swept)
    limits_s = [farthest_s * number / params.rings for number in range(params.rings)] if farthest_s > 0 else [0.0]
    sorties = [solver.NumVar(0.0, solver.infinity(), "") for _ in limits_s]
    cruising = [solver.NumVar(0.0, solver.infinity(), "") for _ in limits_s]
    ring = np.searchsorted(limits_s, [way_s for way_s, _ in swept], side="right") - 1
    beyond: pywraplp.LinearExpr | None = None
    for number in reversed(range(len(limits_s))):
        own = solver.NumVar(0.0, solver.infinity(), "")
        solver.Add(own == solver.Sum([hours for (_, hours), at in zip(swept, ring.tolist(), strict=True) if at == number]))
        beyond = own if beyond is None else _sum(solver, own, beyond)
        solver.Add(beyond <= cruising[number])
        solver.Add(cruising[number] <= (fleet.cruise_s - 2 * limits_s[number]) / _HOUR_S * sorties[number])
        if number + 1 < len(limits_s):
            between_s = 2 * (limits_s[number + 1] - limits_s[number])
            solver.Add(cruising[number] >= cruising[number + 1] + between_s / _HOUR_S * sorties[number + 1])
            solver.Add(sorties[number] >= sorties[number + 1])
    each_h, swap_h = (fleet.vertical_s + fleet.swap_s) / _HOUR_S, fleet.swap_s / _HOUR_S
    solver.Add(cruising[0] + each_h * sorties[0] - fleet.count * swap_h <= fleet.count * makespan)
    return cruising[0]


def _sum(solver: pywraplp.Solver, one: pywraplp.Variable, other: pywraplp.Variable) -> pywraplp.Variable:
    """A variable that is the sum of two."""
    whole = solver.NumVar(0.0, solver.infinity(), "")
    solver.Add(whole == one + other)
    return whole


def _fleets(spec: MissionSpec, airspace: Airspace) -> Iterator[_Fleet]:
    for nation in spec.nations:
        bases = [base for base in spec.bases if base.nation == nation.id]
        for drone_type in spec.drone_types:
            own = [drone for drone in spec.drones if drone.nation == nation.id and drone.type == drone_type.id]
            any_base = _fleet(spec, nation.id, drone_type, len(own), shapely.MultiPoint())
            if not own or any_base.cruise_s <= 0:
                continue
            for group in _groups(bases, any_base.cruise_s * any_base.fastest_mps):
                names = {base.id for base in group}
                count = sum(drone.base in names for drone in own)
                places = shapely.MultiPoint([airspace.frame.point_to_local(base.location) for base in group])
                if count > 0:
                    yield replace(any_base, count=count, bases=places)


def _groups(bases: Sequence[Base], hop_m: float) -> list[list[Base]]:
    """Bases that hops of this length connect."""
    groups: list[list[Base]] = []
    for base in bases:
        near = [group for group in groups if any(geodesic_m(base.location, other.location) <= hop_m for other in group)]
        groups = [group for group in groups if group not in near]
        groups.append([base, *(other for group in near for other in group)])
    return groups


def _fleet(spec: MissionSpec, nation: str, drone_type: DroneType, count: int, bases: BaseGeometry) -> _Fleet:
    vertical_s = drone_type.height_above_home_m * (1 / drone_type.climb_mps + 1 / drone_type.descent_mps)
    least_w = min(drone_type.power_cruise_w, drone_type.power_hover_w)
    left_wh = drone_type.usable_energy_wh - vertical_s * drone_type.power_hover_w / _HOUR_S
    return _Fleet(
        nation=nation,
        count=count,
        vertical_s=vertical_s,
        cruise_s=min(drone_type.usable_endurance_s - vertical_s, left_wh * _HOUR_S / least_w),
        swap_s=drone_type.battery_swap_s,
        swath_m=drone_type.swath_m,
        fastest_mps=drone_type.cruise_mps + (0.0 if drone_type.hovers else spec.wind.speed_mps),
        bases=bases,
    )


def _ways_s(fleet: _Fleet, ground: _Squares) -> Floats:
    """One way to where each square can be seen from, from the nearest base."""
    away_m = np.asarray(shapely.distance(ground.shapes, fleet.bases), dtype=np.float64)
    return np.maximum(0.0, away_m - fleet.swath_m / 2) / fleet.fastest_mps


def _by_sight(airspace: Airspace, nations: set[str], params: DistanceBoundParams) -> Iterator[_Squares]:
    """The coverable ground by who can see it."""
    parts: list[tuple[BaseGeometry, frozenset[str]]] = [(airspace.coverable, frozenset())]
    for nation in sorted(nations):
        sight = airspace.visible[nation]
        split = [
            (polygons_of(part), names)
            for ground, able in parts
            for part, names in ((ground.intersection(sight), able | {nation}), (ground.difference(sight), able))
        ]
        parts = [(part, names) for part, names in split if part.area > 0]
    side_m = _side_m(airspace.coverable, params)
    for part, names in parts:
        shapes = _cut(part, side_m)
        yield _Squares(shapes, np.asarray(shapely.area(shapes), dtype=np.float64), names)


def _side_m(ground: BaseGeometry, params: DistanceBoundParams) -> float:
    west_m, south_m, east_m, north_m = ground.bounds
    return max(math.sqrt(ground.area / params.squares), max(east_m - west_m, north_m - south_m) / params.squares)


def _cut(ground: BaseGeometry, side_m: float) -> NDArray[np.object_]:
    west_m, south_m, east_m, north_m = ground.bounds
    columns, rows = (max(1, math.ceil(length_m / side_m)) for length_m in (east_m - west_m, north_m - south_m))
    column, row = np.repeat(np.arange(columns), rows), np.tile(np.arange(rows), columns)
    boxes = shapely.box(west_m + column * side_m, south_m + row * side_m, west_m + (column + 1) * side_m, south_m + (row + 1) * side_m)
    shapely.prepare(ground)
    pieces = np.asarray(shapely.intersection(ground, np.asarray(boxes)[shapely.intersects(ground, boxes)]))
    return pieces[shapely.area(pieces) > 0]
