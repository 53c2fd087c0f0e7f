from __future__ import annotations

import math
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from PyQt6.QtCore import QBuffer, QByteArray, QIODevice
from PyQt6.QtGui import QColor, QImage
from PyQt6.QtWidgets import QWidget

from gui.models.mbtiles import open_mbtiles
from gui.models.raster_tiles import Tile, corners_m, tiles_in_view
from gui.models.viewport import Viewport
from missions.errors import InputError
from planner.geo import LatLon, LocalFrame
from tests.gui.conftest import Desktop

BUDAPEST = LocalFrame(LatLon(lat_deg=47.5, lon_deg=19.0))


def written(path: Path, tiles: Iterable[Tile], colour: str = "#c040c0", kind: str = "png") -> Path:
    image, content = QImage(256, 256, QImage.Format.Format_RGB32), QByteArray()
    image.fill(QColor(colour))
    buffer = QBuffer(content)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE metadata (name text, value text)")
        connection.execute("CREATE TABLE tiles (zoom_level integer, tile_column integer, tile_row integer, tile_data blob)")
        connection.execute("INSERT INTO metadata VALUES ('format', ?)", (kind,))
        rows = [(tile.zoom, tile.column, 2**tile.zoom - 1 - tile.row, content.data()) for tile in tiles]
        connection.executemany("INSERT INTO tiles VALUES (?, ?, ?, ?)", rows)
        connection.commit()
    return path


@pytest.mark.parametrize(("lat_deg", "lon_deg"), [(47.5, 19.0), (-33.9, 151.2), (0.01, 180.0), (70.0, -179.9)])
@pytest.mark.parametrize("metres_per_px", [0.5, 7.0, 90.0])
def test_tiles_cover_the_view_about_as_sharp_as_the_screen(tmp_path: Path, lat_deg: float, lon_deg: float, metres_per_px: float) -> None:
    frame = LocalFrame(LatLon(lat_deg=lat_deg, lon_deg=lon_deg))
    source = open_mbtiles(written(tmp_path / "w.mbtiles", [Tile(0, 0, 0), Tile(20, 0, 0)]))
    view = Viewport(metres_per_px=metres_per_px, width_px=800, height_px=600)
    tiles = tiles_in_view(source, view, frame)
    assert len(tiles) == len(set(tiles)) <= 60
    boxes = [corners_m(tile, frame) for tile in tiles]
    for x_px, y_px in ((0, 0), (400, 300), (800, 600), (10, 590)):
        east_m, north_m = view.to_ground(x_px=x_px, y_px=y_px)
        assert any(_inside(box, east_m, north_m) for box in boxes)
    across_px = math.dist(boxes[0][0], boxes[0][1]) / metres_per_px
    assert 128 <= across_px <= 420


def _inside(box: np.ndarray[tuple[int, int], np.dtype[np.float64]], east_m: float, north_m: float) -> bool:
    # a little more than the box, whose sides are bent
    slack_m = 0.02 * float(np.ptp(box[:, 0]))
    low, high = box.min(axis=0) - slack_m, box.max(axis=0) + slack_m
    return bool(low[0] <= east_m <= high[0] and low[1] <= north_m <= high[1])


def test_what_is_no_raster_tile_file_says_so(tmp_path: Path) -> None:
    (tmp_path / "text.mbtiles").write_text("hello")
    with pytest.raises(InputError, match="no MBTiles file"):
        open_mbtiles(tmp_path / "text.mbtiles")
    with pytest.raises(InputError, match="vector tiles"):
        open_mbtiles(written(tmp_path / "vector.mbtiles", [Tile(0, 0, 0)], kind="pbf"))
    with pytest.raises(InputError, match="holds no tile"):
        open_mbtiles(written(tmp_path / "empty.mbtiles", []))


def test_tiles_are_shown_under_the_mission_where_they_belong(desktop: Desktop, plan_file: Path, tmp_path: Path) -> None:
    desktop.open(plan_file)
    desktop.desk.map.zoom(0.1)
    scene = desktop.desk.map.scene
    assert scene is not None
    view, frame = desktop.desk.map.viewport, scene.frame
    source = open_mbtiles(written(tmp_path / "probe.mbtiles", [Tile(0, 0, 0), Tile(19, 0, 0)]))
    tiles = tiles_in_view(source, view, frame)
    corner = tiles[0]
    file = written(tmp_path / "photo.mbtiles", [corner])
    desktop.desk.ground.add(file)
    desktop.wait(lambda: any(ground.path == file for ground in desktop.desk.map.grounds))
    place = corners_m(corner, frame).mean(axis=0)
    x_px, y_px = (round(value) for value in view.to_screen(east_m=float(place[0]), north_m=float(place[1])))
    x_px, y_px = max(x_px, 3), max(y_px, 3)

    def colour() -> str:
        picture = desktop.find(QWidget, "map").grab().toImage()
        return picture.pixelColor(x_px, y_px).name()

    desktop.wait(lambda: colour() == "#c040c0")
