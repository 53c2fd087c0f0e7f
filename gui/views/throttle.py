"""At most one call in an interval: the first at once, the last never lost (after qutebrowser's `misc/throttle.py`)."""

from __future__ import annotations

from collections.abc import Callable

from PyQt6.QtCore import QObject, QTimer


class Throttle(QObject):
    """Callable in place of `action`, from the thread of its owner."""

    def __init__(self, action: Callable[[], None], interval_ms: int, owner: QObject) -> None:
        super().__init__(owner)
        self._action = action
        self._wanted = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(interval_ms)
        self._timer.timeout.connect(self._due)

    def __call__(self) -> None:
        if self._timer.isActive():
            self._wanted = True
        else:
            self._run()

    def _due(self) -> None:
        if self._wanted:
            self._run()

    def _run(self) -> None:
        self._wanted = False
        self._timer.start()
        self._action()
