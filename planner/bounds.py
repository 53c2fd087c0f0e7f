"""Lower bounds that hold for every plan, computed without the solver: what no plan can beat."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from ortools.linear_solver import pywraplp
from shapely.geometry.base import BaseGeometry

from planner.airspace import Airspace
from planner.model import Drone, MissionSpec

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, slots=True)
class BoundParams:
    """The ground is looked at in squares, about `squares` along its longer side; more make the bound a little tighter."""

    squares: int = 24
    most_sorties: int = 200
    tolerance_s: float = 0.01


@dataclass(frozen=True, slots=True)
class _Sweeper:
    """The most one drone can do: ground per second, what each sortie costs it beside ways, and how long a sortie and a swap are."""

    drone: Drone
    rate_m2ps: float
    fastest_mps: float
    vertical_s: float
    sortie_s: float
    swap_s: float
    swath_m: float
    bases: BaseGeometry

    def way_s(self, ground: BaseGeometry) -> float:
        """Least time between any of its nation's bases and where the ground can be seen from, one way: sorties may end at another
        base than they start from.
        """
        return max(0.0, self.bases.distance(ground) - self.swath_m / 2) / self.fastest_mps


def makespan_bound_s(spec: MissionSpec, airspace: Airspace, params: BoundParams | None = None) -> float:
    """No plan that meets `min_coverage`, its drones at their types' working heights, is shorter; the best of two bounds for each
    nation, the largest over nations.

    Both look at the coverable ground that no other nation can see from where it may fly. At most the part
    (1 - min_coverage) of all coverable ground may stay unseen; the nation's own drones see the rest of this. A drone that
    sweeps sees at most w * g of new ground a second: its swath at working height times its greatest ground speed.

    *By count* (`_count_bound_s`). In a makespan T a drone with n sorties sweeps at most what T leaves after n take-offs,
    landings and shortest ways to the ground and n - 1 battery swaps, and at most n usable sorties less those. The sum over
    drones grows with T; the bound is where it reaches the need.

    *By distance* (`_distance_bound_s`). Let E be a usable sortie, V its take-off and landing, R its farthest point's way
    and S(r) = E - V - 2r the sweeping left to a sortie that goes as far as r. It sweeps s <= S(R) seconds, so the sum of ds / S(r)
    over what it sweeps is at most s / S(R) <= 1 (every r <= R): a drone needs at least n >= sum ds / S(r) sorties. Its flight
    takes t >= s + V + 2R = s + E - S(R) >= s E / S(R) (as s <= S(R)) >= sum ds E / S(r). With n - 1 swaps of b its day is
    T >= sum ds (E + b) / S(r) - b. So seeing an area dA at distance r takes at least dA (E + b) / (w g S(r)) of T + b. Which
    drone sees which square is left to a linear programme whose optimum no plan can beat.
    """
    params = params or BoundParams()
    return max((_nation_bound_s(spec, airspace, nation.id, params) for nation in spec.nations), default=0.0)


def length_bound_m(spec: MissionSpec, airspace: Airspace) -> float:
    """No plan that meets `min_coverage` flies fewer metres: each metre shows at most the widest swath."""
    widest_m = max((spec.drone_type(drone.type).swath_m for drone in spec.drones), default=math.inf)
    return float(airspace.coverable.area) * spec.min_coverage / widest_m


def gap(makespan_s: float, bound_s: float) -> float | None:
    """(makespan - bound) / bound, None when the bound says nothing."""
    return (makespan_s - bound_s) / bound_s if bound_s > 0 else None


def shares(amounts: Mapping[str, float]) -> dict[str, float]:
    """Each nation's part of the sum, of sweep metres or of ground."""
    total = sum(amounts.values())
    return {nation: amount / total if total > 0 else 0.0 for nation, amount in amounts.items()}


def _nation_bound_s(spec: MissionSpec, airspace: Airspace, nation: str, params: BoundParams) -> float:
    ground = _only_seen_by(airspace, nation)
    unseen_m2 = (1 - spec.min_coverage) * airspace.coverable.area
    sweepers = [_sweeper(spec, airspace, drone) for drone in spec.drones if drone.nation == nation]
    if ground.area <= unseen_m2 or not sweepers:
        return 0.0
    return max(
        _count_bound_s(sweepers, ground, ground.area - unseen_m2, params),
        _distance_bound_s(sweepers, ground, unseen_m2, params),
    )


def _only_seen_by(airspace: Airspace, nation: str) -> BaseGeometry:
    others = [visible for other, visible in airspace.visible.items() if other != nation]
    return airspace.coverable.difference(shapely.union_all(others)) if others else airspace.coverable


