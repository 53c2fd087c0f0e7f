"""The report's numbers as tables: CSV for spreadsheets, one GeoPackage for map programs, from the same account as the page."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from shapely.geometry import LineString, Point, Polygon
from shapely.geometry.base import BaseGeometry

from missions.errors import one_line
from missions.formats.antimeridian import within_world
from missions.formats.features import Value
from missions.formats.geopackage import Layer, Packer, filled
from missions.report.account import Effort, FlightAccount
from missions.report.params import ReportParams
from missions.utc import UtcTexts
from planner.geo import LatLon

GEOPACKAGE: Final = "report.gpkg"
#: What a spreadsheet would take for a formula.
_FORMULAS = ("=", "+", "-", "@")

_NationRow = dict[str, Value]


@dataclass(frozen=True, slots=True)
class _Table:
    """Rows of the same keys; `places` are their geometries where they have any."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[dict[str, Value], ...]
    geometry: str = ""
    places: tuple[BaseGeometry, ...] = ()


def number_files(account: FlightAccount, params: ReportParams | None = None) -> dict[str, bytes]:
    """File name -> content. Units are in the columns' names."""
    tables = list(_tables(account, params or ReportParams()))
    files = {f"{table.name}.csv": _csv(table) for table in tables if table.name != "tracks"}
    return files | {GEOPACKAGE: _geopackage(account, [table for table in tables if table.geometry])}


def _tables(account: FlightAccount, params: ReportParams) -> Iterator[_Table]:
    yield _table("nations", list(_nations(account)), "MULTIPOLYGON", [_sector(account, nation.nation) for nation in account.nations])
    yield _table("drones", list(_drones(account)))
    yield _table("sorties", list(_sorties(account)))
    grounds = [account.frame.to_geographic(segment.ground).geometry for segment in account.segments]
    yield _table("segments", list(_segments(account)), "MULTIPOLYGON", [within_world(ground) for ground in grounds])
    pieces = account.missed.pieces
    yield _table("missed", list(_missed(account)), "MULTIPOLYGON", [within_world(piece.polygon.geometry) for piece in pieces])
    places = [_point(encounter.place) for encounter in account.encounters]
    yield _table("encounters", list(_encounters(account)), "POINT", places)
    yield _table("violations", list(_violations(account)))
    yield _table("alerts", list(_alerts(account)))
    tracks = list(_tracks(account, params))
    yield _table("tracks", [values for _, values in tracks], "MULTILINESTRING", [line for line, _ in tracks])


def _table(name: str, rows: Sequence[dict[str, Value]], geometry: str = "", places: Sequence[BaseGeometry] = ()) -> _Table:
    return _Table(name, tuple(rows[0]) if rows else (), tuple(rows), geometry, tuple(places))


def _nations(account: FlightAccount) -> Iterator[_NationRow]:
    for nation in account.nations:
        yield {
            "nation": nation.nation,
            "name": nation.name,
            "coverage_planned": nation.planned_coverage,
            "coverage_flown": nation.flown_coverage,
            **_efforts(nation.planned, nation.flown),
        }


def _drones(account: FlightAccount) -> Iterator[dict[str, Value]]:
    for drone in account.drones:
        yield {
            "drone": drone.drone,
            "nation": drone.nation,
            "system_id": drone.system_id,
            "upload": drone.upload.value,
            "final": drone.final.value,
            "sorties_planned": drone.sorties_planned,
            "sorties_flown": drone.sorties_flown,
            **_efforts(drone.planned, drone.flown),
            "energy_source": drone.flown.energy.source.value,
            "pictures": drone.pictures,
        }


def _efforts(planned: Effort, flown: Effort) -> dict[str, Value]:
    return {
        f"{name}_{when}": value
        for when, effort in (("planned", planned), ("flown", flown))
        for name, value in (("time_s", effort.time_s), ("length_m", effort.length_m), ("energy_wh", effort.energy.wh))
    }


def _sorties(account: FlightAccount) -> Iterator[dict[str, Value]]:
    times = UtcTexts(account.plan.start_utc)
    for sortie in account.sorties:
        begun, ended = (sortie.flown[0][0], sortie.flown[-1][1]) if sortie.flown else (None, None)
        yield {
            "sortie": sortie.sortie,
            "drone": sortie.drone,
            "nation": sortie.nation,
            "planned_start_s": sortie.planned[0],
            "planned_end_s": sortie.planned[1],
            "flown_start_s": begun,
            "flown_end_s": ended,
            "planned_start_utc": times.text(sortie.planned[0]),
            "flown_start_utc": None if begun is None else times.text(begun),
            "flights": len(sortie.flown),
        }


