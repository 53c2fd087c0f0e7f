"""What routes cost: the judge that all solvers answer to."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from planner.model import Objective
from planner.routes.fleet_problem import DroneClass, FleetProblem, Score, Seat, energy_wh, evaluate, seat_s, sortie_s

ONE = DroneClass(
    id="one",
    service_s=np.array([10.0, 10.0, 20.0, np.inf]),
    out_s=np.array([[1.0, 2.0, 3.0, 4.0]]),
    between_s=np.arange(16.0).reshape(4, 4),
    home_s=np.array([[5.0], [6.0], [7.0], [8.0]]),
    limit_s=40.0,
    overhead_s=100.0,
    swap_s=1000.0,
    cruise_w=360.0,
    overhead_wh=3.0,
)
PROBLEM = FleetProblem(tracks=2, classes=(ONE,), seats=(Seat(drone="a", drone_class=0, base=0),), objective=Objective.MAKESPAN)


def test_a_sortie_is_the_way_out_its_tracks_the_ways_between_and_the_way_home() -> None:
    assert sortie_s(PROBLEM, 0, (1, 2)) == 2 + 10 + 6 + 20 + 7
    assert sortie_s(PROBLEM, 0, (0,)) == 1 + 10 + 5


def test_a_day_has_an_overhead_a_sortie_and_a_swap_between_two() -> None:
    assert seat_s(PROBLEM, 0, ()) == 0
    assert seat_s(PROBLEM, 0, ((0,), (2,))) == (1 + 10 + 5) + (3 + 20 + 7) + 2 * 100 + 1000


def test_energy_counts_cruise_and_overhead() -> None:
    assert energy_wh(PROBLEM, (((0,),),)) == pytest.approx(360 * 16 / 3600 + 3)


def test_tracks_are_served_in_the_direction_that_can_be() -> None:
    assert PROBLEM.alone_s(0).tolist() == [16, 30]
    assert PROBLEM.can_serve(0).tolist() == [True, True]
    assert replace(PROBLEM, classes=(replace(ONE, limit_s=20.0),)).can_serve(0).tolist() == [True, False]


def test_routes_beyond_a_limit_are_worse_than_any() -> None:
    assert evaluate(PROBLEM, (((1, 2),),)) == Score(float("inf"), float("inf"))
    assert evaluate(PROBLEM, (((0,), (2,)),)) < Score(float("inf"), 0.0)


def test_the_objective_decides_what_is_compared_first() -> None:
    two = replace(PROBLEM, seats=(*PROBLEM.seats, Seat(drone="b", drone_class=0, base=0)))
    together, apart = (((0,), (2,)), ()), (((0,),), ((2,),))

    assert evaluate(two, apart) < evaluate(two, together)
    total = replace(two, objective=Objective.TOTAL_TIME)
    assert evaluate(total, apart).primary_s == 16 + 30 + 200
    assert evaluate(total, apart).secondary == 130
