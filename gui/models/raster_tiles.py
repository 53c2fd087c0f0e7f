"""Raster tiles in Web Mercator: which of them the view needs, and where they lie."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from gui.models.map_scene import Points
from gui.models.viewport import Viewport
from planner.geo import LatLon, LocalFrame

TILE_PX = 256
EQUATOR_M = 40_075_016.686
#: A tile is shown up to so many times as large as it is: sharper ones would be four times as many.
_LARGEST = 1.5
#: A view that needs more gets coarser ones.
_MOST = 120


class Tile(NamedTuple):
    """Columns count east from the antimeridian, rows south from 85.05° north; there are 2**zoom of each."""

    zoom: int
    column: int
    row: int


@dataclass(frozen=True, kw_only=True, slots=True)
class TileSource:
    """A file of pictures in Web Mercator, or one that can be cut into such."""

    path: Path
    min_zoom: int
    max_zoom: int


def tiles_in_view(source: TileSource, viewport: Viewport, frame: LocalFrame) -> list[Tile]:
    """Those that show the view about as sharp as the screen is."""
    edges_px = [(x * viewport.width_px, y * viewport.height_px) for x in (0.0, 0.5, 1.0) for y in (0.0, 0.5, 1.0)]
    ground = [viewport.to_ground(x_px=x_px, y_px=y_px) for x_px, y_px in edges_px]
    places = [frame.point_to_geographic(east_m=east_m, north_m=north_m) for east_m, north_m in ground]
    middle = places[4]
    metres_per_px = EQUATOR_M * math.cos(math.radians(middle.lat_deg)) / TILE_PX
    sharp = math.ceil(math.log2(metres_per_px / (viewport.metres_per_px * _LARGEST)))
    zoom = min(max(sharp, source.min_zoom), source.max_zoom)
    while True:
        tiles = _covering(places, middle, zoom)
        if len(tiles) <= _MOST or zoom <= source.min_zoom:
            return tiles[:_MOST]
        zoom -= 1


def _covering(places: list[LatLon], middle: LatLon, zoom: int) -> list[Tile]:
    number = 2**zoom
    # columns beside the middle's, wherever the antimeridian is
    columns = [number * (middle.lon_deg + math.remainder(place.lon_deg - middle.lon_deg, 360.0) + 180.0) / 360.0 for place in places]
    rows = [number * _down(place.lat_deg) for place in places]
    first, last = max(math.floor(min(rows)), 0), min(math.floor(max(rows)), number - 1)
    across = range(math.floor(min(columns)), math.floor(max(columns)) + 1)
    return [Tile(zoom, column % number, row) for row in range(first, last + 1) for column in across]


def _down(lat_deg: float) -> float:
    """How far down the square world a latitude lies, 0 to 1."""
    lat = math.radians(min(max(lat_deg, -85.0511), 85.0511))
    return (1.0 - math.asinh(math.tan(lat)) / math.pi) / 2.0


def corners_m(tile: Tile, frame: LocalFrame) -> Points:
    """North-west, north-east, south-east, south-west: rows of metres east, north."""
    number = 2**tile.zoom
    west_deg, east_deg = (360.0 * column / number - 180.0 for column in (tile.column, tile.column + 1))
    north_deg, south_deg = (math.degrees(math.atan(math.sinh(math.pi * (1.0 - 2.0 * row / number)))) for row in (tile.row, tile.row + 1))
    lat_deg = np.array([north_deg, north_deg, south_deg, south_deg])
    return np.column_stack(frame.arrays_to_local(lat_deg, np.array([west_deg, east_deg, east_deg, west_deg])))
