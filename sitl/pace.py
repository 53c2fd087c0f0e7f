"""How fast simulated time runs against the wall clock: as fast as it can, sped up, paused, or step by step."""

from __future__ import annotations

import asyncio

#: When the machine cannot keep up, lost time is not made up for beyond this.
_FORGIVEN_S = 0.5
_PAUSED_POLL_S = 0.02


class Pace:
    """`wait` before each step. `speedup` None is as fast as it can.

    `start_s`, on the event loop's clock, is when simulated time 0 is: processes that are given the same one keep step.
    """

    def __init__(self, speedup: float | None, *, start_s: float | None = None) -> None:
        self._speedup = speedup
        self._origin: tuple[float, float] | None = None if start_s is None else (start_s, 0.0)
        self._paused = False
        self._granted = 0

    @property
    def speedup(self) -> float | None:
        return self._speedup

    @speedup.setter
    def speedup(self, speedup: float | None) -> None:
        if speedup is not None and not speedup > 0:
            raise ValueError(f"speedup {speedup} is not positive")
        self._speedup = speedup
        self._origin = None

    @property
    def is_paused(self) -> bool:
        return self._paused

    def pause(self) -> None:
        self._paused = True

    def resume(self) -> None:
        self._paused = False
        self._origin = None

    def single_step(self) -> None:
        """Let one step happen while paused."""
        self._granted += 1

    async def wait(self, now_s: float) -> None:
        """Return when the step that begins at this simulated time may be taken."""
        while self._paused and self._granted == 0:
            await asyncio.sleep(_PAUSED_POLL_S)
        if self._granted:
            self._granted -= 1
            return
        if self._speedup is None:
            await asyncio.sleep(0)
            return
        wall_s = asyncio.get_running_loop().time()
        if self._origin is None:
            self._origin = (wall_s, now_s)
        ahead_s = self._origin[0] + (now_s - self._origin[1]) / self._speedup - wall_s
        if ahead_s < -_FORGIVEN_S:
            self._origin = (wall_s, now_s)
        await asyncio.sleep(max(0.0, ahead_s))
