"""Paints raster tiles: each picture is drawn onto the four-sided piece of ground that it shows."""

from __future__ import annotations

from PyQt6.QtCore import QPointF, QRectF
from PyQt6.QtGui import QPainter, QPolygonF, QTransform

from gui.models.raster_tiles import TileSource, corners_m, tiles_in_view
from gui.models.viewport import Viewport
from gui.tile_images import TileImages
from planner.geo import LocalFrame


def paint_tiles(painter: QPainter, viewport: Viewport, frame: LocalFrame, source: TileSource, images: TileImages) -> None:
    """What of them is there; the rest is painted when it has come."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    for tile, image in images.of(source.path, tiles_in_view(source, viewport, frame)).items():
        corners = [QPointF(*viewport.to_screen(east_m=east_m, north_m=north_m)) for east_m, north_m in corners_m(tile, frame).tolist()]
        box = QRectF(image.rect())
        picture, placed = QPolygonF([box.topLeft(), box.topRight(), box.bottomRight(), box.bottomLeft()]), QTransform()
        if QTransform.quadToQuad(picture, QPolygonF(corners), placed):
            painter.setTransform(placed, True)
            painter.drawImage(box, image)
            painter.resetTransform()
    painter.restore()
