"""MAVLink 2 message signing on the vehicle's side, as ArduPilot uses it (mavlink.io/en/guide/message_signing.html, GCS_Signing; k16).

A link that is set up signs whatever it sends, with times that only grow, and takes signed frames whose time has grown. The
vehicle's time is a minute ahead of the key's, so that nothing it said before a restart can be said again.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Sequence

SETUP_SIGNING_ID = 256
#: RADIO_STATUS and RADIO come from the modem, which has no key.
_ALWAYS_TAKEN = frozenset({109, 166})

_HEADER_BYTES, _CHECKSUM_BYTES, _SIGNATURE_BYTES = 10, 2, 13
_SIGNED = 0x01
#: Ticks of 10 microseconds.
_MINUTE = 60 * 100_000
_SETUP = struct.Struct("<QBB32s")
_TIME_BYTES, _DIGEST_BYTES = 6, 6
_CHECKSUM = struct.Struct("<H")


class LinkSigning:
    """One link's. Off until `set_up` with a key."""

    def __init__(self, link_id: int) -> None:
        self._link_id = link_id
        self._key: bytes | None = None
        self._time = 0
        self._heard: dict[tuple[int, int, int], int] = {}

    @property
    def is_on(self) -> bool:
        return self._key is not None

    @property
    def time(self) -> int:
        return self._time

    def set_up(self, key: bytes, time: int) -> None:
        """A key and time of nothing but zeros switch it off."""
        self._key = key if time or any(key) else None
        self._time = time + _MINUTE
        self._heard.clear()

    def accepts(self, raw: bytes) -> bool:
        """Whether this frame may be acted upon. The first link is taken to be safe: there anything goes (k16)."""
        if self._key is None:
            return True
        is_good = bool(raw[2] & _SIGNED) and self._is_genuine(raw, self._key)
        return is_good or self._link_id == 0 or message_id(raw) in _ALWAYS_TAKEN

    def signed(self, frame: bytes) -> bytes:
        """The frame as it is sent."""
        if self._key is None:
            return frame
        body = bytearray(frame)
        body[2] |= _SIGNED
        _CHECKSUM.pack_into(body, len(body) - _CHECKSUM_BYTES, _CHECKSUM.unpack_from(frame, len(frame) - 2)[0] ^ _flag_s_part(len(frame)))
        body += bytes([self._link_id]) + self._time.to_bytes(_TIME_BYTES, "little")
        self._time += 1
        return bytes(body) + _digest(self._key, body)

    def _is_genuine(self, raw: bytes, key: bytes) -> bool:
        if len(raw) < _HEADER_BYTES + raw[1] + _CHECKSUM_BYTES + _SIGNATURE_BYTES:
            return False
        if _digest(key, raw[:-_DIGEST_BYTES]) != raw[-_DIGEST_BYTES:]:
            return False
        stream = raw[-_SIGNATURE_BYTES], raw[5], raw[6]
        time = int.from_bytes(raw[-_SIGNATURE_BYTES + 1 : -_DIGEST_BYTES], "little")
        # Somebody not heard before may be a minute behind, nobody may repeat himself.
        if time <= self._heard.get(stream, self._time - _MINUTE - 1):
            return False
        self._heard[stream] = time
        self._time = max(self._time, time)
        return True


def message_id(raw: bytes) -> int:
    return int.from_bytes(raw[7:10], "little")


def set_up_all(links: Sequence[LinkSigning], raw: bytes) -> None:
    """SETUP_SIGNING concerns every link."""
    payload = raw[_HEADER_BYTES : _HEADER_BYTES + raw[1]].ljust(_SETUP.size, b"\0")
    time, _, _, key = _SETUP.unpack(payload)
    for link in links:
        link.set_up(key, time)


def setup_target(raw: bytes) -> int:
    """Whom a SETUP_SIGNING is for."""
    payload = raw[_HEADER_BYTES : _HEADER_BYTES + raw[1]].ljust(_SETUP.size, b"\0")
    return int(_SETUP.unpack(payload)[1])


def _digest(key: bytes, signed: bytes | bytearray) -> bytes:
    return hashlib.sha256(key + signed).digest()[:_DIGEST_BYTES]


def _flag_s_part(frame_bytes: int) -> int:
    """What the flag "signed" adds to a frame's checksum: X.25 is linear, so the rest of the frame does not matter."""
    checksum = 0
    # From the flag on: the flag, the rest of the header and payload, and the byte that stands for the message's definition.
    for byte in (_SIGNED, *bytes(frame_bytes - 3 - _CHECKSUM_BYTES + 1)):
        low = (byte ^ checksum) & 0xFF
        low = (low ^ (low << 4)) & 0xFF
        checksum = ((checksum >> 8) ^ (low << 8) ^ (low << 3) ^ (low >> 4)) & 0xFFFF
    return checksum