def _segments(account: FlightAccount) -> Iterator[dict[str, Value]]:
    for segment in account.segments:
        yield {
            "number": segment.number,
            "from_m": segment.from_m,
            "to_m": segment.to_m,
            "lat_deg": segment.middle.lat_deg,
            "lon_deg": segment.middle.lon_deg,
            "coverable_m2": segment.coverable_m2,
            "coverage_planned": segment.planned_coverage,
            "coverage_flown": segment.flown_coverage,
            "visits_mean": segment.visits,
            "first_s": segment.first_s,
            "last_s": segment.last_s,
            "longest_gap_s": segment.longest_gap_s,
        }


def _missed(account: FlightAccount) -> Iterator[dict[str, Value]]:
    for piece in account.missed.pieces:
        yield {
            "number": piece.number,
            "lat_deg": piece.place.lat_deg,
            "lon_deg": piece.place.lon_deg,
            "area_m2": piece.area_m2,
            "length_m": piece.length_m,
            "promised": piece.promised,
            "nations": " ".join(piece.nations),
        }


def _encounters(account: FlightAccount) -> Iterator[dict[str, Value]]:
    for encounter in account.encounters:
        yield {
            "drone": encounter.drones[0],
            "other": encounter.drones[1],
            "at_s": encounter.at_s,
            "horizontal_m": encounter.horizontal_m,
            "vertical_m": encounter.vertical_m,
            "lat_deg": encounter.place.lat_deg,
            "lon_deg": encounter.place.lon_deg,
            "lost_s": encounter.lost_s,
        }


def _violations(account: FlightAccount) -> Iterator[dict[str, Value]]:
    for violation in account.violations:
        yield {
            "rule": violation.rule.value,
            "subject": one_line(violation.subject),
            "amount": violation.amount,
            "unit": violation.unit,
            "lat_deg": violation.lat_deg,
            "lon_deg": violation.lon_deg,
            "at_s": violation.at_s,
            "text": one_line(violation.text),
        }


def _alerts(account: FlightAccount) -> Iterator[dict[str, Value]]:
    for alert in account.alerts:
        yield {"drone": alert.drone, "at_s": alert.at_s, "level": alert.level.value, "rule": alert.rule, "text": one_line(alert.text)}


def _tracks(account: FlightAccount, params: ReportParams) -> Iterator[tuple[BaseGeometry, dict[str, Value]]]:
    """The ways flown, cut where nothing was heard."""
    nations = {drone.id: drone.nation for drone in account.plan.drones}
    for record in account.records.values():
        for span in record.airtimes:
            flown = record.track.between(span.start_s, span.end_s)
            for piece in flown.pieces(max_gap_s=params.max_gap_s, max_speed_mps=params.max_speed_mps):
                if len(piece) < 2:
                    continue
                line = account.frame.to_geographic(LineString(np.column_stack([piece.east_m, piece.north_m])))
                values: dict[str, Value] = {"drone": record.drone, "nation": nations.get(record.drone), "sortie": span.sortie}
                yield within_world(line.geometry), values | {"start_s": span.start_s, "end_s": span.end_s}


def _sector(account: FlightAccount, nation: str) -> BaseGeometry:
    sector = next((sector.polygon for sector in account.plan.sectors if sector.nation == nation), None)
    return Polygon() if sector is None or sector.is_empty else within_world(sector.geometry)


def _point(place: LatLon) -> BaseGeometry:
    return within_world(Point(place.lon_deg, place.lat_deg))


def _csv(table: _Table) -> bytes:
    """RFC 4180, UTF-8 with a byte-order mark, without which spreadsheets guess."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(table.columns)
    writer.writerows([[_cell(row[name]) for name in table.columns] for row in table.rows])
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def _cell(value: Value) -> Value:
    if isinstance(value, str) and value.startswith(_FORMULAS):
        return f"'{value}"
    return round(value, 6) if isinstance(value, float) else value


def _geopackage(account: FlightAccount, tables: Sequence[_Table]) -> bytes:
    layers, rows = [], {}
    for table in tables:
        layer = Layer(table.name, table.geometry, False, tuple((name, _column_type(table, name)) for name in table.columns))
        layers.append(layer)
        if table.rows:
            rows[table.name] = filled(layer, table.places, [tuple(row.values()) for row in table.rows])
    return Packer(layers, changed_utc=UtcTexts(account.plan.start_utc).text(account.duration_s)).packed(rows)


def _column_type(table: _Table, name: str) -> str:
    if name.endswith("_utc"):
        return "DATETIME"
    match next((row[name] for row in table.rows if row[name] is not None), None):
        case bool():
            return "BOOLEAN"
        case int():
            return "INTEGER"
        case float():
            return "DOUBLE"
        case _:
            return "TEXT"
