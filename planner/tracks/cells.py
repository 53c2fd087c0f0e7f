"""Cut ground into cells that are each swept in one direction, where that saves time.

A region's sweep time in a direction is estimated in closed form from its edges (after Huang 2001, "Optimal line-sweep-based
decompositions for coverage algorithms"): an edge of extent dy across the sweep meets dy / spacing lanes, so half the sum of
the extents over all edges, holes included, is the number of lane pieces, each of which costs a turn. Cuts through
concave corners and across long regions are kept as long as they lower the sum.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry
from shapely.ops import split

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, slots=True)
class SweepRates:
    """What sweeping costs: lane spacing, speed along lanes, and seconds lost at each lane's turn.

    `turn_radius_m` is the room that a lane's end needs; 0 for drones that turn on the spot.
    """

    spacing_m: float
    speed_mps: float
    turn_s: float
    turn_radius_m: float = 0.0


@dataclass(frozen=True, kw_only=True, slots=True)
class CellParams:
    """`directions` tried over half a turn; the directions of so many of the longest edges come with those near them, since a fit
    to an edge is lost between two of the former; cuts must save `min_gain_s`; outlines are simplified by a part of the spacing.
    """

    directions: int = 90
    edge_directions: int = 8
    min_gain_s: float = 10.0
    simplify_part: float = 0.15
    max_corners: int = 24
    max_depth: int = 7


@dataclass(frozen=True, slots=True)
class Cell:
    """Ground to be swept in one direction; `direction_rad` is the sweep lines' angle from east, anticlockwise."""

    polygon: BaseGeometry
    direction_rad: float


def decompose(ground: BaseGeometry, rates: SweepRates, params: CellParams | None = None) -> tuple[Cell, ...]:
    """Cells that tile the ground (local metres). Empty ground gives no cells."""
    params = params or CellParams()
    cells: list[Cell] = []
    for part in shapely.get_parts(ground):
        if part.geom_type == "Polygon" and part.area > 0:
            cells.extend(_decompose(part, rates, params, params.max_depth))
    return tuple(cells)


def best_directions(polygon: BaseGeometry, rates: SweepRates, count: int, params: CellParams | None = None) -> tuple[float, ...]:
    """The `count` most promising sweep directions, best first, none within 8 degrees of a better one."""
    params = params or CellParams()
    seconds, angles = _estimates(_outline(polygon, rates, params), rates, params)
    chosen: list[float] = []
    for index in np.argsort(seconds, kind="stable"):
        angle = float(angles[index])
        if not _is_near(angle, chosen):
            chosen.append(angle)
        if len(chosen) == count:
            break
    return tuple(chosen)


def edge_directions(polygon: BaseGeometry, near: Sequence[float], rates: SweepRates, params: CellParams | None = None) -> tuple[float, ...]:
    """The directions of the longest edges, longest first, that lie within 8 degrees of one of those given."""
    params = params or CellParams()
    edges = _edges(_outline(polygon, rates, params))
    longest = edges[np.argsort(-np.hypot(edges[:, 0], edges[:, 1]), kind="stable")[: params.edge_directions]]
    angles = dict.fromkeys(math.atan2(north_m, east_m) % math.pi for east_m, north_m in longest.tolist())
    return tuple(angle for angle in angles if _is_near(angle, near))


def _is_near(angle: float, others: Sequence[float]) -> bool:
    return any(abs(math.remainder(angle - other, math.pi)) <= math.radians(8) for other in others)


def _decompose(polygon: BaseGeometry, rates: SweepRates, params: CellParams, depth: int) -> list[Cell]:
    whole_s, direction_rad = _best(polygon, rates, params)
    best = None
    if depth > 0:
        for pieces in _cuts(polygon, rates, params, direction_rad):
            seconds = sum(_best(piece, rates, params)[0] for piece in pieces)
            if seconds < whole_s - params.min_gain_s and (best is None or seconds < best[0]):
                best = (seconds, pieces)
    if best is None:
        return [Cell(polygon, direction_rad)]
    return [cell for piece in best[1] for cell in _decompose(piece, rates, params, depth - 1)]


