"""How a map is parted: in one piece, or in strips when the area is long and thin, as borders are."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

from missions.report.map_scene import MapScene

_MARGIN, _MARGIN_OF_SHORTER = 0.03, 0.12
_LONGEST_ASPECT, _SHORTEST_ASPECT, _STRIP_ASPECT = 4.5, 0.75, 1.3
_MOST_STRIPS = 6


@dataclass(frozen=True, slots=True)
class Window:
    """A rectangle of the scene in metres, drawn as one strip."""

    west_m: float
    south_m: float
    east_m: float
    north_m: float

    @property
    def width_m(self) -> float:
        return self.east_m - self.west_m

    @property
    def height_m(self) -> float:
        return self.north_m - self.south_m


@dataclass(frozen=True, slots=True)
class Layout:
    """Strips of one size from west to east (stacked), or from north to south (side by side)."""

    windows: tuple[Window, ...]
    side_by_side: bool

    def strip_width(self, whole: float, gap: float) -> float:
        """Of a picture of this width, with such gaps between strips side by side."""
        return (whole - gap * (len(self.windows) - 1)) / len(self.windows) if self.side_by_side else whole


def layout_of(scene: MapScene) -> Layout:
    """The scene with a margin around it, in as many strips as it takes."""
    return _layout(_with_margin(scene.bounds))


def _layout(whole: Window) -> Layout:
    aspect = whole.width_m / whole.height_m
    if aspect > _LONGEST_ASPECT:
        edges_m = _edges(whole.west_m, whole.east_m, math.sqrt(aspect / _STRIP_ASPECT))
        return Layout(tuple(Window(west_m, whole.south_m, east_m, whole.north_m) for west_m, east_m in pairwise(edges_m)), False)
    if aspect < _SHORTEST_ASPECT:
        edges_m = _edges(whole.north_m, whole.south_m, math.sqrt(_STRIP_ASPECT / aspect))
        return Layout(tuple(Window(whole.west_m, south_m, whole.east_m, north_m) for north_m, south_m in pairwise(edges_m)), True)
    return Layout((whole,), False)


def _edges(from_m: float, to_m: float, parts: float) -> list[float]:
    count = min(_MOST_STRIPS, math.ceil(parts))
    return [from_m + (to_m - from_m) * index / count for index in range(count + 1)]


def _with_margin(bounds: tuple[float, float, float, float]) -> Window:
    west_m, south_m, east_m, north_m = bounds
    sides_m = sorted((max(east_m - west_m, 1.0), max(north_m - south_m, 1.0)))
    margin_m = min(_MARGIN * sides_m[1], _MARGIN_OF_SHORTER * sides_m[0])
    return Window(west_m - margin_m, south_m - margin_m, east_m + margin_m, north_m + margin_m)
