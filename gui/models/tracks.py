"""Where drones are and have been, in metres of the scene's frame: a bounded trail each, projected in batches."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from gui.models.map_scene import Points
from planner.geo import LatLon, LocalFrame


@dataclass(frozen=True, kw_only=True, slots=True)
class TrackParams:
    """A trail gets a point every `step_m`; when full it loses every second point, so it keeps its beginning."""

    step_m: float = 2.0
    max_points: int = 4096


class Trail:
    """A growing line. `thinned` counts how often old points were dropped, so that a painter knows to start again."""

    def __init__(self, params: TrackParams) -> None:
        self._params = params
        self._buffer: Points = np.empty((64, 2))
        self._length = 0
        self._last = (math.nan, math.nan)
        self.thinned = 0

    @property
    def points(self) -> Points:
        """Rows of metres east, north, oldest first."""
        return self._buffer[: self._length]

    def add(self, east_m: float, north_m: float) -> None:
        """Take the point unless it is closer than a step to the last one taken."""
        if math.hypot(east_m - self._last[0], north_m - self._last[1]) < self._params.step_m:
            return
        if self._length >= self._params.max_points:
            self._thin()
        if self._length == len(self._buffer):
            self._buffer = np.concatenate([self._buffer, np.empty_like(self._buffer)])
        self._buffer[self._length] = self._last = (east_m, north_m)
        self._length += 1

    def _thin(self) -> None:
        kept = self.points[::2].copy()
        self._buffer[: len(kept)] = kept
        self._length = len(kept)
        self.thinned += 1


class Tracks:
    """`heads` is where each drone is, metres east, north; `trails` where it has been."""

    def __init__(self, params: TrackParams | None = None) -> None:
        self._params = params or TrackParams()
        self._frame: LocalFrame | None = None
        self.heads: dict[str, tuple[float, float]] = {}
        self.trails: dict[str, Trail] = {}

    def restart(self, frame: LocalFrame | None) -> None:
        """Forget everything; positions are from now on projected into this frame."""
        self._frame = frame
        self.heads.clear()
        self.trails.clear()

    def extend(self, moved: Mapping[str, Sequence[LatLon]]) -> None:
        """New positions of some drones, each drone's in order."""
        if self._frame is None or not moved:
            return
        flat = [(drone, point) for drone, points in moved.items() for point in points]
        east_m, north_m = self._frame.arrays_to_local(
            np.array([point.lat_deg for _, point in flat]), np.array([point.lon_deg for _, point in flat])
        )
        for (drone, _), e_m, n_m in zip(flat, east_m.tolist(), north_m.tolist(), strict=True):
            self.trails.setdefault(drone, Trail(self._params)).add(e_m, n_m)
            self.heads[drone] = (e_m, n_m)
