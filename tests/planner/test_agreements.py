"""Agreements that nobody can fly by are explained: whose they are and what is wrong with them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import shapely

from benchmarks.random_areas import coverage_with_named
from planner.agreements import agreement_notes, rule_notes, unusable
from planner.model import HeightBand, KeepOut, MissionSpec, Permission, Plan, Policy, Validity
from planner.pipeline import PlanParams, plan_mission
from tests.planner.missions import HERE, keep_out, mission

WEST, EAST = shapely.box(-20_000, -20_000, 0, 20_000), shapely.box(0, -20_000, 20_000, 20_000)
AREA = shapely.box(60, -100, 260, 100)


def asked(
    *, ground: shapely.Polygon = AREA, host_policy_m: float = 120.0, keep_outs: tuple[KeepOut, ...] = (), **terms: Any
) -> MissionSpec:
    """Nation A's drones in the west, which work at 60 m, ask to sweep an area in the east."""
    spec = mission(AREA, territories={"A": WEST, "B": EAST}, bases={"A": [(-60.0, 0.0)], "B": []}, keep_outs=keep_outs)
    host = replace(spec.nations[1], policy=Policy(max_height_m=host_policy_m))
    visit = replace(Permission(id="visit", host="B", guest="A", polygon=HERE.shape(ground)), **terms)
    return replace(spec, nations=(spec.nations[0], host), permissions=(visit,))


def notes(spec: MissionSpec) -> tuple[str, ...]:
    return agreement_notes(spec, {drone.id: 60.0 for drone in spec.drones}, HERE.frame)


def planned(spec: MissionSpec) -> Plan:
    return plan_mission(spec, "0" * 64, PlanParams(effort=1))


@pytest.mark.parametrize(
    ("spec", "why"),
    [
        (asked(validity=Validity(to_s=-60.0)), "it ended 60 s before the plan starts"),
        (asked(validity=Validity(to_s=0.0)), "it ended 0 s before the plan starts"),
        (asked(max_drones=0), "it admits no drone"),
        (asked(band=HeightBand(min_m=130.0)), "it begins at 130 m, B allows 120 m"),
        (asked(band=HeightBand(min_m=80.0, max_m=100.0)), "drones of A work at 60 m, outside its band (80 to 100 m)"),
        (asked(band=HeightBand(max_m=40.0)), "drones of A work at 60 m, outside its band (any to 40 m)"),
        (asked(host_policy_m=50.0), "drones of A work at 60 m, outside B's limit (any to 50 m)"),
    ],
)
def test_a_permission_that_nobody_can_fly_by_is_explained_and_so_is_the_ground(spec: MissionSpec, why: str) -> None:
    text = f"permission visit of B for A is not used: {why}"

    plan = planned(spec)

    assert notes(spec) == (text,)
    assert text in plan.notes
    assert plan.sorties == ()
    if plan.result.coverage < 1:
        assert {each.reason for each in plan.unreachable} & {text, "no nation may fly where it could be seen from"}
        assert coverage_with_named(plan) >= 0.99


def test_a_guest_without_drones_is_said_to_have_none() -> None:
    spec = asked()

    assert unusable(replace(spec, drones=()), {}) == {"visit": "permission visit of B for A is not used: A has no drone"}


@pytest.mark.parametrize("spec", [asked(), asked(validity=Validity(to_s=5_000.0)), asked(max_drones=1)])
def test_an_agreement_that_can_be_kept_is_not_remarked_on(spec: MissionSpec) -> None:
    assert notes(spec) == ()


def test_consent_for_ground_of_others_is_remarked_on() -> None:
    assert notes(asked(ground=shapely.box(-300, -100, -100, 100))) == ("permission visit of B for A is for ground that is not B's",)


def test_a_guest_at_home_is_remarked_on() -> None:
    assert notes(asked(host="A")) == ("permission visit of A for A changes nothing: A is host and guest",)


def test_consent_for_ground_that_a_keep_out_closes_is_remarked_on() -> None:
    shut = keep_out(AREA.buffer(20), name="reserve")

    assert notes(asked(keep_outs=(shut,))) == ("permission visit of B for A opens nothing: keep-out reserve closes all of its ground",)
    assert notes(asked(keep_outs=(replace(shut, validity=Validity(to_s=600.0)),))) == ()
    assert notes(asked(keep_outs=(keep_out(AREA.buffer(-20)),))) == ()


def test_whose_rule_is_the_strictest_is_said() -> None:
    spec = asked()
    first, *others = spec.nations
    strict = replace(first, policy=Policy(max_height_m=100.0, min_separation_m=spec.limits.min_separation_m))

    assert rule_notes(replace(spec, nations=(strict, *others))) == (
        "horizontal separation of 50 m for all is the rule of A",
        "nobody flies above 100 m over A, nor do its drones anywhere: its rule is the strictest",
    )


def test_what_a_buffer_is_made_up_of_is_said() -> None:
    shut = replace(keep_out(AREA.buffer(-20), buffer_m=33.0, name="beyond"), navigation_error_m=8.0, border_uncertainty_m=25.0)

    text = "keep-out beyond is kept clear by 33 m: 8 m of navigation error, 25 m of the border's uncertainty"
    assert rule_notes(asked(keep_outs=(shut,))) == (text,)
