"""Our half of the mission protocol against a vehicle's half, by real bytes on good and bad links with a fake clock."""

from __future__ import annotations

import pytest

from mavlink_bridge import messages as m
from mavlink_bridge.enums import MissionType
from mavlink_bridge.mission_transfer import (
    Downloaded,
    Failed,
    MissionClear,
    MissionDownload,
    MissionUpload,
    Progress,
    Send,
    SetCurrent,
    TransferParams,
    Unknown,
    Verified,
)
from tests.mavlink_bridge.fake_vehicle import CANCELLED, DENIED, ERROR, INVALID_SEQUENCE, FakeStore, Quirk, World, mission
from tests.mavlink_bridge.transfer_messages import ENDPOINTS, NEW, OLD, ack, frame, is_new, places, request, upload

# --- the good case ---------------------------------------------------------------------------------------------------


def test_upload_is_verified_and_the_vehicle_has_exactly_the_new_mission() -> None:
    world = World(FakeStore(items=list(OLD)))
    outcome, took_s = world.run(upload())
    assert outcome == Verified()
    assert is_new(world.store)
    assert took_s < 3.0


def test_upload_answers_mission_request_int_as_well() -> None:
    assert World(FakeStore(quirks=frozenset({Quirk.ASKS_WITH_REQUEST_INT}))).run(upload())[0] == Verified()


def test_upload_reports_progress_for_each_item_once() -> None:
    world = World(FakeStore())
    world.run(upload())
    assert world.progress == [Progress(number, len(NEW)) for number in range(1, len(NEW) + 1)]


@pytest.mark.parametrize(("mission_type", "command"), [(MissionType.FENCE, 5004), (MissionType.RALLY, 5100)])
def test_fences_and_rally_points_travel_the_same_way(mission_type: MissionType, command: int) -> None:
    items = [
        m.MissionItemInt(target_system=0, target_component=0, seq=seq, frame=3, command=command, param1=0, x=475000000 + seq, y=190000000)
        for seq in range(4)
    ]
    world = World(FakeStore(mission_type=mission_type))
    assert world.run(MissionUpload(items, ENDPOINTS, mission_type=mission_type))[0] == Verified()
    assert places(world.store.items) == places(items)
    assert {getattr(message, "mission_type", None) for message in world.said} == {mission_type}


def test_download_reads_what_is_there_and_acknowledges_it() -> None:
    world = World(FakeStore(items=list(OLD)))
    outcome, _ = world.run(MissionDownload(ENDPOINTS))
    assert isinstance(outcome, Downloaded)
    assert places(outcome.items) == places(OLD)
    assert world.said[-1] == m.MissionAck(target_system=1, target_component=1, type=0)


def test_download_of_an_empty_list_is_an_empty_list() -> None:
    assert World(FakeStore()).run(MissionDownload(ENDPOINTS))[0] == Downloaded(())


def test_download_begins_again_when_the_number_of_items_changes_under_it() -> None:
    machine = MissionDownload(ENDPOINTS)
    machine.start(0.0)
    machine.receive(frame(m.MissionCount(target_system=255, target_component=190, count=3)), 0.1)
    machine.receive(frame(OLD[0]), 0.2)
    again = machine.receive(frame(m.MissionCount(target_system=255, target_component=190, count=2)), 0.3)
    assert again == [Send(m.MissionRequestInt(target_system=1, target_component=1, seq=seq)) for seq in (0, 1)]


def test_clear_is_verified_by_reading_nothing_back() -> None:
    world = World(FakeStore(items=list(OLD)))
    assert world.run(MissionClear(ENDPOINTS))[0] == Verified()
    assert world.store.items == []


def test_clear_falls_back_on_a_count_of_zero_when_the_mission_is_running() -> None:
    world = World(FakeStore(items=list(OLD), quirks=frozenset({Quirk.REFUSES_CLEAR})))
    assert world.run(MissionClear(ENDPOINTS))[0] == Verified()
    assert world.store.items == []


def test_clear_fails_and_says_why_when_another_station_holds_the_store() -> None:
    store = FakeStore(items=list(OLD), receiving_from=(254, 190), request_last=90, last_receive_s=1e9)
    outcome, _ = World(store).run(MissionClear(ENDPOINTS))
    assert isinstance(outcome, Unknown)
    assert "DENIED" in outcome.reason
    assert store.items == OLD


