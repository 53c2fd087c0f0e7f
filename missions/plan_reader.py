"""Turn the plain JSON values of a plan file into a `Plan`; every defect is an InputError with its exact key path."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Final

from missions.comparison_file import read_comparison
from missions.errors import InputError, nearest_mend, shortened
from missions.nation_table import read_nation
from missions.plan_places import read_line, read_pair, read_place, read_polygon, read_position
from missions.revisit_file import read_figures, read_patrols, read_staff
from missions.schema_versions import PLAN_STEPS, require_newest
from missions.tables import Table, kind_of, require_unique
from planner.geo import LatLon
from planner.model import (
    SCHEMA,
    AboveGround,
    Agreement,
    Base,
    Drone,
    DroneType,
    HeightBand,
    KeepOut,
    Lane,
    Leg,
    LegKind,
    Limits,
    Nation,
    Objective,
    PartitionMode,
    Permission,
    Plan,
    PlanResult,
    Rule,
    Sector,
    Sensor,
    SolverInfo,
    Sortie,
    Unreachable,
    Validity,
    VehicleKind,
    Violation,
    Wind,
)
from planner.terrain import TerrainSource

_MAX_COUNT: Final = 2**31 - 1

_ROOT: Final = (
    *("schema", "name", "start_utc", "spec_sha256", "objective", "agreement", "stay_inside", "min_coverage", "duration_s", "patrols"),
    *("area", "coverable", "border", "position_uncertainty_m", "nations", "permissions", "keep_outs"),
    *("minima", "max_wind_mps", "wind", "bases", "drone_types", "drones", "sectors", "lanes", "sorties"),
    *("unreachable", "result", "comparison", "violations", "solver", "notes", "terrain"),
)
_BASE: Final = ("id", "nation", "lat_deg", "lon_deg", "elevation_m", "staff")
_LANE: Final = ("id", "nation", "from", "to", "swath_m")
_LEG: Final = ("kind", "from", "to", "path", "start_s", "end_s", "energy_wh", "lane", "swath_m", "above_ground_m")


def _keys(of: type) -> tuple[str, ...]:
    """The keys of a table whose fields are named as those of its type."""
    return tuple(field.name for field in fields(of))


def plan_from_document(document: object, file: str) -> Plan:
    """The plan that a parsed plan file holds. What it says is typed and refers to what exists; `check` judges the rest."""
    require_newest(document, file, newest=SCHEMA, steps=PLAN_STEPS)
    root = Table(document, file=file, path="", keys=_ROOT)
    nations = tuple(read_nation(table, read_polygon(table, "territory")) for table in _unique(root, "nations", _keys(Nation)))
    nation_ids = [nation.id for nation in nations]
    bases = tuple(_base(table, nation_ids) for table in _unique(root, "bases", _BASE))
    base_ids = [base.id for base in bases]
    drone_types = tuple(_drone_type(table) for table in _unique(root, "drone_types", _keys(DroneType)))
    drone_tables = _unique(root, "drones", _keys(Drone))
    drones = tuple(_drone(table, nation_ids, base_ids, [kind.id for kind in drone_types]) for table in drone_tables)
    drone_ids = {drone.id for drone in drones}
    return Plan(
        schema=SCHEMA,
        name=root.text("name", "plan"),
        start_utc=_start_utc(root),
        spec_sha256=root.text("spec_sha256", ""),
        objective=root.choice("objective", Objective, Objective.MAKESPAN),
        agreement=_agreement(root),
        stay_inside=root.flag("stay_inside", False),
        min_coverage=root.number("min_coverage", 0.99, at_least=0, at_most=1),
        duration_s=root.number("duration_s", above=0) if root.has("duration_s") else None,
        patrols=read_patrols(root),
        area=read_polygon(root, "area"),
        coverable=read_polygon(root, "coverable"),
        border=read_line(root, "border") if root.has("border") else None,
        position_uncertainty_m=root.number("position_uncertainty_m", at_least=0),
        nations=nations,
        permissions=tuple(_permission(table, nation_ids) for table in _unique(root, "permissions", _keys(Permission))),
        keep_outs=tuple(_keep_out(table) for table in _unique(root, "keep_outs", _keys(KeepOut))),
        limits=_limits(root),
        wind=_wind(root),
        bases=bases,
        drone_types=drone_types,
        drones=drones,
        sectors=tuple(_sector(table, nation_ids) for table in root.tables("sectors", _keys(Sector))),
        lanes=tuple(_lane(table, nation_ids) for table in _unique(root, "lanes", _LANE)),
        sorties=tuple(_sortie(table, drone_ids, nation_ids, base_ids) for table in _unique(root, "sorties", _keys(Sortie))),
        unreachable=tuple(_unreachable(table) for table in root.tables("unreachable", _keys(Unreachable))),
        result=_result(root),
        comparison=read_comparison(root),
        violations=tuple(_violation(table) for table in root.tables("violations", _keys(Violation))),
        solver=_solver(root),
        notes=tuple(_note(root, path, raw) for path, raw in root.items("notes")),
        terrain=_terrain(root),
    )


def _terrain(root: Table) -> TerrainSource | None:
    if not root.has("terrain"):
        return None
    table = root.table("terrain", ("file", "sha256", "crs", "unit", "datum"))
    return TerrainSource(
        file=table.text("file"), sha256=table.text("sha256"), crs=table.text("crs"), unit=table.text("unit"), datum=table.text("datum")
    )


def _unique(root: Table, name: str, keys: Sequence[str]) -> list[Table]:
    tables = root.tables(name, keys)
    require_unique(tables, "id", lambda table: _id(table, "id"))
    return tables


def _id(table: Table, name: str) -> str:
    # lanes are named by the planner alone and never become files
    return table.text(name) if table.path.startswith("lanes[") else table.id(name)


def _known(table: Table, name: str, ids: Collection[str]) -> str:
    value = table.text(name)
    if value not in ids:
        table.fail(name, f"{shortened(value)!r} is not in the plan", mend=nearest_mend(value, ids, what="known ids"))
    return value


def _start_utc(root: Table) -> str:
    text = root.text("start_utc")
    try:
        zoned = datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        zoned = False
    if not zoned:
        root.fail("start_utc", f"{shortened(text)!r} is not a date and time with zone", mend='write it like "2026-06-01T06:00:00Z"')
    return text


def _agreement(root: Table) -> Agreement:
    table, usual = root.table("agreement", _keys(Agreement)), Agreement()
    return Agreement(
        partition=table.choice("partition", PartitionMode, usual.partition),
        share_tolerance=table.number("share_tolerance", usual.share_tolerance, above=0, below=1),
        joint=table.flag("joint", usual.joint),
    )


def _base(table: Table, nation_ids: Collection[str]) -> Base:
    return Base(
        id=table.id("id"),
        nation=_known(table, "nation", nation_ids),
        location=LatLon(
            lat_deg=table.number("lat_deg", at_least=-90, at_most=90), lon_deg=table.number("lon_deg", at_least=-180, at_most=360)
        ),
        elevation_m=table.number("elevation_m", 0.0),
        staff=read_staff(table),
    )


def _drone_type(table: Table) -> DroneType:
    sensor = table.table("sensor", _keys(Sensor))
    with sensor.checked():
        seen = Sensor(
            fov_across_deg=sensor.number("fov_across_deg") if sensor.has("fov_across_deg") else None,
            swath_m=sensor.number("swath_m") if sensor.has("swath_m") else None,
            trigger_distance_m=sensor.number("trigger_distance_m") if sensor.has("trigger_distance_m") else None,
        )
    with table.checked():
        return DroneType(
            id=table.id("id"),
            kind=table.choice("kind", VehicleKind),
            cruise_mps=table.number("cruise_mps", above=0),
            climb_mps=table.number("climb_mps", above=0),
            descent_mps=table.number("descent_mps", above=0),
            acceleration_mps2=table.number("acceleration_mps2", above=0),
            turn_radius_m=table.number("turn_radius_m", at_least=0),
            endurance_s=table.number("endurance_s", above=0),
            battery_wh=table.number("battery_wh", above=0),
            reserve=table.number("reserve", at_least=0, below=1),
            power_hover_w=table.number("power_hover_w", above=0),
            power_cruise_w=table.number("power_cruise_w", above=0),
            height_above_home_m=table.number("height_above_home_m", above=0),
            battery_swap_s=table.number("battery_swap_s", 300.0, at_least=0),
            sensor=seen,
        )


def _drone(table: Table, nation_ids: Collection[str], base_ids: Collection[str], type_ids: Collection[str]) -> Drone:
    return Drone(
        id=table.id("id"),
        nation=_known(table, "nation", nation_ids),
        type=_known(table, "type", type_ids),
        base=_known(table, "base", base_ids),
        system_id=table.integer("system_id", at_least=1, at_most=255) if table.has("system_id") else None,
    )


def _permission(table: Table, nation_ids: Collection[str]) -> Permission:
    return Permission(
        id=table.id("id"),
        host=_known(table, "host", nation_ids),
        guest=_known(table, "guest", nation_ids),
        polygon=read_polygon(table, "polygon"),
        band=_band(table),
        validity=_validity(table),
        purpose=table.text("purpose", ""),
        max_drones=table.integer("max_drones", at_least=1, at_most=_MAX_COUNT) if table.has("max_drones") else None,
    )


def _keep_out(table: Table) -> KeepOut:
    with table.checked():
        return KeepOut(
            id=table.id("id"),
            polygon=read_polygon(table, "polygon"),
            buffer_m=table.number("buffer_m", 0.0, at_least=0),
            navigation_error_m=table.number("navigation_error_m", 0.0, at_least=0),
            wind_drift_m=table.number("wind_drift_m", 0.0, at_least=0),
            border_uncertainty_m=table.number("border_uncertainty_m", 0.0, at_least=0),
            band=_band(table),
            validity=_validity(table),
        )


def _band(table: Table) -> HeightBand:
    band = table.table("band", _keys(HeightBand))
    with band.checked():
        return HeightBand(min_m=band.number("min_m", -math.inf), max_m=band.number("max_m", math.inf))


def _validity(table: Table) -> Validity:
    validity = table.table("validity", _keys(Validity))
    with validity.checked():
        return Validity(from_s=validity.number("from_s", -math.inf), to_s=validity.number("to_s", math.inf))


def _limits(root: Table) -> Limits:
    minima = root.table("minima", ("horizontal_m", "vertical_m"))
    return Limits(
        min_separation_m=minima.number("horizontal_m", above=0),
        min_vertical_separation_m=minima.number("vertical_m", above=0),
        max_wind_mps=root.number("max_wind_mps", Limits().max_wind_mps, above=0),
    )


def _wind(root: Table) -> Wind:
    wind = root.table("wind", _keys(Wind))
    return Wind(from_deg=wind.number("from_deg", 0.0), speed_mps=wind.number("speed_mps", 0.0, at_least=0))


def _sector(table: Table, nation_ids: Collection[str]) -> Sector:
    return Sector(nation=_known(table, "nation", nation_ids), polygon=read_polygon(table, "polygon"))


def _lane(table: Table, nation_ids: Collection[str]) -> Lane:
    return Lane(
        id=table.text("id"),
        nation=_known(table, "nation", nation_ids),
        start=read_place(table, "from"),
        end=read_place(table, "to"),
        swath_m=table.number("swath_m", above=0),
    )


def _sortie(table: Table, drone_ids: Collection[str], nation_ids: Collection[str], base_ids: Collection[str]) -> Sortie:
    return Sortie(
        id=table.id("id"),
        drone=_known(table, "drone", drone_ids),
        nation=_known(table, "nation", nation_ids),
        start_base=_known(table, "start_base", base_ids),
        end_base=_known(table, "end_base", base_ids),
        start_s=table.number("start_s"),
        end_s=table.number("end_s"),
        energy_wh=table.number("energy_wh"),
        legs=tuple(_leg(leg) for leg in table.tables("legs", _LEG)),
    )


def _leg(table: Table) -> Leg:
    path = tuple(read_position(table, where, raw) for where, raw in table.items("path")) if table.has("path") else None
    if path is not None and len(path) < 2:
        table.fail("path", f"has {len(path)} points", mend="give all points, ends included, or leave it out")
    return Leg(
        kind=table.choice("kind", LegKind),
        start=read_position(table, table.key("from"), table.raw("from")),
        end=read_position(table, table.key("to"), table.raw("to")),
        path=path,
        start_s=table.number("start_s"),
        end_s=table.number("end_s"),
        energy_wh=table.number("energy_wh"),
        lane=table.text("lane") if table.has("lane") else None,
        swath_m=table.number("swath_m", above=0) if table.has("swath_m") else None,
        above_ground=_above_ground(table),
    )


def _above_ground(table: Table) -> AboveGround | None:
    if not table.has("above_ground_m"):
        return None
    least_m, most_m = read_pair(table, "above_ground_m", "[least, greatest]")
    return AboveGround(least_m=least_m, most_m=most_m)


def _unreachable(table: Table) -> Unreachable:
    return Unreachable(polygon=read_polygon(table, "polygon"), reason=table.text("reason", ""))


def _result(root: Table) -> PlanResult:
    root.raw("result")
    table = root.table("result", _keys(PlanResult))
    table.raw("share")
    patrols, revisits = read_figures(table)
    return PlanResult(
        makespan_s=table.number("makespan_s"),
        makespan_bound_s=table.number("makespan_bound_s"),
        gap=table.number("gap") if table.has("gap") else None,
        length_m=table.number("length_m"),
        length_bound_m=table.number("length_bound_m"),
        coverage=table.number("coverage"),
        coverage_of_area=table.number("coverage_of_area"),
        share=_shares(table, "share"),
        worst_revisit_s=table.number("worst_revisit_s") if table.has("worst_revisit_s") else None,
        energy_wh=table.number("energy_wh"),
        ground_share=_shares(table, "ground_share"),
        patrols=patrols,
        revisits=revisits,
    )


def _shares(table: Table, name: str) -> dict[str, float]:
    """Numbers by nation; none where a plan of before does not state them."""
    raw = table.raw(name) if table.has(name) else {}
    names = [key for key in raw if isinstance(key, str)] if isinstance(raw, dict) else []
    numbers = table.table(name, names)
    return {nation: numbers.number(nation) for nation in names}


def _violation(table: Table) -> Violation:
    return Violation(
        rule=table.choice("rule", Rule),
        subject=table.text("subject", ""),
        amount=table.number("amount", math.inf),
        unit=table.text("unit", ""),
        text=table.text("text", ""),
        lat_deg=table.number("lat_deg") if table.has("lat_deg") else None,
        lon_deg=table.number("lon_deg") if table.has("lon_deg") else None,
        at_s=table.number("at_s") if table.has("at_s") else None,
    )


def _solver(root: Table) -> SolverInfo:
    solver = root.table("solver", _keys(SolverInfo))
    return SolverInfo(
        seconds=solver.number("seconds", 0.0),
        workers=solver.integer("workers", 1, at_least=1, at_most=_MAX_COUNT),
        effort=solver.integer("effort", at_least=1, at_most=5) if solver.has("effort") else None,
        reproducible=solver.flag("reproducible", False),
        seed=solver.integer("seed", 0, at_least=0, at_most=_MAX_COUNT),
    )


def _note(root: Table, path: str, raw: object) -> str:
    if not isinstance(raw, str):
        raise InputError(f"is {kind_of(raw)}, expected a text", file=root.file, key=path, value=raw, mend="give a text")
    return raw
