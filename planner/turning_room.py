"""Shorten sweep lines that end too close to the airspace's edge for a drone that must turn with a radius."""

from __future__ import annotations

import math

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

Point = NDArray[np.float64]

#: How finely ends are moved back, in turn radii.
_STEP = 0.25


def turning_ground(flyable: BaseGeometry, radius_m: float) -> BaseGeometry:
    """Where the drone may be on a circle that stays in the airspace."""
    return flyable if radius_m <= 0 else flyable.buffer(-radius_m).buffer(radius_m)


def with_turning_room(start: Point, end: Point, flyable: BaseGeometry, radius_m: float) -> tuple[Point, Point] | None:
    """The line with its ends moved back until at each a full turn to one side fits in the airspace; None when nothing is left.

    A drone that can circle at its lane's end can also leave it, whichever way it has to go next. With radius 0 nothing changes.
    """
    if radius_m <= 0:
        return start, end
    length_m = float(np.hypot(*(end - start)))
    if length_m == 0:
        return None
    along = (end - start) / length_m
    steps = range(math.ceil(length_m / (_STEP * radius_m)))
    places = [index * _STEP * radius_m for index in steps]
    last_m = next(
        (length_m - back_m for back_m in places if _can_circle(start + along * (length_m - back_m), along, flyable, radius_m)), None
    )
    first_m = next((on_m for on_m in places if _can_circle(start + along * on_m, along, flyable, radius_m)), None)
    if first_m is None or last_m is None or first_m >= last_m:
        return None
    return start + along * first_m, start + along * last_m


def _can_circle(place: Point, along: Point, flyable: BaseGeometry, radius_m: float) -> bool:
    across = np.array([-along[1], along[0]]) * radius_m
    return any(flyable.covers(shapely.Point(place + side * across).buffer(radius_m, quad_segs=4)) for side in (1, -1))
