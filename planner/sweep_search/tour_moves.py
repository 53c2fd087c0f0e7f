"""Moves that change only the order and direction of tracks (Croes 1958; Or 1976)."""

from __future__ import annotations

import math

import numpy as np

from planner.sweep_search.compiled import compiled_inside, compiled_inside_with_arrays
from planner.sweep_search.kernel import Floats, World, hop_s, straight_s
from planner.sweep_search.places import insertion
from planner.sweep_search.state import (
    COST_LIMIT,
    ROUTES,
    SECONDS,
    TRACKS,
    State,
    after,
    before,
    close_gap,
    copy_gap,
    copy_row,
    is_break,
    leave_gap,
    route_times,
    row,
    set_row,
    too_dear,
    track_s,
    weights_of,
)


@compiled_inside
def relocate(world: World, state: State, index: int) -> None:
    """Fly one track at another time (Or-opt); nothing on the raster changes."""
    x1, y1, x2, y2 = row(state.tracks, index)
    n = state.counts[TRACKS]
    kept = state.gap_s[index] + state.gap_s[index + 1]
    leave_gap(world, state, index)
    leave_gap(world, state, index + 1)
    for other in range(index, n - 1):
        copy_row(state.tracks, other + 1, other)
        copy_gap(state, other + 2, other + 1)
    state.counts[TRACKS] = n - 1
    gained = close_gap(world, state, index) - kept
    cost, place, backwards = insertion(world, state, x1, y1, x2, y2, 1e17)
    if backwards:
        x1, y1, x2, y2 = x2, y2, x1, y1
    leave_gap(world, state, place)
    for other in range(n - 1, place, -1):
        copy_row(state.tracks, other - 1, other)
        copy_gap(state, other, other + 1)
    set_row(state.tracks, place, x1, y1, x2, y2)
    state.counts[TRACKS] = n
    close_gap(world, state, place)
    close_gap(world, state, place + 1)
    state.scalars[SECONDS] += gained + cost


@compiled_inside_with_arrays
def move_chain(world: World, state: State) -> None:
    """Fly two to six tracks in a row at another time, either way round (Or-opt)."""
    n = state.counts[TRACKS]
    size = 2 + int(5 * np.random.random())
    if n < size + 2:
        return
    first = int(np.random.random() * (n - size + 1))
    chain = state.tracks[first : first + size].copy()
    gaps = state.gap_s[first : first + size + 1].copy()
    x1, y1 = before(world, state, first)
    x2, y2 = after(world, state, first + size)
    closing = hop_s(world, x1, y1, x2, y2)
    spare = gaps[0] + gaps[size] - closing
    ax, ay, bx, by = chain[0, 0], chain[0, 1], chain[size - 1, 2], chain[size - 1, 3]
    most = spare + state.scalars[COST_LIMIT] - state.scalars[SECONDS]
    own_s, weights = _chain_weights(world, state, first, size, spare)
    least, best, where, backwards = weights.max() * (most + own_s), most, -1, False
    route, weight = 0, weights[0]
    tracks, gap_s, v, a = state.tracks, state.gap_s, world.speed_mps, world.acceleration_mps2
    for place in range(n + 1):
        if place > 0 and is_break(state, place - 1) and route < len(weights) - 1:
            route += 1
            weight = weights[route]
        if first <= place <= first + size:
            continue
        px, py, qx, qy = world.depot_east, world.depot_north, world.depot_east, world.depot_north
        if place > 0:
            px, py = tracks[place - 1, 2], tracks[place - 1, 3]
        if place < n:
            qx, qy = tracks[place, 0], tracks[place, 1]
        gap = gap_s[place]
        grown = straight_s(v, a, px, py, ax, ay) + straight_s(v, a, bx, by, qx, qy) - gap
        if grown < most and weight * (grown + own_s) < least:
            grown = hop_s(world, px, py, ax, ay) + hop_s(world, bx, by, qx, qy) - gap
            if weight * (grown + own_s) < least and grown < most:
                least, best, where, backwards = weight * (grown + own_s), grown, place, False
        grown = straight_s(v, a, px, py, bx, by) + straight_s(v, a, ax, ay, qx, qy) - gap
        if grown < most and weight * (grown + own_s) < least:
            grown = hop_s(world, px, py, bx, by) + hop_s(world, ax, ay, qx, qy) - gap
            if weight * (grown + own_s) < least and grown < most:
                least, best, where, backwards = weight * (grown + own_s), grown, place, True
    if where < 0:
        return
    leave_gap(world, state, first)
    leave_gap(world, state, first + size)
    leave_gap(world, state, where)
    for other in range(first + size, n):
        copy_row(state.tracks, other, other - size)
        copy_gap(state, other + 1, other - size + 1)
    state.gap_s[first] = closing
    if where > first:
        where -= size
    for other in range(n - size - 1, where - 1, -1):
        copy_row(state.tracks, other, other + size)
        copy_gap(state, other + 1, other + size + 1)
    for index in range(size):
        if backwards:
            source = size - 1 - index
            state.tracks[where + index, 0], state.tracks[where + index, 1] = chain[source, 2], chain[source, 3]
            state.tracks[where + index, 2], state.tracks[where + index, 3] = chain[source, 0], chain[source, 1]
            if index > 0:
                state.gap_s[where + index] = gaps[source + 1]
        else:
            for column in range(4):
                state.tracks[where + index, column] = chain[index, column]
            if index > 0:
                state.gap_s[where + index] = gaps[index]
    state.gap_settled[where : where + size + 1] = True
    close_gap(world, state, where)
    close_gap(world, state, where + size)
    state.scalars[SECONDS] += best - spare


