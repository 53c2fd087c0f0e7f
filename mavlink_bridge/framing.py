"""MAVLink frames out of any bytes: whole, undamaged, in order, and none lost because of what stood before it.

mavlink.io/en/guide/serialization.html. A checksum can only be tested for messages whose shape is known, so frames of others
are no frames here. A damaged length must not swallow the good frames behind it: what fails its checksum is searched again
from its second byte on, and a header that promises more than its message can hold is not waited for.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

_MAGIC_V1, _MAGIC_V2 = 0xFE, 0xFD
_HEADER_V1_BYTES = 6
_HEADER_V2 = struct.Struct("<BBBBBBBHB")
_CHECKSUM_BYTES, _SIGNATURE_BYTES = 2, 13
_SIGNED_FLAG = 1
#: The longest frame there is: what may wait for its end is never more.
FRAME_BYTES = _HEADER_V2.size + 255 + _CHECKSUM_BYTES + _SIGNATURE_BYTES

Checksum = Callable[[bytes], int]


@dataclass(frozen=True, slots=True)
class MessageShape:
    """What a message's frames are tested with: the extra byte of the checksum, and how long its payload can be."""

    crc_extra: bytes
    payload_bytes: int


class RawFrame(NamedTuple):
    """An undamaged frame; `payload` may have lost the zeros at its end, or have more than is known here."""

    message_id: int
    sequence: int
    system_id: int
    component_id: int
    payload: bytes
    raw: bytes


class Framer:
    """One link's. Never raises, holds less than one frame; `bad_count` counts the stretches that were no frames."""

    def __init__(self, shapes: Mapping[int, MessageShape], checksum: Checksum) -> None:
        self._shapes = shapes
        self._checksum = checksum
        self._pending = b""
        self._is_bad = False
        self.bad_count = 0

    def feed(self, data: bytes) -> list[RawFrame]:
        """The frames completed by these bytes."""
        if self._pending:
            data = self._pending + data
            self._pending = b""
        frames: list[RawFrame] = []
        start, doubtful = 0, None
        while start < len(data):
            end = frame_end(data, start) if data[start] == _MAGIC_V2 else _old_frame_end(data, start)
            if end is None:
                start = self._no_frame(data, start)
                continue
            if end > len(data):
                if self._is_plausible(data, start):
                    self._pending = data[start if doubtful is None else doubtful :]
                    return frames
                doubtful = start if doubtful is None else doubtful
                start += 1
                continue
            frame = self._checked(data[start:end])
            if frame is None:
                start = self._no_frame(data, start)
                continue
            if doubtful is not None:
                self._no_frame(data, doubtful)
                doubtful = None
            self._is_bad = False
            frames.append(frame)
            start = end
        if doubtful is not None:
            self._pending = data[doubtful:]
        return frames

    def _no_frame(self, data: bytes, start: int) -> int:
        """Where the next frame may begin."""
        if not self._is_bad:
            self._is_bad = True
            self.bad_count += 1
        places = [place for magic in (b"\xfd", b"\xfe") if (place := data.find(magic, start + 1)) >= 0]
        return min(places, default=len(data))

    def _is_plausible(self, data: bytes, start: int) -> bool:
        """Whether a frame that is not whole yet is worth waiting for, before all that stands behind it."""
        if data[start] == _MAGIC_V1:
            message_id = data[start + 5] if len(data) > start + 5 else None
        elif len(data) >= start + _HEADER_V2.size:
            message_id = int.from_bytes(data[start + 7 : start + 10], "little")
        else:
            message_id = None
        if message_id is None:
            return True
        shape = self._shapes.get(message_id)
        return shape is not None and data[start + 1] <= shape.payload_bytes

    def _checked(self, raw: bytes) -> RawFrame | None:
        if raw[0] == _MAGIC_V2:
            _, length, flags, _, sequence, system_id, component_id, id_low, id_high = _HEADER_V2.unpack_from(raw)
            header_bytes = _HEADER_V2.size
            message_id = id_low | id_high << 16
        else:
            length, sequence, system_id, component_id, message_id = raw[1:_HEADER_V1_BYTES]
            header_bytes, flags = _HEADER_V1_BYTES, 0
        shape = self._shapes.get(message_id)
        # A frame with a flag that is not understood must be dropped (the specification's incompatibility flags).
        if shape is None or flags & ~_SIGNED_FLAG:
            return None
        body_end = header_bytes + length
        if self._checksum(raw[1:body_end] + shape.crc_extra) != raw[body_end] | raw[body_end + 1] << 8:
            return None
        return RawFrame(message_id, sequence, system_id, component_id, raw[header_bytes:body_end], raw)


def frame_end(data: bytes, start: int) -> int | None:
    """Where the MAVLink 2 frame that begins here ends, maybe beyond the data; None when none begins here.

    While its header is not whole it ends beyond the data.
    """
    if data[start] != _MAGIC_V2:
        return None
    if len(data) < start + 3:
        return start + _HEADER_V2.size
    signature_bytes = _SIGNATURE_BYTES if data[start + 2] & _SIGNED_FLAG else 0
    return start + _HEADER_V2.size + data[start + 1] + _CHECKSUM_BYTES + signature_bytes


def _old_frame_end(data: bytes, start: int) -> int | None:
    if data[start] != _MAGIC_V1:
        return None
    length = data[start + 1] if len(data) > start + 1 else 0
    return start + _HEADER_V1_BYTES + length + _CHECKSUM_BYTES
