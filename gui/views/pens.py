"""Pens whose width is in pixels whatever the transform, of the kind that the raster engine draws fast."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from PyQt6 import sip
from PyQt6.QtCore import QLineF, Qt
from PyQt6.QtGui import QBrush, QColor, QPainter, QPen

#: Lines as Qt has them: an array that stays, or some for this frame.
Lines: TypeAlias = "sip.array[QLineF | None] | Sequence[QLineF]"


def faded(colour: QColor | str, opacity: float) -> QColor:
    result = QColor(colour)
    result.setAlphaF(result.alphaF() * opacity)
    return result


def pen(colour: QColor | str, width_px: float, style: Qt.PenStyle = Qt.PenStyle.SolidLine) -> QPen:
    """Round, for outlines and symbols."""
    result = QPen(QBrush(QColor(colour)), width_px, style, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
    result.setCosmetic(True)
    return result


def dash_pen(colour: QColor | str, width_px: float, style: Qt.PenStyle) -> QPen:
    """Flat ends: round ones take three times as long."""
    result = QPen(QBrush(QColor(colour)), width_px, style, Qt.PenCapStyle.FlatCap, Qt.PenJoinStyle.BevelJoin)
    result.setCosmetic(True)
    return result


def line_pen(colour: QColor | str, width_px: float) -> QPen:
    """For many separate lines: solid, square ends, wider than a pixel; anything else is ten times slower in Qt's raster engine."""
    if width_px <= 1.0:
        raise ValueError(f"width_px {width_px} is not above 1")
    result = QPen(QBrush(QColor(colour)), width_px, Qt.PenStyle.SolidLine, Qt.PenCapStyle.SquareCap, Qt.PenJoinStyle.BevelJoin)
    result.setCosmetic(True)
    return result


def draw_lines(painter: QPainter, lines: Lines, line_pen: QPen) -> None:
    """All in one call; nothing for none, which Qt would warn of."""
    if not len(lines):
        return
    painter.setPen(line_pen)
    if isinstance(lines, sip.array):
        painter.drawLines(lines)
    else:
        painter.drawLines(*lines)
