"""Few points in place of many samples: the heights that a leg is flown at, on or a little above a floor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from planner import cost
from planner.model import DroneType, Wind

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False, kw_only=True, slots=True)
class Profile:
    """Heights along a way: `at` are the samples that stay, ends included, rising, with their heights."""

    at: NDArray[np.int64]
    heights_m: Floats


def profile(along_m: Floats, floor_m: Floats, *, tolerance_m: float, steepest: float, fixed: Sequence[int] = ()) -> Profile:
    """A polyline through few of the samples, nowhere below the floor, up to `tolerance_m` above it, and on it at both ends.

    Greedy: from each point as far as one straight line goes, and there as low as possible. It is no steeper than `steepest` where
    the floor is not. `fixed` samples stay as well, for the way turns there; their heights lie on the lines.
    """
    last = len(along_m) - 1
    # Who must be down at the end's floor in time may not be higher than this before.
    top_m = np.maximum(floor_m, np.minimum(floor_m + tolerance_m, floor_m[last] + steepest * (along_m[last] - along_m)))
    at, heights_m = [0], [float(floor_m[0])]
    while at[-1] < last:
        number, height_m = _furthest(along_m[at[-1] :], floor_m[at[-1] :], top_m[at[-1] :], heights_m[-1], steepest)
        at.append(at[-1] + number)
        heights_m.append(height_m)
    kept = np.union1d(at, np.asarray(fixed, dtype=np.int64)).astype(np.int64)
    return Profile(at=kept, heights_m=np.interp(along_m[kept], along_m[at], heights_m))


def _furthest(along_m: Floats, floor_m: Floats, top_m: Floats, height_m: float, steepest: float) -> tuple[int, float]:
    """The last sample that a straight line from the first at this height leads to between floor and top, and its height there."""
    gone_m = along_m[1:] - along_m[0]
    least = np.maximum.accumulate((floor_m[1:] - height_m) / gone_m)
    most = np.minimum.accumulate((top_m[1:] - height_m) / gone_m)
    free = np.maximum(least, -steepest) <= np.minimum(most, steepest) + 1e-12
    if free[0]:
        least = np.maximum(least, -steepest)
    else:
        free = least <= most + 1e-12
    reached = len(free) if free.all() else int(np.argmin(free))
    number = max(reached, 1) - 1
    return number + 1, float(height_m + least[number] * gone_m[number])


def level_stretches(drone_type: DroneType, wind: Wind, lengths_m: Floats, courses_rad: Floats, climbs_m: Floats) -> list[tuple[int, int]]:
    """Which segments, from and to, are best flown at one speed each: who hovers slows down for what is steep, and stops in between.

    One stretch of all where nothing is steep; else the shortest time over all ways to divide them.
    """
    count = len(lengths_m)
    whole_s = cost.climbing_run_s(drone_type, wind, lengths_m, courses_rad, climbs_m)
    level_s = cost.climbing_run_s(drone_type, wind, lengths_m, courses_rad, np.zeros(count))
    stop_s = drone_type.cruise_mps / drone_type.acceleration_mps2
    if count < 2 or not drone_type.hovers or whole_s <= level_s + stop_s:
        return [(0, count)]
    best: list[tuple[float, int]] = [(0.0, 0)]
    for end in range(1, count + 1):
        tried = []
        for begin in range(end):
            part = slice(begin, end)
            seconds = cost.climbing_run_s(drone_type, wind, lengths_m[part], courses_rad[part], climbs_m[part])
            tried.append((best[begin][0] + seconds, begin))
        best.append(min(tried))
    cuts = [count]
    while cuts[-1] > 0:
        cuts.append(best[cuts[-1]][1])
    cuts.reverse()
    return list(pairwise(cuts))
