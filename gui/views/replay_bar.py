"""Under the map while a flight is replayed: play, where in time, how fast, its report."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QAction, QColor, QMouseEvent, QPainter, QPaintEvent
from PyQt6.QtWidgets import QComboBox, QFrame, QHBoxLayout, QLabel, QSlider, QToolButton

from gui.models.text import duration_text
from gui.models.words import tr
from gui.replay import SPEEDS, Replay
from gui.views.theme import Theme

_STEPS = 10_000


class _Scrubber(QSlider):
    """A slider that jumps to where it is pressed, with a tick at every alert."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self.setObjectName("replay-scrubber")
        self.setAccessibleName(tr("Time of the replay"))
        self.setRange(0, _STEPS)
        self.setPageStep(_STEPS // 50)
        self.theme = theme
        self.marks: Sequence[float] = ()

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        if event is not None and event.button() is Qt.MouseButton.LeftButton:
            self.setSliderDown(True)
            self._go(event)

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        if event is not None and self.isSliderDown():
            self._go(event)

    def mouseReleaseEvent(self, _event: QMouseEvent | None) -> None:
        self.setSliderDown(False)

    def _go(self, event: QMouseEvent) -> None:
        part = (event.position().x() - 6) / max(1, self.width() - 12)
        self.setSliderPosition(round(_STEPS * min(max(part, 0.0), 1.0)))

    def paintEvent(self, event: QPaintEvent | None) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self.theme.warning))
        for mark in self.marks:
            painter.drawRect(round(6 + mark * (self.width() - 12)) - 1, 0, 2, 5)
        painter.end()


class ReplayBar(QFrame):
    """Hidden while nothing is replayed. `play`, `report` and `close` are the actions of these buttons."""

    def __init__(self, replay: Replay, *, play: QAction, report: QAction, close: QAction, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("replay-bar")
        self._replay = replay
        self._play = QToolButton()
        self._play.setObjectName("replay-play")
        self._play.clicked.connect(lambda _checked: play.trigger())
        self._play.setToolTip(play.toolTip())
        self._scrubber = _Scrubber(theme)
        self._scrubber.valueChanged.connect(self._scrubbed)
        self._time = QLabel()
        self._time.setObjectName("replay-time")
        self._time.setToolTip(tr("Time since the patrol's start, of all (h:mm:ss)"))
        self._speed = QComboBox()
        self._speed.setObjectName("replay-speed")
        self._speed.setAccessibleName(tr("Speed of the replay"))
        self._speed.addItems([f"{speed}×" for speed in SPEEDS])
        self._speed.activated.connect(lambda index: replay.set_speed(SPEEDS[index]))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(8, 5, 8, 5)
        layout.addWidget(self._play)
        layout.addWidget(self._scrubber, 1)
        layout.addWidget(self._time)
        layout.addWidget(self._speed)
        for action in (report, close):
            button = QToolButton()
            button.setDefaultAction(action)
            layout.addWidget(button)
        replay.changed.connect(self._show)
        replay.moved.connect(self._show_time)
        self.set_theme(theme)
        self._show()

    def set_theme(self, theme: Theme) -> None:
        self._scrubber.theme = theme
        self.setStyleSheet(f"#replay-bar {{ background: {theme.window}; border-top: 1px solid {theme.edge}; }}")

    def _show(self) -> None:
        record = self._replay.record
        self.setVisible(record is not None)
        self._play.setText(tr("Pause") if self._replay.playing else tr("Play"))
        self._speed.setCurrentIndex(SPEEDS.index(self._replay.speed))
        if record is not None:
            length_s = max(record.end_s - record.start_s, 1e-9)
            self._scrubber.marks = [(at_s - record.start_s) / length_s for at_s in record.marks_s]
            # as wide as it ever gets, so that nothing moves about
            self._time.setMinimumWidth(self.fontMetrics().horizontalAdvance("88:88:88 of 88:88:88") + 8)
            self._show_time()

    def _show_time(self) -> None:
        record = self._replay.record
        if record is None:
            return
        length_s = max(record.end_s - record.start_s, 1e-9)
        if not self._scrubber.isSliderDown():
            self._scrubber.blockSignals(True)
            self._scrubber.setValue(round(_STEPS * (self._replay.at_s - record.start_s) / length_s))
            self._scrubber.blockSignals(False)
        self._time.setText(
            tr("{start_s} of {length_s}", start_s=duration_text(self._replay.at_s - record.start_s), length_s=duration_text(length_s))
        )

    def _scrubbed(self, value: int) -> None:
        record = self._replay.record
        if record is not None:
            self._replay.seek(record.start_s + (record.end_s - record.start_s) * value / _STEPS)
