"""Whole plans: judged without a fault, the same every time, and honest about what cannot be done."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import shapely

from benchmarks.random_areas import coverage_with_named, faults_of
from benchmarks.random_missions import DEFAULT_RANGES, SMALL_RANGES, MissionRanges, random_mission
from planner.errors import PlannerError, WindError
from planner.model import HeightBand, MissionSpec, Objective, Patrol, Permission, Plan, Rule, Validity, Wind
from planner.pipeline import PlanParams, plan_mission
from planner.progress import Progress
from tests.planner.missions import EVERYWHERE, HERE, QUAD, WING, Site, keep_out, mission, with_border

QUICK = PlanParams(effort=1)
SHA = "0" * 64
WEST, EAST = shapely.box(-20_000, -20_000, 0, 20_000), shapely.box(0, -20_000, 20_000, 20_000)
FIELD = shapely.box(-400, -250, 400, 250)
CONCAVE = shapely.Polygon([(-400, -250), (400, -250), (400, 250), (100, -100), (-100, 250), (-400, 250)])
TWO = mission(CONCAVE, territories={"A": WEST, "B": EAST}, bases={"A": [(-350.0, -300.0)], "B": [(300.0, -300.0)]}, drones_at_base=2)


def planned(spec: MissionSpec) -> Plan:
    return plan_mission(spec, SHA, QUICK)


@pytest.mark.parametrize("seed", range(10))
def test_plans_of_random_missions_have_no_fault(seed: int) -> None:
    spec = random_mission(seed)

    assert list(faults_of(spec, planned(spec))) == []


@pytest.mark.parametrize(("seed", "ranges"), [(586, SMALL_RANGES), (218, DEFAULT_RANGES), (43239, replace(SMALL_RANGES, most_nations=1))])
def test_random_missions_that_once_had_a_fault_have_none(seed: int, ranges: MissionRanges) -> None:
    spec = random_mission(seed, ranges)

    assert list(faults_of(spec, planned(spec))) == []


def test_two_nations_share_a_concave_area_with_a_keep_out_in_the_wind() -> None:
    border = shapely.LineString([(0, -20_000), (0, 20_000)])
    spec = with_border(replace(TWO, keep_outs=(keep_out(shapely.Point(-250, 0).buffer(40), buffer_m=20),)), border, 5.0)

    plan = planned(replace(spec, wind=Wind(from_deg=250, speed_mps=6.0)))

    assert plan.violations == ()
    assert plan.result.coverage >= 0.99
    assert plan.unreachable == ()
    assert set(plan.result.share) == {"A", "B"}
    assert sum(plan.result.share.values()) == pytest.approx(1)
    assert plan.result.makespan_s == max(sortie.end_s for sortie in plan.sorties)
    assert {sortie.nation for sortie in plan.sorties} == {"A", "B"}


@pytest.mark.parametrize(("lat_deg", "lon_deg"), [(0.0, 10.0), (70.0, -60.0), (-45.0, 180.0)])
def test_plans_hold_anywhere_on_earth(lat_deg: float, lon_deg: float) -> None:
    site = Site(lat_deg=lat_deg, lon_deg=lon_deg)
    spec = mission(CONCAVE, drone_types=(QUAD, WING), site=site)

    plan = planned(replace(spec, wind=Wind(from_deg=10, speed_mps=5.0)))

    assert plan.violations == ()
    assert plan.result.coverage >= 0.99


def test_far_sorties_keep_their_endurance_in_the_wind() -> None:
    """60 km from the frame's origin at 65 N courses in the frame are off by more than a degree."""
    area = shapely.union_all([shapely.box(-60_000, 0, -59_000, 300), shapely.box(59_000, 0, 60_000, 300)])
    site = Site(lat_deg=65.0)
    types = (replace(QUAD, endurance_s=900.0),)
    spec = mission(
        area,
        territories={"A": shapely.box(-80_000, -20_000, 80_000, 20_000)},
        bases={"A": [(-58_900.0, 150.0), (58_900.0, 150.0)]},
        drone_types=types,
        site=site,
    )

    plan = planned(replace(spec, wind=Wind(from_deg=45, speed_mps=6.0)))

    assert plan.violations == ()
    assert plan.result.coverage >= 0.99
    assert len(plan.sorties) > 4


