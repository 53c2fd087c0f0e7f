"""Bounds hold: plain cases by hand, and patrols that are simulated never undercut them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import shapely

from planner.model import Sensor, Wind
from planner.revisit.bound import far_ends_bound_s, fleet_of, ground_bound_s, line_bound_s, points_bound_s, standing_part
from tests.planner.missions import QUAD

THIN = replace(QUAD, sensor=Sensor(swath_m=1e-3))
LINE = shapely.LineString([(0, 0), (12_000, 0)])


def test_without_recharge_the_bound_of_a_thin_sight_is_two_lengths_by_all_speeds() -> None:
    assert line_bound_s(LINE, fleet_of([THIN] * 6, Wind(), "aaaaaa", recharge=False)) == pytest.approx(400.0, rel=1e-3)


def test_with_recharge_at_one_base_only_those_that_fly_count() -> None:
    flying = 6 * (1 - standing_part(THIN))

    assert line_bound_s(LINE, fleet_of([THIN] * 6, Wind(), "aaaaaa")) == pytest.approx(2 * 12_000 / (10 * flying), rel=1e-3)


def test_of_several_bases_the_one_where_most_drones_stand_counts() -> None:
    flying = 6 - 5 * standing_part(THIN)

    assert line_bound_s(LINE, fleet_of([THIN] * 6, Wind(), "abbbbb")) == pytest.approx(2 * 12_000 / (10 * flying), rel=1e-3)


def test_more_bases_and_wider_sight_never_raise_the_bound() -> None:
    bounds = [
        line_bound_s(LINE, fleet_of([replace(QUAD, sensor=Sensor(swath_m=width))] * 6, Wind(), homes))
        for homes in ("aaaaaa", "aaaaab", "abcdef")
        for width in (200.0, 20.0)
    ]

    assert bounds[0] < bounds[1]
    assert bounds[1] >= bounds[3] >= bounds[5] > 0


def test_a_drone_stands_for_its_climbs_and_its_battery_swap() -> None:
    # 1200 s at most, 64 s of them vertical, 300 s for the battery
    assert standing_part(QUAD) == pytest.approx((60 / 2.5 + 60 / 1.5 + 300) / 1500)


def test_a_drone_alone_waits_for_its_own_battery_swap() -> None:
    bound_s = line_bound_s(LINE, fleet_of([THIN], Wind(), "a"))

    assert bound_s >= 2 * 12_000 / 10 + 364 - 0.01


def test_places_that_no_sortie_can_see_both_take_a_sortie_each() -> None:
    ends = np.array([[-5_000.0, 0.0], [5_000.0, 0.0]])

    bound_s = far_ends_bound_s(ends, np.zeros((1, 2)), [THIN] * 4, Wind())

    assert bound_s == pytest.approx(2 * (1000 + 64 + 300) / 4, rel=1e-3)


def test_points_in_a_row_are_no_shorter_than_the_way_over_them() -> None:
    points = np.column_stack([np.arange(5) * 1000.0, np.zeros(5)])

    assert points_bound_s(points, fleet_of([THIN], Wind(), "a")) == pytest.approx(400.0, rel=1e-3)
    assert points_bound_s(points, fleet_of([THIN] * 2, Wind(), "aa")) == pytest.approx(150.0, rel=1e-3)


def test_ground_takes_its_area_by_what_all_see() -> None:
    assert ground_bound_s(1e6, fleet_of([QUAD] * 2, Wind(), "aa", recharge=False)) == pytest.approx(1e6 / (2 * 50 * 10))
