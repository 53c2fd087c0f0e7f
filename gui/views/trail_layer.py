"""The drones' trails, drawn into the map's picture of one viewport: every frame only what is new of them."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

from PyQt6.QtCore import QLineF
from PyQt6.QtGui import QColor, QPainter, QPixmap

from gui.models.tracks import Spot, Trail
from gui.models.viewport import Viewport
from gui.views.pens import draw_lines, line_pen
from gui.views.scene_paths import to_screen

WIDTH_PX = 2.8


class TrailLayer:
    """Corners are settled within a tolerance of what was flown, so the way to the end can stay where it was drawn."""

    def __init__(self) -> None:
        self._ends: dict[str, Spot] = {}

    def forget(self) -> None:
        """The picture is a new one, without trails."""
        self._ends = {}

    def draw(self, picture: QPixmap, viewport: Viewport, trails: Mapping[str, Trail], colours: Mapping[str, int]) -> None:
        """Add what is new of these trails; `colours` (as `QColor.rgb`) by drone."""
        new: dict[int, list[QLineF]] = {}
        for drone, trail in trails.items():
            end, before = trail.end, self._ends.get(drone)
            if end is None or end is before or drone not in colours:
                continue
            lines = new.setdefault(colours[drone], [])
            if before is None:
                lines += [QLineF(*a, *b) for a, b in pairwise((*trail.corners, end)) if a != b]
            else:
                lines.append(QLineF(*before, *end))
            self._ends[drone] = end
        if new:
            painter = QPainter(picture)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setTransform(to_screen(viewport))
            for colour, lines in new.items():
                draw_lines(painter, lines, line_pen(QColor(colour), WIDTH_PX))
            painter.end()
