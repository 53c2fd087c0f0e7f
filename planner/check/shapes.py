"""A plan's geometries in a local frame: straight in degrees, valid, and of one dimension."""

from __future__ import annotations

import math

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from planner.check.params import CheckParams
from planner.geo import Geographic, LocalFrame

_LINE_TYPES = (shapely.GeometryType.LINESTRING, shapely.GeometryType.LINEARRING)


def local_polygon(shape: Geographic, frame: LocalFrame, params: CheckParams) -> BaseGeometry:
    """The ground a geographic polygon means, in metres; parts that meet at the antimeridian become one."""
    parts = [_densified(part, params) for part in shapely.get_parts(shape.geometry, return_index=False)]
    placed = [areal(shapely.make_valid(frame.to_local(Geographic(part)))) for part in parts]
    return shapely.union_all(placed) if placed else shapely.Polygon()


def local_line(shape: Geographic | None, frame: LocalFrame, params: CheckParams) -> BaseGeometry:
    """A geographic line in metres; no line is the empty one."""
    if shape is None:
        return shapely.MultiLineString()
    parts = [_densified(part, params) for part in shapely.get_parts(shape.geometry)]
    return shapely.union_all([frame.to_local(Geographic(part)) for part in parts if shapely.get_type_id(part) in _LINE_TYPES])


def on_earth_m(distance_m: float) -> float:
    """A distance that can be drawn: what is no number is 0, and nothing reaches further than half way round the earth."""
    return min(max(distance_m, 0.0), 2e7) if not math.isnan(distance_m) else 0.0


def _densified(part: BaseGeometry, params: CheckParams) -> BaseGeometry:
    """The part ring by ring: GEOS would drop a hole that lies 360 degrees off its outline, and fails on lines without length."""
    match shapely.get_type_id(part):
        case shapely.GeometryType.POLYGON:
            rings = [_dense_points(ring, params) for ring in shapely.get_rings(part)]
            return shapely.Polygon(rings[0], rings[1:]) if rings else part
        case shapely.GeometryType.LINESTRING | shapely.GeometryType.LINEARRING if not part.is_empty:
            return shapely.LineString(_dense_points(part, params))
        case _:
            return part


def _dense_points(line: BaseGeometry, params: CheckParams) -> NDArray[np.float64]:
    """An edge from 179 to -179 degrees crosses the antimeridian; the longitudes then run on to 181."""
    points = shapely.get_coordinates(line)
    run_on = np.column_stack([np.unwrap(points[:, 0], period=360.0), points[:, 1]])
    steps = np.ceil(np.hypot(*np.diff(run_on, axis=0).T) / params.edge_step_deg)
    # No edge on earth has more steps than a turn of the globe, whatever a file says.
    steps = np.clip(np.nan_to_num(steps, nan=1.0), 1.0, math.ceil(360.0 / params.edge_step_deg))
    at = np.concatenate([[0.0], np.cumsum(steps)])
    places = np.arange(at[-1] + 1)
    return np.column_stack([np.interp(places, at, run_on[:, 0]), np.interp(places, at, run_on[:, 1])])


def areal(shape: BaseGeometry) -> BaseGeometry:
    """Only what has an area: mending a shape may leave lines and points behind."""
    parts = shapely.get_parts(shape)
    nested = np.concatenate([shapely.get_parts(part) for part in parts]) if len(parts) else parts
    return shapely.union_all([part for part in nested if shapely.get_type_id(part) == shapely.GeometryType.POLYGON])
