"""A picture of what failed: the plan's ground and lanes, the ways flown, and a numbered mark wherever something went wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import shapely
from shapely.geometry import Point
from shapely.geometry.base import BaseGeometry

from missions.palette import nation_colours
from missions.report.account import FlightAccount
from missions.report.map_scene import Layer, MapScene, Shape, flight_scene
from missions.report.params import ReportParams
from missions.report.svg import Element, element, markup, path_data
from planner.geo import LatLon

_WIDTH, _MARGIN, _LINE, _MARK = 1000.0, 30.0, 18.0, 9.0
_NEUTRAL, _WRONG = "#666666", "#c1121f"
#: Of areas, how opaque; of lines, how thick. What is not named is not drawn.
_FILLS: Mapping[Layer, float] = {
    Layer.SECTOR: 0.12,
    Layer.MISSED: 0.45,
    Layer.LEFT_OUT: 0.25,
    Layer.KEEP_OUT_BUFFER: 0.2,
    Layer.KEEP_OUT: 0.4,
}
_STROKES: Mapping[Layer, float] = {Layer.AREA: 1.0, Layer.LANE: 0.5, Layer.TRACK: 0.8, Layer.SWEPT: 2.0, Layer.BORDER: 1.5}
_RED = frozenset({Layer.MISSED, Layer.KEEP_OUT, Layer.KEEP_OUT_BUFFER})


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """What went wrong, and where; None when it has no place."""

    text: str
    place: LatLon | None = None


def failure_picture(account: FlightAccount, failures: Sequence[Failure], params: ReportParams | None = None) -> bytes:
    """One SVG that needs nothing else, with the failures' texts below the map."""
    scene = flight_scene(account, params or ReportParams())
    west_m, south_m, east_m, north_m = scene.bounds
    scale = (_WIDTH - 2 * _MARGIN) / max(east_m - west_m, 1.0)
    map_height = (north_m - south_m) * scale + 2 * _MARGIN
    height = map_height + _LINE * (len(failures) + 1)
    root = element(None, "svg", xmlns="http://www.w3.org/2000/svg", viewBox=f"0 0 {_WIDTH:.0f} {height:.0f}", width=_WIDTH, height=height)
    root.set("font-family", "sans-serif")
    root.set("font-size", "13")
    element(root, "rect", width=_WIDTH, height=height, fill="#ffffff")
    view = _View(west_m, north_m, scale)
    _draw(root, scene, view, {nation: colour.css for nation, colour in nation_colours(account.plan.nations).items()})
    for index, failure in enumerate(failures, start=1):
        element(root, "text", f"{index}  {failure.text}", x=_MARGIN, y=map_height + _LINE * index, fill=_WRONG)
        if failure.place is not None:
            x, y = shapely.get_coordinates(view.place(Point(account.frame.point_to_local(failure.place))))[0].tolist()
            element(root, "circle", cx=x, cy=y, r=_MARK, fill=_WRONG)
            element(root, "text", str(index), x=x, y=y + 4.5, fill="#ffffff", text_anchor="middle", font_weight="bold")
    return (f'<?xml version="1.0" encoding="utf-8"?>\n{markup(root)}\n').encode()


@dataclass(frozen=True, slots=True)
class _View:
    west_m: float
    north_m: float
    scale: float

    def place(self, geometry: BaseGeometry) -> BaseGeometry:
        corner, scale = (self.west_m, self.north_m), (self.scale, -self.scale)
        return shapely.transform(geometry, lambda points: (points - corner) * scale + (_MARGIN, _MARGIN))


def _draw(root: Element, scene: MapScene, view: _View, colours: Mapping[str, str]) -> None:
    for shape in scene.shapes:
        colour = _colour(shape, colours)
        if shape.layer is Layer.BASE:
            x, y = shapely.get_coordinates(view.place(shape.geometry))[0].tolist()
            element(root, "rect", x=x - 4, y=y - 4, width=8, height=8, fill=colour)
            element(root, "text", shape.label, x=x + 7, y=y + 4, fill=colour)
            continue
        fill, stroke = _FILLS.get(shape.layer), _STROKES.get(shape.layer)
        if fill is None and stroke is None:
            continue
        path = element(root, "path", d=path_data(view.place(shape.geometry)), fill="none" if fill is None else colour)
        path.set("fill-rule", "evenodd")
        path.set("fill-opacity", f"{fill or 0:g}")
        path.set("stroke", colour if stroke is not None else "none")
        path.set("stroke-width", f"{stroke or 0:g}")
        element(path, "title", shape.label)


def _colour(shape: Shape, colours: Mapping[str, str]) -> str:
    if shape.layer in _RED:
        return _WRONG
    return colours.get(shape.nation, _NEUTRAL) if shape.nation is not None else _NEUTRAL
