"""Frames are found whatever stands before them, and only a checksum makes a frame."""

from __future__ import annotations

import struct
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from mavlink_bridge.framing import FRAME_BYTES, Framer, MessageShape


def checksum(data: bytes) -> int:
    """Not MAVLink's, which is the codec's affair."""
    return sum(data) * 31 & 0xFFFF


SHAPES = {5: MessageShape(b"\x11", 20), 300: MessageShape(b"\x22", 255)}


def frame(message_id: int, payload: bytes, *, flags: int = 0, sequence: int = 0) -> bytes:
    body = bytes([len(payload), flags, 0, sequence, 7, 1]) + message_id.to_bytes(3, "little") + payload
    return b"\xfd" + body + struct.pack("<H", checksum(body + SHAPES[message_id].crc_extra)) + (bytes(13) if flags & 1 else b"")


def old_frame(message_id: int, payload: bytes) -> bytes:
    body = bytes([len(payload), 0, 7, 1, message_id]) + payload
    return b"\xfe" + body + struct.pack("<H", checksum(body + SHAPES[message_id].crc_extra))


def found(framer: Framer, *chunks: bytes) -> list[bytes]:
    return [item.raw for chunk in chunks for item in framer.feed(chunk)]


FRAMES = st.one_of(
    st.builds(frame, st.just(5), st.binary(min_size=1, max_size=20), sequence=st.integers(0, 255)),
    st.builds(frame, st.just(300), st.binary(min_size=1, max_size=255), flags=st.sampled_from([0, 1])),
    st.builds(old_frame, st.just(5), st.binary(min_size=1, max_size=20)),
)


@settings(max_examples=150, deadline=None)
@given(frames=st.lists(FRAMES, max_size=6), cuts=st.lists(st.integers(0, 900), max_size=8))
def test_good_frames_are_all_found_however_they_are_cut(frames: list[bytes], cuts: list[int]) -> None:
    data = b"".join(frames)
    edges = [0, *sorted(cuts), len(data)]
    framer = Framer(SHAPES, checksum)
    assert found(framer, *(data[start:end] for start, end in pairwise(edges))) == frames
    assert framer.bad_count == 0


@settings(max_examples=150, deadline=None)
@given(noise=st.binary(max_size=40), frames=st.lists(FRAMES, min_size=12, max_size=14))
def test_noise_holds_no_frame_back_for_long(noise: bytes, frames: list[bytes]) -> None:
    framer = Framer(SHAPES, checksum)
    framer.feed(noise)
    # What looks like the beginning of a long frame may wait for its end; then all behind it is found.
    after = found(framer, *frames, bytes(FRAME_BYTES))
    assert after[-len(frames) :] == frames


def test_a_damaged_length_does_not_swallow_the_frames_behind_it() -> None:
    damaged = bytearray(frame(5, b"abc"))
    damaged[1] = 0xFF
    framer = Framer(SHAPES, checksum)
    good = [frame(5, bytes([number])) for number in range(1, 6)]
    assert found(framer, bytes(damaged), *good) == good
    assert framer.bad_count == 1


def test_a_frame_that_fails_its_checksum_is_searched_for_others() -> None:
    inner = frame(5, b"xyz")
    outer = bytearray(frame(300, b"12" + inner))
    outer[-1] ^= 1
    assert found(Framer(SHAPES, checksum), bytes(outer)) == [inner]


def test_a_frame_inside_a_good_frame_is_its_payload() -> None:
    outer = frame(300, b"12" + frame(5, b"xyz"))
    assert found(Framer(SHAPES, checksum), outer[:12], outer[12:]) == [outer]


def test_unknown_messages_and_unknown_flags_are_no_frames() -> None:
    framer = Framer(SHAPES, checksum)
    shapes = {**SHAPES, 6: MessageShape(b"\x33", 9)}
    body = bytes([1, 0, 0, 0, 7, 1, 6, 0, 0, 9])
    unknown = b"\xfd" + body + struct.pack("<H", checksum(body + shapes[6].crc_extra))
    assert found(framer, unknown, frame(5, b"a", flags=2)) == []
    assert found(Framer(shapes, checksum), unknown) == [unknown]


@settings(max_examples=100, deadline=None)
@given(chunks=st.lists(st.binary(max_size=400), max_size=30))
def test_any_bytes_leave_less_than_a_frame_waiting(chunks: list[bytes]) -> None:
    framer = Framer(SHAPES, checksum)
    for chunk in chunks:
        framer.feed(chunk)
        assert len(framer._pending) <= FRAME_BYTES
