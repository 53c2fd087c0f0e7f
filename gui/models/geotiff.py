"""Pictures and maps in GeoTIFF files of any reference system, cut into tiles of Web Mercator as the view wants them."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from gui.models.raster_tiles import EQUATOR_M, TILE_PX, Tile, TileSource
from missions.errors import InputError, one_line

if TYPE_CHECKING:
    from rasterio.io import DatasetReader

SUFFIXES = (".tif", ".tiff")
_MERCATOR = "EPSG:3857"
_MAX_ZOOM = 22
#: Nothing but the file itself is looked at.
_GDAL_OPTIONS = {"GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR", "GDAL_PAM_ENABLED": "NO", "GDAL_CACHEMAX": 64}
#: Of other than bytes, these percentiles are black and white.
_BLACK, _WHITE = 2.0, 98.0
_SAMPLE_PX = 256

Rgba = NDArray[np.uint8]
"""Rows, columns, and four bytes."""


def open_geotiff(path: Path) -> TileSource:
    """Raises InputError."""
    from rasterio.warp import calculate_default_transform

    with _opened(path) as dataset:
        if dataset.crs is None or dataset.transform.is_identity:
            raise InputError("does not say where it lies", file=str(path), mend="give it a reference system and a place")
        shape = (dataset.width, dataset.height)
        transform, _, _ = calculate_default_transform(dataset.crs, _MERCATOR, *shape, *dataset.bounds)
        sharpest = math.ceil(math.log2(EQUATOR_M / TILE_PX / abs(transform.a)))
        return TileSource(path=path, min_zoom=0, max_zoom=min(max(sharpest, 0), _MAX_ZOOM))


def read_geotiff(path: Path, tiles: Iterable[Tile]) -> dict[Tile, Rgba]:
    """Those that it has something of. Raises InputError."""
    with _opened(path) as dataset:
        looks = _Looks(dataset)
        cut = {tile: looks.tile(tile) for tile in tiles}
    return {tile: picture for tile, picture in cut.items() if picture[:, :, 3].any()}


@contextmanager
def _opened(path: Path) -> Iterator[DatasetReader]:
    # loading a second GDAL takes a while, which is no matter in the thread that reads
    import rasterio
    from rasterio.errors import RasterioError

    with warnings.catch_warnings():
        # of rasters that lie nowhere, which are refused; rasterio 1.4 of what affine 3 will no longer have
        warnings.simplefilter("ignore")
        try:
            with rasterio.Env(**_GDAL_OPTIONS), rasterio.open(path, driver="GTiff") as dataset:
                yield dataset
        except (RasterioError, ValueError, MemoryError) as error:
            text = f"is no GeoTIFF that can be read: {one_line(str(error).split(';')[0])}"
            raise InputError(text, file=str(path), mend="give another file") from error


class _Looks:
    """How one file's values become colours: bytes as they are, others stretched, a palette by its table."""

    def __init__(self, dataset: DatasetReader) -> None:
        from rasterio.enums import ColorInterp

        self._dataset = dataset
        self._palette = _table(dataset.colormap(1)) if dataset.colorinterp[0] is ColorInterp.palette else None
        self._bands = [1, 2, 3] if dataset.count >= 3 else [1]
        self._has_mask = dataset.nodata is not None or ColorInterp.alpha in dataset.colorinterp
        self._low, self._high = self._range()

    def _range(self) -> tuple[float, float]:
        if self._dataset.dtypes[0] == "uint8":
            return 0.0, 255.0
        shape = (len(self._bands), min(self._dataset.height, _SAMPLE_PX), min(self._dataset.width, _SAMPLE_PX))
        sample = self._dataset.read(self._bands, out_shape=shape, masked=True).compressed()
        sample = sample[np.isfinite(sample)]
        return (0.0, 1.0) if not len(sample) else (float(np.percentile(sample, _BLACK)), float(np.percentile(sample, _WHITE)))

    def tile(self, tile: Tile) -> Rgba:
        from rasterio.enums import Resampling
        from rasterio.transform import Affine
        from rasterio.vrt import WarpedVRT

        side_m = EQUATOR_M / 2**tile.zoom
        west_m, north_m = tile.column * side_m - EQUATOR_M / 2, EQUATOR_M / 2 - tile.row * side_m
        place = Affine(side_m / TILE_PX, 0.0, west_m, 0.0, -side_m / TILE_PX, north_m)
        how = Resampling.nearest if self._palette is not None else Resampling.bilinear
        shape = {"width": TILE_PX, "height": TILE_PX, "transform": place}
        with WarpedVRT(self._dataset, crs=_MERCATOR, resampling=how, add_alpha=not self._has_mask, **shape) as warped:
            return self._coloured(warped.read(self._bands), warped.dataset_mask())

    def _coloured(self, bands: NDArray[np.generic], mask: NDArray[np.uint8]) -> Rgba:
        picture = np.empty((TILE_PX, TILE_PX, 4), dtype=np.uint8)
        if self._palette is not None:
            picture[:, :, :3] = self._palette[bands[0].astype(np.intp)]
        else:
            span = max(self._high - self._low, 1e-12)
            grey = np.nan_to_num((bands.astype(np.float64) - self._low) / span * 255.0)
            picture[:, :, :3] = np.moveaxis(np.clip(np.rint(grey), 0, 255).astype(np.uint8), 0, -1)
        picture[:, :, 3] = mask
        return picture


def _table(colours: dict[int, tuple[int, ...]]) -> Rgba:
    table = np.zeros((max(colours) + 1, 3), dtype=np.uint8)
    for number, colour in colours.items():
        table[number] = colour[:3]
    return table
