"""Small symbols drawn once side by side into one picture, then stamped by the hundred, turned as needed."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QPainter, QPixmap

Draw = Callable[[QPainter], None]
"""Draws a symbol around (0, 0), pointing up, in logical pixels."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Stamp:
    """One symbol on the screen, logical pixels; turned clockwise."""

    symbol: str
    x_px: float
    y_px: float
    turn_deg: float = 0.0


class SpriteSheet:
    """Symbols by name, each in a square cell of `side_px`, for one device pixel ratio."""

    def __init__(self, symbols: Mapping[str, Draw], *, side_px: int, ratio: float) -> None:
        self._cell = math.ceil(side_px * ratio)
        self._ratio = ratio
        self._columns = {name: index for index, name in enumerate(symbols)}
        self._sheet = QPixmap(self._cell * max(1, len(symbols)), self._cell)
        self._sheet.fill(Qt.GlobalColor.transparent)
        painter = QPainter(self._sheet)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for index, draw in enumerate(symbols.values()):
            painter.save()
            painter.setClipRect(QRectF(index * self._cell, 0, self._cell, self._cell))
            painter.translate((index + 0.5) * self._cell, 0.5 * self._cell)
            painter.scale(ratio, ratio)
            draw(painter)
            painter.restore()
        painter.end()

    def stamp(self, painter: QPainter, stamps: Iterable[Stamp]) -> None:
        """All of them at once, later ones on top."""
        scale = 1.0 / self._ratio
        fragments = [
            QPainter.PixmapFragment.create(QPointF(stamp.x_px, stamp.y_px), self._source(stamp.symbol), scale, scale, stamp.turn_deg)
            for stamp in stamps
        ]
        if fragments:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            # the stubs ask for a sip.array; PyQt takes a list as well
            painter.drawPixmapFragments(fragments, self._sheet)  # type: ignore[arg-type]

    def _source(self, symbol: str) -> QRectF:
        return QRectF(self._columns[symbol] * self._cell, 0, self._cell, self._cell)
