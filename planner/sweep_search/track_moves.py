"""Moves that change what is flown: tracks are slid, turned, trimmed, added, replaced and joined."""

from __future__ import annotations

import math

import numpy as np

from planner.sweep_search.compiled import compiled_inside, compiled_inside_with_arrays
from planner.sweep_search.kernel import Floats, World, blocking_ring, free_stretch, leg_s, unseen_span
from planner.sweep_search.places import fit, put_best
from planner.sweep_search.state import HOPELESS, TRACKS, UNSEEN_CELLS, UNSEEN_PRICE, State, is_break, lift, put, row


@compiled_inside
def _quantised(world: World, metres: float) -> float:
    step = world.half_swath_m / 6
    return round(metres / step) * step


@compiled_inside
def unit(state: State, index: int) -> tuple[float, float, float]:
    track = state.tracks[index]
    dx, dy = track[2] - track[0], track[3] - track[1]
    length = math.hypot(dx, dy)
    if length < 1e-9:
        return 1.0, 0.0, 0.0
    return dx / length, dy / length, length


@compiled_inside
def _beside(world: World, state: State, x: float, y: float, ux: float, uy: float) -> tuple[float, float, float, float]:
    """A line near the point that lies just a swath beside some track, parallel to it; the given one when there is none."""
    swath = 2 * world.half_swath_m
    picked, side, count = -1, 0.0, 0
    tracks = state.tracks
    for other in range(state.counts[TRACKS]):
        x1, y1 = tracks[other, 0], tracks[other, 1]
        dx, dy = tracks[other, 2] - x1, tracks[other, 3] - y1
        length = math.hypot(dx, dy)
        if length < swath or abs(dx * ux + dy * uy) < 0.9 * length:
            continue
        along, across = (dx * (x - x1) + dy * (y - y1)) / length, (dx * (y - y1) - dy * (x - x1)) / length
        if -0.5 * swath < along < length + 0.5 * swath and 0.4 * swath < abs(across) < 1.6 * swath:
            count += 1
            if np.random.random() * count < 1.0:
                picked, side = other, swath - 1e-6 if across > 0.0 else 1e-6 - swath
    if picked < 0:
        return x, y, ux, uy
    x1, y1 = state.tracks[picked, 0], state.tracks[picked, 1]
    dx, dy = state.tracks[picked, 2] - x1, state.tracks[picked, 3] - y1
    length = math.hypot(dx, dy)
    vx, vy = dx / length, dy / length
    along = vx * (x - x1) + vy * (y - y1)
    return x1 + along * vx - side * vy, y1 + along * vy + side * vx, vx, vy


@compiled_inside
def slide(world: World, state: State, index: int, lean: bool) -> None:
    """Shift a track sideways, now and then turn it a little; what remains to be seen decides its ends."""
    ux, uy, length = unit(state, index)
    track = row(state.tracks, index)
    lift(world, state, index)
    share = np.random.random()
    x, y = track[0] + share * length * ux, track[1] + share * length * uy
    swath = 2 * world.half_swath_m
    if not lean and np.random.random() < 0.4:
        x, y, ux, uy = _beside(world, state, x, y, ux, uy)
    else:
        shift = _quantised(world, np.random.normal(0.0, 0.3) * swath)
        x, y = x - shift * uy, y + shift * ux
    if lean:
        turn = np.random.normal(0.0, 0.5) * swath / max(length, swath)
        c, s = math.cos(turn), math.sin(turn)
        ux, uy = c * ux - s * uy, s * ux + c * uy
    found, x1, y1, x2, y2 = fit(world, state, x, y, ux, uy)
    if found > 0.0:
        put_best(world, state, x1, y1, x2, y2, found)


@compiled_inside
def move_end(world: World, state: State, index: int) -> None:
    """Lengthen or shorten one end."""
    ux, uy, length = unit(state, index)
    x1, y1, x2, y2 = row(state.tracks, index)
    change = np.random.exponential(1.0) * world.half_swath_m
    if np.random.random() < 0.5:
        change = -change
    if change <= -length + world.cell_m:
        return
    old = length
    if np.random.random() < 0.5:
        _, high = free_stretch(world, x1 + 0.5 * length * ux, y1 + 0.5 * length * uy, ux, uy)
        end = min(high, 0.5 * length + change)
        x2, y2 = x1 + (0.5 * length + end) * ux, y1 + (0.5 * length + end) * uy
    else:
        low, _ = free_stretch(world, x1 + 0.5 * length * ux, y1 + 0.5 * length * uy, ux, uy)
        start = max(low, -0.5 * length - change)
        x1, y1 = x1 + (0.5 * length + start) * ux, y1 + (0.5 * length + start) * uy
    if abs(math.hypot(x2 - x1, y2 - y1) - old) < 1e-3:
        return
    lift(world, state, index)
    put(world, state, index, x1, y1, x2, y2)


