"""An operator of the desktop with mouse, keyboard and eyes: does steps, waits, takes pictures, sees what is cut off."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QAction, QKeySequence
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QAbstractButton, QDialogButtonBox, QFileDialog, QLabel, QLineEdit, QWidget

from gui.desk import Desk
from gui.views.main_window import MainWindow

LEFT = Qt.MouseButton.LeftButton


@dataclass
class Operator:
    """Mouse, keyboard and eyes. `defects` is what was seen cut off or overlapping, by picture."""

    window: MainWindow
    desk: Desk
    pictures: Path
    patience_s: float = 120.0
    defects: list[str] = field(default_factory=list)
    taken: int = 0

    def wait(self, condition: Callable[[], object], what: str) -> None:
        deadline_s = time.monotonic() + self.patience_s
        while not condition():
            if time.monotonic() > deadline_s:
                raise TimeoutError(f"{what} did not come; the notice is {self.notice!r}")
            QTest.qWait(10)

    def keys(self, sequence: str) -> None:
        if not self.window.isActiveWindow():  # a dialog had the keyboard
            self.window.activateWindow()
            QTest.qWaitForWindowActive(self.window)
        QTest.keySequence(self.window, QKeySequence(sequence))

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
        QTest.mouseClick(button, LEFT)

    @property
    def notice(self) -> str:
        text = self.find("notice-text")
        assert isinstance(text, QLabel)
        return text.text() if self.find("notice-bar").isVisible() else ""

    def answer_dialog(self, place: Path) -> None:
        """Type the name into the file dialog and press its button."""
        self.wait(lambda: self.window.findChild(QFileDialog, "file-dialog") is not None, "the file dialog")
        dialog = self.window.findChild(QFileDialog, "file-dialog")
        assert dialog is not None
        name, box = dialog.findChild(QLineEdit), dialog.findChild(QDialogButtonBox)
        assert name is not None
        assert box is not None
        name.setCompleter(None)
        accept = next(button for button in box.buttons() if box.buttonRole(button) is QDialogButtonBox.ButtonRole.AcceptRole)
        answered: list[int] = []
        dialog.finished.connect(answered.append)

        def answer() -> bool:
            # again when the dialog, which reads folders in a thread, was not ready
            if not answered:
                name.setFocus()
                name.selectAll()
                QTest.keyClicks(name, str(place))
                QTest.mouseClick(accept, LEFT)
            return bool(answered)

        self.wait(answer, "the dialog's answer")

    def picture(self, name: str) -> None:
        QTest.qWait(60)
        if cut_or_covered(self.window):  # a text that has just changed gets its room with the next layout
            QTest.qWait(400)
        self.taken += 1
        self.window.grab().save(str(self.pictures / f"{self.taken:02d}-{name}.png"))
        self.defects += [f"{name}: {defect}" for defect in cut_or_covered(self.window)]


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
