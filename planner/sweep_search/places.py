"""Where a track fits: how far on the ground, and where in the route at the least cost."""

from __future__ import annotations

import math

import numpy as np

from planner.sweep_search.compiled import compiled, compiled_inside, compiled_inside_with_arrays
from planner.sweep_search.kernel import World, free_stretch, hop_s, leg_s, ramp_s, straight_s, unseen_span
from planner.sweep_search.state import (
    ALLOWED_M2,
    COST_LIMIT,
    HOPELESS,
    SECONDS,
    TRACKS,
    UNSEEN_M2,
    UNSEEN_PRICE,
    State,
    after,
    before,
    put,
    route_weights,
)


@compiled_inside_with_arrays
def insertion(
    world: World, state: State, x1: float, y1: float, x2: float, y2: float, most_s: float
) -> tuple[float, int, bool]:  # fmt: skip
    """The seconds by which hops grow at the best place, where that is, and whether the track is then flown backwards; `most_s` when
    they don't stay below it. The best is what costs least, seconds being dearer in a long route.

    Places are looked at in the order of a bound (straight hops) until the bound says that no better one can follow.
    """
    n = state.counts[TRACKS]
    tracks, gap_s, v, a = state.tracks, state.gap_s, world.speed_mps, world.acceleration_mps2
    own_s = ramp_s(v, a, math.sqrt((x2 - x1) ** 2 + (y2 - y1) ** 2))
    weights = route_weights(world, state, own_s + 2 * v / a)
    route, weight = 0, weights[0]
    guess = np.empty(2 * (n + 1))
    place_weight = np.empty(n + 1)
    px, py = world.depot_east, world.depot_north
    for place in range(n + 1):
        qx, qy = world.depot_east, world.depot_north
        if place < n:
            qx, qy = tracks[place, 0], tracks[place, 1]
        gap = gap_s[place]
        place_weight[place] = weight
        own = (weight - 1.0) * own_s
        grown = straight_s(v, a, px, py, x1, y1) + straight_s(v, a, x2, y2, qx, qy) - gap
        guess[2 * place] = weight * grown + own if grown < most_s else 1e18
        grown = straight_s(v, a, px, py, x2, y2) + straight_s(v, a, x1, y1, qx, qy) - gap
        guess[2 * place + 1] = weight * grown + own if grown < most_s else 1e18
        if place < n:
            px, py = tracks[place, 2], tracks[place, 3]
            if px == qx and py == qy and route < len(weights) - 1:
                route += 1
                weight = weights[route]
    least, best, where, backwards = 1e18, most_s, 0, False
    for _ in range(12):
        choice = int(np.argmin(guess))
        if guess[choice] >= least:
            break
        guess[choice] = 1e18
        place = choice // 2
        px, py = before(world, state, place)
        qx, qy = after(world, state, place)
        if choice % 2 == 0:
            grown = hop_s(world, px, py, x1, y1) + hop_s(world, x2, y2, qx, qy) - state.gap_s[place]
        else:
            grown = hop_s(world, px, py, x2, y2) + hop_s(world, x1, y1, qx, qy) - state.gap_s[place]
        cost = place_weight[place] * grown + (place_weight[place] - 1.0) * own_s
        if cost < least and grown < most_s:
            least, best, where, backwards = cost, grown, place, choice % 2 == 1
    return best, where, backwards


@compiled
def put_best(world: World, state: State, x1: float, y1: float, x2: float, y2: float, found_m2: float) -> bool:
    """Insert a track that sees `found_m2` of unseen ground where it costs least; not when that passes the cost limit."""
    missed = max(0.0, state.scalars[UNSEEN_M2] - found_m2 - state.scalars[ALLOWED_M2])
    if world.hops_see:  # They may yet see all of it.
        missed = 0.0
    spare = (
        state.scalars[COST_LIMIT]
        - state.scalars[SECONDS]
        - leg_s(world, math.hypot(x2 - x1, y2 - y1))
        - state.scalars[UNSEEN_PRICE] * missed
    )
    cost, place, backwards = insertion(world, state, x1, y1, x2, y2, spare)
    if cost >= spare:
        state.scalars[HOPELESS] = 1.0
        return False
    if backwards:
        put(world, state, place, x2, y2, x1, y1)
    else:
        put(world, state, place, x1, y1, x2, y2)
    return True


@compiled_inside
def fit(world: World, state: State, x: float, y: float, ux: float, uy: float) -> tuple[float, float, float, float, float]:
    """The shortest stretch through free space round the point that sees all the unseen ground that the whole would; its gain first."""
    low, high = free_stretch(world, x, y, ux, uy)
    if high - low < 1e-3:
        return 0.0, 0.0, 0.0, 0.0, 0.0
    x1, y1 = x + low * ux, y + low * uy
    found, start, end = unseen_span(world, state.seen, x1, y1, x + high * ux, y + high * uy)
    if found == 0.0 or end - start < 1e-3:
        return 0.0, 0.0, 0.0, 0.0, 0.0
    snap = 0.6 * world.cell_m
    if start < snap:
        start = 0.0
    if end > high - low - snap:
        end = high - low
    return found, x1 + start * ux, y1 + start * uy, x1 + end * ux, y1 + end * uy
