"""Whole sets of parallel lanes to start the search from: where each lane lies is found by dynamic programming.

A lane costs the time of its pieces and a hop to each; ground between lanes that lie more than a swath apart, and pieces too short to be
worth it, cost a price per square metre. Strips along the outline's sides across the lanes shorten every lane, and serve as the way back.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from planner import overlay
from planner.sweep_search.compiled import compiled_with_arrays
from planner.sweep_search.kernel import Floats, Ints
from planner.sweep_search.strips import Strips
from planner.sweep_search.world import SweepTask

_INSET_M = 1e-4
_LINE = int(shapely.GeometryType.LINESTRING)


@dataclass(frozen=True, slots=True)
class LaneSet:
    """Tracks (n, 4) from one side of the ground to the other, every second lane reversed, and what the programme says they cost."""

    tracks: Floats
    cost_s: float


def lane_sets(task: SweepTask, prices: tuple[float, ...], choices: Iterable[Strips], steps_per_swath: int = 12) -> list[LaneSet]:
    """Sets of lanes along x, cheapest first: beside each choice of strips, for several prices of a missed square metre."""
    found = []
    for strips in choices:
        swaths = [shapely.LineString([strip[:2], strip[2:]]).buffer(task.swath_m / 2, cap_style="flat") for strip in strips]
        rest = overlay.difference(task.ground, overlay.union(swaths)) if swaths else task.ground
        scan = _scan(task, rest, steps_per_swath)
        own_s = sum(_leg_s(task, math.dist(strip[:2], strip[2:])) for strip in strips)
        found += [_programme(task, scan, price, strips, own_s, steps_per_swath) for price in prices]
    return sorted(found, key=lambda lanes: lanes.cost_s)


def _leg_s(task: SweepTask, length_m: float) -> float:
    v, a = task.speed_mps, task.acceleration_mps2
    return length_m / v + v / a if length_m >= v * v / a else 2 * math.sqrt(length_m / a)


@dataclass(frozen=True, slots=True)
class _Scan:
    """The free pieces (n, 2: x from, x to) of the lines along x at the heights `y`; `line` says to which height a piece belongs."""

    y: Floats
    pieces: Floats
    line: Ints


def _scan(task: SweepTask, ground: BaseGeometry, steps_per_swath: int) -> _Scan:
    west, south, east, north = task.ground.bounds
    count = max(1, round((north - south) / task.swath_m * steps_per_swath)) + 1
    y = np.linspace(south, north, count)
    ends = np.empty((count, 2, 2))
    ends[:, 0, 0], ends[:, 1, 0], ends[:, :, 1] = west - 1.0, east + 1.0, y[:, None]
    cut = shapely.intersection(shapely.linestrings(ends), shapely.intersection(ground, task.flyable))
    parts, owner = shapely.get_parts(cut, return_index=True)
    bounds = shapely.bounds(parts)[:, [0, 2]]
    long_enough = (shapely.get_type_id(parts) == _LINE) & (bounds[:, 1] > bounds[:, 0])
    return _Scan(y, bounds[long_enough], owner[long_enough])


def _programme(task: SweepTask, scan: _Scan, price: float, strips: Strips, own_s: float, per_swath: int) -> LaneSet:
    """The cheapest heights for lanes; exact on the grid of heights."""
    hop_s = _leg_s(task, task.swath_m)
    step = float(scan.y[1] - scan.y[0])
    length = scan.pieces[:, 1] - scan.pieces[:, 0]
    flown_s = np.array([_leg_s(task, metres) for metres in length]) + hop_s
    missed_s = price * task.swath_m * length
    lines = len(scan.y)
    kept = flown_s < missed_s
    lane_s = np.bincount(scan.line, np.where(kept, flown_s, missed_s), lines).astype(np.float64)
    free_m = np.bincount(scan.line, length, lines)
    below_s = price * np.concatenate([[0.0], np.cumsum((free_m[1:] + free_m[:-1]) / 2 * step)])
    cost_s, chosen = _cheapest_heights(lane_s, below_s, per_swath)
    rows = [(float(scan.y[index]), scan.pieces[kept & (scan.line == index)]) for index in chosen[::-1]]
    return LaneSet(_in_order(task, rows, strips), cost_s + own_s)


@compiled_with_arrays
def _cheapest_heights(lane_s: Floats, below_s: Floats, per_swath: int) -> tuple[float, list[int]]:
    """Shortest path over heights, the last first; `below_s` is the price of all ground below a height."""
    last, half = lane_s.shape[0] - 1, per_swath // 2
    best = np.full(last + 1, np.inf)
    before = np.full(last + 1, -1)
    least, here = np.inf, 0
    for height in range(last + 1):
        best[height] = lane_s[height] + below_s[max(0, height - half)]
        for gap in range(1, min(height, 2 * per_swath) + 1):
            cost = best[height - gap] + lane_s[height]
            if gap > per_swath:
                cost += below_s[height - half] - below_s[height - gap + half]
            if cost < best[height]:
                best[height], before[height] = cost, height - gap
        whole = best[height] + below_s[last] - below_s[min(last, height + half)]
        if whole < least:
            least, here = whole, height
    chosen = []
    while here >= 0:
        chosen.append(here)
        here = before[here]
    return least, chosen


def _in_order(
    task: SweepTask, rows: list[tuple[float, Floats]], strips: Strips
) -> Floats:  # fmt: skip
    tracks = []
    _, south, _, north = task.flyable.bounds
    for number, (y, pieces) in enumerate(rows):
        height = min(max(y, south + _INSET_M), north - _INSET_M)
        ahead = [(start + _INSET_M, height, end - _INSET_M, height) for start, end in pieces if end - start > 4 * _INSET_M]
        tracks += ahead if number % 2 == 0 else [(x2, y2, x1, y1) for x1, y1, x2, y2 in ahead[::-1]]
    for x1, y1, x2, y2 in strips:
        length = math.dist((x1, y1), (x2, y2))
        dx, dy = (x2 - x1) / length * _INSET_M, (y2 - y1) / length * _INSET_M
        tracks.append((x1 + dx, y1 + dy, x2 - dx, y2 - dy))
    return np.array(tracks).reshape(-1, 4)
