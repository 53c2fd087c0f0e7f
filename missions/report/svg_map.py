"""Draw a map scene as inline SVG: in one piece, or in strips when the area is long and thin, as borders are."""

from __future__ import annotations

from collections.abc import Mapping

import shapely
from markupsafe import Markup
from shapely.geometry.base import BaseGeometry

from missions.report.map_layout import Layout, Window, layout_of
from missions.report.map_scene import Layer, MapScene, Shape
from missions.report.svg import Element, element, markup, nice_step, number, path_data

#: Width of the whole picture in map units; a unit is about a pixel.
WIDTH = 1000.0
_GAP, _PAD, _FOOT = 12.0, 12.0, 32.0
#: Map units within which a drawn line may differ from the true one.
_TOLERANCE = 0.1
_LABEL_HEIGHT, _LETTER_WIDTH = 13.0, 6.6
#: What screen readers are told of scenes with a name of their own.
_TITLES = {"revisits": "Map of how often each piece of ground was seen, with the segments along the border"}
_POINT_LAYERS = (Layer.BASE, Layer.NUMBER)


def map_strips(scene: MapScene, hatches: Mapping[str, int], *, name: str = "scene") -> list[Markup]:
    """One SVG a strip. `hatches` gives each nation's place in the style sheet's colours and hatching (`--n0`, `hatch-0`); `name` is the
    scene's own on the page.
    """
    layout = layout_of(scene)
    whole = _Canvas(layout)
    strips = []
    for index, window in enumerate(layout.windows):
        root = _strip(layout, window, name)
        inner = next(iter(root))
        if index == 0:
            if any(shape.layer is Layer.SECTOR for shape in scene.shapes):
                _patterns(inner, hatches)
            _draw(element(inner, "g", id=name), scene, whole, hatches)
        else:
            element(inner, "use", href=f"#{name}")
        _foot(root, layout, window, index)
        strips.append(markup(root))
    return strips


def draws_side_by_side(scene: MapScene) -> bool:
    """Whether the strips stand beside each other, the area being tall, and not below each other."""
    return layout_of(scene).side_by_side


def legend_swatch(nation_index: int) -> Markup:
    """A nation's colour and hatching; the map must be on the same page."""
    root = element(None, "svg", class_="swatch", viewBox="0 0 24 14", width=24, height=14, aria_hidden="true")
    element(root, "rect", width=24, height=14, fill=f"url(#hatch-{nation_index})", stroke=f"var(--n{nation_index})")
    return markup(root)


class _Canvas:
    """Metres of the scene to map units: y downwards, the first strip's top left corner at 0, 0."""

    def __init__(self, layout: Layout) -> None:
        self.scale = _units_per_m(layout)
        self._west_m = min(window.west_m for window in layout.windows)
        self._north_m = max(window.north_m for window in layout.windows)
        self._boxes: list[tuple[float, float, float, float]] = []
        self.width = (max(window.east_m for window in layout.windows) - self._west_m) * self.scale

    def place(self, geometry: BaseGeometry) -> BaseGeometry:
        scaled = shapely.transform(geometry, lambda points: (points - (self._west_m, self._north_m)) * (self.scale, -self.scale))
        return shapely.simplify(scaled, _TOLERANCE) if geometry.geom_type != "Point" else scaled

    def occupy(self, point: BaseGeometry) -> None:
        """Keep labels off a point's sign."""
        x, y = self.place(point).coords[0]
        self._boxes.append((x - 8, y - 8, x + 8, y + 8))

    def label_spot(self, x: float, y: float, text: str) -> tuple[float, float, str]:
        """Where to write beside a point without hitting another label: x, y and text-anchor."""
        wide = len(text) * _LETTER_WIDTH
        spots = [(10.0, 4.0, "start"), (-10.0, 4.0, "end"), (0.0, -11.0, "middle"), (0.0, 20.0, "middle"), (10.0, 18.0, "start")]
        boxes = [(_box(x + right, y + down, wide, anchor), (x + right, y + down, anchor)) for right, down, anchor in spots]
        free = [(box, spot) for box, spot in boxes if self._is_free(box)]
        box, spot = free[0] if free else boxes[0]
        self._boxes.append(box)
        return spot

    def _is_free(self, box: tuple[float, float, float, float]) -> bool:
        left, top, right, bottom = box
        inside = left >= 0 and right <= self.width
        return inside and not any(left < x2 and right > x1 and top < y2 and bottom > y1 for x1, y1, x2, y2 in self._boxes)


def _box(x: float, y: float, wide: float, anchor: str) -> tuple[float, float, float, float]:
    left = {"start": x, "end": x - wide, "middle": x - wide / 2}[anchor]
    return left, y - _LABEL_HEIGHT, left + wide, y + 3.0


