"""At which seconds of a period the sorties of a round take off, so that nobody meets another and drones suffice."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np

from planner.revisit.encounters import Seconds

#: Take-offs are tried at so many seconds of a period.
_PLACES = 90


@dataclass(frozen=True, slots=True)
class Trips:
    """The sorties of a round: for how long each takes its drone, battery swap included, and by how many seconds the second of two must not
    take off after the first (`forbidden`, by their numbers).
    """

    busy_s: tuple[float, ...]
    forbidden: Callable[[int, int], Seconds]

    @property
    def away_s(self) -> float:
        return sum(self.busy_s)


def timetable(trips: Trips, every_s: float, drones: int) -> tuple[float, ...] | None:
    """For each trip when in each period of `every_s` it takes off, None when no way was found.

    It is tried first when one drone that flies one trip after the other would begin it: then drones suffice in any case.
    """
    placed: list[float] = []
    chained_s = [0.0, *accumulate(trips.busy_s)]
    for number in range(len(trips.busy_s)):
        if not _follows_itself(trips.forbidden(number, number), every_s):
            return None
        for place in range(_PLACES):
            at_s = (chained_s[number] + place * every_s / _PLACES) % every_s
            if _most_busy(trips.busy_s, [*placed, at_s], every_s) > drones:
                continue
            if all(_is_clear(trips.forbidden(other, number), at_s - before_s, every_s) for other, before_s in enumerate(placed)):
                placed.append(at_s)
                break
        else:
            return None
    return tuple(placed)


def _most_busy(busy_s: Sequence[float], placed: Sequence[float], every_s: float) -> int:
    """How many drones are taken at most."""
    whole = sum(int(busy // every_s) for busy, _ in zip(busy_s, placed, strict=False))
    rests = [(at_s, busy % every_s) for busy, at_s in zip(busy_s, placed, strict=False)]
    return whole + max(sum((begin_s - at_s) % every_s < rest_s - 1e-9 for at_s, rest_s in rests) for begin_s, _ in rests)


def _is_clear(forbidden: Seconds, shift_s: float, every_s: float) -> bool:
    """Whether the shift, a number of periods more or less, is nowhere near what is forbidden. Take-offs are on whole seconds."""
    off_s = np.abs((forbidden - shift_s + every_s / 2) % every_s - every_s / 2)
    return not bool(np.any(off_s < 1.5))


def _follows_itself(forbidden: Seconds, every_s: float) -> bool:
    """Whether a trip that takes off every period meets neither the one before nor any further before."""
    return _is_clear(forbidden[np.abs(forbidden) > every_s / 2], 0.0, every_s) and not bool(
        np.any((np.abs(forbidden) <= every_s / 2) & (np.abs(forbidden) > every_s - 1.5))
    )
