"""QGroundControl's 19 failure modes (MockLinkMissionItemHandler.h), with its verdicts but one: a lost final ACK ends Verified.

Reading: FailReadRequestListNoResponse, FailReadRequestListFirstResponse, FailReadRequest0NoResponse, FailReadRequest1NoResponse,
FailReadRequest1FirstResponse, FailReadRequest0IncorrectSequence, FailReadRequest1IncorrectSequence, FailReadRequest0ErrorAck,
FailReadRequest1ErrorAck. Writing: FailWriteMissionCountNoResponse (the last test), FailWriteMissionCountFirstResponse,
FailWriteRequest1NoResponse, FailWriteRequest0IncorrectSequence, FailWriteRequest1IncorrectSequence, FailWriteRequest0ErrorAck,
FailWriteRequest1ErrorAck, FailWriteFinalAckNoResponse, FailWriteFinalAckErrorAck, FailWriteFinalAckMissingRequests. One more is
ours: STORES_ITEM_1_WRONG. MockLinkFTP's modes are in test_ftp_upload.py, and what comes unasked while idle in
test_mission_transfer.py (test_nothing_is_said_after_the_end, test_messages_that_are_not_for_this_upload_are_ignored).
"""

from __future__ import annotations

import pytest

from mavlink_bridge.mission_transfer import Downloaded, Endpoints, Failed, MissionDownload, MissionUpload, Verified
from tests.mavlink_bridge.fake_vehicle import FakeStore, Quirk, World, mission, packed

ENDPOINTS = Endpoints(system=1)
NEW = mission(8)
OLD = [packed(item) for item in mission(13, start_deg=40.0)]


def upload() -> MissionUpload:
    return MissionUpload(NEW, ENDPOINTS)


READ_FAILURES = {
    Quirk.NO_ANSWER_TO_LIST: False,
    Quirk.FIRST_LIST_UNANSWERED: True,
    Quirk.NO_ANSWER_TO_ITEM_REQUEST_0: False,
    Quirk.NO_ANSWER_TO_ITEM_REQUEST_1: False,
    Quirk.FIRST_ITEM_REQUEST_1_UNANSWERED: True,
    Quirk.WRONG_SEQUENCE_FOR_ITEM_0: False,
    Quirk.WRONG_SEQUENCE_FOR_ITEM_1: False,
    Quirk.ERROR_FOR_ITEM_REQUEST_0: False,
    Quirk.ERROR_FOR_ITEM_REQUEST_1: False,
}


@pytest.mark.parametrize(("quirk", "succeeds"), READ_FAILURES.items(), ids=lambda value: getattr(value, "name", str(value)))
def test_download_ends_as_it_should_in_each_of_qgroundcontrols_read_failures(quirk: Quirk, succeeds: bool) -> None:
    outcome, _ = World(FakeStore(items=list(OLD), quirks=frozenset({quirk}))).run(MissionDownload(ENDPOINTS))
    assert isinstance(outcome, Downloaded if succeeds else Failed)


WRITE_FAILURES = {
    Quirk.FIRST_COUNT_UNANSWERED: Verified,
    Quirk.NEVER_ASKS_FOR_ITEM_1: Failed,
    Quirk.ASKS_WRONG_SEQUENCE_FIRST: Failed,
    Quirk.ASKS_WRONG_SEQUENCE_SECOND: Failed,
    Quirk.ERROR_AFTER_ITEM_0: Failed,
    Quirk.ERROR_AFTER_ITEM_1: Failed,
    # QGroundControl fails here; the read-back knows better.
    Quirk.NO_FINAL_ACK: Verified,
    Quirk.ERROR_AS_FINAL_ACK: Failed,
    Quirk.ACCEPTS_TOO_EARLY: Failed,
    Quirk.STORES_ITEM_1_WRONG: Failed,
}


@pytest.mark.parametrize(("quirk", "expected"), WRITE_FAILURES.items(), ids=lambda value: getattr(value, "name", str(value)))
def test_upload_ends_as_it_should_in_each_of_qgroundcontrols_write_failures(quirk: Quirk, expected: type[object]) -> None:
    world = World(FakeStore(items=list(OLD), quirks=frozenset({quirk})))
    outcome, _ = world.run(upload())
    assert isinstance(outcome, expected)
    if isinstance(outcome, Failed):
        assert world.store.items == []
        assert "cleared" in outcome.reason


def test_upload_to_a_vehicle_that_never_answers_the_count_ends_with_what_was_on_board_cleared() -> None:
    store = FakeStore(items=list(OLD), quirks=frozenset({Quirk.NO_ANSWER_TO_COUNT}))
    outcome, _ = World(store).run(upload())
    assert isinstance(outcome, Failed)
    assert "MISSION_COUNT" in outcome.reason
    assert store.items == []
