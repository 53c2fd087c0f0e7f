"""Compiled geometry of the sweep search: hops between points round obstacles, free stretches of a line, swaths on a raster.

Everything here is called some hundred thousand times a second, hence plain loops over arrays (compiled by numba) in local metres.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from planner.sweep_search.compiled import compiled, compiled_fast, compiled_inside, compiled_inside_with_arrays

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_FAR = 1e18

NOWHERE = 1e30
"""East of a depot that there is not: a route may begin and end anywhere, and hops from and to it take no time."""


class World(NamedTuple):
    """What does not change during a search; local metres and seconds.

    `edges` (E, 4) are the sides of all rings that may not be crossed, ring by ring from `ring_start` (R + 1), in `ring_box` (R, 4:
    west, south, east, north); `corners` (V, 2) are where a detour may bend, ring by ring from `corner_start` (R + 1), `corner_s`
    (V, V) the seconds between them. The raster's cell (row, column) holds `weight` square metres of ground and is
    seen when its sample point is; samples are shifted by `shift_east` (rows) and `shift_north` (columns) parts of a cell, so that a
    gap along an axis can't hide between them. `speed_mps` and `acceleration_mps2` give a leg's time, stopping at both ends.
    `known_ends` (M, 4) and `known_s` (M) remember detours between points found before. `hops_see`: straight hops see a swath, too.
    """

    edges: Floats
    ring_start: Ints
    ring_box: Floats
    corners: Floats
    corner_start: Ints
    corner_s: Floats
    weight: NDArray[np.float32]
    shift_east: Floats
    shift_north: Floats
    west: float
    south: float
    cell_m: float
    half_swath_m: float
    speed_mps: float
    acceleration_mps2: float
    depot_east: float
    depot_north: float
    known_ends: Floats
    known_s: Floats
    hops_see: bool


@compiled_fast
def ramp_s(speed_mps: float, acceleration_mps2: float, length_m: float) -> float:
    """A straight leg from stop to stop. (Numbers instead of a World: passing that costs more than the sum itself.)"""
    if length_m * acceleration_mps2 >= speed_mps * speed_mps:
        return length_m / speed_mps + speed_mps / acceleration_mps2
    return 2.0 * math.sqrt(length_m / acceleration_mps2)


@compiled
def leg_s(world: World, length_m: float) -> float:
    """A straight leg from stop to stop."""
    return ramp_s(world.speed_mps, world.acceleration_mps2, length_m)


@compiled
def straight_s(v: float, a: float, x1: float, y1: float, x2: float, y2: float) -> float:
    """The least that a hop can take at speed `v` and acceleration `a`: obstacles left aside."""
    if abs(x1) >= NOWHERE or abs(x2) >= NOWHERE:
        return 0.0
    return ramp_s(v, a, math.sqrt((x2 - x1) ** 2 + (y2 - y1) ** 2))


@compiled
def blocking_ring(world: World, x1: float, y1: float, x2: float, y2: float, first: int) -> int:
    """The first ring from `first` on that the segment crosses; -1 for none."""
    west, east = min(x1, x2), max(x1, x2)
    south, north = min(y1, y2), max(y1, y2)
    dx, dy = x2 - x1, y2 - y1
    ring_box, ring_start, edges = world.ring_box, world.ring_start, world.edges
    for ring in range(first, ring_start.shape[0] - 1):
        if (
            ring_box[ring, 0] > east or ring_box[ring, 2] < west
            or ring_box[ring, 1] > north or ring_box[ring, 3] < south
        ):  # fmt: skip
            continue
        for index in range(ring_start[ring], ring_start[ring + 1]):
            ax, ay, bx, by = edges[index, 0], edges[index, 1], edges[index, 2], edges[index, 3]
            one = dx * (ay - y1) - dy * (ax - x1)
            two = dx * (by - y1) - dy * (bx - x1)
            if (one > 0.0) == (two > 0.0):
                continue
            three = (bx - ax) * (y1 - ay) - (by - ay) * (x1 - ax)
            four = (bx - ax) * (y2 - ay) - (by - ay) * (x2 - ax)
            if (three > 0.0) != (four > 0.0):
                return ring
    return -1


@compiled_inside_with_arrays
def _detour(world: World, x1: float, y1: float, x2: float, y2: float, first_ring: int, whole: bool) -> tuple[float, int, int]:
    """Least seconds over one or more corners, and the first and last of them; of the blocking rings only, unless `whole`."""
    rings = world.ring_start.shape[0] - 1
    chosen = np.empty(world.corners.shape[0], dtype=np.int64)
    to_s = np.empty(world.corners.shape[0])
    from_s = np.empty(world.corners.shape[0])
    count = 0
    ring = 0 if whole else first_ring
    while 0 <= ring < rings:
        for corner in range(world.corner_start[ring], world.corner_start[ring + 1]):
            cx, cy = world.corners[corner, 0], world.corners[corner, 1]
            start_s = _FAR
            end_s = _FAR
            if blocking_ring(world, x1, y1, cx, cy, 0) < 0:
                start_s = leg_s(world, math.hypot(cx - x1, cy - y1))
            if blocking_ring(world, cx, cy, x2, y2, 0) < 0:
                end_s = leg_s(world, math.hypot(x2 - cx, y2 - cy))
            if start_s < _FAR or end_s < _FAR:
                chosen[count] = corner
                to_s[count] = start_s
                from_s[count] = end_s
                count += 1
        ring = ring + 1 if whole else blocking_ring(world, x1, y1, x2, y2, ring + 1)
    best = _FAR
    entry, leave = -1, -1
    for one in range(count):
        if to_s[one] >= best:
            continue
        for two in range(count):
            total = to_s[one] + world.corner_s[chosen[one], chosen[two]] + from_s[two]
            if total < best:
                best = total
                entry, leave = chosen[one], chosen[two]
    return best, entry, leave


@compiled
def hop(world: World, x1: float, y1: float, x2: float, y2: float) -> tuple[float, int, int]:
    """Seconds from stop to stop, straight or round corners; the first and the last corner, -1 when straight."""
    ring = blocking_ring(world, x1, y1, x2, y2, 0)
    if ring < 0:
        return leg_s(world, math.hypot(x2 - x1, y2 - y1)), -1, -1
    found = _detour(world, x1, y1, x2, y2, ring, False)
    if found[0] < _FAR:
        return found
    return _detour(world, x1, y1, x2, y2, ring, True)


@compiled
def hop_s(world: World, x1: float, y1: float, x2: float, y2: float) -> float:
    """Seconds from stop to stop; ways round obstacles are remembered, for they are asked for again and again."""
    if abs(x1) >= NOWHERE or abs(x2) >= NOWHERE:
        return 0.0
    if blocking_ring(world, x1, y1, x2, y2, 0) < 0:
        return leg_s(world, math.hypot(x2 - x1, y2 - y1))
    if x1 > x2 or (x1 == x2 and y1 > y2):
        x1, y1, x2, y2 = x2, y2, x1, y1
    mixed = (x1 * 7.310585 + y1 * 13.71828 + x2 * 29.14159 + y2 * 3.779645) * 1e4
    slot = int(abs(mixed)) % world.known_s.shape[0]
    if (
        world.known_ends[slot, 0] == x1 and world.known_ends[slot, 1] == y1
        and world.known_ends[slot, 2] == x2 and world.known_ends[slot, 3] == y2
    ):  # fmt: skip
        return float(world.known_s[slot])
    seconds = hop(world, x1, y1, x2, y2)[0]
    world.known_ends[slot, 0], world.known_ends[slot, 1] = x1, y1
    world.known_ends[slot, 2], world.known_ends[slot, 3] = x2, y2
    world.known_s[slot] = seconds
    return seconds


@compiled
def free_stretch(world: World, x: float, y: float, ux: float, uy: float) -> tuple[float, float]:
    """How far one may fly back and forth along the unit vector from the point before a ring is crossed, with 0.1 mm to spare.

    Both are 0 when the point lies in an obstacle or outside.
    """
    low, high = -_FAR, _FAR
    behind, ahead = 0, 0
    edges = world.edges
    for index in range(edges.shape[0]):
        ax, ay, bx, by = edges[index, 0], edges[index, 1], edges[index, 2], edges[index, 3]
        one = ux * (ay - y) - uy * (ax - x)
        two = ux * (by - y) - uy * (bx - x)
        if (one > 0.0) == (two > 0.0):
            continue
        share = one / (one - two)
        along = ux * (ax + share * (bx - ax) - x) + uy * (ay + share * (by - ay) - y)
        if along > 0.0:
            ahead += 1
            high = min(high, along)
        else:
            behind += 1
            low = max(low, along)
    if ahead % 2 == 0 or behind % 2 == 0:
        return 0.0, 0.0
    return min(0.0, low + 1e-4), max(0.0, high - 1e-4)


@compiled_fast
def stamp(world: World, seen: NDArray[np.int16], x1: float, y1: float, x2: float, y2: float, step: int) -> float:
    """Add (`step` 1) or take away (-1) a swath from the raster's counts; gives the square metres by which unseen ground grew."""
    length = math.hypot(x2 - x1, y2 - y1)
    if length < 1e-9:
        return 0.0
    if x1 > x2 or (x1 == x2 and y1 > y2):  # Rounding must not depend on the direction: routes are turned round without being stamped anew.
        x1, y1, x2, y2 = x2, y2, x1, y1
    ux, uy = (x2 - x1) / length, (y2 - y1) / length
    half, cell = world.half_swath_m, world.cell_m
    weight, shift_east, shift_north = world.weight, world.shift_east, world.shift_north
    west, south = world.west, world.south
    columns = weight.shape[1]
    changed = np.float64(0.0)
    bare = 0 if step > 0 else 1
    first, last = _rows(world, y1, y2, half * abs(ux))
    for row in range(first, last):
        base_y = south + row * cell - y1
        base_x = west + shift_east[row] * cell - x1
        outer_west, outer_east, inner_west, inner_east = _row_spans(ux, uy, length, half, base_y, base_y + cell)
        left = max(0, math.ceil((outer_west - base_x) / cell))
        right = min(columns, math.floor((outer_east - base_x) / cell) + 1)
        sure_left, sure_right = right, right
        if inner_west <= inner_east:
            sure_left = min(right, max(left, math.ceil((inner_west - base_x) / cell)))
            sure_right = max(sure_left, min(right, math.floor((inner_east - base_x) / cell) + 1))
        for number in range(left, right - (sure_right - sure_left)):
            column = number if number < sure_left else number + (sure_right - sure_left)
            x, y = base_x + column * cell, base_y + shift_north[column] * cell
            along, across = ux * x + uy * y, ux * y - uy * x
            if 0.0 <= along <= length and -half <= across <= half:
                if seen[row, column] == bare:
                    changed -= step * weight[row, column]
                seen[row, column] += step
        counts, weights = seen[row, sure_left:sure_right], weight[row, sure_left:sure_right]
        total = np.float32(0.0)
        for index in range(counts.shape[0]):
            total += weights[index] if counts[index] == bare else np.float32(0.0)
        for index in range(counts.shape[0]):
            counts[index] += np.int16(step)
        changed -= step * total
    return float(changed)


