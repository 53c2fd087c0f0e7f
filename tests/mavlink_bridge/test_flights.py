"""Whole flights through `Fleet`: on embedded vehicles always, and the same ones on ArduPilot itself where it is installed."""

from __future__ import annotations

import math

import pytest

from mavlink_bridge import events as e
from mavlink_bridge.enums import CopterMode, MavCmd
from mavlink_bridge.lossy import LossParams, LossyLinks
from planner.geo import LatLon, geodesic_m
from planner.model import LegKind, VehicleKind
from sitl.ardupilot import find_ardupilot
from sitl.config import configs_from_plan
from sitl.simulated_fleet import LockstepLinks
from tests.mavlink_bridge.flight_scenarios import (
    ARDUPILOT,
    Pilot,
    down,
    ends,
    fly,
    fly_over,
    is_home,
    on_both,
    on_both_quadplanes,
    reasons,
    take_off,
)
from tests.mavlink_bridge.small_patrol import HEIGHT_M, Hands, at, leg, missions_of, plan_with, promised_story, quad, two_lanes

# --- the same on both ------------------------------------------------------------------------------------------------


@on_both
def test_a_flight_tells_its_story_in_the_promised_order(backend: str) -> None:
    plan = plan_with(two_lanes(), two_lanes(60, -90))
    hands = fly(lambda hands, _pilot: hands.fly(missions_of(plan)), plan, backend)
    for drone, mission in missions_of(plan).items():
        assert hands.story(drone) == promised_story(mission)
        assert ends(hands, MavCmd.MISSION_START, drone) == [True]
        assert is_home(hands, drone)
        heights_m = [event.state.relative_alt_m or 0.0 for event in hands.told(drone, e.Telemetry) if isinstance(event, e.Telemetry)]
        assert max(heights_m) == pytest.approx(HEIGHT_M, abs=1.5)
        assert not [event for event in hands.told(drone, e.ModeChanged) if isinstance(event, e.ModeChanged) and not event.ours]


@on_both
def test_a_recalled_drone_comes_home_and_flies_again_with_a_fresh_battery(backend: str) -> None:
    plan = plan_with(two_lanes())

    async def scenario(hands: Hands, _pilot: Pilot) -> None:
        await take_off(hands, plan)
        hands.fleet.recall("d1")
        await down(hands, plan)
        hands.fleet.battery_swapped("d1")
        await hands.until_all(e.CommandEnded, ["d1"])
        await hands.until(lambda _events: hands.fleet.state("d1").battery_remaining_pct == 100, limit_s=5.0)
        await hands.fly(missions_of(plan))

    hands = fly(scenario, plan, backend)
    (mission,) = missions_of(plan).values()
    first = ["Connected", "Ready", "Uploaded", "Armed", "Airborne", "LaneStarted L20a", "Returning", "Landed", "Disarmed"]
    assert hands.story("d1") == first + promised_story(mission)[1:]
    assert reasons(hands) == ["recalled", "its lanes are flown"]
    assert ends(hands, MavCmd.NAV_RETURN_TO_LAUNCH) == [True]
    assert ends(hands, MavCmd.BATTERY_RESET) == [True]
    assert is_home(hands, "d1")


@on_both
def test_a_pilot_is_left_alone_until_the_drone_is_handed_back(backend: str) -> None:
    plan = plan_with(two_lanes())

    async def scenario(hands: Hands, pilot: Pilot) -> None:
        await take_off(hands, plan)
        hands.fleet.pause("d1")
        await hands.until_all(e.CommandEnded, ["d1"])
        hands.fleet.resume("d1")
        await hands.until_all(e.CommandEnded, ["d1"])
        pilot.set_mode("d1", 1, CopterMode.GUIDED)
        await hands.until(lambda _events: bool(ours(hands)) and not ours(hands)[-1])
        for order in (hands.fleet.recall, hands.fleet.resume, hands.fleet.pause, hands.fleet.land, hands.fleet.launch):
            order("d1")
        taken_s = hands.fleet.now_s
        await hands.until(lambda _events: hands.fleet.now_s > taken_s + 15.0)
        assert hands.fleet.state("d1").custom_mode == CopterMode.GUIDED
        hands.fleet.hand_back("d1")
        hands.fleet.resume("d1")
        await down(hands, plan)

    hands = fly(scenario, plan, backend)
    (mission,) = missions_of(plan).values()
    assert hands.story("d1") == promised_story(mission)
    assert ends(hands, MavCmd.DO_PAUSE_CONTINUE) == [True, True, False, False, True]
    assert ends(hands, MavCmd.NAV_RETURN_TO_LAUNCH) == [False]
    assert ends(hands, MavCmd.NAV_LAND) == [False]
    assert ours(hands).count(False) == 1


