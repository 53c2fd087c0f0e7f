from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from missions.control.following import (
    FollowingParams,
    Stray,
    battery_to_home,
    conformance,
    conforming_part,
    fence,
    home_speed_mps,
    home_wh,
    link_age,
)
from missions.control.messages import CloseArea, ReplanProposed
from planner.geo import LatLon, Position
from planner.model import Wind
from tests.missions.control.fake_fleet import Behaviour
from tests.missions.control.patrol import Patrol
from tests.missions.control.plans import ALD_1, layered_plan, only
from tests.missions.sample_patrol import QUAD, Ground

PARAMS = FollowingParams()
HERE = LatLon(lat_deg=47.5, lon_deg=19.0)


def strays(*across_m: float, up_m: float = 0.0) -> list[Stray]:
    return [Stray(at_s=float(second), across_m=off_m, up_m=up_m) for second, off_m in enumerate(across_m)]


def test_way_inside_the_corridor_conforms() -> None:
    assert conformance(strays(*[10.0] * 300), PARAMS) == ""


def test_short_excursion_is_not_told() -> None:
    assert conformance(strays(*[0.0] * 290, *[40.0] * 10), PARAMS) == ""


def test_whoever_does_not_recover_in_time_is_told() -> None:
    assert conformance(strays(*[0.0] * 3000, *[40.0] * 60), PARAMS) == ""
    assert "60 s" in conformance(strays(*[0.0] * 3000, *[40.0] * 61), PARAMS)


def test_many_short_excursions_are_told_once_they_are_more_than_a_twentieth() -> None:
    weaving = [0.0, *([0.0] * 18 + [40.0] * 2) * 15]
    assert conforming_part(strays(*weaving), PARAMS) == pytest.approx(0.9)
    assert "90 %" in conformance(strays(*weaving), PARAMS)


def test_height_counts_as_well() -> None:
    assert "20 m in height" in conformance(strays(*[0.0] * 62, up_m=20.0), PARAMS)


def test_back_inside_all_is_well() -> None:
    assert conformance(strays(*[40.0] * 200, 0.0), PARAMS) == ""


@given(st.lists(st.floats(0.0, 100.0), max_size=50))
def test_part_is_a_part(off_m: list[float]) -> None:
    assert 0.0 <= conforming_part(strays(*off_m), PARAMS) <= 1.0


@pytest.mark.parametrize(("course_deg", "speed_mps"), [(0.0, 4.0), (180.0, 16.0), (90.0, 8.0)])
def test_wind_slows_the_way_home_as_the_triangle_of_speeds_says(course_deg: float, speed_mps: float) -> None:
    wind = Wind(from_deg=0.0, speed_mps=6.0)
    assert home_speed_mps(QUAD, wind, course_deg) == pytest.approx(speed_mps)


def test_way_home_against_the_wind_takes_more() -> None:
    ground = Ground(HERE)
    north = ground.place(0.0, 1000.0)
    calm = home_wh(QUAD, Wind(), [north, HERE], 60.0)
    # 100 s of cruise and 40 s of descent
    assert calm == pytest.approx((100 * QUAD.power_cruise_w + 40 * QUAD.power_hover_w) / 3600, rel=1e-3)
    assert home_wh(QUAD, Wind(from_deg=180.0, speed_mps=5.0), [north, HERE], 60.0) > calm * 1.5
    assert math.isinf(home_wh(QUAD, Wind(from_deg=180.0, speed_mps=10.0), [north, HERE], 60.0))


def test_battery_that_does_not_reach_home_with_the_margin_is_told() -> None:
    assert battery_to_home(QUAD, 10.0, 15.0, PARAMS) == ""
    assert "18.0 Wh left" in battery_to_home(QUAD, 10.0, 16.0, PARAMS)
    assert "wind" in battery_to_home(QUAD, 90.0, math.inf, PARAMS)
    assert battery_to_home(QUAD, None, 16.0, PARAMS) == ""


def test_old_position_is_told() -> None:
    assert link_age(10.0, 8.0, PARAMS) == ""
    assert "5 s old" in link_age(10.0, 5.0, PARAMS)
    assert link_age(10.0, None, PARAMS) == ""


def test_flight_as_planned_raises_no_alert_and_is_never_planned_anew() -> None:
    patrol = Patrol(layered_plan()).fly()
    assert [alert.rule for alert in patrol.control.alerts] == []
    assert patrol.told(ReplanProposed) == []


def test_drone_that_flies_beside_its_lanes_is_told_and_not_every_second() -> None:
    patrol = Patrol(only(layered_plan(), ALD_1))
    (sortie,) = patrol.plan.sorties_of(ALD_1)
    aside = replace(sortie, legs=tuple(replace(leg, start=_aside(leg.start), end=_aside(leg.end)) for leg in sortie.legs))
    patrol.control.programmes[ALD_1].progress.sorties = (aside,)
    patrol.fly()
    assert 1 <= len(patrol.alerts("conformance")) <= 4


def _aside(point: Position) -> Position:
    return replace(point, lat_deg=point.lat_deg + 0.0005)


def test_battery_that_would_not_bring_it_home_is_critical() -> None:
    patrol = Patrol(only(layered_plan(), ALD_1), {ALD_1: Behaviour(battery_pct_per_s=0.33)}).fly(until_s=320.0)
    assert [alert.level.value for alert in patrol.alerts("battery_home")] == ["critical"]


def test_who_is_outside_its_airspace_or_says_so_is_told() -> None:
    assert fence(0.0, breached=False) == ""
    assert "12 m outside" in fence(12.4, breached=False)
    assert "its own fence" in fence(0.0, breached=True)


def test_drone_that_strays_out_of_its_airspace_is_told_once() -> None:
    around = Patrol(layered_plan()).fly(until_s=300.0).control.programmes[ALD_1].state.position
    assert around is not None
    ring = tuple((around.lon_deg + 0.002 * x, around.lat_deg + 0.002 * y) for x, y in ((-1, -1), (1, -1), (1, 1), (-1, 1)))
    patrol = Patrol(layered_plan()).fly(at={300.0: CloseArea(name="fire", ring=ring)}, until_s=330.0)
    (alert,) = (each for each in patrol.alerts("fence") if each.drone == ALD_1)
    assert "outside of where it may fly" in alert.text
