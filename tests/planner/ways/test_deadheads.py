"""Ways never leave flyable ground, are no longer than any straight alternative, and take the time their paths take."""

from __future__ import annotations

import math
import pickle
from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from shapely import affinity
from shapely.geometry.base import BaseGeometry

from planner import cost
from planner.model import DroneType, Wind
from planner.tracks.lanes import Track
from planner.ways.deadheads import Deadheads, find_deadheads
from planner.ways.visibility import DeadheadParams, Inside
from tests.planner.missions import QUAD, WING
from tests.planner.shapes import grounds, polygons_of

Floats = NDArray[np.float64]
CALM = Wind()
#: A wall across the middle of a square; the way round it leads past either end.
WALLED = shapely.box(-500, -500, 500, 500).difference(shapely.box(-300, -10, 300, 10))


@st.composite
def rooms(draw: st.DrawFn) -> tuple[BaseGeometry, list[Track], list[tuple[float, float]]]:
    """Flyable ground with holes, a few tracks inside it, and bases."""
    flyable = max(polygons_of(draw(grounds())), key=lambda part: part.area).buffer(5)
    assume(flyable.geom_type == "Polygon")
    points = []
    west, south, east, north = flyable.bounds
    for _ in range(14):
        at = shapely.Point(draw(st.floats(west, east)), draw(st.floats(south, north)))
        points.append(shapely.get_coordinates(shapely.shortest_line(at, flyable.buffer(-1)))[-1].tolist())
    tracks = [
        Track((start[0], start[1]), (end[0], end[1]), 50.0)
        for start, end in zip(points[0:12:2], points[1:12:2], strict=True)
        if math.dist(start, end) > 5 and flyable.covers(shapely.LineString([start, end]))
    ]
    assume(tracks)
    return flyable, tracks, [(points[12][0], points[12][1]), (points[13][0], points[13][1])]


def every_way(ways: Deadheads) -> Iterator[tuple[float, Floats]]:
    """Each finite matrix entry with its path."""
    for base, state in np.argwhere(np.isfinite(ways.out_s)).tolist():
        yield float(ways.out_s[base, state]), ways.out_path(base, state)
    for first, second in np.argwhere(np.isfinite(ways.between_s)).tolist():
        yield float(ways.between_s[first, second]), ways.between_path(first, second)
    for state, base in np.argwhere(np.isfinite(ways.home_s)).tolist():
        yield float(ways.home_s[state, base]), ways.home_path(state, base)


