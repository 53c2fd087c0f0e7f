"""Read an elevation raster, of any reference system, as far as a mission needs it; unit and datum are stated, never guessed in silence."""

from __future__ import annotations

import hashlib
import math
import warnings
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final, NoReturn

import numpy as np
from numpy.typing import NDArray

from missions.errors import InputError, one_line
from planner.errors import GeometryError
from planner.geo import from_reference, reference_code, to_reference, vertical_reference
from planner.terrain import Terrain, TerrainSource

if TYPE_CHECKING:
    from rasterio.io import DatasetReader

#: Formats of elevation that hold everything in the file itself: a virtual one may name other files and addresses.
_DRIVERS: Final = {
    **dict.fromkeys((".tif", ".tiff"), "GTiff"),
    **dict.fromkeys((".dt0", ".dt1", ".dt2"), "DTED"),
    ".asc": "AAIGrid",
    ".hgt": "SRTMHGT",
    ".dem": "USGSDEM",
}
MAX_FILE_BYTES: Final = 200_000_000
#: A tile of one degree at one second of arc.
MAX_CELLS: Final = 13_000_000

_METRES: Final = {"m": 1.0, "metre": 1.0, "meter": 1.0, "metres": 1.0, "meters": 1.0}
_FEET: Final = {"ft": 0.3048, "foot": 0.3048, "feet": 0.3048, "us survey foot": 1200 / 3937, "us-ft": 1200 / 3937}
_UNITS: Final = _METRES | _FEET
#: No ground is lower than the Dead Sea's shore, or higher than Everest.
_LOWEST_M, _HIGHEST_M = -500.0, 8900.0
#: Read beyond the window, where the file has it: a part of the window's length, for legs lead around.
_MARGIN: Final = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """What the user says of a file, in place of what it says, or does not, of itself."""

    crs: str | None = None
    unit: str | None = None
    datum: str | None = None


@dataclass(frozen=True, slots=True)
class Window:
    """Longitudes and latitudes that heights are wanted for; longitudes may run on beyond 180."""

    west_deg: float
    south_deg: float
    east_deg: float
    north_deg: float


#: Nothing but the file itself is looked at, and no more of it is kept than a few blocks.
_GDAL_OPTIONS: Final = {"GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR", "GDAL_PAM_ENABLED": "NO", "GDAL_CACHEMAX": 64}
_NOTHING_STATED: Final = Stated()


def is_elevation(path: Path) -> bool:
    """Whether a file's name is that of an elevation raster."""
    return path.suffix.lower() in _DRIVERS


def read_elevation(path: Path, *, window: Window | None = None, stated: Stated = _NOTHING_STATED) -> Terrain:
    """The heights of a file, those of a window where one is given. Raises InputError."""
    # imported here: loading a second GDAL takes longer than reading a mission without terrain
    import rasterio
    from rasterio.errors import RasterioError

    _check_file(path)
    driver = _DRIVERS.get(path.suffix.lower())
    if driver is None:
        mend = f"give a GeoTIFF, or a file that ends in one of {', '.join(_DRIVERS)}"
        raise InputError("is not named as an elevation raster", file=str(path), mend=mend)
    with warnings.catch_warnings():
        # of rasters that lie nowhere, which are refused; rasterio 1.4 of what affine 3 will no longer have
        warnings.simplefilter("ignore")
        try:
            with rasterio.Env(**_GDAL_OPTIONS), rasterio.open(path, driver=driver) as dataset:
                return _Reading(path, dataset, stated).terrain(window)
        except (RasterioError, ValueError, MemoryError) as error:
            text = f"is no elevation raster that can be read: {one_line(str(error).split(';')[0])}"
            raise InputError(text, file=str(path), mend="give a GeoTIFF, or an ASCII grid, SRTM or DTED file") from error


def kept_elevation(path: Path, *, window: Window, stated: Stated) -> Terrain:
    """As `read_elevation`; what was read last is given again while the file is the same: editors check a mission often."""
    try:
        status = path.stat()
        return _kept(path, (status.st_mtime_ns, status.st_size), window, stated)
    except (OSError, ValueError):
        return read_elevation(path, window=window, stated=stated)


