"""Where drones are and have been, in metres of the scene's frame: a trail of few corners each, projected in batches."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from gui.models.seen import SeenGround
from planner.geo import LatLon, LocalFrame

#: Metres east, north.
Spot = tuple[float, float]


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

    `thinned` counts how often old corners were dropped, so that a painter knows to start again.
    """

    __slots__ = ("_cone", "_last", "_params", "corners", "thinned")

    def __init__(self, params: TrackParams) -> None:
        self._params = params
        self._last: Spot | None = None
        self._cone: _Cone | None = None
        self.corners: list[Spot] = []
        self.thinned = 0

    @classmethod
    def resumed(cls, corners: list[Spot], end: Spot | None, params: TrackParams | None = None) -> Trail:
        """One that has come so far."""
        trail = cls(params or TrackParams())
        trail.corners = corners
        if end is not None and corners and end != corners[-1]:
            trail.add(end)
        return trail

    @property
    def end(self) -> Spot | None:
        return self._last or (self.corners[-1] if self.corners else None)

    def add(self, spot: Spot) -> None:
        """The line is extended until some position between would be too far off (Williams' cone, as by Imai and Iri)."""
        end = self.end
        if end is not None and math.dist(spot, end) < self._params.step_m:
            return
        if not self.corners:
            self.corners.append(spot)
            return
        way = self._way_to(spot)
        if self._cone is None or not self._cone.take(*way, self._params.tolerance_m):
            if self._last is not None:
                self._settle(self._last)
                way = self._way_to(spot)
            self._cone = _Cone(*way, self._params.tolerance_m)
        self._last = spot

    def _way_to(self, spot: Spot) -> tuple[float, float]:
        """Direction in radians, and distance, from the last corner."""
        east_m, north_m = spot[0] - self.corners[-1][0], spot[1] - self.corners[-1][1]
        return math.atan2(north_m, east_m), math.hypot(east_m, north_m)

    def _settle(self, corner: Spot) -> None:
        if len(self.corners) >= self._params.max_corners:
            self.corners = self.corners[::2]
            self.thinned += 1
        self.corners.append(corner)


class _Cone:
    """The directions from a corner in which a line passes all positions so far within the tolerance, radians from `middle`."""

    __slots__ = ("left", "middle", "reach_m", "right")

    def __init__(self, angle: float, reach_m: float, tolerance_m: float) -> None:
        """Of one position."""
        self.middle, self.reach_m = angle, reach_m
        self.left = math.asin(tolerance_m / reach_m) if reach_m > tolerance_m else math.pi / 2
        self.right = -self.left

    def take(self, angle: float, reach_m: float, tolerance_m: float) -> bool:
        """Narrow it by another position; not when no line to there will do, or it would end short of where the drone has been."""
        turn = math.remainder(angle - self.middle, math.tau)
        if not (self.right <= turn <= self.left and reach_m >= self.reach_m):
            return False
        self.reach_m = reach_m
        if reach_m > tolerance_m:
            slack = math.asin(tolerance_m / reach_m)
            self.right, self.left = max(self.right, turn - slack), min(self.left, turn + slack)
        return True


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
            trail = self.trails[drone]
            thinned = trail.thinned
            trail.add(spot)
            self.version += trail.thinned - thinned
        self._fresh.update(moved)