def entry(tracks: list[Track], state: int) -> tuple[float, float]:
    return tracks[state // 2].start if state % 2 == 0 else tracks[state // 2].end


def stopping_s(drone_type: DroneType, wind: Wind, path: Floats) -> float:
    return sum(cost.run_s(drone_type, wind, *(end - start).tolist()) for start, end in pairwise(path))


@settings(max_examples=25, deadline=None)
@given(room=rooms(), wind_mps=st.sampled_from([0.0, 5.0]))
def test_ways_of_copters_stay_inside_and_take_the_time_of_their_straights(
    room: tuple[BaseGeometry, list[Track], list[tuple[float, float]]], wind_mps: float
) -> None:
    flyable, tracks, bases = room
    wind = Wind(from_deg=70, speed_mps=wind_mps)
    ways = find_deadheads([QUAD], tracks, bases, wind, flyable=flyable)[QUAD.id]

    inside = flyable.buffer(0.06)
    for seconds, path in every_way(ways):
        assert len(path) == 1 or inside.covers(shapely.LineString(path))
        assert seconds == pytest.approx(stopping_s(QUAD, wind, path), abs=1e-6)


@settings(max_examples=25, deadline=None)
@given(room=rooms())
def test_in_one_piece_of_ground_every_place_is_reached_and_no_way_is_longer_than_a_straight_one(
    room: tuple[BaseGeometry, list[Track], list[tuple[float, float]]],
) -> None:
    flyable, tracks, bases = room
    ways = find_deadheads([QUAD], tracks, bases, CALM, flyable=flyable)[QUAD.id]

    assert np.isfinite(ways.out_s).all()
    assert np.isfinite(ways.between_s).all()
    assert np.isfinite(ways.home_s).all()
    for base, place in enumerate(bases):
        for state in range(2 * len(tracks)):
            there = entry(tracks, state)
            if flyable.covers(shapely.LineString([place, there])):
                assert ways.out_s[base, state] <= cost.run_s(QUAD, CALM, there[0] - place[0], there[1] - place[1]) + 1e-9


@settings(max_examples=15, deadline=None)
@given(room=rooms())
def test_ways_of_copters_keep_the_triangle_inequality_over_tracks(
    room: tuple[BaseGeometry, list[Track], list[tuple[float, float]]],
) -> None:
    """Going by way of a third track's end takes no less time: its end could be a stop on the way."""
    _, tracks, bases = room
    assume(len(tracks) > 2)
    between_s = find_deadheads([QUAD], tracks, bases, CALM, flyable=shapely.box(-2e3, -2e3, 2e3, 2e3))[QUAD.id].between_s

    for a in range(2 * len(tracks)):
        for b in range(2 * len(tracks)):
            # From where a ends to where b begins, then from there (b's other way round ends where b begins) to c.
            assert np.all(between_s[a] <= between_s[a, b] + between_s[b ^ 1] + 1e-6)


def test_the_way_round_a_wall_bends_at_its_end() -> None:
    tracks = [Track((0.0, -100.0), (0.0, -50.0), 50.0), Track((0.0, 50.0), (0.0, 100.0), 50.0)]

    ways = find_deadheads([QUAD], tracks, [(0.0, -200.0)], CALM, flyable=WALLED)[QUAD.id]

    path = ways.between_path(0, 2)
    length_m = np.hypot(*np.diff(path, axis=0).T).sum()
    shortest_m = 2 * math.hypot(300, 40) + 20
    assert shortest_m <= length_m <= shortest_m + 4 * DeadheadParams().corner_tolerance_m
    assert np.isfinite(ways.out_s).all()


def test_a_gap_narrower_than_the_coarse_outline_is_found() -> None:
    """Two rooms joined by a bent corridor three metres wide."""
    corridor = shapely.LineString([(95, 50), (150, 50), (150, 120), (205, 120)]).buffer(1.5, cap_style="flat", join_style="mitre")
    flyable = shapely.union_all([shapely.box(0, 0, 100, 100), corridor, shapely.box(200, 80, 300, 200)])
    tracks = [Track((210.0, 90.0), (290.0, 90.0), 50.0)]

    ways = find_deadheads([QUAD], tracks, [(10.0, 10.0)], CALM, flyable=flyable)[QUAD.id]

    assert np.isfinite(ways.out_s).all()
    assert flyable.buffer(0.06).covers(shapely.LineString(ways.out_path(0, 0)))


def test_what_is_cut_off_is_infinitely_far() -> None:
    flyable = shapely.union_all([shapely.box(0, 0, 100, 100), shapely.box(200, 0, 300, 100)])
    tracks = [Track((10.0, 10.0), (90.0, 10.0), 50.0), Track((210.0, 10.0), (290.0, 10.0), 50.0)]

    for drone_type in (QUAD, WING):
        ways = find_deadheads([drone_type], tracks, [(50.0, 50.0)], CALM, flyable=flyable)[drone_type.id]
        assert np.isinf(ways.out_s[:, 2:]).all()
        assert np.isinf(ways.home_s[2:]).all()
        assert np.isinf(ways.between_s[:2, 2:]).all()
        with pytest.raises(LookupError, match="no legal way"):
            ways.out_path(0, 2)


def test_only_ways_to_and_from_bases_use_the_approach() -> None:
    """Two parts of an area, joined only by ground outside it in which the base lies."""
    flyable = shapely.union_all([shapely.box(0, 0, 100, 100), shapely.box(200, 0, 300, 100)])
    approach = shapely.union_all([flyable, shapely.box(0, -50, 300, 1)])
    tracks = [Track((10.0, 10.0), (90.0, 10.0), 50.0), Track((210.0, 10.0), (290.0, 10.0), 50.0)]

    ways = find_deadheads([QUAD], tracks, [(150.0, -20.0)], CALM, flyable=flyable, approach=approach)[QUAD.id]

    assert np.isfinite(ways.out_s).all()
    assert np.isfinite(ways.home_s).all()
    assert np.isinf(ways.between_s[:2, 2:]).all()


@settings(max_examples=12, deadline=None)
@given(room=rooms(), wind_mps=st.sampled_from([0.0, 6.0]))
def test_ways_of_planes_stay_inside_leave_and_arrive_along_their_tracks_and_take_their_time(
    room: tuple[BaseGeometry, list[Track], list[tuple[float, float]]], wind_mps: float
) -> None:
    ground, tracks, bases = room
    flyable = ground.buffer(60)
    wind = Wind(from_deg=200, speed_mps=wind_mps)

    ways = find_deadheads([WING], tracks, bases, wind, flyable=flyable)[WING.id]

    inside = flyable.buffer(0.06)
    for seconds, path in every_way(ways):
        assert len(path) < 2 or inside.covers(shapely.LineString(path))
        assert seconds == pytest.approx(float(cost.polylines_s(WING, wind, path[None])[0]), abs=1e-6)
    for first, second in np.argwhere(np.isfinite(ways.between_s)).tolist():
        path = ways.between_path(first, second)
        assert path[0] == pytest.approx(entry(tracks, first ^ 1))
        assert path[-1] == pytest.approx(entry(tracks, second), abs=1e-5)


def test_a_plane_in_the_open_reaches_everything_and_turns_no_tighter_than_its_radius() -> None:
    tracks = [Track((0.0, 80.0 * number), (400.0, 80.0 * number), 80.0) for number in range(5)]

    ways = find_deadheads([WING], tracks, [(-200.0, -200.0)], CALM, flyable=shapely.box(-2e3, -2e3, 2e3, 2e3))[WING.id]

    others = ~np.eye(5, dtype=bool).repeat(2, axis=0).repeat(2, axis=1)
    assert np.isfinite(ways.between_s[others]).all()
    assert np.isinf(ways.between_s[~others]).all()
    # To the next but one lane, two radii over: half a circle, between straights beside each other.
    turn_m = (math.pi + 2 * DeadheadParams().lead_in_radii) * WING.turn_radius_m
    assert ways.between_s[0, 3] == pytest.approx(turn_m / WING.cruise_mps, rel=0.02)
    assert ways.between_s[0, 2] > ways.between_s[0, 3]


def test_a_plane_leaves_its_track_straight_and_is_straight_again_well_before_the_next() -> None:
    tracks = [Track((0.0, 0.0), (400.0, 0.0), 80.0), Track((0.0, 300.0), (300.0, 500.0), 80.0)]
    params = DeadheadParams()

    ways = find_deadheads([WING], tracks, [(-700.0, -400.0)], CALM, flyable=shapely.box(-2e3, -2e3, 2e3, 2e3))[WING.id]

    for path in (ways.between_path(0, 2), ways.out_path(0, 2)):
        assert straight_m(path[::-1], (-300.0, -200.0)) >= params.lead_in_radii * WING.turn_radius_m - 1e-6
    for path in (ways.between_path(0, 2), ways.home_path(0, 0)):
        assert straight_m(path, (400.0, 0.0)) >= params.lead_out_radii * WING.turn_radius_m - 1e-6


def straight_m(path: Floats, along: tuple[float, float]) -> float:
    """How far a path goes straight in a direction from its first point."""
    steps = path - path[0]
    east, north = np.array(along) / math.hypot(*along)
    aside_m, ahead_m = steps @ (-north, east), steps @ (east, north)
    in_line = (np.abs(aside_m) < 1e-6) & (ahead_m > -1e-6)
    return float(ahead_m[: len(in_line) if in_line.all() else int(in_line.argmin())].max())


def test_a_plane_without_room_for_straights_turns_where_its_tracks_end() -> None:
    tracks = [Track((0.0, 0.0), (400.0, 0.0), 80.0), Track((0.0, 2.2 * WING.turn_radius_m), (400.0, 2.2 * WING.turn_radius_m), 80.0)]
    tight = shapely.box(0, -10, 400 + 1.2 * WING.turn_radius_m, 2.2 * WING.turn_radius_m + 10)

    ways = find_deadheads([WING], tracks, [], CALM, flyable=tight)[WING.id]

    assert np.isfinite(ways.between_s[0, 3])
    assert tight.buffer(0.06).covers(shapely.LineString(ways.between_path(0, 3)))


def test_a_plane_flies_straight_on_over_the_pieces_of_a_cut_track() -> None:
    tracks = [Track((0.0, 0.0), (400.0, 0.0), 80.0), Track((400.0, 0.0), (800.0, 0.0), 80.0), Track((900.0, 0.0), (1200.0, 0.0), 80.0)]

    ways = find_deadheads([WING], tracks, [], CALM, flyable=shapely.box(-2e3, -2e3, 2e3, 2e3))[WING.id]

    assert ways.between_s[0, 2] == pytest.approx(0.0, abs=1e-6)
    assert ways.between_s[2, 4] == pytest.approx(100.0 / WING.cruise_mps)


def test_a_plane_flies_round_a_wall_in_several_pieces() -> None:
    tracks = [Track((-100.0, -200.0), (100.0, -200.0), 50.0), Track((-100.0, 200.0), (100.0, 200.0), 50.0)]

    ways = find_deadheads([WING], tracks, [(0.0, -300.0), (0.0, 300.0)], CALM, flyable=WALLED)[WING.id]

    assert np.isfinite(ways.between_s[:2, 2:]).all()
    assert np.isfinite(ways.out_s).all()
    assert np.isfinite(ways.home_s).all()
    for _, path in every_way(ways):
        assert WALLED.buffer(0.06).covers(shapely.LineString(path))


def test_ways_survive_the_trip_to_another_process() -> None:
    tracks = [Track((-100.0, -200.0), (100.0, -200.0), 50.0), Track((-100.0, 200.0), (100.0, 200.0), 50.0)]
    found = find_deadheads([QUAD, WING], tracks, [(0.0, -300.0)], CALM, flyable=WALLED)

    for ways in found.values():
        copy = pickle.loads(pickle.dumps(ways))
        assert np.array_equal(copy.between_s, ways.between_s)
        assert np.array_equal(copy.between_path(0, 2), ways.between_path(0, 2))


@settings(max_examples=30, deadline=None)
@given(ground=grounds(), seed=st.integers(0, 1000))
def test_what_is_inside_is_decided_as_by_the_exact_outline(ground: BaseGeometry, seed: int) -> None:
    west, south, east, north = ground.bounds
    lines = np.random.default_rng(seed).uniform([west, south], [east, north], (100, 3, 2))

    covered = Inside(ground, DeadheadParams()).covers(lines)

    exact = ground.buffer(DeadheadParams().slack_m)
    assert covered.tolist() == [bool(exact.covers(shapely.LineString(line))) for line in lines]


def test_a_base_on_a_lane_end_is_no_way_off() -> None:
    tracks = [Track((0.0, 0.0), (100.0, 0.0), 50.0)]

    ways = find_deadheads([QUAD], tracks, [(0.0, 0.0)], CALM, flyable=affinity.scale(WALLED, 1, 1).union(shapely.box(-50, -50, 150, 50)))

    assert ways[QUAD.id].out_s[0, 0] == 0
    assert ways[QUAD.id].home_s[1, 0] == 0
