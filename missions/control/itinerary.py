"""Where a sortie's plan says a drone is at any instant, in local metres."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from planner.geo import LocalFrame
from planner.model import Leg, Plan, Sortie

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Itinerary:
    """Vertices of a sortie: patrol seconds, metres east, north and above sea level."""

    sortie: str
    at_s: Floats
    east_m: Floats
    north_m: Floats
    amsl_m: Floats

    @property
    def start_s(self) -> float:
        return float(self.at_s[0])

    @property
    def end_s(self) -> float:
        return float(self.at_s[-1])

    def positions(self, at_s: Floats) -> Floats:
        """One row (east, north, above sea level) for each instant; before the start and after the end it stands still."""
        return np.column_stack([np.interp(at_s, self.at_s, axis) for axis in (self.east_m, self.north_m, self.amsl_m)])


def itinerary(plan: Plan, sortie: Sortie, frame: LocalFrame) -> Itinerary:
    """The sortie's motion as the plan file defines it: constant speed along each leg's path between the leg's times."""
    vertices = [vertex for leg in sortie.legs for vertex in _timed(leg, frame)]
    at_s, east_m, north_m, height_m = (np.array(axis) for axis in zip(*vertices, strict=True))
    elevation_m = plan.base(sortie.start_base).elevation_m
    return Itinerary(sortie=sortie.id, at_s=at_s, east_m=east_m, north_m=north_m, amsl_m=height_m + elevation_m)


def _timed(leg: Leg, frame: LocalFrame) -> list[tuple[float, float, float, float]]:
    points = [(*frame.point_to_local(point.ground), point.height_m) for point in leg.points]
    lengths_m = [float(np.linalg.norm(np.subtract(a, b))) for a, b in pairwise(points)]
    passed = np.concatenate([[0.0], np.cumsum(lengths_m)])
    fractions = passed / passed[-1] if passed[-1] > 0 else np.linspace(0.0, 1.0, len(points))
    duration_s = leg.end_s - leg.start_s
    return [(leg.start_s + float(part) * duration_s, *point) for part, point in zip(fractions, points, strict=True)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Minima:
    """A loss of separation is both undercut; forecasts are sampled every `step_s`."""

    horizontal_m: float
    vertical_m: float
    step_s: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """An itinerary that is flown late by `delay_s`."""

    itinerary: Itinerary
    delay_s: float = 0.0

    @property
    def start_s(self) -> float:
        return self.itinerary.start_s + self.delay_s

    @property
    def end_s(self) -> float:
        return self.itinerary.end_s + self.delay_s

    def positions(self, at_s: Floats) -> Floats:
        return self.itinerary.positions(at_s - self.delay_s)


def conflict_s(ours: Course, theirs: Course, *, from_s: float, minima: Minima) -> float | None:
    """The first instant (patrol seconds, from `from_s` on) at which both are in the air and undercut both minima, or None."""
    start_s = max(from_s, ours.start_s, theirs.start_s)
    end_s = min(ours.end_s, theirs.end_s)
    if end_s <= start_s:
        return None
    at_s = np.arange(start_s, end_s, minima.step_s)
    apart = np.abs(ours.positions(at_s) - theirs.positions(at_s))
    near = (np.hypot(apart[:, 0], apart[:, 1]) < minima.horizontal_m) & (apart[:, 2] < minima.vertical_m)
    return float(at_s[np.argmax(near)]) if near.any() else None
