"""MAVFTP requests under way: numbered, repeated until answered, a few at a time.

ArduPilot's server keeps five requests, so no more than four are ever under way. It repeats its last answer to a repeated number
(GCS_FTP.cpp): that is what opening and closing need, which must not be done twice; what is read is asked for anew each time,
because the last answer may be old.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from mavlink_bridge import messages as m
from mavlink_bridge.conversation import Endpoints, Send
from mavlink_bridge.ftp_payload import FtpOpcode, FtpPayload, FtpPayloadError, pack_ftp, unpack_ftp

_SEQ = 1 << 16
_REPEATABLE = frozenset({FtpOpcode.READ_FILE, FtpOpcode.WRITE_FILE})


@dataclass(frozen=True, kw_only=True, slots=True)
class FtpParams:
    """Vehicle seconds and counts.

    `busy_s` is how long a vehicle may serve another file before we give up; ArduPilot gives an idle one up after 3 s.
    `attempts` counts whole files; `forget_s` is after how long the vehicle has certainly dropped what was left open.
    """

    timeout_s: float = 0.5
    tries: int = 16
    window: int = 4
    busy_s: float = 8.0
    attempts: int = 2
    forget_s: float = 40.0

    def __post_init__(self) -> None:
        if not 1 <= self.window <= 4:
            raise ValueError(f"window {self.window} is outside 1..4: ArduPilot's server would drop requests")


DEFAULT_FTP = FtpParams()


@dataclass(slots=True)
class _Open:
    payload: FtpPayload
    again_s: float
    tries_left: int


class FtpRequests:
    """One session's. `session` should be nobody else's: the server tells stations apart by nothing more."""

    def __init__(self, endpoints: Endpoints, *, session: int, params: FtpParams) -> None:
        self._endpoints = endpoints
        self._params = params
        self._session = session
        # Not from 0 for each session: an answer to an earlier one must not fit.
        self._seq = session << 8
        self._open: dict[int, _Open] = {}
        self.is_exhausted = False

    @property
    def deadline_s(self) -> float | None:
        return min((request.again_s for request in self._open.values()), default=None)

    @property
    def free(self) -> int:
        """How many more may be asked now."""
        return self._params.window - len(self._open)

    def forget(self) -> None:
        """No answer to anything is waited for any longer."""
        self._open.clear()

    def ask(self, opcode: FtpOpcode, now_s: float, *, data: bytes = b"", offset: int = 0, size: int | None = None) -> Send:
        self._seq = (self._seq + 1) % _SEQ
        payload = FtpPayload(
            seq=self._seq, session=self._session, opcode=opcode, size=len(data) if size is None else size, offset=offset, data=data
        )
        self._open[(self._seq + 1) % _SEQ] = _Open(payload, now_s + self._params.timeout_s, self._params.tries - 1)
        return self._send(payload)

    def answered(self, frame: m.Frame) -> tuple[FtpPayload, FtpPayload] | None:
        """The request that this frame answers, and the answer; None for everything else."""
        message = frame.message
        if not isinstance(message, m.FileTransferProtocol) or not self._endpoints.is_from_vehicle(frame):
            return None
        if not self._endpoints.is_for_us(message.target_system, message.target_component):
            return None
        try:
            answer = unpack_ftp(message.payload)
        except FtpPayloadError:
            return None
        request = self._open.get(answer.seq)
        if request is None or answer.session != self._session or answer.req_opcode != request.payload.opcode:
            return None
        if answer.opcode not in (FtpOpcode.ACK, FtpOpcode.NAK):
            return None
        del self._open[answer.seq]
        return request.payload, answer

    def repeat(self, now_s: float) -> list[Send]:
        """What is due again; `is_exhausted` when something was sent often enough."""
        sends = []
        for number, request in list(self._open.items()):
            if now_s < request.again_s:
                continue
            if request.tries_left == 0:
                self.is_exhausted = True
                return []
            request.tries_left -= 1
            request.again_s = now_s + self._params.timeout_s
            if request.payload.opcode in _REPEATABLE:
                del self._open[number]
                self._seq = (self._seq + 1) % _SEQ
                request.payload = replace(request.payload, seq=self._seq)
                self._open[(self._seq + 1) % _SEQ] = request
            sends.append(self._send(request.payload))
        return sends

    def _send(self, payload: FtpPayload) -> Send:
        return Send(
            m.FileTransferProtocol(
                target_network=0,
                target_system=self._endpoints.system,
                target_component=self._endpoints.component,
                payload=pack_ftp(payload),
            )
        )
