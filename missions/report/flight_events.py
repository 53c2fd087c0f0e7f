"""The events of a flight, read from its log one by one: what cannot be read is counted, never guessed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from missions.control.messages import PatrolEvent, Resumed
from missions.control.wire import WireError, decode_event
from missions.errors import InputError

EVENTS_FILE: Final = "flight.jsonl"


@dataclass(slots=True)
class FlightEvents:
    """Events in the order they were logged, to be gone through once: hours of telemetry of many drones need not fit in memory.

    `events` counts them so far, `unreadable_lines` lines that were none, and `torn_lines` those of these that a killed mission
    control left half written: the last of all, or the last before another went on.
    """

    lines: Iterable[bytes]
    unreadable_lines: int = field(default=0, init=False)
    torn_lines: int = field(default=0, init=False)
    events: int = field(default=0, init=False)

    def __iter__(self) -> Iterator[PatrolEvent]:
        after_unreadable = False
        for line in self.lines:
            if not line.strip():
                continue
            try:
                event = decode_event(line)
            except WireError:
                self.unreadable_lines += 1
                after_unreadable = True
                continue
            if isinstance(event, Resumed) and after_unreadable:
                self.torn_lines += 1
            after_unreadable = False
            self.events += 1
            yield event
        self.torn_lines += after_unreadable


def event_lines(path: Path) -> Iterator[bytes]:
    """The log's lines. Raises InputError, at the first one, when there is no such file."""
    try:
        with path.open("rb") as file:
            yield from file
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", file=str(path), mend="give the folder that fly wrote") from error
