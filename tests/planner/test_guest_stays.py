"""Permissions that begin late, end or count drones are kept, and ground that they leave no time for is named."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.random_areas import coverage_with_named
from planner.check import check_plan
from planner.guest_stays import GuestGround, Stay, guest_stays, is_bounded, overcrowd, window_s
from planner.model import MissionSpec, Permission, Plan, Rule, Validity
from planner.pipeline import PlanParams, plan_mission
from tests.planner.missions import HERE, mission

WEST, EAST = shapely.box(-20_000, -20_000, 0, 20_000), shapely.box(0, -20_000, 20_000, 20_000)


def permission(*, max_drones: int | None = None, **validity: float) -> Permission:
    polygon = HERE.shape(shapely.box(-50, -500, 1_000, 500))
    return Permission(id="visit", host="B", guest="A", polygon=polygon, validity=Validity(**validity), max_drones=max_drones)


def visiting(each: Permission, *, drones: int = 1) -> MissionSpec:
    """Nation A's drones, based in the west, sweep the east, where B has none."""
    spec = mission(
        shapely.box(60, -150, 460, 150),
        territories={"A": WEST, "B": EAST},
        bases={"A": [(-60.0, 0.0), (-60.0, 250.0)][:drones], "B": []},
    )
    return replace(spec, permissions=(each,))


def planned(spec: MissionSpec) -> Plan:
    return plan_mission(spec, "0" * 64, PlanParams(effort=1))


def abroad_s(plan: Plan) -> list[tuple[str, float, float]]:
    """By samples of the time: from when to when each sortie is in the east."""
    found = []
    for sortie in plan.sorties:
        grid_s = np.arange(sortie.start_s, sortie.end_s, 0.25)
        lon_deg = np.interp(grid_s, [leg.end_s for leg in sortie.legs], [leg.end.lon_deg for leg in sortie.legs])
        there_s = grid_s[lon_deg > HERE.lon_deg]
        if len(there_s):
            found.append((sortie.drone, float(there_s[0]), float(there_s[-1])))
    return found


def test_a_permission_without_an_end_is_used_at_once() -> None:
    plan = planned(visiting(permission()))

    assert plan.violations == ()
    assert plan.result.coverage >= 0.99
    assert min(sortie.start_s for sortie in plan.sorties) == 0


def test_a_permission_that_begins_later_is_waited_for() -> None:
    plan = planned(visiting(permission(from_s=1_800.0)))

    assert plan.violations == ()
    assert plan.result.coverage >= 0.99
    assert min(sortie.end_s for sortie in plan.sorties) > 1_800.0


def test_a_permission_that_ends_before_all_is_swept_is_kept_and_the_rest_named() -> None:
    whole = planned(visiting(permission()))
    ends_s = 0.6 * whole.result.makespan_s

    tired = tuple(replace(each, endurance_s=460.0) for each in whole.drone_types)

    plan = planned(replace(visiting(permission(to_s=ends_s)), drone_types=tired))

    assert {violation.rule for violation in plan.violations} == {Rule.COVERAGE}
    assert plan.sorties
    assert 0.1 < plan.result.coverage < 0.95
    assert coverage_with_named(plan) >= 0.99
    assert any(f"permission visit of B for A ends at {ends_s:.0f} s" in each.reason for each in plan.unreachable)


def test_what_a_drone_cannot_leave_in_time_is_not_entered() -> None:
    plan = planned(visiting(permission(to_s=30.0)))

    assert plan.sorties == ()
    assert plan.lanes == ()
    assert coverage_with_named(plan) >= 0.99


def test_one_drone_at_a_time_where_no_more_are_admitted() -> None:
    free, counted = planned(visiting(permission(), drones=2)), planned(visiting(permission(max_drones=1), drones=2))

    assert free.violations == counted.violations == ()
    assert free.result.coverage == counted.result.coverage
    assert len({drone for drone, _, _ in abroad_s(free)}) == 2
    for one, (_, from_s, to_s) in enumerate(abroad_s(counted)):
        assert all(to_s <= other_from_s or other_to_s <= from_s for _, other_from_s, other_to_s in abroad_s(counted)[:one])


