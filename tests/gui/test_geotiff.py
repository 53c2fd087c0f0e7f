from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pytest
import rasterio
import rasterio.transform
import rasterio.warp
from PyQt6.QtGui import QColor
from PyQt6.QtWidgets import QWidget

from gui.models.geotiff import open_geotiff, read_geotiff
from gui.models.raster_tiles import Tile, TileSource, corners_m, tiles_in_view
from gui.models.viewport import Viewport
from missions.errors import InputError
from planner.geo import LatLon, LocalFrame
from tests.gui.conftest import Desktop

HERE = LocalFrame(LatLon(lat_deg=47.5, lon_deg=19.0))
#: Metres a pixel, and pixels a side.
STEP_M, SIDE = 2.0, 600
PURPLE = (192, 64, 192)


def written(path: Path, *, crs: str | None = "EPSG:32634", kind: str = "rgb") -> Path:
    """A square around the place: purple in the west half, black in the east."""
    shape: dict[str, object] = {"driver": "GTiff", "width": SIDE, "height": SIDE, "dtype": "uint8", "count": 3 if kind == "rgb" else 1}
    if crs is not None:
        ((east_m,), (north_m,)) = rasterio.warp.transform("EPSG:4326", crs, [19.0], [47.5])
        half_m = STEP_M * SIDE / 2
        shape |= {"crs": crs, "transform": rasterio.transform.Affine(STEP_M, 0.0, east_m - half_m, 0.0, -STEP_M, north_m + half_m)}
    west = (np.arange(SIDE) < SIDE // 2)[None, :].repeat(SIDE, axis=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with rasterio.open(path, "w", **(shape | ({"dtype": "uint16"} if kind == "heights" else {}))) as file:
            match kind:
                case "rgb":
                    file.write(np.stack([west * np.uint8(value) for value in PURPLE]))
                case "palette":
                    file.write(west.astype(np.uint8), 1)
                    file.write_colormap(1, {0: (0, 0, 0, 255), 1: (*PURPLE, 255)})
                case _:
                    file.write((100 + 900 * west).astype(np.uint16), 1)
    return path


def colour_at(source: TileSource, east_m: float) -> tuple[int, ...]:
    """What the tiles show at a place so far east of the middle; all four bytes."""
    view = Viewport(metres_per_px=2.0, width_px=500, height_px=500)
    pictures = read_geotiff(source.path, tiles_in_view(source, view, HERE))
    for tile, picture in pictures.items():
        corners = corners_m(tile, HERE)
        (west_m, south_m), (right_m, north_m) = corners.min(axis=0), corners.max(axis=0)
        if west_m <= east_m < right_m and south_m <= 0.0 < north_m:
            column = int((east_m - west_m) / (right_m - west_m) * 256)
            return tuple(picture[int(north_m / (north_m - south_m) * 256), column].tolist())
    return (0, 0, 0, 0)


@pytest.mark.parametrize("crs", ["EPSG:32634", "EPSG:3857", "EPSG:3035"])
def test_a_picture_of_any_reference_system_lies_where_it_was_taken(tmp_path: Path, crs: str) -> None:
    source = open_geotiff(written(tmp_path / "photo.tif", crs=crs))
    assert 15 <= source.max_zoom <= 17
    assert colour_at(source, -200.0) == (*PURPLE, 255)
    assert colour_at(source, 200.0) == (0, 0, 0, 255)


def test_a_palette_and_heights_become_colours(tmp_path: Path) -> None:
    palette = open_geotiff(written(tmp_path / "map.tif", kind="palette"))
    assert [colour_at(palette, east_m) for east_m in (-200.0, 200.0)] == [(*PURPLE, 255), (0, 0, 0, 255)]
    heights = open_geotiff(written(tmp_path / "heights.tif", kind="heights"))
    assert [colour_at(heights, east_m) for east_m in (-200.0, 200.0)] == [(255, 255, 255, 255), (0, 0, 0, 255)]


def test_beside_the_picture_there_is_nothing(tmp_path: Path) -> None:
    path = written(tmp_path / "photo.tif")
    assert read_geotiff(path, [Tile(10, 0, 0)]) == {}


def test_what_lies_nowhere_or_is_no_picture_is_told(tmp_path: Path) -> None:
    (tmp_path / "text.tif").write_text("hello")
    with pytest.raises(InputError, match="is no GeoTIFF"):
        open_geotiff(tmp_path / "text.tif")
    with pytest.raises(InputError, match="does not say where it lies"):
        open_geotiff(written(tmp_path / "nowhere.tif", crs=None))


def test_a_picture_is_painted_under_the_mission(desktop: Desktop, tmp_path: Path) -> None:
    desktop.open("training")
    desktop.desk.ground.add(written(tmp_path / "photo.tif"))
    desktop.wait(lambda: any(layer.tiles for layer in desktop.desk.map.grounds))
    desktop.desk.map.go_to_place(LatLon(lat_deg=47.5, lon_deg=18.9965))
    desktop.desk.map.set_layers(frozenset())
    view = desktop.find(QWidget, "map")
    view.grab()
    wanted = QColor(*PURPLE).name()

    def shown() -> set[str]:
        image = view.grab().toImage()
        return {QColor(image.pixel(x, y)).name() for x in range(0, image.width(), 40) for y in range(0, image.height(), 40)}

    desktop.wait(lambda: wanted in shown())
