"""What a vehicle knows of the ground's height, and which grids it asks its stations for (AP_Terrain, 4.7.0-dev).

A grid has 28 x 32 points, of which the last four each way are the first of its neighbours; a station sends it in 56 parts of 4 x 4.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from mavlink_bridge.messages import TerrainCheck, TerrainData, TerrainReport, TerrainRequest
from planner.geo import LatLon
from sitl.core import Core
from sitl.earth import degrees_at, offset_m
from sitl.pilot import Motion

_PART, _PARTS_EAST, _PARTS_NORTH = 4, 8, 7
_STEP_NORTH, _STEP_EAST = _PART * (_PARTS_NORTH - 1), _PART * (_PARTS_EAST - 1)
_ALL = (1 << _PARTS_NORTH * _PARTS_EAST) - 1
_UNIT = 1e7


@dataclass(slots=True)
class _Grid:
    """One grid by its south-west corner in units of 1e-7 degrees."""

    corner: tuple[int, int]
    spacing_m: int
    parts: dict[int, tuple[int, ...]] = field(default_factory=dict)

    @property
    def missing(self) -> int:
        return _ALL & ~sum(1 << part for part in self.parts)

    def height_m(self, north: int, east: int) -> int | None:
        part = self.parts.get(north // _PART * _PARTS_EAST + east // _PART)
        return None if part is None else part[north % _PART * _PART + east % _PART]


class Terrain:
    """`request` and `report` are sent with stream EXTRA3; `take` stores what a station sends."""

    #: A station is given so long to answer before it is asked again.
    _PATIENCE_S = 2.0

    def __init__(self, core: Core, motion: Callable[[], Motion]) -> None:
        self._core = core
        self._motion = motion
        self._grids: dict[tuple[int, int], _Grid] = {}
        self._asked_s = -math.inf

    def request(self) -> TerrainRequest | None:
        """What is missing: first around the vehicle, then where its mission leads."""
        now_s = self._core.now_s
        if not self._is_on or now_s - self._asked_s < self._PATIENCE_S:
            return None
        for place in self._wanted():
            grid = self._grid(place)[0]
            if grid.missing:
                self._asked_s = now_s
                lat_deg, lon_deg = grid.corner[0] / _UNIT, grid.corner[1] / _UNIT
                return TerrainRequest(lat_deg=lat_deg, lon_deg=lon_deg, grid_spacing=grid.spacing_m, mask=grid.missing)
        return None

    def take(self, data: TerrainData) -> None:
        """Store a part of a grid that was asked for; others are nobody's."""
        grid = self._grids.get((round(data.lat_deg * _UNIT), round(data.lon_deg * _UNIT)))
        if grid is not None and grid.spacing_m == data.grid_spacing and 0 <= data.gridbit < _PARTS_NORTH * _PARTS_EAST:
            grid.parts[data.gridbit] = data.heights_m
            # The next part of what is missing may be asked for.
            if not grid.missing:
                self._asked_s = -math.inf

    def check(self, asked: TerrainCheck) -> TerrainReport:
        return self._report(LatLon(lat_deg=asked.lat_deg, lon_deg=asked.lon_deg))

    def report(self) -> TerrainReport | None:
        """Of where the vehicle is."""
        return self._report(self._here()) if self._is_on else None

    def height_m(self, place: LatLon) -> float | None:
        """Above the sea, between the four points around the place."""
        grid, north, east = self._grid(place)
        n, e = int(north), int(east)
        corners = [grid.height_m(n + dn, e + de) for dn in (0, 1) for de in (0, 1)]
        if any(corner is None for corner in corners):
            return None
        south_west, south_east, north_west, north_east = (float(corner) for corner in corners if corner is not None)
        fn, fe = north - n, east - e
        return (1 - fn) * ((1 - fe) * south_west + fe * south_east) + fn * ((1 - fe) * north_west + fe * north_east)

    @property
    def _is_on(self) -> bool:
        core = self._core
        return core.parameters["TERRAIN_ENABLE"] > 0 and core.readiness.has_gps_place(core.now_s)

    def _report(self, place: LatLon) -> TerrainReport:
        here_m, home_m = self.height_m(place), self.height_m(self._core.home)
        known = here_m is not None and home_m is not None
        missing = sum(grid.missing.bit_count() for grid in self._grids.values())
        return TerrainReport(
            lat_deg=place.lat_deg,
            lon_deg=place.lon_deg,
            spacing=int(self._core.parameters["TERRAIN_SPACING"]) if here_m is not None else 0,
            terrain_height=here_m or 0.0,
            current_height=self._motion().up_m + (home_m or 0.0) - (here_m or 0.0) if known else 0.0,
            pending=missing,
            loaded=sum(len(grid.parts) for grid in self._grids.values()),
        )

    def _wanted(self) -> Iterator[LatLon]:
        core = self._core
        yield self._here()
        yield core.home
        for seq in range(core.missions.count):
            item = core.missions.read(seq)
            if item is not None and item.has_place:
                yield LatLon(lat_deg=item.x / _UNIT, lon_deg=item.y / _UNIT)

    def _here(self) -> LatLon:
        motion = self._motion()
        lat_deg, lon_deg = self._core.to_degrees(motion.north_m, motion.east_m)
        return LatLon(lat_deg=lat_deg, lon_deg=lon_deg)

    def _grid(self, place: LatLon) -> tuple[_Grid, float, float]:
        """The grid that holds the place, and where in it: points north and east of its corner. Grids count from whole degrees."""
        spacing_m = max(1, int(self._core.parameters["TERRAIN_SPACING"]))
        origin = LatLon(lat_deg=math.floor(place.lat_deg), lon_deg=math.floor(place.lon_deg))
        north, east = (metres / spacing_m for metres in offset_m(origin, place.lat_deg, place.lon_deg))
        row, column = int(north // _STEP_NORTH), int(east // _STEP_EAST)
        corner_deg = degrees_at(origin, row * _STEP_NORTH * spacing_m, column * _STEP_EAST * spacing_m)
        # Cut to whole units as ArduPilot does, or answers to it would be nobody's.
        corner = math.floor(corner_deg[0] * _UNIT), math.floor(corner_deg[1] * _UNIT)
        grid = self._grids.get(corner)
        if grid is None or grid.spacing_m != spacing_m:
            while len(self._grids) >= max(1, int(self._core.parameters["TERRAIN_CACHE_SZ"])):
                self._grids.pop(next(iter(self._grids)))
            grid = self._grids[corner] = _Grid(corner, spacing_m)
        return grid, north - row * _STEP_NORTH, east - column * _STEP_EAST
