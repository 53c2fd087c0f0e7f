"""What mouse and keys do on the map, one tool at a time: look around and pick drones, or measure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from PyQt6.QtCore import QPointF, Qt
from PyQt6.QtGui import QCursor, QKeyEvent, QMouseEvent
from PyQt6.QtWidgets import QApplication, QWidget

from gui.models.map_model import MapModel, Tool
from gui.models.selection import Selection
from planner.geo import LatLon


class MapTool(Protocol):
    """The map passes on what the operator does; `key` says whether it was for the tool."""

    @property
    def cursor(self) -> QCursor: ...

    def press(self, event: QMouseEvent) -> None: ...

    def move(self, event: QMouseEvent) -> None: ...

    def release(self, event: QMouseEvent) -> None: ...

    def double_click(self, event: QMouseEvent) -> None: ...

    def key(self, event: QKeyEvent) -> bool: ...


class LookTool:
    """Drag to pan, click a drone to pick it."""

    def __init__(self, view: QWidget, model: MapModel, selection: Selection, drone_at: Callable[[QPointF], str | None]) -> None:
        self._view = view
        self._model = model
        self._selection = selection
        self._drone_at = drone_at
        self._pressed_at: QPointF | None = None
        self.dragging = False
        """Whether the press that is on, or was last, has moved the map."""

    @property
    def cursor(self) -> QCursor:
        return QCursor(Qt.CursorShape.ClosedHandCursor if self._pressed_at is not None and self.dragging else Qt.CursorShape.ArrowCursor)

    def press(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton:
            self._pressed_at, self.dragging = event.position(), False

    def move(self, event: QMouseEvent) -> None:
        if self._pressed_at is None or not event.buttons() & Qt.MouseButton.LeftButton:
            return
        way = event.position() - self._pressed_at
        if not self.dragging and way.manhattanLength() < QApplication.startDragDistance():
            return
        self.dragging = True
        self._pressed_at = event.position()
        self._view.setCursor(self.cursor)
        self._model.pan(dx_px=way.x(), dy_px=way.y())

    def release(self, event: QMouseEvent) -> None:
        if event.button() is not Qt.MouseButton.LeftButton or self._pressed_at is None:
            return
        self._pressed_at = None
        if not self.dragging and self._model.tool is Tool.LOOK:
            self._click(event.position(), add=bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier))

    def double_click(self, event: QMouseEvent) -> None:
        self.press(event)

    def key(self, _event: QKeyEvent) -> bool:
        return False

    def _click(self, place: QPointF, *, add: bool) -> None:
        # A click beside a drone changes nothing: the next order must not reach everyone because a hand slipped.
        drone = self._drone_at(place)
        if drone is not None and add:
            self._selection.toggle(drone)
        elif drone is not None:
            self._selection.pick({drone})


class PlacingTool:
    """Clicks place points, dragging pans as when looking around."""

    def __init__(self, model: MapModel, look: LookTool) -> None:
        self._model = model
        self._look = look

    @property
    def cursor(self) -> QCursor:
        return QCursor(Qt.CursorShape.CrossCursor)

    def press(self, event: QMouseEvent) -> None:
        self._look.press(event)

    def move(self, event: QMouseEvent) -> None:
        self._look.move(event)

    def placed(self, event: QMouseEvent) -> LatLon | None:
        """Where the click was that ends with this release, if it is one."""
        self._look.release(event)
        return self._model.cursor if event.button() is Qt.MouseButton.LeftButton and not self._look.dragging else None


class MeasureTool(PlacingTool):
    """Click to lay the line; backspace takes a point back, Esc or a double click ends."""

    def move(self, event: QMouseEvent) -> None:
        super().move(event)
        self._model.measure.point_at(self._model.cursor)

    def release(self, event: QMouseEvent) -> None:
        place = self.placed(event)
        if place is not None:
            self._model.measure.add(place)

    def double_click(self, _event: QMouseEvent) -> None:
        """The two clicks have set the last point already; the line stays to be read."""
        self._model.measure.point_at(None)

    def key(self, event: QKeyEvent) -> bool:
        match event.key():
            case Qt.Key.Key_Escape if self._model.measure.points:
                self._model.measure.clear()
            case Qt.Key.Key_Escape:
                self._model.take_tool(Tool.LOOK)
            case Qt.Key.Key_Backspace:
                self._model.measure.take_back()
            case _:
                return False
        return True
