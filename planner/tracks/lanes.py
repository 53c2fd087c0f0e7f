"""Lay sweep tracks over cells so that their swaths cover the ground, drop those that are not needed, and cut those too long."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import affinity
from shapely.geometry.base import BaseGeometry

from planner import overlay
from planner.coverage import swath_along
from planner.tracks.cells import Cell, SweepRates, best_directions, edge_directions
from planner.tracks.turning_room import TurningRoom, turning_ground

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
    `fine_tolerance_part`. Cut pieces of a lane overlap by `overlap_m`. A lane more is not laid for `spare_part` of a spacing.
    None is laid for outermost ground of less than `cusp_part` of a cell. Directions in which lanes' ends differ by `alike_part` of a
    spacing are one. One that is barred moves aside by up to `aside_part` of a
    swath beyond the overlap.
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
    spare_part: float = 0.002
    aside_part: float = 0.1
    cusp_part: float = 0.001
    alike_part: float = 0.02
    edge_margin_m: float = 0.5


class Laying:
    """What tracks of one type are laid with: where they may lie, how wide they see and what they cost."""

    def __init__(self, flyable: BaseGeometry, swath_m: float, rates: SweepRates, params: LaneParams) -> None:
        self.flyable, self.swath_m, self.rates, self.params = flyable, swath_m, rates, params
        self._room = TurningRoom(flyable, rates.turn_radius_m)
        shapely.prepare(flyable)

    @property
    def in_sight(self) -> BaseGeometry:
        """What can be seen from where the drone may fly and turn."""
        return turning_ground(self.flyable, self.rates.turn_radius_m).buffer(self.swath_m / 2)

    def tracks_on(self, line: BaseGeometry) -> list[Track]:
        """The parts of a line that may be flown, short enough that a turn fits at their ends."""
        inside = line if self.flyable.covers(line) else line.intersection(self.flyable)
        tracks = []
        for part in shapely.get_parts(inside):
            if part.geom_type == "LineString" and part.length > 2 * self.params.edge_margin_m:
                coordinates = shapely.get_coordinates(part)
                ends = self._room.shortened(coordinates[0], coordinates[-1])
                if ends is not None:
                    tracks.append(Track(_point(ends[0]), _point(ends[1]), self.swath_m))
        return tracks


def lay_cell(cell: Cell, flyable: BaseGeometry, swath_m: float, rates: SweepRates, params: LaneParams | None = None) -> tuple[Track, ...]:
    """Tracks over one cell in the best of a few directions, long edges' among them, by the true time of the tracks laid.

    Tracks lie in `flyable`; where that cuts them the ground beside is left to `mending`.
    """
    laying = Laying(flyable, swath_m, rates, params or LaneParams())
    directions = (cell.direction_rad, *best_directions(cell.polygon, rates, laying.params.tried_directions))
    tried = _unlike((*directions, *edge_directions(cell.polygon, directions, rates)), cell, rates, laying.params)
    best: tuple[Track, ...] = ()
    best_s = math.inf
    for strips in sorted((_strips(cell.polygon, direction, laying) for direction in tried), key=lambda each: each.least_s):
        if strips.least_s >= best_s:
            break
        tracks = _layout(strips, laying)
        seconds = _layout_s(tracks, cell, rates, best_s)
        if seconds < best_s:
            best, best_s = tracks, seconds
    return best


def _unlike(directions: Sequence[float], cell: Cell, rates: SweepRates, params: LaneParams) -> list[float]:
    """The directions without those in which the same lanes would be laid as in one before, by a small part of a spacing."""
    west_m, south_m, east_m, north_m = cell.polygon.bounds
    least_rad = params.alike_part * rates.spacing_m / math.hypot(east_m - west_m, north_m - south_m)
    found: list[float] = []
    for direction in directions:
        if all(abs(math.remainder(direction - other, math.pi)) > least_rad for other in found):
            found.append(direction)
    return found


@dataclass(frozen=True, slots=True)
class _Strips:
    """A cell turned so that its lanes run east, in so many equal strips from `low_m` up. However they are laid, tracks over them take
    `least_s`: each is as long as its strip's ground at least.
    """

    turned: BaseGeometry
    direction_rad: float
    low_m: float
    spacing_m: float
    count: int
    least_s: float


def _strips(ground: BaseGeometry, direction_rad: float, laying: Laying) -> _Strips:
    rates = laying.rates
    turned = overlay.turned(ground, -direction_rad)
    low_m, high_m = _without_cusps(turned, rates.spacing_m, laying.params)
    count = max(1, math.ceil((high_m - low_m) / rates.spacing_m - laying.params.spare_part))
    spacing_m = (high_m - low_m) / count
    least_m = (1 - laying.params.cusp_part) * turned.area / spacing_m if spacing_m > 0 else 0.0
    return _Strips(turned, direction_rad, low_m, spacing_m, count, least_m / rates.speed_mps + count * rates.turn_s)


def _layout_s(tracks: Sequence[Track], cell: Cell, rates: SweepRates, at_most_s: float) -> float:
    """Seconds of the tracks and their turns; ground that they miss is charged as if swept at a third of the rate. Infinite where the
    tracks alone take longer than `at_most_s`.
    """
    flown_s = sum(track.length_m / rates.speed_mps + rates.turn_s for track in tracks)
    if flown_s > at_most_s:
        return math.inf
    missed_m2 = overlay.difference(cell.polygon, overlay.union(track.ground for track in tracks)).area
    return flown_s + 3 * missed_m2 / (rates.spacing_m * rates.speed_mps)


def _layout(strips: _Strips, laying: Laying) -> tuple[Track, ...]:
    """Parallel tracks at even spacing, each over the whole extent of its strip of ground."""
    rates, margin_m, turned, spacing_m = laying.rates, laying.params.edge_margin_m, strips.turned, strips.spacing_m
    west_most_m, _, east_most_m, _ = turned.bounds
    tracks: list[Track] = []
    for index in range(strips.count):
        bottom_m = strips.low_m + spacing_m * index
        strip = overlay.intersection(turned, shapely.box(west_most_m - 1, bottom_m, east_most_m + 1, bottom_m + spacing_m))
        for west_m, east_m in _extents(strip, bridge_m=rates.turn_s * rates.speed_mps):
            line = shapely.LineString([(west_m - margin_m, bottom_m + spacing_m / 2), (east_m + margin_m, bottom_m + spacing_m / 2)])
            tracks.extend(laying.tracks_on(_let_in(line, strips.direction_rad, spacing_m, laying)))
    return tuple(tracks)


def _without_cusps(turned: BaseGeometry, spacing_m: float, params: LaneParams) -> tuple[float, float]:
    """From where to where north lanes are laid: all of it, or as many whole spacings as fit where next to nothing lies beyond."""
    west_m, low_m, east_m, high_m = turned.bounds
    whole_m = math.floor((high_m - low_m) / spacing_m) * spacing_m
    if whole_m > 0:
        for first_m in (low_m, high_m - whole_m, (low_m + high_m - whole_m) / 2):
            inside = overlay.intersection(turned, shapely.box(west_m - 1, first_m, east_m + 1, first_m + whole_m))
            if turned.area - inside.area <= params.cusp_part * turned.area:
                return first_m, first_m + whole_m
    return low_m, high_m


def _let_in(line: BaseGeometry, direction_rad: float, spacing_m: float, laying: Laying) -> BaseGeometry:
    """The line turned into its place. One that airspace does not let through as a whole moves aside a little where that helps: by what
    neighbours overlap and a small part of the swath, which mending looks after.
    """
    turned = affinity.rotate(line, direction_rad, origin=(0, 0), use_radians=True)
    if laying.flyable.covers(turned):
        return turned
    most_m = (laying.swath_m - spacing_m) / 2 + laying.params.aside_part * laying.swath_m
    across = np.array([-math.sin(direction_rad), math.cos(direction_rad)])
    for part in (0.25, -0.25, 0.5, -0.5, 0.75, -0.75, 1.0, -1.0):
        moved = affinity.translate(turned, *(across * part * most_m).tolist())
        if laying.flyable.covers(moved):
            return moved
    return turned


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


def _point(coordinates: Sequence[float] | NDArray[np.float64]) -> Point:
    return float(coordinates[0]), float(coordinates[1])


def drop_needless(tracks: Sequence[Track], ground: BaseGeometry, params: LaneParams | None = None) -> tuple[Track, ...]:
    """Leave out tracks that alone see next to nothing of the ground, least useful first, while `wanted_coverage` remains."""
    params = params or LaneParams()
    swaths = [overlay.intersection(track.ground, ground) for track in tracks]
    tree = shapely.STRtree(swaths)
    kept = set(range(len(tracks)))
    spare_m2 = max(0.0, overlay.union(swaths).area - params.wanted_coverage * ground.area)
    for index in sorted(kept, key=lambda index: (swaths[index].area, tracks[index].start)):
        others = [swaths[other] for other in sorted(tree.query(swaths[index])) if other in kept and other != index]
        alone_m2 = overlay.difference(swaths[index], overlay.union(others)).area
        if alone_m2 <= min(spare_m2, params.drop_part * tracks[index].ground.area) or swaths[index].is_empty:
            kept.remove(index)
            spare_m2 -= alone_m2
    return tuple(tracks[index] for index in sorted(kept))


def cut(track: Track, longest_m: float, params: LaneParams | None = None, *, beside: Sequence[Point] = ()) -> tuple[Track, ...]:
    """The track in pieces no longer than `longest_m`, overlapping by a few metres; equal ones, to each side of where it passes the
    nearest of the places `beside` it: out along one lane and back along the next is a sortie without a way that sees nothing.
    """
    params = params or LaneParams()
    if track.length_m <= longest_m * (1 + 1e-9):
        return (track,)
    start, end = np.array(track.start), np.array(track.end)
    half_overlap = (end - start) / track.length_m * params.overlap_m / 2
    corners = [start + (end - start) * part for part in _cuts(track, longest_m, beside)]
    pieces = []
    for index in range(len(corners) - 1):
        first = corners[index] - (half_overlap if index > 0 else 0)
        last = corners[index + 1] + (half_overlap if index + 2 < len(corners) else 0)
        pieces.append(Track(_point(first), _point(last), track.swath_m))
    return tuple(pieces)


#: A track is cut where it passes a place that is nearer than this part of a piece, but not so near to its own ends.
_NEAR = 0.5
_STUB = 0.3


def _cuts(track: Track, longest_m: float, beside: Sequence[Point]) -> list[float]:
    """Where the track is cut, as parts of its length from 0 to 1."""
    feet = [(math.dist(foot, place), foot) for place in beside for foot in [_foot(track, place)]]
    away_m, foot = min(feet, default=(math.inf, track.start))
    part = math.dist(track.start, foot) / track.length_m if away_m < _NEAR * longest_m else 0.0
    stub = _STUB * longest_m / track.length_m
    middle = [part] if stub < part < 1 - stub else []
    ends = [0.0, *middle, 1.0]
    counts = [max(1, math.ceil((last - first) * track.length_m / longest_m - 1e-9)) for first, last in pairwise(ends)]
    inner = [
        first + (last - first) * step / count for (first, last), count in zip(pairwise(ends), counts, strict=True) for step in range(count)
    ]
    return [*inner, 1.0]


def _foot(track: Track, place: Point) -> Point:
    """The nearest place of the track."""
    along = np.subtract(track.end, track.start)
    part = float(np.clip(np.subtract(place, track.start) @ along / (along @ along), 0.0, 1.0))
    return _point(np.array(track.start) + along * part)
