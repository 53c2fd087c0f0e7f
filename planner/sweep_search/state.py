"""A route and what it sees, changed in place: tracks in flying order, hops between, a raster of how often each cell is seen.

Every change is written down, so that a move can be undone.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from planner.sweep_search.compiled import compiled, compiled_inside, compiled_inside_with_arrays, compiled_with_arrays
from planner.sweep_search.kernel import NOWHERE, Floats, World, hop_s, leg_s, ramp_s, stamp, straight_s

_LEAST_ROOM = 600
#: Swaths added and taken by one move, at most.
_JOURNAL = 256
_OVERLONG_PRICE = 20.0

# Places in State.scalars:
SECONDS = 0  # of the route, hops and tracks
UNSEEN_M2 = 1
KEPT_SECONDS = 2
KEPT_UNSEEN_M2 = 3
COST_LIMIT = 4  # that a move may not pass
UNSEEN_PRICE = 5  # seconds a square metre
ALLOWED_M2 = 6  # that may be unseen at no price
HOPELESS = 7  # 1 once a move has passed the limit
POWER = 8  # of the mean of routes' seconds: 1 for the sum of routes, very large for the longest
ROUTE_LIMIT_S = 9
EVENNESS = 10  # how fast the power grows as the search cools; 0 leaves it at 1
# Places in State.counts:
TRACKS = 0
UNSEEN_CELLS = 1  # in the list
CHANGES = 2  # in the journal
KEPT_TRACKS = 3
ROUTES = 4


class State(NamedTuple):
    """A route and what it sees; arrays are changed in place.

    `tracks` (capacity, 4) are x, y where a track is entered and left, in flying order; one without length at the depot ends a route and
    begins the next. `gap_s` (capacity + 1) are the hops before each and home; what a hop sees is stamped where it is `gap_settled`.
    `kept_...` is the route at the last acceptance, and `journal` the swaths added and taken since. `unseen` lists cells that were
    unseen when it was last made.
    """

    tracks: Floats
    gap_s: Floats
    gap_settled: NDArray[np.bool_]
    kept_tracks: Floats
    kept_gap_s: Floats
    seen: NDArray[np.int16]
    unseen: NDArray[np.int32]
    scalars: Floats
    counts: NDArray[np.int64]
    journal: Floats


def empty_state(world: World, begun_with: int) -> State:
    """No track, all ground unseen; room for the tracks that it is to begin with and as many more, and to write all of them down."""
    capacity = max(_LEAST_ROOM, 2 * begun_with)
    rows, columns = world.weight.shape
    return State(
        tracks=np.zeros((capacity, 4)),
        gap_s=np.zeros(capacity + 1),
        gap_settled=np.ones(capacity + 1, dtype=np.bool_),
        kept_tracks=np.zeros((capacity, 4)),
        kept_gap_s=np.zeros(capacity + 1),
        seen=np.zeros((rows, columns), dtype=np.int16),
        unseen=np.zeros(rows * columns, dtype=np.int32),
        scalars=_no_limits(float(world.weight.sum(dtype=np.float64))),
        counts=np.array([0, 0, 0, 0, 1], dtype=np.int64),
        journal=np.zeros((_JOURNAL + 4 * capacity, 5)),
    )


def _no_limits(unseen_m2: float) -> Floats:
    scalars = np.zeros(11)
    scalars[UNSEEN_M2] = unseen_m2
    scalars[POWER] = 1.0
    scalars[COST_LIMIT] = scalars[ROUTE_LIMIT_S] = np.inf
    return scalars


@compiled_inside
def copy_row(rows: Floats, source: int, target: int) -> None:
    for column in range(4):
        rows[target, column] = rows[source, column]


@compiled_inside
def copy_rows(source: Floats, target: Floats, count: int) -> None:
    for index in range(count):
        for column in range(4):
            target[index, column] = source[index, column]


@compiled_inside
def row(rows: Floats, index: int) -> tuple[float, float, float, float]:
    """What is in it now; a copy as an array costs more to make, to hold and to compile."""
    return rows[index, 0], rows[index, 1], rows[index, 2], rows[index, 3]


@compiled_inside
def set_row(rows: Floats, index: int, x1: float, y1: float, x2: float, y2: float) -> None:
    rows[index, 0], rows[index, 1], rows[index, 2], rows[index, 3] = x1, y1, x2, y2


@compiled_inside
def _stamp(world: World, state: State, x1: float, y1: float, x2: float, y2: float, step: int) -> None:
    state.scalars[UNSEEN_M2] += stamp(world, state.seen, x1, y1, x2, y2, step)


@compiled_inside
def list_unseen(world: World, state: State) -> None:
    """Write down all cells that are unseen now."""
    rows, columns = world.weight.shape
    found = 0
    for row in range(rows):
        for column in range(columns):
            if state.seen[row, column] == 0 and world.weight[row, column] > 0.0:
                state.unseen[found] = row * columns + column
                found += 1
    state.counts[UNSEEN_CELLS] = found


@compiled_inside
def _log(state: State, x1: float, y1: float, x2: float, y2: float, step: float) -> None:
    entry = state.journal[state.counts[CHANGES]]
    entry[0], entry[1], entry[2], entry[3], entry[4] = x1, y1, x2, y2, step
    state.counts[CHANGES] += 1


@compiled_inside
def before(world: World, state: State, place: int) -> tuple[float, float]:
    """Where the drone is before the hop to `place`."""
    if place == 0:
        return world.depot_east, world.depot_north
    return state.tracks[place - 1, 2], state.tracks[place - 1, 3]


@compiled_inside
def after(world: World, state: State, place: int) -> tuple[float, float]:
    """Where the hop to `place` leads."""
    if place == state.counts[TRACKS]:
        return world.depot_east, world.depot_north
    return state.tracks[place, 0], state.tracks[place, 1]


@compiled_inside
def is_break(state: State, index: int) -> bool:
    """Whether the entry only brings the drone home between two routes."""
    return bool(state.tracks[index, 0] == state.tracks[index, 2] and state.tracks[index, 1] == state.tracks[index, 3])


@compiled_inside
def too_dear(state: State, grown_s: float) -> bool:
    """Whether so many seconds more, at least, pass the cost limit; then the move is given up."""
    missed = state.scalars[UNSEEN_PRICE] * max(0.0, state.scalars[UNSEEN_M2] - state.scalars[ALLOWED_M2])
    if state.scalars[SECONDS] + grown_s + missed <= state.scalars[COST_LIMIT] + 1e-9:
        return False
    state.scalars[HOPELESS] = 1.0
    return True


@compiled_inside
def track_s(world: World, state: State, index: int) -> float:
    return leg_s(world, math.hypot(state.tracks[index, 2] - state.tracks[index, 0], state.tracks[index, 3] - state.tracks[index, 1]))


@compiled_inside
def copy_gap(state: State, source: int, target: int) -> None:
    state.gap_s[target] = state.gap_s[source]
    state.gap_settled[target] = state.gap_settled[source]


@compiled_inside
def _stamp_gap(world: World, state: State, place: int, step: int) -> None:
    """Add or take away what the hop to `place` sees: straight ones see a swath, ways round corners nothing."""
    x1, y1 = before(world, state, place)
    x2, y2 = after(world, state, place)
    if abs(x1) >= NOWHERE or abs(x2) >= NOWHERE or (x1 == x2 and y1 == y2):
        return
    if state.gap_s[place] <= straight_s(world.speed_mps, world.acceleration_mps2, x1, y1, x2, y2) * (1.0 + 1e-9):
        _stamp(world, state, x1, y1, x2, y2, step)
        _log(state, x1, y1, x2, y2, float(step))


@compiled_inside
def leave_gap(world: World, state: State, place: int) -> None:
    """Take away what the hop to `place` sees, before one of its ends changes."""
    if world.hops_see and state.gap_settled[place]:
        _stamp_gap(world, state, place, -1)
        state.gap_settled[place] = False


@compiled_inside
def close_gap(world: World, state: State, place: int) -> float:
    """Find the hop to `place` anew, and its seconds; what it sees is left to `settle`."""
    x1, y1 = before(world, state, place)
    x2, y2 = after(world, state, place)
    state.gap_s[place] = hop_s(world, x1, y1, x2, y2)
    state.gap_settled[place] = False
    return float(state.gap_s[place])


@compiled
def settle(world: World, state: State) -> None:
    """Stamp what the hops see that a move has changed. Not before its end: what a passing hop sees must not mislead it."""
    if world.hops_see:
        for place in range(state.counts[TRACKS] + 1):
            if not state.gap_settled[place]:
                _stamp_gap(world, state, place, 1)
                state.gap_settled[place] = True


@compiled_inside
def lift(world: World, state: State, index: int) -> None:
    """Take a track out of the route and off the raster."""
    x1, y1, x2, y2 = row(state.tracks, index)
    leave_gap(world, state, index)
    leave_gap(world, state, index + 1)
    _stamp(world, state, x1, y1, x2, y2, -1)
    _log(state, x1, y1, x2, y2, -1.0)
    n = state.counts[TRACKS]
    lost = track_s(world, state, index) + state.gap_s[index] + state.gap_s[index + 1]
    for other in range(index, n - 1):
        copy_row(state.tracks, other + 1, other)
        copy_gap(state, other + 2, other + 1)
    state.counts[TRACKS] = n - 1
    state.scalars[SECONDS] += close_gap(world, state, index) - lost


@compiled
def put(world: World, state: State, place: int, x1: float, y1: float, x2: float, y2: float) -> None:
    """Insert a track before the one at `place`, flown from (x1, y1), and stamp it."""
    n = state.counts[TRACKS]
    leave_gap(world, state, place)
    old = state.gap_s[place]
    for other in range(n, place, -1):
        copy_row(state.tracks, other - 1, other)
        copy_gap(state, other, other + 1)
    set_row(state.tracks, place, x1, y1, x2, y2)
    state.counts[TRACKS] = n + 1
    hops = close_gap(world, state, place) + close_gap(world, state, place + 1)
    state.scalars[SECONDS] += hops + track_s(world, state, place) - old
    _stamp(world, state, x1, y1, x2, y2, 1)
    _log(state, x1, y1, x2, y2, 1.0)


@compiled_inside_with_arrays
def route_times(world: World, state: State) -> Floats:
    """Seconds of each route."""
    routes = state.counts[ROUTES]
    times = np.zeros(routes)
    route = 0
    tracks, gap_s, v, a = state.tracks, state.gap_s, world.speed_mps, world.acceleration_mps2
    for index in range(state.counts[TRACKS]):
        times[route] += gap_s[index]
        dx, dy = tracks[index, 2] - tracks[index, 0], tracks[index, 3] - tracks[index, 1]
        if dx == 0.0 and dy == 0.0:
            route = min(route + 1, routes - 1)
        else:
            times[route] += ramp_s(v, a, math.sqrt(dx * dx + dy * dy))
    times[route] += gap_s[state.counts[TRACKS]]
    return times


@compiled_inside
def _fleet_s(state: State, times: Floats) -> float:
    """What routes of these times cost: their power mean times their number, and a price for what is over the limit."""
    longest, total, over = 0.0, 0.0, 0.0
    for seconds in times:
        longest = max(longest, seconds)
        total += seconds
        over += max(0.0, seconds - state.scalars[ROUTE_LIMIT_S])
    power = state.scalars[POWER]
    if power > 1.0 and longest > 0.0:
        parts = 0.0
        for seconds in times:
            parts += (seconds / longest) ** power
        total = len(times) * longest * (parts / len(times)) ** (1.0 / power)
    return total + _OVERLONG_PRICE * over


@compiled_inside_with_arrays
def weights_of(state: State, times: Floats, extra_s: float) -> Floats:
    """What a second costs in each route when `extra_s` of them are added to it."""
    now_s = _fleet_s(state, times)
    weights = np.ones(len(times))
    for route in range(len(times)):
        times[route] += extra_s
        weights[route] = (_fleet_s(state, times) - now_s) / extra_s
        times[route] -= extra_s
    return weights


@compiled_inside_with_arrays
def route_weights(world: World, state: State, extra_s: float) -> Floats:
    """Likewise, for the routes as they are now."""
    if state.counts[ROUTES] == 1:
        return np.ones(1)
    return weights_of(state, route_times(world, state), extra_s)


@compiled_inside
def keep(state: State) -> None:
    """Make the route as it is now the one to come back to."""
    n = state.counts[TRACKS]
    copy_rows(state.tracks, state.kept_tracks, n)
    for place in range(n + 1):
        state.kept_gap_s[place] = state.gap_s[place]
    state.scalars[KEPT_SECONDS] = state.scalars[SECONDS]
    state.scalars[KEPT_UNSEEN_M2] = state.scalars[UNSEEN_M2]
    state.counts[KEPT_TRACKS] = n
    state.counts[CHANGES] = 0


@compiled_inside
def undo(world: World, state: State) -> None:
    """Back to what was kept last."""
    for index in range(state.counts[CHANGES] - 1, -1, -1):
        entry = state.journal[index]
        _stamp(world, state, entry[0], entry[1], entry[2], entry[3], -int(entry[4]))
    n = state.counts[KEPT_TRACKS]
    copy_rows(state.kept_tracks, state.tracks, n)
    for place in range(n + 1):
        state.gap_s[place] = state.kept_gap_s[place]
        state.gap_settled[place] = True
    state.scalars[SECONDS] = state.scalars[KEPT_SECONDS]
    state.counts[TRACKS] = n
    state.counts[CHANGES] = 0


@compiled_with_arrays
def cost_of(world: World, state: State, price: float, allowed_m2: float) -> float:
    """Seconds of all routes, drawn towards equal ones by the power of their mean, and prices for what is missed and for overlong routes."""
    missed = price * max(0.0, state.scalars[UNSEEN_M2] - allowed_m2)
    if state.counts[ROUTES] == 1 and state.scalars[ROUTE_LIMIT_S] > 1e17:
        return float(state.scalars[SECONDS] + missed)
    return float(_fleet_s(state, route_times(world, state)) + missed)
