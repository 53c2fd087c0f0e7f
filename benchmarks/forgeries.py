"""Forged, replayed and unsigned frames thrown at a signed link, with the genuine vehicle speaking in between."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from mavlink_bridge import messages as m
from mavlink_bridge.codec import Decoder, Encoder
from mavlink_bridge.framing import FRAME_BYTES
from mavlink_bridge.signing import Admission, Signing, SigningKey

_NOW_S = 1_795_435_200.0
_TIMESTAMP = slice(-12, -6)
_KEPT = 500
#: One genuine frame after so many hostile ones.
_HOSTILE_PER_GENUINE = 50


@dataclass(slots=True)
class Outcome:
    """How it went: hostile frames by kind, those that were accepted, genuine ones and those that were not.

    A frame that ends in what looks like the beginning of another waits for the next bytes, so frames are told apart by their
    bytes, not by when they came.
    """

    hostile: Counter[str] = field(default_factory=Counter)
    accepted: int = 0
    genuine: int = 0
    locked_out: int = 0


class _Attacker:
    """Hears everything, has another key, and knows the format by heart."""

    def __init__(self, dice: random.Random) -> None:
        self._dice = dice
        self._heard: list[bytes] = []
        self._encoder = Encoder(system_id=1, component_id=1)
        self._own = Signing("attacker", SigningKey(bytes(range(1, 33))), unix_s=_NOW_S)
        self.kinds: dict[str, Callable[[], bytes]] = {
            "unsigned": lambda: self._encoder.encode(self._order()),
            "another key": lambda: self._encoder.encode(self._order(), partial(self._own.sign, unix_s=self._when_s())),
            "replayed": lambda: self._dice.choice(self._heard),
            "replayed with a later time": self._later,
            "random signature": self._random_signature,
            "changed payload": self._changed,
            "other link": self._other_link,
        }

    def hears(self, raw: bytes) -> None:
        if len(self._heard) < _KEPT:
            self._heard.append(raw)
        else:
            self._heard[self._dice.randrange(_KEPT)] = raw

    def _order(self) -> m.Message:
        return m.Heartbeat(type=2, autopilot=3, base_mode=self._dice.randrange(256), custom_mode=self._dice.randrange(30), system_status=4)

    def _when_s(self) -> float:
        return _NOW_S + self._dice.choice([-1e6, -60, 0, 60, 1e6, 1e9])

    def _later(self) -> bytes:
        raw = bytearray(self._dice.choice(self._heard))
        raw[_TIMESTAMP] = self._dice.choice([b"\xff" * 6, self._dice.randbytes(6)])
        return bytes(raw)

    def _random_signature(self) -> bytes:
        return self._dice.choice(self._heard)[:-6] + self._dice.randbytes(6)

    def _changed(self) -> bytes:
        raw = bytearray(self._dice.choice(self._heard))
        raw[10] ^= self._dice.randrange(1, 256)
        return bytes(raw)

    def _other_link(self) -> bytes:
        raw = bytearray(self._dice.choice(self._heard))
        raw[-13] = (raw[-13] + self._dice.randrange(1, 256)) % 256
        return bytes(raw)


def attack(hostile: int, seed: int = 0) -> Outcome:
    """So many hostile frames; time passes as the vehicle speaks four times a second."""
    dice, outcome = random.Random(seed), Outcome()
    key = SigningKey(random.Random(seed + 1).randbytes(32))
    signing = Signing("d1", key, unix_s=_NOW_S)
    vehicle, voice, decoder = Signing("vehicle", key, unix_s=_NOW_S + 55), Encoder(system_id=1, component_id=1), Decoder()
    attacker = _Attacker(dice)
    kinds = tuple(attacker.kinds)
    waiting: set[bytes] = set()

    def hear(raw: bytes, now_s: float) -> None:
        for frame in decoder.feed(raw):
            if signing.admit(frame, now_s) is Admission.ACCEPTED:
                outcome.accepted += frame.raw not in waiting
                waiting.discard(frame.raw)

    for number in range(hostile):
        now_s = _NOW_S + number / _HOSTILE_PER_GENUINE / 4
        if number % _HOSTILE_PER_GENUINE == 0:
            raw = voice.encode(m.MissionCurrent(seq=number % 500), partial(vehicle.sign, unix_s=now_s + 55))
            attacker.hears(raw)
            outcome.genuine += 1
            waiting.add(raw)
            hear(raw, now_s)
        kind = kinds[number % len(kinds)]
        outcome.hostile[kind] += 1
        hear(attacker.kinds[kind](), now_s)
    hear(bytes(FRAME_BYTES), now_s)
    outcome.locked_out = len(waiting)
    return outcome
