"""Orders and second flights through `Fleet` on embedded vehicles: what each ends in, and what it leaves as it was."""

from __future__ import annotations

import pytest

from mavlink_bridge import events as e
from mavlink_bridge import messages as m
from mavlink_bridge.codec import Encoder
from mavlink_bridge.enums import MavCmd
from tests.mavlink_bridge.tiny_patrol import PLAN, EmbeddedPatrol, embedded_patrol, ended, is_a, mission, promised

RTL, BRAKE = 6, 17


def foreign_mode(patrol: EmbeddedPatrol, mode: int, drone: str = "w1") -> None:
    """Another station switches the drone's mode."""
    order = m.CommandLong(
        target_system=patrol.fleet.address(drone).system_id, target_component=1, command=MavCmd.DO_SET_MODE, param1=1.0, param2=float(mode)
    )
    patrol.vehicle(drone).receive(Encoder(system_id=254, component_id=190).encode(order))


def the_end(event: e.FleetEvent) -> e.CommandEnded:
    assert isinstance(event, e.CommandEnded)
    return event


# --- a whole sortie --------------------------------------------------------------------------------------------------


def test_launch_ends_once_and_accepted() -> None:
    with embedded_patrol() as patrol:
        patrol.launched()
        patrol.until(is_a(e.Disarmed))
        ends = [event for event in patrol.events if isinstance(event, e.CommandEnded)]
        assert [(end.command, end.accepted, end.reason) for end in ends] == [(MavCmd.MISSION_START, True, "")]


def test_lane_events_come_where_the_lanes_begin_and_end() -> None:
    with embedded_patrol() as patrol:
        patrol.launched()
        places = {}
        for kind in (e.LaneStarted, e.LaneFinished, e.LaneStarted, e.LaneFinished):
            event = patrol.until(is_a(kind))
            assert isinstance(event, e.LaneStarted | e.LaneFinished)
            places[(type(event), event.lane)] = patrol.vehicle().truth.position
        for lane in PLAN.lanes[:2]:
            for kind, wanted in ((e.LaneStarted, lane.start), (e.LaneFinished, lane.end)):
                there = places[(kind, lane.id)]
                assert abs(there.lat_deg - wanted.lat_deg) * 111_000 < 5
                assert abs(there.lon_deg - wanted.lon_deg) * 75_000 < 5


def test_event_times_never_run_backwards_and_telemetry_follows_the_flight() -> None:
    with embedded_patrol() as patrol:
        patrol.launched()
        patrol.until(is_a(e.Disarmed))
        times = [event.at_s for event in patrol.events]
        assert times == sorted(times)
        heights = [event.state.relative_alt_m or 0.0 for event in patrol.events if isinstance(event, e.Telemetry)]
        assert max(heights) == pytest.approx(20.0, abs=1.0)
        assert patrol.fleet.state("w1").home is not None


def test_second_sortie_after_a_battery_swap_is_as_the_first() -> None:
    with embedded_patrol() as patrol:
        patrol.launched(number=1)
        patrol.until(is_a(e.Disarmed))
        used = patrol.fleet.state("w1").battery_remaining_pct
        patrol.fleet.battery_swapped("w1")
        assert the_end(patrol.until(ended(MavCmd.BATTERY_RESET))).accepted is True
        patrol.let_pass(3.0)
        swapped = patrol.fleet.state("w1").battery_remaining_pct
        assert used is not None
        assert swapped is not None
        assert swapped == 100 > used
        patrol.launched(number=2)
        patrol.until(is_a(e.Disarmed))
        again = patrol.lifecycle()[3 + len(promised("w1")) :]
        assert sorted(again[:2]) == ["Ready", "Uploaded"]
        assert again[2:] == promised("w1")
        assert {event.sortie for event in patrol.events if isinstance(event, e.LaneStarted)} == {"w1/1", "w1/2"}


def test_the_same_mission_can_be_launched_again_without_an_upload() -> None:
    with embedded_patrol() as patrol:
        patrol.launched()
        patrol.until(is_a(e.Disarmed))
        seen = len(patrol.lifecycle())
        patrol.fleet.launch("w1")
        patrol.until(is_a(e.Disarmed))
        assert [name for name in patrol.lifecycle()[seen:] if name != "Ready"] == promised("w1")


