from __future__ import annotations

from dataclasses import replace

import pytest

from mavlink_bridge.events import Airborne, Alert, Disarmed, LaneFinished, UploadOutcome
from missions.control.messages import (
    EVERYONE,
    Continue,
    DronePhase,
    DroneProgress,
    FinalState,
    HandBack,
    Intent,
    IntentRefused,
    IntentTaken,
    Land,
    Launch,
    OfNation,
    PatrolState,
    PatrolStateChanged,
    Pause,
    Recall,
    Shutdown,
    Start,
    TheseDrones,
    Upload,
)
from missions.control.params import ControlParams
from planner.geo import LatLon
from planner.model import Limits
from tests.missions.control.fake_fleet import RTL_S, STEP_S, Behaviour
from tests.missions.control.patrol import Patrol
from tests.missions.control.plans import ALD_1, ALD_2, BRE_1, layered_plan, only


def test_whole_patrol_passes_with_every_lane_flown_and_everyone_home() -> None:
    patrol = Patrol(layered_plan()).fly()
    assert patrol.flown
    assert {programme.outcome() for programme in patrol.control.programmes.values()} == {FinalState.HOME_DISARMED}
    assert len(patrol.told(LaneFinished)) == 12
    assert patrol.control.state is PatrolState.FINISHED


def test_states_of_a_patrol_follow_each_other_in_order() -> None:
    patrol = Patrol(layered_plan()).fly()
    states = [change.state for change in patrol.told(PatrolStateChanged)]
    assert states == [PatrolState.CONNECTING, PatrolState.UPLOADING, PatrolState.FLYING, PatrolState.FINISHED]


def test_no_sortie_is_launched_before_its_time_in_the_plan() -> None:
    plan = layered_plan()
    patrol = Patrol(plan).fly()
    started_s = next(change.at_s for change in patrol.told(PatrolStateChanged) if change.state is PatrolState.FLYING)
    for drone in (ALD_1, ALD_2, BRE_1):
        planned = [started_s + sortie.start_s for sortie in plan.sorties_of(drone)]
        launched = patrol.fleet.when("launch", drone)
        assert len(launched) == len(planned)
        assert all(0 <= at_s - due_s <= 6.5 for at_s, due_s in zip(launched, planned, strict=True))


def test_nothing_is_launched_unless_its_upload_was_verified() -> None:
    behaviours = {ALD_1: Behaviour(uploads=[UploadOutcome.UNKNOWN, UploadOutcome.FAILED, UploadOutcome.UNKNOWN])}
    patrol = Patrol(layered_plan(), behaviours).fly()
    assert patrol.fleet.when("launch", ALD_1) == []
    assert len(patrol.fleet.when("upload", ALD_1)) == 3
    assert [alert.drone for alert in patrol.alerts("upload")] == [ALD_1]
    assert patrol.phase(ALD_1) is DronePhase.HELD
    assert patrol.phase(ALD_2) is DronePhase.DONE


def test_upload_is_tried_again_and_the_patrol_passes() -> None:
    patrol = Patrol(layered_plan(), {ALD_1: Behaviour(uploads=[UploadOutcome.UNKNOWN])}).fly()
    assert patrol.flown


def test_patrol_without_a_drone_that_never_gets_ready_goes_on_and_fails() -> None:
    patrol = Patrol(layered_plan(), {BRE_1: Behaviour(ready_s=1e9)}).fly()
    assert [alert.drone for alert in patrol.alerts("not_ready")] == [BRE_1]
    assert len(patrol.control.programmes[BRE_1].progress.missed()) == 6
    assert {drone for drone in (ALD_1, ALD_2) if patrol.phase(drone) is DronePhase.DONE} == {ALD_1, ALD_2}


def test_second_sortie_waits_for_the_battery_swap_when_the_first_was_late() -> None:
    plan = layered_plan()
    patrol = Patrol(plan, {BRE_1: Behaviour(slowness=2.2)}).fly()
    landed_s = patrol.fleet.when("battery_swapped", BRE_1)[0] - plan.drone_types[0].battery_swap_s
    launched_s = patrol.fleet.when("launch", BRE_1)
    assert landed_s > 1100
    assert launched_s[1] >= landed_s + plan.drone_types[0].battery_swap_s
    assert patrol.flown


