"""GeoPackage 1.3 (OGC 12-128r18) of a whole plan or of one sortie: a typed layer for each kind of thing.

Written as the SQLite file that it is, in memory: GDAL would take a tenth of a second for each sortie's file.
"""

from __future__ import annotations

import sqlite3
import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import MultiLineString
from shapely.geometry.base import BaseGeometry

from missions.formats.antimeridian import cut_line, within_world
from missions.formats.features import Feature, FeatureKind, PlanFeatures, Value
from missions.formats.fences import Fences
from missions.formats.writing import Remark, Writers, unremarked
from missions.utc import UtcTexts
from planner.geo import path_length_m
from planner.model import Plan, Sortie

_WGS84: Final = 4326
_SRS: Final = (
    ("Undefined Cartesian", -1, "NONE", -1, "undefined", "undefined Cartesian coordinate reference system"),
    ("Undefined geographic", 0, "NONE", 0, "undefined", "undefined geographic coordinate reference system"),
    (
        "WGS 84 geodetic",
        _WGS84,
        "EPSG",
        4326,
        'GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563,AUTHORITY["EPSG","7030"]],AUTHORITY["EPSG","6326"]],'
        'PRIMEM["Greenwich",0,AUTHORITY["EPSG","8901"]],UNIT["degree",0.0174532925199433,AUTHORITY["EPSG","9122"]],AUTHORITY["EPSG","4326"]]',
        "longitude/latitude coordinates in decimal degrees on the WGS 84 spheroid",
    ),
)
_SYSTEM_TABLES: Final = """
PRAGMA application_id = 0x47504B47;
PRAGMA user_version = 10300;
CREATE TABLE gpkg_spatial_ref_sys (srs_name TEXT NOT NULL, srs_id INTEGER NOT NULL PRIMARY KEY, organization TEXT NOT NULL,
 organization_coordsys_id INTEGER NOT NULL, definition TEXT NOT NULL, description TEXT);
CREATE TABLE gpkg_contents (table_name TEXT NOT NULL PRIMARY KEY, data_type TEXT NOT NULL, identifier TEXT UNIQUE,
 description TEXT DEFAULT '', last_change DATETIME NOT NULL, min_x DOUBLE, min_y DOUBLE, max_x DOUBLE, max_y DOUBLE, srs_id INTEGER,
 CONSTRAINT fk_gc_r_srs_id FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys(srs_id));
CREATE TABLE gpkg_geometry_columns (table_name TEXT NOT NULL, column_name TEXT NOT NULL, geometry_type_name TEXT NOT NULL,
 srs_id INTEGER NOT NULL, z TINYINT NOT NULL, m TINYINT NOT NULL, CONSTRAINT pk_geom_cols PRIMARY KEY (table_name, column_name),
 CONSTRAINT uk_gc_table_name UNIQUE (table_name), CONSTRAINT fk_gc_tn FOREIGN KEY (table_name) REFERENCES gpkg_contents(table_name),
 CONSTRAINT fk_gc_srs FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys (srs_id));
"""


@dataclass(frozen=True, slots=True)
class _Layer:
    """A table: its geometry type, and its columns with their SQLite types."""

    name: str
    geometry: str
    has_z: bool
    columns: tuple[tuple[str, str], ...]


