from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from missions.control.itinerary import Course, Minima, conflict_s, itinerary
from missions.control.launch_gate import LaunchGate, Traffic
from missions.control.params import ControlParams
from planner.geo import LatLon, LocalFrame
from planner.model import Plan, Sortie
from tests.missions.control.plans import layered_plan

PARAMS = ControlParams()
MINIMA = Minima(horizontal_m=49.0, vertical_m=9.0)


@pytest.fixture(scope="module")
def plan() -> Plan:
    return layered_plan()


@pytest.fixture
def gate(plan: Plan) -> LaunchGate:
    return LaunchGate(plan, LocalFrame.around([plan.area]), PARAMS, MINIMA)


def first(plan: Plan, drone: str) -> Sortie:
    return plan.sorties_of(drone)[0]


def over(plan: Plan, base: str, *, height_m: float, away_m: float = 0.0, inbound: bool = False) -> Traffic:
    place, elevation_m = plan.base(base).location, plan.base(base).elevation_m
    position = LatLon(lat_deg=place.lat_deg + away_m / 111_000, lon_deg=place.lon_deg)
    return Traffic(drone="other", position=position, amsl_m=elevation_m + height_m, sortie=None, inbound=inbound)


def test_nothing_hinders_the_first_launch(gate: LaunchGate, plan: Plan) -> None:
    assert gate.hindrance(first(plan, "ald-west-1"), 0.0, 0.0, []) == ""


def test_next_at_the_base_waits_until_the_one_before_has_departed_and_then_for_the_planned_spacing(gate: LaunchGate, plan: Plan) -> None:
    before, after = first(plan, "ald-west-1"), first(plan, "ald-west-2")
    gate.launched(before, 0.0)
    assert "about to take off" in gate.hindrance(after, 100.0, 60.0, [])
    gate.departed(before, 100.0)
    assert "just before" in gate.hindrance(after, 159.0, 60.0, [])
    assert gate.hindrance(after, 160.0, 60.0, []) == ""


def test_launch_that_failed_holds_nobody_up(gate: LaunchGate, plan: Plan) -> None:
    gate.launched(first(plan, "ald-west-1"), 0.0)
    gate.given_up(first(plan, "ald-west-1"))
    assert gate.hindrance(first(plan, "ald-west-2"), 60.0, 60.0, []) == ""


def test_launch_at_another_base_is_not_concerned(gate: LaunchGate, plan: Plan) -> None:
    gate.launched(first(plan, "ald-west-1"), 0.0)
    assert gate.hindrance(first(plan, "bre-east-1"), 0.0, 0.0, []) == ""


@pytest.mark.parametrize(
    ("height_m", "away_m", "inbound", "hindered"),
    [(30.0, 0.0, False, True), (65.0, 40.0, False, True), (75.0, 0.0, False, False), (30.0, 60.0, False, False), (30.0, 120.0, True, True)],
)
def test_somebody_without_a_plan_over_the_base_hinders(
    gate: LaunchGate, plan: Plan, height_m: float, away_m: float, inbound: bool, hindered: bool
) -> None:
    other = over(plan, "ald-west", height_m=height_m, away_m=away_m, inbound=inbound)
    assert bool(gate.hindrance(first(plan, "ald-west-1"), 0.0, 0.0, [other])) is hindered


def test_forecast_of_a_late_drone_that_would_be_met_hinders_until_patience_ends(gate: LaunchGate, plan: Plan) -> None:
    """Another drone flies the very same sortie, planned long before, so late that both would fly it together."""
    ours = first(plan, "ald-west-1")
    theirs = replace(ours, id="twin", drone="twin")
    twin = Traffic(drone="twin", position=None, amsl_m=None, sortie=theirs, delay_s=3.0)
    assert "would meet twin" in gate.hindrance(ours, 1.0, 0.0, [twin])
    assert gate.hindrance(ours, PARAMS.launch_patience_s + 1.0, 0.0, [twin]) == ""


def test_forecast_of_a_drone_far_ahead_on_the_same_way_does_not_hinder(gate: LaunchGate, plan: Plan) -> None:
    ours = first(plan, "ald-west-1")
    ahead = Traffic(drone="twin", position=None, amsl_m=None, sortie=replace(ours, id="twin", drone="twin"), delay_s=-400.0)
    assert gate.hindrance(ours, 0.0, 0.0, [ahead]) == ""


def test_itinerary_is_where_the_plan_says_at_every_legs_ends(plan: Plan) -> None:
    frame = LocalFrame.around([plan.area])
    sortie = first(plan, "ald-west-1")
    way = itinerary(plan, sortie, frame)
    assert [way.start_s, way.end_s] == pytest.approx([sortie.start_s, sortie.end_s])
    elevation_m = plan.base(sortie.start_base).elevation_m
    for leg in sortie.legs:
        east_m, north_m, amsl_m = way.positions(np.array([leg.end_s]))[0]
        assert list(frame.point_to_local(leg.end.ground)) == pytest.approx([east_m, north_m], abs=0.01)
        assert amsl_m == pytest.approx(leg.end.height_m + elevation_m)


def test_sorties_that_are_never_in_the_air_together_do_not_conflict(plan: Plan) -> None:
    way = itinerary(plan, first(plan, "ald-west-1"), LocalFrame.around([plan.area]))
    early, late = Course(itinerary=way), Course(itinerary=way, delay_s=way.end_s - way.start_s)
    assert conflict_s(early, late, from_s=0.0, minima=MINIMA) is None
    assert conflict_s(early, Course(itinerary=way, delay_s=2.0), from_s=0.0, minima=MINIMA) == pytest.approx(2.0)
