"""Geometries cut where the 180th meridian crosses them, as RFC 7946 (section 3.1.9) asks and as most map tools need."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.affinity import translate
from shapely.geometry import LineString, MultiLineString, MultiPolygon, Point, Polygon
from shapely.geometry.base import BaseGeometry

from missions.lonlat_shapes import continuous

Coordinates = tuple[float, ...]


def within_world(geometry: BaseGeometry) -> BaseGeometry:
    """The same ground with every longitude in -180..180; a part that crosses the 180th meridian becomes two."""
    if not _leaves_world(geometry):
        return geometry
    match geometry:
        case Point():
            return translate(geometry, xoff=-360 * round(geometry.x / 360))
        case LineString():
            return _one_or_many_lines(cut_line(list(geometry.coords)))
        case MultiLineString():
            return _one_or_many_lines([part for line in geometry.geoms for part in cut_line(list(line.coords))])
        case Polygon():
            return _one_or_many_polygons(_cut_polygon(geometry))
        case MultiPolygon():
            return _one_or_many_polygons([part for polygon in geometry.geoms for part in _cut_polygon(polygon)])
        case _:
            raise TypeError(f"{geometry.geom_type} is not cut at the antimeridian")


def cut_line(coordinates: Sequence[Coordinates]) -> list[list[Coordinates]]:
    """A line as one or more lines inside -180..180; coordinates are longitude, latitude and perhaps a height."""
    if _stays_inside(coordinates):
        return [list(coordinates)]
    parts: list[list[Coordinates]] = []
    last_turn_deg: float | None = None
    for start, end in pairwise(_with_crossings(coordinates)):
        turn_deg = 360 * round((start[0] + end[0]) / 2 / 360)
        if turn_deg != last_turn_deg:
            parts.append([_moved(start, turn_deg)])
            last_turn_deg = turn_deg
        parts[-1].append(_moved(end, turn_deg))
    return parts


def _stays_inside(coordinates: Sequence[Coordinates]) -> bool:
    """Whether a line of these points is in -180..180 and crosses nothing: so are nearly all, and plans have many."""
    lons_deg = [point[0] for point in coordinates]
    west_deg, east_deg = min(lons_deg), max(lons_deg)
    return west_deg >= -180 and east_deg <= 180 and east_deg - west_deg <= 180


def _with_crossings(coordinates: Sequence[Coordinates]) -> Iterator[NDArray[np.float64]]:
    """The points, longitudes continuous, and a point wherever the line crosses an edge of the world."""
    points = continuous(np.asarray(coordinates, dtype=np.float64))
    yield points[0]
    for start, end in pairwise(points):
        for edge_deg in _edges_between(start[0], end[0]):
            yield start + (end - start) * (edge_deg - start[0]) / (end[0] - start[0])
        yield end


def _leaves_world(geometry: BaseGeometry) -> bool:
    west, _, east, _ = geometry.bounds
    if west < -180 or east > 180:
        return True
    return east - west > 180 and any(_jumps(np.asarray(ring.coords)) for ring in _rings(geometry))


def _rings(geometry: BaseGeometry) -> list[BaseGeometry]:
    lines = shapely.boundary(geometry) if isinstance(geometry, Polygon | MultiPolygon) else geometry
    return list(shapely.get_parts(lines))


def _jumps(points: NDArray[np.float64]) -> bool:
    return bool(np.any(np.abs(np.diff(points[:, 0])) > 180))


def _edges_between(from_deg: float, to_deg: float) -> list[float]:
    """The odd multiples of 180 strictly between two longitudes, in order of travel."""
    low_deg, high_deg = sorted((from_deg, to_deg))
    edges = [edge_deg for edge_deg in (-540.0, -180.0, 180.0, 540.0) if low_deg < edge_deg < high_deg]
    return edges if from_deg < to_deg else edges[::-1]


def _moved(point: NDArray[np.float64], turn_deg: float) -> Coordinates:
    lon_deg, *others = point.tolist()
    return (lon_deg - turn_deg, *others)


def _cut_polygon(polygon: Polygon) -> list[Polygon]:
    shell = continuous(np.asarray(polygon.exterior.coords))
    holes = [_beside(continuous(np.asarray(ring.coords)), shell) for ring in polygon.interiors]
    whole: BaseGeometry = Polygon(shell, holes)
    if not whole.is_valid:
        # what is drawn around half the world may cross itself once its longitudes run on
        whole = shapely.make_valid(whole, method="structure")
    pieces: list[Polygon] = []
    for turn_deg in (-360.0, 0.0, 360.0):
        inside = whole.intersection(shapely.box(turn_deg - 180, -90, turn_deg + 180, 90))
        parts = shapely.get_parts(translate(inside, xoff=-turn_deg))
        pieces.extend(part for part in parts if isinstance(part, Polygon) and not part.is_empty)
    return pieces


def _beside(hole: NDArray[np.float64], shell: NDArray[np.float64]) -> NDArray[np.float64]:
    """A hole moved by whole turns to where its shell is."""
    moved = hole.copy()
    moved[:, 0] += 360 * np.round((shell[:, 0].mean() - hole[:, 0].mean()) / 360)
    return moved


def _one_or_many_lines(parts: list[list[Coordinates]]) -> BaseGeometry:
    return LineString(parts[0]) if len(parts) == 1 else MultiLineString(parts)


def _one_or_many_polygons(parts: list[Polygon]) -> BaseGeometry:
    return parts[0] if len(parts) == 1 else MultiPolygon(parts)
