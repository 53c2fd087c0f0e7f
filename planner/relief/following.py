"""Ways over a terrain: where a drone that keeps to its flying surface is how high, and how long that takes it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from planner import cost, geo
from planner.geo import LatLon, LocalFrame
from planner.model import AboveGround, DroneType, Wind
from planner.relief.profiles import level_stretches, profile
from planner.relief.surface import FlyingSurface

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False, kw_only=True, slots=True)
class Followed:
    """A part of a way that is flown at one speed: its points, metres above sea level, the time, and how high it is above ground."""

    lat_deg: Floats
    lon_deg: Floats
    above_sea_m: Floats
    seconds: float
    above_ground: AboveGround | None


class GroundFollower:
    """Flies ways of one type `offset_m` above its surface, nowhere lower than `least_m` above sea level."""

    def __init__(
        self,
        surface: FlyingSurface,
        drone_type: DroneType,
        wind: Wind,
        frame: LocalFrame,
        *,
        offset_m: float = 0.0,
        least_m: float = -np.inf,
    ) -> None:
        self._surface, self._type, self._wind, self._frame = surface, drone_type, wind, frame
        self._offset_m, self._least_m = offset_m, least_m

    def follow(self, ways_m: Sequence[Floats], start: LatLon | None = None) -> Iterator[list[Followed]]:
        """For each way (points, local metres) its parts. With a `start` ways follow each other: each begins with the digits that the
        one before ended with, the first with those of the start. All are placed and held against the ground at once.
        """
        sampled = [_sampled(points_m, self._surface.sample_m) for points_m in ways_m]
        firsts = np.cumsum([0, *(len(points_m) for points_m, _ in sampled)])
        points_m = np.concatenate([points_m for points_m, _ in sampled])
        lat_deg, lon_deg = self._frame.arrays_to_geographic(points_m[:, 0], points_m[:, 1])
        if start is not None:
            for degrees, at in ((lat_deg, start.lat_deg), (lon_deg, start.lon_deg)):
                degrees[firsts[:-1]] = np.concatenate([[at], degrees[firsts[1:-1] - 1]])
        floor_m, ground_m = self._surface.over(lat_deg, lon_deg)
        floor_m = np.maximum(floor_m + self._offset_m, self._least_m)
        for (way_m, corners), first, end in zip(sampled, firsts[:-1].tolist(), firsts[1:].tolist(), strict=True):
            part = slice(first, end)
            yield self._parts(way_m, corners, lat_deg[part], lon_deg[part], floor_m[part], ground_m[part])

    def _parts(
        self, way_m: Floats, corners: NDArray[np.int64], lat_deg: Floats, lon_deg: Floats, floor_m: Floats, ground_m: Floats
    ) -> list[Followed]:
        along_m = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(way_m, axis=0).T))])
        kept = profile(
            along_m, floor_m, tolerance_m=self._surface.params.tolerance_m, steepest=self._surface.steepest, fixed=corners.tolist()
        )
        lats, lons = lat_deg[kept.at], lon_deg[kept.at]
        lengths_m, climbs_m = geo.geodesic_steps_m(lats, lons), np.diff(kept.heights_m)
        courses_rad = np.radians(geo.azimuths_deg(lats[:-1], lons[:-1], lats[1:], lons[1:]))
        clear_m = np.interp(along_m, along_m[kept.at], kept.heights_m) - ground_m
        return [
            Followed(
                lat_deg=lats[begin : end + 1],
                lon_deg=lons[begin : end + 1],
                above_sea_m=kept.heights_m[begin : end + 1],
                seconds=cost.climbing_run_s(self._type, self._wind, lengths_m[begin:end], courses_rad[begin:end], climbs_m[begin:end]),
                above_ground=_above_ground(clear_m[kept.at[begin] : kept.at[end] + 1]),
            )
            for begin, end in level_stretches(self._type, self._wind, lengths_m, courses_rad, climbs_m)
        ]

    def seconds(self, ways_m: Sequence[Floats]) -> Floats:
        """How long each of the ways takes, those that are slow in parts with the stops between these."""
        return np.array([sum(part.seconds for part in parts) for parts in self.follow(ways_m)])


def _sampled(points_m: Floats, step_m: float) -> tuple[Floats, NDArray[np.int64]]:
    """The points with others evenly between, no further apart than this, and which ones were there before."""
    steps = np.diff(points_m, axis=0)
    counts = np.maximum(1, np.ceil(np.hypot(*steps.T) / step_m - 1e-9)).astype(np.int64)
    corners = np.concatenate([[0], np.cumsum(counts)])
    parts = (np.arange(corners[-1]) - np.repeat(corners[:-1], counts)) / np.repeat(counts, counts)
    between = np.repeat(points_m[:-1], counts, axis=0) + np.repeat(steps, counts, axis=0) * parts[:, None]
    return np.concatenate([between, points_m[-1:]]), corners


def _above_ground(clear_m: Floats) -> AboveGround | None:
    known_m = clear_m[~np.isnan(clear_m)]
    return AboveGround(least_m=float(known_m.min()), most_m=float(known_m.max())) if len(known_m) == len(clear_m) else None
