"""Every kind of tampering is caught by the rule it breaks, and by no other where only one is broken."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from planner.check import check_figures, check_flights, check_plan, in_order
from planner.model import LegKind, Plan, Rule, Sortie
from tests.planner.plan_builder import (
    POWER_HOVER_W,
    Flight,
    Setting,
    build,
    flight,
    lanes_of,
    leg_index,
    with_leg,
    with_sortie,
    with_sorties,
)

SETTING = Setting()
HONEST = build(SETTING)
WEST = lanes_of(SETTING, -1, "W")


def rules(plan: Plan) -> set[Rule]:
    return {violation.rule for violation in check_plan(plan)}


def texts(plan: Plan) -> str:
    return "\n".join(violation.text for violation in check_plan(plan))


def w1() -> Flight:
    return flight(SETTING, "W", "near", drone="w1").takeoff()


def w2() -> Flight:
    return flight(SETTING, "W", "far", drone="w2").takeoff()


def swept_w2(flown: Flight) -> Flight:
    return flown.sweep(WEST[6]).sweep(WEST[5], backwards=True).to(-420, -300).land()


def replaced(plan: Plan, *sorties: Sortie) -> Plan:
    """The plan with these sorties in the place of those with their ids, and everything that follows mended."""
    new = {sortie.id: sortie for sortie in sorties}
    return with_sorties(plan, [new.get(sortie.id, sortie) for sortie in plan.sorties])


def without_fleet_limits(plan: Plan, **changes: Any) -> Plan:
    return replace(plan, drone_types=tuple(replace(each, **changes) for each in plan.drone_types))


def leg_across_the_border(plan: Plan) -> Plan:
    return replaced(plan, swept_w2(w2().to(60, -300)).sortie("w2/1", "W"))


def leg_into_the_uncertainty_band(plan: Plan) -> Plan:
    return replaced(plan, swept_w2(w2().to(-3, -300)).sortie("w2/1", "W"))


def keep_out_crossed(plan: Plan) -> Plan:
    return replaced(
        plan, w2().sweep(WEST[6]).sweep(WEST[5], backwards=True).to(-181, -200).to(-181, 200).to(-420, -300).land().sortie("w2/1", "W")
    )


def keep_out_buffer_grazed(plan: Plan) -> Plan:
    """12 m from the middle of the polygon is 3 m inside its buffer of 10 m."""
    return replaced(
        plan, w2().sweep(WEST[6]).sweep(WEST[5], backwards=True).to(-193, -200).to(-193, 200).to(-420, -300).land().sortie("w2/1", "W")
    )


def lane_dropped(plan: Plan) -> Plan:
    return replaced(plan, w2().sweep(WEST[6]).to(-420, -300).land().sortie("w2/1", "W"))


def lane_dropped_and_struck_off(plan: Plan) -> Plan:
    return replace(lane_dropped(plan), lanes=tuple(lane for lane in plan.lanes if lane.id != "w5"))


def lane_cut_with_a_hole(plan: Plan) -> Plan:
    first = replace(WEST[5], end=SETTING.place(-256, 0))
    second = replace(WEST[5], start=SETTING.place(-256, 3))
    return replaced(
        plan, w2().sweep(WEST[6]).sweep(second, backwards=True).sweep(first, backwards=True).to(-420, -300).land().sortie("w2/1", "W")
    )


def too_long(plan: Plan) -> Plan:
    return replaced(without_fleet_limits(plan, battery_wh=1e4), swept_w2(w2().hold(1100)).sortie("w2/1", "W"))


def too_thirsty(plan: Plan) -> Plan:
    return replaced(without_fleet_limits(plan, endurance_s=1e5), swept_w2(w2().hold(1300)).sortie("w2/1", "W"))


def energy_understated(plan: Plan) -> Plan:
    """The reserve is flown into, and every stated figure says it is not."""
    thirsty = too_thirsty(plan)
    scaled = [replace(leg, energy_wh=leg.energy_wh * 0.9) for leg in thirsty.sorties[2].legs]
    return replaced(thirsty, replace(thirsty.sorties[2], legs=tuple(scaled), energy_wh=sum(leg.energy_wh for leg in scaled)))


def sortie_energy_understated(plan: Plan) -> Plan:
    return with_sortie(plan, "w2/1", energy_wh=1.0)


def total_energy_understated(plan: Plan) -> Plan:
    return replace(plan, result=replace(plan.result, energy_wh=plan.result.energy_wh * 0.9))


def cruising_on_hold(plan: Plan) -> Plan:
    """Cruise power would be less than hover power: a HOLD leg that states cruise energy."""
    index = leg_index(plan, "w1/2", LegKind.HOLD)
    return with_leg(plan, "w1/2", index, lambda leg: replace(leg, energy_wh=leg.energy_wh * 320 / POWER_HOVER_W))


def jump(plan: Plan) -> Plan:
    flown = swept_w2(w2()).sortie("w2/1", "W")
    legs = (*flown.legs[:1], *swept_w2(flight(SETTING, "W", "near", drone="w2").takeoff()).sortie("", "W").legs[1:])
    return replaced(plan, replace(flown, legs=legs))


def down_in_between(plan: Plan) -> Plan:
    return replaced(plan, swept_w2(w2().land().takeoff()).sortie("w2/1", "W"))


def path_that_is_not_the_legs(plan: Plan) -> Plan:
    return with_leg(plan, "w1/1", 1, lambda leg: replace(leg, path=(leg.start, replace(leg.end, height_m=60))))


def long_segment(plan: Plan) -> Plan:
    wide = {"W": SETTING.polygon(-90_000, -90_000, 0, 90_000), "E": SETTING.polygon(0, -90_000, 90_000, 90_000)}
    far = replace(plan, nations=tuple(replace(nation, territory=wide[nation.id]) for nation in plan.nations))
    far = without_fleet_limits(far, endurance_s=1e6, battery_wh=1e6)
    return replaced(far, swept_w2(w2().to(-300, -5600)).sortie("w2/1", "W"))


def two_drones_in_one_place(plan: Plan) -> Plan:
    """A third drone flies along the near base while the first one starts from it."""
    third = replace(plan.drones[1], id="w3", system_id=3)
    sortie = flight(SETTING, "W", "far", drone="w3", start_s=100).takeoff().to(-120, -300).to(-106, 200).to(-420, -300).land()
    return with_sorties(replace(plan, drones=(*plan.drones, third)), [*plan.sorties, sortie.sortie("w3/1", "W")])


def two_drones_on_one_base(plan: Plan) -> Plan:
    twin = replace(plan.drones[0], id="w3", system_id=3)
    sortie = flight(SETTING, "W", "near", drone="w3").takeoff().land().sortie("w3/1", "W")
    return with_sorties(replace(plan, drones=(*plan.drones, twin)), [*plan.sorties, sortie])


def above_policy(plan: Plan) -> Plan:
    return replaced(plan, swept_w2(w2().to(-420, -250, 130).to(-420, -250, 50)).sortie("w2/1", "W"))


def above_the_hosts_policy(plan: Plan) -> Plan:
    """60 m is lawful in the west and under the permission, but over eastern ground, where 55 m is the limit."""
    west, east = plan.nations
    plan = replace(plan, nations=(west, replace(east, policy=replace(east.policy, max_height_m=55.0))))
    return replaced(plan, swept_w2(w2().to(-420, -400, 60).to(50, -400).to(-420, -400).to(-420, -300, 50)).sortie("w2/1", "W"))


def on_the_ground(plan: Plan) -> Plan:
    return replaced(plan, swept_w2(w2().to(-420, -250, 0).to(-420, -240, 50)).sortie("w2/1", "W"))


def swath_inflated(plan: Plan) -> Plan:
    return with_leg(plan, "w1/1", 2, lambda leg: replace(leg, swath_m=(leg.swath_m or 0) * 1.05))


def swath_of_a_greater_height(plan: Plan) -> Plan:
    """Swept from 45 m with the swath of 50 m."""
    return replaced(plan, w2().to(-306, -220, 45).sweep(WEST[6]).sweep(WEST[5], backwards=True).to(-420, -300).land().sortie("w2/1", "W"))


def overlapping_sorties(plan: Plan) -> Plan:
    again = flight(SETTING, "W", "near", drone="w1", start_s=100).takeoff().land().sortie("w1/0", "W")
    return with_sorties(plan, [*plan.sorties, again])


def battery_swapped_too_fast(plan: Plan) -> Plan:
    return without_fleet_limits(plan, battery_swap_s=301.0)


def times_not_the_legs(plan: Plan) -> Plan:
    return with_sortie(plan, "w1/1", end_s=plan.sorties[0].end_s - 5)


def before_the_start(plan: Plan) -> Plan:
    return replaced(plan, swept_w2(flight(SETTING, "W", "far", drone="w2", start_s=-30).takeoff()).sortie("w2/1", "W"))


def backwards_in_time(plan: Plan) -> Plan:
    return with_leg(plan, "w1/1", 1, lambda leg: replace(leg, end_s=leg.start_s - 1))


def drone_is_elsewhere(plan: Plan) -> Plan:
    return replace(plan, drones=tuple(replace(drone, base="w-far") if drone.id == "w1" else drone for drone in plan.drones))


def foreign_base(plan: Plan) -> Plan:
    return replace(plan, bases=tuple(replace(base, nation="E") if base.id == "w-near" else base for base in plan.bases))


def foreign_sortie(plan: Plan) -> Plan:
    return with_sortie(plan, "w1/1", nation="E")


def base_moved(plan: Plan) -> Plan:
    return replace(
        plan, bases=tuple(replace(base, location=SETTING.place(-183, -300)) if base.id == "w-near" else base for base in plan.bases)
    )


def slanted_takeoff(plan: Plan) -> Plan:
    first = flight(SETTING, "W", "far", drone="w2").to(-410, -300, 50, kind=LegKind.TAKEOFF)
    return replaced(plan, swept_w2(first).sortie("w2/1", "W"))


def coverable_shrunk(plan: Plan) -> Plan:
    return replace(plan, coverable=SETTING.polygon(-300, -200, 300, 199))


def coverage_boasted(plan: Plan) -> Plan:
    return replace(plan, result=replace(plan.result, coverage_of_area=0.99))


ONE_RULE: list[tuple[Callable[[Plan], Plan], Rule]] = [
    (leg_across_the_border, Rule.AIRSPACE),
    (leg_into_the_uncertainty_band, Rule.AIRSPACE),
    (keep_out_crossed, Rule.KEEP_OUT),
    (keep_out_buffer_grazed, Rule.KEEP_OUT),
    (lane_cut_with_a_hole, Rule.LANE_MISSING),
    (lane_dropped_and_struck_off, Rule.COVERAGE),
    (too_long, Rule.ENDURANCE),
    (too_thirsty, Rule.ENERGY),
    (energy_understated, Rule.ENERGY),
    (sortie_energy_understated, Rule.ENERGY),
    (total_energy_understated, Rule.ENERGY),
    (cruising_on_hold, Rule.ENERGY),
    (path_that_is_not_the_legs, Rule.CONTINUITY),
    (down_in_between, Rule.CONTINUITY),
    (long_segment, Rule.CONTINUITY),
    (two_drones_in_one_place, Rule.SEPARATION),
    (two_drones_on_one_base, Rule.SEPARATION),
    (above_policy, Rule.ALTITUDE),
    (above_the_hosts_policy, Rule.ALTITUDE),
    (on_the_ground, Rule.ALTITUDE),
    (swath_inflated, Rule.ALTITUDE),
    (swath_of_a_greater_height, Rule.ALTITUDE),
    (overlapping_sorties, Rule.TIMING),
    (battery_swapped_too_fast, Rule.TIMING),
    (times_not_the_legs, Rule.TIMING),
    (before_the_start, Rule.TIMING),
    (drone_is_elsewhere, Rule.BASE),
    (foreign_base, Rule.BASE),
    (foreign_sortie, Rule.BASE),
    (base_moved, Rule.BASE),
    (slanted_takeoff, Rule.BASE),
    (coverable_shrunk, Rule.COVERAGE),
    (coverage_boasted, Rule.COVERAGE),
]


@pytest.mark.parametrize(("tamper", "rule"), ONE_RULE, ids=lambda value: getattr(value, "__name__", str(value)))
def test_a_tampering_is_caught_by_its_rule_alone(tamper: Callable[[Plan], Plan], rule: Rule) -> None:
    assert rules(tamper(HONEST)) == {rule}, texts(tamper(HONEST))


def test_the_two_halves_of_the_check_find_what_the_whole_does_whatever_the_result_says() -> None:
    for tamper in (lane_dropped, jump, total_energy_understated, coverage_boasted, two_drones_in_one_place):
        plan = tamper(HONEST)
        without_result = replace(plan, result=replace(plan.result, coverage=0.0, energy_wh=0.0))

        assert in_order([*check_flights(without_result), *check_figures(plan)]) == check_plan(plan) != ()


def test_a_lane_dropped_from_the_sorties_is_missing_and_leaves_a_hole() -> None:
    found = check_plan(lane_dropped(HONEST))

    assert {violation.rule for violation in found} == {Rule.COVERAGE, Rule.LANE_MISSING}
    assert [violation.subject for violation in found if violation.rule is Rule.LANE_MISSING] == ["w5"]


def test_a_leg_that_jumps_is_caught() -> None:
    found = [violation for violation in check_plan(jump(HONEST)) if violation.rule is Rule.CONTINUITY]

    assert [violation.subject for violation in found] == ["w2/1.legs[1]"]
    assert found[0].amount == pytest.approx(240.0, abs=0.1)


def test_a_sortie_without_its_takeoff_or_landing_is_caught() -> None:
    for index in (0, -1):
        assert Rule.CONTINUITY in rules(with_leg(HONEST, "w1/1", index, lambda leg: replace(leg, kind=LegKind.TRANSIT)))


def test_a_leg_that_runs_backwards_in_time_is_caught_by_timing_and_speed() -> None:
    assert rules(backwards_in_time(HONEST)) >= {Rule.TIMING, Rule.SPEED}


def test_a_violation_names_drone_sortie_leg_place_time_and_whose_airspace() -> None:
    found = check_plan(leg_across_the_border(HONEST))[0]

    place = SETTING.frame.point_to_local(SETTING.place(60, -300))
    assert found.subject == "w2/1.legs[1]"
    assert found.text.startswith("drone w2, sortie w2/1, legs[1] TRANSIT: 50.0 m outside what W may fly in")
    assert found.text.endswith("in the airspace of E")
    assert found.unit == "m"
    assert found.amount == pytest.approx(50.0, abs=0.1)
    assert found.lat_deg is not None
    assert found.lon_deg is not None
    assert found.at_s == pytest.approx(HONEST.sorties[2].legs[0].end_s + 52.0, abs=0.1)
    assert place == pytest.approx((60, -300), abs=0.01)


def test_what_the_plan_says_of_its_own_violations_changes_nothing() -> None:
    broken = leg_across_the_border(HONEST)

    assert check_plan(replace(broken, violations=check_plan(broken))) == check_plan(broken)
