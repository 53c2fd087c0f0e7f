"""Which stretch of the plan's time is on the screen, and where its round marks are."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

_STEPS_S = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400)


@dataclass(frozen=True, kw_only=True, slots=True)
class TimeAxisParams:
    min_s_per_px: float = 0.05
    shortest_fit_s: float = 60.0
    margin_part: float = 0.02
    """Part of the width left free on either side when all is in view."""


DEFAULT_PARAMS = TimeAxisParams()


@dataclass(frozen=True, kw_only=True, slots=True)
class TimeAxis:
    """`start_s` is at pixel 0, later is right."""

    start_s: float = 0.0
    s_per_px: float = 1.0
    width_px: float = 400.0

    def x_px(self, at_s: float) -> float:
        return (at_s - self.start_s) / self.s_per_px

    def at_s(self, x_px: float) -> float:
        return self.start_s + x_px * self.s_per_px

    def fitted(self, end_s: float, *, width_px: float, params: TimeAxisParams = DEFAULT_PARAMS) -> TimeAxis:
        """From 0 to `end_s`, all in view."""
        length_s = max(end_s, params.shortest_fit_s)
        s_per_px = length_s * (1 + 2 * params.margin_part) / max(width_px, 1.0)
        return TimeAxis(start_s=-params.margin_part * length_s, s_per_px=s_per_px, width_px=max(width_px, 1.0))

    def zoomed(self, factor: float, *, x_px: float, widest: TimeAxis, params: TimeAxisParams = DEFAULT_PARAMS) -> TimeAxis:
        """Closer by `factor` with the time under the pixel staying there, never farther than `widest`."""
        s_per_px = max(self.s_per_px / factor, params.min_s_per_px)
        return replace(self, s_per_px=s_per_px, start_s=self.at_s(x_px) - x_px * s_per_px).within(widest)

    def panned(self, dx_px: float, *, widest: TimeAxis) -> TimeAxis:
        """As after dragging by so many pixels."""
        return replace(self, start_s=self.start_s - dx_px * self.s_per_px).within(widest)

    def within(self, widest: TimeAxis) -> TimeAxis:
        """The nearest that shows nothing outside `widest`."""
        if self.s_per_px >= widest.s_per_px:
            return widest
        last_s = widest.at_s(widest.width_px) - self.width_px * self.s_per_px
        return replace(self, start_s=min(max(self.start_s, widest.start_s), last_s))

    def ticks_s(self, *, apart_px: float) -> tuple[int, ...]:
        """Round times in view that are at least so many pixels apart."""
        step_s = next((step for step in _STEPS_S if step / self.s_per_px >= apart_px), _STEPS_S[-1])
        first = math.ceil(max(self.start_s, 0.0) / step_s)
        last = math.floor(self.at_s(self.width_px) / step_s)
        return tuple(step_s * number for number in range(first, last + 1))