@pytest.mark.parametrize("objective", Objective)
def test_both_objectives_are_planned_for(objective: Objective) -> None:
    plan = planned(replace(TWO, objective=objective))

    assert plan.violations == ()
    assert plan.objective is objective


_DIGEST = """
import hashlib, sys
from dataclasses import replace
from benchmarks.random_missions import DEFAULT_RANGES, SMALL_RANGES, MissionRanges, random_mission
from missions.plan_file import plan_bytes
from planner.pipeline import PlanParams, plan_mission
for seed in map(int, sys.argv[1:]):
    plan = plan_mission(random_mission(seed), "0" * 64, PlanParams(effort=1, seed=3))
    print(hashlib.sha256(plan_bytes(plan)).hexdigest())
"""


def test_the_same_seed_gives_the_same_plan_in_any_process() -> None:
    root = Path(__file__).parents[2]
    runs = [
        subprocess.run(
            [sys.executable, "-c", _DIGEST, "44", "46"],
            env=os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": str(root)},
            cwd=root,
            capture_output=True,
            text=True,
            check=True,
        ).stdout.split()
        for seed in ("1", "2")
    ]

    assert len(runs[0]) == 2
    assert runs[0] == runs[1]


def test_a_stop_gives_the_best_so_far_and_it_holds() -> None:
    asked = itertools.count()

    plan = plan_mission(TWO, SHA, PlanParams(effort=5), should_stop=lambda: next(asked) >= 3)

    assert plan.violations == ()
    assert plan.result.coverage >= 0.99
    assert next(asked) < 100


def test_a_longer_search_never_gives_a_worse_plan() -> None:
    """Here drones wait for each other so long that better routes came home two and a half minutes later."""
    spec = random_mission(25, SMALL_RANGES)

    little, more = (plan_mission(spec, SHA, PlanParams(effort=effort)).result for effort in (1, 2))

    assert more.makespan_s <= little.makespan_s
    assert more.coverage == pytest.approx(little.coverage)


def test_progress_only_grows_and_ends_with_the_makespan() -> None:
    told: list[Progress] = []

    plan = plan_mission(TWO, SHA, QUICK, on_progress=told.append)

    assert [each.fraction for each in told] == sorted(each.fraction for each in told)
    assert told[-1].fraction == 1.0
    assert told[-1].makespan_s == plan.result.makespan_s


def test_a_mission_without_drones_cannot_be_planned() -> None:
    with pytest.raises(PlannerError, match="no drone"):
        planned(replace(TWO, drones=()))


def test_wind_that_wins_cannot_be_planned_for() -> None:
    with pytest.raises(WindError, match="could not fly back"):
        planned(replace(TWO, wind=Wind(speed_mps=12.0)))


def named_m2(plan: Plan) -> dict[str, float]:
    return {each.reason: HERE.frame.ground(each.polygon).area for each in plan.unreachable}


def only_coverage(plan: Plan) -> bool:
    return {violation.rule for violation in plan.violations} <= {Rule.COVERAGE}


def test_an_area_out_of_range_is_named_with_what_it_would_take() -> None:
    tired = replace(QUAD, endurance_s=300.0)

    plan = planned(mission(FIELD, bases={"A": [(-5_000.0, 0.0)]}, drone_types=(tired,)))

    assert plan.sorties == ()
    assert only_coverage(plan)
    assert all("cannot reach it and return: needs" in reason for reason in named_m2(plan))
    assert sum(named_m2(plan).values()) == pytest.approx(FIELD.area, rel=0.05)


def test_what_is_in_range_is_swept_and_the_rest_named() -> None:
    tired = replace(QUAD, endurance_s=420.0)

    plan = planned(mission(shapely.box(0, 0, 4000, 200), bases={"A": [(-20.0, 100.0)]}, drone_types=(tired,)))

    assert only_coverage(plan)
    assert 0.15 < plan.result.coverage < 0.6
    assert coverage_with_named(plan) >= 0.99


def test_a_drone_that_cannot_even_land_again_reaches_nothing() -> None:
    weak = replace(QUAD, battery_wh=2.0)

    plan = planned(mission(FIELD, drone_types=(weak,)))

    assert plan.sorties == ()
    assert coverage_with_named(plan) >= 0.99


def test_a_base_in_a_keep_out_grounds_its_nation() -> None:
    plan = planned(replace(TWO, keep_outs=(keep_out(shapely.Point(-350, -300).buffer(30)),)))

    assert only_coverage(plan)
    assert {sortie.nation for sortie in plan.sorties} == {"B"}
    assert any("it may not fly at A0" in each.reason for each in plan.unreachable)
    assert coverage_with_named(plan) >= 0.99


