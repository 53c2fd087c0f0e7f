"""Drones that must turn are sent only where a circle fits, and lanes end where one does."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry.base import BaseGeometry

from planner.tracks.turning_room import TurningRoom, turning_ground
from tests.planner.shapes import grounds

FIELD = shapely.box(0, 0, 1_000, 400)
RADIUS_M = 50.0


def ends(*points: tuple[float, float]) -> tuple[np.ndarray, np.ndarray]:
    first, last = points
    return np.array(first, dtype=float), np.array(last, dtype=float)


def test_without_a_radius_all_ground_is_turned_on_and_lanes_stay_as_they_are() -> None:
    assert turning_ground(FIELD, 0.0) is FIELD
    start, end = ends((0, 0), (1_000, 0))
    shortened = TurningRoom(FIELD, 0.0).shortened(start, end)

    assert shortened is not None
    assert np.array_equal(shortened, [start, end])


def test_a_gap_narrower_than_a_circle_is_no_ground_to_turn_on() -> None:
    corridor = shapely.union(FIELD, shapely.box(1_000, 150, 1_400, 240))

    assert not turning_ground(corridor, RADIUS_M).intersects(shapely.Point(1_200, 195))
    assert turning_ground(corridor, RADIUS_M).covers(shapely.Point(500, 5))


@settings(max_examples=40, deadline=None)
@given(ground=grounds(), radius_m=st.floats(1.0, 80.0))
def test_ground_to_turn_on_is_within_the_airspace_and_each_place_on_a_circle(ground: BaseGeometry, radius_m: float) -> None:
    found = turning_ground(ground, radius_m)

    assert found.difference(ground.buffer(0.02 * radius_m)).area <= 1e-6 * max(ground.area, 1.0)
    assert found.within(ground.buffer(-radius_m).buffer(radius_m * 1.001)) or found.is_empty


def test_a_lane_across_the_field_ends_where_a_circle_fits_beside_it() -> None:
    start, end = ends((0, 100), (1_000, 100))

    found = TurningRoom(FIELD, RADIUS_M).shortened(start, end)

    assert found is not None
    first, last = found
    assert first[0] == pytest.approx(RADIUS_M, abs=RADIUS_M / 4 + 1e-9)
    assert last[0] == pytest.approx(1_000 - RADIUS_M, abs=RADIUS_M / 4 + 1e-9)
    assert first[1] == last[1] == 100


@settings(max_examples=60, deadline=None)
@given(points=st.lists(st.tuples(st.floats(0, 1_000), st.floats(0, 400)), min_size=2, max_size=2), radius_m=st.floats(5.0, 150.0))
def test_what_is_left_is_part_of_the_lane_and_a_circle_fits_at_both_ends(points: list[tuple[float, float]], radius_m: float) -> None:
    start, end = ends(*points)

    found = TurningRoom(FIELD, radius_m).shortened(start, end)

    if found is None:
        return
    line = shapely.LineString([start, end])
    along = (end - start) / np.hypot(*(end - start))
    across = np.array([-along[1], along[0]]) * radius_m
    for place in found:
        assert line.distance(shapely.Point(place)) < 1e-6
        circles = [shapely.Point(place + side * across).buffer(radius_m * 0.999) for side in (1, -1)]
        assert any(FIELD.covers(circle) for circle in circles)


@pytest.mark.parametrize(
    "points",
    [
        pytest.param(((500, 200), (500, 200)), id="no length"),
        pytest.param(((0, 0), (20, 0)), id="shorter than what the ends lose"),
        pytest.param(((2_000, 0), (3_000, 0)), id="outside"),
    ],
)
def test_nothing_is_left_of_a_lane_without_room(points: tuple[tuple[float, float], tuple[float, float]]) -> None:
    assert TurningRoom(FIELD, RADIUS_M).shortened(*ends(*points)) is None
