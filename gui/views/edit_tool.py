"""The editing tools of the map: get hold of shapes and bases, or draw new ones; what is nobody's pans the map."""

from __future__ import annotations

import numpy as np
from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QCursor, QKeyEvent, QMouseEvent, QPainter, QPolygonF

from gui.models.map_model import MapModel, Tool
from gui.models.map_scene import Points
from gui.models.mission_draft import Item
from gui.models.shape_edit import Drawing, Hit, ShapeEdit
from gui.models.shapes import Shape, Vertex, vertex_of
from gui.models.viewport import Viewport
from gui.views.map_tools import LookTool, PlacingTool
from gui.views.pens import draw_lines, line_pen, pen
from gui.views.scene_paths import lines_of, segments_of
from gui.views.theme import Theme
from planner.geo import LatLon, LocalFrame

_HANDLE_PX = 7.0
#: Handles nearer than this to the one before are left out; they come when one zooms in.
_APART_PX = 9.0
#: An outline beyond the view by this much is not drawn.
_EDGE_PX = 4.0


class EditTool:
    """Drag a corner, press an edge for a new one, right click or Delete takes one away; drag a base."""

    def __init__(self, model: MapModel, look: LookTool, edit: ShapeEdit) -> None:
        self._model = model
        self._look = look
        self._edit = edit
        self._holding = False

    @property
    def cursor(self) -> QCursor:
        hit = self._edit.hovered
        if self._holding:
            return QCursor(Qt.CursorShape.ClosedHandCursor)
        if hit is None:
            return QCursor(Qt.CursorShape.ArrowCursor)
        return QCursor(Qt.CursorShape.CrossCursor if hit.on_edge else Qt.CursorShape.PointingHandCursor)

    def press(self, event: QMouseEvent) -> None:
        vertex, hit = self._vertex(), self._hit(event.position())
        if event.button() is Qt.MouseButton.RightButton and hit is not None and hit.spot is not None and not hit.on_edge:
            self._edit.delete(hit.spot)
        elif event.button() is Qt.MouseButton.LeftButton:
            self._holding = vertex is not None and self._edit.press(hit, vertex)
            if not self._holding:
                self._look.press(event)

    def move(self, event: QMouseEvent) -> None:
        vertex = self._vertex()
        if self._holding and vertex is not None:
            self._edit.drag(vertex)
        elif not self._holding:
            self._look.move(event)
            self._edit.hover(self._hit(event.position()))

    def release(self, event: QMouseEvent) -> None:
        if self._holding and event.button() is Qt.MouseButton.LeftButton:
            self._holding = False
            self._edit.release()
        else:
            self._look.release(event)

    def double_click(self, event: QMouseEvent) -> None:
        self.press(event)

    def key(self, event: QKeyEvent) -> bool:
        match event.key():
            case Qt.Key.Key_Delete | Qt.Key.Key_Backspace:
                self._edit.delete()
            case Qt.Key.Key_Escape if self._edit.picked is not None:
                self._edit.pick(None)
            case Qt.Key.Key_Escape:
                self._model.take_tool(Tool.LOOK)
            case _:
                return False
        return True

    def _vertex(self) -> Vertex | None:
        return None if self._model.cursor is None else vertex_of(self._model.cursor)

    def _hit(self, place: QPointF) -> Hit | None:
        scene = self._model.scene
        return None if scene is None else self._edit.hit(place.x(), place.y(), self._model.viewport, scene.frame)


class DrawTool(PlacingTool):
    """Clicks are corners; Enter or a double click ends."""

    def release(self, event: QMouseEvent) -> None:
        place, drawing = self.placed(event), self._model.drawing
        if place is not None and drawing is not None:
            self._go_on(ended=drawing.add(vertex_of(place)))

    def double_click(self, _event: QMouseEvent) -> None:
        self._go_on(ended=self._model.drawing is not None and self._model.drawing.end())

    def key(self, event: QKeyEvent) -> bool:
        drawing = self._model.drawing
        if drawing is None:
            return False
        match event.key():
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                self._go_on(ended=drawing.end())
            case Qt.Key.Key_Backspace:
                drawing.take_back()
                self._go_on(ended=False)
            case Qt.Key.Key_Escape:
                self._model.draw(None)
            case _:
                return False
        return True

    def _go_on(self, *, ended: bool) -> None:
        if ended:
            self._model.draw(None)
        else:
            self._model.changed.emit()


def paint_edit(painter: QPainter, viewport: Viewport, frame: LocalFrame, theme: Theme, edit: ShapeEdit) -> None:
    """The outline under the mouse, and the picked one with handles at its corners."""
    hovered, picked = edit.hovered, edit.item
    if hovered is not None and (picked is None or hovered.item.path != picked.path):
        _outline(painter, viewport, frame, theme, edit, hovered.item, width_px=2.0)
    if picked is not None:
        _outline(painter, viewport, frame, theme, edit, picked, width_px=2.6)
        if picked.shape is not None:
            _handles(painter, viewport, theme, edit, picked.shape, _pixels(edit.local(picked.shape, frame), viewport))


