"""When a base may launch: while a crew is on duty, in its launch slots, and with a free pad for who lands."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from planner.model import Staff

#: Rounding of times.
_SLACK_S = 1e-6


def is_staffed(staff: Staff, from_s: float, to_s: float) -> bool:
    """Whether some crew is on duty all the time."""
    period_s, on_s = staff.duty_s + staff.rest_s, staff.crews * staff.duty_s
    if on_s >= period_s or math.isinf(on_s):
        return True
    begun_s = math.floor((from_s + _SLACK_S) / period_s) * period_s
    return to_s <= begun_s + on_s + _SLACK_S


@dataclass(slots=True)
class BaseDay:
    """What a base has launched and landed so far."""

    staff: Staff
    launches_s: list[float] = field(default_factory=list)
    swaps_s: list[tuple[float, float]] = field(default_factory=list)

    def admits(self, start_s: float, end_s: float, swap_s: float) -> bool:
        """Whether a sortie may take off and land then."""
        if not is_staffed(self.staff, start_s, end_s):
            return False
        if any(abs(start_s - other) < self.staff.launch_every_s - _SLACK_S for other in self.launches_s):
            return False
        return self.staff.pads is None or _most_at_once(self.swaps_s, (end_s, end_s + swap_s)) <= self.staff.pads

    def add(self, start_s: float, end_s: float, swap_s: float) -> None:
        self.launches_s.append(start_s)
        self.swaps_s.append((end_s, end_s + swap_s))


def _most_at_once(others: Sequence[tuple[float, float]], own: tuple[float, float]) -> int:
    """The most pads that are taken at once while `own` is one of them."""
    near = [each for each in others if each[0] < own[1] and own[0] < each[1]]
    starts = [own[0], *(each[0] for each in near if each[0] > own[0])]
    return max(1 + sum(each[0] <= at_s < each[1] for each in near) for at_s in starts)