@on_both
def test_a_drone_goes_where_it_is_sent_at_the_speed_it_is_told_and_home_the_way_it_came(backend: str) -> None:
    plan = plan_with(two_lanes())
    there = at(-40, 60, 55.0)

    async def scenario(hands: Hands, _pilot: Pilot) -> None:
        await take_off(hands, plan)
        hands.fleet.go_to("d1", there.ground, there.height_m)
        await hands.until_all(e.CommandEnded, ["d1"])
        hands.fleet.change_speed("d1", 3.0)
        await hands.until_all(e.CommandEnded, ["d1"])
        await hands.until(lambda _events: away_m(hands, there.ground) < 3.0, limit_s=90.0)
        assert hands.fleet.state("d1").relative_alt_m == pytest.approx(there.height_m, abs=2.0)
        hands.fleet.go_to("d1", None, 30.0)
        await hands.until(lambda _events: abs((hands.fleet.state("d1").relative_alt_m or 0.0) - 30.0) < 1.0, limit_s=90.0)
        assert away_m(hands, there.ground) < 3.0
        hands.fleet.recall("d1", retrace=True)
        await down(hands, plan)

    hands = fly(scenario, plan, backend)
    assert ends(hands, MavCmd.DO_REPOSITION) == [True, True]
    assert ends(hands, MavCmd.DO_CHANGE_SPEED) == [True]
    assert ends(hands, MavCmd.NAV_RETURN_TO_LAUNCH) == [True]
    modes = [event.name for event in hands.told("d1", e.ModeChanged) if isinstance(event, e.ModeChanged)]
    assert modes[-2:] == ["GUIDED", "SMART_RTL"]
    assert False not in ours(hands)
    assert reasons(hands) == ["recalled"]
    assert is_home(hands, "d1")


def away_m(hands: Hands, place: LatLon) -> float:
    state = hands.fleet.state("d1")
    return geodesic_m(state.position, place) if state.position is not None else math.inf


def ours(hands: Hands) -> list[bool]:
    return [event.ours for event in hands.told("d1", e.ModeChanged) if isinstance(event, e.ModeChanged)]


@on_both
def test_a_battery_failsafe_is_a_return_with_its_reason_and_no_foreign_hand(backend: str) -> None:
    plan = plan_with(two_lanes())

    async def scenario(hands: Hands, pilot: Pilot) -> None:
        await take_off(hands, plan)
        pilot.set_parameter("d1", 1, "BATT_FS_LOW_ACT", 2.0)
        pilot.set_parameter("d1", 1, "BATT_LOW_MAH", 1e6)
        await down(hands, plan)

    hands = fly(scenario, plan, backend)
    assert hands.story("d1")[-4:] == ["LaneStarted L20a", "Returning", "Landed", "Disarmed"]
    (reason,) = reasons(hands)
    assert "battery" in reason.lower()
    assert [event.rule for event in hands.told("d1", e.Alert) if isinstance(event, e.Alert)] == ["failsafe"]
    assert False not in ours(hands)


