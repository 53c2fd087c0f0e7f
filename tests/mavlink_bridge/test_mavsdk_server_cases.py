"""MAVSDK's 21 tests of its mission transfer server (mavlink_mission_transfer_server_test.cpp), on the embedded vehicle's half.

The vehicle is ArduPilot's image, so verdicts are ArduPilot's where they differ: it never repeats what it sends out (the station
asks again), does not time out a download, and ends an upload by OPERATION_CANCELLED 8 s after the last item. A null callback and a
send that fails have no place in it; in their stead nobody listens, and answers are lost.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from benchmarks.bad_radio import OURS, STATION, SYSTEM, VehicleHalf, as_stored
from mavlink_bridge import messages as m
from mavlink_bridge.conversation import Endpoints, Send
from mavlink_bridge.enums import MissionResult, MissionType
from mavlink_bridge.mission_download import MissionDownload
from tests.mavlink_bridge.fake_vehicle import mission

ITEMS = mission(6)
TO_VEHICLE = {"target_system": SYSTEM, "target_component": 1}


class Talk:
    """A station's words to the vehicle, and what it hears."""

    def __init__(self, stored: int = 0) -> None:
        self.vehicle, self.now_s = VehicleHalf(), 0.0
        if stored:
            self.vehicle.put(MissionType.MISSION, mission(stored))

    def say(self, message: m.Message, after_s: float = 0.1) -> list[m.Message]:
        self.now_s += after_s
        answers = self.vehicle.handle(m.Frame(*STATION, 0, message), OURS, self.now_s)
        return [answer for _, answer in answers if not isinstance(answer, m.StatusText)]

    def wait(self, seconds: float) -> list[m.Message]:
        heard: list[m.Message] = []
        for _ in range(round(seconds * 10)):
            self.now_s += 0.1
            heard += [message for _, message in self.vehicle.tick(self.now_s)]
        return [message for message in heard if isinstance(message, m.MissionRequest | m.MissionAck | m.MissionCount)]

    def count(self, number: int = len(ITEMS)) -> list[m.Message]:
        return self.say(m.MissionCount(**TO_VEHICLE, count=number))

    def item(self, seq: int) -> list[m.Message]:
        return self.say(replace(ITEMS[seq], **TO_VEHICLE))

    @property
    def board(self) -> int:
        return len(self.vehicle.board(MissionType.MISSION))


def asks(seq: int) -> m.MissionRequest:
    return m.MissionRequest(target_system=255, target_component=190, seq=seq)


def ack(result: MissionResult) -> m.MissionAck:
    return m.MissionAck(target_system=255, target_component=190, type=result)


# --- receiving -------------------------------------------------------------------------------------------------------


def sends_requests() -> None:
    talk = Talk()
    assert talk.count() == [asks(0)]
    for seq in range(len(ITEMS) - 1):
        assert talk.item(seq) == [asks(seq + 1)]
    assert talk.item(len(ITEMS) - 1) == [ack(MissionResult.ACCEPTED)]
    assert talk.vehicle.board(MissionType.MISSION) == as_stored(ITEMS, MissionType.MISSION)


def resends_requests_and_times_out() -> None:
    talk = Talk()
    talk.count()
    heard = talk.wait(9.0)
    assert heard[:-1] == [asks(0)] * (len(heard) - 1)
    assert len(heard) >= 7
    assert heard[-1] == ack(MissionResult.OPERATION_CANCELLED)


def resends_second_request() -> None:
    talk = Talk()
    talk.count()
    talk.item(0)
    assert asks(1) in talk.wait(1.2)
    assert talk.item(1) == [asks(2)]


def receives_empty_list() -> None:
    talk = Talk(stored=5)
    assert talk.count(0) == [ack(MissionResult.ACCEPTED)]
    assert talk.board == 0


def receiving_is_cancelled() -> None:
    # ArduPilot knows no cancelling: a station that stops answering is given up.
    talk = Talk()
    talk.count()
    talk.say(ack_to_vehicle(MissionResult.OPERATION_CANCELLED))
    assert talk.wait(9.0)[-1] == ack(MissionResult.OPERATION_CANCELLED)


def ack_to_vehicle(result: MissionResult) -> m.MissionAck:
    return m.MissionAck(**TO_VEHICLE, type=result)


# --- sending ---------------------------------------------------------------------------------------------------------

LIST = m.MissionRequestList(**TO_VEHICLE)


def wants(seq: int) -> m.MissionRequestInt:
    return m.MissionRequestInt(**TO_VEHICLE, seq=seq)


def counted(number: int) -> list[m.Message]:
    return [m.MissionCount(target_system=255, target_component=190, count=number)]


def sends_empty_mission() -> None:
    assert Talk().say(LIST) == counted(0)


def nobody_listens() -> None:
    talk = Talk(stored=6)
    talk.say(LIST)
    talk.wait(20.0)
    assert talk.board == 5


def answer_is_lost() -> None:
    talk = Talk(stored=6)
    talk.say(LIST)
    assert talk.say(LIST) == counted(6)


def sends_count() -> None:
    assert Talk(stored=6).say(LIST) == counted(6)


