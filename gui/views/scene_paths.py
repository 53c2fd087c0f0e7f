"""The scene as Qt paths and lines in metres, made once; the painter's transform puts them on the screen."""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from PyQt6 import sip
from PyQt6.QtCore import QByteArray, QDataStream, QLineF
from PyQt6.QtGui import QPainterPath, QPolygonF, QTransform
from shapely.geometry.base import BaseGeometry

from gui.models.map_scene import MapScene, Points, RouteLine
from gui.models.viewport import Viewport
from gui.views.pens import Lines


def to_screen(viewport: Viewport) -> QTransform:
    """Metres east, north to logical pixels."""
    scale = 1.0 / viewport.metres_per_px
    x_px, y_px = viewport.to_screen(east_m=0.0, north_m=0.0)
    return QTransform(scale, 0.0, 0.0, -scale, x_px, y_px)


def path_of(geometry: BaseGeometry | None) -> QPainterPath:
    """Polygons with their holes (odd-even fill), lines as open paths; points give nothing."""
    path = QPainterPath()
    for part in shapely.get_parts(geometry).tolist() if geometry is not None else ():
        if part.geom_type == "Polygon":
            for ring in (part.exterior, *part.interiors):
                path.addPolygon(_polygon(ring))
                path.closeSubpath()
        elif part.geom_type in ("LineString", "LinearRing"):
            path.addPolygon(_polygon(part))
    return path


def _polygon(line: BaseGeometry) -> QPolygonF:
    """As Qt reads one from a stream, which takes a tenth of the time that a list of points does."""
    corners, polygon = shapely.get_coordinates(line), QPolygonF()
    stream = QDataStream(QByteArray(struct.pack(">I", len(corners)) + corners.astype(">f8").tobytes()))
    stream >> polygon  # type: ignore[operator]  # not in the stubs
    return polygon


def lines_of(segments: Points) -> list[QLineF]:
    """Rows of start east, start north, end east, end north as lines."""
    return [QLineF(*row) for row in segments.tolist()]


def kept_lines(segments: Points) -> Lines:
    """The same for lines that stay for a while, in no time; PyQt6-sip 13.13 never gives back the array's own 72 bytes."""
    if not len(segments):
        return ()
    lines: sip.array[QLineF | None] = sip.array(QLineF, len(segments))  # type: ignore[call-arg]  # not in the stubs
    np.frombuffer(memoryview(lines), dtype=np.float64).reshape(-1, 4)[:] = segments  # type: ignore[arg-type]
    return lines


def segments_of(points: Points) -> Points:
    """A polyline as rows of start and end."""
    return np.hstack([points[:-1], points[1:]])


@dataclass(frozen=True, kw_only=True, slots=True)
class Ground:
    """A piece of ground to fill, and its outline as single lines, which Qt draws ten times as fast as a stroked path."""

    path: QPainterPath
    outline: Lines


def way_of(geometry: BaseGeometry) -> Ground:
    """Lines are nothing to fill; points are neither."""
    match shapely.get_dimensions(geometry):
        case 2:
            return ground_of(geometry)
        case 1:
            segments = _joined(segments_of(shapely.get_coordinates(part)) for part in shapely.get_parts(geometry).tolist())
            return Ground(path=QPainterPath(), outline=kept_lines(segments))
        case _:
            return Ground(path=QPainterPath(), outline=())


def ground_of(geometry: BaseGeometry) -> Ground:
    rings = shapely.get_parts(shapely.boundary(geometry)).tolist()
    segments = _joined(segments_of(shapely.get_coordinates(ring)) for ring in rings)
    return Ground(path=path_of(geometry), outline=kept_lines(segments))


class DashedLine:
    """A line or an outline that is drawn dashed, of which only the part near the view becomes a path.

    Qt makes all dashes of a path, out of sight too: a hundred kilometres seen from close by took 20 ms. The part is cut at
    a grid on the ground, so that dashes keep their places while the view moves within it.
    """

    def __init__(self, geometry: BaseGeometry | None) -> None:
        line = geometry if geometry is not None else shapely.LineString()
        self._line = shapely.boundary(line) if shapely.get_dimensions(line) == 2 else line
        self._cut_to: tuple[float, ...] | None = None
        self._path = QPainterPath()

    def near(self, viewport: Viewport) -> QPainterPath:
        """At least what is in view."""
        box = grid_box(viewport)
        if box != self._cut_to:
            self._cut_to = box
            self._path = path_of(shapely.clip_by_rect(self._line, *box))
        return self._path


