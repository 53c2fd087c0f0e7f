"""Another mission in the place of the one that is flown: never a mixture, never against a pilot, the same on both kinds of vehicle."""

from __future__ import annotations

from dataclasses import replace

from mavlink_bridge import events as e
from mavlink_bridge.enums import CopterMode, MavCmd
from mavlink_bridge.mission_change import ChangeOrder
from mavlink_bridge.mission_items import SortieMission, sortie_mission
from planner.geo import geodesic_m
from planner.model import Leg, LegKind, Plan
from tests.mavlink_bridge.flight_scenarios import Pilot, down, ends, fly, is_home, on_both, reasons, take_off
from tests.mavlink_bridge.small_patrol import Hands, at, leg, missions_of, plan_with, two_lanes


def other_end() -> tuple[Leg, ...]:
    """As `two_lanes` through the first lane; then one lane further west, and home."""
    whole = two_lanes()
    corners = [whole[2].end, at(-60, 120), at(-60, 20)]
    return (
        *whole[:3],
        leg(LegKind.TRANSIT, corners[0], corners[1]),
        leg(LegKind.SWEEP, corners[1], corners[2], lane="L-60"),
        leg(LegKind.TRANSIT, corners[2], whole[-1].start),
        whole[-1],
    )


def changed(plan: Plan, legs: tuple[Leg, ...]) -> SortieMission:
    sortie = replace(plan.sorties[0], id="d1.1-r1", legs=legs)
    return sortie_mission(replace(plan, sorties=(sortie,)), sortie)


def order(plan: Plan) -> ChangeOrder:
    (mission,) = missions_of(plan).values()
    return ChangeOrder(mission=changed(plan, other_end()), last_kept_seq=mission.spans[0].end_seq)


def change_told(hands: Hands) -> e.MissionChanged:
    (told,) = hands.told("d1", e.MissionChanged)
    assert isinstance(told, e.MissionChanged)
    return told


@on_both
def test_rest_of_a_sortie_is_changed_in_the_air_and_flown(backend: str) -> None:
    plan = plan_with(two_lanes())

    async def scenario(hands: Hands, _pilot: Pilot) -> None:
        await take_off(hands, plan)
        hands.fleet.change_mission("d1", order(plan))
        await down(hands, plan)

    hands = fly(scenario, plan, backend)
    told = change_told(hands)
    assert (told.changed, told.flies_on, told.reason) == (True, True, "")
    assert hands.story("d1") == [
        *["Connected", "Ready", "Uploaded", "Armed", "Airborne", "LaneStarted L20a", "Uploaded", "LaneFinished L20a"],
        *["LaneStarted L-60", "LaneFinished L-60", "Returning", "Landed", "Disarmed"],
    ]
    assert is_home(hands, "d1")
    assert not [event for event in hands.told("d1", e.ModeChanged) if isinstance(event, e.ModeChanged) and not event.ours]
    seen = [event.state for event in hands.told("d1", e.Telemetry) if isinstance(event, e.Telemetry)]
    assert min(geodesic_m(state.position, at(-60, 70)) for state in seen if state.position) < 4.0
    assert max(state.groundspeed_mps or 0.0 for state in seen if (state.mission_seq or 0) >= 5) < 9.6


@on_both
def test_change_that_the_vehicle_refuses_leaves_it_flying_what_it_had(backend: str) -> None:
    plan = plan_with(two_lanes())
    (mission,) = missions_of(plan).values()
    last = mission.items[-1]
    many = (*mission.items, *(replace(last, seq=number) for number in range(len(mission.items), 800)))

    async def scenario(hands: Hands, _pilot: Pilot) -> None:
        await take_off(hands, plan)
        too_long = replace(mission, sortie="too-long", items=many)
        hands.fleet.change_mission("d1", ChangeOrder(mission=too_long, last_kept_seq=mission.spans[0].end_seq))
        await down(hands, plan)

    hands = fly(scenario, plan, backend)
    told = change_told(hands)
    assert (told.changed, told.flies_on) == (False, True)
    assert "no space" in told.reason
    assert "what it had is on board again" in told.reason
    assert hands.story("d1")[-5:] == ["LaneStarted L20b", "LaneFinished L20b", "Returning", "Landed", "Disarmed"]
    assert is_home(hands, "d1")