def _best(polygon: BaseGeometry, rates: SweepRates, params: CellParams) -> tuple[float, float]:
    seconds, angles = _estimates(_outline(polygon, rates, params), rates, params)
    index = int(np.argmin(seconds))
    return float(seconds[index]), float(angles[index])


def _estimates(outline: BaseGeometry, rates: SweepRates, params: CellParams) -> tuple[Floats, Floats]:
    angles = np.linspace(0.0, math.pi, params.directions, endpoint=False)
    edges = _edges(outline)
    along = np.abs(np.outer(np.cos(angles), edges[:, 0]) + np.outer(np.sin(angles), edges[:, 1]))
    across = np.abs(np.outer(-np.sin(angles), edges[:, 0]) + np.outer(np.cos(angles), edges[:, 1]))
    # A lane end on a slanted edge runs on until its whole strip is seen: half a spacing times the slope.
    overrun_m = np.minimum(along / 2, across * 2).sum(axis=1)
    lanes = np.maximum(1.0, across.sum(axis=1) / (2 * rates.spacing_m))
    seconds = (outline.area / rates.spacing_m + overrun_m) / rates.speed_mps + lanes * rates.turn_s
    return seconds, angles


def _edges(outline: BaseGeometry) -> Floats:
    return np.concatenate([np.diff(np.asarray(ring.coords)[:, :2], axis=0) for ring in _rings(outline)])


def _outline(polygon: BaseGeometry, rates: SweepRates, params: CellParams) -> BaseGeometry:
    simple = polygon.simplify(rates.spacing_m * params.simplify_part)
    return simple if simple.geom_type == "Polygon" and not simple.is_empty else polygon


def _rings(polygon: BaseGeometry) -> Iterator[BaseGeometry]:
    yield polygon.exterior  # type: ignore[attr-defined]
    yield from polygon.interiors  # type: ignore[attr-defined]


def _cuts(polygon: BaseGeometry, rates: SweepRates, params: CellParams, direction_rad: float) -> Iterator[list[BaseGeometry]]:
    """Ways to cut the polygon in pieces: through its concave corners, and across its length."""
    reach_m = 2 * math.hypot(polygon.bounds[2] - polygon.bounds[0], polygon.bounds[3] - polygon.bounds[1]) + 1.0
    outline = _outline(polygon, rates, params)
    angles = (direction_rad, direction_rad + math.pi / 2)
    corners = _concave_corners(outline)[: params.max_corners]
    centre = polygon.centroid
    lines = [(corner, angle) for corner, own in corners for angle in (*own, *angles)]
    lines += [((centre.x, centre.y), angle) for angle in angles]
    for (east_m, north_m), angle in lines:
        step = (reach_m * math.cos(angle), reach_m * math.sin(angle))
        knife = shapely.LineString([(east_m - step[0], north_m - step[1]), (east_m + step[0], north_m + step[1])])
        pieces = [piece for piece in split(polygon, knife).geoms if piece.geom_type == "Polygon" and piece.area > 0]
        areas_m2 = [piece.area for piece in pieces]
        # Where the knife all but follows an edge, the split may lose a piece without a word.
        tiled = math.isclose(sum(areas_m2), polygon.area, rel_tol=1e-9)
        if tiled and len(pieces) > 1 and min(areas_m2) > rates.spacing_m**2:
            yield pieces


def _concave_corners(outline: BaseGeometry) -> list[tuple[tuple[float, float], tuple[float, ...]]]:
    """Corners that point into the ground, sharpest first, with the angles of their two edges and the bisector."""
    found = []
    for ring in _rings(shapely.orient_polygons(outline)):
        points = np.asarray(ring.coords)[:-1, :2]
        closed = np.vstack([points[-1], points, points[0]])
        for (before, here), (_, after) in pairwise(list(pairwise(closed))):
            arriving = math.atan2(here[1] - before[1], here[0] - before[0])
            leaving = math.atan2(after[1] - here[1], after[0] - here[0])
            turn = math.remainder(leaving - arriving, 2 * math.pi)
            if turn < -math.radians(10):
                bisector = arriving + turn / 2 + math.pi / 2
                found.append((turn, (float(here[0]), float(here[1])), (arriving, leaving, bisector)))
    found.sort(key=lambda item: (item[0], item[1]))
    return [(corner, angles) for _, corner, angles in found]
