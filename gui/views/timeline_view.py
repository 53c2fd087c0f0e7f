"""The timeline of a plan, painted: rows are drones, bars sorties; a click on one shows it on the map."""

from __future__ import annotations

from PyQt6.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, Qt
from PyQt6.QtGui import QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent, QWheelEvent
from PyQt6.QtWidgets import QAbstractScrollArea, QApplication, QToolTip

from gui.documents import Documents
from gui.models.fleet import FleetModel
from gui.models.map_model import MapModel
from gui.models.time_axis import TimeAxis
from gui.models.timeline import SortieBar, Timeline, timeline_of
from gui.models.words import tr
from gui.views.theme import NationStyle, Theme, nation_styles
from gui.views.throttle import Throttle
from gui.views.timeline_painter import TimelineLayout, TimelinePainter

_REFRESH_MS = 200
_WHEEL_STEP = 1.25
_MOVES = {
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
    Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
}


class TimelineView(QAbstractScrollArea):
    """The wheel zooms with Ctrl, dragging pans, a double click shows all; arrow keys go from sortie to sortie."""

    def __init__(self, documents: Documents, fleet: FleetModel, map_model: MapModel, *, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("timeline")
        self.setAccessibleName(tr("Timeline"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMinimumSize(QSize(200, 80))
        self._documents = documents
        self._fleet = fleet
        self._map = map_model
        self._theme = theme
        self._styles: dict[str, NationStyle] = {}
        self._shown: object = None
        self._sortie: str | None = None
        self._pressed_at: QPointF | None = None
        self._dragging = False
        self.timeline = Timeline()
        self.axis = self._widest = TimeAxis()
        documents.changed.connect(self._refresh)
        map_model.changed.connect(self._show_picked)
        fleet.changed.connect(Throttle(self._repaint, _REFRESH_MS, self))
        self._refresh()

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self._style()

    def bar_box(self, sortie: str) -> QRectF:
        """Where the sortie's bar is in the viewport."""
        place = self.timeline.place_of(sortie)
        assert place is not None
        row, index = place
        return self._layout().bar_box(row, self.timeline.rows[row].bars[index])

    # --- following the models ----------------------------------------------------------------------------------------

    def _refresh(self) -> None:
        document = self._documents.current
        plan = None if document is None else document.plan
        if plan is not self._shown:
            self._shown, self.timeline = plan, timeline_of(plan)
            self._style()
            self._fit()

    def _style(self) -> None:
        document = self._documents.current
        self._styles = nation_styles(document.content.nations, self._theme) if document is not None else {}
        self._repaint()

    def _show_picked(self) -> None:
        if self._map.sortie != self._sortie:
            self._sortie = self._map.sortie
            self._repaint()

    def _repaint(self) -> None:
        viewport = self.viewport()
        assert viewport is not None
        viewport.update()

    def _layout(self) -> TimelineLayout:
        bar = self.verticalScrollBar()
        assert bar is not None
        return TimelineLayout.of(self.timeline, self.fontMetrics(), self.axis, scrolled_px=bar.value())

    def _fit(self) -> None:
        viewport, bar = self.viewport(), self.verticalScrollBar()
        assert viewport is not None
        assert bar is not None
        layout = self._layout()
        all_in_view = self.axis == self._widest
        self._widest = TimeAxis().fitted(self.timeline.end_s, width_px=viewport.width() - layout.gutter_px)
        self.axis = self._widest if all_in_view else self.axis.within(self._widest)
        bar.setPageStep(max(1, viewport.height() - round(layout.header_px)))
        bar.setSingleStep(round(layout.row_px))
        bar.setRange(0, max(0, round(layout.rows_px) - bar.pageStep()))
        self._repaint()

    # --- Qt's events -------------------------------------------------------------------------------------------------

    def paintEvent(self, _event: QPaintEvent | None) -> None:
        viewport = self.viewport()
        assert viewport is not None
        painter = QPainter(viewport)
        progress = {drone.id: drone.progress for drone in self._fleet.drones.values()}
        timeline_painter = TimelinePainter(painter, self.timeline, self._layout(), self._theme, self._styles)
        timeline_painter.paint(QRectF(viewport.rect()), progress, self._sortie, self._fleet.patrol_now_s)
        painter.end()

    def resizeEvent(self, _event: QResizeEvent | None) -> None:
        self._fit()

    def wheelEvent(self, event: QWheelEvent | None) -> None:
        if event is None or not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            super().wheelEvent(event)
            return
        x_px = event.position().x() - self._layout().gutter_px
        self.axis = self.axis.zoomed(_WHEEL_STEP ** (event.angleDelta().y() / 120.0), x_px=x_px, widest=self._widest)
        self._repaint()
        event.accept()

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        if event is not None and event.button() is Qt.MouseButton.LeftButton:
            self._pressed_at, self._dragging = event.position(), False

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        if event is None or self._pressed_at is None:
            return
        way = event.position() - self._pressed_at
        if self._dragging or way.manhattanLength() >= QApplication.startDragDistance():
            self._dragging, self._pressed_at = True, event.position()
            self.axis = self.axis.panned(way.x(), widest=self._widest)
            self._repaint()

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:
        if event is None or self._pressed_at is None:
            return
        if not self._dragging:
            bar = self._bar_at(event.position())
            self._map.pick_sortie(None if bar is None else bar.sortie)
        self._pressed_at = None

    def mouseDoubleClickEvent(self, event: QMouseEvent | None) -> None:
        if event is not None and self._bar_at(event.position()) is None:
            self.axis = self._widest
            self._repaint()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if event is None:
            return
        move = _MOVES.get(Qt.Key(event.key()))
        if move is not None:
            rows, bars = move
            self._map.pick_sortie(self.timeline.beside(self._map.sortie, rows=rows, bars=bars))
        elif event.key() == Qt.Key.Key_Escape:
            self._map.pick_sortie(None)
        else:
            super().keyPressEvent(event)

    def viewportEvent(self, event: QEvent | None) -> bool:
        if isinstance(event, QHelpEvent) and event.type() is QEvent.Type.ToolTip:
            QToolTip.showText(event.globalPos(), self.tip_at(event.pos()), self)
            return True
        return super().viewportEvent(event)

    def tip_at(self, place: QPoint) -> str:
        """What is under the mouse, in words."""
        bar = self._bar_at(QPointF(place))
        return "" if bar is None else bar.tip

    def _bar_at(self, place: QPointF) -> SortieBar | None:
        layout = self._layout()
        index = layout.row_at(place.y())
        if index is None or place.x() < layout.gutter_px:
            return None
        return next((bar for bar in self.timeline.rows[index].bars if layout.bar_box(index, bar).contains(place)), None)
