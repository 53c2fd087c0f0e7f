"""Run the planner in a process of its own, with progress through a pipe, so that nothing else waits and cancelling is certain.

OR-Tools holds Python's lock for the length of a solve, so a thread would not do. The child and everything it starts
form one process group that is killed as a whole; should this program be killed itself, each of them notices and ends.
"""

from __future__ import annotations

import atexit
import contextlib
import importlib
import multiprocessing
import os
import signal
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from types import TracebackType
from typing import Final, Self

from missions.cluster import ClusterError, connect
from missions.cluster_address import Cluster
from missions.cluster_jobs import is_dropped
from missions.errors import InputError
from missions.worker_processes import WorkerProcesses, end_with_parent
from planner.errors import PlannerError
from planner.executor import Executor, Executors, InTurn
from planner.model import MissionSpec, Plan
from planner.progress import Progress

#: `module:function` of what is run; a name, so that the parent need not import it.
PLANNER: Final = "planner.pipeline:plan_mission"

_spawn = multiprocessing.get_context("spawn")


@dataclass(frozen=True, kw_only=True, slots=True)
class SolveOrder:
    """What is to be planned, and how: `effort` (1..5) is reproducible, `time_limit_s` is not and replaces it.

    A `cluster` does all the work instead of `workers` processes here; `clusters` do what concerns their own nations alone.
    """

    spec: MissionSpec
    spec_sha256: str
    seed: int = 0
    effort: int | None = 3
    time_limit_s: float | None = None
    workers: int = 1
    cluster: Cluster | None = None
    clusters: Mapping[str, Cluster] = field(default_factory=dict)
    function: str = PLANNER


@dataclass(frozen=True, slots=True)
class SolveProgress:
    """How far the planning is."""

    progress: Progress


@dataclass(frozen=True, slots=True)
class SolveDone:
    """The plan is there."""

    plan: Plan


@dataclass(frozen=True, slots=True)
class SolveRefused:
    """The mission cannot be planned at all; the text says why."""

    text: str


@dataclass(frozen=True, slots=True)
class SolveUnserved:
    """A cluster that was to do the work cannot; the text says why, `mend` what to do."""

    scheduler: str
    text: str
    mend: str


@dataclass(frozen=True, slots=True)
class SolveCrashed:
    """A defect of the planner, or the system ended its process."""

    text: str
    traceback: str = ""


@dataclass(frozen=True, slots=True)
class SolveCancelled:
    """The user asked for it; there is no plan."""


SolveOutcome = SolveDone | SolveRefused | SolveUnserved | SolveCrashed | SolveCancelled
SolveEvent = SolveProgress | SolveOutcome


class SolverCrashError(RuntimeError):
    """The planner failed for a reason that is not the mission's."""

    def __init__(self, crash: SolveCrashed) -> None:
        super().__init__(f"{crash.text}\n{crash.traceback}".rstrip())


class SolveJob:
    """One planning in a child process. `start()`, then `poll()` now and then until `outcome` is there.

    Use it as a context manager, or call `cancel()` when done with it: no process outlives either.
    """

    def __init__(self, order: SolveOrder) -> None:
        self.outcome: SolveOutcome | None = None
        self._order = order
        self._process: SpawnProcess | None = None
        self._pipe: Connection | None = None

    def start(self) -> None:
        """Start the child. May be called once."""
        if self._process is not None:
            raise RuntimeError("a job is started once")
        self._pipe, theirs = _spawn.Pipe(duplex=False)
        self._process = _spawn.Process(target=_child, args=(theirs, self._order), name="jointpatrol-solver")
        atexit.register(self.cancel)
        self._process.start()
        theirs.close()

    def poll(self) -> list[SolveEvent]:
        """What happened since the last call, in order, without waiting. The last event of a job is its outcome."""
        events: list[SolveEvent] = []
        while self.outcome is None and self._pipe is not None and self._pipe.poll():
            events.append(self._next(self._pipe))
        if self.outcome is not None:
            self._end()
        return events

    def wait(self, timeout_s: float | None = None) -> list[SolveEvent]:
        """As `poll`, after waiting until something happened or the time is over."""
        if self.outcome is None and self._pipe is not None:
            wait([self._pipe], timeout_s)
        return self.poll()

    def cancel(self) -> None:
        """End the child and all it started, at once. Harmless when it is over."""
        if self.outcome is None:
            self.outcome = SolveCancelled()
        self._end()

    @property
    def result(self) -> Plan | None:
        """The plan, once it is there."""
        return self.outcome.plan if isinstance(self.outcome, SolveDone) else None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.cancel()

    def _next(self, pipe: Connection) -> SolveEvent:
        try:
            event: SolveEvent = pipe.recv()
        except EOFError:
            event = SolveCrashed(f"the solver process ended by itself (exit code {self._exit_code()})")
        if not isinstance(event, SolveProgress):
            self.outcome = event
        return event

    def _exit_code(self) -> int | None:
        assert self._process is not None
        self._process.join(timeout=5.0)
        return self._process.exitcode

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None or process.pid is None:
            return
        atexit.unregister(self.cancel)
        _kill_group(process.pid)
        process.kill()
        process.join()
        process.close()
        if self._pipe is not None:
            self._pipe.close()


