"""What is inside a FILE_TRANSFER_PROTOCOL message: MAVFTP requests and answers as frozen data, and their 251 bytes.

The layout is mavlink.io/en/services/ftp.html; integers are little-endian.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import IntEnum

#: seq_number, session, opcode, size, req_opcode, burst_complete, padding, offset.
_HEADER = struct.Struct("<HBBBBBBI")
PAYLOAD_BYTES = 251
#: The most a single request or answer carries.
DATA_BYTES = PAYLOAD_BYTES - _HEADER.size


class FtpOpcode(IntEnum):
    NONE = 0
    TERMINATE_SESSION = 1
    RESET_SESSIONS = 2
    LIST_DIRECTORY = 3
    OPEN_FILE_RO = 4
    READ_FILE = 5
    CREATE_FILE = 6
    WRITE_FILE = 7
    REMOVE_FILE = 8
    CREATE_DIRECTORY = 9
    REMOVE_DIRECTORY = 10
    OPEN_FILE_WO = 11
    TRUNCATE_FILE = 12
    RENAME = 13
    CALC_FILE_CRC32 = 14
    BURST_READ_FILE = 15
    ACK = 128
    NAK = 129


class FtpError(IntEnum):
    """The first byte of a NAK's data; after FAIL_ERRNO the second is the vehicle's own errno."""

    NONE = 0
    FAIL = 1
    FAIL_ERRNO = 2
    INVALID_DATA_SIZE = 3
    INVALID_SESSION = 4
    NO_SESSIONS_AVAILABLE = 5
    EOF = 6
    UNKNOWN_COMMAND = 7
    FILE_EXISTS = 8
    FILE_PROTECTED = 9
    FILE_NOT_FOUND = 10


class FtpPayloadError(ValueError):
    """Bytes that are no FTP payload, or a payload that has no bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FtpPayload:
    """`opcode` and `req_opcode` stay plain ints: a peer may send any number.

    `size` is the length of `data`, except in requests to read, where it says how much is wanted and `data` is empty.
    """

    seq: int
    opcode: int
    session: int = 0
    size: int = 0
    req_opcode: int = 0
    burst_complete: bool = False
    offset: int = 0
    data: bytes = b""


#: Requests whose `size` counts bytes wanted, not bytes carried.
_WANTS_BYTES = frozenset({FtpOpcode.READ_FILE, FtpOpcode.BURST_READ_FILE})


def pack_ftp(payload: FtpPayload) -> bytes:
    """The message's 251 bytes, filled up with zeros; FtpPayloadError for a number or length that does not fit."""
    if len(payload.data) > DATA_BYTES:
        raise FtpPayloadError(f"{len(payload.data)} bytes of data: an FTP payload holds at most {DATA_BYTES}")
    if payload.opcode not in _WANTS_BYTES and payload.size != len(payload.data):
        raise FtpPayloadError(f"size {payload.size} is not the length of the data, {len(payload.data)}")
    try:
        head = _HEADER.pack(
            payload.seq,
            payload.session,
            payload.opcode,
            payload.size,
            payload.req_opcode,
            int(payload.burst_complete),
            0,
            payload.offset,
        )
    except struct.error as error:
        raise FtpPayloadError(f"a number of {payload} does not fit its field: {error}") from error
    return (head + payload.data).ljust(PAYLOAD_BYTES, b"\0")


def unpack_ftp(raw: bytes) -> FtpPayload:
    """Read a payload; zeros that were cut off the end are put back. FtpPayloadError when `size` is more than fits."""
    if len(raw) > PAYLOAD_BYTES:
        raise FtpPayloadError(f"{len(raw)} bytes: an FTP payload has at most {PAYLOAD_BYTES}")
    filled = raw.ljust(PAYLOAD_BYTES, b"\0")
    seq, session, opcode, size, req_opcode, burst_complete, _, offset = _HEADER.unpack_from(filled)
    if size > DATA_BYTES:
        raise FtpPayloadError(f"size {size}: an FTP payload carries at most {DATA_BYTES} bytes")
    data = b"" if opcode in _WANTS_BYTES else filled[_HEADER.size : _HEADER.size + size]
    return FtpPayload(
        seq=seq,
        session=session,
        opcode=opcode,
        size=size,
        req_opcode=req_opcode,
        burst_complete=bool(burst_complete),
        offset=offset,
        data=data,
    )


def nak_error(payload: FtpPayload) -> FtpError:
    """Why a NAK refuses; FAIL when it names no error that we know."""
    code = payload.data[0] if payload.data else 0
    return FtpError(code) if code in _ERRORS else FtpError.FAIL


_ERRORS = frozenset(FtpError) - {FtpError.NONE}
