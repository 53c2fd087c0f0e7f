"""Names on the map, each with a halo and none on top of another; drawn once, kept as pictures."""

from __future__ import annotations

from functools import lru_cache

from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPainterPath, QPixmap

from gui.views.pens import pen

HALO_PX = 3.0
#: Squares in which taken space is counted.
_GRID_PX = 4.0


@lru_cache(maxsize=4096)
def name_picture(text: str, font_key: str, colour: str, halo: str, ratio: float) -> QPixmap:
    """The text with its halo, as wide as it needs; `font_key` is `QFont.toString()`."""
    font = QFont()
    font.fromString(font_key)
    metrics = QFontMetricsF(font)
    width_px, height_px = metrics.horizontalAdvance(text) + 2 * HALO_PX, metrics.height() + 2 * HALO_PX
    picture = QPixmap(round(width_px * ratio + 0.5), round(height_px * ratio + 0.5))
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    letters = QPainterPath()
    letters.addText(QPointF(HALO_PX, HALO_PX + metrics.ascent()), font, text)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.strokePath(letters, pen(halo, HALO_PX))
    painter.fillPath(letters, QColor(colour))
    painter.end()
    return picture


class TakenSpace:
    """Which parts of a picture are taken, in squares of a grid; a row of squares is the bits of one number."""

    def __init__(self, width_px: float, height_px: float) -> None:
        self._width_px = width_px
        self._height_px = height_px
        self._rows: dict[int, int] = {}

    def take(self, left_px: float, top_px: float, width_px: float, height_px: float) -> bool:
        """Take the box if it lies within the picture and nobody has any of it."""
        if left_px < 0 or top_px < 0 or left_px + width_px > self._width_px or top_px + height_px > self._height_px:
            return False
        rows, bits = self._squares(left_px, top_px, width_px, height_px)
        if any(self._rows.get(row, 0) & bits for row in rows):
            return False
        self._mark(rows, bits)
        return True

    def block(self, left_px: float, top_px: float, width_px: float, height_px: float) -> None:
        """Take the box whoever has it."""
        self._mark(*self._squares(max(0.0, left_px), max(0.0, top_px), width_px, height_px))

    def _mark(self, rows: range, bits: int) -> None:
        for row in rows:
            self._rows[row] = self._rows.get(row, 0) | bits

    def _squares(self, left_px: float, top_px: float, width_px: float, height_px: float) -> tuple[range, int]:
        first, last = int(left_px // _GRID_PX), int((left_px + width_px) // _GRID_PX)
        rows = range(int(top_px // _GRID_PX), int((top_px + height_px) // _GRID_PX) + 1)
        return rows, ((1 << (last - first + 1)) - 1) << first


class NamePainter:
    """For one picture: remembers where names stand. Earlier ones win."""

    def __init__(self, painter: QPainter, font: QFont, halo: str, ratio: float) -> None:
        self._painter = painter
        self._plain = font.toString()
        bold = QFont(font)
        bold.setBold(True)
        self._bold = bold.toString()
        self._halo = halo
        self._ratio = ratio
        view = painter.viewport()
        self._taken = TakenSpace(view.width(), view.height())

    def beside(self, text: str, colour: str, x_px: float, y_px: float, *, distance_px: float) -> None:
        """Right of a symbol in this place, or left of it, or above one of these, where there is room first."""
        picture = name_picture(text, self._plain, colour, self._halo, self._ratio)
        size = picture.deviceIndependentSize()
        right_px, left_px = x_px + distance_px, x_px - distance_px - size.width()
        level_px, above_px = y_px - size.height() / 2, y_px - 1.5 * size.height()
        for place in ((right_px, level_px), (left_px, level_px), (right_px, above_px), (left_px, above_px)):
            if self._put(picture, *place):
                return

    def below(self, text: str, colour: str, x_px: float, y_px: float, *, distance_px: float) -> None:
        """Under a symbol in this place."""
        picture = name_picture(text, self._plain, colour, self._halo, self._ratio)
        self._put(picture, x_px - picture.deviceIndependentSize().width() / 2, y_px + distance_px)

    def centred(self, text: str, colour: str, x_px: float, y_px: float, *, bold: bool = False) -> None:
        picture = name_picture(text, self._bold if bold else self._plain, colour, self._halo, self._ratio)
        size = picture.deviceIndependentSize()
        self._put(picture, x_px - size.width() / 2, y_px - size.height() / 2)

    def keep_free(self, box: QRectF) -> None:
        """No name is to lie there."""
        self._taken.block(box.x(), box.y(), box.width(), box.height())

    def _put(self, picture: QPixmap, left_px: float, top_px: float) -> bool:
        size = picture.deviceIndependentSize()
        # the halo may reach into another name's
        if not self._taken.take(left_px + HALO_PX, top_px + HALO_PX, size.width() - 2 * HALO_PX, size.height() - 2 * HALO_PX):
            return False
        # whole pixels keep letters sharp
        self._painter.drawPixmap(QPointF(round(left_px * self._ratio) / self._ratio, round(top_px * self._ratio) / self._ratio), picture)
        return True
