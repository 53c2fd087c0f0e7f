"""Divide what is left of a patrol over drones on the ground and in the air, ready at different times: days are searched together."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from planner import cost
from planner.model import DroneType
from planner.nation_work import NationWork
from planner.routes import tour
from planner.routes.fleet_problem import DroneClass, FleetProblem, Seat, UnderWay, goes_on
from planner.routes.tour import TourParams
from planner.tracks.lanes import Track

#: Fewer tracks are searched with fewer moves: their pairs count.
_FULL_SEARCH_TRACKS = 30


@dataclass(frozen=True, kw_only=True, slots=True)
class AirStart:
    """A drone in the air, and where other legs may follow: at the end of `stub`, the last bit of the lane that it flies to its end.

    It is there at `at_s`, with `spent_s` of a sortie's cruise time gone, `height_m` above its base.
    """

    drone: str
    stub: Track
    at_s: float
    spent_s: float
    height_m: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Day:
    """One drone's sorties, states over the work's pieces. `goes_on`: the first is the rest of the one that it is on."""

    sorties: tuple[tuple[int, ...], ...]
    goes_on: bool = False


def divide(
    problem: FleetProblem,
    work: NationWork,
    ready_s: Mapping[str, float],
    in_the_air: Sequence[AirStart],
    types: Mapping[str, DroneType],
    params: TourParams,
    should_stop: Callable[[], bool],
) -> dict[str, Day]:
    """Days by drone, all over as early as the search finds. The first pieces of the work are the stubs of those in the air, one each.

    `types` are by drone. Raises LookupError when a stub is cut or out of reach.
    """
    stubs = [_stub(work, number) for number in range(len(in_the_air))]
    tracks = [track for track in range(problem.tracks) if track not in stubs]
    rest = _rest_of(problem, tracks, ready_s, {start.drone: (start, stub) for start, stub in zip(in_the_air, stubs, strict=True)}, types)
    moves = math.ceil(params.moves * min(1.0, len(tracks) / _FULL_SEARCH_TRACKS) ** 2)
    routes = tour.search(rest, replace(params, moves=moves), 0, should_stop) if tracks else tuple(() for _ in rest.seats)
    return {
        seat.drone: Day(
            sorties=tuple(tuple(2 * tracks[state // 2] + state % 2 for state in states) for states in sorties),
            goes_on=goes_on(rest, number, sorties),
        )
        for number, (seat, sorties) in enumerate(zip(rest.seats, routes, strict=True))
    }


def _stub(work: NationWork, number: int) -> int:
    """The piece that is this stub."""
    pieces = [index for index, piece in enumerate(work.pieces) if piece.parent == number]
    if len(pieces) != 1:
        raise LookupError("the lane that a drone is on is out of its reach")
    return pieces[0]


def _rest_of(
    problem: FleetProblem,
    tracks: Sequence[int],
    ready_s: Mapping[str, float],
    starts: Mapping[str, tuple[AirStart, int]],
    types: Mapping[str, DroneType],
) -> FleetProblem:
    """The problem without the stubs; who is in the air goes on from its own."""
    states = np.array([state for track in tracks for state in (2 * track, 2 * track + 1)], dtype=int)
    seats = []
    for number, seat in enumerate(problem.seats):
        found = starts.get(seat.drone)
        on_the_ground = replace(seat, ready_s=ready_s[seat.drone])
        seats.append(_in_the_air(problem.class_of(number), seat, *found, types[seat.drone], states) if found else on_the_ground)
    return replace(problem, tracks=len(tracks), classes=tuple(_without(each, states) for each in problem.classes), seats=tuple(seats))


def _in_the_air(
    drone_class: DroneClass,
    seat: Seat,
    start: AirStart,
    stub: int,
    drone_type: DroneType,
    states: np.ndarray[tuple[int], np.dtype[np.int_]],
) -> Seat:
    landing_s = cost.landing_s(drone_type, start.height_m)
    under_way = UnderWay(
        at_s=start.at_s, out_s=drone_class.between_s[2 * stub, states], limit_s=drone_class.limit_s - start.spent_s, landing_s=landing_s
    )
    home_s = start.at_s + float(drone_class.home_s[2 * stub, seat.base]) + landing_s
    return replace(seat, ready_s=home_s + drone_class.swap_s, under_way=under_way)


def _without(drone_class: DroneClass, states: np.ndarray[tuple[int], np.dtype[np.int_]]) -> DroneClass:
    return replace(
        drone_class,
        service_s=drone_class.service_s[states],
        out_s=drone_class.out_s[:, states],
        between_s=drone_class.between_s[np.ix_(states, states)],
        home_s=drone_class.home_s[states],
    )
