"""Draw a map scene on paper: the strips of the page's map, in vectors, in colours for white ground."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import fpdf
import numpy as np
import shapely
from fpdf.drawing import PaintedPath
from fpdf.enums import IntersectionRule, PathPaintRule, StrokeJoinStyle
from shapely.geometry import LineString, Polygon
from shapely.geometry.base import BaseGeometry

from missions.palette import KEEP_OUT, NEUTRAL, Colour
from missions.report.map_layout import Window, layout_of
from missions.report.map_scene import Layer, MapScene, Shape
from missions.report.svg import nice_step

_MISSED, _SEEN, _INK = Colour(208, 0, 111), Colour(31, 111, 139), Colour(29, 33, 38)
_GAP_MM, _FOOT_MM, _TOLERANCE_MM = 3.0, 6.0, 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class _Style:
    """Millimetres on paper; a colour that is None is the nation's."""

    line: Colour | None = None
    width_mm: float = 0.2
    dash_mm: tuple[float, float] | None = None
    line_opacity: float = 1.0
    fill: float = 0.0


_STYLES: Mapping[Layer, _Style] = {
    Layer.AREA: _Style(line=NEUTRAL, width_mm=0.3),
    Layer.SECTOR: _Style(fill=0.14),
    Layer.UNSEEN: _Style(line=_MISSED, width_mm=0.0, fill=0.55),
    Layer.SEEN_ONCE: _Style(line=_SEEN, width_mm=0.0, fill=0.28),
    Layer.SEEN_TWICE: _Style(line=_SEEN, width_mm=0.0, fill=0.55),
    Layer.SEEN_OFTEN: _Style(line=_SEEN, width_mm=0.0, fill=0.85),
    Layer.SEGMENT: _Style(line=NEUTRAL, dash_mm=(1.0, 0.7)),
    Layer.LEFT_OUT: _Style(line=NEUTRAL, fill=0.45),
    Layer.MISSED: _Style(line=_MISSED, fill=0.55),
    Layer.KEEP_OUT_BUFFER: _Style(line=KEEP_OUT, dash_mm=(0.8, 0.5), fill=0.12),
    Layer.KEEP_OUT: _Style(line=KEEP_OUT, fill=0.5),
    Layer.LANE: _Style(dash_mm=(0.5, 0.8), line_opacity=0.65),
    Layer.TRACK: _Style(line_opacity=0.8),
    Layer.SWEPT: _Style(width_mm=0.45),
    Layer.BORDER: _Style(line=_INK, width_mm=0.45, dash_mm=(2.2, 0.8)),
}


def draw_map(paper: fpdf.FPDF, scene: MapScene, colours: Mapping[str, Colour], *, highest_mm: float = 150.0) -> None:
    """From the paper's place downwards over its full width (or less, when it would be higher), and move below."""
    layout = layout_of(scene)
    windows, side_by_side, count = layout.windows, layout.side_by_side, len(layout.windows)
    width_mm = layout.strip_width(paper.epw, _GAP_MM)
    scale = min(width_mm / windows[0].width_m, (highest_mm / (1 if side_by_side else count) - _FOOT_MM) / windows[0].height_m)
    strip_mm = windows[0].height_m * scale + _FOOT_MM
    rows = 1 if side_by_side else count
    if paper.will_page_break(rows * (strip_mm + _GAP_MM)):
        paper.add_page()
    left_mm, top_mm = paper.l_margin, paper.get_y()
    for index, window in enumerate(windows):
        x_mm = left_mm + index * (width_mm + _GAP_MM) if side_by_side else left_mm
        y_mm = top_mm if side_by_side else top_mm + index * (strip_mm + _GAP_MM)
        # what is set while drawing is forgotten afterwards, here as in the file
        with paper.local_context():
            _Strip(paper, window, x_mm, y_mm, scale).draw(scene, colours)
    paper.set_xy(left_mm, top_mm + rows * (strip_mm + _GAP_MM))


