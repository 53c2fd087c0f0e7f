"""A proposal to fly on otherwise, in the window over the map: the difference row by row, and a button for each decision."""

from __future__ import annotations

from PyQt6.QtCore import Qt, QTimer
from PyQt6.QtGui import QAction
from PyQt6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QSizePolicy,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
)

from gui.documents import Documents
from gui.models.figures import Tone
from gui.models.fleet import FleetModel
from gui.models.map_model import MapModel
from gui.models.proposal import ProposalDiff, ProposalRow, proposal_diff
from gui.models.words import tr
from gui.views.theme import Theme
from missions.control.messages import ReplanProposed

#: The bar pushes the map down when it comes: a click that was on its way must not decide anything.
ARM_MS = 800
_MOST_ROWS = 5
_ROW_PADDING_PX = 7
_COLUMNS = 5


class ProposalPanel(QFrame):
    """Hidden while there is nothing to decide. Which proposal is meant is what the actions read when they run."""

    def __init__(
        self, fleet: FleetModel, documents: Documents, map_model: MapModel, *, theme: Theme, accept: QAction, reject: QAction
    ) -> None:
        super().__init__()
        self.setObjectName("proposal")
        self._fleet = fleet
        self._documents = documents
        self._map = map_model
        self._sorties: tuple[str, ...] = ()
        self._theme = theme
        self._shown: ReplanProposed | None = None
        self._title, self._figures = _label("proposal-title"), _label("proposal-figures")
        self._rows = _table()
        self._accept, self._reject = _button(tr("Accept"), accept), _button(tr("Reject"), reject)
        self._arming = QTimer(self)
        self._arming.setSingleShot(True)
        self._arming.setInterval(ARM_MS)
        self._arming.timeout.connect(self._enable)
        self._lay_out()
        for action in (accept, reject):
            action.changed.connect(self._enable)
        self._rows.cellClicked.connect(self._pick)
        fleet.changed.connect(self._refresh)
        self._show(None)

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        buttons.addWidget(self._reject)
        buttons.addWidget(self._accept)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self._title)
        words.addWidget(self._figures)
        top = QHBoxLayout()
        top.addLayout(words, 1)
        top.addLayout(buttons)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 7, 8, 8)
        column.addLayout(top)
        column.addWidget(self._rows)

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self._show(self._shown)

    def _refresh(self) -> None:
        if self._fleet.proposal is not self._shown:
            self._show(self._fleet.proposal)
            self._arming.start()
            self._enable()

    def _enable(self) -> None:
        for button, action in self._buttons:
            button.setEnabled(action.isEnabled() and not self._arming.isActive())

    @property
    def _buttons(self) -> tuple[tuple[QPushButton, QAction], ...]:
        return tuple((button, button.actions()[0]) for button in (self._accept, self._reject))

    def _show(self, told: ReplanProposed | None) -> None:
        self._shown = told
        document = self._documents.current
        plan = None if document is None else document.plan
        if told is not None and plan is not None:
            self._fill(proposal_diff(told, plan))
        self.setVisible(told is not None and plan is not None)

    def _fill(self, diff: ProposalDiff) -> None:
        self._title.setText(diff.title)
        self._figures.setText(diff.figures)
        self.setAccessibleName(diff.title)
        self._rows.setRowCount(len(diff.rows))
        self._rows.clearSpans()
        self._sorties = tuple(row.sortie for row in diff.rows)
        for index, row in enumerate(diff.rows):
            self._put(index, row)
        height_px = self._rows.fontMetrics().height() + _ROW_PADDING_PX
        for index in range(len(diff.rows)):
            self._rows.setRowHeight(index, height_px)
        self._rows.setFixedHeight(min(len(diff.rows), _MOST_ROWS) * height_px + 2 * self._rows.frameWidth())
        self._rows.setVisible(bool(diff.rows))
        colour = self._theme.warning
        self.setStyleSheet(f"#proposal {{ background: {self._theme.base}; border: none; border-left: 6px solid {colour}; }}")

    def _pick(self, row: int, _column: int) -> None:
        """What a drone would give up stands out on the map; further sorties are not in the plan yet."""
        sortie, scene = self._sorties[row], self._map.scene
        if scene is not None and any(route.sortie == sortie for route in scene.routes):
            self._map.pick_sortie(sortie)

    def _put(self, index: int, row: ProposalRow) -> None:
        texts = (row.change.value, row.drone, row.sortie, row.when, row.text)
        if not row.drone:
            texts = (row.change.value, f"{row.sortie} {row.text}".strip(), "", "", "")
            self._rows.setSpan(index, 1, 1, _COLUMNS - 1)
        for column, text in enumerate(texts):
            item = QTableWidgetItem(text)
            item.setToolTip(text)
            if column == 0 or row.tone is Tone.BAD:
                item.setForeground(self._theme.tone(row.tone))
            self._rows.setItem(index, column, item)


def _label(name: str) -> QLabel:
    label = QLabel()
    label.setObjectName(name)
    label.setWordWrap(True)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    label.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
    if name == "proposal-title":
        label.setStyleSheet("font-weight: 700;")
    return label


def _button(title: str, action: QAction) -> QPushButton:
    button = QPushButton(title)
    button.setObjectName(f"proposal-{title.lower()}")
    button.setAutoDefault(False)
    button.setToolTip(action.toolTip())
    button.addAction(action)
    button.clicked.connect(lambda _checked: action.trigger())
    return button


def _table() -> QTableWidget:
    table = QTableWidget(0, _COLUMNS)
    table.setObjectName("proposal-rows")
    table.setAccessibleName(tr("What the proposal changes"))
    table.setShowGrid(False)
    table.setWordWrap(False)
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
    table.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    for header in (table.verticalHeader(), table.horizontalHeader()):
        assert header is not None
        header.hide()
    columns = table.horizontalHeader()
    assert columns is not None
    for column in range(_COLUMNS - 1):
        columns.setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)
    columns.setSectionResizeMode(_COLUMNS - 1, QHeaderView.ResizeMode.Stretch)
    return table
