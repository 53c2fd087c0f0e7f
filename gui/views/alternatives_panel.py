"""Plans side by side: a column each, a row a figure; the one that is picked can be laid on the desk, or forgotten."""

from __future__ import annotations

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from gui.documents import Documents
from gui.models.alternatives import Alternative, Alternatives, compared
from gui.models.units import UnitsChoice
from gui.models.words import tr
from gui.planning import Planning
from gui.views.theme import Theme

_HINT = tr("Every plan that is made of this mission stands here: plan again with another effort, or after an edit, and compare")


class AlternativesPanel(QWidget):
    def __init__(self, alternatives: Alternatives, documents: Documents, planning: Planning, units: UnitsChoice, *, theme: Theme) -> None:
        super().__init__()
        self._alternatives = alternatives
        self._documents = documents
        self._planning = planning
        self._units = units
        self._theme = theme
        self._table = _table()
        self._hint = QLabel(_HINT)
        self._hint.setObjectName("alternatives-hint")
        self._hint.setWordWrap(True)
        self._use, self._forget = _button(tr("Lay on the desk"), "use-alternative"), _button(tr("Forget"), "forget-alternative")
        self._use.clicked.connect(lambda _checked: self._lay())
        self._forget.clicked.connect(lambda _checked: self._drop())
        below = QHBoxLayout()
        below.setContentsMargins(8, 4, 8, 6)
        below.addWidget(self._hint, 1)
        below.addWidget(self._forget)
        below.addWidget(self._use)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._table, 1)
        column.addLayout(below)
        self._table.itemSelectionChanged.connect(self._enable)
        for changed in (alternatives.changed, documents.changed, units.changed):
            changed.connect(self._show)
        planning.changed.connect(self._enable)
        self._show()

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self._show()

    @property
    def _picked(self) -> Alternative | None:
        column = self._table.currentColumn()
        made = self._alternatives.made
        return made[column] if self._table.selectedItems() and 0 <= column < len(made) else None

    def _show(self) -> None:
        document, picked = self._documents.current, self._table.currentColumn()
        current = None if document is None else document.plan
        titles, rows = compared(self._alternatives.made, current, self._units.now)
        shown = [f"{title} ✓" if self._is_open(index) else title for index, title in enumerate(titles)]
        self._table.setColumnCount(len(titles))
        self._table.setRowCount(len(rows) if titles else 0)
        self._table.setHorizontalHeaderLabels(shown)
        for number, row in enumerate(rows if titles else ()):
            head = QTableWidgetItem(row.title)
            head.setToolTip(row.tip)
            self._table.setVerticalHeaderItem(number, head)
            for column, (text, tone) in enumerate(row.cells):
                item = QTableWidgetItem(text)
                item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                item.setForeground(self._theme.tone(tone))
                item.setToolTip(row.tip)
                self._table.setItem(number, column, item)
        if 0 <= picked < len(titles):
            self._table.setCurrentCell(0, picked)
            self._table.selectColumn(picked)
        self._hint.setText(_HINT if len(self._alternatives.made) < 2 else tr("The best of each row stands out; ✓ is on the desk"))
        self._enable()

    def _is_open(self, index: int) -> bool:
        document, made = self._documents.current, self._alternatives.made
        return document is not None and index < len(made) and document.plan is made[index].plan

    def _enable(self) -> None:
        picked, document = self._picked, self._documents.current
        on_desk = None if document is None else document.plan
        other = picked is not None and on_desk is not None and on_desk is not picked.plan
        fits = other and picked is not None and on_desk is not None and on_desk.spec_sha256 == picked.plan.spec_sha256
        self._use.setEnabled(fits and self._planning.can_plan)
        self._use.setToolTip(
            tr("The mission has been edited since: plan again") if other and not fits else tr("Show this plan, to be saved and flown")
        )
        self._forget.setEnabled(picked is not None)

    def _lay(self) -> None:
        picked, document = self._picked, self._documents.current
        if picked is not None and document is not None:
            self._documents.take_plan(document, picked.plan)

    def _drop(self) -> None:
        if self._picked is not None:
            self._alternatives.forget(self._picked.title)


def _button(title: str, name: str) -> QPushButton:
    button = QPushButton(title)
    button.setObjectName(name)
    button.setAutoDefault(False)
    return button


def _table() -> QTableWidget:
    table = QTableWidget(0, 0)
    table.setObjectName("alternatives")
    table.setAccessibleName(tr("Plans side by side"))
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectColumns)
    table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    table.setAlternatingRowColors(True)
    rows, columns = table.verticalHeader(), table.horizontalHeader()
    assert rows is not None
    assert columns is not None
    rows.setDefaultSectionSize(table.fontMetrics().height() + 10)
    rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
    columns.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
    columns.setMinimumSectionSize(table.fontMetrics().horizontalAdvance("8:88:88 88.88 %") + 12)
    return table
