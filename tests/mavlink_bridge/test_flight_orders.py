"""Orders to embedded vehicles that make no sense at the time, or come late: what each ends in, and what it leaves as it was."""

from __future__ import annotations

import pytest

from mavlink_bridge import events as e
from mavlink_bridge.enums import CopterMode, MavCmd
from planner.geo import geodesic_m
from planner.model import LegKind
from sitl.config import configs_from_plan
from sitl.simulated_fleet import LockstepLinks
from tests.mavlink_bridge.flight_scenarios import Pilot, down, ends, fly, fly_over, take_off
from tests.mavlink_bridge.small_patrol import Hands, missions_of, plan_with, promised_story, two_lanes

PLAN = plan_with(two_lanes())
(MISSION,) = missions_of(PLAN).values()


def test_lane_events_come_where_the_lanes_begin_and_end_and_times_never_run_backwards() -> None:
    links = LockstepLinks(configs_from_plan(PLAN))
    places = []

    async def scenario(hands: Hands, _pilot: Pilot) -> None:
        hands.fleet.upload("d1", MISSION)

        def on_event(event: e.FleetEvent) -> None:
            if isinstance(event, e.Uploaded):
                hands.fleet.launch("d1")
            if isinstance(event, e.LaneStarted | e.LaneFinished):
                places.append(links.vehicles["d1"].truth.position)

        hands.on_event = on_event
        await down(hands, PLAN)

    hands = fly_over(links, scenario, PLAN)
    corners = [place for leg in PLAN.sorties[0].legs if leg.kind is LegKind.SWEEP for place in (leg.start, leg.end)]
    assert [geodesic_m(there, wanted.ground) < 5.0 for there, wanted in zip(places, corners, strict=True)] == [True] * 4
    times = [event.at_s for event in hands.events]
    assert times == sorted(times)


def test_the_same_mission_can_be_launched_again_without_an_upload() -> None:
    async def scenario(hands: Hands, _pilot: Pilot) -> None:
        await take_off(hands, PLAN)
        await down(hands, PLAN)
        hands.fleet.launch("d1")
        await down(hands, PLAN)

    again = fly(scenario, PLAN).story("d1")[len(promised_story(MISSION)) :]
    assert [word for word in again if word != "Ready"] == promised_story(MISSION)[3:]


def test_a_recall_after_the_last_lane_does_not_tell_of_returning_twice() -> None:
    async def scenario(hands: Hands, _pilot: Pilot) -> None:
        await take_off(hands, PLAN, until=e.Returning)
        hands.fleet.recall("d1")
        await down(hands, PLAN)

    assert fly(scenario, PLAN).story("d1") == promised_story(MISSION)


def test_orders_to_a_drone_at_rest_end_at_once_and_send_nothing() -> None:
    async def scenario(hands: Hands, _pilot: Pilot) -> None:
        await hands.until(lambda _events: hands.fleet.state("d1").prearm_ok)
        for order in (hands.fleet.recall, hands.fleet.pause, hands.fleet.resume):
            order("d1")
        await hands.until(lambda events: sum(isinstance(event, e.CommandEnded) for event in events) == 3, limit_s=1.0)
        assert hands.fleet.state("d1").custom_mode != CopterMode.RTL

    hands = fly(scenario, PLAN)
    told = [(event.command, event.accepted, event.reason) for event in hands.events if isinstance(event, e.CommandEnded)]
    text = "it is not flying"
    refused = (MavCmd.DO_PAUSE_CONTINUE, False, text)
    assert told == [(MavCmd.NAV_RETURN_TO_LAUNCH, True, text), refused, refused]


def test_a_refusal_that_is_lifted_in_time_only_delays_the_launch() -> None:
    links = LockstepLinks(configs_from_plan(PLAN))

    async def scenario(hands: Hands, _pilot: Pilot) -> None:
        hands.fleet.upload("d1", MISSION)
        await hands.until_all(e.Uploaded, ["d1"])
        links.vehicles["d1"].refuse_arming("Gyros inconsistent")
        hands.fleet.launch("d1")
        later_s = hands.fleet.now_s + 20.0
        await hands.until(lambda _events: hands.fleet.now_s > later_s)
        links.vehicles["d1"].refuse_arming(None)
        await hands.until_all(e.CommandEnded, ["d1"])

    assert ends(fly_over(links, scenario, PLAN), MavCmd.MISSION_START) == [True]


def test_a_launch_in_the_air_is_refused_and_changes_nothing() -> None:
    async def scenario(hands: Hands, _pilot: Pilot) -> None:
        await take_off(hands, PLAN)
        hands.fleet.launch("d1")
        await down(hands, PLAN)

    hands = fly(scenario, PLAN)
    assert hands.story("d1") == promised_story(MISSION)
    end = hands.told("d1", e.CommandEnded)[-1]
    assert isinstance(end, e.CommandEnded)
    assert (end.accepted, end.reason) == (False, "it is flying already")


@pytest.mark.parametrize("order", ["recall", "land"])
def test_own_orders_are_never_taken_for_a_foreign_hand(order: str) -> None:
    async def scenario(hands: Hands, _pilot: Pilot) -> None:
        await take_off(hands, PLAN)
        hands.fleet.pause("d1")
        await hands.until_all(e.CommandEnded, ["d1"])
        getattr(hands.fleet, order)("d1")
        await down(hands, PLAN)

    changes = fly(scenario, PLAN).told("d1", e.ModeChanged)
    assert all(isinstance(event, e.ModeChanged) and event.ours for event in changes)
