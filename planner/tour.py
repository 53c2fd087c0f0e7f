"""Order tracks into drones' sorties: cheapest insertion, then a seeded local search over whole days of drones.

A drone's day is one sequence of states, cut into sorties optimally for its order (Prins 2004, "A simple and effective
evolutionary algorithm for the vehicle routing problem": the split is a shortest path). Moves relocate, reverse and exchange
pieces of sequences; worse answers are accepted within a shrinking threshold (record-to-record travel, Dueck 1993).
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from planner.fleet_problem import FleetProblem, Routes
from planner.model import Objective

_INF = math.inf


@dataclass(frozen=True, kw_only=True, slots=True)
class TourParams:
    """`moves` are tried per search; `threshold` is the part of the cost by which a step may be worse at the start."""

    moves: int = 40_000
    threshold: float = 0.03
    longest_piece: int = 4
    secondary_weight: float = 0.02


@dataclass(frozen=True, slots=True)
class _Day:
    """One drone's sequence and its cost, split at `starts`."""

    states: tuple[int, ...]
    seconds: float
    starts: tuple[int, ...]


class _Splitter:
    """Cuts a sequence of states into sorties of one seat, at least total time; plain lists, because it is called most."""

    def __init__(self, problem: FleetProblem, seat: int) -> None:
        drone_class, base = problem.class_of(seat), problem.seats[seat].base
        self._out = drone_class.out_s[base].tolist()
        self._home = drone_class.home_s[:, base].tolist()
        self._service = drone_class.service_s.tolist()
        self.between = drone_class.between_s.tolist()
        self._limit = drone_class.limit_s + 1e-6
        self._overhead = drone_class.overhead_s
        self._swap = drone_class.swap_s

    def split(self, states: Sequence[int]) -> _Day:
        """The best split; infinite seconds when some state cannot be served at all."""
        count = len(states)
        if count == 0:
            return _Day((), 0.0, ())
        best = [_INF] * (count + 1)
        best[0] = -self._swap
        origin = [0] * (count + 1)
        for first in range(count):
            if best[first] == _INF:
                continue
            base_s = best[first] + self._swap + self._overhead
            flown = self._out[states[first]] + self._service[states[first]]
            last = first
            while True:
                cruise = flown + self._home[states[last]]
                if cruise <= self._limit and base_s + cruise < best[last + 1]:
                    best[last + 1] = base_s + cruise
                    origin[last + 1] = first
                if flown > self._limit or last + 1 == count:
                    break
                flown += self.between[states[last]][states[last + 1]] + self._service[states[last + 1]]
                last += 1
        if best[count] == _INF:
            return _Day(tuple(states), _INF, ())
        starts = []
        end = count
        while end > 0:
            end = origin[end]
            starts.append(end)
        return _Day(tuple(states), best[count], tuple(reversed(starts)))


def search(problem: FleetProblem, params: TourParams, seed: int, should_stop: Callable[[], bool]) -> Routes:
    """The best routes found; deterministic for a seed when `should_stop` never says so. Tracks that no seat can serve alone
    must not be in the problem.
    """
    state = _Search(problem, params, random.Random(seed))
    state.construct()
    state.improve(should_stop)
    return tuple(tuple(_cut(day)) for day in state.best)


def _cut(day: _Day) -> list[tuple[int, ...]]:
    ends = (*day.starts[1:], len(day.states))
    return [day.states[start:end] for start, end in zip(day.starts, ends, strict=True)] if day.states else []