@compiled_inside
def _rows(world: World, y1: float, y2: float, reach: float) -> tuple[int, int]:
    """The rows that a swath may touch: first, and one after the last."""
    rows = world.weight.shape[0]
    first = max(0, math.floor((min(y1, y2) - reach - world.south) / world.cell_m))
    return first, min(rows, math.floor((max(y1, y2) + reach - world.south) / world.cell_m) + 1)


@compiled_fast
def _row_spans(
    ux: float, uy: float, length: float, half: float, y_low: float, y_high: float
) -> tuple[float, float, float, float]:  # fmt: skip
    """Between which x the rectangle along (ux, uy) from the origin may have points of the row, and between which it has all of it."""
    outer_west, outer_east, inner_west, inner_east = -1e15, 1e15, -1e15, 1e15
    if abs(ux) > 1e-9:  # 0 <= ux x + uy y <= length
        one, two = -uy * y_low / ux, -uy * y_high / ux
        run = length / abs(ux)
        start, end = (min(one, two), max(one, two)) if ux > 0 else (min(one, two) - run, max(one, two) - run)
        outer_west, outer_east = max(outer_west, start), min(outer_east, end + run)
        inner_west, inner_east = max(inner_west, end), min(inner_east, start + run)
    elif (y_low * uy > length or y_high * uy < 0) if uy > 0 else (y_high * uy > length or y_low * uy < 0):
        return 0.0, -1.0, 0.0, -1.0
    elif min(y_low * uy, y_high * uy) < 0 or max(y_low * uy, y_high * uy) > length:
        inner_east = -1e16
    if abs(uy) > 1e-9:  # -half <= ux y - uy x <= half
        one, two = ux * y_low / uy, ux * y_high / uy
        run = half / abs(uy)
        start, end = min(one, two), max(one, two)
        outer_west, outer_east = max(outer_west, start - run), min(outer_east, end + run)
        inner_west, inner_east = max(inner_west, end - run), min(inner_east, start + run)
    elif (y_low * ux > half and y_high * ux > half) or (y_low * ux < -half and y_high * ux < -half):
        return 0.0, -1.0, 0.0, -1.0
    elif max(abs(y_low), abs(y_high)) > half:
        inner_east = -1e16
    return outer_west, outer_east, inner_west, inner_east


