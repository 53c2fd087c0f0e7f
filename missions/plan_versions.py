"""The plans of a patrol that was planned anew in flight: plan.json is the one that is flown, plan-0.json the one it began with."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from missions.folders import write_whole
from missions.plan_file import plan_bytes, read_plan
from planner.model import Plan

PLAN_FILE: Final = "plan.json"


def keep_plan(folder: Path, plan: Plan, number: int) -> bytes:
    """Make proposal `number` the plan that is flown; what plan.json holds then."""
    first = _version(folder, 0)
    if not first.exists():
        write_whole(first, (folder / PLAN_FILE).read_bytes())
    content = plan_bytes(plan)
    write_whole(_version(folder, number), content)
    write_whole(folder / PLAN_FILE, content)
    return content


def first_plan(folder: Path) -> Plan:
    """What the patrol began with. Raises InputError."""
    first = _version(folder, 0)
    return read_plan(str(first if first.exists() else folder / PLAN_FILE))


def plan_version(folder: Path, number: int) -> Plan:
    """The plan of a proposal that was accepted. Raises InputError."""
    return read_plan(str(_version(folder, number)))


def forget_versions(folder: Path) -> None:
    """For a patrol that begins anew in the folder of another."""
    for path in folder.glob("plan-*.json"):
        path.unlink()


def _version(folder: Path, number: int) -> Path:
    return folder / f"plan-{number}.json"
