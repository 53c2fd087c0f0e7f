"""Other ground stations at the same vehicle: told by name, and their missions not launched for ours."""

from __future__ import annotations

import asyncio

import pytest

from mavlink_bridge import events as e
from mavlink_bridge import messages as m
from mavlink_bridge.enums import MavCmd
from mavlink_bridge.fleet import Fleet, FleetParams
from mavlink_bridge.mission_guard import MissionGuard
from mavlink_bridge.other_stations import OtherStations, Party, deed_of
from tests.mavlink_bridge.flight_scenarios import Pilot, addresses, fly, on_both, second_ports
from tests.mavlink_bridge.small_patrol import Hands, missions_of, plan_with, two_lanes

TO = {"target_system": 1, "target_component": 1}


@pytest.mark.parametrize(
    ("message", "text", "level"),
    [
        (m.MissionCount(**TO, count=3), "uploads a mission list to it", e.AlertLevel.WARNING),
        (m.MissionClearAll(**TO, mission_type=1), "clears its fence list", e.AlertLevel.WARNING),
        (m.MissionClearAll(**TO, mission_type=9), "clears its list of type 9", e.AlertLevel.WARNING),
        (m.MissionRequestList(**TO, mission_type=2), "reads its rally list", e.AlertLevel.INFO),
        (m.MissionWritePartialList(**TO, start_index=1, end_index=2), "changes a part of its mission list", e.AlertLevel.WARNING),
        (m.MissionSetCurrent(**TO, seq=4), "sends it to item 4 of its mission", e.AlertLevel.WARNING),
        (m.ParamSet(**TO, param_id="FENCE_ENABLE", param_value=0.0), "sets its parameter FENCE_ENABLE", e.AlertLevel.WARNING),
        (m.CommandLong(**TO, command=MavCmd.COMPONENT_ARM_DISARM), "commands COMPONENT_ARM_DISARM", e.AlertLevel.WARNING),
        (m.CommandLong(**TO, command=31_000), "commands command 31000", e.AlertLevel.WARNING),
        (m.SetupSigning(**TO, secret_key=bytes(32), initial_timestamp=0), "changes its signing key", e.AlertLevel.CRITICAL),
        (m.FileTransferProtocol(**TO, target_network=0, payload=bytes([0, 0, 0, 6])), "writes files on it", e.AlertLevel.WARNING),
        (m.FileTransferProtocol(**TO, target_network=0, payload=bytes([0, 0, 0, 4])), "reads files of it", e.AlertLevel.INFO),
    ],
)
def test_what_a_station_does_is_named(message: m.Message, text: str, level: e.AlertLevel) -> None:
    assert deed_of(message) == (text, level)
    (alert,) = OtherStations(Party(255, 190)).hear_stranger("d1", 1, m.Frame(254, 7, 0, message), 5.0)
    assert (alert.drone, alert.at_s, alert.level, alert.rule) == ("d1", 5.0, level, "other_station")
    assert alert.text == f"another station (system 254, component 7) {text}"


def test_questions_and_what_is_for_others_are_nobodys_concern() -> None:
    others = OtherStations(Party(255, 190))
    question = m.CommandLong(**TO, command=MavCmd.REQUEST_MESSAGE)
    for message in (question, m.Ping(time_usec=0, seq=0), m.FileTransferProtocol(**TO, target_network=0, payload=b"")):
        assert others.hear_stranger("d1", 1, m.Frame(254, 7, 0, message), 0.0) == []
    assert others.hear_stranger("d1", 2, m.Frame(254, 7, 0, m.MissionCount(**TO, count=3)), 0.0) == []


def test_answers_to_us_and_to_everybody_are_no_other_station() -> None:
    others = OtherStations(Party(255, 190))
    for system, component in ((255, 190), (255, 0), (0, 0)):
        ack = m.MissionAck(target_system=system, target_component=component, type=0)
        assert others.hear_vehicle("d1", m.Frame(1, 1, 0, ack), 0.0) == []
    (alert,) = others.hear_vehicle("d1", m.Frame(1, 1, 0, m.MissionRequest(target_system=254, target_component=190, seq=0)), 0.0)
    assert alert.text == "another station (system 254, component 190) uploads a mission list to it"