def count_is_sent_again_when_asked() -> None:
    talk = Talk(stored=6)
    assert [talk.say(LIST), talk.wait(3.0), talk.say(LIST)] == [counted(6), [], counted(6)]


def no_time_out_after_count() -> None:
    talk = Talk(stored=6)
    talk.say(LIST)
    talk.wait(60.0)
    assert [type(answer) for answer in talk.say(wants(0))] == [m.MissionItemInt]


def sends_items() -> None:
    talk = Talk(stored=6)
    talk.say(LIST)
    read = [answer for seq in range(6) for answer in talk.say(wants(seq))]
    assert [item.seq for item in read if isinstance(item, m.MissionItemInt)] == list(range(6))
    assert talk.say(ack_to_vehicle(MissionResult.ACCEPTED)) == []


def sends_an_item_again() -> None:
    talk = Talk(stored=6)
    assert talk.say(wants(1)) == talk.say(wants(1))


def an_item_is_sent_as_often_as_it_is_asked_for() -> None:
    talk = Talk(stored=6)
    assert len([answer for _ in range(50) for answer in talk.say(wants(1))]) == 50


def early_ack_changes_nothing() -> None:
    talk = Talk(stored=6)
    talk.say(LIST)
    talk.say(ack_to_vehicle(MissionResult.ACCEPTED))
    assert [type(answer) for answer in talk.say(wants(3))] == [m.MissionItemInt]


def nacks_change_nothing() -> None:
    talk = Talk(stored=6)
    for result in MissionResult:
        talk.say(LIST)
        assert talk.say(ack_to_vehicle(result)) == []
    assert talk.board == 5


def no_time_out_during_transfer() -> None:
    talk = Talk()
    talk.count()
    for seq in range(len(ITEMS)):
        talk.wait(6.0)
        answers = talk.item(seq)
    assert answers == [ack(MissionResult.ACCEPTED)]


def no_time_out_after_item() -> None:
    talk = Talk(stored=6)
    talk.say(wants(0))
    talk.wait(30.0)
    assert [type(answer) for answer in talk.say(wants(1))] == [m.MissionItemInt]


def random_messages() -> None:
    talk = Talk(stored=6)
    for message in (wants(77), replace(ITEMS[3], **TO_VEHICLE), ack_to_vehicle(MissionResult.DENIED), m.MissionCurrent(seq=2), asks(9)):
        talk.say(message)
    assert talk.say(wants(77)) == [*counted(6), ack(MissionResult.ERROR)]
    assert talk.board == 5


def reading_is_cancelled() -> None:
    machine = MissionDownload(Endpoints(system=SYSTEM))
    machine.start(0.0)
    (told, _) = machine.cancel()
    assert isinstance(told, Send)
    talk = Talk(stored=6)
    assert talk.say(told.message) == []
    assert talk.say(LIST) == counted(6)


def old_requests_are_answered_in_the_old_form() -> None:
    (answer,) = Talk(stored=6).say(m.MissionRequest(**TO_VEHICLE, seq=1))
    assert isinstance(answer, m.MissionItem)


CASES: dict[str, Callable[[], None]] = {
    "ReceiveIncomingMissionSendsMissionRequests": sends_requests,
    "ReceiveIncomingMissionResendsMissionRequestsAndTimesOutEventually": resends_requests_and_times_out,
    "ReceiveIncomingMissionResendsRequestItemAgainForSecondItem": resends_second_request,
    "ReceiveIncomingMissionEmptyList": receives_empty_list,
    "ReceiveIncomingMissionCanBeCancelled": receiving_is_cancelled,
    "SendOutgoingMissionEmptyMission": sends_empty_mission,
    "SendOutgoingMissionDoesNotCrashIfCallbackIsNull": nobody_listens,
    "SendOutgoingMissionReturnsConnectionErrorWhenSendMessageFails": answer_is_lost,
    "SendOutgoingMissionSendsCount": sends_count,
    "SendOutgoingMissionResendsCount": count_is_sent_again_when_asked,
    "SendOutgoingMissionTimeoutAfterSendCount": no_time_out_after_count,
    "SendOutgoingMissionSendsMissionItems": sends_items,
    "SendOutgoingMissionResendsMissionItems": sends_an_item_again,
    "SendOutgoingMissionResendsMissionItemsButGivesUpAfterSomeRetries": an_item_is_sent_as_often_as_it_is_asked_for,
    "SendOutgoingMissionAckArrivesTooEarly": early_ack_changes_nothing,
    "SendOutgoingMissionNackAreHandled": nacks_change_nothing,
    "SendOutgoingMissionTimeoutNotTriggeredDuringTransfer": no_time_out_during_transfer,
    "SendOutgoingMissionTimeoutAfterSendMissionItem": no_time_out_after_item,
    "SendOutgoingMissionDoesNotCrashOnRandomMessages": random_messages,
    "SendOutgoingMissionCanBeCancelled": reading_is_cancelled,
    "SendOutgoingMissionNacksNonIntCase": old_requests_are_answered_in_the_old_form,
}


@pytest.mark.parametrize("name", CASES)
def test_mavsdk_server_case(name: str) -> None:
    CASES[name]()


def test_there_are_as_many_as_mavsdk_has() -> None:
    assert len(CASES) == 21
