"""`jointpatrol keys`: signing keys for real aircraft, kept in an encrypted file or in the system's keyring."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from missions.cli.key_options import KeysOption, key_place, key_store
from missions.cli.output import print_note, print_table
from missions.cli.vehicle_options import DroneOption
from missions.errors import InputError, nearest_mend

if TYPE_CHECKING:
    from missions.keys.change import ChangeEnd, KeyChange
    from missions.vehicles import Real
    from planner.model import MissionSpec, Plan

_CONFIRMATION = "keys"

FleetArgument = Annotated[str, typer.Argument(metavar="MISSION_or_PLAN", help="Whose drones: a mission, its folder or a plan.")]
PlanArgument = Annotated[str, typer.Argument(metavar="PLAN", help="Whose drones: a plan.json.")]
LinksOption = Annotated[Path, typer.Option("--vehicles", metavar="LINKS.toml", help="How the drones are reached.")]
YesOption = Annotated[bool, typer.Option("--yes", help="Send keys without asking.")]


def register(app: typer.Typer) -> None:
    """Add the command and what it can do."""
    keys = typer.Typer(help="MAVLink 2 signing keys, one an aircraft.", no_args_is_help=True, rich_markup_mode=None)
    keys.command("new")(new)
    keys.command("list")(show)
    keys.command("set-up")(set_up)
    keys.command("rotate")(rotate)
    keys.command("remove")(remove)
    app.add_typer(keys, name="keys")


def new(fleet: FleetArgument, drone: DroneOption = None, keys: KeysOption = None) -> None:
    """Make a key for each drone that has none, and keep it; set-up sends it."""
    from missions.keys.change import KeyChange, prepared
    from missions.plan_source import read_plan_or_mission

    drones = _drones(read_plan_or_mission(fleet), drone)
    store = key_store(key_place(keys))
    before = store.load(drones)
    after = prepared(before, drones, KeyChange.SET_UP)
    made = [name for name, record in after.items() if record != before.get(name)]
    for name in made:
        store.save(name, after[name])
    print_note(f"{len(made)} new keys in {store.place}: {', '.join(made) or 'all drones had one'}")


def show(fleet: FleetArgument, drone: DroneOption = None, keys: KeysOption = None) -> None:
    """Which drones have a key; no key is ever shown."""
    from missions.keys.records import KeyRecord
    from missions.plan_source import read_plan_or_mission

    drones = _drones(read_plan_or_mission(fleet), drone)
    store = key_store(key_place(keys))
    records = store.load(drones)
    print_table(store.place, ("drone", "key"), [(name, _standing(records.get(name, KeyRecord()))) for name in drones])


def set_up(plan: PlanArgument, vehicles: LinksOption, drone: DroneOption = None, keys: KeysOption = None, yes: YesOption = False) -> None:
    """Put the keys on the aircraft, and see that they speak with them. Finishes what was interrupted."""
    from missions.keys.change import KeyChange

    raise typer.Exit(_change(plan, vehicles, drone, keys, KeyChange.SET_UP, yes=yes))


def rotate(plan: PlanArgument, vehicles: LinksOption, drone: DroneOption = None, keys: KeysOption = None, yes: YesOption = False) -> None:
    """Give the aircraft new keys for the ones that they have."""
    from missions.keys.change import KeyChange

    raise typer.Exit(_change(plan, vehicles, drone, keys, KeyChange.ROTATE, yes=yes))


def remove(plan: PlanArgument, vehicles: LinksOption, drone: DroneOption = None, keys: KeysOption = None, yes: YesOption = False) -> None:
    """End signing on the aircraft, and forget their keys."""
    from missions.keys.change import KeyChange

    raise typer.Exit(_change(plan, vehicles, drone, keys, KeyChange.REMOVE, yes=yes))


def _change(plan_file: str, links: Path, only: list[str] | None, keys: str | None, change: KeyChange, *, yes: bool) -> int:
    from mavlink_bridge.events import UploadOutcome
    from missions.keys.change import change_on_vehicles
    from missions.keys.places import open_timestamps

    plan, vehicles = _reached(plan_file, links)
    drones = [name for name in _drones(plan, only) if name in vehicles.links]
    place = key_place(keys)
    store = key_store(place)
    _require_consent(drones, change, yes=yes)
    ends = asyncio.run(change_on_vehicles(plan, vehicles, store, open_timestamps(place), drones, change))
    print_table(f"keys {change.value}", ("drone", "", ""), [(end.drone, _word(end), end.reason) for end in ends])
    return 0 if all(end.outcome is UploadOutcome.VERIFIED for end in ends) else 1


def _reached(plan_file: str, links: Path) -> tuple[Plan, Real]:
    from missions.links_file import load_links
    from missions.plan_file import read_plan
    from missions.vehicles import Real

    plan = read_plan(plan_file)
    found = load_links(links, plan)
    return plan, Real(links=found.links, airframes=found.airframes)


def _require_consent(drones: list[str], change: KeyChange, *, yes: bool) -> None:
    if yes:
        return
    print_note("keys travel in the clear: over a cable, or a link that nobody listens to")
    if not sys.stdin.isatty():
        raise InputError("keys are sent only when somebody says so", key="--yes", mend="add --yes")
    answer: str = typer.prompt(f"{change.value} keys of {', '.join(drones)}. Type {_CONFIRMATION} to go on", err=True)
    if answer.strip().lower() != _CONFIRMATION:
        print_note("nothing was sent")
        raise typer.Exit(1)


def _drones(fleet: Plan | MissionSpec, only: list[str] | None) -> list[str]:
    known = [drone.id for drone in fleet.drones]
    for name in only or ():
        if name not in known:
            raise InputError("there is no such drone", key="--drone", value=name, mend=nearest_mend(name, known, what="drones"))
    return list(dict.fromkeys(only)) if only else known


def _standing(record: object) -> str:
    from missions.keys.records import KeyRecord

    match record:
        case KeyRecord(on_board=None, coming=None):
            return "none"
        case KeyRecord(on_board=None):
            return "made, not known to be on board: set-up"
        case KeyRecord(coming=None):
            return "on board"
        case _:
            return "the old one or the new one is on board: set-up"


def _word(end: ChangeEnd) -> str:
    return "done" if end.outcome.value == "verified" else end.outcome.value