@pytest.mark.ardupilot
@pytest.mark.skipif(find_ardupilot(VehicleKind.QUADPLANE) is None, reason="arduplane is not installed")
def test_a_quadplane_flies_its_lanes_and_lands_vertically() -> None:
    home, up = at(0, 0, 0), at(0, 0)
    corners = [at(300, 300, 80), at(300, 1000, 80), at(600, 1000, 80), at(600, 300, 80)]
    route = (
        leg(LegKind.TAKEOFF, home, up),
        leg(LegKind.TRANSIT, up, corners[0]),
        leg(LegKind.SWEEP, corners[0], corners[1], lane="A"),
        leg(LegKind.TRANSIT, corners[1], corners[2]),
        leg(LegKind.SWEEP, corners[2], corners[3], lane="B"),
        leg(LegKind.TRANSIT, corners[3], up),
        leg(LegKind.LAND, up, home),
    )
    plan = plan_with(route, kind=quad(id="wing", kind=VehicleKind.QUADPLANE, cruise_mps=22.0, turn_radius_m=80.0))

    async def scenario(hands: Hands, _pilot: Pilot) -> None:
        await take_off(hands, plan)
        hands.fleet.pause("d1")
        await hands.until_all(e.CommandEnded, ["d1"])
        hands.fleet.resume("d1")
        await down(hands, plan)

    hands = fly(scenario, plan, ARDUPILOT)
    (mission,) = missions_of(plan).values()
    assert hands.story("d1") == promised_story(mission)
    assert ends(hands, MavCmd.DO_PAUSE_CONTINUE) == [True, True]
    assert is_home(hands, "d1")


@on_both_quadplanes
def test_a_quadplane_that_has_landed_in_auto_flies_again(backend: str) -> None:
    """It stays at its landing item, refuses to arm there, and would begin with the item that it remembers."""
    home, up, start, end = at(0, 0, 0), at(0, 0), at(500, 0, 80), at(900, 0, 80)
    ways = [(LegKind.TAKEOFF, home, up), (LegKind.TRANSIT, up, start), (LegKind.TRANSIT, end, up), (LegKind.LAND, up, home)]
    route = (*(leg(*way) for way in ways[:2]), leg(LegKind.SWEEP, start, end, lane="A"), *(leg(*way) for way in ways[2:]))
    plan = plan_with(route, kind=quad(id="wing", kind=VehicleKind.QUADPLANE, cruise_mps=22.0, turn_radius_m=80.0))

    async def scenario(hands: Hands, _pilot: Pilot) -> None:
        await hands.fly(missions_of(plan))
        hands.fleet.battery_swapped("d1")
        await hands.until_all(e.CommandEnded, ["d1"])
        await hands.fly(missions_of(plan))

    hands = fly(scenario, plan, backend)
    (mission,) = missions_of(plan).values()
    assert hands.story("d1") == promised_story(mission) + promised_story(mission)[1:]
    assert is_home(hands, "d1")


# --- on embedded vehicles --------------------------------------------------------------------------------------------


def test_a_very_bad_link_delays_the_story_and_does_not_change_it() -> None:
    plan = plan_with(two_lanes(), two_lanes(60, -90))
    bad = LossParams(loss=0.3, duplication=0.05, reordering=0.05, corruption=0.01)
    links = LossyLinks(LockstepLinks(configs_from_plan(plan)), bad, seed=7)
    hands = fly_over(links, lambda hands, _pilot: hands.fly(missions_of(plan)), plan)
    for drone, mission in missions_of(plan).items():
        assert hands.story(drone) == promised_story(mission)


def test_a_recall_before_the_take_off_leaves_the_drone_on_the_ground_disarmed() -> None:
    plan = plan_with(two_lanes())

    async def scenario(hands: Hands, _pilot: Pilot) -> None:
        await take_off(hands, plan, until=e.Armed)
        hands.fleet.recall("d1")
        await down(hands, plan)

    hands = fly(scenario, plan)
    assert hands.story("d1") == ["Connected", "Ready", "Uploaded", "Armed", "Disarmed"]
    assert is_home(hands, "d1")


