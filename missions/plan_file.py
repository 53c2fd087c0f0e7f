"""Write and read plan.json (docs/plan_file.md): exactly its fields, atomically, and without trust in what is read."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Final

from missions.canonical import (
    ENERGY_DECIMALS,
    LENGTH_DECIMALS,
    RATIO_DECIMALS,
    TIME_DECIMALS,
    Json,
    Object,
    agreement_document,
    base_document,
    drone_document,
    drone_type_document,
    finite,
    keep_out_document,
    kept,
    nation_document,
    permission_document,
    shape_document,
    wind_document,
)
from missions.comparison_file import comparison_document
from missions.errors import InputError, one_line
from missions.folders import write_whole
from missions.geojson_file import parse_json
from missions.lonlat_shapes import DECIMALS, ShapeError
from missions.plan_reader import plan_from_document
from missions.revisit_file import figures_document, patrols_document
from planner.geo import LatLon, Position
from planner.model import AboveGround, Lane, Leg, Plan, PlanResult, Sector, Sortie, Unreachable, Violation
from planner.terrain import TerrainSource

MAX_FILE_BYTES: Final = 500_000_000


def write_plan(plan: Plan, path: str | Path) -> None:
    """Write the plan file, or leave what was there untouched. Raises OSError."""
    write_whole(Path(path), plan_bytes(plan))


def read_plan(path: str | Path) -> Plan:
    """Read a plan file. Raises InputError with the key path of the first thing that is malformed."""
    file = str(path)
    try:
        if Path(path).stat().st_size > MAX_FILE_BYTES:
            raise InputError(f"is larger than {MAX_FILE_BYTES // 1_000_000} MB", file=file, mend="is this a plan file?")
        data = Path(path).read_bytes()
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise InputError(f"cannot be read: {reason}", file=file, mend="check the name and its permissions") from error
    return parse_plan(data, file)


def parse_plan(data: bytes, file: str) -> Plan:
    """A plan from the bytes of its file; `file` is what errors call it."""
    try:
        document = parse_json(data)
    except ShapeError as error:
        raise InputError(error.text, file=file, mend="give a plan written by jointpatrol plan") from error
    return plan_from_document(document, file)


def plan_bytes(plan: Plan) -> bytes:
    """What the plan file holds: JSON with a line for each top-level key and for each element of a top-level list."""
    members = ",\n".join(f"{json.dumps(key)}: {_lines(value)}" for key, value in plan_document(plan).items())
    return f"{{\n{members}\n}}\n".encode()


def plan_sha256(plan: Plan) -> str:
    """Hex digest of the plan file's bytes, as `sha256sum plan.json` prints it."""
    return hashlib.sha256(plan_bytes(plan)).hexdigest()


def plan_document(plan: Plan) -> Object:
    """The plan as plain JSON values: the fields of docs/plan_file.md."""
    solver = plan.solver
    return {
        "schema": plan.schema,
        "name": one_line(plan.name),
        "start_utc": plan.start_utc,
        "spec_sha256": plan.spec_sha256,
        "objective": plan.objective.value,
        "agreement": agreement_document(plan.agreement),
        "stay_inside": plan.stay_inside,
        "min_coverage": float(plan.min_coverage),
        "duration_s": finite(plan.duration_s),
        "patrols": patrols_document(plan.patrols),
        "area": shape_document(plan.area),
        "coverable": shape_document(plan.coverable),
        "border": shape_document(plan.border),
        "position_uncertainty_m": float(plan.position_uncertainty_m),
        "nations": [nation_document(nation) for nation in plan.nations],
        "permissions": [permission_document(permission) for permission in plan.permissions],
        "keep_outs": [keep_out_document(keep_out) for keep_out in plan.keep_outs],
        "minima": {"horizontal_m": float(plan.limits.min_separation_m), "vertical_m": float(plan.limits.min_vertical_separation_m)},
        "max_wind_mps": float(plan.limits.max_wind_mps),
        "wind": wind_document(plan.wind),
        "bases": [base_document(base) for base in plan.bases],
        "drone_types": [drone_type_document(drone_type) for drone_type in plan.drone_types],
        "drones": [drone_document(drone) for drone in plan.drones],
        "sectors": [_sector(sector) for sector in plan.sectors],
        "lanes": [_lane(lane) for lane in plan.lanes],
        "sorties": [_sortie(sortie) for sortie in plan.sorties],
        "unreachable": [_unreachable(part) for part in plan.unreachable],
        "result": result_document(plan.result),
        "comparison": comparison_document(plan.comparison),
        "violations": [violation_document(violation) for violation in plan.violations],
        "solver": {
            "seconds": kept(solver.seconds, TIME_DECIMALS),
            "workers": solver.workers,
            "effort": solver.effort,
            "reproducible": solver.reproducible,
            "seed": solver.seed,
        },
        "notes": [one_line(note) for note in plan.notes],
        **_terrain(plan.terrain),
    }


