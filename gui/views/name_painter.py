"""Names on the map, each with a halo and none on top of another; drawn once, kept as pictures."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPixmap

from gui.views.sprites import Floats, stamp_pieces

HALO_PX = 3.0
_AROUND = tuple(
    QPointF(1.5 * x, 1.5 * y) for x, y in ((1, 0), (-1, 0), (0, 1), (0, -1), (0.7, 0.7), (0.7, -0.7), (-0.7, 0.7), (-0.7, -0.7))
)
#: Squares in which taken space is counted.
_GRID_PX = 4.0
_ATLAS_PX = 2048


@lru_cache(maxsize=1024)
def name_picture(text: str, font_key: str, colour: str, halo: str, ratio: float) -> QPixmap:
    """The text with its halo, as wide as it needs; `font_key` is `QFont.toString()`. Kept: most names are painted again and again."""
    return _drawn(text, font_key, colour, halo, ratio)


def _drawn(text: str, font_key: str, colour: str, halo: str, ratio: float) -> QPixmap:
    font = QFont()
    font.fromString(font_key)
    metrics = QFontMetricsF(font)
    width_px, height_px = name_size(text, font_key)
    picture = QPixmap(round(width_px * ratio + 0.5), round(height_px * ratio + 0.5))
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setFont(font)
    place = QPointF(HALO_PX, HALO_PX + metrics.ascent())
    # letters from Qt's cache, eight times beside each other: a tenth of the time that stroking their outlines takes
    painter.setPen(QColor(halo))
    for way in _AROUND:
        painter.drawText(place + way, text)
    painter.setPen(QColor(colour))
    painter.drawText(place, text)
    painter.end()
    return picture


class TakenSpace:
    """Which parts of a picture are taken, in squares of a grid."""

    def __init__(self, width_px: float, height_px: float) -> None:
        self._width_px = width_px
        self._height_px = height_px
        self._taken = np.zeros((int(height_px / _GRID_PX) + 2, int(width_px / _GRID_PX) + 2), dtype=np.bool_)

    def take(self, left_px: float, top_px: float, width_px: float, height_px: float) -> bool:
        """Take the box if it lies within the picture and nobody has any of it."""
        if left_px < 0 or top_px < 0 or left_px + width_px > self._width_px or top_px + height_px > self._height_px:
            return False
        squares = self._squares(left_px, top_px, width_px, height_px)
        if squares.any():
            return False
        squares[:] = True
        return True

    def block(self, places_px: Floats, half_px: float) -> None:
        """Take the squares around these places whoever has them."""
        rows, columns = self._taken.shape
        first = np.floor((places_px - half_px) / _GRID_PX).astype(np.intp)
        last = np.floor((places_px + half_px) / _GRID_PX).astype(np.intp)
        steps = [np.minimum(first + step, last) for step in range(int(2 * half_px / _GRID_PX) + 2)]
        across = [np.clip(step[:, 0], 0, columns - 1) for step in steps]
        for step in steps:
            down = np.clip(step[:, 1], 0, rows - 1)
            for right in across:
                self._taken[down, right] = True

    def _squares(self, left_px: float, top_px: float, width_px: float, height_px: float) -> NDArray[np.bool_]:
        columns = slice(int(left_px / _GRID_PX), int((left_px + width_px) / _GRID_PX) + 1)
        return self._taken[int(top_px / _GRID_PX) : int((top_px + height_px) / _GRID_PX) + 1, columns]


class NamePainter:
    """For one picture: remembers where names stand. Earlier ones win. `placed` are those that found room, to be painted again."""

    def __init__(self, width_px: float, height_px: float, font: QFont, halo: str, ratio: float) -> None:
        self._plain = font.toString()
        bold = QFont(font)
        bold.setBold(True)
        self._bold = bold.toString()
        self._halo = halo
        self._ratio = ratio
        self._taken = TakenSpace(width_px, height_px)
        self.placed: list[tuple[QPointF, QPixmap]] = []

    def room_beside(self, text: str, x_px: float, y_px: float, *, distance_px: float) -> tuple[float, float] | None:
        """Left and top of the name right of a symbol in this place, or left of it, or above one of these, where there is room first."""
        width_px, height_px = name_size(text, self._plain)
        right_px, left_px = x_px + distance_px, x_px - distance_px - width_px
        level_px, above_px = y_px - height_px / 2, y_px - 1.5 * height_px
        places = ((right_px, level_px), (left_px, level_px), (right_px, above_px), (left_px, above_px))
        return next((place for place in places if self._take(*place, width_px, height_px)), None)

    def below(self, text: str, colour: str, x_px: float, y_px: float, *, distance_px: float) -> None:
        """Under a symbol in this place."""
        picture = name_picture(text, self._plain, colour, self._halo, self._ratio)
        self._put(picture, x_px - picture.deviceIndependentSize().width() / 2, y_px + distance_px)

    def centred(self, text: str, colour: str, x_px: float, y_px: float, *, bold: bool = False) -> None:
        picture = name_picture(text, self._bold if bold else self._plain, colour, self._halo, self._ratio)
        size = picture.deviceIndependentSize()
        self._put(picture, x_px - size.width() / 2, y_px - size.height() / 2)

    def keep_free(self, places_px: Floats, half_px: float) -> None:
        """No name is to lie on these places, as far around them."""
        self._taken.block(places_px, half_px)

    def _take(self, left_px: float, top_px: float, width_px: float, height_px: float) -> bool:
        # the halo may reach into another name's
        return self._taken.take(left_px + HALO_PX, top_px + HALO_PX, width_px - 2 * HALO_PX, height_px - 2 * HALO_PX)

    def _put(self, picture: QPixmap, left_px: float, top_px: float) -> None:
        size = picture.deviceIndependentSize()
        if self._take(left_px, top_px, size.width(), size.height()):
            self.placed.append((QPointF(_whole(left_px, self._ratio), _whole(top_px, self._ratio)), picture))


class NameAtlas:
    """Names in one picture, so that hundreds are stamped in one call; begun again when it is full, as another `edition`."""

    def __init__(self, ratio: float) -> None:
        self._ratio = ratio
        self._side = round(_ATLAS_PX * max(1.0, ratio))
        self._sheet = QPixmap(self._side, self._side)
        self._boxes: dict[tuple[str, str, str], tuple[float, float, float, float]] = {}
        self._x = self._y = self._row = 0
        self.edition = 0
        self._sheet.fill(Qt.GlobalColor.transparent)

    def box(self, text: str, font_key: str, colour: str, halo: str) -> tuple[float, float, float, float]:
        """Where the name is in the picture: left, top, width, height in device pixels."""
        return self._boxes.get((text, font_key, colour)) or self._add(text, font_key, colour, halo)

    def stamp(self, painter: QPainter, corners_px: Floats, boxes: Floats) -> None:
        """The names in these boxes, each with its left top corner there."""
        # whole pixels keep letters sharp; Qt asks for the middle
        middles_px = (np.rint(corners_px * self._ratio) + boxes[:, 2:] / 2) / self._ratio
        stamp_pieces(painter, self._sheet, middles_px, boxes, 1.0 / self._ratio)

    def _add(self, text: str, font_key: str, colour: str, halo: str) -> tuple[float, float, float, float]:
        picture = _drawn(text, font_key, colour, halo, self._ratio)  # it is kept here
        width, height = picture.width(), picture.height()
        if self._x + width > self._side:
            self._x, self._y, self._row = 0, self._y + self._row, 0
        if self._y + height > self._side:
            self._begin_again()
        box = (float(self._x), float(self._y), float(width), float(height))
        painter = QPainter(self._sheet)
        painter.drawPixmap(QRectF(*box), picture, QRectF(0, 0, width, height))
        painter.end()
        self._x, self._row = self._x + width, max(self._row, height)
        self._boxes[(text, font_key, colour)] = box
        return box

    def _begin_again(self) -> None:
        self._sheet.fill(Qt.GlobalColor.transparent)
        self._boxes = {}
        self._x = self._y = self._row = 0
        self.edition += 1


@lru_cache(maxsize=16_384)
def name_size(text: str, font_key: str) -> tuple[float, float]:
    """Width and height with the halo, logical pixels."""
    font = QFont()
    font.fromString(font_key)
    metrics = QFontMetricsF(font)
    return metrics.horizontalAdvance(text) + 2 * HALO_PX, metrics.height() + 2 * HALO_PX


def _whole(value_px: float, ratio: float) -> float:
    return round(value_px * ratio) / ratio
