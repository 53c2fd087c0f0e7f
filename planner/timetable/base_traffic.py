"""Who is over which base when: one drone at a time climbs or descends there, even when it is somewhat late."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Visit:
    """A stay near a base, in seconds; `climbs` when the drone takes off or lands there rather than passing over it."""

    base: str
    from_s: float
    to_s: float
    climbs: bool

    def shifted(self, delay_s: float) -> Visit:
        return Visit(self.base, self.from_s + delay_s, self.to_s + delay_s, self.climbs)


def visits(times_s: Floats, points_m: Floats, bases_m: Mapping[str, tuple[float, float]], near_m: float) -> tuple[Visit, ...]:
    """All stays within `near_m` of a base, from positions (n x 2 or more columns: east, north) at these times."""
    found: list[Visit] = []
    (west_m, south_m), (east_most_m, north_most_m) = points_m[:, :2].min(axis=0) - near_m, points_m[:, :2].max(axis=0) + near_m
    for base, (east_m, north_m) in bases_m.items():
        if not (west_m <= east_m <= east_most_m and south_m <= north_m <= north_most_m):
            continue
        near = np.hypot(points_m[:, 0] - east_m, points_m[:, 1] - north_m) < near_m
        edges = np.flatnonzero(np.diff(np.concatenate([[False], near, [False]]).astype(np.int8)))
        for first, last in zip(edges[::2], edges[1::2] - 1, strict=True):
            ends = first == 0 or last == len(near) - 1
            found.append(Visit(base, float(times_s[first]), float(times_s[last]), bool(ends)))
    return tuple(found)


def clash(ones: Sequence[Visit], others: Sequence[Visit], slack_s: float) -> bool:
    """Whether two drones are near one base within `slack_s` of each other while at least one climbs or descends there."""
    for one in ones:
        for other in others:
            together = one.from_s < other.to_s + slack_s and other.from_s < one.to_s + slack_s
            if together and one.base == other.base and (one.climbs or other.climbs):
                return True
    return False
