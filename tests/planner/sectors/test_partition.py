"""Sectors and bands tile the ground they are cut from."""

from __future__ import annotations

import math

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import affinity
from shapely.geometry.base import BaseGeometry

from planner.sectors.partition import bands, long_axis_rad, part_before, partition_by_territory
from tests.planner.shapes import grounds, overlap_m2


@st.composite
def territories(draw: st.DrawFn) -> dict[str, BaseGeometry]:
    """Fans around a point: they meet there, and may leave some ground to nobody or claim some twice."""
    count = draw(st.integers(1, 4))
    centre = (draw(st.floats(-200, 200)), draw(st.floats(-200, 200)))
    first, found = draw(st.floats(0, 6.3)), {}
    for number, name in enumerate("ABCD"[:count]):
        start = first + 2 * math.pi * number / count + draw(st.sampled_from([0.0, 0.0, -0.2, 0.2]))
        end = first + 2 * math.pi * (number + 1) / count + draw(st.sampled_from([0.0, 0.0, -0.2, 0.2]))
        arc = [start + (end - start) * part / 6 for part in range(7)]
        fan = [centre, *((centre[0] + 5_000 * math.cos(angle), centre[1] + 5_000 * math.sin(angle)) for angle in arc)]
        found[name] = shapely.make_valid(shapely.Polygon(fan))
    return found


@settings(max_examples=60, deadline=None)
@given(area=grounds(), territory=territories())
def test_sectors_tile_the_area_whatever_the_territories(area: BaseGeometry, territory: dict[str, BaseGeometry]) -> None:
    sectors = partition_by_territory(area, territory)

    parts = list(sectors.values())
    assert set(sectors) == set(territory)
    assert sum(part.area for part in parts) == pytest.approx(area.area, rel=1e-9)
    assert shapely.union_all(parts).symmetric_difference(area).area <= 1e-6 * area.area
    assert overlap_m2(parts) <= 1e-9 * area.area


@settings(max_examples=30, deadline=None)
@given(area=grounds(), territory=territories())
def test_a_nation_has_its_own_territory_unless_one_before_claims_it(area: BaseGeometry, territory: dict[str, BaseGeometry]) -> None:
    sectors = partition_by_territory(area, territory)

    claimed = shapely.Polygon()
    for nation, ground in territory.items():
        own = area.intersection(ground).difference(claimed)
        assert own.difference(sectors[nation].buffer(1e-3)).area <= 1e-6 * area.area
        claimed = claimed.union(ground)


def test_three_nations_may_meet_in_a_point_of_the_area() -> None:
    area = shapely.box(-100, -100, 100, 100)
    third = [
        shapely.Polygon([(0, 0), (-1000, -1000), (1000, -1000)]),
        shapely.box(0, -1000, 1000, 1000),
        shapely.box(-1000, -1000, 0, 1000),
    ]

    sectors = partition_by_territory(area, dict(zip("ABC", third, strict=True)))

    assert [round(sectors[nation].area) for nation in "ABC"] == [10_000, 15_000, 15_000]
    assert sum(sector.area for sector in sectors.values()) == pytest.approx(40_000, rel=1e-12)


def test_ground_in_no_territory_goes_to_the_nearest_nation() -> None:
    area = shapely.box(0, 0, 100, 10)

    sectors = partition_by_territory(area, {"A": shapely.box(-500, -500, -40, 500), "B": shapely.box(120, -500, 500, 500)})

    assert sectors["A"].is_empty
    assert sectors["B"].area == pytest.approx(1000)


@settings(max_examples=60, deadline=None)
@given(ground=grounds(), cuts=st.lists(st.floats(0.02, 0.98), min_size=0, max_size=4, unique=True).map(sorted))
def test_bands_tile_the_ground_in_the_parts_asked_for(ground: BaseGeometry, cuts: list[float]) -> None:
    parts = bands(ground, cuts)

    wanted = [last - first for first, last in zip([0.0, *cuts], [*cuts, 1.0], strict=True)]
    assert len(parts) == len(cuts) + 1
    assert sum(part.area for part in parts) == pytest.approx(ground.area, rel=1e-9)
    assert overlap_m2(parts) <= 1e-9 * ground.area
    for part, share in zip(parts, wanted, strict=True):
        assert part.area == pytest.approx(share * ground.area, abs=2e-3 * ground.area)


@pytest.mark.parametrize("turned_deg", [0.0, 30.0, 75.0, 120.0, 179.0])
def test_the_long_axis_turns_with_the_ground(turned_deg: float) -> None:
    ground = affinity.rotate(shapely.box(-500, -50, 500, 50), turned_deg, origin=(0, 0))

    assert math.remainder(long_axis_rad(ground) - math.radians(turned_deg), math.pi) == pytest.approx(0, abs=1e-9)


def test_the_part_before_a_place_grows_from_none_to_all_along_the_axis() -> None:
    ground = shapely.box(0, 0, 1000, 100)

    assert [part_before(ground, (east_m, 50.0)) for east_m in (-10.0, 0.0, 250.0, 1000.0, 2000.0)] == pytest.approx([0, 0, 0.25, 1, 1])


def test_of_a_sliver_without_width_nothing_lies_before_a_place() -> None:
    """`benchmarks.random_areas --small --seeds 70205`: turned, this ground of 5e-15 m2 has no area."""
    sliver = shapely.Polygon(
        [(19.146429773424444, -21.17034123798628), (16.666202784778715, -27.820195496691937), (16.666202784778715, -27.820195496691934)]
    )

    assert 0.0 <= part_before(sliver, (428.5, -35.4)) <= 1.0
