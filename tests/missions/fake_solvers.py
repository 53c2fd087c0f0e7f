"""Stand-ins for the planner, found by name in the solver process: each behaves in one of the ways the planner can."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from dataclasses import replace

from planner.errors import PlannerError
from planner.executor import Executors
from planner.model import MissionSpec, Plan
from planner.pipeline import PlanParams, Progress
from tests.missions.sample_patrol import sample_plan

OnProgress = Callable[[Progress], None]
ShouldStop = Callable[[], bool]

_FOR_EVER_S = 600.0


def _plan(spec: MissionSpec, spec_sha256: str, params: PlanParams) -> Plan:
    plan = sample_plan()
    solver = replace(plan.solver, seed=params.seed, effort=params.effort, workers=params.workers, seconds=0.0)
    return replace(plan, name=spec.name, spec_sha256=spec_sha256, solver=solver)


def quick(
    spec: MissionSpec, spec_sha256: str, params: PlanParams, *, on_progress: OnProgress, should_stop: ShouldStop, executors: Executors
) -> Plan:
    """Three steps, and done."""
    del should_stop, executors
    for step in range(3):
        on_progress(Progress(f"step {step}", step / 2, None, 60.0))
    return _plan(spec, spec_sha256, params)


def until_stopped(
    spec: MissionSpec, spec_sha256: str, params: PlanParams, *, on_progress: OnProgress, should_stop: ShouldStop, executors: Executors
) -> Plan:
    """Tells its process id, then searches until it is told to stop."""
    del executors
    on_progress(Progress(str(os.getpid()), 0.0))
    never = threading.Event()
    while not should_stop():
        never.wait(0.01)
    return _plan(spec, spec_sha256, params)


def with_workers(
    spec: MissionSpec, spec_sha256: str, params: PlanParams, *, on_progress: OnProgress, should_stop: ShouldStop, executors: Executors
) -> Plan:
    """Tells the process ids of its workers, then has them work for ever."""
    del should_stop
    workers = set(executors.common.map(_rest, [0.2] * params.workers))
    on_progress(Progress(",".join(map(str, (os.getpid(), *workers))), 0.0))
    next(executors.common.map(_rest, [_FOR_EVER_S]))
    return _plan(spec, spec_sha256, params)


def refuse(*_: object, **__: object) -> Plan:
    """The mission cannot be planned."""
    raise PlannerError("no drone can fly against 11 m/s")


def crash(*_: object, **__: object) -> Plan:
    """A defect."""
    raise ZeroDivisionError("of the planner")


def die(*_: object, **__: object) -> Plan:
    """The system ends the process."""
    os._exit(9)


def _rest(seconds: float) -> int:
    threading.Event().wait(seconds)
    return os.getpid()
