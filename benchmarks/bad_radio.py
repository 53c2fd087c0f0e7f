"""One vehicle's half of the mission protocol behind a bad radio, with a second station and reboots, on a fake clock.

The vehicle's half is `sitl`'s, written apart from the bridge; its stores can be looked into, so that what it holds is known
and not asked for.
"""

from __future__ import annotations

import heapq
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from typing import Protocol

from mavlink_bridge import messages as m
from mavlink_bridge.codec import Decoder, Encoder
from mavlink_bridge.conversation import Progress, Send, TransferOutput
from mavlink_bridge.enums import MavAutopilot, MavState, MavType, MissionType
from mavlink_bridge.lossy import LossParams, LossyPipe
from sitl.ftp_files import VehicleFiles
from sitl.ftp_server import FtpServer
from sitl.item_file import ItemStores
from sitl.item_rules import StoredItem
from sitl.mission_protocol import MissionProtocol, Station
from sitl.mission_store import ItemStore, StoreParams, empty_stores
from sitl.outbox import Outbox
from sitl.parameter_tables import copter_table
from sitl.parameters import Parameters

SYSTEM, COMPONENT = 7, 1
STATION, OTHER_STATION = (255, 190), (252, 190)
#: Link 0 is ours and bad; link 1 is the other station's and good.
OURS, THEIRS = 0, 1
_TICK_S = 0.1
_BOOT_SILENT_S, _BOOT_CLOSED_S = 1.0, 2.44


class Conversation(Protocol):
    """What uploads, downloads and clearings have in common."""

    @property
    def deadline_s(self) -> float | None: ...

    def start(self, now_s: float) -> list[TransferOutput]: ...

    def receive(self, frame: m.Frame, now_s: float) -> list[TransferOutput]: ...

    def tick(self, now_s: float) -> list[TransferOutput]: ...


class VehicleHalf:
    """Stores and protocols of one vehicle; `handle` and `tick` return what it says, with the link."""

    def __init__(self) -> None:
        self._lists = empty_stores(StoreParams(), plane=False)
        self._stores: dict[MissionType, ItemStore] = dict(zip(_KINDS, self._lists, strict=True))
        self._booted_s = -_BOOT_CLOSED_S
        self._heartbeat_s = 0.0
        self._now_s = 0.0
        self._history: dict[MissionType, list[tuple[float, tuple[StoredItem, ...]]]] = {kind: [] for kind in _KINDS}
        self._begin()

    def _begin(self) -> None:
        self._out = Outbox()
        self._protocols = {kind: MissionProtocol(kind, store, self._out) for kind, store in self._stores.items()}
        files = VehicleFiles(ItemStores(*self._lists, say=lambda _verdict: None), Parameters(copter_table(), {}))
        self._ftp = FtpServer(files, self._out, banner=lambda: None)
        for protocol in self._protocols.values():
            protocol.is_ready = lambda: self._is_open

    @property
    def _is_open(self) -> bool:
        return self._now_s >= self._booted_s + _BOOT_CLOSED_S

    def reboot(self, now_s: float) -> None:
        """What is stored stays; uploads are forgotten."""
        self._booted_s = now_s
        self._heartbeat_s = now_s + _BOOT_SILENT_S
        self._begin()

    def board(self, kind: MissionType) -> tuple[StoredItem, ...]:
        """What is on board, home left out."""
        store = self._stores[kind]
        first = 1 if kind is MissionType.MISSION else 0
        items = [store.read(seq) for seq in range(first, store.count)]
        return tuple(item for item in items if item is not None)

    def put(self, kind: MissionType, items: Sequence[m.MissionItemInt]) -> None:
        """As if it had been uploaded long ago."""
        store = self._stores[kind]
        store.begin(len(items))
        for item in items:
            store.write(item.seq, item)
        store.finish()
        self._remember(kind)

    def board_at(self, kind: MissionType, at_s: float) -> tuple[StoredItem, ...]:
        """What was on board then."""
        return next((board for changed_s, board in reversed(self._history[kind]) if changed_s <= at_s), ())

    def has_held(self, kind: MissionType, items: tuple[StoredItem, ...]) -> bool:
        """Whether exactly this has ever been on board."""
        return any(board == items for _, board in self._history[kind])

    def _remember(self, kind: MissionType) -> None:
        board = self.board(kind)
        if not self._history[kind] or self._history[kind][-1][1] != board:
            self._history[kind].append((self._now_s, board))

    def handle(self, frame: m.Frame, link: int, now_s: float) -> list[tuple[int | None, m.Message]]:
        self._now_s = now_s
        if now_s < self._booted_s + _BOOT_SILENT_S or getattr(frame.message, "target_system", 0) != SYSTEM:
            return []
        station = Station(link, frame.system_id, frame.component_id)
        if isinstance(frame.message, m.FileTransferProtocol):
            self._ftp.push(frame.message, station)
            self._ftp.work(now_s)
            self._remember_all()
        else:
            self._obey(frame.message, station, now_s)
        return self._out.take()

    def _remember_all(self) -> None:
        for kind in _KINDS:
            self._remember(kind)

    def _obey(self, message: m.Message, station: Station, now_s: float) -> None:
        protocol = self._protocols.get(getattr(message, "mission_type", MissionType.ALL))
        if protocol is None:
            return
        match message:
            case m.MissionCount():
                protocol.count(message, station, now_s)
            case m.MissionItemInt():
                protocol.item(message, station, now_s)
            case m.MissionRequestList():
                protocol.request_list(station)
            case m.MissionRequestInt():
                protocol.request(message.seq, station, as_int=True)
            case m.MissionRequest():
                protocol.request(message.seq, station, as_int=False)
            case m.MissionClearAll():
                protocol.clear_all(station)
        if isinstance(message, m.MissionCount | m.MissionItemInt | m.MissionClearAll):
            self._remember(MissionType(message.mission_type))

    def tick(self, now_s: float) -> list[tuple[int | None, m.Message]]:
        self._now_s = now_s
        for protocol in self._protocols.values():
            protocol.tick(now_s)
        self._ftp.tick(now_s, _TICK_S)
        said = self._out.take()
        if now_s >= self._heartbeat_s:
            self._heartbeat_s = now_s + 1.0
            status = MavState.STANDBY if self._is_open else MavState.UNINIT
            said.append((None, _heartbeat(status)))
        return said


