"""Routes to begin a search with: sorties by the savings of Clarke and Wright 1964, dealt out to drones, the longest first.

Each track begins as a sortie of its own; two are joined end to end where that saves most. The far ends of neighbouring lanes save most,
then what lies on the way to them: out along one lane and back along the next, which insertion one by one hardly ever finds.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from planner.routes.fleet_problem import FleetProblem, Routes, sortie_s

#: Joints that are looked at for each track, the best of them.
_JOINTS = 60


def by_savings(problem: FleetProblem) -> Routes:
    """Every track in a sortie of the drones that could fly it soonest from their base."""
    groups: dict[tuple[int, int], list[int]] = {}
    for number, seat in enumerate(problem.seats):
        groups.setdefault((seat.drone_class, seat.base), []).append(number)
    alone_s = np.stack([problem.alone_s(seats[0]) for seats in groups.values()])
    allowed = np.stack([problem.can_serve(seats[0]) for seats in groups.values()])
    chosen = np.argmin(np.where(allowed, alone_s, np.inf), axis=0)
    routes: list[tuple[tuple[int, ...], ...]] = [() for _ in problem.seats]
    for number, seats in enumerate(groups.values()):
        sorties = _joined(problem, seats[0], np.flatnonzero(chosen == number).tolist())
        for taker, own in zip(seats, _dealt(problem, seats, sorties), strict=True):
            routes[taker] = own
    return tuple(routes)


def _joined(problem: FleetProblem, seat: int, tracks: Sequence[int]) -> list[tuple[int, ...]]:
    limit_s = problem.class_of(seat).limit_s
    route_of: dict[int, tuple[int, ...]] = {track: (_better_way(problem, seat, track),) for track in tracks}
    for last, first in _joints(problem, seat, tracks):
        one, other = route_of[last // 2], route_of[first // 2]
        if one is other:
            continue
        before, after = _ending(one, last), _beginning(other, first)
        if before is None or after is None:
            continue
        whole = (*before, *after)
        if sortie_s(problem, seat, whole) <= limit_s:
            for state in whole:
                route_of[state // 2] = whole
    return list(dict.fromkeys(route_of.values()))


def _better_way(problem: FleetProblem, seat: int, track: int) -> int:
    return min((2 * track, 2 * track + 1), key=lambda state: sortie_s(problem, seat, (state,)))


def _ending(route: tuple[int, ...], state: int) -> tuple[int, ...] | None:
    """The route, or the route flown the other way, if that ends with the state."""
    if route[-1] == state:
        return route
    return _turned(route) if route[0] == state ^ 1 else None


def _beginning(route: tuple[int, ...], state: int) -> tuple[int, ...] | None:
    if route[0] == state:
        return route
    return _turned(route) if route[-1] == state ^ 1 else None


def _turned(route: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(state ^ 1 for state in reversed(route))


def _joints(problem: FleetProblem, seat: int, tracks: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Pairs of states to be flown one after the other, those first that save most over going home in between."""
    drone_class, base = problem.class_of(seat), problem.seats[seat].base
    states = np.array([state for track in tracks for state in (2 * track, 2 * track + 1)], dtype=np.int64)
    home_s, out_s = drone_class.home_s[states, base], drone_class.out_s[base, states]
    saved_s = home_s[:, None] + out_s[None, :] - drone_class.between_s[np.ix_(states, states)]
    saved_s[np.isnan(saved_s) | (states[:, None] // 2 == states[None, :] // 2)] = -np.inf
    order = np.argsort(-saved_s, axis=None, kind="stable")[: _JOINTS * len(states)]
    for last, first in zip(*np.unravel_index(order, saved_s.shape), strict=True):
        if not saved_s[last, first] > 0:
            return
        yield int(states[last]), int(states[first])


def _dealt(problem: FleetProblem, seats: Sequence[int], sorties: Sequence[tuple[int, ...]]) -> list[tuple[tuple[int, ...], ...]]:
    """The longest sortie goes to whoever has least to fly, and so on."""
    own: list[list[tuple[int, ...]]] = [[] for _ in seats]
    day_s = [0.0] * len(seats)
    each_s = problem.class_of(seats[0]).overhead_s + problem.class_of(seats[0]).swap_s
    for seconds, sortie in sorted(
        ((sortie_s(problem, seats[0], sortie), sortie) for sortie in sorties), key=lambda item: (-item[0], item[1])
    ):
        taker = min(range(len(seats)), key=day_s.__getitem__)
        own[taker].append(sortie)
        day_s[taker] += seconds + each_s
    return [tuple(each) for each in own]
