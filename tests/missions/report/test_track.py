"""Tracks are cut where they prove nothing and measured without counting jitter."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from missions.report.track import Track


def track(at_s: list[float], east_m: list[float]) -> Track:
    still = np.zeros(len(at_s))
    return Track(
        at_s=np.array(at_s, dtype=float),
        east_m=np.array(east_m, dtype=float),
        north_m=still,
        amsl_m=still,
        volts=still,
        amperes=still,
        consumed_mah=still,
    )


times = st.lists(st.floats(0, 1000), min_size=2, max_size=50, unique=True).map(sorted)


@given(at_s=times, ends=st.tuples(st.floats(-100, 1100), st.floats(-100, 1100)))
def test_a_part_of_a_track_lies_within_its_ends(at_s: list[float], ends: tuple[float, float]) -> None:
    from_s, to_s = sorted(ends)
    part = track(at_s, [10 * moment for moment in at_s]).between(from_s, to_s)
    assert np.all((part.at_s >= from_s) & (part.at_s <= to_s))
    assert np.all(np.diff(part.at_s) >= 0)
    assert part.east_m == pytest.approx(10 * part.at_s)
    if at_s[0] <= from_s and to_s <= at_s[-1]:
        assert (part.at_s[0], part.at_s[-1]) == (from_s, to_s)


@given(at_s=times, gap_s=st.floats(0.1, 100))
def test_pieces_lose_no_point_and_hold_no_gap(at_s: list[float], gap_s: float) -> None:
    pieces = track(at_s, at_s).pieces(max_gap_s=gap_s, max_speed_mps=100.0)
    assert [moment for piece in pieces for moment in piece.at_s.tolist()] == at_s
    assert all(np.all(np.diff(piece.at_s) <= gap_s) for piece in pieces)


def test_a_jump_cuts_the_track_on_both_sides() -> None:
    pieces = track([0, 1, 2, 3, 4], [0, 10, 5000, 30, 40]).pieces(max_gap_s=5.0, max_speed_mps=100.0)
    assert [piece.east_m.tolist() for piece in pieces] == [[0, 10], [5000], [30, 40]]


def test_jitter_at_a_hover_adds_no_length_and_slow_flight_does() -> None:
    hover = track([float(step) for step in range(1000)], [0.1 * (step % 2) for step in range(1000)])
    assert hover.length_m(min_step_m=0.5) == 0.0
    crawl = track([float(step) for step in range(1001)], [0.1 * step for step in range(1001)])
    assert crawl.length_m(min_step_m=0.5) == pytest.approx(100.0, abs=0.5)


def test_a_part_outside_the_track_is_empty() -> None:
    assert len(track([0, 1], [0, 10]).between(5.0, 9.0)) == 0
    assert len(track([], []).between(5.0, 9.0)) == 0
