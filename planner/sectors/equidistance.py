"""Waters without agreed lines: to each nation what is nearer to its coast than to any other's. Notional, and said so wherever used."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import shapely
from shapely.geometry.base import BaseGeometry

from planner.errors import GeometryError
from planner.geo import Geographic, LatLon, LocalFrame, polygons_of
from planner.sectors.frontiers import Mesh, nearest_parts


@dataclass(frozen=True, kw_only=True, slots=True)
class EquidistanceParams:
    """The lines are found on `squares` of the waters; `margin_m` beyond the area and the bases is divided as well, to fly through.
    Points closer than `longest_m` follow the lines, so that they mean the same in every frame.
    """

    squares: int = 16_000
    margin_m: float = 12_000.0
    longest_m: float = 1_000.0


@dataclass(frozen=True, slots=True)
class Waters:
    """Each nation's land and notional waters around an area, and the lines between them."""

    territories: Mapping[str, Geographic]
    lines: Geographic


def divide_waters(
    area: Geographic, bases: Sequence[LatLon], coasts: Mapping[str, Geographic], params: EquidistanceParams | None = None
) -> Waters:
    """The waters of the area and around it by nearest coast (distances in one local frame: 0.06 % off at 250 km from its middle).

    `coasts` are the nations' lands, also those outside the area: whatever may be nearest. Raises GeometryError when two overlap.
    """
    params = params or EquidistanceParams()
    frame = LocalFrame.around([area])
    lands = {nation: frame.ground(coast) for nation, coast in coasts.items()}
    _require_apart(lands)
    places = [shapely.Point(frame.point_to_local(base)) for base in bases]
    near = shapely.union_all([frame.ground(area), *places]).convex_hull.buffer(params.margin_m)
    sea = polygons_of(near.difference(shapely.union_all(list(lands.values()))))
    mesh = Mesh.over(near, about=params.squares)
    parts = nearest_parts(sea, mesh, {nation: mesh.distances_m(land) for nation, land in lands.items()})
    grounds = {nation: polygons_of(shapely.union(parts[nation], lands[nation].intersection(near))) for nation in lands}
    shared = [shapely.intersection(first.boundary, second.boundary) for first, second in combinations(grounds.values(), 2)]
    lines = [line for each in shared for line in shapely.get_parts(each) if line.geom_type == "LineString" and not line.is_empty]
    return Waters(
        territories={nation: frame.to_geographic(shapely.segmentize(ground, params.longest_m)) for nation, ground in grounds.items()},
        lines=frame.to_geographic(shapely.segmentize(shapely.line_merge(shapely.MultiLineString(lines)), params.longest_m)),
    )


def _require_apart(lands: Mapping[str, BaseGeometry]) -> None:
    for (first, one), (second, other) in combinations(lands.items(), 2):
        shared_m2 = one.intersection(other).area
        if shared_m2 > 1e-6 * min(one.area, other.area):
            raise GeometryError(f"the lands of {first} and {second} overlap in {shared_m2:.0f} m2")
