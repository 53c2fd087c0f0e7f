"""Room to turn: where drones that must turn with a radius can circle, and lanes shortened so that they end there."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

Point = NDArray[np.float64]

#: How finely ends are moved back, in turn radii.
_STEP = 0.25
#: Places that are tried first.
_FIRST_TRIES = 8


def turning_ground(flyable: BaseGeometry, radius_m: float) -> BaseGeometry:
    """Where the drone may be on a circle that stays in the airspace."""
    return flyable if radius_m <= 0 else flyable.buffer(-radius_m).buffer(radius_m)


class TurningRoom:
    """The places of an airspace around which a drone can circle."""

    def __init__(self, flyable: BaseGeometry, radius_m: float) -> None:
        self._radius_m = radius_m
        self._centres = flyable.buffer(-radius_m) if radius_m > 0 else flyable
        shapely.prepare(self._centres)

    def shortened(self, start: Point, end: Point) -> tuple[Point, Point] | None:
        """The line with its ends moved back until at each a full turn to one side fits in the airspace; None when nothing is left.

        A drone that can circle at its lane's end can also leave it, whichever way it has to go next. With radius 0 nothing changes.
        """
        if self._radius_m <= 0:
            return start, end
        length_m = float(np.hypot(*(end - start)))
        if length_m == 0:
            return None
        along = (end - start) / length_m
        step_m = _STEP * self._radius_m
        moved_m = np.arange(0.0, length_m, step_m, dtype=np.float64)
        first_m = self._first_circle(start, along, moved_m, along)
        last_m = self._first_circle(end, -along, moved_m, along)
        if first_m is None or last_m is None or first_m >= length_m - last_m:
            return None
        return start + along * first_m, end - along * last_m

    def _first_circle(self, place: Point, towards: Point, moved_m: NDArray[np.float64], along: Point) -> float | None:
        """How far the place has to move for a circle to one side of the line to fit."""
        across = np.array([-along[1], along[0]]) * self._radius_m
        first, count = 0, _FIRST_TRIES
        while first < len(moved_m):
            # Nearly always it fits at once; a lane of 100 km has thousands of places.
            places = place + moved_m[first : first + count, None] * towards
            fits = [shapely.covers(self._centres, shapely.points(places + side * across)) for side in (1, -1)]
            found = np.flatnonzero(fits[0] | fits[1])
            if len(found):
                return float(moved_m[first + found[0]])
            first, count = first + count, 8 * count
        return None
