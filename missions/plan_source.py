"""A plan, wherever it comes from: read from a plan file, or computed from a mission."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from missions.errors import InputError
from missions.mission_file import load_mission
from missions.plan_file import read_plan
from missions.solve import SolveOrder, solve, usable_cores
from missions.spec_hash import spec_sha256
from planner.errors import PlannerError
from planner.model import MissionSpec, Plan

ShowProgress = Callable[[str, float], None]


def is_plan(what: str) -> bool:
    """Plans are JSON and missions are not; the name decides when there is no such file."""
    try:
        with Path(what).open("rb") as file:
            return file.read(4096).lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{")
    except (OSError, ValueError):
        return what.endswith(".json")


def read_plan_or_mission(what: str) -> Plan | MissionSpec:
    """What a plan file, a mission file, its folder or a scenario's name stands for. Raises InputError."""
    return read_plan(what) if is_plan(what) else load_mission(what)


def plan_from(what: str, show: ShowProgress, *, seed: int = 0, effort: int = 3) -> Plan:
    """The plan itself, computed first when a mission is given, by all cores. Raises InputError."""
    source = read_plan_or_mission(what)
    if isinstance(source, Plan):
        return source
    order = SolveOrder(spec=source, spec_sha256=spec_sha256(source), seed=seed, effort=effort, workers=usable_cores())
    try:
        return solve(order, lambda progress: show(progress.stage, progress.fraction))
    except PlannerError as error:
        raise InputError(str(error), file=what, mend="correct the mission file") from error
