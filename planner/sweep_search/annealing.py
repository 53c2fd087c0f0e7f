"""Simulated annealing of tracks and tour together (Kirkpatrick, Gelatt and Vecchi 1983)."""

from __future__ import annotations

import math

import numpy as np

from planner.sweep_search.compiled import compiled, compiled_inside
from planner.sweep_search.kernel import Floats, World
from planner.sweep_search.state import (
    ALLOWED_M2,
    COST_LIMIT,
    HOPELESS,
    TRACKS,
    UNSEEN_PRICE,
    State,
    cost_of,
    is_break,
    keep,
    lift,
    list_unseen,
    undo,
)
from planner.sweep_search.tour_moves import move_chain, relocate, shift_break, turn_round
from planner.sweep_search.track_moves import add_at_unseen, move_end, replace, slide, stretch, unit


@compiled_inside
def _propose(world: World, state: State) -> None:
    n = state.counts[TRACKS]
    roll = np.random.random()
    if n == 0:
        add_at_unseen(world, state, 1.0, 0.0)
        return
    index = int(np.random.random() * n)
    if is_break(state, index):
        shift_break(world, state, index)
        return
    if roll < 0.24:
        slide(world, state, index, False)
    elif roll < 0.34:
        slide(world, state, index, True)
    elif roll < 0.44:
        move_end(world, state, index)
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


@compiled
def anneal(
    world: World, state: State, moves: int, hot_s: float, cold_s: float, price: float, dear: float, allowed_m2: float, seed: int,
    best: Floats,
) -> tuple[int, float]:  # fmt: skip
    """Change the state `moves` times while the temperature falls from `hot_s` to `cold_s` and the price of a missed square metre
    rises from `price` to `dear`. The cheapest route at the dear price is copied to `best` (capacity, 4); gives its length and cost.
    """
    np.random.seed(seed)
    keep(state)
    best_n = state.counts[TRACKS]
    best[:best_n] = state.tracks[:best_n]
    best_cost = cost_of(world, state, dear, allowed_m2)
    capacity = state.tracks.shape[0]
    state.scalars[ALLOWED_M2] = allowed_m2
    for move in range(moves):
        share = move / moves
        now_price = price * (dear / price) ** share
        if move % 256 == 0:
            list_unseen(world, state)
        temperature = hot_s * (cold_s / hot_s) ** share
        old = cost_of(world, state, now_price, allowed_m2)
        state.scalars[COST_LIMIT] = old - temperature * math.log(1.0 - np.random.random())
        state.scalars[UNSEEN_PRICE] = now_price
        state.scalars[HOPELESS] = 0.0
        _propose(world, state)
        if (
            state.scalars[HOPELESS] > 0.0
            or state.counts[TRACKS] > capacity - 8
            or cost_of(world, state, now_price, allowed_m2) > state.scalars[COST_LIMIT]
        ):  # fmt: skip
            undo(world, state)
            continue
        keep(state)
        found = cost_of(world, state, dear, allowed_m2)
        if found < best_cost - 1e-9:
            best_cost = found
            best_n = state.counts[TRACKS]
            best[:best_n] = state.tracks[:best_n]
    state.scalars[COST_LIMIT] = np.inf
    return best_n, best_cost
