"""The vehicle's half of MAVFTP as ArduPilot speaks it: one file open at a time for all links, a queue of five requests.

Facts from ArduPilot's GCS_FTP (4.7.0-dev) and recordings k12-k14: a repeated request gets the last answer again, an open file
is given up for another session after 3 s, closing never fails, and a burst goes on until the file ends.
"""

from __future__ import annotations

import struct
import zlib
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from mavlink_bridge.enums import Severity
from mavlink_bridge.ftp_payload import DATA_BYTES, FtpError, FtpOpcode, FtpPayload, FtpPayloadError, pack_ftp, unpack_ftp
from mavlink_bridge.messages import FileTransferProtocol
from sitl.errors import VehicleFileError
from sitl.ftp_files import Reader, VehicleFiles, Writer
from sitl.mission_protocol import Station
from sitl.outbox import Outbox


@dataclass(frozen=True, slots=True, kw_only=True)
class FtpParams:
    """`burst_per_s` is how many answers of a burst go out in a second: a third of the link's bandwidth (k14)."""

    queue: int = 5
    idle_s: float = 3.0
    burst_answers: int = 500
    burst_per_s: float = 155.0


class _NakError(Exception):
    """Why a request is refused, as it is told to the station."""

    def __init__(self, data: bytes, offset: int = 0) -> None:
        super().__init__(data)
        self.data = data
        self.offset = offset


@dataclass(frozen=True, slots=True)
class _Request:
    station: Station
    payload: FtpPayload


_ERRNOS = {2: FtpError.FILE_NOT_FOUND, 17: FtpError.FILE_EXISTS}
_CRC_BLOCK = 64
_NO_SESSION = -1


