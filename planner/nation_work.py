"""One nation's part of the plan, from ground to routes: its types share the ground, lay tracks, and divide them into sorties."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from planner import cost, overlay
from planner.airspace import Airspace
from planner.model import DroneType, MissionSpec
from planner.routes import routing, tour
from planner.routes.fleet_problem import FleetProblem, Routes, Score, evaluate, seat_s
from planner.sectors.arrangements import Arrangement, arrangements, beside_bases
from planner.team_problem import Team, groups_of, over_limits, problem_of, team_of, why_unserved, with_limits
from planner.timetable.schedule import Piece
from planner.tracks import cells, lanes, mending
from planner.tracks.asked import asked_of, tracks_over
from planner.tracks.lanes import LaneParams, Track
from planner.tracks.rates import sweep_rates
from planner.ways.deadheads import Deadheads


@dataclass(frozen=True, kw_only=True, slots=True)
class WorkParams:
    """How hard to try. A track piece is at most `sortie_part` of a sortie's range and short enough for `pieces_per_drone`, but
    cutting does not lead to more than `most_pieces`. Fewer tracks than `full_search_tracks` are searched with so many fewer moves.
    `lesser` is what is tried as well: routes that take longer may be launched with less waiting. Ways to share ground among types
    are compared with `draft_moves`, whatever the effort. Routes whose sorties turn out too long over the ground are searched again up
    to `most_refits` times.
    """

    tour: tour.TourParams
    routing: routing.RoutingParams
    starts: int = 1
    sortie_part: float = 0.4
    pieces_per_drone: int = 8
    most_halvings: int = 6
    most_pieces: int = 800
    full_search_tracks: int = 20
    draft_moves: int = 20_000
    most_refits: int = 3
    lesser: WorkParams | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Unserved:
    """A piece that no drone of the nation can sweep, and why."""

    piece: Piece
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class NationWork:
    """The outcome: pieces, the ways of each type, and routes by drone (states over `pieces`). `home_s` is when the last drone would
    be back if none had to wait for another.
    """

    nation: str
    pieces: tuple[Piece, ...]
    bases: tuple[str, ...]
    ways: Mapping[str, Deadheads]
    routes: Mapping[str, tuple[tuple[int, ...], ...]]
    unserved: tuple[Unserved, ...]
    home_s: float = 0.0
    lesser: tuple[NationWork, ...] = ()


def plan_nation(
    spec: MissionSpec,
    airspace: Airspace,
    nation: str,
    ground: BaseGeometry,
    heights_m: Mapping[str, float],
    params: WorkParams,
    seed: int,
    should_stop: Callable[[], bool],
) -> NationWork:
    """Tracks over the nation's ground (local metres) and their division over its drones.

    Each way to share the ground among types is tried with little effort; the best by the true cost is solved with all of it.
    """
    team = team_of(spec, airspace, nation, heights_m)
    drafts: list[_Draft] = []
    for arrangement in arrangements(ground, groups_of(team)):
        tracks = _lay_tracks(spec, team, team.within_sight(beside_bases(arrangement, team.places)))
        tracks += _asked_tracks(spec, airspace, nation, tracks, team)
        drafts.append(_draft(spec, team, _cut(spec, tracks, team, params), params))
    if len(drafts) > 1:
        quick = replace(params, tour=replace(params.tour, moves=params.draft_moves), starts=1, routing=replace(params.routing, steps=0))
        drafts.sort(key=lambda draft: (draft.short_of_m2(ground), _score(draft, quick, seed, should_stop)))
    best = drafts[0]
    work = _divided(spec, team, best, params, seed, should_stop)
    lesser = []
    while (params.lesser is not None) and best.pieces and not should_stop():
        params = params.lesser
        lesser.append(_divided(spec, team, best, params, seed, should_stop))
    return replace(work, lesser=tuple(lesser))


def _divided(spec: MissionSpec, team: Team, draft: _Draft, params: WorkParams, seed: int, should_stop: Callable[[], bool]) -> NationWork:
    routes = _solve(draft.problem, params, seed, should_stop) if draft.pieces else tuple(() for _ in team.drones)
    for _ in range(params.most_refits):
        parts = over_limits(spec, team, draft.pieces, draft.ways, draft.problem, routes)
        if parts is None:
            break
        draft = _tightened(spec, team, draft, parts)
        routes = _solve(draft.problem, params, seed, should_stop) if draft.pieces else tuple(() for _ in team.drones)
    return NationWork(
        nation=team.drones[0].nation,
        pieces=draft.pieces,
        bases=team.base_ids,
        ways=draft.ways,
        routes={seat.drone: sorties for seat, sorties in zip(draft.problem.seats, routes, strict=True)},
        unserved=draft.unserved,
        home_s=max((seat_s(draft.problem, seat, sorties) for seat, sorties in enumerate(routes)), default=0.0),
    )


def measure_tracks(
    spec: MissionSpec,
    airspace: Airspace,
    nation: str,
    tracks: Sequence[Track],
    heights_m: Mapping[str, float],
    params: WorkParams,
) -> tuple[FleetProblem, NationWork]:
    """Tracks that are laid already, cut to what the nation's drones can sweep, and the problem of dividing them: no routes yet."""
    team = team_of(spec, airspace, nation, heights_m)
    widest = max(team.types, key=lambda drone_type: drone_type.swath_m)
    draft = _draft(spec, team, _cut(spec, [(track, widest) for track in tracks], team, params), params)
    work = NationWork(nation=nation, pieces=draft.pieces, bases=team.base_ids, ways=draft.ways, routes={}, unserved=draft.unserved)
    return draft.problem, work


