"""How the vehicle takes and gives items: ArduPilot's MissionItemProtocol and AP_Mission, 4.7.0-dev (k02-k09c, and k10a for boot)."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mavlink_bridge import messages as m
from mavlink_bridge.enums import MissionResult
from sitl.item_rules import StoredItem, stored
from sitl.vehicle import EmbeddedVehicle
from tests.sitl.station import Station, as_item, config, item, mission, ready

FIVE = mission((22, 0, 0, 20), (16, 100, 0, 20), (16, 100, 100, 20), (20,))


def _count(count: int, mission_type: int = 0) -> m.MissionCount:
    return m.MissionCount(target_system=1, target_component=1, count=count, mission_type=mission_type)


def _request(seq: int, mission_type: int = 0) -> m.MissionRequestInt:
    return m.MissionRequestInt(target_system=1, target_component=1, seq=seq, mission_type=mission_type)


def _acks(messages: list[Any]) -> list[int]:
    return [message.type for message in messages if isinstance(message, m.MissionAck)]


def _stored_count(station: Station, mission_type: int = 0) -> int:
    (count,) = (
        one.count
        for one in station.send(m.MissionRequestList(target_system=1, target_component=1, mission_type=mission_type))
        if isinstance(one, m.MissionCount)
    )
    return count


def _altitude(station: Station, seq: int) -> float:
    (height,) = (one.z for one in station.send(_request(seq)) if isinstance(one, m.MissionItemInt))
    return height


@pytest.fixture
def station() -> Station:
    return ready()


def test_an_upload_is_asked_for_with_the_deprecated_mission_request(station: Station) -> None:
    answers = station.send(_count(5))
    assert [type(answer) for answer in answers] == [m.MissionRequest]


def test_a_request_is_repeated_every_second_and_given_up_after_eight(station: Station) -> None:
    station.send(_count(5))
    station.forget()
    station.wait(7.9)
    assert [request.seq for request in station.said(m.MissionRequest)] == [0] * 7
    station.wait(0.3)
    assert _acks(station.said(m.MissionAck)) == [MissionResult.OPERATION_CANCELLED]
    assert "Mission upload timeout" in station.texts()


def test_a_stalled_upload_leaves_new_items_before_old_ones(station: Station) -> None:
    station.upload(mission((22, 0, 0, 50), *[(16, 100, 0, 50)] * 8))
    station.send(_count(6))
    for fields in mission((22, 0, 0, 77), (16, 100, 0, 77)):
        station.send(as_item(fields))
    station.wait(9.0)
    assert _stored_count(station) == 6
    assert [_altitude(station, seq) for seq in range(1, 6)] == [77, 77, 50, 50, 50]


def test_a_refused_item_ends_the_upload_with_one_nack_and_silence(station: Station) -> None:
    station.send(_count(5))
    station.send(as_item(FIVE[0]))
    assert _acks(station.send(as_item({**FIVE[1], "command": 9999}))) == [MissionResult.UNSUPPORTED]
    station.forget()
    station.wait(9.5)
    assert not station.said(m.MissionRequest)
    assert not station.said(m.MissionAck)


def test_an_item_out_of_turn_is_invalid_sequence_and_the_upload_goes_on(station: Station) -> None:
    station.send(_count(5))
    assert _acks(station.send(as_item(FIVE[3]))) == [MissionResult.INVALID_SEQUENCE]
    answers = station.send(as_item(FIVE[0]))
    assert [answer.seq for answer in answers if isinstance(answer, m.MissionRequest)] == [1]


def test_another_station_is_denied_while_one_uploads(station: Station) -> None:
    other = Station(station.vehicle, system_id=252, link=1)
    station.send(_count(5))
    assert _acks(other.send(_count(3))) == [MissionResult.DENIED]
    assert _acks(other.send(m.MissionRequestList(target_system=1, target_component=1, mission_type=0))) == [MissionResult.DENIED]
    assert _acks(other.send(_request(1))) == [MissionResult.DENIED]
    clear = m.MissionClearAll(target_system=1, target_component=1, mission_type=0)
    assert _acks(other.send(clear)) == [MissionResult.DENIED, MissionResult.ERROR]


def test_the_same_station_may_begin_its_upload_anew(station: Station) -> None:
    station.send(_count(9))
    assert station.upload(FIVE) == MissionResult.ACCEPTED
    assert _stored_count(station) == 5


@pytest.mark.parametrize(("mission_type", "most"), [(0, 650), (1, 70), (2, 46)])
def test_more_items_than_fit_are_no_space_and_leave_the_store_alone(station: Station, mission_type: int, most: int) -> None:
    station.upload(FIVE)
    answers = station.send(_count(most + 1, mission_type))
    assert _acks(answers) == [MissionResult.NO_SPACE]
    assert f"Only {most} items are supported" in station.texts()
    assert _stored_count(station) == 5


def test_any_count_before_standby_is_no_space() -> None:
    vehicle = EmbeddedVehicle(config())
    station = Station(vehicle)
    vehicle.step(1.5)
    assert _acks(station.send(_count(5))) == [MissionResult.NO_SPACE]


def test_all_kinds_at_once_are_unsupported(station: Station) -> None:
    assert _acks(station.send(_count(5, 255))) == [MissionResult.UNSUPPORTED]
    clear = m.MissionClearAll(target_system=1, target_component=1, mission_type=255)
    assert _acks(station.send(clear)) == [MissionResult.UNSUPPORTED]


def test_a_bad_fence_keeps_the_stored_one_whole(station: Station) -> None:
    corners = [item(seq, 5001, 100 - 200 * (seq // 2), 100 - 200 * (seq in (1, 2)), param1=4) for seq in range(4)]
    assert station.upload(corners, 1) == MissionResult.ACCEPTED
    wrong = [{**corner, "param1": 5.0} for corner in corners]
    assert station.upload(wrong, 1) == MissionResult.ERROR
    assert _stored_count(station, 1) == 4


def test_a_bad_rally_point_leaves_the_list_cut_to_the_new_count(station: Station) -> None:
    points = [item(seq, 5100, 50.0 * seq, 0, 30) for seq in range(4)]
    assert station.upload(points, 2) == MissionResult.ACCEPTED
    assert station.upload([points[0], {**points[1], "command": 16}], 2) == MissionResult.UNSUPPORTED
    assert _stored_count(station, 2) == 2


def test_a_partial_list_replaces_only_what_it_names(station: Station) -> None:
    station.upload(FIVE)
    partial = m.MissionWritePartialList(target_system=1, target_component=1, start_index=2, end_index=3, mission_type=0)
    (request,) = station.send(partial)
    assert isinstance(request, m.MissionRequest)
    assert request.seq == 2
    for seq in (2, 3):
        station.send(as_item({**FIVE[seq], "z": 99.0}))
    assert [_altitude(station, seq) for seq in (1, 2, 3)] == [20.0, 99.0, 99.0]


def test_a_jump_outside_the_upload_is_an_error(station: Station) -> None:
    items = [*FIVE[:3], {**item(3, 177), "param1": 40.0, "param2": 2.0}, FIVE[4]]
    assert station.upload(items) == MissionResult.ERROR


_params = st.floats(-1e5, 1e5, width=32)


@given(
    command=st.sampled_from([16, 17, 18, 19, 20, 21, 22, 31, 82, 84, 85, 93, 112, 115, 177, 178, 206]),
    params=st.tuples(_params, _params, _params, _params),
    z=st.floats(-5000, 5000, width=32),
    frame=st.sampled_from([0, 3, 5, 6, 10]),
    plane=st.booleans(),
)
def test_what_comes_back_is_stored_as_it_came_back(
    command: int, params: tuple[float, float, float, float], z: float, frame: int, plane: bool
) -> None:
    def sent(p: tuple[float, ...], x: int, y: int, height: float, in_frame: int) -> m.MissionItemInt:
        names: dict[str, Any] = {f"param{number}": value for number, value in enumerate(p, start=1)}
        return m.MissionItemInt(target_system=1, target_component=1, seq=1, frame=in_frame, command=command, x=x, y=y, z=height, **names)

    first = stored(sent(params, 475_000_000, 190_000_000, z, frame), plane=plane)
    assert isinstance(first, StoredItem)
    again = stored(sent((first.param1, first.param2, first.param3, first.param4), first.x, first.y, first.z, first.frame), plane=plane)
    assert isinstance(again, StoredItem)
    assert _same(first, again)


def _same(one: StoredItem, other: StoredItem) -> bool:
    """Heights lose up to a centimetre when they are not whole ones in 32 bits."""
    pairs = ((one.param1, other.param1), (one.param2, other.param2), (one.param3, other.param3), (one.param4, other.param4))
    return all(a == b for a, b in pairs) and math.isclose(one.z, other.z, abs_tol=0.0101) and (one.x, one.y) == (other.x, other.y)
