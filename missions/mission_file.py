"""Read a mission file (TOML and the geometry beside it) into a checked `MissionSpec`; docs/mission_file.md is its schema."""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Final

import numpy as np
from shapely import GeometryCollection, Point

from missions.elevation import Stated, Window, kept_elevation
from missions.errors import InputError, shortened
from missions.geojson_file import Feature
from missions.lonlat_shapes import near_longitude
from missions.mission_area import AREA_KEYS, AreaAndBorder, GeometryParams, GeometryStore, read_area, read_territories, read_waters
from missions.mission_fleet import BASE_KEYS, DRONE_TYPE_KEYS, FLEET_KEYS, read_bases, read_drone_types, read_drones
from missions.mission_patrols import read_duration_s, read_min_coverage, read_patrols
from missions.mission_terms import (
    KEEP_OUT_KEYS,
    NATION_KEYS,
    PERMISSION_KEYS,
    read_agreement,
    read_keep_outs,
    read_nation_ids,
    read_nations,
    read_permissions,
    states_no_share,
    strictest,
)
from missions.scenario_library import MISSION_FILE_NAME, find_mission
from missions.schema_versions import MISSION_SCHEMA, MISSION_STEPS, require_newest
from missions.tables import Table
from planner.geo import LatLon
from planner.model import Base, Drone, DroneType, Limits, MissionSpec, Nation, Objective, PartitionMode, Wind
from planner.terrain import Terrain

__all__ = ["MISSION_FILE_NAME", "load_mission", "mission_bytes", "parse_tables", "read_mission", "read_tables"]

MAX_FILE_BYTES: Final = 4_000_000

ROOT_KEYS: Final = (
    "schema",
    "name",
    "start_utc",
    "objective",
    "agreement",
    "stay_inside",
    "min_coverage",
    "duration_s",
    "wind",
    "limits",
    "area",
    "patrol",
    "nation",
    "permission",
    "keep_out",
    "base",
    "drone_type",
    "fleet",
    "terrain",
)
TERRAIN_KEYS: Final = ("file", "crs", "unit", "datum")
_WIND_KEYS: Final = ("from_deg", "speed_mps")


def load_mission(what: str | Path) -> MissionSpec:
    """The mission that a file, its folder (`mission.toml` inside) or a scenario's name stands for. Raises InputError."""
    path = find_mission(what)
    return read_mission(mission_bytes(path), file=str(path), folder=path.parent)


def read_mission(data: bytes, *, file: str, folder: Path, params: GeometryParams | None = None) -> MissionSpec:
    """A mission from the bytes of its file; `file` is what errors call it, geometry is looked for in `folder`."""
    return read_tables(parse_tables(data, file), file=file, folder=folder, params=params)


def read_tables(
    document: object, *, file: str, folder: Path, params: GeometryParams | None = None, known: dict[Path, list[Feature]] | None = None
) -> MissionSpec:
    """A mission from its parsed TOML. `known` are geometry files whose features need not be read again; those that are read are added."""
    require_newest(document, file, newest=MISSION_SCHEMA, steps=MISSION_STEPS)
    root = Table(document, file=file, path="", keys=ROOT_KEYS)
    start = root.utc("start_utc")
    nations = _some(root, "nation", NATION_KEYS)
    nation_ids = read_nation_ids(nations)
    base_tables = _some(root, "base", BASE_KEYS)
    bases = read_bases(base_tables, nation_ids)
    type_tables = _some(root, "drone_type", DRONE_TYPE_KEYS)
    drone_types = read_drone_types(type_tables)
    drones = read_drones(_some(root, "fleet", FLEET_KEYS), bases, drone_types)
    _check_everybody_flies(nations, bases, drones)

    store = GeometryStore(folder, params or GeometryParams(), {} if known is None else known)
    root.raw("area")
    agreement = read_agreement(root, nations)
    ground = read_area(root.table("area", AREA_KEYS), store, notional=agreement.partition is PartitionMode.EQUIDISTANCE)
    places = [base.location for base in bases]
    if agreement.partition is PartitionMode.EQUIDISTANCE:
        ground, territories = read_waters(root, nations, store, ground, places)
    else:
        territories = read_territories(nations, store, ground, places)
    known_nations = read_nations(nations, territories)
    terrain = _terrain(root, folder, ground, bases)
    bases = _raised(base_tables, bases, terrain)
    _check_places(base_tables, bases, known_nations, ground, root)
    _check_heights(type_tables, drone_types, drones, known_nations)
    limits, wind = strictest(_limits(root), known_nations), _wind(root)
    _check_wind(root, wind, limits, drone_types)
    patrols = read_patrols(root, store, ground)
    return MissionSpec(
        name=root.text("name"),
        start_utc=_utc_text(start),
        area=ground.area,
        border=ground.border,
        position_uncertainty_m=ground.position_uncertainty_m,
        nations=known_nations,
        bases=bases,
        drone_types=drone_types,
        drones=drones,
        patrols=patrols,
        permissions=read_permissions(root.tables("permission", PERMISSION_KEYS), store, ground, known_nations, start),
        keep_outs=read_keep_outs(root.tables("keep_out", KEEP_OUT_KEYS), store, ground, start),
        agreement=agreement,
        objective=root.choice("objective", Objective, Objective.MAKESPAN),
        stay_inside=root.flag("stay_inside", False),
        min_coverage=read_min_coverage(root, patrols),
        wind=wind,
        limits=limits,
        terrain=terrain,
        duration_s=read_duration_s(root, patrols),
    )


