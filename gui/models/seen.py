"""The ground that drones have seen: stretches of sweep legs as flown, each as wide as its lane's swath, in metres of the scene's frame."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from planner.geo import LatLon, LocalFrame
from planner.model import Plan

#: Metres east, north.
Spot = tuple[float, float]


class Sweeping(NamedTuple):
    """A drone was here while it flew this lane."""

    lane: str
    place: LatLon
    at_s: float


class Stretch(NamedTuple):
    """A straight piece of ground, seen until `at_s` (vehicle time)."""

    start: Spot
    end: Spot
    swath_m: float
    at_s: float


@dataclass(frozen=True, kw_only=True, slots=True)
class SeenParams:
    """A stretch covers at most `span_s` and bends by no more than `bend` of its swath; positions with a longer gap than `gap_s` are apart.

    Beyond `most` the oldest are forgotten.
    """

    span_s: float = 10.0
    bend: float = 0.05
    gap_s: float = 30.0
    most: int = 50_000


@dataclass(slots=True)
class _Run:
    """The stretch that a drone is at: since when, and where it is in the list."""

    lane: str
    began_s: float
    index: int


class SeenGround:
    """`stretches` in the order they were begun; `fresh` are pieces that came since somebody last took them."""

    def __init__(self, params: SeenParams | None = None) -> None:
        self._params = params or SeenParams()
        self._frame: LocalFrame | None = None
        self._swaths_m: dict[str, float] = {}
        self.version = 0
        """Another number when stretches are others than those that grew."""
        self.show(())

    def restart(self, frame: LocalFrame | None) -> None:
        """Nothing has been seen yet; positions are from now on projected into this frame."""
        self._frame = frame
        self.show(())

    def know(self, plan: Plan | None) -> None:
        """How wide its lanes are."""
        self._swaths_m |= {lane.id: lane.swath_m for lane in plan.lanes} if plan is not None else {}

    def swath_m(self, lane: str | None) -> float | None:
        return None if lane is None else self._swaths_m.get(lane)

    def show(self, stretches: Sequence[Stretch]) -> None:
        """All at once: another instant of a flight is looked at."""
        self.stretches = list(stretches)
        self._runs: dict[str, _Run] = {}
        self._last: dict[str, tuple[Spot, float]] = {}
        self._fresh: list[Stretch] = []
        self.version += 1

    def take_fresh(self) -> list[Stretch]:
        fresh, self._fresh = self._fresh, []
        return fresh

    def extend(self, swept: Mapping[str, Sequence[Sweeping]]) -> None:
        """New positions of drones that sweep, each drone's in order."""
        if self._frame is None or not swept:
            return
        flat = [(drone, told) for drone, several in swept.items() for told in several]
        lat_deg, lon_deg = np.array([(told.place.lat_deg, told.place.lon_deg) for _, told in flat]).T
        spots = np.column_stack(self._frame.arrays_to_local(lat_deg, lon_deg)).tolist()
        for (drone, told), (east_m, north_m) in zip(flat, spots, strict=True):
            self._add(drone, told, (east_m, north_m))
        if len(self.stretches) > self._params.most:
            self.show(self.stretches[len(self.stretches) // 2 :])

    def _add(self, drone: str, told: Sweeping, spot: Spot) -> None:
        run, last, swath_m = self._runs.get(drone), self._last.get(drone), self._swaths_m.get(told.lane)
        self._last[drone] = spot, told.at_s
        if swath_m is None:
            return
        if run is None or last is None or run.lane != told.lane or told.at_s - last[1] > self._params.gap_s:
            self._runs[drone] = _Run(told.lane, told.at_s, -1)
            return
        piece = Stretch(last[0], spot, swath_m, told.at_s)
        self._fresh.append(piece)
        before = self.stretches[run.index] if run.index >= 0 else None
        if before is not None and told.at_s - run.began_s <= self._params.span_s and self._straight(before, spot):
            self.stretches[run.index] = before._replace(end=spot, at_s=told.at_s)
        else:
            self._runs[drone] = _Run(told.lane, told.at_s, len(self.stretches))
            self.stretches.append(piece)

    def _straight(self, before: Stretch, spot: Spot) -> bool:
        """Whether the stretch's end lies on the way from its start to there."""
        (start_e, start_n), (end_e, end_n) = before.start, before.end
        along_e, along_n = spot[0] - start_e, spot[1] - start_n
        length_m = math.hypot(along_e, along_n)
        across_m = abs(along_e * (end_n - start_n) - along_n * (end_e - start_e))
        return length_m >= math.dist(before.start, before.end) and across_m <= self._params.bend * before.swath_m * length_m