@lru_cache(maxsize=2)
def _kept(path: Path, _stamp: tuple[int, int], window: Window, stated: Stated) -> Terrain:
    return read_elevation(path, window=window, stated=stated)


def _check_file(path: Path) -> None:
    try:
        if not path.is_file():
            raise InputError("is no file", file=str(path), mend="correct the name; it is relative to the mission file's folder")
        if path.stat().st_size > MAX_FILE_BYTES:
            raise InputError(f"is larger than {MAX_FILE_BYTES // 1_000_000} MB", file=str(path), mend="cut out the part that is needed")
    except (OSError, ValueError) as error:
        raise InputError(f"cannot be read: {error}", file=str(path), mend="check the name and its permissions") from error


class _Reading:
    """One open file."""

    def __init__(self, path: Path, dataset: DatasetReader, stated: Stated) -> None:
        self._path, self._dataset, self._stated = path, dataset, stated
        self._own_crs = dataset.crs.to_wkt() if dataset.crs else None
        self._remarks: list[str] = []

    def terrain(self, window: Window | None) -> Terrain:
        if self._dataset.count != 1:
            self._fail(f"has {self._dataset.count} bands, expected one of heights", "extract the band of heights")
        if not np.issubdtype(np.dtype(self._dataset.dtypes[0]), np.number) or "complex" in self._dataset.dtypes[0]:
            self._fail(f"holds {self._dataset.dtypes[0]}, expected heights", "is this an elevation raster?")
        crs = self._crs()
        top, left, bottom, right = self._cells(window, crs)
        unit, datum = self._unit_and_datum(crs)
        heights_m = self._heights_m(top, left, bottom, right, _UNITS[unit.lower()])
        # the transform is of cells' corners, heights are those of their centres
        turn = self._dataset.transform
        column, row = left + 0.5, top + 0.5
        source = TerrainSource(
            file=self._path.name, sha256=_sha256(self._path), crs=crs, unit=unit, datum=datum, remarks=tuple(self._remarks)
        )
        terrain = Terrain(
            heights_m=heights_m,
            x0=turn.c + column * turn.a + row * turn.b,
            y0=turn.f + column * turn.d + row * turn.e,
            column_x=turn.a,
            column_y=turn.d,
            row_x=turn.b,
            row_y=turn.e,
            source=source,
        )
        try:
            terrain.require_on_earth()
        except GeometryError as error:
            self._fail(f"lies outside the world: {error}", "is it in the reference system that it names?")
        return terrain

    def _crs(self) -> str:
        if self._stated.crs is not None:
            crs = self._stated.crs
        elif self._own_crs is not None:
            crs = reference_code(self._own_crs) or self._own_crs
        else:
            self._fail("does not say which reference system it is in", 'say it: crs = "EPSG:..." in a mission file, or --crs')
        try:
            to_reference(crs, np.zeros(1), np.zeros(1))
        except GeometryError as error:
            self._fail(str(error), "give one such as EPSG:32633")
        return crs

    def _unit_and_datum(self, crs: str) -> tuple[str, str]:
        datum, axis_unit = vertical_reference(self._own_crs or crs)
        if self._stated.datum is not None:
            datum = self._stated.datum
        if datum is None:
            datum = "not stated"
            self._remarks.append("what its heights are above is not stated: taken as above sea level")
        if "ellips" in datum.lower():
            self._fail(f"has heights above the {datum}, which is up to 100 m off sea level", "convert them to heights above sea level")
        unit = self._stated.unit or self._dataset.units[0] or axis_unit
        if unit is None:
            unit = "m"
            self._remarks.append("the unit of its heights is not stated: taken as metres")
        if unit.lower() not in _UNITS:
            self._fail(f"has heights in {one_line(unit)!r}", f"say the unit: one of {', '.join(_UNITS)}")
        return unit, datum

    def _cells(self, window: Window | None, crs: str) -> tuple[int, int, int, int]:
        """Rows and columns to read: from (included) and to (excluded)."""
        height, width = self._dataset.height, self._dataset.width
        if self._dataset.transform.is_identity or self._dataset.transform.determinant == 0:
            self._fail("does not say where it lies", "give a raster with georeference")
        top, left, bottom, right = (0, 0, height, width) if window is None else self._around(window, crs)
        if math.prod(self._dataset.block_shapes[0]) > MAX_CELLS:
            self._fail("is stored in blocks too large to be read in parts", "save it in tiles")
        if (bottom - top) * (right - left) > MAX_CELLS:
            text = f"has {(bottom - top) * (right - left):,} cells where heights are wanted, more than {MAX_CELLS:,}"
            self._fail(text, "make it coarser, or cut out the part that is needed")
        return top, left, bottom, right

    def _around(self, window: Window, crs: str) -> tuple[int, int, int, int]:
        lons = np.linspace(window.west_deg, window.east_deg, 21)
        lats = np.linspace(window.south_deg, window.north_deg, 21)
        lon_deg, lat_deg = (each.ravel() for each in np.meshgrid(lons, lats))
        rows, columns = self._place_of(lat_deg, lon_deg, crs)
        if not (np.isfinite(rows).all() and np.isfinite(columns).all()):
            self._fail("is in a reference system that does not reach to the mission", "give a raster of the mission's area")
        slack = 1e-6
        reaches = (
            -slack <= rows.min()
            and rows.max() <= self._dataset.height + slack
            and -slack <= columns.min()
            and columns.max() <= self._dataset.width + slack
        )
        if not reaches:
            self._fail(f"does not cover {_window_text(window)}: it covers {self._extent_text(crs)}", "give a raster of all of the mission")
        around = 2 + math.ceil(_MARGIN * max(np.ptp(rows), np.ptp(columns)))
        return (
            max(0, math.floor(rows.min()) - around),
            max(0, math.floor(columns.min()) - around),
            min(self._dataset.height, math.ceil(rows.max()) + around),
            min(self._dataset.width, math.ceil(columns.max()) + around),
        )

    def _place_of(
        self, lat_deg: NDArray[np.float64], lon_deg: NDArray[np.float64], crs: str
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        bounds = self._dataset.bounds
        x, y = to_reference(crs, lat_deg, lon_deg, near_x=(bounds.left + bounds.right) / 2)
        turn = ~self._dataset.transform
        return turn.d * x + turn.e * y + turn.f, turn.a * x + turn.b * y + turn.c

    def _extent_text(self, crs: str) -> str:
        bounds = self._dataset.bounds
        try:
            low, high = from_reference(crs, bounds.left, bounds.bottom), from_reference(crs, bounds.right, bounds.top)
        except GeometryError:
            return "ground outside the world"
        return _window_text(Window(low.lon_deg, low.lat_deg, high.lon_deg, high.lat_deg))

    def _heights_m(self, top: int, left: int, bottom: int, right: int, metres: float) -> NDArray[np.float32]:
        raw = self._dataset.read(1, window=((top, bottom), (left, right)), masked=True, out_dtype="float32")
        scale, offset = self._dataset.scales[0], self._dataset.offsets[0]
        heights_m: NDArray[np.float32] = np.ma.getdata(raw)
        heights_m *= np.float32(scale * metres)
        heights_m += np.float32(offset * metres)
        heights_m[np.ma.getmaskarray(raw) | ~np.isfinite(heights_m)] = np.nan
        known = heights_m[np.isfinite(heights_m)]
        if not known.size:
            self._fail("has no height where they are wanted", "give a raster of the mission's area")
        lowest_m, highest_m = float(known.min()), float(known.max())
        if lowest_m < _LOWEST_M or highest_m > _HIGHEST_M:
            text = f"has heights from {lowest_m:g} to {highest_m:g} m, which no ground on Earth has"
            self._fail(text, "is its unit right, and does it name the value that stands for no data?")
        if known.size < heights_m.size:
            self._remarks.append(f"{1 - known.size / heights_m.size:.1%} of its cells here have no height: unknown, not zero")
        return heights_m

    def _fail(self, text: str, mend: str) -> NoReturn:
        raise InputError(text, file=str(self._path), mend=mend)


def _window_text(window: Window) -> str:
    return f"{window.south_deg:.4f}..{window.north_deg:.4f} N, {window.west_deg:.4f}..{window.east_deg:.4f} E"


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