class FtpServer:
    """`push` takes requests as they come, `work` answers them into the outbox; `tick` goes on with a burst."""

    def __init__(self, files: VehicleFiles, out: Outbox, *, banner: Callable[[], None], params: FtpParams | None = None) -> None:
        self._files = files
        self._out = out
        self._banner = banner
        self._params = params or FtpParams()
        self._queue: deque[_Request] = deque()
        self._reader: Reader | None = None
        self._writer: Writer | None = None
        self._session = 0
        self._sent_s = -self._params.idle_s
        self._last: tuple[Station, FtpPayload] | None = None
        self._burst: Iterator[FtpPayload] | None = None
        self._burst_to: Station | None = None
        self._owed = 0.0

    def push(self, message: FileTransferProtocol, station: Station) -> None:
        """What does not fit in the queue is lost, as if it had never come."""
        try:
            payload = unpack_ftp(message.payload)
        except FtpPayloadError:
            # A size that is too large: refused in its turn, without its data.
            payload = replace(unpack_ftp(message.payload[:4] + b"\0" + message.payload[5:]), size=DATA_BYTES + 1)
        if len(self._queue) < self._params.queue:
            self._queue.append(_Request(station, payload))

    @property
    def is_busy(self) -> bool:
        return self._burst is not None or bool(self._queue)

    def work(self, now_s: float) -> None:
        """Answer what waits, in order; a burst comes first."""
        while self._queue and self._burst is None:
            request = self._queue.popleft()
            if request.payload.opcode in (FtpOpcode.ACK, FtpOpcode.NAK):
                continue
            self._answer(request, now_s)

    def tick(self, now_s: float, dt_s: float) -> None:
        self._owed += self._params.burst_per_s * dt_s
        while self._burst is not None and self._owed >= 1.0 and self._burst_to is not None:
            self._owed -= 1.0
            answer = next(self._burst, None)
            if answer is None:
                self._burst = None
                break
            self._send(self._burst_to, answer, now_s)
        self._owed = min(self._owed, 1.0)
        self.work(now_s)

    def _send(self, station: Station, payload: FtpPayload, now_s: float) -> None:
        self._last = (station, payload)
        self._sent_s = -self._params.idle_s if payload.req_opcode == FtpOpcode.TERMINATE_SESSION else now_s
        message = FileTransferProtocol(
            target_network=0,
            target_system=station.system_id,
            target_component=station.component_id,
            payload=pack_ftp(payload),
        )
        self._out.answer(station.link, message)

    def _answer(self, request: _Request, now_s: float) -> None:
        wanted, station = request.payload, request.station
        if self._last is not None and self._is_repeated(request, *self._last):
            self._send(station, self._last[1], now_s)
            return
        answer = FtpPayload(seq=(wanted.seq + 1) & 0xFFFF, session=wanted.session, opcode=FtpOpcode.ACK, req_opcode=wanted.opcode)
        try:
            answer = self._done(request, answer, now_s)
        except VehicleFileError as error:
            known = _ERRNOS.get(error.number)
            data = bytes((FtpError.FAIL_ERRNO, error.number)) if known is None else bytes((known,))
            answer = _nak(answer, data)
        except _NakError as refusal:
            answer = replace(_nak(answer, refusal.data), offset=refusal.offset)
        if self._burst is None:
            self._send(station, answer, now_s)
        else:
            self._burst_to, self._owed = station, 1.0
            self.tick(now_s, 0.0)
        if wanted.opcode == FtpOpcode.OPEN_FILE_RO and answer.opcode == FtpOpcode.ACK and wanted.data.startswith(b"@PARAM/param.pck"):
            self._banner()

    @staticmethod
    def _is_repeated(request: _Request, station: Station, last: FtpPayload) -> bool:
        wanted = request.payload
        return station.is_same(request.station) and wanted.session == last.session and (wanted.seq + 1) & 0xFFFF == last.seq

    def _done(self, request: _Request, answer: FtpPayload, now_s: float) -> FtpPayload:
        """Do it; what to answer."""
        wanted = request.payload
        if wanted.size > DATA_BYTES:
            raise _NakError(bytes((FtpError.INVALID_DATA_SIZE,)))
        ends = wanted.opcode in (FtpOpcode.TERMINATE_SESSION, FtpOpcode.RESET_SESSIONS)
        if wanted.session != self._session:
            if ends:
                return answer
            if self._is_open:
                if now_s - self._sent_s < self._params.idle_s:
                    raise _NakError(bytes((FtpError.INVALID_SESSION,)))
                self._close()
        match wanted.opcode:
            case FtpOpcode.NONE:
                return answer
            case FtpOpcode.TERMINATE_SESSION | FtpOpcode.RESET_SESSIONS:
                self._close()
                return answer
            case FtpOpcode.LIST_DIRECTORY:
                return self._listed(wanted, answer)
            case FtpOpcode.OPEN_FILE_RO:
                return self._opened(wanted, answer, now_s)
            case FtpOpcode.CREATE_FILE | FtpOpcode.OPEN_FILE_WO:
                return self._created(wanted, answer)
            case FtpOpcode.READ_FILE:
                return self._read(wanted, answer)
            case FtpOpcode.WRITE_FILE:
                return self._written(wanted, answer)
            case FtpOpcode.BURST_READ_FILE:
                self._burst = self._bursts(self._for_reading(), wanted, answer)
                return answer
            case FtpOpcode.CALC_FILE_CRC32:
                return _with(answer, struct.pack("<I", self._checksum(_name(wanted))))
            case FtpOpcode.REMOVE_FILE | FtpOpcode.REMOVE_DIRECTORY | FtpOpcode.CREATE_DIRECTORY:
                self._files.remove(_name(wanted))
                return answer
        self._out.text(Severity.DEBUG, f"Unsupported FTP: {wanted.opcode}")
        raise _NakError(bytes((FtpError.FAIL,)))

    @property
    def _is_open(self) -> bool:
        return self._reader is not None or self._writer is not None

    def _close(self) -> None:
        writer, self._reader, self._writer = self._writer, None, None
        self._session = _NO_SESSION
        if writer is not None:
            writer.close()

    def _listed(self, wanted: FtpPayload, answer: FtpPayload) -> FtpPayload:
        answer = replace(answer, offset=wanted.offset)
        name = _name(wanted, offset=wanted.offset)
        try:
            entries = self._files.entries(name)[wanted.offset :]
        except VehicleFileError as error:
            raise _NakError(bytes((_ERRNOS.get(error.number, FtpError.FAIL),)), wanted.offset) from None
        data = b""
        for entry in entries:
            # Each entry ends with two zeros (k12).
            packed = entry.encode() + b"\0\0"
            if len(data) + len(packed) > DATA_BYTES:
                break
            data += packed
        if not data:
            raise _NakError(bytes((FtpError.EOF,)), wanted.offset)
        return _with(answer, data)

    def _opened(self, wanted: FtpPayload, answer: FtpPayload, now_s: float) -> FtpPayload:
        if self._is_open and now_s - self._sent_s > self._params.idle_s:
            self._close()
        if self._is_open:
            raise _NakError(bytes((FtpError.FAIL,)))
        name = _name(wanted)
        size = self._files.size_bytes(name)
        self._reader = self._files.open_to_read(name)
        self._session = wanted.session
        return _with(answer, struct.pack("<I", size))

    def _created(self, wanted: FtpPayload, answer: FtpPayload) -> FtpPayload:
        if self._is_open:
            raise _NakError(bytes((FtpError.FAIL,)))
        self._writer = self._files.open_to_write(_name(wanted))
        self._session = wanted.session
        return answer

    def _for_reading(self) -> Reader:
        if not self._is_open:
            raise _NakError(bytes((FtpError.FILE_NOT_FOUND,)))
        if self._reader is None:
            raise _NakError(bytes((FtpError.FAIL,)))
        return self._reader

    def _read(self, wanted: FtpPayload, answer: FtpPayload) -> FtpPayload:
        data = self._for_reading().read(wanted.offset, wanted.size)
        if not data:
            raise _NakError(bytes((FtpError.EOF,)))
        return replace(_with(answer, data), offset=wanted.offset)

    def _written(self, wanted: FtpPayload, answer: FtpPayload) -> FtpPayload:
        if not self._is_open:
            raise _NakError(bytes((FtpError.FILE_NOT_FOUND,)))
        if self._writer is None:
            raise _NakError(bytes((FtpError.FAIL,)))
        self._writer.write(wanted.offset, wanted.data)
        return replace(answer, offset=wanted.offset)

    def _bursts(self, reader: Reader, wanted: FtpPayload, answer: FtpPayload) -> Iterator[FtpPayload]:
        """Block after block; the NAK that says "end of file" comes last, with the offset of the end."""
        block, offset, shown = wanted.size or DATA_BYTES, wanted.offset, 0
        for number in range(self._params.burst_answers):
            try:
                data = reader.read(offset, block)
            except VehicleFileError as error:
                yield _nak(answer, bytes((FtpError.FAIL_ERRNO, error.number)))
                return
            if not data:
                # Behind a full block ArduPilot shows that block's offset.
                yield replace(_nak(answer, bytes((FtpError.EOF,))), offset=shown)
                return
            complete = number == self._params.burst_answers - 1
            yield replace(_with(answer, data), offset=offset, burst_complete=complete)
            shown = offset if len(data) == block else offset + len(data)
            offset += len(data)
            answer = replace(answer, seq=(answer.seq + 1) & 0xFFFF)

    def _checksum(self, name: str) -> int:
        reader = self._files.open_to_read(name)
        data = b""
        while part := reader.read(len(data), _CRC_BLOCK):
            data += part
        # ArduPilot's CRC begins with 0 and is not inverted at the end.
        return zlib.crc32(data, 0xFFFFFFFF) ^ 0xFFFFFFFF


def _name(wanted: FtpPayload, *, offset: int = 0) -> str:
    """A path fills the request's data, without a zero in it."""
    if not wanted.data or b"\0" in wanted.data:
        raise _NakError(bytes((FtpError.INVALID_DATA_SIZE,)), offset)
    return wanted.data.decode("utf-8", "replace")


def _with(answer: FtpPayload, data: bytes) -> FtpPayload:
    return replace(answer, data=data, size=len(data))


def _nak(answer: FtpPayload, data: bytes) -> FtpPayload:
    return replace(_with(answer, data), opcode=FtpOpcode.NAK, offset=0)
