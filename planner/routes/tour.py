"""Order tracks into drones' sorties: cheapest insertion, then a seeded local search over whole days of drones.

A drone's day is one sequence of states, cut into sorties optimally for its order (Prins 2004, "A simple and effective
evolutionary algorithm for the vehicle routing problem": the split is a shortest path). Moves relocate, reverse and exchange
pieces of sequences; worse answers are accepted within a shrinking threshold (record-to-record travel, Dueck 1993). What is done often
is compiled (`day_search`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from planner.model import Objective
from planner.routes import day_search
from planner.routes.day_search import Costs, Days, Moves, Numbers
from planner.routes.fleet_problem import FleetProblem, Routes
from planner.routes.savings import by_savings


@dataclass(frozen=True, kw_only=True, slots=True)
class TourParams:
    """`moves` are tried per search; `threshold` is the part of the cost by which a step may be worse at the start. At first each
    track is put in the best of `tried_places`. Whether to stop is asked every `at_once` moves.
    """

    moves: int = 40_000
    threshold: float = 0.03
    longest_piece: int = 4
    secondary_weight: float = 0.02
    tried_places: int = 8
    at_once: int = 2_000


def search(problem: FleetProblem, params: TourParams, seed: int, should_stop: Callable[[], bool], start: Routes | None = None) -> Routes:
    """The best routes found; deterministic for a seed when `should_stop` never says so. Tracks that no seat can serve alone
    must not be in the problem. `start` are routes to begin with; tracks that they leave out are inserted.
    """
    state = _Search(problem, params)
    state.construct(start)
    if start is None and not any(seat.under_way or seat.ready_s for seat in problem.seats):
        state.take_up_if_better(by_savings(problem))
    return state.improved(seed, should_stop)


class _Search:
    def __init__(self, problem: FleetProblem, params: TourParams) -> None:
        self._problem, self._params = problem, params
        self._seats = len(problem.seats)
        self._numbers = _numbers_of(problem)
        self._days = _no_days(self._numbers, self._seats + day_search.TRIED, problem.tracks)
        longest, total = (1.0, params.secondary_weight) if problem.objective is Objective.MAKESPAN else (params.secondary_weight, 1.0)
        self._costs = Costs(longest_weight=longest, sum_weight=total)

    def construct(self, start: Routes | None = None) -> None:
        """Farthest tracks first, each where it raises the objective least."""
        if start is not None:
            self._set(self._days, start)
        there = {state // 2 for seat in range(self._seats) for state in _states(self._days, seat)}
        alone = np.min([self._problem.alone_s(seat) for seat in range(self._seats)], axis=0)
        if not self._numbers.serves.any(axis=0).all():
            raise ValueError("there are tracks that no seat can serve alone")
        left = sorted(set(range(self._problem.tracks)) - there, key=lambda index: (-alone[index], index))
        gains = np.empty((2, self._problem.tracks + 1))
        day_search.insert(self._numbers, self._days, self._costs, np.array(left, dtype=np.int64), self._params.tried_places, gains)

    def take_up_if_better(self, routes: Routes) -> None:
        other = _copied(self._days)
        self._set(other, routes)
        if self._cost(other) < self._cost(self._days):
            self._days = other

    def improved(self, seed: int, should_stop: Callable[[], bool]) -> Routes:
        best = _copied(self._days)
        changed, known = np.empty(2, dtype=np.int64), np.full(2, self._cost(self._days))
        params, count = self._params, self._params.moves
        day_search.begin(seed)
        for first in range(0, count, params.at_once):
            if should_stop():
                break
            moves = Moves(first, min(count, first + params.at_once), count, params.longest_piece, params.threshold)
            day_search.improve(self._numbers, self._days, best, self._costs, moves, known, changed)
        return tuple(_sorties(best, seat) for seat in range(self._seats))

    def _set(self, days: Days, routes: Routes) -> None:
        for seat, sorties in enumerate(routes):
            states = [state for sortie in sorties for state in sortie]
            days.states[seat, : len(states)], days.counts[seat] = states, len(states)
            day_search.split(self._numbers, days, seat, seat, 0)

    def _cost(self, days: Days) -> float:
        return day_search.cost_of(days, self._costs, self._seats)


def _numbers_of(problem: FleetProblem) -> Numbers:
    classes, seats, states = problem.classes, problem.seats, 2 * problem.tracks
    on_s, on_limit_s = np.full((len(seats), states), np.inf), np.full((len(seats), states), -np.inf)
    for number, seat in enumerate(seats):
        if seat.under_way is not None:
            drone_class = problem.class_of(number)
            # What the first sortie takes when it goes on from the air, in the terms of one that begins on the ground.
            from_s = seat.under_way.at_s + seat.under_way.landing_s - drone_class.overhead_s - drone_class.swap_s
            on_s[number] = from_s + seat.under_way.out_s
            on_limit_s[number] = seat.under_way.limit_s + 1e-6 - seat.under_way.out_s
    return Numbers(
        between_s=np.stack([each.between_s for each in classes]).astype(np.float64),
        service_s=np.stack([each.service_s for each in classes]).astype(np.float64),
        out_s=np.stack([each.out_s for each in classes]).astype(np.float64),
        home_s=np.ascontiguousarray(np.stack([each.home_s.T for each in classes]), dtype=np.float64),
        limit_s=np.array([each.limit_s + 1e-6 for each in classes]),
        turnaround_s=np.array([each.overhead_s + each.swap_s for each in classes]),
        seat_class=np.array([seat.drone_class for seat in seats], dtype=np.int64),
        seat_base=np.array([seat.base for seat in seats], dtype=np.int64),
        before_s=np.array([seat.ready_s - problem.class_of(number).swap_s for number, seat in enumerate(seats)]),
        serves=np.stack([problem.can_serve(seat) for seat in range(len(seats))]),
        on_s=on_s,
        on_limit_s=on_limit_s,
    )


def _no_days(numbers: Numbers, rows: int, tracks: int) -> Days:
    until_s = np.zeros((rows, tracks + 1))
    until_s[: len(numbers.before_s), 0] = numbers.before_s
    counts, origins = np.zeros(rows, dtype=np.int64), np.zeros((rows, tracks + 1), dtype=np.int64)
    return Days(states=np.zeros((rows, max(1, tracks)), dtype=np.int64), counts=counts, until_s=until_s, origins=origins)


def _copied(days: Days) -> Days:
    return Days(days.states.copy(), days.counts.copy(), days.until_s.copy(), days.origins.copy())


def _states(days: Days, seat: int) -> list[int]:
    states: list[int] = days.states[seat, : days.counts[seat]].tolist()
    return states


def _sorties(days: Days, seat: int) -> tuple[tuple[int, ...], ...]:
    states, found = _states(days, seat), []
    end = len(states)
    while end > 0:
        first = int(days.origins[seat, end])
        found.append(tuple(states[first:end]))
        end = first
    return tuple(found[::-1])
