"""Flights that another mission control has begun: followed on from where they are, on embedded vehicles."""

from __future__ import annotations

from dataclasses import replace

from mavlink_bridge import events as e
from mavlink_bridge.fleet import Fleet
from mavlink_bridge.flight_memory import FlightMemory
from planner.model import Plan
from tests.mavlink_bridge.flight_scenarios import Pilot, addresses, down, fly, take_off
from tests.mavlink_bridge.small_patrol import Hands, missions_of, plan_with, promised_story, two_lanes


def test_a_mission_control_that_comes_back_follows_the_flight_by_the_adopted_mission() -> None:
    plan = plan_with(two_lanes())

    async def scenario(hands: Hands, _pilot: Pilot) -> None:
        await take_off(hands, plan)
        again = Hands(Fleet(addresses(plan), hands.fleet._links))
        again.fleet.adopt("d1", missions_of(plan)["d1"])
        await down(again, plan)
        hands.events = again.events

    hands = fly(scenario, plan)
    (mission,) = missions_of(plan).values()
    assert hands.story("d1") == [word for word in promised_story(mission) if word not in ("Ready", "Uploaded")]


def remembered(hands: Hands, plan: Plan, **others: bool) -> FlightMemory:
    started, finished = len(hands.told("d1", e.LaneStarted)), len(hands.told("d1", e.LaneFinished))
    state, (mission,) = hands.fleet.state("d1"), missions_of(plan).values()
    return FlightMemory(state=state, mission=mission, armed=True, airborne=True, lanes_started=started, lanes_finished=finished, **others)


def test_a_flight_is_taken_up_where_it_was_and_nothing_is_told_twice() -> None:
    plan = plan_with(two_lanes())

    async def scenario(hands: Hands, _pilot: Pilot) -> None:
        await take_off(hands, plan)
        await hands.until_all(e.LaneFinished, ["d1"])
        again = Hands(Fleet(addresses(plan), hands.fleet._links))
        again.fleet.take_up("d1", remembered(hands, plan))
        await down(again, plan)
        (recognised,) = again.told("d1", e.Recognised)
        assert isinstance(recognised, e.Recognised)
        assert recognised.on_board, recognised.reason
        hands.events += [event for event in again.events if not isinstance(event, e.Connected)]

    hands = fly(scenario, plan)
    (mission,) = missions_of(plan).values()
    assert hands.story("d1") == promised_story(mission)


def test_what_happened_while_nobody_looked_is_told_when_the_flight_is_taken_up() -> None:
    plan = plan_with(two_lanes())

    async def scenario(hands: Hands, _pilot: Pilot) -> None:
        await take_off(hands, plan)
        memory = remembered(hands, plan)
        await down(hands, plan)
        hands.events.clear()
        hands.fleet = Fleet(addresses(plan), hands.fleet._links)
        hands.fleet.take_up("d1", memory)
        await hands.until_all(e.Disarmed, ["d1"], limit_s=10.0)

    assert fly(scenario, plan).story("d1") == ["Connected", "Landed", "Disarmed"]


def test_another_mission_than_the_remembered_one_is_not_recognised() -> None:
    plan = plan_with(two_lanes())

    async def scenario(hands: Hands, _pilot: Pilot) -> None:
        await take_off(hands, plan)
        memory = remembered(hands, plan)
        assert memory.mission is not None
        other = replace(memory.mission, items=memory.mission.items[:-1])
        hands.fleet = Fleet(addresses(plan), hands.fleet._links)
        hands.fleet.take_up("d1", replace(memory, mission=other))
        await hands.until_all(e.Recognised, ["d1"], limit_s=10.0)

    (recognised,) = fly(scenario, plan).told("d1", e.Recognised)
    assert isinstance(recognised, e.Recognised)
    assert recognised.on_board is False
    assert "number of items" in recognised.reason


def test_a_drone_that_a_pilot_had_stays_the_pilots_when_it_is_taken_up() -> None:
    plan = plan_with(two_lanes())

    async def scenario(hands: Hands, _pilot: Pilot) -> None:
        await take_off(hands, plan)
        taken = remembered(hands, plan, taken=True)
        hands.fleet = Fleet(addresses(plan), hands.fleet._links)
        hands.fleet.take_up("d1", taken)
        hands.fleet.recall("d1")
        await hands.until_all(e.CommandEnded, ["d1"], limit_s=5.0)

    ended = fly(scenario, plan).told("d1", e.CommandEnded)[-1]
    assert isinstance(ended, e.CommandEnded)
    assert ended.accepted is False
