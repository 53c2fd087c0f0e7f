"""Shortest paths of bounded curvature between poses (Dubins 1957; word formulas after Shkel and Lumelsky 2001)."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_TAU = 2 * math.pi


@dataclass(frozen=True, slots=True)
class Pose:
    """Local metres; `heading_rad` is the direction of travel from east, anticlockwise."""

    east_m: float
    north_m: float
    heading_rad: float


@dataclass(frozen=True, slots=True)
class DubinsPath:
    """Three stretches from a pose: each letter of `word` (L, S, R) with its length in metres, on circles of `radius_m`."""

    start: Pose
    radius_m: float
    word: str
    lengths_m: tuple[float, float, float]

    @property
    def length_m(self) -> float:
        return sum(self.lengths_m)

    def points(self, step_rad: float) -> Floats:
        """Points along the path, n x 2 metres, ends included, no two on an arc further apart than `step_rad`."""
        points = [(self.start.east_m, self.start.north_m)]
        pose = self.start
        for letter, length_m in zip(self.word, self.lengths_m, strict=True):
            steps = 1 if letter == "S" else max(1, math.ceil(length_m / (self.radius_m * step_rad) - 1e-9))
            if length_m > 1e-6:
                points.extend(_along(pose, letter, length_m * index / steps, self.radius_m)[:2] for index in range(1, steps + 1))
            pose = Pose(*_along(pose, letter, length_m, self.radius_m))
        return np.array(points)


def paths(start: Pose, end: Pose, radius_m: float) -> list[DubinsPath]:
    """All Dubins paths between two poses, shortest first."""
    east, north = (end.east_m - start.east_m) / radius_m, (end.north_m - start.north_m) / radius_m
    distance, bearing = math.hypot(east, north), math.atan2(north, east)
    alpha, beta = (start.heading_rad - bearing) % _TAU, (end.heading_rad - bearing) % _TAU
    found = [
        DubinsPath(start, radius_m, word, (first * radius_m, second * radius_m, third * radius_m))
        for word, first, second, third in _words(alpha, beta, distance)
    ]
    return sorted(found, key=lambda path: (path.length_m, path.word))


def _along(pose: Pose, letter: str, length_m: float, radius_m: float) -> tuple[float, float, float]:
    if letter == "S":
        return (
            pose.east_m + length_m * math.cos(pose.heading_rad),
            pose.north_m + length_m * math.sin(pose.heading_rad),
            pose.heading_rad,
        )
    side = 1.0 if letter == "L" else -1.0
    heading_rad = pose.heading_rad + side * length_m / radius_m
    return (
        pose.east_m + side * radius_m * (math.sin(heading_rad) - math.sin(pose.heading_rad)),
        pose.north_m - side * radius_m * (math.cos(heading_rad) - math.cos(pose.heading_rad)),
        heading_rad,
    )


_Word = tuple[float, float, float] | None


def _words(alpha: float, beta: float, distance: float) -> Iterator[tuple[str, float, float, float]]:
    """Each feasible word with its three lengths in radii (angles for turns)."""
    for word, formula in _FORMULAS.items():
        lengths = formula(alpha, beta, distance)
        if lengths is not None:
            yield (word, *lengths)


def _lsl(alpha: float, beta: float, distance: float) -> _Word:
    squared = 2 + distance**2 - 2 * math.cos(alpha - beta) + 2 * distance * (math.sin(alpha) - math.sin(beta))
    if squared < 0:
        return None
    turn = math.atan2(math.cos(beta) - math.cos(alpha), distance + math.sin(alpha) - math.sin(beta))
    return (turn - alpha) % _TAU, math.sqrt(squared), (beta - turn) % _TAU


def _rsr(alpha: float, beta: float, distance: float) -> _Word:
    squared = 2 + distance**2 - 2 * math.cos(alpha - beta) + 2 * distance * (math.sin(beta) - math.sin(alpha))
    if squared < 0:
        return None
    turn = math.atan2(math.cos(alpha) - math.cos(beta), distance - math.sin(alpha) + math.sin(beta))
    return (alpha - turn) % _TAU, math.sqrt(squared), (turn - beta) % _TAU


def _lsr(alpha: float, beta: float, distance: float) -> _Word:
    squared = -2 + distance**2 + 2 * math.cos(alpha - beta) + 2 * distance * (math.sin(alpha) + math.sin(beta))
    if squared < 0:
        return None
    straight = math.sqrt(squared)
    turn = math.atan2(-math.cos(alpha) - math.cos(beta), distance + math.sin(alpha) + math.sin(beta)) - math.atan2(-2.0, straight)
    return (turn - alpha) % _TAU, straight, (turn - beta) % _TAU


def _rsl(alpha: float, beta: float, distance: float) -> _Word:
    squared = -2 + distance**2 + 2 * math.cos(alpha - beta) - 2 * distance * (math.sin(alpha) + math.sin(beta))
    if squared < 0:
        return None
    straight = math.sqrt(squared)
    turn = math.atan2(math.cos(alpha) + math.cos(beta), distance - math.sin(alpha) - math.sin(beta)) - math.atan2(2.0, straight)
    return (alpha - turn) % _TAU, straight, (beta - turn) % _TAU


def _rlr(alpha: float, beta: float, distance: float) -> _Word:
    cosine = (6 - distance**2 + 2 * math.cos(alpha - beta) + 2 * distance * (math.sin(alpha) - math.sin(beta))) / 8
    if abs(cosine) > 1:
        return None
    middle = (_TAU - math.acos(cosine)) % _TAU
    first = (alpha - math.atan2(math.cos(alpha) - math.cos(beta), distance - math.sin(alpha) + math.sin(beta)) + middle / 2) % _TAU
    return first, middle, (alpha - beta - first + middle) % _TAU


def _lrl(alpha: float, beta: float, distance: float) -> _Word:
    cosine = (6 - distance**2 + 2 * math.cos(alpha - beta) + 2 * distance * (math.sin(beta) - math.sin(alpha))) / 8
    if abs(cosine) > 1:
        return None
    middle = (_TAU - math.acos(cosine)) % _TAU
    first = (-alpha - math.atan2(math.cos(alpha) - math.cos(beta), distance + math.sin(alpha) - math.sin(beta)) + middle / 2) % _TAU
    return first, middle, (beta - alpha - first + middle) % _TAU


_FORMULAS: dict[str, Callable[[float, float, float], _Word]] = {
    "LSL": _lsl,
    "RSR": _rsr,
    "LSR": _lsr,
    "RSL": _rsl,
    "RLR": _rlr,
    "LRL": _lrl,
}
