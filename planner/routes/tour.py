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

from planner.model import Objective
from planner.routes.fleet_problem import FleetProblem, Routes
from planner.routes.savings import by_savings

_INF = math.inf


@dataclass(frozen=True, kw_only=True, slots=True)
class TourParams:
    """`moves` are tried per search; `threshold` is the part of the cost by which a step may be worse at the start. At first each
    track is put in the best of `tried_places`.
    """

    moves: int = 40_000
    threshold: float = 0.03
    longest_piece: int = 4
    secondary_weight: float = 0.02
    tried_places: int = 8


@dataclass(frozen=True, slots=True)
class _Day:
    """One drone's sequence, the least seconds up to each place in it, and where the sortie that ends there began."""

    states: tuple[int, ...]
    until_s: tuple[float, ...]
    origin: tuple[int, ...]

    @property
    def seconds(self) -> float:
        return self.until_s[-1] if self.states else 0.0

    def sorties(self) -> list[tuple[int, ...]]:
        found: list[tuple[int, ...]] = []
        end = len(self.states)
        while end > 0:
            found.append(self.states[self.origin[end] : end])
            end = self.origin[end]
        return found[::-1]


class _Splitter:
    """Cuts a sequence of states into sorties of one seat, at least total time; plain lists, because it is called most."""

    def __init__(self, problem: FleetProblem, seat: int) -> None:
        drone_class, base = problem.class_of(seat), problem.seats[seat].base
        self.between: list[list[float]] = drone_class.between_s.tolist()
        self._out: list[float] = drone_class.out_s[base].tolist()
        self._home: list[float] = drone_class.home_s[:, base].tolist()
        self._service: list[float] = drone_class.service_s.tolist()
        self._limit = drone_class.limit_s + 1e-6
        self._turnaround = drone_class.overhead_s + drone_class.swap_s
        self.empty = _Day((), (problem.seats[seat].ready_s - drone_class.swap_s,), (0,))
        under_way = problem.seats[seat].under_way
        self._on: list[float] = []
        if under_way is not None:
            # What the first sortie takes when it goes on from the air, in the terms of one that begins on the ground.
            from_s = under_way.at_s + under_way.landing_s - self._turnaround
            self._on = (from_s + under_way.out_s).tolist()
            self._on_limit = (under_way.limit_s + 1e-6 - under_way.out_s).tolist()

    def split(self, states: tuple[int, ...], like: _Day | None = None) -> _Day:
        """The best split; infinite seconds when some state cannot be served at all. What the sequence shares with the
        beginning of `like` is not computed again.
        """
        like = like or self.empty
        same = _same_beginning(states, like.states)
        until = list(like.until_s[: same + 1])
        origin = list(like.origin[: same + 1])
        out, service, between, limit = self._out, self._service, self.between, self._limit
        for last in range(same, len(states)):
            state = states[last]
            flown = service[state] + self._home[state]
            best, start, first = _INF, last, last
            while True:
                total = until[first] + out[state] + flown
                if total < best and out[state] + flown <= limit:
                    best, start = total, first
                if first == 0 and self._on and flown <= self._on_limit[state] and self._on[state] + flown < best:
                    best, start = self._on[state] + flown, first
                if first == 0 or flown > limit:
                    break
                first -= 1
                before = states[first]
                flown += between[before][state] + service[before]
                state = before
            until.append(best + self._turnaround)
            origin.append(start)
        return _Day(states, tuple(until), tuple(origin))

    def gains(self, states: tuple[int, ...], state: int) -> list[float]:
        """By how much the chain grows with the state at each place, cuts into sorties left aside."""
        if not states:
            return [0.0]
        first, last, between = states[0], states[-1], self.between
        found = [self._out[state] + between[state][first] - self._out[first]]
        found += [between[left][state] + between[state][right] - between[left][right] for left, right in pairwise(states)]
        found.append(between[last][state] + self._home[state] - self._home[last])
        return [math.inf if math.isnan(gain) else gain for gain in found]


def _same_beginning(one: tuple[int, ...], other: tuple[int, ...]) -> int:
    for index, (a, b) in enumerate(zip(one, other, strict=False)):
        if a != b:
            return index
    return min(len(one), len(other))