def grid_box(viewport: Viewport) -> tuple[float, float, float, float]:
    """West, south, east, north of the view in metres, widened to a grid of squares as large as the view."""
    square_m = 2.0 ** math.ceil(math.log2(max(viewport.width_px, viewport.height_px) * viewport.metres_per_px))
    west_m, south_m = viewport.to_ground(x_px=0.0, y_px=viewport.height_px)
    east_m, north_m = viewport.to_ground(x_px=viewport.width_px, y_px=0.0)
    return (
        math.floor(west_m / square_m) * square_m,
        math.floor(south_m / square_m) * square_m,
        math.ceil(east_m / square_m) * square_m,
        math.ceil(north_m / square_m) * square_m,
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class KeepOutPaths:
    inner: Ground
    grown: QPainterPath
    limit: DashedLine


@dataclass(frozen=True, kw_only=True)
class RoutePaths:
    """Some sorties of one nation: rows of start and end, from which lines are made when they are first drawn."""

    nation: str
    swept: Points
    crossed: Points

    @cached_property
    def sweeps(self) -> Lines:
        return kept_lines(self.swept)

    @cached_property
    def transits(self) -> Lines:
        return kept_lines(self.crossed)

    @cached_property
    def segments(self) -> Points:
        """All of their lines as numbers, for arrows of flight direction."""
        return np.concatenate([self.swept, self.crossed])


@dataclass(frozen=True, kw_only=True, slots=True)
class ScenePaths:
    area: Ground
    border: DashedLine
    border_band: QPainterPath
    sectors: tuple[tuple[str, Ground], ...]
    permissions: tuple[tuple[str, DashedLine], ...]
    keep_outs: tuple[KeepOutPaths, ...]
    unreachable: tuple[Ground, ...]
    priorities: tuple[Ground, ...]
    lanes: tuple[tuple[str, Lines], ...]
    routes: tuple[RoutePaths, ...]
    """One for each nation."""
    drone_routes: dict[str, RoutePaths]


def sortie_paths(scene: MapScene, sortie: str | None) -> RoutePaths | None:
    """One sortie's route; None when the scene has none of that name."""
    routes = [route for route in scene.routes if route.sortie == sortie]
    return _route_paths(routes) if routes else None


def paths_of(scene: MapScene) -> ScenePaths:
    return ScenePaths(
        area=ground_of(scene.area),
        border=DashedLine(scene.border),
        border_band=path_of(scene.border_band),
        sectors=tuple((patch.nation or "", ground_of(patch.geometry)) for patch in scene.sectors),
        permissions=tuple((patch.nation or "", DashedLine(patch.geometry)) for patch in scene.permissions),
        keep_outs=tuple(
            KeepOutPaths(inner=ground_of(patch.inner.geometry), grown=path_of(patch.grown), limit=DashedLine(patch.grown))
            for patch in scene.keep_outs
        ),
        unreachable=tuple(ground_of(patch.geometry) for patch in scene.unreachable),
        priorities=tuple(way_of(patch.geometry) for patch in scene.priorities),
        lanes=tuple((lanes.nation, kept_lines(lanes.segments)) for lanes in scene.lanes),
        routes=tuple(_grouped(scene.routes, lambda route: route.nation).values()),
        drone_routes=_grouped(scene.routes, lambda route: route.drone),
    )


def _grouped(routes: Iterable[RouteLine], key: Callable[[RouteLine], str]) -> dict[str, RoutePaths]:
    groups: dict[str, list[RouteLine]] = {}
    for route in routes:
        groups.setdefault(key(route), []).append(route)
    return {name: _route_paths(group) for name, group in groups.items()}


def _route_paths(routes: list[RouteLine]) -> RoutePaths:
    tracks = [track for route in routes for track in route.tracks]
    return RoutePaths(
        nation=routes[0].nation,
        swept=_joined(segments_of(track.points) for track in tracks if track.sweeping),
        crossed=_joined(segments_of(track.points) for track in tracks if not track.sweeping),
    )


def _joined(pieces: Iterable[Points]) -> Points:
    return np.concatenate([np.empty((0, 4)), *pieces])
