"""Paints what lies under the scene: sea and land, the user's own geometry, the graticule."""

from __future__ import annotations

from itertools import pairwise

import shapely
from PyQt6.QtCore import QLineF, QPointF, QRectF
from PyQt6.QtGui import QColor, QFontMetricsF, QPainter, QPainterPath, QPolygonF
from shapely.geometry.base import BaseGeometry

from gui.models.basemap import Ground, GroundLayer
from gui.models.graticule import graticule
from gui.models.map_layers import Layer, LayerLook, OwnLayer
from gui.models.viewport import Viewport
from gui.tile_images import TileImages
from gui.views.name_painter import name_picture
from gui.views.pens import draw_lines, faded, line_pen, pen
from gui.views.raster_painter import paint_tiles
from gui.views.scene_paths import grid_box, lines_of, path_of, segments_of, to_screen
from gui.views.theme import Theme
from planner.geo import LocalFrame

#: Closer than this, lines that are off by kilometres would only mislead.
_NO_BORDERS_M_PER_PX = 25.0
_NAMED_PX = 70.0
#: The north arrow stands there.
_CORNER_PX = 46.0
_OWN_COLOURS = ("#3d7a5c", "#7a5c3d", "#5c3d7a", "#3d5c7a")


class GroundPainter:
    """For one theme and device pixel ratio. What of a layer is near the view is cut out once and kept while the view stays near."""

    def __init__(self, theme: Theme, ratio: float, tiles: TileImages) -> None:
        self._theme = theme
        self._ratio = ratio
        self._tiles = tiles
        self._near: dict[int, _Near] = {}

    def paint(
        self, painter: QPainter, viewport: Viewport, look: LayerLook, grounds: tuple[GroundLayer, ...], own: tuple[OwnLayer, ...]
    ) -> None:
        """Over a picture filled with plain ground."""
        self._near = {id(layer): self._near.get(id(layer)) or _Near(layer) for layer in grounds}
        painter.save()
        for layer in grounds:
            if layer.path is None and Layer.BASEMAP in look:
                painter.setOpacity(look.opacity(Layer.BASEMAP))
                self._land(painter, viewport, self._near[id(layer)])
        for index, mine in enumerate(own):
            read = next((layer for layer in grounds if layer.path == mine.path), None)
            if read is not None and mine.shown:
                painter.setOpacity(mine.opacity)
                if read.tiles is not None:
                    paint_tiles(painter, viewport, read.frame, read.tiles, self._tiles)
                self._own(painter, viewport, self._near[id(read)], _OWN_COLOURS[index % len(_OWN_COLOURS)])
        painter.restore()

    def _land(self, painter: QPainter, viewport: Viewport, near: _Near) -> None:
        near.cut(viewport)
        painter.fillRect(QRectF(0, 0, viewport.width_px, viewport.height_px), QColor(self._theme.map_sea))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setTransform(to_screen(viewport), True)
        painter.fillPath(near.fill, QColor(self._theme.map_ground))
        if viewport.metres_per_px > _NO_BORDERS_M_PER_PX:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            draw_lines(painter, near.lines, line_pen(self._theme.map_coast, 1.2))
        painter.resetTransform()
        self._names(painter, viewport, near.pieces, self._theme.muted)

    def _own(self, painter: QPainter, viewport: Viewport, near: _Near, colour: str) -> None:
        near.cut(viewport)
        shade = QColor(colour).lighter(150) if self._theme.dark else QColor(colour)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setTransform(to_screen(viewport), True)
        painter.fillPath(near.fill, faded(shade, 0.14))
        draw_lines(painter, near.lines, line_pen(shade, 1.5))
        if not near.points.isEmpty():
            painter.setPen(pen(shade, 6.0))
            painter.drawPoints(near.points)
        painter.resetTransform()
        self._names(painter, viewport, near.pieces, shade.name())

    def _names(self, painter: QPainter, viewport: Viewport, pieces: tuple[Ground, ...], colour: str) -> None:
        """Names where what is in view of a piece is large enough."""
        west_m, south_m = viewport.to_ground(x_px=0.0, y_px=viewport.height_px)
        east_m, north_m = viewport.to_ground(x_px=viewport.width_px, y_px=0.0)
        for piece in pieces:
            seen = shapely.clip_by_rect(piece.geometry, west_m, south_m, east_m, north_m) if piece.name else None
            if seen is None or seen.is_empty:
                continue
            wide_px = (seen.bounds[2] - seen.bounds[0]) / viewport.metres_per_px
            place = seen.representative_point()
            if wide_px >= _NAMED_PX or seen.geom_type == "Point":
                picture = name_picture(piece.name, painter.font().toString(), colour, self._theme.map_halo, self._ratio)
                x_px, y_px = viewport.to_screen(east_m=place.x, north_m=place.y)
                size = picture.deviceIndependentSize()
                painter.drawPixmap(QPointF(round(x_px - size.width() / 2), round(y_px - size.height() / 2)), picture)


