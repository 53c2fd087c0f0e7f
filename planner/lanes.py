"""Lay sweep tracks over cells, so that their swaths cover the ground; then mend what is missed and drop what is not needed."""

from __future__ import annotations

import heapq
import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import affinity
from shapely.geometry.base import BaseGeometry

from planner.cells import Cell, CellParams, SweepRates, best_directions
from planner.coverage import swath_along
from planner.turning_room import turning_ground, with_turning_room

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Track:
    """One straight sweep line, local metres, flyable in either direction; it sees `swath_m` across."""

    start: Point
    end: Point
    swath_m: float

    @property
    def line(self) -> BaseGeometry:
        return shapely.LineString([self.start, self.end])

    @property
    def length_m(self) -> float:
        return math.dist(self.start, self.end)

    @property
    def ground(self) -> BaseGeometry:
        return swath_along(self.line, self.swath_m)


@dataclass(frozen=True, kw_only=True, slots=True)
class LaneParams:
    """`tried_directions` per cell are laid out and compared by their true time. Missed ground is mended at any price until
    `least_coverage` of what can be seen is, then while a track sees at least `least_worth_part` of what a lane sees per second,
    from `wanted_coverage` on `worth_part`. A track that alone sees less than `drop_part` of its own ground is dropped unless
    `wanted_coverage` needs it. Repairs follow the edges of airspace within `edge_tolerance_part` of a swath, at need within
    `fine_tolerance_part`. Cut pieces of a lane overlap by `overlap_m`.
    """

    tried_directions: int = 3
    least_coverage: float = 0.991
    wanted_coverage: float = 0.997
    worth_part: float = 0.35
    least_worth_part: float = 0.1
    edge_tolerance_part: float = 0.15
    fine_tolerance_part: float = 0.02
    drop_part: float = 0.02
    max_repairs: int = 400
    looked_at_once: int = 3
    sliver_part: float = 0.02
    speck_m2: float = 1.0
    overlap_m: float = 4.0
    edge_margin_m: float = 0.5


def lay_cell(cell: Cell, flyable: BaseGeometry, swath_m: float, rates: SweepRates, params: LaneParams | None = None) -> tuple[Track, ...]:
    """Tracks over one cell in the best of a few directions, by the true time of the tracks laid.

    Tracks lie in `flyable`; where that cuts them the ground beside is left to `mend`.
    """
    params = params or LaneParams()
    shapely.prepare(flyable)
    directions = (cell.direction_rad, *best_directions(cell.polygon, rates, params.tried_directions, CellParams()))
    layouts = [_layout(cell.polygon, flyable, direction, swath_m, rates, params) for direction in dict.fromkeys(directions)]
    return min(layouts, key=lambda tracks: _layout_s(tracks, cell, rates))


def _layout_s(tracks: Sequence[Track], cell: Cell, rates: SweepRates) -> float:
    """Seconds of the tracks and their turns; ground that they miss is charged as if swept at a third of the rate."""
    flown_s = sum(track.length_m / rates.speed_mps + rates.turn_s for track in tracks)
    missed_m2 = cell.polygon.difference(shapely.union_all([track.ground for track in tracks])).area
    return flown_s + 3 * missed_m2 / (rates.spacing_m * rates.speed_mps)


def _layout(
    ground: BaseGeometry, flyable: BaseGeometry, direction_rad: float, swath_m: float, rates: SweepRates, params: LaneParams
) -> tuple[Track, ...]:
    """Parallel tracks at even spacing, each over the whole extent of its strip of ground."""
    turned = affinity.rotate(ground, -direction_rad, origin=(0, 0), use_radians=True)
    low_m, high_m = turned.bounds[1], turned.bounds[3]
    count = max(1, math.ceil((high_m - low_m) / rates.spacing_m - 1e-9))
    spacing_m = (high_m - low_m) / count
    tracks: list[Track] = []
    for index in range(count):
        bottom_m = low_m + spacing_m * index
        strip = turned.intersection(shapely.box(turned.bounds[0] - 1, bottom_m, turned.bounds[2] + 1, bottom_m + spacing_m))
        for west_m, east_m in _extents(strip, bridge_m=rates.turn_s * rates.speed_mps):
            middle_m = bottom_m + spacing_m / 2
            line = shapely.LineString([(west_m - params.edge_margin_m, middle_m), (east_m + params.edge_margin_m, middle_m)])
            tracks.extend(_clipped(affinity.rotate(line, direction_rad, origin=(0, 0), use_radians=True), flyable, swath_m, rates, params))
    return tuple(tracks)


