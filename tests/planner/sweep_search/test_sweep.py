"""Routes of the sweep search stay where they may, see what they must, and cost what they say."""

from __future__ import annotations

import itertools
import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import affinity
from shapely.geometry.base import BaseGeometry

from planner.sweep_search.exact import lengthened, missed_m2, patches
from planner.sweep_search.hops import with_hops, with_needed_hops
from planner.sweep_search.lane_sets import lane_sets
from planner.sweep_search.params import SearchParams
from planner.sweep_search.solve import SweepRoutes, fewest_routes, sweep
from planner.sweep_search.strips import nested_rings, ring_choices
from planner.sweep_search.world import SweepTask, build_world
from tests.planner.shapes import grounds

QUICK = SearchParams(starts=1, start_moves=200, coarse_moves=1_500, fine_moves=1_000, mending_moves=800)
YARD = shapely.Polygon(
    [(0, 0), (100, 0), (100, 80), (0, 80)],
    [[(20, 20), (20, 50), (40, 50), (40, 20)], [(60, 35), (75, 60), (85, 35)]],
)


def task_on(
    ground: BaseGeometry, *, swath_m: float = 5.0, least_coverage: float = 0.99, depot: tuple[float, float] | None = (0.0, 0.0)
) -> SweepTask:
    return SweepTask(
        ground=ground, flyable=ground, swath_m=swath_m, speed_mps=3.0, acceleration_mps2=1.0, depot=depot, least_coverage=least_coverage
    )


def legs(routes: SweepRoutes, start: tuple[float, float]) -> list[list[tuple[shapely.LineString, bool]]]:
    found = []
    for route in routes.routes:
        points = [start, *((leg.east_m, leg.north_m) for leg in route)]
        lines = [shapely.LineString(pair) for pair in itertools.pairwise(points)]
        found.append([(line, leg.sweep) for line, leg in zip(lines, route, strict=True)])
    return found


def leg_s(length_m: float) -> float:
    return length_m / 3.0 + 3.0 if length_m >= 9.0 else 2.0 * math.sqrt(length_m)


def part_seen(task: SweepTask, routes: SweepRoutes) -> float:
    swept = [line for route in legs(routes, task.depot or (0.0, 0.0)) for line, sweeps in route if sweeps]
    seen = shapely.union_all([line.buffer(task.swath_m / 2, cap_style="flat") for line in swept])
    return float(seen.intersection(task.ground).area / task.ground.area)


@settings(max_examples=8, deadline=None)
@given(ground=grounds(), seed=st.integers(0, 3))
def test_any_ground_is_seen_as_asked_without_leaving_it(ground: BaseGeometry, seed: int) -> None:
    ground = max(shapely.get_parts(ground), key=lambda part: part.area)
    start = (float(shapely.get_coordinates(ground)[0, 0]), float(shapely.get_coordinates(ground)[0, 1]))
    task = task_on(ground, swath_m=60.0, least_coverage=0.97, depot=start)

    found = sweep(task, params=QUICK, seed=seed)

    assert part_seen(task, found) >= 0.97 - 1e-9
    allowed = ground.buffer(1e-3, join_style="mitre")
    assert all(line.length < 1e-9 or line.difference(allowed).length < 1e-6 for route in legs(found, start) for line, _ in route)


def test_a_route_takes_the_seconds_it_says_and_ends_where_it_began() -> None:
    task = task_on(YARD)

    found = sweep(task, params=QUICK)

    (route,) = legs(found, (0.0, 0.0))
    assert sum(leg_s(line.length) for line, _ in route) == pytest.approx(found.seconds[0], abs=1e-6)
    assert route[-1][0].coords[-1] == pytest.approx((0.0, 0.0), abs=1e-9)
    assert found.missed_m2 <= 0.01 * YARD.area + 1e-6


def test_the_search_is_the_same_on_one_worker_and_on_two() -> None:
    with ThreadPoolExecutor(2) as executor:
        together = sweep(task_on(YARD), params=QUICK, executor=executor)

    assert together == sweep(task_on(YARD), params=QUICK)


def test_more_moves_shorten_the_route() -> None:
    few = SearchParams(starts=1, start_moves=10, coarse_moves=10, fine_moves=10, mending_moves=800)
    many = SearchParams(starts=2, coarse_moves=8_000, fine_moves=5_000)

    assert sum(sweep(task_on(YARD), params=many).seconds) < sum(sweep(task_on(YARD), params=few).seconds)


def test_two_routes_share_the_time_when_the_longest_counts() -> None:
    one = sweep(task_on(YARD), params=QUICK)
    two = sweep(task_on(YARD), routes=2, makespan=True, params=replace(QUICK, order_moves=2_000))

    assert len(two.seconds) == 2
    assert max(two.seconds) < 0.62 * one.seconds[0]
    assert part_seen(task_on(YARD), two) >= 0.99 - 1e-9


def test_routes_keep_to_the_seconds_they_may_take() -> None:
    limit_s = 0.7 * sweep(task_on(YARD), params=QUICK).seconds[0]

    assert fewest_routes(task_on(YARD), limit_s) == 2
    assert max(sweep(task_on(YARD), routes=2, limit_s=limit_s, params=QUICK).seconds) <= limit_s