@compiled_inside
def swing(world: World, state: State, index: int) -> None:
    """Move one end anywhere near, the other stays."""
    x1, y1, x2, y2 = row(state.tracks, index)
    moves_first = np.random.random() < 0.5
    dx, dy = np.random.normal(0.0, 0.5) * world.half_swath_m, np.random.normal(0.0, 0.5) * world.half_swath_m
    if moves_first:
        x1, y1 = x1 + dx, y1 + dy
    else:
        x2, y2 = x2 + dx, y2 + dy
    if blocking_ring(world, x1, y1, x2, y2, 0) < 0:
        lift(world, state, index)
        put(world, state, index, x1, y1, x2, y2)


@compiled_inside
def shift_hop(world: World, state: State, index: int) -> None:
    """Lengthen or shorten both tracks that a hop joins, at the hop."""
    if index + 1 >= state.counts[TRACKS] or is_break(state, index + 1):
        return
    change = np.random.exponential(1.0) * world.half_swath_m
    if np.random.random() < 0.5:
        change = -change
    one, two = row(state.tracks, index), row(state.tracks, index + 1)
    ux, uy, first_m = unit(state, index)
    vx, vy, second_m = unit(state, index + 1)
    if change <= -min(first_m, second_m) + world.cell_m:
        return
    _, high = free_stretch(world, one[0] + 0.5 * first_m * ux, one[1] + 0.5 * first_m * uy, ux, uy)
    low, _ = free_stretch(world, two[0] + 0.5 * second_m * vx, two[1] + 0.5 * second_m * vy, vx, vy)
    first_m, second_m = min(high + 0.5 * first_m, first_m + change), max(low - 0.5 * second_m, -second_m - change)
    lift(world, state, index)
    lift(world, state, index)
    put(world, state, index, one[0], one[1], one[0] + first_m * ux, one[1] + first_m * uy)
    put(world, state, index + 1, two[2] + second_m * vx, two[3] + second_m * vy, two[2], two[3])


@compiled_inside
def add_at_unseen(world: World, state: State, ux: float, uy: float) -> bool:
    """A track through a random unseen place; along (ux, uy), across it, or along an obstacle's edge close by."""
    columns = world.weight.shape[1]
    for _ in range(8):
        if state.counts[UNSEEN_CELLS] == 0:
            return False
        choice = int(np.random.random() * state.counts[UNSEEN_CELLS])
        row, column = state.unseen[choice] // columns, state.unseen[choice] % columns
        if state.seen[row, column] == 0:
            x, y = _sample(world, row, column)
            return _add_at(world, state, x, y, ux, uy)
    return False


@compiled_inside
def _sample(world: World, row: int, column: int) -> tuple[float, float]:
    x = world.west + (column + world.shift_east[row]) * world.cell_m
    return x, world.south + (row + world.shift_north[column]) * world.cell_m


@compiled_inside
def _add_in(world: World, state: State, track: Floats) -> bool:
    """A track through a random unseen place of another's swath; along it, across, or along an obstacle's edge close by."""
    dx, dy = track[2] - track[0], track[3] - track[1]
    length = math.hypot(dx, dy)
    if length < 1e-9:
        return False
    ux, uy = dx / length, dy / length
    rows, columns = world.weight.shape
    for _ in range(24):
        along, across = np.random.random() * length, (2 * np.random.random() - 1) * world.half_swath_m
        x, y = track[0] + along * ux - across * uy, track[1] + along * uy + across * ux
        row, column = int((y - world.south) / world.cell_m), int((x - world.west) / world.cell_m)
        if 0 <= row < rows and 0 <= column < columns and state.seen[row, column] == 0 and world.weight[row, column] > 0.0:
            x, y = _sample(world, row, column)
            return _add_at(world, state, x, y, ux, uy)
    return False


@compiled_inside
def _add_at(world: World, state: State, x: float, y: float, ux: float, uy: float) -> bool:
    roll = np.random.random()
    if roll < 0.2:
        ux, uy = -uy, ux
    elif roll < 0.45:
        edge = world.edges[_near_edge(world, x, y)]
        length = math.hypot(edge[2] - edge[0], edge[3] - edge[1])
        ux, uy = (edge[2] - edge[0]) / length, (edge[3] - edge[1]) / length
    best, most, bx1, by1, bx2, by2 = 1e18, 0.0, 0.0, 0.0, 0.0, 0.0
    for attempt in range(3):
        shift = _quantised(world, (2 * np.random.random() - 1) * (world.half_swath_m - world.cell_m / 2))
        px, py, vx, vy = x - shift * uy, y + shift * ux, ux, uy
        if attempt == 0:
            px, py, vx, vy = _beside(world, state, x, y, ux, uy)
        found, x1, y1, x2, y2 = fit(world, state, px, py, vx, vy)
        if found <= 0.0:
            continue
        worth = (leg_s(world, math.hypot(x2 - x1, y2 - y1)) + world.half_swath_m * 2) / found
        if worth < best:
            best, most, bx1, by1, bx2, by2 = worth, found, x1, y1, x2, y2
    if best > 1e17:
        return False
    return put_best(world, state, bx1, by1, bx2, by2, most)