def _extents(strip: BaseGeometry, bridge_m: float) -> list[tuple[float, float]]:
    """West and east ends of the pieces of ground in a strip; gaps cheaper to fly over than to turn at are bridged."""
    ends = sorted((part.bounds[0], part.bounds[2]) for part in shapely.get_parts(strip) if part.area > 0)
    merged: list[tuple[float, float]] = []
    for west_m, east_m in ends:
        if merged and west_m - merged[-1][1] < bridge_m:
            merged[-1] = (merged[-1][0], max(merged[-1][1], east_m))
        else:
            merged.append((west_m, east_m))
    return merged


def _clipped(line: BaseGeometry, flyable: BaseGeometry, swath_m: float, rates: SweepRates, params: LaneParams) -> list[Track]:
    """The parts of a line that may be flown, short enough that a turn fits at their ends."""
    inside = line if flyable.covers(line) else line.intersection(flyable)
    tracks = []
    for part in shapely.get_parts(inside):
        if part.geom_type == "LineString" and part.length > 2 * params.edge_margin_m:
            coordinates = shapely.get_coordinates(part)
            room = with_turning_room(coordinates[0], coordinates[-1], flyable, rates.turn_radius_m)
            if room is not None:
                tracks.append(Track(_point(room[0]), _point(room[1]), swath_m))
    return tracks


def _point(coordinates: Sequence[float] | NDArray[np.float64]) -> Point:
    return float(coordinates[0]), float(coordinates[1])


def mend(
    tracks: Sequence[Track],
    ground: BaseGeometry,
    flyable: BaseGeometry,
    swath_m: float,
    rates: SweepRates,
    params: LaneParams | None = None,
) -> tuple[Track, ...]:
    """Add tracks over what the given ones miss of the ground (beside keep-outs, above all), best value first.

    A candidate runs along an edge of the flyable ground near something missed, or along the long axis of a missed piece and
    beside it by up to half a swath. It is taken while it sees enough new ground for its time. What cannot be seen from
    flyable ground with room to turn stays missed and is not counted.
    """
    params = params or LaneParams()
    shapely.prepare(flyable)
    kept = list(tracks)
    seeable = ground.intersection(turning_ground(flyable, rates.turn_radius_m).buffer(swath_m / 2))
    missed = _missed(seeable, kept)
    repairs = _Repairs(flyable, swath_m, rates, params)
    repairs.offer(_edge_candidates(missed, flyable, params.edge_tolerance_part * swath_m, swath_m, rates, params))
    finer_m = [params.fine_tolerance_part * swath_m]
    while len(kept) < len(tracks) + params.max_repairs:
        worth, at_least_m2 = _asked(1 - missed.area / seeable.area if seeable.area > 0 else 1.0, swath_m, params)
        best = repairs.best(_pieces(missed, at_least_m2), worth, at_least_m2)
        if best is not None:
            kept.append(best)
            missed = missed.difference(best.ground)
        elif worth == 0 and finer_m:
            repairs.offer(_edge_candidates(missed, flyable, finer_m.pop(), swath_m, rates, params))
        else:
            break
    return tuple(kept)


def _asked(coverage: float, swath_m: float, params: LaneParams) -> tuple[float, float]:
    """What a repair must be worth at this coverage, and the least ground it must see."""
    if coverage < params.least_coverage:
        return 0.0, params.speck_m2
    worth = params.worth_part if coverage >= params.wanted_coverage else params.least_worth_part
    return worth, max(params.speck_m2, params.sliver_part * swath_m**2)


