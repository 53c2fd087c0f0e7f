"""Paints what does not move: ground first, then limits, lanes, routes with their direction; apart from that, places and names."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

import numpy as np
from PyQt6.QtCore import QPointF, Qt
from PyQt6.QtGui import QBrush, QColor, QPainter, QPainterPath, QPolygonF

from gui.models.map_layers import Layer, LayerLook
from gui.models.map_scene import MapScene, Patch, Points
from gui.models.viewport import Viewport
from gui.views.hatching import TILE_PX, hatched, mixed
from gui.views.name_painter import NamePainter
from gui.views.pens import dash_pen, draw_lines, faded, line_pen, pen
from gui.views.scene_paths import RoutePaths, ScenePaths, sortie_paths, to_screen
from gui.views.sprites import SpriteSheet, Stamp
from gui.views.theme import NationStyle, Theme
from planner.geo import LocalFrame

#: An arrow needs a leg this long, and a square of this size of its own.
_ARROW_LEG_PX = 34.0
_ARROW_GRID_PX = 64.0
#: Names of ground are left out where the ground is smaller on screen.
_SMALLEST_NAMED_PX = 40.0
_TINT, _HATCH = 0.12, 0.38
#: How far a base's symbol reaches, and its name is from the middle: clear of a drone that stands there, whatever square it is in.
_BASE_PX, _BASE_NAME_PX = 9.0, 12.0


class ScenePainter:
    """One scene in one theme, for one device pixel ratio; it may be painted in any viewport."""

    def __init__(
        self, scene: MapScene, paths: ScenePaths, theme: Theme, styles: dict[str, NationStyle], ratio: float, arrows: SpriteSheet
    ) -> None:
        """`arrows` are an `arrow_sheet` of the same look."""
        self._scene = scene
        self._paths = paths
        self._theme = theme
        self._styles = styles
        self._ratio = ratio
        self._ground_brushes = {nation: self._ground_brush(style) for nation, style in styles.items()}
        self._sprites = arrows
        red = QColor(theme.keep_out)
        self._keep_out_brush = hatched(
            mixed(theme.map_area, red, 0.2), mixed(theme.map_area, red, 0.75), Qt.BrushStyle.DiagCrossPattern, ratio
        )

    @property
    def frame(self) -> LocalFrame:
        return self._scene.frame

    def _ground_brush(self, style: NationStyle) -> QBrush:
        ground = self._theme.map_area
        return hatched(mixed(ground, style.colour, _TINT), mixed(ground, style.colour, _HATCH), style.pattern, self._ratio)

    def paint_ground(
        self, painter: QPainter, viewport: Viewport, look: LayerLook, highlighted: frozenset[str], sortie: str | None = None
    ) -> None:
        """What may be kept as a picture of this viewport. `highlighted` drones' routes stand out, the others step back.

        So does a `sortie`, and its lanes most of all; it is drawn whatever layers are on.
        """
        picked = sortie_paths(self._scene, sortie)
        painter.save()
        painter.setTransform(to_screen(viewport))
        self._ground(painter, viewport, look)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._limits(painter, viewport, look)
        if _shows(painter, look, Layer.LANES):
            self._lanes(painter)
        if _shows(painter, look, Layer.ROUTES):
            self._routes(painter, highlighted, back=picked is not None)
        painter.setOpacity(1.0)
        if picked is not None:
            self._picked_sortie(painter, picked)
        if _shows(painter, look, Layer.BORDER):
            painter.strokePath(self._paths.border.near(viewport), dash_pen(self._theme.border_line, 2.2, Qt.PenStyle.DashDotLine))
        painter.restore()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if _shows(painter, look, Layer.ROUTES):
            self._arrows(painter, viewport, highlighted, picked)
        painter.setOpacity(1.0)

    def paint_places(self, painter: QPainter, viewport: Viewport, look: LayerLook, mark: int | None = None) -> None:
        """Priorities, bases and marks: few and quick, so that they can lie over trails. The `mark` of this index has a ring."""
        if _shows(painter, look, Layer.PRIORITIES):
            self._places(painter, viewport)
        if _shows(painter, look, Layer.BASES):
            self._bases(painter, viewport)
        if _shows(painter, look, Layer.VIOLATIONS):
            self._marks(painter, viewport, mark)
        painter.setOpacity(1.0)

    def name_places(self, viewport: Viewport, look: LayerLook, names: NamePainter) -> None:
        """Names of bases, keep-outs, priorities and sectors, where there is room."""
        if Layer.BASES in look:
            for base in self._scene.bases:
                x_px, y_px = viewport.to_screen(east_m=base.east_m, north_m=base.north_m)
                # drones that stand on a base have their names beside it
                names.below(base.id, self._theme.map_text, x_px, y_px, distance_px=_BASE_NAME_PX)
                names.keep_free(np.array([[x_px, y_px]]), _BASE_PX)
        if Layer.KEEP_OUTS in look:
            self._patch_names((keep_out.inner for keep_out in self._scene.keep_outs), viewport, names)
        if Layer.PRIORITIES in look:
            self._priority_names(viewport, names)
        if Layer.SECTORS in look:
            self._patch_names(self._scene.sectors, viewport, names)

    # Filled without antialiasing, which takes a third of the time: every edge is drawn afterwards.
    def _ground(self, painter: QPainter, viewport: Viewport, look: LayerLook) -> None:
        painter.fillPath(self._paths.area.path, QColor(self._theme.map_area))
        if _shows(painter, look, Layer.SECTORS):
            for nation, ground in self._paths.sectors:
                _fill(painter, ground.path, self._ground_brushes[nation], viewport)
        if _shows(painter, look, Layer.BORDER):
            painter.fillPath(self._paths.border_band, faded(self._theme.border_line, 0.16))
        if _shows(painter, look, Layer.KEEP_OUTS):
            for keep_out in self._paths.keep_outs:
                painter.fillPath(keep_out.grown, faded(self._theme.keep_out, 0.14))
                _fill(painter, keep_out.inner.path, self._keep_out_brush, viewport)
        painter.setOpacity(1.0)
        for ground in self._paths.unreachable:
            painter.fillPath(ground.path, faded(self._theme.warning, 0.4))

    def _limits(self, painter: QPainter, viewport: Viewport, look: LayerLook) -> None:
        draw_lines(painter, self._paths.area.outline, line_pen(self._on_ground(QColor(self._theme.map_text), 0.65), 1.4))
        if _shows(painter, look, Layer.SECTORS):
            for nation, ground in self._paths.sectors:
                draw_lines(painter, ground.outline, line_pen(self._on_ground(self._styles[nation].colour, 0.7), 1.2))
        if _shows(painter, look, Layer.PERMISSIONS):
            for nation, limit in self._paths.permissions:
                painter.strokePath(limit.near(viewport), dash_pen(self._styles[nation].colour, 1.8, Qt.PenStyle.DotLine))
        if _shows(painter, look, Layer.PRIORITIES):
            for way in self._paths.priorities:
                painter.fillPath(way.path, faded(self._theme.priority, 0.14))
                draw_lines(painter, way.outline, line_pen(self._on_ground(QColor(self._theme.priority), 0.75), 3.0))
        if _shows(painter, look, Layer.KEEP_OUTS):
            for keep_out in self._paths.keep_outs:
                painter.strokePath(keep_out.limit.near(viewport), dash_pen(self._theme.keep_out, 1.2, Qt.PenStyle.DashLine))
                draw_lines(painter, keep_out.inner.outline, line_pen(self._theme.keep_out, 1.6))
        painter.setOpacity(1.0)
        for ground in self._paths.unreachable:
            draw_lines(painter, ground.outline, line_pen(self._theme.warning, 1.4))

    def _lanes(self, painter: QPainter) -> None:
        for nation, lines in self._paths.lanes:
            draw_lines(painter, lines, line_pen(self._on_ground(self._styles[nation].colour, 0.28), 4.0))

    def _routes(self, painter: QPainter, highlighted: frozenset[str], *, back: bool) -> None:
        for route in self._paths.routes:
            self._route(painter, route, opacity=0.3 if highlighted or back else 1.0, width_px=1.6)
        for route in self._chosen(highlighted):
            self._route(painter, route, opacity=0.5 if back else 1.0, width_px=1.8 if back else 2.6)

    def _picked_sortie(self, painter: QPainter, route: RoutePaths) -> None:
        draw_lines(painter, route.sweeps, line_pen(self._theme.map_text, 8.0))
        draw_lines(painter, route.sweeps, line_pen(self._theme.map_halo, 5.5))
        self._route(painter, route, opacity=1.0, width_px=3.0)

    def _route(self, painter: QPainter, route: RoutePaths, *, opacity: float, width_px: float) -> None:
        colour = self._styles[route.nation].colour
        draw_lines(painter, route.transits, line_pen(self._on_ground(colour, 0.6 * opacity), 0.7 * width_px))
        draw_lines(painter, route.sweeps, line_pen(self._on_ground(colour, opacity), width_px))

    # Opaque: Qt blends long translucent lines four times as slowly.
    def _on_ground(self, colour: QColor, opacity: float) -> QColor:
        return mixed(self._theme.map_area, colour, opacity)

    def _chosen(self, drones: frozenset[str]) -> list[RoutePaths]:
        return [route for drone, route in self._paths.drone_routes.items() if drone in drones]

    def _arrows(self, painter: QPainter, viewport: Viewport, highlighted: frozenset[str], picked: RoutePaths | None) -> None:
        taken: set[tuple[int, int]] = set()
        shown = [picked] if picked is not None else self._chosen(highlighted) if highlighted else self._paths.routes
        for route in shown:
            self._sprites.stamp(painter, arrow_places(route, viewport, taken))

    def _bases(self, painter: QPainter, viewport: Viewport) -> None:
        for base in self._scene.bases:
            x_px, y_px = viewport.to_screen(east_m=base.east_m, north_m=base.north_m)
            house = QPolygonF([QPointF(x_px + x, y_px + y) for x, y in _HOUSE])
            painter.setPen(pen(self._theme.map_halo, 1.6))
            painter.setBrush(self._styles[base.nation].colour)
            painter.drawPolygon(house)

    def _places(self, painter: QPainter, viewport: Viewport) -> None:
        for patch in self._scene.priorities:
            if patch.geometry.geom_type == "Point":
                x_px, y_px = viewport.to_screen(east_m=patch.label_east_m, north_m=patch.label_north_m)
                painter.setPen(pen(self._theme.map_halo, 1.6))
                painter.setBrush(QColor(self._theme.priority))
                painter.drawPolygon(QPolygonF([QPointF(x_px + x, y_px + y) for x, y in _DIAMOND]))

    def _priority_names(self, viewport: Viewport, names: NamePainter) -> None:
        for patch in self._scene.priorities:
            x_px, y_px = viewport.to_screen(east_m=patch.label_east_m, north_m=patch.label_north_m)
            names.below(patch.label, self._theme.priority, x_px, y_px, distance_px=_BASE_PX)

    def _marks(self, painter: QPainter, viewport: Viewport, ringed: int | None) -> None:
        for mark in sorted(self._scene.marks, key=lambda mark: mark.index == ringed):  # the one looked at on top
            x_px, y_px = viewport.to_screen(east_m=mark.east_m, north_m=mark.north_m)
            painter.setBrush(QColor(self._theme.danger))
            painter.setPen(pen(self._theme.on_danger, 1.5))
            painter.drawEllipse(QPointF(x_px, y_px), 8.0, 8.0)
            painter.setPen(pen(self._theme.on_danger, 2.2))
            painter.drawLine(QPointF(x_px, y_px - 4.5), QPointF(x_px, y_px + 0.5))
            painter.drawPoint(QPointF(x_px, y_px + 4.5))
            if mark.index == ringed:
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.setPen(pen(self._theme.danger, 2.4))
                painter.drawEllipse(QPointF(x_px, y_px), 17.0, 17.0)

    def _patch_names(self, patches: Iterable[Patch], viewport: Viewport, names: NamePainter) -> None:
        for patch in patches:
            west_m, _, east_m, _ = patch.geometry.bounds
            if (east_m - west_m) / viewport.metres_per_px >= _SMALLEST_NAMED_PX:
                colour = self._theme.keep_out if patch.nation is None else self._styles[patch.nation].colour.name()
                x_px, y_px = viewport.to_screen(east_m=patch.label_east_m, north_m=patch.label_north_m)
                names.centred(patch.label, colour, x_px, y_px, bold=patch.nation is not None)


def arrow_sheet(styles: dict[str, NationStyle], theme: Theme, ratio: float) -> SpriteSheet:
    """Of flying directions, in the nations' colours."""
    return SpriteSheet({nation: partial(_arrow, style, theme) for nation, style in styles.items()}, side_px=18, ratio=ratio)