@compiled_inside_with_arrays
def _chain_weights(world: World, state: State, first: int, size: int, spare_s: float) -> tuple[float, Floats]:
    """The chain's own seconds, and what a second costs in each route that may take it; a chain with a break in it weighs all alike."""
    if state.counts[ROUTES] == 1:
        return 0.0, np.ones(1)
    own_s = 0.0
    for index in range(first, first + size):
        if is_break(state, index):
            return 0.0, np.ones(state.counts[ROUTES])
        own_s += track_s(world, state, index) + (state.gap_s[index] if index > first else 0.0)
    times = route_times(world, state)
    route = 0
    for index in range(first):
        route += is_break(state, index)
    times[min(route, len(times) - 1)] -= own_s + spare_s
    return own_s, weights_of(state, times, own_s)


@compiled_inside
def reverse(state: State, first: int, last: int) -> None:
    """Turn the entries from `first` to `last` round, and the hops between them; not those before and after."""
    low, high = first, last
    while low <= high:
        left, right = row(state.tracks, low), row(state.tracks, high)
        set_row(state.tracks, low, right[2], right[3], right[0], right[1])
        set_row(state.tracks, high, left[2], left[3], left[0], left[1])
        low += 1
        high -= 1
    low, high = first + 1, last
    while low < high:
        state.gap_s[low], state.gap_s[high] = state.gap_s[high], state.gap_s[low]
        low += 1
        high -= 1


@compiled_inside
def turn_round(world: World, state: State) -> None:
    """Fly a stretch of the route backwards, so that two ends that lie close are joined (2-opt)."""
    n = state.counts[TRACKS]
    first = int(np.random.random() * n)
    x1, y1 = before(world, state, first)
    last = first
    best = np.inf
    tracks = state.tracks
    for other in range(n):
        off = math.hypot(tracks[other, 2] - x1, tracks[other, 3] - y1) * (0.5 + np.random.random())
        if off < best and other != first - 1:
            best, last = off, other
    if last < first:
        first, last = last + 1, first - 1
    if last < first:
        return
    bx, by = before(world, state, first)
    ax, ay = after(world, state, last + 1)
    old = state.gap_s[first] + state.gap_s[last + 1]
    v, a = world.speed_mps, world.acceleration_mps2
    least = straight_s(v, a, bx, by, tracks[last, 2], tracks[last, 3]) + straight_s(v, a, tracks[first, 0], tracks[first, 1], ax, ay)
    if too_dear(state, least - old):
        return
    leave_gap(world, state, first)
    leave_gap(world, state, last + 1)
    one = hop_s(world, bx, by, state.tracks[last, 2], state.tracks[last, 3])
    two = hop_s(world, state.tracks[first, 0], state.tracks[first, 1], ax, ay)
    reverse(state, first, last)
    state.gap_s[first] = one
    state.gap_s[last + 1] = two
    state.scalars[SECONDS] += one + two - old
