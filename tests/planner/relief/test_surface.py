"""Surfaces that drones fly on: above the ground, below the limit, no steeper than they climb."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from planner import cost
from planner.model import DroneType, Wind
from planner.relief.surface import DEFAULTS, FlyingSurface, flying_surface
from tests.planner.hills import Ground, cliff, hill, slope, terrain
from tests.planner.missions import HERE, QUAD, WING

LIMIT_M = 120.0


def over(drone_type: DroneType, ground: Ground, *, cell_m: float = 30.0) -> FlyingSurface:
    return flying_surface(terrain(ground, cell_m=cell_m, reach_m=2_000.0), drone_type, Wind(), limit_m=LIMIT_M)


def along(surface: FlyingSurface, here: tuple[float, float], there: tuple[float, float]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Metres along a line, the surface and the ground there."""
    points_m = np.linspace(here, there, 2_000)
    heights_m, ground_m = surface.over(*HERE.frame.arrays_to_geographic(points_m[:, 0], points_m[:, 1]))
    return np.hypot(*(points_m - points_m[0]).T), heights_m, ground_m


few = settings(max_examples=25, deadline=None)
places = st.tuples(st.floats(-1_500.0, 1_500.0), st.floats(-1_500.0, 1_500.0))


@few
@given(st.floats(10.0, 150.0), st.floats(150.0, 800.0), places, places)
def test_a_copters_surface_lies_between_its_height_above_ground_and_the_limit(
    high_m: float, wide_m: float, here: tuple[float, float], there: tuple[float, float]
) -> None:
    surface = over(QUAD, hill(0.0, 0.0, high_m=high_m, wide_m=wide_m), cell_m=60.0)
    _, heights_m, ground_m = along(surface, here, there)
    assert (heights_m - ground_m).min() >= QUAD.height_above_home_m - 0.01
    assert (heights_m - ground_m).max() <= LIMIT_M - DEFAULTS.tolerance_m - surface.layers_m + 0.01


@few
@given(st.floats(5.0, 35.0), places, places)
def test_a_planes_surface_is_nowhere_steeper_than_it_climbs(high_m: float, here: tuple[float, float], there: tuple[float, float]) -> None:
    surface = over(WING, hill(0.0, 0.0, high_m=high_m, wide_m=150.0), cell_m=60.0)
    assert surface.too_steep is None
    along_m, heights_m, _ = along(surface, here, there)
    # between four cells, which lie 60 m apart, it may be steeper for some metres
    gone_m, rise_m = along_m[None, :] - along_m[::20, None], heights_m[None, :] - heights_m[::20, None]
    far = np.abs(gone_m) >= 120.0
    assert (np.abs(rise_m)[far] <= cost.steepest(WING, Wind()) * np.abs(gone_m)[far] + 1e-3).all()


def test_level_ground_is_flown_over_at_the_working_height() -> None:
    surface = over(QUAD, slope(0.0))
    _, heights_m, ground_m = along(surface, (-500.0, 0.0), (500.0, 300.0))
    assert heights_m - ground_m == pytest.approx(np.full(2_000, QUAD.height_above_home_m), abs=1e-3)


def test_layers_get_the_room_that_the_ground_leaves() -> None:
    room_m = LIMIT_M - WING.height_above_home_m - DEFAULTS.least_room_m
    assert over(WING, slope(0.0)).layers_m == pytest.approx(room_m)
    assert 0 < over(WING, hill(0.0, 0.0, high_m=35.0, wide_m=150.0)).layers_m < room_m
    assert over(WING, cliff(0.0, high_m=80.0)).layers_m == 0.0


def test_a_plane_stays_off_a_cliff_and_a_copter_does_not() -> None:
    barred = over(WING, cliff(0.0, high_m=80.0)).barred(HERE.frame, 200.0)
    assert barred.intersects(shapely.LineString([(-500, 0), (500, 0)]))
    assert not barred.intersects(shapely.LineString([(-500, -900), (-500, 900)]))
    assert over(QUAD, cliff(0.0, high_m=80.0)).barred(HERE.frame, 200.0).is_empty


def test_ground_that_is_not_known_counts_as_high_as_the_nearest_that_is() -> None:
    known = terrain(slope(0.0), reach_m=2_000.0)
    known.heights_m[:, 80:] = np.nan
    surface = flying_surface(known, QUAD, Wind(), limit_m=LIMIT_M)
    _, heights_m, ground_m = along(surface, (0.0, 0.0), (1_900.0, 0.0))
    assert np.isnan(ground_m[-1])
    assert heights_m == pytest.approx(np.full(2_000, 260.0), abs=1e-3)


def test_fine_cells_are_taken_together_on_the_safe_side() -> None:
    fine = terrain(hill(0.0, 0.0, high_m=60.0, wide_m=100.0), cell_m=2.0, reach_m=400.0)
    surface = flying_surface(fine, QUAD, Wind(), limit_m=LIMIT_M)
    assert surface.heights.step_m == pytest.approx(10.0, abs=0.1)
    _, heights_m, ground_m = along(surface, (-390.0, -100.0), (390.0, 60.0))
    assert (heights_m - ground_m).min() >= QUAD.height_above_home_m - 0.01
