"""The vehicle's half of the mission protocol as ArduPilot's MissionItemProtocol.cpp has it, written apart from ours.

Time is an argument, items are stored as ArduPilot packs them, and what QGroundControl's MockLink calls failure modes can
be switched on.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import Enum, auto

from mavlink_bridge import messages as m
from mavlink_bridge.codec import Decoder, Encoder
from mavlink_bridge.conversation import Downloaded, Failed, Progress, Send, Unknown, Verified
from mavlink_bridge.lossy import LossParams, LossyPipe

ACCEPTED, ERROR, UNSUPPORTED_FRAME, UNSUPPORTED, NO_SPACE = 0, 1, 2, 3, 4
INVALID_SEQUENCE, DENIED, CANCELLED = 13, 14, 15

REREQUEST_S = 1.0
GIVE_UP_S = 8.0
OWN, STATION = 1, 255


class Quirk(Enum):
    """What a broken vehicle does (QGroundControl's MockLinkMissionItemHandler.h)."""

    NO_ANSWER_TO_LIST = auto()
    FIRST_LIST_UNANSWERED = auto()
    NO_ANSWER_TO_ITEM_REQUEST_0 = auto()
    NO_ANSWER_TO_ITEM_REQUEST_1 = auto()
    FIRST_ITEM_REQUEST_1_UNANSWERED = auto()
    WRONG_SEQUENCE_FOR_ITEM_0 = auto()
    WRONG_SEQUENCE_FOR_ITEM_1 = auto()
    ERROR_FOR_ITEM_REQUEST_0 = auto()
    ERROR_FOR_ITEM_REQUEST_1 = auto()
    NO_ANSWER_TO_COUNT = auto()
    FIRST_COUNT_UNANSWERED = auto()
    NEVER_ASKS_FOR_ITEM_1 = auto()
    ASKS_WRONG_SEQUENCE_FIRST = auto()
    ASKS_WRONG_SEQUENCE_SECOND = auto()
    ERROR_AFTER_ITEM_0 = auto()
    ERROR_AFTER_ITEM_1 = auto()
    NO_FINAL_ACK = auto()
    ERROR_AS_FINAL_ACK = auto()
    ACCEPTS_TOO_EARLY = auto()
    NOT_READY = auto()
    STORES_ITEM_1_WRONG = auto()
    ASKS_WITH_REQUEST_INT = auto()
    REFUSES_CLEAR = auto()


@dataclass
class FakeStore:
    """One vehicle's list of one mission type. `handle` and `advance` return what the vehicle says."""

    items: list[m.MissionItemInt] = field(default_factory=list)
    mission_type: int = 0
    max_items: int = 650
    quirks: frozenset[Quirk] = frozenset()
    now_s: float = 0.0
    receiving_from: tuple[int, int] | None = None
    request_i: int = 0
    request_last: int = 0
    last_receive_s: float = 0.0
    last_request_s: float = 0.0
    heard: list[m.Message] = field(default_factory=list)

    def handle(self, message: m.Message, sender: tuple[int, int] = (STATION, 190)) -> list[m.Message]:
        self.heard.append(message)
        if getattr(message, "mission_type", None) != self.mission_type or getattr(message, "target_system", None) != OWN:
            return []
        match message:
            case m.MissionCount():
                return self._count(message, sender)
            case m.MissionItemInt():
                return self._item(message, sender)
            case m.MissionRequestList():
                return self._list(sender)
            case m.MissionRequestInt():
                return self._read(message.seq, sender)
            case m.MissionClearAll():
                return self._clear(sender)
        return []

    def advance(self, now_s: float) -> list[m.Message]:
        self.now_s = now_s
        if self.receiving_from is None:
            return []
        if now_s - self.last_receive_s > GIVE_UP_S:
            to, self.receiving_from = self.receiving_from, None
            return [self._ack(CANCELLED, to)]
        if now_s - self.last_request_s > REREQUEST_S:
            return self._request()
        return []

    # --- upload ------------------------------------------------------------------------------------------------------

    def _count(self, message: m.MissionCount, sender: tuple[int, int]) -> list[m.Message]:
        if self._quirk(Quirk.NO_ANSWER_TO_COUNT) or self._only_first(Quirk.FIRST_COUNT_UNANSWERED, m.MissionCount):
            return []
        if self.receiving_from not in (None, sender):
            return [self._ack(DENIED, sender)]
        self.receiving_from = None
        capacity = 0 if self._quirk(Quirk.NOT_READY) else self.max_items
        if message.count > capacity:
            return [self._ack(NO_SPACE, sender), m.StatusText(severity=4, text=f"Only {capacity} items are supported")]
        del self.items[message.count :]
        if message.count == 0:
            return [self._ack(ACCEPTED, sender)]
        self.receiving_from = sender
        self.request_i, self.request_last = 0, message.count - 1
        self.last_receive_s = self.now_s
        return self._request()

    def _request(self) -> list[m.Message]:
        assert self.receiving_from is not None
        self.last_request_s = self.now_s
        seq = self.request_i
        if seq == 1 and self._quirk(Quirk.NEVER_ASKS_FOR_ITEM_1):
            return []
        if (seq == 0 and self._quirk(Quirk.ASKS_WRONG_SEQUENCE_FIRST)) or (seq == 1 and self._quirk(Quirk.ASKS_WRONG_SEQUENCE_SECOND)):
            seq += 1
        system, component = self.receiving_from
        kind: Callable[..., m.Message] = m.MissionRequestInt if self._quirk(Quirk.ASKS_WITH_REQUEST_INT) else m.MissionRequest
        return [kind(target_system=system, target_component=component, seq=seq, mission_type=self.mission_type)]

    def _item(self, item: m.MissionItemInt, sender: tuple[int, int]) -> list[m.Message]:
        if self.receiving_from is None:
            return [self._ack(ERROR, sender)]
        if item.seq != self.request_i:
            return [self._ack(INVALID_SEQUENCE, sender)]
        if sender != self.receiving_from:
            # It goes out on the uploader's link: the first station hears it.
            return [self._ack(DENIED, sender)]
        result = self._store(item)
        if result != ACCEPTED:
            self.receiving_from = None
            return [self._ack(result, sender)]
        self.last_receive_s = self.now_s
        self.request_i += 1
        if self.request_i == 2 and self._quirk(Quirk.ACCEPTS_TOO_EARLY):
            self.receiving_from = None
            return [self._ack(ACCEPTED, sender)]
        if self.request_i <= self.request_last:
            return self._request()
        self.receiving_from = None
        if self._quirk(Quirk.NO_FINAL_ACK):
            return []
        return [self._ack(UNSUPPORTED if self._quirk(Quirk.ERROR_AS_FINAL_ACK) else ACCEPTED, sender)]

    def _store(self, item: m.MissionItemInt) -> int:
        if (item.seq == 0 and self._quirk(Quirk.ERROR_AFTER_ITEM_0)) or (item.seq == 1 and self._quirk(Quirk.ERROR_AFTER_ITEM_1)):
            return ERROR
        if item.command == 31999:
            return UNSUPPORTED
        if item.frame not in (0, 2, 3, 5, 6):
            return UNSUPPORTED_FRAME
        stored = packed(item)
        if item.seq == 1 and self._quirk(Quirk.STORES_ITEM_1_WRONG):
            stored = replace(stored, z=stored.z + 5.0)
        if item.seq < len(self.items):
            self.items[item.seq] = stored
        elif item.seq == len(self.items):
            self.items.append(stored)
        else:
            return ERROR
        return ACCEPTED

    # --- download and clear ------------------------------------------------------------------------------------------

    def _list(self, sender: tuple[int, int]) -> list[m.Message]:
        if self._quirk(Quirk.NO_ANSWER_TO_LIST) or self._only_first(Quirk.FIRST_LIST_UNANSWERED, m.MissionRequestList):
            return []
        if self.receiving_from is not None:
            return [self._ack(DENIED, sender)]
        return [self._count_of_ours(sender)]

    def _read(self, seq: int, sender: tuple[int, int]) -> list[m.Message]:
        if self._quirk({0: Quirk.NO_ANSWER_TO_ITEM_REQUEST_0, 1: Quirk.NO_ANSWER_TO_ITEM_REQUEST_1}.get(seq)):
            return []
        if seq == 1 and self._quirk(Quirk.FIRST_ITEM_REQUEST_1_UNANSWERED) and self._times(m.MissionRequestInt, seq=1) == 1:
            return []
        if self._quirk({0: Quirk.ERROR_FOR_ITEM_REQUEST_0, 1: Quirk.ERROR_FOR_ITEM_REQUEST_1}.get(seq)):
            return [self._ack(ERROR, sender)]
        if self.receiving_from is not None:
            return [self._ack(DENIED, sender)]
        if seq >= len(self.items):
            return [self._count_of_ours(sender), self._ack(ERROR, sender)]
        item = replace(self.items[seq], target_system=sender[0], target_component=sender[1])
        if self._quirk({0: Quirk.WRONG_SEQUENCE_FOR_ITEM_0, 1: Quirk.WRONG_SEQUENCE_FOR_ITEM_1}.get(seq)):
            item = replace(item, seq=seq + 1)
        return [item]

    def _clear(self, sender: tuple[int, int]) -> list[m.Message]:
        if self.receiving_from not in (None, sender):
            return [self._ack(DENIED, sender), self._ack(ERROR, sender)]
        self.receiving_from = None
        if self._quirk(Quirk.REFUSES_CLEAR):
            return [self._ack(ERROR, sender)]
        self.items.clear()
        return [self._ack(ACCEPTED, sender)]

    # --- small things ------------------------------------------------------------------------------------------------

    def _count_of_ours(self, to: tuple[int, int]) -> m.Message:
        return m.MissionCount(target_system=to[0], target_component=to[1], count=len(self.items), mission_type=self.mission_type)

    def _ack(self, result: int, to: tuple[int, int]) -> m.Message:
        return m.MissionAck(target_system=to[0], target_component=to[1], type=result, mission_type=self.mission_type)

    def _quirk(self, quirk: Quirk | None) -> bool:
        return quirk in self.quirks

    def _only_first(self, quirk: Quirk, kind: type[m.Message]) -> bool:
        return self._quirk(quirk) and self._times(kind) == 1

    def _times(self, kind: type[m.Message], **fields: int) -> int:
        return sum(
            isinstance(message, kind) and all(getattr(message, name) == value for name, value in fields.items()) for message in self.heard
        )


def packed(item: m.MissionItemInt) -> m.MissionItemInt:
    """What remains of an item in ArduPilot's 15 bytes (copter): whole delays, centimetres, frame without _INT."""
    is_fence = item.command in range(5000, 5005)
    has_place = is_fence or item.command in (16, 17, 18, 19, 21, 22, 84, 85, 5100)
    params = [0.0, 0.0, 0.0, 0.0]
    if is_fence:
        params[0] = item.param1
    if item.command in (16, 19, 21, 22, 85):
        params[0] = float(math.trunc(item.param1))
    if item.command == 19:
        params[2] = 1.0
    if item.command == 178:
        params[:3] = [item.param1, item.param2, item.param3]
    if item.command == 21:
        params[3] = 1.0
    return m.MissionItemInt(
        target_system=0,
        target_component=0,
        seq=item.seq,
        frame={0: 0, 5: 0, 3: 3, 6: 3, 2: 0}[item.frame] if has_place and not is_fence else 0,
        command=item.command,
        x=item.x if has_place else 0,
        y=item.y if has_place else 0,
        z=math.trunc(item.z * 100) * 0.01 if has_place and not is_fence else 0.0,
        mission_type=item.mission_type,
        param1=params[0],
        param2=params[1],
        param3=params[2],
        param4=params[3],
    )


Outcome = Verified | Downloaded | Failed | Unknown


@dataclass
class World:
    """A conversation of ours and a fake store joined by real bytes over a link with delay, loss and a fake clock."""

    store: FakeStore
    loss: LossParams = field(default_factory=LossParams)
    seed: int = 0
    delay_s: float = 0.05
    now_s: float = 0.0
    progress: list[Progress] = field(default_factory=list)
    said: list[m.Message] = field(default_factory=list)
    answered: list[m.Message] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._up = LossyPipe(self.loss, seed=self.seed * 2 + 1)
        self._down = LossyPipe(self.loss, seed=self.seed * 2 + 2)
        self._encoders = (Encoder(system_id=STATION, component_id=190), Encoder(system_id=OWN, component_id=1))
        self._decoders = (Decoder(), Decoder())
        self._flying_up: list[tuple[float, bytes]] = []
        self._flying_down: list[tuple[float, bytes]] = []

    def run(self, machine: object, *, limit_s: float = 600.0, cut_after_s: float = math.inf) -> tuple[Outcome | None, float]:
        """Until the conversation ends, and 20 s longer for late copies to arrive. Returns its outcome and how long it took."""
        outcome = self._take(machine.start(self.now_s))  # type: ignore[attr-defined]  # any conversation
        ended_s = self.now_s
        while self.now_s < limit_s and (outcome is None or self.now_s < ended_s + 20.0):
            self.now_s += 0.02
            if self.now_s > cut_after_s:
                self._flying_up.clear()
                self._flying_down.clear()
            self._vehicle_lives()
            late = self._station_lives(machine)
            if outcome is None and late is not None:
                outcome, ended_s = late, self.now_s
            elif late is not None:
                raise AssertionError(f"a second end: {late} after {outcome}")
        return outcome, ended_s

    def _vehicle_lives(self) -> None:
        answers = self.store.advance(self.now_s)
        for data in self._due(self._flying_up):
            for frame in self._decoders[1].feed(data):
                answers += self.store.handle(frame.message, (frame.system_id, frame.component_id))
        for message in answers:
            self.answered.append(message)
            for data in self._down.carry(self._encoders[1].encode(message)):
                self._flying_down.append((self.now_s + self.delay_s, data))

    def _station_lives(self, machine: object) -> Outcome | None:
        outcome = None
        for data in self._due(self._flying_down):
            for frame in self._decoders[0].feed(data):
                outcome = self._take(machine.receive(frame, self.now_s)) or outcome  # type: ignore[attr-defined]
        deadline_s: float | None = machine.deadline_s  # type: ignore[attr-defined]
        if deadline_s is not None and self.now_s >= deadline_s:
            outcome = self._take(machine.tick(self.now_s)) or outcome  # type: ignore[attr-defined]
        return outcome

    def _take(self, outputs: list[object]) -> Outcome | None:
        outcome: Outcome | None = None
        for output in outputs:
            match output:
                case Send(message=message):
                    self.said.append(message)
                    for data in self._up.carry(self._encoders[0].encode(message)):
                        self._flying_up.append((self.now_s + self.delay_s, data))
                case Progress():
                    self.progress.append(output)
                case Verified() | Downloaded() | Failed() | Unknown():
                    outcome = output
        return outcome

    def _due(self, flying: list[tuple[float, bytes]]) -> list[bytes]:
        due = [data for at_s, data in flying if at_s <= self.now_s]
        flying[:] = [(at_s, data) for at_s, data in flying if at_s > self.now_s]
        return due


def mission(count: int, *, start_deg: float = 47.5, mission_type: int = 0) -> list[m.MissionItemInt]:
    """Home, a take-off, a speed, waypoints, and a landing: `count` items."""

    def item(seq: int) -> m.MissionItemInt:
        common = {"target_system": 0, "target_component": 0, "seq": seq, "mission_type": mission_type}
        if seq == 0:
            return m.MissionItemInt(**common, frame=0, command=16, x=475000000, y=190000000, z=150.0)
        if seq == 2:
            return m.MissionItemInt(**common, frame=2, command=178, param1=1, param2=9.3, param3=-1)
        command = 22 if seq == 1 else 21 if seq == count - 1 else 16
        x, y = round((start_deg + seq * 1e-3) * 1e7), round((19.0 + seq * 7e-4) * 1e7)
        return m.MissionItemInt(**common, frame=6, command=command, x=x, y=y, z=50.03 + seq)

    return [item(seq) for seq in range(count)]
