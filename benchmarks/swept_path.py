"""Judge a path over ground by its points alone: length of all legs, ground seen by sweep legs with flat ends, metres out of bounds."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import shapely
from shapely.geometry.base import BaseGeometry

from planner import overlay
from planner.sweep_search.solve import SweepRoutes

OUTSIDE_TOLERANCE_M = 1e-3

#: An acceleration at which a stop costs nothing: at 1 m/s a route's seconds are its metres.
INSTANT_MPS2 = 1e9

#: East, north and the mode ("sweep" or "transit") of the leg that arrives there.
Point = tuple[float, float, str]


@dataclass(frozen=True, slots=True)
class PathScore:
    """`ratio` is the length over area / swath; a leg is outside where it is more than a millimetre off the ground."""

    length_m: float
    ratio: float
    coverage: float
    outside_m: float


def scored(ground: BaseGeometry, path: Sequence[Point], swath_m: float, length_m: float | None = None) -> PathScore:
    """The score in local metres; `length_m` when it was measured otherwise (on the ellipsoid). The first point's mode is ignored."""
    legs = [(shapely.LineString([start[:2], end[:2]]), end[2]) for start, end in itertools.pairwise(path)]
    swaths = [leg.buffer(swath_m / 2, cap_style="flat") for leg, mode in legs if mode == "sweep" and leg.length > 0.0]
    allowed = ground.buffer(OUTSIDE_TOLERANCE_M, join_style="mitre")
    flown_m = sum(leg.length for leg, _ in legs) if length_m is None else length_m
    return PathScore(
        length_m=flown_m,
        ratio=flown_m / (ground.area / swath_m),
        coverage=overlay.intersection(overlay.union(swaths), ground).area / ground.area,
        outside_m=sum(leg.difference(allowed).length for leg, _ in legs if leg.length > 0.0),
    )


def points_of(found: SweepRoutes) -> Iterator[Point]:
    """The only route's points in flying order, those left out at which the drone already is."""
    here: tuple[float, float] | None = None
    for leg in found.routes[0]:
        if here != (leg.east_m, leg.north_m):
            here = (leg.east_m, leg.north_m)
            yield (*here, "sweep" if leg.sweep else "transit")
