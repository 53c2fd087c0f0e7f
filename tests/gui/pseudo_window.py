"""The main window in a language that nobody speaks, in a process of its own: tells every text that is not in it, and every one cut off.

Words are made when modules are loaded, so the language is taken up before them. `python -m tests.gui.pseudo_window [--pictures DIR]`.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from gui.models.words import speak

if TYPE_CHECKING:
    from PyQt6.QtCore import QAbstractItemModel
    from PyQt6.QtWidgets import QWidget

#: How much longer other languages get.
LONGER = 0.3
_OPEN, _CLOSE = "«", "»"
_WORD = "[A-Za-z][A-Za-z0-9_]+"
#: Keys on the keyboard, and those of the mission file.
_KEYS = re.compile(r"(Ctrl|Alt|Shift|Esc|Enter|Del|F[0-9]+)([+][A-Za-z0-9]+)*|^[a-z_]+(\[[0-9]+\])?([.][a-z_]+)*: ")
#: Of formats, and the program's own.
_NAMES = {"jointpatrol", "MGRS", "GPX", "GeoJSON", "GeoPackage"}
#: Qt has translations of its own words.
_QTS = {"Close", "Float", "Scroll Left", "Scroll Right"}


def pseudo(text: str, number: int | None = None) -> str:
    """The text a third longer, between marks; filters of file dialogs and mnemonics stay what they are."""
    del number
    return f"{_OPEN}{text}{'~' * max(0, math.ceil(LONGER * len(text)) - 2)}{_CLOSE}"


def main() -> None:
    parser = argparse.ArgumentParser(description="Look at the window in a pseudo-language.")
    parser.add_argument("--pictures", type=Path)
    parser.add_argument("--english", action="store_true")
    arguments = parser.parse_args()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    if not arguments.english:
        speak(pseudo)
    sys.stdout.write(json.dumps(look(arguments.pictures)))


def look(pictures: Path | None) -> dict[str, list[str]]:
    """By what is wrong with them: texts of the window with nothing open, with a mission, and with its plan and a question."""
    from PyQt6.QtCore import QSettings, QThread
    from PyQt6.QtGui import QAction
    from PyQt6.QtWidgets import QApplication

    from benchmarks.gui_operator import cut_or_covered
    from gui.app import make_window
    from gui.settings import Settings
    from gui.view_actions import DOCKS
    from missions.plan_file import plan_bytes
    from missions.scenario_library import find_mission, scenarios
    from tests.missions.control.plans import layered_plan

    application = QApplication(["jointpatrol"])
    plan, mission = layered_plan(), find_mission("training")
    # ids, names and the words of the files themselves are the operator's
    told = (plan_bytes(plan).decode(), mission.read_text(encoding="utf-8"), *(f"{each.name} {each.summary}" for each in scenarios()))
    own = set(re.findall(_WORD, " ".join(told))) | _NAMES
    untranslated: set[str] = set()
    cut: set[str] = set()
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(QSettings(f"{folder}/s.ini", QSettings.Format.IniFormat))
        window, desk = make_window(application, settings, state_folder=Path(folder), flights_in=Path(folder))
        window.resize(1280, 800)
        window.show()

        def settle() -> None:
            for _ in range(10):
                application.processEvents()
                QThread.msleep(2)

        def take(state: str) -> None:
            for dock in DOCKS:
                action = window.findChild(QAction, f"view.dock.{dock.lower()}")
                assert action is not None
                action.trigger()
                settle()
                untranslated.update(text for text in texts_of(window) if foreign(text, own))
                if cut_or_covered(window):  # a text that has just changed gets its room with the next layout
                    QThread.msleep(200)
                    settle()
                cut.update(f"{state}, {dock}: {defect}" for defect in cut_or_covered(window))
                if pictures is not None:
                    window.grab().save(str(pictures / f"{state}-{dock}.png"))

        take("nothing")
        desk.documents.open("training")
        while not desk.map.grounds or desk.documents.current is None:
            settle()
        take("mission")
        desk.documents.take_plan(desk.documents.current, plan)
        while not desk.documents.unsaved:
            settle()
        window.close()  # asks
        take("plan")
        desk.close()
    return {"untranslated": sorted(untranslated), "cut": sorted(cut)}


def foreign(text: str, own: set[str]) -> bool:
    """Whether it has words that are neither translated nor the operator's own."""
    if text in _QTS:
        return False
    left, before = re.sub("<[^>]*>|&", "", text), ""
    while left != before:  # one in another
        left, before = re.sub(f"{_OPEN}[^{_OPEN}{_CLOSE}]*{_CLOSE}", "", left), left
    return any(word not in own for word in re.findall(_WORD, _KEYS.sub("", left)))


def texts_of(window: QWidget) -> Iterator[str]:
    """Everything that somebody reads or hears read, whether it is in sight or not."""
    from PyQt6.QtGui import QAction
    from PyQt6.QtWidgets import QAbstractButton, QAbstractItemView, QComboBox, QDockWidget, QLabel, QLineEdit, QTabBar, QWidget

    for action in window.findChildren(QAction):
        yield from (action.text(), action.toolTip())
    for widget in window.findChildren(QWidget):
        yield from (widget.toolTip(), widget.accessibleName(), widget.statusTip())
        match widget:
            case QLabel() | QAbstractButton():
                yield widget.text()
            case QLineEdit():
                yield widget.placeholderText()
            case QDockWidget():
                yield widget.windowTitle()
            case QTabBar():
                yield from (widget.tabText(index) for index in range(widget.count()))
            case QComboBox():
                yield from (widget.itemText(index) for index in range(widget.count()))
            case QAbstractItemView():
                yield from _cells(widget.model())
            case _:
                pass


def _cells(model: QAbstractItemModel | None) -> Iterator[str]:
    from PyQt6.QtCore import QAbstractListModel, Qt

    if model is None:
        return
    for role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
        for column in range(1 if isinstance(model, QAbstractListModel) else model.columnCount()):
            yield str(model.headerData(column, Qt.Orientation.Horizontal, role) or "")
            yield from (str(model.index(row, column).data(role) or "") for row in range(model.rowCount()))


if __name__ == "__main__":
    main()
