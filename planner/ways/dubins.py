"""Shortest paths of bounded curvature between poses (Dubins 1957; word formulas after Shkel and Lumelsky 2001), many at once."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

_TAU = 2 * math.pi
#: A turn this close to a full circle is none: rounding has put it on the wrong side of zero.
_ROUNDING_RAD = 1e-9

#: In the alphabet's order, which decides between paths of equal length.
WORDS = ("LRL", "LSL", "LSR", "RLR", "RSL", "RSR")


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
        start = np.array([[self.start.east_m, self.start.north_m, self.start.heading_rad]])
        return without_repeats(sampled(start, self.word, np.array([self.lengths_m]), self.radius_m, step_rad)[0])


def paths(start: Pose, end: Pose, radius_m: float) -> list[DubinsPath]:
    """All Dubins paths between two poses, shortest first."""
    poses = [np.array([[pose.east_m, pose.north_m, pose.heading_rad]]) for pose in (start, end)]
    lengths_m = word_lengths_m(poses[0], poses[1], radius_m)[0]
    found = [
        DubinsPath(start, radius_m, word, (float(first), float(second), float(third)))
        for word, (first, second, third) in zip(WORDS, lengths_m, strict=True)
        if np.isfinite(first + second + third)
    ]
    return sorted(found, key=lambda path: (path.length_m, path.word))


def word_lengths_m(starts: Floats, ends: Floats, radius_m: float) -> Floats:
    """Lengths of the three stretches of every word (n x words x 3, metres; infinite where a word does not lead there).

    Poses are rows of east, north, heading.
    """
    east, north = (ends[:, 0] - starts[:, 0]) / radius_m, (ends[:, 1] - starts[:, 1]) / radius_m
    distance, bearing = np.hypot(east, north), np.arctan2(north, east)
    alpha, beta = starts[:, 2] - bearing, ends[:, 2] - bearing
    by_word = {
        "LSL": _same_side(alpha, beta, distance),
        "RSR": _same_side(-alpha, -beta, distance),
        "LSR": _other_side(alpha, beta, distance),
        "RSL": _other_side(-alpha, -beta, distance),
        "LRL": _three_turns(alpha, beta, distance),
        "RLR": _three_turns(-alpha, -beta, distance),
    }
    lengths = np.stack([by_word[word] for word in WORDS], axis=1) * radius_m
    return np.asarray(np.where(np.isnan(lengths).any(axis=2, keepdims=True), np.inf, lengths))


def _turn(angle: Floats) -> Floats:
    turn = angle % _TAU
    return np.where(turn > _TAU - _ROUNDING_RAD, 0.0, turn)


def _root(squared: Floats) -> Floats:
    """NaN where there is none; rounding below zero is zero."""
    with np.errstate(invalid="ignore"):
        return np.sqrt(np.where((squared < 0) & (squared > -1e-12), 0.0, squared))


def _same_side(alpha: Floats, beta: Floats, distance: Floats) -> Floats:
    """LSL in radii; RSR is its mirror image."""
    straight = _root(2 + distance**2 - 2 * np.cos(alpha - beta) + 2 * distance * (np.sin(alpha) - np.sin(beta)))
    heading = np.arctan2(np.cos(beta) - np.cos(alpha), distance + np.sin(alpha) - np.sin(beta))
    return np.stack([_turn(heading - alpha), straight, _turn(beta - heading)], axis=1)


def _other_side(alpha: Floats, beta: Floats, distance: Floats) -> Floats:
    """LSR in radii; RSL is its mirror image."""
    straight = _root(-2 + distance**2 + 2 * np.cos(alpha - beta) + 2 * distance * (np.sin(alpha) + np.sin(beta)))
    across = np.arctan2(-np.cos(alpha) - np.cos(beta), distance + np.sin(alpha) + np.sin(beta))
    heading = across - np.arctan2(-2.0, straight)
    return np.stack([_turn(heading - alpha), straight, _turn(heading - beta)], axis=1)


def _three_turns(alpha: Floats, beta: Floats, distance: Floats) -> Floats:
    """LRL in radii; RLR is its mirror image."""
    cosine = (6 - distance**2 + 2 * np.cos(alpha - beta) + 2 * distance * (np.sin(beta) - np.sin(alpha))) / 8
    middle = _TAU - np.arccos(np.where(np.abs(cosine) <= 1, cosine, np.nan))
    first = _turn(np.arctan2(np.cos(beta) - np.cos(alpha), distance + np.sin(alpha) - np.sin(beta)) - alpha + middle / 2)
    return np.stack([first, middle, _turn(beta - alpha - first + middle)], axis=1)


def sampled(starts: Floats, word: str, lengths_m: Floats, radius_m: float, step_rad: float) -> Floats:
    """Points along many paths of one word (n x points x 2 metres), ends included, no two on an arc further apart than `step_rad`.

    All paths have as many points as the one that needs most: ends of stretches are repeated.
    """
    poses = starts
    points = [poses[:, None, :2]]
    for letter, length_m in zip(word, lengths_m.T, strict=True):
        steps = np.ones_like(length_m) if letter == "S" else np.maximum(1.0, np.ceil(length_m / (radius_m * step_rad) - 1e-9))
        most = int(steps.max(initial=1))
        parts = np.minimum(1.0, np.arange(1, most + 1) / steps[:, None])
        along = _along(poses, letter, parts * length_m[:, None], radius_m)
        points.append(along[:, :, :2])
        poses = along[:, -1, :]
    return np.concatenate(points, axis=1)


def _along(poses: Floats, letter: str, length_m: Floats, radius_m: float) -> Floats:
    """Poses (n x k x 3) so many metres (n x k) along one stretch."""
    east_m, north_m, heading_rad = (poses[:, column, None] for column in range(3))
    if letter == "S":
        headings = np.broadcast_to(heading_rad, length_m.shape)
        return np.stack([east_m + length_m * np.cos(heading_rad), north_m + length_m * np.sin(heading_rad), headings], axis=2)
    side = 1.0 if letter == "L" else -1.0
    headings = heading_rad + side * length_m / radius_m
    return np.stack(
        [
            east_m + side * radius_m * (np.sin(headings) - np.sin(heading_rad)),
            north_m - side * radius_m * (np.cos(headings) - np.cos(heading_rad)),
            headings,
        ],
        axis=2,
    )


def without_repeats(points: Floats) -> Floats:
    """The points, those left out that are where the one before is."""
    moved = np.hypot(*np.diff(points, axis=0).T) > 1e-6
    return np.asarray(points[np.concatenate([[True], moved])])
