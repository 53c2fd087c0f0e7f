"""Find closed routes that sweep ground in little time: lane sets to start from, then the search, on a coarse and on a fine raster."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import shapely
from shapely import affinity
from shapely.geometry.base import BaseGeometry

from planner.sweep_search.annealing import anneal
from planner.sweep_search.exact import lengthened, missed_m2, patches
from planner.sweep_search.hops import with_hops, with_needed_hops
from planner.sweep_search.kernel import NOWHERE, Floats, World, hop, leg_s
from planner.sweep_search.lane_sets import LaneSet, lane_sets
from planner.sweep_search.params import SearchParams
from planner.sweep_search.places import put_best
from planner.sweep_search.splits import Fleet, divided, splits
from planner.sweep_search.state import EVENNESS, POWER, ROUTE_LIMIT_S, ROUTES, TRACKS, UNSEEN_M2, State, cost_of, empty_state, put, settle
from planner.sweep_search.strips import nested_rings, ring_choices, side_choices
from planner.sweep_search.world import SweepTask, build_world
from planner.tracks.cells import SweepRates, best_directions

_LONGEST = 1e3
_TINY_SWATHS = 25.0
_ANY_PRICE = 1e9
#: How close a track passes the depot, in swaths, that is worth dividing there.
_BESIDE_SWATHS = 2.5
_ALONE = Fleet(1, 0.0, math.inf)
#: A little more than the steps in which `best_directions` looks.
_ALMOST_RAD = math.radians(2.5)

_Run = Callable[[Callable[[Any], Any], Iterable[Any]], Iterable[Any]]


@dataclass(frozen=True, slots=True)
class Leg:
    """Straight from where the last leg ended to (`east_m`, `north_m`); a sweep leg is a planned track."""

    east_m: float
    north_m: float
    sweep: bool


@dataclass(frozen=True, slots=True)
class SweepRoutes:
    """Closed routes from the depot, their legs in order, and each route's seconds; `missed_m2` by all sweep legs together."""

    routes: tuple[tuple[Leg, ...], ...]
    seconds: tuple[float, ...]
    missed_m2: float


_Found = tuple[float, "_Turned", Floats]
"""What a search says its tracks cost, in their frame."""


@dataclass(frozen=True, slots=True)
class Tours:
    """Tours of one drone as the coarse raster leaves them, the best first: for `sweep` to go on from, several times."""

    found: tuple[_Found, ...]


def coarse_tours(task: SweepTask, *, params: SearchParams | None = None, executor: Executor | None = None, seed: int = 0) -> Tours:
    """What `sweep` begins with, whatever the number of routes."""
    params = (params or SearchParams()).scaled_to(task)
    run: _Run = executor.map if executor else map
    starts = _starts(task, params, run)
    found = run(_coarse, [(turned, tracks, _ALONE, params, seed + number) for number, (turned, tracks) in enumerate(starts)])
    return Tours(tuple(sorted(found, key=lambda result: result[0])))


def sweep(
    task: SweepTask, *, routes: int = 1, limit_s: float = math.inf, makespan: bool = False, params: SearchParams | None = None,
    executor: Executor | None = None, seed: int = 0, tours: Tours | None = None,
) -> SweepRoutes:  # fmt: skip
    """Routes that see at least the task's `least_coverage` of its ground; the same for a seed, with an executor or without.

    `makespan` shortens the longest route instead of the sum. A route longer than `limit_s` is left so when nothing better was found:
    the caller compares `seconds`. `tours` of the same task spare the search for them; the best `finalists` are gone on with.
    """
    tours = tours or coarse_tours(task, params=params, executor=executor, seed=seed)
    params = (params or SearchParams()).scaled_to(task)
    fleet = Fleet(routes, params.evenness if makespan and routes > 1 else 0.0, limit_s)
    run: _Run = executor.map if executor else map
    found = list(tours.found[: params.finalists])
    if routes > 1:
        found = _shared(found, fleet, params, run, seed)
    best_first = sorted(found, key=lambda result: result[0])[: params.refined]
    jobs = [(*best_first[number % len(best_first)][1:], fleet, params, seed + number) for number in range(max(2, params.refined))]
    found = list(run(_fine, jobs))
    _, turned, tracks = min(found, key=lambda result: result[0])
    best = _routes(turned, tracks)
    if task.ground.area > _TINY_SWATHS * task.swath_m**2:
        return best
    allowed_m2 = (1.0 - task.least_coverage) * task.ground.area

    def rank(each: SweepRoutes) -> tuple[bool, float]:
        wrong = each.missed_m2 > allowed_m2 + 1e-9 or max(each.seconds) > limit_s
        return wrong, max(each.seconds) if fleet.evenness > 0.0 else sum(each.seconds)

    return min([best, *_plain(task, fleet, params)], key=rank)


