"""What a read-back may differ in, and what it may not: ArduPilot's packing against damage."""

from __future__ import annotations

import math
from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mavlink_bridge.messages import MissionItemInt
from mavlink_bridge.mission_comparison import Mismatch, items_match
from tests.mavlink_bridge.fake_vehicle import mission, packed
from tests.mavlink_bridge.recorded import as_message, conversation, flight_record, needs_recordings


def item(command: int, *, seq: int = 3, frame: int = 6, **values: float) -> MissionItemInt:
    return MissionItemInt(
        target_system=1,
        target_component=1,
        seq=seq,
        frame=frame,
        command=command,
        x=int(values.pop("x", 475000000)),
        y=int(values.pop("y", 190000000)),
        z=values.pop("z", 50.0),
        mission_type=int(values.pop("mission_type", 0)),
        **values,  # type: ignore[arg-type]  # what is left are param1 to param4
    )


SAME = {
    "frame without _INT": (item(16), item(16, frame=3)),
    "global frame without _INT": (item(16, frame=5), item(16, frame=0)),
    "height in whole centimetres": (item(16, z=50.038), item(16, z=50.03)),
    "height as a 32-bit float": (item(16, z=1234.56), item(16, z=1234.5599365)),
    "delay in whole seconds": (item(16, param1=12.7), item(16, param1=12.0)),
    "acceptance radius dropped by copters": (item(16, param2=30.0), item(16)),
    "acceptance radius kept by planes": (item(16, param2=30.0), item(16, param2=30.0)),
    "direction of a landing, which copters do not use": (item(21), item(21, param4=1.0)),
    "direction of a timed loiter": (item(19, param1=15.0), item(19, param1=15.0, param3=1.0)),
    "loiter radius in tens of metres": (item(18, param1=2.0, param3=-456.0), item(18, param1=2.0, param3=-450.0)),
    "a quarter turn": (item(18, param1=0.25), item(18, param1=0.25)),
    "unused parameters zeroed": (item(22, param2=7.0, param4=math.nan), item(22)),
    "speed as a 32-bit float": (
        item(178, frame=2, param1=1, param2=9.3, param3=-1),
        item(178, frame=0, param1=1, param2=9.30000019, param3=-1),
    ),
    "place of an item that has none": (item(178, param2=5.0), item(178, param2=5.0, x=0, y=0, z=0.0, frame=0)),
    "return without a place": (item(20), item(20, x=0, y=0, z=0.0, frame=0)),
    "fence without a height": (item(5004, param1=30.0, mission_type=1), item(5004, param1=30.0, z=0.0, frame=0, mission_type=1)),
    "rally height in metres": (item(5100, z=30.6, frame=3, mission_type=2), item(5100, z=30.0, frame=3, mission_type=2)),
    "autocontinue": (replace(item(16), autocontinue=0), item(16)),
    "NaN stored as 0 in a command we do not know": (item(31010, param1=math.nan), item(31010)),
}


@pytest.mark.parametrize(("sent", "read"), SAME.values(), ids=SAME)
def test_what_ardupilots_packing_changes_is_the_same_mission(sent: MissionItemInt, read: MissionItemInt) -> None:
    assert items_match([sent], [read]) == ()


DIFFERENT = {
    "x": (item(16), item(16, x=475000001)),
    "y": (item(16), item(16, y=190000001)),
    "z": (item(16), item(16, z=50.02)),
    "frame": (item(16), item(16, frame=0)),
    "command": (item(16), item(21)),
    "param1": (item(16, param1=10.0), item(16)),
    "param2": (item(178, param2=9.0), item(178, param2=12.0)),
    "param3": (item(18, param1=2.0, param3=20.0), item(18, param1=2.0, param3=-20.0)),
    "seq": (item(16), item(16, seq=4)),
    "mission_type": (item(16), item(16, mission_type=1)),
}


@pytest.mark.parametrize("field", DIFFERENT)
def test_whatever_changes_the_flight_is_a_mismatch_that_names_it(field: str) -> None:
    sent, read = DIFFERENT[field]
    (mismatch,) = items_match([sent], [read])
    assert mismatch == Mismatch(seq=3, field=field, sent=getattr(sent, field), read=getattr(read, field))
    assert f"item 3 {field}" in str(mismatch)


def test_another_number_of_items_is_one_mismatch() -> None:
    (mismatch,) = items_match(mission(8), mission(8)[:7])
    assert str(mismatch) == "number of items: sent 8, read back 7"


def test_home_is_the_vehicles_own() -> None:
    home = item(16, seq=0, frame=0)
    assert items_match([home], [replace(home, x=0, y=0, z=0.0)]) == ()
    assert items_match([replace(home, mission_type=2)], [replace(home, x=0, mission_type=2)]) != ()


@given(
    number=st.integers(1, 7),
    field=st.sampled_from([entry.name for entry in fields(MissionItemInt) if entry.name in ("seq", "command", "x", "y")]),
    by=st.integers(-1000, 1000).filter(bool),
)
def test_no_damage_to_a_waypoint_goes_unseen(number: int, field: str, by: int) -> None:
    sent = mission(9)
    read = [packed(entry) for entry in sent]
    assert items_match(sent, read) == ()
    read[number] = replace(read[number], **{field: getattr(read[number], field) + by})
    has_no_place = sent[number].command == 178 and field in ("x", "y")
    assert (items_match(sent, read) == ()) is has_no_place


@needs_recordings
@pytest.mark.parametrize("name", ["c01", "c02b", "c04", "c05", "c06", "c07_", "c10_", "c11", "q01", "q02"])
def test_what_the_real_autopilot_read_back_after_an_upload_matches(name: str) -> None:
    record = flight_record(name)
    sent = [as_item(values) for values in record["mission_items_sent"]]
    read = [as_item(values) for values in record["mission_items_readback"]]
    assert items_match(sent, read) == ()
    assert items_match(sent, [*read[:1], replace(read[1], z=read[1].z + 1.0), *read[2:]]) != ()


def as_item(values: dict[str, float]) -> MissionItemInt:
    message = as_message(MissionItemInt, {"target_system": 0, "target_component": 0, **values})
    assert isinstance(message, MissionItemInt)
    return message


@needs_recordings
@pytest.mark.parametrize("name", ["k02", "k03", "k04"])
def test_recorded_uploads_of_missions_fences_and_rally_points_match_their_downloads(name: str) -> None:
    messages = conversation(name)
    sent = [message for way, message in messages if way == "tx" and isinstance(message, MissionItemInt)]
    read = [message for way, message in messages if way == "rx" and isinstance(message, MissionItemInt)]
    assert len(sent) > 3
    assert items_match(sent, read) == ()