def measure_pieces(
    spec: MissionSpec, airspace: Airspace, nation: str, pieces: Sequence[Piece], heights_m: Mapping[str, float]
) -> tuple[FleetProblem, Mapping[str, Deadheads], tuple[str, ...]]:
    """The problem of dividing pieces over the nation's drones, the ways of each type, and the bases that seats count."""
    team = team_of(spec, airspace, nation, heights_m)
    problem, ways = problem_of(spec, team, pieces)
    return problem, ways, team.base_ids


@dataclass(frozen=True, kw_only=True, slots=True)
class _Draft:
    """Tracks laid and measured, not yet divided. `parts` of sorties' time are counted with, by type."""

    pieces: tuple[Piece, ...]
    unserved: tuple[Unserved, ...]
    problem: FleetProblem
    ways: Mapping[str, Deadheads]
    parts: tuple[float, ...]

    def short_of_m2(self, ground: BaseGeometry) -> float:
        """Ground that is missed beyond what lanes may leave."""
        missed = overlay.difference(ground, overlay.union(piece.track.ground for piece in self.pieces))
        return max(0.0, float(missed.area) - (1 - LaneParams().least_coverage) * float(ground.area))


def _score(draft: _Draft, params: WorkParams, seed: int, should_stop: Callable[[], bool]) -> Score:
    if not draft.pieces:
        return Score(0.0, 0.0)
    return evaluate(draft.problem, _solve(draft.problem, params, seed, should_stop))


def _lay_tracks(spec: MissionSpec, team: Team, arrangement: Arrangement) -> list[tuple[Track, DroneType]]:
    params = _lane_params(spec)
    tracks: list[tuple[Track, DroneType]] = []
    for drone_type, part in arrangement:
        rates, swath_m, flyable = sweep_rates(spec, drone_type), drone_type.swath_m, team.flyable_by(drone_type)
        laid = [track for cell in cells.decompose(part, rates) for track in lanes.lay_cell(cell, flyable, swath_m, rates, params)]
        mended = mending.mend(laid, part, flyable, swath_m, rates, params)
        tracks.extend((track, drone_type) for track in lanes.drop_needless(mended, part, params))
    return tracks


def _asked_tracks(
    spec: MissionSpec, airspace: Airspace, nation: str, laid: Sequence[tuple[Track, DroneType]], team: Team
) -> list[tuple[Track, DroneType]]:
    """Tracks for lines and points that those over the ground do not see, as the type that sees least needs them. Who flies a line
    over and over goes there and back on two tracks, so that drones that follow each other do not meet.
    """
    asked = asked_of(spec, airspace.frame)
    if asked.is_empty:
        return []
    narrowest = min(team.types, key=lambda drone_type: drone_type.swath_m)
    seen = overlay.union(track.ground for track, _ in laid) if laid else shapely.Polygon()
    apart_m = None if spec.duration_s is None else spec.limits.min_separation_m
    answered = tracks_over(asked, seen, airspace.flyable[nation], narrowest.swath_m, sweep_rates(spec, narrowest), apart_m=apart_m)
    return [(track, narrowest) for track in answered.tracks]


def _lane_params(spec: MissionSpec) -> LaneParams:
    """Lanes for a mission that asks for more than the usual coverage leave less."""
    usual = LaneParams()
    return replace(
        usual,
        least_coverage=min(1.0, max(usual.least_coverage, spec.min_coverage + 0.001)),
        wanted_coverage=min(1.0, max(usual.wanted_coverage, spec.min_coverage + 0.001)),
    )


def _cut(spec: MissionSpec, tracks: Sequence[tuple[Track, DroneType]], team: Team, params: WorkParams) -> list[Piece]:
    """Pieces short enough for a sortie, and many enough that drones can finish together."""
    pieces: list[Piece] = []
    total_m = sum(track.length_m for track, _ in tracks)
    fair_m = total_m / (len(team.drones) * params.pieces_per_drone)
    for parent, (track, drone_type) in enumerate(tracks):
        range_m = cost.usable_cruise_s(drone_type, team.top_m(drone_type)) * drone_type.cruise_mps
        turn_m = sweep_rates(spec, drone_type).turn_s * drone_type.cruise_mps
        # A type that cannot even take off and land has no range; cutting does not help it.
        within_m = params.sortie_part * range_m if range_m > 0 else math.inf
        longest_m = max(min(within_m, max(fair_m, 10 * turn_m)), drone_type.swath_m, total_m / params.most_pieces)
        pieces.extend(Piece(part, parent, index) for index, part in enumerate(lanes.cut(track, longest_m, beside=team.places)))
    return pieces


