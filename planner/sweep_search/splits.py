"""Cut one round tour into several routes, so that the longest is as short as the tour's order allows (Prins 2004; Bellman's programme).

A route may also end, and the next begin, in the middle of a track that passes by the depot: tracks can be divided.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from planner.sweep_search.kernel import NOWHERE, Floats, World, hop_s, leg_s
from planner.sweep_search.route_moves import nearest_share

#: Sums of routes count so much beside the longest of them.
_SUM_WEIGHT = 0.2
_OVERLONG_PRICE = 20.0
_MOST_WORK = 6e7
#: Swaths from a track's closest point to the depot at which it may be divided, too.
_STEPS = (-6.0, -4.0, -2.0, 0.0, 2.0, 4.0, 6.0)


@dataclass(frozen=True, slots=True)
class _Cut:
    """Where the tour may be cut: before `track`, or in it at `share`. Seconds: `at_s` along the tour, the way `home_s` from there, and
    by how much a route is longer that begins there instead of passing by.
    """

    track: int
    share: float
    at_s: float
    home_s: float
    out_s: float


@dataclass(frozen=True, slots=True)
class Fleet:
    """How many routes; `evenness` draws them towards equal length, with 0 their sum counts; none may take more than `limit_s`."""

    routes: int
    evenness: float
    limit_s: float


def splits(world: World, tracks: Floats, fleet: Fleet, most: int) -> list[Floats]:
    """`tracks` (n, 4) as a round tour that may begin anywhere, cut into routes with an entry at the depot between: the best choice of
    cuts, and up to `most` in all that are unlike it and each other.
    """
    depot = np.array([world.depot_east, world.depot_north] * 2)
    cuts, tour_s = _cuts(world, tracks)
    if len(cuts) < fleet.routes or not len(tracks):
        return [np.vstack([tracks, np.tile(depot, (fleet.routes - 1, 1))])]
    found = []
    for places in _unlike(_best_cuts(cuts, tour_s, fleet), cuts, most):
        chosen = [cuts[place] for place in places]
        pieces = [_between(tracks, one, other) for one, other in zip(chosen, [*chosen[1:], chosen[0]], strict=True)]
        found.append(np.vstack([row for piece in pieces for row in (piece, depot)][:-1]))
    return found


def divided(world: World, tracks: Floats, reach_m: float) -> Floats:
    """`tracks` (n, 4), those that pass the depot within `reach_m` divided there: each part may begin or end a route."""
    parts = []
    for track in tracks:
        share = nearest_share(world, *track) if world.depot_east < NOWHERE else 0.0
        middle = _point(track, share)
        if share > 0.0 and math.dist(middle, (world.depot_east, world.depot_north)) < reach_m:
            parts += [np.concatenate([track[:2], middle]), np.concatenate([middle, track[2:]])]
        else:
            parts.append(track)
    return np.array(parts).reshape(-1, 4)


def _unlike(choices: list[list[int]], cuts: list[_Cut], most: int) -> list[list[int]]:
    """The first choices that share no more than half of their cuts with one before, next to each other counted as shared."""
    kept: list[list[int]] = []
    for places in choices:
        tracks = np.array([cuts[place].track for place in places])
        others = [np.array([cuts[place].track for place in other]) for other in kept]
        alike = [(np.abs(tracks[:, None] - other[None, :]).min(axis=1) <= 1).sum() for other in others]
        if len(kept) < most and all(2 * count <= len(places) for count in alike):
            kept.append(places)
    return kept


def _cuts(world: World, tracks: Floats) -> tuple[list[_Cut], float]:
    """All places to cut at in the order of the tour, and what that takes without the depot."""
    depot = world.depot_east, world.depot_north
    cuts = []
    at_s = 0.0
    for index, (x1, y1, x2, y2) in enumerate(tracks):
        px, py = tracks[index - 1, 2:]
        gap_s = hop_s(world, px, py, x1, y1)
        cuts.append(_Cut(index, 0.0, at_s, hop_s(world, px, py, *depot), hop_s(world, *depot, x1, y1) - gap_s))
        at_s += gap_s
        length = math.dist((x1, y1), (x2, y2))
        for share in _shares(world, x1, y1, x2, y2):
            away_s = hop_s(world, x1 + share * (x2 - x1), y1 + share * (y2 - y1), *depot)
            first_s = leg_s(world, share * length)
            stop_s = first_s + leg_s(world, (1 - share) * length) - leg_s(world, length)
            cuts.append(_Cut(index, share, at_s + first_s, away_s, away_s + stop_s))
        at_s += leg_s(world, length)
    return cuts, at_s


def _shares(world: World, x1: float, y1: float, x2: float, y2: float) -> list[float]:
    """Where a track may be divided: closest to the depot, and a few swaths before and after."""
    foot = nearest_share(world, x1, y1, x2, y2) if world.depot_east < NOWHERE else 0.0
    if foot == 0.0:
        return []
    swath = 2 * world.half_swath_m / math.dist((x1, y1), (x2, y2))
    return [share for step in _STEPS if swath / 2 < (share := foot + step * swath) < 1 - swath / 2]


def _best_cuts(cuts: list[_Cut], tour_s: float, fleet: Fleet) -> list[list[int]]:
    """The best cuts by dynamic programming, for each first cut (the cheapest ones, when there are many); the best first."""
    count = len(cuts)
    at_s = np.array([cut.at_s for cut in cuts])
    home_s = np.array([cut.home_s for cut in cuts])
    out_s = np.array([cut.out_s for cut in cuts])
    firsts = np.argsort(home_s + out_s, kind="stable")[: max(1, int(_MOST_WORK / (fleet.routes * count**2)))]
    even = fleet.evenness > 0.0
    found: dict[tuple[int, ...], float] = {}
    for first in firsts:
        order = np.concatenate([np.arange(first, count), np.arange(first + 1)])
        along_s = np.concatenate([at_s[first:], at_s[: first + 1] + tour_s])
        between_s = along_s[None, :] + home_s[order][None, :] - along_s[:, None] + out_s[order][:, None]
        between_s += _OVERLONG_PRICE * np.maximum(0.0, between_s - fleet.limit_s)
        between_s[np.tril_indices(count + 1)] = np.inf
        cost_s, ends = _cheapest_ends(between_s, fleet.routes, even)
        total_s = tour_s + sum(home_s[order[end]] + out_s[order[end]] for end in ends)
        found[tuple(sorted(int(order[end]) for end in ends))] = cost_s + (_SUM_WEIGHT * float(total_s) if even else 0.0)
    return [list(places) for places in sorted(found, key=lambda places: found[places])]


def _cheapest_ends(between_s: Floats, routes: int, even: bool) -> tuple[float, list[int]]:
    """Ends of routes one after the other, the last first, by which the longest of them, or their sum, is least."""
    cost_s, before = between_s[0], []
    for _ in range(routes - 1):
        tried = np.maximum(cost_s[:, None], between_s) if even else cost_s[:, None] + between_s
        before.append(tried.argmin(axis=0))
        cost_s = tried.min(axis=0)
    ends = [len(between_s) - 1]
    for row in reversed(before):
        ends.append(int(row[ends[-1]]))
    return float(cost_s[-1]), ends


def _between(tracks: Floats, one: _Cut, other: _Cut) -> Floats:
    """What is flown from one cut to the other, round the end of the tour where need be."""
    last = other.track + (other.share > 0.0)
    onwards = (one.track, one.share) < (other.track, other.share)
    indices = [*range(one.track, last)] if onwards else [*range(one.track, len(tracks)), *range(last)]
    piece = tracks[indices].copy()
    if other.share > 0.0:
        piece[-1, 2:] = _point(tracks[other.track], other.share)
    if one.share > 0.0:
        piece[0, :2] = _point(tracks[one.track], one.share)
    return piece


def _point(track: Floats, share: float) -> Floats:
    return np.asarray(track[:2] + share * (track[2:] - track[:2]))
