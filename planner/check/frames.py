"""Frames small enough to measure in: one for an ordinary plan, one a square of `tile_side_m` for a larger one."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from planner.geo import FRAME_RADIUS_M, Geographic, LatLon, LocalFrame

Key = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Tile:
    """A frame and the square it answers for, in metres of the grid's overview frame; None when it answers for all."""

    key: Key
    frame: LocalFrame
    square: BaseGeometry | None


@dataclass(frozen=True, slots=True)
class TileGrid:
    """Squares over an overview frame. The overview only sorts things into squares; nothing is measured in it."""

    overview: LocalFrame
    side_m: float | None
    _tiles: dict[Key, Tile] = field(default_factory=dict)

    @classmethod
    def over(cls, points: Sequence[Geographic], *, side_m: float) -> TileGrid:
        overview = LocalFrame.around(points)
        coordinates = np.concatenate([shapely.get_coordinates(shape.geometry) for shape in points])
        reach_m = np.hypot(*overview.arrays_to_local(coordinates[:, 1], coordinates[:, 0])).max()
        return cls(overview, None if reach_m <= FRAME_RADIUS_M else side_m)

    def at(self, place: LatLon) -> Tile:
        """The tile that answers for a place."""
        if self.side_m is None:
            return self._tile((0, 0))
        return self._tile(self._key(*self.overview.point_to_local(place)))

    def meeting(self, shape: BaseGeometry) -> list[Tile]:
        """The tiles that a shape (in the overview frame) reaches into, in order."""
        if shape.is_empty:
            return []
        west, south, east, north = shape.bounds
        first, last = self._key(west, south), self._key(east, north)
        keys = [(column, row) for column in range(first[0], last[0] + 1) for row in range(first[1], last[1] + 1)]
        tiles = [self._tile(key) for key in keys]
        return [tile for tile in tiles if tile.square is None or shapely.intersects(tile.square, shape)]

    def _key(self, east_m: float, north_m: float) -> Key:
        return (0, 0) if self.side_m is None else (math.floor(east_m / self.side_m), math.floor(north_m / self.side_m))

    def _tile(self, key: Key) -> Tile:
        if key not in self._tiles:
            self._tiles[key] = self._made(key)
        return self._tiles[key]

    def _made(self, key: Key) -> Tile:
        if self.side_m is None:
            return Tile(key, self.overview, None)
        west, south = key[0] * self.side_m, key[1] * self.side_m
        centre = self.overview.point_to_geographic(east_m=west + self.side_m / 2, north_m=south + self.side_m / 2)
        return Tile(key, LocalFrame(centre), shapely.box(west, south, west + self.side_m, south + self.side_m))


def in_frame(points: Iterable[LatLon], frame: LocalFrame) -> NDArray[np.float64]:
    """Rows of metres east, north."""
    degrees = np.array([(point.lat_deg, point.lon_deg) for point in points], dtype=np.float64).reshape(-1, 2)
    return np.column_stack(frame.arrays_to_local(degrees[:, 0], degrees[:, 1]))


def placed(degrees: Sequence[NDArray[np.float64]], frame: LocalFrame) -> NDArray[np.float64]:
    """Rows of metres east, north from many runs of rows of longitude, latitude, one run after the other."""
    rows = np.concatenate([np.empty((0, 2)), *degrees])
    return np.column_stack(frame.arrays_to_local(rows[:, 1], rows[:, 0]))
