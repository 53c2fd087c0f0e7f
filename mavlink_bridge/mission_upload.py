"""Put a mission, fence or rally list on a vehicle, and call it done only when the vehicle reads it back the same.

ArduPilot pulls: COUNT, then it asks for each item, and acknowledges at the end. Its store is not atomic: an upload that
stops half-way leaves new items before old ones, and it would fly that. So every upload here ends by a matching read-back
(Verified), or by clearing what is on board (Failed), or it says that nobody knows (Unknown).

    COUNT_SENT --request--> SENDING_ITEMS --ACK, or silence after the last item--> READING_BACK --same--> Verified
        |                        |  ^----------- the vehicle asks again -----------'      |
        '------ no answer -------+---- NACK, cancelled, silence --> next attempt <--------' differs
                                             attempts used up --> CLEARING --> Failed or Unknown
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from enum import Enum, auto

from mavlink_bridge import messages as m
from mavlink_bridge.capacity import CAPACITY_TEXT
from mavlink_bridge.conversation import Downloaded, Endpoints, Failed, Progress, Send, TransferOutput, Unknown, Verified
from mavlink_bridge.enums import MavState, MissionResult, MissionType
from mavlink_bridge.mission_clear import MissionClear
from mavlink_bridge.mission_comparison import Mismatch, items_match
from mavlink_bridge.mission_download import MissionDownload, result_name
from mavlink_bridge.transfer_params import DEFAULT_TRANSFER, TransferParams


class UploadState(Enum):
    IDLE = auto()
    COUNT_SENT = auto()
    SENDING_ITEMS = auto()
    READING_BACK = auto()
    CLEARING = auto()
    OVER = auto()


#: Answers that say nothing about this upload's fate: duplicates on a noisy link make ArduPilot say INVALID_SEQUENCE, and a
#: second station's stray item makes it send DENIED to us; both times it goes on asking (QGroundControl ignores the first too).
_NOT_TERMINAL = frozenset({MissionResult.INVALID_SEQUENCE, MissionResult.DENIED})
#: Refusals that another attempt may overcome; all others are about the items themselves.
_WORTH_ANOTHER_ATTEMPT = frozenset({MissionResult.ERROR, MissionResult.NO_SPACE, MissionResult.OPERATION_CANCELLED})


class MissionUpload:
    """One upload, verification included. Outputs `Progress` on the way and one of Verified, Failed, Unknown at the end."""

    def __init__(
        self,
        items: Sequence[m.MissionItemInt],
        endpoints: Endpoints,
        *,
        mission_type: MissionType = MissionType.MISSION,
        params: TransferParams = DEFAULT_TRANSFER,
    ) -> None:
        """`items` must be numbered from 0 (home, for a mission); they are addressed here. Empty lists are `MissionClear`'s."""
        if not items or [item.seq for item in items] != list(range(len(items))):
            raise ValueError("items must be numbered 0, 1, 2 ... and there must be one at least")
        if len({item.mission_type for item in items}) > 1 or items[0].mission_type not in (MissionType.MISSION, mission_type):
            raise ValueError(f"items must all be of type {mission_type.name}, or of none")
        if sum(item.current != 0 for item in items) > 1:
            raise ValueError("only one item can be the current one")
        self._items = tuple(
            replace(item, target_system=endpoints.system, target_component=endpoints.component, mission_type=mission_type) for item in items
        )
        self._endpoints = endpoints
        self._type = mission_type
        self._params = params
        self._attempt = 0
        self._count_tries_left = 0
        self._asked: set[int] = set()
        self._last_sent_seq: int | None = None
        self._ever_asked = False
        self._last_nack: int | None = None
        self._no_space_since_s: float | None = None
        self._last_mismatches: tuple[Mismatch, ...] = ()
        self._rereads = 0
        self._is_sampling = False
        self._other: tuple[int, int] | None = None
        self._why = ""
        self._readback: MissionDownload | None = None
        self._clearing: MissionClear | None = None
        self._deadline_s: float | None = None
        self.state = UploadState.IDLE

    @property
    def deadline_s(self) -> float | None:
        child = self._readback or self._clearing
        return child.deadline_s if child else self._deadline_s

    @property
    def is_over(self) -> bool:
        return self.state is UploadState.OVER

    # --- the four doors ----------------------------------------------------------------------------------------------

    def start(self, now_s: float) -> list[TransferOutput]:
        return self._begin_attempt(now_s)

    def cancel(self, now_s: float) -> list[TransferOutput]:
        """Stop, and clear what is on board: ArduPilot has no way to cancel that would bring the old mission back."""
        if self.state in (UploadState.OVER, UploadState.CLEARING):
            return []
        if self.state is UploadState.IDLE:
            return [self._end(Failed("cancelled before it began; the vehicle keeps what it had"))]
        return self._clear("cancelled", now_s)

    def abandon(self, why: str, now_s: float) -> list[TransferOutput]:
        """Clear what another way of uploading has left on board, for this reason; ends Failed or Unknown."""
        self._ever_asked = True
        return self._clear(why, now_s)

    def verify(self, now_s: float) -> list[TransferOutput]:
        """Read back what another way of uploading has put on board; uploads it anew when it differs."""
        self._ever_asked = True
        return self._read_back(now_s)

    def receive(self, frame: m.Frame, now_s: float) -> list[TransferOutput]:
        if not self._endpoints.is_from_vehicle(frame):
            return []
        message = frame.message
        self._notice_others(message)
        match self.state:
            case UploadState.COUNT_SENT | UploadState.SENDING_ITEMS:
                return self._receive_pulling(message, now_s)
            case UploadState.READING_BACK:
                return self._receive_reading_back(frame, now_s)
            case UploadState.CLEARING if self._clearing is not None:
                return self._follow_clearing(self._clearing.receive(frame, now_s))
        return []

    def tick(self, now_s: float) -> list[TransferOutput]:
        if self.deadline_s is None or now_s < self.deadline_s:
            return []
        match self.state:
            case UploadState.COUNT_SENT:
                return self._count_timed_out(now_s)
            case UploadState.SENDING_ITEMS:
                return self._vehicle_fell_silent(now_s)
            case UploadState.READING_BACK if self._readback is not None:
                return self._follow_readback(self._readback.tick(now_s), now_s)
            case UploadState.CLEARING if self._clearing is not None:
                return self._follow_clearing(self._clearing.tick(now_s))
        return []

    # --- COUNT and items ---------------------------------------------------------------------------------------------

    def _begin_attempt(self, now_s: float) -> list[TransferOutput]:
        self._attempt += 1
        self._asked = set()
        self._last_sent_seq = None
        self._readback = None
        self._no_space_since_s = None
        self._rereads = 0
        self._is_sampling = False
        self._count_tries_left = self._params.list_tries
        return self._send_count(now_s)

    def _send_count(self, now_s: float) -> list[TransferOutput]:
        self.state = UploadState.COUNT_SENT
        self._count_tries_left -= 1
        self._deadline_s = now_s + self._params.list_timeout_s
        return [
            Send(
                m.MissionCount(
                    target_system=self._endpoints.system,
                    target_component=self._endpoints.component,
                    count=len(self._items),
                    mission_type=self._type,
                )
            )
        ]

    def _receive_pulling(self, message: m.Message, now_s: float) -> list[TransferOutput]:
        match message:
            # ArduPilot asks with the deprecated MISSION_REQUEST and yet expects a MISSION_ITEM_INT.
            case m.MissionRequest() | m.MissionRequestInt() if self._is_ours(message):
                return self._answer(message.seq, now_s)
            case m.MissionAck() if self._is_ours(message):
                return self._take_ack(message.type, now_s)
            case m.StatusText() if self._no_space_since_s is not None:
                return self._take_capacity(message.text, now_s)
            case m.Heartbeat(system_status=status) if self._no_space_since_s is not None and status < MavState.STANDBY:
                # It boots: only what it refuses when it is up is refused.
                self._no_space_since_s = now_s
        return []

    def _notice_others(self, message: m.Message) -> None:
        """The vehicle pulls from another station: whose upload it is, for the reason."""
        match message:
            case m.MissionRequest() | m.MissionRequestInt() if message.mission_type == self._type and not self._is_ours(message):
                self._other = (message.target_system, message.target_component)

    def _is_ours(self, message: m.MissionRequest | m.MissionRequestInt | m.MissionAck) -> bool:
        return message.mission_type == self._type and self._endpoints.is_for_us(message.target_system, message.target_component)

    def _answer(self, seq: int, now_s: float) -> list[TransferOutput]:
        if seq >= len(self._items):
            # Not an item of ours; a vehicle that insists on it runs into the silence limit.
            return []
        is_news = seq not in self._asked
        self._asked.add(seq)
        self._ever_asked = True
        self._no_space_since_s = None
        self._last_sent_seq = seq
        self.state = UploadState.SENDING_ITEMS
        self._deadline_s = now_s + (self._params.final_ack_timeout_s if self._all_asked else self._params.silence_s)
        outputs: list[TransferOutput] = [Send(self._items[seq])]
        return [*outputs, Progress(len(self._asked), len(self._items))] if is_news else outputs

    @property
    def _all_asked(self) -> bool:
        return len(self._asked) == len(self._items)

    def _take_ack(self, result: int, now_s: float) -> list[TransferOutput]:
        if result == MissionResult.ACCEPTED:
            if self._all_asked:
                return self._read_back(now_s)
            return self._attempt_failed("the vehicle accepted the mission before it had asked for all items", now_s)
        if result in _NOT_TERMINAL:
            self._last_nack = result
            return []
        return self._take_refusal(result, now_s)

    def _take_refusal(self, result: int, now_s: float) -> list[TransferOutput]:
        if self.state is UploadState.COUNT_SENT and result == MissionResult.NO_SPACE:
            return self._take_no_space(now_s)
        if self.state is UploadState.COUNT_SENT and result in _WORTH_ANOTHER_ATTEMPT:
            # About an item, or an upload, of before: the COUNT is repeated anyway.
            self._last_nack = result
            return []
        if self._all_asked and result == MissionResult.ERROR:
            # A duplicate of the last item that came after the end is answered ERROR: the ACK before it may be lost.
            return self._read_back(now_s)
        if result in _WORTH_ANOTHER_ATTEMPT:
            return self._attempt_failed(f"the vehicle answered {result_name(result)}", now_s)
        return self._clear(self._refusal_text(result), now_s)

    def _take_no_space(self, now_s: float) -> list[TransferOutput]:
        """ArduPilot refuses any COUNT while it boots, so this counts only when it lasts."""
        if self._no_space_since_s is None:
            self._no_space_since_s = now_s
        if now_s - self._no_space_since_s < self._params.no_space_s:
            return []
        return self._has_no_space("", now_s)

    def _take_capacity(self, text: str, now_s: float) -> list[TransferOutput]:
        found = CAPACITY_TEXT.search(text)
        capacity = int(found[1]) if found else 0
        return self._has_no_space(f", only for {capacity}", now_s) if 0 < capacity < len(self._items) else []

    def _has_no_space(self, capacity: str, now_s: float) -> list[TransferOutput]:
        why = f"the vehicle has no space for {len(self._items)} items{capacity}"
        # Refused before anything was touched, there is nothing to clear.
        return self._clear(why, now_s) if self._ever_asked else [self._end(Failed(f"{why}; it keeps what it had"))]

    def _refusal_text(self, result: int) -> str:
        if self._last_sent_seq is None:
            return f"the vehicle refused the upload: {result_name(result)}"
        item = self._items[self._last_sent_seq]
        return f"the vehicle refused item {item.seq} (command {item.command}, frame {item.frame}): {result_name(result)}"

    def _count_timed_out(self, now_s: float) -> list[TransferOutput]:
        if self._count_tries_left > 0:
            return self._send_count(now_s)
        if self._last_nack == MissionResult.DENIED and not self._ever_asked:
            return [self._end(Failed(f"the vehicle denies it: {self._other_name} is uploading; the vehicle keeps what that one sends"))]
        if self._no_space_since_s is not None:
            return self._clear("the vehicle has no space, or does not finish booting", now_s)
        return self._clear("the vehicle did not answer MISSION_COUNT", now_s)

    @property
    def _other_name(self) -> str:
        return "another station" if self._other is None else f"station {self._other[0]}/{self._other[1]}"

    def _vehicle_fell_silent(self, now_s: float) -> list[TransferOutput]:
        if self._all_asked:
            return self._read_back(now_s)
        return self._attempt_failed(f"the vehicle stopped asking after item {self._last_sent_seq}", now_s)

    def _attempt_failed(self, why: str, now_s: float) -> list[TransferOutput]:
        if self._attempt < self._params.attempts:
            return self._begin_attempt(now_s)
        return self._clear(why, now_s)

    # --- read-back ---------------------------------------------------------------------------------------------------

    def _read_back(self, now_s: float) -> list[TransferOutput]:
        self.state = UploadState.READING_BACK
        most = self._params.read_window if self._is_sampling else None
        self._readback = MissionDownload(self._endpoints, mission_type=self._type, most=most, params=self._params)
        return self._readback.start(now_s)

    def _receive_reading_back(self, frame: m.Frame, now_s: float) -> list[TransferOutput]:
        assert self._readback is not None
        match frame.message:
            # It asks again: the last item was lost, or a late copy of our COUNT made it begin anew. What it reads now is not final.
            case m.MissionRequest() | m.MissionRequestInt() as request if self._is_ours(request):
                if request.seq >= len(self._items):
                    return []
                self._readback = None
                return self._answer(request.seq, now_s)
            case m.MissionAck(type=MissionResult.OPERATION_CANCELLED) as ack if self._is_ours(ack):
                return self._attempt_failed("the vehicle cancelled the upload", now_s)
        return self._follow_readback(self._readback.receive(frame, now_s), now_s)

    def _follow_readback(self, outputs: list[TransferOutput], now_s: float) -> list[TransferOutput]:
        sends: list[TransferOutput] = [output for output in outputs if isinstance(output, Send)]
        for output in outputs:
            match output:
                case Downloaded(items=items):
                    return [*sends, *self._compare(items, now_s)]
                case Failed(reason=reason):
                    return [*sends, *self._clear(f"the upload could not be verified: {reason}", now_s)]
        return sends

    def _compare(self, items: tuple[m.MissionItemInt, ...], now_s: float) -> list[TransferOutput]:
        sent = self._items
        if self._is_sampling and self._readback is not None and self._readback.count == len(sent):
            sent = tuple(self._items[item.seq] for item in items)
        mismatches = items_match(sent, items)
        if not mismatches:
            return self._matched(now_s)
        text = "the read-back differs: " + "; ".join(str(mismatch) for mismatch in mismatches[:3])
        # The same difference again is how the vehicle stores it: no further upload will mend that.
        is_stubborn, self._last_mismatches = mismatches == self._last_mismatches, mismatches
        return self._clear(text, now_s) if is_stubborn else self._attempt_failed(text, now_s)

    def _matched(self, now_s: float) -> list[TransferOutput]:
        """Verified, unless somebody else's upload may have changed what had been read already.

        One that was heard calls for another read-back. One that fell into a pause was not even heard: then all is read once
        more, and at last a few items in one go, until that succeeds without a pause.
        """
        readback = self._readback
        is_doubtful = readback is not None and (readback.is_disturbed or readback.has_paused)
        if not is_doubtful or self._rereads >= self._params.rereads:
            return [self._end(Verified())]
        self._rereads += 1
        self._is_sampling = self._rereads > 1 and readback is not None and not readback.is_disturbed
        return self._read_back(now_s)

    # --- clearing ----------------------------------------------------------------------------------------------------

    def _clear(self, why: str, now_s: float) -> list[TransferOutput]:
        self.state = UploadState.CLEARING
        self._why = why
        self._readback = None
        self._clearing = MissionClear(self._endpoints, mission_type=self._type, params=self._params)
        return self._clearing.start(now_s)

    def _follow_clearing(self, outputs: list[TransferOutput]) -> list[TransferOutput]:
        sends: list[TransferOutput] = [output for output in outputs if isinstance(output, Send)]
        for output in outputs:
            match output:
                case Verified():
                    return [*sends, self._end(Failed(f"{self._why}; what was on the vehicle has been cleared"))]
                case Failed(reason=reason):
                    return [*sends, self._end(Failed(f"{self._why}; it could NOT be cleared: {reason}"))]
                case Unknown(reason=reason):
                    return [*sends, self._end(Unknown(f"{self._why}; what is on the vehicle is not known: {reason}"))]
        return sends

    def _end(self, outcome: TransferOutput) -> TransferOutput:
        self.state = UploadState.OVER
        self._readback = self._clearing = None
        self._deadline_s = None
        return outcome
