"""The search serves every track once within limits, gets better with work, repeats itself and stops when told."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.model import Objective
from planner.routes.fleet_problem import FleetProblem, Routes, evaluate, seat_s, sortie_s
from planner.routes.tour import TourParams, search
from tests.planner.fleet_problems import complaints, random_problem

QUICK = TourParams(moves=600)


def never() -> bool:
    return False


@settings(max_examples=30, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    tracks=st.integers(1, 25),
    seats=st.integers(1, 5),
    classes=st.integers(1, 2),
    sorties_worth=st.sampled_from([1.0, 3.0, 100.0]),
    objective=st.sampled_from(Objective),
)
def test_every_track_is_served_once_within_limits(
    seed: int, tracks: int, seats: int, classes: int, sorties_worth: float, objective: Objective
) -> None:
    problem = random_problem(seed, tracks=tracks, seats=seats, classes=classes, sorties_worth=sorties_worth, objective=objective)

    assert complaints(problem, search(problem, QUICK, seed, never)) == []


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_the_same_seed_gives_the_same_routes_and_more_moves_no_worse_ones(seed: int) -> None:
    problem = random_problem(seed, tracks=15)

    few = search(problem, replace(QUICK, moves=0), 7, never)
    assert search(problem, QUICK, 7, never) == search(problem, QUICK, 7, never)
    assert evaluate(problem, search(problem, QUICK, 7, never)).primary_s <= evaluate(problem, few).primary_s * (1 + 1e-9)


def best_of_all(problem: FleetProblem) -> float:
    """The least makespan of one drone by trying every order, direction and cut."""
    best = math.inf
    for order in itertools.permutations(range(problem.tracks)):
        for ways in itertools.product((0, 1), repeat=problem.tracks):
            states = tuple(2 * track + way for track, way in zip(order, ways, strict=True))
            for cuts in itertools.product((False, True), repeat=problem.tracks - 1):
                ends = [0, *(place + 1 for place, cut in enumerate(cuts) if cut), problem.tracks]
                sorties = [states[first:last] for first, last in itertools.pairwise(ends)]
                if all(sortie_s(problem, 0, sortie) <= problem.class_of(0).limit_s for sortie in sorties):
                    best = min(best, seat_s(problem, 0, sorties))
    return best


@pytest.mark.parametrize("seed", range(6))
def test_small_problems_are_solved_to_the_optimum(seed: int) -> None:
    problem = random_problem(seed, tracks=4, seats=1, bases=1, classes=1, sorties_worth=1.0)

    found = search(problem, replace(QUICK, moves=3000), 1, never)

    assert evaluate(problem, found).primary_s == pytest.approx(best_of_all(problem))


def test_a_stop_ends_the_search_at_once_with_routes_that_hold() -> None:
    problem = random_problem(3, tracks=30, seats=4)
    asked = itertools.count()

    routes = search(problem, replace(QUICK, moves=10**9), 1, lambda: next(asked) >= 2)

    assert complaints(problem, routes) == []
    assert next(asked) < 10


def test_nobody_gives_a_track_to_a_drone_that_may_not_serve_it() -> None:
    problem = random_problem(5, tracks=18, seats=4, classes=2)

    routes: Routes = search(problem, QUICK, 1, never)

    assert not {state // 2 for sortie in (*routes[1], *routes[3]) for state in sortie} & set(range(0, 18, 3))


def test_drones_without_work_stay() -> None:
    routes = search(random_problem(1, tracks=1, classes=1), QUICK, 1, never)

    assert sorted(len(sorties) for sorties in routes) == [0, 0, 1]