def _plain(task: SweepTask, fleet: Fleet, params: SearchParams) -> Iterator[SweepRoutes]:
    """Whole sets of lanes as they are: on tiny ground, of which the raster has few samples, nothing may be better."""
    for angle in _directions(task, params):
        turned = _turn(task, angle)
        world = build_world(turned.task, params.fine_cells)
        for lanes in lane_sets(turned.task, (_ANY_PRICE,), side_choices(turned.task)):
            state = empty_state(world, len(lanes.tracks))
            for x1, y1, x2, y2 in lanes.tracks:
                put_best(world, state, x1, y1, x2, y2, 0.0)
            tracks = state.tracks[: state.counts[TRACKS]].copy()
            yield _routes(turned, splits(world, tracks, fleet, 1)[0] if fleet.routes > 1 else tracks)


def _shared(found: Sequence[_Found], fleet: Fleet, params: SearchParams, run: _Run, seed: int) -> list[_Found]:
    """Tours of one drone, cut into routes in several ways; the most promising of those are searched on."""
    cut = [
        (turned, tracks)
        for several in run(_cut, [(turned, tracks, fleet, params) for _, turned, tracks in found])
        for turned, tracks in several
    ]
    if params.order_moves:
        jobs = [(turned, tracks, fleet, params, seed + number) for _, turned, tracks in found for number in range(params.orders)]
        cut += run(_reordered, jobs)
    quick = replace(params, hot_s=params.shared_s, coarse_moves=params.cut_moves)
    tried = list(run(_coarse, [(turned, tracks, fleet, quick, seed) for turned, tracks in cut]))
    tried.sort(key=lambda result: result[0])
    longer = replace(quick, coarse_moves=params.shared_moves)
    promising = enumerate(tried[: params.finalists])
    return list(run(_coarse, [(turned, tracks, fleet, longer, seed + number) for number, (_, turned, tracks) in promising]))


def _cut(job: tuple[_Turned, Floats, Fleet, SearchParams]) -> list[tuple[_Turned, Floats]]:
    turned, tracks, fleet, params = job
    world = build_world(turned.task, params.coarse_cells)
    return [(turned, routes) for routes in splits(world, tracks, fleet, params.cuts)]


def _reordered(job: tuple[_Turned, Floats, Fleet, SearchParams, int]) -> tuple[_Turned, Floats]:
    turned, tracks, fleet, params, seed = job
    world = build_world(turned.task, params.coarse_cells)
    tracks = divided(world, tracks, _BESIDE_SWATHS * turned.task.swath_m)
    state = _state_of(world, splits(world, tracks, fleet, 1)[0], fleet)
    heat_s, prices = (params.order_s, params.cold_s), (params.dear, params.dear)
    return turned, _anneal(world, state, params.order_moves, heat_s, prices, math.inf, seed, order_only=True)[1]


