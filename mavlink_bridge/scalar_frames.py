"""Reading frames of scalars in one go: telemetry is little else, and it is most of what a fleet says.

The framing is MAVLink 2's (mavlink.io/en/guide/serialization.html). Whatever is not a whole, unsigned, undamaged frame of a
message known here is left to the general parser.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mavlink_bridge.messages import Frame, Message

_MAGIC_V2 = 0xFD
_HEADER = struct.Struct("<BBBBBBBHB")
_CHECKSUM_BYTES, _SIGNATURE_BYTES = 2, 13
_SIGNED_FLAG = 1

Checksum = Callable[[bytes], int]


@dataclass(frozen=True, slots=True)
class Column:
    """Where an attribute stands among a message's values as packed: `value = wire / per_unit`, `unknown` on the wire is None."""

    attribute: str
    place: int
    per_unit: float
    unknown: int | None


class ScalarReader:
    """One message's payload to its dataclass."""

    __slots__ = ("_columns", "_kind", "_struct", "crc_extra")

    def __init__(self, kind: type[Any], packing: str, crc_extra: int, columns: Sequence[Column]) -> None:
        """`packing` is the payload's struct format, in wire order; `kind` takes the columns' attributes by name."""
        self.crc_extra = bytes([crc_extra])
        self._kind = kind
        self._struct = struct.Struct(packing)
        self._columns = tuple((column.attribute, column.place, column.per_unit, column.unknown) for column in columns)

    def read(self, payload: bytes) -> Message:
        """Senders cut zeros off the payload's end, and newer ones may add fields there that are not known here."""
        wire = self._struct.unpack_from(payload.ljust(self._struct.size, b"\0"))
        values = {}
        for attribute, place, per_unit, unknown in self._columns:
            value = wire[place]
            if value == unknown:
                value = None
            elif per_unit != 1.0:
                value /= per_unit
            values[attribute] = value
        message: Message = self._kind(**values)
        return message


def read_frame(data: bytes, start: int, end: int, readers: Mapping[int, ScalarReader], checksum: Checksum) -> Frame | None:
    """The frame that these bytes are, or None when it is for the general parser. `end` is `frame_end`'s."""
    _, _, incompatibilities, _, sequence, system_id, component_id, id_low, id_high = _HEADER.unpack_from(data, start)
    reader = readers.get(id_low | id_high << 16)
    if reader is None or incompatibilities:
        return None
    body_end = end - _CHECKSUM_BYTES
    if checksum(data[start + 1 : body_end] + reader.crc_extra) != data[body_end] | data[body_end + 1] << 8:
        return None
    return Frame(system_id, component_id, sequence, reader.read(data[start + _HEADER.size : body_end]), data[start:end])


def frame_end(data: bytes, start: int) -> int | None:
    """Where the MAVLink 2 frame that begins here ends, or None when none does or it is not whole yet."""
    if data[start] != _MAGIC_V2 or len(data) < start + _HEADER.size:
        return None
    signature_bytes = _SIGNATURE_BYTES if data[start + 2] & _SIGNED_FLAG else 0
    end = start + _HEADER.size + data[start + 1] + _CHECKSUM_BYTES + signature_bytes
    return end if end <= len(data) else None
