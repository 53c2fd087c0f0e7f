"""Which places of a patrol are looked at, and in which segments: docs/plan_file.md, "Segments and gaps"."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from planner.geo import LocalFrame
from planner.model import Patrol, Plan

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, slots=True)
class PlaceParams:
    """Lines are cut into segments of at most `segment_m`, with places at their ends and at most `step_m` apart between. Ground is looked at
    in squares, about `squares` of them, and cut into `strips` across its longer direction.
    """

    segment_m: float = 2_000.0
    step_m: float = 50.0
    squares: int = 2_000
    strips: int = 8


@dataclass(frozen=True, slots=True)
class Segment:
    """Rows of metres east, north, and how often at least they are to be seen again (None: once)."""

    name: str
    places: Floats
    required_s: float | None


def segments_of(plan: Plan, patrol: Patrol, frame: LocalFrame, params: PlaceParams | None = None) -> list[Segment]:
    """The patrol's segments in order."""
    params = params or PlaceParams()
    if patrol.places:
        return [
            Segment(place.id, np.array([frame.point_to_local(place.location)]), _interval_s(patrol, place.weight))
            for place in patrol.places
        ]
    if patrol.has_ground:
        ground = frame.ground(plan.coverable)
        if patrol.shape is not None:
            ground = ground.intersection(frame.ground(patrol.shape))
        return _of_ground(ground, patrol, params)
    assert patrol.shape is not None
    return list(_of_lines(frame.line(patrol.shape), patrol, params))


def _interval_s(patrol: Patrol, weight: float = 1.0) -> float | None:
    return None if patrol.interval_s is None else patrol.interval_s / weight


def _of_lines(line: BaseGeometry, patrol: Patrol, params: PlaceParams) -> Iterator[Segment]:
    merged = shapely.line_merge(line) if line.geom_type == "MultiLineString" else line
    for number, part in enumerate(shapely.get_parts(merged), start=1):
        cuts_m = np.linspace(0.0, part.length, max(1, math.ceil(part.length / params.segment_m)) + 1)
        for first_m, last_m in pairwise(cuts_m):
            at_m = np.linspace(first_m, last_m, max(1, math.ceil((last_m - first_m) / params.step_m)) + 1)
            places = shapely.get_coordinates(shapely.line_interpolate_point(part, at_m))
            yield Segment(f"{number}:{first_m:.0f}-{last_m:.0f} m", places, _interval_s(patrol))


def _of_ground(ground: BaseGeometry, patrol: Patrol, params: PlaceParams) -> list[Segment]:
    if ground.is_empty:
        return []
    west, south, east, north = ground.bounds
    side_m = math.sqrt(ground.area / params.squares)
    columns = west + side_m * (np.arange(math.ceil((east - west) / side_m)) + 0.5)
    rows = south + side_m * (np.arange(math.ceil((north - south) / side_m)) + 0.5)
    places = np.stack(np.meshgrid(columns, rows), axis=-1).reshape(-1, 2)
    shapely.prepare(ground)
    places = places[shapely.contains_xy(ground, places[:, 0], places[:, 1])]
    axis = 0 if east - west >= north - south else 1
    low, high = (west, east) if axis == 0 else (south, north)
    strip = np.minimum(params.strips - 1, ((places[:, axis] - low) / (high - low) * params.strips).astype(np.int64))
    return [Segment(f"strip {number + 1}", places[strip == number], _interval_s(patrol)) for number in np.unique(strip).tolist()]
