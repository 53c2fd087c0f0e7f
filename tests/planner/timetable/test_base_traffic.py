"""Who is near a base when, and which stays get in each other's way."""

from __future__ import annotations

import numpy as np
import pytest

from planner.timetable.base_traffic import Visit, clash, visits

BASES = {"home": (0.0, 0.0), "far": (1_000.0, 0.0)}


def flown(*east_m: float) -> tuple[np.ndarray, np.ndarray]:
    """One place a second, along the line between the bases."""
    return np.arange(len(east_m), dtype=float), np.array([(x, 0.0, 60.0) for x in east_m])


def test_a_flight_out_and_back_visits_its_base_twice_and_climbs_there() -> None:
    times_s, points_m = flown(0, 40, 80, 200, 80, 40, 0)

    assert visits(times_s, points_m, BASES, 70.0) == (Visit("home", 0.0, 1.0, True), Visit("home", 5.0, 6.0, True))


def test_passing_over_a_base_is_a_visit_without_a_climb() -> None:
    times_s, points_m = flown(500, 940, 1_000, 1_060, 1_500)

    assert visits(times_s, points_m, BASES, 70.0) == (Visit("far", 1.0, 3.0, False),)


def test_a_flight_that_ends_at_another_base_climbs_at_both() -> None:
    times_s, points_m = flown(0, 500, 1_000)

    assert {(visit.base, visit.climbs) for visit in visits(times_s, points_m, BASES, 70.0)} == {("home", True), ("far", True)}


def test_a_flight_that_stays_is_one_visit() -> None:
    times_s, points_m = flown(0, 10, 0)

    assert visits(times_s, points_m, BASES, 70.0) == (Visit("home", 0.0, 2.0, True),)


def test_nobody_is_near_from_the_distance_itself_on() -> None:
    times_s, points_m = flown(70, 70)

    assert visits(times_s, points_m, BASES, 70.0) == ()


CLIMB, PASS = Visit("home", 100.0, 150.0, True), Visit("home", 100.0, 150.0, False)


@pytest.mark.parametrize(
    ("other", "clashes"),
    [
        (Visit("home", 140.0, 200.0, False), True),
        (Visit("home", 179.0, 200.0, False), True),  # within the slack after
        (Visit("home", 180.0, 200.0, False), False),
        (Visit("home", 0.0, 71.0, True), True),  # within the slack before
        (Visit("home", 0.0, 70.0, True), False),
        (Visit("far", 100.0, 150.0, True), False),
    ],
)
def test_one_climbs_alone_within_the_slack(other: Visit, clashes: bool) -> None:
    assert clash([CLIMB], [other], 30.0) is clashes
    assert clash([other], [CLIMB], 30.0) is clashes


def test_two_that_pass_do_not_clash_whatever_else_they_do_elsewhere() -> None:
    assert not clash([PASS], [PASS], 30.0)
    assert not clash([PASS, Visit("far", 300.0, 350.0, True)], [PASS], 30.0)


def test_later_is_later() -> None:
    assert CLIMB.shifted(25.0) == Visit("home", 125.0, 175.0, True)