def _strip_width(layout: Layout) -> float:
    return layout.strip_width(WIDTH, _GAP)


def _units_per_m(layout: Layout) -> float:
    return _strip_width(layout) / layout.windows[0].width_m


def _strip(layout: Layout, window: Window, name: str) -> Element:
    wide, high = _strip_width(layout), window.height_m * _units_per_m(layout)
    root = element(None, "svg", class_="map", viewBox=f"0 0 {number(wide)} {number(high + _FOOT)}", role="img")
    element(root, "title", _TITLES.get(name, "Map of the area with planned lanes, flown tracks and missed ground"))
    first = layout.windows[0]
    left = (window.west_m - first.west_m) * _units_per_m(layout)
    top = (first.north_m - window.north_m) * _units_per_m(layout)
    inner = element(root, "svg", width=wide, height=high, viewBox=f"{number(left)} {number(top)} {number(wide)} {number(high)}")
    root.remove(inner)
    root.insert(0, inner)
    return root


def _patterns(parent: Element, hatches: Mapping[str, int]) -> None:
    """Each nation's hatching at an angle of its own, so that colours need not be told apart."""
    definitions = element(parent, "defs")
    for index in sorted(set(hatches.values())):
        turn = f"rotate({(45 + 90 * index + 30 * (index // 2)) % 180})"
        colour = f"var(--n{index})"
        pattern = element(
            definitions, "pattern", id=f"hatch-{index}", width=7, height=7, patternUnits="userSpaceOnUse", patternTransform=turn
        )
        element(pattern, "rect", width=7, height=7, fill=colour, opacity=0.1)
        element(pattern, "path", d="M0 3.5H7", stroke=colour, stroke_width=0.7, opacity=0.5)


def _draw(parent: Element, scene: MapScene, canvas: _Canvas, hatches: Mapping[str, int]) -> None:
    for shape in scene.shapes:
        if shape.layer is Layer.BASE:
            canvas.occupy(shape.geometry)
    for shape in scene.shapes:
        if shape.layer in _POINT_LAYERS:
            _draw_point(parent, shape, canvas, hatches)
            continue
        attributes = {"class": f"m-path m-{shape.layer.value}", "d": path_data(canvas.place(shape.geometry))}
        index = hatches.get(shape.nation or "")
        if index is not None:
            paint = f"fill:url(#hatch-{index});" if shape.layer is Layer.SECTOR else ""
            attributes["style"] = f"{paint}stroke:var(--n{index})"
        drawn = element(parent, "path", **attributes)
        if shape.label:
            element(drawn, "title", shape.label)


def _draw_point(parent: Element, shape: Shape, canvas: _Canvas, hatches: Mapping[str, int]) -> None:
    x, y = canvas.place(shape.geometry).coords[0]
    if shape.layer is Layer.NUMBER:
        element(parent, "circle", cx=x, cy=y, r=9, class_="m-disc")
        element(parent, "text", shape.label, x=x, y=y + 4, text_anchor="middle", class_="m-text m-digits")
        return
    colour = f"var(--n{hatches.get(shape.nation or '', 0)})"
    house = f"M{number(x - 6)} {number(y + 5)}h12v-6l-6 -5l-6 5z"
    element(parent, "path", d=house, class_="m-sign", style=f"fill:{colour}")
    label_x, label_y, anchor = canvas.label_spot(x, y, shape.label)
    element(parent, "text", shape.label, x=label_x, y=label_y, text_anchor=anchor, class_="m-text m-name")


def _foot(root: Element, layout: Layout, window: Window, index: int) -> None:
    """Scale bar, which part this is, and north, below the map."""
    wide, top = _strip_width(layout), window.height_m * _units_per_m(layout)
    foot = element(root, "g", class_="m-text")
    bar_m = nice_step(min(200.0, wide / 3) / _units_per_m(layout))
    bar = bar_m * _units_per_m(layout)
    element(foot, "path", d=f"M{number(_PAD)} {number(top + 12)}v6h{number(bar)}v-6", class_="m-scale-bar")
    element(foot, "text", f"{bar_m / 1000:g} km" if bar_m >= 1000 else f"{bar_m:g} m", x=_PAD + bar + 8, y=top + 19)
    if len(layout.windows) > 1:
        element(foot, "text", f"{index + 1} of {len(layout.windows)}", x=wide - _PAD - 32, y=top + 19, text_anchor="end")
    element(foot, "path", d=f"M{number(wide - _PAD - 5)} {number(top + 6)}l5 15l-5 -4l-5 4z", class_="m-north")
    element(foot, "text", "N", x=wide - _PAD - 18, y=top + 19, text_anchor="middle")
