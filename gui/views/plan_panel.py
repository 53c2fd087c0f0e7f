"""The plan's figures, and under them what the check found: a click on a violation goes to its place."""

from __future__ import annotations

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QFormLayout, QLabel, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from gui.documents import Documents
from gui.models.figures import Figure, Tone, figures_of, violation_text
from gui.models.map_model import MapModel
from gui.models.units import UnitsChoice
from gui.models.words import tr
from gui.views.theme import Theme
from planner.model import Violation

_SHORT_CHARS = 24
_INDEX = Qt.ItemDataRole.UserRole


class PlanPanel(QWidget):
    def __init__(self, documents: Documents, map_model: MapModel, units: UnitsChoice, *, theme: Theme) -> None:
        super().__init__()
        self._documents = documents
        self._map = map_model
        self._units = units
        self._theme = theme
        self._shown: object = None
        self._mark: int | None = None
        self._figures = QWidget()
        self._form = QFormLayout(self._figures)
        self._form.setContentsMargins(10, 8, 10, 8)
        self._form.setHorizontalSpacing(16)
        self._rows: list[tuple[QLabel, QLabel]] = []
        self._violations = QListWidget()
        self._violations.setObjectName("violations")
        self._violations.setAccessibleName(tr("Violations"))
        self._violations.setWordWrap(True)
        self._violations.setAlternatingRowColors(True)
        self._violations.itemActivated.connect(self._go_to)
        self._violations.itemClicked.connect(self._go_to)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._figures)
        layout.addWidget(self._violations, 1)
        layout.addStretch(0)
        documents.changed.connect(self._refresh)
        map_model.changed.connect(self._show_mark)
        units.changed.connect(self._show)
        self._show()

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self._show()

    def _refresh(self) -> None:
        if self._documents.current is not self._shown:
            self._show()

    def _show(self) -> None:
        self._shown = document = self._documents.current
        figures = figures_of(None if document is None else document.content, self._units.now)
        for row, figure in enumerate(figures):
            self._show_figure(row, figure)
        for row in range(self._form.rowCount()):
            self._form.setRowVisible(row, row < len(figures))
        self._violations.clear()
        plan = None if document is None else document.plan
        for index, violation in enumerate(plan.violations if plan else ()):
            self._violations.addItem(self._item(index, violation))
        self._violations.setVisible(self._violations.count() > 0)

    def _show_figure(self, row: int, figure: Figure) -> None:
        """In labels that stay: new ones take tens of milliseconds, which an edit does not have."""
        if row == len(self._rows):
            self._rows.append((QLabel(), QLabel()))
            self._form.addRow(*self._rows[row])
            self._rows[row][1].setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        title, value = self._rows[row]
        title.setText(figure.title)
        value.setObjectName(f"figure-{figure.title}")
        value.setText(figure.value)
        # short ones make the panel as wide as they need
        value.setWordWrap(len(figure.value) > _SHORT_CHARS)
        style = f"color: {self._theme.tone(figure.tone).name()}; font-weight: 600;"
        if style != value.styleSheet():
            value.setStyleSheet(style)
        for label in (title, value):
            label.setToolTip(figure.tip)

    def _item(self, index: int, violation: Violation) -> QListWidgetItem:
        item = QListWidgetItem(violation_text(violation))
        item.setData(_INDEX, index)
        where = tr("click to see the place") if violation.lat_deg is not None else tr("of the plan as a whole: it has no place")
        amount = f"{violation.amount:g} {violation.unit}".strip()
        item.setToolTip(f"{amount}; {where}" if violation.amount else where)
        item.setForeground(self._theme.tone(Tone.BAD))
        return item

    def _go_to(self, item: QListWidgetItem) -> None:
        self._map.go_to_mark(item.data(_INDEX))

    def _show_mark(self) -> None:
        """The list follows who goes through the violations by keyboard."""
        if self._map.mark != self._mark:
            self._mark = self._map.mark
            self._violations.setCurrentRow(-1 if self._mark is None else self._mark)
