"""Moves between several routes of one depot: where each ends and the next begins, and what they hand each other."""

from __future__ import annotations

import math

import numpy as np

from planner.sweep_search.compiled import compiled, compiled_inside, compiled_inside_with_arrays
from planner.sweep_search.kernel import World, blocking_ring, straight_s
from planner.sweep_search.state import SECONDS, TRACKS, State, after, before, close_gap, is_break, leave_gap, lift, put, row, too_dear
from planner.sweep_search.tour_moves import reverse


@compiled_inside
def shift_break(world: World, state: State, index: int) -> None:
    """Let the drone come home a few tracks earlier or later."""
    n = state.counts[TRACKS]
    target = index + int(np.random.normal(0.0, 4.0))
    if not 0 <= target < n or target == index:
        return
    lift(world, state, index)
    v, a = world.speed_mps, world.acceleration_mps2
    bx, by = before(world, state, target)
    ax, ay = after(world, state, target)
    east, north = world.depot_east, world.depot_north
    least = straight_s(v, a, bx, by, east, north) + straight_s(v, a, east, north, ax, ay)
    if not too_dear(state, least - state.gap_s[target]):
        put(world, state, target, east, north, east, north)


@compiled_inside
def shift_joint(world: World, state: State, index: int) -> bool:
    """Where two routes divide a track at the break `index`, give some of one's part to the other; False where they don't."""
    if not _joined(world, state, index - 1, index + 1):
        return False
    one, two = row(state.tracks, index - 1), row(state.tracks, index + 1)
    one_m, two_m = math.hypot(one[2] - one[0], one[3] - one[1]), math.hypot(two[2] - two[0], two[3] - two[1])
    spare = world.half_swath_m
    shift = np.random.normal(0.0, 4.0) * world.half_swath_m
    if not spare - one_m < shift < two_m - spare:
        return True
    lift(world, state, index + 1)
    lift(world, state, index - 1)
    x, y = one[2] + shift * (one[2] - one[0]) / one_m, one[3] + shift * (one[3] - one[1]) / one_m
    put(world, state, index - 1, one[0], one[1], x, y)
    x, y = two[0] + shift * (two[2] - two[0]) / two_m, two[1] + shift * (two[3] - two[1]) / two_m
    put(world, state, index + 1, x, y, two[2], two[3])
    return True


@compiled_inside
def _joined(world: World, state: State, one: int, two: int) -> bool:
    """Whether the second track goes on where the first ends, so that both could be flown as one."""
    if one < 0 or two >= state.counts[TRACKS] or is_break(state, one) or is_break(state, two):
        return False
    x1, y1, mx, my = state.tracks[one, 0], state.tracks[one, 1], state.tracks[one, 2], state.tracks[one, 3]
    nx, ny, x2, y2 = state.tracks[two, 0], state.tracks[two, 1], state.tracks[two, 2], state.tracks[two, 3]
    dx, dy = x2 - x1, y2 - y1
    length = math.hypot(dx, dy)
    near = 0.2 * world.half_swath_m
    if math.hypot(nx - mx, ny - my) > 2 * near or length < 4 * world.half_swath_m:
        return False
    if abs(dx * (my - y1) - dy * (mx - x1)) > near * length or abs(dx * (ny - y1) - dy * (nx - x1)) > near * length:
        return False
    onwards = dx * (mx - x1) + dy * (my - y1) > 0.0 and dx * (x2 - nx) + dy * (y2 - ny) > 0.0
    return onwards and blocking_ring(world, x1, y1, x2, y2, 0) < 0


@compiled_inside
def break_inside(world: World, state: State, index: int) -> None:
    """Instead of where the entry `index` does, come home in the middle of a track flown at about that time that passes by close."""
    track = _passing_near(world, state, index)
    if track < 0:
        return
    lift(world, state, index)
    track -= track > index
    track -= _rejoin(world, state, index, track)
    x1, y1, x2, y2 = state.tracks[track, 0], state.tracks[track, 1], state.tracks[track, 2], state.tracks[track, 3]
    share = nearest_share(world, x1, y1, x2, y2)
    if share == 0.0:
        put(world, state, track, world.depot_east, world.depot_north, world.depot_east, world.depot_north)
        return
    spare = world.half_swath_m / math.hypot(x2 - x1, y2 - y1)
    share = min(1.0 - spare, max(spare, share + 4.0 * spare * np.random.normal(0.0, 1.0)))
    x, y = x1 + share * (x2 - x1), y1 + share * (y2 - y1)
    lift(world, state, track)
    put(world, state, track, x, y, x2, y2)
    put(world, state, track, world.depot_east, world.depot_north, world.depot_east, world.depot_north)
    put(world, state, track, x1, y1, x, y)


@compiled
def nearest_share(world: World, x1: float, y1: float, x2: float, y2: float) -> float:
    """How far along the track, 0 to 1, it is closest to the depot; 0 where that is within half a swath of an end."""
    dx, dy = x2 - x1, y2 - y1
    length = math.hypot(dx, dy)
    if length < 2 * world.half_swath_m:
        return 0.0
    along = ((world.depot_east - x1) * dx + (world.depot_north - y1) * dy) / length
    return along / length if world.half_swath_m < along < length - world.half_swath_m else 0.0


@compiled_inside
def _passing_near(world: World, state: State, index: int) -> int:
    """A track that passes close by the depot not long before or after; somewhat at random, -1 for none."""
    best, found = np.inf, -1
    for other in range(max(0, index - 12), min(state.counts[TRACKS], index + 13)):
        x1, y1, x2, y2 = state.tracks[other, 0], state.tracks[other, 1], state.tracks[other, 2], state.tracks[other, 3]
        share = nearest_share(world, x1, y1, x2, y2)
        if share > 0.0:
            off = math.hypot(x1 + share * (x2 - x1) - world.depot_east, y1 + share * (y2 - y1) - world.depot_north)
            off = (off + world.half_swath_m) * (1.0 + abs(other - index) / 6.0) * (0.2 + np.random.random())
            if off < best:
                best, found = off, other
    return found


