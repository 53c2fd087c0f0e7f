"""What lies over the map: scale bar, north arrow, what is measured, credit; a hint while nothing is open."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtCore import QLineF, QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QFontMetricsF, QPainter, QPolygonF

from gui.models.measure import MeasuredLeg
from gui.models.units import Units
from gui.models.viewport import Viewport, scale_bar
from gui.views.pens import faded, pen
from gui.views.theme import Theme
from planner.geo import LocalFrame

_EDGE_PX = 14.0
_BAR_PX = 140.0
_TICK_PX = 6.0


def paint_scale_bar(painter: QPainter, viewport: Viewport, theme: Theme, units: Units) -> None:
    """In the lower left corner, on a patch that keeps it readable over anything."""
    bar = scale_bar(viewport, units, max_px=_BAR_PX)
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


def paint_credit(painter: QPainter, viewport: Viewport, theme: Theme, text: str) -> None:
    """In the lower right corner: whose the basemap is, and how far it is to be believed."""
    metrics = QFontMetricsF(painter.font())
    width_px = metrics.horizontalAdvance(text)
    box = QRectF(viewport.width_px - width_px - 14, viewport.height_px - metrics.height() - 8, width_px + 10, metrics.height() + 4)
    _patch(painter, box, theme)
    painter.setPen(QColor(theme.muted))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)


def paint_measure(
    painter: QPainter, viewport: Viewport, frame: LocalFrame, theme: Theme, legs: Sequence[MeasuredLeg], units: Units
) -> None:
    """The measuring line with each leg's length and course beside its middle."""
    for leg in legs:
        (start_e, start_n), (end_e, end_n) = frame.point_to_local(leg.start), frame.point_to_local(leg.end)
        line = QLineF(
            QPointF(*viewport.to_screen(east_m=start_e, north_m=start_n)), QPointF(*viewport.to_screen(east_m=end_e, north_m=end_n))
        )
        painter.setPen(pen(theme.map_halo, 5.0))
        painter.drawLine(line)
        painter.setPen(pen(theme.accent, 2.4))
        painter.drawLine(line)
        painter.setBrush(QColor(theme.map_halo))
        for end in (line.p1(), line.p2()):
            painter.drawEllipse(end, 4.0, 4.0)
        text, metrics = leg.text(units), QFontMetricsF(painter.font())
        box = QRectF(0, 0, metrics.horizontalAdvance(text) + 12, metrics.height() + 4)
        box.moveCenter(line.center() + QPointF(0, -14))
        _patch(painter, box, theme, 0.9)
        painter.setPen(QColor(theme.map_text))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)


def paint_hint(painter: QPainter, viewport: Viewport, theme: Theme, text: str) -> None:
    painter.setPen(QColor(theme.muted))
    painter.drawText(QRectF(0, 0, viewport.width_px, viewport.height_px), Qt.AlignmentFlag.AlignCenter, text)


def _patch(painter: QPainter, box: QRectF, theme: Theme, opacity: float = 0.72) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(faded(theme.map_halo, opacity))
    painter.drawRoundedRect(box, 4.0, 4.0)
