"""`jointpatrol control`: talk to a mission control that runs, or run one for others to attach to."""

from __future__ import annotations

import asyncio
import sys
from contextlib import redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from missions.cli.fly import FLIGHTS, ForceOption, ReportOption, exit_code, flown, report_folder, require_consent
from missions.cli.key_options import KeysOption
from missions.cli.output import JsonFlag, print_json, print_note, print_table, progress_bar
from missions.cli.vehicle_options import (
    EMBEDDED,
    DroneOption,
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
)
from missions.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from missions.canonical import Json
    from missions.control.address import Address
    from missions.control.messages import Intent, ReplanProposed, Scope, Snapshot

T = TypeVar("T")

_ANSWER_S = 10.0
_ALONE_S = 60.0

FolderArgument = Annotated[
    Path | None, typer.Argument(metavar="[DIR]", help="The report folder of the patrol.", show_default="the newest in flights/ that runs")
]
NationOption = Annotated[str | None, typer.Option("--nation", metavar="ID", help="Only this nation's drones.")]


def register(app: typer.Typer) -> None:
    """Add the command and what it can do."""
    control = typer.Typer(help="Talk to a mission control that runs, or run one.", no_args_is_help=True, rich_markup_mode=None)
    control.command("serve")(serve)
    control.command("status")(status)
    control.command("start", help="Fly the patrol: upload, then launch by the plan's times.")(start)
    for name, text in _SCOPED.items():
        control.command(name, help=text)(_scoped(name))
    control.command("recall", help="Fly home and land; no further sortie.")(recall)
    control.command("go-to")(go_to)
    control.command("height")(height)
    control.command("speed")(speed)
    control.command("accept")(accept)
    control.command("reject")(reject)
    control.command("close")(close)
    control.command("shutdown")(shutdown)
    app.add_typer(control, name="control")


def serve(
    plan_file: Annotated[str, typer.Argument(metavar="PLAN", help="A plan.json, or a mission to be planned first.")],
    vehicles: VehiclesOption = "embedded",
    speedup: SpeedupOption = None,
    report: ReportOption = None,
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
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="Where to listen on this machine; 0 takes any free port.")] = 0,
    alone: Annotated[
        float, typer.Option("--alone", metavar="S", min=1.0, help="End when nothing is under way and nobody was attached for so long.")
    ] = _ALONE_S,
) -> None:
    """Run mission control for others to attach to.

    The first line on stdout is JSON with the port and the token; nothing flies before somebody asks for it.
    """
    from missions.fly import FlightOrder
    from missions.plan_source import plan_from

    with progress_bar("planning") as show:
        plan = plan_from(plan_file, show, seed=seed)
    pace = 1.0 if speedup is None and vehicles == EMBEDDED else speedup
    chosen = chosen_vehicles(plan, vehicles, speedup=pace, loss=loss, seed=seed, fault=fault, signed=signed, keys=keys)
    params = control_params(rule)
    with redirect_stdout(sys.stderr):  # who answers is for people
        sets = require_consent(plan, chosen, yes=yes, wind_mps=wind, set_failsafes=set_failsafes)
    folder = report_folder(report, plan, force=force)
    order = FlightOrder(plan=plan, vehicles=chosen, folder=folder, intents=(), port=port, alone_s=alone, params=params, sets_failsafes=sets)
    end = flown(order, announce=lambda address: print(address.line, flush=True))
    print_note(f"report in {folder}")
    raise typer.Exit(exit_code(end))


def status(folder: FolderArgument = None, json: JsonFlag = False) -> None:
    """How things stand: every drone, alerts, coverage."""
    from missions.control.client import ControlClient

    async def look(address: Address) -> Snapshot:
        async with ControlClient(address) as client:
            return client.snapshot

    snapshot = _talk(folder, look)
    if json:
        print_json(_status_document(snapshot))
    else:
        _print_status(snapshot)


def start(folder: FolderArgument = None) -> None:
    from missions.control.messages import Start

    raise typer.Exit(_ask(folder, Start()))


def recall(
    folder: FolderArgument = None,
    nation: NationOption = None,
    drone: DroneOption = None,
    retrace: Annotated[bool, typer.Option("--retrace", help="Back along the way that they came (SMART_RTL), where they can.")] = False,
) -> None:
    from missions.control.messages import Recall

    raise typer.Exit(_ask(folder, Recall(scope=_scope(nation, drone), retrace=retrace)))


OneDroneArgument = Annotated[str, typer.Argument(metavar="DRONE", help="Its id in the plan.")]
HeightArgument = Annotated[float, typer.Argument(metavar="M", min=0.0, help="Metres above home.")]


