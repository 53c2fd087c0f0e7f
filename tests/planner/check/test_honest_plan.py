"""An honest plan has no violation, wherever it lies and whatever flies it; any single lie about a leg is found."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from planner.check import check_plan
from planner.geo import LatLon, Position, destination
from planner.model import Leg, LegKind, Plan, Rule, Sortie, VehicleKind, Wind
from tests.planner.plan_builder import Setting, build, with_leg, with_sorties

PLACES = [(0.0, 0.0), (40.0, -100.0), (47.5, 19.0), (60.0, 25.0), (70.0, 28.0), (-55.0, -70.0), (0.0, 180.0), (65.0, -179.999)]


@cache
def honest(lat_deg: float, lon_deg: float) -> Plan:
    return build(Setting(origin=LatLon(lat_deg=lat_deg, lon_deg=lon_deg)))


places = st.sampled_from(PLACES)
some_leg = st.tuples(st.integers(0, 5), st.integers(0, 30))


def leg_of(plan: Plan, which: tuple[int, int]) -> tuple[str, int, Leg]:
    sortie = plan.sorties[which[0]]
    index = which[1] % len(sortie.legs)
    return sortie.id, index, sortie.legs[index]


@pytest.mark.parametrize(("lat_deg", "lon_deg"), PLACES)
@pytest.mark.parametrize("kind", list(VehicleKind))
def test_an_honest_plan_has_no_violation_at_any_latitude(lat_deg: float, lon_deg: float, kind: VehicleKind) -> None:
    plan = build(Setting(origin=LatLon(lat_deg=lat_deg, lon_deg=lon_deg), kind=kind, wind=Wind(from_deg=230, speed_mps=4)))

    assert check_plan(plan) == ()


@settings(max_examples=40, deadline=None)
@given(
    lat_deg=st.floats(-75, 75),
    lon_deg=st.floats(-180, 180),
    kind=st.sampled_from(VehicleKind),
    from_deg=st.floats(0, 360),
    speed_mps=st.floats(0, 6),
)
def test_an_honest_plan_has_no_violation_in_any_wind(
    lat_deg: float, lon_deg: float, kind: VehicleKind, from_deg: float, speed_mps: float
) -> None:
    origin = LatLon(lat_deg=lat_deg, lon_deg=lon_deg)
    plan = build(Setting(origin=origin, kind=kind, wind=Wind(from_deg=from_deg, speed_mps=speed_mps)))

    assert check_plan(plan) == ()


@settings(max_examples=40, deadline=None)
@given(place=places, which=some_leg, bearing_deg=st.floats(0, 360), distance_m=st.floats(5.001, 5000))
def test_moving_the_end_of_any_leg_sideways_is_found(
    place: tuple[float, float], which: tuple[int, int], bearing_deg: float, distance_m: float
) -> None:
    plan = honest(*place)
    sortie_id, index, leg = leg_of(plan, which)
    moved = destination(leg.end, bearing_deg=bearing_deg, distance_m=distance_m)
    end = Position(lat_deg=moved.lat_deg, lon_deg=moved.lon_deg, height_m=leg.end.height_m)

    found = check_plan(with_leg(plan, sortie_id, index, lambda leg: replace(leg, end=end)))

    assert {violation.rule for violation in found} & {Rule.CONTINUITY, Rule.BASE}
    assert any(abs(violation.amount - distance_m) < 0.01 for violation in found)


@settings(max_examples=25, deadline=None)
@given(place=places, which=some_leg, height_m=st.one_of(st.floats(-500, -5.001), st.floats(5.001, 500)))
def test_moving_the_end_of_any_leg_up_or_down_is_found(place: tuple[float, float], which: tuple[int, int], height_m: float) -> None:
    plan = honest(*place)
    sortie_id, index, leg = leg_of(plan, which)
    end = replace(leg.end, height_m=leg.end.height_m + height_m)

    found = check_plan(with_leg(plan, sortie_id, index, lambda leg: replace(leg, end=end)))

    assert {violation.rule for violation in found} & {Rule.CONTINUITY, Rule.BASE}


@settings(max_examples=40, deadline=None)
@given(place=places, which=some_leg, faster=st.floats(1.0501, 3))
def test_speeding_up_any_leg_is_found_even_when_all_else_is_mended(
    place: tuple[float, float], which: tuple[int, int], faster: float
) -> None:
    plan = honest(*place)
    sortie_id, index, leg = leg_of(plan, which)
    assume(leg.kind is not LegKind.HOLD and (leg.end_s - leg.start_s) * (1 - 1 / faster) > 0.11)

    found = check_plan(hastened(plan, sortie_id, index, faster))

    assert [(violation.rule, violation.subject) for violation in found] == [(Rule.SPEED, f"{sortie_id}.legs[{index}]")]


@settings(max_examples=40, deadline=None)
@given(place=places, which=some_leg, part=st.one_of(st.floats(0, 0.95), st.floats(1.05, 5)))
def test_any_untrue_energy_of_a_leg_is_found(place: tuple[float, float], which: tuple[int, int], part: float) -> None:
    plan = honest(*place)
    sortie_id, index, _ = leg_of(plan, which)

    found = check_plan(with_leg(plan, sortie_id, index, lambda leg: replace(leg, energy_wh=leg.energy_wh * part)))

    assert [(violation.rule, violation.subject) for violation in found] == [(Rule.ENERGY, f"{sortie_id}.legs[{index}]")]


@settings(max_examples=40, deadline=None)
@given(which=some_leg, seconds=st.one_of(st.floats(-400, -0.11), st.floats(0.11, 400)))
def test_any_gap_between_legs_is_found(which: tuple[int, int], seconds: float) -> None:
    plan = honest(47.5, 19.0)
    sortie_id, index, _ = leg_of(plan, which)

    found = check_plan(with_leg(plan, sortie_id, index, lambda leg: replace(leg, start_s=leg.start_s + seconds, end_s=leg.end_s + seconds)))

    assert Rule.TIMING in {violation.rule for violation in found}


@settings(max_examples=30, deadline=None)
@given(
    which=some_leg,
    field=st.sampled_from(["start_s", "end_s", "energy_wh", "swath_m"]),
    value=st.sampled_from([float("nan"), float("inf"), -1e9]),
)
def test_no_number_makes_the_checker_raise_or_pass(which: tuple[int, int], field: str, value: float) -> None:
    plan = honest(47.5, 19.0)
    sortie_id, index, leg = leg_of(plan, which)
    assume(field != "swath_m" or leg.kind is LegKind.SWEEP)

    changes: dict[str, Any] = {field: value}
    assert check_plan(with_leg(plan, sortie_id, index, lambda leg: replace(leg, **changes)))


@settings(max_examples=30, deadline=None)
@given(which=some_leg, field=st.sampled_from(["lat_deg", "lon_deg", "height_m"]), value=st.sampled_from([float("nan"), float("inf"), 1e9]))
def test_no_place_makes_the_checker_raise_or_pass(which: tuple[int, int], field: str, value: float) -> None:
    plan = honest(47.5, 19.0)
    sortie_id, index, _ = leg_of(plan, which)

    assert check_plan(with_leg(plan, sortie_id, index, lambda leg: replace(leg, start=replace(leg.start, **{field: value}))))


def test_the_findings_are_sorted_and_the_same_each_time() -> None:
    plan = honest(47.5, 19.0)
    broken = with_leg(plan, "w1/1", 3, lambda leg: replace(leg, swath_m=500.0, energy_wh=0.0))
    broken = with_leg(broken, "e1/1", 2, lambda leg: replace(leg, end_s=leg.end_s - 20))

    first, second = check_plan(broken), check_plan(broken)

    assert first == second
    assert len(first) > 3
    assert list(first) == sorted(first, key=lambda violation: list(Rule).index(violation.rule))


def hastened(plan: Plan, sortie_id: str, index: int, faster: float) -> Plan:
    """One leg flown faster, with every later time and every energy put right."""
    sorties = [_hastened(sortie, index, faster) if sortie.id == sortie_id else sortie for sortie in plan.sorties]
    return with_sorties(plan, sorties)


def _hastened(sortie: Sortie, index: int, faster: float) -> Sortie:
    leg = sortie.legs[index]
    lasts_s = (leg.end_s - leg.start_s) / faster
    saved_s = leg.end_s - leg.start_s - lasts_s
    legs = [
        *sortie.legs[:index],
        replace(leg, end_s=leg.start_s + lasts_s, energy_wh=leg.energy_wh / faster),
        *(replace(later, start_s=later.start_s - saved_s, end_s=later.end_s - saved_s) for later in sortie.legs[index + 1 :]),
    ]
    return replace(sortie, legs=tuple(legs), end_s=legs[-1].end_s, energy_wh=sum(leg.energy_wh for leg in legs))