def fewest_routes(task: SweepTask, limit_s: float, params: SearchParams | None = None) -> int:
    """How many routes within the limit the cheapest set of lanes asks for: a guess to start from, not a bound."""
    params = (params or SearchParams()).scaled_to(task)
    turned = [_turn(task, angle) for angle in _directions(task, params)]
    least_s = min(lane_sets(one.task, params.lane_prices, side_choices(one.task))[0].cost_s for one in turned)
    return max(1, math.ceil(least_s / limit_s))


@dataclass(frozen=True, slots=True)
class _Turned:
    """The task turned so that lanes lie along x."""

    task: SweepTask
    angle_rad: float


def _turn(task: SweepTask, angle_rad: float) -> _Turned:
    if angle_rad == 0.0:
        return _Turned(task, 0.0)
    ground = affinity.rotate(task.ground, -angle_rad, origin=(0.0, 0.0), use_radians=True)
    flyable = ground if task.flyable is task.ground else affinity.rotate(task.flyable, -angle_rad, origin=(0.0, 0.0), use_radians=True)
    return _Turned(replace(task, ground=ground, flyable=flyable, depot=_rotated(task.depot, -angle_rad) if task.depot else None), angle_rad)


def _rotated(point: tuple[float, float], angle_rad: float) -> tuple[float, float]:
    c, s = math.cos(angle_rad), math.sin(angle_rad)
    return float(c * point[0] - s * point[1]), float(s * point[0] + c * point[1])


def _starts(task: SweepTask, params: SearchParams, run: _Run) -> list[tuple[_Turned, Floats]]:
    """The most promising lane sets, each in its own frame."""
    jobs = [(_turn(task, angle), params, number == 0) for number, angle in enumerate(_directions(task, params))]
    found = [result for results in run(_try_direction, jobs) for result in results]
    found.sort(key=lambda result: result[0])
    return [(turned, tracks) for _, turned, tracks in found[: params.finalists]]


def _directions(task: SweepTask, params: SearchParams) -> tuple[float, ...]:
    polygon = max(shapely.get_parts(task.ground), key=lambda part: part.area)
    rates = SweepRates(spacing_m=task.swath_m, speed_mps=task.speed_mps, turn_s=2 * task.speed_mps / task.acceleration_mps2)
    return tuple(along_a_side(polygon, angle_rad, task.swath_m) for angle_rad in best_directions(polygon, rates, params.directions))


def along_a_side(polygon: BaseGeometry, angle_rad: float, least_m: float) -> float:
    """The direction of the longest side of at least `least_m` that runs almost so: lanes askew of it by a degree may be one more."""
    sides = np.concatenate([np.diff(np.asarray(ring.coords)[:, :2], axis=0) for ring in shapely.get_rings(polygon)])
    length = np.hypot(sides[:, 0], sides[:, 1])
    off = np.arctan2(sides[:, 1], sides[:, 0]) - angle_rad
    off -= np.pi * np.round(off / np.pi)
    length[abs(off) > _ALMOST_RAD] = 0.0
    longest = int(np.argmax(length))
    return angle_rad + float(off[longest]) if length[longest] >= least_m else angle_rad


def _try_direction(job: tuple[_Turned, SearchParams, bool]) -> list[_Found]:
    """The best lane sets of a direction, searched shortly; with the flag what has no direction, too."""
    turned, params, is_first = job
    task = turned.task
    world = build_world(task, _cells(task, params.coarse_cells, params))
    allowed_m2 = (1.0 - task.least_coverage) * task.ground.area
    drafts = []
    choices = side_choices(task)
    if params.rings:
        choices += [*ring_choices(task), *([nested_rings(task)] if is_first else [])]
    for lanes in _unlike(lane_sets(task, params.lane_prices, choices)):
        state = empty_state(world, len(lanes.tracks))
        for x1, y1, x2, y2 in lanes.tracks:
            put_best(world, state, x1, y1, x2, y2, 0.0)
        settle(world, state)
        drafts.append((cost_of(world, state, params.draft_price, allowed_m2), state))
    drafts.sort(key=lambda draft: draft[0])
    found = []
    for _, state in drafts[: params.starts]:
        cost, tracks = _anneal(world, state, params.start_moves, params.start_s, (params.dear / 2, params.dear), allowed_m2, 1)
        found.append((cost, turned, tracks))
    return found


