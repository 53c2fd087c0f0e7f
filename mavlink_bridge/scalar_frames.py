"""Reading payloads of scalars in one go: telemetry is little else, and it is most of what a fleet says."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
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

    __slots__ = ("_columns", "_kind", "_struct")

    def __init__(self, kind: type[Any], packing: str, columns: Sequence[Column]) -> None:
        """`packing` is the payload's struct format, in wire order; `kind` takes the columns' attributes by name."""
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