@compiled_fast
def unseen_span(world: World, seen: NDArray[np.int16], x1: float, y1: float, x2: float, y2: float) -> tuple[float, float, float]:
    """Square metres of unseen ground in the swath, and between which metres along the segment it lies."""
    length = math.hypot(x2 - x1, y2 - y1)
    if length < 1e-9:
        return 0.0, 0.0, 0.0
    ux, uy = (x2 - x1) / length, (y2 - y1) / length
    half, cell = world.half_swath_m, world.cell_m
    weight, shift_east, shift_north = world.weight, world.shift_east, world.shift_north
    west, south = world.west, world.south
    columns = weight.shape[1]
    found, low, high = 0.0, _FAR, -_FAR
    first, last = _rows(world, y1, y2, half * abs(ux))
    for row in range(first, last):
        base_y = south + row * cell - y1
        base_x = west + shift_east[row] * cell - x1
        outer_west, outer_east, _, _ = _row_spans(ux, uy, length, half, base_y, base_y + cell)
        left = max(0, math.ceil((outer_west - base_x) / cell))
        right = min(columns, math.floor((outer_east - base_x) / cell) + 1)
        if right <= left:
            continue
        counts, weights = seen[row, left:right], weight[row, left:right]
        total = np.float32(0.0)
        for index in range(counts.shape[0]):
            total += weights[index] if counts[index] == 0 else np.float32(0.0)
        if total == 0.0:
            continue
        for column in range(left, right):
            if seen[row, column] != 0 or weight[row, column] == 0.0:
                continue
            x, y = base_x + column * cell, base_y + shift_north[column] * cell
            along, across = ux * x + uy * y, ux * y - uy * x
            if 0.0 <= along <= length and -half <= across <= half:
                found += weight[row, column]
                low = min(low, along)
                high = max(high, along)
    if found == 0.0:
        return 0.0, 0.0, 0.0
    return found, max(0.0, low - cell / 2), min(length, high + cell / 2)
