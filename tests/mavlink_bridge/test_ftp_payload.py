"""An FTP payload's bytes are what real autopilots send, and any bytes at all are either read or refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mavlink_bridge.ftp_payload import (
    DATA_BYTES,
    PAYLOAD_BYTES,
    FtpError,
    FtpOpcode,
    FtpPayload,
    FtpPayloadError,
    nak_error,
    pack_ftp,
    unpack_ftp,
)

PAYLOADS = st.builds(
    lambda data, **rest: FtpPayload(data=data, size=len(data), **rest),
    data=st.binary(max_size=DATA_BYTES),
    seq=st.integers(0, 0xFFFF),
    opcode=st.integers(0, 255).filter(lambda code: code not in (FtpOpcode.READ_FILE, FtpOpcode.BURST_READ_FILE)),
    session=st.integers(0, 255),
    req_opcode=st.integers(0, 255),
    burst_complete=st.booleans(),
    offset=st.integers(0, 0xFFFFFFFF),
)


@given(PAYLOADS)
def test_what_is_packed_is_read_back(payload: FtpPayload) -> None:
    raw = pack_ftp(payload)
    assert len(raw) == PAYLOAD_BYTES
    assert unpack_ftp(raw) == payload


def test_the_layout_is_the_specification_s() -> None:
    payload = FtpPayload(
        seq=0x0201,
        session=3,
        opcode=FtpOpcode.ACK,
        size=2,
        req_opcode=FtpOpcode.READ_FILE,
        burst_complete=True,
        offset=0x0D0C0B0A,
        data=b"hi",
    )
    assert pack_ftp(payload)[:14] == bytes([1, 2, 3, 128, 2, 5, 1, 0, 10, 11, 12, 13]) + b"hi"


def test_a_request_to_read_says_how_much_and_carries_nothing() -> None:
    wanted = FtpPayload(seq=1, opcode=FtpOpcode.READ_FILE, size=239, offset=478)
    assert unpack_ftp(pack_ftp(wanted)) == wanted


def test_zeros_that_the_link_cut_off_are_put_back() -> None:
    payload = FtpPayload(seq=7, opcode=FtpOpcode.WRITE_FILE, size=4, data=b"a\0\0\0")
    assert unpack_ftp(pack_ftp(payload).rstrip(b"\0")) == payload


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(raw: bytes) -> None:
    try:
        payload = unpack_ftp(raw)
    except FtpPayloadError:
        return
    assert len(payload.data) <= DATA_BYTES


@pytest.mark.parametrize(
    "payload",
    [
        FtpPayload(seq=0, opcode=FtpOpcode.WRITE_FILE, size=240, data=bytes(240)),
        FtpPayload(seq=0, opcode=FtpOpcode.WRITE_FILE, size=3, data=b"ab"),
        FtpPayload(seq=65536, opcode=FtpOpcode.RESET_SESSIONS),
        FtpPayload(seq=0, opcode=FtpOpcode.READ_FILE, size=239, offset=-1),
    ],
)
def test_a_payload_that_does_not_fit_is_refused(payload: FtpPayload) -> None:
    with pytest.raises(FtpPayloadError):
        pack_ftp(payload)


def test_a_refusal_says_why_and_an_unknown_reason_is_a_failure() -> None:
    missing = FtpPayload(seq=1, opcode=FtpOpcode.NAK, size=1, data=bytes([FtpError.FILE_NOT_FOUND]))
    assert nak_error(missing) is FtpError.FILE_NOT_FOUND
    assert nak_error(FtpPayload(seq=1, opcode=FtpOpcode.NAK, size=1, data=b"\xf0")) is FtpError.FAIL
    assert nak_error(FtpPayload(seq=1, opcode=FtpOpcode.NAK)) is FtpError.FAIL
