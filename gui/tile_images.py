"""Pictures of raster tiles, read and unpacked in the background as the view wants them; the last that were looked at are kept."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PyQt6.QtGui import QImage

from gui.background import Background
from gui.models.geotiff import SUFFIXES as GEOTIFF
from gui.models.geotiff import Rgba, read_geotiff
from gui.models.mbtiles import read_tiles
from gui.models.notices import Notices
from gui.models.observable import Changed
from gui.models.raster_tiles import Tile
from gui.models.words import tr

TOPIC = "tiles"
_KEPT = 600

_Key = tuple[Path, Tile]


class TileImages:
    """`version` is another number when pictures have come."""

    def __init__(self, background: Background, notices: Notices) -> None:
        self.changed = Changed()
        self.version = 0
        self._background = background
        self._notices = notices
        self._images: dict[_Key, QImage | None] = {}
        self._coming: set[_Key] = set()

    def of(self, path: Path, tiles: Sequence[Tile]) -> dict[Tile, QImage]:
        """Those that are there; the others are fetched. None is shown for a tile that the file does not hold."""
        missing = [tile for tile in tiles if (path, tile) not in self._images and (path, tile) not in self._coming]
        if missing:
            self._coming |= {(path, tile) for tile in missing}
            self._background.run(
                partial(_unpacked, path, missing), then=partial(self._take, path, missing), failed=partial(self._not_read, path, missing)
            )
        found = {}
        for tile in tiles:
            image = self._images.pop((path, tile), None)
            if image is not None:
                self._images[path, tile] = found[tile] = image  # now the last that was looked at
        return found

    def _take(self, path: Path, asked: list[Tile], images: dict[Tile, QImage]) -> None:
        self._coming -= {(path, tile) for tile in asked}
        self._images |= {(path, tile): images.get(tile) for tile in asked}
        for key in list(self._images)[: max(0, len(self._images) - _KEPT)]:
            del self._images[key]
        self.version += 1
        self.changed.emit()

    def _not_read(self, path: Path, asked: list[Tile], text: str) -> None:
        self._take(path, asked, {})
        self._notices.error(TOPIC, tr("Tiles could not be read: {text}", text=text))


# QImage may be made in any thread
def _unpacked(path: Path, tiles: list[Tile]) -> dict[Tile, QImage]:
    if path.suffix.lower() in GEOTIFF:
        images = {tile: _image_of(picture) for tile, picture in read_geotiff(path, tiles).items()}
    else:
        images = {tile: QImage.fromData(content) for tile, content in read_tiles(path, tiles).items()}
    return {tile: image.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied) for tile, image in images.items() if not image.isNull()}


def _image_of(picture: Rgba) -> QImage:
    high, wide, _ = picture.shape
    # a copy: Qt does not keep the bytes that it is given
    return QImage(picture.tobytes(), wide, high, 4 * wide, QImage.Format.Format_RGBA8888).copy()
