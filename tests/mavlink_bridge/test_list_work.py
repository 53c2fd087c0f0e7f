"""Fences and rally points through `Fleet`: beside a mission and by themselves, verified as missions are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from mavlink_bridge import events as e
from mavlink_bridge import messages as m
from mavlink_bridge.codec import Encoder
from mavlink_bridge.conversation import Endpoints
from mavlink_bridge.enums import MavAutopilot, MavCmd, MavState, MavType, MissionType
from mavlink_bridge.ftp_upload import FtpUpload
from mavlink_bridge.list_work import Airspace, ListAction, ListOrder, ListSequence, ListWays
from mavlink_bridge.mission_upload import MissionUpload
from tests.mavlink_bridge.tiny_patrol import EmbeddedPatrol, embedded_patrol, is_a, mission

HOME = mission("w1").items[0]


def fence(corners: int = 4, *, radius_e7: int = 50_000) -> tuple[m.MissionItemInt, ...]:
    """A square round home."""
    places = [(-1, -1), (-1, 1), (1, 1), (1, -1)][:corners]
    return tuple(
        m.MissionItemInt(
            target_system=0,
            target_component=0,
            seq=seq,
            frame=0,
            command=MavCmd.NAV_FENCE_POLYGON_VERTEX_INCLUSION,
            param1=float(corners),
            x=HOME.x + north * radius_e7,
            y=HOME.y + east * radius_e7,
            mission_type=MissionType.FENCE,
        )
        for seq, (north, east) in enumerate(places)
    )


def rally(points: int = 2) -> tuple[m.MissionItemInt, ...]:
    return tuple(
        m.MissionItemInt(
            target_system=0,
            target_component=0,
            seq=seq,
            frame=3,
            command=MavCmd.NAV_RALLY_POINT,
            x=HOME.x + 900 * seq,
            y=HOME.y,
            z=30.0,
            mission_type=MissionType.RALLY,
        )
        for seq in range(points)
    )


def list_end(patrol: EmbeddedPatrol) -> e.ListEnded:
    event = patrol.until(is_a(e.ListEnded))
    assert isinstance(event, e.ListEnded)
    return event


def on_board(patrol: EmbeddedPatrol, kind: MissionType) -> list[tuple[int, int, int]]:
    patrol.fleet.download_list("w1", kind)
    end = list_end(patrol)
    assert end.outcome is e.UploadOutcome.VERIFIED, end.reason
    return places(end.items)


def places(items: Sequence[m.MissionItemInt]) -> list[tuple[int, int, int]]:
    return [(item.command, item.x, item.y) for item in items]


def test_fence_and_rally_points_travel_with_the_mission_and_all_are_verified() -> None:
    with embedded_patrol() as patrol:
        patrol.fleet.upload("w1", mission("w1"), Airspace(fence=fence(), rally=rally()))
        uploaded = patrol.until(is_a(e.Uploaded))
        assert isinstance(uploaded, e.Uploaded)
        assert uploaded.outcome is e.UploadOutcome.VERIFIED, uploaded.reason
        assert on_board(patrol, MissionType.FENCE) == places(fence())
        assert on_board(patrol, MissionType.RALLY) == places(rally())
        assert on_board(patrol, MissionType.MISSION)[1:] == places(mission("w1").items)[1:]


def test_yesterdays_fence_does_not_stay_when_today_has_none() -> None:
    with embedded_patrol() as patrol:
        patrol.fleet.upload_list("w1", MissionType.FENCE, fence())
        assert list_end(patrol).outcome is e.UploadOutcome.VERIFIED
        patrol.fleet.upload("w1", mission("w1"), Airspace(rally=rally()))
        patrol.until(is_a(e.Uploaded))
        assert on_board(patrol, MissionType.FENCE) == []


def test_a_fence_that_the_vehicle_does_not_keep_fails_the_upload_and_nothing_can_be_launched() -> None:
    broken = tuple(replace(vertex, param1=9.0) for vertex in fence())
    with embedded_patrol() as patrol:
        patrol.fleet.upload("w1", mission("w1"), Airspace(fence=broken))
        uploaded = patrol.until(is_a(e.Uploaded))
        assert isinstance(uploaded, e.Uploaded)
        assert uploaded.outcome is e.UploadOutcome.FAILED
        assert uploaded.reason.startswith("fence: ")
        assert uploaded.reason.endswith("the mission was not sent")
        patrol.fleet.launch("w1")
        refused = patrol.until(is_a(e.CommandEnded))
        assert isinstance(refused, e.CommandEnded)
        assert refused.accepted is False
        assert on_board(patrol, MissionType.MISSION) == []


@pytest.mark.parametrize("kind", [MissionType.FENCE, MissionType.RALLY])
def test_a_list_is_cleared_and_seen_to_be_empty(kind: MissionType) -> None:
    with embedded_patrol() as patrol:
        patrol.fleet.upload_list("w1", kind, fence() if kind is MissionType.FENCE else rally())
        assert (list_end(patrol).kind, patrol.events[-1].drone) == (kind.name.lower(), "w1")
        patrol.fleet.clear_list("w1", kind)
        assert (list_end(patrol).action, on_board(patrol, kind)) == (ListAction.CLEAR, [])


def test_lists_are_not_touched_while_the_vehicle_is_armed() -> None:
    with embedded_patrol() as patrol:
        patrol.launched()
        patrol.until(is_a(e.Armed))
        patrol.fleet.upload_list("w1", MissionType.FENCE, fence())
        patrol.let_pass(0.2)
        ends = [event for event in patrol.events if isinstance(event, e.ListEnded)]
        assert [(end.outcome, end.reason) for end in ends] == [(e.UploadOutcome.FAILED, "it is armed; it keeps what it had")]


def test_a_mission_put_there_by_itself_cannot_be_launched() -> None:
    with embedded_patrol() as patrol:
        patrol.fleet.upload("w1", mission("w1"))
        patrol.until(is_a(e.Uploaded))
        patrol.fleet.clear_list("w1", MissionType.MISSION)
        assert list_end(patrol).outcome is e.UploadOutcome.VERIFIED
        patrol.fleet.launch("w1")
        refused = patrol.until(is_a(e.CommandEnded))
        assert isinstance(refused, e.CommandEnded)
        assert refused.reason == "no verified mission is on board"


def test_files_are_used_only_by_a_vehicle_that_offers_them_and_a_station_that_is_alone() -> None:
    order = ListOrder(kind=MissionType.FENCE, action=ListAction.UPLOAD, items=fence())
    ways = ListWays(Endpoints(system=1))
    assert isinstance(ways(order), MissionUpload)
    ways.capabilities = 0xFFDF
    assert isinstance(ways(order), MissionUpload)
    ways.capabilities = 1 << 5
    assert isinstance(ways(order), FtpUpload)
    ways.is_alone = False
    assert isinstance(ways(order), MissionUpload)


def test_another_station_on_the_link_ends_the_use_of_files() -> None:
    with embedded_patrol() as patrol:
        patrol.let_pass(8.0)
        session = patrol.fleet._sessions["w1"]
        assert session._ways.has_files
        heartbeat = m.Heartbeat(type=MavType.GCS, autopilot=MavAutopilot.INVALID, base_mode=0, custom_mode=0, system_status=MavState.ACTIVE)
        patrol.vehicle().receive(Encoder(system_id=252, component_id=190).encode(heartbeat), link=1)
        patrol.let_pass(1.0)
        assert not session._ways.has_files


@pytest.mark.parametrize("items", [(), fence()[1:], tuple(replace(vertex, mission_type=2) for vertex in fence())])
def test_orders_that_no_vehicle_could_fulfil_are_refused(items: tuple[m.MissionItemInt, ...]) -> None:
    with pytest.raises(ValueError, match="fence"):
        ListOrder(kind=MissionType.FENCE, action=ListAction.UPLOAD, items=items)


def test_a_sequence_needs_something_to_do() -> None:
    with pytest.raises(ValueError, match="one order"):
        ListSequence([], ListWays(Endpoints(system=1)))
