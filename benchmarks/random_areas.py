"""Plan thousands of random missions and have the checker judge each: `python -m benchmarks.random_areas --seeds A:B`.

A plan fails when planning raises, when the checker finds a violation, when its bound is above what it found, or when ground is
missing that it does not name. Too little coverage is no failure when the named ground explains it, and a mission that is refused
with a `PlannerError` has its reason. Failures are printed with their seed, each of which runs alone as `--seeds A`; the run ends
with 1 when there are any. Shards of seeds add up: 0:5000 on one machine and 5000:10000 on another are 0:10000.
"""

from __future__ import annotations

import argparse
import math
import re
import sys
import time
import traceback
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path

import shapely

from benchmarks.random_missions import DEFAULT_RANGES, SMALL_RANGES, MissionRanges, random_mission
from planner.check import check_plan, measure_coverage
from planner.coverage import planned_coverage
from planner.errors import PlannerError
from planner.geo import LocalFrame
from planner.model import MissionSpec, Plan, Rule
from planner.pipeline import PlanParams, plan_mission

#: Forgiven to bounds: the checker's own rounding.
_ROUNDING = 1e-6
#: Both codes that measure coverage agree this well, and along outlines to two steps of the grids on which they overlay.
_COVERAGE_AGREES = 1e-6
_GRID_STEPS_M = 2e-6


@dataclass(frozen=True, kw_only=True, slots=True)
class Judgement:
    """One mission's outcome: what is wrong with its plan (nothing, one hopes) and its figures; `refused` says why there is none.

    `nations` are those that fly; `named` maps the reasons of ground that stays unseen to their part of the area.
    """

    seed: int
    cpu_s: float
    faults: tuple[str, ...]
    refused: str = ""
    lanes: int = 0
    sorties: int = 0
    nations: int = 0
    legs: int = 0
    coverage: float = 0.0
    named: tuple[tuple[str, float], ...] = ()


def judge_seed(seed: int, effort: int = 1, ranges: MissionRanges = DEFAULT_RANGES) -> Judgement:
    """Plan and judge the mission of a seed. Any exception but a `PlannerError` is a fault: that is what this run looks for."""
    spec = random_mission(seed, ranges)
    started_s = time.process_time()
    try:
        plan = plan_mission(spec, "0" * 64, PlanParams(effort=effort))
        faults = tuple(faults_of(spec, plan))
    except PlannerError as error:
        return Judgement(seed=seed, cpu_s=time.process_time() - started_s, faults=(), refused=str(error))
    except Exception as error:  # noqa: BLE001
        where = traceback.extract_tb(error.__traceback__)[-1]
        text = f"{type(error).__name__} in {Path(where.filename).name}:{where.lineno}: {error}"
        return Judgement(seed=seed, cpu_s=time.process_time() - started_s, faults=(text,))
    return Judgement(
        seed=seed,
        cpu_s=time.process_time() - started_s,
        faults=faults,
        lanes=len(plan.lanes),
        sorties=len(plan.sorties),
        nations=len({sortie.nation for sortie in plan.sorties}),
        legs=sum(len(sortie.legs) for sortie in plan.sorties),
        coverage=plan.result.coverage,
        named=tuple(_named_parts(plan)),
    )


def _named_parts(plan: Plan) -> Iterator[tuple[str, float]]:
    frame = LocalFrame.around([plan.area])
    area_m2 = frame.ground(plan.area).area
    for each in plan.unreachable:
        yield each.reason, frame.ground(each.polygon).area / area_m2


def faults_of(spec: MissionSpec, plan: Plan) -> Iterator[str]:
    """What is wrong with a plan."""
    explained = coverage_with_named(plan) >= spec.min_coverage
    # By the mission's own claims and consents, which the planner has settled in the plan's.
    claimed = replace(plan, nations=spec.nations, permissions=spec.permissions)
    yield from (f"by the claims of the mission: {each.text}" for each in check_plan(claimed) if each.rule is Rule.AIRSPACE)
    for violation in check_plan(plan):
        if not (explained and violation.rule is Rule.COVERAGE and violation.subject == "coverage"):
            yield f"{violation.rule.value} {violation.subject}: {violation.text}"
    result = plan.result
    if result.coverage >= spec.min_coverage and result.makespan_s < result.makespan_bound_s * (1 - _ROUNDING):
        yield f"makespan {result.makespan_s:.3f} s is below its bound of {result.makespan_bound_s:.3f} s"
    if result.coverage >= spec.min_coverage and result.length_m < result.length_bound_m * (1 - _ROUNDING):
        yield f"length {result.length_m:.1f} m is below its bound of {result.length_bound_m:.1f} m"
    figures, report = measure_coverage(plan), planned_coverage(plan)
    outline_m = LocalFrame.around([plan.area]).ground(plan.coverable).length
    if abs(figures.covered_m2 - report.covered_m2) > _COVERAGE_AGREES * figures.area_m2 + _GRID_STEPS_M * outline_m:
        yield f"the checker sees {figures.covered_m2:.3f} m2 covered, the planner {report.covered_m2:.3f}"


