"""`jointpatrol fly`: fly a plan, or plan a mission and fly it; upload, verify, follow, land, report."""

from __future__ import annotations

import asyncio
import re
import sys
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from missions.cli.fly_route import fly_route_file, refuse_for_routes
from missions.cli.key_options import KeysOption
from missions.cli.output import JsonFlag, print_note, print_table, progress_bar, stdout_console
from missions.cli.vehicle_options import (
    FaultOption,
    LossOption,
    RuleOption,
    SeedOption,
    SetFailsafesOption,
    SignedOption,
    SpeedupOption,
    VehiclesOption,
    WindOption,
    chosen_vehicles,
    control_params,
    simulated_vehicles,
)
from missions.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable

    from missions.control.address import Address
    from missions.control.params import ControlParams
    from missions.fly import FlightEnd, FlightOrder
    from missions.identify import Identity
    from missions.report.account import FlightAccount
    from missions.vehicles import Real, Vehicles
    from planner.model import Plan

FLIGHTS: Final = Path("flights")
_CONFIRMATION: Final = "fly"

SourceArgument = Annotated[
    str | None,
    typer.Argument(
        metavar="MISSION_or_PLAN",
        show_default=False,
        help="A plan.json, or a mission, its folder or a scenario's name; or a route.",
    ),
]
ReportOption = Annotated[
    Path | None, typer.Option("--report", metavar="DIR", help="Where log and report go.", show_default="flights/<name>-<utc>/")
]
ForceOption = Annotated[bool, typer.Option("--force", help="Write into a folder that is not empty.")]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("fly")(fly)


def fly(
    what: SourceArgument = None,
    vehicles: VehiclesOption = "embedded",
    speedup: SpeedupOption = None,
    report: ReportOption = None,
    junit: Annotated[Path | None, typer.Option("--junit", metavar="FILE", help="Write the outcome as JUnit XML, too.")] = None,
    loss: LossOption = 0.0,
    seed: SeedOption = 0,
    fault: FaultOption = None,
    force: ForceOption = False,
    rule: RuleOption = "ask",
    wind: WindOption = None,
    signed: SignedOption = False,
    keys: KeysOption = None,
    set_failsafes: SetFailsafesOption = False,
    yes: Annotated[bool, typer.Option("--yes", help="Fly real vehicles without asking.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only see who answers and what would be sent; upload nothing.")] = False,
    resume: Annotated[
        Path | None,
        typer.Option("--resume", metavar="DIR", help="Go on with the patrol in this folder, whose mission control died."),
    ] = None,
    swath_m: Annotated[
        float | None, typer.Option("--swath-m", metavar="M", min=0.1, max=10_000, help="For a route: how wide a strip it is to see.")
    ] = None,
    json: JsonFlag = False,
) -> None:
    """Fly a patrol, to the report.

    A route of any ground station (.plan, WPL, a MAVLink script of export) is flown as its file has it, on one simulated vehicle, and
    held to its own way.

    Exit code 0 when it passed, 1 when not. Ctrl-C brings everyone home first and exits with 130; a second one leaves at once.
    """
    if resume is not None:
        if what is not None:
            raise InputError("is flown already", key="MISSION_or_PLAN", value=what, mend="leave it out: the folder has its plan")
        raise typer.Exit(resumed(resume, junit, control_params(rule), keys, json=json))
    if what is None:
        raise InputError("there is nothing to fly", key="MISSION_or_PLAN", mend="give a mission or a plan, or --resume DIR")
    from missions.routes.read import names_route

    if names_route(what):
        patrols = {
            "--report": report,
            "--junit": junit,
            "--wind": wind,
            "--keys": keys,
            "--signed": signed or None,
            "--dry-run": dry_run or None,
        }
        refuse_for_routes(patrols)
        choose = partial(simulated_vehicles, vehicles=vehicles, speedup=speedup, loss=loss, seed=seed, fault=fault)
        raise typer.Exit(fly_route_file(what, choose, swath_m=swath_m, json=json))
    if swath_m is not None:
        raise InputError("is for routes; a plan has its own swaths", key="--swath-m", value=swath_m, mend="leave it out")
    with progress_bar("planning") as show:
        from missions.plan_source import plan_from

        plan = plan_from(what, show, seed=seed)
    chosen = chosen_vehicles(plan, vehicles, speedup=speedup, loss=loss, seed=seed, fault=fault, signed=signed, keys=keys)
    _require_place_for(junit)
    if dry_run:
        raise typer.Exit(_dry_run(plan, chosen))
    params = control_params(rule)
    sets = require_consent(plan, chosen, yes=yes, wind_mps=wind, set_failsafes=set_failsafes)
    folder = report_folder(report, plan, force=force)
    from missions.fly import FlightOrder

    end = flown(FlightOrder(plan=plan, vehicles=chosen, folder=folder, junit=junit, params=params, sets_failsafes=sets))
    raise typer.Exit(told(end, folder, json=json))