def go_to(
    drone: OneDroneArgument,
    lat: Annotated[float, typer.Argument(metavar="LAT", min=-90.0, max=90.0, help="Latitude, degrees (before negative ones write --).")],
    lon: Annotated[float, typer.Argument(metavar="LON", min=-180.0, max=180.0, help="Longitude, degrees.")],
    folder: FolderArgument = None,
    height_m: Annotated[float | None, typer.Option("--height", metavar="M", min=0.0, help="Metres above home.")] = None,
) -> None:
    """Send one drone straight to a place within its airspace; it holds there until continue."""
    from missions.control.messages import GoTo

    raise typer.Exit(_ask(folder, GoTo(drone=drone, lat_deg=lat, lon_deg=lon, height_m=height_m)))


def height(drone: OneDroneArgument, height_m: HeightArgument, folder: FolderArgument = None) -> None:
    """Have one drone climb or sink where it is; it holds there until continue."""
    from missions.control.messages import GoTo

    raise typer.Exit(_ask(folder, GoTo(drone=drone, height_m=height_m)))


def speed(
    speed_mps: Annotated[float, typer.Argument(metavar="M/S", min=0.0, help="Metres a second.")],
    folder: FolderArgument = None,
    nation: NationOption = None,
    drone: DroneOption = None,
) -> None:
    """Fly at another speed, until the mission says otherwise."""
    from missions.control.messages import ChangeSpeed

    raise typer.Exit(_ask(folder, ChangeSpeed(scope=_scope(nation, drone), speed_mps=speed_mps)))


NumberArgument = Annotated[int, typer.Argument(metavar="PROPOSAL", min=1, help="Its number, as status shows it.")]


def accept(number: NumberArgument, folder: FolderArgument = None) -> None:
    """Fly on as a proposal says."""
    from missions.control.messages import Accept

    raise typer.Exit(_ask(folder, Accept(proposal=number)))


def reject(number: NumberArgument, folder: FolderArgument = None) -> None:
    """Fly on as before; what the proposal was about stays uncovered."""
    from missions.control.messages import Reject

    raise typer.Exit(_ask(folder, Reject(proposal=number)))


def close(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What the area is called from now on.")],
    area: Annotated[Path, typer.Argument(metavar="AREA", help="A polygon, as GeoJSON or anything GDAL reads.")],
    folder: FolderArgument = None,
    buffer_m: Annotated[float, typer.Option("--buffer", metavar="M", min=0.0, help="By how much it is kept clear of.")] = 50.0,
) -> None:
    """Close an area: who would cross it is called back, nobody is launched through it, the rest is planned around it."""
    from missions.control.messages import CloseArea

    for ring in _rings(area):
        code = _ask(folder, CloseArea(name=name, ring=ring, buffer_m=buffer_m))
        if code:
            raise typer.Exit(code)


def _rings(file: Path) -> list[tuple[tuple[float, float], ...]]:
    """The outlines of all polygons in the file: holes in a closed area are closed, too. Raises InputError."""
    import shapely

    from missions.geometry_files import read_features
    from missions.lonlat_shapes import ShapeError

    try:
        shapes = [feature.geometry for feature in read_features(file)]
    except ShapeError as error:
        raise InputError(error.text, file=str(file), mend=error.mend) from error
    parts = [part for shape in shapes for part in shapely.get_parts(shape) if part.geom_type == "Polygon"]
    if not parts:
        raise InputError("holds no polygon", file=str(file), mend="draw the area as a polygon")
    return [tuple((float(lon), float(lat)) for lon, lat in part.exterior.coords) for part in parts]


def shutdown(
    folder: FolderArgument = None,
    leave_flying: Annotated[bool, typer.Option("--leave-flying", help="End at once; the drones go on by themselves.")] = False,
) -> None:
    """End mission control: everyone is called home first."""
    from missions.control.messages import Shutdown

    raise typer.Exit(_ask(folder, Shutdown(leave_flying=leave_flying)))


_SCOPED = {
    "upload": "Put the next sortie on drones and verify it.",
    "launch": "Launch drones whose sortie is verified.",
    "pause": "Hold where they are.",
    "continue": "Go on after pause.",
    "land": "Land where they are, now.",
    "withdraw": "Fly home and land; what they leave is offered to the others.",
    "hand-back": "Take back drones that a pilot or another station had taken.",
}


def _scoped(name: str) -> Callable[..., None]:
    def command(folder: FolderArgument = None, nation: NationOption = None, drone: DroneOption = None) -> None:
        raise typer.Exit(_ask(folder, _intent(name, _scope(nation, drone))))

    return command


