"""Joint plans: guests help where they may, never where they may not, and nobody is home later for it."""

from __future__ import annotations

from dataclasses import replace

import pytest
import shapely
from shapely.geometry.base import BaseGeometry

from planner.check import check_plan
from planner.model import Agreement, DroneType, MissionSpec, PartitionMode, Permission, Plan
from planner.pipeline import PlanParams, plan_mission
from tests.planner.missions import HERE, QUAD, mission

WEST, EAST = shapely.box(-20_000, -20_000, 0, 20_000), shapely.box(0, -20_000, 20_000, 20_000)
AREA = shapely.box(-900, -150, 300, 150)


def two_nations(*, consent: BaseGeometry | None, agreement: Agreement, west: DroneType = QUAD) -> MissionSpec:
    """A has most of the ground and one drone, B the rest and two."""
    types = (replace(west, id="west"), QUAD)
    spec = mission(AREA, territories={"A": WEST, "B": EAST}, bases={"A": [(-880, -180)], "B": [(100, -180)]}, drone_types=types)
    drones = tuple(each for each in spec.drones if (each.nation == "A") == (each.type == "west"))
    second = replace(next(each for each in drones if each.nation == "B"), id="B-second")
    permissions = () if consent is None else (Permission(id="let-in", host="A", guest="B", polygon=HERE.shape(consent)),)
    return replace(spec, drones=(*drones, second), agreement=agreement, permissions=permissions)


def planned(spec: MissionSpec) -> Plan:
    return plan_mission(spec, "0" * 64, PlanParams(effort=1))


def test_guests_bring_everybody_home_earlier_where_they_may_fly() -> None:
    plan = planned(two_nations(consent=WEST, agreement=Agreement(joint=True)))

    assert plan.comparison is not None
    assert plan.comparison.joint_is_flown
    assert plan.comparison.joint.makespan_s < 0.85 * plan.comparison.separate.makespan_s
    assert plan.result.makespan_s == pytest.approx(plan.comparison.joint.makespan_s)
    assert check_plan(plan) == ()
    assert plan.result.coverage >= 0.99


def test_without_consent_the_separate_plans_are_flown() -> None:
    spec = two_nations(consent=None, agreement=Agreement(joint=True))
    plan = planned(spec)

    assert plan.comparison is not None
    assert not plan.comparison.joint_is_flown
    assert plan.comparison.joint == plan.comparison.separate
    assert plan.sorties == planned(replace(spec, agreement=Agreement())).sorties


def test_guests_keep_to_the_ground_they_are_let_into() -> None:
    plan = planned(two_nations(consent=shapely.box(-300, -1_000, 0, 1_000), agreement=Agreement(joint=True)))

    assert plan.comparison is not None
    assert plan.comparison.joint.makespan_s <= plan.comparison.separate.makespan_s
    lon_deg = [point.lon_deg for sortie in plan.sorties if sortie.nation == "B" for leg in sortie.legs for point in leg.points]
    assert min(HERE.frame.point_to_local(replace(HERE.place(0, 0), lon_deg=each))[0] for each in lon_deg) > -301
    assert check_plan(plan) == ()


def test_agreed_shares_hold_for_guests_too() -> None:
    spec = two_nations(consent=WEST, agreement=Agreement(joint=True, partition=PartitionMode.SHARES))
    spec = replace(spec, nations=tuple(replace(nation, share=0.75 if nation.id == "A" else 0.25) for nation in spec.nations))
    plan = planned(spec)

    assert plan.result.ground_share["A"] == pytest.approx(0.75, abs=0.03)
    assert check_plan(plan) == ()


def test_what_a_nation_cannot_reach_is_swept_by_a_guest() -> None:
    spec = two_nations(consent=WEST, agreement=Agreement(joint=True), west=replace(QUAD, endurance_s=120.0))
    plan = planned(spec)
    apart = planned(replace(spec, agreement=Agreement()))

    assert apart.unreachable
    assert plan.unreachable == ()
    assert plan.result.coverage > apart.result.coverage + 0.1