def _sweeper(spec: MissionSpec, airspace: Airspace, drone: Drone) -> _Sweeper:
    drone_type = spec.drone_type(drone.type)
    fastest_mps = drone_type.cruise_mps + (0.0 if drone_type.hovers else spec.wind.speed_mps)
    least_w = min(drone_type.power_cruise_w, drone_type.power_hover_w)
    return _Sweeper(
        drone=drone,
        rate_m2ps=drone_type.swath_m * fastest_mps,
        fastest_mps=fastest_mps,
        vertical_s=drone_type.height_above_home_m * (1 / drone_type.climb_mps + 1 / drone_type.descent_mps),
        sortie_s=min(drone_type.usable_endurance_s, drone_type.usable_energy_wh * 3600 / least_w),
        swap_s=drone_type.battery_swap_s,
        swath_m=drone_type.swath_m,
        bases=shapely.MultiPoint([airspace.frame.point_to_local(base.location) for base in spec.bases if base.nation == drone.nation]),
    )


def _count_bound_s(sweepers: Sequence[_Sweeper], ground: BaseGeometry, needed_m2: float, params: BoundParams) -> float:
    """The least makespan by which the sweepers can have seen enough; 0 when they never can (then nothing is promised)."""
    lost_s = [sweeper.vertical_s + 2 * sweeper.way_s(ground) for sweeper in sweepers]

    def seen_m2(makespan_s: float) -> float:
        each = [_most_seen_m2(sweeper, lost, makespan_s, params) for sweeper, lost in zip(sweepers, lost_s, strict=True)]
        return sum(each)

    low_s, high_s = 0.0, 3600.0
    while seen_m2(high_s) < needed_m2:
        low_s, high_s = high_s, high_s * 2
        if high_s > 1e8:
            return 0.0
    while high_s - low_s > params.tolerance_s:
        middle_s = (low_s + high_s) / 2
        low_s, high_s = (middle_s, high_s) if seen_m2(middle_s) < needed_m2 else (low_s, middle_s)
    return low_s


def _most_seen_m2(sweeper: _Sweeper, lost_s: float, makespan_s: float, params: BoundParams) -> float:
    best_s = 0.0
    for sorties in range(1, params.most_sorties + 1):
        left_s = makespan_s - sorties * lost_s - (sorties - 1) * sweeper.swap_s
        if left_s <= best_s:
            break
        best_s = max(best_s, min(left_s, sorties * max(0.0, sweeper.sortie_s - lost_s)))
    return sweeper.rate_m2ps * best_s


def _distance_bound_s(sweepers: Sequence[_Sweeper], ground: BaseGeometry, unseen_m2: float, params: BoundParams) -> float:
    """min T such that each square is seen or counted as unseen, and each drone's time for its squares is within T + swap."""
    squares = _squares(ground, params)
    costs = np.array([[_seconds_per_m2(sweeper, square) for square in squares] for sweeper in sweepers])
    solver = pywraplp.Solver.CreateSolver("GLOP")
    makespan = solver.NumVar(0.0, solver.infinity(), "T")
    unseen = [solver.NumVar(0.0, square.area, "") for square in squares]
    solver.Add(solver.Sum(unseen) <= unseen_m2)
    seen: list[list[tuple[float, pywraplp.Variable]]] = [[] for _ in sweepers]
    for column, square in enumerate(squares):
        able = [row for row in range(len(sweepers)) if np.isfinite(costs[row, column])]
        parts = {row: solver.NumVar(0.0, square.area, "") for row in able}
        solver.Add(solver.Sum([*parts.values(), unseen[column]]) >= square.area)
        for row, part in parts.items():
            seen[row].append((float(costs[row, column]), part))
    for sweeper, terms in zip(sweepers, seen, strict=True):
        solver.Add(solver.Sum([cost * part for cost, part in terms]) <= makespan + sweeper.swap_s)
    solver.Minimize(makespan)
    # Ground that nobody can reach makes it infeasible: then no plan meets the coverage, and nothing is promised.
    return float(makespan.solution_value()) if solver.Solve() == pywraplp.Solver.OPTIMAL else 0.0


def _squares(ground: BaseGeometry, params: BoundParams) -> list[BaseGeometry]:
    west_m, south_m, east_m, north_m = ground.bounds
    side_m = max(east_m - west_m, north_m - south_m) / params.squares
    columns, rows = math.ceil((east_m - west_m) / side_m), math.ceil((north_m - south_m) / side_m)
    pieces = [
        ground.intersection(
            shapely.box(west_m + column * side_m, south_m + row * side_m, west_m + (column + 1) * side_m, south_m + (row + 1) * side_m)
        )
        for column in range(columns)
        for row in range(rows)
    ]
    return [piece for piece in pieces if piece.area > 0]


def _seconds_per_m2(sweeper: _Sweeper, square: BaseGeometry) -> float:
    """Time of the drone's day (swaps included) that a square metre there takes at least; inf when beyond its reach."""
    sweeping_s = sweeper.sortie_s - sweeper.vertical_s - 2 * sweeper.way_s(square)
    if sweeping_s <= 0:
        return math.inf
    return (sweeper.sortie_s + sweeper.swap_s) / (sweeping_s * sweeper.rate_m2ps)
