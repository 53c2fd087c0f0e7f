"""A whole patrol of 20 drones with everything going wrong, again and again: `python -m benchmarks.fleet_faults [--runs 3]`.

The training mission with ten copters a nation is planned once. Then each run flies it headless on embedded vehicles while a
pack collapses, one drone loses its satellites and another its link, the wind rises to 12 m/s for a minute and a fence that nobody planned
cuts a drone off. All runs must end with the same verdict for the same reasons, and their event logs must be equal byte for byte; how
long each took is printed. `--short` takes two fifths of the border, from two bases a nation, with drones that endure less: a patrol of
35 minutes. `--seeds` gives every run its own seed, which decides the gusts. `--tally FILE` adds a line for each run, so that
many runs can be made in parts; it counts all its lines.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from missions.fly import FlightOrder, fly
from missions.mission_file import load_mission
from missions.report.flight_events import EVENTS_FILE
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
    log_sha256: str
    wall_s: float
    cpu_s: float

    @property
    def line(self) -> str:
        what = f"{self.verdict} {len(self.reasons)} {self.duration_s:.2f} {self.flown:.6f} {self.log_sha256}"
        return f"{what} {self.wall_s:.1f} {self.cpu_s:.1f}"


#: Two fifths of the border, and a second base for each nation: all twenty drones fly, one sortie each.
_SHORT_PART = 0.4
_SHORT_ENDURANCES_S = {1500: 1000, 2100: 1400}
_MORE_BASES = """
[[base]]
id = "ald-north"
nation = "ALD"
lat_deg = 47.5050
lon_deg = 19.0250
elevation_m = 118

[[base]]
id = "bre-south"
nation = "BRE"
lat_deg = 47.4900
lon_deg = 19.0200
elevation_m = 121

[[fleet]]
base = "ald-north"
type = "quad"
count = 5
first_system_id = 11

[[fleet]]
base = "bre-south"
type = "hexa"
count = 5
first_system_id = 16
"""


def twenty_drone_plan(folder: Path, effort: int, half_width_m: int, *, short: bool) -> Plan:
    """The training mission with more drones, and with a strip of this width either way, planned."""
    source = find_mission("training").parent
    shutil.copytree(source, folder, dirs_exist_ok=True)
    mission = folder / "mission.toml"
    a_base = _DRONES_PER_NATION // 2 if short else _DRONES_PER_NATION
    text = mission.read_text(encoding="utf-8").replace("count = 3 ", f"count = {a_base} ")
    text = text.replace("half_width_m = 1000", f"half_width_m = {half_width_m}")
    text = text.replace("first_system_id = 4", f"first_system_id = {a_base + 1}")
    if short:
        _cut_border(folder / "border.geojson")
        for usual_s, short_s in _SHORT_ENDURANCES_S.items():
            text = text.replace(f"endurance_s = {usual_s}", f"endurance_s = {short_s}")
        text += _MORE_BASES
    mission.write_text(text, encoding="utf-8")
    return plan_mission(load_mission(mission), "", PlanParams(seed=1, effort=effort))


def _cut_border(path: Path) -> None:
    border = json.loads(path.read_text(encoding="utf-8"))
    line = border["features"][0]["geometry"]
    line["coordinates"] = line["coordinates"][: int(len(line["coordinates"]) * _SHORT_PART)]
    path.write_text(json.dumps(border), encoding="utf-8")


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
        log_sha256=hashlib.sha256((folder / EVENTS_FILE).read_bytes()).hexdigest(),
        wall_s=time.perf_counter() - wall_s,
        cpu_s=time.process_time() - cpu_s,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--effort", type=int, default=1, help="of the planning, 1..5")
    parser.add_argument("--half-width", type=int, default=1000, help="of the strip, metres; less ground makes a shorter patrol")
    parser.add_argument("--short", action="store_true", help="two fifths of the border, two bases a nation")
    parser.add_argument("--seeds", action="store_true", help="another seed for every run")
    parser.add_argument("--first", type=int, default=0, help="number of the first run")
    parser.add_argument("--tally", type=Path, help="file of all runs so far")
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        plan = twenty_drone_plan(Path(name) / "mission", wanted.effort, wanted.half_width, short=wanted.short)
        drones = {sortie.drone for sortie in plan.sorties}
        print(f"{len(drones)} drones, {len(plan.sorties)} sorties, planned for {plan.result.makespan_s:.0f} s", flush=True)
        plan_faults = faults(plan)
        for fault in plan_faults.fault:
            print(f"  {type(fault).__name__} from {fault.from_s:.0f} s: {', '.join(fault.drones or ('all',))}")
        lines: list[str] = []
        for number in range(wanted.first, wanted.first + wanted.runs):
            run = fly_once(plan, plan_faults, Path(name) / f"run{number}", number if wanted.seeds else 0)
            lines.append(run.line)
            print(f"run {number + 1}: {run.line}", flush=True)
            if number == wanted.first:
                print("".join(f"  {reason}\n" for reason in run.reasons), end="")
            if wanted.tally is not None:
                with wanted.tally.open("a", encoding="utf-8") as tally:
                    tally.write(run.line + "\n")
        sys.exit(_judged(wanted.tally.read_text(encoding="utf-8").splitlines() if wanted.tally else lines, equal=not wanted.seeds))


def _judged(lines: Sequence[str], *, equal: bool) -> int:
    """0 when all runs ended alike, and with one seed logged alike."""
    runs = [line.split() for line in lines]
    verdicts, reasons, logs = ({tuple(run[:upto]) for run in runs} for upto in (1, 2, 5))
    walls_s, cpus_s = (sorted(float(run[at]) for run in runs) for at in (5, 6))
    middle = len(runs) // 2
    print(f"{len(runs)} runs: {len(verdicts)} verdict(s), {len(reasons)} count(s) of reasons, {len(logs)} event log(s)")
    print(f"CPU median {cpus_s[middle]:.0f} s, most {cpus_s[-1]:.0f} s; wall median {walls_s[middle]:.0f} s, most {walls_s[-1]:.0f} s")
    return 0 if len(verdicts) == 1 and (len(logs) == 1 or not equal) else 1


if __name__ == "__main__":
    main()
