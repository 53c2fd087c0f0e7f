"""Turn ground, flyable space and a leg-time model into the arrays that the sweep search works on."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from planner.sweep_search.kernel import NOWHERE, Floats, World, blocking_ring, leg_s

_GOLDEN = (math.sqrt(5) - 1) / 2
_REMEMBERED = 1 << 15


@dataclass(frozen=True, kw_only=True, slots=True)
class SweepTask:
    """What is to be swept by one drone that stops at every corner; local metres.

    `ground` is to be seen by a `swath_m` wide strip along sweep legs (flat caps) to the part `least_coverage`; the drone stays in
    `flyable`, at `speed_mps` with `acceleration_mps2`, and its closed route starts at `depot`; with None the
    route is open, from anywhere to anywhere. With `hops_see` straight ways between tracks may serve as sweep legs, too.
    """

    ground: BaseGeometry
    flyable: BaseGeometry
    swath_m: float
    speed_mps: float
    acceleration_mps2: float
    depot: tuple[float, float] | None
    least_coverage: float
    hops_see: bool = False


def build_world(task: SweepTask, cells_per_swath: int = 12, tolerance_m: float = 5e-4) -> World:
    """The task's arrays. Rings are widened by `tolerance_m`, so that a point on the edge counts as inside."""
    rings = _rings(task.flyable.buffer(tolerance_m, join_style="mitre"))
    edges, ring_start = _edges(rings)
    corners, corner_start = _corners(_rings(task.flyable))
    cell_m = task.swath_m / cells_per_swath
    west, south, east, north = task.ground.bounds
    columns, rows = math.ceil((east - west) / cell_m - 1e-9), math.ceil((north - south) / cell_m - 1e-9)
    shift_east: Floats = np.modf(np.arange(rows) * _GOLDEN)[0]
    shift_north: Floats = np.modf(np.arange(columns) * _GOLDEN + 0.5)[0]
    sample_east = west + (np.arange(columns)[None, :] + shift_east[:, None]) * cell_m
    sample_north = south + (np.arange(rows)[:, None] + shift_north[None, :]) * cell_m
    world = World(
        edges=edges,
        ring_start=ring_start,
        ring_box=np.array([(*ring.min(axis=0), *ring.max(axis=0)) for ring in rings]).reshape(-1, 4),
        corners=corners,
        corner_start=corner_start,
        corner_s=np.zeros((len(corners), len(corners))),
        weight=_weights(task.ground, sample_east, sample_north, cell_m**2),
        shift_east=shift_east,
        shift_north=shift_north,
        west=west,
        south=south,
        cell_m=cell_m,
        half_swath_m=task.swath_m / 2 + 1e-9,
        speed_mps=task.speed_mps,
        acceleration_mps2=task.acceleration_mps2,
        depot_east=task.depot[0] if task.depot else NOWHERE,
        depot_north=task.depot[1] if task.depot else 0.0,
        known_ends=np.full((_REMEMBERED, 4), np.nan),
        known_s=np.zeros(_REMEMBERED),
        hops_see=task.hops_see,
    )
    return world._replace(corner_s=_corner_times(world))


def _rings(area: BaseGeometry) -> list[Floats]:
    """Outlines and holes as (n, 2) arrays without the closing point, outlines anticlockwise, holes clockwise."""
    found = []
    for part in shapely.get_parts(shapely.orient_polygons(area)):
        if part.geom_type == "Polygon":
            found += [np.asarray(ring.coords)[:-1, :2] for ring in (part.exterior, *part.interiors)]
    return found


def _edges(rings: list[Floats]) -> tuple[Floats, np.ndarray]:
    edges = [np.hstack([ring, np.roll(ring, -1, axis=0)]) for ring in rings]
    starts = np.cumsum([0, *(len(ring) for ring in rings)])
    return np.vstack(edges) if edges else np.zeros((0, 4)), starts.astype(np.int64)


def _corners(rings: list[Floats]) -> tuple[Floats, np.ndarray]:
    """The corners that point into flyable space: only there can a shortest way bend."""
    kept = []
    for ring in rings:
        before, after = ring - np.roll(ring, 1, axis=0), np.roll(ring, -1, axis=0) - ring
        kept.append(ring[before[:, 0] * after[:, 1] - before[:, 1] * after[:, 0] < 0])
    starts = np.cumsum([0, *(len(ring) for ring in kept)])
    return np.vstack(kept) if kept else np.zeros((0, 2)), starts.astype(np.int64)


def _corner_times(world: World) -> Floats:
    """Least seconds between all corners, stopping at each (Floyd and Warshall)."""
    count = len(world.corners)
    times = np.full((count, count), np.inf)
    np.fill_diagonal(times, 0.0)
    for one in range(count):
        for two in range(one):
            (x1, y1), (x2, y2) = world.corners[one], world.corners[two]
            if blocking_ring(world, x1, y1, x2, y2, 0) < 0:
                times[one, two] = times[two, one] = leg_s(world, math.hypot(x2 - x1, y2 - y1))
    for middle in range(count):
        np.minimum(times, times[:, middle, None] + times[None, middle, :], out=times)
    return times


def _weights(ground: BaseGeometry, east: Floats, north: Floats, cell_m2: float) -> np.ndarray:
    """A cell's area where its sample point lies on the ground, else 0: unbiased, and a swath that ends at an edge misses nothing."""
    shapely.prepare(ground)
    return np.where(shapely.contains_xy(ground, east, north), cell_m2, 0.0).astype(np.float32)
