"""A tour is cut into routes where that is best."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
import shapely

from planner.sweep_search.kernel import Floats, hop_s, leg_s
from planner.sweep_search.splits import Fleet, divided, splits
from planner.sweep_search.world import SweepTask, build_world

FIELD = shapely.box(0, 0, 60, 40)
TASK = SweepTask(ground=FIELD, flyable=FIELD, swath_m=5.0, speed_mps=3.0, acceleration_mps2=1.0, depot=(30.0, 0.0), least_coverage=0.99)
WORLD = build_world(TASK, 3)
#: Rows that the depot lies behind, so that none is divided.
ROWS = np.array([[1.0 + 40 * (row % 2), 2.5 + 5 * row, 41.0 - 40 * (row % 2), 2.5 + 5 * row] for row in range(8)]) * [0.5, 1, 0.5, 1]


def route_seconds(tracks: Floats) -> list[float]:
    times, here, seconds = [], (30.0, 0.0), 0.0
    for x1, y1, x2, y2 in [*tracks, (30.0, 0.0, 30.0, 0.0)]:
        seconds += hop_s(WORLD, *here, x1, y1)
        if (x1, y1) == (x2, y2):
            times.append(seconds)
            seconds = 0.0
        else:
            seconds += leg_s(WORLD, math.dist((x1, y1), (x2, y2)))
        here = (x2, y2)
    return times


def ordered(places: tuple[int, ...], rows: Floats) -> Floats:
    """The rows as a round tour that begins at the first place, with the depot at each."""
    home = np.array([[30.0, 0.0, 30.0, 0.0]])
    turned = [np.roll(rows, -places[0], axis=0)[one - places[0] : other - places[0]] for one, other in itertools.pairwise(places)]
    last = np.roll(rows, -places[0], axis=0)[places[-1] - places[0] :]
    return np.vstack([part for piece in [*turned, last] for part in (piece, home)][:-1])


@pytest.mark.parametrize("routes", [2, 3])
def test_no_other_choice_of_cuts_makes_the_longest_route_shorter_by_more_than_it_lengthens_all(routes: int) -> None:
    def cost(times: list[float]) -> float:
        return max(times) + 0.2 * sum(times)

    found = splits(WORLD, ROWS, Fleet(routes, 0.1, math.inf), 1)[0]

    tried = [cost(route_seconds(ordered(places, ROWS))) for places in itertools.combinations(range(8), routes)]
    assert cost(route_seconds(found)) == pytest.approx(min(tried), abs=1e-6)


def test_routes_of_least_total_time_keep_to_the_seconds_they_may_take() -> None:
    whole_s = sum(route_seconds(ROWS))

    loose, tight = (splits(WORLD, ROWS, Fleet(2, 0.0, limit_s), 1)[0] for limit_s in (math.inf, 0.65 * whole_s))

    assert max(route_seconds(tight)) <= 0.65 * whole_s < max(route_seconds(loose))
    assert sum(route_seconds(loose)) < sum(route_seconds(tight))


def test_a_track_that_passes_by_the_depot_is_divided_between_two_routes() -> None:
    task_depot = (30.0, 20.0)
    world = WORLD._replace(depot_east=task_depot[0], depot_north=task_depot[1])
    lanes = np.array([[10.0, 0.1, 10.0, 39.9], [30.5, 39.9, 30.5, 0.1], [50.0, 0.1, 50.0, 39.9]])

    found = splits(world, lanes, Fleet(2, 0.1, math.inf), 1)[0]

    halves = [track for track in found if abs(track[0] - 30.5) < 1e-9 and 1.0 < math.dist(track[:2], track[2:]) < 39.0]
    assert len(halves) == 2
    assert sum(math.dist(half[:2], half[2:]) for half in halves) == pytest.approx(39.8)


def test_unlike_choices_of_cuts_come_with_the_best() -> None:
    several = splits(WORLD, np.vstack([ROWS, ROWS + np.array([30.0, 0.0, 30.0, 0.0])]), Fleet(2, 0.1, math.inf), 3)

    assert len(several) > 1
    assert len({tuple(np.round(tracks, 3).ravel()) for tracks in several}) == len(several)


def test_more_routes_than_cuts_leave_drones_at_home() -> None:
    found = splits(WORLD, ROWS[:1], Fleet(4, 0.1, math.inf), 1)[0]

    assert len(found) == 4
    assert sorted(route_seconds(found))[:3] == [0.0, 0.0, 0.0]


def test_only_tracks_that_pass_close_by_the_depot_are_divided_and_no_metre_is_lost() -> None:
    near, far, beside = (10.0, 2.5, 50.0, 2.5), (50.0, 20.0, 10.0, 20.0), (31.0, 2.5, 50.0, 2.5)

    parts = divided(WORLD, np.array([near, far, beside]), 5.0)

    assert parts.tolist() == [[10.0, 2.5, 30.0, 2.5], [30.0, 2.5, 50.0, 2.5], list(far), list(beside)]
