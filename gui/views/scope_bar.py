"""Whom the next order is for: everyone, a nation, or the drones that are picked."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PyQt6.QtWidgets import QButtonGroup, QHBoxLayout, QLabel, QToolButton, QWidget

from gui.models.fleet import FleetModel
from gui.models.selection import Selection
from gui.models.words import tr
from gui.views.throttle import Throttle

_REFRESH_MS = 200


class ScopeBar(QWidget):
    """A button for everyone and one for each nation, and in words what that comes to."""

    def __init__(self, fleet: FleetModel, selection: Selection) -> None:
        super().__init__()
        self._fleet = fleet
        self._selection = selection
        self._nations: tuple[str, ...] = ()
        self._layout = QHBoxLayout(self)
        self._layout.setContentsMargins(6, 4, 6, 4)
        self._text = QLabel()
        self._text.setObjectName("scope-text")
        self._group = QButtonGroup(self)
        self._group.setExclusive(False)
        self._rebuild(())
        fleet.changed.connect(Throttle(self._refresh, _REFRESH_MS, self))
        selection.changed.connect(self._refresh)

    def _refresh(self) -> None:
        nations = tuple(dict.fromkeys(drone.nation for drone in self._fleet.drones.values()))
        if nations != self._nations:
            self._rebuild(nations)
        for button in self._group.buttons():
            nation = button.property("nation")
            button.setChecked(self._selection.nation == nation if nation else not self._selection.drones)
        self._text.setText(tr("Orders go to {text}", text=self._selection.text) if self._fleet.drones else "")

    def _rebuild(self, nations: Sequence[str]) -> None:
        self._nations = tuple(nations)
        for button in self._group.buttons():
            self._group.removeButton(button)
            # it lives until the event loop comes round, and must not be pressed or seen till then
            button.hide()
            button.setObjectName("")
            button.deleteLater()
        while self._layout.takeAt(0) is not None:
            pass
        self._add(tr("Everyone"), None)
        for nation in nations:
            self._add(nation, nation)
        self._layout.addSpacing(10)
        self._layout.addWidget(self._text, 1)

    def _add(self, title: str, nation: str | None) -> None:
        button = QToolButton()
        button.setText(title)
        button.setCheckable(True)
        button.setObjectName(f"scope-{title}")
        button.setProperty("nation", nation or "")
        button.setProperty("scope", "true")  # the style sheet's name for these
        button.setToolTip(tr("Orders go to every drone") if nation is None else tr("Pick all drones of {nation}", nation=nation))
        button.clicked.connect(partial(self._choose, nation))
        self._group.addButton(button)
        self._layout.addWidget(button)

    def _choose(self, nation: str | None, _checked: bool) -> None:
        self._selection.pick(() if nation is None else self._fleet.of_nation(nation))
        self._refresh()