@on_both
def test_change_that_comes_too_late_disturbs_nothing(backend: str) -> None:
    plan = plan_with(two_lanes())

    async def scenario(hands: Hands, _pilot: Pilot) -> None:
        await take_off(hands, plan, until=e.LaneFinished)
        hands.fleet.change_mission("d1", order(plan))
        await down(hands, plan)

    hands = fly(scenario, plan, backend)
    told = change_told(hands)
    assert (told.changed, told.flies_on) == (False, True)
    assert "passed the place" in told.reason
    assert "LaneFinished L20b" in hands.story("d1")
    assert [event.sortie for event in hands.told("d1", e.Uploaded) if isinstance(event, e.Uploaded)] == ["d1.1"]


@on_both
def test_pilot_who_takes_it_during_the_change_keeps_it(backend: str) -> None:
    plan = plan_with(two_lanes())

    async def scenario(hands: Hands, pilot: Pilot) -> None:
        await take_off(hands, plan)
        hands.fleet.change_mission("d1", order(plan))
        await hands.until_all(e.UploadProgress, ["d1"])
        pilot.set_mode("d1", 1, CopterMode.GUIDED)
        await hands.until_all(e.MissionChanged, ["d1"])
        rest_s = hands.fleet.now_s + 20.0
        await hands.until(lambda _events: hands.fleet.now_s > rest_s)
        assert hands.fleet.state("d1").custom_mode == CopterMode.GUIDED
        hands.fleet.hand_back("d1")
        hands.fleet.resume("d1")
        await down(hands, plan)

    hands = fly(scenario, plan, backend)
    told = change_told(hands)
    assert (told.changed, told.flies_on) == (True, False)
    assert "somebody else" in told.reason
    assert hands.story("d1")[-4:] == ["LaneFinished L-60", "Returning", "Landed", "Disarmed"]


@on_both
def test_way_home_is_flown_around_what_is_in_the_way(backend: str) -> None:
    plan = plan_with(two_lanes())
    around = [at(20, 60), at(120, 60), at(120, 0), at(0, 0)]
    legs = (
        leg(LegKind.TAKEOFF, at(0, 0, 0), at(0, 0)),
        *(leg(LegKind.TRANSIT, a, b) for a, b in zip([at(0, 0), *around], around, strict=False)),
        leg(LegKind.LAND, at(0, 0), at(0, 0, 0)),
    )

    async def scenario(hands: Hands, _pilot: Pilot) -> None:
        await take_off(hands, plan)
        hands.fleet.change_mission("d1", ChangeOrder(mission=changed(plan, legs), first_seq=3))
        await down(hands, plan)

    hands = fly(scenario, plan, backend)
    assert (change_told(hands).changed, change_told(hands).flies_on) == (True, True)
    assert hands.story("d1")[-3:] == ["Returning", "Landed", "Disarmed"]
    assert reasons(hands) == ["recalled"]
    assert is_home(hands, "d1")
    seen = [event.state.position for event in hands.told("d1", e.Telemetry) if isinstance(event, e.Telemetry) and event.state.position]
    assert min(geodesic_m(place, at(120, 30)) for place in seen) < 5.0


@on_both
def test_recall_during_a_change_wins(backend: str) -> None:
    plan = plan_with(two_lanes())

    async def scenario(hands: Hands, _pilot: Pilot) -> None:
        await take_off(hands, plan)
        hands.fleet.change_mission("d1", order(plan))
        await hands.until_all(e.UploadProgress, ["d1"])
        hands.fleet.recall("d1", retrace=True)
        await down(hands, plan)

    hands = fly(scenario, plan, backend)
    assert not change_told(hands).flies_on
    assert ends(hands, MavCmd.NAV_RETURN_TO_LAUNCH) == [True]
    assert [word for word in hands.story("d1") if word != "Uploaded"][-3:] == ["Returning", "Landed", "Disarmed"]
    assert is_home(hands, "d1")


def test_way_home_that_is_asked_for_again_is_not_sent_again() -> None:
    plan = plan_with(two_lanes())
    whole = two_lanes()
    way = changed(plan, (whole[0], leg(LegKind.TRANSIT, whole[2].start, whole[-1].start), whole[-1]))
    home = ChangeOrder(mission=way, first_seq=way.navigation_seqs[1])

    async def scenario(hands: Hands, _pilot: Pilot) -> None:
        await take_off(hands, plan)
        hands.fleet.change_mission("d1", home)
        await hands.until_all(e.UploadProgress, ["d1"])
        hands.fleet.change_mission("d1", home)
        await down(hands, plan)

    hands = fly(scenario, plan)
    assert len(hands.told("d1", e.MissionChanged)) == 1
    assert [event.sortie for event in hands.told("d1", e.Uploaded) if isinstance(event, e.Uploaded)] == ["d1.1", way.sortie]
    assert is_home(hands, "d1")
