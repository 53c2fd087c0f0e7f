"""An operator's hands: mouse and keyboard of a real X server where there is one, else Qt's own events."""

from __future__ import annotations

import subprocess
from typing import Protocol

from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtGui import QKeySequence
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QWidget

LEFT = Qt.MouseButton.LeftButton
#: The server's event reaches the window through a socket: so long it is given before the next one.
_ARRIVAL_MS = 30
_KEY_DELAY_MS = 3
#: What X calls keys that Qt writes otherwise.
_X_KEYS = {"+": "plus", "-": "minus", "Esc": "Escape", "Del": "Delete", "Return": "Return", "Space": "space", ".": "period", ",": "comma"}


class Hands(Protocol):
    """Places are the widget's own, in logical pixels."""

    def move(self, widget: QWidget, place: QPoint) -> None: ...

    def press(self, widget: QWidget, place: QPoint) -> None: ...

    def release(self, widget: QWidget, place: QPoint) -> None: ...

    def click(self, widget: QWidget, place: QPoint) -> None: ...

    def keys(self, widget: QWidget, sequence: str) -> None:
        """Type a shortcut, as `QKeySequence` writes it, into the widget's window."""

    def write(self, widget: QWidget, text: str) -> None:
        """Type a text into whatever has the keyboard; without a server, into the widget."""


class QtHands:
    """Events made by Qt itself: needs no window on any screen."""

    def move(self, widget: QWidget, place: QPoint) -> None:
        QTest.mouseMove(widget, place)

    def press(self, widget: QWidget, place: QPoint) -> None:
        QTest.mousePress(widget, LEFT, pos=place)

    def release(self, widget: QWidget, place: QPoint) -> None:
        QTest.mouseRelease(widget, LEFT, pos=place)

    def click(self, widget: QWidget, place: QPoint) -> None:
        QTest.mouseClick(widget, LEFT, pos=place)

    def keys(self, widget: QWidget, sequence: str) -> None:
        window = widget.window()
        assert window is not None
        if not window.isActiveWindow():  # a dialog had the keyboard
            window.activateWindow()
            QTest.qWaitForWindowActive(window)
        QTest.keySequence(widget, QKeySequence(sequence))

    def write(self, widget: QWidget, text: str) -> None:
        QTest.keyClicks(widget, text)


class XHands:
    """The server's own pointer and keyboard (`xdotool`, by the XTEST extension): what the window gets has come through X."""

    def move(self, widget: QWidget, place: QPoint) -> None:
        spot, ratio = widget.mapToGlobal(place), widget.devicePixelRatioF()
        self._do("mousemove", str(round(spot.x() * ratio)), str(round(spot.y() * ratio)))

    def press(self, widget: QWidget, place: QPoint) -> None:
        self.move(widget, place)
        self._do("mousedown", "1")

    def release(self, widget: QWidget, place: QPoint) -> None:
        self.move(widget, place)
        self._do("mouseup", "1")

    def click(self, widget: QWidget, place: QPoint) -> None:
        self.press(widget, place)
        self._do("mouseup", "1")

    def keys(self, widget: QWidget, sequence: str) -> None:
        self._wait_for_keyboard(widget)
        self._do("key", x_key(sequence))

    def write(self, widget: QWidget, text: str) -> None:
        self._wait_for_keyboard(widget)
        self._do("type", "--delay", str(_KEY_DELAY_MS), "--", text)

    @staticmethod
    def _wait_for_keyboard(widget: QWidget) -> None:
        window = widget.window()
        assert window is not None
        if not window.isActiveWindow() and QApplication.activePopupWidget() is None:
            window.activateWindow()
            QTest.qWaitForWindowActive(window)

    @staticmethod
    def _do(*arguments: str) -> None:
        subprocess.run(["xdotool", *arguments], check=True)
        QTest.qWait(_ARRIVAL_MS)


def x_key(sequence: str) -> str:
    """`Ctrl+Shift+S` as X names it: `ctrl+shift+s`."""
    held, _, key = sequence.rpartition("+") if not sequence.endswith("++") else (sequence[:-2], "+", "+")
    named = _X_KEYS.get(key) or (key.lower() if len(key) == 1 else key)
    return f"{held.lower()}+{named}" if held else named
