"""The events of a flight, read from its log: what cannot be read is counted, never guessed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from missions.control.messages import PatrolEvent
from missions.control.wire import WireError, decode_event
from missions.errors import InputError

EVENTS_FILE = "flight.jsonl"


@dataclass(frozen=True, slots=True, kw_only=True)
class FlightEvents:
    """Events in the order they were logged, and how many lines were none (a crash may tear the last one)."""

    events: tuple[PatrolEvent, ...]
    unreadable_lines: int = 0


def read_flight_events(path: Path) -> FlightEvents:
    """Raises InputError when there is no such file, or none of its lines is an event."""
    try:
        lines = path.read_bytes().splitlines()
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", file=str(path), mend="give the folder that fly wrote") from error
    events: list[PatrolEvent] = []
    unreadable = 0
    for line in lines:
        try:
            events.append(decode_event(line))
        except WireError:
            unreadable += 1
    if lines and not events:
        raise InputError("holds no event", file=str(path), mend="is this a flight's log?")
    return FlightEvents(events=tuple(events), unreadable_lines=unreadable)
