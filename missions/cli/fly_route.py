"""`jointpatrol fly FILE.plan`: fly a route that any program wrote, as it stands in its file, on one simulated vehicle."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from missions.cli.output import print_json, print_note, stdout_console
from missions.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from missions.canonical import Json
    from missions.routes.route import Route
    from missions.routes.route_flight import FlownAgainstRoute, RouteFlight
    from missions.vehicles import ArduPilot, Embedded
    from planner.model import VehicleKind


_Choose: TypeAlias = "Callable[[Iterable[VehicleKind]], Embedded | ArduPilot | None]"


def refuse_for_routes(options: Mapping[str, object]) -> None:
    """Raises InputError for an option that is given and means nothing for the route of one vehicle."""
    for option, given in options.items():
        if given is not None:
            raise InputError("is for patrols, not for the route of one vehicle", key=option, mend="leave it out")


def fly_route_file(what: str, choose: _Choose, *, swath_m: float | None, json: bool) -> int:
    """Fly it, say what came of it; 0 when it was flown to its end, 1 when not. Raises InputError."""
    from missions.routes.read import read_route
    from missions.routes.route_flight import against_route

    route = read_route(what)
    for repair in route.repairs:
        print_note(repair)
    try:
        flight = _flown(route, choose)
        told = against_route(route, flight, swath_m=swath_m)
    except InputError as error:
        raise InputError(error.text, file=error.file or what, key=error.key, value=error.value, mend=error.mend) from error
    if json:
        print_json(_document(flight, told))
    else:
        for line in _lines(what, flight, told):
            stdout_console().print(line)
    if flight.failure:
        print_note(flight.failure)
    return 1 if flight.failure else 0


def _flown(route: Route, choose: _Choose) -> RouteFlight:
    from missions.routes.route_flight import fly_route, vehicle_config
    from sitl.errors import ArduPilotError

    vehicles = choose([vehicle_config(route).kind])
    if vehicles is None:
        raise InputError("a route is flown on simulated vehicles only", key="--vehicles", mend="give embedded or ardupilot, or fly a plan")
    try:
        with tempfile.TemporaryDirectory(prefix="jointpatrol-route-") as folder:
            return asyncio.run(fly_route(route, vehicles, Path(folder)))
    except ArduPilotError as error:
        raise InputError(str(error), key="--vehicles", mend="use --vehicles embedded") from error


def _document(flight: RouteFlight, told: FlownAgainstRoute) -> Json:
    return {
        "ok": not flight.failure,
        "failure": flight.failure,
        "upload": flight.upload.value,
        "duration_s": flight.duration_s,
        "route_m": told.route_m,
        "flown_m": told.flown_m,
        "deviation_m": told.deviation_m,
        "coverage": told.coverage,
    }


def _lines(what: str, flight: RouteFlight, told: FlownAgainstRoute) -> list[str]:
    from missions.cli.flight_view import clock

    lines = [
        f"{what}: upload {flight.upload.value}, in the air for {clock(flight.duration_s)}",
        f"way {told.route_m / 1000:.2f} km, flown {told.flown_m / 1000:.2f} km, at most {told.deviation_m:.1f} m beside it",
    ]
    if told.coverage is not None:
        lines.append(f"seen of what lies along the way: {told.coverage:.2%}")
    return lines
