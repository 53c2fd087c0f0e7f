"""Sectors tile the area, keep to what is agreed, and give nobody ground that it cannot see."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry.base import BaseGeometry

from planner.airspace import Airspace, build_airspace
from planner.errors import GeometryError
from planner.geo import Geographic, LatLon
from planner.model import MissionSpec
from planner.sectors.division import DivisionParams, SecondsAt, among_bases, by_effort, by_shares
from planner.sectors.equidistance import divide_waters
from tests.planner.missions import HERE, mission
from tests.planner.sectors.test_partition import territories
from tests.planner.shapes import grounds, overlap_m2

COARSE = DivisionParams(squares=300, steps=150)


def shared_out(area: BaseGeometry, territory: dict[str, BaseGeometry], shares: list[float]) -> tuple[MissionSpec, Airspace]:
    spec = mission(area, territories=territory)
    agreed = [share / sum(shares) for share in shares]
    spec = replace(spec, nations=tuple(replace(nation, share=share) for nation, share in zip(spec.nations, agreed, strict=True)))
    airspace = build_airspace(spec)
    return spec, replace(airspace, area=area, coverable=area, territory=territory)


def assert_tiles(sectors: dict[str, BaseGeometry], area: BaseGeometry) -> None:
    parts = list(sectors.values())
    assert sum(part.area for part in parts) == pytest.approx(area.area, rel=1e-9)
    assert shapely.union_all(parts).symmetric_difference(area).area <= 1e-6 * area.area
    assert overlap_m2(parts) <= 1e-9 * area.area


@settings(max_examples=25, deadline=None)
@given(area=grounds(), territory=territories(), data=st.data())
def test_sectors_tile_any_area_and_keep_the_shares_where_all_may_see_all(
    area: BaseGeometry, territory: dict[str, BaseGeometry], data: st.DataObject
) -> None:
    shares = [data.draw(st.floats(0.2, 1.0)) for _ in territory]
    spec, airspace = shared_out(area, territory, shares)

    division = by_shares(spec, airspace, dict.fromkeys(territory, area.buffer(10)), COARSE)

    assert_tiles(dict(division.sectors), area)
    for nation in spec.nations:
        off = abs(division.parts.get(nation.id, 1.0) - (nation.share or 0.0))
        assert off <= 0.02 or any(note.startswith(f"{nation.id}'s sector has") for note in division.notes)


@settings(max_examples=25, deadline=None)
@given(area=grounds(), territory=territories(), reach_m=st.floats(0, 200), data=st.data())
def test_no_nation_is_given_ground_it_cannot_see_unless_it_is_its_own(
    area: BaseGeometry, territory: dict[str, BaseGeometry], reach_m: float, data: st.DataObject
) -> None:
    spec, airspace = shared_out(area, territory, [data.draw(st.floats(0.1, 1.0)) for _ in territory])
    sights = {nation: ground.buffer(reach_m) for nation, ground in territory.items()}

    division = by_shares(spec, airspace, sights, COARSE)

    assert_tiles(dict(division.sectors), area)
    seen_by_any = shapely.union_all(list(sights.values()))
    for nation, sector in division.sectors.items():
        assert sector.intersection(seen_by_any).difference(sights[nation].buffer(1e-3)).area <= 1e-6 * area.area


def test_a_nation_with_too_little_gets_what_is_nearest_to_its_own_ground() -> None:
    area = shapely.box(-10_000, -1_000, 10_000, 1_000)
    territory: dict[str, BaseGeometry] = {"A": shapely.box(-20_000, 0, 20_000, 20_000), "B": shapely.box(-20_000, -20_000, 20_000, 0)}
    spec, airspace = shared_out(area, territory, [0.7, 0.3])

    division = by_shares(spec, airspace, dict.fromkeys(territory, area))

    assert division.sectors["A"].symmetric_difference(shapely.box(-10_000, -400, 10_000, 1_000)).area < 0.01 * area.area
    assert division.parts["A"] == pytest.approx(0.7, abs=0.002)
    assert [len(shapely.get_parts(sector)) for sector in division.sectors.values()] == [1, 1]
    assert division.notes == ()


def test_a_share_that_permissions_do_not_allow_is_explained() -> None:
    area = shapely.box(-10_000, -1_000, 10_000, 1_000)
    territory: dict[str, BaseGeometry] = {"A": shapely.box(-20_000, 0, 20_000, 20_000), "B": shapely.box(-20_000, -20_000, 20_000, 0)}
    spec, airspace = shared_out(area, territory, [0.9, 0.1])

    division = by_shares(spec, airspace, {"A": shapely.box(-10_000, -200, 10_000, 1_000), "B": territory["B"]})

    assert division.parts["A"] == pytest.approx(0.6, abs=0.01)
    why = "by its territory and permissions its drones see 60.0% at most"
    assert f"A's sector has 60.0% of the ground, 90.0% is agreed: {why}" in division.notes
    assert any(note.startswith("B's sector has 40.0%") and "no other nation may fly" in note for note in division.notes)


def third(first: float) -> BaseGeometry:
    angles = np.linspace(first, first + 2 * math.pi / 3, 9)
    return shapely.Polygon([(0, 0), *((20_000 * math.cos(angle), 20_000 * math.sin(angle)) for angle in angles)])


def steady(seconds: float) -> SecondsAt:
    return lambda places: np.full(len(places), seconds)


def test_efforts_are_made_equal_where_three_nations_meet_in_a_point() -> None:
    area = shapely.Point(0, 0).buffer(3_000)
    thirds: dict[str, BaseGeometry] = {name: third(2 * math.pi * number / 3) for number, name in enumerate("ABC")}
    _, airspace = shared_out(area, thirds, [1, 1, 1])
    slower = {"A": 1.0, "B": 2.0, "C": 3.0}

    efforts_per_m2 = {name: steady(seconds) for name, seconds in slower.items()}
    division = by_effort(airspace, dict.fromkeys(thirds, area), efforts_per_m2)

    assert_tiles(dict(division.sectors), area)
    efforts = [slower[name] * sector.area for name, sector in division.sectors.items()]
    assert max(efforts) / min(efforts) < 1.03


def test_one_nations_ground_is_tiled_among_its_bases() -> None:
    ground = shapely.box(0, 0, 100_000, 5_000).difference(shapely.box(40_000, 1_000, 45_000, 2_000))
    places: dict[str, BaseGeometry] = {"west": shapely.Point(10_000, 2_000), "east": shapely.Point(90_000, 2_000)}

    parts = among_bases(ground, places, dict.fromkeys(places, steady(1.0)))

    assert_tiles({base: parts[base] for base in places}, ground)
    assert parts["west"].area == pytest.approx(parts["east"].area, rel=0.02)
    assert parts["west"].bounds[2] < parts["east"].bounds[0] + 3_000


LANDS = {
    "A": shapely.box(-30_000, -5_000, -20_000, 5_000),
    "B": shapely.box(20_000, -5_000, 30_000, 5_000),
    "C": shapely.box(-5_000, 25_000, 5_000, 35_000),
}


def test_waters_go_to_the_nearest_coast_and_three_meet_in_a_point() -> None:
    area = HERE.shape(shapely.box(-15_000, -15_000, 15_000, 15_000))

    waters = divide_waters(area, [LatLon(lat_deg=47.5, lon_deg=19.0)], {name: HERE.shape(land) for name, land in LANDS.items()})

    grounds_m = {name: HERE.frame.to_local(ground) for name, ground in waters.territories.items()}
    assert overlap_m2(list(grounds_m.values())) < 100
    assert shapely.union_all(list(grounds_m.values())).buffer(0.1).contains(HERE.frame.to_local(area))
    for east_m in range(-14_500, 15_000, 1_450):
        for north_m in range(-14_500, 15_000, 1_450):
            away_m = {name: shapely.Point(east_m, north_m).distance(land) for name, land in LANDS.items()}
            first, second, _ = sorted(away_m, key=lambda name: away_m[name])
            if away_m[second] - away_m[first] > 60:
                assert grounds_m[first].covers(shapely.Point(east_m, north_m))
    middle = HERE.frame.to_local(waters.lines)
    assert middle.intersects(shapely.Point(0, -10_000).buffer(30))


def test_lands_that_overlap_are_refused() -> None:
    area = Geographic(HERE.shape(shapely.box(0, 0, 100, 100)).geometry)
    with pytest.raises(GeometryError, match="lands of A and B overlap"):
        divide_waters(area, [], {"A": HERE.shape(LANDS["A"]), "B": HERE.shape(LANDS["A"])})
