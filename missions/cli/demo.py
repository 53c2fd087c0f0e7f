"""`jointpatrol demo`: plan the training border and fly it on embedded vehicles, in the desktop where there is one."""

from __future__ import annotations

import os
import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING, Annotated, Final

import typer

from missions.cli.fly import ForceOption, ReportOption, flown, report_folder, told
from missions.cli.output import JsonFlag, print_note, progress_bar

if TYPE_CHECKING:
    from pathlib import Path

    from planner.model import Plan

SCENARIO: Final = "training"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("demo")(demo)


def demo(
    headless: Annotated[bool, typer.Option("--headless", help="Never open the desktop.")] = False,
    report: ReportOption = None,
    force: ForceOption = False,
    json: JsonFlag = False,
) -> None:
    """Plan the training border, fly it on embedded vehicles as fast as they go, and report.

    Opens the desktop on the plan that was flown when there is a display. Exit codes as for `fly`.
    """
    from missions.fly import FlightOrder
    from missions.plan_source import plan_from
    from missions.vehicles import Embedded

    with progress_bar("planning") as show:
        plan = plan_from(SCENARIO, show)
    _tell_plan(plan)
    folder = report_folder(report, plan, force=force)
    end = flown(FlightOrder(plan=plan, vehicles=Embedded(), folder=folder))
    code = told(end, folder, json=json)
    if end.interrupted is None and not headless and not json and has_desktop():
        _open_desktop(folder)
    raise typer.Exit(code)


def has_desktop() -> bool:
    """Whether there is a display to show a window on, and the package that would draw it."""
    shown = sys.platform in {"win32", "darwin"} or os.environ.get("WAYLAND_DISPLAY") or os.environ.get("DISPLAY")
    return bool(shown) and find_spec("PyQt6") is not None and find_spec("gui") is not None


def _tell_plan(plan: Plan) -> None:
    from missions.cli.flight_view import clock

    result = plan.result
    print_note(
        f"{plan.name}: {len(plan.drones)} drones, {len(plan.sorties)} sorties, {clock(result.makespan_s)} of flight, "
        f"{100 * result.coverage:.2f} % to be seen"
    )


def _open_desktop(folder: Path) -> None:
    """The window is the `gui` command's; a second program, because it may be missing or fail without harm to this one."""
    from missions.cli.program import main
    from missions.plan_versions import PLAN_FILE

    print_note("opening the desktop; close its window to end")
    main(["gui", str(folder / PLAN_FILE)])
