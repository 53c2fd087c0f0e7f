"""One mission planned by Dask clusters of one and of more workers: `python -m benchmarks.cluster [MISSION] [--effort N] [--workers 2]`.

Printed are seconds of the wall from the connected cluster to the checked plan (T1, T2), the efficiency T1 / (workers T2), and whether
plans are the same. Wall times mean something only on an idle machine. What holds on a busy one is worked out from processor time:
each job's on its worker and the client's between them, laid out again as if nobody else were there (jobs in their order, each to whichever
worker is free first). `--plan FILE` also writes the plan.
"""

from __future__ import annotations

import argparse
import heapq
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TypeVar

from benchmarks.local_cluster import LocalCluster
from benchmarks.long_border import nearest_bases
from missions.cluster import connect
from missions.mission_file import load_mission
from missions.plan_file import plan_bytes, write_plan
from missions.spec_hash import spec_sha256
from planner.executor import Executor, Executors
from planner.model import MissionSpec, Plan
from planner.pipeline import PlanParams, plan_mission

J = TypeVar("J")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Asked:
    """The client asked for jobs when it had worked so long."""

    client_s: float
    first: int
    count: int


@dataclass(frozen=True, slots=True)
class Awaited:
    """The client wanted a job's result when it had worked so long."""

    client_s: float
    job: int


@dataclass
class Timed:
    """An executor that notes what the client and the jobs took of the processor."""

    inner: Executor
    job_s: dict[int, float] = field(default_factory=dict)
    events: list[Asked | Awaited] = field(default_factory=list)
    _asked: int = 0

    @property
    def workers(self) -> int:
        return self.inner.workers

    def map(self, function: Callable[[J], R], jobs: Iterable[J], /) -> Iterator[R]:
        todo = list(jobs)
        first, self._asked = self._asked, self._asked + len(todo)
        self.events.append(Asked(time.process_time(), first, len(todo)))
        return self._results(self.inner.map(partial(timed, function=function), todo), first)

    def _results(self, results: Iterator[tuple[R, float]], first: int) -> Iterator[R]:
        number = first
        while True:
            self.events.append(Awaited(time.process_time(), number))
            try:
                result, self.job_s[number] = next(results)
            except StopIteration:
                self.events.pop()
                return
            number += 1
            yield result

    def cancel(self) -> None:
        self.inner.cancel()


def timed(job: J, *, function: Callable[[J], R]) -> tuple[R, float]:
    """The job's result, and its processor time."""
    started_s = time.thread_time()
    return function(job), time.thread_time() - started_s


def laid_out_s(events: Sequence[Asked | Awaited], job_s: Mapping[int, float], began_s: float, ended_s: float, workers: int) -> float:
    """How long it takes with so many workers and a client that have a core each."""
    free_s = [0.0] * workers
    done_s: dict[int, float] = {}
    now_s, worked_s = 0.0, began_s
    for event in events:
        now_s, worked_s = now_s + event.client_s - worked_s, event.client_s
        match event:
            case Asked(_, first, count):
                for job in range(first, first + count):
                    done_s[job] = max(heapq.heappop(free_s), now_s) + job_s[job]
                    heapq.heappush(free_s, done_s[job])
            case Awaited(_, job):
                now_s = max(now_s, done_s[job])
    return now_s + ended_s - worked_s


@dataclass(frozen=True, slots=True)
class Run:
    """One planning: what it took of the wall, and what it would take alone on the machine, by number of workers."""

    plan: Plan
    wall_s: float
    client_s: float
    jobs_s: float
    jobs: int
    alone_s: Mapping[int, float]


def run(spec: MissionSpec, effort: int, workers: int, counts: Sequence[int]) -> Run:
    """A cluster of so many workers, started for it and warm."""
    with tempfile.TemporaryDirectory() as folder, LocalCluster(Path(folder), workers) as cluster:
        cluster.wait_for(workers)
        executor = Timed(connect(cluster.as_seen_by("planner")))
        list(executor.inner.map(_warm, range(4 * workers)))
        began_s, started_s = time.process_time(), time.perf_counter()
        plan = plan_mission(spec, spec_sha256(spec), PlanParams(effort=effort), executors=Executors(common=executor))
        wall_s, ended_s = time.perf_counter() - started_s, time.process_time()
        executor.cancel()
    return Run(
        plan=plan,
        wall_s=wall_s,
        client_s=ended_s - began_s,
        jobs_s=sum(executor.job_s.values()),
        jobs=len(executor.job_s),
        alone_s={count: laid_out_s(executor.events, executor.job_s, began_s, ended_s, count) for count in counts},
    )


def _warm(_: int) -> None:
    """Import the planner, and take long enough that no worker does all the warming."""
    import threading

    import planner.pipeline  # noqa: F401

    threading.Event().wait(0.2)


def main() -> int:
    parser = argparse.ArgumentParser(description="What a cluster of several workers gains over one worker.")
    parser.add_argument("mission", nargs="?", default="forty_ninth/long", help="a mission file, its folder, or a scenario's name")
    parser.add_argument("--of", type=int, default=0, metavar="N", help="only so many bases, and the border beside them")
    parser.add_argument("--effort", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--plan", type=Path, default=None, metavar="FILE")
    arguments = parser.parse_args()
    spec = load_mission(arguments.mission)
    if arguments.of:
        spec = nearest_bases(spec, arguments.of)
    several = arguments.workers
    one, more = (run(spec, arguments.effort, count, (1, several)) for count in (1, several))
    same = plan_bytes(one.plan) == plan_bytes(more.plan)
    for name, each in ((1, one), (several, more)):
        print(f"{name} worker(s): {each.wall_s:.1f} s wall; {each.jobs} jobs of {each.jobs_s:.1f} s CPU, client {each.client_s:.1f} s CPU")
    print(f"by the wall: T1 {one.wall_s:.2f} s, T{several} {more.wall_s:.2f} s, efficiency {one.wall_s / (several * more.wall_s):.3f}")
    for name, each in ((1, one), (several, more)):
        first_s, then_s = each.alone_s[1], each.alone_s[several]
        words = f"T1 {first_s:.2f} s, T{several} {then_s:.2f} s, efficiency {first_s / (several * then_s):.3f}"
        print(f"by processor time of the run with {name}: {words}")
    told, broken = "the same" if same else "NOT the same", len(one.plan.violations)
    print(f"plans are {told}: makespan {one.plan.result.makespan_s:.1f} s, {broken} violations")
    if arguments.plan is not None:
        write_plan(one.plan, arguments.plan)
    return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main())