@compiled_inside
def _near_edge(world: World, x: float, y: float) -> int:
    best, found = 1e18, 0
    edges = world.edges
    for index in range(edges.shape[0]):
        ax, ay = edges[index, 0], edges[index, 1]
        dx, dy = edges[index, 2] - ax, edges[index, 3] - ay
        share = ((x - ax) * dx + (y - ay) * dy) / max(1e-12, dx * dx + dy * dy)
        share = min(1.0, max(0.0, share))
        off = math.hypot(ax + share * dx - x, ay + share * dy - y) * (0.7 + 0.6 * np.random.random())
        if off < best:
            best, found = off, index
    return found


@compiled_inside
def _neighbour(world: World, state: State, index: int) -> int:
    """Another track whose swath comes close; random among those, -1 for none."""
    ux, uy, length = unit(state, index)
    track = state.tracks[index]
    reach = 2.2 * world.half_swath_m
    picked, seen = -1, 0
    tracks = state.tracks
    for other in range(state.counts[TRACKS]):
        x1, y1, x2, y2 = tracks[other, 0], tracks[other, 1], tracks[other, 2], tracks[other, 3]
        if other == index or (x1 == x2 and y1 == y2):
            continue
        for end in range(3):
            x = 0.5 * end * x1 + (1 - 0.5 * end) * x2 - track[0]
            y = 0.5 * end * y1 + (1 - 0.5 * end) * y2 - track[1]
            along, across = ux * x + uy * y, ux * y - uy * x
            if abs(across) < reach and -reach < along < length + reach:
                seen += 1
                if np.random.random() * seen < 1.0:
                    picked = other
                break
    return picked


@compiled_inside_with_arrays
def replace(world: World, state: State, index: int) -> None:
    """Take out one to three tracks that lie together and see their ground another way, with as many or fewer."""
    taken = 1 + int(3 * np.random.random())
    gone = np.empty((taken, 4))
    count = 0
    for _ in range(taken - 1):
        other = _neighbour(world, state, index)
        if other < 0:
            break
        gone[count] = state.tracks[other]
        count += 1
        lift(world, state, other)
        if other < index:
            index -= 1
    gone[count] = state.tracks[index]
    count += 1
    lift(world, state, index)
    most = count if np.random.random() < 0.75 else count + 1
    price = state.scalars[UNSEEN_PRICE]
    for turn in range(most):
        # What later tracks will see must not count against an earlier one.
        state.scalars[UNSEEN_PRICE] = price if turn == most - 1 else 0.0
        _add_in(world, state, gone[int(np.random.random() * count)])
        if state.scalars[HOPELESS] > 0.0:
            break
    state.scalars[UNSEEN_PRICE] = price


@compiled_inside
def stretch(world: World, state: State, index: int) -> None:
    """Lengthen a track as far as it goes, and let the tracks it now overlaps shrink or go."""
    ux, uy, length = unit(state, index)
    track = row(state.tracks, index)
    x, y = track[0] + 0.5 * length * ux, track[1] + 0.5 * length * uy
    low, high = free_stretch(world, x, y, ux, uy)
    if np.random.random() < 0.5:
        if np.random.random() < 0.5:
            low = max(low, -0.5 * length)
        else:
            high = min(high, 0.5 * length)
    if high - low < length + 0.01:
        return
    lift(world, state, index)
    put(world, state, index, x + low * ux, y + low * uy, x + high * ux, y + high * uy)
    _retrim_near(world, state, index)


@compiled_inside
def _retrim_near(world: World, state: State, index: int) -> None:
    """Trim what lies beside the track to what only it sees; drop what sees nearly nothing."""
    track = row(state.tracks, index)
    ux, uy, length = unit(state, index)
    reach = 2.0 * world.half_swath_m
    other = 0
    changed = 0
    while other < state.counts[TRACKS] and changed < 6:
        rival = row(state.tracks, other)
        mx, my = 0.5 * (rival[0] + rival[2]) - track[0], 0.5 * (rival[1] + rival[3]) - track[1]
        along, across = ux * mx + uy * my, abs(ux * my - uy * mx)
        if (
            is_break(state, other)
            or across > reach
            or along < -reach
            or along > length + reach
            or (across < 1e-6 and abs(along - length / 2) < 1e-6)
        ):
            other += 1
            continue
        changed += 1
        lift(world, state, other)
        found, start, end = unseen_span(world, state.seen, rival[0], rival[1], rival[2], rival[3])
        vx, vy = rival[2] - rival[0], rival[3] - rival[1]
        whole = math.hypot(vx, vy)
        if found > 0.15 * world.half_swath_m**2 and whole > 1e-9:
            start, end = max(0.0, start) / whole, min(whole, end) / whole
            put(world, state, other, rival[0] + start * vx, rival[1] + start * vy, rival[0] + end * vx, rival[1] + end * vy)
            other += 1
