"""OR-Tools never makes routes worse, keeps them whole, repeats itself and stops when told."""

from __future__ import annotations

import gc
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ortools.constraint_solver import pywrapcp

from planner.model import Objective
from planner.routes.fleet_problem import evaluate
from planner.routes.routing import RoutingParams, improve
from planner.routes.tour import TourParams, search
from tests.planner.fleet_problems import complaints, random_problem

QUICK = RoutingParams(steps=2_000)
ROUGH = TourParams(moves=0)


def never() -> bool:
    return False


@settings(max_examples=15, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    tracks=st.integers(1, 14),
    seats=st.integers(1, 4),
    objective=st.sampled_from(Objective),
)
def test_improving_never_worsens_and_serves_every_track_once_within_limits(
    seed: int, tracks: int, seats: int, objective: Objective
) -> None:
    problem = random_problem(seed, tracks=tracks, seats=seats, objective=objective)
    routes = search(problem, ROUGH, seed, never)

    improved = improve(problem, routes, QUICK, never)

    assert complaints(problem, improved) == []
    assert evaluate(problem, improved) <= evaluate(problem, routes)
    assert all(len(after) <= len(before) for after, before in zip(improved, routes, strict=True))


def test_rough_routes_are_improved_and_always_to_the_same() -> None:
    problem = random_problem(5, tracks=16, seats=3)
    routes = search(problem, ROUGH, 1, never)

    improved = [improve(problem, routes, replace(QUICK, steps=6_000), never) for _ in range(2)]

    assert evaluate(problem, improved[0]) < evaluate(problem, routes)
    assert improved[0] == improved[1]


def test_routes_with_a_track_that_saves_time_when_flown_on_end_stay_whole() -> None:
    """Going straight on along a cut lane costs less than nothing."""
    problem = random_problem(4, tracks=8, seats=2, classes=1)
    between_s = problem.classes[0].between_s.copy()
    between_s[0, 2] = between_s[3, 1] = -3.0
    problem = replace(problem, classes=(replace(problem.classes[0], between_s=between_s),))

    improved = improve(problem, search(problem, ROUGH, 1, never), QUICK, never)

    assert complaints(problem, improved) == []


def test_ways_that_do_not_exist_are_not_flown() -> None:
    problem = random_problem(8, tracks=10, seats=2, classes=1, sorties_worth=100.0)
    between_s = problem.classes[0].between_s.copy()
    shut = np.add.outer(np.arange(20) // 2, np.arange(20) // 2) % 2 == 1
    between_s[shut] = np.inf
    problem = replace(problem, classes=(replace(problem.classes[0], between_s=between_s),))

    improved = improve(problem, search(problem, TourParams(moves=500), 1, never), QUICK, never)

    assert complaints(problem, improved) == []


@pytest.mark.parametrize("stops_after", [0, 1])
def test_a_stop_leaves_routes_that_hold(stops_after: int) -> None:
    problem = random_problem(2, tracks=14, seats=3)
    routes = search(problem, ROUGH, 1, never)
    asked = iter(range(10**6))

    improved = improve(problem, routes, replace(QUICK, steps=10**9), lambda: next(asked) >= stops_after)

    assert complaints(problem, improved) == []
    assert evaluate(problem, improved) <= evaluate(problem, routes)
    assert next(asked) <= stops_after + 2


def test_problems_beyond_the_largest_are_left_alone() -> None:
    problem = random_problem(2, tracks=10, seats=2)
    routes = search(problem, ROUGH, 1, never)

    assert improve(problem, routes, replace(QUICK, max_tracks=9), never) is routes


def test_no_model_outlives_its_search() -> None:
    problem = random_problem(5, tracks=8, seats=2)

    improve(problem, search(problem, ROUGH, 1, never), QUICK, never)

    gc.collect()
    assert not [each for each in gc.get_objects() if type(each) is pywrapcp.RoutingModel]
