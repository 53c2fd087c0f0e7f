"""Positions on the ellipsoid, the local metric frame, and geodesic measures: the only importer of pyproj."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from planner.errors import GeometryError

_WGS84 = pyproj.Geod(ellps="WGS84")

#: Beyond this distance from its origin one frame's scale error passes 0.025 % (0.10 % at 500 km).
FRAME_RADIUS_M = 250_000.0

#: Edges that are straight in degrees also are in a local frame, to 0.1 m, when cut into steps this long.
EDGE_STEP_DEG = 0.02


@dataclass(frozen=True, kw_only=True, slots=True)
class LatLon:
    """A point on the WGS84 ellipsoid, degrees."""

    lat_deg: float
    lon_deg: float

    def __post_init__(self) -> None:
        if not -90.0 <= self.lat_deg <= 90.0:
            raise GeometryError(f"latitude {self.lat_deg} is outside -90..90 degrees (are latitude and longitude swapped?)")
        if not -180.0 <= self.lon_deg <= 360.0:
            raise GeometryError(f"longitude {self.lon_deg} is outside -180..180 degrees")


@dataclass(frozen=True, kw_only=True, slots=True)
class Position:
    """A point in the air: WGS84 degrees and metres above the home of the drone that flies there (its start base)."""

    lat_deg: float
    lon_deg: float
    height_m: float

    @property
    def ground(self) -> LatLon:
        return LatLon(lat_deg=self.lat_deg, lon_deg=self.lon_deg)


@dataclass(frozen=True, slots=True)
class Geographic:
    """A shapely geometry whose coordinates are longitude, latitude in WGS84 degrees.

    Wrapped so that nobody measures it: lengths and areas exist only in a `LocalFrame`.
    """

    geometry: BaseGeometry

    @property
    def is_empty(self) -> bool:
        return bool(self.geometry.is_empty)


@dataclass(frozen=True, slots=True)
class LocalFrame:
    """Metres east and north of an origin, azimuthal equidistant on WGS84 (scale error 0.004 % at 100 km).

    Straight lines through the origin are geodesics; others differ from them by centimetres at 5 km.
    """

    origin: LatLon

    @classmethod
    def around(cls, shapes: Iterable[Geographic]) -> LocalFrame:
        """A frame centred on the shapes, antimeridian included (the centre is found on the sphere)."""
        coordinates = [shapely.get_coordinates(shape.geometry) for shape in shapes]
        points = np.concatenate(coordinates) if coordinates else np.empty((0, 2))
        if len(points) == 0:
            raise GeometryError("nothing to centre a local frame on: the geometry is empty")
        lon_rad, lat_rad = np.radians(points[:, 0]), np.radians(points[:, 1])
        vectors = np.stack([np.cos(lat_rad) * np.cos(lon_rad), np.cos(lat_rad) * np.sin(lon_rad), np.sin(lat_rad)])
        x, y, z = (vectors.min(axis=1) + vectors.max(axis=1)) / 2
        return cls(LatLon(lat_deg=float(np.degrees(np.arctan2(z, np.hypot(x, y)))), lon_deg=float(np.degrees(np.arctan2(y, x)))))

    def to_local(self, shape: Geographic) -> BaseGeometry:
        """The shape in metres east, north of the origin."""
        return _mapped(shape.geometry, self._projector().transform)

    def ground(self, shape: Geographic) -> BaseGeometry:
        """The ground that a polygon means, in metres: its edges are straight in degrees (RFC 7946, 3.1.1), parts that meet at the
        antimeridian become one. Empty when the shape holds no polygon.
        """
        parts = [self._valid_ground(part) for part in shapely.get_parts(shape.geometry) if part.geom_type == "Polygon"]
        return shapely.union_all([part for part in parts if not part.is_empty]) if parts else shapely.Polygon()

    def _valid_ground(self, part: BaseGeometry) -> BaseGeometry:
        rings = [self._ring_to_local(ring) for ring in shapely.get_rings(part)]
        placed = shapely.Polygon(rings[0], rings[1:]) if rings else shapely.Polygon()
        return placed if placed.is_valid else polygons_of(shapely.make_valid(placed))

    def line(self, shape: Geographic) -> BaseGeometry:
        """A line in metres, straight in degrees between its points."""
        parts = [part for part in shapely.get_parts(shape.geometry) if part.geom_type in ("LineString", "LinearRing")]
        return shapely.union_all([shapely.LineString(self._ring_to_local(part)) for part in parts if not part.is_empty])

    def _ring_to_local(self, line: BaseGeometry) -> NDArray[np.float64]:
        points = shapely.get_coordinates(line)
        # An edge from 179 to -179 degrees crosses the antimeridian.
        run_on = np.column_stack([np.unwrap(points[:, 0], period=360.0), points[:, 1]])
        dense = _densified(run_on, EDGE_STEP_DEG)
        return np.column_stack(self._projector().transform(dense[:, 0], dense[:, 1]))

    def to_geographic(self, geometry: BaseGeometry) -> Geographic:
        """A local geometry as longitude, latitude degrees."""
        projector = self._projector()

        def inverse(east_m: NDArray[np.float64], north_m: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
            lon_deg, lat_deg = projector.transform(east_m, north_m, direction="INVERSE")
            return lon_deg, lat_deg

        return Geographic(_mapped(geometry, inverse))

    def point_to_local(self, point: LatLon) -> tuple[float, float]:
        """Metres east and north of the origin."""
        east_m, north_m = self._projector().transform(point.lon_deg, point.lat_deg)
        return float(east_m), float(north_m)

    def point_to_geographic(self, *, east_m: float, north_m: float) -> LatLon:
        lon_deg, lat_deg = self._projector().transform(east_m, north_m, direction="INVERSE")
        return LatLon(lat_deg=float(lat_deg), lon_deg=float(lon_deg))

    def most_turned_rad(self, geometry: BaseGeometry) -> float:
        """The most by which north in this frame differs from true north over a local geometry (found at its bounds' corners)."""
        if geometry.is_empty:
            return 0.0
        west, south, east, north = geometry.bounds
        turned_deg = []
        for east_m, north_m in ((west, south), (west, north), (east, south), (east, north)):
            below = self.point_to_geographic(east_m=east_m, north_m=north_m - 1.0)
            bearing_deg = azimuth_deg(below, self.point_to_geographic(east_m=east_m, north_m=north_m + 1.0))
            turned_deg.append(abs((bearing_deg + 180.0) % 360.0 - 180.0))
        return float(np.radians(max(turned_deg)))

    def arrays_to_local(
        self, lat_deg: NDArray[np.float64], lon_deg: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Many points at once: arrays of degrees to arrays of metres east, north."""
        east_m, north_m = self._projector().transform(lon_deg, lat_deg)
        return np.asarray(east_m, dtype=np.float64), np.asarray(north_m, dtype=np.float64)

    def arrays_to_geographic(
        self, east_m: NDArray[np.float64], north_m: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Many points at once: arrays of metres east, north to arrays of latitude, longitude degrees."""
        lon_deg, lat_deg = self._projector().transform(east_m, north_m, direction="INVERSE")
        return np.asarray(lat_deg, dtype=np.float64), np.asarray(lon_deg, dtype=np.float64)

    def _projector(self) -> pyproj.Transformer:
        return _projector(self.origin.lat_deg, self.origin.lon_deg)


@lru_cache(maxsize=256)
def _projector(lat_deg: float, lon_deg: float) -> pyproj.Transformer:
    local = pyproj.CRS.from_proj4(f"+proj=aeqd +lat_0={lat_deg!r} +lon_0={lon_deg!r} +datum=WGS84 +units=m +no_defs")
    return pyproj.Transformer.from_crs(local.geodetic_crs, local, always_xy=True)


def _densified(points: NDArray[np.float64], longest: float) -> NDArray[np.float64]:
    """The points with others evenly between, none further apart than `longest` along an axis (GEOS fails on lines without length)."""
    steps = np.diff(points, axis=0)
    counts = np.maximum(1, np.ceil(np.abs(steps).max(axis=1, initial=0.0) / longest)).astype(np.int64)
    parts = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    dense = np.repeat(points[:-1], counts, axis=0) + np.repeat(steps, counts, axis=0) * (parts / np.repeat(counts, counts))[:, None]
    return np.concatenate([dense, points[-1:]])


def polygons_of(geometry: BaseGeometry) -> BaseGeometry:
    """The polygons of a geometry, without the lines and points that overlays and mending leave."""
    parts = shapely.get_parts(shapely.get_parts(geometry))  # a collection may hold a multipolygon
    return shapely.MultiPolygon([part for part in parts if part.geom_type == "Polygon" and part.area > 0])


_Transform = Callable[[NDArray[np.float64], NDArray[np.float64]], tuple[NDArray[np.float64], NDArray[np.float64]]]


def _mapped(geometry: BaseGeometry, transform: _Transform) -> BaseGeometry:
    def both(points: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack(transform(points[:, 0], points[:, 1]))

    return shapely.transform(geometry, both)


def geodesic_m(a: LatLon | Position, b: LatLon | Position) -> float:
    """Length of the geodesic between two points, metres on the ellipsoid."""
    _, _, distance_m = _WGS84.inv(a.lon_deg, a.lat_deg, b.lon_deg, b.lat_deg)
    return float(distance_m)


def azimuth_deg(a: LatLon | Position, b: LatLon | Position) -> float:
    """Initial bearing of the geodesic from a to b, degrees clockwise from north in 0..360."""
    forward_deg, _, _ = _WGS84.inv(a.lon_deg, a.lat_deg, b.lon_deg, b.lat_deg)
    return float(forward_deg) % 360.0


def azimuths_deg(
    from_lat_deg: NDArray[np.float64], from_lon_deg: NDArray[np.float64], to_lat_deg: NDArray[np.float64], to_lon_deg: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Initial bearings of many geodesics, degrees clockwise from north in 0..360."""
    forward_deg, _, _ = _WGS84.inv(from_lon_deg, from_lat_deg, to_lon_deg, to_lat_deg)
    return np.asarray(forward_deg, dtype=np.float64) % 360.0


def destination(start: LatLon | Position, *, bearing_deg: float, distance_m: float) -> LatLon:
    """Where a geodesic from `start` with this initial bearing ends."""
    lon_deg, lat_deg, _ = _WGS84.fwd(start.lon_deg, start.lat_deg, bearing_deg, distance_m)
    return LatLon(lat_deg=float(lat_deg), lon_deg=float(lon_deg))


def geodesic_points(a: LatLon, b: LatLon, *, max_step_m: float) -> list[LatLon]:
    """Points along the geodesic from a to b, ends included, no two further apart than `max_step_m`."""
    steps = max(1, int(np.ceil(geodesic_m(a, b) / max_step_m)))
    between = _WGS84.npts(a.lon_deg, a.lat_deg, b.lon_deg, b.lat_deg, steps - 1) if steps > 1 else []
    return [a, *(LatLon(lat_deg=lat_deg, lon_deg=lon_deg) for lon_deg, lat_deg in between), b]


def path_length_m(points: Sequence[LatLon | Position]) -> float:
    """Geodesic length of a polyline, metres."""
    return sum((geodesic_m(a, b) for a, b in pairwise(points)), 0.0)


def geodesic_steps_m(lat_deg: NDArray[np.float64], lon_deg: NDArray[np.float64]) -> NDArray[np.float64]:
    """Lengths of the geodesics from each of many points to the next, metres: one value fewer than points."""
    _, _, steps_m = _WGS84.inv(lon_deg[:-1], lat_deg[:-1], lon_deg[1:], lat_deg[1:])
    return np.asarray(steps_m, dtype=np.float64)


def geodesic_area_m2(shape: Geographic) -> float:
    """Area on the ellipsoid, square metres (edges taken as geodesics)."""
    area_m2, _ = _WGS84.geometry_area_perimeter(shapely.orient_polygons(shape.geometry))
    return abs(float(area_m2))


def reference_code(crs: str) -> str | None:
    """`EPSG:N` of a reference system given in whatever way; None for one that has no code, or is none."""
    try:
        code = pyproj.CRS.from_user_input(crs).to_epsg()
    except (pyproj.exceptions.CRSError, pyproj.exceptions.ProjError):
        return None
    return None if code is None else f"EPSG:{code}"


def vertical_reference(crs: str) -> tuple[str | None, str | None]:
    """What the heights of a reference system are above, and their unit, where it says so; `ellipsoid` for geographic 3D."""
    try:
        found = pyproj.CRS.from_user_input(crs)
    except (pyproj.exceptions.CRSError, pyproj.exceptions.ProjError):
        return None, None
    vertical = next((part for part in found.sub_crs_list if part.is_vertical), None)
    if vertical is not None:
        return vertical.name, vertical.axis_info[0].unit_name
    if len(found.axis_info) == 3:
        return "ellipsoid", found.axis_info[2].unit_name
    return None, None


def to_reference(
    crs: str, lat_deg: NDArray[np.float64], lon_deg: NDArray[np.float64], *, near_x: float | None = None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Places as x and y of another reference system; infinite outside its domain. Raises GeometryError for one that is not known.

    Where x is a longitude it is the one within half a turn of `near_x`.
    """
    x, y = (np.asarray(each, dtype=np.float64) for each in _from_wgs84(crs).transform(lon_deg, lat_deg))
    if near_x is not None and pyproj.CRS.from_user_input(crs).is_geographic:
        x = near_x + (x - near_x + 180.0) % 360.0 - 180.0
    return x, y


def from_reference(crs: str, x: float, y: float) -> LatLon:
    """The place at x and y of another reference system. Raises GeometryError as `to_reference`, and for what lies outside the world."""
    lon_deg, lat_deg = _from_wgs84(crs).transform(x, y, direction="INVERSE")
    return LatLon(lat_deg=float(lat_deg), lon_deg=float(lon_deg))


def from_reference_arrays(crs: str, x: NDArray[np.float64], y: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Latitudes and longitudes of many places in another reference system; infinite outside its domain."""
    lon_deg, lat_deg = _from_wgs84(crs).transform(x, y, direction="INVERSE")
    return np.asarray(lat_deg, dtype=np.float64), np.asarray(lon_deg, dtype=np.float64)


@lru_cache(maxsize=16)
def _from_wgs84(crs: str) -> pyproj.Transformer:
    try:
        target = pyproj.CRS.from_user_input(crs)
        # heights are read as they stand: only where a place lies is asked for
        flat = target.sub_crs_list[0] if target.is_compound else target.to_2d()
        return pyproj.Transformer.from_crs(pyproj.CRS.from_epsg(4326), flat, always_xy=True)
    except (pyproj.exceptions.CRSError, pyproj.exceptions.ProjError) as error:
        raise GeometryError(f"the reference system is not known: {error}") from error


def geographic_from(geometry: BaseGeometry, crs: str) -> Geographic:
    """A geometry of another reference system (a name as `EPSG:3857`, or WKT; x before y) as WGS84 longitude, latitude.

    Raises GeometryError when the reference system is not known. Points outside its domain become infinite.
    """
    try:
        source = pyproj.CRS.from_user_input(crs)
        transformer = pyproj.Transformer.from_crs(source, pyproj.CRS.from_epsg(4326), always_xy=True)
    except (pyproj.exceptions.CRSError, pyproj.exceptions.ProjError) as error:
        raise GeometryError(f"the reference system is not known: {error}") from error
    return Geographic(_mapped(geometry, transformer.transform))
