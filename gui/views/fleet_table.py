"""The fleet as a table: rows are drones, cells come from `fleet_columns`; what is stale looks stale."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PyQt6.QtCore import QAbstractTableModel, QItemSelection, QItemSelectionModel, QModelIndex, QRectF, QSortFilterProxyModel, Qt
from PyQt6.QtGui import QColor, QContextMenuEvent, QFont, QIcon, QKeyEvent, QMouseEvent, QPainter, QPixmap
from PyQt6.QtWidgets import QAbstractItemView, QHeaderView, QMenu, QTableView

from gui.models.drone_view import DroneView, Freshness
from gui.models.figures import Tone
from gui.models.fleet import FleetModel
from gui.models.fleet_columns import COLUMNS, Cell
from gui.models.selection import Selection
from gui.models.units import UnitsChoice
from gui.models.words import tr
from gui.views.theme import NationStyle, Theme
from gui.views.throttle import Throttle

REFRESH_MS = 200
_SAME_AGE_S = 0.05
_SORT_ROLE = Qt.ItemDataRole.UserRole
_LINK_COLUMN = next(index for index, column in enumerate(COLUMNS) if column.title == tr("Link"))
_IDENTITY_COLUMNS = 2
_PADDING_PX, _SORT_SIGN_PX = 11, 8
_Role = int


class FleetTableModel(QAbstractTableModel):
    """Reads the fleet; tells of changes a few times a second at most."""

    def __init__(self, fleet: FleetModel, units: UnitsChoice, *, theme: Theme, now_s: Callable[[], float]) -> None:
        super().__init__()
        self._fleet = fleet
        self._units = units
        self._theme = theme
        self._now_s = now_s
        self._ids: list[str] = list(fleet.drones)
        self._swatches: dict[str, QIcon] = {}
        self._cells: dict[tuple[str, int], Cell] = {}
        self._cells_s = 0.0
        self._refresh_soon = Throttle(self._refresh, REFRESH_MS, self)
        fleet.changed.connect(self._fleet_changed)
        units.changed.connect(self._refresh)

    def set_look(self, theme: Theme, swatches: dict[str, QIcon]) -> None:
        """Colours of tones, and a picture for each nation."""
        self._theme, self._swatches = theme, swatches
        self._refresh()

    def drone_id(self, row: int) -> str:
        return self._ids[row]

    def row_of(self, drone: str) -> int:
        return self._ids.index(drone)

    def rowCount(self, parent: QModelIndex | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._ids)

    def columnCount(self, parent: QModelIndex | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: _Role = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation is Qt.Orientation.Vertical:
            return None
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return COLUMNS[section].title
            case Qt.ItemDataRole.ToolTipRole:
                return COLUMNS[section].tip
            case Qt.ItemDataRole.TextAlignmentRole:
                return _alignment(section)
            case _:
                return None

    def data(self, index: QModelIndex, role: _Role = Qt.ItemDataRole.DisplayRole) -> Any:
        drone = self._fleet.drones.get(self._ids[index.row()])
        if drone is None:  # another fleet has come and the table has not been told yet
            return None
        column = index.column()
        cell = self._cell(drone, column)
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return cell.text
            case Qt.ItemDataRole.ToolTipRole:
                return cell.tip or None
            case Qt.ItemDataRole.ForegroundRole:
                return self._theme.tone(self._tone(drone, column, cell))
            case Qt.ItemDataRole.FontRole:
                return self._font(drone, column)
            case Qt.ItemDataRole.TextAlignmentRole:
                return _alignment(column)
            case Qt.ItemDataRole.DecorationRole:
                return self._swatches.get(drone.nation) if column == 1 else None
            case role if role == _SORT_ROLE:
                return cell.sort
            case _:
                return None

    def _cell(self, drone: DroneView, column: int) -> Cell:
        """Made once, however many roles of it are asked for, until something has been heard or its age is another."""
        now_s = self._now_s()
        if abs(now_s - self._cells_s) > _SAME_AGE_S:
            self._cells.clear()
            self._cells_s = now_s
        cell = self._cells.get((drone.id, column))
        if cell is None:
            cell = self._cells[drone.id, column] = COLUMNS[column].cell(drone, now_s, self._units.now)
        return cell

    def _tone(self, drone: DroneView, column: int, cell: Cell) -> Tone:
        quiet = cell.tone in (Tone.NORMAL, Tone.GOOD)
        return Tone.MUTED if quiet and self._outdated(drone, column) else cell.tone

    def _font(self, drone: DroneView, column: int) -> QFont | None:
        if not self._outdated(drone, column):
            return None
        font = QFont()
        font.setItalic(True)
        return font

    def _outdated(self, drone: DroneView, column: int) -> bool:
        """Whether the cell says something that may no longer be so."""
        stale = drone.freshness(self._now_s()) in (Freshness.STALE, Freshness.LOST)
        return stale and column >= _IDENTITY_COLUMNS and column != _LINK_COLUMN

    def _fleet_changed(self) -> None:
        self._cells.clear()
        if list(self._fleet.drones) != self._ids:
            self.beginResetModel()
            self._ids = list(self._fleet.drones)
            self.endResetModel()
        else:
            self._refresh_soon()

    def _refresh(self) -> None:
        self._cells.clear()
        if self._ids:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._ids) - 1, len(COLUMNS) - 1))


class _ByCell(QSortFilterProxyModel):
    """Sorts on request only: a row must not jump away under the mouse."""

    def lessThan(self, left: QModelIndex, right: QModelIndex) -> bool:
        return bool(left.data(_SORT_ROLE) < right.data(_SORT_ROLE))


class FleetTable(QTableView):
    """Shows and changes which drones are picked."""

    def __init__(self, model: FleetTableModel, selection: Selection, *, fleet_menu: Callable[[str], QMenu]) -> None:
        """`fleet_menu` makes the context menu over this drone's row."""
        super().__init__()
        self.setObjectName("fleet-table")
        self.setAccessibleName(tr("Fleet"))
        self._drones = model
        self._fleet_menu = fleet_menu
        self._selection = selection
        self._showing = False
        self._proxy = _ByCell(self)
        self._proxy.setDynamicSortFilter(False)
        self._proxy.setSourceModel(model)
        self.setModel(self._proxy)
        self.setSortingEnabled(True)
        self.sortByColumn(-1, Qt.SortOrder.AscendingOrder)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setAlternatingRowColors(True)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self._shape_headers()
        picked = self.selectionModel()
        assert picked is not None
        picked.selectionChanged.connect(self._picked)
        selection.changed.connect(self._show_picked)
        model.modelReset.connect(self._show_picked)

    def _shape_headers(self) -> None:
        rows, columns = self.verticalHeader(), self.horizontalHeader()
        assert rows is not None
        assert columns is not None
        rows.hide()
        rows.setDefaultSectionSize(self.fontMetrics().height() + 8)
        columns.setHighlightSections(False)
        columns.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        metrics = self.fontMetrics()
        for index, column in enumerate(COLUMNS):
            wide_px = (
                max(metrics.horizontalAdvance(column.sample), metrics.horizontalAdvance(column.title) + _SORT_SIGN_PX) + 2 * _PADDING_PX
            )
            self.setColumnWidth(index, wide_px)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if event is not None and event.key() == Qt.Key.Key_Escape:
            self._selection.clear()
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        # A click beside the rows would pick nobody, which means everybody.
        if event is not None and self.indexAt(event.position().toPoint()).isValid():
            super().mousePressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent | None) -> None:
        index = self.indexAt(event.pos()) if event is not None else QModelIndex()
        if event is None or not index.isValid():
            return
        drone = self._drones.drone_id(self._proxy.mapToSource(index).row())
        if drone not in self._selection.drones:
            self._selection.pick({drone})
        menu = self._fleet_menu(drone)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        # not exec: everything else goes on while it is open
        menu.popup(event.globalPos())

    def _picked(self, _on: QItemSelection, _off: QItemSelection) -> None:
        picked = self.selectionModel()
        if not self._showing and picked is not None:
            self._selection.pick(self._drones.drone_id(self._proxy.mapToSource(index).row()) for index in picked.selectedRows())

    def _show_picked(self) -> None:
        picked = self.selectionModel()
        assert picked is not None
        wanted = QItemSelection()
        for drone in self._selection.drones:
            index = self._proxy.mapFromSource(self._drones.index(self._drones.row_of(drone), 0))
            wanted.select(index, index)
        self._showing = True
        picked.select(wanted, QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows)
        self._showing = False


def _alignment(column: int) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if COLUMNS[column].numeric else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter


def swatch(style: NationStyle, theme: Theme, side_px: int, ratio: float) -> QIcon:
    """A nation's colour as a small square with a rim, which is seen on a selected row too."""
    picture = QPixmap(round(side_px * ratio), round(side_px * ratio))
    picture.setDevicePixelRatio(ratio)
    picture.fill(QColor(theme.base))
    painter = QPainter(picture)
    painter.fillRect(QRectF(1.5, 1.5, side_px - 3, side_px - 3), style.colour)
    painter.end()
    icon = QIcon(picture)
    icon.addPixmap(picture, QIcon.Mode.Selected)  # Qt would tint it
    return icon
