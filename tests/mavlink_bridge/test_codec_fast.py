"""The quick way of packing telemetry gives the same bytes as pymavlink's own, and reads back the same."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pymavlink.dialects.v20 import ardupilotmega as dialect

from mavlink_bridge import codec
from mavlink_bridge import messages as m
from mavlink_bridge.codec import Decoder, Encoder

#: Kinds that are packed quickly: all those without texts and arrays.
_QUICK = sorted(codec._FAST, key=lambda kind: kind.__name__)

_NUMBERS = st.one_of(
    st.integers(min_value=-(2**33), max_value=2**33),
    st.floats(min_value=-1e6, max_value=1e6, allow_nan=False, width=32),
)


def _message(data: st.DataObject, kind: type[Any]) -> Any:
    values = {}
    for item in fields(kind):
        may_be_none = "None" in str(item.type)
        whole = "float" not in str(item.type)
        number = data.draw(st.integers(min_value=-(2**33), max_value=2**33) if whole else _NUMBERS)
        values[item.name] = None if may_be_none and data.draw(st.booleans()) else number
    return kind(**values)


@pytest.mark.parametrize("kind", _QUICK, ids=lambda kind: str(kind.__name__))
@settings(max_examples=8, deadline=None)
@given(data=st.data())
def test_quick_frame_is_the_same_bytes_as_pymavlinks(kind: type[Any], data: st.DataObject) -> None:
    message = _message(data, kind)
    link = dialect.MAVLink(None, srcSystem=7, srcComponent=1)
    link.seq = 200
    slow = bytes(codec._BY_KIND[kind].write(message).pack(link))
    assert codec._FAST[kind].frame(message, 200, 7, 1) == slow


def test_position_and_status_are_among_the_quick_ones() -> None:
    assert {m.GlobalPositionInt, m.Heartbeat, m.SysStatus, m.MissionItemInt, m.CommandLong} <= set(codec._FAST)
    assert m.StatusText not in codec._FAST


def test_quick_frames_read_back_as_they_were_sent() -> None:
    encoder, decoder = Encoder(system_id=9, component_id=1), Decoder()
    sent = m.GlobalPositionInt(
        time_boot_s=12.5,
        lat_deg=47.5000001,
        lon_deg=-19.25,
        alt_amsl_m=200.5,
        relative_alt_m=50.25,
        north_mps=-1.25,
        east_mps=2.5,
        down_mps=0.0,
        heading_deg=None,
    )
    frames = [frame for _ in range(3) for frame in decoder.feed(encoder.encode(sent))]
    assert [frame.message for frame in frames] == [sent] * 3
    assert [frame.sequence for frame in frames] == [0, 1, 2]
    assert decoder.bad_count == 0
