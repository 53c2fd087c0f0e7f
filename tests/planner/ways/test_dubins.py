"""Dubins paths end at their end pose, bend no more than their radius lets, and the shortest is the shortest."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.ways.dubins import WORDS, Pose, paths, sampled, word_lengths_m

RADIUS_M = 50.0
poses = st.builds(Pose, east_m=st.floats(-400, 400), north_m=st.floats(-400, 400), heading_rad=st.floats(-7, 7))


@settings(max_examples=200)
@given(start=poses, end=poses)
def test_every_path_leads_from_pose_to_pose(start: Pose, end: Pose) -> None:
    for path in paths(start, end, RADIUS_M):
        points = path.points(0.02)
        assert points[0] == pytest.approx([start.east_m, start.north_m], abs=1e-9)
        assert points[-1] == pytest.approx([end.east_m, end.north_m], abs=1e-5)
        turned = sum(
            {"L": 1, "S": 0, "R": -1}[letter] * length_m / RADIUS_M for letter, length_m in zip(path.word, path.lengths_m, strict=True)
        )
        assert math.remainder(start.heading_rad + turned - end.heading_rad, math.tau) == pytest.approx(0, abs=1e-6)


@settings(max_examples=100)
@given(start=poses, end=poses)
def test_curvature_is_bounded(start: Pose, end: Pose) -> None:
    """A path of curvature up to 1/r turns by at most its length over r."""
    path = paths(start, end, RADIUS_M)[0]
    steps = np.diff(path.points(0.05), axis=0)
    headings, lengths = np.arctan2(steps[:, 1], steps[:, 0]), np.hypot(*steps.T)

    turns = np.abs(np.mod(np.diff(headings) + math.pi, math.tau) - math.pi)
    # Chords are a little shorter than their arcs, and a straight's chord turns only half as much as its neighbour.
    assert np.all(turns <= (lengths[:-1] + lengths[1:]) / 2 / RADIUS_M * 1.001 + 1e-6)


@settings(max_examples=100)
@given(start=poses, end=poses)
def test_there_always_is_a_path_and_none_beats_the_straight_line(start: Pose, end: Pose) -> None:
    found = paths(start, end, RADIUS_M)

    straight_m = math.dist((start.east_m, start.north_m), (end.east_m, end.north_m))
    assert found
    assert [path.length_m for path in found] == sorted(path.length_m for path in found)
    assert found[0].length_m >= straight_m - 1e-6
    assert found[0].length_m <= straight_m + 7 / 3 * math.pi * RADIUS_M + 1e-6


@settings(max_examples=100)
@given(start=poses, end=poses)
def test_flying_back_is_as_long(start: Pose, end: Pose) -> None:
    back = paths(
        Pose(end.east_m, end.north_m, end.heading_rad + math.pi), Pose(start.east_m, start.north_m, start.heading_rad + math.pi), RADIUS_M
    )

    assert back[0].length_m == pytest.approx(paths(start, end, RADIUS_M)[0].length_m, abs=1e-4)


@given(heading_rad=st.floats(-7, 7), ahead_m=st.sampled_from([0.0, 1e-9, 1.0, 300.0]))
def test_straight_on_is_no_detour(heading_rad: float, ahead_m: float) -> None:
    """Rounding must not add a full circle."""
    end = Pose(10 + ahead_m * math.cos(heading_rad), -5 + ahead_m * math.sin(heading_rad), heading_rad)

    assert paths(Pose(10, -5, heading_rad), end, RADIUS_M)[0].length_m == pytest.approx(ahead_m, abs=1e-4)


def test_known_lengths() -> None:
    """A half circle; a lane change by two radii; a turn on the spot, which takes three arcs."""
    half_circle = paths(Pose(0, 0, 0), Pose(0, 2 * RADIUS_M, math.pi), RADIUS_M)[0]
    about = paths(Pose(0, 0, 0), Pose(0, 0, math.pi), RADIUS_M)[0]

    assert half_circle.length_m == pytest.approx(math.pi * RADIUS_M)
    assert about.length_m == pytest.approx(7 / 3 * math.pi * RADIUS_M)
    assert about.word in {"LRL", "RLR"}


def test_many_at_once_are_what_each_is_alone() -> None:
    dice = np.random.default_rng(1)
    starts, ends = (np.column_stack([dice.uniform(-300, 300, (200, 2)), dice.uniform(-4, 4, 200)]) for _ in range(2))

    lengths_m = word_lengths_m(starts, ends, RADIUS_M).sum(axis=2)

    for start, end, own in zip(starts, ends, lengths_m, strict=True):
        alone = {path.word: path.length_m for path in paths(Pose(*start), Pose(*end), RADIUS_M)}
        together = {word: length_m for word, length_m in zip(WORDS, own, strict=True) if np.isfinite(length_m)}
        assert together == pytest.approx(alone)


def test_sampling_many_repeats_points_and_leaves_none_out() -> None:
    starts = np.array([[0.0, 0.0, 0.0], [5.0, 5.0, 1.0]])
    lengths_m = np.array([[10.0, 100.0, 10.0], [200.0, 5.0, 150.0]])

    together = sampled(starts, "LSR", lengths_m, RADIUS_M, 0.5)

    for row in range(2):
        alone = sampled(starts[row : row + 1], "LSR", lengths_m[row : row + 1], RADIUS_M, 0.5)[0]
        assert together[row, -1] == pytest.approx(alone[-1])
        assert all(np.min(np.hypot(*(together[row] - point).T)) < 1e-9 for point in alone)
