"""What the map shows that does not move, in metres east and north of one frame: ground, lines, places and routes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from gui.models.viewport import Bounds
from planner.geo import LocalFrame
from planner.model import Nation

#: Rows of metres east, north.
Points = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, slots=True)
class Patch:
    """A piece of ground, local metres, and where its label belongs."""

    geometry: BaseGeometry
    label: str
    label_east_m: float
    label_north_m: float
    nation: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class KeepOutPatch:
    """What must not be entered, and the same grown by its buffer."""

    inner: Patch
    grown: BaseGeometry


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """A point with a name: a base."""

    id: str
    nation: str
    east_m: float
    north_m: float


@dataclass(frozen=True, kw_only=True, slots=True)
class LaneLines:
    """One nation's lanes: rows of start east, start north, end east, end north."""

    nation: str
    segments: Points


@dataclass(frozen=True, kw_only=True, slots=True)
class Track:
    """A stretch of a sortie, flown either to see (`sweeping`) or to get somewhere."""

    sweeping: bool
    points: Points


@dataclass(frozen=True, kw_only=True, slots=True)
class RouteLine:
    """One sortie over the ground, its tracks in flying order."""

    sortie: str
    drone: str
    nation: str
    tracks: tuple[Track, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Mark:
    """A place that something is wrong with; `index` is the violation's place in the plan's list, `sortie` whose it is, if one's."""

    index: int
    east_m: float
    north_m: float
    sortie: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class MapScene:
    """Everything drawn below the drones. Nations keep the plan's order, which decides colours and hatching."""

    frame: LocalFrame
    bounds: Bounds
    nations: tuple[Nation, ...]
    area: BaseGeometry
    border: BaseGeometry | None
    border_band: BaseGeometry | None
    sectors: tuple[Patch, ...]
    permissions: tuple[Patch, ...]
    keep_outs: tuple[KeepOutPatch, ...]
    unreachable: tuple[Patch, ...]
    bases: tuple[Place, ...]
    lanes: tuple[LaneLines, ...] = ()
    routes: tuple[RouteLine, ...] = ()
    marks: tuple[Mark, ...] = ()
    priorities: tuple[Patch, ...] = ()
    """Lines, corridors and places that are patrolled beside or instead of all ground."""
