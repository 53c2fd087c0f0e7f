"""Tracks over what a patrol asks for beside ground: each metre of a line, and points.

A line is followed by straight tracks, beside it where it may not be flown over itself; what they see of it counts, by their swaths. A point
is a short track over it, or as near to it as may be flown and seen.
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

from planner import overlay
from planner.geo import LocalFrame
from planner.model import MissionSpec
from planner.tracks.cells import SweepRates
from planner.tracks.lanes import LaneParams, Laying, Point, Track

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, slots=True)
class AskedParams:
    """Parts of a swath: a line is straightened by `straighten`, what is looked at stays within `sight` of half of it, and is tried at
    `offsets` of that to each side. A point's track is `stub` of it long, within limits, in one of `directions`. Rests of a line shorter
    than `least_m` are let go. Two tracks side by side are `apart_m` further from each other than the separation.
    """

    straighten: float = 0.1
    sight: float = 0.92
    offsets: tuple[float, ...] = (0.0, 0.3, -0.3, 0.6, -0.6, 0.85, -0.85, 1.0, -1.0)
    stub: float = 0.4
    stub_least_m: float = 12.0
    stub_most_m: float = 80.0
    directions: int = 8
    least_m: float = 2.0
    apart_m: float = 15.0
    end_m: float = 3.0


@dataclass(frozen=True, slots=True)
class Asked:
    """Lines and points to be seen (local metres)."""

    lines: BaseGeometry
    points: tuple[Point, ...]

    @property
    def is_empty(self) -> bool:
        return bool(self.lines.is_empty) and not self.points


def asked_of(spec: MissionSpec, frame: LocalFrame) -> Asked:
    """What the mission's patrols ask for beside ground."""
    lines = [frame.line(patrol.shape) for patrol in spec.patrols if patrol.shape is not None and not patrol.has_ground]
    places = dict.fromkeys(frame.point_to_local(place.location) for patrol in spec.patrols for place in patrol.places)
    return Asked(shapely.union_all(lines) if lines else shapely.MultiLineString(), tuple(places))


@dataclass(frozen=True, slots=True)
class Answered:
    """Tracks, and what of the lines and which points they do not see."""

    tracks: tuple[Track, ...]
    unseen: Asked


def tracks_over(
    asked: Asked,
    seen: BaseGeometry,
    flyable: BaseGeometry,
    swath_m: float,
    rates: SweepRates,
    *,
    apart_m: float | None = None,
    params: AskedParams | None = None,
) -> Answered:
    """Tracks for what is not `seen` yet. With `apart_m` (the separation that drones keep) lines are followed on two tracks side by side
    where they can be, so that who flies out does not meet who flies back.
    """
    params = params or AskedParams()
    laying = Laying(flyable, swath_m, rates, LaneParams())
    left = asked.lines if seen.is_empty else asked.lines.difference(seen)
    tracks: list[Track] = []
    if apart_m is not None:
        left = _followed(left, laying, _pairs(apart_m, swath_m, params), tracks, params)
    left = _followed(left, laying, [(part * params.sight * swath_m / 2,) for part in params.offsets], tracks, params)
    missed: list[Point] = []
    for point in asked.points:
        place = shapely.Point(point)
        if seen.intersects(place) or any(track.ground.intersects(place) for track in tracks):
            continue
        found = _stub(place, laying, params)
        if found is None:
            missed.append(point)
        else:
            tracks.append(found)
    return Answered(tuple(tracks), Asked(left, tuple(missed)))


def _pairs(apart_m: float, swath_m: float, params: AskedParams) -> list[tuple[float, ...]]:
    """Offsets of two tracks side by side, both of which see the line; none where the swath is too narrow for that."""
    half_m, sight_m = (params.apart_m + apart_m) / 2, params.sight * swath_m / 2
    room_m = sight_m - half_m
    return [(part * room_m + half_m, part * room_m - half_m) for part in params.offsets] if room_m > 0 else []


def _followed(
    line: BaseGeometry, laying: Laying, choices: Sequence[tuple[float, ...]], tracks: list[Track], params: AskedParams
) -> BaseGeometry:
    """Lay tracks at the first offsets at which they see something of the line that is left; what is left after all."""
    left = line
    for offsets in choices:
        if left.length < params.least_m:
            break
        laid = [_alongside(left, offset, laying, params) for offset in offsets]
        seen = [overlay.union(track.ground for track in each) for each in laid]
        common = seen[0] if len(seen) == 1 else overlay.intersection(seen[0], seen[1])
        rest = left.difference(common)
        if left.length - rest.length < params.least_m:
            continue
        tracks += [track for each in laid for track in each if track.ground.intersection(left).length > params.least_m]
        left = rest
    parts = [part for part in shapely.get_parts(left) if part.geom_type == "LineString" and part.length >= params.least_m]
    return shapely.MultiLineString(parts)


def _alongside(line: BaseGeometry, offset_m: float, laying: Laying, params: AskedParams) -> list[Track]:
    merged = shapely.line_merge(line) if line.geom_type == "MultiLineString" else line
    tracks: list[Track] = []
    for part in shapely.get_parts(merged):
        straight = part.simplify(params.straighten * laying.swath_m)
        moved = straight if offset_m == 0 else shapely.offset_curve(straight, offset_m, join_style="mitre", mitre_limit=2.0)
        for run in shapely.get_parts(moved):
            tracks += [track for side in _sides(run, params) for track in laying.tracks_on(side)]
    return tracks


def _sides(line: BaseGeometry, params: AskedParams) -> Iterator[BaseGeometry]:
    """The straight parts of a line, each a little longer than it is."""
    for start, end in pairwise(shapely.get_coordinates(line)):
        length_m = math.dist(start, end)
        if length_m > params.least_m:
            more = (end - start) / length_m * params.end_m
            yield shapely.LineString([start - more, end + more])


def _stub(place: shapely.Point, laying: Laying, params: AskedParams) -> Track | None:
    """A short track that sees the point, as near to it as can be."""
    half_m = min(max(params.stub * laying.swath_m, params.stub_least_m), params.stub_most_m) / 2
    for middle in _middles(place, laying, params):
        for direction in np.arange(params.directions) * (math.pi / params.directions):
            east_m, north_m = half_m * math.cos(direction), half_m * math.sin(direction)
            line = shapely.LineString([(middle[0] - east_m, middle[1] - north_m), (middle[0] + east_m, middle[1] + north_m)])
            for track in laying.tracks_on(line):
                if track.ground.contains(place):
                    return track
    return None


def _middles(place: shapely.Point, laying: Laying, params: AskedParams) -> Iterator[Point]:
    """The point itself, or flyable places around it."""
    yield place.x, place.y
    sight_m = params.sight * laying.swath_m / 2
    for part in (0.3, 0.6, 0.9):
        for direction in np.arange(2 * params.directions) * (math.pi / params.directions):
            middle = (place.x + part * sight_m * math.cos(direction), place.y + part * sight_m * math.sin(direction))
            if laying.flyable.intersects(shapely.Point(middle)):
                yield middle
