"""`jointpatrol import`: a mission of what others drew, or keep-outs or the ground's heights added to one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from missions.cli import draft_options as given
from missions.cli.output import JsonFlag
from missions.errors import InputError, one_line

if TYPE_CHECKING:
    from missions.geometry_import import Imported


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("import")(import_geometry)


def import_geometry(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE", help="GeoJSON, anything GDAL reads, OpenAir, a route (.plan, WPL, fence), or an elevation raster (.tif ...)."
        ),
    ],
    mission: Annotated[
        Path, typer.Option("-o", "--out", metavar="MISSION", help="A mission's folder: a new one, or one to add keep-outs or terrain to.")
    ],
    role: Annotated[str, typer.Option("--as", metavar="ROLE", help="auto, area, border or keep-outs.")] = "auto",
    only: Annotated[str | None, typer.Option("--only", metavar="NAME", help="Take one feature.")] = None,
    crs: Annotated[str | None, typer.Option("--crs", metavar="EPSG:N", help="The file's reference system, when it does not say.")] = None,
    buffer_m: Annotated[float, typer.Option("--buffer-m", min=0, max=100_000, help="Distance kept from keep-outs.")] = 0.0,
    nations: given.NationsOption = "ALD,BRE",
    drones: given.DronesOption = 2,
    height_m: given.HeightOption = 80.0,
    half_width_m: given.HalfWidthOption = 500.0,
    uncertainty_m: given.UncertaintyOption = 5.0,
    start: given.StartOption = None,
    force: given.ForceOption = False,
    json: JsonFlag = False,
) -> None:
    """Make a mission of what others drew, or add keep-outs or an elevation raster to one.

    Polygons become the area, lines the border, points bases; what is called a keep-out, a no-fly zone or the like, exclusion
    fences and airspaces become keep-outs. Everything that was mended or left out is told.
    """
    from missions.elevation import is_elevation
    from missions.geometry_import import Role, import_file

    if is_elevation(file):
        _add_terrain(file, mission, crs, force=force, json=json)
        return
    if role not in set(Role):
        raise InputError(f"{role!r} is not a role", key="--as", value=role, mend=f"give one of {', '.join(Role)}")
    imported = import_file(file, Role(role), only=only, crs=crs)
    if (mission / "mission.toml").is_file():
        _add(imported, file, mission, buffer_m, force=force, json=json)
        return
    begun = given.begun_draft(
        mission, nations, start, drones=drones, height_m=height_m, half_width_m=half_width_m, uncertainty_m=uncertainty_m
    )
    draft = replace(
        begun,
        area=imported.area,
        border=imported.border,
        keep_outs=tuple(imported.keep_outs),
        buffer_m=buffer_m,
        bases=tuple(imported.bases),
        source=file.name,
    )
    given.write_draft(draft, mission, force=force, json=json, repairs=imported.repairs)


def _add_terrain(file: Path, mission: Path, crs: str | None, *, force: bool, json: bool) -> None:
    """Give a mission that is there the ground's heights: the raster beside it, and a table that names it."""
    from missions.draft import toml_text
    from missions.elevation import Stated, read_elevation
    from missions.mission_file import MISSION_FILE_NAME, load_mission
    from planner.clearance import base_notes

    if not (mission / MISSION_FILE_NAME).is_file():
        mend = "make the mission first, of an area or a border"
        raise InputError("is no mission, and heights alone make none", file=str(mission), mend=mend)
    spec = load_mission(mission)
    if spec.terrain is not None:
        raise InputError("has a terrain already", file=str(mission / MISSION_FILE_NAME), key="terrain", mend="take that table out first")
    terrain = read_elevation(file, stated=Stated(crs=crs))
    stated = f"crs = {toml_text(crs)}\n" if crs is not None else ""
    table = f"\n[terrain]                               # {one_line(terrain.text)}\nfile = {toml_text(file.name)}\n{stated}"
    # those that state none will lie on it
    stating = [base for base in spec.bases if base.elevation_m != 0]
    told = [terrain.text, *terrain.source.remarks, *base_notes(stating, terrain)]
    _append(mission, table, file.name, file.read_bytes(), told, force=force, json=json)


def _add(imported: Imported, file: Path, mission: Path, buffer_m: float, *, force: bool, json: bool) -> None:
    """Add keep-outs to a mission that is there: tables at its end, geometry in a file of their own."""
    from missions.draft import keep_out_geojson, keep_out_tables
    from missions.mission_file import load_mission

    if not imported.keep_outs:
        mend = "--as keep-outs, or another folder for a new mission"
        raise InputError("only keep-outs can be added to a mission that is there", file=str(mission), mend=mend)
    taken = {zone.id for zone in load_mission(mission).keep_outs}
    if double := sorted(taken & {zone.id for zone in imported.keep_outs}):
        raise InputError(f"keep-out {double[0]} is in the mission already", file=str(mission), value=double[0], mend="rename one of them")
    name = f"{file.stem}-keep-outs.geojson"
    tables = keep_out_tables(imported.keep_outs, name, buffer_m)
    _append(mission, tables, name, keep_out_geojson(imported.keep_outs), imported.repairs, force=force, json=json)


def _append(mission: Path, tables: str, name: str, content: bytes, told: list[str], *, force: bool, json: bool) -> None:
    """Tables at a mission file's end, and the file that they name beside it."""
    from missions.folders import write_whole
    from missions.mission_file import MISSION_FILE_NAME, read_mission

    target, file = mission / name, mission / MISSION_FILE_NAME
    if target.exists() and not force:
        raise InputError("is there already", file=str(target), mend="add --force to replace it")
    added = (file.read_text(encoding="utf-8").rstrip() + "\n" + tables).encode()
    is_new = not target.exists()
    try:
        write_whole(target, content)
        # the mission is replaced only by one that is sound
        read_mission(added, file=str(file), folder=mission)
        write_whole(file, added)
    except InputError:
        if is_new:
            target.unlink(missing_ok=True)
        raise
    except OSError as error:
        raise InputError(f"cannot be written: {error.strerror}", file=str(mission), mend="check its permissions") from error
    given.tell_written([target, file], told, json)
