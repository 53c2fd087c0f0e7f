"""Where a timeline's parts lie in its view, and how they are painted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from PyQt6.QtCore import QLineF, QRectF, Qt
from PyQt6.QtGui import QBrush, QColor, QFontMetrics, QPainter

from gui.models.text import duration_text
from gui.models.time_axis import TimeAxis
from gui.models.timeline import BarState, SortieBar, Span, Timeline, TimelineRow, bar_state
from gui.models.words import tr
from gui.views.hatching import mixed
from gui.views.pens import pen
from gui.views.theme import NationStyle, Theme
from missions.control.messages import DroneProgress

_PADDING_PX = 8.0
_BAR_MARGIN_PX = 4.0
_WIDEST_NAME_PX = 180.0
_SMALLEST_BAR_PX = 3.0
#: Lanes are a strip along the bottom of their sortie, below its name.
_STRIP_PX = 5.0
#: How much of a nation's colour is in a sortie apart from its lanes, and in one that has been flown.
_WAY_TINT, _FLOWN_TINT = 0.35, 0.5
_HINT = tr("No plan: the timeline shows its sorties")


@dataclass(frozen=True, kw_only=True, slots=True)
class TimelineLayout:
    """Logical pixels in the viewport: names in a gutter on the left, times in a header on top."""

    axis: TimeAxis
    gutter_px: float
    header_px: float
    row_px: float
    rows: int
    scrolled_px: float

    @classmethod
    def of(cls, timeline: Timeline, metrics: QFontMetrics, axis: TimeAxis, *, scrolled_px: float) -> Self:
        widest = max((metrics.horizontalAdvance(row.drone) for row in timeline.rows), default=0)
        return cls(
            axis=axis,
            gutter_px=min(widest, _WIDEST_NAME_PX) + 2 * _PADDING_PX,
            header_px=metrics.height() + _PADDING_PX,
            row_px=metrics.height() + 2 * _BAR_MARGIN_PX + _STRIP_PX + 2,
            rows=len(timeline.rows),
            scrolled_px=scrolled_px,
        )

    @property
    def rows_px(self) -> float:
        return self.rows * self.row_px

    def row_top(self, index: int) -> float:
        return self.header_px + index * self.row_px - self.scrolled_px

    def row_at(self, y_px: float) -> int | None:
        if y_px < self.header_px:
            return None
        index = int((y_px - self.header_px + self.scrolled_px) // self.row_px)
        return index if 0 <= index < self.rows else None

    def x_px(self, at_s: float) -> float:
        return self.gutter_px + self.axis.x_px(at_s)

    def span_box(self, row: int, span: Span) -> QRectF:
        start_px, end_px = self.x_px(span[0]), self.x_px(span[1])
        top_px = self.row_top(row) + _BAR_MARGIN_PX
        return QRectF(start_px, top_px, max(end_px - start_px, _SMALLEST_BAR_PX), self.row_px - 2 * _BAR_MARGIN_PX)

    def bar_box(self, row: int, bar: SortieBar) -> QRectF:
        return self.span_box(row, (bar.start_s, bar.end_s))


class TimelinePainter:
    """Paints one picture of a timeline."""

    def __init__(
        self, painter: QPainter, timeline: Timeline, layout: TimelineLayout, theme: Theme, styles: Mapping[str, NationStyle]
    ) -> None:
        self._painter = painter
        self._timeline = timeline
        self._layout = layout
        self._theme = theme
        self._styles = styles

    def paint(self, box: QRectF, progress: Mapping[str, DroneProgress | None], picked: str | None, now_s: float | None) -> None:
        painter, layout = self._painter, self._layout
        painter.fillRect(box, QColor(self._theme.base))
        if not any(row.bars for row in self._timeline.rows):
            painter.setPen(QColor(self._theme.muted))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, _HINT)
            return
        first = layout.row_at(layout.header_px) or 0
        last = min(layout.rows, first + int(box.height() / layout.row_px) + 2)
        self._stripes(box, range(first, last))
        painter.save()
        self._ticks(box)
        painter.setClipRect(QRectF(layout.gutter_px, layout.header_px, box.width() - layout.gutter_px, box.height()))
        for index in range(first, last):
            row = self._timeline.rows[index]
            self._row(index, row, progress.get(row.drone), picked)
        if now_s is not None:
            self._now(box, now_s)
        painter.restore()
        self._names(box, range(first, last))

    def _stripes(self, box: QRectF, rows: range) -> None:
        layout = self._layout
        for index in rows:
            if index % 2:
                self._painter.fillRect(QRectF(0, layout.row_top(index), box.width(), layout.row_px), QColor(self._theme.alternate))
        self._painter.fillRect(QRectF(0, 0, box.width(), layout.header_px), QColor(self._theme.button))

    def _ticks(self, box: QRectF) -> None:
        painter, layout = self._painter, self._layout
        metrics = painter.fontMetrics()
        text_px = metrics.horizontalAdvance("00:00:00")
        for at_s in layout.axis.ticks_s(apart_px=text_px + 2 * _PADDING_PX):
            x_px = layout.x_px(at_s)
            painter.setPen(QColor(self._theme.edge))
            painter.drawLine(QLineF(x_px, layout.header_px - 4, x_px, box.height()))
            painter.setPen(QColor(self._theme.text))
            left_px = min(x_px - text_px / 2 - 2, box.width() - text_px - 4)
            label = QRectF(max(left_px, 0.0), 0, text_px + 4, layout.header_px - 2)
            painter.drawText(label, Qt.AlignmentFlag.AlignCenter, duration_text(at_s))

    def _row(self, index: int, row: TimelineRow, progress: DroneProgress | None, picked: str | None) -> None:
        for swap in row.swaps:
            self._swap(self._layout.span_box(index, swap))
        colour = self._styles[row.nation].colour
        for number, bar in enumerate(row.bars):
            self._bar(index, bar, colour, bar_state(row, number, progress), is_picked=bar.sortie == picked)

    def _swap(self, box: QRectF) -> None:
        thin = box.adjusted(0, box.height() / 3, 0, -box.height() / 3)
        self._painter.fillRect(thin, QBrush(QColor(self._theme.muted), Qt.BrushStyle.Dense5Pattern))

    def _bar(self, index: int, bar: SortieBar, colour: QColor, state: BarState, *, is_picked: bool) -> None:
        painter, box = self._painter, self._layout.bar_box(index, bar)
        full = mixed(self._theme.base, colour, _FLOWN_TINT) if state is BarState.FLOWN else colour
        painter.fillRect(box, mixed(self._theme.base, full, _WAY_TINT))
        for sweep in bar.sweeps:
            lane = self._layout.span_box(index, sweep)
            painter.fillRect(lane.adjusted(0, lane.height() - _STRIP_PX, 0, 0), full)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        wide = is_picked or state is BarState.UNDER_WAY
        edge = QColor(self._theme.text) if is_picked else QColor(self._theme.accent) if wide else full
        painter.setPen(pen(edge, 2.4 if wide else 1.0))
        painter.drawRect(box)
        self._bar_name(box, f"{bar.sortie} ✓" if state is BarState.FLOWN else bar.sortie)

    def _bar_name(self, box: QRectF, text: str) -> None:
        """In the part of the bar that is in view; left out where it would be cut."""
        seen = box.intersected(QRectF(self._layout.gutter_px, box.top(), self._layout.axis.width_px, box.height()))
        if self._painter.fontMetrics().horizontalAdvance(text) + 8 <= seen.width():
            self._painter.setPen(QColor(self._theme.text))
            self._painter.drawText(seen.adjusted(4, 0, -4, -_STRIP_PX), Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)

    def _now(self, box: QRectF, now_s: float) -> None:
        x_px = self._layout.x_px(now_s)
        self._painter.setPen(pen(self._theme.bad, 2.0))
        self._painter.drawLine(QLineF(x_px, self._layout.header_px, x_px, box.height()))

    def _names(self, box: QRectF, rows: range) -> None:
        painter, layout = self._painter, self._layout
        metrics = painter.fontMetrics()
        painter.save()
        painter.setClipRect(QRectF(0, layout.header_px, layout.gutter_px, box.height()))
        for index in rows:
            name = metrics.elidedText(self._timeline.rows[index].drone, Qt.TextElideMode.ElideMiddle, int(_WIDEST_NAME_PX))
            painter.setPen(QColor(self._theme.text))
            place = QRectF(_PADDING_PX, layout.row_top(index), layout.gutter_px, layout.row_px)
            painter.drawText(place, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, name)
        painter.restore()
