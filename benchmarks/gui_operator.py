"""An operator of the desktop with mouse, keyboard and eyes: does steps, waits, takes pictures, sees what is cut off."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from PyQt6.QtCore import QPoint, QRect
from PyQt6.QtGui import QAction, QPixmap
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QAbstractButton, QFileDialog, QLabel, QLineEdit, QWidget

from benchmarks.gui_hands import Hands, QtHands, XHands
from gui.desk import Desk
from gui.views.main_window import MainWindow


@dataclass
class Operator:
    """Mouse, keyboard and eyes. `defects` is what was seen cut off or overlapping, by picture."""

    window: MainWindow
    desk: Desk
    pictures: Path
    patience_s: float = 120.0
    hands: Hands = field(default_factory=QtHands)
    defects: list[str] = field(default_factory=list)
    taken: int = 0

    def wait(self, condition: Callable[[], object], what: str) -> None:
        deadline_s = time.monotonic() + self.patience_s
        while not condition():
            if time.monotonic() > deadline_s:
                raise TimeoutError(f"{what} did not come; the notice is {self.notice!r}")
            QTest.qWait(10)

    def keys(self, sequence: str) -> None:
        self.hands.keys(self.window, sequence)

    def do(self, action_id: str) -> None:
        """Type the action's shortcut as soon as it can be done."""
        action = self.window.findChild(QAction, action_id)
        assert action is not None
        self.wait(action.isEnabled, f"{action_id} to be possible")
        self.keys(action.shortcut().toString())

    def find(self, name: str) -> QWidget:
        found = self.window.findChild(QWidget, name)
        assert found is not None, f"no widget {name}"
        return found

    def click(self, name: str) -> None:
        button = self.find(name)
        self.wait(lambda: button.isVisible() and button.isEnabled(), name)
        self.hands.click(button, button.rect().center())

    def hold(self, name: str, until: Callable[[], object]) -> None:
        """Press a button for as long as it takes."""
        button = self.find(name)
        self.hands.press(button, button.rect().center())
        self.wait(until, f"{name} to be held long enough")

    def let_go(self, name: str) -> None:
        """Of what may have gone meanwhile."""
        under = self.window.findChild(QWidget, name) or self.window
        self.hands.release(under, under.rect().center())

    @property
    def notice(self) -> str:
        text = self.find("notice-text")
        assert isinstance(text, QLabel)
        return text.text() if self.find("notice-bar").isVisible() else ""

    def answer_dialog(self, place: Path) -> None:
        """Type the name into the file dialog and press Return."""
        self.wait(lambda: self.window.findChild(QFileDialog, "file-dialog") is not None, "the file dialog")
        dialog = self.window.findChild(QFileDialog, "file-dialog")
        assert dialog is not None
        name = dialog.findChild(QLineEdit)
        assert name is not None
        name.setCompleter(None)  # its list would take the Return
        answered: list[int] = []
        dialog.finished.connect(answered.append)
        self.wait(dialog.isVisible, "the file dialog to be shown")
        while not answered:
            # again when the dialog, which reads folders in a thread, was not ready
            self.hands.click(name, name.rect().center())
            self.hands.keys(name, "Ctrl+A")
            self.hands.write(name, str(place))
            self.hands.keys(name, "Return")
            QTest.qWait(100)

    def picture(self, name: str) -> None:
        QTest.qWait(60)
        if cut_or_covered(self.window):  # a text that has just changed gets its room with the next layout
            QTest.qWait(400)
        self.taken += 1
        self._seen().save(str(self.pictures / f"{self.taken:02d}-{name}.png"))
        self.defects += [f"{name}: {defect}" for defect in cut_or_covered(self.window)]

    def _seen(self) -> QPixmap:
        """What the screen shows of the window and of whatever lies over it; without a screen, the window as it would be painted."""
        screen = self.window.screen()
        if not isinstance(self.hands, XHands) or screen is None:
            return self.window.grab()
        whole, ratio, frame = screen.grabWindow(0), self.window.devicePixelRatioF(), self.window.frameGeometry()
        corner, size = QPoint(round(frame.x() * ratio), round(frame.y() * ratio)), frame.size() * ratio
        return whole.copy(QRect(corner, size).intersected(whole.rect()))


def cut_or_covered(window: QWidget) -> list[str]:
    """Texts that have less room than they need, and controls that lie over each other or out of the window."""
    shown = [
        widget
        for kind in (QLabel, QAbstractButton, QLineEdit)
        for widget in window.findChildren(kind)
        if widget.isVisibleTo(window) and widget.window() is window and _text(widget) and _in_sight(widget)
    ]
    found = [f"{_name(widget)} is cut off" for widget in shown if _is_cut(widget)]
    for index, one in enumerate(shown):
        beside = (other for other in shown[index + 1 :] if one.parentWidget() is other.parentWidget())
        found += [f"{_name(one)} lies over {_name(other)}" for other in beside if one.geometry().intersects(other.geometry())]
    return found


def _in_sight(widget: QWidget) -> bool:
    """Not scrolled away."""
    return not widget.visibleRegion().isEmpty()


def _is_cut(widget: QWidget) -> bool:
    if isinstance(widget, QLabel) and widget.wordWrap():
        return widget.heightForWidth(widget.width()) > widget.height() + 1
    needed = widget.fontMetrics().horizontalAdvance(_text(widget).replace("&", ""))
    return needed > widget.width() or widget.visibleRegion().boundingRect().width() < needed


def _text(widget: QWidget) -> str:
    return str(widget.text()) if isinstance(widget, QLabel | QAbstractButton) else ""


def _name(widget: QWidget) -> str:
    return f"{widget.objectName() or type(widget).__name__} {_text(widget)!r}"