def _shows(painter: QPainter, look: LayerLook, layer: Layer) -> bool:
    """Whether to draw the layer now; the painter is as opaque as it wants then."""
    painter.setOpacity(look.opacity(layer))
    return layer in look


def _fill(painter: QPainter, path: QPainterPath, brush: QBrush, viewport: Viewport) -> None:
    """Fill with a pattern that keeps its size on screen and moves with the ground."""
    x_px, y_px = viewport.to_screen(east_m=0.0, north_m=0.0)
    painter.save()
    painter.resetTransform()
    painter.setBrushOrigin(QPointF(x_px % TILE_PX, y_px % TILE_PX))
    painter.fillPath(to_screen(viewport).map(path), brush)
    painter.restore()


_DIAMOND = ((0, -7), (7, 0), (0, 7), (-7, 0))
_HOUSE = ((0, -9), (9, -1), (6, -1), (6, 7), (-6, 7), (-6, -1), (-9, -1))
_ARROW = ((0.0, -6.5), (4.6, 4.5), (0.0, 2.0), (-4.6, 4.5))


def arrow_places(route: RoutePaths, viewport: Viewport, taken: set[tuple[int, int]]) -> list[Stamp]:
    """Arrows in flying direction: in the middle of legs that are long enough on screen.

    At most one stands in each square of a grid that `taken` remembers.
    """
    scale, segments = 1.0 / viewport.metres_per_px, route.segments
    right_px = (segments[:, 2] - segments[:, 0]) * scale
    up_px = (segments[:, 3] - segments[:, 1]) * scale
    x_px = viewport.width_px / 2 + ((segments[:, 0] + segments[:, 2]) / 2 - viewport.centre_east_m) * scale
    y_px = viewport.height_px / 2 - ((segments[:, 1] + segments[:, 3]) / 2 - viewport.centre_north_m) * scale
    seen = (np.hypot(right_px, up_px) >= _ARROW_LEG_PX) & (np.abs(x_px - viewport.width_px / 2) <= viewport.width_px / 2)
    seen &= np.abs(y_px - viewport.height_px / 2) <= viewport.height_px / 2
    rows: Points = np.column_stack([x_px, y_px, np.degrees(np.arctan2(right_px, up_px))])[seen]
    stamps = []
    for x, y, turn_deg in rows.tolist():
        square = (int(x // _ARROW_GRID_PX), int(y // _ARROW_GRID_PX))
        if square not in taken:
            taken.add(square)
            stamps.append(Stamp(symbol=route.nation, x_px=x, y_px=y, turn_deg=turn_deg))
    return stamps


def _arrow(style: NationStyle, theme: Theme, painter: QPainter) -> None:
    painter.setPen(pen(theme.map_halo, 1.0))
    painter.setBrush(style.colour)
    painter.drawPolygon(QPolygonF([QPointF(x, y) for x, y in _ARROW]))