class _Repairs:
    """Candidates for mending, best first. What is missed only shrinks, so a value once computed is a bound from above: the heap
    is worked off lazily (Minoux 1978, "Accelerated greedy algorithms for maximizing submodular set functions").
    """

    def __init__(self, flyable: BaseGeometry, swath_m: float, rates: SweepRates, params: LaneParams) -> None:
        self._flyable, self._swath_m, self._rates, self._params = flyable, swath_m, rates, params
        self._heap: list[tuple[float, int, Track]] = []
        self._offered = 0
        self._looked_at: set[bytes] = set()

    def offer(self, tracks: Sequence[Track]) -> None:
        for track in tracks:
            heapq.heappush(self._heap, (-math.inf, self._offered, track))
            self._offered += 1

    def best(self, pieces: Sequence[BaseGeometry], worth: float, at_least_m2: float) -> Track | None:
        """The best track for the missed pieces (largest first), taken off the heap; None when none is worth it."""
        tree = shapely.STRtree(pieces)
        unseen = [piece for piece in pieces if piece.wkb not in self._looked_at]
        while pieces:
            for piece in unseen[: self._params.looked_at_once]:
                self._looked_at.add(piece.wkb)
                self.offer(_candidates(piece, self._flyable, self._swath_m, self._rates, self._params))
            found = self._top(tree, pieces, worth, at_least_m2)
            if found is not None or not unseen:
                return found
            unseen = unseen[self._params.looked_at_once :]
        return None

    def _top(self, tree: shapely.STRtree, pieces: Sequence[BaseGeometry], worth: float, at_least_m2: float) -> Track | None:
        while self._heap:
            _, number, track = heapq.heappop(self._heap)
            anew_m2 = sum(track.ground.intersection(pieces[index]).area for index in sorted(tree.query(track.ground)))
            if anew_m2 < self._params.speck_m2:
                continue
            value = _value(track, anew_m2, self._rates)
            if self._heap and value < -self._heap[0][0]:
                heapq.heappush(self._heap, (-value, number, track))
            elif value >= worth and anew_m2 >= at_least_m2:
                return track
            else:
                heapq.heappush(self._heap, (-value, number, track))
                return None
        return None


def _edge_candidates(
    missed: BaseGeometry, flyable: BaseGeometry, tolerance_m: float, swath_m: float, rates: SweepRates, params: LaneParams
) -> list[Track]:
    """Tracks along the edges of flyable ground, straight within the tolerance, from which missed ground can be seen; with both ends
    run on by a swath, and without.
    """
    edge = flyable.buffer(-tolerance_m / 2).simplify(tolerance_m / 2).boundary.intersection(missed.buffer(swath_m / 2))
    found: list[Track] = []
    for part in shapely.get_parts(shapely.line_merge(edge)):
        points = shapely.get_coordinates(part)
        for start, end in pairwise(points):
            length_m = float(np.hypot(*(end - start)))
            if length_m > tolerance_m:
                along = (end - start) / length_m * swath_m
                found.extend(_clipped(shapely.LineString([start - along, end + along]), flyable, swath_m, rates, params))
                found.extend(_clipped(shapely.LineString([start, end]), flyable, swath_m, rates, params))
    return found


def _missed(ground: BaseGeometry, tracks: Sequence[Track]) -> BaseGeometry:
    return ground.difference(shapely.union_all([track.ground for track in tracks]))


def _pieces(missed: BaseGeometry, at_least_m2: float) -> list[BaseGeometry]:
    pieces = [piece for piece in shapely.get_parts(missed) if piece.geom_type == "Polygon" and piece.area > at_least_m2]
    return sorted(pieces, key=lambda piece: (-piece.area, piece.bounds))


def _value(track: Track, anew_m2: float, rates: SweepRates) -> float:
    """New ground per second, as a part of what an undisturbed lane sees per second."""
    seconds = track.length_m / rates.speed_mps + rates.turn_s
    return anew_m2 / seconds / (rates.spacing_m * rates.speed_mps)


