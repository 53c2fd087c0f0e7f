"""Vehicle time from wall time: how fast the vehicles' own clocks run, as they tell it."""

from __future__ import annotations

import math
import statistics


class VehicleClock:
    """Seconds of vehicle time since it was made; monotonic, whatever the vehicles say.

    A simulation asked for twentyfold speed may reach twelve, and not evenly. The rate is what the vehicles' boot clocks show against
    ours, the median over links, looked at every `window_s` of wall time; what was missed until then is made up for within about
    `catch_up_s`. Real vehicles run at 1 and need no measuring (`fixed`).
    """

    def __init__(self, *, rate: float, wall_s: float, fixed: bool = False, window_s: float = 0.5, catch_up_s: float = 2.0) -> None:
        self._rate = rate
        self._fixed = fixed
        self._window_s = window_s
        self._catch_up_s = catch_up_s
        self._now_s = 0.0
        self._wall_s = wall_s
        self._seen: dict[str, tuple[float, float]] = {}
        self._rates: dict[str, float] = {}
        #: Each vehicle's clock less this one at its first word, and how much more that was when it was last looked at.
        self._first_s: dict[str, float] = {}
        self._behind_s: dict[str, float] = {}
        self._owed_s = 0.0

    def now_s(self, wall_s: float) -> float:
        past_s = max(0.0, wall_s - self._wall_s)
        paid_s = self._owed_s * min(1.0, past_s / self._catch_up_s)
        self._owed_s -= paid_s
        self._now_s += max(0.0, past_s * self._rate + paid_s)
        self._wall_s = max(wall_s, self._wall_s)
        return self._now_s

    def observe(self, link: str, boot_s: float, wall_s: float) -> None:
        """A vehicle on the link has just said that it booted `boot_s` ago."""
        if self._fixed:
            return
        before_boot_s, before_wall_s = self._seen.get(link, (math.inf, wall_s))
        if boot_s < before_boot_s:  # it is heard for the first time, or has rebooted
            self._seen[link] = (boot_s, wall_s)
            self._first_s[link] = boot_s - self.now_s(wall_s)
            self._behind_s[link] = 0.0
        elif wall_s - before_wall_s >= self._window_s:
            self._behind_s[link] = boot_s - self.now_s(wall_s) - self._first_s[link]
            self._rates[link] = (boot_s - before_boot_s) / (wall_s - before_wall_s)
            self._seen[link] = (boot_s, wall_s)
            self._rate = statistics.median(self._rates.values())
            self._owed_s = statistics.median(self._behind_s.values())
