"""Over ground that several nations claim nobody flies unless all the other claimants consent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
import shapely
from shapely.geometry.base import BaseGeometry

from planner.check import check_plan
from planner.contested import SLIVER_M, contested_ground, settled
from planner.model import HeightBand, MissionSpec, Permission, Plan, Rule, Validity
from planner.pipeline import PlanParams, plan_mission
from tests.planner.missions import HERE, mission

FIELD = shapely.box(-400, -200, 400, 200)
#: Both claim the 300 m in the middle.
CLAIMS = {"A": shapely.box(-20_000, -20_000, 150, 20_000), "B": shapely.box(-150, -20_000, 20_000, 20_000)}
MIDDLE = shapely.box(-150, -20_000, 150, 20_000)
BASES = {"A": [(-420.0, -220.0)], "B": [(420.0, -220.0)]}
BOTH = mission(FIELD, territories=CLAIMS, bases=BASES)


def consent(host: str, guest: str, ground: BaseGeometry = MIDDLE) -> Permission:
    return Permission(id=f"{host}-{guest}", host=host, guest=guest, polygon=HERE.shape(ground))


def planned(spec: MissionSpec, permissions: Sequence[Permission] = ()) -> Plan:
    return plan_mission(replace(spec, permissions=tuple(permissions)), "0" * 64, PlanParams(effort=1))


def metres_over(plan: Plan, ground: BaseGeometry) -> dict[str, float]:
    """How far each nation's drones fly over some ground."""
    found = dict.fromkeys((nation.id for nation in plan.nations), 0.0)
    for sortie in plan.sorties:
        for leg in sortie.legs:
            ends = [HERE.frame.point_to_local(place) for place in (leg.start, leg.end)]
            found[sortie.nation] += shapely.LineString(ends).intersection(ground.buffer(-5)).length
    return found


def test_nobody_flies_where_two_claim_and_neither_consents() -> None:
    plan = planned(BOTH)

    assert metres_over(plan, MIDDLE) == {"A": 0.0, "B": 0.0}
    assert {sortie.nation for sortie in plan.sorties} == {"A", "B"}
    assert any("A and B both claim" in note and "nobody flies there" in note for note in plan.notes)
    assert plan.unreachable


def test_the_claimant_to_whom_the_other_consents_flies_there_and_the_other_does_not() -> None:
    plan = planned(BOTH, [consent("B", "A")])

    over = metres_over(plan, MIDDLE)
    assert over["A"] > 1000
    assert over["B"] == 0.0
    assert plan.violations == ()
    assert plan.result.coverage > 0.99
    assert any("B consents to A" in note for note in plan.notes)


def test_who_flies_over_contested_ground_without_consent_is_found_by_the_mission_s_own_claims() -> None:
    plan = planned(BOTH, [consent("B", "A")])

    assert check_plan(replace(plan, nations=BOTH.nations)) == ()
    refused = replace(plan, nations=BOTH.nations, permissions=())
    assert Rule.AIRSPACE in {violation.rule for violation in check_plan(refused)}


TERMS = [{"validity": Validity(to_s=600.0)}, {"band": HeightBand(min_m=50.0)}, {"max_drones": 1}]


@pytest.mark.parametrize("terms", TERMS)
def test_of_two_other_claimants_one_may_set_terms_which_then_bind(terms: dict[str, object]) -> None:
    spec = mission(FIELD, territories={**CLAIMS, "C": MIDDLE}, bases=BASES)
    given = (consent("B", "A"), replace(consent("C", "A"), **terms))  # type: ignore[arg-type]

    plan = planned(spec, given)

    assert metres_over(plan, MIDDLE)["A"] > 0
    broken = {violation.rule for violation in check_plan(replace(plan, nations=spec.nations, permissions=given))}
    assert not broken & {Rule.AIRSPACE, Rule.PERMISSION}


@pytest.mark.parametrize("terms", TERMS)
def test_consents_of_two_other_claimants_with_terms_each_open_nothing(terms: dict[str, object]) -> None:
    spec = mission(FIELD, territories={**CLAIMS, "C": MIDDLE}, bases=BASES)
    given = (replace(consent("B", "A"), **terms), replace(consent("C", "A"), max_drones=5))  # type: ignore[arg-type]

    assert metres_over(planned(spec, given), MIDDLE)["A"] == 0.0


def test_the_consent_of_one_of_two_other_claimants_opens_nothing() -> None:
    spec = mission(FIELD, territories={**CLAIMS, "C": MIDDLE}, bases=BASES)

    assert metres_over(planned(spec, [consent("B", "A")]), MIDDLE)["A"] == 0.0


def test_a_guest_needs_the_consent_of_both_claimants() -> None:
    claims = {
        "A": shapely.box(-20_000, -20_000, 20_000, 0),
        "B": shapely.box(-20_000, -100, 20_000, 20_000),
        "G": shapely.box(500, -900, 900, -600),
    }
    claims["A"] = claims["A"].difference(claims["G"])
    spec = mission(FIELD, territories=claims, bases={"G": [(600.0, -700.0)]})
    around = shapely.box(-5_000, -5_000, 5_000, 5_000)
    both = shapely.box(-5_000, -100, 5_000, 0)

    one = planned(spec, [consent("A", "G", around)])
    all_ = planned(spec, [consent("A", "G", around), consent("B", "G", around)])

    assert metres_over(one, both)["G"] == 0.0
    assert metres_over(all_, both)["G"] > 0.0
    assert all_.result.coverage > 0.99


def test_slivers_between_two_maps_of_one_border_are_no_claims() -> None:
    spec = mission(
        FIELD, territories={"A": shapely.box(-20_000, -20_000, SLIVER_M / 3, 20_000), "B": shapely.box(0, -20_000, 20_000, 20_000)}
    )

    assert contested_ground(spec).shared == ()
    assert settled(spec, contested_ground(spec)) is spec


def test_contested_ground_is_nobody_s_and_the_rest_stays_whose_it_was() -> None:
    contested = contested_ground(BOTH)
    after = settled(BOTH, contested)

    ((claimants, ground),) = contested.shared
    assert claimants == ("A", "B")
    lands = {nation.id: HERE.frame.ground(nation.territory) for nation in after.nations}
    assert ground.area == pytest.approx(300 * 40_000, rel=1e-3)
    for name, claim in CLAIMS.items():
        kept = claim.difference(MIDDLE)
        assert lands[name].symmetric_difference(kept).area == pytest.approx(0, abs=1000.0)
        assert lands[name].intersection(MIDDLE).area < 1.0
