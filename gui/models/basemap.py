"""The ground under the scene: land from the shipped extract of Natural Earth and the user's own files, in metres of the scene's frame."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from gui.models.geotiff import SUFFIXES as GEOTIFF
from gui.models.geotiff import open_geotiff
from gui.models.mbtiles import SUFFIX as MBTILES
from gui.models.mbtiles import open_mbtiles
from gui.models.raster_tiles import TileSource
from missions.errors import InputError
from missions.geometry_files import read_features
from missions.lonlat_shapes import ShapeError
from planner.geo import Geographic, LocalFrame

_FILE = Path(__file__).parents[1] / "data" / "natural_earth.npz"
_UNITS_PER_DEG = 1000.0
#: How far from the scene land is drawn: beyond, one frame shows it badly.
_REACH_M = 1_500_000.0
_METRES_PER_DEG = 111_200.0
#: Edges are straight in degrees; in steps this long they also are in metres, to some metres.
_EDGE_DEG = 0.2
#: Own files may be large: what is drawn is simplified to this.
_OWN_TOLERANCE_M = 1.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Ground:
    """One named piece, local metres."""

    name: str
    geometry: BaseGeometry


@dataclass(frozen=True, kw_only=True, slots=True)
class GroundLayer:
    """Pieces that are drawn alike, or raster tiles: `path` is the file that they come from, None for the shipped land."""

    path: Path | None
    frame: LocalFrame
    pieces: tuple[Ground, ...] = ()
    tiles: TileSource | None = None


def land_around(frame: LocalFrame) -> GroundLayer:
    """The countries near the frame's origin."""
    names, shapes = _world()
    window = _window(frame)
    pieces = [
        Ground(name=name, geometry=frame.to_local(Geographic(shapely.segmentize(part, _EDGE_DEG))))
        for name, shape in zip(names, shapes, strict=True)
        if not (part := _cut(shape, window)).is_empty
    ]
    return GroundLayer(path=None, frame=frame, pieces=tuple(pieces))


def own_layer(path: Path, frame: LocalFrame) -> GroundLayer:
    """All features of a file that the mission readers know, or its raster tiles. Raises InputError."""
    if path.suffix.lower() == MBTILES:
        return GroundLayer(path=path, frame=frame, tiles=open_mbtiles(path))
    if path.suffix.lower() in GEOTIFF:
        return GroundLayer(path=path, frame=frame, tiles=open_geotiff(path))
    try:
        features = read_features(path)
    except ShapeError as error:
        raise InputError(error.text, file=str(path), mend=error.mend) from error
    window = _window(frame)
    pieces = []
    for feature in features:
        near = _cut(feature.geometry, window)
        if not near.is_empty:
            local = frame.to_local(Geographic(shapely.segmentize(near, _EDGE_DEG)))
            pieces.append(Ground(name=feature.names[-1] or feature.names[0] or "", geometry=shapely.simplify(local, _OWN_TOLERANCE_M)))
    return GroundLayer(path=path, frame=frame, pieces=tuple(pieces))


def _window(frame: LocalFrame) -> tuple[float, float, float, float]:
    """West, south, east, north in degrees; west may be below -180 and east above 180."""
    reach_deg = _REACH_M / _METRES_PER_DEG
    lat_deg, lon_deg = frame.origin.lat_deg, frame.origin.lon_deg
    widest = max(math.cos(math.radians(min(abs(lat_deg) + reach_deg, 89.0))), reach_deg / 180.0)
    return lon_deg - reach_deg / widest, max(lat_deg - reach_deg, -90.0), lon_deg + reach_deg / widest, min(lat_deg + reach_deg, 90.0)


def _cut(shape: BaseGeometry, window: tuple[float, float, float, float]) -> BaseGeometry:
    """What lies in the window, wherever in the turns of longitude it was written."""
    west, south, east, north = window
    found = []
    for turn_deg in (-360.0, 0.0, 360.0):
        lowest, _, highest, _ = shape.bounds if not shape.is_empty else (0.0, 0.0, 0.0, 0.0)
        if lowest + turn_deg <= east and highest + turn_deg >= west:
            part = shapely.clip_by_rect(shape, west - turn_deg, south, east - turn_deg, north)
            if not part.is_empty:
                found.append(part)
    if len(found) < 2:
        return found[0] if found else shapely.Point()
    parts = [part for piece in found for part in shapely.get_parts(piece)]
    return shapely.MultiPolygon(parts) if all(part.geom_type == "Polygon" for part in parts) else shapely.GeometryCollection(parts)


@cache
def _world() -> tuple[tuple[str, ...], NDArray[np.object_]]:
    """Names and shapes (longitude, latitude) of all countries."""
    with np.load(_FILE) as arrays:
        steps, names = arrays["steps"], arrays["names"]
        offsets = tuple(arrays[f"offsets_{index}"] for index in range(3))
    coordinates = np.ascontiguousarray(np.cumsum(steps, axis=1, dtype=np.int64).T) / _UNITS_PER_DEG
    shapes = shapely.from_ragged_array(shapely.GeometryType.MULTIPOLYGON, coordinates, offsets)
    return tuple(str(name) for name in names), shapes
