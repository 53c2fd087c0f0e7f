"""The account of a flight is what its events prove, no more: coverage, effort, separation, verdict."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from random import Random

import pytest
import shapely

from mavlink_bridge.events import (
    Alert,
    AlertLevel,
    Connected,
    LaneFinished,
    LinkLost,
    LinkRestored,
    ModeChanged,
    Returning,
    SessionCrashed,
    Telemetry,
    Uploaded,
    UploadOutcome,
)
from missions.control.messages import (
    FinalState,
    IntentTaken,
    PatrolEnded,
    PatrolEvent,
    PatrolState,
    PatrolStateChanged,
    Shutdown,
    Verdict,
)
from missions.report.account import DroneAccount, FlightAccount
from missions.report.document import report_bytes
from missions.report.energy import EnergySource
from missions.report.params import ReportParams
from missions.report.reckoning import reckon
from planner.coverage import planned_coverage
from planner.geo import Geographic, LatLon, geodesic_m
from planner.model import LegKind, Plan, Rule, Violation
from tests.missions.report.sample_flight import HOVER_A, VOLTS, ZERO_S, FlightOptions, fly
from tests.missions.sample_patrol import LANE_SPACING_M, sample_plan

#: A degree of latitude, near enough to displace a drone by.
METRES_A_DEGREE = 111_200.0


@pytest.fixture(scope="module")
def plan() -> Plan:
    return sample_plan()


def account_of(plan: Plan, events: list[PatrolEvent], violations: tuple[Violation, ...] = ()) -> FlightAccount:
    return reckon(plan, "0" * 64, events, violations, ReportParams())


def flown(plan: Plan, options: FlightOptions) -> FlightAccount:
    return account_of(plan, fly(plan, options))


def changed(events: list[PatrolEvent], change: Callable[[PatrolEvent], PatrolEvent | None]) -> list[PatrolEvent]:
    return [new for new in map(change, events) if new is not None]


def drone(account: FlightAccount, name: str) -> DroneAccount:
    return next(each for each in account.drones if each.drone == name)


def test_a_flight_that_keeps_the_plan_passes_and_covers_what_was_promised(plan: Plan) -> None:
    account = flown(plan, FlightOptions())
    assert (account.verdict, account.reasons, account.violations) == (Verdict.PASS, (), ())
    assert account.flown.coverage == pytest.approx(planned_coverage(plan).coverage, abs=1e-4)
    assert account.duration_s == pytest.approx(plan.sorties[-1].end_s + 3.0)
    assert account.missed.promised_m2 == 0.0


def test_a_lane_that_was_not_flown_is_missed_where_it_lies(plan: Plan) -> None:
    account = flown(plan, FlightOptions(skipped_lanes=frozenset({"ALD-1"})))
    lane = next(lane for lane in plan.lanes if lane.id == "ALD-1")
    piece = account.missed.pieces[0]
    assert piece.promised
    assert piece.nations == ("ALD",)
    assert piece.area_m2 == pytest.approx(LANE_SPACING_M * geodesic_m(lane.start, lane.end), rel=1e-3)
    assert piece.length_m == pytest.approx(geodesic_m(lane.start, lane.end), rel=1e-3)
    assert geodesic_m(lane.start, piece.place) + geodesic_m(piece.place, lane.end) < geodesic_m(lane.start, lane.end) + 20
    assert account.verdict is Verdict.FAIL
    assert [violation.rule for violation in account.violations] == [Rule.COVERAGE]


def test_what_the_plan_left_out_is_told_apart_from_what_the_flight_missed(plan: Plan) -> None:
    account = flown(plan, FlightOptions())
    assert [piece.promised for piece in account.missed.pieces] == [False]
    # the band of uncertainty along the border: 4 m wide, 600 m long
    assert account.missed.left_out_m2 == pytest.approx(2400, rel=0.01)


def test_pieces_that_are_not_listed_are_smaller_than_those_that_are(plan: Plan) -> None:
    options = FlightOptions(skipped_lanes=frozenset({"ALD-1", "BRE-4"}))
    account = reckon(plan, "", fly(plan, options), (), replace(ReportParams(), listed_pieces=2))
    assert [piece.promised for piece in account.missed.pieces] == [True, True]
    assert account.missed.others == 1
    assert account.missed.others_m2 == pytest.approx(2400, rel=0.01)


def test_only_telemetry_between_a_lanes_start_and_end_counts(plan: Plan) -> None:
    every_lane = frozenset(lane.id for lane in plan.lanes)
    assert flown(plan, FlightOptions(skipped_lanes=every_lane)).flown.coverage == 0.0


def test_silence_is_not_taken_for_seeing(plan: Plan) -> None:
    first = next(leg for leg in plan.sorties[0].legs if leg.kind is LegKind.SWEEP)
    silent = (first.start_s + 20, first.start_s + 50)
    account = flown(plan, FlightOptions(gets_through=lambda name, at_s: name != "ald-west-1" or not silent[0] < at_s < silent[1]))
    speed_mps = geodesic_m(first.start, first.end) / (first.end_s - first.start_s)
    assert account.missed.promised_m2 == pytest.approx(30 * speed_mps * LANE_SPACING_M, rel=0.03)


def test_a_short_gap_is_bridged(plan: Plan) -> None:
    account = flown(plan, FlightOptions(gets_through=lambda _, at_s: at_s % 20 > 4))
    # but for the corners that the bridges cut
    assert account.flown.coverage == pytest.approx(account.planned.coverage, abs=5e-3)


def test_a_track_beside_the_lanes_covers_less(plan: Plan) -> None:
    aside_deg = 30 / METRES_A_DEGREE
    account = flown(plan, FlightOptions(displaced_deg=lambda name, _: (aside_deg if name.startswith("bre") else 0.0, 0.0)))
    # the whole eastern half moved north by 30 m of its 600 m
    assert account.flown.nation_coverage["BRE"] == pytest.approx(0.998 - 30 / 600, abs=0.002)
    assert account.flown.nation_coverage["ALD"] == pytest.approx(0.998, abs=0.001)


def test_jitter_of_the_receiver_moves_coverage_by_less_than_a_percent(plan: Plan) -> None:
    dice = Random(7)

    def jitter(_name: str, _at_s: float) -> tuple[float, float]:
        return dice.gauss(0, 0.3) / METRES_A_DEGREE, dice.gauss(0, 0.3) / METRES_A_DEGREE

    account = flown(plan, FlightOptions(displaced_deg=jitter))
    assert account.flown.coverage == pytest.approx(account.planned.coverage, abs=0.01)


def test_a_jump_of_the_receiver_covers_nothing(plan: Plan) -> None:
    far_deg = 400 / METRES_A_DEGREE
    calm = flown(plan, FlightOptions(skipped_lanes=frozenset({"ALD-1"})))
    jumpy = flown(
        plan, FlightOptions(skipped_lanes=frozenset({"ALD-1"}), displaced_deg=lambda _, at_s: (far_deg if at_s % 30 == 0 else 0.0, 0.0))
    )
    assert jumpy.flown.coverage <= calm.flown.coverage + 1e-6
    assert jumpy.flown.coverage > calm.flown.coverage - 0.02
    assert drone(jumpy, "ald-west-1").flown.length_m < 1.02 * drone(calm, "ald-west-1").flown.length_m


def test_what_a_pilot_flies_by_hand_is_not_swept(plan: Plan) -> None:
    first = next(leg for leg in plan.sorties[0].legs if leg.kind is LegKind.SWEEP)
    by_hand = [
        ModeChanged(drone="ald-west-1", at_s=ZERO_S + first.start_s + 20, mode=5, name="LOITER", ours=False),
        ModeChanged(drone="ald-west-1", at_s=ZERO_S + first.start_s + 50, mode=3, name="AUTO", ours=True),
    ]
    account = account_of(plan, sorted([*fly(plan), *by_hand], key=lambda event: event.at_s))
    speed_mps = geodesic_m(first.start, first.end) / (first.end_s - first.start_s)
    assert account.missed.promised_m2 == pytest.approx(30 * speed_mps * LANE_SPACING_M, rel=0.03)


def test_a_lane_that_was_broken_off_counts_as_far_as_it_was_flown(plan: Plan) -> None:
    first = next(leg for leg in plan.sorties[0].legs if leg.kind is LegKind.SWEEP)
    half_s = ZERO_S + (first.start_s + first.end_s) / 2

    def broken_off(event: PatrolEvent) -> PatrolEvent | None:
        if isinstance(event, LaneFinished) and event.lane == first.lane:
            return Returning(drone=event.drone, at_s=half_s, reason="recalled")
        return event

    account = account_of(plan, sorted(changed(fly(plan), broken_off), key=lambda event: event.at_s))
    half_m2 = LANE_SPACING_M * geodesic_m(first.start, first.end) / 2
    assert account.missed.promised_m2 == pytest.approx(half_m2, rel=0.01)


def test_two_drones_too_close_are_a_violation_with_place_and_time(plan: Plan) -> None:
    # the second drone of the west flies a minute later; 190 m further south it is 10 m north of the first one's lanes, late
    south_deg = -290 / METRES_A_DEGREE
    account = flown(plan, FlightOptions(displaced_deg=lambda name, _: (south_deg if name == "ald-west-2" else 0.0, 0.0)))
    losses = [violation for violation in account.violations if violation.rule is Rule.SEPARATION]
    assert [violation.subject for violation in losses] == ["ald-west-1 and ald-west-2"]
    assert account.min_separation_m is not None
    assert account.min_separation_m < 49
    assert losses[0].amount == pytest.approx(50 - account.min_separation_m)
    assert losses[0].lat_deg == pytest.approx(47.4987, abs=0.001)
    assert 60 < (losses[0].at_s or 0) < 600
    assert account.verdict is Verdict.FAIL


def test_drones_one_above_the_other_do_not_lose_separation(plan: Plan) -> None:
    south_deg = -290 / METRES_A_DEGREE
    account = flown(
        plan,
        FlightOptions(
            displaced_deg=lambda name, _: (south_deg if name == "ald-west-2" else 0.0, 0.0),
            height_m=lambda name: 30.0 if name == "ald-west-2" else 0.0,
        ),
    )
    assert Rule.SEPARATION not in {violation.rule for violation in account.violations}


def test_hours_and_metres_are_those_of_the_legs(plan: Plan) -> None:
    account = flown(plan, FlightOptions())
    for each in account.drones:
        assert each.flown.time_s == pytest.approx(each.planned.time_s, abs=0.1)
        assert each.flown.length_m == pytest.approx(each.planned.length_m, rel=0.005)
    for nation in account.nations:
        own = [each for each in account.drones if each.nation == nation.nation]
        assert nation.flown.length_m == pytest.approx(sum(each.flown.length_m for each in own))


def test_energy_is_volts_times_amperes_over_the_armed_time(plan: Plan) -> None:
    each = drone(flown(plan, FlightOptions()), "ald-west-1")
    armed_s = plan.sorties[0].end_s + 3.0 - (plan.sorties[0].start_s - 2.0)
    assert each.flown.energy.source is EnergySource.POWER
    assert each.flown.energy.wh == pytest.approx(VOLTS * HOVER_A * armed_s / 3600, rel=0.01)


def test_energy_is_charge_times_volts_when_no_current_is_told(plan: Plan) -> None:
    def counted(event: PatrolEvent) -> PatrolEvent:
        if not isinstance(event, Telemetry):
            return event
        drawn_mah = round(HOVER_A * (event.at_s - ZERO_S) / 3.6) % 60_000
        return replace(event, state=replace(event.state, battery_a=None, battery_consumed_mah=drawn_mah))

    each = drone(account_of(plan, changed(fly(plan), counted)), "ald-west-1")
    assert each.flown.energy.source is EnergySource.CHARGE
    assert each.flown.energy.wh == pytest.approx(VOLTS * HOVER_A * plan.sorties[0].end_s / 3600, rel=0.01)


def test_energy_is_modelled_and_says_so_when_the_battery_is_silent(plan: Plan) -> None:
    account = flown(plan, FlightOptions(battery_speaks=False))
    each = drone(account, "bre-east-1")
    assert each.flown.energy.source is EnergySource.MODEL
    assert each.flown.energy.wh == pytest.approx(each.planned.energy.wh, rel=0.02)
    assert {(alert.drone, alert.rule) for alert in account.alerts} == {(name.id, "energy") for name in plan.drones}
    assert account.verdict is Verdict.PASS


@pytest.mark.parametrize("outcome", [UploadOutcome.FAILED, UploadOutcome.UNKNOWN])
def test_an_upload_that_was_not_verified_fails_the_patrol(plan: Plan, outcome: UploadOutcome) -> None:
    account = flown(plan, FlightOptions(upload=outcome))
    assert {each.upload for each in account.drones} == {outcome}
    assert account.verdict is Verdict.FAIL


def test_the_last_outcome_of_an_upload_counts(plan: Plan) -> None:
    failed = Uploaded(drone="ald-west-1", at_s=ZERO_S - 30, outcome=UploadOutcome.FAILED, sortie="ald-west-1.1", reason="no answer")
    account = account_of(plan, sorted([*fly(plan), failed], key=lambda event: event.at_s))
    assert drone(account, "ald-west-1").upload is UploadOutcome.VERIFIED


def test_sorties_that_were_never_begun_say_nothing_of_the_upload_but_fail_the_patrol(plan: Plan) -> None:
    account = account_of(plan, fly(plan, FlightOptions(ends_s=900.0)))
    each = drone(account, "bre-east-1")
    assert (each.upload, each.sorties_flown, each.sorties_planned) == (UploadOutcome.VERIFIED, 1, 2)
    assert "bre-east-1: flew 1 of 2 sorties" in account.reasons


def test_a_sortie_that_was_flown_without_an_upload_leaves_the_drones_upload_unknown(plan: Plan) -> None:
    events = [event for event in fly(plan) if not (isinstance(event, Uploaded) and event.sortie == "bre-east-1.2")]
    assert drone(account_of(plan, events), "bre-east-1").upload is UploadOutcome.UNKNOWN


def test_a_drone_that_was_never_heard_is_lost(plan: Plan) -> None:
    events = [event for event in fly(plan) if getattr(event, "drone", "") != "ald-west-2"]
    each = drone(account_of(plan, events), "ald-west-2")
    assert (each.final, each.upload, each.sorties_flown) == (FinalState.LOST, UploadOutcome.UNKNOWN, 0)


def test_a_log_that_ends_in_flight_leaves_the_drone_flying_and_one_that_fell_silent_lost(plan: Plan) -> None:
    cut = fly(plan, FlightOptions(ends_s=300.0))
    assert drone(account_of(plan, cut), "ald-west-1").final is FinalState.FLYING
    silent = [*cut, LinkLost(drone="ald-west-1", at_s=ZERO_S + 300, silent_s=5.0)]
    assert drone(account_of(plan, silent), "ald-west-1").final is FinalState.LOST
    again = [*silent, LinkRestored(drone="ald-west-1", at_s=ZERO_S + 310)]
    assert drone(account_of(plan, again), "ald-west-1").final is FinalState.FLYING


def test_landing_far_from_its_bases_is_landed_away(plan: Plan) -> None:
    away_deg = 60 / METRES_A_DEGREE
    account = flown(plan, FlightOptions(displaced_deg=lambda name, at_s: (away_deg if name == "bre-east-1" and at_s > 500 else 0.0, 0.0)))
    assert drone(account, "bre-east-1").final is FinalState.LANDED_AWAY
    assert "bre-east-1: landed away" in account.reasons


@pytest.mark.parametrize(
    "event",
    [
        PatrolStateChanged(at_s=ZERO_S + 400, state=PatrolState.RECALLING, patrol_s=400.0),
        IntentTaken(at_s=ZERO_S + 400, intent=Shutdown(leave_flying=True)),
        PatrolEnded(at_s=ZERO_S + 3000, verdict=Verdict.INTERRUPTED),
    ],
)
def test_a_patrol_that_was_called_off_is_interrupted(plan: Plan, event: PatrolEvent) -> None:
    assert account_of(plan, [*fly(plan), event]).verdict is Verdict.INTERRUPTED


def test_violations_of_the_plan_fail_the_patrol_and_are_listed(plan: Plan) -> None:
    broken = Violation(rule=Rule.AIRSPACE, subject="ald-west-1.1", amount=3.0, unit="m", text="over the border")
    account = account_of(plan, fly(plan), (broken,))
    assert account.verdict is Verdict.FAIL
    assert account.violations == (broken,)


def test_times_count_from_the_first_take_off_when_the_log_does_not_tell(plan: Plan) -> None:
    account = account_of(plan, [event for event in fly(plan) if not isinstance(event, PatrolStateChanged)])
    assert account.zero_s == pytest.approx(ZERO_S)
    times = {times.sortie: times.flown for times in account.sorties}
    assert times["ald-west-2.1"][0] == pytest.approx((60.0, plan.sorties[1].end_s))


def test_alerts_are_told_in_patrol_seconds_and_a_crash_of_ours_is_one(plan: Plan) -> None:
    raised: list[PatrolEvent] = [
        Alert(drone="ald-west-1", at_s=ZERO_S + 12, level=AlertLevel.WARNING, rule="battery", text="low"),
        SessionCrashed(drone="ald-west-1", at_s=ZERO_S + 13, text="KeyError"),
    ]
    alerts = account_of(plan, [*fly(plan), *raised]).alerts
    assert [(alert.at_s, alert.level, alert.rule) for alert in alerts] == [
        (12.0, AlertLevel.WARNING, "battery"),
        (13.0, AlertLevel.CRITICAL, "session"),
    ]


def test_drones_that_the_plan_does_not_have_are_ignored(plan: Plan) -> None:
    state = next(event.state for event in fly(plan) if isinstance(event, Telemetry))
    strangers: list[PatrolEvent] = [Connected(drone="stranger", at_s=2.0, system_id=9), Telemetry(drone="stranger", at_s=3.0, state=state)]
    assert account_of(plan, [*strangers, *fly(plan)]).drones == account_of(plan, fly(plan)).drones


def test_a_flight_across_the_antimeridian_is_accounted_like_any_other() -> None:
    plan = sample_plan(middle=LatLon(lat_deg=-16.8, lon_deg=180.0))

    def in_the_world(event: PatrolEvent) -> PatrolEvent:
        if not isinstance(event, Telemetry) or event.state.position is None:
            return event
        place = event.state.position
        wrapped = LatLon(lat_deg=place.lat_deg, lon_deg=(place.lon_deg + 180) % 360 - 180)
        return replace(event, state=replace(event.state, position=wrapped))

    account = account_of(plan, changed(fly(plan), in_the_world))
    assert account.flown.coverage == pytest.approx(account.planned.coverage, abs=1e-3)
    assert account.verdict is Verdict.PASS


def test_a_flight_without_telemetry_proves_nothing_but_that_it_took_place(plan: Plan) -> None:
    account = account_of(plan, [event for event in fly(plan) if not isinstance(event, Telemetry)])
    assert account.flown.coverage == 0.0
    assert drone(account, "ald-west-1").flown.length_m == 0.0
    assert drone(account, "ald-west-1").flown.time_s == pytest.approx(plan.sorties[0].end_s)
    assert {each.final for each in account.drones} == {FinalState.LOST}


def test_a_flight_that_saw_everything_missed_nothing(plan: Plan) -> None:
    inside = Geographic(shapely.box(18.990, 47.4978, 18.995, 47.4979))
    account = account_of(replace(plan, coverable=inside), fly(plan))
    assert account.flown.coverage == 1.0
    assert account.missed.pieces == ()
    assert json.loads(report_bytes(account))["coverage"]["missed"] == {"type": "MultiPolygon", "coordinates": []}


def test_nothing_flown_at_all_is_told_without_fuss(plan: Plan) -> None:
    account = account_of(plan, [])
    assert (account.flown.coverage, account.duration_s, account.min_separation_m) == (0.0, 0.0, None)
    assert {each.final for each in account.drones} == {FinalState.LOST}
    assert account.verdict is Verdict.FAIL
