"""Planners for the solver process that answer at once, never, or badly."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace

from planner.errors import PlannerError
from planner.executor import ALONE, Executors
from planner.model import MissionSpec, Plan, Rule, Violation
from planner.pipeline import PlanParams, Progress
from tests.missions.control.plans import layered_plan

OnProgress = Callable[[Progress], None]
ShouldStop = Callable[[], bool]

PLACE = Violation(rule=Rule.KEEP_OUT, subject="ald-west-1.1", amount=3.0, unit="m", text="enters mast", lat_deg=47.501, lon_deg=18.993)


def quick(
    spec: MissionSpec,
    _spec_sha256: str,
    _params: PlanParams,
    *,
    on_progress: OnProgress,
    should_stop: ShouldStop,
    executors: Executors = ALONE,
) -> Plan:
    """The sample patrol with a violation, under the mission's name."""
    del should_stop, executors
    on_progress(Progress("routes of ALD", 0.5, 1200.0, 600.0))
    return replace(layered_plan(), name=spec.name, violations=(PLACE,))


def endless(
    _spec: MissionSpec,
    _spec_sha256: str,
    _params: PlanParams,
    *,
    on_progress: OnProgress,
    should_stop: ShouldStop,
    executors: Executors = ALONE,
) -> Plan:
    """Says how far it is, and never comes to an end."""
    del should_stop, executors
    on_progress(Progress("routes of ALD", 0.25, 1200.0, 600.0))
    threading.Event().wait()
    raise AssertionError


def refusing(
    _spec: MissionSpec,
    _spec_sha256: str,
    _params: PlanParams,
    *,
    on_progress: OnProgress,
    should_stop: ShouldStop,
    executors: Executors = ALONE,
) -> Plan:
    del on_progress, should_stop, executors
    raise PlannerError("no drone reaches the area")
