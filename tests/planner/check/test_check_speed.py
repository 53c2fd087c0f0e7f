"""The least time of a leg: straight runs from rest to rest, turns, climbs and the wind triangle."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.check import check_plan
from planner.check.case import Case
from planner.check.params import DEFAULT
from planner.check.speed import ground_speed_mps, least_duration_s
from planner.model import LegKind, Plan, Rule, VehicleKind, Wind
from tests.planner.plan_builder import Setting, build, flight, with_sorties


def timed(setting: Setting, *points: tuple[float, float], heights_m: tuple[float, ...] = ()) -> float:
    """The checker's least time of one leg from the far base along local points."""
    flown = flight(setting, "W", "far", drone="w2").takeoff().along(list(points)).sortie("w2/1", "W")
    leg = flown.legs[1]
    if heights_m:
        path = tuple(replace(point, height_m=height_m) for point, height_m in zip(leg.points, heights_m, strict=True))
        flown = replace(flown, legs=(flown.legs[0], replace(leg, path=path, start=path[0], end=path[-1])))
    plan = with_sorties(build(setting), [flown])
    return least_duration_s(Case(plan, DEFAULT).legs[1], setting.wind, DEFAULT)


COPTER, PLANE = Setting(), Setting(kind=VehicleKind.PLANE)
START = (-420.0, -300.0)


def test_a_copter_flies_a_long_run_at_cruise_and_pays_for_starting_and_stopping() -> None:
    assert timed(COPTER, (-420, 200)) == pytest.approx(500 / 10 + 10 / 2.5, abs=0.001)


def test_a_copter_does_not_reach_cruise_on_a_short_run() -> None:
    assert timed(COPTER, (-420, -275)) == pytest.approx(2 * math.sqrt(25 / 2.5), abs=0.001)


def test_a_plane_keeps_moving() -> None:
    assert timed(PLANE, (-420, 200)) == pytest.approx(50, abs=0.001)
    assert timed(PLANE, (-420, -100), (-220, -100)) == pytest.approx(40, abs=0.001)


def test_a_copter_stops_at_each_turn_of_a_degree_but_not_at_less() -> None:
    def bent(degrees: float) -> float:
        return timed(COPTER, (-420, 0), (-420 + 300 * math.sin(math.radians(degrees)), 300 * math.cos(math.radians(degrees))))

    assert bent(0.0) == pytest.approx(64, abs=0.01)
    assert bent(0.9) == pytest.approx(64, abs=0.01)
    assert bent(1.1) == pytest.approx(68, abs=0.01)
    assert bent(90) == pytest.approx(68, abs=0.01)


def test_points_a_metre_apart_on_a_line_are_one_run_though_rounded_to_seven_decimals() -> None:
    flown = flight(COPTER, "W", "far", drone="w2").takeoff().along([(-420 + step * 0.8, -300 + step * 0.6) for step in range(1, 101)])
    leg = flown.sortie("w2/1", "W").legs[1]
    rounded = tuple(replace(point, lat_deg=round(point.lat_deg, 7), lon_deg=round(point.lon_deg, 7)) for point in leg.points)
    sortie = flown.sortie("w2/1", "W")
    plan = with_sorties(build(COPTER), [replace(sortie, legs=(sortie.legs[0], replace(leg, path=rounded)))])

    assert least_duration_s(Case(plan, DEFAULT).legs[1], Wind(), DEFAULT) == pytest.approx(14, abs=0.05)


def test_climbing_and_sinking_take_their_time() -> None:
    assert timed(COPTER, (-420, -290), heights_m=(50, 100)) == pytest.approx(50 / 2.5, abs=0.001)
    assert timed(COPTER, (-420, -290), heights_m=(100, 50)) == pytest.approx(50 / 1.5, abs=0.001)
    assert timed(COPTER, (-420, 200), heights_m=(50, 60)) == pytest.approx(54, abs=0.001)


def test_the_steepest_segment_slows_down_the_whole_leg() -> None:
    # constant speed along the leg: 50 m up in 100 m take 20 s, so each metre of way takes 20 s / 112 m
    points, heights_m = ((-420, 0), (-420, 100), (-420, 500)), (60.0, 60.0, 110.0, 110.0)
    pace_s = 20 / math.hypot(100, 50)
    assert timed(PLANE, *points, heights_m=heights_m) == pytest.approx(pace_s * (300 + math.hypot(100, 50) + 400), abs=0.01)


def test_going_up_on_the_spot_within_a_path_ends_the_run() -> None:
    times_s = timed(COPTER, (-420, -200), (-420, -200), (-420, -100), heights_m=(50, 50, 75, 75))
    assert times_s == pytest.approx(14 + 10 + 14, abs=0.001)


@pytest.mark.parametrize(
    ("from_deg", "copter_mps", "plane_mps"),
    [(0.0, 6.0, 6.0), (180.0, 10.0, 14.0), (90.0, math.sqrt(84), math.sqrt(84)), (270.0, math.sqrt(84), math.sqrt(84))],
    ids=["head", "tail", "right", "left"],
)
def test_ground_speed_northwards_in_a_wind_of_4_mps(from_deg: float, copter_mps: float, plane_mps: float) -> None:
    wind = Wind(from_deg=from_deg, speed_mps=4.0)

    assert ground_speed_mps(0.0, COPTER.drone_type, wind) == pytest.approx(copter_mps)
    assert ground_speed_mps(0.0, PLANE.drone_type, wind) == pytest.approx(plane_mps)


@settings(max_examples=200, deadline=None)
@given(course_deg=st.floats(0, 360), from_deg=st.floats(0, 360), speed_mps=st.floats(0, 9.9))
def test_ground_speed_less_the_wind_is_the_airspeed(course_deg: float, from_deg: float, speed_mps: float) -> None:
    ground_mps = ground_speed_mps(course_deg, PLANE.drone_type, Wind(from_deg=from_deg, speed_mps=speed_mps))
    assert ground_mps is not None

    north_mps = ground_mps * math.cos(math.radians(course_deg)) + speed_mps * math.cos(math.radians(from_deg))
    east_mps = ground_mps * math.sin(math.radians(course_deg)) + speed_mps * math.sin(math.radians(from_deg))
    assert math.hypot(north_mps, east_mps) == pytest.approx(PLANE.drone_type.cruise_mps)


@pytest.mark.parametrize("wind", [Wind(from_deg=0, speed_mps=10), Wind(from_deg=90, speed_mps=11), Wind(from_deg=math.nan, speed_mps=3)])
def test_a_wind_that_cannot_be_flown_in_is_a_speed_violation_and_not_an_error(wind: Wind) -> None:
    found = check_plan(replace(build(), wind=wind))

    assert all(violation.rule is Rule.SPEED for violation in found)
    assert any("too strong" in violation.text for violation in found)


def test_the_honest_plan_of_calm_air_is_too_fast_for_a_wind() -> None:
    def broken_in(wind: Wind) -> set[Rule]:
        return {violation.rule for violation in check_plan(replace(build(), wind=wind))}

    assert broken_in(Wind(from_deg=0, speed_mps=3)) == {Rule.SPEED}


def test_a_hold_may_last_any_time() -> None:
    plan: Plan = build()
    holds = [leg for leg in Case(plan, DEFAULT).legs if leg.leg.kind is LegKind.HOLD]

    assert holds
    assert all(least_duration_s(leg, plan.wind, DEFAULT) == 0 for leg in holds)