def test_launch_keeps_the_planned_spacing_when_the_one_before_is_late() -> None:
    patrol = Patrol(layered_plan(), {ALD_1: Behaviour(arming_s=50.0)}).fly()
    airborne = {event.drone: event.at_s for event in patrol.told(Airborne, lambda event: event.drone in (ALD_1, ALD_2))}
    assert airborne[ALD_2] - airborne[ALD_1] >= 60


def test_launch_waits_while_the_one_before_is_still_arming() -> None:
    patrol = Patrol(layered_plan(), {ALD_1: Behaviour(arming_s=80.0)}).fly()
    airborne = {event.drone: event.at_s for event in patrol.told(Airborne)}
    assert airborne[ALD_2] > airborne[ALD_1]
    assert patrol.told(DroneProgress, lambda view: view.drone == ALD_2 and "about to take off" in view.note)


def test_launch_is_tried_again_after_a_refusal() -> None:
    patrol = Patrol(layered_plan(), {ALD_1: Behaviour(refusals=1)}).fly()
    assert len(patrol.fleet.when("launch", ALD_1)) == 2
    assert patrol.flown


def test_drone_that_will_not_launch_stays_and_does_not_hold_up_the_next() -> None:
    patrol = Patrol(layered_plan(), {ALD_1: Behaviour(refusals=9)}).fly()
    assert patrol.phase(ALD_1) is DronePhase.HELD
    assert "compass" in patrol.alerts("launch")[0].text
    assert patrol.phase(ALD_2) is DronePhase.DONE
    assert patrol.control.programmes[ALD_1].outcome() is FinalState.HOME_DISARMED


def test_launch_waits_until_a_late_drone_has_cleared_the_base() -> None:
    """Planned to land before the second starts, the first is so late that both would meet over the base."""
    plan = layered_plan()
    first, second, *_ = plan.sorties
    gap_s = first.end_s + 10.0 - second.start_s
    late = replace(
        second,
        start_s=second.start_s + gap_s,
        end_s=second.end_s + gap_s,
        legs=tuple(replace(leg, start_s=leg.start_s + gap_s, end_s=leg.end_s + gap_s) for leg in second.legs),
    )
    patrol = Patrol(replace(plan, sorties=(first, late)), {ALD_1: Behaviour(slowness=1.06)}).fly()
    assert patrol.alerts("separation") == []
    assert patrol.flown


def test_drones_too_close_are_told_once_an_encounter() -> None:
    plan = replace(layered_plan(), limits=Limits(min_separation_m=250.0, min_vertical_separation_m=20.0))
    patrol = Patrol(plan, params=ControlParams(launch_patience_s=0.0)).fly()
    assert 1 <= len(patrol.alerts("separation")) <= 3
    assert patrol.control.min_separation_m is not None
    assert patrol.control.min_separation_m < 250


def test_recall_brings_everyone_home_and_waits_until_they_are_disarmed() -> None:
    patrol = Patrol(layered_plan()).fly(at={200.0: Recall()})
    assert patrol.control.airborne == ()
    # Two of them land at one base, one after the other.
    assert patrol.fleet.now_s == pytest.approx(200 + 2 * RTL_S, abs=5)
    states = [change.state for change in patrol.told(PatrolStateChanged)]
    assert states[-2:] == [PatrolState.RECALLING, PatrolState.FINISHED]
    assert [view.final for view in patrol.control.progress(0.0)] == [FinalState.HOME_DISARMED] * 3


def test_drones_called_to_one_base_come_down_one_after_the_other_and_wait_in_the_air() -> None:
    patrol = Patrol(layered_plan()).fly(at={200.0: Recall()})
    asked = {drone: [name for _, name, who in patrol.fleet.asked if who == drone][2:] for drone in (ALD_1, ALD_2, BRE_1)}
    first, second = sorted((ALD_1, ALD_2), key=lambda drone: patrol.fleet.when("recall", drone))
    assert asked == {first: ["recall"], second: ["pause", "recall"], BRE_1: ["recall"]}
    (down_s,) = [event.at_s for event in patrol.told(Disarmed) if event.drone == first]
    assert patrol.fleet.when("recall", second)[0] >= down_s
    notes = {view.note for view in patrol.told(DroneProgress) if view.drone == second}
    assert f"waits until {first} has landed" in notes


