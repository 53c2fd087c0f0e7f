"""`@MISSION/*.dat`: a mission, fence or rally list as one file of packed MISSION_ITEM_INTs.

A header (magic 0x763d, kind, options, first item, number of items) and 38 bytes an item, little-endian. Facts from
ArduPilot's AP_Filesystem_Mission (4.7.0-dev) and recordings k13, k07b: items that are read end in 0x7f where the kind should
be, an upload is only judged when the file is closed, and nobody is told the verdict.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass

from mavlink_bridge.enums import MissionResult, MissionType
from mavlink_bridge.messages import MissionItemInt
from sitl.item_rules import StoredItem
from sitl.mission_store import FenceStore, ItemStore, MissionStore, RallyStore, Verdict

_MAGIC = 0x763D
_HEADER = struct.Struct("<HHHHH")
#: param1-4, x, y, z, seq, command, target system and component, frame, current, autocontinue, mission_type.
_ITEM = struct.Struct("<4fiifHHBBBBBB")
#: What ArduPilot leaves where an item that is read should say its kind (k13).
_STRAY_BYTE = 0x7F
#: Options, bit 0: keep what is stored.
_NO_CLEAR = 1


@dataclass(frozen=True, slots=True)
class ItemStores:
    """What the files show and change; `say` is told what the vehicle says about an upload."""

    missions: MissionStore
    fences: FenceStore
    rallies: RallyStore
    say: Callable[[Verdict], None]


class ItemFileReader:
    """The number in the header is that of the moment of opening; items are read as they are then."""

    def __init__(self, stores: ItemStores, kind: MissionType) -> None:
        self._store = _store(stores, kind)
        self._kind = kind
        self._header = _HEADER.pack(_MAGIC, kind, 0, 0, self._store.count)

    def read(self, offset: int, count: int) -> bytes:
        data = bytearray(self._header[offset : offset + count])
        while len(data) < count:
            index, within = divmod(offset + len(data) - len(self._header), _ITEM.size)
            item = self._store.read(index)
            if item is None:
                break
            data += self._packed(item, index)[within : within + count - len(data)]
        return bytes(data)

    def _packed(self, item: StoredItem, seq: int) -> bytes:
        body = (item.param1, item.param2, item.param3, item.param4, item.x, item.y, item.z)
        if self._kind is MissionType.MISSION:
            return _ITEM.pack(*body, seq, item.command, 1, 1, item.frame, 0, 1, _STRAY_BYTE)
        return _ITEM.pack(*body, 0, item.command, 0, 0, item.frame, 0, 0, 0)


class ItemFileWriter:
    """Collects what is written; `close` stores it if header and length are right, up to the first item that is refused."""

    def __init__(self, stores: ItemStores, kind: MissionType) -> None:
        self._stores = stores
        self._kind = kind
        self._data = bytearray()

    def write(self, offset: int, data: bytes) -> None:
        self._data.extend(bytes(max(0, offset + len(data) - len(self._data))))
        self._data[offset : offset + len(data)] = data

    def close(self) -> None:
        if len(self._data) < _HEADER.size:
            return
        magic, _, options, start, count = _HEADER.unpack_from(self._data)
        # Whoever announces more than he writes has the rest filled with zeros, which is refused below.
        self.write(_HEADER.size + count * _ITEM.size, b"")
        packed = self._data[_HEADER.size :]
        parts = [bytes(packed[at : at + _ITEM.size]) for at in range(0, len(packed) - _ITEM.size + 1, _ITEM.size)]
        if magic != _MAGIC or len(parts) != count or not all(any(part) for part in parts):
            return
        self._store_items([_unpacked(part, self._kind) for part in parts], start, keeps=bool(options & _NO_CLEAR))

    def _store_items(self, items: list[MissionItemInt], start: int, *, keeps: bool) -> None:
        stores = self._stores
        if self._kind is MissionType.MISSION:
            stores.missions.take_over(items, start, keeps=keeps)
        elif keeps:
            # ArduPilot takes fences and rally lists whole or not at all.
            return
        elif self._kind is MissionType.RALLY:
            stores.rallies.take_over(items)
        else:
            store = stores.fences
            store.begin(len(items))
            if all(store.write(seq, item).result is MissionResult.ACCEPTED for seq, item in enumerate(items)):
                stores.say(store.finish())


def _store(stores: ItemStores, kind: MissionType) -> ItemStore:
    match kind:
        case MissionType.FENCE:
            return stores.fences
        case MissionType.RALLY:
            return stores.rallies
        case _:
            return stores.missions


def _unpacked(part: bytes, kind: MissionType) -> MissionItemInt:
    p1, p2, p3, p4, x, y, z, seq, command, system, component, frame, current, goes_on, _ = _ITEM.unpack(part)
    return MissionItemInt(
        target_system=system,
        target_component=component,
        seq=seq,
        frame=frame,
        command=command,
        current=current,
        autocontinue=goes_on,
        param1=p1,
        param2=p2,
        param3=p3,
        param4=p4,
        x=x,
        y=y,
        z=z,
        mission_type=kind,
    )
