"""Who sweeps what: all coverable ground goes to someone who sees it, once, or is named with the reason."""

from __future__ import annotations

from dataclasses import replace

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.random_missions import random_mission
from planner.airspace import Airspace, build_airspace
from planner.model import MissionSpec
from planner.sectors.allotment import Allotment, allot
from planner.sectors.partition import partition_by_territory
from planner.timetable.deconflict import working_heights
from tests.planner.missions import HERE, QUAD, WING, keep_out, mission, with_border
from tests.planner.shapes import overlap_m2

AREA = shapely.box(-500, -300, 500, 300)
WEST, EAST = shapely.box(-20_000, -20_000, 0, 20_000), shapely.box(0, -20_000, 20_000, 20_000)
TWO = mission(AREA, territories={"A": WEST, "B": EAST}, bases={"A": [(-400.0, -100.0)], "B": [(400.0, -100.0)]})


def allotted(spec: MissionSpec) -> tuple[Airspace, Allotment]:
    space = build_airspace(spec, working_heights(spec))
    return space, allot(spec, space, partition_by_territory(space.area, space.territory))


def reasons(allotment: Allotment) -> dict[str, float]:
    """Named ground of some size, by reason."""
    return {item.reason: item.ground.area for item in allotment.beyond if item.ground.area > 1.0}


def test_each_nation_sweeps_its_own_sector() -> None:
    _, allotment = allotted(TWO)

    assert allotment.grounds["A"].area == pytest.approx(500 * 600, rel=1e-4)
    assert allotment.grounds["B"].area == pytest.approx(500 * 600, rel=1e-4)
    assert reasons(allotment) == {}


def test_ground_that_only_the_neighbour_sees_is_the_neighbour_s() -> None:
    """A wall beside the border's uncertain band leaves a strip of A's sector that only B's swaths reach."""
    wall = keep_out(shapely.box(-80, -400, -12, 400))
    border = shapely.LineString([(0, -20_000), (0, 20_000)])

    space, allotment = allotted(with_border(replace(TWO, keep_outs=(wall,)), border, 12.0))

    strip = space.frame.ground(HERE.shape(shapely.box(-10, -290, -1, 290)))
    assert strip.difference(allotment.grounds["B"]).area < 0.01 * strip.area
    assert not allotment.grounds["A"].intersects(strip.buffer(-0.5))


def test_a_nation_without_drones_has_nothing_to_sweep() -> None:
    _, allotment = allotted(replace(TWO, drones=TWO.drones[:1]))

    assert list(allotment.grounds) == ["A"]
    assert reasons(allotment) == {}
    space, _ = allotted(replace(TWO, drones=TWO.drones[:1]))
    # Nobody may fly over B, so its ground is not coverable at all beyond what A sees across the border.
    assert space.unseen.area == pytest.approx((500 - 25) * 600, rel=1e-3)


def test_an_island_behind_a_moat_is_named() -> None:
    moat = keep_out(shapely.box(-350, -200, -50, 200).boundary.buffer(15))

    _, allotment = allotted(replace(TWO, keep_outs=(moat,)))

    (reason,) = reasons(allotment)
    assert reason == "no drone of A has a legal way there and back"
    assert reasons(allotment)[reason] == pytest.approx(270 * 370, rel=0.15)


def test_a_base_in_a_keep_out_is_named() -> None:
    shut = keep_out(shapely.box(-450, -150, -350, -50), name="camp")

    _, allotment = allotted(replace(TWO, keep_outs=(shut,)))

    assert "no drone of A has a legal way there and back: it may not fly at A0" in reasons(allotment)
    assert allotment.grounds["A"].is_empty


def test_ground_where_a_plane_cannot_turn_is_named() -> None:
    narrow = shapely.union_all([shapely.box(-500, -300, 500, 300), shapely.box(500, -30, 1500, 30)])
    spec = replace(mission(narrow, bases={"A": [(0.0, 0.0)]}, drone_types=(WING,)), stay_inside=True)

    _, allotment = allotted(spec)

    (reason,) = reasons(allotment)
    assert reason == "no drone of A sees it from where it has room to turn"
    assert reasons(allotment)[reason] == pytest.approx(1000 * 60, rel=0.1)
    with_copter = replace(mission(narrow, bases={"A": [(0.0, 0.0)]}, drone_types=(WING, QUAD)), stay_inside=True)
    assert reasons(allotted(with_copter)[1]) == {}


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 100_000))
def test_coverable_ground_is_given_away_or_named_once(seed: int) -> None:
    space, allotment = allotted(random_mission(seed))

    parts = [*allotment.grounds.values(), *(item.ground for item in allotment.beyond)]
    assert overlap_m2(parts) <= 1e-6 * space.area.area
    left = space.coverable.difference(shapely.union_all(parts))
    # What is neither is the rim that the clearance leaves unseen.
    assert left.buffer(-2.5).area <= 0.01 * space.area.area