def _outline(
    painter: QPainter, viewport: Viewport, frame: LocalFrame, theme: Theme, edit: ShapeEdit, item: Item, *, width_px: float
) -> None:
    if item.point is not None:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(pen(theme.accent, width_px))
        place = QPointF(*viewport.to_screen(**_east_north(item.point, frame)))
        painter.drawEllipse(place, 15.0, 15.0)
    elif item.shape is not None:
        corners, first = _pixels(edit.local(item.shape, frame), viewport), 0
        for ring in item.shape.rings:
            line = corners[first : first + len(ring)]
            first += len(ring)
            if item.shape.closed:
                line = np.vstack([line, line[:1]])
            draw_lines(painter, lines_of(_visible(segments_of(_thinned(line)), viewport)), line_pen(theme.accent, width_px))


def _thinned(line: Points) -> Points:
    """Without corners on the same pixel as the one before: thousands are drawn many times while one is dragged."""
    pixels = np.floor(line)
    moved = (pixels[1:] != pixels[:-1]).any(axis=1)
    return line[np.concatenate([[True], moved[:-1], [True]])] if len(line) > 2 else line


def _visible(segments: Points, viewport: Viewport) -> Points:
    """Without those that lie beyond one edge of the view."""
    x, y = segments[:, 0::2], segments[:, 1::2]
    beyond = (x < -_EDGE_PX).all(axis=1) | (x > viewport.width_px + _EDGE_PX).all(axis=1)
    beyond |= (y < -_EDGE_PX).all(axis=1) | (y > viewport.height_px + _EDGE_PX).all(axis=1)
    return segments[~beyond]


def _handles(painter: QPainter, viewport: Viewport, theme: Theme, edit: ShapeEdit, shape: Shape, corners: Points) -> None:
    hot = edit.hovered.spot if edit.hovered is not None and not edit.hovered.on_edge else None
    special = {shape.row(spot) for spot in (edit.corner, hot) if spot is not None and shape.has(spot)}
    within = ((corners >= 0) & (corners <= (viewport.width_px, viewport.height_px))).all(axis=1)
    rows = np.flatnonzero(within)
    plain, large, last = [], [], (-_APART_PX, -_APART_PX)
    for row, (x, y) in zip(rows.tolist(), corners[rows].tolist(), strict=True):
        if row in special:
            large.append(QRectF(x - _HANDLE_PX / 2 - 2, y - _HANDLE_PX / 2 - 2, _HANDLE_PX + 4, _HANDLE_PX + 4))
        elif abs(x - last[0]) + abs(y - last[1]) >= _APART_PX:
            plain.append(QRectF(x - _HANDLE_PX / 2, y - _HANDLE_PX / 2, _HANDLE_PX, _HANDLE_PX))
        else:
            continue
        last = x, y
    painter.setPen(pen(theme.accent, 1.6))
    for colour, boxes in ((theme.map_halo, plain), (theme.accent, large)):
        painter.setBrush(QColor(colour))
        if boxes:
            painter.drawRects(*boxes)


def paint_drawing(painter: QPainter, viewport: Viewport, frame: LocalFrame, theme: Theme, drawing: Drawing, mouse: Vertex | None) -> None:
    """The corners so far, and the line to the mouse."""
    vertices = (*drawing.corners, *([mouse] if mouse is not None else []))
    corners = [QPointF(*viewport.to_screen(**_east_north(vertex, frame))) for vertex in vertices]
    painter.setBrush(QColor(theme.map_halo))
    painter.setPen(pen(theme.accent, 2.4))
    painter.drawPolyline(QPolygonF(corners))
    if drawing.least > 2 and len(corners) > 2:
        painter.setPen(pen(theme.accent, 1.4, Qt.PenStyle.DashLine))
        painter.drawLine(corners[-1], corners[0])
    painter.setPen(pen(theme.accent, 1.6))
    for corner in corners[: len(drawing.corners)]:
        painter.drawEllipse(corner, 4.0, 4.0)


def _pixels(local: Points, viewport: Viewport) -> Points:
    """From metres of the scene's frame to the screen, row by row."""
    scale = 1.0 / viewport.metres_per_px
    x_px = viewport.width_px / 2 + (local[:, 0] - viewport.centre_east_m) * scale
    y_px = viewport.height_px / 2 - (local[:, 1] - viewport.centre_north_m) * scale
    return np.column_stack([x_px, y_px])


def _east_north(vertex: Vertex, frame: LocalFrame) -> dict[str, float]:
    east_m, north_m = frame.point_to_local(LatLon(lat_deg=vertex[1], lon_deg=vertex[0]))
    return {"east_m": east_m, "north_m": north_m}
