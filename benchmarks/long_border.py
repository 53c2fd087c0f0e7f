"""Plan a long border and say what it took: `python -m benchmarks.long_border forty_ninth/long [--effort N | --time-limit S] [--workers N]`.

`--of N` takes the N bases nearest to the first one, with their drones and the border beside them: cuts that grow show how time and
memory grow. Printed are the makespan, the bound for any plan, that for plans whose lanes keep the mission's side overlap (who holds lanes
by so much closer sees so much less anew a second), and that for those which also see as much as this one; what an average drone's time
until the last is home is spent on; seconds of the wall, of CPU and the largest memory, all processes together, and what the checker finds.
"""

from __future__ import annotations

import argparse
import math
import resource
import sys
import threading
import time
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import shapely

from missions.mission_file import load_mission
from missions.plan_file import write_plan
from missions.solve import SolveOrder, solve
from missions.spec_hash import spec_sha256
from planner.airspace import build_airspace
from planner.distance_bound import distance_bound_s
from planner.geo import Geographic, LocalFrame
from planner.model import MissionSpec, Plan
from planner.timetable.deconflict import working_heights


def nearest_bases(spec: MissionSpec, count: int) -> MissionSpec:
    """The mission of so many bases nearest to the first, and of the area nearer to them than to the others."""
    frame = LocalFrame.around([spec.area])
    places = {base.id: shapely.Point(frame.point_to_local(base.location)) for base in spec.bases}
    first = next(iter(places.values()))
    kept = sorted(places, key=lambda name: places[name].distance(first))[:count]
    reach_m = max(places[name].distance(first) for name in kept)
    rest = [place.distance(first) for name, place in places.items() if name not in kept]
    own = first.buffer((reach_m + min(rest, default=2 * reach_m)) / 2, quad_segs=64)
    area = shapely.intersection(frame.ground(spec.area), own)
    return replace(
        spec,
        area=Geographic(frame.to_geographic(shapely.segmentize(area, 1_000.0)).geometry),
        bases=tuple(base for base in spec.bases if base.id in kept),
        drones=tuple(drone for drone in spec.drones if drone.base in kept),
    )


def overlapping_bound_s(spec: MissionSpec) -> float:
    """The bound by distance for plans that keep the side overlap."""
    overlap = max((patrol.side_overlap for patrol in spec.patrols), default=0.0)
    airspace = build_airspace(spec, working_heights(spec), bounded=[each.id for each in spec.permissions])
    return distance_bound_s(spec, airspace, overlap=overlap)


def time_spent(plan: Plan) -> dict[str, float]:
    """Parts of all drones' time from the start to the last landing, by kind of leg, and what lies between and after sorties."""
    spent: defaultdict[str, float] = defaultdict(float)
    last_s = max(sortie.end_s for sortie in plan.sorties)
    for drone in plan.drones:
        free_s, swap_s = 0.0, 0.0
        for sortie in sorted((each for each in plan.sorties if each.drone == drone.id), key=lambda each: each.start_s):
            spent["battery swaps"] += swap_s
            spent["waiting to launch"] += sortie.start_s - free_s - swap_s
            for leg in sortie.legs:
                spent[leg.kind.value.lower()] += leg.end_s - leg.start_s
            free_s, swap_s = sortie.end_s, plan.drone_type(drone.type).battery_swap_s
        spent["home before the last"] += last_s - free_s
    most_first = sorted(spent.items(), key=lambda item: -item[1])
    return {kind: seconds / (last_s * len(plan.drones)) for kind, seconds in most_first}


class PeakMemory:
    """The most that this process and its descendants held at once, looked at every half second (Linux)."""

    def __init__(self) -> None:
        self.most_kib = 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> PeakMemory:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(0.5):
            self.most_kib = max(self.most_kib, _family_kib())


def _family_kib() -> int:
    held: dict[int, int] = {}
    parent: dict[int, int] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            lines = dict(line.split(":", 1) for line in (folder / "status").read_text().splitlines())
        except OSError:
            continue
        held[int(folder.name)], parent[int(folder.name)] = int(lines.get("VmRSS", "0 kB").split()[0]), int(lines["PPid"])
    return sum(kib for pid, kib in held.items() if _descends(pid, parent))


def _descends(pid: int, parent: dict[int, int]) -> bool:
    own = int(Path("/proc/self").resolve().name)
    while pid > 1:
        if pid == own:
            return True
        pid = parent.get(pid, 0)
    return False


def main() -> int:
    parser = argparse.ArgumentParser(description="Plan a long border and say what it took.")
    parser.add_argument("mission", help="a mission file, its folder, or a scenario's name")
    parser.add_argument("--of", type=int, default=0, metavar="N", help="only so many bases, and the border beside them")
    parser.add_argument("--effort", type=int, default=1)
    parser.add_argument("--time-limit", type=float, default=None, metavar="S")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("-o", "--output", type=Path, default=None, help="where the plan is written")
    arguments = parser.parse_args()
    started_s = time.perf_counter()
    spec = load_mission(arguments.mission)
    if arguments.of:
        spec = nearest_bases(spec, arguments.of)
    order = SolveOrder(
        spec=spec,
        spec_sha256=spec_sha256(spec),
        effort=None if arguments.time_limit is not None else arguments.effort,
        time_limit_s=arguments.time_limit,
        workers=arguments.workers,
    )
    with PeakMemory() as memory:
        plan = solve(order, lambda _: None)
        if arguments.output is not None:
            write_plan(plan, arguments.output)
    wall_s = time.perf_counter() - started_s
    usage = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    cpu_s = sum(each.ru_utime + each.ru_stime for each in usage)
    result, kept_s = plan.result, overlapping_bound_s(spec)
    print(f"{len(spec.drones)} drones, {len(spec.bases)} bases, {len(plan.sorties)} sorties, {result.length_m / 1000:.0f} km flown")
    print(f"makespan {_clock(result.makespan_s)}, coverage {result.coverage:.4f}, {len(plan.violations)} violations")
    print(f"bound of any plan {_clock(result.makespan_bound_s)}: {_over(result.makespan_s, result.makespan_bound_s)}")
    print(f"bound of plans that keep the side overlap {_clock(kept_s)}: {_over(result.makespan_s, kept_s)}")
    alike_s = overlapping_bound_s(replace(spec, min_coverage=max(spec.min_coverage, result.coverage)))
    print(f"bound of plans that also see as much {_clock(alike_s)}: {_over(result.makespan_s, alike_s)}")
    print(", ".join(f"{kind} {part:.1%}" for kind, part in time_spent(plan).items()))
    print(f"{wall_s:.1f} s wall, {cpu_s:.1f} s CPU, {memory.most_kib / 2**20:.2f} GiB at once, {arguments.workers} workers")
    return 1 if plan.violations else 0


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 3600}:{int(seconds) % 3600 // 60:02d}:{int(seconds) % 60:02d}"


def _over(makespan_s: float, bound_s: float) -> str:
    return f"{100 * (makespan_s / bound_s - 1):.1f} % above it" if bound_s > 0 else "says nothing" if math.isfinite(makespan_s) else ""


if __name__ == "__main__":
    sys.exit(main())
