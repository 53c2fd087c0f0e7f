"""The compiled state keeps its books: hops, seconds and what is seen, through every move and its undoing."""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.sweep_search.annealing import anneal
from planner.sweep_search.kernel import World, free_stretch, hop_s, leg_s, stamp, unseen_span
from planner.sweep_search.lane_sets import lane_sets
from planner.sweep_search.places import put_best
from planner.sweep_search.state import CHANGES, EVENNESS, ROUTES, SECONDS, TRACKS, UNSEEN_M2, State, empty_state, put, settle
from planner.sweep_search.strips import side_choices
from planner.sweep_search.world import SweepTask, build_world

GROUND = shapely.Polygon([(0, 0), (60, 0), (60, 40), (0, 40)], [[(20, 10), (20, 30), (30, 30), (30, 10)]])
TASK = SweepTask(ground=GROUND, flyable=GROUND, swath_m=5.0, speed_mps=3.0, acceleration_mps2=1.0, depot=(0.0, 0.0), least_coverage=0.99)


@pytest.fixture(scope="module")
def yard() -> World:
    """Not made before it is needed: finding the ways round its corners is compiled first."""
    return build_world(TASK, 6)


@settings(max_examples=60, deadline=None)
@given(ends=st.tuples(st.floats(0, 60), st.floats(0, 40), st.floats(0, 60), st.floats(0, 40)))
def test_a_swath_is_stamped_on_just_the_samples_inside_it(yard: World, ends: tuple[float, float, float, float]) -> None:
    x1, y1, x2, y2 = ends
    length = math.hypot(x2 - x1, y2 - y1)
    if length < 1e-3:
        return
    rows, columns = yard.weight.shape
    east = yard.west + (np.arange(columns)[None, :] + yard.shift_east[:, None]) * yard.cell_m - x1
    north = yard.south + (np.arange(rows)[:, None] + yard.shift_north[None, :]) * yard.cell_m - y1
    ux, uy = (x2 - x1) / length, (y2 - y1) / length
    along, across = ux * east + uy * north, ux * north - uy * east
    sure = (along > 1e-6) & (along < length - 1e-6) & (abs(across) < yard.half_swath_m - 1e-6)
    near = (along > -1e-6) & (along < length + 1e-6) & (abs(across) < yard.half_swath_m + 1e-6)
    seen = np.zeros((rows, columns), dtype=np.int16)

    found, _, _ = unseen_span(yard, seen, x1, y1, x2, y2)
    changed = stamp(yard, seen, x1, y1, x2, y2, 1)

    assert (seen[sure] == 1).all()
    assert (seen[~near] == 0).all()
    assert changed == pytest.approx(-float(yard.weight[seen == 1].sum()), abs=1e-2)
    assert found == pytest.approx(-changed, abs=1e-2)
    assert stamp(yard, seen, x1, y1, x2, y2, -1) == pytest.approx(-changed, abs=1e-2)
    assert not seen.any()


def test_a_hop_goes_round_an_obstacle_and_stops_at_its_corners(yard: World) -> None:
    round_it = leg_s(yard, math.hypot(10, 10)) * 2 + leg_s(yard, 10.0)

    assert hop_s(yard, 10.0, 20.0, 40.0, 20.0) == pytest.approx(round_it, abs=1e-3)
    assert hop_s(yard, 40.0, 20.0, 10.0, 20.0) == pytest.approx(round_it, abs=1e-3)
    assert hop_s(yard, 10.0, 5.0, 40.0, 5.0) == pytest.approx(leg_s(yard, 30.0))


def test_a_stretch_ends_at_obstacles_and_there_is_none_inside_them(yard: World) -> None:
    low, high = free_stretch(yard, 10.0, 20.0, 1.0, 0.0)

    assert (low, high) == pytest.approx((-10.0, 10.0), abs=2e-3)
    assert free_stretch(yard, 25.0, 20.0, 1.0, 0.0) == (0.0, 0.0)


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 1000), breaks=st.booleans(), hops_see=st.booleans(), order_only=st.booleans())
def test_the_books_are_right_after_any_moves(yard: World, seed: int, breaks: bool, hops_see: bool, order_only: bool) -> None:
    world = yard._replace(hops_see=hops_see)
    state = empty_state(yard, 0)
    for x1, y1, x2, y2 in lane_sets(TASK, (1.0,), side_choices(TASK))[0].tracks:
        put_best(world, state, x1, y1, x2, y2, 0.0)
    if breaks:
        put(world, state, int(state.counts[TRACKS]) // 2, 0.0, 0.0, 0.0, 0.0)
        state.counts[ROUTES] = 2
        state.scalars[EVENNESS] = 0.1

    before = _ways(state)

    anneal(world, state, 1_500, 2.0, 0.5, 1.5, 4.0, 20.0, seed, np.zeros((200, 4)), order_only)

    seconds, seen = _recount(world, state)
    assert state.scalars[SECONDS] == pytest.approx(seconds, abs=1e-6)
    assert (state.seen == seen.seen).all()
    assert state.scalars[UNSEEN_M2] == pytest.approx(float(seen.scalars[UNSEEN_M2]), abs=0.05)
    breaks_left = [track for track in state.tracks[: state.counts[TRACKS]] if (track[:2] == track[2:]).all()]
    assert len(breaks_left) == (1 if breaks else 0)
    if order_only and not breaks:
        assert _ways(state) == before


def test_there_is_room_for_many_tracks_and_for_writing_them_down(yard: World) -> None:
    world, many = yard._replace(hops_see=True), 900
    state = empty_state(world, many)

    for index in range(many):
        put(world, state, index, 1.0, index / 100.0, 19.0, index / 100.0)
    settle(world, state)

    assert many < state.counts[CHANGES] <= len(state.journal)
    assert many < len(state.tracks)
    assert np.isfinite(state.scalars[SECONDS])


def _ways(state: State) -> list[list[float]]:
    """The tracks, whichever way and in whatever order they are flown."""
    return sorted(sorted([track[:2].tolist(), track[2:].tolist()]) for track in state.tracks[: state.counts[TRACKS]])


def _recount(world: World, state: State) -> tuple[float, State]:
    fresh = empty_state(world, 0)
    here, seconds = (0.0, 0.0), 0.0
    for index, (x1, y1, x2, y2) in enumerate(state.tracks[: state.counts[TRACKS]]):
        put(world, fresh, index, x1, y1, x2, y2)
        seconds += hop_s(world, *here, x1, y1) + leg_s(world, math.hypot(x2 - x1, y2 - y1))
        here = (x2, y2)
    settle(world, fresh)
    return seconds + hop_s(world, *here, 0.0, 0.0), fresh
