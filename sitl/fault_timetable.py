"""Which of a drone's faults begin or end by now."""

from __future__ import annotations

import math
from collections.abc import Sequence

from sitl.faults import Fault


class FaultTimetable:
    """Each fault begins once and ends once, in the order of their times."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        moments = [(fault.from_s, True, fault) for fault in faults]
        moments += [(fault.to_s, False, fault) for fault in faults if math.isfinite(fault.to_s)]
        self._moments = sorted(moments, key=lambda moment: moment[0])
        self._done = 0

    @property
    def next_s(self) -> float:
        """When something happens next; infinity when nothing does."""
        return self._moments[self._done][0] if self._done < len(self._moments) else math.inf

    def due(self, now_s: float) -> list[tuple[Fault, bool]]:
        """What happens by now and has not been told: the fault, and whether it begins."""
        found: list[tuple[Fault, bool]] = []
        while self.next_s <= now_s:
            _, begins, fault = self._moments[self._done]
            found.append((fault, begins))
            self._done += 1
        return found