def test_the_checker_agrees_that_the_terms_bind() -> None:
    plan = planned(visiting(permission(), drones=2))

    late = replace(plan, permissions=(permission(to_s=plan.result.makespan_s / 2),))
    crowded = replace(plan, permissions=(permission(max_drones=1),))

    assert {violation.rule for violation in check_plan(late)} >= {Rule.PERMISSION}
    assert {violation.rule for violation in check_plan(crowded)} == {Rule.PERMISSION}


@pytest.mark.parametrize(
    ("each", "drones", "bounded"),
    [
        (permission(), 5, False),
        (permission(from_s=-10.0), 5, False),
        (permission(from_s=1.0), 1, True),
        (permission(to_s=100.0), 1, True),
        (permission(max_drones=5), 5, False),
        (permission(max_drones=4), 5, True),
    ],
)
def test_terms_bind_when_a_fleet_must_look_at_them(each: Permission, drones: int, bounded: bool) -> None:
    assert is_bounded(each, drones) is bounded


GROUND = shapely.union_all([shapely.box(0, 0, 100, 100), shapely.box(200, 0, 300, 100), shapely.Point(50, 200).buffer(30)])


@settings(max_examples=60, deadline=None)
@given(points=st.lists(st.tuples(st.integers(-50, 350), st.integers(-50, 250)), min_size=2, max_size=8))
def test_a_flight_is_on_guest_ground_during_its_stays_and_at_no_other_time(points: list[tuple[int, int]]) -> None:
    times_s = np.arange(len(points)) * 10.0
    found = guest_stays("d", times_s, np.array(points, dtype=float), [GuestGround(permission(), GROUND)], 0.0)

    for at_s in np.arange(0, times_s[-1], 0.37):
        here = shapely.Point(*(float(np.interp(at_s, times_s, column)) for column in np.array(points, dtype=float).T))
        inside = any(stay.from_s - 1e-6 <= at_s <= stay.to_s + 1e-6 for stay in found)
        assert inside or not GROUND.contains(here)
        assert not inside or GROUND.distance(here) < 1e-3 or any(stay.from_s == stay.to_s for stay in found)


def test_hovering_on_guest_ground_is_a_stay() -> None:
    found = guest_stays("d", np.array([0.0, 60.0]), np.array([[50.0, 50.0], [50.0, 50.0]]), [GuestGround(permission(), GROUND)], 0.0)

    assert [(stay.from_s, stay.to_s) for stay in found] == [(0.0, 60.0)]


def stay(drone: str, from_s: float, to_s: float, each: Permission) -> Stay:
    return Stay(each, drone, from_s, to_s)


def test_a_flight_is_moved_into_the_validity_of_all_it_relies_on() -> None:
    opens, closes = permission(from_s=100.0), permission(to_s=500.0)

    assert window_s([stay("d", 20, 40, opens), stay("d", 60, 80, closes)], 5.0) == (85.0, 415.0)
    assert window_s([], 5.0) == (-math.inf, math.inf)


def test_crowding_counts_drones_that_are_there_at_once() -> None:
    two = permission(max_drones=2)
    others = [stay("a", 0, 100, two), stay("b", 90, 200, two), stay("b", 300, 400, two)]

    assert overcrowd([stay("c", 92, 95, two)], others, 0.0)
    assert overcrowd([stay("c", 50, 95, two)], others, 0.0)
    assert not overcrowd([stay("c", 10, 80, two)], others, 0.0)
    assert not overcrowd([stay("c", 101, 400, two)], others, 0.0)
    assert not overcrowd([stay("a", 92, 95, two)], others, 0.0)
    assert not overcrowd([stay("c", 92, 95, replace(two, id="other"))], others, 0.0)
    assert not overcrowd([stay("c", 92, 95, permission())], others, 0.0)
