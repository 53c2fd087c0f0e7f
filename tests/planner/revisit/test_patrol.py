"""Patrols that go on: every place is seen again in time, by drones, bases and crews as they are, and the checker finds the same gaps."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
import shapely

from planner.check import check_plan, measure_revisits
from planner.model import MissionSpec, Patrol, PatrolKind, Place, Plan, Rule, Sensor, Staff
from planner.pipeline import PlanParams, plan_mission
from tests.planner.missions import HERE, QUAD, mission

WIDE = replace(QUAD, sensor=Sensor(swath_m=140.0))
LASTING = replace(WIDE, endurance_s=1e6, battery_wh=1e6)


def along(length_m: float, drones: int, *patrols: Patrol, **changes: object) -> MissionSpec:
    area = shapely.box(-length_m / 2, -400, length_m / 2, 400)
    spec = mission(area, bases={"A": [(0.0, 130.0)]}, drone_types=(WIDE,), drones_at_base=drones)
    line = HERE.shape(shapely.LineString([(-length_m / 2, 0), (length_m / 2, 0)]))
    usual = Patrol(id="line", kind=PatrolKind.LINE, shape=line, interval_s=1500.0)
    return replace(spec, patrols=patrols or (usual,), **{"min_coverage": 0.0, "duration_s": 9000.0, **changes})  # type: ignore[arg-type]


def planned(spec: MissionSpec) -> Plan:
    return plan_mission(spec, "0" * 64, PlanParams(effort=1))


def test_a_line_without_recharge_waits_little_longer_than_two_lengths_by_all_speeds() -> None:
    plan = planned(along(9_000.0, 3, drone_types=(LASTING,)))

    figures = plan.result.patrols[0]
    assert plan.violations == ()
    assert figures.seen == 1.0
    assert figures.worst_s is not None and figures.reference_s is not None
    assert figures.worst_s <= 1.10 * figures.reference_s


def test_a_line_with_recharge_is_near_the_bound_that_counts_it() -> None:
    plan = planned(along(8_000.0, 4))

    figures = plan.result.patrols[0]
    assert plan.violations == ()
    assert figures.worst_s is not None and figures.bound_s is not None
    assert figures.bound_s <= figures.worst_s <= 1.25 * figures.bound_s
    assert plan.result.worst_revisit_s == figures.worst_s


def test_the_checker_finds_the_gaps_that_the_plan_states() -> None:
    plan = planned(along(6_000.0, 3))

    for stated, found in zip(plan.result.revisits, measure_revisits(plan), strict=True):
        assert (stated.segment, stated.part) == (found.segment, found.part)
        assert stated.worst_s == pytest.approx(found.worst_s, abs=1.0)
        assert stated.p95_s == pytest.approx(found.p95_s, abs=1.0)
    late = replace(plan, result=replace(plan.result, worst_revisit_s=1.0))
    assert [each.subject for each in check_plan(late)] == ["result.worst_revisit_s"]


def test_an_interval_that_the_fleet_cannot_keep_is_a_violation_that_says_by_how_much() -> None:
    spec = along(8_000.0, 2)
    plan = planned(replace(spec, patrols=(replace(spec.patrols[0], interval_s=300.0),)))

    (found,) = plan.violations
    assert (found.rule, found.subject, found.unit) == (Rule.TIMING, "line", "s")
    assert plan.result.worst_revisit_s == pytest.approx(300 + found.amount, abs=1.0)


def test_random_timing_keeps_the_interval_and_states_its_entropy() -> None:
    spec = along(6_000.0, 4)
    plan = planned(replace(spec, patrols=(replace(spec.patrols[0], random_timing=True),)))

    (figures,) = plan.result.patrols
    assert plan.violations == ()
    assert figures.entropy_bits is not None and figures.entropy_bits > 3
    starts = sorted(sortie.start_s for sortie in plan.sorties)
    assert len({round(b - a) for a, b in pairwise(starts)}) > 4


def test_pads_slots_and_crews_are_kept() -> None:
    spec = along(5_000.0, 4)
    staff = Staff(pads=1, launch_every_s=200.0, crews=1, duty_s=4000.0, rest_s=2000.0)
    plan = planned(replace(spec, bases=(replace(spec.bases[0], staff=staff),)))

    assert {each.subject for each in plan.violations} <= {"line"}
    unstaffed = replace(plan, bases=(replace(plan.bases[0], staff=replace(staff, duty_s=1000.0, launch_every_s=2000.0)),))
    assert {"no crew", "launches every"} <= {
        words for each in check_plan(unstaffed) for words in ("no crew", "launches every") if words in each.text
    }


def test_points_lines_and_ground_are_mixed_each_with_its_own_interval() -> None:
    places = tuple(
        Place(id=f"tower-{number}", location=HERE.place(east, 200.0), weight=weight)
        for number, (east, weight) in enumerate([(-450.0, 1.0), (400.0, 2.0)])
    )
    line = HERE.shape(shapely.LineString([(-600, -100), (600, -100)]))
    patrols = (
        Patrol(id="corridor", kind=PatrolKind.LINE, shape=HERE.shape(shapely.box(-600, 50, 600, 270)), interval_s=6000.0),
        Patrol(id="line", kind=PatrolKind.LINE, shape=line, interval_s=2500.0),
        Patrol(id="towers", kind=PatrolKind.POINTS, places=places, interval_s=4000.0),
    )
    plan = planned(along(1_200.0, 4, *patrols, duration_s=12_000.0))

    assert plan.violations == ()
    assert {each.patrol: each.seen for each in plan.result.patrols} == {
        "corridor": pytest.approx(1.0, abs=0.02),
        "line": 1.0,
        "towers": 1.0,
    }
    assert {each.segment: each.required_s for each in plan.result.revisits if each.patrol == "towers"} == {
        "tower-0": 4000.0,
        "tower-1": 2000.0,
    }


def test_a_line_and_points_are_seen_once_where_nothing_goes_on() -> None:
    spec = along(3_000.0, 2, duration_s=None)
    line = replace(spec.patrols[0], interval_s=None)
    tower = Patrol(id="tower", kind=PatrolKind.POINTS, places=(Place(id="t", location=HERE.place(500.0, 300.0)),))
    plan = planned(replace(spec, patrols=(line, tower)))

    assert plan.violations == ()
    assert [(each.patrol, each.seen) for each in plan.result.patrols] == [("line", 1.0), ("tower", 1.0)]
    assert plan.result.worst_revisit_s is None
    assert {each.subject for each in check_plan(replace(plan, sorties=plan.sorties[:1]))} >= {"tower"} or len(plan.sorties) == 1


def test_a_line_that_may_not_be_flown_over_is_seen_from_beside() -> None:
    north = shapely.box(-20_000, 20, 20_000, 20_000)
    spec = along(3_000.0, 1, duration_s=None)
    spec = replace(spec, nations=(replace(spec.nations[0], territory=HERE.shape(north)),))
    plan = planned(replace(spec, patrols=(replace(spec.patrols[0], interval_s=None),)))

    assert plan.violations == ()
    assert plan.result.patrols[0].seen == 1.0
