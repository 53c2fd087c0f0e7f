"""The area in pieces along the border, or along its own length without one: what was seen of each, how often and when.

Coverage is exact, from the same ground as the patrol's own. Times are those of sample points, each seen when a drone passes it at
half a swath or less while it sweeps a lane.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import compress

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import LineString, MultiPoint
from shapely.geometry.base import BaseGeometry

from missions.report.drone_record import DroneRecord
from missions.report.params import ReportParams
from planner.coverage import CoverageReport
from planner.geo import LatLon, LocalFrame
from planner.model import Plan

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentParams:
    """At most `most` segments of `length_m` or more. `samples` points in all tell times; a point passed twice within `visit_s` was
    seen once.
    """

    length_m: float = 500.0
    most: int = 12
    samples: int = 4000
    visit_s: float = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """From `from_m` to `to_m` along the line. Times are patrol seconds; `first_s` and `last_s` are None where nothing was seen,
    `longest_gap_s` (of any point seen twice, between two of its visits) where nothing was seen twice.
    """

    number: int
    from_m: float
    to_m: float
    middle: LatLon
    ground: BaseGeometry
    coverable_m2: float
    planned_coverage: float
    flown_coverage: float
    visits: float
    first_s: float | None
    last_s: float | None
    longest_gap_s: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenPoints:
    """Sample points of the coverable ground, metres in the account's frame, and when each was seen."""

    east_m: Floats
    north_m: Floats
    step_m: float
    times_s: tuple[tuple[float, ...], ...]

    @property
    def visits(self) -> NDArray[np.int64]:
        return np.array([len(times) for times in self.times_s], dtype=np.int64)


_USUAL = SegmentParams()