class _Search:
    def __init__(self, problem: FleetProblem, params: TourParams, dice: random.Random) -> None:
        self._problem, self._params, self._dice = problem, params, dice
        self._splitters = [_Splitter(problem, seat) for seat in range(len(problem.seats))]
        self._serves = [problem.can_serve(seat) for seat in range(len(problem.seats))]
        self._days = [splitter.split(()) for splitter in self._splitters]
        self.best = list(self._days)

    def construct(self) -> None:
        """Farthest tracks first, each where it raises the objective least."""
        alone = np.min([self._problem.alone_s(seat) for seat in range(len(self._splitters))], axis=0)
        for track in sorted(range(self._problem.tracks), key=lambda index: (-alone[index], index)):
            seat, day = min(self._insertions(track), key=lambda choice: self._with({choice[0]: choice[1]}))
            self._days[seat] = day
        self.best = list(self._days)

    def _insertions(self, track: int) -> list[tuple[int, _Day]]:
        found = []
        for seat, splitter in enumerate(self._splitters):
            if not self._serves[seat][track]:
                continue
            states = self._days[seat].states
            days = [
                splitter.split((*states[:place], state, *states[place:]))
                for place in range(len(states) + 1)
                for state in (2 * track, 2 * track + 1)
            ]
            found.append((seat, min(days, key=lambda day: day.seconds)))
        return found

    def _with(self, changed: dict[int, _Day]) -> float:
        times = [changed[seat].seconds if seat in changed else day.seconds for seat, day in enumerate(self._days)]
        if self._problem.objective is Objective.TOTAL_TIME:
            return sum(times) + self._params.secondary_weight * max(times)
        return max(times) + self._params.secondary_weight * sum(times)

    def improve(self, should_stop: Callable[[], bool]) -> None:
        current = best = self._with({})
        for move in range(self._params.moves):
            if move % 64 == 0 and should_stop():
                break
            changed = self._propose()
            if not changed or any(day.seconds == _INF for day in changed.values()):
                continue
            cost = self._with(changed)
            allowed = best * (1 + self._params.threshold * (1 - move / self._params.moves) ** 2)
            if cost <= current or cost < allowed:
                for seat, day in changed.items():
                    self._days[seat] = day
                current = cost
                if cost < best - 1e-9:
                    best, self.best = cost, list(self._days)

    def _propose(self) -> dict[int, _Day]:
        giver = self._pick_giver()
        if not self._days[giver].states:
            return {}
        roll = self._dice.random()
        if roll < 0.25:
            return self._turn_around(giver)
        taker = giver if roll < 0.5 else self._dice.randrange(len(self._days))
        return self._exchange(giver, taker) if taker != giver and roll > 0.85 else self._relocate(giver, taker)

    def _pick_giver(self) -> int:
        """Half of the moves start at the drone that comes home last: only it can lower the makespan."""
        if self._dice.random() < 0.5:
            return max(range(len(self._days)), key=lambda seat: self._days[seat].seconds)
        return self._dice.randrange(len(self._days))

    def _piece(self, seat: int) -> tuple[int, int]:
        count = len(self._days[seat].states)
        start = self._dice.randrange(count)
        return start, min(count, start + self._dice.randint(1, self._params.longest_piece))

    def _turn_around(self, seat: int) -> dict[int, _Day]:
        """Fly a stretch of the day the other way (2-opt for directed tracks)."""
        states = self._days[seat].states
        first, last = sorted((self._dice.randrange(len(states)), self._dice.randrange(len(states))))
        turned = _reversed(states[first : last + 1])
        return {seat: self._splitters[seat].split((*states[:first], *turned, *states[last + 1 :]))}

    def _relocate(self, giver: int, taker: int) -> dict[int, _Day]:
        start, end = self._piece(giver)
        states = self._days[giver].states
        piece, rest = states[start:end], (*states[:start], *states[end:])
        if self._dice.random() < 0.5:
            piece = _reversed(piece)
        if taker == giver:
            place = self._dice.randint(0, len(rest))
            return {giver: self._splitters[giver].split((*rest[:place], *piece, *rest[place:]))}
        if not self._may_take(taker, piece):
            return {}
        target = self._days[taker].states
        place = self._best_place(taker, target, piece)
        return {
            giver: self._splitters[giver].split(rest),
            taker: self._splitters[taker].split((*target[:place], *piece, *target[place:])),
        }

    def _best_place(self, seat: int, states: tuple[int, ...], piece: tuple[int, ...]) -> int:
        """Where the piece lengthens the chain least, cuts into sorties left aside; sometimes anywhere."""
        if not states or self._dice.random() < 0.2:
            return self._dice.randint(0, len(states))
        between = self._splitters[seat].between
        gains = [between[piece[-1]][states[0]]]
        gains += [between[left][piece[0]] + between[piece[-1]][right] - between[left][right] for left, right in pairwise(states)]
        gains.append(between[states[-1]][piece[0]])
        return min(range(len(gains)), key=gains.__getitem__)

    def _exchange(self, first: int, second: int) -> dict[int, _Day]:
        if not self._days[second].states:
            return {}
        (a, b), (c, d) = self._piece(first), self._piece(second)
        mine, theirs = self._days[first].states, self._days[second].states
        if not (self._may_take(second, mine[a:b]) and self._may_take(first, theirs[c:d])):
            return {}
        return {
            first: self._splitters[first].split((*mine[:a], *theirs[c:d], *mine[b:])),
            second: self._splitters[second].split((*theirs[:c], *mine[a:b], *theirs[d:])),
        }

    def _may_take(self, seat: int, piece: tuple[int, ...]) -> bool:
        serves = self._serves[seat]
        return all(serves[state // 2] for state in piece)


def _reversed(states: Sequence[int]) -> tuple[int, ...]:
    return tuple(state ^ 1 for state in reversed(states))
