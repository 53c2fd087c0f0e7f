"""`jointpatrol new`: a mission to begin with, from a few flags or answers."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from missions.cli import draft_options as given
from missions.cli.output import JsonFlag
from missions.errors import InputError

if TYPE_CHECKING:
    from shapely.geometry import Polygon


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("new")(new)


def new(
    folder: Annotated[Path, typer.Argument(metavar="MISSION", help="Folder to write, made if missing.")],
    area: Annotated[Path | None, typer.Option("--area", metavar="FILE", help="Draw the area from a file.")] = None,
    border: Annotated[Path | None, typer.Option("--border", metavar="FILE", help="Draw the border from a file.")] = None,
    at: Annotated[str | None, typer.Option("--at", metavar="LAT,LON", help="Or a square around a place.")] = None,
    size_m: Annotated[float, typer.Option("--size-m", min=100, max=100_000, help="Side of that square.")] = 2000.0,
    name: Annotated[str | None, typer.Option("--name", help="What the mission is called; else as its folder.")] = None,
    nations: given.NationsOption = "ALD,BRE",
    drones: given.DronesOption = 2,
    height_m: given.HeightOption = 80.0,
    half_width_m: given.HalfWidthOption = 500.0,
    uncertainty_m: given.UncertaintyOption = 5.0,
    start: given.StartOption = None,
    force: given.ForceOption = False,
    json: JsonFlag = False,
) -> None:
    """Write a mission to begin with: a commented mission file and its geometry.

    Without a file or a place, asks for one. What is not given is filled in so that the mission can be planned at once.
    """
    from missions.geometry_import import Imported, Role, import_file

    known = Imported()
    if area is None and border is None:
        known.area = _square(at or _asked("Around which place (latitude,longitude)?"), size_m)
    if area is not None:
        known.area = import_file(area, Role.AREA).area
    if border is not None:
        known.border = import_file(border, Role.BORDER).border
    begun = given.begun_draft(
        folder, nations, start, drones=drones, height_m=height_m, half_width_m=half_width_m, uncertainty_m=uncertainty_m
    )
    draft = replace(begun, name=name or begun.name, area=known.area, border=known.border)
    given.write_draft(draft, folder, force=force, json=json, repairs=[])


def _square(text: str, size_m: float) -> Polygon:
    import shapely

    from planner.errors import GeometryError
    from planner.geo import LatLon, LocalFrame

    parts = text.split(",")
    try:
        lat_deg, lon_deg = (float(part) for part in parts)
        frame = LocalFrame(LatLon(lat_deg=lat_deg, lon_deg=lon_deg))
    except (ValueError, GeometryError) as error:
        mend = "give latitude, then longitude, such as 47.5,19.0"
        raise InputError(f"{text!r} is not a place", key="--at", value=text, mend=mend) from error
    half_m = size_m / 2
    square = frame.to_geographic(shapely.box(-half_m, -half_m, half_m, half_m)).geometry
    assert isinstance(square, shapely.Polygon)
    return square


def _asked(question: str) -> str:
    if not sys.stdin.isatty():
        raise InputError("there is no area", key="--at", mend="give --at LAT,LON, --area FILE or --border FILE")
    return str(typer.prompt(question, err=True))