def _draft(spec: MissionSpec, team: Team, pieces: Sequence[Piece], params: WorkParams) -> _Draft:
    """Halve pieces that no drone can sweep in one sortie while that may help; put aside those that stay beyond reach."""
    current = list(pieces)
    for attempt in range(params.most_halvings + 1):
        problem, ways = problem_of(spec, team, current)
        served = _served(problem)
        may_halve = attempt < params.most_halvings and len(current) <= params.most_pieces
        halved = _halved(current, served, spec, team, problem) if may_halve and not served.all() else current
        if len(halved) == len(current):
            break
        current = halved
    whole = (1.0,) * len(problem.classes)
    return _all_served(spec, team, _Draft(pieces=tuple(current), unserved=(), problem=problem, ways=ways, parts=whole))


def _all_served(spec: MissionSpec, team: Team, draft: _Draft) -> _Draft:
    """Without the pieces that nobody can serve. Then ways are found anew, and may be others: whom they fail is put aside as well."""
    while not (served := _served(draft.problem)).all():
        lost = np.flatnonzero(~served).tolist()
        aside = [Unserved(piece=draft.pieces[track], reason=why_unserved(draft.problem, track)) for track in lost]
        kept = tuple(piece for piece, ok in zip(draft.pieces, served, strict=True) if ok)
        problem, ways = problem_of(spec, team, kept)
        draft = replace(draft, pieces=kept, unserved=(*draft.unserved, *aside), problem=with_limits(problem, draft.parts), ways=ways)
    return draft


def _served(problem: FleetProblem) -> NDArray[np.bool_]:
    """Which tracks some drone can sweep in a sortie of their own."""
    return np.any([problem.can_serve(seat) for seat in range(len(problem.seats))], axis=0) if problem.tracks else np.array([], dtype=bool)


def _tightened(spec: MissionSpec, team: Team, draft: _Draft, parts: Sequence[float]) -> _Draft:
    """The draft with these parts of its sorties' time, by type. What that leaves no time for is put aside."""
    left = tuple(before * part for before, part in zip(draft.parts, parts, strict=True))
    return _all_served(spec, team, replace(draft, problem=with_limits(draft.problem, parts), parts=left))


def _halved(pieces: Sequence[Piece], served: NDArray[np.bool_], spec: MissionSpec, team: Team, problem: FleetProblem) -> list[Piece]:
    result: list[Piece] = []
    for piece, ok in zip(pieces, served, strict=True):
        if ok or piece.track.length_m < 2 * piece.track.swath_m or not _part_in_reach(piece, spec, team, problem):
            result.append(piece)
        else:
            # Halves are lanes of their own: whatever follows on the same track keeps its place in the chain no longer.
            for part in lanes.cut(piece.track, piece.track.length_m / 2):
                result.append(Piece(part, -1 - len(result), 0))
    return result


def _part_in_reach(piece: Piece, spec: MissionSpec, team: Team, problem: FleetProblem) -> bool:
    """Whether some drone may reach a part of the piece: the airspace leads there, and the straight way there and back is short
    enough. Where the airspace does, a shorter piece may leave a plane the room to turn.
    """
    airspace = [part for part in shapely.get_parts(team.approach) if part.intersects(piece.track.line)]
    for number, seat in enumerate(problem.seats):
        drone_class, base = problem.class_of(number), shapely.Point(team.places[seat.base])
        fastest_mps = spec.drone_type(drone_class.id).cruise_mps + spec.wind.speed_mps
        least_s = 2 * piece.track.line.distance(base) / fastest_mps
        if least_s < drone_class.limit_s and any(part.intersects(base) for part in airspace):
            return True
    return False


def _solve(problem: FleetProblem, params: WorkParams, seed: int, should_stop: Callable[[], bool]) -> Routes:
    """The best of several searches, then improved by OR-Tools; fewer stops are ties decided by the first."""
    best: tuple[Score, Routes] | None = None
    moves = math.ceil(params.tour.moves * min(1.0, problem.tracks / params.full_search_tracks))
    for start in range(params.starts):
        routes = tour.search(problem, replace(params.tour, moves=moves), seed + start, should_stop)
        score = evaluate(problem, routes)
        if best is None or score < best[0]:
            best = score, routes
        if should_stop():
            break
    assert best is not None
    return routing.improve(problem, best[1], params.routing, should_stop)