def _heartbeat(status: int) -> m.Heartbeat:
    return m.Heartbeat(type=MavType.QUADROTOR, autopilot=MavAutopilot.ARDUPILOTMEGA, base_mode=0, custom_mode=0, system_status=status)


_KINDS = (MissionType.MISSION, MissionType.FENCE, MissionType.RALLY)


@dataclass(frozen=True, kw_only=True, slots=True)
class RadioParams:
    """Each way on its own; `delay_s` is one way."""

    up: LossParams = field(default_factory=LossParams)
    down: LossParams = field(default_factory=LossParams)
    delay_s: float = 0.04


class BadRadio:
    """The vehicle, both stations' links and the clock. `at` schedules what else happens."""

    def __init__(self, params: RadioParams, *, seed: int) -> None:
        self.vehicle = VehicleHalf()
        self.now_s = 0.0
        self.dice = random.Random(seed)
        self._params = params
        self._up, self._down = LossyPipe(params.up, seed=2 * seed), LossyPipe(params.down, seed=2 * seed + 1)
        self._ours, self._theirs = (Encoder(system_id=system, component_id=component) for system, component in (STATION, OTHER_STATION))
        self._vehicles = {link: Encoder(system_id=SYSTEM, component_id=COMPONENT) for link in (OURS, THEIRS)}
        self._ears = Decoder(), Decoder()
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self._order = count()
        self._machine: Conversation | None = None
        self._ends: list[TransferOutput] = []
        self._sent_s: dict[bytes, float] = {}
        #: When the vehicle said what the conversation heard last.
        self.heard_s = 0.0
        self.on_theirs: Callable[[m.Message], None] = lambda _message: None
        self._tick()

    def at(self, at_s: float, act: Callable[[], None]) -> None:
        heapq.heappush(self._events, (at_s, next(self._order), act))

    def reboot(self) -> None:
        self.vehicle.reboot(self.now_s)

    def they_say(self, message: m.Message) -> None:
        """The other station speaks, over its own good link."""
        frame = m.Frame(*OTHER_STATION, 0, message)
        self._said(self.vehicle.handle(frame, THEIRS, self.now_s))

    def run(self, machine: Conversation, *, limit_s: float) -> tuple[TransferOutput | None, float]:
        """The conversation's end and when it came; None when it never ended. ValueError when it ends twice."""
        self._machine = machine
        self._take(machine.start(self.now_s))
        while not self._ends and self.now_s < limit_s:
            self._step(machine)
        return (self._ends[0] if self._ends else None), self.now_s

    def linger(self, seconds: float) -> None:
        """Late copies arrive and the vehicle's own time-outs pass; a second end is an error."""
        until_s = self.now_s + seconds
        while self._machine is not None and self.now_s < until_s:
            self._step(self._machine)
        if len(self._ends) > 1:
            raise ValueError(f"the conversation ended more than once: {self._ends}")

    def _step(self, machine: Conversation) -> None:
        deadline_s = machine.deadline_s
        if deadline_s is not None and deadline_s <= self._events[0][0]:
            self.now_s = max(self.now_s, deadline_s)
            self._take(machine.tick(self.now_s))
            return
        self.now_s, _, act = heapq.heappop(self._events)
        act()

    def _take(self, outputs: list[TransferOutput]) -> None:
        for output in outputs:
            if isinstance(output, Send):
                for data in self._up.carry(self._ours.encode(output.message)):
                    self.at(self.now_s + self._params.delay_s, partial(self._arrive_up, data))
            elif not isinstance(output, Progress):
                self._ends.append(output)

    def _arrive_up(self, data: bytes) -> None:
        for frame in self._ears[0].feed(data):
            self._said(self.vehicle.handle(frame, OURS, self.now_s))

    def _arrive_down(self, data: bytes) -> None:
        for frame in self._ears[1].feed(data):
            if self._machine is not None:
                self.heard_s = self._sent_s.get(frame.raw, self.now_s)
                self._take(self._machine.receive(frame, self.now_s))

    def _said(self, messages: list[tuple[int | None, m.Message]]) -> None:
        for link, message in messages:
            if link in (OURS, None):
                frame = self._vehicles[OURS].encode(message)
                self._sent_s[frame] = self.now_s
                for data in self._down.carry(frame):
                    self.at(self.now_s + self._params.delay_s, partial(self._arrive_down, data))
            if link in (THEIRS, None):
                self.on_theirs(message)

    def _tick(self) -> None:
        self._said(self.vehicle.tick(self.now_s))
        self.at(self.now_s + _TICK_S, self._tick)


def as_stored(items: Sequence[m.MissionItemInt], kind: MissionType) -> tuple[StoredItem, ...]:
    """What a vehicle holds after it has taken these, by its own rules."""
    half = VehicleHalf()
    half.put(kind, items)
    return half.board(kind)
