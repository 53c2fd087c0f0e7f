"""Bring longitude/latitude geometry from strangers into one form: in the world, closed, simple, continuous, densified.

Edges are straight in longitude and latitude, as GeoJSON says (RFC 7946 section 3.1.1): an edge along a parallel follows
the parallel. Longitudes run on past 180 where a shape crosses the antimeridian, so that every ring stays continuous.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import LinearRing, LineString, MultiLineString, MultiPoint, MultiPolygon, Point, Polygon
from shapely.geometry.base import BaseGeometry

from planner.geo import Geographic, LatLon, LocalFrame, geodesic_m

Points = NDArray[np.float64]

#: About 0.1 mm: below any tolerance, and what a plan file keeps.
DECIMALS = 9


@dataclass(frozen=True, kw_only=True, slots=True)
class ShapeParams:
    """How far apart points may be, and how much of a territory around a mission is kept."""

    # 1 km of a parallel bows 4 cm from its geodesic at 60 degrees
    max_step_m: float = 1000.0
    window_margin_m: float = 25_000.0
    max_points: int = 1_000_000


class ShapeError(Exception):
    """A geometry that cannot be used; says what is wrong and how to mend it, not where it came from."""

    def __init__(self, text: str, mend: str) -> None:
        super().__init__(text)
        self.text = text
        self.mend = mend


def clean_polygon(geometry: BaseGeometry, params: ShapeParams) -> Polygon | MultiPolygon:
    """The polygons in it with rings closed, repeated points dropped, oriented and merged; self-crossing is an error."""
    parts = [part for part in _parts(geometry) if isinstance(part, Polygon) and not part.is_empty]
    if not parts:
        raise ShapeError(f"has no polygon, but {_kinds(geometry)}", "give a Polygon or MultiPolygon")
    _check_points(geometry, params)
    return polygonal(shapely.orient_polygons(shapely.union_all([_clean_part(part) for part in parts])))


def clean_line(geometry: BaseGeometry, params: ShapeParams) -> LineString | MultiLineString:
    """The lines in it, repeated points dropped and joined where their ends meet."""
    parts = [part for part in _parts(geometry) if isinstance(part, LineString) and not part.is_empty]
    if not parts:
        raise ShapeError(f"has no line, but {_kinds(geometry)}", "give a LineString or MultiLineString")
    _check_points(geometry, params)
    lines = [LineString(points) for points in (_distinct(continuous(_xy(part))) for part in parts) if len(points) > 1]
    if not lines:
        raise ShapeError("is a line of no length", "give at least two different points")
    joined = shapely.line_merge(MultiLineString(lines)) if len(lines) > 1 else lines[0]
    assert isinstance(joined, LineString | MultiLineString)
    return joined


def clean_points(geometry: BaseGeometry, params: ShapeParams) -> MultiPoint:
    """The points in it, in order."""
    parts = [part for part in _parts(geometry) if isinstance(part, Point) and not part.is_empty]
    if not parts:
        raise ShapeError(f"has no point, but {_kinds(geometry)}", "give Points")
    if len(parts) > params.max_points:
        raise ShapeError(f"has {len(parts)} points", f"give at most {params.max_points}")
    return MultiPoint(parts)


def polygonal(geometry: BaseGeometry) -> Polygon | MultiPolygon:
    """Only the polygons of an overlay's result, which may carry stray points and lines."""
    parts = [part for part in _parts(geometry) if isinstance(part, Polygon) and not part.is_empty]
    return parts[0] if len(parts) == 1 else MultiPolygon(parts)


def continuous(points: Points) -> Points:
    """Longitudes without jumps: each point is the image nearest to its predecessor."""
    moved = points.copy()
    moved[:, 0] = np.unwrap(points[:, 0], period=360.0)
    return np.round(moved, DECIMALS)