def coverage_with_named(plan: Plan) -> float:
    """The part of the coverable ground that is covered or named unreachable."""
    frame = LocalFrame.around([plan.area])
    coverable = frame.ground(plan.coverable)
    missed = frame.ground(planned_coverage(plan).missed)
    named = shapely.union_all([frame.ground(each.polygon) for each in plan.unreachable])
    return 1.0 if coverable.area == 0 else 1 - missed.difference(named).area / coverable.area


def report(judgements: Sequence[Judgement]) -> str:
    """The run in a few lines."""
    failed = [each for each in judgements if each.faults]
    kinds = Counter(fault.split(" ", 1)[0] for each in failed for fault in each.faults)
    seconds = sorted(each.cpu_s for each in judgements)
    reasons: dict[str, list[float]] = defaultdict(list)
    for each in judgements:
        for reason, part in each.named:
            reasons[_kind_of(reason)].append(part)
    lines = [
        f"{len(judgements)} missions, {len(failed)} with faults, {sum(1 for each in judgements if each.refused)} refused with a reason",
        f"{sum(1 for each in judgements if each.named)} with named ground, {sum(1 for each in judgements if each.lanes)} with lanes",
        f"lanes {sum(each.lanes for each in judgements)}, sorties {sum(each.sorties for each in judgements)}, "
        f"legs {sum(each.legs for each in judgements)}",
        f"{sum(1 for each in judgements if each.nations > 1)} in which several nations fly",
        f"CPU seconds: median {seconds[len(seconds) // 2]:.2f}, largest {seconds[-1]:.2f}, mean {sum(seconds) / len(seconds):.2f}",
    ]
    named = [
        f"named in {len(parts)} missions, {sum(parts) / len(parts):.0%} of the area on average: {reason}"
        for reason, parts in sorted(reasons.items(), key=lambda item: -len(item[1]))
    ]
    return "\n".join([*lines, *named, *(f"{count} x {kind}" for kind, count in kinds.most_common())])


def _kind_of(reason: str) -> str:
    """The reason without names and numbers."""
    return re.sub(r"\b([A-D](-\d+)*|[A-Za-z]\d+|\d[\d.]*)\b", "_", reason)


def _judged(seeds: range, effort: int, ranges: MissionRanges, workers: int) -> Iterator[Judgement]:
    """In the order of the seeds."""
    if workers == 1:
        yield from (judge_seed(seed, effort, ranges) for seed in seeds)
        return
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        yield from pool.map(judge_seed, seeds, [effort] * len(seeds), [ranges] * len(seeds), chunksize=4)


def _seeds(text: str) -> range:
    first, _, end = text.partition(":")
    return range(int(first), int(end) if end else int(first) + 1)


def main() -> int:
    parser = argparse.ArgumentParser(description="Plan random missions and have the checker judge each.")
    parser.add_argument("--seeds", type=_seeds, default=range(200), metavar="A:B", help="from A to before B, or one seed (0:200)")
    parser.add_argument("--effort", type=int, default=1)
    parser.add_argument("--small", action="store_true", help="small worlds, of which more fit into an hour (seeds of their own)")
    parser.add_argument(
        "--nations", type=int, default=DEFAULT_RANGES.most_nations, help="at most; with 1 areas alone are tried (seeds of their own)"
    )
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--limit", type=float, default=math.inf, metavar="S", help="begin no further mission after so many seconds")
    parser.add_argument("--slow", type=float, default=math.inf, metavar="S", help="also print seeds that take more CPU seconds")
    arguments = parser.parse_args()
    ranges = replace(SMALL_RANGES if arguments.small else DEFAULT_RANGES, most_nations=arguments.nations)
    judgements: list[Judgement] = []
    started_s = time.monotonic()
    for judgement in _judged(arguments.seeds, arguments.effort, ranges, arguments.workers):
        judgements.append(judgement)
        for fault in judgement.faults:
            print(f"seed {judgement.seed}: {fault}", flush=True)
        if judgement.cpu_s > arguments.slow:
            print(f"seed {judgement.seed}: {judgement.cpu_s:.1f} s, {judgement.lanes} lanes", flush=True)
        if time.monotonic() - started_s > arguments.limit:
            break
    print(f"seeds {judgements[0].seed}:{judgements[-1].seed + 1}" if judgements else "no seeds")
    print(report(judgements) if judgements else "")
    return 1 if any(each.faults for each in judgements) else 0


if __name__ == "__main__":
    sys.exit(main())
