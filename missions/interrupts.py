"""Ctrl-C and termination as calls in the event loop: the first and the second mean different things."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Self

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Interrupts:
    """`with Interrupts(first, second):` inside a running loop. `code` is the exit code that the first one asks for."""

    def __init__(self, first: Callable[[], object], second: Callable[[], object]) -> None:
        self._first = first
        self._second = second
        self._before: dict[int, object] = {}
        self.count = 0
        self.code: int | None = None

    def __enter__(self) -> Self:
        # signal.signal and not the loop's add_signal_handler: that one does not exist on Windows
        loop = asyncio.get_running_loop()

        def take(number: int, _frame: FrameType | None) -> None:
            loop.call_soon_threadsafe(self._take, number)

        for number in _SIGNALS:
            self._before[number] = signal.signal(number, take)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)  # type: ignore[arg-type]  # what signal.signal gave us

    def _take(self, number: int) -> None:
        self.count += 1
        if self.code is None:
            self.code = 128 + number
        (self._first if self.count == 1 else self._second)()
