"""What lies over the map and does not move with it: scale bar, north arrow, a hint while nothing is open."""

from __future__ import annotations

from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QFontMetricsF, QPainter, QPolygonF

from gui.models.viewport import Viewport, scale_bar
from gui.views.pens import faded, pen
from gui.views.theme import Theme

_EDGE_PX = 14.0
_BAR_PX = 140.0
_TICK_PX = 6.0


def paint_scale_bar(painter: QPainter, viewport: Viewport, theme: Theme) -> None:
    """In the lower left corner, on a patch that keeps it readable over anything."""
    bar = scale_bar(viewport, max_px=_BAR_PX)
    metrics = QFontMetricsF(painter.font())
    y_px = viewport.height_px - _EDGE_PX
    box = QRectF(_EDGE_PX - 7, y_px - metrics.height() - 9, bar.width_px + 14, metrics.height() + 15)
    _patch(painter, box, theme)
    left, right = QPointF(_EDGE_PX, y_px), QPointF(_EDGE_PX + bar.width_px, y_px)
    up = QPointF(0, -_TICK_PX)
    painter.setPen(pen(theme.map_text, 1.6))
    painter.drawPolyline(QPolygonF([left + up, left, right, right + up]))
    text_px = metrics.horizontalAdvance(bar.label)
    painter.drawText(QPointF(_EDGE_PX + max(0.0, (bar.width_px - text_px) / 2), y_px - _TICK_PX), bar.label)


def paint_north(painter: QPainter, viewport: Viewport, theme: Theme) -> None:
    """In the upper right corner: up is north, always."""
    x_px, y_px = viewport.width_px - _EDGE_PX - 10, _EDGE_PX + 4
    _patch(painter, QRectF(x_px - 15, y_px - 10, 30, 46), theme)
    painter.setPen(pen(theme.map_text, 1.2))
    painter.setBrush(QColor(theme.map_text))
    painter.drawPolygon(
        QPolygonF([QPointF(x_px, y_px - 4), QPointF(x_px + 5, y_px + 12), QPointF(x_px, y_px + 8), QPointF(x_px - 5, y_px + 12)])
    )
    painter.drawText(QRectF(x_px - 12, y_px + 13, 24, 20), Qt.AlignmentFlag.AlignCenter, "N")


def paint_hint(painter: QPainter, viewport: Viewport, theme: Theme, text: str) -> None:
    painter.setPen(QColor(theme.muted))
    painter.drawText(QRectF(0, 0, viewport.width_px, viewport.height_px), Qt.AlignmentFlag.AlignCenter, text)


def _patch(painter: QPainter, box: QRectF, theme: Theme) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(faded(theme.map_halo, 0.72))
    painter.drawRoundedRect(box, 4.0, 4.0)