def test_an_open_route_may_begin_and_end_anywhere() -> None:
    closed, opened = sweep(task_on(YARD), params=QUICK), sweep(task_on(YARD, depot=None), params=QUICK)

    assert opened.seconds[0] < closed.seconds[0]
    assert opened.routes[0][0].sweep is False
    assert opened.routes[0][-1].sweep is True


def test_a_rectangle_gets_as_few_lanes_as_its_width_asks_for() -> None:
    lanes = lane_sets(task_on(shapely.box(0, 0, 100, 52.5), swath_m=5.0), (4.0,), [()])[0].tracks

    along = lanes[np.abs(lanes[:, 1] - lanes[:, 3]) < 1e-6]
    assert len(along) == 11
    assert np.diff(np.sort(along[:, 1])).max() <= 5.0 + 1e-6


def test_ways_between_tracks_that_may_see_shorten_a_route_over_slanted_ground() -> None:
    slanted = affinity.rotate(shapely.Polygon([(0, 0), (50, 0), (80, 60), (30, 60)]), 10)
    blind = replace(task_on(slanted, depot=None), acceleration_mps2=1e9)
    seeing = replace(blind, hops_see=True)
    params = SearchParams(directions=3, coarse_moves=6_000, fine_moves=4_000, rings=True)

    found = sweep(seeing, params=params)

    assert found.seconds[0] < sweep(blind, params=params).seconds[0]
    assert part_seen(seeing, found) >= 0.99 - 1e-9


def test_a_way_between_tracks_is_a_sweep_leg_only_where_it_sees_what_nothing_else_does() -> None:
    task = replace(task_on(shapely.box(0, 0, 100, 30), swath_m=10.0, depot=None), hops_see=True)
    world = build_world(task)
    hop_sees_much, hop_sees_nothing = np.array([90.0, 5.0, 90.0, 15.0]), np.array([0.0, 15.0, 0.0, 25.0])
    tracks = np.array([[0.0, 5.0, 90.0, 5.0], [90.0, 15.0, 0.0, 15.0], [0.0, 25.0, 100.0, 25.0]])

    assert (with_hops(world, tracks) == [tracks[0], hop_sees_much, tracks[1], hop_sees_nothing, tracks[2]]).all()
    assert (with_needed_hops(task, world, tracks) == [tracks[0], hop_sees_much, tracks[1], tracks[2]]).all()
    assert (with_hops(world._replace(hops_see=False), tracks) == tracks).all()


def test_strips_along_the_outline_see_all_within_a_swath_of_it() -> None:
    task = task_on(shapely.Polygon([(0, 0), (90, 10), (120, 70), (40, 90), (0, 60)]), swath_m=8.0)

    everywhere = max(ring_choices(task), key=len)

    seen = shapely.union_all([shapely.LineString([strip[:2], strip[2:]]).buffer(4.0, cap_style="flat") for strip in everywhere])
    rim = task.ground.difference(task.ground.buffer(-8.0 + 1e-6))
    assert len(everywhere) == 5
    assert rim.difference(seen).area < 5 * 8.0**2
    assert seen.difference(task.ground).area < 1e-6


@pytest.mark.parametrize(
    ("ground", "least_seen"),
    [(shapely.box(0, 0, 100, 64), 1.0), (shapely.Polygon([(0, 0), (90, 10), (120, 70), (40, 90), (0, 60)]), 0.97), (YARD, 0.6)],
)
def test_rings_one_inside_the_other_see_their_corners_too(ground: shapely.Polygon, least_seen: float) -> None:
    task = task_on(ground, swath_m=8.0)

    rings = nested_rings(task)

    lines = [shapely.LineString([strip[:2], strip[2:]]) for strip in rings]
    seen = shapely.union_all([line.buffer(4.0, cap_style="flat") for line in lines])
    assert seen.intersection(ground).area >= (least_seen - 1e-9) * ground.area
    assert all(task.flyable.buffer(1e-9).covers(line) for line in lines)


def test_ground_smaller_than_a_swath_takes_one_track() -> None:
    found = sweep(task_on(shapely.box(0, 0, 3, 2), swath_m=5.0))

    assert [leg.sweep for leg in found.routes[0]].count(True) == 1
    assert found.missed_m2 <= 0.01 * 6.0 + 1e-9


def test_patches_see_what_tracks_missed() -> None:
    task = task_on(YARD, least_coverage=1.0)
    tracks = np.array([[0.0, 2.5 + 5.0 * row, 100.0, 2.5 + 5.0 * row] for row in range(4)])
    missed = missed_m2(task, tracks)

    added = np.array(patches(task, tracks, 0.0))

    assert missed == pytest.approx(YARD.area - 2000.0)
    assert missed_m2(task, np.vstack([tracks, added])) < 0.8 * missed


def test_tracks_grow_over_missed_ground_ahead_of_them_only() -> None:
    task = task_on(shapely.box(0, 0, 100, 10), swath_m=10.0)
    tracks = np.array([[10.0, 5.0, 98.0, 5.0]])

    (longer,) = lengthened(task, tracks, 4.0)

    assert longer[2] == pytest.approx(100.0, abs=1e-3)
    assert longer[0] == pytest.approx(6.0, abs=1e-3)
