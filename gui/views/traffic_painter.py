"""Paints others in the air: a symbol with its name, its height and how long ago it was heard; hollow when that is old."""

from __future__ import annotations

from collections.abc import Iterable

from PyQt6.QtCore import QPointF, Qt
from PyQt6.QtGui import QColor, QPainter, QPolygonF

from gui.models.text import age_text
from gui.models.units import Units
from gui.models.viewport import Viewport
from gui.models.words import tr
from gui.views.name_painter import name_picture
from gui.views.pens import pen
from gui.views.theme import Theme
from mavlink_bridge.traffic import Traffic, TrafficSource
from planner.geo import LocalFrame

#: Older than this it is shown as old, and then no more.
STALE_S, GONE_S = 10.0, 60.0
_PLANE = ((0, -11), (2.5, -3), (11, 2), (11, 4.5), (2.5, 2.5), (2, 7), (5, 9.5), (5, 11), (0, 9.8))
_AIRCRAFT = QPolygonF([QPointF(x, y) for x, y in (*_PLANE, *((-x, y) for x, y in _PLANE[-2:0:-1]))])
_DRONE = QPolygonF([QPointF(x, y) for x, y in ((0, -9), (9, 0), (0, 9), (-9, 0))])


def paint_traffic(
    painter: QPainter, viewport: Viewport, frame: LocalFrame, theme: Theme, units: Units, craft: Iterable[Traffic], now_s: float
) -> None:
    """Those that were heard in the last minute, by vehicle time; where they were heard, not where they might be by now."""
    device = painter.device()
    ratio = 1.0 if device is None else device.devicePixelRatioF()
    font_key = painter.font().toString()
    for each in craft:
        age_s = max(0.0, now_s - each.seen_s)
        if age_s > GONE_S:
            continue
        east_m, north_m = frame.point_to_local(each.place)
        x_px, y_px = viewport.to_screen(east_m=east_m, north_m=north_m)
        if not (-100 <= x_px <= viewport.width_px + 100 and -100 <= y_px <= viewport.height_px + 100):
            continue
        _symbol(painter, QPointF(x_px, y_px), each, theme, stale=age_s > STALE_S)
        picture = name_picture(traffic_text(each, units, age_s), font_key, theme.traffic, theme.map_halo, ratio)
        painter.drawPixmap(QPointF(round(x_px + 13), round(y_px - picture.deviceIndependentSize().height() / 2)), picture)


def traffic_text(craft: Traffic, units: Units, age_s: float) -> str:
    """Name, height above the sea, and whether it climbs or sinks; its age once that is worth a thought."""
    height = tr("height unknown") if craft.alt_amsl_m is None else units.height(craft.alt_amsl_m)
    climb_mps = craft.climb_mps or 0.0
    arrow = " ↑" if climb_mps > _LEVEL_MPS else " ↓" if climb_mps < -_LEVEL_MPS else ""
    age = f" ({age_text(age_s, tenths=False)})" if age_s >= _FRESH_S else ""
    return f"{craft.name} {height}{arrow}{age}"


_LEVEL_MPS, _FRESH_S = 0.5, 2.0


def _symbol(painter: QPainter, place: QPointF, craft: Traffic, theme: Theme, *, stale: bool) -> None:
    painter.save()
    painter.translate(place)
    painter.rotate(craft.heading_deg or 0.0)
    shape = _AIRCRAFT if craft.source is TrafficSource.ADSB else _DRONE
    painter.setPen(pen(theme.map_halo, 4.0))
    painter.setBrush(QColor(theme.map_halo))
    painter.drawPolygon(shape)
    painter.setPen(pen(theme.traffic, 1.4, Qt.PenStyle.DotLine if stale else Qt.PenStyle.SolidLine))
    painter.setBrush(Qt.BrushStyle.NoBrush if stale else QColor(theme.traffic))
    painter.drawPolygon(shape)
    painter.restore()
