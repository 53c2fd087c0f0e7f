"""Bounds hold for every plan that is found, and for plans nobody would make."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry.base import BaseGeometry

from planner import bounds
from planner.airspace import build_airspace
from planner.model import DroneType, MissionSpec, Sensor, Wind
from planner.pipeline import PlanParams, plan_mission
from planner.timetable.deconflict import working_heights
from tests.planner.missions import EVERYWHERE, QUAD, WING, keep_out, mission
from tests.planner.shapes import stars

EFFORT = PlanParams(effort=1)


def bound_s(spec: MissionSpec) -> float:
    return bounds.makespan_bound_s(spec, build_airspace(spec, working_heights(spec)))


def length_bound_m(spec: MissionSpec) -> float:
    return bounds.length_bound_m(spec, build_airspace(spec))


@settings(max_examples=12, deadline=None)
@given(
    area=stars(smallest_m=100, largest_m=350, most_corners=8),
    types=st.sampled_from([(QUAD,), (WING,), (QUAD, WING)]),
    bases=st.lists(st.tuples(st.floats(-900, 900), st.floats(-900, 900)), min_size=1, max_size=2),
    min_coverage=st.sampled_from([0.9, 0.97]),
    endurance_s=st.sampled_from([700.0, 1500.0]),
    wind_mps=st.sampled_from([0.0, 5.0]),
)
def test_no_plan_found_beats_its_bounds(
    area: BaseGeometry,
    types: tuple[DroneType, ...],
    bases: list[tuple[float, float]],
    min_coverage: float,
    endurance_s: float,
    wind_mps: float,
) -> None:
    own = tuple(replace(drone_type, endurance_s=endurance_s) for drone_type in types)
    spec = mission(area, bases={"A": bases}, drone_types=own)
    spec = replace(spec, min_coverage=min_coverage, wind=Wind(from_deg=30, speed_mps=wind_mps))

    plan = plan_mission(spec, "0" * 64, EFFORT)

    if plan.result.coverage >= min_coverage:
        assert plan.result.makespan_s >= plan.result.makespan_bound_s
        assert plan.result.length_m >= plan.result.length_bound_m


def test_a_rectangle_that_must_be_covered_whole_takes_at_least_its_lanes() -> None:
    spec = replace(mission(shapely.box(0, 0, 1000, 500), bases={"A": [(500.0, 250.0)]}), min_coverage=1.0)

    plan = plan_mission(spec, "0" * 64, EFFORT)

    assert plan.result.coverage == pytest.approx(1.0, abs=1e-6)
    assert plan.violations == ()
    vertical_s = QUAD.height_above_home_m * (1 / QUAD.climb_mps + 1 / QUAD.descent_mps)
    assert 1000 * 500 / 50 / 10 + vertical_s <= plan.result.makespan_bound_s + 0.1 <= plan.result.makespan_s
    assert plan.result.length_m >= plan.result.length_bound_m == pytest.approx(10_000, rel=1e-3)


def test_the_way_to_the_area_counts() -> None:
    near, far = (mission(shapely.box(0, 0, 400, 400), bases={"A": [(x, 200.0)]}) for x in (-100.0, -2000.0))

    assert bound_s(far) >= bound_s(near) + 2 * (1900 - 50) / 10


def test_a_base_of_the_nation_nearer_than_the_drone_s_own_lowers_it() -> None:
    """A sortie may end there, and the next start from there."""
    alone = mission(shapely.box(0, 0, 400, 400), bases={"A": [(-2000.0, 200.0)]})
    near = mission(shapely.box(0, 0, 400, 400), bases={"A": [(-2000.0, 200.0), (200.0, 200.0)]})

    both = replace(near, drones=near.drones[:1])

    assert bound_s(both) < bound_s(alone)


def test_more_drones_and_less_to_cover_lower_it() -> None:
    area = shapely.box(0, 0, 2000, 2000)
    one, two = mission(area), mission(area, drones_at_base=2)

    assert bound_s(two) < bound_s(one)
    assert bound_s(replace(one, min_coverage=0.5)) < bound_s(one)


def test_ground_that_several_nations_see_is_left_to_all_of_them() -> None:
    alone = mission(shapely.box(0, 0, 2000, 2000), territories={"A": EVERYWHERE})
    both = mission(shapely.box(0, 0, 2000, 2000), territories={"A": EVERYWHERE, "B": EVERYWHERE})

    assert 0 < bound_s(both) < 0.7 * bound_s(alone)


@settings(max_examples=40, deadline=None)
@given(
    pairs=st.integers(1, 4),
    length_m=st.floats(300.0, 4_000.0),
    away_m=st.floats(0.0, 2_000.0),
    swap_s=st.sampled_from([0.0, 300.0]),
    drones=st.integers(1, 3),
    to_spare=st.floats(1.0, 1.5),
)
def test_sorties_that_sweep_out_and_back_do_not_beat_the_bound(
    pairs: int, length_m: float, away_m: float, swap_s: float, drones: int, to_spare: float
) -> None:
    """Lanes that lead away from the base, flown by twos: nothing of it is flown without seeing, but for the way to the ground. This
    is the least that any plan takes with as many sorties; turns are counted at nothing.
    """
    vertical_s = QUAD.height_above_home_m * (1 / QUAD.climb_mps + 1 / QUAD.descent_mps)
    sortie_s = vertical_s + 2 * (length_m + math.hypot(away_m, 50.0 * pairs)) / QUAD.cruise_mps
    own = replace(QUAD, endurance_s=sortie_s * to_spare / (1 - QUAD.reserve), battery_wh=10_000.0, battery_swap_s=swap_s)
    ground = shapely.box(away_m, -50.0 * pairs, away_m + length_m, 50.0 * pairs)
    spec = replace(mission(ground, bases={"A": [(0.0, 0.0)]}, drone_types=(own,), drones_at_base=drones), min_coverage=1.0)

    each = -(-pairs // drones)
    assert bound_s(spec) <= each * sortie_s + (each - 1) * swap_s + 1.0


def test_battery_swaps_and_the_way_out_count_on_a_long_strip() -> None:
    """Eight lanes beside a base, too long for more than two a sortie: the bound is near what they take."""
    vertical_s = QUAD.height_above_home_m * (1 / QUAD.climb_mps + 1 / QUAD.descent_mps)
    sortie_s = vertical_s + 2 * (8_000.0 + 200.0) / QUAD.cruise_mps
    own = replace(QUAD, endurance_s=sortie_s / (1 - QUAD.reserve), battery_wh=10_000.0)
    spec = replace(mission(shapely.box(0.0, -200.0, 8_000.0, 200.0), bases={"A": [(0.0, 0.0)]}, drone_types=(own,)), min_coverage=1.0)

    assert 0.93 < bound_s(spec) / (4 * sortie_s + 3 * own.battery_swap_s) <= 1.0


def test_two_and_a_half_sorties_worth_of_ground_take_three() -> None:
    """All of it next to the base: what counts is sweeping, three flights up and down, and two batteries."""
    own = replace(QUAD, endurance_s=400.0 / (1 - QUAD.reserve), battery_wh=10_000.0)
    vertical_s = own.height_above_home_m * (1 / own.climb_mps + 1 / own.descent_mps)
    swept_s = 2.5 * (400.0 - vertical_s)
    half_m = math.sqrt(swept_s * own.cruise_mps * own.swath_m) / 2
    spec = replace(mission(shapely.box(-half_m, -half_m, half_m, half_m), bases={"A": [(0.0, 0.0)]}, drone_types=(own,)), min_coverage=1.0)

    assert bound_s(spec) == pytest.approx(swept_s + 3 * vertical_s + 2 * own.battery_swap_s, rel=0.02)


def test_a_base_too_far_to_be_flown_to_helps_nobody() -> None:
    """There is half of the ground beside each: who is alone at one of them needs as long as if there were no other."""
    short = replace(QUAD, endurance_s=900.0)
    far_m = 2 * short.endurance_s * short.cruise_mps
    beside = [shapely.box(east_m, -500.0, east_m + 1_000.0, 500.0) for east_m in (0.0, far_m)]
    two = mission(shapely.MultiPolygon(beside), bases={"A": [(0.0, 0.0), (far_m, 0.0)]}, drone_types=(short,), drones_at_base=2)
    here = [drone for drone in two.drones if drone.base == two.bases[0].id]
    lopsided = replace(two, drones=(here[0], *(drone for drone in two.drones if drone not in here)), min_coverage=1.0)

    assert bound_s(lopsided) > 1.9 * bound_s(replace(two, min_coverage=1.0))


def test_ground_beyond_everybody_s_reach_promises_nothing() -> None:
    tired = replace(QUAD, endurance_s=150.0)

    assert bound_s(mission(shapely.box(0, 0, 800, 800), bases={"A": [(-9_000.0, 0.0)]}, drone_types=(tired,))) == 0


def test_nothing_coverable_is_bounded_by_nothing() -> None:
    spec = mission(shapely.box(0, 0, 100, 100), keep_outs=[keep_out(shapely.box(-50, -50, 150, 150))])

    assert bound_s(spec) == 0
    assert length_bound_m(spec) == 0


def test_the_widest_swath_bounds_the_length() -> None:
    wide = replace(QUAD, id="wide", sensor=Sensor(swath_m=200.0))
    spec = replace(mission(shapely.box(0, 0, 1000, 1000), drone_types=(QUAD, wide)), min_coverage=1.0)

    assert length_bound_m(spec) == pytest.approx(1_000_000 / 200, rel=1e-4)


def test_the_gap_is_a_part_of_the_bound() -> None:
    assert bounds.gap(150.0, 100.0) == 0.5
    assert bounds.gap(150.0, 0.0) is None


def test_shares_add_up() -> None:
    assert bounds.shares({"A": 300.0, "B": 100.0, "C": 0.0}) == {"A": 0.75, "B": 0.25, "C": 0.0}
    assert bounds.shares({"A": 0.0}) == {"A": 0.0}
