"""Flights that a real autopilot flew, told again: the promised events in the promised order, and the right reason to return."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest

from mavlink_bridge import events as e
from mavlink_bridge import messages as m
from mavlink_bridge.conversation import Endpoints, Send
from mavlink_bridge.mission_items import LaneSpan, SortieMission, is_navigation
from mavlink_bridge.vehicle import SessionParams, VehicleSession
from tests.mavlink_bridge.recorded import FOLDER, as_message, flight_record, needs_recordings, timed_conversation

pytestmark = needs_recordings

FLIGHTS = sorted(path.stem for path in FOLDER.glob("[cq][0-9]*.json")) if FOLDER.is_dir() else []
COMPLETE = [name for name in FLIGHTS if not name.startswith(("c09", "c10", "c11", "c12", "c14", "q02"))]


def messages_of(record: dict[str, Any]) -> Iterator[tuple[float, m.Message]]:
    """What was recorded of a flight: heartbeats, landed states and current items when they changed, texts and reached items all."""
    mav_type = 2 if record["autopilot"]["firmware"] == "ArduCopter" else 1
    kinds = {
        "EXTENDED_SYS_STATE": m.ExtendedSysState,
        "MISSION_CURRENT": m.MissionCurrent,
        "MISSION_ITEM_REACHED": m.MissionItemReached,
        "STATUSTEXT": m.StatusText,
    }
    for entry in record["events"]:
        if entry["type"] == "HEARTBEAT":
            flags = {name: entry[name] for name in ("base_mode", "custom_mode", "system_status")}
            yield entry["t_s"], m.Heartbeat(type=mav_type, autopilot=3, **flags)
        elif entry["type"] in kinds:
            yield entry["t_s"], as_message(kinds[entry["type"]], entry)


def mission_of(record: dict[str, Any]) -> SortieMission:
    """The recorded mission; every other leg between its waypoints counts as a lane."""
    items = [as_message(m.MissionItemInt, {"target_system": 0, "target_component": 0, **item}) for item in record["mission_items_sent"]]
    ours = tuple(item for item in items if isinstance(item, m.MissionItemInt))
    waypoints = [item.seq for item in ours[1:] if item.command == 16]
    lanes = [pair for pair in list(pairwise(waypoints))[::2] if all(is_navigation(ours[seq].command) for seq in pair)]
    return SortieMission(
        sortie="recorded",
        items=ours,
        spans=tuple(LaneSpan(lane=f"{start}-{end}", start_seq=start, end_seq=end) for start, end in lanes),
    )


def told(name: str) -> tuple[list[e.FleetEvent], SortieMission]:
    """Everything a session says of a recorded flight whose mission it has adopted once the recorded upload was over."""
    record = flight_record(name)
    mission = mission_of(record)
    session = VehicleSession("d1", Endpoints(system=1), SessionParams())
    events: list[e.FleetEvent] = []
    last_s = 0.0
    for at_s, message in messages_of(record):
        while (deadline_s := session.deadline_s) is not None and deadline_s < at_s:
            events += [output for output in session.tick(deadline_s) if not isinstance(output, Send)]
        events += [output for output in session.receive(m.Frame(1, 1, 0, message), at_s) if not isinstance(output, Send)]
        if isinstance(message, m.StatusText) and message.text == "Flight plan received":
            session.adopt(mission)
        last_s = at_s
    events += [output for output in session.tick(last_s + 60.0) if not isinstance(output, Send)]
    return events, mission


def story(events: list[e.FleetEvent]) -> list[str]:
    return [" ".join([type(event).__name__, getattr(event, "lane", "")]).strip() for event in events if isinstance(event, e.LIFECYCLE)]


@pytest.mark.parametrize("name", COMPLETE)
def test_a_completed_flight_has_its_promised_story_wing_or_rotor(name: str) -> None:
    events, mission = told(name)
    lanes = [word for span in mission.spans for word in (f"LaneStarted {span.lane}", f"LaneFinished {span.lane}")]
    assert story(events) == ["Connected", "Armed", "Airborne", *lanes, "Returning", "Landed", "Disarmed"]


FAILSAFES = {
    "c10_": "Battery 1 is low",
    "c10b": "Battery 1 is low",
    "c11": "Polygon fence breached",
    "c12": "GCS Failsafe",
    "c14": "EKF Failsafe: changed to LAND Mode",
}


@pytest.mark.parametrize(("name", "reason"), FAILSAFES.items())
def test_a_failsafe_is_a_return_for_its_own_reason_and_nobodys_hand(name: str, reason: str) -> None:
    events, _ = told(name)
    (returning,) = [event for event in events if isinstance(event, e.Returning)]
    assert returning.reason.startswith(reason)
    assert story(events)[-3:] == ["Returning", "Landed", "Disarmed"]
    assert all(event.ours for event in events if isinstance(event, e.ModeChanged))
    assert {event.rule for event in events if isinstance(event, e.Alert)} == {"failsafe"}


@pytest.mark.parametrize("name", ["c09_", "c09b"])
def test_a_return_that_somebody_else_ordered_is_told_as_theirs(name: str) -> None:
    events, _ = told(name)
    (returning,) = [event for event in events if isinstance(event, e.Returning)]
    assert returning.reason == "somebody else set mode RTL"
    assert [event.ours for event in events if isinstance(event, e.ModeChanged)] == [False]
    assert story(events)[-3:] == ["Returning", "Landed", "Disarmed"]


def test_a_quadplane_that_lands_by_itself_at_the_end_of_its_way_home_is_in_nobodys_hand() -> None:
    events, _ = told("q02")
    modes = [(event.name, event.ours) for event in events if isinstance(event, e.ModeChanged)]
    assert modes == [("RTL", False), ("QRTL", True)]
    assert story(events)[-2:] == ["Landed", "Disarmed"]


@pytest.mark.parametrize("name", ["c13_", "c13b"])
def test_modes_that_only_people_choose_are_foreign_at_once(name: str) -> None:
    events, _ = told(name)
    foreign = [event for event in events if isinstance(event, e.ModeChanged) and not event.ours]
    assert {"LOITER", "AUTO"} <= {event.name for event in foreign}


CONVERSATIONS = sorted(path.stem for path in FOLDER.glob("k*.json")) if FOLDER.is_dir() else []


@pytest.mark.parametrize("name", CONVERSATIONS)
def test_recorded_conversations_pass_through_a_session_without_making_anything_up(name: str) -> None:
    session = VehicleSession("d1", Endpoints(system=1), SessionParams())
    events: list[object] = []
    for at_s, way, message in timed_conversation(name):
        if way == "rx":
            events += session.tick(at_s)
            events += session.receive(m.Frame(1, 1, 0, message), at_s)
    happened = [event for event in events if isinstance(event, e.LIFECYCLE)]
    assert len([event for event in happened if isinstance(event, e.Connected)]) <= 1
    assert not [event for event in happened if isinstance(event, e.LaneStarted | e.LaneFinished | e.Uploaded)]
    if name == "k07_upload_flying":
        assert (session.state.mode_name, session.state.armed, session.state.mission_total) == ("RTL", True, 4)