# --- recall, land, pause ---------------------------------------------------------------------------------------------


def in_mid_lane(patrol: EmbeddedPatrol) -> None:
    patrol.launched()
    patrol.until(is_a(e.LaneStarted))
    patrol.let_pass(3.0)


def test_recall_after_the_last_lane_does_not_tell_of_returning_twice() -> None:
    with embedded_patrol() as patrol:
        patrol.launched()
        patrol.until(is_a(e.Returning))
        patrol.fleet.recall("w1")
        patrol.until(is_a(e.Disarmed))
        assert patrol.lifecycle()[3:] == promised("w1")


def test_recall_of_a_drone_at_rest_is_accepted_and_sends_nothing() -> None:
    with embedded_patrol() as patrol:
        patrol.until(is_a(e.Ready))
        patrol.fleet.recall("w1")
        assert the_end(patrol.until(ended(MavCmd.NAV_RETURN_TO_LAUNCH))).accepted is True
        assert patrol.vehicle().truth.custom_mode != RTL


@pytest.mark.parametrize("order", ["pause", "resume"])
def test_pause_and_resume_on_the_ground_are_refused_with_a_reason(order: str) -> None:
    with embedded_patrol() as patrol:
        patrol.until(is_a(e.Ready))
        getattr(patrol.fleet, order)("w1")
        end = the_end(patrol.until(ended(MavCmd.DO_PAUSE_CONTINUE)))
        assert (end.accepted, end.reason) == (False, "it is not flying")


# --- somebody else ---------------------------------------------------------------------------------------------------


def test_handed_back_drone_goes_on_with_its_mission() -> None:
    with embedded_patrol() as patrol:
        in_mid_lane(patrol)
        foreign_mode(patrol, BRAKE)
        patrol.until(lambda event: isinstance(event, e.ModeChanged) and not event.ours)
        patrol.let_pass(5.0)
        patrol.fleet.hand_back("w1")
        patrol.fleet.resume("w1")
        assert the_end(patrol.until(ended(MavCmd.DO_PAUSE_CONTINUE))).accepted is True
        patrol.until(is_a(e.Disarmed))
        assert patrol.lifecycle()[3:] == promised("w1")


def test_own_orders_are_never_taken_for_a_foreign_hand() -> None:
    with embedded_patrol() as patrol:
        in_mid_lane(patrol)
        patrol.fleet.pause("w1")
        patrol.until(ended(MavCmd.DO_PAUSE_CONTINUE))
        patrol.fleet.recall("w1")
        patrol.until(is_a(e.Disarmed))
        assert all(event.ours for event in patrol.events if isinstance(event, e.ModeChanged))


# --- refusals --------------------------------------------------------------------------------------------------------


def test_refusal_that_is_lifted_in_time_only_delays_the_launch() -> None:
    with embedded_patrol() as patrol:
        patrol.until(is_a(e.Ready))
        patrol.vehicle().refuse_arming("Gyros inconsistent")
        patrol.launched()
        patrol.let_pass(20.0)
        patrol.vehicle().refuse_arming(None)
        assert the_end(patrol.until(ended(MavCmd.MISSION_START))).accepted is True


def test_launch_in_the_air_is_refused_and_changes_nothing() -> None:
    with embedded_patrol() as patrol:
        in_mid_lane(patrol)
        patrol.fleet.launch("w1")
        end = the_end(patrol.until(ended(MavCmd.MISSION_START)))
        assert (end.accepted, end.reason) == (False, "it is flying already")
        patrol.until(is_a(e.Disarmed))
        assert patrol.lifecycle()[3:] == promised("w1")


def test_upload_waits_for_ready() -> None:
    with embedded_patrol() as patrol:
        patrol.fleet.upload("w1", mission("w1"))
        patrol.until(is_a(e.Uploaded))
        assert patrol.lifecycle() == ["Connected", "Ready", "Uploaded"]
