"""The ground's height above sea level, on a regular grid of any reference system."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from planner.geo import (
    LatLon,
    from_reference,
    from_reference_arrays,
    geodesic_m,
    geodesic_steps_m,
    reference_code,
    to_reference,
)

_Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class TerrainSource:
    """Where heights come from: the file, its hash, its reference system, the unit they were in, what they are above. `remarks` say what
    had to be assumed, and what is missing.
    """

    file: str
    sha256: str
    crs: str
    unit: str
    datum: str
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Terrain:
    """Heights at the centres of a grid's cells, metres above sea level, NaN where nobody knows.

    The centre of cell (row, column) lies at `x0 + column * column_x + row * row_x`, and likewise in y, in the source's system.
    """

    heights_m: NDArray[np.float32]
    x0: float
    y0: float
    column_x: float
    column_y: float
    row_x: float
    row_y: float
    source: TerrainSource

    def __post_init__(self) -> None:
        if self.heights_m.ndim != 2 or self.heights_m.size == 0:
            raise ValueError(f"heights of shape {self.heights_m.shape} are no grid")
        if self._determinant == 0:
            raise ValueError("the grid's rows and columns run the same way")

    @property
    def _determinant(self) -> float:
        return self.column_x * self.row_y - self.row_x * self.column_y

    def height_m(self, lat_deg: _Floats, lon_deg: _Floats) -> _Floats:
        """Heights at many places, between the four cells around each (bilinear); NaN outside, and beside cells without a height."""
        return self.between_cells(*self.cells(lat_deg, lon_deg))

    def between_cells(self, rows: _Floats, columns: _Floats) -> _Floats:
        """As `height_m`, by rows and columns and parts of them."""
        last_row, last_column = self.heights_m.shape[0] - 1, self.heights_m.shape[1] - 1
        # a cell reaches half its width beyond its centre, the outermost ones too; a millionth is for rounding
        outside = ~(
            (rows >= -0.5 - 1e-6) & (rows <= last_row + 0.5 + 1e-6) & (columns >= -0.5 - 1e-6) & (columns <= last_column + 0.5 + 1e-6)
        )
        rows, columns = (np.clip(np.where(outside, 0.0, each), 0.0, last) for each, last in ((rows, last_row), (columns, last_column)))
        top, left = np.floor(rows).astype(np.intp), np.floor(columns).astype(np.intp)
        bottom, right = np.minimum(top + 1, last_row), np.minimum(left + 1, last_column)
        down, along = rows - top, columns - left
        found = np.zeros(rows.shape)
        for row, column, part in (
            (top, left, (1 - down) * (1 - along)),
            (top, right, (1 - down) * along),
            (bottom, left, down * (1 - along)),
            (bottom, right, down * along),
        ):
            # what has no part in it may be unknown
            found += np.where(part > 0, part * self.heights_m[row, column].astype(np.float64), 0.0)
        return np.where(outside, np.nan, found)

    @property
    def text(self) -> str:
        """One line for people: the file, its hash, its cells, what heights it has, of what unit and above what."""
        shape, source = self.heights_m.shape, self.source
        span = f"{np.nanmin(self.heights_m):.0f} to {np.nanmax(self.heights_m):.0f} m"
        crs = reference_code(source.crs) or "its own reference system"
        cells = f"{shape[1]} x {shape[0]} cells of about {self.step_m:.0f} m in {crs}"
        return f"{source.file} (sha256 {source.sha256[:12]}): {cells}, heights {span}; unit {source.unit}, datum {source.datum}"

    @property
    def step_m(self) -> float:
        """About how far two cells are apart, on the ground, in the middle of the grid."""
        middle = self._place(self.heights_m.shape[0] / 2, self.heights_m.shape[1] / 2)
        beside = [self._place(self.heights_m.shape[0] / 2 + d, self.heights_m.shape[1] / 2 + 1 - d) for d in (0.0, 1.0)]
        return min(geodesic_m(middle, each) for each in beside)

    def require_on_earth(self) -> None:
        """Raises GeometryError when the middle of the grid has no place."""
        for row, column in ((0.0, 0.0), (0.0, 1.0), (1.0, 0.0)):
            self._place(self.heights_m.shape[0] / 2 + row, self.heights_m.shape[1] / 2 + column)

    def cells(self, lat_deg: _Floats, lon_deg: _Floats) -> tuple[_Floats, _Floats]:
        """Rows and columns of many places, in parts of cells; 0, 0 is the middle of the first."""
        lat_deg, lon_deg = np.asarray(lat_deg, dtype=np.float64), np.asarray(lon_deg, dtype=np.float64)
        x, y = to_reference(self.source.crs, lat_deg, lon_deg, near_x=self.x0 + self.column_x * self.heights_m.shape[1] / 2)
        dx, dy = x - self.x0, y - self.y0
        rows = (self.column_x * dy - self.column_y * dx) / self._determinant
        columns = (self.row_y * dx - self.row_x * dy) / self._determinant
        return rows, columns

    def places(self, rows: _Floats, columns: _Floats) -> tuple[_Floats, _Floats]:
        """Latitudes and longitudes of many cells, or parts of them."""
        x = self.x0 + columns * self.column_x + rows * self.row_x
        y = self.y0 + columns * self.column_y + rows * self.row_y
        return from_reference_arrays(self.source.crs, x, y)

    def steps_m(self, down: int, along: int) -> _Floats:
        """How far it is over ground from each row's middle so many rows down and columns along."""
        rows, middle = np.arange(self.heights_m.shape[0], dtype=np.float64), np.full(self.heights_m.shape[0], self.heights_m.shape[1] / 2)
        here, there = self.places(rows, middle), self.places(rows + down, middle + along)
        lat_deg, lon_deg = (np.column_stack(pair).ravel() for pair in zip(here, there, strict=True))
        return geodesic_steps_m(lat_deg, lon_deg)[::2]

    def _place(self, row: float, column: float) -> LatLon:
        x = self.x0 + column * self.column_x + row * self.row_x
        y = self.y0 + column * self.column_y + row * self.row_y
        return from_reference(self.source.crs, x, y)