def solve(order: SolveOrder, on_progress: Callable[[Progress], None]) -> Plan:
    """Plan a mission and wait for it.

    Raises PlannerError as the planner does, InputError for a cluster that cannot be used, and SolverCrashError for defects.
    """
    with SolveJob(order) as job:
        while job.outcome is None:
            for event in job.wait():
                if isinstance(event, SolveProgress):
                    on_progress(event.progress)
        match job.outcome:
            case SolveDone(plan):
                return plan
            case SolveRefused(text):
                raise PlannerError(text)
            case SolveUnserved(scheduler, text, mend):
                raise InputError(f"{scheduler}: {text}", key="--cluster", value=scheduler, mend=mend)
            case SolveCrashed():
                raise SolverCrashError(job.outcome)
            case SolveCancelled():
                raise RuntimeError("cancelled by nobody")


def usable_cores() -> int:
    """Processor cores this program may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@dataclass(frozen=True, slots=True)
class Deadline:
    """Whether the time is over, or nobody waits any more; sent to other processes, so it is told by the system's clock."""

    at_s: float | None

    def __call__(self) -> bool:
        return (self.at_s is not None and time.time() >= self.at_s) or is_dropped()


def _child(pipe: Connection, order: SolveOrder) -> None:
    """The whole life of the solver process: everything it has to say goes through the pipe."""
    # Ctrl-C is the parent's to judge; a group of its own keeps the terminal from sending it here
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(os, "setpgrp"):
        os.setpgrp()
    end_with_parent()
    try:
        pipe.send(_outcome(pipe, order))
    except BrokenPipeError:
        return  # nobody waits any more
    pipe.close()


def _outcome(pipe: Connection, order: SolveOrder) -> SolveOutcome:
    try:
        return SolveDone(_plan(pipe, order))
    except PlannerError as error:
        return SolveRefused(str(error))
    except ClusterError as error:
        return SolveUnserved(error.scheduler, error.text, error.mend)
    except BrokenPipeError:
        raise
    except Exception as error:  # noqa: BLE001  # this process's supervisor: a defect is told to the parent, which has the terminal
        return SolveCrashed(f"{type(error).__name__}: {error}", traceback.format_exc())


def _plan(pipe: Connection, order: SolveOrder) -> Plan:
    started_s = time.perf_counter()
    module, _, name = order.function.partition(":")
    executors = _executors(order)
    try:
        for each in (executors.common, *executors.own.values()):
            each.map(_load, [module] * each.workers)
        # OR-Tools comes with it, and only the child needs that
        from planner.pipeline import PlanParams

        effort = None if order.time_limit_s is not None else order.effort
        plan_mission: Callable[..., Plan] = getattr(importlib.import_module(module), name)
        plan = plan_mission(
            order.spec,
            order.spec_sha256,
            PlanParams(seed=order.seed, effort=effort, time_limit_s=order.time_limit_s, workers=executors.workers),
            on_progress=lambda progress: pipe.send(SolveProgress(progress)),
            should_stop=Deadline(None if order.time_limit_s is None else time.time() + order.time_limit_s - _after_search_s(order)),
            executors=executors,
        )
    finally:
        executors.cancel()
    return replace(plan, solver=replace(plan.solver, seconds=time.perf_counter() - started_s))


#: What launch times, figures and the check take after the search, by drone, and at most of the whole time.
_AFTER_SEARCH_S = 0.12
_AFTER_SEARCH_PART = 0.25


def _after_search_s(order: SolveOrder) -> float:
    """What is left of a time limit for all that follows the search."""
    return min(1.0 + _AFTER_SEARCH_S * len(order.spec.drones), _AFTER_SEARCH_PART * (order.time_limit_s or 0.0))


def _load(module: str) -> None:
    """What a worker will need, while there is nothing else for it to do."""
    importlib.import_module(module)


def _executors(order: SolveOrder) -> Executors:
    """What does the work; clusters are connected to one after the other, and let go of again when one cannot be used."""
    timed = order.time_limit_s is not None
    if order.cluster is not None:
        return Executors(common=connect(order.cluster, timed=timed))
    own: dict[str, Executor] = {}
    try:
        for nation, cluster in order.clusters.items():
            own[nation] = connect(cluster, timed=timed)
    except ClusterError:
        for each in own.values():
            each.cancel()
        raise
    return Executors(common=WorkerProcesses(order.workers) if order.workers > 1 else InTurn(), own=own)


def _kill_group(pid: int) -> None:
    if not hasattr(os, "killpg"):
        return
    # not there yet, or already gone; the child itself is killed by its handle as well
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)
