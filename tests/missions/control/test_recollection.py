"""A mission control made from another's log stands where that one stood."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mavlink_bridge.events import Airborne, Landed, LaneFinished, Recognised, Returning, Telemetry, Uploaded, UploadProgress
from missions.control.actions import Action, FlyHome, LaunchDrone, RecallDrone, UploadSortie
from missions.control.core import MissionControl, Output
from missions.control.drone_view import drone_view
from missions.control.messages import (
    Continue,
    DronePhase,
    Intent,
    PatrolEvent,
    Pause,
    PlanChanged,
    Recall,
    StandingRule,
    Start,
    TheseDrones,
    Withdraw,
)
from missions.control.params import ControlParams
from missions.control.recollection import Recollection
from planner.check import check_plan
from planner.model import Plan
from tests.missions.control.patrol import Patrol
from tests.missions.control.plans import ALD_1, ALD_2, BRE_1, layered_plan


def recollected(plan: Plan, events: list[PatrolEvent]) -> tuple[MissionControl, Recollection]:
    recollection = Recollection(MissionControl(plan))
    for event in events:
        recollection.take(event)
    return recollection._control, recollection


INTENTS: list[dict[float, Intent]] = [{}, {300.0: Recall()}, {200.0: Pause(), 300.0: Continue()}]


@pytest.mark.parametrize("intents", INTENTS)
@pytest.mark.parametrize("until_s", [3.0, 340.0, 800.0])
def test_it_stands_where_the_last_one_stood(intents: dict[float, Intent], until_s: float) -> None:
    plan = layered_plan()
    patrol = Patrol(plan).fly(at=dict(intents), until_s=until_s)
    control, _ = recollected(plan, patrol.events)
    for drone, programme in patrol.control.programmes.items():
        ours = drone_view(control.programmes[drone], 0.0)
        theirs = drone_view(programme, 0.0)
        assert (ours.phase, ours.sortie, ours.sorties_done, ours.lanes_done) == (
            theirs.phase,
            theirs.sortie,
            theirs.sorties_done,
            theirs.lanes_done,
        )
        assert (ours.recalled, ours.automatic, ours.leg) == (theirs.recalled, theirs.automatic, theirs.leg)
        assert control.programmes[drone].airborne == programme.airborne
        assert control.programmes[drone].progress.delay_s == pytest.approx(programme.progress.delay_s, abs=10.0)
    assert control.state is patrol.control.state
    assert (control.clock.patrol_s(until_s) or 0.0) == pytest.approx(patrol.control.clock.patrol_s(until_s) or 0.0, abs=1e-6)
    assert control.alerts == patrol.control.alerts


def test_a_flight_that_is_taken_up_is_flown_to_its_end_without_a_second_upload() -> None:
    plan = layered_plan()
    patrol = Patrol(plan).fly(until_s=200.0)
    control, _ = recollected(plan, patrol.events)
    patrol.host.control = patrol.control = control
    patrol.host.take_up({drone: each.state for drone, each in patrol.fleet.drones.items()})
    patrol.run()
    assert patrol.flown
    assert [len(patrol.fleet.when("upload", drone)) for drone in (ALD_1, ALD_2, BRE_1)] == [1, 1, 2]
    assert [len(patrol.fleet.when("launch", drone)) for drone in (ALD_1, ALD_2, BRE_1)] == [1, 1, 2]


def test_memory_of_a_flight_knows_the_mission_and_the_lanes_behind_it() -> None:
    plan = layered_plan()
    patrol = Patrol(plan).fly(until_s=400.0)
    _, recollection = recollected(plan, patrol.events)
    memory = recollection.memories()[ALD_1]
    finished = patrol.told(LaneFinished, lambda event: event.drone == ALD_1)
    assert memory.mission is not None
    assert (memory.mission.sortie, memory.armed, memory.airborne, memory.landed) == ("ald-west-1.1", True, True, False)
    assert memory.lanes_finished == len(finished) > 0
    assert memory.completed_seq >= memory.mission.spans[memory.lanes_finished - 1].end_seq


def test_upload_that_was_cut_off_left_nothing_that_is_known() -> None:
    events = [
        Uploaded(drone=ALD_1, at_s=1.0, outcome="verified", sortie="ald-west-1.1"),  # type: ignore[arg-type]
        Telemetry(drone=ALD_1, at_s=1.5, state=MissionControl(layered_plan()).programmes[ALD_1].state),
        UploadProgress(drone=ALD_1, at_s=2.0, sent=1, total=9),
    ]
    _, recollection = recollected(layered_plan(), list(events))
    assert recollection.memories()[ALD_1].mission is None


def taken_up(until_s: float, keep: float | None = None) -> tuple[MissionControl, list[Output], float]:
    patrol = Patrol(layered_plan()).fly(until_s=until_s)
    control, _ = recollected(patrol.plan, [event for event in patrol.events if keep is None or event.at_s <= keep])
    now_s = patrol.fleet.now_s
    return control, control.take_up(now_s, {drone: each.state for drone, each in patrol.fleet.drones.items()}), now_s


def actions(outputs: list[Output], drone: str) -> list[type]:
    return [type(output) for output in outputs if isinstance(output, Action) and output.drone == drone]


def uploaded_s() -> float:
    return max(event.at_s for event in Patrol(layered_plan()).fly(until_s=60.0).told(Uploaded, lambda event: event.drone == ALD_2))


def test_verified_mission_is_launched_only_when_it_was_recognised() -> None:
    control, _, now_s = taken_up(uploaded_s() + 3.0)
    programme = control.programmes[ALD_2]
    assert (programme.phase, programme.may_launch(now_s)) == (DronePhase.UPLOADED, False)
    control.handle_event(Recognised(drone=ALD_2, at_s=now_s, sortie="ald-west-2.1", on_board=True), now_s)
    assert programme.may_launch(now_s)


def test_drones_that_come_home_as_called_are_not_called_again() -> None:
    patrol = Patrol(layered_plan()).fly(at={300.0: Recall()}, until_s=315.0)
    coming = {event.drone for event in patrol.told(Returning)}
    control, _ = recollected(patrol.plan, patrol.events)
    outputs = control.take_up(patrol.fleet.now_s, {drone: each.state for drone, each in patrol.fleet.drones.items()})
    asked = {output.drone for output in outputs if isinstance(output, RecallDrone | FlyHome)}
    assert coming
    assert not coming & asked
    before = [event for event in patrol.events if not isinstance(event, Returning)]
    again, _ = recollected(patrol.plan, before)
    outputs = again.take_up(patrol.fleet.now_s, {}) + again.tick(patrol.fleet.now_s + 1.0)
    assert {output.drone for output in outputs if isinstance(output, RecallDrone | FlyHome)}


@pytest.mark.parametrize("on_board", [False, None])
def test_mission_that_is_not_recognised_on_the_ground_is_uploaded_again(on_board: bool | None) -> None:
    control, _, now_s = taken_up(uploaded_s() + 3.0)
    outputs = control.handle_event(Recognised(drone=ALD_2, at_s=now_s, sortie="ald-west-2.1", on_board=on_board), now_s)
    assert actions(outputs, ALD_2) == [UploadSortie]


def test_other_mission_in_the_air_is_left_alone_and_told() -> None:
    control, _, now_s = taken_up(200.0)
    control.handle_event(Recognised(drone=ALD_1, at_s=now_s, sortie="ald-west-1.1", on_board=False, reason="count"), now_s)
    assert (control.programmes[ALD_1].phase, control.programmes[ALD_1].automatic) == (DronePhase.HELD, False)
    assert [alert.rule for alert in control.alerts][-1] == "mission"


def test_launch_of_which_nobody_knows_how_far_it_came_is_begun_again() -> None:
    whole = Patrol(layered_plan()).fly(until_s=60.0)
    (launched_s,) = whole.fleet.when("launch", ALD_1)
    control, outputs, _ = taken_up(launched_s + 1.0)
    assert control.programmes[ALD_1].phase is DronePhase.UPLOADED
    assert actions(outputs, ALD_1) == []


def test_drone_that_took_off_while_nobody_looked_is_followed() -> None:
    whole = Patrol(layered_plan()).fly(until_s=60.0)
    (launched_s,) = whole.fleet.when("launch", ALD_1)
    control, outputs, now_s = taken_up(launched_s + 20.0, keep=launched_s + 1.0)
    assert LaunchDrone not in actions(outputs, ALD_1)
    control.handle_event(Airborne(drone=ALD_1, at_s=now_s), now_s)
    assert control.programmes[ALD_1].phase is DronePhase.FLYING


def test_drones_that_were_called_home_are_called_again_in_their_turn() -> None:
    patrol = Patrol(layered_plan()).fly(at={0.0: Start(), 200.0: Recall()}, until_s=201.0)
    kept = [event for event in patrol.events if event.at_s <= 200.5 and not isinstance(event, Landed)]
    control, _ = recollected(patrol.plan, kept)
    assert control.take_up(210.0, {}) is not None
    called = [output.drone for output in control.tick(211.0) if isinstance(output, RecallDrone)]
    assert len(set(called) & {ALD_1, ALD_2}) <= 1


def test_patrol_that_was_planned_anew_is_gone_on_with_as_planned_anew() -> None:
    params = ControlParams(standing_rule=StandingRule.ACCEPT)
    plan = replace(layered_plan(), min_coverage=0.0)
    plan = replace(plan, violations=check_plan(plan))
    patrol = Patrol(plan, params=params).fly(at={20.0: Withdraw(scope=TheseDrones(drones=(ALD_2,)))}, until_s=300.0)
    control = MissionControl(plan, params)
    recollection = Recollection(control)
    for event in patrol.events:
        if isinstance(event, PlanChanged):
            control.recollect_plan(event, patrol.control.plan)
        recollection.take(event)
    ours, theirs = (
        {drone: [sortie.id for sortie in each.programmes[drone].progress.sorties] for drone in (ALD_1, ALD_2, BRE_1)}
        for each in (control, patrol.control)
    )
    assert ours == theirs
    assert ours[ALD_1] == ["ald-west-1.1-r1"], "its mission was changed in the air"
    assert control.retasking.number == 1