def mission_longitude(geometry: BaseGeometry) -> float:
    """The longitude around which a mission's geometry is laid out, chosen so that none of it falls below -180."""
    # the first part alone: a shape cut at the antimeridian has parts at both ends of the world
    west_deg, _, east_deg, _ = _parts(geometry)[0].bounds
    middle_deg = (west_deg + east_deg) / 2 % 360.0
    return middle_deg - 360.0 if middle_deg >= 190.0 else middle_deg


def near_longitude(geometry: BaseGeometry, lon_deg: float) -> BaseGeometry:
    """The same place on Earth, each part moved by whole turns to lie nearest to this longitude, parts that meet there merged."""
    moved = [shapely.transform(part, _turned(part, lon_deg)) for part in _parts(geometry)]
    if len(moved) == 1:
        return moved[0]
    return shapely.orient_polygons(shapely.union_all(moved)) if isinstance(moved[0], Polygon) else _joined(moved)


def densified(geometry: BaseGeometry, max_step_m: float) -> BaseGeometry:
    """Points put into each edge, straight in longitude and latitude, until none is longer than this."""

    def edges(points: Points) -> Points:
        return _densified_points(points, max_step_m)

    return _rebuilt(geometry, edges)


def unwrapped(geometry: BaseGeometry) -> BaseGeometry:
    """The same place on Earth with every ring and line continuous, and holes laid out where their shells are."""
    return _rebuilt(geometry, continuous)


def rounded(geometry: BaseGeometry) -> BaseGeometry:
    """Coordinates as files keep them; polygons that rounding has broken are mended."""
    result = shapely.transform(geometry, lambda points: np.round(points, DECIMALS))
    if result.is_valid or not isinstance(result, Polygon | MultiPolygon):
        return result
    return polygonal(shapely.make_valid(result))


def window_around(shapes: Iterable[Geographic], params: ShapeParams, lon_deg: float) -> BaseGeometry:
    """A longitude/latitude box that holds the shapes and a margin around them."""
    shapes = list(shapes)
    frame = LocalFrame.around(shapes)
    grown = shapely.MultiPoint(np.concatenate([_xy(frame.to_local(shape)) for shape in shapes])).envelope.buffer(params.window_margin_m)
    outline = frame.to_geographic(shapely.segmentize(grown, params.window_margin_m)).geometry
    return shapely.box(*near_longitude(Polygon(continuous(_xy(outline))), lon_deg).bounds)


def place_text(lon_deg: float, lat_deg: float) -> str:
    """A place for a message, to the metre: 47.50123 N 19.04567 E."""
    lon_deg = (lon_deg + 180.0) % 360.0 - 180.0
    return f"{abs(lat_deg):.5f} {'N' if lat_deg >= 0 else 'S'} {abs(lon_deg):.5f} {'E' if lon_deg >= 0 else 'W'}"


def crossing_text(polygon: BaseGeometry) -> str | None:
    """Where and how a polygon is not simple, or None when it is."""
    if polygon.is_valid:
        return None
    reason = shapely.is_valid_reason(polygon)
    found = re.fullmatch(r"(.*)\[(\S+) (\S+)\]", reason)
    if not found:
        return f"is not a valid polygon: {reason}"
    place = place_text(float(found[2]), float(found[3]))
    return f"crosses itself at {place}" if "intersection" in found[1].lower() else f"is not a valid polygon: {found[1].lower()} at {place}"


def _rebuilt(geometry: BaseGeometry, change: Callable[[Points], Points]) -> BaseGeometry:
    """A geometry of the same kind with each line or ring changed as a whole; holes stay with their shells."""

    def polygon(part: Polygon) -> Polygon:
        return _with_holes(change(_xy(part.exterior)), [change(_xy(hole)) for hole in part.interiors])

    match geometry:
        case Polygon():
            return polygon(geometry)
        case MultiPolygon():
            return MultiPolygon([polygon(part) for part in geometry.geoms])
        case LineString():
            return LineString(change(_xy(geometry)))
        case MultiLineString():
            return MultiLineString([LineString(change(_xy(part))) for part in geometry.geoms])
    raise TypeError(f"cannot rebuild a {geometry.geom_type}")


