"""Every message there and back through real frames; whatever bytes come, decoding never raises."""

from __future__ import annotations

import math
from dataclasses import fields
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pymavlink.dialects.v20 import ardupilotmega as dialect

from mavlink_bridge import codec
from mavlink_bridge import messages as m
from mavlink_bridge.codec import Decoder, Encoder

KINDS = sorted(codec._BY_KIND, key=lambda kind: kind.__name__)
#: Sixteen bytes at most: the shorter of the two text fields.
_TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=16).filter(lambda text: len(text.encode()) <= 16)
_CHANNELS = st.lists(st.integers(0, 65535), min_size=18, max_size=18).map(tuple)
_FLOAT32 = st.floats(allow_nan=False, allow_infinity=False, width=32)


def wire_exact(kind: type[Any]) -> st.SearchStrategy[Any]:
    """Messages whose every value has a place of its own on the wire, so that nothing may change on the way."""
    entry = codec._BY_KIND[kind]
    by_attribute = {item.attribute: item for item in entry.fields}
    return st.builds(kind, **{item.name: _value(entry, item.name, by_attribute.get(item.name)) for item in fields(kind)})


def _value(entry: Any, name: str, wire: Any) -> st.SearchStrategy[Any]:
    if wire is None:
        special = {
            "channels_us": _CHANNELS,
            "heights_m": st.lists(st.integers(-(2**15), 2**15 - 1), min_size=16, max_size=16).map(tuple),
            "payload": st.binary(min_size=251, max_size=251),
            "secret_key": st.binary(min_size=32, max_size=32),
            "uid2": st.binary(min_size=18, max_size=18),
            "id_or_mac": st.binary(min_size=20, max_size=20),
            "uas_id": st.binary(min_size=20, max_size=20),
        }
        return special.get(name, st.integers(0, 65534).map(lambda millivolts: millivolts / 1000.0))
    if name in ("text", "param_id", "callsign"):
        return _TEXT.filter(lambda text: len(text.encode()) <= codec._TEXTS[name])
    limits = codec._RANGES.get(entry.types[wire.wire])
    if limits is None:
        return _FLOAT32
    # Beyond 2**53 a float in seconds cannot tell two microseconds apart.
    low, high = (max(limits[0], -(2**52)), min(limits[1], 2**52)) if wire.per_unit != 1.0 else limits
    return st.integers(low, high).map(wire.read)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: str(kind.__name__))
@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_message_survives_the_wire_unchanged(kind: type[Any], data: st.DataObject) -> None:
    sent = data.draw(wire_exact(kind))
    decoder = Decoder()
    (frame,) = decoder.feed(Encoder(system_id=7, component_id=3).encode(sent))
    assert frame.message == sent
    assert (frame.system_id, frame.component_id, decoder.bad_count) == (7, 3, 0)


def test_every_message_we_speak_has_a_codec() -> None:
    assert set(KINDS) == set(m.Message.__args__) - {m.Unknown}


@settings(max_examples=150, deadline=None)
@given(chunks=st.lists(st.binary(max_size=300), max_size=6))
def test_random_bytes_never_raise(chunks: list[bytes]) -> None:
    decoder = Decoder()
    for chunk in chunks:
        decoder.feed(chunk)


@settings(max_examples=150, deadline=None)
@given(message_id=st.integers(0, 2**24 - 1), payload=st.binary(max_size=255), flags=st.tuples(st.integers(0, 255), st.integers(0, 255)))
def test_frames_with_any_header_never_raise(message_id: int, payload: bytes, flags: tuple[int, int]) -> None:
    head = bytes([0xFD, len(payload), *flags, 0, 1, 1]) + message_id.to_bytes(3, "little")
    Decoder().feed(head + payload + b"\x12\x34" + b"\0" * 300)