def resumed(
    folder: Path, junit: Path | None = None, params: ControlParams | None = None, keys: str | None = None, *, json: bool = False
) -> int:
    """Somebody has consented to this patrol, and its drones are in the air: nobody is asked again. Returns the exit code."""
    from missions.cli.key_options import with_keys
    from missions.fly import FlightOrder
    from missions.resumption import plan_of
    from missions.vehicles_file import read_vehicles

    plan = plan_of(folder)
    _require_place_for(junit)
    lasting = read_vehicles(folder)
    vehicles = with_keys(lasting.vehicles, lasting.signed, keys or lasting.key_place)
    params = params if params is not None else control_params("ask")
    order = FlightOrder(plan=plan, vehicles=vehicles, folder=folder, intents=(), junit=junit, params=params, resumes=True)
    return told(flown(order), folder, json=json)


def report_folder(wanted: Path | None, plan: Plan, *, force: bool) -> Path:
    """The folder, made. Raises InputError."""
    from missions.fly import prepare_folder

    folder = wanted if wanted is not None else FLIGHTS / f"{_slug(plan.name)}-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    prepare_folder(folder, force=force)
    return folder


def flown(order: FlightOrder, announce: Callable[[Address], None] | None = None) -> FlightEnd:
    """Fly it, shown on stderr. Raises InputError when the vehicles cannot be had."""
    from missions.cli.flight_view import shown_flight
    from missions.fly import fly as fly_patrol
    from sitl.errors import ArduPilotError

    try:
        with shown_flight() as watcher:
            return asyncio.run(fly_patrol(order, watchers=[watcher.watch], announce=announce))
    except ArduPilotError as error:
        raise InputError(str(error), key="--vehicles", mend="use --vehicles embedded") from error


def exit_code(end: FlightEnd) -> int:
    """130 or 143 when it was interrupted, 0 when it passed, else 1."""
    from missions.control.messages import Verdict

    if end.interrupted is not None:
        return end.interrupted
    return 0 if end.account is not None and end.account.verdict is Verdict.PASS else 1


def told(end: FlightEnd, folder: Path, *, json: bool) -> int:
    """Say how it ended; the exit code."""
    from missions.report.build import REPORT_JSON

    if end.account is None:
        for line in end.left:
            print_note(line)
        print_note(f"left at once; simulated vehicles end here. The report can still be made: jointpatrol report {folder}")
        return exit_code(end)
    if json:
        sys.stdout.write((folder / REPORT_JSON).read_text(encoding="utf-8"))
    else:
        _print_account(end.account)
    print_note(f"report in {folder}")
    return exit_code(end)


def _print_account(account: FlightAccount) -> None:
    from missions.cli.flight_view import clock

    rows = [
        (
            drone.drone,
            f"{drone.sorties_flown}/{drone.sorties_planned}",
            f"{drone.flown.length_m / 1000:.1f}",
            clock(drone.flown.time_s),
            drone.upload.value,
            drone.final.value.replace("_", " "),
        )
        for drone in account.drones
    ]
    print_table(account.plan.name, ("drone", "sorties ", "km ", "time ", "upload", "now"), rows)
    console = stdout_console()
    console.print(f"flown {clock(account.duration_s)}, planned {clock(account.plan.result.makespan_s)}")
    console.print(f"coverage {100 * account.flown.coverage:.2f} %, planned {100 * account.planned.coverage:.2f} %")
    console.print(f"verdict: {account.verdict.value}")
    for reason in account.reasons:
        console.print(f"  {reason}")


