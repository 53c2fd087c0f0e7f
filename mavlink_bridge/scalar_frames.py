"""Reading payloads of scalars in one go: telemetry is little else, and it is most of what a fleet says."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from mavlink_bridge.messages import Message


@dataclass(frozen=True, slots=True)
class Column:
    """Where an attribute stands among a message's values as packed: `value = wire / per_unit`, `unknown` on the wire is None."""

    attribute: str
    place: int
    per_unit: float
    unknown: int | None


class ScalarReader:
    """One message's payload to its dataclass."""

    __slots__ = ("_bytes", "_kind", "_names", "_pick", "_scales", "_unpack")

    def __init__(self, kind: type[Any], packing: str, columns: Sequence[Column]) -> None:
        """`packing` is the payload's struct format, in wire order; `kind` takes the columns' attributes by name, two at least."""
        layout = struct.Struct(packing)
        self._kind = kind
        self._bytes, self._unpack = layout.size, layout.unpack_from
        self._names = tuple(column.attribute for column in columns)
        self._pick = itemgetter(*(column.place for column in columns))
        self._scales = tuple((column.per_unit, column.unknown) for column in columns)

    def read(self, payload: bytes) -> Message:
        """Senders cut zeros off the payload's end, and newer ones may add fields there that are not known here."""
        wire = self._pick(self._unpack(payload.ljust(self._bytes, b"\0")))
        values = [
            None if value == unknown else value if per_unit == 1.0 else value / per_unit
            for value, (per_unit, unknown) in zip(wire, self._scales, strict=True)
        ]
        message: Message = self._kind(**dict(zip(self._names, values, strict=True)))
        return message
