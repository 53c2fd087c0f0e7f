"""GeoPackage 1.3 (OGC 12-128r18) as the SQLite file that it is, made in memory: GDAL would take a tenth of a second for each."""

from __future__ import annotations

import math
import sqlite3
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from missions.formats.features import Value

_WGS84: Final = 4326
_HEADER: Final = struct.Struct("<2sBBi4d")
_LITTLE_ENDIAN, _WITH_ENVELOPE = 0b1, 0b10
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
class Layer:
    """A table: its geometry type, and its columns with their SQLite types."""

    name: str
    geometry: str
    has_z: bool
    columns: tuple[tuple[str, str], ...]


Row = tuple[BaseGeometry, dict[str, Value]]


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows as they stand in the file, and what they bound: west, south, east, north."""

    values: list[tuple[Value | bytes, ...]]
    bounds: tuple[float | None, ...]


def geopackage(layers: Sequence[Layer], rows: Mapping[str, Rows], *, changed_utc: str) -> bytes:
    """The file of these layers, those without rows empty. `changed_utc` stands in it as the time of its last change."""
    connection = sqlite3.connect(":memory:")
    try:
        connection.deserialize(_emptygeopackage(tuple(layers)))
        for layer in layers:
            if layer.name in rows:
                _fill(connection, layer, rows[layer.name])
        connection.execute("UPDATE gpkg_contents SET last_change = ?", (changed_utc,))
        connection.commit()
        return connection.serialize()
    finally:
        connection.close()


@lru_cache(maxsize=8)
def _emptygeopackage(layers: tuple[Layer, ...]) -> bytes:
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


def _fill(connection: sqlite3.Connection, layer: Layer, rows: Rows) -> None:
    names = ", ".join(name for name, _ in layer.columns)
    places = ", ".join("?" * (1 + len(layer.columns)))
    connection.executemany(f'INSERT INTO "{layer.name}" (geom, {names}) VALUES ({places})', rows.values)
    if rows.values:
        update = "UPDATE gpkg_contents SET min_x = ?, min_y = ?, max_x = ?, max_y = ? WHERE table_name = ?"
        connection.execute(update, (*rows.bounds, layer.name))


def joined(parts: Sequence[Rows]) -> Rows:
    """All rows, in order."""
    bounds = np.array([part.bounds for part in parts if part.values]).reshape(-1, 4)
    if not len(bounds):
        return Rows([], ())
    return Rows([row for part in parts for row in part.values], (*bounds[:, :2].min(axis=0).tolist(), *bounds[:, 2:].max(axis=0).tolist()))


def filled(layer: Layer, rows: Sequence[Row]) -> Rows:
    """Geometries as GeoPackage binary: a header with the bounds, then ISO well-known binary (its clause 2.1.3)."""
    if not rows:
        return Rows([], ())
    shapes = _typed(layer, [geometry for geometry, _ in rows])
    bodies = shapely.to_wkb(shapes, byte_order=1, flavor="iso", output_dimension=3 if layer.has_z else 2)
    bounds = shapely.bounds(shapes)
    names = [name for name, _ in layer.columns]
    values = [
        # nothing is nowhere: NULL, as the standard has no bounds for it
        (None if math.isnan(box[0]) else _header(*box) + body, *map(told.get, names))
        for box, body, (_, told) in zip(bounds.tolist(), bodies.tolist(), rows, strict=True)
    ]
    if all(math.isnan(box[0]) for box in bounds.tolist()):
        return Rows(values, (None,) * 4)
    return Rows(values, (*np.nanmin(bounds[:, :2], axis=0).tolist(), *np.nanmax(bounds[:, 2:], axis=0).tolist()))


def _typed(layer: Layer, geometries: Sequence[BaseGeometry]) -> NDArray[np.object_]:
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
    return _HEADER.pack(b"GP", 0, _LITTLE_ENDIAN | _WITH_ENVELOPE, _WGS84, west, east, south, north)
