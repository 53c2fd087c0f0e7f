"""Plans that are changed while they are flown: what others take over is legal, and what nobody can is named."""

from __future__ import annotations

from dataclasses import replace

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.geo import LocalFrame, geodesic_m
from planner.model import KeepOut, LegKind, Permission, Plan, Rule
from planner.replanning.flown_so_far import InTheAir, Progress
from planner.replanning.replan import replan
from planner.timetable.sortie_names import first_version, further_number, next_version
from tests.missions.sample_patrol import sample_plan

ALD_1, ALD_2, BRE_1 = "ald-west-1", "ald-west-2", "bre-east-1"
PLAN = replace(sample_plan(), min_coverage=0.0)


def progress_at(now_s: float, plan: Plan = PLAN) -> Progress:
    begun = frozenset(sortie.id for sortie in plan.sorties if sortie.start_s <= now_s)
    swept = frozenset(leg.lane for sortie in plan.sorties for leg in sortie.legs if leg.lane is not None and leg.end_s <= now_s)
    return Progress(now_s=now_s, begun=begun, swept=swept)


def lanes_of(plan: Plan, drone: str) -> list[str]:
    return [leg.lane for sortie in plan.sorties_of(drone) for leg in sortie.legs if leg.lane is not None]


def hole(east_m: float, north_m: float, radius_m: float = 60.0) -> KeepOut:
    frame = LocalFrame.around([PLAN.area])
    middle = frame.to_local(PLAN.area).centroid
    disc = shapely.Point(middle.x + east_m, middle.y + north_m).buffer(radius_m)
    return KeepOut(id="accident", polygon=frame.to_geographic(disc), buffer_m=10.0)


def test_plan_that_nothing_happened_to_stays_as_it_is() -> None:
    again = replan(PLAN, progress_at(100.0))
    assert set(again.sorties) == set(PLAN.sorties)
    assert set(again.lanes) == set(PLAN.lanes)


def test_lanes_of_a_drone_that_never_took_off_go_to_its_own_nation() -> None:
    plan = replan(PLAN, progress_at(30.0), withdrawn=[ALD_2])
    assert plan.violations == ()
    assert plan.sorties_of(ALD_2) == ()
    assert plan.sorties_of(BRE_1) == PLAN.sorties_of(BRE_1)
    kept, *further = plan.sorties_of(ALD_1)
    assert kept == PLAN.sorties_of(ALD_1)[0]
    assert sum(leg.kind is LegKind.SWEEP for sortie in further for leg in sortie.legs) == 3
    assert further[0].start_s >= kept.end_s + PLAN.drone_types[0].battery_swap_s
    assert plan.result.coverage == pytest.approx(PLAN.result.coverage, abs=1e-3)
    assert plan.unreachable == PLAN.unreachable


def test_what_a_withdrawn_drone_swept_stays_swept_and_the_rest_is_taken_over() -> None:
    sortie = PLAN.sorties_of(ALD_1)[0]
    first, second, third = (leg for leg in sortie.legs if leg.lane is not None)
    now_s = (second.start_s + second.end_s) / 2
    plan = replan(PLAN, progress_at(now_s), withdrawn=[ALD_1])
    assert plan.violations == ()
    assert lanes_of(plan, ALD_1) == [first.lane]
    (broken,) = plan.sorties_of(ALD_1)
    assert (broken.id, broken.start_s) == (sortie.id, sortie.start_s)
    assert {second.lane, third.lane}.isdisjoint(lane.id for lane in plan.lanes)
    assert len(lanes_of(plan, ALD_2)) == 3 + 2


def test_lane_that_was_broken_off_is_begun_again_a_few_metres_before_the_last_covered_point() -> None:
    sortie = PLAN.sorties_of(ALD_1)[0]
    leg = next(leg for leg in sortie.legs if leg.lane is not None)
    assert leg.lane is not None
    frame = LocalFrame.around([PLAN.area])
    start, end = frame.point_to_local(leg.start.ground), frame.point_to_local(leg.end.ground)
    stopped = frame.point_to_geographic(east_m=(start[0] + end[0]) / 2, north_m=(start[1] + end[1]) / 2)
    now = replace(progress_at((leg.start_s + leg.end_s) / 2), stopped={leg.lane: stopped}, broken_off=frozenset({sortie.id}))
    plan = replan(PLAN, now)
    assert plan.violations == ()
    broken, *further = plan.sorties_of(ALD_1)
    swept = [each for each in broken.legs if each.lane == leg.lane]
    assert geodesic_m(swept[0].end.ground, stopped) < 0.1
    ends = [point.ground for later in (*further, *plan.sorties_of(ALD_2)) for each in later.legs if each.lane for point in each.points]
    assert min(geodesic_m(point, stopped) for point in ends) == pytest.approx(8.0, abs=0.2)
    assert plan.result.coverage == pytest.approx(PLAN.result.coverage, abs=1e-3)


