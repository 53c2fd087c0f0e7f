"""The vehicle's half of the mission protocol, once for each kind of items, as ArduPilot speaks it.

It asks with the deprecated MISSION_REQUEST, repeats a request after 1 s, gives up 8 s after the last item (k05), locks an
upload to the station that began it (k08) and ends it at the first item it refuses (k09). INVALID_SEQUENCE, and DENIED for
another station's item, do not end an upload (k08, k09b).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields

from mavlink_bridge import messages as m
from mavlink_bridge.enums import MissionResult, MissionType, Severity
from sitl.item_rules import StoredItem
from sitl.mission_store import ItemStore, Verdict
from sitl.outbox import Outbox


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferParams:
    """Time-outs of ArduPilot's receiver (GCS_MAVLink/MissionItemProtocol; k05)."""

    repeat_s: float = 1.0
    give_up_s: float = 8.0


@dataclass(frozen=True, slots=True)
class Station:
    """Who sent something, and over which link."""

    link: int
    system_id: int
    component_id: int

    def is_same(self, other: Station) -> bool:
        """ArduPilot knows a station by its ids, whatever link it uses."""
        return self.system_id == other.system_id and self.component_id == other.component_id


@dataclass(slots=True)
class _Upload:
    station: Station
    next_seq: int
    last_seq: int
    heard_s: float
    asked_s: float