def test_a_nation_without_ground_stays_at_home() -> None:
    plan = planned(
        mission(shapely.box(100, -200, 600, 200), territories={"A": WEST, "B": EAST}, bases={"A": [(-300.0, 0.0)], "B": [(50.0, 0.0)]})
    )

    assert plan.violations == ()
    assert {sortie.nation for sortie in plan.sorties} == {"B"}
    assert plan.result.share == {"A": 0.0, "B": 1.0}


def test_an_area_that_is_all_keep_out_needs_no_flight() -> None:
    plan = planned(mission(FIELD, keep_outs=[keep_out(FIELD.buffer(50))], bases={"A": [(-600.0, 0.0)]}))

    assert plan.violations == ()
    assert plan.sorties == ()
    assert plan.result.coverage == 1.0


@pytest.mark.parametrize(
    "area",
    [
        pytest.param(shapely.Point(0, 0).buffer(4), id="smaller than a swath"),
        pytest.param(shapely.Polygon([(0, 0), (900, 1), (900, 0)]), id="needle"),
        pytest.param(shapely.union_all([shapely.box(0, 0, 100, 100), shapely.box(1500, 0, 1600, 100)]), id="two pieces"),
        pytest.param(
            shapely.Polygon(shapely.box(0, 0, 400, 300).exterior, [[(0, 150), (80, 120), (80, 180)]]), id="hole touching the outline"
        ),
    ],
)
def test_odd_areas_are_planned(area: shapely.Polygon) -> None:
    plan = planned(mission(area))

    assert plan.violations == ()
    assert plan.result.coverage >= 0.99


def test_islands_behind_a_moat_are_named_and_the_rest_is_swept() -> None:
    moat = keep_out(shapely.box(50, -150, 350, 150).boundary.buffer(10))

    plan = planned(mission(FIELD, keep_outs=[moat]))

    assert only_coverage(plan)
    assert set(named_m2(plan)) == {"no drone of A has a legal way there and back"}
    assert coverage_with_named(plan) >= 0.99


def test_keep_outs_that_come_later_are_kept_out_of_and_said_to_be() -> None:
    later = replace(keep_out(shapely.box(0, -300, 400, 300)), validity=Validity(from_s=3_600.0))

    plan = planned(mission(FIELD, keep_outs=[later]))

    assert only_coverage(plan)
    assert coverage_with_named(plan) >= 0.99


def test_keep_outs_below_the_work_are_flown_over() -> None:
    low = replace(keep_out(shapely.box(100, -300, 150, 300), buffer_m=60.0), band=HeightBand(max_m=40.0))

    plan = planned(mission(FIELD, keep_outs=[low]))

    assert plan.violations == ()
    assert plan.result.coverage >= 0.99


def test_drones_asked_to_stay_inside_sweep_without_leaving() -> None:
    spec = replace(mission(CONCAVE, bases={"A": [(-300.0, -500.0)]}, drones_at_base=2), stay_inside=True)

    plan = planned(spec)

    assert plan.violations == ()
    assert plan.result.coverage >= 0.98


def test_overlap_brings_lanes_closer() -> None:
    plain, dense = planned(TWO), planned(replace(TWO, patrols=(Patrol(side_overlap=0.3),)))

    assert len(dense.lanes) > len(plain.lanes)
    assert dense.violations == ()


@pytest.mark.parametrize("min_coverage", [0.999, 1.0])
def test_a_mission_that_asks_for_more_gets_more(min_coverage: float) -> None:
    plan = planned(replace(mission(CONCAVE), min_coverage=min_coverage))

    assert plan.result.coverage >= min_coverage - 1e-6
    assert plan.violations == ()


def test_a_nation_allowed_everywhere_sweeps_a_neighbour_s_ground_that_nobody_else_can() -> None:
    spec = mission(FIELD, territories={"A": WEST, "B": EAST})
    consent = Permission(id="p", host="B", guest="A", polygon=HERE.shape(EVERYWHERE))

    plan = planned(replace(spec, permissions=(consent,), drones=tuple(drone for drone in spec.drones if drone.nation == "A")))

    assert plan.violations == ()
    assert plan.result.coverage >= 0.99
