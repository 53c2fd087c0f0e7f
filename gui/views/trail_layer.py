"""The drones' trails, drawn into the map's picture of one viewport: every frame only what is new of them.

On a new picture the ends come first; what is older follows in the next frames, for the long trails of a large fleet take a second.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping

from PyQt6.QtCore import QLineF
from PyQt6.QtGui import QColor, QPainter, QPixmap

from gui.models.map_scene import Points
from gui.models.tracks import Spot, Trail
from gui.models.viewport import Viewport
from gui.views.pens import draw_lines, line_pen
from gui.views.scene_paths import lines_of, segments_of, to_screen

WIDTH_PX = 2.8
#: Older lines that are drawn in one frame; a line takes some 4 us.
LINES_AT_ONCE = 1_000
#: A trail is drawn in pieces of so many lines, the newest of all trails before older ones.
_PIECE = 32

_Lines = dict[int, list[QLineF]]


class TrailLayer:
    """Corners are settled within a tolerance of what was flown, so the way to the end can stay where it was drawn."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """The picture is a new one, without trails."""
        self._ends: dict[str, Spot] = {}
        self._waiting: deque[tuple[int, Points]] = deque()

    @property
    def waits(self) -> bool:
        """Whether there is more to draw in the next frame."""
        return bool(self._waiting)

    def draw(self, picture: QPixmap, viewport: Viewport, trails: Mapping[str, Trail], colours: Mapping[str, int]) -> None:
        """Add what is new of these trails, and some of what still waits; `colours` (as `QColor.rgb`) by drone."""
        lines: _Lines = {}
        unseen: list[tuple[int, Trail]] = []
        for drone, trail in trails.items():
            end, before = trail.end, self._ends.get(drone)
            if end is None or end is before or drone not in colours:
                continue
            if before is None:
                unseen.append((colours[drone], trail))
            else:
                lines.setdefault(colours[drone], []).append(QLineF(*before, *end))
            self._ends[drone] = end
        self._waiting.extend(_newest_first(unseen))
        self._take_some(lines)
        if lines:
            _paint(picture, viewport, lines)

    def _take_some(self, lines: _Lines) -> None:
        room = LINES_AT_ONCE
        while self._waiting and room > 0:
            colour, points = self._waiting.popleft()
            lines.setdefault(colour, []).extend(lines_of(segments_of(points)))
            room -= len(points) - 1


def _newest_first(trails: list[tuple[int, Trail]]) -> list[tuple[int, Points]]:
    """In pieces with the last of every trail at the front; neighbours share a point."""
    ranked: list[tuple[int, int, Points]] = []
    for colour, trail in trails:
        points = trail.points
        ends = range(len(points), 1, -_PIECE)
        ranked += [(rank, colour, points[max(0, end - _PIECE - 1) : end]) for rank, end in enumerate(ends)]
    ranked.sort(key=lambda piece: piece[0])
    return [(colour, points) for _, colour, points in ranked]


def _paint(picture: QPixmap, viewport: Viewport, lines: _Lines) -> None:
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setTransform(to_screen(viewport))
    for colour, some in lines.items():
        draw_lines(painter, some, line_pen(QColor(colour), WIDTH_PX))
    painter.end()
