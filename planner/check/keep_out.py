"""Rule `keep_out`: no leg enters a keep-out's polygon grown by its buffer, within its band and while it is valid."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from planner.check import intervals
from planner.check.case import Case, Scene, Track
from planner.check.findings import leg_finding
from planner.check.intervals import Intervals
from planner.check.params import CheckParams
from planner.check.shapes import on_earth_m
from planner.model import KeepOut, Rule, Violation


def check_keep_outs(case: Case) -> Iterator[Violation]:
    """One violation a leg: its deepest intrusion."""
    for scene in case.scenes:
        deepest: dict[int, Violation] = {}
        tree = shapely.STRtree([track.shape for track in scene.tracks])
        for keep_out, polygon in scene.ground.keep_outs:
            core = _core(keep_out, polygon, case.params)
            for index in sorted(tree.query(core, predicate="intersects")):
                found = _intrusion(scene.tracks[index], keep_out, polygon, core, scene, case.params)
                if found is not None and (index not in deepest or found.amount > deepest[index].amount):
                    deepest[index] = found
        yield from deepest.values()


def _core(keep_out: KeepOut, polygon: BaseGeometry, params: CheckParams) -> BaseGeometry:
    """The grown polygon less the tolerance.

    Shrinking a bare polygon would lose its narrow parts, and a fence of two metres' width is still a fence: so a bare one
    forgives less, and a part too narrow even for that forgives nothing.
    """
    buffer_m = on_earth_m(keep_out.buffer_m)
    if buffer_m >= params.tolerance_m:
        return polygon.buffer(buffer_m - params.tolerance_m, quad_segs=params.quad_segs)
    grown = polygon.buffer(buffer_m, quad_segs=params.quad_segs)
    shrunk = [(part, part.buffer(-params.bare_keep_out_tolerance_m)) for part in shapely.get_parts(grown)]
    return shapely.union_all([part if core.is_empty else core for part, core in shrunk])


def _intrusion(
    track: Track, keep_out: KeepOut, polygon: BaseGeometry, core: BaseGeometry, scene: Scene, params: CheckParams
) -> Violation | None:
    worst: tuple[float, shapely.Point, float] | None = None
    heights_m, times_s = track.flown.heights_m.tolist(), track.flown.times_s.tolist()
    for index, ((start, end), heights, times) in enumerate(zip(track.segments(), pairwise(heights_m), pairwise(times_s), strict=True)):
        entered = intervals.intersection(intervals.inside(core, start, end), _in_force(keep_out, heights, times, params))
        for low, high in entered:
            for part in (low, (low + high) / 2, high):
                point = shapely.Point(track.points_m[index] + np.subtract(end, start) * part)
                depth_m = _depth_m(point, polygon, keep_out.buffer_m)
                if worst is None or depth_m > worst[0]:
                    worst = depth_m, point, times[0] + (times[1] - times[0]) * part
    if worst is None:
        return None
    depth_m, point, at_s = worst
    place = scene.tile.frame.point_to_geographic(east_m=point.x, north_m=point.y)
    text = f"{depth_m:.1f} m inside keep-out {keep_out.id} (its buffer of {keep_out.buffer_m:g} m included)"
    return leg_finding(Rule.KEEP_OUT, track.flown, text, amount=depth_m, unit="m", at=place, at_s=at_s)


def _in_force(keep_out: KeepOut, heights: tuple[float, float], times: tuple[float, float], params: CheckParams) -> Intervals:
    """Where on the segment the keep-out holds, less the tolerances (a quarter of the band or validity at most)."""
    band, validity = keep_out.band, keep_out.validity
    slack_m = min(params.tolerance_m, (band.max_m - band.min_m) / 4)
    slack_s = min(params.tolerance_s, (validity.to_s - validity.from_s) / 4)
    return intervals.intersection(
        intervals.between(*heights, low=band.min_m + slack_m, high=band.max_m - slack_m),
        intervals.between(*times, low=validity.from_s + slack_s, high=validity.to_s - slack_s),
    )


def _depth_m(point: BaseGeometry, polygon: BaseGeometry, buffer_m: float) -> float:
    if shapely.intersects(polygon, point):
        return buffer_m + float(shapely.distance(polygon.boundary, point))
    return buffer_m - float(shapely.distance(polygon, point))