def _candidates(piece: BaseGeometry, flyable: BaseGeometry, swath_m: float, rates: SweepRates, params: LaneParams) -> list[Track]:
    corners = shapely.get_coordinates(shapely.minimum_rotated_rectangle(piece))
    if len(corners) < 4:
        return []
    first, second = corners[1] - corners[0], corners[2] - corners[1]
    long_side, width_m = (first, float(np.hypot(*second))) if np.hypot(*first) >= np.hypot(*second) else (second, float(np.hypot(*first)))
    angles = [math.atan2(long_side[1], long_side[0])]
    angles += _edge_angles(piece)
    found: list[Track] = []
    for angle in dict.fromkeys(round(angle, 3) for angle in angles):
        turned = affinity.rotate(piece, -angle, origin=(0, 0), use_radians=True)
        west_m, low_m, east_m, high_m = turned.bounds
        middle_m = (low_m + high_m) / 2
        for shift in (0.0, -0.25, 0.25, -0.49, 0.49):
            north_m = middle_m + shift * (swath_m + (0.0 if abs(shift) < 0.3 else width_m))
            line = shapely.LineString([(west_m - params.edge_margin_m, north_m), (east_m + params.edge_margin_m, north_m)])
            found.extend(_clipped(affinity.rotate(line, angle, origin=(0, 0), use_radians=True), flyable, swath_m, rates, params))
    return found + _passing_by(piece, flyable, swath_m, rates, params)


def _passing_by(piece: BaseGeometry, flyable: BaseGeometry, swath_m: float, rates: SweepRates, params: LaneParams) -> list[Track]:
    """Tracks through the flyable place nearest to a piece that lies beyond, across the line of sight."""
    sight = shapely.get_coordinates(shapely.shortest_line(flyable, piece.centroid))
    if len(sight) < 2 or math.dist(*sight) < params.edge_margin_m:
        return []
    (east_m, north_m), (piece_east_m, piece_north_m) = sight
    across = math.atan2(piece_north_m - north_m, piece_east_m - east_m) + math.pi / 2
    found: list[Track] = []
    for angle in (across - 0.3, across, across + 0.3):
        half = np.array([math.cos(angle), math.sin(angle)]) * swath_m / 2
        # A touch on this side of the edge, so that the line is not cut off by rounding.
        place = sight[0] + (sight[0] - sight[1]) / math.dist(*sight) * 0.01
        found.extend(_clipped(shapely.LineString([place - half, place + half]), flyable, swath_m, rates, params))
    return found


def _edge_angles(piece: BaseGeometry) -> list[float]:
    """Directions of the piece's three longest edges."""
    edges = np.diff(shapely.get_coordinates(piece.exterior), axis=0)  # type: ignore[attr-defined]
    longest = np.argsort(-np.hypot(edges[:, 0], edges[:, 1]), kind="stable")[:3]
    return [math.atan2(edges[index, 1], edges[index, 0]) % math.pi for index in longest]


def drop_needless(tracks: Sequence[Track], ground: BaseGeometry, params: LaneParams | None = None) -> tuple[Track, ...]:
    """Leave out tracks that alone see next to nothing of the ground, least useful first, while `wanted_coverage` remains."""
    params = params or LaneParams()
    swaths = [track.ground.intersection(ground) for track in tracks]
    tree = shapely.STRtree(swaths)
    kept = set(range(len(tracks)))
    spare_m2 = max(0.0, shapely.union_all(swaths).area - params.wanted_coverage * ground.area)
    for index in sorted(kept, key=lambda index: (swaths[index].area, tracks[index].start)):
        others = [swaths[other] for other in sorted(tree.query(swaths[index])) if other in kept and other != index]
        alone_m2 = swaths[index].difference(shapely.union_all(others)).area
        if alone_m2 <= min(spare_m2, params.drop_part * tracks[index].ground.area) or swaths[index].is_empty:
            kept.remove(index)
            spare_m2 -= alone_m2
    return tuple(tracks[index] for index in sorted(kept))


def cut(track: Track, longest_m: float, params: LaneParams | None = None) -> tuple[Track, ...]:
    """The track in equal pieces no longer than `longest_m`, overlapping by a few metres."""
    params = params or LaneParams()
    count = max(1, math.ceil(track.length_m / longest_m - 1e-9))
    if count == 1:
        return (track,)
    start, end = np.array(track.start), np.array(track.end)
    half_overlap = (end - start) / track.length_m * params.overlap_m / 2
    corners = [start + (end - start) * index / count for index in range(count + 1)]
    pieces = []
    for index in range(count):
        first = corners[index] - (half_overlap if index > 0 else 0)
        last = corners[index + 1] + (half_overlap if index + 1 < count else 0)
        pieces.append(Track(_point(first), _point(last), track.swath_m))
    return tuple(pieces)
