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
from planner.airspace import Airspace, nation_types
from planner.model import Drone, DroneType, MissionSpec, Wind
from planner.routes import routing, tour
from planner.routes.fleet_problem import DroneClass, FleetProblem, Routes, Score, Seat, evaluate, seat_s
from planner.sectors.arrangements import Arrangement, TypeGroup, arrangements, beside_bases
from planner.timetable.schedule import Floats, Piece
from planner.tracks import cells, lanes, mending
from planner.tracks.asked import asked_of, tracks_over
from planner.tracks.lanes import LaneParams, Point, Track
from planner.tracks.rates import sweep_rates
from planner.ways.deadheads import Deadheads, find_deadheads
from planner.ways.visibility import DeadheadParams

#: Ways bend at corners of the airspace that are simplified by this part of the widest swath.
_CORNER_PART = 0.05


@dataclass(frozen=True, kw_only=True, slots=True)
class WorkParams:
    """How hard to try. A track piece is at most `sortie_part` of a sortie's range and short enough for `pieces_per_drone`, but
    cutting does not lead to more than `most_pieces`. Fewer tracks than `full_search_tracks` are searched with so many fewer moves.
    `lesser` is what is tried as well: routes that take longer may be launched with less waiting. Ways to share ground among types
    are compared with `draft_moves`, whatever the effort.
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
    team = _team(spec, airspace, nation, heights_m)
    drafts: list[_Draft] = []
    for arrangement in arrangements(ground, _groups(team)):
        tracks = _lay_tracks(spec, airspace.flyable[nation], beside_bases(arrangement, team.places))
        tracks += _asked_tracks(spec, airspace, nation, tracks, team)
        drafts.append(_draft(spec, team, _cut(spec, tracks, team, params), params))
    if len(drafts) > 1:
        quick = replace(params, tour=replace(params.tour, moves=params.draft_moves), starts=1, routing=replace(params.routing, steps=0))
        drafts.sort(key=lambda draft: (draft.short_of_m2(ground), _score(draft, quick, seed, should_stop)))
    best = drafts[0]
    work = _divided(nation, team, best, params, seed, should_stop)
    lesser = []
    while (params.lesser is not None) and best.pieces and not should_stop():
        params = params.lesser
        lesser.append(_divided(nation, team, best, params, seed, should_stop))
    return replace(work, lesser=tuple(lesser))


def _divided(
    nation: str, team: _Team, draft: _Draft, params: WorkParams, seed: int, should_stop: Callable[[], bool]
) -> NationWork:  # fmt: skip
    routes = _solve(draft.problem, params, seed, should_stop) if draft.pieces else tuple(() for _ in team.drones)
    return NationWork(
        nation=nation,
        pieces=draft.pieces,
        bases=team.bases,
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
    team = _team(spec, airspace, nation, heights_m)
    widest = max(team.types, key=lambda drone_type: drone_type.swath_m)
    draft = _draft(spec, team, _cut(spec, [(track, widest) for track in tracks], team, params), params)
    work = NationWork(nation=nation, pieces=draft.pieces, bases=team.bases, ways=draft.ways, routes={}, unserved=draft.unserved)
    return draft.problem, work


def measure_pieces(
    spec: MissionSpec, airspace: Airspace, nation: str, pieces: Sequence[Piece], heights_m: Mapping[str, float]
) -> tuple[FleetProblem, Mapping[str, Deadheads], tuple[str, ...]]:
    """The problem of dividing pieces over the nation's drones, the ways of each type, and the bases that seats count."""
    team = _team(spec, airspace, nation, heights_m)
    problem, ways = _problem(spec, team, pieces)
    return problem, ways, team.bases


@dataclass(frozen=True, kw_only=True, slots=True)
class _Team:
    """A nation's drones with where they start, where they may fly and how high they work. `turned_rad` is the most by which
    courses in the local frame differ from true ones there.
    """

    drones: tuple[Drone, ...]
    types: tuple[DroneType, ...]
    bases: tuple[str, ...]
    places: tuple[Point, ...]
    heights_m: Mapping[str, float]
    flyable: BaseGeometry
    approach: BaseGeometry
    turned_rad: float

    def of_type(self, drone_type: DroneType) -> list[Drone]:
        return [drone for drone in self.drones if drone.type == drone_type.id]

    def height_m(self, drone_type: DroneType) -> float:
        """The greatest of the type's working heights: what its take-offs cost at most."""
        return max(self.heights_m[drone.id] for drone in self.of_type(drone_type))


@dataclass(frozen=True, kw_only=True, slots=True)
class _Draft:
    """Tracks laid and measured, not yet divided."""

    pieces: tuple[Piece, ...]
    unserved: tuple[Unserved, ...]
    problem: FleetProblem
    ways: Mapping[str, Deadheads]

    def short_of_m2(self, ground: BaseGeometry) -> float:
        """Ground that is missed beyond what lanes may leave."""
        missed = overlay.difference(ground, overlay.union(piece.track.ground for piece in self.pieces))
        return max(0.0, float(missed.area) - (1 - LaneParams().least_coverage) * float(ground.area))


