"""Fly jointly: tracks of one nation's sector may be served by guests that may fly there, which can bring everybody home earlier.

All nations' tracks and drones become one routing problem, in which a drone serves what lies where its nation may fly. The search starts
from the separate plans, so that it ends no worse; nations with agreed shares keep to them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import shapely
from numpy.typing import NDArray

from planner.airspace import Airspace
from planner.band_work import BandWork
from planner.geo import LocalFrame
from planner.model import MissionSpec, PartitionMode
from planner.nation_work import NationWork, Unserved, WorkParams, measure_pieces
from planner.routes import routing, tour
from planner.routes.fleet_problem import DroneClass, FleetProblem, Routes, Seat, evaluate, seat_s
from planner.timetable.schedule import Piece
from planner.tracks.lanes import Track
from planner.ways.deadheads import Deadheads

#: A joint plan that is less than this part earlier home is not worth guests.
_LEAST_GAIN = 0.002


@dataclass(frozen=True, slots=True)
class _Part:
    """What one nation may serve: its own problem over some of all pieces (`places` are their numbers)."""

    nation: str
    places: NDArray[np.int64]
    problem: FleetProblem
    ways: Mapping[str, Deadheads]
    bases: tuple[str, ...]


def join(
    spec: MissionSpec,
    airspace: Airspace,
    works: Sequence[BandWork],
    heights_m: Mapping[str, float],
    params: WorkParams,
    seed: int,
    should_stop: Callable[[], bool],
) -> list[BandWork] | None:
    """The nations' works again with guests where that serves more tracks or brings the last drone home earlier; None where it does not."""
    pieces, homes = _all_pieces(airspace.frame, works)
    if not pieces:
        return None
    nations = list(dict.fromkeys(each.work.nation for each in works))
    places = {nation: _may_serve(airspace, nation, pieces, homes) for nation in nations}
    if all({homes[place] for place in places[nation].tolist()} <= {nation} for nation in nations):
        return None
    parts = [_part(spec, airspace, nation, places[nation], pieces, heights_m) for nation in nations]
    problem, kept = _served(_whole(spec, parts, len(pieces)))
    start = _start(works, parts, kept)
    routes = _searched(problem, start, params, seed, should_stop)
    if spec.agreement.partition is PartitionMode.SHARES:
        routes = _within_shares(spec, problem, routes, [homes[place] for place in kept], [pieces[place] for place in kept], start)
    if not _is_better(problem, routes, start):
        return None
    return [_work(airspace, part, pieces, homes, problem, routes, kept) for part in parts]


def _all_pieces(frame: LocalFrame, works: Sequence[BandWork]) -> tuple[list[Piece], list[str]]:
    """Every piece in one frame, chains kept apart, with whose sector it lies in; those that nobody could serve alone come last."""
    pieces: list[Piece] = []
    homes: list[str] = []
    for number, each in enumerate(works):
        for piece in each.work.pieces:
            pieces.append(Piece(_moved(each.frame, frame, piece.track), _parent(number, piece), piece.index))
            homes.append(each.work.nation)
    for each in works:
        for unserved in each.work.unserved:
            pieces.append(Piece(_moved(each.frame, frame, unserved.piece.track), len(pieces) * 1_000_000 + 999_999, 0))
            homes.append(each.work.nation)
    return pieces, homes


def _parent(number: int, piece: Piece) -> int:
    return (number + 1) * 1_000_000 + piece.parent


def _moved(here: LocalFrame, there: LocalFrame, track: Track) -> Track:
    if here == there:
        return track
    ends = [there.point_to_local(here.point_to_geographic(east_m=east, north_m=north)) for east, north in (track.start, track.end)]
    return replace(track, start=ends[0], end=ends[1])


def _may_serve(airspace: Airspace, nation: str, pieces: Sequence[Piece], homes: Sequence[str]) -> NDArray[np.int64]:
    flyable = airspace.flyable[nation]
    shapely.prepare(flyable)
    inside = shapely.covers(flyable, [piece.track.line for piece in pieces])
    return np.flatnonzero(inside | (np.array(homes) == nation))


def _part(
    spec: MissionSpec, airspace: Airspace, nation: str, places: NDArray[np.int64], pieces: Sequence[Piece], heights_m: Mapping[str, float]
) -> _Part:
    problem, ways, bases = measure_pieces(spec, airspace, nation, [pieces[place] for place in places.tolist()], heights_m)
    return _Part(nation, places, problem, ways, bases)


def _whole(spec: MissionSpec, parts: Sequence[_Part], count: int) -> FleetProblem:
    """One problem over all pieces: a class for each nation's type, bases one nation's after the other's."""
    classes: list[DroneClass] = []
    seats: list[Seat] = []
    bases = sum(len(part.bases) for part in parts)
    first_base = 0
    for part in parts:
        states = np.stack([2 * part.places, 2 * part.places + 1], axis=1).ravel()
        own = slice(first_base, first_base + len(part.bases))
        seats += [
            Seat(drone=seat.drone, drone_class=len(classes) + seat.drone_class, base=first_base + seat.base) for seat in part.problem.seats
        ]
        for each in part.problem.classes:
            service, out = np.full(2 * count, np.inf), np.full((bases, 2 * count), np.inf)
            between, home = np.full((2 * count, 2 * count), np.inf), np.full((2 * count, bases), np.inf)
            service[states] = each.service_s
            out[own, states] = each.out_s
            between[np.ix_(states, states)] = each.between_s
            home[states, own] = each.home_s
            classes.append(replace(each, id=f"{part.nation}/{each.id}", service_s=service, out_s=out, between_s=between, home_s=home))
        first_base += len(part.bases)
    return FleetProblem(tracks=count, classes=tuple(classes), seats=tuple(seats), objective=spec.objective)


