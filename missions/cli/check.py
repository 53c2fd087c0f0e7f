"""`jointpatrol check`: validate a mission file, or verify a plan with a checker that shares no code with the planner."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from missions.cli.output import JsonFlag, print_json, print_note, stdout_console
from missions.errors import InputError

if TYPE_CHECKING:
    from planner.model import MissionSpec, Plan, Violation


_WHAT: Final = "A mission file, its folder, a scenario's name, a plan.json, or a route (.plan, WPL)."


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("check")(check)


def check(
    what: Annotated[str, typer.Argument(metavar="MISSION_or_PLAN", help=_WHAT)],
    terrain: Annotated[
        Path | None, typer.Option("--terrain", metavar="FILE", help="Hold a plan to the ground in an elevation raster.")
    ] = None,
    clearance_m: Annotated[float, typer.Option("--clearance-m", min=0, help="Least height above that ground.")] = 20.0,
    json: JsonFlag = False,
) -> None:
    """Validate a mission, verify a plan, or hold a route of another program to the fences in its file.

    Names every violation with its place and amount; exit code 1 when there is one.
    """
    from missions.plan_source import is_plan
    from missions.routes.read import names_route

    if terrain is not None and not is_plan(what):
        raise InputError("only a plan is held to a terrain", key="--terrain", value=str(terrain), mend="name a plan.json")
    if names_route(what):
        _check_route(what, json)
    elif is_plan(what):
        _check_plan(what, terrain, clearance_m, json)
    else:
        _check_mission(what, json)


def _check_route(what: str, json: bool) -> None:
    from missions.routes.read import read_route
    from missions.routes.route_check import route_violations

    route = read_route(what)
    for repair in route.repairs:
        print_note(repair)
    if not route.fences:
        print_note("the file has no fence to hold the route to")
    if not json:
        counts = f"{len(route.items)} items, {len(route.fences)} fences, {len(route.rally)} rally points"
        stdout_console().print(f"{what}: {counts}")
    _tell_violations(route_violations(route), json)


def _check_plan(what: str, terrain: Path | None, clearance_m: float, json: bool) -> None:
    from missions.plan_file import read_plan
    from planner.check import check_plan

    plan = read_plan(what)
    at_odds = () if terrain is None else _against_terrain(plan, terrain, clearance_m)
    _tell_violations((*check_plan(plan), *at_odds), json)


def _against_terrain(plan: Plan, file: Path, clearance_m: float) -> tuple[Violation, ...]:
    from missions.elevation import Window, read_elevation
    from planner.clearance import against_terrain, base_notes

    terrain = read_elevation(file, window=Window(*plan.area.geometry.bounds))
    if plan.terrain is not None and plan.terrain.sha256 != terrain.source.sha256:
        print_note(f"the plan follows another file: {plan.terrain.file} (sha256 {plan.terrain.sha256[:12]})")
    for note in (terrain.text, *terrain.source.remarks, *base_notes(plan.bases, terrain)):
        print_note(note)
    return against_terrain(plan, terrain, least_m=clearance_m)


def _tell_violations(violations: tuple[Violation, ...], json: bool) -> None:
    from missions.plan_file import violation_document

    if json:
        print_json({"ok": not violations, "violations": [violation_document(violation) for violation in violations]})
    else:
        _print_violations(violations)
    raise typer.Exit(1 if violations else 0)


def _check_mission(what: str, json: bool) -> None:
    from missions.mission_file import load_mission

    spec = load_mission(what)
    if json:
        print_json({"ok": True, "violations": []})
    else:
        stdout_console().print(_mission_text(spec))


def _mission_text(spec: MissionSpec) -> str:
    from planner.geo import geodesic_area_m2

    km2 = geodesic_area_m2(spec.area) / 1e6
    fleets = ", ".join(f"{nation.id} {sum(drone.nation == nation.id for drone in spec.drones)}" for nation in spec.nations)
    ground = "flat earth: no terrain is given" if spec.terrain is None else f"terrain: {spec.terrain.text}"
    return f"{spec.name}: sound. {km2:.1f} km2 to cover; drones: {fleets}; {ground}"


def _print_violations(violations: tuple[Violation, ...]) -> None:
    console = stdout_console()
    for violation in violations:
        console.print(violation_line(violation))
    print_note(f"{len(violations)} violations" if violations else "no violation")


def violation_line(violation: Violation) -> str:
    """One violation for people: rule, subject, text, amount, place and time."""
    from missions.errors import one_line
    from missions.lonlat_shapes import place_text

    known = violation.lat_deg is not None and violation.lon_deg is not None
    place = f" at {place_text(violation.lon_deg or 0.0, violation.lat_deg or 0.0)}" if known else ""
    when = f", {violation.at_s:.1f} s" if violation.at_s is not None else ""
    return one_line(f"{violation.rule.value}: {violation.subject}: {violation.text} [{violation.amount:g} {violation.unit}{place}{when}]")