@compiled_inside
def _rejoin(world: World, state: State, place: int, track: int) -> int:
    """Make one of the tracks before and after `place` when they are the parts of one; 1 when `track` comes one earlier by that."""
    if not _joined(world, state, place - 1, place):
        return 0
    x1, y1, x2, y2 = state.tracks[place - 1, 0], state.tracks[place - 1, 1], state.tracks[place, 2], state.tracks[place, 3]
    lift(world, state, place)
    lift(world, state, place - 1)
    put(world, state, place - 1, x1, y1, x2, y2)
    return 1 if track >= place else 0


@compiled_inside
def swap_tails(world: World, state: State) -> None:
    """Let two routes go on, from somewhere on, as the other did (2-opt*, Potvin and Rousseau 1995)."""
    low = int(np.random.random() * state.counts[TRACKS])
    x, y = before(world, state, low)
    high = _begins_near(state, low, x, y)
    if high >= 0:
        low, high = min(low, high), max(low, high)
        _exchange(world, state, low, _end_of_route(state, low), high, _end_of_route(state, high))


@compiled_inside
def swap_chains(world: World, state: State) -> None:
    """Let two routes change one to three tracks each for the other's (CROSS-exchange, Taillard and others 1997)."""
    low = int(np.random.random() * state.counts[TRACKS])
    high = _begins_near(state, low, state.tracks[low, 0], state.tracks[low, 1])
    if high < 0:
        return
    low, high = min(low, high), max(low, high)
    low_end = min(low + 1 + int(3 * np.random.random()), _end_of_route(state, low))
    high_end = min(high + 1 + int(3 * np.random.random()), _end_of_route(state, high))
    turn_low = _better_reversed(world, state, low, low_end, high, high_end)
    turn_high = _better_reversed(world, state, high, high_end, low, low_end)
    _leave_gaps(world, state, low, low_end, high, high_end)
    if turn_low:
        reverse(state, low, low_end - 1)
    if turn_high:
        reverse(state, high, high_end - 1)
    _exchange(world, state, low, low_end, high, high_end)


@compiled_inside
def _begins_near(state: State, place: int, x: float, y: float) -> int:
    """An entry of another route than that of `place` that begins near the point; somewhat at random, -1 for none."""
    own, route = 0, 0
    for index in range(place):
        own += is_break(state, index)
    best, found = np.inf, -1
    for other in range(state.counts[TRACKS]):
        if route != own:
            off = math.hypot(state.tracks[other, 0] - x, state.tracks[other, 1] - y) * (0.5 + np.random.random())
            if off < best:
                best, found = off, other
        route += is_break(state, other)
    return found


@compiled_inside
def _better_reversed(world: World, state: State, first: int, end: int, place: int, place_end: int) -> bool:
    """Whether the chain fits better between what is before `place` and after `place_end` when it is flown backwards."""
    if first == end:
        return False
    v, a = world.speed_mps, world.acceleration_mps2
    px, py = before(world, state, place)
    qx, qy = after(world, state, place_end)
    x1, y1 = state.tracks[first, 0], state.tracks[first, 1]
    x2, y2 = state.tracks[end - 1, 2], state.tracks[end - 1, 3]
    onwards = straight_s(v, a, px, py, x1, y1) + straight_s(v, a, x2, y2, qx, qy)
    return straight_s(v, a, px, py, x2, y2) + straight_s(v, a, x1, y1, qx, qy) < onwards


@compiled_inside
def _end_of_route(state: State, index: int) -> int:
    """The next break, the entry itself included, or the end."""
    while index < state.counts[TRACKS] and not is_break(state, index):
        index += 1
    return index


@compiled_inside
def _leave_gaps(world: World, state: State, low: int, low_end: int, high: int, high_end: int) -> None:
    leave_gap(world, state, low)
    leave_gap(world, state, low_end)
    leave_gap(world, state, high)
    leave_gap(world, state, high_end)


@compiled_inside_with_arrays
def _exchange(world: World, state: State, low: int, low_end: int, high: int, high_end: int) -> None:
    """Let the entries from `low` to before `low_end` and those from `high` to before `high_end` change places."""
    _leave_gaps(world, state, low, low_end, high, high_end)
    tracks, gaps = state.tracks[low:high_end].copy(), state.gap_s[low : high_end + 1].copy()
    later, between = high_end - high, high - low_end
    starts = (high - low, low_end - low, 0)
    sizes = (later, between, low_end - low)
    place = low
    for block in range(3):
        for index in range(starts[block], starts[block] + sizes[block]):
            for column in range(4):
                state.tracks[place, column] = tracks[index, column]
            state.gap_s[place] = gaps[index]
            place += 1
    seams = (low, low + later, low + later + between, high_end)
    v, a = world.speed_mps, world.acceleration_mps2
    for seam in seams:  # What it takes at least first: ways round obstacles are dear to find.
        bx, by = before(world, state, seam)
        ax, ay = after(world, state, seam)
        state.gap_s[seam] = straight_s(v, a, bx, by, ax, ay)
    if too_dear(state, state.gap_s[low : high_end + 1].sum() - gaps.sum()):
        return
    state.gap_settled[low : high_end + 1] = True
    for seam in seams:
        close_gap(world, state, seam)
    state.scalars[SECONDS] += state.gap_s[low : high_end + 1].sum() - gaps.sum()
