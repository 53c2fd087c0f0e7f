"""The flight's log: every event as a line of JSON (`missions.control.wire`), telemetry thinned, readable while it grows."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Self

from mavlink_bridge.events import Telemetry
from missions.control.messages import PatrolEvent
from missions.control.wire import encode


class EventLog:
    """`with EventLog(path) as log`, then `log.write` every event in order.

    Of each drone's telemetry one line is kept per `telemetry_s` of vehicle time, and always the last before anything else
    happens to it, so that lanes, landings and their places are told exactly.
    """

    def __init__(self, path: Path, *, telemetry_s: float = 1.0) -> None:
        self._path = path
        self._telemetry_s = telemetry_s
        self._kept_s: dict[str, float] = {}
        self._held: dict[str, Telemetry] = {}

    def __enter__(self) -> Self:
        self._file = self._path.open("wb", buffering=1 << 16)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.flush()
        self._file.close()

    def write(self, event: PatrolEvent) -> None:
        if isinstance(event, Telemetry):
            self._telemetry(event)
            return
        held = self._held.pop(getattr(event, "drone", ""), None)
        if held is not None:
            self._put(held)
        self._put(event)
        self._file.flush()

    def flush(self) -> None:
        """Everything so far is in the file."""
        for held in self._held.values():
            self._put(held)
        self._held.clear()
        self._file.flush()

    def _telemetry(self, event: Telemetry) -> None:
        if event.at_s - self._kept_s.get(event.drone, -self._telemetry_s) < self._telemetry_s:
            self._held[event.drone] = event
            return
        self._held.pop(event.drone, None)
        self._kept_s[event.drone] = event.at_s
        self._put(event)

    def _put(self, event: PatrolEvent) -> None:
        self._file.write(encode(event))