_BOUNDS = (("min_m", "DOUBLE"), ("max_m", "DOUBLE"), ("from_s", "DOUBLE"), ("to_s", "DOUBLE"))
_LEG = _Layer(
    "legs",
    "MULTILINESTRING",
    True,
    (
        ("name", "TEXT"),
        ("leg", "TEXT"),
        ("number", "INTEGER"),
        ("sortie", "TEXT"),
        ("drone", "TEXT"),
        ("nation", "TEXT"),
        ("lane", "TEXT"),
        ("swath_m", "DOUBLE"),
        ("start_s", "DOUBLE"),
        ("end_s", "DOUBLE"),
        ("start_utc", "DATETIME"),
        ("end_utc", "DATETIME"),
        ("energy_wh", "DOUBLE"),
        ("from_height_m", "DOUBLE"),
        ("to_height_m", "DOUBLE"),
    ),
)
_SORTIE = _Layer(
    "sorties",
    "MULTILINESTRING",
    True,
    (
        ("name", "TEXT"),
        ("drone", "TEXT"),
        ("nation", "TEXT"),
        ("start_base", "TEXT"),
        ("end_base", "TEXT"),
        ("start_s", "DOUBLE"),
        ("end_s", "DOUBLE"),
        ("start_utc", "DATETIME"),
        ("end_utc", "DATETIME"),
        ("length_m", "DOUBLE"),
        ("energy_wh", "DOUBLE"),
    ),
)
_FENCE = _Layer("fences", "MULTIPOLYGON", False, (("name", "TEXT"), ("nation", "TEXT"), ("inclusion", "BOOLEAN")))
_LAYERS: Final = {
    FeatureKind.AREA: _Layer("area", "MULTIPOLYGON", False, (("name", "TEXT"), ("coverage", "DOUBLE"), ("coverage_of_area", "DOUBLE"))),
    FeatureKind.BORDER: _Layer("border", "MULTILINESTRING", False, (("name", "TEXT"), ("position_uncertainty_m", "DOUBLE"))),
    FeatureKind.SECTOR: _Layer("sectors", "MULTIPOLYGON", False, (("name", "TEXT"), ("nation", "TEXT"))),
    FeatureKind.PERMISSION: _Layer(
        "permissions",
        "MULTIPOLYGON",
        False,
        (("name", "TEXT"), ("host", "TEXT"), ("guest", "TEXT"), ("purpose", "TEXT"), ("max_drones", "INTEGER"), *_BOUNDS),
    ),
    FeatureKind.KEEP_OUT: _Layer("keep_outs", "MULTIPOLYGON", False, (("name", "TEXT"), ("buffer_m", "DOUBLE"), *_BOUNDS)),
    FeatureKind.KEEP_OUT_BUFFER: _Layer("keep_out_buffers", "MULTIPOLYGON", False, (("name", "TEXT"), ("buffer_m", "DOUBLE"), *_BOUNDS)),
    FeatureKind.UNREACHABLE: _Layer("unreachable", "MULTIPOLYGON", False, (("name", "TEXT"), ("reason", "TEXT"))),
    FeatureKind.BASE: _Layer("bases", "POINT", True, (("name", "TEXT"), ("nation", "TEXT"), ("elevation_m", "DOUBLE"))),
    FeatureKind.LANE: _Layer("lanes", "MULTILINESTRING", False, (("name", "TEXT"), ("nation", "TEXT"), ("swath_m", "DOUBLE"))),
    FeatureKind.LEG: _LEG,
}
_PLAN_LAYERS: Final = (*_LAYERS.values(), _SORTIE, _FENCE)
_SORTIE_LAYERS: Final = (
    *(_LAYERS[kind] for kind in (FeatureKind.KEEP_OUT, FeatureKind.KEEP_OUT_BUFFER, FeatureKind.BASE, FeatureKind.LEG)),
    _SORTIE,
)

_Row = tuple[BaseGeometry, dict[str, Value]]


@dataclass(frozen=True, slots=True)
class _Filled:
    """Rows as they stand in the file, and what they bound: west, south, east, north."""

    values: list[tuple[Value | bytes, ...]]
    bounds: tuple[float, ...]


def gpkg_writers(plan: Plan, _remark: Remark) -> Writers:
    """A sortie: as a line and as legs, its bases, the keep-outs near it. The plan: all layers, the sorties' fences included."""
    features = PlanFeatures(plan)
    legs: dict[str, _Filled] = {}

    def leg_rows(sortie: Sortie) -> _Filled:
        if sortie.id not in legs:
            legs[sortie.id] = _filled(_LEG, [_row(feature) for feature in features.legs(sortie)])
        return legs[sortie.id]

    def write(sortie: Sortie) -> bytes:
        layers = _filled_by_layer(features.around(sortie))
        return _file(
            plan, _SORTIE_LAYERS, layers | {_LEG.name: leg_rows(sortie), _SORTIE.name: _filled(_SORTIE, [_sortie_row(plan, sortie)])}
        )

    def whole() -> bytes:
        flown = {
            _LEG.name: _joined([leg_rows(sortie) for sortie in plan.sorties]),
            _SORTIE.name: _filled(_SORTIE, [_sortie_row(plan, sortie) for sortie in plan.sorties]),
            _FENCE.name: _filled(_FENCE, _fence_rows(plan)),
        }
        return _file(plan, _PLAN_LAYERS, _filled_by_layer(features.ground()) | flown)

    return Writers(write, whole)


def _fence_rows(plan: Plan) -> list[_Row]:
    fences = Fences(plan, unremarked)
    return [
        (within_world(ring), {"name": sortie.id, "nation": sortie.nation, "inclusion": inclusion})
        for sortie in plan.sorties
        for inclusion, ring in fences.of(sortie).polygons
    ]


def _filled_by_layer(features: Iterable[Feature]) -> dict[str, _Filled]:
    rows: dict[FeatureKind, list[_Row]] = {}
    for feature in features:
        rows.setdefault(feature.kind, []).append(_row(feature))
    return {_LAYERS[kind].name: _filled(_LAYERS[kind], found) for kind, found in rows.items()}


def _row(feature: Feature) -> _Row:
    return feature.geometry, {"name": feature.name, **feature.properties}