def test_a_paused_drone_stands_still_and_goes_on_where_it_was() -> None:
    plan = plan_with(two_lanes())

    async def scenario(hands: Hands, _pilot: Pilot) -> None:
        await take_off(hands, plan)
        hands.fleet.pause("d1")
        paused_s = hands.fleet.now_s
        await hands.until(lambda _events: hands.fleet.now_s > paused_s + 20.0)
        assert (hands.fleet.state("d1").groundspeed_mps or 0.0) < 0.5
        assert hands.fleet.state("d1").relative_alt_m == pytest.approx(HEIGHT_M, abs=1.5)
        hands.fleet.resume("d1")
        await down(hands, plan)

    hands = fly(scenario, plan)
    (mission,) = missions_of(plan).values()
    assert hands.story("d1") == promised_story(mission)
    assert ends(hands, MavCmd.DO_PAUSE_CONTINUE) == [True, True]


def test_a_drone_told_to_land_comes_down_where_it_is() -> None:
    plan = plan_with(two_lanes())

    async def scenario(hands: Hands, _pilot: Pilot) -> None:
        await take_off(hands, plan)
        hands.fleet.land("d1")
        await down(hands, plan)

    hands = fly(scenario, plan)
    assert hands.story("d1")[-4:] == ["LaneStarted L20a", "Returning", "Landed", "Disarmed"]
    assert reasons(hands) == ["ordered to land"]
    assert not is_home(hands, "d1")


def test_a_recall_during_the_launch_ends_both_orders_and_nothing_flies() -> None:
    plan = plan_with(two_lanes())

    async def scenario(hands: Hands, _pilot: Pilot) -> None:
        hands.fleet.upload("d1", missions_of(plan)["d1"])
        await hands.until_all(e.Uploaded, ["d1"])
        hands.fleet.launch("d1")
        hands.fleet.recall("d1")
        later_s = hands.fleet.now_s + 30.0
        await hands.until(lambda _events: hands.fleet.now_s > later_s)

    hands = fly(scenario, plan)
    assert ends(hands, MavCmd.MISSION_START) == [False]
    assert ends(hands, MavCmd.NAV_RETURN_TO_LAUNCH) == [True]
    assert "Airborne" not in hands.story("d1")
    assert not hands.fleet.state("d1").armed


def test_a_vehicle_that_refuses_to_arm_stays_down_and_says_why() -> None:
    plan = plan_with(two_lanes())
    links = LockstepLinks(configs_from_plan(plan))
    links.vehicles["d1"].refuse_arming("Hardware safety switch")

    async def scenario(hands: Hands, _pilot: Pilot) -> None:
        hands.fleet.upload("d1", missions_of(plan)["d1"])
        hands.on_event = lambda event: hands.fleet.launch("d1") if isinstance(event, e.Uploaded) else None
        await hands.until_all(e.CommandEnded, ["d1"])

    hands = fly_over(links, scenario, plan)
    (end,) = hands.told("d1", e.CommandEnded)
    assert isinstance(end, e.CommandEnded)
    assert end.command == MavCmd.MISSION_START
    assert end.accepted is False
    assert "Hardware safety switch" in end.reason


def test_a_launch_without_a_verified_mission_is_refused_at_once() -> None:
    plan = plan_with(two_lanes())

    async def scenario(hands: Hands, _pilot: Pilot) -> None:
        await hands.until_all(e.Ready, ["d1"])
        hands.fleet.launch("d1")
        await hands.until_all(e.CommandEnded, ["d1"], limit_s=1.0)

    hands = fly(scenario, plan)
    (end,) = hands.told("d1", e.CommandEnded)
    assert isinstance(end, e.CommandEnded)
    assert end.reason == "no verified mission is on board"


def test_an_upload_to_an_armed_drone_is_refused_and_the_flight_goes_on() -> None:
    plan = plan_with(two_lanes())

    async def scenario(hands: Hands, _pilot: Pilot) -> None:
        await take_off(hands, plan)
        hands.fleet.upload("d1", missions_of(plan)["d1"])
        await down(hands, plan)

    hands = fly(scenario, plan)
    outcomes = [event.outcome for event in hands.told("d1", e.Uploaded) if isinstance(event, e.Uploaded)]
    assert outcomes == [e.UploadOutcome.VERIFIED, e.UploadOutcome.FAILED]
    assert hands.story("d1")[-3:] == ["Returning", "Landed", "Disarmed"]
    assert is_home(hands, "d1")