def segments(
    plan: Plan, planned: CoverageReport, flown: CoverageReport, seen: SeenPoints, frame: LocalFrame, params: SegmentParams = _USUAL
) -> Iterator[Segment]:
    """In order along the line."""
    coverable = frame.ground(plan.coverable)
    line = _line(plan, frame, coverable)
    if coverable.is_empty or line.length == 0:
        return
    missed = [frame.ground(report.missed) for report in (planned, flown)]
    count = max(1, min(params.most, int(line.length // params.length_m)))
    places = _points(seen.east_m, seen.north_m)
    for number, piece in enumerate(_pieces(line, coverable, count), start=1):
        ground = coverable.intersection(piece)
        lost = [1.0 - (each.intersection(ground).area / ground.area) if ground.area > 0 else 1.0 for each in missed]
        shapely.prepare(piece)
        times_s = list(compress(seen.times_s, shapely.intersects(piece, places)))
        from_m, to_m = line.length * (number - 1) / count, line.length * number / count
        middle = line.interpolate((from_m + to_m) / 2)
        yield Segment(
            number=number,
            from_m=from_m,
            to_m=to_m,
            middle=frame.point_to_geographic(east_m=middle.x, north_m=middle.y),
            ground=ground,
            coverable_m2=ground.area,
            planned_coverage=lost[0],
            flown_coverage=lost[1],
            visits=float(np.mean([len(times) for times in times_s])) if times_s else 0.0,
            first_s=min((times[0] for times in times_s if times), default=None),
            last_s=max((times[-1] for times in times_s if times), default=None),
            longest_gap_s=max((float(np.diff(times).max()) for times in times_s if len(times) > 1), default=None),
        )


def seen_points(
    plan: Plan,
    records: Mapping[str, DroneRecord],
    zero_s: float,
    frame: LocalFrame,
    params: ReportParams,
    segment_params: SegmentParams = _USUAL,
) -> SeenPoints:
    """When each sample point of the coverable ground was swept."""
    east_m, north_m, step_m = _samples(frame.ground(plan.coverable), segment_params.samples)
    places = _points(east_m, north_m)
    tree = shapely.STRtree(places)
    widths_m = {lane.id: lane.swath_m for lane in plan.lanes}
    times_s: list[list[float]] = [[] for _ in places]
    for record in records.values():
        for span in record.swept:
            for piece in record.track.between(span.start_s, span.end_s).pieces(
                max_gap_s=params.max_gap_s, max_speed_mps=params.max_speed_mps
            ):
                if len(piece) < 2 or span.lane not in widths_m:
                    continue
                way = LineString(np.column_stack([piece.east_m, piece.north_m]))
                strip = way.simplify(params.swept_tolerance_m).buffer(widths_m[span.lane] / 2, cap_style="flat")
                passed_m = np.concatenate([[0.0], np.cumsum(np.hypot(np.diff(piece.east_m), np.diff(piece.north_m)))])
                for index in tree.query(strip, predicate="intersects").tolist():
                    along_m = shapely.line_locate_point(way, places[index])
                    times_s[index].append(float(np.interp(along_m, passed_m, piece.at_s)) - zero_s)
    visits = tuple(_visits(sorted(times), segment_params.visit_s) for times in times_s)
    return SeenPoints(east_m=east_m, north_m=north_m, step_m=step_m, times_s=visits)


def _points(east_m: Floats, north_m: Floats) -> NDArray[np.object_]:
    return np.asarray(shapely.points(east_m, north_m), dtype=object)


def _visits(times_s: Sequence[float], apart_s: float) -> tuple[float, ...]:
    """Times so near to the one before that they are of the same visit are left out."""
    kept: list[float] = []
    for at_s in times_s:
        if not kept or at_s - kept[-1] > apart_s:
            kept.append(at_s)
    return tuple(kept)


def _samples(ground: BaseGeometry, count: int) -> tuple[Floats, Floats, float]:
    """The middles of about so many squares whose middles lie in the ground, and the squares' side."""
    if ground.is_empty or ground.area <= 0:
        return np.empty(0), np.empty(0), 1.0
    step_m = math.sqrt(ground.area / count)
    west, south, east, north = ground.bounds
    columns, rows = _middles(west, east, step_m), _middles(south, north, step_m)
    across, along = (axis.ravel() for axis in np.meshgrid(columns, rows))
    shapely.prepare(ground)
    inside = shapely.contains_xy(ground, across, along)
    return across[inside], along[inside], step_m


def _middles(low: float, high: float, step_m: float) -> Floats:
    """Of as many steps as cover the interval, as far beyond it on one side as on the other."""
    count = math.ceil((high - low) / step_m)
    return np.asarray((low + high) / 2 + step_m * (np.arange(count) - (count - 1) / 2), dtype=np.float64)


def _line(plan: Plan, frame: LocalFrame, coverable: BaseGeometry) -> LineString:
    """The border as far as it runs by the coverable ground, or else the middle line of the ground's longer direction."""
    if plan.border is not None:
        west, south, east, north = coverable.buffer(1.0).bounds
        within = shapely.line_merge(shapely.clip_by_rect(frame.line(plan.border), west, south, east, north))
        parts = [part for part in shapely.get_parts(within).tolist() if isinstance(part, LineString) and part.length > 0]
        if parts:
            return max(parts, key=lambda part: part.length)
    corners = shapely.get_coordinates(shapely.minimum_rotated_rectangle(coverable))
    if len(corners) < 4:
        return LineString()
    sides = [(corners[index], corners[(index + 1) % 4]) for index in range(4)]
    longer = 0 if np.hypot(*(sides[0][1] - sides[0][0])) >= np.hypot(*(sides[1][1] - sides[1][0])) else 1
    (a, b), (d, c) = sides[longer], sides[longer + 2][::-1]
    return LineString([(a + d) / 2, (b + c) / 2])


def _pieces(line: LineString, ground: BaseGeometry, count: int) -> list[BaseGeometry]:
    """The plane parted into what is nearest to each of so many equal pieces of the line."""
    if count == 1:
        return [ground.envelope]
    # the cells of points along the line, a piece's own united
    each = max(2, 60 // count)
    places = [line.interpolate((index + 0.5) / (count * each), normalized=True) for index in range(count * each)]
    cells = shapely.get_parts(shapely.voronoi_polygons(MultiPoint(places), extend_to=ground.envelope, ordered=True))
    return [shapely.union_all(cells[first * each : (first + 1) * each]) for first in range(count)]
