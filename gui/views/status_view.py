"""The status bar: what is going on, how far the planning is, who is listening, where the cursor is."""

from __future__ import annotations

from pathlib import Path

from PyQt6.QtWidgets import QLabel, QProgressBar, QStatusBar

from gui.documents import Documents
from gui.editing import Editing
from gui.flight import Flight, LinkState
from gui.models.coordinates import position_text
from gui.models.figures import Tone
from gui.models.fleet import FleetModel
from gui.models.map_model import MapModel, Tool
from gui.models.state_words import PATROLS
from gui.models.text import duration_text, part_text
from gui.models.words import counted, tr
from gui.planning import Planning
from gui.replay import Replay
from gui.views.theme import Theme
from gui.views.throttle import Throttle

_REFRESH_MS = 200
_LINK_TONES = {LinkState.ATTACHED: Tone.GOOD, LinkState.LOST: Tone.BAD}


class StatusView(QStatusBar):
    def __init__(
        self,
        documents: Documents,
        editing: Editing,
        planning: Planning,
        flight: Flight,
        replay: Replay,
        fleet: FleetModel,
        map_model: MapModel,
        *,
        theme: Theme,
    ) -> None:
        super().__init__()
        self._documents = documents
        self._editing = editing
        self._planning = planning
        self._flight = flight
        self._replay = replay
        self._fleet = fleet
        self._map = map_model
        self._theme = theme
        self.setSizeGripEnabled(False)
        self._doing, self._patrol, self._link, self._cursor = (QLabel() for _ in range(4))
        self._progress = QProgressBar()
        self._progress.setRange(0, 100)
        self._progress.setFixedWidth(180)
        self._progress.setAccessibleName(tr("Planning progress"))
        for name, label in (("doing", self._doing), ("patrol", self._patrol), ("link", self._link), ("cursor", self._cursor)):
            label.setObjectName(f"status-{name}")
            label.setContentsMargins(6, 0, 6, 0)
        self.addWidget(self._doing)
        self.addWidget(self._progress)
        self.addPermanentWidget(self._patrol)
        self.addPermanentWidget(self._link)
        self.addPermanentWidget(self._cursor)
        self._cursor.setMinimumWidth(self.fontMetrics().horizontalAdvance("88.888888° N  888.888888° W") + 16)
        for changed in (documents.changed, editing.changed, planning.changed, flight.changed, replay.changed):
            changed.connect(self._refresh)
        fleet.changed.connect(Throttle(self._refresh, _REFRESH_MS, self))
        map_model.cursor_changed.connect(self._show_cursor)
        map_model.measure.changed.connect(self._refresh)
        map_model.changed.connect(Throttle(self._refresh, _REFRESH_MS, self))
        self._refresh()

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self._refresh()

    def _refresh(self) -> None:
        self._doing.setText(self._doing_text())
        wrong = self._editing.problem is not None and not self._planning.busy
        self._doing.setStyleSheet(f"color: {self._theme.bad};" if wrong else "")
        self._progress.setVisible(self._planning.busy)
        if self._planning.progress is not None:
            self._progress.setValue(round(100 * self._planning.progress.fraction))
        else:
            self._progress.setValue(0)
        self._patrol.setText(self._patrol_text())
        self._link.setText(self._flight.link.text)
        self._link.setStyleSheet(f"color: {self._theme.tone(_LINK_TONES.get(self._flight.link, Tone.MUTED)).name()}; font-weight: 600;")

    def _doing_text(self) -> str:
        if self._planning.busy:
            return self._planning_text()
        if self._documents.opening:
            return tr("Opening {opening}", opening=self._documents.opening)
        document = self._documents.current
        if document is None:
            return tr("Nothing open")
        if self._replay.active:
            return tr("Replay of {name}", name=Path(document.source).name)
        if self._editing.problem is not None:
            return tr("Not a valid mission: {key}", key=self._editing.problem.key or self._editing.problem.line)
        if self._map.tool is not Tool.LOOK:
            return self._tool_text()
        what = tr("Plan") if document.plan else tr("Mission, not planned yet")
        return f"{what}: {counted(len(document.content.drones), '{n} drone', '{n} drones')}"

    def _tool_text(self) -> str:
        match self._map.tool:
            case Tool.MEASURE:
                return self._map.measure.text
            case Tool.DRAW if self._map.drawing is not None:
                return self._map.drawing.hint
            case _:
                return tr("Editing: click an outline, drag its corners, press an edge for a new one; Esc ends")

    def _planning_text(self) -> str:
        progress = self._planning.progress
        if progress is None:
            return tr("Planning: starting")
        makespan = "" if progress.makespan_s is None else tr(", makespan {makespan_s}", makespan_s=duration_text(progress.makespan_s))
        bound = "" if progress.bound_s is None else tr(", bound {bound_s}", bound_s=duration_text(progress.bound_s))
        return tr("Planning: {stage}{makespan}{bound}", stage=progress.stage, makespan=makespan, bound=bound)

    def _patrol_text(self) -> str:
        if not self._flight.busy and not self._replay.active:
            return ""
        coverage = self._fleet.coverage
        covered = (
            ""
            if coverage is None
            else tr(", {flown} of {planned} covered", flown=part_text(coverage.flown), planned=part_text(coverage.planned))
        )
        return tr(
            "Patrol {patrol_state}, {airborne} in flight{covered}",
            patrol_state=PATROLS[self._fleet.patrol_state],
            airborne=len(self._fleet.airborne),
            covered=covered,
        )

    def _show_cursor(self) -> None:
        self._cursor.setText("" if self._map.cursor is None else position_text(self._map.cursor, self._map.positions))
