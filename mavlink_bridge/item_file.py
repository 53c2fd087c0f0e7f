"""Mission, fence and rally lists as the files that ArduPilot shows over MAVFTP: `@MISSION/mission.dat` and its sisters.

The layout is ArduPilot's AP_Filesystem_Mission.h: a header of five 16-bit numbers, then MISSION_ITEM_INTs in wire order.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence

from mavlink_bridge.enums import MissionType
from mavlink_bridge.messages import MissionItemInt

#: magic, mission type, options, first item, number of items.
_HEADER = struct.Struct("<HHHHH")
#: param1 to param4, x, y, z, seq, command, target system and component, frame, current, autocontinue, mission type.
_ITEM = struct.Struct("<ffffiifHHBBBBBB")
_MAGIC = 0x763D

HEADER_BYTES = _HEADER.size

ITEM_FILES: dict[MissionType, str] = {
    MissionType.MISSION: "@MISSION/mission.dat",
    MissionType.FENCE: "@MISSION/fence.dat",
    MissionType.RALLY: "@MISSION/rally.dat",
}


class ItemFileError(ValueError):
    """Bytes that are no such file."""


def pack_items(items: Sequence[MissionItemInt], mission_type: MissionType) -> bytes:
    """The whole list, which replaces the one on board."""
    packed = [
        _ITEM.pack(
            item.param1,
            item.param2,
            item.param3,
            item.param4,
            item.x,
            item.y,
            item.z,
            item.seq,
            item.command,
            item.target_system,
            item.target_component,
            item.frame,
            item.current,
            item.autocontinue,
            mission_type,
        )
        for item in items
    ]
    return _HEADER.pack(_MAGIC, mission_type, 0, 0, len(items)) + b"".join(packed)


def file_bytes(head: bytes, mission_type: MissionType) -> int:
    """How long the file is that begins so: ArduPilot announces a mebibyte for each. ItemFileError when it is another file."""
    if len(head) < HEADER_BYTES:
        raise ItemFileError(f"{len(head)} bytes are no item file")
    magic, kind, _, start, count = _HEADER.unpack_from(head)
    if magic != _MAGIC or kind != mission_type or start != 0:
        raise ItemFileError(f"an item file of type {mission_type} begins otherwise: magic {magic:#x}, type {kind}, first item {start}")
    return HEADER_BYTES + int(count) * _ITEM.size


def unpack_items(data: bytes, mission_type: MissionType) -> tuple[MissionItemInt, ...]:
    """The list that a file holds, numbered by place: ArduPilot leaves fences' numbers 0, and rubbish for a mission type (k13)."""
    if len(data) != file_bytes(data, mission_type):
        raise ItemFileError(f"{len(data)} bytes where {file_bytes(data, mission_type)} were promised")
    items = []
    for seq, fields in enumerate(_ITEM.iter_unpack(data[HEADER_BYTES:])):
        param1, param2, param3, param4, x, y, z, _, command, system, component, frame, current, autocontinue, _ = fields
        items.append(
            MissionItemInt(
                target_system=system,
                target_component=component,
                seq=seq,
                frame=frame,
                command=command,
                current=current,
                autocontinue=autocontinue,
                param1=param1,
                param2=param2,
                param3=param3,
                param4=param4,
                x=x,
                y=y,
                z=z,
                mission_type=mission_type,
            )
        )
    return tuple(items)