def _terrain(source: TerrainSource | None) -> Object:
    """A plan over flat earth says nothing of it."""
    if source is None:
        return {}
    return {"terrain": {name: one_line(getattr(source, name)) for name in ("file", "sha256", "crs", "unit", "datum")}}


def result_document(result: PlanResult) -> Object:
    """The plan's figures, as in the file."""
    return {
        "makespan_s": kept(result.makespan_s, TIME_DECIMALS),
        "makespan_bound_s": kept(result.makespan_bound_s, TIME_DECIMALS),
        "gap": None if result.gap is None else kept(result.gap, RATIO_DECIMALS),
        "length_m": kept(result.length_m, LENGTH_DECIMALS),
        "length_bound_m": kept(result.length_bound_m, LENGTH_DECIMALS),
        "coverage": kept(result.coverage, RATIO_DECIMALS),
        "coverage_of_area": kept(result.coverage_of_area, RATIO_DECIMALS),
        "share": {nation: kept(share, RATIO_DECIMALS) for nation, share in result.share.items()},
        "worst_revisit_s": None if result.worst_revisit_s is None else kept(result.worst_revisit_s, TIME_DECIMALS),
        "energy_wh": kept(result.energy_wh, ENERGY_DECIMALS),
        "ground_share": {nation: kept(share, RATIO_DECIMALS) for nation, share in result.ground_share.items()},
        **figures_document(result),
    }


def violation_document(violation: Violation) -> Object:
    """One violation, as in the file and in every `--json` output."""
    return {
        "rule": violation.rule.value,
        "subject": one_line(violation.subject),
        "amount": finite(violation.amount),
        "unit": violation.unit,
        "lat_deg": finite(violation.lat_deg),
        "lon_deg": finite(violation.lon_deg),
        "at_s": finite(violation.at_s),
        "text": one_line(violation.text),
    }


def _sector(sector: Sector) -> Object:
    return {"nation": sector.nation, "polygon": shape_document(sector.polygon)}


def _lane(lane: Lane) -> Object:
    return {
        "id": lane.id,
        "nation": lane.nation,
        "from": _pair(lane.start),
        "to": _pair(lane.end),
        "swath_m": kept(lane.swath_m, LENGTH_DECIMALS),
    }


def _sortie(sortie: Sortie) -> Object:
    return {
        "id": sortie.id,
        "drone": sortie.drone,
        "nation": sortie.nation,
        "start_base": sortie.start_base,
        "end_base": sortie.end_base,
        "start_s": kept(sortie.start_s, TIME_DECIMALS),
        "end_s": kept(sortie.end_s, TIME_DECIMALS),
        "energy_wh": kept(sortie.energy_wh, ENERGY_DECIMALS),
        "legs": [_leg(leg) for leg in sortie.legs],
    }


def _leg(leg: Leg) -> Object:
    return {
        "kind": leg.kind.value,
        "from": _triple(leg.start),
        "to": _triple(leg.end),
        "path": None if leg.path is None else [_triple(point) for point in leg.path],
        "start_s": kept(leg.start_s, TIME_DECIMALS),
        "end_s": kept(leg.end_s, TIME_DECIMALS),
        "energy_wh": kept(leg.energy_wh, ENERGY_DECIMALS),
        "lane": leg.lane,
        "swath_m": None if leg.swath_m is None else kept(leg.swath_m, LENGTH_DECIMALS),
        **_above_ground(leg.above_ground),
    }


def _above_ground(above: AboveGround | None) -> Object:
    if above is None:
        return {}
    return {"above_ground_m": [kept(above.least_m, LENGTH_DECIMALS), kept(above.most_m, LENGTH_DECIMALS)]}


def _unreachable(part: Unreachable) -> Object:
    return {"polygon": shape_document(part.polygon), "reason": one_line(part.reason)}


def _pair(place: LatLon) -> list[Json]:
    return [kept(place.lon_deg, DECIMALS), kept(place.lat_deg, DECIMALS)]


def _triple(place: Position) -> list[Json]:
    return [kept(place.lon_deg, DECIMALS), kept(place.lat_deg, DECIMALS), kept(place.height_m, LENGTH_DECIMALS)]


def _lines(value: Json) -> str:
    if not isinstance(value, list) or not value:
        return _compact(value)
    return "[\n" + ",\n".join(f"  {_compact(element)}" for element in value) + "\n]"


def _compact(value: Json) -> str:
    return json.dumps(value, separators=(", ", ": "), ensure_ascii=False, allow_nan=False)
