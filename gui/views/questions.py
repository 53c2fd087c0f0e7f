"""Asking for files: dialogs that do not hold up the program, opened only while nothing flies or for saving."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PyQt6.QtWidgets import QDockWidget, QFileDialog, QWidget

from gui.documents import Documents
from gui.flight import Flight
from missions.control.address import ADDRESS_FILE

_DOCUMENTS = "Missions and plans (*.toml *.json);;All files (*)"
_PLANS = "Plans (*.json)"
_ADDRESSES = f"Running patrols ({ADDRESS_FILE});;All files (*)"


class WindowQuestions:
    """Each dialog belongs to the window and goes when it is answered."""

    def __init__(self, window: QWidget, documents: Documents, flight: Flight) -> None:
        self._window = window
        self._documents = documents
        self._flight = flight

    def ask_document(self) -> None:
        self._ask("Open a mission or a plan", _DOCUMENTS, QFileDialog.FileMode.ExistingFile, self._documents.open)

    def ask_plan_target(self) -> None:
        dialog = self._ask("Save the plan", _PLANS, QFileDialog.FileMode.AnyFile, lambda name: self._documents.save(Path(name)))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("json")
        dialog.selectFile("plan.json")

    def ask_address(self) -> None:
        self._ask("Attach to a running patrol", _ADDRESSES, QFileDialog.FileMode.ExistingFile, lambda name: self._flight.attach(Path(name)))

    def show_dock(self, title: str) -> None:
        dock = self._window.findChild(QDockWidget, f"dock-{title}")
        assert dock is not None
        dock.show()
        dock.raise_()
        content = dock.widget()
        assert content is not None
        content.setFocus()

    def close_window(self) -> None:
        self._window.close()

    def _ask(self, title: str, names: str, mode: QFileDialog.FileMode, then: Callable[[str], None]) -> QFileDialog:
        dialog = QFileDialog(self._window, title)
        dialog.setObjectName("file-dialog")
        dialog.setNameFilter(names)
        dialog.setFileMode(mode)
        # drones may fly meanwhile
        dialog.setModal(False)
        dialog.fileSelected.connect(then)
        dialog.finished.connect(lambda _result: dialog.deleteLater())
        dialog.show()
        return dialog
