"""MAVLink 2 signing: who may speak for a vehicle, and proving that it is we who speak (mavlink.io/en/guide/message_signing.html).

The hash is verified before anything else of a frame is believed. pymavlink's own check stores a frame's timestamp first, so that
one forged frame with a far timestamp locks the genuine sender out; here a forgery leaves no trace but a count.
"""

from __future__ import annotations

import hashlib
import hmac
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from mavlink_bridge.messages import Frame

KEY_BYTES = 32
_MAGIC_V2 = 0xFD
_LINK_ID_BYTES, _TIMESTAMP_BYTES, _HASH_BYTES = 1, 6, 6
_SIGNATURE_BYTES = _LINK_ID_BYTES + _TIMESTAMP_BYTES + _HASH_BYTES
#: 2015-01-01 UTC, where signing's time begins.
_EPOCH_UNIX_S = 1_420_070_400.0
TICKS_PER_S = 100_000
_LAST_TIMESTAMP = 2 ** (8 * _TIMESTAMP_BYTES) - 1
#: RADIO_STATUS and its older form RADIO come from modems, which have no key.
_FROM_MODEMS = frozenset({109, 166})


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A secret of 32 bytes. It never shows in a text: not in a log, not in an error."""

    secret: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.secret) != KEY_BYTES or not any(self.secret):
            raise ValueError(f"a signing key has {KEY_BYTES} bytes that are not all zero")

    def signature(self, signed: bytes) -> bytes:
        """The first six bytes of the hash over key and frame, the frame up to and with its timestamp."""
        return hashlib.sha256(self.secret + signed).digest()[:_HASH_BYTES]


class TimestampStore(Protocol):
    """Where timestamps outlive the program. Names are the drone's id and what is counted; nothing secret."""

    def load(self, name: str) -> Mapping[str, int]: ...

    def save(self, name: str, timestamps: Mapping[str, int]) -> None: ...


@dataclass(slots=True)
class MemoryStore:
    """Keeps them for as long as the program lives: for simulations and tests."""

    kept: dict[str, dict[str, int]] = field(default_factory=dict)

    def load(self, name: str) -> Mapping[str, int]:
        return self.kept.get(name, {})

    def save(self, name: str, timestamps: Mapping[str, int]) -> None:
        self.kept[name] = dict(timestamps)


@dataclass(frozen=True, kw_only=True, slots=True)
class SigningParams:
    """`new_stream_lag_s` is the specification's minute: how far behind us a sender that was never heard may be.

    Timestamps are saved ahead of what was used, so that none is used or believed twice after a crash: our own by `own_ahead_s`,
    which costs nothing, heard ones by `heard_ahead_s`, for that is how long the vehicle is not believed after one.
    """

    new_stream_lag_s: float = 60.0
    own_ahead_s: float = 10.0
    heard_ahead_s: float = 1.0


DEFAULT_SIGNING = SigningParams()


class Admission(StrEnum):
    ACCEPTED = "accepted"
    UNSIGNED = "unsigned"
    WRONG_KEY = "wrong key"
    REPLAYED = "replayed"


def ticks(unix_s: float) -> int:
    """Signing's time: tens of microseconds since 2015."""
    return max(0, round((unix_s - _EPOCH_UNIX_S) * TICKS_PER_S))


class Signing:
    """One vehicle's key in use: signs what goes to it, admits what comes from it. Time is the wall clock's, passed in."""

    def __init__(
        self,
        drone: str,
        key: SigningKey,
        *,
        link_id: int = 0,
        unix_s: float,
        store: TimestampStore | None = None,
        params: SigningParams = DEFAULT_SIGNING,
    ) -> None:
        self._drone = drone
        self._key = key
        self._link_id = link_id
        self._store: TimestampStore = store or MemoryStore()
        self._params = params
        self.counts: Counter[Admission] = Counter()
        self._saved = dict(self._store.load(drone))
        # Beyond all that was heard: a vehicle without a clock of its own goes by ours, and must get past what is not believed twice.
        self._timestamp = max(ticks(unix_s), *self._saved.values(), 0)
        self._streams = {name: timestamp for name, timestamp in self._saved.items() if name != _OURS}

    def now(self, unix_s: float) -> int:
        """The timestamp that the next frame would bear at least."""
        return max(self._timestamp, ticks(unix_s))

    # --- what goes out -----------------------------------------------------------------------------------------------

    def sign(self, frame: bytes, unix_s: float) -> bytes:
        """A MAVLink 2 frame whose header says that it is signed (and whose checksum knows), with its signature."""
        self._timestamp = min(_LAST_TIMESTAMP, max(self._timestamp + 1, ticks(unix_s)))
        self._keep(_OURS, self._timestamp)
        signed = frame + bytes([self._link_id]) + self._timestamp.to_bytes(_TIMESTAMP_BYTES, "little")
        return signed + self._key.signature(signed)

    # --- what comes in -----------------------------------------------------------------------------------------------

    def admit(self, frame: Frame, unix_s: float) -> Admission:
        """Whether it is the vehicle's. Everything but ACCEPTED must be dropped; all are counted."""
        admission = self._judge(frame, unix_s)
        self.counts[admission] += 1
        return admission

    def _judge(self, frame: Frame, unix_s: float) -> Admission:
        raw = frame.raw
        if not frame.is_signed or len(raw) < _SIGNATURE_BYTES:
            return Admission.ACCEPTED if _message_id(raw) in _FROM_MODEMS else Admission.UNSIGNED
        signed, signature = raw[:-_HASH_BYTES], raw[-_HASH_BYTES:]
        if not hmac.compare_digest(self._key.signature(signed), signature):
            return Admission.WRONG_KEY
        timestamp = int.from_bytes(signed[-_TIMESTAMP_BYTES:], "little")
        stream = f"{signed[-_TIMESTAMP_BYTES - _LINK_ID_BYTES]}/{frame.system_id}/{frame.component_id}"
        last = self._streams.get(stream)
        if last is None:
            last = max(self._timestamp, ticks(unix_s)) - round(self._params.new_stream_lag_s * TICKS_PER_S)
        if timestamp <= last:
            return Admission.REPLAYED
        self._streams[stream] = timestamp
        self._keep(stream, timestamp)
        # A vehicle may run ahead of us (ArduPilot starts a minute ahead of what it had stored) and drops what is older.
        self._timestamp = max(self._timestamp, timestamp)
        return Admission.ACCEPTED

    def _keep(self, name: str, timestamp: int) -> None:
        if timestamp < self._saved.get(name, 0):
            return
        ahead_s = self._params.own_ahead_s if name == _OURS else self._params.heard_ahead_s
        self._saved[name] = timestamp + round(ahead_s * TICKS_PER_S)
        self._store.save(self._drone, dict(self._saved))


_OURS = "ours"


def _message_id(raw: bytes) -> int | None:
    if not raw:
        return None
    if raw[0] == _MAGIC_V2:
        return int.from_bytes(raw[7:10], "little")
    return raw[5] if len(raw) > 5 else None
