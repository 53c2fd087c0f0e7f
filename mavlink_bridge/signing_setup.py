"""Give a vehicle a signing key, change it, or end signing; and see that it took.

SETUP_SIGNING has no answer (mavlink.io/en/guide/message_signing.html). So the vehicle is asked for its version, signed with the new
key (or not at all, when signing ends): only a vehicle that has the key answers with frames that the key proves. ArduPilot refuses
a new key while it is armed.
"""

from __future__ import annotations

from dataclasses import dataclass

from mavlink_bridge import messages as m
from mavlink_bridge.conversation import Endpoints, Failed, Unknown, Verified
from mavlink_bridge.enums import MavCmd, MessageId
from mavlink_bridge.signing import KEY_BYTES, Admission, Signing


@dataclass(frozen=True, kw_only=True, slots=True)
class SetupParams:
    """Seconds and counts."""

    timeout_s: float = 1.0
    tries: int = 8


@dataclass(frozen=True, slots=True)
class SendSigned:
    """Put this message on the link, signed by this key; `by` None is unsigned."""

    message: m.Message
    by: Signing | None


SetupOutput = SendSigned | Verified | Failed | Unknown


class SigningSetup:
    """One set-up (`old` None), rotation, or removal (`new` None). Use only on a link that nobody listens to.

    The key travels in the clear. Outputs `SendSigned`s and one of Verified, Failed, Unknown. Of the frames of the vehicle give it
    all: it judges them by the new key itself.
    """

    def __init__(
        self, endpoints: Endpoints, *, old: Signing | None, new: Signing | None, new_secret: bytes, params: SetupParams | None = None
    ) -> None:
        """`new_secret` is `new`'s key, or 32 zeros. ValueError when they disagree."""
        if len(new_secret) != KEY_BYTES or (new is None) != (not any(new_secret)):
            raise ValueError("a new key and its signing belong together; no key is 32 zeros")
        self._endpoints = endpoints
        self._old, self._new = old, new
        self._secret = new_secret
        self._params = params or SetupParams()
        self._tries_left = self._params.tries
        self._is_heard = False
        self.deadline_s: float | None = None
        self.is_over = False

    def start(self, now_s: float, unix_s: float) -> list[SetupOutput]:
        return self._ask(now_s, unix_s)

    def receive(self, frame: m.Frame, unix_s: float) -> list[SetupOutput]:
        if self.is_over or not self._endpoints.is_from_vehicle(frame):
            return []
        self._is_heard = True
        if self._new is not None:
            return [self._end(Verified())] if self._new.admit(frame, unix_s) is Admission.ACCEPTED and frame.is_signed else []
        match frame.message:
            case m.CommandAck(command=MavCmd.REQUEST_MESSAGE) if not frame.is_signed:
                return [self._end(Verified())]
        return []

    def tick(self, now_s: float, unix_s: float) -> list[SetupOutput]:
        if self.is_over or self.deadline_s is None or now_s < self.deadline_s:
            return []
        if self._tries_left > 0:
            return self._ask(now_s, unix_s)
        if self._is_heard:
            return [self._end(Failed("the vehicle did not take the key; it keeps what it had (it refuses while armed)"))]
        return [self._end(Unknown("the vehicle gave no answer: it may have the new key or the old one"))]

    def _ask(self, now_s: float, unix_s: float) -> list[SetupOutput]:
        self._tries_left -= 1
        # What it says from now on bears the key that it has after this.
        self._is_heard = False
        self.deadline_s = now_s + self._params.timeout_s
        system, component = self._endpoints.system, self._endpoints.component
        timestamp = self._new.now(unix_s) if self._new is not None else 0
        setup = m.SetupSigning(target_system=system, target_component=component, secret_key=self._secret, initial_timestamp=timestamp)
        question = m.CommandLong(
            target_system=system,
            target_component=component,
            command=MavCmd.REQUEST_MESSAGE,
            param1=float(MessageId.AUTOPILOT_VERSION),
        )
        return [SendSigned(setup, self._old), SendSigned(question, self._new)]

    def _end(self, outcome: Verified | Failed | Unknown) -> SetupOutput:
        self.is_over = True
        self.deadline_s = None
        return outcome
