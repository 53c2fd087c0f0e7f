"""Which lane of one plan a lane of another one is, or is a part of: they are told by where they lie, not by their names."""

from __future__ import annotations

from planner.geo import LocalFrame
from planner.model import Lane, Leg, Plan, Sortie

_NEAR_M = 1.0


def old_name(new: Plan, lane: str, old: Plan) -> str:
    """The lane's name in the old plan; empty when it is on none of its lanes."""
    if any(each.id == lane for each in old.lanes):
        return lane
    ours = next(each for each in new.lanes if each.id == lane)
    return next((each.id for each in old.lanes if _lies_on(ours, each)), "")


def _lies_on(part: Lane, whole: Lane) -> bool:
    frame = LocalFrame(whole.start)
    end = frame.point_to_local(whole.end)
    return all(_off_m(frame.point_to_local(place), end) < _NEAR_M for place in (part.start, part.end))


def _off_m(point: tuple[float, float], end: tuple[float, float]) -> float:
    """From the straight line between the origin and `end`."""
    square = end[0] ** 2 + end[1] ** 2
    along = max(0.0, min(1.0, (point[0] * end[0] + point[1] * end[1]) / square)) if square > 0 else 0.0
    east_m, north_m = point[0] - along * end[0], point[1] - along * end[1]
    return float((east_m**2 + north_m**2) ** 0.5)


def common_legs(one: Sortie, other: Sortie) -> tuple[Leg, ...]:
    """With which both begin."""
    count = 0
    while count < min(len(one.legs), len(other.legs)) and one.legs[count] == other.legs[count]:
        count += 1
    return one.legs[:count]
