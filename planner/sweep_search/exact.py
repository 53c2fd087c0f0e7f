"""What tracks miss, measured exactly, and short tracks that see it: the raster of the search is a sample, this is the judge."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from planner import overlay
from planner.sweep_search.kernel import Floats
from planner.sweep_search.world import SweepTask

_INSET_M = 1e-4
_LEAST_GAIN = 0.02
_OFFSETS = (0.0, 0.15, -0.15, 0.3, -0.3, 0.45, -0.45)


def missed_m2(task: SweepTask, tracks: Floats) -> float:
    """Area of ground outside the tracks' flat-capped swaths. `tracks` (n, 4); those without length are breaks between routes."""
    return float(_missed(task, tracks).area)


def patches(task: SweepTask, tracks: Floats, allowed_m2: float) -> list[tuple[float, float, float, float]]:
    """Short tracks over missed pieces, the largest first, until no more than `allowed_m2` is left or no piece can be helped."""
    missed = _missed(task, tracks)
    found: list[tuple[float, float, float, float]] = []
    given_up_m2 = 0.0
    while missed.area + given_up_m2 > allowed_m2 and not missed.is_empty:
        piece = max(shapely.get_parts(missed), key=lambda part: part.area)
        seen_m2, line = max(_tracks_over(task, piece), key=lambda choice: choice[0], default=(0.0, None))
        if line is None or seen_m2 < _LEAST_GAIN * piece.area:
            given_up_m2 += piece.area
            missed = overlay.difference(missed, piece)
            continue
        (x1, y1), (x2, y2) = line.coords[0], line.coords[-1]
        found.append((x1, y1, x2, y2))
        missed = overlay.difference(missed, _swath(task, line))
    return found


def lengthened(task: SweepTask, tracks: Floats, reach_m: float) -> Floats:
    """The tracks with each end moved out as far as missed ground lies ahead of it, by `reach_m` at most; while too much is missed."""
    missed = _missed(task, tracks)
    allowed_m2 = (1.0 - task.least_coverage) * task.ground.area
    shapely.prepare(task.flyable)
    longer = tracks.copy()
    for index, (x1, y1, x2, y2) in enumerate(tracks):
        length = math.dist((x1, y1), (x2, y2))
        if length == 0.0 or missed.area <= allowed_m2:
            continue
        along = np.array([x2 - x1, y2 - y1]) / length
        for end, way in ((longer[index, :2], -along), (longer[index, 2:], along)):
            ahead = shapely.LineString([end, end + way * reach_m])
            there = overlay.intersection(_swath(task, ahead), missed)
            if there.is_empty:
                continue
            needed_m = float(((shapely.get_coordinates(there) - end) @ way).max())
            for step_m in (needed_m + _INSET_M, needed_m - _INSET_M):
                tip = shapely.LineString([end, end + way * step_m])
                if step_m > 0.0 and shapely.contains(task.flyable, tip):
                    end += way * step_m
                    missed = overlay.difference(missed, _swath(task, tip))
                    break
    return longer


def _missed(task: SweepTask, tracks: Floats) -> BaseGeometry:
    real = tracks[(tracks[:, 0] != tracks[:, 2]) | (tracks[:, 1] != tracks[:, 3])]
    if not len(real):
        return task.ground
    swaths = shapely.buffer(shapely.linestrings(real.reshape(-1, 2, 2)), task.swath_m / 2, cap_style="flat")
    return overlay.difference(task.ground, overlay.union(swaths))


def _swath(task: SweepTask, line: BaseGeometry) -> BaseGeometry:
    return line.buffer(task.swath_m / 2, cap_style="flat")


def _tracks_over(task: SweepTask, piece: BaseGeometry) -> Iterator[tuple[float, BaseGeometry]]:
    """Lines along and across the piece's narrowest box, where they may be flown, with the area of the piece that each sees."""
    box = piece.minimum_rotated_rectangle
    if box.geom_type != "Polygon":
        return
    corners = shapely.get_coordinates(box)[:3]
    centre = corners[[0, 2]].mean(axis=0)
    for side in (corners[1] - corners[0], corners[2] - corners[1]):
        length = float(np.hypot(*side))
        if length < 1e-9:
            continue
        along = side / length
        reach = length / 2 + _INSET_M * 4
        for offset in _OFFSETS:
            middle = centre + np.array([-along[1], along[0]]) * offset * task.swath_m
            line = shapely.LineString([middle - along * reach, middle + along * reach])
            for part in shapely.get_parts(line.intersection(task.flyable)):
                if part.geom_type == "LineString" and part.length > 4 * _INSET_M:
                    inset = shapely.LineString([part.interpolate(_INSET_M), part.interpolate(-_INSET_M)])
                    yield float(_swath(task, inset).intersection(piece).area), inset
