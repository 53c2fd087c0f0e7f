"""Where drones are and have been, in metres of the scene's frame: a trail of few corners each, projected in batches."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

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
    max_window: int = 48
    max_corners: int = 4096


class Trail:
    """A line that grows at its end. `corners` are settled; from the last one it goes on to `end`, which still moves.

    `thinned` counts how often old corners were dropped, so that a painter knows to start again.
    """

    def __init__(self, params: TrackParams) -> None:
        self._params = params
        self._window: list[Spot] = []
        self.corners: list[Spot] = []
        self.thinned = 0

    @classmethod
    def resumed(cls, corners: list[Spot], end: Spot | None, params: TrackParams | None = None) -> Trail:
        """One that has come so far."""
        trail = cls(params or TrackParams())
        trail.corners = corners
        trail._window = [] if end is None or not corners or end == corners[-1] else [end]
        return trail

    @property
    def end(self) -> Spot | None:
        return self._window[-1] if self._window else self.corners[-1] if self.corners else None

    def add(self, spot: Spot) -> None:
        """An opening window (Imai and Iri): the line is extended until some position between would be too far off."""
        end = self.end
        if end is not None and math.dist(spot, end) < self._params.step_m:
            return
        if not self.corners:
            self.corners.append(spot)
        elif len(self._window) >= self._params.max_window or self._strays(spot):
            self._settle(self._window[-1])
            self._window = [spot]
        else:
            self._window.append(spot)

    def _strays(self, spot: Spot) -> bool:
        (start_e, start_n), (end_e, end_n) = self.corners[-1], spot
        along_e, along_n = end_e - start_e, end_n - start_n
        limit = self._params.tolerance_m * math.hypot(along_e, along_n)
        return any(
            abs(along_e * (n - start_n) - along_n * (e - start_e)) > limit or _beyond(e - start_e, n - start_n, along_e, along_n)
            for e, n in self._window
        )

    def _settle(self, corner: Spot) -> None:
        if len(self.corners) >= self._params.max_corners:
            self.corners = self.corners[::2]
            self.thinned += 1
        self.corners.append(corner)


def _beyond(e_m: float, n_m: float, along_e: float, along_n: float) -> bool:
    """Whether a spot lies behind the line's start or past its end: the drone has turned back."""
    along = e_m * along_e + n_m * along_n
    return along < 0 or along > along_e * along_e + along_n * along_n


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

    def restart(self, frame: LocalFrame | None) -> None:
        """Forget everything; positions are from now on projected into this frame."""
        self._frame = frame
        self.show({}, {})

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
