"""Where drones are and have been, in metres of the scene's frame: a trail of few corners each, projected in batches."""

from __future__ import annotations

import math
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from gui.models.map_scene import Points
from gui.models.seen import SeenGround
from planner.geo import LatLon, LocalFrame

#: Metres east, north.
Spot = tuple[float, float]
_CORNER_BYTES = 16


@dataclass(frozen=True, kw_only=True, slots=True)
class TrackParams:
    """How coarse a trail may be, and how long.

    Corners are kept so that no position is further than `tolerance_m` from the line. Positions closer than `step_m` to
    the last are not looked at. A trail that is full loses every second corner, so it keeps its beginning.
    """

    tolerance_m: float = 1.5
    step_m: float = 1.0
    max_corners: int = 1024


class Trail:
    """A line that grows at its end. `corners` are settled; from the last one it goes on to `end`, which still moves.

    From the last corner a line passes all positions since within the tolerance in the directions from `_right` to `_left`, radians
    from `_middle` (Williams' cone, as by Imai and Iri), if it reaches at least `_reach_m`. The room for all corners is taken at
    the start: memory is flat through a long flight.
    """

    __slots__ = ("_corner", "_count", "_held", "_left", "_middle", "_params", "_reach_m", "_right", "end")

    def __init__(self, params: TrackParams) -> None:
        self._params = params
        self._middle = self._left = self._right = self._reach_m = 0.0
        self._held = array("d", bytes(_CORNER_BYTES * params.max_corners))
        self._count = 0
        self._corner: Spot | None = None
        self.end: Spot | None = None

    @classmethod
    def resumed(cls, corners: Sequence[Spot], end: Spot | None, params: TrackParams | None = None) -> Trail:
        """One that has come so far."""
        params = params or TrackParams()
        trail = cls(replace(params, max_corners=max(params.max_corners, len(corners) + 1)))
        for corner in corners:
            trail._settle(corner)
        trail.end = trail._corner
        if end is not None and corners and end != corners[-1]:
            trail.add(end)
        return trail

    @property
    def corners(self) -> list[Spot]:
        length = 2 * self._count
        return list(zip(self._held[0:length:2], self._held[1:length:2], strict=True))

    @property
    def points(self) -> Points:
        """The corners and the end, a row each."""
        settled = np.frombuffer(self._held, count=2 * self._count).reshape(-1, 2)
        return settled.copy() if self.end is None or self.end is self._corner else np.vstack([settled, self.end])

    @property
    def settled(self) -> int:
        """How many corners there are."""
        return self._count

    # In one piece: it is called thousands of times a second.
    def add(self, spot: Spot) -> None:
        """The line is extended until some position between would be too far off."""
        end, corner = self.end, self._corner
        if end is None or corner is None:
            self._settle(spot)
            self.end = spot
            return
        if math.dist(spot, end) < self._params.step_m:
            return
        tolerance_m = self._params.tolerance_m
        angle, reach_m = math.atan2(spot[1] - corner[1], spot[0] - corner[0]), math.dist(spot, corner)
        if end is not corner:
            turn = math.remainder(angle - self._middle, math.tau)
            # not when no line to there will do, or it would end short of where the drone has been
            if self._right <= turn <= self._left and reach_m >= self._reach_m:
                self._reach_m, self.end = reach_m, spot
                if reach_m > tolerance_m:
                    slack = math.asin(tolerance_m / reach_m)
                    self._right, self._left = max(self._right, turn - slack), min(self._left, turn + slack)
                return
            self._settle(end)
            angle, reach_m = math.atan2(spot[1] - end[1], spot[0] - end[0]), math.dist(spot, end)
        self._middle, self._reach_m, self.end = angle, reach_m, spot
        self._left = math.asin(tolerance_m / reach_m) if reach_m > tolerance_m else math.pi / 2
        self._right = -self._left

    def _settle(self, corner: Spot) -> None:
        if self._count >= self._params.max_corners:
            kept = [value for spot in self.corners[::2] for value in spot]
            self._held[: len(kept)] = array("d", kept)
            self._count = len(kept) // 2
        self._held[2 * self._count], self._held[2 * self._count + 1] = corner
        self._count += 1
        self._corner = corner


class Tracks:
    """`heads` is where each drone is; `trails` where it has been."""

    def __init__(self, params: TrackParams | None = None) -> None:
        self._params = params or TrackParams()
        self._frame: LocalFrame | None = None
        self.heads: dict[str, Spot] = {}
        self.trails: dict[str, Trail] = {}
        self.version = 0
        """Another number when trails are others than those that grew."""
        self._fresh: set[str] = set()
        self.seen = SeenGround()

    def restart(self, frame: LocalFrame | None) -> None:
        """Forget everything; positions are from now on projected into this frame."""
        self._frame = frame
        self.show({}, {})
        self.seen.restart(frame)

    def show(self, heads: dict[str, Spot], trails: dict[str, Trail]) -> None:
        """All at once: another instant of a flight is looked at."""
        self.heads, self.trails = heads, trails
        self.version += 1

    def take_fresh(self) -> set[str]:
        """The drones whose trails have grown since somebody last asked."""
        fresh, self._fresh = self._fresh, set()
        return fresh

    def extend(self, moved: Mapping[str, Sequence[LatLon]]) -> None:
        """New positions of some drones, each drone's in order."""
        if self._frame is None or not moved:
            return
        flat = [(drone, point) for drone, points in moved.items() for point in points]
        lat_deg, lon_deg = np.array([point.lat_deg for _, point in flat]), np.array([point.lon_deg for _, point in flat])
        east_m, north_m = self._frame.arrays_to_local(lat_deg, lon_deg)
        for (drone, _), spot in zip(flat, zip(east_m.tolist(), north_m.tolist(), strict=True), strict=True):
            self.heads[drone] = spot
            if drone not in self.trails:
                self.trails[drone] = Trail(self._params)
            self.trails[drone].add(spot)
        self._fresh.update(moved)
