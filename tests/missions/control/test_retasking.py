"""Drones drop out, ground is closed: what is left is offered to the others, and flown when somebody accepts."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import pytest
import shapely

from mavlink_bridge.events import Disarmed, FleetEvent, LaneFinished, LaneStarted
from missions.control.host import Host
from missions.control.messages import (
    Accept,
    CloseArea,
    FinalState,
    Intent,
    IntentRefused,
    IntentTaken,
    OfNation,
    PatrolState,
    PlanChanged,
    Recall,
    Reject,
    ReplanProposed,
    StandingRule,
    TheseDrones,
    Withdraw,
)
from missions.control.params import ControlParams
from planner.check import check_plan
from planner.geo import LatLon, LocalFrame
from planner.model import Plan
from tests.missions.control.fake_fleet import Behaviour, FakeFleet
from tests.missions.control.patrol import Patrol
from tests.missions.control.plans import ALD_1, ALD_2, BRE_1, layered_plan

ACCEPT = ControlParams(standing_rule=StandingRule.ACCEPT)


def spaced_plan() -> Plan:
    plan = replace(layered_plan(), min_coverage=0.0)
    return replace(plan, violations=check_plan(plan))


def withdrawn(drone: str) -> Withdraw:
    return Withdraw(scope=TheseDrones(drones=(drone,)))


def flown(
    params: ControlParams, at: dict[float, Intent], behaviours: dict[str, Behaviour] | None = None, until_s: float = 20_000.0
) -> Patrol:
    return Patrol(spaced_plan(), behaviours or {}, params=params).fly(at=at, until_s=until_s)


def lanes_swept(patrol: Patrol) -> set[str]:
    return {event.lane for event in patrol.told(LaneFinished)}


def lanes_of(plan: Plan) -> set[str]:
    return {leg.lane for sortie in plan.sorties for leg in sortie.legs if leg.lane is not None}


def test_withdrawn_drones_lanes_are_proposed_to_its_nation_and_wait_for_a_decision() -> None:
    patrol = flown(ControlParams(), {20.0: withdrawn(ALD_2)}, until_s=60.0)
    (proposed,) = patrol.told(ReplanProposed)
    assert proposed.dropped == ("ald-west-2.1",)
    (change,) = proposed.added
    assert (change.drone, change.instead_of) == (ALD_1, "ald-west-1.1")
    lost = {leg.lane for leg in patrol.plan.sorties_of(ALD_2)[0].legs if leg.lane is not None}
    own = [leg.lane for leg in patrol.plan.sorties_of(ALD_1)[0].legs if leg.lane is not None]
    assert set(change.was) == {*lost, *own[1:]}
    assert len(change.was) == len(change.lanes)
    assert len(proposed.violations) <= len(patrol.plan.violations)
    assert patrol.told(PlanChanged) == []
    assert patrol.control.retasking.open is not None


def test_accepted_proposal_is_flown() -> None:
    patrol = flown(ControlParams(), {20.0: withdrawn(ALD_2), 40.0: Accept(proposal=1)})
    assert [type(event).__name__ for event in patrol.told(PlanChanged)] == ["PlanChanged"]
    assert lanes_swept(patrol) == lanes_of(patrol.control.plan)
    assert len(patrol.fleet.when("change_mission", ALD_1)) == 1
    assert len(patrol.fleet.when("launch", ALD_1)) == 1, "it went on in the air"
    assert patrol.fleet.when("launch", ALD_2) == []
    assert patrol.alerts("separation") == []
    assert {view.final for view in patrol.control.progress(0.0)} == {FinalState.HOME_DISARMED}


def test_proposal_that_a_drone_has_flown_past_gives_way_to_a_new_one() -> None:
    patrol = flown(ControlParams(), {20.0: withdrawn(ALD_2), 200.0: Accept(proposal=1)}, until_s=300.0)
    first, second, *_ = patrol.told(ReplanProposed)
    assert second.proposal == first.proposal + 1
    assert second.at_s > first.at_s + 60.0, "there was time to decide"
    assert [refused.intent for refused in patrol.told(IntentRefused)] == [Accept(proposal=1)]
    assert patrol.told(PlanChanged) == []


def test_drone_whose_mission_could_not_be_changed_comes_home_and_its_lanes_are_offered_again() -> None:
    patrol = flown(ACCEPT, {20.0: withdrawn(ALD_2)}, {ALD_1: Behaviour(refuses_changes=True)})
    (alert, *_) = patrol.alerts("retasking")
    assert "was not changed" in alert.text
    assert patrol.fleet.when("recall", ALD_1) != []
    assert len(patrol.told(PlanChanged)) >= 2
    assert lanes_swept(patrol) >= lanes_of(patrol.control.plan)


def test_drone_in_other_hands_is_not_given_anything_in_the_air() -> None:
    patrol = flown(ACCEPT, {60.0: withdrawn(ALD_2)}, {ALD_1: Behaviour(taken_at_s=40.0)}, until_s=400.0)
    assert patrol.fleet.when("change_mission", ALD_1) == []
    assert all(change.instead_of == "" for proposed in patrol.told(ReplanProposed) for change in proposed.added)


def test_standing_rule_accepts_by_itself_even_when_the_others_are_done_already() -> None:
    plain = Patrol(spaced_plan()).fly()
    late_s = max(event.at_s for event in plain.told(Disarmed) if event.drone == ALD_1) - 30.0
    patrol = flown(ACCEPT, {late_s: withdrawn(ALD_2)})
    assert lanes_swept(patrol) == lanes_of(patrol.control.plan)
    assert patrol.control.state is PatrolState.FINISHED


def test_drone_that_is_called_out_of_a_lane_leaves_it_to_be_finished_from_a_few_metres_before() -> None:
    seen = Patrol(spaced_plan()).fly(until_s=400.0).told(LaneStarted, lambda event: event.drone == ALD_1)[1]
    patrol = flown(ACCEPT, {seen.at_s + 20.0: withdrawn(ALD_1)})
    (proposed,) = patrol.told(ReplanProposed)
    assert proposed.shortened == ("ald-west-1.1",)
    assert {change.drone for change in proposed.added} == {ALD_2}
    cut = next(lane for lane in patrol.control.plan.lanes if lane.id == seen.lane)
    whole = next(lane for lane in spaced_plan().lanes if lane.id == seen.lane)
    assert cut != whole
    assert patrol.control.plan.result.coverage == pytest.approx(patrol.plan.result.coverage, abs=3e-3)


def test_lost_drones_lanes_go_to_the_others() -> None:
    patrol = flown(ACCEPT, {}, {ALD_2: Behaviour(silent_from_s=150.0)})
    assert patrol.alerts("lost") != []
    (proposed, *_) = patrol.told(ReplanProposed)
    assert {change.drone for change in proposed.added} == {ALD_1}
    assert lanes_swept(patrol) >= set(proposed.added[0].lanes)


def test_whole_fleet_of_a_nation_withdrawn_leaves_its_ground_and_says_so() -> None:
    patrol = flown(ACCEPT, {20.0: Withdraw(scope=OfNation(nation="BRE"))})
    (proposed,) = patrol.told(ReplanProposed)
    assert proposed.added == ()
    assert BRE_1 in proposed.uncovered[0]
    assert patrol.told(PlanChanged) == []
    (alert,) = patrol.alerts("retasking")
    assert "nobody can take over" in alert.text
    assert {event.drone for event in patrol.told(LaneFinished)} == {ALD_1, ALD_2}


def test_rejected_proposal_is_not_made_again() -> None:
    patrol = flown(ControlParams(), {20.0: withdrawn(ALD_2), 100.0: Reject(proposal=1)}, until_s=300.0)
    assert len(patrol.told(ReplanProposed)) == 1
    assert patrol.told(PlanChanged) == []


def test_decision_on_a_proposal_that_is_not_there_is_refused() -> None:
    patrol = flown(ControlParams(), {20.0: withdrawn(ALD_2), 100.0: Accept(proposal=2)}, until_s=200.0)
    assert [refused.intent for refused in patrol.told(IntentRefused)] == [Accept(proposal=2)]


def test_no_proposal_is_made_by_a_rule_that_forbids_it() -> None:
    patrol = flown(ControlParams(standing_rule=StandingRule.NEVER), {20.0: withdrawn(ALD_2)}, until_s=200.0)
    assert patrol.told(ReplanProposed) == []


def test_no_proposal_is_made_when_everybody_is_called_home() -> None:
    assert flown(ACCEPT, {200.0: Recall()}).told(ReplanProposed) == []


def close(name: str, east_m: float, north_m: float, half_m: float = 60.0) -> CloseArea:
    frame = LocalFrame.around([spaced_plan().area])
    middle = frame.to_local(spaced_plan().area).centroid
    corners = [(-1, -1), (1, -1), (1, 1), (-1, 1)]
    ring = [frame.point_to_geographic(east_m=middle.x + east_m + half_m * x, north_m=middle.y + north_m + half_m * y) for x, y in corners]
    return CloseArea(name=name, ring=tuple((point.lon_deg, point.lat_deg) for point in ring), buffer_m=10.0)


def test_drones_that_would_cross_a_closed_area_are_called_back_and_the_rest_is_flown_around_it() -> None:
    patrol = flown(ACCEPT, {60.0: close("fire", 600.0, -250.0)})
    assert any(isinstance(event.intent, CloseArea) for event in patrol.told(IntentTaken))
    called = {drone for drone in (ALD_1, ALD_2, BRE_1) if patrol.fleet.when("recall", drone)}
    assert called <= {BRE_1}
    plan = patrol.control.plan
    assert patrol.told(PlanChanged) != []
    assert [violation for violation in plan.violations if "fire" in violation.text] == []
    assert lanes_swept(patrol) >= {lane.id for lane in plan.lanes}
    assert {view.final for view in patrol.control.progress(0.0)} == {FinalState.HOME_DISARMED}


def closed_between_a_drone_and_its_base(behaviour: Behaviour) -> tuple[Patrol, CloseArea, LatLon]:
    """A small fire on the straight way home of a drone on its second lane, which is then withdrawn."""
    seen = Patrol(spaced_plan()).fly(until_s=400.0).told(LaneStarted, lambda event: event.drone == ALD_1)[1]
    place = Patrol(spaced_plan()).fly(until_s=seen.at_s + 5.0).control.programmes[ALD_1].state.position
    assert place is not None
    base = spaced_plan().base(spaced_plan().drone(ALD_1).base).location
    frame = LocalFrame.around([spaced_plan().area])
    middle = frame.to_local(spaced_plan().area).centroid
    here, there = frame.point_to_local(place), frame.point_to_local(base)
    fire = close("fire", (here[0] + there[0]) / 2 - middle.x, (here[1] + there[1]) / 2 - middle.y, half_m=25.0)
    rule = ControlParams(standing_rule=StandingRule.NEVER)
    return flown(rule, {seen.at_s + 5.0: fire, seen.at_s + 7.0: withdrawn(ALD_1)}, {ALD_1: behaviour}, until_s=400.0), fire, place


def test_way_home_leads_around_a_closed_area() -> None:
    patrol, fire, place = closed_between_a_drone_and_its_base(Behaviour())
    (mission,) = (each for each in patrol.fleet.ways_home if each.sortie == "ald-west-1.1-home")
    assert patrol.fleet.when("recall", ALD_1) == []
    frame = LocalFrame.around([spaced_plan().area])
    corners = [place, *(LatLon(lat_deg=item.x / 1e7, lon_deg=item.y / 1e7) for item in mission.items[3:-1])]
    way, straight = (shapely.LineString([frame.point_to_local(each) for each in some]) for some in (corners, (corners[0], corners[-1])))
    polygon = shapely.Polygon([frame.point_to_local(LatLon(lat_deg=lat, lon_deg=lon)) for lon, lat in fire.ring]).buffer(fire.buffer_m)
    assert straight.intersects(polygon)
    assert way.distance(polygon) > 0.0


def test_drone_that_cannot_be_given_the_way_home_retraces_its_own() -> None:
    patrol, _, _ = closed_between_a_drone_and_its_base(Behaviour(refuses_changes=True))
    assert patrol.fleet.when("way_home", ALD_1) != []
    assert patrol.fleet.when("retrace", ALD_1) != []
    assert patrol.fleet.when("recall", ALD_1) == []


def test_area_that_is_none_is_refused() -> None:
    patrol = flown(ControlParams(), {20.0: CloseArea(name="x", ring=((19.0, 47.0),))}, until_s=50.0)
    assert "no area" in patrol.told(IntentRefused)[0].reason


class UnhurriedFleet(FakeFleet):
    """Waits for the wall clock a little, as links do."""

    async def step(self) -> Sequence[FleetEvent]:
        await asyncio.sleep(0.005)
        return await super().step()


def test_flights_go_on_while_another_plan_is_computed() -> None:
    patrol = Patrol(spaced_plan(), params=ACCEPT)
    patrol.fleet = UnhurriedFleet(patrol.plan)
    patrol.fleet.current = lambda: patrol.control.plan
    patrol.host = Host(patrol.control, patrol.fleet, at_once=False)
    patrol.host.watch(patrol.events.append)
    patrol.fly(at={20.0: withdrawn(ALD_2)}, until_s=400.0)
    (proposed,) = patrol.told(ReplanProposed)
    (changed,) = patrol.told(PlanChanged)
    assert changed.proposal == proposed.proposal
    (taken,) = (event for event in patrol.told(IntentTaken) if isinstance(event.intent, Withdraw))
    assert proposed.at_s > taken.at_s + 5.0, "everything stood still meanwhile"
