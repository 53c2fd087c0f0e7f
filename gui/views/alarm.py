"""A sound while there are alerts that nobody has acknowledged: again and again for critical ones, once for a warning."""

from __future__ import annotations

from collections.abc import Callable

from PyQt6.QtCore import QObject, QTimer

from gui.models.alerts import AlertLog
from mavlink_bridge.events import AlertLevel

_AGAIN_MS = 4_000


class Alarm(QObject):
    """`beep` makes the sound; `on` is the operator's wish. Acknowledging ends it."""

    def __init__(self, alerts: AlertLog, *, beep: Callable[[], None]) -> None:
        super().__init__()
        self.on = True
        self._alerts = alerts
        self._beep = beep
        self._warnings = 0
        self._timer = QTimer(self)
        self._timer.setInterval(_AGAIN_MS)
        self._timer.timeout.connect(self._sound)
        alerts.changed.connect(self._look)

    def _look(self) -> None:
        critical, warnings = self._alerts.unseen(AlertLevel.CRITICAL), self._alerts.unseen(AlertLevel.WARNING)
        if critical and not self._timer.isActive():
            self._sound()
            self._timer.start()
        elif not critical:
            self._timer.stop()
            if warnings > self._warnings:
                self._sound()
        self._warnings = warnings

    def _sound(self) -> None:
        if self.on:
            self._beep()
