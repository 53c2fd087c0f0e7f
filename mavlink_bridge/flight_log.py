"""The telemetry log of one drone: every frame both ways, readable by MAVProxy, Mission Planner and QGroundControl."""

from __future__ import annotations

import struct
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

_STAMP = struct.Struct(">Q")


class TlogWriter:
    """Appends frames to a `.tlog`: a big-endian count of microseconds since 1970 before each raw frame.

    `clock_s` tells wall time. Use it as a context manager; the file is complete after it, and nearly so at any moment before.
    """

    def __init__(self, path: Path, *, clock_s: Callable[[], float] = time.time) -> None:
        self._file = path.open("ab", buffering=1 << 16)
        self._clock_s = clock_s

    def record(self, frame: bytes) -> None:
        self._file.write(_STAMP.pack(int(self._clock_s() * 1e6)) + frame)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._file.close()