def test_drone_short_of_battery_does_not_wait_to_come_home() -> None:
    patrol = Patrol(layered_plan(), {ALD_1: Behaviour(battery_pct_per_s=0.45), ALD_2: Behaviour(battery_pct_per_s=0.65)})
    patrol.fly(at={200.0: Recall()})
    assert patrol.fleet.when("recall", ALD_1) == patrol.fleet.when("recall", ALD_2)


def test_recall_while_uploading_calls_the_patrol_off() -> None:
    patrol = Patrol(layered_plan()).fly(at={2.0: Recall()})
    assert patrol.fleet.asked == []


def test_recall_of_a_drone_that_is_arming_stops_its_launch() -> None:
    patrol = Patrol(only(layered_plan(), ALD_1), {ALD_1: Behaviour(arming_s=30.0)}).fly(at={20.0: Recall()}, until_s=500.0)
    assert patrol.control.finished
    assert patrol.told(Airborne) == []


def test_recall_that_got_no_answer_is_repeated() -> None:
    patrol = Patrol(only(layered_plan(), ALD_1), {ALD_1: Behaviour(ignores_recalls=2)}).fly(at={200.0: Recall()})
    assert len(patrol.fleet.when("recall", ALD_1)) == 3
    assert len(patrol.alerts("recall")) == 2
    assert patrol.control.programmes[ALD_1].outcome() is FinalState.HOME_DISARMED


def test_recall_of_one_drone_leaves_the_others_flying_and_the_patrol_fails() -> None:
    patrol = Patrol(layered_plan()).fly(at={200.0: Recall(scope=TheseDrones(drones=(BRE_1,)))})
    assert len(patrol.fleet.when("launch", BRE_1)) == 1
    assert [name for _, name, drone in patrol.fleet.asked if drone == ALD_1] == ["upload", "launch"]
    assert not patrol.flown


def test_land_of_a_nation_puts_its_drones_down_where_they_are() -> None:
    patrol = Patrol(layered_plan()).fly(at={200.0: Land(scope=OfNation(nation="ALD"))})
    finals = {view.drone: view.final for view in patrol.control.progress(0.0)}
    assert finals == {ALD_1: FinalState.LANDED_AWAY, ALD_2: FinalState.LANDED_AWAY, BRE_1: FinalState.HOME_DISARMED}
    assert {alert.drone for alert in patrol.alerts("landed_away")} == {ALD_1, ALD_2}


def test_drone_that_comes_down_away_from_home_flies_no_further_sortie() -> None:
    elsewhere = LatLon(lat_deg=47.51, lon_deg=19.0)
    patrol = Patrol(layered_plan(), {BRE_1: Behaviour(lands_at=elsewhere)}).fly()
    assert patrol.control.programmes[BRE_1].outcome() is FinalState.LANDED_AWAY
    assert len(patrol.fleet.when("launch", BRE_1)) == 1


def test_pause_of_everyone_stops_the_patrols_clock() -> None:
    plain = Patrol(layered_plan()).fly()
    paused = Patrol(layered_plan()).fly(at={200.0: Pause(), 300.0: Continue()})
    assert len(paused.fleet.when("pause", ALD_1)) == len(paused.fleet.when("resume", ALD_1)) == 1
    assert paused.fleet.when("launch", BRE_1)[1] == pytest.approx(plain.fleet.when("launch", BRE_1)[1] + 100, abs=3)
    assert paused.flown


def test_paused_drone_on_the_ground_is_not_launched_until_continued() -> None:
    scope = TheseDrones(drones=(ALD_2,))
    patrol = Patrol(layered_plan()).fly(at={20.0: Pause(scope=scope), 150.0: Continue(scope=scope)})
    assert patrol.fleet.when("pause", ALD_2) == []
    assert 150 <= patrol.fleet.when("launch", ALD_2)[0] <= 155


def test_foreign_mode_change_stops_the_automation_of_that_drone_only() -> None:
    patrol = Patrol(layered_plan(), {ALD_1: Behaviour(taken_at_s=200.0)}).fly(until_s=3000.0)
    assert patrol.phase(ALD_1) is DronePhase.HELD
    assert not patrol.control.programmes[ALD_1].automatic
    assert [alert.drone for alert in patrol.alerts("foreign_mode")] == [ALD_1]
    assert [name for at_s, name, drone in patrol.fleet.asked if drone == ALD_1 and at_s > 200] == []
    assert patrol.phase(BRE_1) is DronePhase.DONE
    assert not patrol.control.finished