class _Near:
    """What of one layer lies near the view, as Qt draws it fast."""

    def __init__(self, layer: GroundLayer) -> None:
        self._layer = layer
        self._cut_to: tuple[float, ...] | None = None
        self.pieces: tuple[Ground, ...] = ()
        self.fill = QPainterPath()
        self.lines: list[QLineF] = []
        self.points = QPolygonF()

    def cut(self, viewport: Viewport) -> None:
        box = grid_box(viewport)
        if box == self._cut_to:
            return
        self._cut_to = box
        cut = ((piece, shapely.clip_by_rect(piece.geometry, *box)) for piece in self._layer.pieces)
        self.pieces = tuple(Ground(name=piece.name, geometry=part) for piece, part in cut if not part.is_empty)
        shapes = [part for piece in self.pieces for part in _flat(piece.geometry)]
        self.fill = path_of(shapely.GeometryCollection([shape for shape in shapes if shape.geom_type == "Polygon"]))
        rings = [line for shape in shapes for line in _lines(shape)]
        self.lines = [line for ring in rings for line in lines_of(segments_of(shapely.get_coordinates(ring)))]
        self.points = QPolygonF([QPointF(shape.x, shape.y) for shape in shapes if isinstance(shape, shapely.Point)])


def _flat(geometry: BaseGeometry) -> list[BaseGeometry]:
    parts: list[BaseGeometry] = shapely.get_parts(geometry).tolist()
    return [each for part in parts for each in (_flat(part) if part.geom_type in _COLLECTIONS else [part])]


_COLLECTIONS = ("MultiPolygon", "MultiLineString", "MultiPoint", "GeometryCollection")


def _lines(shape: BaseGeometry) -> list[BaseGeometry]:
    if shape.geom_type == "Polygon":
        rings: list[BaseGeometry] = shapely.get_rings(shape).tolist()
        return rings
    return [shape] if shape.geom_type in ("LineString", "LinearRing") else []


def paint_graticule(painter: QPainter, viewport: Viewport, frame: LocalFrame, theme: Theme, opacity: float) -> None:
    """Lines over the ground, their names at the left and the upper edge."""
    lines = graticule(viewport, frame)
    painter.save()
    painter.setOpacity(opacity)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    metrics = QFontMetricsF(painter.font())
    free_px = viewport.width_px - _CORNER_PX
    places: list[tuple[QPointF, str]] = []
    for line in lines:
        corners = [QPointF(*viewport.to_screen(east_m=e, north_m=n)) for e, n in line.points.tolist()]
        painter.setPen(pen(faded(theme.map_text, 0.35), 1.0))
        painter.drawPolyline(QPolygonF(corners))
        place = _crossing(corners, viewport, top=line.meridian)
        if place is not None and place.x() + metrics.horizontalAdvance(line.name) < free_px:
            beside = QPointF(3.0, metrics.ascent() + 1.0) if line.meridian else QPointF(3.0, -3.0)
            places.append((place + beside, line.name))
    painter.setPen(QColor(theme.map_text))
    for place, name in places:
        painter.drawText(place, name)
    painter.restore()


def _crossing(corners: list[QPointF], viewport: Viewport, *, top: bool) -> QPointF | None:
    """Where the line crosses the upper (or left) edge of the view."""
    for a, b in pairwise(corners):
        before, after = (a.y(), b.y()) if top else (a.x(), b.x())
        if min(before, after) <= 0.0 <= max(before, after) and before != after:
            part = -before / (after - before)
            place = a + (b - a) * part
            if 0 <= place.x() <= viewport.width_px and 0 <= place.y() <= viewport.height_px:
                return place
    return None
