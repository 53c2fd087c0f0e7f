"""Whole files from and to a vehicle over MAVFTP, one class a conversation.

FtpRead:  open, read (a few blocks at a time, holes asked for again), close --> FileRead
FtpWrite: create, write, close --> FileWritten, which only means that the bytes are there: what the vehicle made of them
          must be read back, because ArduPilot acknowledges any closing (recordings k07b, k13)
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass

from mavlink_bridge import messages as m
from mavlink_bridge.conversation import Endpoints, Progress, Send, earliest
from mavlink_bridge.ftp_payload import DATA_BYTES, FtpError, FtpOpcode, FtpPayload, nak_error
from mavlink_bridge.ftp_requests import DEFAULT_FTP, FtpParams, FtpRequests

_BUSY_PAUSE_S = 1.0
#: More than any file that is asked for here; a vehicle that sends without end must not fill the memory.
_MOST_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class FileRead:
    data: bytes


@dataclass(frozen=True, slots=True)
class FileWritten:
    """All bytes are there and the file is closed."""


@dataclass(frozen=True, slots=True)
class FtpFailed:
    """It did not work. `is_closed` is False when the vehicle may still hold what was written, and take it over later."""

    reason: str
    is_closed: bool = True


FtpOutput = Send | Progress | FileRead | FileWritten | FtpFailed


class _Conversation(ABC):
    """What reading and writing share: opening, in turn with others, and closing."""

    def __init__(self, path: str, endpoints: Endpoints, *, session: int, params: FtpParams) -> None:
        self._path = path
        self._params = params
        self._requests = FtpRequests(endpoints, session=session, params=params)
        self._busy_until_s = 0.0
        self._reopen_s: float | None = None
        self._is_closing = False
        self.is_over = False

    @property
    def deadline_s(self) -> float | None:
        return None if self.is_over else earliest(self._requests.deadline_s, self._reopen_s)

    def start(self, now_s: float) -> list[FtpOutput]:
        self._busy_until_s = now_s + self._params.busy_s
        return [self._open(now_s)]

    def receive(self, frame: m.Frame, now_s: float) -> list[FtpOutput]:
        pair = None if self.is_over else self._requests.answered(frame)
        if pair is None:
            return []
        request, answer = pair
        if self._is_closing:
            return self._closed()
        if request.opcode == self._opening and answer.opcode == FtpOpcode.NAK:
            return self._not_opened(answer, now_s)
        return self._take(request, answer, now_s)

    def tick(self, now_s: float) -> list[FtpOutput]:
        if self.is_over or self.deadline_s is None or now_s < self.deadline_s:
            return []
        if self._reopen_s is not None and now_s >= self._reopen_s:
            self._reopen_s = None
            return [self._open(now_s)]
        sends: list[FtpOutput] = [*self._requests.repeat(now_s)]
        return self._silent() if self._requests.is_exhausted else sends

    _opening = FtpOpcode.OPEN_FILE_RO

    @abstractmethod
    def _take(self, request: FtpPayload, answer: FtpPayload, now_s: float) -> list[FtpOutput]:
        """What follows from the answer to anything but opening and closing."""

    def _closed(self) -> list[FtpOutput]:
        return []

    def _silent(self) -> list[FtpOutput]:
        return [self._end(FtpFailed(f"the vehicle gave no answer about {self._path}"))]

    def _open(self, now_s: float) -> Send:
        return self._requests.ask(self._opening, now_s, data=self._path.encode())

    def _not_opened(self, answer: FtpPayload, now_s: float) -> list[FtpOutput]:
        error = nak_error(answer)
        # One file at a time for all stations: it may be another's turn.
        if error in _BUSY and now_s < self._busy_until_s:
            self._reopen_s = now_s + _BUSY_PAUSE_S
            return []
        return [self._end(FtpFailed(f"the vehicle does not open {self._path}: {error.name}"))]

    def _close(self, now_s: float) -> Send:
        self._is_closing = True
        self._requests.forget()
        return self._requests.ask(FtpOpcode.TERMINATE_SESSION, now_s)

    def _end(self, output: FtpOutput) -> FtpOutput:
        self.is_over = True
        self._requests.forget()
        return output


_BUSY = frozenset({FtpError.FAIL, FtpError.INVALID_SESSION, FtpError.NO_SESSIONS_AVAILABLE})


class FtpRead(_Conversation):
    """Ends with `FileRead` or `FtpFailed`. Nothing changes on the vehicle."""

    def __init__(
        self,
        path: str,
        endpoints: Endpoints,
        *,
        session: int,
        length: Callable[[bytes], int] | None = None,
        params: FtpParams = DEFAULT_FTP,
    ) -> None:
        """`length` tells from the first block how long the file is, and raises ValueError for a wrong one; None reads to its end."""
        super().__init__(path, endpoints, session=session, params=params)
        self._length = length
        self._end_at: int | None = None
        self._blocks: dict[int, bytes] = {}
        self._holes: list[tuple[int, int]] = []
        self._next_at = 0

    def _take(self, request: FtpPayload, answer: FtpPayload, now_s: float) -> list[FtpOutput]:
        if request.opcode == FtpOpcode.OPEN_FILE_RO:
            # The first block alone: it may say how many more there are.
            self._next_at = DATA_BYTES
            return [self._ask(0, DATA_BYTES, now_s)]
        if answer.opcode == FtpOpcode.NAK:
            return self._refused(request, nak_error(answer), now_s)
        if answer.offset != request.offset or not answer.data or len(answer.data) > request.size:
            return self._fail(f"the vehicle sent another block of {self._path} than asked for", now_s)
        return self._keep(request, answer.data, now_s)

    def _keep(self, request: FtpPayload, data: bytes, now_s: float) -> list[FtpOutput]:
        if request.offset == 0 and self._length is not None:
            try:
                self._end_at = self._length(data)
            except ValueError as error:
                return self._fail(str(error), now_s)
        self._blocks[request.offset] = data
        if len(data) < request.size and self._length is None:
            # The file's end: ArduPilot takes no other block size than the first (AP_Filesystem_Param).
            self._end_at = request.offset + len(data)
        elif len(data) < request.size:
            self._holes.append((request.offset + len(data), request.size - len(data)))
        return self._go_on(now_s)

    def _refused(self, request: FtpPayload, error: FtpError, now_s: float) -> list[FtpOutput]:
        if error is not FtpError.EOF:
            return self._fail(f"the vehicle stopped reading {self._path}: {error.name}", now_s)
        self._end_at = request.offset if self._end_at is None else min(self._end_at, request.offset)
        return self._go_on(now_s)

    def _go_on(self, now_s: float) -> list[FtpOutput]:
        data = self._whole
        if data is not None:
            # Told at once: what is read is as old as its answer. If the closing is lost, the vehicle gives the file up by itself.
            return [Progress(len(data), len(data)), self._close(now_s), self._end(FileRead(data))]
        outputs: list[FtpOutput] = []
        while self._requests.free > 0 and (part := self._next_part()) is not None:
            outputs.append(self._ask(*part, now_s))
        if not outputs and self._requests.deadline_s is None:
            return self._fail(f"{self._path} has holes", now_s)
        if self._end_at:
            outputs.append(Progress(sum(map(len, self._blocks.values())), self._end_at))
        return outputs

    def _next_part(self) -> tuple[int, int] | None:
        if self._holes:
            at, size = self._holes.pop()
            room = size if self._end_at is None else min(size, self._end_at - at)
            return (at, room) if room > 0 else self._next_part()
        at = self._next_at
        limit = _MOST_BYTES if self._end_at is None else self._end_at
        if at >= limit:
            return None
        self._next_at += DATA_BYTES
        return at, min(DATA_BYTES, limit - at)

    @property
    def _whole(self) -> bytes | None:
        if self._end_at is None:
            return None
        data = b""
        for at in sorted(self._blocks):
            if at != len(data):
                break
            data += self._blocks[at]
        return data[: self._end_at] if len(data) >= self._end_at else None

    def _ask(self, at: int, size: int, now_s: float) -> Send:
        return self._requests.ask(FtpOpcode.READ_FILE, now_s, offset=at, size=size)

    def _fail(self, reason: str, now_s: float) -> list[FtpOutput]:
        return [self._close(now_s), self._end(FtpFailed(reason))]


class FtpWrite(_Conversation):
    """Ends with `FileWritten` or `FtpFailed`."""

    _opening = FtpOpcode.CREATE_FILE

    def __init__(self, path: str, data: bytes, endpoints: Endpoints, *, session: int, params: FtpParams = DEFAULT_FTP) -> None:
        super().__init__(path, endpoints, session=session, params=params)
        self._data = data
        self._next_at = 0
        self._written = 0
        self._failure = ""

    def give_up(self, now_s: float) -> list[FtpOutput]:
        """Close it as it is; ends with `FtpFailed`."""
        if self.is_over or self._is_closing:
            return []
        self._failure = "given up"
        return [self._close(now_s)]

    def _take(self, request: FtpPayload, answer: FtpPayload, now_s: float) -> list[FtpOutput]:
        if answer.opcode == FtpOpcode.NAK:
            self._failure = f"the vehicle stopped writing {self._path}: {nak_error(answer).name}"
            return [self._close(now_s)]
        if request.opcode == FtpOpcode.WRITE_FILE:
            self._written += request.size
        if self._written == len(self._data):
            return [Progress(self._written, len(self._data)), self._close(now_s)]
        outputs: list[FtpOutput] = []
        while self._requests.free > 0 and self._next_at < len(self._data):
            block = self._data[self._next_at : self._next_at + DATA_BYTES]
            outputs.append(self._requests.ask(FtpOpcode.WRITE_FILE, now_s, offset=self._next_at, data=block))
            self._next_at += len(block)
        return [*outputs, Progress(self._written, len(self._data))] if self._written else outputs

    def _closed(self) -> list[FtpOutput]:
        return [self._end(FtpFailed(self._failure) if self._failure else FileWritten())]

    def _silent(self) -> list[FtpOutput]:
        # ArduPilot fills what is missing with zeros and may yet take that over (AP_Filesystem_Mission.cpp).
        return [self._end(FtpFailed(f"the vehicle gave no answer about {self._path}", is_closed=self._next_at == 0))]


class FtpReset:
    """Makes sure that the vehicle holds no file of ours any more: until it says so, or has certainly forgotten."""

    def __init__(self, endpoints: Endpoints, *, session: int, params: FtpParams = DEFAULT_FTP) -> None:
        self._requests = FtpRequests(endpoints, session=session, params=params)
        self._params = params
        self._over_s = 0.0
        self.is_over = False

    @property
    def deadline_s(self) -> float | None:
        return None if self.is_over else earliest(self._requests.deadline_s, self._over_s)

    def start(self, now_s: float) -> list[Send]:
        self._over_s = now_s + self._params.forget_s
        return [self._requests.ask(FtpOpcode.TERMINATE_SESSION, now_s)]

    def receive(self, frame: m.Frame) -> None:
        self.is_over |= self._requests.answered(frame) is not None

    def tick(self, now_s: float) -> list[Send]:
        if now_s >= self._over_s:
            self.is_over = True
            return []
        sends = self._requests.repeat(now_s)
        if self._requests.is_exhausted:
            self._requests.is_exhausted = False
            self._requests.forget()
            return [self._requests.ask(FtpOpcode.TERMINATE_SESSION, now_s)]
        return sends