def mission_bytes(path: Path) -> bytes:
    """What the file holds. Raises InputError."""
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise InputError(f"is larger than {MAX_FILE_BYTES // 1_000_000} MB", file=str(path), mend="is this a mission file?")
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", file=str(path), mend="check the file and its permissions") from error


def parse_tables(data: bytes, file: str) -> object:
    """The TOML document. Raises InputError."""
    try:
        return tomllib.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise InputError("is not UTF-8 text", file=file, key=f"line {line}", mend="save it as UTF-8; a mission file is TOML") from error
    except tomllib.TOMLDecodeError as error:
        raise _toml_error(str(error), data, file) from error
    except RecursionError as error:
        raise InputError("is nested too deeply", file=file, mend="write plain TOML tables") from error
    except ValueError as error:  # such as an integer of more digits than Python converts
        raise InputError(f"is not TOML: {error}", file=file, mend="correct the file") from error


def _toml_error(message: str, data: bytes, file: str) -> InputError:
    lines = data.decode("utf-8-sig", errors="replace").splitlines()
    found = re.search(r" \(at line (\d+), column \d+\)$", message)
    number = int(found[1]) if found else max(1, len(lines))
    text = message[: found.start()] if found else message.removesuffix(" (at end of document)")
    value = lines[number - 1] if number <= len(lines) else ""
    return InputError(f"is not TOML: {text}: {shortened(value)}", file=file, key=f"line {number}", value=value, mend="correct this line")


def _some(root: Table, name: str, keys: Sequence[str]) -> list[Table]:
    tables = root.tables(name, keys)
    if not tables:
        root.fail(name, "is missing", mend=f"add at least one [[{name}]]")
    return tables


