"""A button that acts only when it has been held down for a while: fast to reach, not to be hit by accident."""

from __future__ import annotations

from PyQt6.QtCore import QEasingCurve, QRectF, Qt, QVariantAnimation, pyqtSignal
from PyQt6.QtGui import QColor, QPainter, QPaintEvent
from PyQt6.QtWidgets import QPushButton

from gui.views.theme import Theme

HOLD_MS = 700


class HoldButton(QPushButton):
    """`held` comes once a press has lasted `HOLD_MS`; the button fills up meanwhile. Space bar or mouse alike."""

    held = pyqtSignal()

    def __init__(self, title: str, *, theme: Theme) -> None:
        super().__init__(title)
        self._theme = theme
        self._filled = 0.0
        self._filling = QVariantAnimation(self)
        self._filling.setStartValue(0.0)
        self._filling.setEndValue(1.0)
        self._filling.setDuration(HOLD_MS)
        self._filling.setEasingCurve(QEasingCurve.Type.Linear)
        self._filling.valueChanged.connect(self._fill)
        self._filling.finished.connect(self._finish)
        self.pressed.connect(self._filling.start)
        self.released.connect(self._let_go)
        self.setAutoDefault(False)

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def paintEvent(self, _event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        ground = QColor(self._theme.danger if self.isEnabled() else self._theme.button)
        painter.setPen(QColor(self._theme.accent) if self.hasFocus() else Qt.PenStyle.NoPen)
        painter.setBrush(ground)
        painter.drawRoundedRect(box, 5, 5)
        if self._filled > 0:
            painter.setClipRect(QRectF(box.left(), box.top(), box.width() * self._filled, box.height()))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(ground.darker(170))
            painter.drawRoundedRect(box, 5, 5)
            painter.setClipping(False)
        painter.setPen(QColor(self._theme.on_danger if self.isEnabled() else self._theme.muted))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self.text())

    def _fill(self, part: float) -> None:
        self._filled = part
        self.update()

    def _finish(self) -> None:
        if self.isDown():
            self.held.emit()

    def _let_go(self) -> None:
        self._filling.stop()
        self._fill(0.0)
