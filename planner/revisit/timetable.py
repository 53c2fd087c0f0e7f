"""At which seconds of a period the sorties of a round take off, so that nobody climbs through another over the base and drones suffice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate


@dataclass(frozen=True, slots=True)
class Trip:
    """A sortie: for how long its drone is taken, battery swap included, and when it is over its base (from, to, whether it climbs or
    descends there), in seconds from its take-off.
    """

    busy_s: float
    at_base: tuple[tuple[float, float, bool], ...]


#: Take-offs are tried at so many seconds of a period.
_PLACES = 60


def timetable(trips: Sequence[Trip], every_s: float, drones: int) -> tuple[float, ...] | None:
    """For each trip when in each period of `every_s` it takes off, None when none was found.

    It is tried first when one drone that flies one trip after the other would begin it: then drones suffice in any case.
    """
    placed: list[tuple[Trip, float]] = []
    ends_s = [0.0, *accumulate(trip.busy_s for trip in trips)]
    for trip, chained_s in zip(trips, ends_s[:-1], strict=True):
        for place in range(_PLACES):
            at_s = (chained_s + place * every_s / _PLACES) % every_s
            if _is_clear(trip, at_s, placed, every_s) and _most_busy([*placed, (trip, at_s)], every_s) <= drones:
                placed.append((trip, at_s))
                break
        else:
            return None
    return tuple(at_s for _, at_s in placed)


def _most_busy(placed: Sequence[tuple[Trip, float]], every_s: float) -> int:
    """How many drones are taken at most."""
    whole = sum(int(trip.busy_s // every_s) for trip, _ in placed)
    rests = [(at_s, trip.busy_s % every_s) for trip, at_s in placed]
    return whole + max(sum((begin_s - at_s) % every_s < rest_s - 1e-9 for at_s, rest_s in rests) for begin_s, _ in rests)


def _is_clear(trip: Trip, at_s: float, placed: Sequence[tuple[Trip, float]], every_s: float) -> bool:
    """Whether the trip meets neither others nor itself, a period or more later, over the base."""
    own = [(at_s + from_s, to_s - from_s, climbs) for from_s, to_s, climbs in trip.at_base]
    others = [(at + from_s, to_s - from_s, climbs) for other, at in placed for from_s, to_s, climbs in other.at_base]
    pairs = [(one, other) for number, one in enumerate(own) for other in (*own[:number], *others)]
    if any(climbs and length_s >= every_s for _, length_s, climbs in own):
        return False
    return not any(
        (one[2] or other[2]) and ((other[0] - one[0]) % every_s < one[1] or (one[0] - other[0]) % every_s < other[1])
        for one, other in pairs
    )