def _with_holes(shell: Points, holes: list[Points]) -> Polygon:
    if len(shell) == 0:
        return Polygon()
    middle_deg = (shell[:, 0].min() + shell[:, 0].max()) / 2
    return Polygon(shell, [_turned(LinearRing(hole), middle_deg)(hole) for hole in holes])


def _clean_part(part: Polygon) -> Polygon:
    polygon = _with_holes(_clean_ring(part.exterior), [_clean_ring(hole) for hole in part.interiors])
    if crossing := crossing_text(polygon):
        raise ShapeError(crossing, "redraw the ring so that its edges meet only at their ends")
    return polygon


def _clean_ring(ring: LinearRing) -> Points:
    points = continuous(_xy(ring))
    if abs(points[0, 0] - points[-1, 0]) > 180.0:
        raise ShapeError("goes round a pole", "cut it into parts that do not")
    points = _distinct(points)
    if len(points) < 4:
        raise ShapeError("has a ring of fewer than three different points", "give at least three corners")
    return points


def _distinct(points: Points) -> Points:
    keep = np.ones(len(points), dtype=bool)
    keep[1:] = np.any(points[1:] != points[:-1], axis=1)
    distinct: Points = points[keep]
    return distinct


def _check_points(geometry: BaseGeometry, params: ShapeParams) -> None:
    points = _xy(geometry)
    if len(points) > params.max_points:
        raise ShapeError(f"has {len(points)} points, more than {params.max_points}", "simplify it")
    if not np.isfinite(points).all():
        raise ShapeError("has a coordinate that is not a finite number", "correct the file")
    outside = np.flatnonzero((np.abs(points[:, 1]) > 90.0) | (points[:, 0] < -180.0) | (points[:, 0] > 360.0))
    if len(outside):
        lon_deg, lat_deg = points[outside[0]]
        raise ShapeError(
            f"lies outside the world: longitude {lon_deg:g}, latitude {lat_deg:g}",
            "positions are [longitude, latitude]: are they swapped? or metres instead of degrees?",
        )


def _turned(part: BaseGeometry, lon_deg: float) -> Callable[[Points], Points]:
    west_deg, _, east_deg, _ = part.bounds
    turns = round((lon_deg - (west_deg + east_deg) / 2) / 360.0)
    return lambda points: np.round(points + np.array([turns * 360.0, 0.0]), DECIMALS)


def _joined(lines: list[BaseGeometry]) -> BaseGeometry:
    return shapely.line_merge(MultiLineString([line for line in lines if isinstance(line, LineString)]))


def _densified_points(points: Points, max_step_m: float) -> Points:
    pieces = [points[:1]]
    for start, end in pairwise(points):
        steps = max(1, int(np.ceil(geodesic_m(_latlon(start), _latlon(end)) / max_step_m)))
        # symmetric in start and end, so that two nations' copies of one edge get the same points
        fractions = np.arange(1, steps + 1)[:, None] / steps
        pieces.append(np.round(start * (1 - fractions) + end * fractions, DECIMALS))
    return np.concatenate(pieces)


def _latlon(point: Points) -> LatLon:
    lon_deg = (float(point[0]) + 180.0) % 360.0 - 180.0
    return LatLon(lat_deg=float(point[1]), lon_deg=lon_deg)


def _xy(geometry: BaseGeometry) -> Points:
    return np.asarray(shapely.get_coordinates(geometry), dtype=np.float64)


def _parts(geometry: BaseGeometry) -> list[BaseGeometry]:
    parts = getattr(geometry, "geoms", None)
    return [geometry] if parts is None else [inner for part in parts for inner in _parts(part)]


def _kinds(geometry: BaseGeometry) -> str:
    return ", ".join(sorted({part.geom_type for part in _parts(geometry) if not part.is_empty})) or "nothing"
