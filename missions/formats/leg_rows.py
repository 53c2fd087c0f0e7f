"""A sortie's legs as rows of plain values and as points, made together: a plan has a hundred thousand of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from missions.formats.antimeridian import within_world
from missions.utc import UtcTexts
from planner.model import Plan, Sortie


class LegRow(NamedTuple):
    """What is told of a leg, in the order in which files list it; heights are above the start base."""

    name: str
    leg: str
    number: int
    sortie: str
    drone: str
    nation: str
    lane: str | None
    swath_m: float | None
    start_s: float
    end_s: float
    start_utc: str
    end_utc: str
    energy_wh: float
    from_height_m: float
    to_height_m: float


@dataclass(frozen=True, slots=True)
class FlownLegs:
    """The legs in order. Points are longitude, latitude and metres above sea level, so many for each leg, one leg's after another's.

    `elevation_m` is the start base's.
    """

    rows: list[LegRow]
    points: NDArray[np.float64]
    counts: list[int]
    elevation_m: float

    @property
    def is_in_one_piece(self) -> bool:
        """Whether no leg leaves -180..180, so that none has to be cut: nearly always."""
        return not _leave_world(self.points, self.counts).any()

    def track(self) -> NDArray[np.float64]:
        """The points from start to end, each leg's first one left out, for it is the last of the leg before."""
        begins = np.cumsum(self.counts[:-1])
        return np.delete(self.points, begins, axis=0)

    def geometries(self) -> list[BaseGeometry]:
        """A line for each leg, cut at the edge of the world."""
        return lines(self.points, self.counts)


def flown_legs(plan: Plan, sortie: Sortie, times: UtcTexts) -> FlownLegs:
    """All of a sortie's legs."""
    elevation_m = plan.base(sortie.start_base).elevation_m
    paths = [leg.points for leg in sortie.legs]
    points = np.array([(point.lon_deg, point.lat_deg, elevation_m + point.height_m) for path in paths for point in path])
    rows = [
        LegRow(
            f"{sortie.id} {number} {leg.kind.value}",
            leg.kind.value,
            number,
            sortie.id,
            sortie.drone,
            sortie.nation,
            leg.lane,
            leg.swath_m,
            leg.start_s,
            leg.end_s,
            times.text(leg.start_s),
            times.text(leg.end_s),
            leg.energy_wh,
            leg.start.height_m,
            leg.end.height_m,
        )
        for number, leg in enumerate(sortie.legs, start=1)
    ]
    return FlownLegs(rows, points, [len(path) for path in paths], elevation_m)


def lines(points: NDArray[np.float64], counts: Sequence[int]) -> list[BaseGeometry]:
    """A line through each so many points, cut at the edge of the world."""
    if not len(points):
        return []
    made: list[BaseGeometry] = np.asarray(shapely.linestrings(points, indices=np.repeat(np.arange(len(counts)), counts))).tolist()
    for index in np.flatnonzero(_leave_world(points, counts)).tolist():
        made[index] = within_world(made[index])
    return made


def _leave_world(points: NDArray[np.float64], counts: Sequence[int]) -> NDArray[np.bool_]:
    """Whether each of the lines crosses an edge of the world."""
    begins = np.cumsum([0, *counts[:-1]])
    west_deg, east_deg = np.minimum.reduceat(points[:, 0], begins), np.maximum.reduceat(points[:, 0], begins)
    return np.asarray((west_deg < -180) | (east_deg > 180) | (east_deg - west_deg > 180))
