"""Savings serve every track once within limits, and fly neighbouring lanes out and back."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.model import Objective
from planner.routes.fleet_problem import DroneClass, FleetProblem, Seat, seat_s
from planner.routes.savings import by_savings
from tests.planner.fleet_problems import complaints, random_problem


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    tracks=st.integers(1, 25),
    seats=st.integers(1, 5),
    classes=st.integers(1, 2),
    sorties_worth=st.sampled_from([1.0, 3.0, 100.0]),
)
def test_every_track_is_served_once_within_limits(seed: int, tracks: int, seats: int, classes: int, sorties_worth: float) -> None:
    problem = random_problem(seed, tracks=tracks, seats=seats, classes=classes, sorties_worth=sorties_worth)

    assert complaints(problem, by_savings(problem)) == []


def test_lanes_beside_a_base_are_flown_out_and_back_by_drones_that_share_them() -> None:
    """Eight lanes of 1,000 s that lead away from the base, each in two pieces, 10 s apart: two lanes are a sortie."""
    starts = np.array([(500.0 * half, 10.0 * lane) for lane in range(8) for half in (0, 1)])
    ends = starts + np.array((500.0, 0.0))
    entries, exits = (np.stack(pair, axis=1).reshape(-1, 2) for pair in ((starts, ends), (ends, starts)))
    away = np.array([0.0, 35.0])
    type_ = DroneClass(
        id="any",
        service_s=np.full(32, 500.0),
        out_s=np.hypot(*(entries - away).T)[None, :],
        between_s=np.hypot(*(entries[None] - exits[:, None]).transpose(2, 0, 1)),
        home_s=np.hypot(*(exits - away).T)[:, None],
        limit_s=2_150.0,
        overhead_s=30.0,
        swap_s=60.0,
        cruise_w=300.0,
        overhead_wh=5.0,
    )
    seats = tuple(Seat(drone=name, drone_class=0, base=0) for name in "ab")
    problem = FleetProblem(tracks=16, classes=(type_,), seats=seats, objective=Objective.MAKESPAN)

    routes = by_savings(problem)

    assert [len(sorties) for sorties in routes] == [2, 2]
    assert max(seat_s(problem, seat, own) for seat, own in enumerate(routes)) < 2 * 2_150 + 2 * 30 + 60
