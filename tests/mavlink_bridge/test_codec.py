"""Messages to bytes and back: nothing is lost but what the wire cannot hold, and nothing that comes in can raise."""

from __future__ import annotations

import math
from dataclasses import fields
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pymavlink.dialects.v20 import ardupilotmega as dialect

from mavlink_bridge import messages as m
from mavlink_bridge.codec import Decoder, Encoder

KINDS = tuple(kind for kind in m.Message.__args__ if kind is not m.Unknown)

WHOLE = st.integers(-(2**40), 2**40)
REAL = st.floats(-1e4, 1e4, width=32)
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "int": WHOLE,
    "float": REAL,
    "str": st.text(max_size=60),
    "bytes": st.binary(max_size=260),
    "tuple[int, ...]": st.lists(st.integers(0, 65535), max_size=18).map(tuple),
}


def any_message(kind: type[Any]) -> st.SearchStrategy[Any]:
    def values(text: str) -> st.SearchStrategy[Any]:
        plain = VALUES[text.removesuffix(" | None")]
        return st.none() | plain if text.endswith("None") else plain

    return st.builds(kind, **{item.name: values(str(item.type)) for item in fields(kind)})


def carried(message: m.Message) -> m.Message:
    """What arrives when this is sent."""
    (frame,) = Decoder().feed(Encoder(system_id=3, component_id=1).encode(message))
    return frame.message


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: str(kind.__name__))
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_what_has_crossed_once_crosses_again_unchanged(kind: type[Any], data: st.DataObject) -> None:
    arrived = carried(data.draw(any_message(kind)))
    assert type(arrived) is kind
    assert repr(carried(arrived)) == repr(arrived)


@pytest.mark.parametrize(
    "message",
    [
        m.Heartbeat(type=2, autopilot=3, base_mode=217, custom_mode=3, system_status=4),
        m.GlobalPositionInt(
            time_boot_s=75.241,
            lat_deg=-47.5017966,
            lon_deg=179.9999999,
            alt_amsl_m=-12.345,
            relative_alt_m=50.001,
            north_mps=-3.21,
            east_mps=9.87,
            down_mps=-2.5,
            heading_deg=359.99,
        ),
        m.SysStatus(sensors_present=2**28, sensors_enabled=2**28, sensors_health=0, voltage_v=12.587, current_a=28.03),
        m.BatteryStatus(id=0, voltage_v=12.6, current_a=None, consumed_mah=1429, remaining_pct=None),
        m.StatusText(severity=2, text="PreArm: Need Position Estimate"),
        m.MissionItemInt(
            target_system=1,
            target_component=1,
            seq=649,
            frame=6,
            command=16,
            param1=10.0,
            x=-475017966,
            y=1799999999,
            z=50.25,
            mission_type=2,
        ),
        m.CommandAck(command=42651, result=5, progress=50, result_param2=-7, target_system=255, target_component=190),
        m.ParamSet(target_system=1, target_component=1, param_id="SIXTEEN_CHARS_IS", param_value=0.5),
    ],
    ids=lambda message: type(message).__name__,
)
def test_values_that_the_wire_can_hold_arrive_as_they_are(message: m.Message) -> None:
    assert carried(message) == message


def test_nan_parameters_stay_nan() -> None:
    arrived = carried(m.CommandLong(target_system=1, target_component=1, command=192, param4=math.nan))
    assert isinstance(arrived, m.CommandLong)
    assert math.isnan(arrived.param4)


def test_texts_are_cut_to_the_fields_length_and_not_refused() -> None:
    arrived = carried(m.StatusText(severity=6, text="x" * 80))
    assert isinstance(arrived, m.StatusText)
    assert arrived.text == "x" * 50


def test_texts_may_be_in_any_language_and_are_never_cut_within_a_character() -> None:
    arrived = carried(m.StatusText(severity=6, text="é" * 40))
    assert isinstance(arrived, m.StatusText)
    assert arrived.text == "é" * 25
    assert carried(m.StatusText(severity=6, text="határőr")) == m.StatusText(severity=6, text="határőr")


def test_the_sender_and_the_sequence_are_told() -> None:
    encoder, decoder = Encoder(system_id=42, component_id=7), Decoder()
    data = b"".join(encoder.encode(m.MissionItemReached(seq=1)) for _ in range(258))
    frames = decoder.feed(data)
    assert {(frame.system_id, frame.component_id) for frame in frames} == {(42, 7)}
    assert [frame.sequence for frame in frames] == [number % 256 for number in range(258)]
    assert b"".join(frame.raw for frame in frames) == data


def test_a_message_we_do_not_speak_is_unknown_and_does_not_disturb() -> None:
    wire = dialect.MAVLink_power_status_message(5000, 0, 0)
    power_status = bytes(wire.pack(dialect.MAVLink(None, srcSystem=1, srcComponent=1)))
    known = Encoder(system_id=1, component_id=1).encode(m.MissionItemReached(seq=9))
    frames = Decoder().feed(power_status + known)
    assert [frame.message for frame in frames] == [m.Unknown(message_id=125), m.MissionItemReached(seq=9)]


@settings(max_examples=300, deadline=None)
@given(junk=st.lists(st.binary(max_size=80), max_size=12))
def test_random_bytes_never_raise(junk: list[bytes]) -> None:
    decoder = Decoder()
    for data in junk:
        decoder.feed(data)


@settings(max_examples=150, deadline=None)
@given(
    kind=st.sampled_from(KINDS),
    data=st.data(),
    place=st.integers(0, 500),
    flip=st.integers(1, 255),
    before=st.binary(max_size=20).filter(lambda junk: not {0xFD, 0xFE} & set(junk)),
)
def test_a_damaged_frame_is_dropped_and_the_next_one_arrives(
    kind: type[Any], data: st.DataObject, place: int, flip: int, before: bytes
) -> None:
    encoder, decoder = Encoder(system_id=1, component_id=1), Decoder()
    frame = bytearray(encoder.encode(data.draw(any_message(kind))))
    frame[place % len(frame)] ^= flip
    good = [encoder.encode(m.MissionItemReached(seq=number)) for number in range(60)]
    arrived = decoder.feed(before + bytes(frame) + b"".join(good))
    # A damaged length may swallow what follows it, but never all.
    assert arrived[-1].message == m.MissionItemReached(seq=59)


@settings(max_examples=50, deadline=None)
@given(cuts=st.lists(st.integers(0, 400), max_size=20))
def test_frames_arrive_whole_however_the_bytes_are_cut(cuts: list[int]) -> None:
    encoder, decoder = Encoder(system_id=1, component_id=1), Decoder()
    sent = [m.MissionItemReached(seq=number) for number in range(20)]
    data = b"".join(encoder.encode(message) for message in sent)
    edges = sorted({0, len(data), *(cut % len(data) for cut in cuts)})
    arrived = [frame.message for a, b in pairwise(edges) for frame in decoder.feed(data[a:b])]
    assert arrived == sent
