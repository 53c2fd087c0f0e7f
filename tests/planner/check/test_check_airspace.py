"""Permissions, the border's band, keep-outs and `stay_inside`: where one may fly, how high and when."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import shapely

from planner.check import check_plan
from planner.geo import Geographic
from planner.model import HeightBand, KeepOut, Plan, Rule, Sortie, Validity
from tests.planner.plan_builder import Flight, Setting, build, flight, keep_out_box, lanes_of, with_sorties

SETTING = Setting()
HONEST = build(SETTING)
WEST = lanes_of(SETTING, -1, "W")


def rules(plan: Plan) -> set[Rule]:
    return {violation.rule for violation in check_plan(plan)}


def visit(height_m: float = 50.0, *, start_s: float = 0.0, drone: str = "w2", hold_s: float = 0.0) -> Sortie:
    """From the far base under the permission, across the border, and back, sweeping nothing."""
    flown = flight(SETTING, "W", "far", drone=drone, start_s=start_s).takeoff(height_m).to(-200, -400).to(50, -400)
    if hold_s > 0:
        flown.hold(hold_s)
    return flown.to(-200, -400).to(-420, -300).land().sortie(f"{drone}/visit", "W")


def plan_with(*sorties: Sortie, **changes: Any) -> Plan:
    """The honest plan with more sorties; changes go to its permission."""
    plan = replace(HONEST, permissions=tuple(replace(permission, **changes) for permission in HONEST.permissions))
    return with_sorties(plan, [*plan.sorties, *sorties])


def with_drone(plan: Plan, drone: str) -> Plan:
    return replace(plan, drones=(*plan.drones, replace(plan.drones[1], id=drone, system_id=9)))


LATER_S = HONEST.sorties[2].end_s + 300


def test_a_permission_opens_the_band_and_the_ground_behind_it() -> None:
    assert rules(plan_with(visit(start_s=LATER_S))) == set()


def test_without_its_permission_the_same_flight_leaves_the_airspace() -> None:
    assert rules(replace(plan_with(visit(start_s=LATER_S)), permissions=())) == {Rule.AIRSPACE}


def test_a_permission_of_another_guest_opens_nothing() -> None:
    assert rules(plan_with(visit(start_s=LATER_S), guest="E", host="W")) == {Rule.AIRSPACE}


@pytest.mark.parametrize(
    ("changes", "named", "unit"),
    [
        ({"band": HeightBand(min_m=60.0)}, "height 50.0 m is outside its band 60 to - m", "m"),
        ({"band": HeightBand(max_m=40.0)}, "height 50.0 m is outside its band - to 40 m", "m"),
        ({"validity": Validity(from_s=5000.0)}, "is outside its validity 5000 to - s", "s"),
        ({"validity": Validity(to_s=LATER_S + 30)}, "is outside its validity - to", "s"),
    ],
    ids=["below the band", "above the band", "too early", "too late"],
)
def test_within_the_polygon_but_against_its_terms_it_is_the_permission_that_is_broken(
    changes: dict[str, Any], named: str, unit: str
) -> None:
    found = check_plan(plan_with(visit(start_s=LATER_S), **changes))

    assert {violation.rule for violation in found} == {Rule.PERMISSION}
    assert all(named in violation.text and violation.unit == unit for violation in found)
    assert [violation.subject for violation in found] == ["w2/visit.legs[2]", "w2/visit.legs[3]"]


def test_a_permission_that_ends_while_the_drone_is_inside_is_broken_from_then_on() -> None:
    sortie = visit(start_s=LATER_S)
    turning_s = sortie.legs[2].end_s

    assert rules(plan_with(sortie, validity=Validity(to_s=sortie.legs[3].end_s))) == set()
    found = check_plan(plan_with(sortie, validity=Validity(to_s=turning_s)))
    assert [violation.subject for violation in found] == ["w2/visit.legs[3]"]


def test_two_permissions_one_after_the_other_carry_a_flight() -> None:
    sortie = visit(start_s=LATER_S)
    plan = plan_with(sortie, validity=Validity(to_s=sortie.legs[2].end_s))
    rest = replace(plan.permissions[0], id="rest", validity=Validity(from_s=sortie.legs[2].end_s))

    assert rules(replace(plan, permissions=(*plan.permissions, rest))) == set()


def test_more_drones_at_once_than_a_permission_admits_break_it_once() -> None:
    plan = with_drone(plan_with(visit(start_s=LATER_S, hold_s=60.0), visit(70.0, start_s=LATER_S + 20, drone="w3")), "w3")

    found = check_plan(plan)

    assert [(violation.rule, violation.subject, violation.amount) for violation in found] == [(Rule.PERMISSION, "w3/visit.legs[2]", 1.0)]
    assert "admits 1 drones at once, this is number 2" in found[0].text
    assert rules(replace(plan, permissions=(replace(plan.permissions[0], max_drones=2),))) == set()
    assert rules(replace(plan, permissions=(replace(plan.permissions[0], max_drones=None),))) == set()


def test_one_drone_after_another_does_not_crowd_a_permission() -> None:
    first = visit(start_s=LATER_S)
    plan = with_drone(plan_with(first, visit(70.0, start_s=first.end_s, drone="w3")), "w3")

    assert rules(plan) == set()


def test_a_takeoff_within_a_permission_keeps_to_its_band_too() -> None:
    """The guest's base stands on the host's ground: the climb through the lowest 30 m is not permitted."""
    plan = plan_with(band=HeightBand(min_m=30.0))
    base = replace(plan.bases[1], location=SETTING.place(50, -400))
    plan = replace(plan, bases=(plan.bases[0], base, *plan.bases[2:]))
    first = Flight(SETTING, drone="w2", base="w-far", start_s=0.0, place=(50, -400)).takeoff()
    sortie = first.to(-200, -400).sweep(WEST[6]).sweep(WEST[5], backwards=True).to(-200, -400).to(50, -400).land().sortie("w2/1", "W")
    plan = with_sorties(plan, [sortie if each.id == "w2/1" else each for each in plan.sorties])

    found = check_plan(plan)

    assert [(violation.rule, violation.subject) for violation in found] == [
        (Rule.PERMISSION, "w2/1.legs[0]"),
        (Rule.PERMISSION, f"w2/1.legs[{len(sortie.legs) - 1}]"),
    ]
    assert rules(replace(plan, permissions=(replace(plan.permissions[0], band=HeightBand()),))) == set()


def test_a_takeoff_outside_the_territory_is_outside_the_airspace() -> None:
    base = replace(HONEST.bases[1], location=SETTING.place(20, -300))
    sortie = Flight(SETTING, drone="w2", base="w-far", start_s=LATER_S, place=(20, -300)).takeoff().land().sortie("w2/9", "W")
    plan = with_sorties(replace(HONEST, bases=(*HONEST.bases[:1], base, *HONEST.bases[2:])), [sortie])

    assert [violation.subject for violation in check_plan(plan) if violation.rule is Rule.AIRSPACE] == ["w2/9.legs[0]", "w2/9.legs[1]"]


def test_without_a_border_there_is_no_band() -> None:
    near = flight(SETTING, "W", "far", drone="w2", start_s=LATER_S).takeoff().to(-3, -300).to(-420, -300).land().sortie("w2/near", "W")

    assert rules(plan_with(near)) == {Rule.AIRSPACE}
    assert rules(replace(plan_with(near), border=None)) == set()


@pytest.mark.parametrize(("east_m", "broken"), [(-5.5, False), (-4.5, False), (-3.5, True)])
def test_the_band_forgives_a_metre_and_no_more(east_m: float, broken: bool) -> None:
    near = flight(SETTING, "W", "far", drone="w2", start_s=LATER_S).takeoff().to(east_m, -300).to(-420, -300).land().sortie("w2/near", "W")

    assert (Rule.AIRSPACE in rules(plan_with(near))) is broken


def test_an_uncertainty_that_is_no_distance_is_found() -> None:
    for value in (float("nan"), -1.0, float("inf")):
        assert Rule.AIRSPACE in rules(replace(HONEST, position_uncertainty_m=value))


def through(*points: tuple[float, float], height_m: float = 50.0) -> Plan:
    flown = flight(SETTING, "W", "far", drone="w2", start_s=LATER_S).takeoff(height_m)
    for point in points:
        flown.to(*point)
    return plan_with(flown.to(-420, -300).land().sortie("w2/through", "W"))


@pytest.mark.parametrize(("north_m", "broken"), [(15.5, False), (14.5, False), (13.5, True), (0.0, True)])
def test_a_keep_outs_buffer_forgives_a_metre_and_no_more(north_m: float, broken: bool) -> None:
    plan = through((-420, north_m), (-100, north_m))

    assert (Rule.KEEP_OUT in rules(plan)) is broken


@pytest.mark.parametrize(("past_m", "broken"), [(8.0, False), (6.0, True)])
def test_the_corner_of_a_buffer_is_round(past_m: float, broken: bool) -> None:
    """Past the north-eastern corner on the diagonal: 11.3 m are outside a buffer of 10 m, though 8 m each way are not."""
    _, _, east_m, north_m = keep_out_box()
    east_m, north_m = east_m + past_m, north_m + past_m

    plan = through((east_m - 60, north_m + 60), (east_m + 60, north_m - 60))

    assert rules(plan) == ({Rule.KEEP_OUT} if broken else set())


def test_a_keep_out_holds_only_within_its_band_and_validity() -> None:
    plan = through((-420, 0), (-100, 0))
    arrives_s = plan.sorties[-1].legs[1].end_s

    def amended(**changes: Any) -> set[Rule]:
        return rules(replace(plan, keep_outs=(replace(plan.keep_outs[0], **changes),)))

    assert amended() == {Rule.KEEP_OUT}
    assert amended(band=HeightBand(max_m=45.0)) == set()
    assert amended(band=HeightBand(min_m=55.0)) == set()
    assert amended(band=HeightBand(min_m=45.0, max_m=55.0)) == {Rule.KEEP_OUT}
    assert amended(validity=Validity(to_s=arrives_s)) == set()
    assert amended(validity=Validity(from_s=plan.sorties[-1].end_s)) == set()
    assert amended(validity=Validity(from_s=arrives_s, to_s=arrives_s + 60)) == {Rule.KEEP_OUT}


def test_a_takeoff_inside_a_keep_out_is_found() -> None:
    keep_out = KeepOut(id="pad", polygon=SETTING.polygon(-430, -310, -410, -290))

    found = check_plan(replace(HONEST, keep_outs=(*HONEST.keep_outs, keep_out)))

    assert {"w2/1.legs[0]", "w2/1.legs[1]"} <= {violation.subject for violation in found if violation.rule is Rule.KEEP_OUT}


@pytest.mark.parametrize("width_m", [0.1, 0.4, 1.0, 2.0, 20.0])
def test_a_fence_without_a_buffer_is_crossed_however_thin_it_is(width_m: float) -> None:
    fence = KeepOut(id="fence", polygon=SETTING.polygon(-290, -100, -290 + width_m, 100))
    plan = through((-420, 10), (-200, 10))

    found = check_plan(replace(plan, keep_outs=(fence,), coverable=plan.area))

    assert any(violation.rule is Rule.KEEP_OUT and "fence" in violation.text for violation in found)


def test_flying_along_the_very_edge_of_a_bare_keep_out_is_no_crossing() -> None:
    west, south, east, north = keep_out_box()
    bare = replace(HONEST.keep_outs[0], buffer_m=0.0)

    plan = replace(through((west - 50, south), (east + 50, south), (east, south), (east, north + 50)), keep_outs=(bare,))

    assert rules(plan) == set()


def test_staying_inside_holds_between_the_first_sweep_and_the_last() -> None:
    inside = replace(HONEST, stay_inside=True)
    # The outermost lanes lie 6 m outside the area.
    found = check_plan(inside)
    assert {violation.rule for violation in found} == {Rule.AIRSPACE}
    assert {violation.subject.split(".")[0] for violation in found} == {"w2/1", "e2/1"}
    assert all("outside the area" in violation.text for violation in found)

    wide = shapely.box(-310, -200, 310, 200)
    roomy = replace(inside, area=SETTING.frame.to_geographic(wide))
    assert Rule.AIRSPACE not in rules(roomy)

    # A way out between two sweeps is not the way to or from a base.
    flown = flight(SETTING, "W", "far", drone="w2").takeoff().sweep(WEST[6]).to(-306, 230).sweep(WEST[5], backwards=True)
    astray = flown.to(-420, -300).land().sortie("w2/1", "W")
    strayed = with_sorties(roomy, [astray if each.id == "w2/1" else each for each in roomy.sorties])
    subjects = [violation.subject for violation in check_plan(strayed) if violation.rule is Rule.AIRSPACE]
    assert subjects == ["w2/1.legs[3]", "w2/1.legs[4]"]


def test_a_territory_in_two_parts_at_the_antimeridian_is_one() -> None:
    setting = Setting(origin=replace(SETTING.origin, lat_deg=-17.0, lon_deg=179.998))
    plan = build(setting)
    east = plan.nations[1]
    whole = shapely.transform(east.territory.geometry, lambda points: np.column_stack([points[:, 0] % 360, points[:, 1]]))
    left = whole.intersection(shapely.box(170, -20, 180, -10))
    right = shapely.transform(whole.intersection(shapely.box(180, -20, 190, -10)), lambda points: points - [360, 0])
    assert not left.is_empty
    assert not right.is_empty
    parted = replace(east, territory=Geographic(shapely.union_all([left, right])))

    assert check_plan(replace(plan, nations=(plan.nations[0], parted))) == ()
