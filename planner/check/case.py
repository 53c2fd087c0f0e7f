"""A plan laid out for judgement: sorties resolved, legs and ground placed in local frames, everything measured once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from planner.check.flown import Flight, FlownLeg, FlownSortie, resolve
from planner.check.frames import Tile, TileGrid, placed
from planner.check.ground import Ground, survey
from planner.check.params import CheckParams
from planner.geo import Geographic, LatLon
from planner.model import Plan, Violation

if TYPE_CHECKING:
    from planner.check.coverage import CoveredPiece


@dataclass(frozen=True, eq=False, slots=True)
class Track:
    """A leg in the local frame of its tile: rows of metres east, north, one a point."""

    flown: FlownLeg
    points_m: NDArray[np.float64]
    shape: BaseGeometry

    def segments(self) -> list[tuple[tuple[float, float], tuple[float, float]]]:
        """The planar ends of each segment, in order."""
        points = [(float(east_m), float(north_m)) for east_m, north_m in self.points_m]
        return list(pairwise(points))


@dataclass(frozen=True, eq=False, slots=True)
class Scene:
    """One tile: its ground and the legs flown there."""

    tile: Tile
    ground: Ground
    tracks: tuple[Track, ...]


@dataclass(frozen=True, eq=False)
class Case:
    """A plan and what its rules share. Parts are worked out when a rule first asks for them; `covered` may be known already."""

    plan: Plan
    params: CheckParams
    covered: tuple[CoveredPiece, ...] | None = None

    @cached_property
    def _resolved(self) -> tuple[tuple[FlownSortie, ...], tuple[Violation, ...]]:
        return resolve(self.plan, self.params)

    @property
    def sorties(self) -> tuple[FlownSortie, ...]:
        """Those that can be judged, in the plan's order."""
        return self._resolved[0]

    @property
    def unfit(self) -> tuple[Violation, ...]:
        """Why the other sorties cannot be judged."""
        return self._resolved[1]

    @property
    def flights(self) -> tuple[Flight, ...]:
        return tuple(flown.flight for flown in self.sorties)

    @cached_property
    def legs(self) -> tuple[FlownLeg, ...]:
        return tuple(leg for flown in self.sorties for leg in flown.legs)

    @cached_property
    def grid(self) -> TileGrid:
        flown = [flight.rows[:, :2] for flight in self.flights]
        ends = [(end.lon_deg, end.lat_deg) for lane in self.plan.lanes for end in (lane.start, lane.end)]
        if not flown and not ends and self.plan.area.is_empty:
            ends = [(base.location.lon_deg, base.location.lat_deg) for base in self.plan.bases] or [(0.0, 0.0)]
        places = np.concatenate([*flown, np.reshape(ends, (-1, 2))])
        through_all = shapely.LineString(np.concatenate([places, places[-1:]]))
        return TileGrid.over([Geographic(through_all), self.plan.area], side_m=self.params.tile_side_m)

    @property
    def tiles(self) -> tuple[Tile, ...]:
        """Every tile in which a leg is flown."""
        return tuple(self._legs_by_tile)

    @cached_property
    def scenes(self) -> tuple[Scene, ...]:
        """The tiles in which legs are flown, laid out."""
        return tuple(self.scene(tile) for tile in self.tiles)

    def scene(self, tile: Tile) -> Scene:
        """A tile with its ground, whether or not a leg is flown there."""
        if tile not in self._scenes:
            self._scenes[tile] = self._laid_out(tile)
        return self._scenes[tile]

    @cached_property
    def _scenes(self) -> dict[Tile, Scene]:
        return {}

    @cached_property
    def _legs_by_tile(self) -> Mapping[Tile, list[FlownLeg]]:
        if self.grid.side_m is None:
            return {self.grid.at(_middle(self.legs[0])): list(self.legs)} if self.legs else {}
        by_tile: dict[Tile, list[FlownLeg]] = {}
        for leg in self.legs:
            by_tile.setdefault(self.grid.at(_middle(leg)), []).append(leg)
        return by_tile

    def _laid_out(self, tile: Tile) -> Scene:
        legs = self._legs_by_tile.get(tile, [])
        points_m = placed([leg.degrees for leg in legs], tile.frame)
        ends = np.cumsum([len(leg.points) for leg in legs])[:-1]
        per_leg = np.split(points_m, ends) if legs else []
        tracks = tuple(Track(leg, each, _shape(each)) for leg, each in zip(legs, per_leg, strict=True))
        return Scene(tile, survey(self.plan, tile, points_m, self.params), tracks)


def _middle(leg: FlownLeg) -> LatLon:
    return leg.points[len(leg.points) // 2].ground


def _shape(points_m: NDArray[np.float64]) -> BaseGeometry:
    """A line, or a point where the leg goes nowhere (GEOS takes a line without length for nothing)."""
    return shapely.Point(points_m[0]) if np.ptp(points_m, axis=0).max() < 1e-6 else shapely.LineString(points_m)
