"""Lower bounds that hold for every plan, computed without the solver: what no plan can beat."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import shapely
from shapely.geometry.base import BaseGeometry

from planner.airspace import Airspace
from planner.model import Drone, MissionSpec

#: More sorties than this in one plan are not looked at; the bound then stays what that many allow.
_MOST_SORTIES = 200
_TOLERANCE_S = 0.01


@dataclass(frozen=True, slots=True)
class _Sweeper:
    """The most one drone can do: ground per second, and what each sortie costs it before it sees anything."""

    rate_m2ps: float
    lost_s: float
    sortie_s: float
    swap_s: float

    def seen_m2(self, makespan_s: float) -> float:
        """Ground seen at most by `makespan_s`: n sorties see for n * (sortie - lost) at most, and in what n - 1 swaps leave."""
        best_s = 0.0
        for sorties in range(1, _MOST_SORTIES + 1):
            left_s = makespan_s - sorties * self.lost_s - (sorties - 1) * self.swap_s
            if left_s <= best_s:
                break
            best_s = max(best_s, min(left_s, sorties * max(0.0, self.sortie_s - self.lost_s)))
        return self.rate_m2ps * best_s


def makespan_bound_s(spec: MissionSpec, airspace: Airspace) -> float:
    """No plan that meets `min_coverage` is shorter.

    Proof. Take a nation N and the coverable ground that no other nation can see from where it may fly. At most the part
    (1 - min_coverage) of all coverable ground may stay unseen, so N's drones see the rest of theirs. Drone k sees at most w_k * g_k
    of new ground a second while it sweeps (w_k its swath at working height, g_k its greatest ground speed), and sweeps at most for
    what is left of the makespan after n take-offs, landings and shortest ways between base and that ground, and n - 1 battery
    swaps, and at most for n sorties of usable endurance (or energy at its least power) less those. The sum over N's drones
    grows with the makespan; the bound is where it reaches the need. The largest bound over nations holds for the plan.
    Stops, turns, overlap and everything else only add.
    """
    return max((_nation_bound_s(spec, airspace, nation.id) for nation in spec.nations), default=0.0)


def length_bound_m(spec: MissionSpec, airspace: Airspace) -> float:
    """No plan that meets `min_coverage` flies fewer metres: each metre shows at most the widest swath."""
    widest_m = max((spec.drone_type(drone.type).swath_m for drone in spec.drones), default=math.inf)
    return float(airspace.coverable.area) * spec.min_coverage / widest_m


def _nation_bound_s(spec: MissionSpec, airspace: Airspace, nation: str) -> float:
    ground = _only_seen_by(spec, airspace, nation)
    needed_m2 = ground.area - (1 - spec.min_coverage) * airspace.coverable.area
    drones = [drone for drone in spec.drones if drone.nation == nation]
    if needed_m2 <= 0 or not drones:
        return 0.0
    sweepers = [_sweeper(spec, airspace, drone, ground) for drone in drones]
    return _time_to_see(sweepers, needed_m2)


def _only_seen_by(spec: MissionSpec, airspace: Airspace, nation: str) -> BaseGeometry:
    ground = airspace.coverable
    for other, allowed in airspace.allowed.items():
        swaths = [spec.drone_type(drone.type).swath_m for drone in spec.drones if drone.nation == other]
        if other != nation and swaths:
            ground = ground.difference(allowed.buffer(max(swaths) / 2))
    return ground


def _sweeper(spec: MissionSpec, airspace: Airspace, drone: Drone, ground: BaseGeometry) -> _Sweeper:
    drone_type = spec.drone_type(drone.type)
    fastest_mps = drone_type.cruise_mps + (0.0 if drone_type.hovers else spec.wind.speed_mps)
    here = shapely.Point(airspace.frame.point_to_local(spec.base(drone.base).location))
    way_s = max(0.0, here.distance(ground) - drone_type.swath_m / 2) / fastest_mps
    vertical_s = drone_type.height_above_home_m * (1 / drone_type.climb_mps + 1 / drone_type.descent_mps)
    least_w = min(drone_type.power_cruise_w, drone_type.power_hover_w)
    return _Sweeper(
        rate_m2ps=drone_type.swath_m * fastest_mps,
        lost_s=vertical_s + 2 * way_s,
        sortie_s=min(drone_type.usable_endurance_s, drone_type.usable_energy_wh * 3600 / least_w),
        swap_s=drone_type.battery_swap_s,
    )


def _time_to_see(sweepers: Sequence[_Sweeper], needed_m2: float) -> float:
    """The least makespan by which the sweepers can have seen enough; 0 when they never can (then nothing is promised)."""
    low_s, high_s = 0.0, 3600.0
    while sum(sweeper.seen_m2(high_s) for sweeper in sweepers) < needed_m2:
        low_s, high_s = high_s, high_s * 2
        if high_s > 1e8:
            return 0.0
    while high_s - low_s > _TOLERANCE_S:
        middle_s = (low_s + high_s) / 2
        if sum(sweeper.seen_m2(middle_s) for sweeper in sweepers) < needed_m2:
            low_s = middle_s
        else:
            high_s = middle_s
    return low_s


def gap(makespan_s: float, bound_s: float) -> float | None:
    """(makespan - bound) / bound, None when the bound says nothing."""
    return (makespan_s - bound_s) / bound_s if bound_s > 0 else None


def shares(lengths_m: Mapping[str, float]) -> dict[str, float]:
    """Each nation's part of the sweep metres."""
    total_m = sum(lengths_m.values())
    return {nation: length_m / total_m if total_m > 0 else 0.0 for nation, length_m in lengths_m.items()}
