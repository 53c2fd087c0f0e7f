"""A plan that cannot be read (unknown ids, numbers that are none, absurd sizes) is judged all the same, and never raises."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
import shapely

from planner.check import check_plan, closest_approach, measure_coverage
from planner.geo import Geographic, Position
from planner.model import Leg, Plan, Rule
from tests.planner.plan_builder import build, with_leg, with_sortie, with_sorties

HONEST = build()


def rules(plan: Plan) -> set[Rule]:
    return {violation.rule for violation in check_plan(plan)}


def texts(plan: Plan) -> str:
    return "\n".join(violation.text for violation in check_plan(plan))


def with_types(plan: Plan, **changes: Any) -> Plan:
    return replace(plan, drone_types=tuple(replace(each, **changes) for each in plan.drone_types))


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"drone": "w9"}, "no drone 'w9'"),
        ({"start_base": "nowhere"}, "no base 'nowhere'"),
        ({"end_base": "nowhere"}, "no base 'nowhere'"),
    ],
)
def test_an_unknown_drone_or_base_is_a_base_violation(changes: dict[str, str], named: str) -> None:
    broken = with_sortie(HONEST, "w1/1", **changes)

    assert Rule.BASE in rules(broken)
    assert named in texts(broken)


def test_an_unknown_drone_type_nation_or_home_base_is_a_base_violation() -> None:
    first, *others = HONEST.drones
    for unknown in (replace(first, type="airship"), replace(first, nation="X"), replace(first, base="nowhere")):
        assert Rule.BASE in rules(replace(HONEST, drones=(unknown, *others))), unknown


def test_an_unknown_lane_is_missing() -> None:
    broken = with_leg(HONEST, "w1/1", 2, lambda leg: replace(leg, lane="w99"))

    subjects = {violation.subject for violation in check_plan(broken) if violation.rule is Rule.LANE_MISSING}
    assert subjects == {"w1/1.legs[2]", "w0"}


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize(
    ("field", "rule"), [("start_s", Rule.TIMING), ("end_s", Rule.TIMING), ("energy_wh", Rule.ENERGY)], ids=["start_s", "end_s", "energy_wh"]
)
def test_a_number_that_is_none_is_a_violation(field: str, rule: Rule, bad: float) -> None:
    assert rule in rules(with_sortie(HONEST, "w1/1", **{field: bad}))
    changes: dict[str, Any] = {field: bad}
    assert rule in rules(with_leg(HONEST, "w1/1", 3, lambda leg: replace(leg, **changes)))


@pytest.mark.parametrize(
    "absurd",
    [
        replace(HONEST, position_uncertainty_m=1e300),
        replace(HONEST, keep_outs=(replace(HONEST.keep_outs[0], buffer_m=math.inf),)),
        replace(HONEST, drone_types=(replace(HONEST.drone_types[0], cruise_mps=0.001),)),
        replace(HONEST, limits=replace(HONEST.limits, min_separation_m=math.inf, min_vertical_separation_m=math.inf)),
        replace(HONEST, bases=(replace(HONEST.bases[0], elevation_m=math.nan), *HONEST.bases[1:])),
        replace(HONEST, min_coverage=math.nan),
        replace(HONEST, area=Geographic(shapely.Polygon())),
        replace(HONEST, area=Geographic(shapely.Point(19, 47.5))),
        replace(HONEST, nations=(replace(HONEST.nations[0], territory=Geographic(shapely.Polygon())), HONEST.nations[1])),
    ],
    ids=["uncertainty", "buffer", "cruise", "minima", "elevation", "min_coverage", "no area", "no surface", "no territory"],
)
def test_absurd_plans_are_judged_and_never_raise(absurd: Plan) -> None:
    assert check_plan(absurd)
    assert measure_coverage(absurd).covered_m2 >= 0
    closest_approach(absurd)


def test_a_drone_without_bounds_on_its_speed_is_still_bound_by_its_acceleration() -> None:
    assert rules(with_types(HONEST, cruise_mps=math.inf)) == set()


def test_a_drone_that_is_said_to_work_beyond_the_sky_makes_all_ground_visible() -> None:
    lofty = with_types(HONEST, height_above_home_m=1e300)

    assert measure_coverage(lofty).coverable_m2 == pytest.approx(measure_coverage(HONEST).coverable_m2)


def test_rounding_as_files_do_breaks_nothing() -> None:
    """Coordinates to 1e-7 degrees, heights and swaths to centimetres, times to hundredths, energies to milliwatt-hours."""
    sorties = [
        replace(
            sortie,
            start_s=round(sortie.start_s, 2),
            end_s=round(sortie.end_s, 2),
            energy_wh=round(sortie.energy_wh, 3),
            legs=tuple(_rounded(leg) for leg in sortie.legs),
        )
        for sortie in HONEST.sorties
    ]

    assert check_plan(with_sorties(HONEST, sorties)) == ()


def _rounded(leg: Leg) -> Leg:
    def place(at: Position) -> Position:
        return Position(lat_deg=round(at.lat_deg, 7), lon_deg=round(at.lon_deg, 7), height_m=round(at.height_m, 2))

    return replace(
        leg,
        start=place(leg.start),
        end=place(leg.end),
        path=leg.path and tuple(place(at) for at in leg.path),
        start_s=round(leg.start_s, 2),
        end_s=round(leg.end_s, 2),
        energy_wh=round(leg.energy_wh, 3),
        swath_m=None if leg.swath_m is None else round(leg.swath_m, 2),
    )


def test_every_amount_time_and_place_found_can_be_written_as_json() -> None:
    for bad in (math.nan, math.inf):
        broken = with_leg(HONEST, "w1/1", 2, partial(replace, energy_wh=bad, swath_m=bad))
        for violation in check_plan(broken):
            numbers = [violation.amount, violation.at_s, violation.lat_deg, violation.lon_deg]
            assert all(number is None or math.isfinite(number) for number in numbers), violation


def test_a_sortie_without_legs_and_a_path_of_one_point_are_not_continuous() -> None:
    assert Rule.CONTINUITY in rules(with_sortie(HONEST, "w1/1", legs=()))
    assert Rule.CONTINUITY in rules(with_leg(HONEST, "w1/1", 1, lambda leg: replace(leg, path=(leg.start,))))
    assert Rule.CONTINUITY in rules(with_leg(HONEST, "w1/1", 1, lambda leg: replace(leg, path=())))


def test_ids_that_are_used_twice_are_found() -> None:
    assert rules(replace(HONEST, drones=(*HONEST.drones, HONEST.drones[0]))) == {Rule.BASE}
    assert rules(replace(HONEST, bases=(*HONEST.bases, HONEST.bases[0]))) == {Rule.BASE}
    assert Rule.LANE_MISSING in rules(replace(HONEST, lanes=(*HONEST.lanes, HONEST.lanes[0])))
    assert Rule.CONTINUITY in rules(replace(HONEST, sorties=(*HONEST.sorties, HONEST.sorties[0])))


def test_a_plan_without_sorties_covers_nothing_and_misses_every_lane() -> None:
    found = check_plan(with_sorties(HONEST, []))

    assert sum(violation.rule is Rule.LANE_MISSING for violation in found) == len(HONEST.lanes)
    assert {violation.rule for violation in found} == {Rule.LANE_MISSING, Rule.COVERAGE}