class MissionProtocol:
    """Messages in, answers into the outbox. `is_ready` is False until the store has been opened at boot."""

    def __init__(self, kind: MissionType, store: ItemStore, outbox: Outbox, params: TransferParams | None = None) -> None:
        self._kind = kind
        self._store = store
        self._out = outbox
        self._params = params or TransferParams()
        self._upload: _Upload | None = None
        self._warned_item = self._warned_request = False
        self.is_ready: Callable[[], bool] = lambda: True

    def count(self, message: m.MissionCount, station: Station, now_s: float) -> None:
        if self._is_taken_by_another(station):
            self._ack(station, MissionResult.DENIED)
            return
        self._upload = None
        capacity = self._store.capacity if self.is_ready() else 0
        if message.count > capacity:
            self._ack(station, MissionResult.NO_SPACE)
            self._out.text(Severity.WARNING, f"Only {capacity} items are supported", station.link)
            return
        self._store.begin(message.count)
        if message.count == 0:
            self._finish(station)
            return
        self._start(station, 0, message.count - 1, now_s)

    def write_partial(self, message: m.MissionWritePartialList, station: Station, now_s: float) -> None:
        if self._upload is not None:
            self._ack(station, MissionResult.DENIED)
            return
        if not message.start_index <= message.end_index < self._store.count or message.start_index < 0:
            self._ack(station, MissionResult.ERROR)
            self._out.text(Severity.WARNING, "Flight plan update rejected", station.link)
            return
        self._start(station, message.start_index, message.end_index, now_s)

    def item(self, message: m.MissionItemInt, station: Station, now_s: float) -> None:
        upload = self._upload
        if upload is None:
            self._ack(station, MissionResult.ERROR)
            return
        if not upload.station.is_same(station):
            # To the other's ids, but over the uploader's link.
            self._ack(Station(upload.station.link, station.system_id, station.component_id), MissionResult.DENIED)
            return
        if message.seq != upload.next_seq:
            self._ack(station, MissionResult.INVALID_SEQUENCE)
            return
        verdict = self._store.write(message.seq, message)
        if verdict.result is not MissionResult.ACCEPTED:
            self._upload = None
            self._ack(station, verdict.result)
            return
        upload.heard_s = now_s
        upload.next_seq += 1
        if upload.next_seq > upload.last_seq:
            self._upload = None
            self._finish(station)
        else:
            self._ask(upload, now_s)

    def float_item(self, message: m.MissionItem, station: Station, now_s: float) -> None:
        """The deprecated MISSION_ITEM is taken, with a reproach (k09b)."""
        if not self._warned_item:
            self._warned_item = True
            self._out.text(Severity.WARNING, "got MISSION_ITEM; GCS should send MISSION_ITEM_INT", station.link)
        self.item(_as_int(message), station, now_s)

    def request_list(self, station: Station) -> None:
        if self._upload is not None:
            self._ack(station, MissionResult.DENIED)
            return
        self._count_to(station)

    def request(self, seq: int, station: Station, *, as_int: bool) -> None:
        if self._upload is not None:
            self._ack(station, MissionResult.DENIED)
            return
        item = self._store.read(seq)
        if item is None:
            self._count_to(station)
            self._ack(station, MissionResult.ERROR)
            return
        answer = self._as_message(item, seq, station)
        if as_int:
            self._out.answer(station.link, answer)
            return
        self._out.answer(station.link, _as_float(answer))
        if not self._warned_request:
            self._warned_request = True
            self._out.text(Severity.WARNING, "got MISSION_REQUEST; use MISSION_REQUEST_INT!", station.link)

    def clear_all(self, station: Station) -> None:
        if self._is_taken_by_another(station):
            self._ack(station, MissionResult.DENIED)
            self._ack(station, MissionResult.ERROR)
            return
        self._upload = None
        verdict = self._store.clear()
        self._ack(station, verdict.result)
        self._say(verdict, station)

    def tick(self, now_s: float) -> None:
        """Repeat an unanswered request, give up on a silent station."""
        upload = self._upload
        if upload is None:
            return
        if now_s - upload.heard_s >= self._params.give_up_s:
            self._upload = None
            self._ack(upload.station, MissionResult.OPERATION_CANCELLED)
            self._out.text(Severity.WARNING, f"{self._store.name} upload timeout", upload.station.link)
        elif now_s - upload.asked_s >= self._params.repeat_s:
            # Counted from when it was due, however late the vehicle looked.
            self._ask(upload, upload.asked_s + self._params.repeat_s)

    def _start(self, station: Station, first: int, last: int, now_s: float) -> None:
        self._upload = _Upload(station, first, last, now_s, now_s)
        self._ask(self._upload, now_s)

    def _ask(self, upload: _Upload, now_s: float) -> None:
        upload.asked_s = now_s
        station = upload.station
        self._out.answer(
            station.link,
            m.MissionRequest(
                target_system=station.system_id,
                target_component=station.component_id,
                seq=upload.next_seq,
                mission_type=self._kind,
            ),
        )

    def _finish(self, station: Station) -> None:
        verdict = self._store.finish()
        self._ack(station, verdict.result)
        self._say(verdict, station)

    def _say(self, verdict: Verdict, station: Station) -> None:
        for severity, text in verdict.texts:
            self._out.text(severity, text, None if verdict.for_all else station.link)

    def _is_taken_by_another(self, station: Station) -> bool:
        return self._upload is not None and not self._upload.station.is_same(station)

    def _count_to(self, station: Station) -> None:
        self._out.answer(
            station.link,
            m.MissionCount(
                target_system=station.system_id,
                target_component=station.component_id,
                count=self._store.count,
                mission_type=self._kind,
            ),
        )

    def _ack(self, station: Station, result: MissionResult) -> None:
        self._out.answer(station.link, acknowledgement(station, result, self._kind))

    def _as_message(self, item: StoredItem, seq: int, station: Station) -> m.MissionItemInt:
        return m.MissionItemInt(
            target_system=station.system_id,
            target_component=station.component_id,
            seq=seq,
            frame=item.frame,
            command=item.command,
            current=0,
            # Only missions have the flag set when they come back (k02, k03, k04).
            autocontinue=1 if self._kind is MissionType.MISSION else 0,
            param1=item.param1,
            param2=item.param2,
            param3=item.param3,
            param4=item.param4,
            x=item.x,
            y=item.y,
            z=item.z,
            mission_type=self._kind,
        )


#: Commands whose x and y are degrees in the old message; in the others they are plain numbers.
_PLAIN_NUMBERS = frozenset({203, 1000})


def _as_int(message: m.MissionItem) -> m.MissionItemInt:
    scale = 1.0 if message.command in _PLAIN_NUMBERS else 1e7
    values = {item.name: getattr(message, item.name) for item in fields(message)}
    return m.MissionItemInt(**{**values, "x": round(message.x * scale), "y": round(message.y * scale)})


def _as_float(message: m.MissionItemInt) -> m.MissionItem:
    scale = 1.0 if message.command in _PLAIN_NUMBERS else 1e7
    values = {item.name: getattr(message, item.name) for item in fields(message)}
    return m.MissionItem(**{**values, "x": message.x / scale, "y": message.y / scale})


def acknowledgement(station: Station, result: MissionResult, kind: int) -> m.MissionAck:
    return m.MissionAck(target_system=station.system_id, target_component=station.component_id, type=result, mission_type=kind)