def test_set_current_is_verified_by_mission_current() -> None:
    machine = SetCurrent(4, ENDPOINTS)
    assert machine.start(0.0) == [Send(m.MissionSetCurrent(target_system=1, target_component=1, seq=4))]
    assert machine.receive(frame(m.MissionCurrent(seq=3)), 0.1) == []
    assert machine.receive(frame(m.MissionCurrent(seq=4), system=9), 0.1) == []
    assert machine.receive(frame(m.MissionCurrent(seq=4)), 0.2) == [Verified()]


def test_set_current_asks_again_and_in_the_end_does_not_know() -> None:
    machine = SetCurrent(99, ENDPOINTS)
    outputs = machine.start(0.0)
    while machine.deadline_s is not None:
        outputs += machine.tick(machine.deadline_s)
    assert len(outputs) == TransferParams().list_tries + 1
    assert isinstance(outputs[-1], Unknown)


# --- preconditions ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("items", [[], NEW[1:], [NEW[0], NEW[2]], [NEW[1], NEW[0]]], ids=["empty", "no item 0", "gap", "order"])
def test_upload_of_items_that_are_not_numbered_from_0_is_refused_before_a_byte_is_sent(items: list[m.MissionItemInt]) -> None:
    with pytest.raises(ValueError, match="numbered"):
        MissionUpload(items, ENDPOINTS)


# --- repeated and lost messages --------------------------------------------------------------------------------------


def test_upload_resends_the_count_until_the_first_request_and_not_after_it() -> None:
    machine = upload()
    assert len(machine.start(0.0)) == 1
    assert machine.tick(1.4) == []
    assert [type(output.message) for output in machine.tick(1.5) if isinstance(output, Send)] == [m.MissionCount]
    machine.receive(request(0), 1.6)
    assert machine.tick(3.2) == []
    assert machine.tick(10.0) == []


def test_upload_answers_a_repeated_request_again() -> None:
    machine = upload()
    machine.start(0.0)
    first = machine.receive(request(0), 0.1)
    second = machine.receive(request(0), 1.1)
    assert isinstance(first[0], Send)
    assert second == [first[0]]


def test_upload_waits_longer_than_the_vehicle_before_it_gives_up() -> None:
    machine = upload()
    machine.start(0.0)
    machine.receive(request(0), 0.0)
    assert machine.tick(8.5) == []
    assert machine.tick(10.1) != []


def test_upload_with_the_final_ack_lost_is_settled_by_the_read_back() -> None:
    world = World(FakeStore(items=list(OLD), quirks=frozenset({Quirk.NO_FINAL_ACK})))
    assert world.run(upload())[0] == Verified()
    assert is_new(world.store)


@pytest.mark.parametrize("result", [INVALID_SEQUENCE, DENIED])
def test_answers_that_say_nothing_of_this_upload_do_not_end_it(result: int) -> None:
    machine = upload()
    machine.start(0.0)
    machine.receive(request(0), 0.1)
    assert machine.receive(ack(result), 0.2) == []
    assert machine.receive(request(1), 0.3) != []


def test_an_upload_that_the_vehicle_cancels_is_tried_again() -> None:
    machine = upload()
    machine.start(0.0)
    machine.receive(request(0), 0.1)
    (again,) = machine.receive(ack(CANCELLED), 8.2)
    assert again == Send(m.MissionCount(target_system=1, target_component=1, count=len(NEW)))


def test_a_late_copy_of_the_last_item_that_is_answered_error_leads_to_the_read_back_not_to_failure() -> None:
    machine = upload()
    machine.start(0.0)
    for seq in range(len(NEW)):
        machine.receive(request(seq), 0.1)
    (look,) = machine.receive(ack(ERROR), 0.2)
    assert isinstance(look, Send)
    assert isinstance(look.message, m.MissionRequestList)