def test_recall_does_not_fight_a_pilot() -> None:
    patrol = Patrol(only(layered_plan(), ALD_1), {ALD_1: Behaviour(taken_at_s=200.0)})
    patrol.fly(at={210.0: Recall()}, until_s=400.0)
    assert patrol.fleet.when("recall", ALD_1) == []
    assert "other hands" in patrol.alerts("recall")[0].text


def test_drone_that_is_handed_back_in_the_air_continues_its_sortie() -> None:
    at: dict[float, Intent] = {300.0: HandBack(), 310.0: Continue()}
    patrol = Patrol(only(layered_plan(), ALD_1), {ALD_1: Behaviour(taken_at_s=200.0)}).fly(at=at)
    assert len(patrol.fleet.when("hand_back", ALD_1)) == len(patrol.fleet.when("resume", ALD_1)) == 1
    assert patrol.flown


def test_silence_in_the_air_is_an_alert_and_the_patrol_goes_on_when_it_ends() -> None:
    patrol = Patrol(layered_plan(), {BRE_1: Behaviour(silent_from_s=300.0, silent_to_s=330.0)}).fly()
    assert [alert.drone for alert in patrol.alerts("link")] == [BRE_1]
    assert patrol.control.programmes[BRE_1].outcome() is FinalState.HOME_DISARMED


def test_drone_is_lost_when_it_should_be_down_and_was_not_heard_again() -> None:
    patrol = Patrol(layered_plan(), {BRE_1: Behaviour(silent_from_s=300.0)}).fly()
    assert patrol.control.programmes[BRE_1].outcome() is FinalState.LOST
    planned_end_s = layered_plan().sorties_of(BRE_1)[0].end_s
    assert patrol.alerts("lost")[0].at_s > planned_end_s + ControlParams().lost_after_s


def test_recalled_drone_that_could_not_hear_is_called_again_when_it_is_back() -> None:
    behaviours = {ALD_1: Behaviour(silent_from_s=150.0, silent_to_s=250.0, ignores_recalls=1)}
    patrol = Patrol(only(layered_plan(), ALD_1), behaviours).fly(at={200.0: Recall()})
    assert patrol.fleet.when("recall", ALD_1)[-1] >= 250.0
    assert patrol.control.programmes[ALD_1].outcome() is FinalState.HOME_DISARMED


def test_drone_that_falls_silent_on_the_ground_does_not_keep_the_patrol_waiting() -> None:
    patrol = Patrol(layered_plan(), {BRE_1: Behaviour(silent_from_s=700.0)}).fly()
    assert patrol.phase(BRE_1) is DronePhase.HELD
    assert patrol.control.finished


def test_drone_that_hangs_in_the_air_far_too_long_is_called_home() -> None:
    patrol = Patrol(only(layered_plan(), ALD_1), {ALD_1: Behaviour(slowness=50.0)}).fly()
    assert len(patrol.alerts("overdue")) == 1
    assert patrol.control.programmes[ALD_1].outcome() is FinalState.HOME_DISARMED
    assert not patrol.flown


def test_low_battery_is_told_once_and_once_more_when_it_gets_critical() -> None:
    patrol = Patrol(only(layered_plan(), ALD_1), {ALD_1: Behaviour(battery_pct_per_s=0.17)}).fly()
    assert [alert.level.value for alert in patrol.alerts("battery")] == ["warning", "critical"]


def test_shutdown_brings_everyone_home_first() -> None:
    patrol = Patrol(layered_plan()).fly(at={200.0: Shutdown()})
    assert patrol.control.airborne == ()


def test_shutdown_that_leaves_drones_flying_ends_at_once() -> None:
    patrol = Patrol(layered_plan()).fly(at={200.0: Shutdown(leave_flying=True)})
    assert patrol.fleet.now_s <= 200.0 + STEP_S
    assert patrol.control.airborne == (ALD_1, ALD_2, BRE_1)
    assert patrol.fleet.when("recall", ALD_1) == []
    assert {programme.outcome() for programme in patrol.control.programmes.values()} == {FinalState.FLYING}