def _utc_text(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def _limits(root: Table) -> Limits:
    table, usual = root.table("limits", ("max_wind_mps", "min_separation_m", "min_vertical_separation_m")), Limits()
    return Limits(
        max_wind_mps=table.number("max_wind_mps", usual.max_wind_mps, above=0),
        min_separation_m=table.number("min_separation_m", usual.min_separation_m, above=0),
        min_vertical_separation_m=table.number("min_vertical_separation_m", usual.min_vertical_separation_m, above=0),
    )


def _wind(root: Table) -> Wind:
    table = root.table("wind", _WIND_KEYS)
    return Wind(from_deg=table.number("from_deg", 0.0, at_least=0, at_most=360), speed_mps=table.number("speed_mps", 0.0, at_least=0))


def _terrain(root: Table, folder: Path, ground: AreaAndBorder, bases: Sequence[Base]) -> Terrain | None:
    """The heights around the area and the bases, from the raster that is named."""
    if not root.has("terrain"):
        return None
    table = root.table("terrain", TERRAIN_KEYS)
    stated = Stated(**{key: table.text(key) for key in TERRAIN_KEYS[1:] if table.has(key)})
    path = folder / table.text("file")
    places = [near_longitude(Point(base.location.lon_deg, base.location.lat_deg), ground.lon_deg) for base in bases]
    return kept_elevation(path, window=Window(*GeometryCollection([ground.area.geometry, *places]).bounds), stated=stated)


def _raised(tables: Sequence[Table], bases: Sequence[Base], terrain: Terrain | None) -> tuple[Base, ...]:
    """Bases without an elevation lie on the terrain."""
    if terrain is None:
        return tuple(bases)
    lat_deg, lon_deg = np.array([(base.location.lat_deg, base.location.lon_deg) for base in bases]).T
    heights_m: list[float] = np.round(terrain.height_m(lat_deg, lon_deg), 1).tolist()
    for table, height_m in zip(tables, heights_m, strict=True):
        if not table.has("elevation_m") and not math.isfinite(height_m):
            table.fail("elevation_m", "is missing, and the terrain has no height there", mend="give the base's elevation")
    return tuple(
        base if table.has("elevation_m") else replace(base, elevation_m=height_m)
        for table, base, height_m in zip(tables, bases, heights_m, strict=True)
    )


def _check_wind(root: Table, wind: Wind, limits: Limits, drone_types: Sequence[DroneType]) -> None:
    table = root.table("wind", _WIND_KEYS)
    if wind.speed_mps > limits.max_wind_mps:
        table.fail("speed_mps", f"{wind.speed_mps:g} is above limits.max_wind_mps {limits.max_wind_mps:g}", mend="correct one of them")
    for kind in drone_types:
        if wind.speed_mps >= kind.cruise_mps:
            text = f"{wind.speed_mps:g} is not slower than drone type {kind.id} flies ({kind.cruise_mps:g})"
            table.fail("speed_mps", text, mend="wait for less wind, or leave that type out")


def _check_everybody_flies(tables: Sequence[Table], bases: Sequence[Base], drones: Sequence[Drone]) -> None:
    for table in tables:
        nation = table.id("id")
        if states_no_share(table):
            continue
        if all(base.nation != nation for base in bases):
            table.fail("id", f"nation {nation} has no base", mend=f'add a [[base]] with nation = "{nation}"; share = 0 if it only hosts')
        if all(drone.nation != nation for drone in drones):
            table.fail("id", f"nation {nation} has no drones", mend="add a [[fleet]] at one of its bases; share = 0 if it only hosts")


def _check_places(tables: Sequence[Table], bases: Sequence[Base], nations: Sequence[Nation], ground: AreaAndBorder, root: Table) -> None:
    for table, base in zip(tables, bases, strict=True):
        nation = next(nation for nation in nations if nation.id == base.nation)
        if not _is_in(base.location, nation, ground.lon_deg):
            swapped = abs(base.location.lon_deg) <= 90 and _is_in(_swapped(base.location), nation, ground.lon_deg)
            mend = "lat_deg and lon_deg are swapped" if swapped else "move the base, or correct the territory"
            text = f"base {base.id} lies outside the territory of {nation.id}"
            table.fail("lat_deg", text, mend=mend, value=f"{base.location.lat_deg:g}, {base.location.lon_deg:g}")
    if not any(ground.area.geometry.intersects(nation.territory.geometry) for nation in nations):
        root.fail("area", "lies outside the territory of every nation", mend="is its file, or are the territories, swapped?")


def _is_in(place: LatLon, nation: Nation, lon_deg: float) -> bool:
    point = near_longitude(Point(place.lon_deg, place.lat_deg), lon_deg)
    return bool(nation.territory.geometry.covers(point))


def _swapped(place: LatLon) -> LatLon:
    return LatLon(lat_deg=place.lon_deg, lon_deg=place.lat_deg)


def _check_heights(tables: Sequence[Table], drone_types: Sequence[DroneType], drones: Sequence[Drone], nations: Sequence[Nation]) -> None:
    ceilings_m = {nation.id: nation.policy.max_height_m for nation in nations}
    for table, drone_type in zip(tables, drone_types, strict=True):
        for nation in dict.fromkeys(drone.nation for drone in drones if drone.type == drone_type.id):
            if drone_type.height_above_home_m > ceilings_m[nation]:
                text = f"{drone_type.height_above_home_m:g} is above the {ceilings_m[nation]:g} that nation {nation} allows"
                table.fail("height_above_home_m", text, mend="fly lower, or raise the nation's policy.max_height_m")
