"""Plan thousands of random missions and have the checker judge each: `python -m benchmarks.random_areas --count N --seed S`.

A plan fails when planning raises, when the checker finds a violation, when its bound is above what it found, or when ground is
missing that it does not name. Too little coverage is no failure when the named ground explains it. Failures are printed with
their seed; the run ends with 1 when there are any.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context

import shapely

from benchmarks.random_missions import random_mission
from planner.check import check_plan, measure_coverage
from planner.coverage import planned_coverage
from planner.geo import LocalFrame
from planner.model import MissionSpec, Plan, Rule
from planner.pipeline import PlanParams, plan_mission

#: Forgiven to bounds: the checker's own rounding.
_ROUNDING = 1e-6
#: Both codes that measure coverage agree this well.
_COVERAGE_AGREES = 1e-6


@dataclass(frozen=True, kw_only=True, slots=True)
class Judgement:
    """One mission's outcome: what is wrong with its plan (nothing, one hopes) and its figures."""

    seed: int
    seconds: float
    faults: tuple[str, ...]
    lanes: int = 0
    sorties: int = 0
    coverage: float = 0.0
    unreachable: int = 0


def judge_seed(seed: int, effort: int = 1) -> Judgement:
    """Plan and judge the mission of a seed. Any exception is a fault: that is what this run looks for."""
    spec = random_mission(seed)
    started_s = time.perf_counter()
    try:
        plan = plan_mission(spec, "0" * 64, PlanParams(effort=effort))
        faults = tuple(faults_of(spec, plan))
    except Exception as error:  # noqa: BLE001
        return Judgement(seed=seed, seconds=time.perf_counter() - started_s, faults=(f"{type(error).__name__}: {error}",))
    return Judgement(
        seed=seed,
        seconds=time.perf_counter() - started_s,
        faults=faults,
        lanes=len(plan.lanes),
        sorties=len(plan.sorties),
        coverage=plan.result.coverage,
        unreachable=len(plan.unreachable),
    )


def faults_of(spec: MissionSpec, plan: Plan) -> Iterator[str]:
    """What is wrong with a plan."""
    explained = coverage_with_named(plan) >= spec.min_coverage
    for violation in check_plan(plan):
        if not (explained and violation.rule is Rule.COVERAGE and violation.subject == "coverage"):
            yield f"{violation.rule.value} {violation.subject}: {violation.text}"
    result = plan.result
    if result.coverage >= spec.min_coverage and result.makespan_s < result.makespan_bound_s * (1 - _ROUNDING):
        yield f"makespan {result.makespan_s:.3f} s is below its bound of {result.makespan_bound_s:.3f} s"
    if result.coverage >= spec.min_coverage and result.length_m < result.length_bound_m * (1 - _ROUNDING):
        yield f"length {result.length_m:.1f} m is below its bound of {result.length_bound_m:.1f} m"
    figures, report = measure_coverage(plan), planned_coverage(plan)
    if abs(figures.covered_m2 - report.covered_m2) > _COVERAGE_AGREES * figures.area_m2:
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
    seconds = sorted(each.seconds for each in judgements)
    lines = [
        f"{len(judgements)} missions, {len(failed)} with faults",
        f"{sum(1 for each in judgements if each.unreachable)} with unreachable ground",
        f"lanes {sum(each.lanes for each in judgements)}, sorties {sum(each.sorties for each in judgements)}",
        f"seconds: median {seconds[len(seconds) // 2]:.2f}, largest {seconds[-1]:.2f}, sum {sum(seconds):.0f}",
    ]
    return "\n".join([*lines, *(f"{count} x {kind}" for kind, count in kinds.most_common())])


def _judged(seeds: range, effort: int, workers: int) -> Iterator[Judgement]:
    """In the order of the seeds."""
    if workers == 1:
        yield from (judge_seed(seed, effort) for seed in seeds)
        return
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        yield from pool.map(judge_seed, seeds, [effort] * len(seeds), chunksize=4)


def main() -> int:
    parser = argparse.ArgumentParser(description="Plan random missions and have the checker judge each.")
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0, help="the first seed")
    parser.add_argument("--effort", type=int, default=1)
    parser.add_argument("--workers", type=int, default=1)
    arguments = parser.parse_args()
    judgements = []
    for judgement in _judged(range(arguments.seed, arguments.seed + arguments.count), arguments.effort, arguments.workers):
        judgements.append(judgement)
        for fault in judgement.faults:
            print(f"seed {judgement.seed}: {fault}", flush=True)
        if len(judgements) % 100 == 0:
            print(f"... {len(judgements)} judged", flush=True)
    print(report(judgements))
    return 1 if any(each.faults for each in judgements) else 0


if __name__ == "__main__":
    sys.exit(main())
