from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from missions.go_no_go import reasons_to_stay
from missions.utc import at_utc
from planner.model import Permission, Validity, Wind
from tests.missions.sample_patrol import sample_plan

PLAN = sample_plan()
START = at_utc(PLAN.start_utc, 0.0)


def timed(validity: Validity) -> Permission:
    return Permission(id="until-noon", host="BRE", guest="ALD", polygon=PLAN.area, validity=validity)


def test_plan_that_nothing_binds_to_the_clock_may_be_flown_any_day() -> None:
    assert reasons_to_stay(PLAN, START + timedelta(days=30)) == ()
    always = replace(PLAN, permissions=(timed(Validity(from_s=0.0)),))
    assert reasons_to_stay(always, START + timedelta(days=30)) == ()


def test_permission_that_ends_is_flown_by_the_clock_it_was_planned_by() -> None:
    plan = replace(PLAN, permissions=(timed(Validity(to_s=7200.0)),))
    assert reasons_to_stay(plan, START + timedelta(minutes=10)) == ()
    (late,) = reasons_to_stay(plan, START + timedelta(hours=2))
    assert "2.0 h ago" in late
    assert "until-noon" in late
    (early,) = reasons_to_stay(plan, START - timedelta(hours=1))
    assert "1.0 h from now" in early


def test_wind_beyond_the_missions_limit_keeps_everybody_down() -> None:
    limit_mps = PLAN.limits.max_wind_mps
    assert reasons_to_stay(PLAN, START, wind_mps=limit_mps - 4.0) == ()
    reasons = reasons_to_stay(PLAN, START, wind_mps=limit_mps + 1.0)
    assert any("the mission allows" in reason for reason in reasons)
    assert reasons_to_stay(replace(PLAN, wind=Wind(speed_mps=limit_mps + 1.0)), START) != ()


def test_wind_that_a_type_cannot_fly_against_keeps_everybody_down() -> None:
    (reason,) = reasons_to_stay(PLAN, START, wind_mps=10.0)
    assert "quad" in reason
