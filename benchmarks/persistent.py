"""Worst revisit gaps of persistent line patrols against what no patrol can undercut: `python -m benchmarks.persistent [--seeds N]`.

Straight and bent lines of several lengths, patrolled by drones of equal speed from bases beside the line, drones dealt out to bases by
chance. Without recharge (batteries that outlast the patrol) the worst gap is held against 2L / (n v), with it against the lower bound
that counts it (`planner.revisit.bound`). Plans are judged by `check`, gaps are those that it finds from the legs.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace

import shapely
from shapely.geometry.base import BaseGeometry

from planner.check import measure_revisits
from planner.geo import Geographic, LatLon, LocalFrame
from planner.model import (
    Base,
    Drone,
    DroneType,
    MissionSpec,
    Nation,
    Patrol,
    PatrolKind,
    Plan,
    Policy,
    Sensor,
)
from planner.pipeline import PlanParams, plan_mission
from tests.planner import missions

_HERE = LocalFrame(LatLon(lat_deg=49.0, lon_deg=-97.8))
_BESIDE_M = 150.0

#: Usable for 1,200, 2,400 and 5,760 s; swaps of 300, 300 and 600 s.
QUAD = replace(missions.QUAD, sensor=Sensor(swath_m=140.0))
LONG = replace(QUAD, id="long", cruise_mps=14.0, endurance_s=3000.0, battery_wh=600.0, sensor=Sensor(swath_m=160.0))
WING = replace(
    missions.WING, cruise_mps=22.0, endurance_s=7200.0, battery_wh=440.0, power_hover_w=1400.0, power_cruise_w=170.0,
    sensor=Sensor(swath_m=300.0), height_above_home_m=100.0, climb_mps=4.0, descent_mps=2.5, turn_radius_m=60.0, battery_swap_s=600.0,
)  # fmt: skip
TYPES = (QUAD, LONG, WING)


@dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    """A line of so many metres, bent by `bend_m` in the middle, and drones of one type by base."""

    drone_type: DroneType
    length_m: float
    bend_m: float
    drones: tuple[int, ...]
    recharge: bool
    seed: int

    @property
    def count(self) -> int:
        return sum(self.drones)


def cases(seeds: int, *, recharge: bool, most_bases: int = 4) -> Iterator[Case]:
    """For each seed one case of each type. With recharge a base's share of the line is within reach of its drones' batteries."""
    for seed in range(seeds):
        for number, drone_type in enumerate(TYPES):
            dice = random.Random(1000 * seed + 2 * number + recharge)
            bases = min(most_bases, dice.choice([1, 1, 2, 3, 4]))
            drones = tuple(dice.randint(2, 6) for _ in range(bases))
            reach_m = drone_type.usable_endurance_s * drone_type.cruise_mps / 2
            per_drone_m = drone_type.cruise_mps * dice.uniform(150.0, 600.0)
            most_m = 2 * bases * reach_m * min(drones) / max(drones) * dice.uniform(0.25, 0.85)
            length_m = min(per_drone_m * sum(drones), most_m) if recharge else per_drone_m * sum(drones)
            bend_m = dice.choice([0.0, 0.0, 0.05]) * length_m
            yield Case(drone_type=drone_type, length_m=length_m, bend_m=bend_m, drones=drones, recharge=recharge, seed=seed)


def mission(case: Case) -> MissionSpec:
    """The bases lie beside the middles of stretches in proportion to their drones."""
    drone_type = case.drone_type if case.recharge else replace(case.drone_type, endurance_s=1e6, battery_wh=1e6)
    half_m = case.length_m / 2
    line = shapely.LineString([(-half_m, 0.0), (0.0, case.bend_m), (half_m, 0.0)])
    bases, drones, passed = [], [], 0
    for number, count in enumerate(case.drones):
        at = line.interpolate((passed + count / 2) / case.count, normalized=True)
        place = _HERE.point_to_geographic(east_m=at.x, north_m=at.y + _BESIDE_M)
        bases.append(Base(id=f"base-{number}", nation="A", location=place))
        drones += [Drone(id=f"base-{number}-{index}", nation="A", type=drone_type.id, base=f"base-{number}") for index in range(count)]
        passed += count
    period_s = 2 * case.length_m / (case.count * drone_type.cruise_mps)
    patrol = Patrol(id="line", kind=PatrolKind.LINE, shape=_shape(line), interval_s=10 * period_s)
    once_s = 2 * case.length_m / len(case.drones) / drone_type.cruise_mps
    return MissionSpec(
        name="persistent",
        start_utc="2026-06-01T06:00:00Z",
        area=_shape(line.buffer(1_000.0)),
        border=None,
        position_uncertainty_m=0.0,
        nations=(Nation(id="A", name="A", territory=_shape(line.buffer(5_000.0)), policy=Policy(max_height_m=150.0)),),
        bases=tuple(bases),
        drone_types=(drone_type,),
        drones=tuple(drones),
        patrols=(patrol,),
        min_coverage=0.0,
        duration_s=max(12 * period_s, 2 * once_s + 6 * period_s, (3 if case.recharge else 0) * drone_type.usable_endurance_s),
    )


def _shape(geometry: BaseGeometry) -> Geographic:
    return _HERE.to_geographic(shapely.segmentize(geometry, 1_000.0))


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    case: Case
    worst_s: float
    against_s: float
    seen: float
    violations: int
    cpu_s: float

    @property
    def ratio(self) -> float:
        return self.worst_s / self.against_s


def run(case: Case) -> Outcome:
    """Plan the case and take the worst gap that the checker finds."""
    begun_s = time.process_time()
    plan = plan_mission(mission(case), "0" * 64, PlanParams(effort=1))
    found = [each.worst_s for each in measure_revisits(plan)]
    return Outcome(
        case=case,
        worst_s=max((each for each in found if each is not None), default=math.inf),
        against_s=_against_s(plan, case),
        seen=plan.result.patrols[0].seen,
        violations=len(plan.violations),
        cpu_s=time.process_time() - begun_s,
    )


def _against_s(plan: Plan, case: Case) -> float:
    figures = plan.result.patrols[0]
    found = figures.bound_s if case.recharge else figures.reference_s
    assert found is not None
    return found


def told(outcome: Outcome) -> str:
    case = outcome.case
    return (
        f"{case.seed:4d}  {case.drone_type.id:5s} {case.length_m / 1000:8.1f} km  {'+'.join(map(str, case.drones)):12s} "
        f"{outcome.worst_s:8.0f} s {outcome.against_s:8.0f} s  {outcome.ratio:6.3f}  seen {outcome.seen:6.1%}  "
        f"violations {outcome.violations}  {outcome.cpu_s:5.1f} s CPU"
    )


def main() -> int:
    parser = argparse.ArgumentParser(description="Worst revisit gaps of line patrols against their bounds.")
    parser.add_argument("--seeds", type=int, default=6)
    parser.add_argument("--most-bases", type=int, default=4)
    parser.add_argument("--only", choices=("recharge", "without"), default=None)
    parser.add_argument("--out", default=None, help="a JSON file for the outcomes")
    arguments = parser.parse_args()
    kept: list[dict[str, object]] = []
    is_good = True
    for recharge, most in ((False, 1.10), (True, 1.25)):
        if arguments.only == ("without" if recharge else "recharge"):
            continue
        print("with recharge, against the bound that counts it" if recharge else "without recharge, against 2L / (n v)")
        outcomes = []
        for case in cases(arguments.seeds, recharge=recharge, most_bases=arguments.most_bases):
            outcomes.append(run(case))
            print(told(outcomes[-1]), flush=True)
        ratios = sorted(outcome.ratio for outcome in outcomes)
        within = sum(ratio <= most for ratio in ratios)
        clean = sum(outcome.violations == 0 for outcome in outcomes)
        middle = f"median {ratios[len(ratios) // 2]:.3f}, worst {ratios[-1]:.3f}"
        print(f"  {middle}, {within} of {len(ratios)} within {most}, {clean} without violations\n")
        is_good &= within == len(ratios) and clean == len(ratios)
        kept += [
            {"recharge": recharge, "seed": each.case.seed, "type": each.case.drone_type.id, "length_m": each.case.length_m,
             "drones": each.case.drones, "worst_s": each.worst_s, "against_s": each.against_s, "ratio": each.ratio}
            for each in outcomes
        ]  # fmt: skip
    if arguments.out:
        with open(arguments.out, "w", encoding="utf-8") as file:  # noqa: PTH123
            json.dump(kept, file, indent=1)
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main())
