"""Hops between tracks that serve as sweep legs, where the task lets them."""

from __future__ import annotations

import itertools

import numpy as np
import shapely

from planner import overlay
from planner.sweep_search.kernel import NOWHERE, Floats, World, hop
from planner.sweep_search.world import SweepTask

_NOTHING_M2 = 1e-6


def with_hops(world: World, tracks: Floats) -> Floats:
    """The tracks, and between them the straight hops, flown from end to end; as they are where hops see nothing."""
    return np.array([leg for leg, _ in _legs(world, tracks)]).reshape(-1, 4)


def with_needed_hops(task: SweepTask, world: World, tracks: Floats) -> Floats:
    """Likewise, but without the hops whose ground the rest sees, too: they are to stay mere ways between tracks."""
    legs = _legs(world, tracks)
    swaths = [shapely.LineString([leg[:2], leg[2:]]).buffer(task.swath_m / 2, cap_style="flat") for leg, _ in legs]
    near = shapely.STRtree(swaths)
    left_out: set[int] = set()
    for index, (_, is_hop) in enumerate(legs):
        if is_hop:
            others = [other for other in near.query(swaths[index]) if other != index and other not in left_out]
            own = overlay.difference(overlay.intersection(swaths[index], task.ground), overlay.union(swaths[other] for other in others))
            if own.area <= _NOTHING_M2:
                left_out.add(index)
    return np.array([leg for index, (leg, _) in enumerate(legs) if index not in left_out]).reshape(-1, 4)


def _legs(world: World, tracks: Floats) -> list[tuple[Floats, bool]]:
    """Tracks and straight hops, and whether each is a hop."""
    if not world.hops_see or not len(tracks):
        return [(track, False) for track in tracks]
    home = np.array([[world.depot_east, world.depot_north] * 2]) if world.depot_east < NOWHERE else np.zeros((0, 4))
    stops = np.vstack([home, tracks, home])
    legs = [(stops[0], False)]
    for before, after in itertools.pairwise(stops):
        if before[2:].tolist() != after[:2].tolist() and hop(world, *before[2:], *after[:2])[1] < 0:
            legs.append((np.concatenate([before[2:], after[:2]]), True))
        legs.append((after, False))
    return legs[len(home) : len(legs) - len(home)]