def _intent(name: str, scope: Scope) -> Intent:
    from missions.control.messages import Continue, HandBack, Land, Launch, Pause, Upload, Withdraw

    match name:
        case "upload":
            return Upload(scope=scope)
        case "launch":
            return Launch(scope=scope)
        case "pause":
            return Pause(scope=scope)
        case "continue":
            return Continue(scope=scope)
        case "land":
            return Land(scope=scope)
        case "withdraw":
            return Withdraw(scope=scope)
        case _:
            return HandBack(scope=scope)


def _scope(nation: str | None, drones: list[str] | None) -> Scope:
    from missions.control.messages import EVERYONE, OfNation, TheseDrones

    if nation is not None and drones:
        raise InputError("give either --nation or --drone", key="--drone", value=drones[0], mend="leave one of them out")
    if nation is not None:
        return OfNation(nation=nation)
    return TheseDrones(drones=tuple(drones)) if drones else EVERYONE


def _ask(folder: Path | None, intent: Intent) -> int:
    """Send it and wait for the word on it: 0 taken, 1 refused."""
    from missions.control.client import ControlClient
    from missions.control.messages import IntentRefused, IntentTaken

    async def ask(address: Address) -> IntentTaken | IntentRefused | None:
        async with ControlClient(address) as client, asyncio.timeout(_ANSWER_S):
            client.ask(intent)
            async for event in client.events():
                if isinstance(event, IntentTaken | IntentRefused) and event.intent == intent:
                    return event
        return None

    try:
        answer = _talk(folder, ask)
    except TimeoutError:
        answer = None
    if answer is None:
        print_note(f"no answer within {_ANSWER_S:.0f} s")
    else:
        print_note(f"refused: {answer.reason}" if isinstance(answer, IntentRefused) else "taken")
    return 0 if isinstance(answer, IntentTaken) else 1


def _talk(folder: Path | None, conversation: Callable[[Address], Coroutine[Any, Any, T]]) -> T:
    """Raises InputError when nobody answers."""
    from missions.control.address import read_address
    from missions.control.client import ControlUnreachableError

    place = folder if folder is not None else _newest_running()
    try:
        return asyncio.run(conversation(read_address(place)))
    except ControlUnreachableError as error:
        raise InputError(str(error), file=str(place), mend="has the patrol ended? see its report") from error


def _newest_running() -> Path:
    """The newest patrol whose mission control has left its address and not taken it away."""
    from missions.control.address import ADDRESS_FILE

    found = sorted(FLIGHTS.glob(f"*/{ADDRESS_FILE}"), key=lambda path: path.stat().st_mtime)
    if not found:
        raise InputError("no patrol is running here", file=str(FLIGHTS), mend="give the report folder of one that is")
    return found[-1].parent


def print_proposal(told: ReplanProposed) -> None:
    """What could be flown instead."""
    from missions.cli.flight_view import clock

    rows = [(each.drone, each.sortie, clock(each.start_s), str(len(each.lanes))) for each in told.added]
    print_table(f"proposal {told.proposal}, coverage {100 * told.coverage:.2f} %", ("drone", "sortie", "at", "lanes "), rows)
    for text in (*told.uncovered, *told.violations):
        print_note(text)


def _status_document(snapshot: Snapshot) -> Json:
    """The snapshot without the plan, which is a file in the report folder."""
    import msgspec

    document: dict[str, Json] = msgspec.to_builtins(snapshot)
    document.pop("plan")
    return document


def _print_status(snapshot: Snapshot) -> None:
    from missions.cli.flight_view import clock

    rows = []
    for progress in snapshot.progress:
        state = snapshot.states.get(progress.drone)
        battery = "" if state is None or state.battery_remaining_pct is None else f"{state.battery_remaining_pct} %"
        lanes = f"{progress.lanes_done}/{progress.lanes_total}"
        eta = "" if progress.eta_s is None else clock(progress.eta_s)
        rows.append((progress.drone, progress.phase.value.replace("_", " "), lanes, battery, eta, progress.note))
    when = "" if snapshot.patrol_s is None else f" {clock(snapshot.patrol_s)}"
    print_table(f"patrol {snapshot.state.value}{when}", ("drone", "", "lanes ", "battery ", "down at ", ""), rows)
    if snapshot.proposal is not None:
        print_proposal(snapshot.proposal)
    for alert in snapshot.alerts[-10:]:
        print_note(f"{alert.drone}: {alert.level.value}: {alert.text}")
