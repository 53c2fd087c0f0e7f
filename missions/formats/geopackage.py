"""GeoPackage 1.3 (OGC 12-128r18) as the SQLite file that it is, made in memory: GDAL would take a tenth of a second for each."""

from __future__ import annotations

import sqlite3
import struct
import weakref
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from missions.formats.features import Value

_WGS84: Final = 4326
_HEADER_START: Final = struct.Struct("<2sBBi")
_HEADER: Final = np.dtype([("start", f"V{_HEADER_START.size}"), ("envelope", "<f8", (4,))])
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
PRAGMA page_size = 2048;
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


#: A row's values in the order of its layer's columns.
Told = Sequence[Value]


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows as they stand in the file, and what each bounds: west, south, east, north; NaN for nothing."""

    values: list[tuple[Value | bytes, ...]]
    bounds: NDArray[np.float64]

    def part(self, begin: int, end: int) -> Rows:
        """Some of them."""
        return Rows(self.values[begin:end], self.bounds[begin:end])


class Packer:
    """Makes files of one kind: of these layers, those without rows empty. `changed_utc` stands in them as the time of their last change.

    They are made one after the other in one connection, which keeps its prepared statements.
    """

    def __init__(self, layers: Sequence[Layer], *, changed_utc: str) -> None:
        self._layers, self._empty = layers, _empty(layers, changed_utc)
        self._connection = sqlite3.connect(":memory:")
        weakref.finalize(self, self._connection.close)

    def packed(self, rows: Mapping[str, Rows]) -> bytes:
        """The file."""
        connection = self._connection
        connection.deserialize(self._empty)
        filled_layers = [(layer, rows[layer.name]) for layer in self._layers if layer.name in rows]
        for layer, told in filled_layers:
            places = ", ".join("?" * (1 + len(layer.columns)))
            connection.executemany(f'INSERT INTO "{layer.name}" VALUES (NULL, {places})', told.values)
        connection.executemany(
            "UPDATE gpkg_contents SET min_x = ?, min_y = ?, max_x = ?, max_y = ? WHERE table_name = ?",
            [(*_around(told.bounds), layer.name) for layer, told in filled_layers],
        )
        connection.commit()
        return connection.serialize()


def _around(bounds: NDArray[np.float64]) -> list[float | None]:
    """What bounds all of these; None where they are nowhere."""
    if np.isnan(bounds[:, 0]).all():
        return [None] * 4
    return [*np.nanmin(bounds[:, :2], axis=0).tolist(), *np.nanmax(bounds[:, 2:], axis=0).tolist()]


def _empty(layers: Sequence[Layer], changed_utc: str) -> bytes:
    """A GeoPackage with these layers and nothing in them: making tables takes longer than filling them."""
    connection = sqlite3.connect(":memory:")
    try:
        connection.executescript(_SYSTEM_TABLES)
        connection.executemany("INSERT INTO gpkg_spatial_ref_sys VALUES (?, ?, ?, ?, ?, ?)", _SRS)
        for layer in layers:
            columns = "".join(f', "{name}" {kind}' for name, kind in layer.columns)
            connection.execute(
                f'CREATE TABLE "{layer.name}" (fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, geom {layer.geometry}{columns})'
            )
            connection.execute(
                "INSERT INTO gpkg_contents (table_name, data_type, identifier, last_change, srs_id) VALUES (?, 'features', ?, ?, ?)",
                (layer.name, layer.name, changed_utc, _WGS84),
            )
            connection.execute(
                "INSERT INTO gpkg_geometry_columns VALUES (?, 'geom', ?, ?, ?, 0)", (layer.name, layer.geometry, _WGS84, int(layer.has_z))
            )
        connection.commit()
        return connection.serialize()
    finally:
        connection.close()


def joined(parts: Sequence[Rows]) -> Rows:
    """All rows, in order."""
    return Rows([row for part in parts for row in part.values], np.concatenate([part.bounds for part in parts]))


def filled(layer: Layer, geometries: Sequence[BaseGeometry], told: Sequence[Told]) -> Rows:
    """Geometries as GeoPackage binary: a header with the bounds, then ISO well-known binary (its clause 2.1.3)."""
    shapes = _typed(layer, geometries)
    bodies: list[bytes] = shapely.to_wkb(shapes, byte_order=1, flavor="iso", output_dimension=3 if layer.has_z else 2).tolist()
    bounds = shapely.bounds(shapes).reshape(-1, 4)
    # nothing is nowhere: NULL, as the standard has no bounds for it
    blobs = [
        None if nowhere else head + body
        for head, body, nowhere in zip(_headers(bounds), bodies, np.isnan(bounds[:, 0]).tolist(), strict=True)
    ]
    return Rows([(blob, *row) for blob, row in zip(blobs, told, strict=True)], bounds)


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


def _headers(bounds: NDArray[np.float64]) -> list[bytes]:
    """Magic, version, flags, reference system, and the envelope: west, east, south, north."""
    heads = np.empty(len(bounds), dtype=_HEADER)
    heads["start"] = np.void(_HEADER_START.pack(b"GP", 0, _LITTLE_ENDIAN | _WITH_ENVELOPE, _WGS84))
    heads["envelope"] = bounds[:, [0, 2, 1, 3]]
    text, size = heads.tobytes(), _HEADER.itemsize
    return [text[at : at + size] for at in range(0, len(text), size)]