def test_shutdown_before_any_start_interrupts_nothing() -> None:
    patrol = Patrol(layered_plan()).run(at={20.0: Shutdown()})
    assert patrol.control.finished
    assert patrol.fleet.asked == []


def test_by_intent_one_drone_is_uploaded_and_launched_while_the_others_stay() -> None:
    scope = TheseDrones(drones=(ALD_2,))
    patrol = Patrol(layered_plan()).run(at={10.0: Upload(scope=scope), 20.0: Launch(scope=scope)}, until_s=2000.0)
    assert {drone for _, _, drone in patrol.fleet.asked} == {ALD_2}
    assert patrol.fleet.when("launch", ALD_2)[0] == pytest.approx(20.0, abs=3)
    assert patrol.phase(ALD_2) in (DronePhase.READY, DronePhase.DONE)


def test_control_is_busy_while_a_drone_is_in_the_air_or_has_more_to_fly() -> None:
    patrol = Patrol(layered_plan())
    assert not patrol.control.is_busy
    patrol.run(until_s=8.0)
    assert not patrol.control.is_busy
    scope = TheseDrones(drones=(BRE_1,))
    patrol.run(at={10.0: Upload(scope=scope), 20.0: Launch(scope=scope)}, until_s=100.0)
    assert patrol.control.is_busy
    patrol.run(until_s=800.0)
    assert not patrol.control.is_busy
    patrol.run(at={810.0: Start()}, until_s=820.0)
    assert patrol.control.is_busy


def test_start_after_manual_uploads_uploads_only_the_rest() -> None:
    patrol = Patrol(layered_plan()).run(at={10.0: Upload(scope=OfNation(nation="ALD")), 20.0: Start()})
    assert len(patrol.fleet.when("upload", ALD_1)) == 1
    assert patrol.flown


@pytest.mark.parametrize(
    ("intent", "reason"),
    [
        (Recall(scope=OfNation(nation="XYZ")), "no nation XYZ"),
        (Recall(scope=TheseDrones(drones=("nobody",))), "no drone nobody"),
        (Recall(scope=TheseDrones(drones=())), "nobody"),
        (Launch(), "no verified mission"),
        (Continue(), "not paused"),
        (HandBack(), "in our hands"),
        (Recall(), "on the ground"),
    ],
)
def test_intent_that_makes_no_sense_is_refused_with_the_reason(intent: Recall, reason: str) -> None:
    patrol = Patrol(layered_plan()).run(at={10.0: intent}, until_s=12.0)
    assert reason in patrol.told(IntentRefused)[0].reason
    assert patrol.told(IntentTaken) == []
    assert patrol.fleet.asked == []


def test_start_twice_is_refused() -> None:
    patrol = Patrol(layered_plan()).fly(at={1.0: Start()}, until_s=5.0)
    assert "started already" in patrol.told(IntentRefused)[0].reason


def test_progress_counts_lanes_and_tells_the_leg() -> None:
    patrol = Patrol(only(layered_plan(), BRE_1)).fly()
    views = patrol.told(DroneProgress)
    assert list(dict.fromkeys(view.lanes_done for view in views)) == list(range(7))
    assert views[-1].lanes_total == 6
    assert {view.leg.value for view in views if view.leg} >= {"TAKEOFF", "SWEEP", "TURN", "TRANSIT"}


def test_eta_reckons_with_the_delay_of_the_drone() -> None:
    plan = only(layered_plan(), ALD_1)
    patrol = Patrol(plan, {ALD_1: Behaviour(slowness=1.2)}).fly()
    last = [view.eta_s for view in patrol.told(DroneProgress) if view.eta_s is not None][-1]
    assert last > plan.sorties[0].end_s + 50


def test_alerts_of_the_bridge_are_kept_for_those_who_attach_late() -> None:
    patrol = Patrol(layered_plan())
    alert = Alert(drone=ALD_1, at_s=1.0, level="warning", rule="fence", text="breached")  # type: ignore[arg-type]
    patrol.control.handle_event(alert, 1.0)
    assert patrol.control.alerts == (alert,)


def test_everyone_is_the_scope_when_none_is_named() -> None:
    assert Recall().scope == EVERYONE