@dataclass(slots=True)
class _Strip:
    """One window of the scene at a place on the paper."""

    paper: fpdf.FPDF
    window: Window
    x_mm: float
    y_mm: float
    scale: float

    def draw(self, scene: MapScene, colours: Mapping[str, Colour]) -> None:
        width_mm, height_mm = self.window.width_m * self.scale, self.window.height_m * self.scale
        with self.paper.rect_clip(self.x_mm, self.y_mm, width_mm, height_mm), self.paper.local_context():
            for shape in scene.shapes:
                colour = colours.get(shape.nation or "", NEUTRAL)
                if shape.layer in _STYLES:
                    self._draw_shape(shape, _STYLES[shape.layer], colour)
                elif shape.layer is Layer.BASE:
                    self._draw_base(shape, colour)
                else:
                    self._draw_number(shape)
        self.paper.set_draw_color(NEUTRAL.red, NEUTRAL.green, NEUTRAL.blue)
        self.paper.set_line_width(0.15)
        self.paper.rect(self.x_mm, self.y_mm, width_mm, height_mm)
        self._draw_scale(width_mm, self.y_mm + height_mm)

    def _placed(self, geometry: BaseGeometry) -> BaseGeometry:
        corner = np.array([self.window.west_m, self.window.north_m])
        placed = shapely.transform(geometry, lambda points: (points - corner) * (self.scale, -self.scale) + (self.x_mm, self.y_mm))
        return shapely.simplify(placed, _TOLERANCE_MM)

    def _draw_shape(self, shape: Shape, style: _Style, nation: Colour) -> None:
        colour = style.line or nation
        path = PaintedPath()
        path.style.stroke_color, path.style.fill_color = colour.css, colour.css if style.fill else None
        path.style.stroke_opacity, path.style.fill_opacity = style.line_opacity, style.fill or None
        path.style.stroke_width, path.style.stroke_dash_pattern = style.width_mm, style.dash_mm
        path.style.auto_close, path.style.stroke_join_style = False, StrokeJoinStyle.ROUND
        path.style.intersection_rule = IntersectionRule.EVENODD
        fills, strokes = style.fill > 0, style.width_mm > 0
        path.style.paint_rule = (
            PathPaintRule.STROKE_FILL_EVENODD if fills and strokes else PathPaintRule.FILL_EVENODD if fills else PathPaintRule.STROKE
        )
        drawn = False
        for part in shapely.get_parts(self._placed(shape.geometry)).tolist():
            lines = [part.exterior, *part.interiors] if isinstance(part, Polygon) else [part] if isinstance(part, LineString) else []
            for line in lines:
                first, *others = shapely.get_coordinates(line).tolist() or [None]
                if first is None:
                    continue
                path.move_to(*first)
                for point in others:
                    path.line_to(*point)
                if isinstance(part, Polygon):
                    path.close()
                drawn = True
        if drawn:
            with self.paper.drawing_context() as context:
                context.add_item(path, clone=False)

    def _draw_base(self, shape: Shape, colour: Colour) -> None:
        x_mm, y_mm = self._placed(shape.geometry).coords[0][:2]
        self.paper.set_fill_color(colour.red, colour.green, colour.blue)
        self.paper.rect(x_mm - 0.9, y_mm - 0.9, 1.8, 1.8, style="F")
        self.paper.set_font(size=7, style="B")
        self.paper.text(x_mm + 1.6, y_mm + 0.9, shape.label)

    def _draw_number(self, shape: Shape) -> None:
        x_mm, y_mm = self._placed(shape.geometry).coords[0][:2]
        self.paper.set_draw_color(_MISSED.red, _MISSED.green, _MISSED.blue)
        self.paper.set_fill_color(255, 255, 255)
        self.paper.set_line_width(0.25)
        self.paper.circle(x_mm, y_mm, 1.7, style="DF")
        self.paper.set_font(size=6.5, style="B")
        self.paper.text(x_mm - self.paper.get_string_width(shape.label) / 2, y_mm + 0.8, shape.label)

    def _draw_scale(self, width_mm: float, bottom_mm: float) -> None:
        bar_m = nice_step(min(40.0, width_mm / 3) / self.scale)
        end_mm = self.x_mm + 1.0 + bar_m * self.scale
        self.paper.set_draw_color(_INK.red, _INK.green, _INK.blue)
        self.paper.set_line_width(0.25)
        self.paper.line(self.x_mm + 1.0, bottom_mm + 3.0, end_mm, bottom_mm + 3.0)
        for x_mm in (self.x_mm + 1.0, end_mm):
            self.paper.line(x_mm, bottom_mm + 1.8, x_mm, bottom_mm + 3.0)
        self.paper.set_font(size=7)
        self.paper.text(end_mm + 1.5, bottom_mm + 3.4, f"{bar_m / 1000:g} km" if bar_m >= 1000 else f"{bar_m:g} m")
        self.paper.text(self.x_mm + width_mm - 5.0, bottom_mm + 3.4, "N ↑")
