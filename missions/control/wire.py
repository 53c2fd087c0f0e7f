"""Intents and events as lines of JSON: one object a line, told apart by its `type`; whatever a stranger sends is an error, not a crash.

A connection begins with the client's token, the server answers with a `Snapshot`; then intents go in and events come out.
"""

from __future__ import annotations

import hmac
from typing import get_args

import msgspec

from mavlink_bridge.events import FleetEvent
from missions.control.messages import ControlEvent, Intent, PatrolEvent
from planner.errors import PlannerError

#: Longest line a client may send. The longest honest one names every drone of a fleet.
MAX_INTENT_BYTES = 64 * 1024
#: Longest line a server may send: a snapshot holds the whole plan.
MAX_EVENT_BYTES = 256 * 1024 * 1024

_FLEET_EVENTS: dict[str, type[FleetEvent]] = {kind.__name__: kind for kind in get_args(FleetEvent)}
#: Dataclasses carry no tag of their own; every event has fields, so one can be put before the first.
_FLEET_TAGS: dict[type, bytes] = {kind: f'{{"type":"{name}",'.encode() for name, kind in _FLEET_EVENTS.items()}
_TAG_FIRST = b'{"type":"'
_encoder = msgspec.json.Encoder()
_intents: msgspec.json.Decoder[Intent] = msgspec.json.Decoder(Intent)
_control_events: msgspec.json.Decoder[ControlEvent] = msgspec.json.Decoder(ControlEvent)


class WireError(Exception):
    """A line is no message of ours; the text says what is wrong with it."""


class Hello(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A client's first line."""

    token: str

    def opens(self, secret: str) -> bool:
        """Whether the token is the secret, in time that tells nothing about it."""
        return hmac.compare_digest(self.token.encode(), secret.encode())


class _Tag(msgspec.Struct):
    type: str


_tags = msgspec.json.Decoder(_Tag)
_hellos = msgspec.json.Decoder(Hello)


def encode(message: Intent | PatrolEvent | Hello) -> bytes:
    """One line, its newline included."""
    line = _encoder.encode(message)
    tag = _FLEET_TAGS.get(type(message))
    return line + b"\n" if tag is None else tag + line[1:] + b"\n"


def decode_hello(line: bytes) -> Hello:
    """Raises `WireError`."""
    try:
        return _hellos.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise WireError(f"no greeting: {error}") from None


def decode_intent(line: bytes) -> Intent:
    """Raises `WireError`; never trusts the sender."""
    if len(line) > MAX_INTENT_BYTES:
        raise WireError(f"an intent of {len(line)} bytes; at most {MAX_INTENT_BYTES} are read")
    try:
        return _intents.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise WireError(f"not an intent: {error}") from None


def decode_event(line: bytes) -> PatrolEvent:
    """Raises `WireError`."""
    try:
        kind = _FLEET_EVENTS.get(_tag(line))
        if kind is None:
            return _control_events.decode(line)
        return msgspec.json.decode(line, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, PlannerError) as error:
        raise WireError(f"not an event: {error}") from None


def _tag(line: bytes) -> str:
    """Our own lines begin with it; a stranger's are looked through."""
    if line.startswith(_TAG_FIRST):
        name, quote, _ = line[len(_TAG_FIRST) :].partition(b'"')
        if quote and name.isalpha():
            return name.decode()
    return _tags.decode(line).type
