"""Profiles keep to their floor with few points."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner import cost
from planner.model import Wind
from planner.relief.profiles import Floats, level_stretches, profile
from tests.planner.missions import QUAD, WING

floors = st.lists(st.floats(0.0, 300.0), min_size=2, max_size=60).map(np.array)
STEEPEST = 0.2


def metres(count: int, step_m: float) -> Floats:
    return np.linspace(0.0, (count - 1) * step_m, count)


def gentle(heights_m: Floats, step_m: float) -> Floats:
    """The same, no steeper than half of what is allowed."""
    most_m = STEEPEST / 2 * step_m
    steps_m: Floats = np.clip(np.diff(heights_m), -most_m, most_m)
    return np.asarray(heights_m[0] + np.concatenate([[0.0], np.cumsum(steps_m)]), dtype=np.float64)


@given(floors, st.floats(0.5, 10.0))
def test_a_profile_is_nowhere_below_its_floor_nor_far_above(floor_m: Floats, tolerance_m: float) -> None:
    along_m = metres(len(floor_m), 20.0)
    kept = profile(along_m, floor_m, tolerance_m=tolerance_m, steepest=STEEPEST)
    flown_m = np.interp(along_m, along_m[kept.at], kept.heights_m)
    assert (flown_m >= floor_m - 1e-6).all()
    assert (flown_m <= floor_m + tolerance_m + 1e-6).all()
    assert flown_m[[0, -1]] == pytest.approx(floor_m[[0, -1]])


@given(floors)
def test_a_profile_is_no_steeper_than_is_flown_where_its_floor_is_not(floor_m: Floats) -> None:
    along_m = metres(len(floor_m), 20.0)
    floor_m = gentle(floor_m, 20.0)
    kept = profile(along_m, floor_m, tolerance_m=3.0, steepest=STEEPEST)
    assert (np.abs(np.diff(kept.heights_m) / np.diff(along_m[kept.at])) <= STEEPEST + 1e-9).all()


def test_level_and_evenly_rising_ground_needs_no_point_between_the_ends() -> None:
    along_m = metres(200, 10.0)
    for floor_m in (np.full(200, 80.0), 80.0 + 0.1 * along_m):
        assert profile(along_m, floor_m, tolerance_m=3.0, steepest=STEEPEST).at.tolist() == [0, 199]


def test_a_corner_of_the_way_stays_at_the_profiles_height() -> None:
    along_m = metres(11, 100.0)
    kept = profile(along_m, 50.0 + 0.1 * along_m, tolerance_m=3.0, steepest=STEEPEST, fixed=[4])
    assert kept.at.tolist() == [0, 4, 10]
    assert kept.heights_m == pytest.approx([50.0, 90.0, 150.0])


def test_a_steep_part_is_flown_slowly_and_the_rest_is_not() -> None:
    lengths_m, climbs_m = np.array([1000.0, 30.0, 1000.0]), np.array([0.0, 60.0, 0.0])
    parts = level_stretches(QUAD, Wind(), lengths_m, np.zeros(3), climbs_m)
    assert parts == [(0, 1), (1, 2), (2, 3)]
    apart_s = sum(cost.climbing_run_s(QUAD, Wind(), lengths_m[a:b], np.zeros(b - a), climbs_m[a:b]) for a, b in parts)
    assert apart_s < cost.climbing_run_s(QUAD, Wind(), lengths_m, np.zeros(3), climbs_m)
    assert level_stretches(WING, Wind(), lengths_m, np.zeros(3), climbs_m) == [(0, 3)]
