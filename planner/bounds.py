"""Lower bounds that hold for every plan, computed without the solver: what no plan can beat."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import shapely
from shapely.geometry.base import BaseGeometry

from planner.airspace import Airspace
from planner.distance_bound import distance_bound_s
from planner.model import Drone, MissionSpec


@dataclass(frozen=True, kw_only=True, slots=True)
class BoundParams:
    """A drone's sorties are counted up to `most_sorties`; the bound is found to `tolerance_s`."""

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
    """No plan that meets `min_coverage`, its drones at their types' working heights, is shorter; the best of two bounds.

    *By distance* (`distance_bound_s`): all ground, by whoever can see it, and how far out that is.

    *By count* (`_count_bound_s`), for each nation the coverable ground that no other can see from where it may fly. At most the part
    (1 - min_coverage) of all coverable ground may stay unseen; the nation's own drones see the rest of this. A drone that
    sweeps sees at most w * g of new ground a second: its swath at working height times its greatest ground speed. In a makespan T a
    drone with n sorties sweeps at most what T leaves after n take-offs, landings and shortest ways to the ground and n - 1 battery
    swaps, and at most n usable sorties less those. The sum over drones grows with T; the bound is where it reaches the need.
    """
    params = params or BoundParams()
    by_count_s = max((_nation_bound_s(spec, airspace, nation.id, params) for nation in spec.nations), default=0.0)
    return max(by_count_s, distance_bound_s(spec, airspace))


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
    return _count_bound_s(sweepers, ground, ground.area - unseen_m2, params)


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