def test_a_flood_of_stations_is_told_once_each_and_forgotten() -> None:
    others, flood = OtherStations(Party(255, 190)), m.Frame(254, 190, 0, m.MissionCount(**TO, count=3))
    assert sum(len(others.hear_stranger("d1", 1, flood, step * 0.1)) for step in range(1000)) == 1
    assert len(others.hear_stranger("d1", 1, flood, 200.0)) == 1
    for number in range(10_000):
        others.hear_stranger("d1", 1, m.Frame(number % 250, 1, 0, m.ParamSet(**TO, param_id=f"P{number}", param_value=0.0)), 300.0 + number)
    assert len(others._told_s) < 50


def test_a_guard_says_nothing_of_what_it_does_not_guard() -> None:
    guard, current, received = MissionGuard(), m.MissionCurrent(seq=1, total=9), m.StatusText(severity=6, text="Flight plan received")
    assert guard.observe(received, None, 0.0) == ""
    (mission,) = missions_of(plan_with(two_lanes())).values()
    for message, at_s in ((current, 10.0), (m.MissionCurrent(seq=1, total=4), 11.0), (received, 12.0), (current, 14.0), (current, 15.0)):
        assert guard.observe(message, mission, at_s) == ""
    assert guard.observe(m.MissionCurrent(seq=1, total=0), mission, 15.5) == ""
    assert "4 items now, and had 9" in guard.observe(m.MissionCurrent(seq=1, total=4), mission, 16.0)
    assert "Flight plan received" in guard.observe(received, mission, 17.0)


def alerts(hands: Hands) -> list[str]:
    return [event.text for event in hands.events if isinstance(event, e.Alert) and event.rule == "other_station"]


@on_both
def test_a_station_on_our_link_that_begins_an_upload_is_told_by_name(backend: str) -> None:
    plan = plan_with(two_lanes())

    async def scenario(hands: Hands, pilot: Pilot) -> None:
        await hands.until_all(e.Ready, ["d1"])
        pilot.send("d1", m.MissionCount(**TO, count=3))
        await hands.until(lambda _events: bool(alerts(hands)), limit_s=30.0)

    hands = fly(scenario, plan, backend)
    assert alerts(hands)[0] == "another station (system 254, component 190) uploads a mission list to it"


@on_both
def test_a_mission_that_came_over_another_link_is_told_and_not_launched_for_ours(backend: str) -> None:
    plan = plan_with(two_lanes())
    other = missions_of(plan_with(two_lanes(60.0)[:-3] + two_lanes(60.0)[-2:]))["d1"]

    async def scenario() -> Hands:
        async with second_ports(plan, backend) as (ours, theirs):
            hands = Hands(Fleet(addresses(plan), ours))
            hands.fleet.upload("d1", missions_of(plan)["d1"])
            await hands.until_all(e.Uploaded, ["d1"])
            settled_s = hands.fleet.now_s + 8.0
            await hands.until(lambda _events: hands.fleet.now_s > settled_s)
            stranger = Hands(Fleet(addresses(plan), theirs, params=FleetParams(system_id=254)))
            stranger.fleet.upload("d1", other)
            await stranger.until_all(e.Uploaded, ["d1"])
            await hands.until(lambda _events: bool(alerts(hands)), limit_s=30.0)
            hands.fleet.launch("d1")
            await hands.until_all(e.CommandEnded, ["d1"])
            return hands

    hands = asyncio.run(scenario())
    assert alerts(hands)[-1].startswith("somebody else has changed its mission: it")
    (end,) = hands.told("d1", e.CommandEnded)
    assert isinstance(end, e.CommandEnded)
    assert end.reason == "no verified mission is on board"


def test_a_station_that_was_left_at_our_own_ids_is_another_one() -> None:
    assert len(OtherStations(Party(255, 190)).hear_stranger("d1", 1, m.Frame(255, 190, 0, m.MissionClearAll(**TO)), 0.0)) == 1