def _sortie_row(plan: Plan, sortie: Sortie) -> _Row:
    times, elevation_m = UtcTexts(plan.start_utc), plan.base(sortie.start_base).elevation_m
    points = [sortie.legs[0].start, *(point for leg in sortie.legs for point in leg.points[1:])]
    parts = cut_line([(point.lon_deg, point.lat_deg, elevation_m + point.height_m) for point in points])
    return MultiLineString(parts), {
        "name": sortie.id,
        "drone": sortie.drone,
        "nation": sortie.nation,
        "start_base": sortie.start_base,
        "end_base": sortie.end_base,
        "start_s": sortie.start_s,
        "end_s": sortie.end_s,
        "start_utc": times.text(sortie.start_s),
        "end_utc": times.text(sortie.end_s),
        "length_m": sum(path_length_m(leg.points) for leg in sortie.legs),
        "energy_wh": sortie.energy_wh,
    }


def _file(plan: Plan, layers: Sequence[_Layer], rows: Mapping[str, _Filled]) -> bytes:
    connection = sqlite3.connect(":memory:")
    try:
        connection.deserialize(_empty_file(tuple(layers)))
        for layer in layers:
            if layer.name in rows:
                _fill(connection, layer, rows[layer.name])
        # the plan's own time, so that one plan gives one file
        connection.execute("UPDATE gpkg_contents SET last_change = ?", (UtcTexts(plan.start_utc).text(0.0),))
        connection.commit()
        return connection.serialize()
    finally:
        connection.close()


@lru_cache(maxsize=8)
def _empty_file(layers: tuple[_Layer, ...]) -> bytes:
    """A GeoPackage with these layers and nothing in them: making tables takes longer than filling them."""
    connection = sqlite3.connect(":memory:")
    try:
        connection.executescript(_SYSTEM_TABLES)
        connection.executemany("INSERT INTO gpkg_spatial_ref_sys VALUES (?, ?, ?, ?, ?, ?)", _SRS)
        for layer in layers:
            columns = ", ".join(f'"{name}" {kind}' for name, kind in layer.columns)
            connection.execute(
                f'CREATE TABLE "{layer.name}" (fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, geom {layer.geometry}, {columns})'
            )
            connection.execute(
                "INSERT INTO gpkg_contents (table_name, data_type, identifier, last_change, srs_id) VALUES (?, 'features', ?, '', ?)",
                (layer.name, layer.name, _WGS84),
            )
            connection.execute(
                "INSERT INTO gpkg_geometry_columns VALUES (?, 'geom', ?, ?, ?, 0)", (layer.name, layer.geometry, _WGS84, int(layer.has_z))
            )
        connection.commit()
        return connection.serialize()
    finally:
        connection.close()


def _fill(connection: sqlite3.Connection, layer: _Layer, rows: _Filled) -> None:
    names = ", ".join(name for name, _ in layer.columns)
    places = ", ".join("?" * (1 + len(layer.columns)))
    connection.executemany(f'INSERT INTO "{layer.name}" (geom, {names}) VALUES ({places})', rows.values)
    if rows.values:
        update = "UPDATE gpkg_contents SET min_x = ?, min_y = ?, max_x = ?, max_y = ? WHERE table_name = ?"
        connection.execute(update, (*rows.bounds, layer.name))


def _joined(parts: Sequence[_Filled]) -> _Filled:
    bounds = np.array([part.bounds for part in parts if part.values]).reshape(-1, 4)
    if not len(bounds):
        return _Filled([], ())
    return _Filled(
        [row for part in parts for row in part.values], (*bounds[:, :2].min(axis=0).tolist(), *bounds[:, 2:].max(axis=0).tolist())
    )


def _filled(layer: _Layer, rows: Sequence[_Row]) -> _Filled:
    """Geometries as GeoPackage binary: a header with the bounds, then ISO well-known binary (its clause 2.1.3)."""
    if not rows:
        return _Filled([], ())
    shapes = _typed(layer, [geometry for geometry, _ in rows])
    bodies = shapely.to_wkb(shapes, byte_order=1, flavor="iso", output_dimension=3 if layer.has_z else 2)
    bounds = shapely.bounds(shapes)
    names = [name for name, _ in layer.columns]
    values = [
        (_header(*box) + body, *(told.get(name) for name in names))
        for box, body, (_, told) in zip(bounds.tolist(), bodies.tolist(), rows, strict=True)
    ]
    return _Filled(values, (*np.nanmin(bounds[:, :2], axis=0).tolist(), *np.nanmax(bounds[:, 2:], axis=0).tolist()))


def _typed(layer: _Layer, geometries: Sequence[BaseGeometry]) -> NDArray[np.object_]:
    """All of the layer's type: what is single becomes one of many."""
    parts, indices = shapely.get_parts(np.array(geometries, dtype=object), return_index=True)
    match layer.geometry:
        case "MULTIPOLYGON":
            return np.asarray(shapely.multipolygons(parts, indices=indices))
        case "MULTILINESTRING":
            return np.asarray(shapely.multilinestrings(parts, indices=indices))
        case _:
            return np.asarray(parts)


def _header(west: float, south: float, east: float, north: float) -> bytes:
    little_endian, with_envelope = 0b1, 0b10
    return struct.pack("<2sBBi4d", b"GP", 0, little_endian | with_envelope, _WGS84, west, east, south, north)