def _cells(task: SweepTask, least: int, params: SearchParams) -> int:
    """Cells a swath: more than `least` on small ground, where what may be missed is but a few cells."""
    return max(least, min(4 * least, int(task.swath_m * math.sqrt(params.most_cells * least / params.fine_cells / task.ground.area))))


def _unlike(sets: Sequence[LaneSet]) -> Iterator[LaneSet]:
    seen = set()
    for lanes in sets:
        key = (len(lanes.tracks), round(float(np.abs(lanes.tracks).sum()), 3))
        if key not in seen:
            seen.add(key)
            yield lanes


def _anneal(
    world: World, state: State, moves: int, heat_s: tuple[float, float], prices: tuple[float, float], allowed_m2: float, seed: int,
    order_only: bool = False,
) -> tuple[float, Floats]:  # fmt: skip
    best = np.zeros_like(state.tracks)
    count, cost = anneal(world, state, moves, *heat_s, *prices, allowed_m2, seed, best, order_only)
    return cost, best[:count].copy()


def _state_of(world: World, tracks: Floats, fleet: Fleet) -> State:
    state = empty_state(world, len(tracks))
    for index, track in enumerate(tracks):
        put(world, state, index, *track)
    state.counts[ROUTES] = fleet.routes
    state.scalars[EVENNESS], state.scalars[ROUTE_LIMIT_S] = fleet.evenness, min(fleet.limit_s, 1e18)
    state.scalars[POWER] = _LONGEST if fleet.evenness > 0.0 else 1.0
    settle(world, state)
    return state


def _coarse(job: tuple[_Turned, Floats, Fleet, SearchParams, int]) -> _Found:
    turned, tracks, fleet, params, seed = job
    world = build_world(turned.task, _cells(turned.task, params.coarse_cells, params))
    state = _state_of(world, tracks, fleet)
    allowed_m2 = (1.0 - turned.task.least_coverage) * turned.task.ground.area
    cost, tracks = _anneal(world, state, params.coarse_moves, (params.hot_s, params.warm_s), (params.price, params.dear), allowed_m2, seed)
    hidden_m2 = max(0.0, missed_m2(turned.task, with_hops(world, tracks)) - allowed_m2)  # From a raster that lanes run along, say.
    return cost + params.dear * hidden_m2, turned, tracks


def _fine(job: tuple[_Turned, Floats, Fleet, SearchParams, int]) -> _Found:
    """Anneal on the fine raster, then mend what exact areas say is still missed (or may still be left out)."""
    turned, tracks, fleet, params, seed = job
    task = turned.task
    world = build_world(task, _cells(task, params.fine_cells, params))
    allowed_m2 = (1.0 - task.least_coverage) * task.ground.area
    state = _state_of(world, tracks, fleet)
    cost, tracks = _anneal(
        world, state, params.fine_moves, (params.warm_s, params.cold_s), (params.dear, params.fine_dear * params.dear), allowed_m2, seed
    )
    target_m2, best = allowed_m2, (math.inf, tracks)
    for mending in range(params.mendings + 1):
        excess_m2 = missed_m2(task, with_hops(world, tracks)) - allowed_m2
        if excess_m2 <= 0.0 and cost < best[0]:
            best = (cost, tracks)
        if -params.spare_m2 * task.swath_m**2 < excess_m2 <= 0.0 or mending == params.mendings:
            break
        state = _state_of(world, tracks, fleet)
        if excess_m2 > 0.0:  # The raster may show less than the target already.
            target_m2 = min(target_m2, float(state.scalars[UNSEEN_M2]))
        target_m2 = max(0.0, target_m2 - excess_m2)
        heat_s, prices = (params.cold_s, params.cold_s / 2), (params.dear, 3 * params.dear)
        cost, tracks = _anneal(world, state, params.mending_moves, heat_s, prices, target_m2, seed + mending)
    if best[0] < math.inf:
        cost, tracks = _evened(world, task, *best, fleet, params, seed)
        return cost, turned, with_needed_hops(task, world, tracks)
    tracks = with_hops(world, tracks)
    world = world._replace(hops_see=False)
    tracks = lengthened(task, tracks, 3 * world.cell_m)
    state = _state_of(world, tracks, fleet)
    for x1, y1, x2, y2 in patches(task, tracks, allowed_m2):
        put_best(world, state, x1, y1, x2, y2, 0.0)
    return cost_of(world, state, 0.0, allowed_m2), turned, state.tracks[: state.counts[TRACKS]].copy()


