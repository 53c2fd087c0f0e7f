"""Vehicle time as the plan counts it: seconds since the patrol's start, standing still while everybody is paused."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class PatrolClock:
    """Has not started until `start`; before that every instant is None."""

    started_s: float | None = None
    _paused_s: float | None = None

    @property
    def running(self) -> bool:
        return self.started_s is not None

    @property
    def paused(self) -> bool:
        return self._paused_s is not None

    def start(self, at_s: float) -> None:
        """From now on `at_s` is the plan's second 0. A second start changes nothing."""
        if self.started_s is None:
            self.started_s = at_s

    def patrol_s(self, at_s: float) -> float | None:
        """The plan's second at this instant of vehicle time."""
        if self.started_s is None:
            return None
        return min(at_s, self._paused_s if self._paused_s is not None else at_s) - self.started_s

    def pause(self, at_s: float) -> None:
        if self._paused_s is None:
            self._paused_s = at_s

    def go_on(self, at_s: float) -> None:
        if self._paused_s is not None and self.started_s is not None:
            self.started_s += at_s - max(self._paused_s, self.started_s)
        self._paused_s = None
