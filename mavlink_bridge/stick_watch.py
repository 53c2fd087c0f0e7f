"""Notice that somebody moves the sticks: a transmitter, or a station that plays one. Whoever does outranks us.

In AUTO a copter does not obey its sticks, so the mode says nothing; but a hand on them means to take over.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

_NAMES = ("roll", "pitch", "throttle", "yaw")
#: RC_CHANNELS of a channel that is not there.
_ABSENT = frozenset({0, 65535})


@dataclass(frozen=True, kw_only=True, slots=True)
class StickParams:
    """A stick so far (microseconds of pulse) from where it rested, for so long (vehicle seconds), is being moved: receivers jump."""

    moved_us: float = 100.0
    lasting_s: float = 0.5


class StickWatch:
    """Feed it RC_CHANNELS. Where sticks rest is where they are while the vehicle is disarmed, or were when it was first heard."""

    def __init__(self, params: StickParams) -> None:
        self._params = params
        self._rests_us: list[tuple[int, ...]] = []
        self._is_handed_back = False
        self._since_s: float | None = None
        self._told = False

    def rest(self) -> None:
        """Where they are next they may rest, too: the vehicle was handed back, and the hand may leave them yet."""
        self._is_handed_back, self._since_s, self._told = True, None, False

    def observe(self, channels_us: Sequence[int], now_s: float, *, armed: bool) -> str:
        """Which stick is being moved, once; empty when none is, or that was told."""
        sticks_us = tuple(channels_us[: len(_NAMES)])
        if not armed or not self._rests_us:
            self._rests_us, self._since_s, self._told = [sticks_us], None, False
        elif self._is_handed_back:
            self._rests_us = [self._rests_us[0], sticks_us]
        self._is_handed_back = False
        moved = [name for place, name in enumerate(_NAMES[: len(sticks_us)]) if self._is_moved(place, sticks_us[place])]
        if not moved:
            self._since_s = None
            return ""
        self._since_s = now_s if self._since_s is None else self._since_s
        if self._told or now_s - self._since_s < self._params.lasting_s:
            return ""
        self._told = True
        return " and ".join(moved)

    def _is_moved(self, place: int, now_us: int) -> bool:
        rests_us = [rest_us[place] for rest_us in self._rests_us if place < len(rest_us)]
        if now_us in _ABSENT or _ABSENT & {*rests_us}:
            return False
        return all(abs(now_us - rest_us) > self._params.moved_us for rest_us in rests_us)
