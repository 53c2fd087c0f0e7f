"""Read the positions and shapes of a plan file: GeoJSON order, in the world, simple."""

from __future__ import annotations

import numpy as np
import shapely
from shapely import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from missions.errors import InputError
from missions.geojson_file import geojson_geometry
from missions.lonlat_shapes import ShapeError, crossing_text, unwrapped
from missions.tables import Table
from planner.geo import Geographic, LatLon, Position


def read_place(table: Table, name: str) -> LatLon:
    """A `[longitude, latitude]`."""
    lon_deg, lat_deg = _numbers(table, table.key(name), table.raw(name), 2, "[longitude, latitude]")
    return LatLon(lat_deg=lat_deg, lon_deg=lon_deg)


def read_position(table: Table, where: str, raw: object) -> Position:
    """A `[longitude, latitude, height]`; `where` is its key path."""
    lon_deg, lat_deg, height_m = _numbers(table, where, raw, 3, "[longitude, latitude, height]")
    return Position(lat_deg=lat_deg, lon_deg=lon_deg, height_m=height_m)


def _numbers(table: Table, where: str, raw: object, count: int, form: str) -> list[float]:
    def fail(text: str, mend: str) -> InputError:
        return InputError(text, file=table.file, key=where, value=str(raw), mend=mend)

    if not isinstance(raw, list) or len(raw) != count or not all(_is_number(number) for number in raw):
        raise fail("is not a position", f"write it as {form}")
    numbers = [float(number) for number in raw]
    if not (-180.0 <= numbers[0] <= 360.0 and -90.0 <= numbers[1] <= 90.0):
        raise fail(f"lies outside the world: longitude {numbers[0]:g}, latitude {numbers[1]:g}", f"write it as {form}: are they swapped?")
    return numbers


def read_pair(table: Table, name: str, form: str) -> tuple[float, float]:
    """Two numbers, the lesser first."""
    raw = table.raw(name)
    if not isinstance(raw, list) or len(raw) != 2 or not all(_is_number(number) for number in raw) or raw[0] > raw[1]:
        table.fail(name, "is not two numbers, the lesser first", mend=f"write it as {form}", value=str(raw))
    return float(raw[0]), float(raw[1])


def _is_number(value: object) -> bool:
    # bounded, so that a hostile integer never reaches float()
    return isinstance(value, int | float) and not isinstance(value, bool) and -1e12 < value < 1e12


def read_polygon(table: Table, name: str) -> Geographic:
    """A GeoJSON polygon or multi-polygon, which may be empty, but not cross itself."""
    geometry = _geometry(table, name)
    if not isinstance(geometry, Polygon | MultiPolygon):
        table.fail(name, f"is a {geometry.geom_type}, expected a Polygon or MultiPolygon", mend="give a plan written by jointpatrol plan")
    if not geometry.is_empty and (crossing := crossing_text(unwrapped(geometry))):
        table.fail(name, crossing, mend="redraw the ring so that its edges meet only at their ends")
    return Geographic(geometry)


def read_line(table: Table, name: str) -> Geographic:
    """A GeoJSON line or multi-line."""
    geometry = _geometry(table, name)
    if geometry.geom_type not in {"LineString", "MultiLineString"}:
        table.fail(
            name, f"is a {geometry.geom_type}, expected a LineString or MultiLineString", mend="give a plan written by jointpatrol plan"
        )
    return Geographic(geometry)


def read_shape(table: Table, name: str) -> Geographic:
    """A GeoJSON line or polygon, of several parts or one."""
    raw = table.raw(name)
    kind = raw.get("type") if isinstance(raw, dict) else None
    return read_polygon(table, name) if kind in {"Polygon", "MultiPolygon"} else read_line(table, name)


def _geometry(table: Table, name: str) -> BaseGeometry:
    raw = table.raw(name)
    try:
        geometry = geojson_geometry(raw, "geometry")
    except ShapeError as error:
        table.fail(name, error.text, mend=error.mend)
    points = shapely.get_coordinates(geometry)
    if np.any(np.abs(points[:, 1]) > 90.0) or np.any(points[:, 0] < -180.0) or np.any(points[:, 0] > 360.0):
        table.fail(name, "lies outside the world", mend="positions are [longitude, latitude]: are they swapped?")
    return geometry