def _require_place_for(junit: Path | None) -> None:
    """Nobody flies for hours to learn that the result cannot be written."""
    if junit is not None and (junit.is_dir() or not junit.parent.is_dir()):
        raise InputError("cannot be written: no such folder, or it is one", file=str(junit), key="--junit", mend="give a file's name")


def _dry_run(plan: Plan, vehicles: Vehicles) -> int:
    from mavlink_bridge.mission_items import sortie_mission

    rows = [(sortie.drone, sortie.id, str(len(sortie_mission(plan, sortie).items))) for sortie in plan.sorties]
    print_table("would be uploaded", ("drone", "sortie", "items "), rows)
    return 0 if not any(answer.defects for answer in _identified(plan, vehicles)) else 1


def _identified(plan: Plan, vehicles: Vehicles) -> list[Identity]:
    """Show who answers, and which of their failsafes are not as the plan counts on them."""
    import tempfile

    from missions.identify import identify

    with tempfile.TemporaryDirectory() as folder:
        answers = asyncio.run(identify(plan, vehicles, Path(folder)))
    rows = [
        (
            answer.drone,
            answer.link,
            str(answer.system_id),
            f"{answer.autopilot} {answer.firmware}".strip(),
            answer.board,
            "; ".join(answer.defects) or "as planned",
        )
        for answer in answers
    ]
    print_table("who answers", ("drone", "link", "system id ", "autopilot", "board", ""), rows)
    others = [(answer.drone, str(difference)) for answer in answers for difference in answer.failsafes]
    others += [(answer.drone, "it tells no parameters; does it sign?") for answer in answers if not answer.tells]
    if others:
        print_table("failsafes that are not as the plan counts on them", ("drone", ""), others)
    return answers


def require_consent(
    plan: Plan, vehicles: Vehicles, *, yes: bool, wind_mps: float | None = None, set_failsafes: bool = False
) -> bool | None:
    """Real vehicles fly only plans without a violation, in their time and wind, on airframes that are who they should be, when
    somebody says so. Whether their failsafe parameters may be set; None where nobody needs to agree.
    """
    from missions.go_no_go import reasons_to_stay
    from missions.vehicles import Real
    from planner.check import check_plan

    if not isinstance(vehicles, Real):
        return None
    if violations := check_plan(plan):
        print_note(f"check finds {len(violations)} violations in the plan; it is not flown on real vehicles: see jointpatrol check")
        raise typer.Exit(1)
    if reasons := reasons_to_stay(plan, datetime.now(UTC), wind_mps=wind_mps):
        print_note(f"not flown: {'; '.join(reasons)}")
        raise typer.Exit(1)
    if not yes and not sys.stdin.isatty():
        raise InputError("real vehicles are flown only when somebody says so", key="--vehicles", mend="add --yes")
    answers = _identified(plan, vehicles)
    if any(answer.defects for answer in answers):
        print_note("not flown: not everybody is who and where the plan says")
        raise typer.Exit(1)
    differ = any(answer.failsafes for answer in answers)
    # `--yes` is a yes to flying; nobody's parameters are changed by it.
    sets = set_failsafes or (differ and not yes and typer.confirm("Set these failsafe parameters?", err=True))
    if not yes and not _confirmed(vehicles):
        print_note("not flown")
        raise typer.Exit(1)
    return sets


def _confirmed(vehicles: Real) -> bool:
    answer: str = typer.prompt(f"{len(vehicles.links)} real drones will take off. Type {_CONFIRMATION} to go on", err=True)
    return answer.strip().lower() == _CONFIRMATION


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:64] or "patrol"
