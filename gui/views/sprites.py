"""Small symbols drawn once, in every direction, into one picture; then stamped by the hundred without turning a pixel."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QPainter, QPixmap

#: Directions that a symbol is drawn in: none is shown more than half a step of 5.6 degrees off.
DIRECTIONS = 64

Draw = Callable[[QPainter], None]
"""Draws a symbol around (0, 0), pointing up, in logical pixels."""


@dataclass(kw_only=True, slots=True)
class Stamp:
    """One symbol on the screen, logical pixels; turned clockwise."""

    symbol: str
    x_px: float
    y_px: float
    turn_deg: float = 0.0


class SpriteSheet:
    """A row for each symbol, a column for each direction, in square cells of `side_px`, for one device pixel ratio."""

    def __init__(self, symbols: Mapping[str, Draw], *, side_px: int, ratio: float) -> None:
        self._cell = math.ceil(side_px * ratio)
        self._ratio = ratio
        self._rows = {name: index for index, name in enumerate(symbols)}
        self._sheet = QPixmap(self._cell * DIRECTIONS, self._cell * max(1, len(symbols)))
        self._sheet.fill(Qt.GlobalColor.transparent)
        painter = QPainter(self._sheet)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for row, draw in enumerate(symbols.values()):
            for column in range(DIRECTIONS):
                self._draw(painter, draw, row, column)
        painter.end()

    def _draw(self, painter: QPainter, draw: Draw, row: int, column: int) -> None:
        painter.save()
        painter.setClipRect(self._cell_at(row, column))
        painter.translate((column + 0.5) * self._cell, (row + 0.5) * self._cell)
        painter.scale(self._ratio, self._ratio)
        painter.rotate(360.0 / DIRECTIONS * column)
        draw(painter)
        painter.restore()

    def stamp(self, painter: QPainter, stamps: Iterable[Stamp]) -> None:
        """All of them, later ones on top."""
        self.draw(painter, [self.fragment(stamp) for stamp in stamps])

    def fragment(self, stamp: Stamp) -> QPainter.PixmapFragment:
        """The symbol as Qt takes many at once; may be kept."""
        scale = 1.0 / self._ratio
        return QPainter.PixmapFragment.create(QPointF(stamp.x_px, stamp.y_px), self._source(stamp), scale, scale)

    def draw(self, painter: QPainter, fragments: list[QPainter.PixmapFragment]) -> None:
        """All of them, later ones on top."""
        if fragments:
            # the stubs ask for a sip.array; PyQt takes a list as well
            painter.drawPixmapFragments(fragments, self._sheet)  # type: ignore[arg-type]

    def _source(self, stamp: Stamp) -> QRectF:
        return self._cell_at(self._rows[stamp.symbol], round(stamp.turn_deg / 360.0 * DIRECTIONS) % DIRECTIONS)

    def _cell_at(self, row: int, column: int) -> QRectF:
        return QRectF(column * self._cell, row * self._cell, self._cell, self._cell)
