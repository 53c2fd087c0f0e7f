"""One drone with everything known of it: the one that is picked, or of several the first."""

from __future__ import annotations

from collections.abc import Callable

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QFormLayout, QLabel, QScrollArea, QWidget

from gui.documents import Documents
from gui.models.drone_facts import drone_facts
from gui.models.drone_view import DroneView
from gui.models.figures import Figure
from gui.models.fleet import FleetModel
from gui.models.map_model import MapModel
from gui.models.selection import Selection
from gui.models.units import UnitsChoice
from gui.models.words import tr
from gui.views.theme import Theme
from gui.views.throttle import Throttle

_REFRESH_MS = 250


class DronePanel(QScrollArea):
    def __init__(
        self,
        fleet: FleetModel,
        selection: Selection,
        documents: Documents,
        map_model: MapModel,
        units: UnitsChoice,
        *,
        theme: Theme,
        now_s: Callable[[], float],
    ) -> None:
        super().__init__()
        self.setObjectName("drone-panel")
        self.setAccessibleName(tr("Drone"))
        self.setWidgetResizable(True)
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self._fleet = fleet
        self._selection = selection
        self._documents = documents
        self._map = map_model
        self._units = units
        self._theme = theme
        self._now_s = now_s
        self._rows: dict[str, QLabel] = {}
        content = QWidget()
        self._form = QFormLayout(content)
        self._form.setContentsMargins(10, 8, 10, 8)
        self._title = QLabel()
        self._title.setObjectName("drone-title")
        self._form.addRow(self._title)
        self.setWidget(content)
        refresh = Throttle(self._refresh, _REFRESH_MS, self)
        fleet.changed.connect(refresh)
        selection.changed.connect(self._refresh)
        units.changed.connect(self._refresh)
        self._refresh()

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self._refresh()

    def _refresh(self) -> None:
        picked = [drone for drone in self._fleet.drones if drone in self._selection.drones]
        drone = self._fleet.drones.get(picked[0]) if picked else None
        self._title.setText(
            tr("Pick a drone to see all of it") if drone is None else tr("<b>{id}</b> of {nation}", id=drone.id, nation=drone.nation)
        )
        facts = () if drone is None else self._facts(drone)
        for row in self._rows.values():
            self._form.setRowVisible(row, False)
        for fact in facts:
            self._show(fact)

    def _facts(self, drone: DroneView) -> tuple[Figure, ...]:
        return drone_facts(drone, self._map.positions, self._units.now, now_s=self._now_s(), cruise_mps=self._cruise_mps(drone.id))

    def _show(self, fact: Figure) -> None:
        value = self._rows.get(fact.title)
        if value is None:
            value = self._rows[fact.title] = QLabel()
            value.setObjectName(f"drone-{fact.title}")
            value.setWordWrap(True)
            value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            self._form.addRow(fact.title, value)
        self._form.setRowVisible(value, True)
        value.setText(fact.value)
        value.setToolTip(fact.tip)
        value.setStyleSheet(f"color: {self._theme.tone(fact.tone).name()}; font-weight: 600;")

    def _cruise_mps(self, drone: str) -> float | None:
        document = self._documents.current
        if document is None:
            return None
        kinds = {kind.id: kind.cruise_mps for kind in document.content.drone_types}
        return next((kinds.get(each.type) for each in document.content.drones if each.id == drone), None)