def search(problem: FleetProblem, params: TourParams, seed: int, should_stop: Callable[[], bool], start: Routes | None = None) -> Routes:
    """The best routes found; deterministic for a seed when `should_stop` never says so. Tracks that no seat can serve alone
    must not be in the problem. `start` are routes to begin with; tracks that they leave out are inserted.
    """
    state = _Search(problem, params, random.Random(seed))
    state.construct(start)
    if start is None and not any(seat.under_way or seat.ready_s for seat in problem.seats):
        state.take_up_if_better(by_savings(problem))
    state.improve(should_stop)
    return tuple(tuple(day.sorties()) for day in state.best)


class _Search:
    def __init__(self, problem: FleetProblem, params: TourParams, dice: random.Random) -> None:
        self._problem, self._params, self._dice = problem, params, dice
        self._splitters = [_Splitter(problem, seat) for seat in range(len(problem.seats))]
        self._serves = [problem.can_serve(seat) for seat in range(len(problem.seats))]
        self._days = [splitter.empty for splitter in self._splitters]
        self.best = list(self._days)

    def construct(self, start: Routes | None = None) -> None:
        """Farthest tracks first, each where it raises the objective least."""
        if start is not None:
            self._days = [
                splitter.split(tuple(state for sortie in sorties for state in sortie))
                for splitter, sorties in zip(self._splitters, start, strict=True)
            ]
        there = {state // 2 for day in self._days for state in day.states}
        alone = np.min([self._problem.alone_s(seat) for seat in range(len(self._splitters))], axis=0)
        for track in sorted(set(range(self._problem.tracks)) - there, key=lambda index: (-alone[index], index)):
            seat, day = min(self._insertions(track), key=lambda choice: self._with({choice[0]: choice[1]}))
            self._days[seat] = day
        self.best = list(self._days)

    def take_up_if_better(self, routes: Routes) -> None:
        days = {
            number: self._splitters[number].split(tuple(state for sortie in own for state in sortie)) for number, own in enumerate(routes)
        }
        if self._with(days) < self._with({}):
            self._days = self.best = list(days.values())

    def _insertions(self, track: int) -> list[tuple[int, _Day]]:
        """For each seat the best of the places where the track lengthens the chain least, and of the end, which is always possible."""
        found = []
        for seat, splitter in enumerate(self._splitters):
            if not self._serves[seat][track]:
                continue
            day = self._days[seat]
            both = (2 * track, 2 * track + 1)
            gains = sorted((gain, place, state) for state in both for place, gain in enumerate(splitter.gains(day.states, state)))
            chosen = [(place, state) for _, place, state in gains[: self._params.tried_places]]
            chosen += [(len(day.states), state) for state in both]
            days = [splitter.split((*day.states[:place], state, *day.states[place:]), day) for place, state in dict.fromkeys(chosen)]
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

    def _split(self, seat: int, states: tuple[int, ...]) -> _Day:
        return self._splitters[seat].split(states, self._days[seat])

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
        return {seat: self._split(seat, (*states[:first], *turned, *states[last + 1 :]))}

    def _relocate(self, giver: int, taker: int) -> dict[int, _Day]:
        start, end = self._piece(giver)
        states = self._days[giver].states
        piece, rest = states[start:end], (*states[:start], *states[end:])
        if self._dice.random() < 0.5:
            piece = _reversed(piece)
        if taker == giver:
            place = self._dice.randint(0, len(rest))
            return {giver: self._split(giver, (*rest[:place], *piece, *rest[place:]))}
        if not self._may_take(taker, piece):
            return {}
        target = self._days[taker].states
        place = self._best_place(taker, target, piece)
        return {
            giver: self._split(giver, rest),
            taker: self._split(taker, (*target[:place], *piece, *target[place:])),
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
            first: self._split(first, (*mine[:a], *theirs[c:d], *mine[b:])),
            second: self._split(second, (*theirs[:c], *mine[a:b], *theirs[d:])),
        }

    def _may_take(self, seat: int, piece: tuple[int, ...]) -> bool:
        serves = self._serves[seat]
        return all(serves[state // 2] for state in piece)


def _reversed(states: Sequence[int]) -> tuple[int, ...]:
    return tuple(state ^ 1 for state in reversed(states))
