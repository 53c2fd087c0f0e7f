"""The quick way of reading telemetry gives the same frames as pymavlink's, whatever comes between and however it is cut."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pymavlink.dialects.v20 import ardupilotmega as dialect

from mavlink_bridge import codec
from mavlink_bridge import messages as m
from mavlink_bridge.codec import Decoder, Encoder
from mavlink_bridge.framing import frame_end

QUICK = sorted(codec._READERS)
ALL = sorted(codec._BY_ID)


def checked(message_id: int, payload: bytes, *, sequence: int = 0, flags: int = 0) -> bytes:
    """A frame with a right checksum; signed ones bear a signature of zeros."""
    body = bytes([len(payload), flags, 0, sequence, 7, 1]) + message_id.to_bytes(3, "little") + payload
    extra = codec._BY_ID[message_id].wire_class.crc_extra
    checksum = dialect.x25crc(body + bytes([extra])).crc
    return b"\xfd" + body + struct.pack("<H", checksum) + (bytes(13) if flags & 1 else b"")


PIECES = st.one_of(
    st.builds(checked, st.sampled_from(QUICK), st.binary(min_size=1, max_size=60), sequence=st.integers(0, 255)),
    st.builds(checked, st.sampled_from(ALL), st.binary(min_size=1, max_size=255), flags=st.sampled_from([0, 0, 1, 2])),
    st.binary(max_size=12),
    st.just(b"\xfd"),
    st.just(b"\xfe\x03"),
)


def both(chunks: Sequence[bytes]) -> tuple[Any, Any]:
    """What the quick way and pymavlink alone make of the same bytes; in words, in which NaN equals NaN and 1 is not 1.0."""
    quick, slow = Decoder(), Decoder()
    slow._readers = {}
    told: list[Any] = []
    for decoder in (quick, slow):
        frames = [frame for chunk in chunks for frame in decoder.feed(chunk)]
        told.append((repr(frames), decoder.bad_count))
    return told[0], told[1]


@pytest.mark.parametrize("message_id", QUICK, ids=lambda message_id: codec._BY_ID[message_id].kind.__name__)
@settings(max_examples=8, deadline=None)
@given(payload=st.binary(min_size=1, max_size=60))
def test_quick_reading_is_the_same_as_pymavlinks(message_id: int, payload: bytes) -> None:
    quick, slow = both([checked(message_id, payload)])
    assert quick == slow
    assert quick[1] == 0


@settings(max_examples=150, deadline=None)
@given(pieces=st.lists(PIECES, max_size=8), cuts=st.lists(st.integers(0, 400), max_size=5), flips=st.lists(st.integers(0, 400), max_size=2))
def test_any_stream_cut_anywhere_gives_the_same_frames_both_ways(pieces: list[bytes], cuts: list[int], flips: list[int]) -> None:
    data = bytearray(b"".join(pieces))
    for place in flips:
        if place < len(data):
            data[place] ^= 0x10
    edges = [0, *sorted(cuts), len(data)]
    quick, slow = both([bytes(data[start:end]) for start, end in pairwise(edges)])
    assert quick == slow


@pytest.mark.parametrize(
    ("kind", "attribute", "unknown"),
    [(m.GlobalPositionInt, "heading_deg", None), (m.SysStatus, "voltage_v", None), (m.SysStatus, "battery_remaining_pct", None)],
)
def test_what_a_vehicle_does_not_know_is_none(kind: type[Any], attribute: str, unknown: None) -> None:
    values: dict[str, Any] = dict.fromkeys(kind.__dataclass_fields__, 1)
    (frame,) = Decoder().feed(Encoder(system_id=1, component_id=1).encode(kind(**{**values, attribute: unknown})))
    assert getattr(frame.message, attribute) is None


def test_position_and_status_are_read_quickly() -> None:
    assert {33, 0, 1, 30, 24, 42, 245, 193} <= set(QUICK)


def test_end_of_a_frame_is_known_from_its_header() -> None:
    frame = checked(0, b"\x01" * 9)
    assert frame_end(frame, 0) == len(frame)
    assert frame_end(b"xx" + frame + b"more", 2) == len(frame) + 2
    assert frame_end(frame[:-1], 0) == len(frame)
    assert frame_end(b"\xfd", 0) == 10
    assert frame_end(b"\xfe" + frame, 0) is None
    signed = checked(0, b"\x01" * 9, flags=1)
    assert frame_end(signed, 0) == len(signed)


def test_frame_within_the_payload_of_another_is_payload_however_it_is_cut() -> None:
    inner = checked(0, b"\x01" * 9)
    outer = checked(110, b"\x01\x02\x03" + inner + b"\x04" * 20)
    cut = outer.index(inner)
    quick, slow = both([outer[:cut], outer[cut:]])
    assert quick == slow
    assert "Heartbeat" not in quick[0]