def _team(spec: MissionSpec, airspace: Airspace, nation: str, heights_m: Mapping[str, float]) -> _Team:
    drones = tuple(drone for drone in spec.drones if drone.nation == nation)
    bases = tuple(dict.fromkeys(drone.base for drone in drones))
    places = tuple(airspace.frame.point_to_local(spec.base(base).location) for base in bases)
    return _Team(
        drones=drones,
        types=nation_types(spec, nation),
        bases=bases,
        places=places,
        heights_m=heights_m,
        flyable=airspace.flyable[nation],
        approach=airspace.approach[nation],
        turned_rad=airspace.frame.most_turned_rad(airspace.approach[nation]),
    )


def _groups(team: _Team) -> list[TypeGroup]:
    groups = []
    for drone_type in team.types:
        own = team.of_type(drone_type)
        east_m, north_m = np.mean([team.places[team.bases.index(drone.base)] for drone in own], axis=0)
        groups.append(TypeGroup(drone_type=drone_type, count=len(own), place=(float(east_m), float(north_m))))
    return groups


def _score(draft: _Draft, params: WorkParams, seed: int, should_stop: Callable[[], bool]) -> Score:
    if not draft.pieces:
        return Score(0.0, 0.0)
    return evaluate(draft.problem, _solve(draft.problem, params, seed, should_stop))


def _lay_tracks(spec: MissionSpec, flyable: BaseGeometry, arrangement: Arrangement) -> list[tuple[Track, DroneType]]:
    params = _lane_params(spec)
    tracks: list[tuple[Track, DroneType]] = []
    for drone_type, part in arrangement:
        rates, swath_m = sweep_rates(spec, drone_type), drone_type.swath_m
        laid = [track for cell in cells.decompose(part, rates) for track in lanes.lay_cell(cell, flyable, swath_m, rates, params)]
        mended = mending.mend(laid, part, flyable, swath_m, rates, params)
        tracks.extend((track, drone_type) for track in lanes.drop_needless(mended, part, params))
    return tracks


