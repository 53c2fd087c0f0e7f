"""The throttle stick that nobody holds: at its minimum, unless a station moves it by RC_CHANNELS_OVERRIDE."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

_THROTTLE_CHANNEL = 2
_LEAVE_AS_IT_IS, _GIVE_BACK = 65535, 0
#: Sticks centred, throttle at its minimum.
_TRANSMITTER_US = (1500, 1500, 1000, 1500, 1800, 1000, 1000, 1800)


@dataclass(frozen=True, slots=True, kw_only=True)
class StickParams:
    """ArduPilot's RC3_MIN, RC3_MAX, THR_DZ (per mille of the range) and RC_OVERRIDE_TIME."""

    least_us: float = 1000.0
    most_us: float = 2000.0
    dead_zone: float = 0.1
    override_s: float = 3.0


class Sticks:
    """Where the throttle stick is; an override that is not repeated ends by itself."""

    def __init__(self, params: StickParams | None = None) -> None:
        self._params = params or StickParams()
        self._throttle_us = 0
        self._until_s = -math.inf
        self._moved_us: dict[int, tuple[int, float]] = {}

    def override(self, channels_us: Sequence[int], now_s: float) -> None:
        for channel, value_us in enumerate(channels_us):
            if value_us == _GIVE_BACK:
                self._moved_us.pop(channel, None)
            elif value_us != _LEAVE_AS_IT_IS:
                self._moved_us[channel] = (value_us, now_s + self._params.override_s)
        throttle_us = channels_us[_THROTTLE_CHANNEL] if len(channels_us) > _THROTTLE_CHANNEL else _LEAVE_AS_IT_IS
        if throttle_us == _LEAVE_AS_IT_IS:
            return
        self._throttle_us = throttle_us
        self._until_s = -math.inf if throttle_us == _GIVE_BACK else now_s + self._params.override_s

    def channels_us(self, now_s: float) -> tuple[int, ...]:
        """As RC_CHANNELS tells them: the simulated transmitter's, and what a station overrides."""
        channels = list(_TRANSMITTER_US)
        for channel, (value_us, until_s) in self._moved_us.items():
            if now_s <= until_s and channel < len(channels):
                channels[channel] = value_us
        return tuple(channels)

    def climb(self, now_s: float) -> float:
        """-1 (stick at its minimum) to 1, 0 within the dead zone about the middle."""
        if now_s > self._until_s:
            return -1.0
        p = self._params
        half_us = (p.most_us - p.least_us) / 2
        moved = max(-1.0, min(1.0, (self._throttle_us - p.least_us - half_us) / half_us))
        dead = 2 * p.dead_zone
        return math.copysign(max(0.0, abs(moved) - dead) / (1.0 - dead), moved)
