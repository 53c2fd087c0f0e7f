"""Cells tile their ground, and cutting never makes the estimate worse."""

from __future__ import annotations

import math

import pytest
import shapely
from hypothesis import given, settings
from shapely import affinity
from shapely.geometry.base import BaseGeometry

from planner.tracks.cells import CellParams, SweepRates, best_directions, decompose
from tests.planner.shapes import grounds, overlap_m2

RATES = SweepRates(spacing_m=40.0, speed_mps=10.0, turn_s=12.0)


@settings(max_examples=40, deadline=None)
@given(ground=grounds())
def test_cells_tile_their_ground(ground: BaseGeometry) -> None:
    cells = decompose(ground, RATES)

    parts = [cell.polygon for cell in cells]
    assert all(part.geom_type == "Polygon" and part.is_valid for part in parts)
    assert sum(part.area for part in parts) == pytest.approx(ground.area, rel=1e-9)
    assert shapely.union_all(parts).symmetric_difference(ground).area <= 1e-6 * ground.area
    assert overlap_m2(parts) <= 1e-9 * ground.area


def test_empty_ground_has_no_cells() -> None:
    assert decompose(shapely.Polygon(), RATES) == ()
    assert decompose(shapely.MultiPolygon(), RATES) == ()


@pytest.mark.parametrize("turned_deg", [0.0, 20.0, 65.0, 90.0, 150.0])
def test_a_rectangle_is_swept_along_its_longer_side(turned_deg: float) -> None:
    ground = affinity.rotate(shapely.box(0, 0, 1000, 300), turned_deg, origin=(0, 0))

    (cell,) = decompose(ground, RATES)

    assert abs(math.remainder(cell.direction_rad - math.radians(turned_deg), math.pi)) <= math.pi / CellParams().directions / 2 + 1e-9


def test_an_l_of_two_long_arms_is_cut_in_two() -> None:
    ground = shapely.union_all([shapely.box(0, 0, 2000, 200), shapely.box(0, 0, 200, 2000)])

    directions = sorted(math.degrees(cell.direction_rad) % 180 for cell in decompose(ground, RATES))

    assert directions == pytest.approx([0.0, 90.0])


def test_directions_offered_differ_by_eight_degrees_at_least() -> None:
    directions = best_directions(shapely.box(0, 0, 500, 400), RATES, 4)

    apart = [abs(math.remainder(a - b, math.pi)) for number, a in enumerate(directions) for b in directions[:number]]
    assert len(directions) == 4
    assert min(apart) > math.radians(8)


def test_an_outline_of_thousands_of_corners_is_decomposed() -> None:
    ring = [
        (600 * (1 + 0.03 * math.sin(17 * angle)) * math.cos(angle), 400 * math.sin(angle))
        for angle in (math.tau * n / 5000 for n in range(5000))
    ]
    ground = shapely.Polygon(ring)

    cells = decompose(ground, RATES)

    assert sum(cell.polygon.area for cell in cells) == pytest.approx(ground.area, rel=1e-9)
