"""Mend what laid tracks miss (beside keep-outs, above all): more tracks, those first that see most for their time."""

from __future__ import annotations

import heapq
import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import shapely
from shapely import affinity
from shapely.geometry.base import BaseGeometry

from planner import overlay
from planner.tracks.cells import SweepRates
from planner.tracks.lanes import LaneParams, Laying, Track


def mend(
    tracks: Sequence[Track],
    ground: BaseGeometry,
    flyable: BaseGeometry,
    swath_m: float,
    rates: SweepRates,
    params: LaneParams | None = None,
) -> tuple[Track, ...]:
    """The tracks and others over what they miss of the ground, best value first.

    A candidate runs along an edge of the flyable ground near something missed, or along the long axis of a missed piece and
    beside it by up to half a swath. It is taken while it sees enough new ground for its time. What cannot be seen from
    flyable ground with room to turn stays missed and is not counted.
    """
    laying = Laying(flyable, swath_m, rates, params or LaneParams())
    params = laying.params
    kept = list(tracks)
    seeable = ground.intersection(laying.in_sight)
    missed = overlay.difference(seeable, overlay.union(track.ground for track in kept))
    repairs = _Repairs(laying)
    repairs.offer(_along_edges(missed, params.edge_tolerance_part * swath_m, laying))
    finer_m = [params.fine_tolerance_part * swath_m]
    while len(kept) < len(tracks) + params.max_repairs:
        worth, at_least_m2 = _asked(1 - missed.area / seeable.area if seeable.area > 0 else 1.0, laying)
        best = repairs.best(_pieces(missed, at_least_m2), worth, at_least_m2)
        if best is not None:
            kept.append(best)
            missed = overlay.difference(missed, best.ground)
        elif worth == 0 and finer_m:
            repairs.offer(_along_edges(missed, finer_m.pop(), laying))
        else:
            break
    return tuple(kept)


def _asked(coverage: float, laying: Laying) -> tuple[float, float]:
    """What a repair must be worth at this coverage, and the least ground it must see."""
    params = laying.params
    if coverage < params.least_coverage:
        return 0.0, params.speck_m2
    worth = params.worth_part if coverage >= params.wanted_coverage else params.least_worth_part
    return worth, max(params.speck_m2, params.sliver_part * laying.swath_m**2)


class _Repairs:
    """Candidates for mending, best first. What is missed only shrinks, so a value once computed is a bound from above: the heap
    is worked off lazily (Minoux 1978, "Accelerated greedy algorithms for maximizing submodular set functions").
    """

    def __init__(self, laying: Laying) -> None:
        self._laying = laying
        self._heap: list[tuple[float, int, Track]] = []
        self._offered = 0
        self._looked_at: set[bytes] = set()

    def offer(self, tracks: Sequence[Track]) -> None:
        for track in tracks:
            heapq.heappush(self._heap, (-math.inf, self._offered, track))
            self._offered += 1

    def best(self, pieces: Sequence[BaseGeometry], worth: float, at_least_m2: float) -> Track | None:
        """The best track for the missed pieces (largest first), taken off the heap; None when none is worth it."""
        at_once = self._laying.params.looked_at_once
        tree = shapely.STRtree(pieces)
        unseen = [piece for piece in pieces if piece.wkb not in self._looked_at]
        while pieces:
            for piece in unseen[:at_once]:
                self._looked_at.add(piece.wkb)
                self.offer(_candidates(piece, self._laying))
            found = self._top(tree, pieces, worth, at_least_m2)
            if found is not None or not unseen:
                return found
            unseen = unseen[at_once:]
        return None

    def _top(self, tree: shapely.STRtree, pieces: Sequence[BaseGeometry], worth: float, at_least_m2: float) -> Track | None:
        while self._heap:
            _, number, track = heapq.heappop(self._heap)
            anew_m2 = sum(overlay.intersection(track.ground, pieces[index]).area for index in sorted(tree.query(track.ground)))
            if anew_m2 < self._laying.params.speck_m2:
                continue
            value = _value(track, anew_m2, self._laying.rates)
            if self._heap and value < -self._heap[0][0]:
                heapq.heappush(self._heap, (-value, number, track))
            elif value >= worth and anew_m2 >= at_least_m2:
                return track
            else:
                heapq.heappush(self._heap, (-value, number, track))
                return None
        return None