def _served(problem: FleetProblem) -> tuple[FleetProblem, list[int]]:
    """The problem without what no seat can serve, and the numbers of the tracks that stay."""
    able = np.any([problem.can_serve(seat) for seat in range(len(problem.seats))], axis=0)
    kept = np.flatnonzero(able)
    states = np.stack([2 * kept, 2 * kept + 1], axis=1).ravel()
    classes = tuple(
        replace(
            each,
            service_s=each.service_s[states],
            out_s=each.out_s[:, states],
            between_s=each.between_s[np.ix_(states, states)],
            home_s=each.home_s[states],
        )
        for each in problem.classes
    )
    return replace(problem, tracks=len(kept), classes=classes), kept.tolist()


def _start(works: Sequence[BandWork], parts: Sequence[_Part], kept: Sequence[int]) -> Routes:
    """The separate routes in the numbers of the joint problem."""
    number = {place: index for index, place in enumerate(kept)}
    flown: dict[str, tuple[tuple[int, ...], ...]] = {}
    first = 0
    for each in works:
        for drone, sorties in each.work.routes.items():
            flown[drone] = tuple(tuple(2 * number[first + state // 2] + state % 2 for state in sortie) for sortie in sorties)
        first += len(each.work.pieces)
    return tuple(flown.get(seat.drone, ()) for part in parts for seat in part.problem.seats)


def _searched(problem: FleetProblem, start: Routes, params: WorkParams, seed: int, should_stop: Callable[[], bool]) -> Routes:
    found = [tour.search(problem, params.tour, seed + number, should_stop, start if number == 0 else None) for number in range(2)]
    best = min(found, key=lambda routes: evaluate(problem, routes))
    return routing.improve(problem, best, params.routing, should_stop)


def _within_shares(
    spec: MissionSpec, problem: FleetProblem, routes: Routes, homes: Sequence[str], pieces: Sequence[Piece], start: Routes
) -> Routes:
    """The routes if every nation's part of the swept ground stays within the tolerance or as near to its share as without guests."""
    whose = [problem.class_of(seat).id.split("/", 1)[0] for seat in range(len(problem.seats))]
    tolerance = spec.agreement.share_tolerance
    agreed = {nation.id: nation.share or 0.0 for nation in spec.nations if nation.id in set(homes)}
    before, after = (_ground_shares(each, whose, pieces) for each in (start, routes))
    for nation, share in agreed.items():
        off = abs(after.get(nation, 0.0) - share)
        if off > tolerance and off > abs(before.get(nation, 0.0) - share) + 1e-9:
            return start
    return routes


def _ground_shares(routes: Routes, whose: Sequence[str], pieces: Sequence[Piece]) -> dict[str, float]:
    swept_m2: dict[str, float] = {}
    for nation, sorties in zip(whose, routes, strict=True):
        track_m2 = [pieces[state // 2].track.length_m * pieces[state // 2].track.swath_m for sortie in sorties for state in sortie]
        swept_m2[nation] = swept_m2.get(nation, 0.0) + sum(track_m2)
    whole_m2 = sum(swept_m2.values())
    return {nation: swept / whole_m2 if whole_m2 > 0 else 0.0 for nation, swept in swept_m2.items()}


def _is_better(problem: FleetProblem, routes: Routes, start: Routes) -> bool:
    tracks = [sum(len(sortie) for sorties in each for sortie in sorties) for each in (routes, start)]
    last_s = [max((seat_s(problem, seat, sorties) for seat, sorties in enumerate(each)), default=0.0) for each in (routes, start)]
    return tracks[0] > tracks[1] or last_s[0] < (1 - _LEAST_GAIN) * last_s[1]


def _work(
    airspace: Airspace,
    part: _Part,
    pieces: Sequence[Piece],
    homes: Sequence[str],
    problem: FleetProblem,
    routes: Routes,
    kept: Sequence[int],
) -> BandWork:
    """One nation's routes again in its own numbers."""
    own = {place: index for index, place in enumerate(part.places.tolist())}
    at = {seat.drone: number for number, seat in enumerate(problem.seats)}
    routed = {
        seat.drone: tuple(tuple(2 * own[kept[state // 2]] + state % 2 for state in sortie) for sortie in routes[at[seat.drone]])
        for seat in part.problem.seats
    }
    left = sorted(set(range(len(pieces))) - set(kept))
    return BandWork(
        frame=airspace.frame,
        work=NationWork(
            nation=part.nation,
            pieces=tuple(pieces[place] for place in part.places.tolist()),
            bases=part.bases,
            ways=part.ways,
            routes=routed,
            unserved=tuple(
                Unserved(piece=pieces[place], reason="no drone of any nation that may fly there can reach it and return")
                for place in left
                if homes[place] == part.nation
            ),
            home_s=max((seat_s(problem, at[seat.drone], routes[at[seat.drone]]) for seat in part.problem.seats), default=0.0),
        ),
    )
