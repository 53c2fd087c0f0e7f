"""Connecting: simulated vehicles by a button, real ones by their links, with who answered there before anything flies."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QAction, QColor
from PyQt6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QTableWidget,
    QTableWidgetItem,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from gui.models.figures import Tone
from gui.models.text import NOTHING
from gui.models.words import tr
from gui.real_vehicles import RealVehicles
from gui.views.theme import Theme

_COLUMNS = {
    tr("Drone"): tr("Id in the plan"),
    tr("Link"): tr(
        "udpin:0.0.0.0:14550 waits for it to speak; udp:HOST:PORT and tcp:HOST:PORT call it; serial:/dev/ttyUSB0:57600 is a radio"
    ),
    tr("System"): tr("MAVLink system id by the plan"),
    tr("Autopilot"): tr("What flies it, and its version"),
    tr("Board"): tr("Its board's own number"),
    tr("Answer"): tr("Whether it is who, where and how the plan has it"),
}
_LINK, _ANSWER = 1, 5
_USUAL = "udpin:0.0.0.0:14550"


class ConnectPanel(QWidget):
    """`starts` are the actions that start simulations; `asks` those about links, in the order in which they are done."""

    def __init__(self, vehicles: RealVehicles, *, starts: Sequence[QAction], asks: Sequence[QAction], theme: Theme) -> None:
        super().__init__()
        self._vehicles = vehicles
        self._theme = theme
        self._filling = False
        self._link = QLineEdit(_USUAL)
        self._link.setObjectName("link-for-all")
        self._link.setAccessibleName(tr("Link for all drones"))
        self._link.setToolTip(_COLUMNS[tr("Link")])
        self._link.returnPressed.connect(self._set_all)
        for_all = QToolButton()
        for_all.setText(tr("For all"))
        for_all.setObjectName("set-link-for-all")
        for_all.setToolTip(tr("This link for every drone, told apart by their system ids"))
        for_all.clicked.connect(lambda _checked: self._set_all())
        self._link.setMinimumWidth(self._link.fontMetrics().horizontalAdvance(_USUAL) + 16)
        self._table = _table()
        self._table.itemChanged.connect(self._typed)
        self._said = QLabel()
        self._said.setObjectName("links-said")
        self._said.setContentsMargins(8, 2, 8, 4)
        self._said.setWordWrap(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        # in two rows: other languages are longer, and a panel that is too wide leaves no room for the alerts beside it
        column.addLayout(_row(*(_button(action) for action in starts)))
        column.addLayout(_row(QLabel(tr("Real drones:")), self._link, for_all, *(_button(action) for action in asks), stretched=self._link))
        column.addWidget(self._table, 1)
        column.addWidget(self._said)
        vehicles.changed.connect(self._show)
        self._show()

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self._show()

    def _set_all(self) -> None:
        self._vehicles.set_all(self._link.text())

    def _typed(self, item: QTableWidgetItem) -> None:
        name = self._table.item(item.row(), 0)
        if not self._filling and item.column() == _LINK and name is not None:
            self._vehicles.set_link(name.text(), item.text())

    def _show(self) -> None:
        self._filling = True
        self._table.setRowCount(len(self._vehicles.links))
        for row, (drone, link) in enumerate(self._vehicles.links.items()):
            for column, (text, tone) in enumerate(self._cells(drone, link)):
                item = QTableWidgetItem(text)
                item.setForeground(QColor(self._theme.tone(tone)))
                item.setToolTip(text if column == _ANSWER else "")
                if column != _LINK:
                    item.setFlags(item.flags() & ~Qt.ItemFlag.ItemIsEditable)
                self._table.setItem(row, column, item)
        self._filling = False
        self._said.setText(self._words())

    def _cells(self, drone: str, link: str) -> Sequence[tuple[str, Tone]]:
        identity, plain = self._vehicles.found.get(drone), Tone.NORMAL
        if identity is None:
            answer = (tr("listening…"), Tone.MUTED) if self._vehicles.asking else (NOTHING, Tone.MUTED)
            return ((drone, plain), (link, plain), (NOTHING, Tone.MUTED), (NOTHING, Tone.MUTED), (NOTHING, Tone.MUTED), answer)
        flies = f"{identity.autopilot} {identity.firmware}".strip() or NOTHING
        answer = ("; ".join(identity.defects), Tone.BAD) if identity.defects else (tr("as planned"), Tone.GOOD)
        return ((drone, plain), (link, plain), (str(identity.system_id), plain), (flies, plain), (identity.board or NOTHING, plain), answer)

    def _words(self) -> str:
        vehicles = self._vehicles
        if not vehicles.links:
            return tr("Open or make a plan: its drones are what is connected to")
        if vehicles.asking:
            return tr("Listening on every link; nothing is changed on anybody")
        differences = sum(len(identity.failsafes) for identity in vehicles.found.values())
        told = [tr("{differences} failsafe parameters are not as the plan counts on them", differences=differences)] if differences else []
        return "; ".join([*vehicles.strangers, *told]) or tr("Give each drone its link, look who answers, then connect")


def _button(action: QAction) -> QToolButton:
    button = QToolButton()
    button.setDefaultAction(action)
    button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
    button.setObjectName(f"connect-{action.objectName()}")
    return button


def _row(*widgets: QWidget, stretched: QWidget | None = None) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setContentsMargins(6, 4, 6, 2)
    row.setSpacing(6)
    for widget in widgets:
        row.addWidget(widget, 1 if widget is stretched else 0)
    if stretched is None:
        row.addStretch(1)
    return row


def _table() -> QTableWidget:
    table = QTableWidget(0, len(_COLUMNS))
    table.setObjectName("links-table")
    table.setAccessibleName(tr("Links of real drones"))
    table.setHorizontalHeaderLabels(list(_COLUMNS))
    for column, tip in enumerate(_COLUMNS.values()):
        header = table.horizontalHeaderItem(column)
        assert header is not None
        header.setToolTip(tip)
    table.setAlternatingRowColors(True)
    table.setShowGrid(False)
    table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    table.setEditTriggers(
        QAbstractItemView.EditTrigger.DoubleClicked
        | QAbstractItemView.EditTrigger.EditKeyPressed
        | QAbstractItemView.EditTrigger.AnyKeyPressed
    )
    rows, columns = table.verticalHeader(), table.horizontalHeader()
    assert rows is not None
    assert columns is not None
    rows.hide()
    rows.setDefaultSectionSize(table.fontMetrics().height() + 8)
    columns.setHighlightSections(False)
    columns.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
    columns.setSectionResizeMode(_LINK, QHeaderView.ResizeMode.Interactive)
    table.setColumnWidth(_LINK, table.fontMetrics().horizontalAdvance("serial:/dev/ttyUSB0:57600") + 28)
    columns.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    columns.setStretchLastSection(True)
    return table