def _along_edges(missed: BaseGeometry, tolerance_m: float, laying: Laying) -> list[Track]:
    """Tracks along the edges of flyable ground, straight within the tolerance, from which missed ground can be seen; with both ends
    run on by a swath, and without.
    """
    inner = laying.flyable.buffer(-tolerance_m / 2).simplify(tolerance_m / 2)
    edge = inner.boundary.intersection(missed.buffer(laying.swath_m / 2))
    found: list[Track] = []
    for part in shapely.get_parts(shapely.line_merge(edge)):
        points = shapely.get_coordinates(part)
        for start, end in pairwise(points):
            length_m = float(np.hypot(*(end - start)))
            if length_m > tolerance_m:
                along = (end - start) / length_m * laying.swath_m
                found.extend(laying.tracks_on(shapely.LineString([start - along, end + along])))
                found.extend(laying.tracks_on(shapely.LineString([start, end])))
    return found


def _pieces(missed: BaseGeometry, at_least_m2: float) -> list[BaseGeometry]:
    pieces = [piece for piece in shapely.get_parts(missed) if piece.geom_type == "Polygon" and piece.area > at_least_m2]
    return sorted(pieces, key=lambda piece: (-piece.area, piece.bounds))


def _value(track: Track, anew_m2: float, rates: SweepRates) -> float:
    """New ground per second, as a part of what an undisturbed lane sees per second."""
    seconds = track.length_m / rates.speed_mps + rates.turn_s
    return anew_m2 / seconds / (rates.spacing_m * rates.speed_mps)


def _candidates(piece: BaseGeometry, laying: Laying) -> list[Track]:
    corners = shapely.get_coordinates(shapely.minimum_rotated_rectangle(piece))
    if len(corners) < 4:
        return []
    first, second = corners[1] - corners[0], corners[2] - corners[1]
    long_side, width_m = (first, float(np.hypot(*second))) if np.hypot(*first) >= np.hypot(*second) else (second, float(np.hypot(*first)))
    angles = [math.atan2(long_side[1], long_side[0])]
    angles += _edge_angles(piece)
    margin_m = laying.params.edge_margin_m
    found: list[Track] = []
    for angle in dict.fromkeys(round(angle, 3) for angle in angles):
        turned = overlay.turned(piece, -angle)
        west_m, low_m, east_m, high_m = turned.bounds
        middle_m = (low_m + high_m) / 2
        for shift in (0.0, -0.25, 0.25, -0.49, 0.49):
            north_m = middle_m + shift * (laying.swath_m + (0.0 if abs(shift) < 0.3 else width_m))
            line = shapely.LineString([(west_m - margin_m, north_m), (east_m + margin_m, north_m)])
            found.extend(laying.tracks_on(affinity.rotate(line, angle, origin=(0, 0), use_radians=True)))
    return found + _passing_by(piece, laying)


def _passing_by(piece: BaseGeometry, laying: Laying) -> list[Track]:
    """Tracks through the flyable place nearest to a piece that lies beyond, across the line of sight."""
    sight = shapely.get_coordinates(shapely.shortest_line(laying.flyable, piece.centroid))
    if len(sight) < 2 or math.dist(*sight) < laying.params.edge_margin_m:
        return []
    (east_m, north_m), (piece_east_m, piece_north_m) = sight
    across = math.atan2(piece_north_m - north_m, piece_east_m - east_m) + math.pi / 2
    found: list[Track] = []
    for angle in (across - 0.3, across, across + 0.3):
        half = np.array([math.cos(angle), math.sin(angle)]) * laying.swath_m / 2
        # A touch on this side of the edge, so that the line is not cut off by rounding.
        place = sight[0] + (sight[0] - sight[1]) / math.dist(*sight) * 0.01
        found.extend(laying.tracks_on(shapely.LineString([place - half, place + half])))
    return found


def _edge_angles(piece: BaseGeometry) -> list[float]:
    """Directions of the piece's three longest edges."""
    edges = np.diff(shapely.get_coordinates(piece.exterior), axis=0)  # type: ignore[attr-defined]
    longest = np.argsort(-np.hypot(edges[:, 0], edges[:, 1]), kind="stable")[:3]
    return [math.atan2(edges[index, 1], edges[index, 0]) % math.pi for index in longest]
