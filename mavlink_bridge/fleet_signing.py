"""Which drone is spoken to with which key, whose frames are let in, and keys that are being changed."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial

from mavlink_bridge import events as e
from mavlink_bridge import messages as m
from mavlink_bridge.conversation import Endpoints, Failed, Unknown, Verified
from mavlink_bridge.signing import KEY_BYTES, Admission, Signing, SigningKey, TimestampStore
from mavlink_bridge.signing_setup import SendSigned, SetupOutput, SigningSetup
from mavlink_bridge.transfer_ends import outcome_of

_NO_KEY = bytes(KEY_BYTES)
#: Dropped frames are told of when they are so many: a flood must not become a flood of alerts.
_TOLD_COUNTS = frozenset(10**power for power in range(10))

Seal = Callable[[bytes], bytes]


@dataclass(frozen=True, slots=True)
class SendSealed:
    """Put this message on the drone's link, signed by `seal`; None is unsigned."""

    message: m.Message
    seal: Seal | None


@dataclass(slots=True)
class _Change:
    """A key on its way to a vehicle: `new` None takes the old one away."""

    setup: SigningSetup
    new: Signing | None


Output = SendSealed | e.FleetEvent


class FleetSigning:
    """Time for signing is the wall clock's (`unix_s`); time-outs of set-ups are vehicle time.

    It outlives a `Fleet`: the next one on the same links goes on with what was heard, and refuses nothing that is still on its way.
    """

    def __init__(
        self, keys: Mapping[str, SigningKey] | None = None, store: TimestampStore | None = None, unix_s: Callable[[], float] = time.time
    ) -> None:
        self._store = store
        self._unix_s = unix_s
        self._signings = {drone: self._signing(drone, key) for drone, key in (keys or {}).items()}
        self._changes: dict[str, _Change] = {}

    @property
    def drones(self) -> frozenset[str]:
        """Those that have a key."""
        return frozenset(self._signings)

    def seal(self, drone: str) -> Seal | None:
        """What signs frames for this drone; None when it has no key."""
        return self._sealed_by(self._signings.get(drone))

    def listeners(self, drones: Iterable[str]) -> list[list[str]]:
        """Who can hear one and the same frame: all that have no key, and each that has one by itself."""
        drones = list(drones)
        unsigned = [drone for drone in drones if drone not in self._signings]
        return ([unsigned] if unsigned else []) + [[drone] for drone in drones if drone in self._signings]

    def hear(self, drone: str, frame: m.Frame, now_s: float) -> tuple[bool, list[Output]]:
        """Whether the frame is the drone's own, as far as a key can tell; and what follows from it."""
        change = self._changes.get(drone)
        outputs = self._follow(drone, change.setup.receive(frame, self._unix_s()), now_s) if change else []
        if change is not None and drone not in self._changes:
            # It has just proven the new key, or that there is none.
            return True, outputs
        signing = self._signings.get(drone)
        admission = signing.admit(frame, self._unix_s()) if signing is not None else Admission.ACCEPTED
        if signing is None or admission is Admission.ACCEPTED:
            return True, outputs
        count = signing.counts[admission]
        if count in _TOLD_COUNTS and change is None:
            text = f"frames that are not the drone's own are dropped: {count} {admission.value}"
            outputs.append(e.Alert(drone=drone, at_s=now_s, level=e.AlertLevel.WARNING, rule="signing", text=text))
        return False, outputs

    def counts(self, drone: str) -> dict[Admission, int]:
        signing = self._signings.get(drone)
        return dict(signing.counts) if signing else {}

    # --- keys that change --------------------------------------------------------------------------------------------

    def begin(self, drone: str, endpoints: Endpoints, new: SigningKey | None, now_s: float) -> list[Output]:
        """Have the vehicle take this key instead of what it has; ends with one `SigningEnded`."""
        if drone in self._changes:
            return [_ended(drone, Failed("another key is on its way to it"), now_s)]
        signing = self._signing(drone, new) if new is not None else None
        secret = new.secret if new is not None else _NO_KEY
        setup = SigningSetup(endpoints, old=self._signings.get(drone), new=signing, new_secret=secret)
        self._changes[drone] = _Change(setup, signing)
        return self._follow(drone, setup.start(now_s, self._unix_s()), now_s)

    def tick(self, now_s: float) -> list[tuple[str, Output]]:
        """What is due, with the drone that it is for."""
        return [
            (drone, output)
            for drone, change in list(self._changes.items())
            for output in self._follow(drone, change.setup.tick(now_s, self._unix_s()), now_s)
        ]

    def _follow(self, drone: str, outputs: list[SetupOutput], now_s: float) -> list[Output]:
        followed: list[Output] = []
        for output in outputs:
            match output:
                case SendSigned(message=message, by=by):
                    followed.append(SendSealed(message, self._sealed_by(by)))
                case Verified():
                    self._adopt(drone, self._changes.pop(drone).new)
                    followed.append(_ended(drone, output, now_s))
                case Failed() | Unknown():
                    del self._changes[drone]
                    followed.append(_ended(drone, output, now_s))
        return followed

    def _adopt(self, drone: str, new: Signing | None) -> None:
        if new is None:
            self._signings.pop(drone, None)
        else:
            # What was heard under the old key meanwhile was no attack.
            new.counts.clear()
            self._signings[drone] = new

    def _signing(self, drone: str, key: SigningKey) -> Signing:
        return Signing(drone, key, unix_s=self._unix_s(), store=self._store)

    def _sealed_by(self, signing: Signing | None) -> Seal | None:
        return partial(signing.sign, unix_s=self._unix_s()) if signing is not None else None


def new_key() -> SigningKey:
    """A key that nobody can guess."""
    return SigningKey(secrets.token_bytes(KEY_BYTES))


def _ended(drone: str, end: Verified | Failed | Unknown, now_s: float) -> e.SigningEnded:
    outcome, reason = outcome_of(end)
    return e.SigningEnded(drone=drone, at_s=now_s, outcome=outcome, reason=reason)
