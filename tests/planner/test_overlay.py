"""Overlays hold where edges all but coincide."""

from __future__ import annotations

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import affinity
from shapely.geometry.base import BaseGeometry

from planner import overlay
from planner.coverage import swath_along

LENGTH_M = 1_000.0

#: Side by side at angles and places that no float can tell exactly.
strips = st.tuples(st.floats(0, 180), st.sampled_from([10.0, 30.5, 50.0]), st.integers(3, 24))


def laid(turned_deg: float, width_m: float, count: int) -> tuple[BaseGeometry, list[BaseGeometry]]:
    """A turned rectangle, and the swaths over it that lie edge to edge."""
    ground = affinity.rotate(shapely.box(0, 0, LENGTH_M, count * width_m), turned_deg)
    lines = [shapely.LineString([(-0.5, (row + 0.5) * width_m), (LENGTH_M + 0.5, (row + 0.5) * width_m)]) for row in range(count)]
    turned = [affinity.rotate(line, turned_deg, origin=(LENGTH_M / 2, count * width_m / 2)) for line in lines]
    return ground, [swath_along(line, width_m) for line in turned]


@settings(max_examples=200)
@given(strips=strips)
def test_a_union_of_swaths_side_by_side_loses_none(strips: tuple[float, float, int]) -> None:
    ground, swaths = laid(*strips)

    together = overlay.union(swaths)

    assert together.is_valid
    assert together.area == pytest.approx(sum(swath.area for swath in swaths), rel=1e-6)
    assert overlay.difference(ground, together).area < 1e-3 * ground.area / len(swaths)


@settings(max_examples=200)
@given(strips=strips, which=st.integers(0, 23))
def test_a_swath_less_its_neighbours_keeps_its_own_ground(strips: tuple[float, float, int], which: int) -> None:
    ground, swaths = laid(*strips)
    own = overlay.intersection(swaths.pop(which % len(swaths)), ground)

    left = overlay.difference(own, overlay.union(swaths))

    assert left.is_valid
    assert left.area == pytest.approx(LENGTH_M * strips[1], rel=1e-6)


def test_ground_whose_outline_crosses_itself_by_rounding_is_cut_like_any_other() -> None:
    """What rotating makes of a needle: two sides that cross by a fraction of a nanometre."""
    crossed = shapely.Polygon([(0, 0), (100, 1e-9), (100, 40), (60, 40), (60, -1e-10), (50, 1e-10), (50, 40), (0, 40)])
    assert not crossed.is_valid
    box = shapely.box(20, 10, 80, 50)

    assert overlay.intersection(crossed, box).area == pytest.approx(50 * 30, rel=1e-6)
    assert overlay.difference(crossed, box).area == pytest.approx(3_600 - 50 * 30, rel=1e-6)
    assert overlay.union([crossed, box]).area == pytest.approx(3_600 + 60 * 40 - 50 * 30, rel=1e-6)
