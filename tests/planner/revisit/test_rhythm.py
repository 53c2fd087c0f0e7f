"""Rhythms keep their promises: the gap they state is the longest between visits, and drones suffice for them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.model import Staff
from planner.revisit.rhythm import Rhythm, Round, Wish, find_rhythm, worst_gap_s
from planner.revisit.staffing import BaseDay, is_staffed
from planner.revisit.timetable import Trips, timetable


def busy(*seconds: float, climbs: tuple[tuple[float, float], ...] = ((0.0, 20.0), (-320.0, -300.0))) -> Trips:
    """Sorties that keep the base busy at these times, counted from take-off, or from when the drone is ready again."""
    windows = [[(low + each if low < 0 else low, high + each if high < 0 else high) for low, high in climbs] for each in seconds]

    def forbidden(one: int, other: int) -> np.ndarray:
        return np.unique(np.concatenate([np.arange(a - d, b - c + 1) for a, b in windows[one] for c, d in windows[other]])).astype(np.int64)

    return Trips(seconds, forbidden)


def simple(round_s: float, away_s: list[float], **more: bool) -> Round:
    return Round(round_s=round_s, trips=[busy(seconds) for seconds in away_s], **more)


def visits_of(rhythm: Rhythm, round_s: float) -> np.ndarray:
    launches = np.arange(2_000) * rhythm.every_s
    return np.sort((launches[:, None] + np.arange(rhythm.rounds) * round_s).ravel())


@settings(max_examples=25, deadline=None)
@given(round_s=st.floats(400, 3000), most=st.integers(1, 6), drones=st.integers(1, 9))
def test_no_place_waits_longer_than_the_rhythm_says(round_s: float, most: int, drones: int) -> None:
    way = simple(round_s, [number * round_s + 420 for number in range(1, most + 1)])

    rhythm = find_rhythm(way, drones, Wish())

    steady = visits_of(rhythm, round_s)[500:-500]
    assert np.diff(steady).max() <= rhythm.gap_s + 1e-6
    assert rhythm.every_s * drones >= way.away_s(rhythm.rounds) - 1e-6
    assert rhythm.gap_s <= 1.3 * (round_s + 420) / drones + 1e-6


def test_drones_that_need_no_landing_share_the_round_evenly() -> None:
    rhythm = find_rhythm(simple(1200.0, [1620.0, 2820.0, 4020.0], to_the_end=True), 4, Wish())

    assert (rhythm.once, rhythm.gap_s) == (True, 300.0)


def test_who_flies_seldom_keeps_the_interval_with_fewer_take_offs() -> None:
    way = simple(1000.0, [1420.0])

    often, seldom = find_rhythm(way, 4, Wish(interval_s=900)), find_rhythm(way, 4, Wish(interval_s=900, seldom=True))

    assert often.every_s < 500
    assert 800 < seldom.every_s <= 880


def test_play_is_what_interval_and_drones_leave() -> None:
    rhythm = find_rhythm(simple(1000.0, [1420.0]), 4, Wish(interval_s=900, play=True))

    assert rhythm.play_s > 150
    assert rhythm.gap_s + rhythm.play_s <= 900
    assert rhythm.play_s <= 4 * rhythm.every_s - 1420 + 1e-6


def test_two_sorties_of_a_round_do_not_climb_through_each_other() -> None:
    offsets_s = timetable(busy(900.0, 900.0, climbs=((0.0, 40.0), (560.0, 600.0))), 660.0, 3)

    assert offsets_s is not None
    apart_s = (offsets_s[1] - offsets_s[0]) % 660
    assert 40 < apart_s < 60 or 140 < apart_s < 520 or 600 < apart_s < 620


def test_a_base_that_is_busy_all_the_time_has_no_timetable() -> None:
    assert timetable(busy(200.0, climbs=((0.0, 60.0), (100.0, 160.0))), 100.0, 3) is None


@pytest.mark.parametrize(
    ("from_s", "to_s", "expected"), [(0, 3000, True), (6000, 7300, False), (7300, 7400, False), (10_900, 11_000, True)]
)
def test_crews_are_on_duty_one_after_the_other_and_then_rest(from_s: float, to_s: float, expected: bool) -> None:
    assert is_staffed(Staff(crews=2, duty_s=3600, rest_s=7200), from_s, to_s) is expected


def test_a_base_with_one_pad_takes_one_drone_at_a_time() -> None:
    day = BaseDay(Staff(pads=1, launch_every_s=60))
    day.add(0.0, 500.0, 300.0)

    assert not day.admits(30.0, 900.0, 300.0)
    assert not day.admits(100.0, 700.0, 300.0)
    assert day.admits(100.0, 801.0, 300.0)


@given(round_s=st.floats(200, 2_000), rounds=st.integers(2, 6), part=st.floats(0.15, 1.3), horizon=st.integers(3, 12))
def test_nothing_waits_longer_at_the_start_when_what_would_be_in_the_air_takes_off_too(
    round_s: float, rounds: int, part: float, horizon: int
) -> None:
    every_s = part * rounds * round_s
    gap_s = worst_gap_s(round_s, rounds, every_s)
    rhythm = Rhythm(rounds=rounds, every_s=every_s, gap_s=gap_s, round_s=round_s)
    sorties = [*rhythm.begun(), *((turn * every_s, rounds) for turn in range(horizon))]

    seen_s = np.sort([at_s + number * round_s for at_s, left in sorties for number in range(left)])
    assert all(at_s >= 0 and 0 < left <= rounds for at_s, left in sorties)
    assert np.diff(seen_s[seen_s <= (horizon - 1) * every_s]).max(initial=0.0) <= gap_s + 1e-6


def test_without_them_the_first_gap_would_be_longer() -> None:
    rhythm = Rhythm(rounds=3, every_s=1_120.0, gap_s=worst_gap_s(747.0, 3, 1_120.0), round_s=747.0)

    assert rhythm.gap_s < 380
    assert 747.0 - rhythm.gap_s > 300
    assert [(round(at_s), left) for at_s, left in rhythm.begun()] == [(374, 1)]