def test_nation_whose_whole_fleet_is_withdrawn_is_not_flown_over_by_others_and_its_ground_is_named() -> None:
    plan = replan(PLAN, progress_at(0.0), withdrawn=[BRE_1])
    assert plan.violations == ()
    assert {sortie.nation for sortie in plan.sorties} == {"ALD"}
    (left,) = plan.unreachable[len(PLAN.unreachable) :]
    assert BRE_1 in left.reason
    frame = LocalFrame.around([PLAN.area])
    bre = next(sector.polygon for sector in PLAN.sectors if sector.nation == "BRE")
    assert frame.to_local(left.polygon).area == pytest.approx(frame.to_local(bre).area, rel=0.02)


def test_guests_take_over_where_a_permission_lets_them() -> None:
    host = PLAN.nation("BRE")
    consent = Permission(id="help", host="BRE", guest="ALD", polygon=host.territory)
    welcoming = replace(PLAN, permissions=(consent,))
    plan = replan(welcoming, progress_at(0.0, welcoming), withdrawn=[BRE_1])
    assert [violation.rule for violation in plan.violations] == []
    assert plan.result.coverage == pytest.approx(PLAN.result.coverage, abs=5e-3)
    assert len(plan.unreachable) == len(PLAN.unreachable)


def test_nobody_who_has_not_begun_flies_through_what_is_closed() -> None:
    closed = hole(600.0, 0.0)
    plan = replan(PLAN, progress_at(10.0), closed=[closed])
    assert [violation for violation in plan.violations if violation.rule is not Rule.KEEP_OUT] == []
    begun = progress_at(10.0).begun
    assert all(violation.subject.split("/")[0] in begun or any(name in violation.text for name in begun) for violation in plan.violations)
    assert "accident" in plan.unreachable[-1].reason
    assert plan.keep_outs[-1].validity.from_s == 10.0


def test_closed_area_in_the_way_of_a_sortie_that_was_broken_off_is_flown_around() -> None:
    closed = hole(600.0, -100.0)
    now = replace(progress_at(10.0), broken_off=frozenset({"bre-east-1.1"}))
    plan = replan(PLAN, now, closed=[closed])
    assert plan.violations == ()
    assert plan.result.coverage > 0.98


@settings(max_examples=15, deadline=None)
@given(now_s=st.floats(0.0, 1800.0), withdrawn=st.sets(st.sampled_from([ALD_1, ALD_2, BRE_1])))
def test_whoever_drops_out_whenever_the_rest_is_legal(now_s: float, withdrawn: set[str]) -> None:
    plan = replan(PLAN, progress_at(now_s), withdrawn=withdrawn)
    assert plan.violations == ()
    named = len(plan.unreachable) > len(PLAN.unreachable)
    assert named or plan.result.coverage == pytest.approx(PLAN.result.coverage, abs=2e-3)


def in_the_air_at(now_s: float, drone: str, plan: Plan = PLAN) -> Progress:
    """The drone flies, and may go on otherwise after the lane that it is on."""
    sortie = next(sortie for sortie in plan.sorties_of(drone) if sortie.start_s <= now_s < sortie.end_s)
    last_leg = next(place for place, leg in enumerate(sortie.legs) if leg.lane is not None and leg.end_s > now_s)
    return replace(progress_at(now_s, plan), in_the_air={drone: InTheAir(sortie=sortie.id, last_leg=last_leg)})


def test_drone_in_the_air_takes_over_what_is_left_when_that_ends_earlier() -> None:
    now = in_the_air_at(150.0, ALD_1)
    grounded = replan(PLAN, replace(now, in_the_air={}), withdrawn=[ALD_2])
    plan = replan(PLAN, now, withdrawn=[ALD_2])
    (changed,) = plan.sorties_of(ALD_1)
    (before,) = PLAN.sorties_of(ALD_1)
    kept = now.in_the_air[ALD_1].last_leg + 1
    assert changed.id == f"{before.id}-r1"
    assert changed.legs[:kept] == before.legs[:kept]
    assert plan.violations == ()
    assert plan.result.coverage == pytest.approx(PLAN.result.coverage, abs=2e-3)
    assert changed.end_s < max(sortie.end_s for sortie in grounded.sorties_of(ALD_1)) - 60.0


def test_drone_in_the_air_without_endurance_left_is_not_given_more() -> None:
    now = in_the_air_at(150.0, ALD_1)
    tired = replace(now, in_the_air={ALD_1: replace(now.in_the_air[ALD_1], lost_s=1e4)})
    plan = replan(PLAN, tired, withdrawn=[ALD_2])
    assert plan.violations == ()
    first = plan.sorties_of(ALD_1)[0]
    assert len([leg for leg in first.legs if leg.lane]) <= len([leg for leg in PLAN.sorties_of(ALD_1)[0].legs if leg.lane])


def test_nobody_is_disturbed_in_the_air_while_every_lane_is_somebodys() -> None:
    again = replan(PLAN, in_the_air_at(150.0, ALD_1))
    assert set(again.sorties) == set(PLAN.sorties)


def test_sortie_that_is_changed_again_in_the_air_has_yet_another_name() -> None:
    assert next_version(next_version("ald-west-1-s3")) == "ald-west-1-s3-r2"
    assert first_version("ald-west-1-s3-r2") == first_version("ald-west-1-s3") == "ald-west-1-s3"
    assert further_number([replace(PLAN.sorties[0], id="ald-west-1-s3-r7")]) == 4
