"""The mission's tables, to be edited in place; under them what the check says of the mission as it stands."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from PyQt6.QtCore import QAbstractTableModel, QModelIndex, Qt
from PyQt6.QtGui import QColor, QKeyEvent
from PyQt6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QTabWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from gui.editing import Editing
from gui.models.draft_tables import GENERAL, GRIDS, Grid, Key, written_path
from gui.models.figures import Tone
from gui.models.mission_draft import MissionDraft, Path
from gui.models.words import tr
from gui.views.theme import Theme

_PADDING_PX, _WIDEST_PX = 24, 220


class _CellModel(QAbstractTableModel):
    """Cells that are values of the draft: `place` says which key of which row each is."""

    def __init__(
        self, place: Callable[[QModelIndex], tuple[Path, Key]], editing: Editing, *, editable: Callable[[], bool], theme: Theme
    ) -> None:
        super().__init__()
        self.place = place
        self.editing = editing
        self._editable = editable
        self.theme = theme
        self._rows = 0

    def refresh(self) -> None:
        """An editor that is open stays open, unless rows have come or gone."""
        rows = self.rowCount()
        if rows != self._rows:
            self.beginResetModel()
            self._rows = rows
            self.endResetModel()
        elif rows:
            self.dataChanged.emit(self.index(0, 0), self.index(rows - 1, self.columnCount() - 1))

    def flags(self, _index: QModelIndex) -> Qt.ItemFlag:
        plain = Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsEnabled
        return plain | Qt.ItemFlag.ItemIsEditable if self._editable() else plain

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        draft = self.editing.draft
        if draft is None or not index.isValid():
            return None
        row, key = self.place(index)
        text, problem = key.text(draft, row), self.editing.problem
        wrong = problem is not None and problem.key == written_path((*row, *key.path))
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return text or (f"({key.usual})" if key.usual else "")
            case Qt.ItemDataRole.EditRole:
                return text
            case Qt.ItemDataRole.ToolTipRole:
                return problem.line if wrong and problem is not None else f"{written_path((*row, *key.path))}: {text or key.usual or '–'}"
            case Qt.ItemDataRole.ForegroundRole:
                return QColor(self.theme.bad) if wrong else None if text else QColor(self.theme.muted)
            case Qt.ItemDataRole.AccessibleTextRole:
                return f"{key.title}: {text or key.usual}"
            case _:
                return None

    def setData(self, index: QModelIndex, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        draft = self.editing.draft
        if draft is None or role != Qt.ItemDataRole.EditRole:
            return False
        row, key = self.place(index)
        if str(value) != key.text(draft, row):
            path = (*row, *key.path)
            self.editing.do(tr("Change {path}", path=written_path(path)), _with(draft, path, key.parsed(str(value))))
        return True


def _with(draft: MissionDraft, path: Path, value: object) -> MissionDraft:
    if path[0] == "patrol" and not draft.rows("patrol"):
        draft = draft.with_row("patrol", {"kind": "sweep"})
    return draft.with_value(path, value)


class _GridModel(_CellModel):
    def __init__(self, grid: Grid, editing: Editing, *, editable: Callable[[], bool], theme: Theme) -> None:
        super().__init__(lambda index: ((grid.table, index.row()), grid.keys[index.column()]), editing, editable=editable, theme=theme)
        self.grid = grid

    def rowCount(self, parent: QModelIndex | None = None) -> int:
        inside = parent is not None and parent.isValid()
        return 0 if inside or self.editing.draft is None else len(self.editing.draft.rows(self.grid.table))

    def columnCount(self, parent: QModelIndex | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.grid.keys)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role != Qt.ItemDataRole.DisplayRole or orientation is Qt.Orientation.Vertical:
            return None
        return self.grid.keys[section].title


class _GeneralModel(_CellModel):
    def __init__(self, editing: Editing, *, editable: Callable[[], bool], theme: Theme) -> None:
        super().__init__(lambda index: ((), GENERAL[index.row()]), editing, editable=editable, theme=theme)

    def rowCount(self, parent: QModelIndex | None = None) -> int:
        inside = parent is not None and parent.isValid()
        return 0 if inside or self.editing.draft is None else len(GENERAL)

    def columnCount(self, parent: QModelIndex | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else 1

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role != Qt.ItemDataRole.DisplayRole or orientation is Qt.Orientation.Horizontal:
            return None
        return GENERAL[section].title


class _Choices(QStyledItemDelegate):
    """A list to choose from where there are only a few answers."""

    def createEditor(self, parent: QWidget | None, option: QStyleOptionViewItem, index: QModelIndex) -> QWidget | None:
        model = index.model()
        assert isinstance(model, _CellModel)
        _, key = model.place(index)
        if key.choices is None or model.editing.draft is None:
            return super().createEditor(parent, option, index)
        box = QComboBox(parent)
        box.addItems(key.choices(model.editing.draft))
        return box

    def setEditorData(self, editor: QWidget | None, index: QModelIndex) -> None:
        if isinstance(editor, QComboBox):
            editor.setCurrentText(str(index.data(Qt.ItemDataRole.EditRole)))
        else:
            super().setEditorData(editor, index)


class _Table(QTableView):
    def __init__(self, model: _CellModel, name: str, *, headed: bool) -> None:
        super().__init__()
        self.setObjectName(f"grid-{name}")
        self.setAccessibleName(name)
        self.setModel(model)
        self.setItemDelegate(_Choices(self))
        self.setAlternatingRowColors(True)
        self.setEditTriggers(
            QAbstractItemView.EditTrigger.DoubleClicked
            | QAbstractItemView.EditTrigger.EditKeyPressed
            | QAbstractItemView.EditTrigger.AnyKeyPressed
        )
        rows, columns = self.verticalHeader(), self.horizontalHeader()
        assert rows is not None
        assert columns is not None
        rows.setDefaultSectionSize(self.fontMetrics().height() + 8)
        columns.setHighlightSections(False)
        columns.setVisible(headed)
        rows.setVisible(not headed)
        if not headed:
            columns.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        model.modelReset.connect(self.fit_columns)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if event is not None and event.key() == Qt.Key.Key_Delete and self.currentIndex().isValid():
            model = self.model()
            assert model is not None
            model.setData(self.currentIndex(), "")
        else:
            super().keyPressEvent(event)

    def fit_columns(self) -> None:
        model, header = self.model(), self.horizontalHeader()
        assert model is not None
        assert header is not None
        for column in range(model.columnCount()):
            wide_px = max(self.sizeHintForColumn(column), header.sectionSizeHint(column)) + _PADDING_PX
            self.setColumnWidth(column, min(wide_px, _WIDEST_PX))


class MissionTables(QWidget):
    """A tab for each list of tables, and one for what is said once."""

    def __init__(self, editing: Editing, *, editable: Callable[[], bool], theme: Theme) -> None:
        super().__init__()
        self._editing = editing
        self._editable = editable
        self._theme = theme
        self._shown: object = None
        self._tabs = QTabWidget()
        self._tabs.setObjectName("mission-tabs")
        self._tabs.setDocumentMode(True)
        general = _GeneralModel(editing, editable=editable, theme=theme)
        self._models: list[_CellModel] = [general]
        self._tabs.addTab(_Table(general, tr("General"), headed=False), tr("General"))
        self._buttons: list[QToolButton] = []
        for grid in GRIDS:
            model = _GridModel(grid, editing, editable=editable, theme=theme)
            self._models.append(model)
            self._tabs.addTab(self._page(grid, model), grid.title)
        self._verdict = QLabel()
        self._verdict.setObjectName("mission-verdict")
        self._verdict.setWordWrap(True)
        self._verdict.setContentsMargins(8, 4, 8, 4)
        self._verdict.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._tabs, 1)
        layout.addWidget(self._verdict)
        editing.changed.connect(self.refresh)
        self.refresh()

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        for model in self._models:
            model.theme = theme
        self._shown = None
        self.refresh()

    def _page(self, grid: Grid, model: _GridModel) -> QWidget:
        page, table = QWidget(), _Table(model, grid.title, headed=True)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectItems)
        bar = QHBoxLayout()
        bar.setContentsMargins(4, 3, 4, 3)
        for title, tip, name, run in (
            (tr("Add a row"), tr("One more of: {lower}", lower=grid.title.lower()), "add", partial(self._add, grid)),
            (tr("Delete the row"), tr("The one that the cursor is in"), "delete", partial(self._delete, grid, table)),
        ):
            button = QToolButton()
            button.setText(title)
            button.setToolTip(tip)
            button.setObjectName(f"{name}-{grid.table}")
            button.clicked.connect(lambda _checked, run=run: run())
            self._buttons.append(button)
            bar.addWidget(button)
        bar.addStretch(1)
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(table, 1)
        column.addLayout(bar)
        return page

    def _add(self, grid: Grid) -> None:
        draft = self._editing.draft
        if draft is not None:
            self._editing.do(tr("Add to {lower}", lower=grid.title.lower()), draft.with_row(grid.table, grid.fresh(draft)))

    def _delete(self, grid: Grid, table: QTableView) -> None:
        draft, row = self._editing.draft, table.currentIndex().row()
        if draft is not None and row >= 0:
            self._editing.do(tr("Delete from {lower}", lower=grid.title.lower()), draft.without_row(grid.table, row))

    def refresh(self) -> None:
        """The cells, when the draft or what is wrong with it is another; whether they can be changed, always."""
        state = (self._editing.draft, self._editing.problem)
        if self._shown != state:
            self._shown = state
            for model in self._models:
                model.refresh()
        for button in self._buttons:
            button.setEnabled(self._editable())
        text, tone = self._verdict_text()
        self._verdict.setText(text)
        self._verdict.setStyleSheet(f"color: {self._theme.tone(tone).name()}; font-weight: 600;")

    def _verdict_text(self) -> tuple[str, Tone]:
        if self._editing.draft is None:
            return tr("Open a mission to edit it; a plan by itself cannot be edited"), Tone.MUTED
        if self._editing.problem is not None:
            return self._editing.problem.line, Tone.BAD
        return (tr("The mission is valid"), Tone.GOOD) if self._editing.checked else (tr("Checking…"), Tone.MUTED)
