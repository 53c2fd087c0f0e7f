"""How a vehicle and its station speak of the ground's height: by grids of points, of which a station sends four by four at once."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class TerrainRequest:
    """The vehicle misses these parts of a grid; bit n of `mask` is part n, rows from the south, eight parts each from the west."""

    lat_deg: float
    lon_deg: float
    grid_spacing: int
    mask: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TerrainData:
    """One part, `gridbit`, of the grid with this corner: sixteen heights above the sea in metres, columns northwards of four eastwards."""

    lat_deg: float
    lon_deg: float
    grid_spacing: int
    gridbit: int
    heights_m: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TerrainCheck:
    """Asks for a `TerrainReport` of this place."""

    lat_deg: float
    lon_deg: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TerrainReport:
    """`spacing` 0: the height of this place is not known. `current_height` is the vehicle's above the ground here; counts are of parts."""

    lat_deg: float
    lon_deg: float
    spacing: int
    terrain_height: float
    current_height: float
    pending: int
    loaded: int
