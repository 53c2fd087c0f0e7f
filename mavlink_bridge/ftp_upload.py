"""Put a list on a vehicle the fast way, as a file, and fall back on the classic way; the ends are those of `MissionUpload`.

    WRITING --written--> READING --same--> COUNTING --as many--> Verified
       |                    | differs, or not readable
       '---- not written ---+--> CLOSING (the file must be gone from the vehicle) --> CLASSIC --> Verified, Failed, Unknown

ArduPilot acknowledges any file and may take over half of it (recordings k07b, k13), so only the read-back counts. A file that may
be whole and still open would be taken over later, over whatever the classic way has put there: hence CLOSING. Files can be read
while another station uploads; only the classic protocol tells (DENIED), so it is asked for the number last. When another station
is known to be there, the whole read-back is the classic one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from enum import Enum, auto

from mavlink_bridge import messages as m
from mavlink_bridge.conversation import Endpoints, Failed, Progress, Send, TransferOutput, Verified
from mavlink_bridge.enums import MissionType
from mavlink_bridge.ftp_file import FileRead, FileWritten, FtpFailed, FtpOutput, FtpRead, FtpReset, FtpWrite
from mavlink_bridge.ftp_requests import DEFAULT_FTP, FtpParams
from mavlink_bridge.item_file import HEADER_BYTES, ITEM_FILES, ItemFileError, file_bytes, pack_items, unpack_items
from mavlink_bridge.mission_comparison import items_match
from mavlink_bridge.mission_download import MissionDownload
from mavlink_bridge.mission_upload import MissionUpload
from mavlink_bridge.transfer_params import DEFAULT_TRANSFER, TransferParams


class FtpUploadState(Enum):
    IDLE = auto()
    WRITING = auto()
    READING = auto()
    COUNTING = auto()
    CLOSING = auto()
    CLASSIC = auto()
    OVER = auto()


class FtpUpload:
    """One upload, verification included. Outputs `Progress` on the way and one of Verified, Failed, Unknown at the end."""

    def __init__(
        self,
        items: Sequence[m.MissionItemInt],
        endpoints: Endpoints,
        *,
        sessions: Iterator[int],
        mission_type: MissionType = MissionType.MISSION,
        params: TransferParams = DEFAULT_TRANSFER,
        ftp: FtpParams = DEFAULT_FTP,
    ) -> None:
        """`sessions` gives FTP session numbers that nothing else on this vehicle uses; `items` as for `MissionUpload`."""
        self._classic = MissionUpload(items, endpoints, mission_type=mission_type, params=params)
        self._items = tuple(
            replace(item, target_system=endpoints.system, target_component=endpoints.component, mission_type=mission_type) for item in items
        )
        self._endpoints = endpoints
        self._sessions = sessions
        self._type = mission_type
        self._params = ftp
        self._transfer = params
        self._attempts_left = ftp.attempts
        self._writing: FtpWrite | None = None
        self._reading: FtpRead | None = None
        self._counting: MissionDownload | None = None
        self._closing: FtpReset | None = None
        self._write_session = 0
        self._is_cancelled = False
        self._shown = 0
        #: Whether no other station has been heard; whoever hears one sets it.
        self.is_alone = True
        self._state = FtpUploadState.IDLE

    @property
    def state(self) -> FtpUploadState:
        return FtpUploadState.OVER if self._classic.is_over else self._state

    @property
    def deadline_s(self) -> float | None:
        child = self._child
        return child.deadline_s if child is not None else None

    @property
    def is_over(self) -> bool:
        return self.state is FtpUploadState.OVER

    @property
    def _child(self) -> FtpWrite | FtpRead | MissionDownload | FtpReset | MissionUpload | None:
        match self.state:
            case FtpUploadState.WRITING:
                return self._writing
            case FtpUploadState.READING:
                return self._reading
            case FtpUploadState.COUNTING:
                return self._counting
            case FtpUploadState.CLOSING:
                return self._closing
            case FtpUploadState.CLASSIC:
                return self._classic
        return None

    # --- the four doors ----------------------------------------------------------------------------------------------

    def start(self, now_s: float) -> list[TransferOutput]:
        return self._write(now_s)

    def cancel(self, now_s: float) -> list[TransferOutput]:
        """Stop, and clear what is on board."""
        match self.state:
            case FtpUploadState.IDLE:
                self._state = FtpUploadState.OVER
                return [Failed("cancelled before it began; the vehicle keeps what it had")]
            case FtpUploadState.CLASSIC:
                return self._classic.cancel(now_s)
            case FtpUploadState.OVER:
                return []
        self._is_cancelled = True
        return [] if self.state is FtpUploadState.CLOSING else self._make_sure(now_s)

    def receive(self, frame: m.Frame, now_s: float) -> list[TransferOutput]:
        match self._child:
            case FtpWrite() as writing:
                return self._follow(writing.receive(frame, now_s), now_s)
            case FtpRead() as reading:
                return self._follow(reading.receive(frame, now_s), now_s)
            case MissionDownload() as counting:
                return self._count(counting, counting.receive(frame, now_s), now_s)
            case FtpReset() as closing:
                closing.receive(frame)
                return self._go_classic(now_s) if closing.is_over else []
            case MissionUpload() as classic:
                return classic.receive(frame, now_s)
        return []

    def tick(self, now_s: float) -> list[TransferOutput]:
        match self._child:
            case FtpWrite() | FtpRead() as file:
                return self._follow(file.tick(now_s), now_s)
            case MissionDownload() as counting:
                return self._count(counting, counting.tick(now_s), now_s)
            case FtpReset() as closing:
                sends: list[TransferOutput] = [*closing.tick(now_s)]
                return [*sends, *self._go_classic(now_s)] if closing.is_over else sends
            case MissionUpload() as classic:
                return classic.tick(now_s)
        return []

    # --- files -------------------------------------------------------------------------------------------------------

    def _write(self, now_s: float) -> list[TransferOutput]:
        self._state = FtpUploadState.WRITING
        self._attempts_left -= 1
        data = pack_items(self._items, self._type)
        path = ITEM_FILES[self._type]
        self._write_session = next(self._sessions)
        self._writing = FtpWrite(path, data, self._endpoints, session=self._write_session, params=self._params)
        return self._follow(self._writing.start(now_s), now_s)

    def _read(self, now_s: float) -> list[TransferOutput]:
        self._state = FtpUploadState.READING
        self._reading = FtpRead(
            ITEM_FILES[self._type],
            self._endpoints,
            session=next(self._sessions),
            length=lambda head: file_bytes(head, self._type),
            params=self._params,
        )
        return self._follow(self._reading.start(now_s), now_s)

    def _follow(self, outputs: list[FtpOutput], now_s: float) -> list[TransferOutput]:
        followed: list[TransferOutput] = []
        for output in outputs:
            match output:
                case Send():
                    followed.append(output)
                case Progress(done=done, total=total):
                    followed += self._progress(done, total)
                case FileWritten():
                    followed += self._read(now_s)
                case FileRead(data=data):
                    followed += self._compare(data, now_s)
                case FtpFailed(is_closed=False):
                    followed += self._make_sure(now_s)
                case FtpFailed():
                    followed += self._go_classic(now_s)
        return followed

    def _progress(self, done_bytes: int, total_bytes: int) -> list[TransferOutput]:
        """In items, and only of the writing, as the classic way tells it."""
        if self._state is not FtpUploadState.WRITING:
            return []
        done = max(0, done_bytes - HEADER_BYTES) * len(self._items) // max(1, total_bytes - HEADER_BYTES)
        if done <= self._shown:
            return []
        self._shown = done
        return [Progress(done, len(self._items))]

    def _compare(self, data: bytes, now_s: float) -> list[TransferOutput]:
        try:
            is_same = not items_match(self._items, unpack_items(data, self._type))
        except ItemFileError:
            is_same = False
        if not is_same:
            return self._again(now_s)
        if not self.is_alone:
            self._state = FtpUploadState.CLASSIC
            return self._classic.verify(now_s)
        self._state = FtpUploadState.COUNTING
        self._counting = MissionDownload(self._endpoints, mission_type=self._type, params=self._transfer)
        return self._counting.start(now_s)

    def _again(self, now_s: float) -> list[TransferOutput]:
        return self._write(now_s) if self._attempts_left > 0 else self._go_classic(now_s)

    def _count(self, counting: MissionDownload, outputs: list[TransferOutput], now_s: float) -> list[TransferOutput]:
        """Only the number is wanted: nothing that a count starts is sent."""
        if counting.is_disturbed:
            return self._again(now_s)
        if counting.count is not None:
            if counting.count != len(self._items):
                return self._again(now_s)
            self._state = FtpUploadState.OVER
            return [Verified()]
        return self._go_classic(now_s) if counting.is_over else outputs

    # --- the classic way ---------------------------------------------------------------------------------------------

    def _make_sure(self, now_s: float) -> list[TransferOutput]:
        self._state = FtpUploadState.CLOSING
        self._closing = FtpReset(self._endpoints, session=self._write_session, params=self._params)
        return [*self._closing.start(now_s)]

    def _go_classic(self, now_s: float) -> list[TransferOutput]:
        self._state = FtpUploadState.CLASSIC
        if self._is_cancelled:
            return self._classic.abandon("cancelled", now_s)
        return self._classic.start(now_s)