# --- other people's traffic ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "foreign",
    [
        request(0, to=254),
        request(0, mission_type=1),
        request(0, system=2),
        ack(ERROR, to=254),
        ack(ERROR, mission_type=2),
        ack(ERROR, system=2),
        frame(m.MissionRequest(target_system=255, target_component=190, seq=0), component=100),
        request(99),
        frame(m.Heartbeat(type=2, autopilot=3, base_mode=0, custom_mode=0, system_status=3)),
        frame(m.Unknown(message_id=12345)),
        frame(NEW[0]),
    ],
)
def test_messages_that_are_not_for_this_upload_are_ignored(foreign: m.Frame) -> None:
    machine = upload()
    machine.start(0.0)
    deadline_s = machine.deadline_s
    assert machine.receive(foreign, 0.5) == []
    assert machine.deadline_s == deadline_s


def test_an_upload_while_another_station_uploads_fails_and_touches_nothing() -> None:
    store = FakeStore(items=list(OLD), receiving_from=(254, 190), request_last=90, last_receive_s=1e9)
    outcome, _ = World(store).run(upload())
    assert isinstance(outcome, Failed)
    assert "station 254/190 is uploading" in outcome.reason
    assert store.items == OLD


def test_nothing_is_said_after_the_end() -> None:
    world = World(FakeStore())
    machine = upload()
    world.run(machine)
    said = len(world.said)
    assert machine.receive(request(0), 99.0) == []
    assert machine.receive(ack(ERROR), 99.0) == []
    assert machine.tick(1e9) == []
    assert machine.cancel(1e9) == []
    assert len(world.said) == said


# --- failures, after which nothing may be left that could be flown ---------------------------------------------------


def test_upload_too_big_for_the_vehicle_fails_at_once_and_leaves_the_old_mission() -> None:
    store = FakeStore(items=list(OLD), max_items=7)
    outcome, took_s = World(store).run(upload())
    assert outcome == Failed("the vehicle has no space for 8 items, only for 7; it keeps what it had")
    assert store.items == OLD
    assert took_s < 1.0


def test_a_refused_item_is_named_and_nothing_is_left_of_either_mission() -> None:
    bad = mission(8)
    bad[4] = m.MissionItemInt(target_system=0, target_component=0, seq=4, frame=3, command=31999)
    store = FakeStore(items=list(OLD))
    outcome, _ = World(store).run(upload(bad))
    assert isinstance(outcome, Failed)
    assert "item 4 (command 31999" in outcome.reason
    assert store.items == []


def test_every_refusal_ends_the_upload_and_clears() -> None:
    for result in range(1, 16):
        if result in (INVALID_SEQUENCE, DENIED):
            continue
        machine = upload()
        outputs = machine.start(0.0)
        for attempt in range(TransferParams().attempts):
            outputs = machine.receive(request(0), attempt)
            outputs = machine.receive(ack(result), attempt)
            if not isinstance(outputs[0], Send) or not isinstance(outputs[0].message, m.MissionCount):
                break
        assert isinstance(outputs[0], Send)
        assert isinstance(outputs[0].message, m.MissionClearAll)


def test_upload_on_a_link_that_dies_half_way_is_unknown() -> None:
    world = World(FakeStore(items=list(OLD)))
    outcome, _ = world.run(upload(), cut_after_s=0.4)
    assert isinstance(outcome, Unknown)
    assert "not known" in outcome.reason


def test_upload_on_a_link_that_dies_before_the_read_back_is_unknown_although_the_vehicle_has_it_all() -> None:
    world = World(FakeStore(items=list(OLD)))
    outcome, _ = world.run(upload(), cut_after_s=0.14 * (len(NEW) + 1))
    assert isinstance(outcome, Unknown)
    assert is_new(world.store)


def test_a_cancelled_upload_clears_what_it_had_begun() -> None:
    world = World(FakeStore(items=list(OLD)))
    machine = upload()

    class CancelledHalfWay:
        deadline_s = property(lambda _self: machine.deadline_s)
        start, tick = machine.start, machine.tick

        def receive(self, received: m.Frame, now_s: float) -> list[object]:
            if isinstance(received.message, m.MissionRequest) and received.message.seq == 3:
                return list(machine.cancel(now_s))
            return list(machine.receive(received, now_s))

    outcome, _ = world.run(CancelledHalfWay())
    assert isinstance(outcome, Failed)
    assert outcome.reason.startswith("cancelled")
    assert world.store.items == []


def test_cancelling_before_the_start_touches_nothing() -> None:
    assert upload().cancel(0.0) == [Failed("cancelled before it began; the vehicle keeps what it had")]
