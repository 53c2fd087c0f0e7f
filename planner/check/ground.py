"""The ground of one tile: territories, the border's uncertainty band, permissions, keep-outs and the area, in metres."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from planner.check.claims import Claims
from planner.check.frames import Tile
from planner.check.params import CheckParams
from planner.check.shapes import local_line, local_polygon, on_earth_m
from planner.model import KeepOut, Permission, Plan

#: Ground is cut off this far beyond everything that is flown or covered, so that whole countries cost nothing.
_MARGIN_M = 2_000.0


@dataclass(frozen=True, eq=False, slots=True)
class Ground:
    """`own` is a nation's territory less the band and what others claim as well; `guest` holds the permissions that a nation has been
    given, as far as no third nation's consent is missing.
    """

    area: BaseGeometry
    band: BaseGeometry
    territory: dict[str, BaseGeometry]
    own: dict[str, BaseGeometry]
    guest: dict[str, tuple[tuple[Permission, BaseGeometry], ...]]
    keep_outs: tuple[tuple[KeepOut, BaseGeometry], ...]

    def allowed(self, nation_id: str) -> BaseGeometry:
        """Where the nation may fly at some height and time, keep-outs apart."""
        return shapely.union_all([self.own[nation_id], *(polygon for _, polygon in self.guest[nation_id])])

    def territories_at(self, point: BaseGeometry) -> Iterator[str]:
        """Whose ground a point is."""
        return (nation_id for nation_id, territory in self.territory.items() if shapely.intersects(territory, point))


def survey(plan: Plan, tile: Tile, flown_m: NDArray[np.float64], params: CheckParams) -> Ground:
    """The tile's ground, as far as the flown points (rows of metres) and the area can notice it."""
    frame = tile.frame
    area = local_polygon(plan.area, frame, params)
    window = _window(plan, tile, area, flown_m, params)
    band_m = on_earth_m(plan.position_uncertainty_m)
    border = shapely.intersection(local_line(plan.border, frame, params), window)
    band = border.buffer(band_m, quad_segs=params.quad_segs) if band_m > 0 else shapely.Polygon()
    territory = {nation.id: shapely.intersection(local_polygon(nation.territory, frame, params), window) for nation in plan.nations}
    claims = Claims.of(territory, plan.permissions, frame, params)
    not_alone = {nation_id: shapely.union(band, claims.of_others(nation_id)) for nation_id in territory}
    guest: dict[str, list[tuple[Permission, BaseGeometry]]] = {nation.id: [] for nation in plan.nations}
    for permission in plan.permissions:
        polygon = shapely.difference(local_polygon(permission.polygon, frame, params), claims.refused(permission))
        guest.setdefault(permission.guest, []).append((permission, polygon))
    return Ground(
        area=area,
        band=band,
        territory=territory,
        own={nation_id: shapely.difference(ground, not_alone[nation_id]) for nation_id, ground in territory.items()},
        guest={nation_id: tuple(held) for nation_id, held in guest.items()},
        keep_outs=tuple((keep_out, local_polygon(keep_out.polygon, frame, params)) for keep_out in plan.keep_outs),
    )


def _window(plan: Plan, tile: Tile, area: BaseGeometry, flown_m: NDArray[np.float64], params: CheckParams) -> BaseGeometry:
    """Everything within reach of what the tile answers for. A tile's square is in another frame: its diagonal bounds it in any."""
    corners = [flown_m] if len(flown_m) else []
    if not area.is_empty:
        west, south, east, north = area.bounds
        half_m = math.inf if tile.square is None else params.tile_side_m
        corners.append(np.clip([(west, south), (east, north)], -half_m, half_m))
    points = np.concatenate(corners) if corners else np.zeros((1, 2))
    widest_m = max((on_earth_m(drone_type.swath_m) for drone_type in plan.drone_types), default=0.0)
    grown_m = max((on_earth_m(keep_out.buffer_m) for keep_out in plan.keep_outs), default=0.0)
    margin_m = _MARGIN_M + 2 * (widest_m + grown_m + on_earth_m(plan.position_uncertainty_m))
    (west, south), (east, north) = points.min(axis=0) - margin_m, points.max(axis=0) + margin_m
    return shapely.Polygon([(west, south), (east, south), (east, north), (west, north)])
