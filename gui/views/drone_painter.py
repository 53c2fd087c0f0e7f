"""Paints the drones: a pointed symbol in flight, a small one on the ground, hollow when stale, crossed out when lost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from functools import partial

from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QPainter, QPolygonF

from gui.models.drone_symbols import DroneSymbol
from gui.models.drone_view import Freshness
from gui.views.name_painter import NamePainter
from gui.views.pens import pen
from gui.views.sprites import SpriteSheet, Stamp
from gui.views.theme import NationStyle, Theme

_SIDE_PX = 40
_DART = ((0.0, -12.0), (8.5, 9.5), (0.0, 5.0), (-8.5, 9.5))
#: More labels than this are only clutter: those of selected and troubled drones stay.
MAX_LABELS = 300


class _Look(StrEnum):
    FLYING = "flying"
    GROUNDED = "grounded"
    STALE = "stale"
    LOST = "lost"


_SELECTED = "selected"


class DronePainter:
    """For one theme and device pixel ratio."""

    def __init__(self, theme: Theme, styles: Mapping[str, NationStyle], ratio: float) -> None:
        self._theme = theme
        draws = {f"{look}/{nation}": partial(_draw, look, style, theme) for nation, style in styles.items() for look in _Look}
        self._sprites = SpriteSheet({_SELECTED: partial(_ring, theme), **draws}, side_px=_SIDE_PX, ratio=ratio)

    def paint(self, painter: QPainter, symbols: Sequence[DroneSymbol]) -> None:
        rings = [Stamp(symbol=_SELECTED, x_px=symbol.x_px, y_px=symbol.y_px) for symbol in symbols if symbol.selected]
        self._sprites.stamp(painter, rings + [_stamp(symbol) for symbol in symbols])

    def label(self, names: NamePainter, symbols: Sequence[DroneSymbol]) -> None:
        """Names beside the drones, as far as there is room: first those that are picked or in trouble."""
        first = sorted(symbols, key=lambda symbol: (not symbol.selected, not _in_trouble(symbol), not symbol.airborne))
        for symbol in first[:MAX_LABELS]:
            colour = self._theme.bad if _in_trouble(symbol) else self._theme.map_text
            names.beside(symbol.label, colour, symbol.x_px, symbol.y_px, distance_px=11.0)


def keep_symbols_free(names: NamePainter, symbols: Sequence[DroneSymbol]) -> None:
    """No name is to lie on a drone."""
    for symbol in symbols[:MAX_LABELS]:
        names.keep_free(QRectF(symbol.x_px - 7, symbol.y_px - 7, 14, 14))


def _in_trouble(symbol: DroneSymbol) -> bool:
    return symbol.freshness in (Freshness.STALE, Freshness.LOST)


def _look(symbol: DroneSymbol) -> _Look:
    match symbol.freshness:
        case Freshness.LOST | Freshness.NEVER:
            return _Look.LOST
        case Freshness.STALE:
            return _Look.STALE
        case Freshness.LIVE | Freshness.OVER:
            return _Look.FLYING if symbol.airborne else _Look.GROUNDED


def _stamp(symbol: DroneSymbol) -> Stamp:
    look = _look(symbol)
    return Stamp(symbol=f"{look}/{symbol.nation}", x_px=symbol.x_px, y_px=symbol.y_px, turn_deg=symbol.heading_deg or 0.0)


def _draw(look: _Look, style: NationStyle, theme: Theme, painter: QPainter) -> None:
    dart = QPolygonF([QPointF(x, y) for x, y in _DART])
    match look:
        case _Look.FLYING:
            painter.setPen(pen(theme.map_halo, 2.0))
            painter.setBrush(style.colour)
            painter.drawPolygon(dart)
        case _Look.GROUNDED:
            painter.scale(0.7, 0.7)
            painter.setPen(pen(theme.map_text, 1.4))
            painter.setBrush(style.colour)
            painter.drawPolygon(dart)
        case _Look.STALE:
            _hollow(painter, dart, style.colour, theme)
        case _Look.LOST:
            _hollow(painter, dart, QColor(theme.stale), theme)
            painter.setPen(pen(theme.bad, 2.4))
            painter.drawLine(QPointF(-9, -9), QPointF(9, 9))
            painter.drawLine(QPointF(-9, 9), QPointF(9, -9))


def _hollow(painter: QPainter, shape: QPolygonF, colour: QColor, theme: Theme) -> None:
    painter.setPen(pen(theme.map_halo, 4.5))
    painter.setBrush(QColor(theme.map_halo))
    painter.drawPolygon(shape)
    painter.setPen(pen(colour, 1.8, Qt.PenStyle.DotLine))
    painter.drawPolygon(shape)


def _ring(theme: Theme, painter: QPainter) -> None:
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(pen(theme.map_halo, 4.0))
    painter.drawEllipse(QPointF(0, 0), 16.5, 16.5)
    painter.setPen(pen(theme.accent, 2.2))
    painter.drawEllipse(QPointF(0, 0), 16.5, 16.5)
