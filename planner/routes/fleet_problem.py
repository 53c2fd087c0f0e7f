"""The routing problem in numbers: tracks to be swept by drones in sorties, and what any answer costs.

Solvers (`tour`, `routing`) work on this alone and know nothing of geometry; every answer is judged by `evaluate`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from planner.model import Objective

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, slots=True)
class DroneClass:
    """What all drones of one type share. Times are cruise seconds; states as in `deadheads`.

    `service_s` per state is inf where the class may not serve the track. `limit_s` is the cruise time of one sortie,
    `overhead_s` its take-off and landing.
    """

    id: str
    service_s: Floats
    out_s: Floats
    between_s: Floats
    home_s: Floats
    limit_s: float
    overhead_s: float
    swap_s: float
    cruise_w: float
    overhead_wh: float


@dataclass(frozen=True, kw_only=True, slots=True)
class UnderWay:
    """A drone in the air whose sortie may go on with any state from `at_s` on: `out_s` from there to each state, `limit_s` of cruise
    left, `landing_s` at the end. A sortie of its own could start after it has come home and changed its battery.
    """

    at_s: float
    out_s: Floats
    limit_s: float
    landing_s: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Seat:
    """One drone of the problem: its class and its base, both by index. From `ready_s` on it may take off."""

    drone: str
    drone_class: int
    base: int
    ready_s: float = 0.0
    under_way: UnderWay | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class FleetProblem:
    """Every track (states 2k, 2k + 1) is to be served once, in either direction, by one of the seats."""

    tracks: int
    classes: tuple[DroneClass, ...]
    seats: tuple[Seat, ...]
    objective: Objective

    def class_of(self, seat: int) -> DroneClass:
        return self.classes[self.seats[seat].drone_class]

    def alone_s(self, seat: int) -> Floats:
        """Cruise seconds of a sortie that serves one track only, the better way round; inf where it cannot."""
        drone_class, base = self.class_of(seat), self.seats[seat].base
        by_state = drone_class.out_s[base] + drone_class.service_s + drone_class.home_s[:, base]
        return np.asarray(by_state.reshape(-1, 2).min(axis=1))

    def can_serve(self, seat: int) -> NDArray[np.bool_]:
        return np.asarray(self.alone_s(seat) <= self.class_of(seat).limit_s)


#: For each seat its sorties in order, each a sequence of states.
Routes = tuple[tuple[tuple[int, ...], ...], ...]


@dataclass(frozen=True, order=True, slots=True)
class Score:
    """Compared in this order. The lesser is the better."""

    primary_s: float
    secondary: float


def sortie_s(problem: FleetProblem, seat: int, sortie: Sequence[int]) -> float:
    """Cruise seconds of one sortie."""
    drone_class, base = problem.class_of(seat), problem.seats[seat].base
    states = np.asarray(sortie)
    between_s = drone_class.between_s[states[:-1], states[1:]].sum()
    service_s = drone_class.service_s[states].sum()
    return float(drone_class.out_s[base, states[0]] + service_s + between_s + drone_class.home_s[states[-1], base])


def seat_s(problem: FleetProblem, seat: int, sorties: Sequence[Sequence[int]]) -> float:
    """From the first take-off to the last landing of one drone, battery swaps included; 0 when it stays."""
    drone_class = problem.class_of(seat)
    flown_s = sum(sortie_s(problem, seat, sortie) + drone_class.overhead_s for sortie in sorties)
    return flown_s + drone_class.swap_s * max(0, len(sorties) - 1)


def goes_on(problem: FleetProblem, seat: int, sorties: Sequence[Sequence[int]]) -> bool:
    """Whether the first sortie is the rest of the one that the drone is on: it is when that ends sooner, and is possible."""
    under_way = problem.seats[seat].under_way
    if under_way is None or not sorties:
        return False
    drone_class, base, first = problem.class_of(seat), problem.seats[seat].base, sorties[0]
    afresh_s = sortie_s(problem, seat, first)
    cruise_s = afresh_s - float(drone_class.out_s[base, first[0]]) + float(under_way.out_s[first[0]])
    down_s = under_way.at_s + cruise_s + under_way.landing_s
    return cruise_s <= under_way.limit_s and down_s < problem.seats[seat].ready_s + afresh_s + drone_class.overhead_s


def energy_wh(problem: FleetProblem, routes: Routes) -> float:
    total = 0.0
    for seat, sorties in enumerate(routes):
        drone_class = problem.class_of(seat)
        for sortie in sorties:
            total += drone_class.cruise_w * sortie_s(problem, seat, sortie) / 3600 + drone_class.overhead_wh
    return total


def evaluate(problem: FleetProblem, routes: Routes) -> Score:
    """Makespan, then energy; or total time, then makespan. Infinite when a sortie is beyond its limit."""
    times = [seat_s(problem, seat, sorties) for seat, sorties in enumerate(routes)]
    over = any(
        sortie_s(problem, seat, sortie) > problem.class_of(seat).limit_s + 1e-6 for seat, sorties in enumerate(routes) for sortie in sorties
    )
    if over:
        return Score(float("inf"), float("inf"))
    makespan_s = max(times, default=0.0)
    if problem.objective is Objective.TOTAL_TIME:
        return Score(sum(times), makespan_s)
    return Score(makespan_s, energy_wh(problem, routes))
