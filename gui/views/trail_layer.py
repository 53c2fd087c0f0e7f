"""The drones' trails, kept as a picture of one viewport to which only new corners are added."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

from PyQt6.QtCore import QLineF, QPointF, Qt
from PyQt6.QtGui import QColor, QPainter, QPixmap

from gui.models.tracks import Trail
from gui.models.viewport import Viewport
from gui.views.pens import draw_lines, line_pen
from gui.views.scene_paths import to_screen

WIDTH_PX = 2.8


class TrailLayer:
    def __init__(self) -> None:
        self._picture = QPixmap()
        self._viewport: Viewport | None = None
        self._painted: dict[str, tuple[Trail, int, int]] = {}

    def forget(self) -> None:
        """Paint everything again the next time: colours have changed."""
        self._viewport = None

    def draw(self, painter: QPainter, viewport: Viewport, trails: Mapping[str, Trail], colours: Mapping[str, QColor], ratio: float) -> None:
        """`colours` by drone. The way from each trail's last corner to its end is drawn afresh every time."""
        if self._outdated(viewport, trails, ratio):
            self._restart(viewport, ratio)
        self._add(trails, colours, viewport)
        painter.drawPixmap(QPointF(0, 0), self._picture)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setTransform(to_screen(viewport))
        for colour, ends in self._open_ends(trails, colours).items():
            draw_lines(painter, ends, line_pen(QColor(colour), WIDTH_PX))
        painter.restore()

    def _open_ends(self, trails: Mapping[str, Trail], colours: Mapping[str, QColor]) -> dict[int, list[QLineF]]:
        """By colour, so that a pen is set a few times and not for each drone."""
        ends: dict[int, list[QLineF]] = {}
        for drone, trail in trails.items():
            if trail.end is not None and trail.corners[-1] != trail.end:
                ends.setdefault(colours[drone].rgb(), []).append(_line(trail.corners[-1], trail.end))
        return ends

    def _outdated(self, viewport: Viewport, trails: Mapping[str, Trail], ratio: float) -> bool:
        if viewport != self._viewport or ratio != self._picture.devicePixelRatio():
            return True
        # a thinned or a new trail of a known drone, or one that has gone
        return any(trails.get(drone) is not trail or trail.thinned != thinned for drone, (trail, thinned, _) in self._painted.items())

    def _restart(self, viewport: Viewport, ratio: float) -> None:
        self._viewport = viewport
        self._painted = {}
        self._picture = QPixmap(round(viewport.width_px * ratio), round(viewport.height_px * ratio))
        self._picture.setDevicePixelRatio(ratio)
        self._picture.fill(Qt.GlobalColor.transparent)

    def _add(self, trails: Mapping[str, Trail], colours: Mapping[str, QColor], viewport: Viewport) -> None:
        fresh = {drone: trail for drone, trail in trails.items() if self._count(drone) < len(trail.corners)}
        if not fresh:
            return
        painter = QPainter(self._picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setTransform(to_screen(viewport))
        for drone, trail in fresh.items():
            corners = trail.corners[max(0, self._count(drone) - 1) :]
            lines = [_line(start, end) for start, end in pairwise(corners)]
            draw_lines(painter, lines, line_pen(colours[drone], WIDTH_PX))
            self._painted[drone] = (trail, trail.thinned, len(trail.corners))
        painter.end()

    def _count(self, drone: str) -> int:
        return self._painted[drone][2] if drone in self._painted else 0


def _line(start: tuple[float, float], end: tuple[float, float]) -> QLineF:
    return QLineF(*start, *end)