@settings(max_examples=150, deadline=None)
@given(kind=st.sampled_from(KINDS), payload=st.binary(min_size=1, max_size=255))
def test_well_formed_frames_with_any_payload_never_raise(kind: type[Any], payload: bytes) -> None:
    entry = codec._BY_KIND[kind]
    head = bytes([len(payload), 0, 0, 0, 1, 1]) + entry.id.to_bytes(3, "little")
    checksum = dialect.x25crc(head + payload + bytes([entry.wire_class.crc_extra])).crc
    decoder = Decoder()
    decoder.feed(b"\xfd" + head + payload + checksum.to_bytes(2, "little"))
    heartbeat = m.Heartbeat(type=2, autopilot=3, base_mode=0, custom_mode=0, system_status=3)
    assert heartbeat in [frame.message for frame in decoder.feed(Encoder(system_id=1, component_id=1).encode(heartbeat))]


def _frames(count: int) -> list[bytes]:
    encoder = Encoder(system_id=1, component_id=1)
    return [encoder.encode(m.MissionCurrent(seq=number, total=9)) for number in range(count)]


def test_frames_may_come_in_any_pieces() -> None:
    data = b"".join(_frames(5))
    for size in (1, 2, 7, len(data)):
        decoder = Decoder()
        frames = [frame for at in range(0, len(data), size) for frame in decoder.feed(data[at : at + size])]
        assert [frame.message for frame in frames] == [m.MissionCurrent(seq=number, total=9) for number in range(5)]


def test_noise_between_frames_costs_no_frame() -> None:
    first, second = _frames(2)
    decoder = Decoder()
    frames = decoder.feed(b"\x00\x55noise" + first + b"\x01\x02" + second)
    assert [frame.raw for frame in frames] == [first, second]
    assert decoder.bad_count > 0


def test_damaged_frame_is_dropped_and_counted() -> None:
    first, second = _frames(2)
    damaged = first[:11] + bytes([first[11] ^ 1]) + first[12:]
    decoder = Decoder()
    assert [frame.raw for frame in decoder.feed(damaged + second)] == [second]
    assert decoder.bad_count == 1


def test_message_that_we_do_not_speak_arrives_as_unknown() -> None:
    wire = dialect.MAVLink_wind_message(direction=1.0, speed=2.0, speed_z=3.0)
    (frame,) = Decoder().feed(bytes(wire.pack(dialect.MAVLink(None, srcSystem=5, srcComponent=1))))
    assert (frame.system_id, frame.message) == (5, m.Unknown(message_id=168))


def test_numbers_out_of_range_are_clamped() -> None:
    count = m.MissionCount(target_system=1, target_component=1, count=70_000)
    (frame,) = Decoder().feed(Encoder(system_id=255, component_id=190).encode(count))
    assert frame.message == m.MissionCount(target_system=1, target_component=1, count=65535)


def test_text_longer_than_its_field_is_cut() -> None:
    (frame,) = Decoder().feed(Encoder(system_id=1, component_id=1).encode(m.StatusText(severity=6, text="x" * 70)))
    assert frame.message == m.StatusText(severity=6, text="x" * 50)


def test_text_is_never_cut_within_a_character() -> None:
    (frame,) = Decoder().feed(Encoder(system_id=1, component_id=1).encode(m.StatusText(severity=6, text="é" * 40)))
    assert frame.message == m.StatusText(severity=6, text="é" * 25)


def test_nan_parameters_stay_nan() -> None:
    sent = m.CommandLong(target_system=1, target_component=1, command=400, param4=math.nan)
    (frame,) = Decoder().feed(Encoder(system_id=1, component_id=1).encode(sent))
    assert isinstance(frame.message, m.CommandLong)
    assert math.isnan(frame.message.param4)


def test_sequence_numbers_count_up_and_wrap() -> None:
    decoder = Decoder()
    frames = [frame for data in _frames(258) for frame in decoder.feed(data)]
    assert [frame.sequence for frame in frames] == [number % 256 for number in range(258)]
