"""By how many seconds one flight must not follow another: the shifts of take-offs at which the two would come too close."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from planner.model import Limits
from planner.timetable.later_launches import Course

#: Whole seconds, in order.
Seconds = NDArray[np.int64]


def shifts_that_meet(one: Course, other: Course, limits: Limits, margin_m: float, margin_up_m: float) -> Seconds:
    """All s such that a drone on the other course, taking off s seconds after one on the first, comes too close to it. Both courses are
    sampled every second from take-off.
    """
    reach_m = limits.min_separation_m + margin_m
    tree = shapely.STRtree(np.asarray(shapely.points(other.points_m[:, :2])))
    at_one, at_other = tree.query(np.asarray(shapely.points(one.points_m[:, :2])), predicate="dwithin", distance=reach_m)
    apart_m = np.abs(one.points_m[at_one, 2] - other.points_m[at_other, 2])
    near = apart_m < limits.min_vertical_separation_m + margin_up_m
    return np.unique((at_one - at_other)[near]).astype(np.int64)


def shifts_that_clash(one: Course, other: Course, slack_s: float) -> Seconds:
    """The same for the two over one base, where at most one may be while one climbs or descends."""
    found = [
        np.arange(np.floor(mine.from_s - theirs.to_s - slack_s), np.ceil(mine.to_s - theirs.from_s + slack_s) + 1).astype(np.int64)
        for mine in one.visits
        for theirs in other.visits
        if mine.base == theirs.base and (mine.climbs or theirs.climbs)
    ]
    return np.unique(np.concatenate(found)) if found else np.empty(0, dtype=np.int64)
