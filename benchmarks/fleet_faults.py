"""A whole patrol of 20 drones with everything going wrong, again and again: `python -m benchmarks.fleet_faults [--runs 3]`.

The training mission with ten copters a nation is planned once. Then each run flies it headless on embedded vehicles while a
pack collapses, one drone loses its satellites and another its link, the wind rises to 12 m/s for a minute and a fence that nobody planned
cuts a drone off. All runs must end with the same verdict for the same reasons; how long each took is printed. `--seeds` gives
every run its own seed, which decides the gusts.
"""

from __future__ import annotations

import argparse
import asyncio
import shutil
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from missions.fly import FlightOrder, fly
from missions.mission_file import load_mission
from missions.scenario_library import find_mission
from missions.vehicles import Embedded
from planner.model import Plan, Sortie
from planner.pipeline import PlanParams, plan_mission
from sitl.faults import BatteryCollapse, Fault, FaultPlan, FenceFault, GpsLoss, LinkCut, WindChange

_DRONES_PER_NATION = 10
#: From the vehicles' boot to the patrol's first second: getting ready, and uploads.
_READY_S = 60.0
#: The type cruises at 10 m/s and leans 30 degrees: it is blown back while this lasts.
_STORM_S, _GUSTS_MPS = 60.0, 1.5


@dataclass(frozen=True, slots=True)
class Run:
    """What must not differ between runs, and what it took."""

    verdict: str
    reasons: tuple[str, ...]
    duration_s: float
    flown: float
    wall_s: float
    cpu_s: float


def twenty_drone_plan(folder: Path, effort: int, half_width_m: int) -> Plan:
    """The training mission with more drones, and with a strip of this width either way, planned."""
    source = find_mission("training").parent
    shutil.copytree(source, folder, dirs_exist_ok=True)
    mission = folder / "mission.toml"
    text = mission.read_text(encoding="utf-8").replace("count = 3 ", f"count = {_DRONES_PER_NATION} ")
    text = text.replace("half_width_m = 1000", f"half_width_m = {half_width_m}")
    mission.write_text(text.replace("first_system_id = 4", f"first_system_id = {_DRONES_PER_NATION + 1}"), encoding="utf-8")
    return plan_mission(load_mission(mission), "", PlanParams(seed=1, effort=effort))


def faults(plan: Plan) -> FaultPlan:
    """Each hits another drone on its way; the wind hits all."""
    longest = sorted(plan.sorties, key=lambda sortie: sortie.start_s - sortie.end_s)
    drones: dict[str, Sortie] = {}
    for sortie in longest:
        drones.setdefault(sortie.drone, sortie)
    pack, satellites, link, fence = list(drones.values())[:4]

    def way(sortie: Sortie, part: float) -> float:
        return _READY_S + sortie.start_s + part * (sortie.end_s - sortie.start_s)

    storm_s = way(longest[0], 0.3)
    chosen: list[Fault] = [
        BatteryCollapse(remaining_pct=12.0, from_s=way(pack, 0.5), drones=(pack.drone,)),
        GpsLoss(from_s=way(satellites, 0.5), to_s=way(satellites, 0.5) + 60.0, drones=(satellites.drone,)),
        LinkCut(from_s=way(link, 0.4), to_s=way(link, 0.4) + 45.0, drones=(link.drone,)),
        FenceFault(radius_m=300.0, from_s=way(fence, 0.5), drones=(fence.drone,)),
        WindChange(speed_mps=12.0, direction_deg=270.0, turbulence_mps=_GUSTS_MPS, from_s=storm_s),
        WindChange(speed_mps=3.0, direction_deg=270.0, from_s=storm_s + _STORM_S),
    ]
    return FaultPlan(fault=tuple(chosen))


def fly_once(plan: Plan, plan_faults: FaultPlan, folder: Path, seed: int) -> Run:
    folder.mkdir()
    wall_s, cpu_s = time.perf_counter(), time.process_time()
    end = asyncio.run(fly(FlightOrder(plan=plan, vehicles=Embedded(seed=seed, faults=plan_faults), folder=folder)))
    account = end.account
    if account is None:
        raise SystemExit("the flight was left before its end")
    return Run(
        verdict=account.verdict.name,
        reasons=account.reasons,
        duration_s=account.duration_s,
        flown=account.flown.coverage,
        wall_s=time.perf_counter() - wall_s,
        cpu_s=time.process_time() - cpu_s,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--effort", type=int, default=1, help="of the planning, 1..5")
    parser.add_argument("--half-width", type=int, default=1000, help="of the strip, metres; less ground makes a shorter patrol")
    parser.add_argument("--seeds", action="store_true", help="another seed for every run")
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        plan = twenty_drone_plan(Path(name) / "mission", wanted.effort, wanted.half_width)
        drones = {sortie.drone for sortie in plan.sorties}
        print(f"{len(drones)} drones, {len(plan.sorties)} sorties, planned for {plan.result.makespan_s:.0f} s", flush=True)
        plan_faults = faults(plan)
        for fault in plan_faults.fault:
            print(f"  {type(fault).__name__} from {fault.from_s:.0f} s: {', '.join(fault.drones or ('all',))}")
        runs: list[Run] = []
        for number in range(wanted.runs):
            run = fly_once(plan, plan_faults, Path(name) / f"run{number}", number if wanted.seeds else 0)
            runs.append(run)
            print(
                f"run {number + 1}: {run.verdict} ({len(run.reasons)} reasons) flown {run.flown:.2%} in {run.duration_s:.0f} s; "
                f"wall {run.wall_s:.1f} s, CPU {run.cpu_s:.1f} s",
                flush=True,
            )
    outcomes = {run.verdict for run in runs}
    print(f"{len(runs)} runs: " + ("the same verdict" if len(outcomes) == 1 else f"verdicts differ: {sorted(outcomes)}"))
    print("reasons: " + ("the same" if len({run.reasons for run in runs}) == 1 else "differ"))
    sys.exit(0 if len(outcomes) == 1 else 1)


if __name__ == "__main__":
    main()
