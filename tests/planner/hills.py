"""Made-up ground for the planner's tests: a grid around the tests' missions, heights as a function of metres east and north."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from planner.terrain import Terrain, TerrainSource
from tests.planner.missions import HERE

Floats = NDArray[np.float64]
Ground = Callable[[Floats, Floats], Floats]


def hill(east_m: float, north_m: float, *, high_m: float, wide_m: float) -> Ground:
    """A round hill; `wide_m` from its top it has fallen to 61 %."""
    return lambda east, north: high_m * np.exp(-((east - east_m) ** 2 + (north - north_m) ** 2) / (2 * wide_m**2))


def cliff(east_m: float, *, high_m: float) -> Ground:
    """Ground that rises at once."""
    return lambda east, north: np.where(east > east_m, high_m, 0.0) + 0 * north


def slope(part: float) -> Ground:
    """Ground that rises by so much a metre towards east."""
    return lambda east, north: part * east + 0 * north


def terrain(ground: Ground, *, cell_m: float = 30.0, reach_m: float = 6_000.0, floor_m: float = 200.0) -> Terrain:
    """The ground above `floor_m`, in a plane grid whose x and y are metres east and north of the tests' origin, but for a few."""
    x0, y0 = _ORIGIN
    count = int(2 * reach_m / cell_m) + 1
    x, y = np.meshgrid(np.arange(count) * cell_m - reach_m, reach_m - np.arange(count) * cell_m)
    return Terrain(
        heights_m=(floor_m + ground(x, y)).astype(np.float32),
        x0=x0 - reach_m,
        y0=y0 + reach_m,
        column_x=cell_m,
        column_y=0.0,
        row_x=0.0,
        row_y=-cell_m,
        source=TerrainSource(file="hills.tif", sha256="0" * 64, crs=_CRS, unit="metre", datum="EGM2008 height"),
    )


#: A plane system around the tests' origin.
_CRS = f"+proj=aeqd +lat_0={HERE.lat_deg} +lon_0={HERE.lon_deg} +datum=WGS84 +units=m +no_defs"
_ORIGIN = (0.0, 0.0)