def _asked_tracks(
    spec: MissionSpec, airspace: Airspace, nation: str, laid: Sequence[tuple[Track, DroneType]], team: _Team
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


def _cut(spec: MissionSpec, tracks: Sequence[tuple[Track, DroneType]], team: _Team, params: WorkParams) -> list[Piece]:
    """Pieces short enough for a sortie, and many enough that drones can finish together."""
    pieces: list[Piece] = []
    total_m = sum(track.length_m for track, _ in tracks)
    fair_m = total_m / (len(team.drones) * params.pieces_per_drone)
    for parent, (track, drone_type) in enumerate(tracks):
        range_m = cost.usable_cruise_s(drone_type, team.height_m(drone_type)) * drone_type.cruise_mps
        turn_m = sweep_rates(spec, drone_type).turn_s * drone_type.cruise_mps
        # A type that cannot even take off and land has no range; cutting does not help it.
        within_m = params.sortie_part * range_m if range_m > 0 else math.inf
        longest_m = max(min(within_m, max(fair_m, 10 * turn_m)), drone_type.swath_m, total_m / params.most_pieces)
        pieces.extend(Piece(part, parent, index) for index, part in enumerate(lanes.cut(track, longest_m, beside=team.places)))
    return pieces


def _draft(spec: MissionSpec, team: _Team, pieces: Sequence[Piece], params: WorkParams) -> _Draft:
    """Halve pieces that no drone can sweep in one sortie while that may help; put aside those that stay beyond reach."""
    current = list(pieces)
    for attempt in range(params.most_halvings + 1):
        problem, ways = _problem(spec, team, current)
        served = _served(problem)
        may_halve = attempt < params.most_halvings and len(current) <= params.most_pieces
        halved = _halved(current, served, spec, team, problem) if may_halve and not served.all() else current
        if len(halved) == len(current):
            break
        current = halved
    # Without what is put aside the ways are found anew, and may be others: whom they fail is put aside as well.
    unserved: list[Unserved] = []
    while not served.all():
        aside = np.flatnonzero(~served).tolist()
        unserved += [Unserved(piece=current[track], reason=_why(problem, track)) for track in aside]
        current = [piece for piece, ok in zip(current, served, strict=True) if ok]
        problem, ways = _problem(spec, team, current)
        served = _served(problem)
    return _Draft(pieces=tuple(current), unserved=tuple(unserved), problem=problem, ways=ways)


def _served(problem: FleetProblem) -> NDArray[np.bool_]:
    """Which tracks some drone can sweep in a sortie of their own."""
    return np.any([problem.can_serve(seat) for seat in range(len(problem.seats))], axis=0) if problem.tracks else np.array([], dtype=bool)


def _halved(pieces: Sequence[Piece], served: NDArray[np.bool_], spec: MissionSpec, team: _Team, problem: FleetProblem) -> list[Piece]:
    result: list[Piece] = []
    for piece, ok in zip(pieces, served, strict=True):
        if ok or piece.track.length_m < 2 * piece.track.swath_m or not _part_in_reach(piece, spec, team, problem):
            result.append(piece)
        else:
            # Halves are lanes of their own: whatever follows on the same track keeps its place in the chain no longer.
            for part in lanes.cut(piece.track, piece.track.length_m / 2):
                result.append(Piece(part, -1 - len(result), 0))
    return result


def _part_in_reach(piece: Piece, spec: MissionSpec, team: _Team, problem: FleetProblem) -> bool:
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


def _why(problem: FleetProblem, track: int) -> str:
    """The best any drone could do, in words."""
    alone = [(float(problem.alone_s(seat)[track]), seat) for seat in range(len(problem.seats))]
    needs_s, seat = min(alone)
    drone, limit_s = problem.seats[seat].drone, problem.class_of(seat).limit_s
    if math.isinf(needs_s):
        return "no drone has a legal way there and back with room to turn"
    overhead_s = problem.class_of(seat).overhead_s
    return f"drone {drone} cannot reach it and return: needs {needs_s + overhead_s:.0f} s, has {limit_s + overhead_s:.0f} s"


def _problem(spec: MissionSpec, team: _Team, pieces: Sequence[Piece]) -> tuple[FleetProblem, Mapping[str, Deadheads]]:
    tracks = [piece.track for piece in pieces]
    usual = DeadheadParams()
    # Who sees wide flies far: a corner cut short by a twentieth of the swath is nothing to it, and there are far fewer of them.
    tolerance_m = max(usual.corner_tolerance_m, _CORNER_PART * max(drone_type.swath_m for drone_type in team.types))
    ways = find_deadheads(
        team.types,
        tracks,
        team.places,
        spec.wind,
        flyable=team.flyable,
        approach=team.approach,
        params=replace(usual, corner_tolerance_m=tolerance_m),
    )
    classes = tuple(_drone_class(spec, team, drone_type, pieces, ways[drone_type.id]) for drone_type in team.types)
    order = {drone_type.id: index for index, drone_type in enumerate(team.types)}
    seats = tuple(Seat(drone=drone.id, drone_class=order[drone.type], base=team.bases.index(drone.base)) for drone in team.drones)
    return FleetProblem(tracks=len(pieces), classes=classes, seats=seats, objective=spec.objective), ways


def _drone_class(spec: MissionSpec, team: _Team, drone_type: DroneType, pieces: Sequence[Piece], ways: Deadheads) -> DroneClass:
    height_m = team.height_m(drone_type)
    vertical_s = cost.takeoff_s(drone_type, height_m) + cost.landing_s(drone_type, height_m)
    service_s = np.full(2 * len(pieces), np.inf)
    for index, piece in enumerate(pieces):
        # A drone that sees less than the lane counts on may not fly it.
        if drone_type.swath_m >= piece.track.swath_m - 1e-6:
            service_s[2 * index] = _service_s(drone_type, spec.wind, piece.track.start, piece.track.end)
            service_s[2 * index + 1] = _service_s(drone_type, spec.wind, piece.track.end, piece.track.start)
    usable_s = cost.usable_cruise_s(drone_type, height_m)
    return DroneClass(
        id=drone_type.id,
        service_s=service_s,
        out_s=ways.out_s,
        between_s=_with_continuations(ways.between_s, service_s, pieces, drone_type, spec.wind),
        home_s=ways.home_s,
        limit_s=usable_s * (1 - cost.most_course_error(drone_type, spec.wind, team.turned_rad)),
        overhead_s=vertical_s,
        swap_s=drone_type.battery_swap_s,
        cruise_w=drone_type.power_cruise_w,
        overhead_wh=vertical_s * drone_type.power_hover_w / 3600,
    )


def _service_s(drone_type: DroneType, wind: Wind, start: Point, end: Point) -> float:
    return cost.run_s(drone_type, wind, end[0] - start[0], end[1] - start[1])


def _with_continuations(between_s: Floats, service_s: Floats, pieces: Sequence[Piece], drone_type: DroneType, wind: Wind) -> Floats:
    """Going straight on along a cut track costs nothing, and saves the pieces' overlap and a copter the stop that both count.

    A run's seconds are concave in its length, so that three pieces on end take no longer than two such savings promise.
    """
    seconds = between_s.copy()
    by_place = {(piece.parent, piece.index): index for index, piece in enumerate(pieces)}
    for (parent, index), here in by_place.items():
        following = by_place.get((parent, index + 1))
        if following is not None and math.isfinite(service_s[2 * here] + service_s[2 * following]):
            start, end = pieces[here].track.start, pieces[following].track.end
            on, back = (2 * here, 2 * following), (2 * following + 1, 2 * here + 1)
            seconds[on] = _service_s(drone_type, wind, start, end) - service_s[list(on)].sum()
            seconds[back] = _service_s(drone_type, wind, end, start) - service_s[list(back)].sum()
    return seconds


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
