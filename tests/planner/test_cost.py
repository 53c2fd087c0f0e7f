"""Seconds and watt-hours of what drones do, in the wind."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner import cost
from planner.errors import WindError
from planner.model import LegKind, Wind
from tests.planner.missions import QUAD, WING

winds = st.builds(Wind, from_deg=st.floats(0, 360), speed_mps=st.floats(0, 9.5))
courses = st.floats(-math.pi, math.pi)


@given(wind=winds, course_rad=courses)
def test_ground_speed_closes_the_wind_triangle(wind: Wind, course_rad: float) -> None:
    speed_mps = float(cost.ground_speed_mps(WING, wind, np.array([course_rad]))[0])

    towards_rad = math.radians(wind.from_deg + 180)
    air_east = speed_mps * math.sin(course_rad) - wind.speed_mps * math.sin(towards_rad)
    air_north = speed_mps * math.cos(course_rad) - wind.speed_mps * math.cos(towards_rad)
    assert math.hypot(air_east, air_north) == pytest.approx(WING.cruise_mps)
    assert speed_mps > 0


@given(wind=winds, course_rad=courses)
def test_a_copter_is_never_faster_over_ground_than_its_cruise_speed(wind: Wind, course_rad: float) -> None:
    assert 0 < float(cost.ground_speed_mps(QUAD, wind, np.array([course_rad]))[0]) <= QUAD.cruise_mps + 1e-12


def test_tail_wind_helps_a_plane_as_much_as_head_wind_hinders_it() -> None:
    speeds = cost.ground_speed_mps(WING, Wind(from_deg=180, speed_mps=5), np.radians([0.0, 180.0]))

    assert speeds.tolist() == pytest.approx([WING.cruise_mps + 5, WING.cruise_mps - 5])


def test_a_copter_flies_from_rest_to_rest() -> None:
    assert cost.run_s(QUAD, Wind(), 1000, 0) == pytest.approx(1000 / 10 + 10 / 2.5)
    assert cost.run_s(QUAD, Wind(), 10, 0) == pytest.approx(2 * math.sqrt(10 / 2.5))
    assert cost.run_s(QUAD, Wind(), 0, 0) == 0


@given(length_m=st.floats(0, 5_000), more_m=st.floats(0, 500), wind=winds, course_rad=courses)
def test_longer_runs_take_longer_and_two_runs_longer_than_one(length_m: float, more_m: float, wind: Wind, course_rad: float) -> None:
    east, north = math.sin(course_rad), math.cos(course_rad)
    for drone_type in (QUAD, WING):
        one_s = cost.run_s(drone_type, wind, length_m * east, length_m * north)
        other_s = cost.run_s(drone_type, wind, more_m * east, more_m * north)
        both_s = cost.run_s(drone_type, wind, (length_m + more_m) * east, (length_m + more_m) * north)
        assert one_s - 1e-9 <= both_s <= one_s + other_s + 1e-6


@given(wind=winds, a=st.tuples(*[st.floats(-2000, 2000)] * 2), b=st.tuples(*[st.floats(-2000, 2000)] * 2))
def test_no_detour_over_a_third_place_is_quicker(wind: Wind, a: tuple[float, float], b: tuple[float, float]) -> None:
    for drone_type in (QUAD, WING):
        direct_s = cost.run_s(drone_type, wind, a[0] + b[0], a[1] + b[1])
        assert direct_s <= cost.run_s(drone_type, wind, *a) + cost.run_s(drone_type, wind, *b) + 1e-6


@given(wind=winds, turned_rad=st.floats(0, 0.1), off_rad=st.floats(-1, 1), course_rad=courses)
def test_the_course_error_holds_for_every_course_turned_by_less(wind: Wind, turned_rad: float, off_rad: float, course_rad: float) -> None:
    for drone_type in (QUAD, WING):
        error = cost.most_course_error(drone_type, wind, turned_rad)
        told, flown = cost.ground_speed_mps(drone_type, wind, np.array([course_rad, course_rad + off_rad * turned_rad]))
        # Looked at by whole degrees, so that the worst course may lie between.
        assert told / flown * (1 - error) <= 1 + 1e-3


def test_without_wind_courses_do_not_matter() -> None:
    assert cost.most_course_error(QUAD, Wind(), 0.1) == pytest.approx(0, abs=1e-12)


def test_wind_as_fast_as_the_drone_is_explained() -> None:
    with pytest.raises(WindError, match=r"wind of 10 m/s is not slower than quad \(10 m/s\)"):
        cost.ensure_flyable(QUAD, Wind(speed_mps=10))
    cost.ensure_flyable(QUAD, Wind(speed_mps=9.9))


def test_a_run_against_too_much_wind_never_ends() -> None:
    assert cost.run_s(QUAD, Wind(from_deg=90, speed_mps=11), 100, 0) == math.inf
    assert math.isfinite(cost.run_s(QUAD, Wind(from_deg=90, speed_mps=11), -100, 0))


def test_landing_is_slow_near_the_ground() -> None:
    low_s, high_s = cost.landing_s(QUAD, 10), cost.landing_s(QUAD, 70)

    assert high_s - low_s == pytest.approx(60 / QUAD.descent_mps)
    assert low_s > 10 / QUAD.descent_mps


@pytest.mark.parametrize("drone_type", [QUAD, WING, replace(QUAD, endurance_s=9e9), replace(QUAD, battery_wh=9e9)])
def test_cruising_as_long_as_usable_keeps_both_reserves(drone_type: cost.DroneType) -> None:
    height_m = 80.0
    cruise_s = cost.usable_cruise_s(drone_type, height_m)
    vertical_s = cost.takeoff_s(drone_type, height_m) + cost.landing_s(drone_type, height_m)

    spent_wh = cost.energy_wh(drone_type, LegKind.TAKEOFF, vertical_s) + cost.energy_wh(drone_type, LegKind.SWEEP, cruise_s)
    spare = (drone_type.usable_endurance_s - vertical_s - cruise_s, drone_type.usable_energy_wh - spent_wh)
    assert min(spare) == pytest.approx(0, abs=1e-6)
    assert max(spare) >= 0


def test_polylines_take_the_sum_of_their_steps() -> None:
    points = np.array([[[0.0, 0.0], [100.0, 0.0], [100.0, 50.0], [100.0, 50.0]]])

    seconds = cost.polylines_s(WING, Wind(), points)

    assert seconds.tolist() == pytest.approx([150 / WING.cruise_mps])
