"""Simulated annealing of tracks and tour together (Kirkpatrick, Gelatt and Vecchi 1983)."""

from __future__ import annotations

import math

import numpy as np

from planner.sweep_search.compiled import compiled, compiled_into
from planner.sweep_search.kernel import Floats, World
from planner.sweep_search.route_moves import break_inside, shift_break, shift_joint, swap_chains, swap_tails
from planner.sweep_search.state import (
    ALLOWED_M2,
    COST_LIMIT,
    EVENNESS,
    HOPELESS,
    POWER,
    ROUTES,
    SECONDS,
    TRACKS,
    UNSEEN_PRICE,
    State,
    copy_rows,
    cost_of,
    is_break,
    keep,
    lift,
    list_unseen,
    settle,
    undo,
)
from planner.sweep_search.tour_moves import move_chain, relocate, turn_round
from planner.sweep_search.track_moves import add_at_unseen, move_end, replace, shift_hop, slide, stretch, swing, unit

#: How many of the moves are such that only several routes know, and how much surer than the last proposal the best kept is.
_BETWEEN_ROUTES = 0.15
_BETWEEN_ORDERS = 0.25
_BEST_POWER = 4.0


@compiled_into
def _propose_between(world: World, state: State) -> None:
    roll = np.random.random()
    if roll < 0.35:
        swap_tails(world, state)
        return
    if roll < 0.7:
        swap_chains(world, state)
        return
    chosen = 1 + int(np.random.random() * (state.counts[ROUTES] - 1))
    index = -1
    while chosen > 0 and index < state.counts[TRACKS] - 1:
        index += 1
        chosen -= is_break(state, index)
    if roll < 0.85:
        _move_break(world, state, index)
    else:
        break_inside(world, state, index)


@compiled_into
def _move_break(world: World, state: State, index: int) -> None:
    if np.random.random() < 0.3 or not shift_joint(world, state, index):
        shift_break(world, state, index)


@compiled_into
def _move_ends(world: World, state: State, index: int) -> None:
    """One end alone; where hops see, also sideways, or both ends of a hop."""
    roll = np.random.random() if world.hops_see else 0.0
    if roll < 0.3:
        move_end(world, state, index)
    elif roll < 0.6:
        swing(world, state, index)
    else:
        shift_hop(world, state, index)


@compiled_into
def _propose(world: World, state: State) -> None:
    n = state.counts[TRACKS]
    roll = np.random.random()
    if n == 0:
        add_at_unseen(world, state, 1.0, 0.0)
        return
    if state.counts[ROUTES] > 1 and np.random.random() < _BETWEEN_ROUTES:
        _propose_between(world, state)
        return
    index = int(np.random.random() * n)
    if is_break(state, index):
        _move_break(world, state, index)
        return
    if roll < 0.24:
        slide(world, state, index, False)
    elif roll < 0.34:
        slide(world, state, index, True)
    elif roll < 0.44:
        _move_ends(world, state, index)
    elif roll < 0.46:
        lift(world, state, index)
    elif roll < 0.52:
        ux, uy, _ = unit(state, index)
        add_at_unseen(world, state, ux, uy)
    elif roll < 0.64:
        replace(world, state, index)
    elif roll < 0.70:
        stretch(world, state, index)
    elif roll < 0.74:
        relocate(world, state, index)
    elif roll < 0.84:
        move_chain(world, state)
    else:
        turn_round(world, state)


@compiled_into
def _propose_order(world: World, state: State) -> None:
    """Of the moves those that change nothing on the raster: they are cheap, so that a hot search of many finds another order."""
    roll = np.random.random()
    index = int(np.random.random() * state.counts[TRACKS])
    if state.counts[ROUTES] > 1 and roll < _BETWEEN_ORDERS:
        _propose_between(world, state)
    elif is_break(state, index):
        _move_break(world, state, index)
    elif roll < 0.5:
        turn_round(world, state)
    elif roll < 0.75:
        move_chain(world, state)
    else:
        relocate(world, state, index)


@compiled
def anneal(
    world: World, state: State, moves: int, hot_s: float, cold_s: float, price: float, dear: float, allowed_m2: float, seed: int,
    best: Floats, order_only: bool,
) -> tuple[int, float]:  # fmt: skip
    """Change the state `moves` times while the temperature falls from `hot_s` to `cold_s` and the price of a missed square metre
    rises from `price` to `dear`. Where routes are to be even, they may differ less and less: by some seconds for each of temperature.
    With `order_only` the tracks stay, but for where routes divide one. The cheapest route at the dear price is copied to `best`
    (capacity, 4); gives its length and cost.
    """
    np.random.seed(seed)
    settle(world, state)
    keep(state)
    even_s = state.scalars[EVENNESS] * state.scalars[SECONDS] / state.counts[ROUTES]
    best_power = max(1.0, _BEST_POWER * even_s / cold_s)
    state.scalars[POWER] = best_power
    best_n = state.counts[TRACKS]
    copy_rows(state.tracks, best, best_n)
    best_cost = cost_of(world, state, dear, allowed_m2)
    capacity = state.tracks.shape[0]
    state.scalars[ALLOWED_M2] = allowed_m2
    for move in range(moves):
        share = move / moves
        now_price = price * (dear / price) ** share
        if move % 256 == 0:
            list_unseen(world, state)
        temperature = hot_s * (cold_s / hot_s) ** share
        state.scalars[POWER] = max(1.0, even_s / temperature)
        old = cost_of(world, state, now_price, allowed_m2)
        state.scalars[COST_LIMIT] = old - temperature * math.log(1.0 - np.random.random())
        state.scalars[UNSEEN_PRICE] = now_price
        state.scalars[HOPELESS] = 0.0
        if order_only:
            _propose_order(world, state)
        else:
            _propose(world, state)
        if state.scalars[HOPELESS] == 0.0:
            settle(world, state)
        if (
            state.scalars[HOPELESS] > 0.0
            or state.counts[TRACKS] > capacity - 8
            or cost_of(world, state, now_price, allowed_m2) > state.scalars[COST_LIMIT]
        ):  # fmt: skip
            undo(world, state)
            continue
        keep(state)
        state.scalars[POWER] = best_power
        found = cost_of(world, state, dear, allowed_m2)
        if found < best_cost - 1e-9:
            best_cost = found
            best_n = state.counts[TRACKS]
            copy_rows(state.tracks, best, best_n)
    state.scalars[COST_LIMIT] = np.inf
    return best_n, best_cost