def _evened(
    world: World, task: SweepTask, cost: float, tracks: Floats, fleet: Fleet, params: SearchParams, seed: int
) -> tuple[float, Floats]:  # fmt: skip
    """The routes, where they are to be even, with their shares of what is flown evened out: the order alone is searched."""
    if fleet.evenness == 0.0 or fleet.routes == 1:
        return cost, tracks

    def longest_s(tracks: Floats) -> float:
        return cost_of(world, _state_of(world, tracks, fleet), 0.0, math.inf)

    heat_s, prices = (params.cold_s, params.cold_s / 6), (params.dear, params.dear)
    state = _state_of(world, tracks, fleet)
    _, even = _anneal(world, state, params.even_moves, heat_s, prices, math.inf, seed, order_only=True)
    gained_s = longest_s(tracks) - longest_s(even)
    allowed_m2 = (1.0 - task.least_coverage) * task.ground.area
    if gained_s <= 0.0 or missed_m2(task, with_hops(world, even)) > allowed_m2:
        return cost, tracks
    return cost - gained_s, even


def _routes(turned: _Turned, tracks: Floats) -> SweepRoutes:
    world = build_world(turned.task, 1)
    here = (world.depot_east, world.depot_north)
    routes: list[tuple[Leg, ...]] = []
    legs: list[Leg] = []
    times: list[float] = []
    seconds = 0.0
    stops = np.vstack([tracks, [[*here, *here]]]) if turned.task.depot else tracks
    for x1, y1, x2, y2 in stops:
        hop_s, first, last = hop(world, *here, x1, y1) if here[0] < NOWHERE else (0.0, -1, -1)
        seconds += hop_s
        corners = _corner_chain(world, first, last) if first >= 0 else []
        legs += [Leg(*_rotated(point, turned.angle_rad), False) for point in (*corners, (x1, y1))]
        if (x1, y1) == (x2, y2):
            routes.append(tuple(legs))
            times.append(seconds)
            legs, seconds = [], 0.0
        else:
            legs.append(Leg(*_rotated((x2, y2), turned.angle_rad), True))
            seconds += leg_s(world, math.dist((x1, y1), (x2, y2)))
        here = (x2, y2)
    if legs:
        routes.append(tuple(legs))
        times.append(seconds)
    return SweepRoutes(tuple(routes), tuple(times), missed_m2(turned.task, tracks))


def _corner_chain(world: World, first: int, last: int) -> list[tuple[float, float]]:
    """The corners of the shortest way between two of them, both included."""
    if first == last:
        return [(float(world.corners[first, 0]), float(world.corners[first, 1]))]
    whole_s = world.corner_s[first, last]
    for middle in range(len(world.corners)):
        if middle in (first, last):
            continue
        if abs(world.corner_s[first, middle] + world.corner_s[middle, last] - whole_s) < 1e-9 * max(1.0, whole_s):
            return _corner_chain(world, first, middle) + _corner_chain(world, middle, last)[1:]
    return [(float(world.corners[corner, 0]), float(world.corners[corner, 1])) for corner in (first, last)]
