"""Each way to share ground among types tiles it, in proportion to what the types can do."""

from __future__ import annotations

from dataclasses import replace

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry.base import BaseGeometry

from planner.model import Sensor
from planner.sectors.arrangements import TypeGroup, arrangements, beside_bases, for_anyone, nested, side_by_side
from tests.planner.missions import QUAD, WING
from tests.planner.shapes import grounds, overlap_m2

NARROW = replace(QUAD, id="narrow", sensor=Sensor(swath_m=20.0))
STRIP = shapely.box(-1_000, -100, 1_000, 100)


def group(drone_type: object = QUAD, count: int = 1, east_m: float = 0.0) -> TypeGroup:
    assert isinstance(drone_type, type(QUAD))
    return TypeGroup(drone_type=drone_type, count=count, place=(east_m, 0.0))


@settings(max_examples=40, deadline=None)
@given(
    ground=grounds(),
    counts=st.tuples(st.integers(1, 5), st.integers(1, 5), st.integers(1, 5)),
    places_m=st.tuples(*[st.floats(-900, 900)] * 3),
)
def test_every_arrangement_gives_all_ground_to_somebody_and_none_to_two(
    ground: BaseGeometry, counts: tuple[int, ...], places_m: tuple[float, ...]
) -> None:
    groups = [group(kind, count, east_m) for kind, count, east_m in zip((QUAD, WING, NARROW), counts, places_m, strict=True)]

    for arrangement in arrangements(ground, groups):
        parts = [part for _, part in arrangement]
        assert sum(part.area for part in parts) == pytest.approx(ground.area, rel=1e-6)
        assert overlap_m2(parts) <= 1e-6 * ground.area


def test_one_type_has_all_of_it() -> None:
    assert list(arrangements(STRIP, [group()])) == [((QUAD, STRIP),)]


def test_without_ground_there_is_one_arrangement_and_it_is_empty() -> None:
    (only,) = arrangements(shapely.Polygon(), [group(), group(WING)])

    assert sum(part.area for _, part in only) == 0


def test_bands_are_as_wide_as_their_types_are_strong() -> None:
    strong, weak = group(QUAD, 3), group(NARROW, 1)

    (_, first), (_, second) = side_by_side(STRIP, [strong, weak])

    assert first.area / second.area == pytest.approx(strong.strength / weak.strength, rel=1e-4)
    assert first.bounds[2] <= second.bounds[0] + 1e-6


def test_strength_counts_drones_swath_speed_and_battery_swaps() -> None:
    assert group(QUAD, 4).strength == pytest.approx(4 * group(QUAD).strength)
    assert group(NARROW).strength == pytest.approx(group(QUAD).strength * 20 / 50)
    assert group(replace(QUAD, battery_swap_s=0.0)).strength == pytest.approx(50 * 10)
    assert group(replace(QUAD, battery_swap_s=1_200.0)).strength == pytest.approx(50 * 10 / 2)


@pytest.mark.parametrize("east_m", [-900.0, 0.0, 400.0, 990.0])
def test_the_type_of_least_reach_stays_around_its_base(east_m: float) -> None:
    near, far = group(QUAD, 1, east_m), group(WING, 1, -east_m)
    assert near.reach_m < far.reach_m

    arrangement = nested(STRIP, [far, near])

    own = shapely.union_all([part for kind, part in arrangement if kind is QUAD])
    assert own.distance(shapely.Point(east_m, 0)) < 25
    assert own.area / STRIP.area == pytest.approx(near.strength / (near.strength + far.strength), abs=0.02)


def test_lanes_for_anyone_are_those_of_the_narrowest() -> None:
    assert for_anyone(STRIP, [group(), group(NARROW)]) == ((NARROW, STRIP),)


def test_types_that_see_alike_may_share_lanes_and_others_may_not() -> None:
    alike, unlike = [group(QUAD), group(replace(QUAD, id="other", sensor=Sensor(swath_m=40.0)))], [group(QUAD), group(NARROW)]

    assert len([each for each in arrangements(STRIP, alike) if len(each) == 1]) == 1
    assert not [each for each in arrangements(STRIP, unlike) if len(each) == 1]


def test_slender_ground_is_cut_where_a_base_lies_beside_it() -> None:
    beside = beside_bases(((QUAD, STRIP),), [(200.0, 700.0), (-5_000.0, 0.0)])

    assert [round(part.bounds[2] - part.bounds[0]) for _, part in beside] == [1200, 800]
    assert {kind for kind, _ in beside} == {QUAD}


def test_stout_ground_is_not_cut_beside_bases() -> None:
    stout = ((QUAD, shapely.box(0, 0, 1000, 500)),)

    assert beside_bases(stout, [(400.0, 250.0)]) == stout


def test_a_type_of_short_reach_may_be_left_out() -> None:
    short = group(replace(QUAD, id="short", endurance_s=QUAD.endurance_s / 3))

    assert ((WING, STRIP),) in list(arrangements(STRIP, [group(WING, 3), short]))
