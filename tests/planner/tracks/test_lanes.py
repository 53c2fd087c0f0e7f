"""Tracks lie where drones may fly, cover what can be seen, keep their spacing on the earth, and can be cut."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import affinity
from shapely.geometry.base import BaseGeometry

from planner import overlay
from planner.geo import azimuth_deg, geodesic_m
from planner.tracks.cells import Cell, SweepRates, decompose
from planner.tracks.lanes import LaneParams, Track, cut, drop_needless, lay_cell
from planner.tracks.mending import mend
from tests.planner.missions import EVERYWHERE, Site
from tests.planner.shapes import grounds

SWATH_M = 50.0
RATES = SweepRates(spacing_m=SWATH_M, speed_mps=10.0, turn_s=12.0)


def tracks_over(ground: BaseGeometry, flyable: BaseGeometry, rates: SweepRates = RATES) -> tuple[Track, ...]:
    laid = [track for cell in decompose(ground, rates) for track in lay_cell(cell, flyable, SWATH_M, rates)]
    return drop_needless(mend(laid, ground, flyable, SWATH_M, rates), ground)


def seen(tracks: tuple[Track, ...]) -> BaseGeometry:
    return overlay.union(track.ground for track in tracks)


def coverage(tracks: tuple[Track, ...], ground: BaseGeometry) -> float:
    return float(seen(tracks).intersection(ground).area / ground.area)


@settings(max_examples=40, deadline=None)
@given(ground=grounds())
def test_tracks_cover_concave_ground_with_holes_when_one_may_fly_everywhere(ground: BaseGeometry) -> None:
    assert coverage(tracks_over(ground, EVERYWHERE), ground) >= 0.99


@settings(max_examples=30, deadline=None)
@given(ground=grounds(), shut=grounds(most_holes=0), clearance_m=st.sampled_from([0.0, 2.0, 15.0]))
def test_tracks_stay_in_flyable_ground_and_cover_what_is_seen_from_there(
    ground: BaseGeometry, shut: BaseGeometry, clearance_m: float
) -> None:
    flyable = EVERYWHERE.difference(affinity.scale(shut, 0.3, 0.3, origin=(0, 0)).buffer(clearance_m))

    tracks = tracks_over(ground, flyable)

    inside = flyable.buffer(1e-6)
    assert all(inside.covers(track.line) for track in tracks)
    # Flat swaths see less than the disc around a tip of flyable ground, and lanes keep a little off its edges: on ground smaller than
    # a swath squared that is a large part of it.
    seeable = ground.intersection(flyable.buffer(SWATH_M / 2 - 1.0))
    assert seeable.difference(seen(tracks)).area <= 0.04 * max(ground.area, SWATH_M**2)


@settings(max_examples=15, deadline=None)
@given(ground=grounds())
def test_tracks_of_drones_that_turn_end_where_a_circle_fits(ground: BaseGeometry) -> None:
    radius_m = 30.0
    flyable = ground.buffer(45.0)
    rates = SweepRates(spacing_m=SWATH_M, speed_mps=18.0, turn_s=8.0, turn_radius_m=radius_m)

    for track in tracks_over(ground, flyable, rates):
        along = ((track.end[0] - track.start[0]) / track.length_m, (track.end[1] - track.start[1]) / track.length_m)
        for east_m, north_m in (track.start, track.end):
            centres = [(east_m - side * along[1] * radius_m, north_m + side * along[0] * radius_m) for side in (1, -1)]
            assert any(flyable.covers(shapely.Point(centre).buffer(radius_m - 0.1, quad_segs=4)) for centre in centres)


@pytest.mark.parametrize(
    "ground",
    [
        pytest.param(shapely.Point(0, 0).buffer(5), id="smaller than a swath"),
        pytest.param(shapely.Polygon([(0, 0), (800, 2), (800, 0)]), id="needle two metres wide"),
        pytest.param(shapely.Polygon([(0, 0), (0.3, 900), (0.6, 0)]), id="needle of a hand's width"),
        pytest.param(shapely.box(0, 0, 300, SWATH_M), id="exactly one swath wide"),
        pytest.param(shapely.box(0, 0, 200, 200).difference(shapely.Polygon([(0, 0), (60, 40), (40, 60)])), id="hole on a corner"),
        pytest.param(shapely.box(0, 0, 200, 200).difference(shapely.box(80, 0, 120, 60)), id="hole along an edge"),
        pytest.param(
            shapely.Polygon(shapely.box(0, 0, 200, 200).exterior, [[(0, 100), (60, 80), (60, 120)]]), id="hole touching in a point"
        ),
        pytest.param(shapely.union_all([shapely.box(0, 0, 90, 90), shapely.box(500, 0, 504, 400)]), id="two pieces, one thin"),
    ],
)
def test_odd_ground_is_covered(ground: BaseGeometry) -> None:
    assert coverage(tracks_over(ground, EVERYWHERE), ground) >= 0.99


def test_five_thousand_corners_are_covered() -> None:
    angles = [math.tau * number / 5000 for number in range(5000)]
    ring = [(500 * (1 + 0.05 * math.sin(23 * angle)) * math.cos(angle), 350 * math.sin(angle)) for angle in angles]
    ground = shapely.Polygon(ring)

    assert coverage(tracks_over(ground, EVERYWHERE), ground) >= 0.99


def test_ground_beyond_sight_is_left_without_endless_repairs() -> None:
    ground = shapely.box(0, 0, 400, 400)
    flyable = shapely.box(-500, -500, 100, 500)

    tracks = tracks_over(ground, flyable)

    assert seen(tracks).intersection(ground).bounds[2] <= 100 + SWATH_M / 2 + 1e-6
    assert coverage(tracks, shapely.box(0, 0, 125, 400)) >= 0.99


def test_no_flyable_ground_gives_no_tracks() -> None:
    assert tracks_over(shapely.box(0, 0, 100, 100), shapely.MultiPolygon()) == ()


@pytest.mark.parametrize("width_m", [480.0, 500.0])
@pytest.mark.parametrize("turned_deg", [0.0, 31.0, 47.3, 89.0])
def test_a_rectangle_takes_as_many_lanes_as_swaths_fit_across(width_m: float, turned_deg: float) -> None:
    tracks = tracks_over(affinity.rotate(shapely.box(0, 0, 1000, width_m), turned_deg), EVERYWHERE)

    assert len(tracks) == 10
    assert sum(track.length_m for track in tracks) == pytest.approx(10 * 1000, rel=2e-3)


@pytest.mark.parametrize("lat_deg", [0.0, 40.0, 60.0, 70.0])
@pytest.mark.parametrize("lon_deg", [19.0, 180.0])
@pytest.mark.parametrize("turned_deg", [0.0, 37.0, 90.0])
def test_lane_spacing_holds_on_the_earth(lat_deg: float, lon_deg: float, turned_deg: float) -> None:
    """Measured by geodesics between neighbouring lanes, 10 km from the frame's origin, within 0.1 %."""
    frame = Site(lat_deg=lat_deg, lon_deg=lon_deg).frame
    ground = affinity.translate(affinity.rotate(shapely.box(0, 0, 2000, 20 * SWATH_M), turned_deg, origin=(0, 0)), 7_000, 7_000)
    cell = Cell(ground, math.radians(turned_deg))

    tracks = lay_cell(cell, EVERYWHERE, SWATH_M, RATES)

    middles = [((track.start[0] + track.end[0]) / 2, (track.start[1] + track.end[1]) / 2) for track in tracks]
    places = [frame.point_to_geographic(east_m=east_m, north_m=north_m) for east_m, north_m in middles]
    ends = [frame.point_to_geographic(east_m=track.end[0], north_m=track.end[1]) for track in tracks]
    for (here, there), end in zip(pairwise(places), ends, strict=False):
        across_rad = math.radians(azimuth_deg(here, there) - azimuth_deg(here, end))
        assert abs(geodesic_m(here, there) * math.sin(across_rad)) == pytest.approx(SWATH_M, rel=1e-3)


@settings(max_examples=100, deadline=None)
@given(length_m=st.floats(1, 20_000), longest_m=st.floats(30, 5_000), turned_rad=st.floats(0, 6.3))
def test_cut_pieces_join_up_with_an_overlap_and_are_equally_long(length_m: float, longest_m: float, turned_rad: float) -> None:
    track = Track((0.0, 0.0), (length_m * math.cos(turned_rad), length_m * math.sin(turned_rad)), SWATH_M)

    pieces = cut(track, longest_m)

    overlap_m = LaneParams().overlap_m
    assert pieces[0].start == pytest.approx(track.start, abs=1e-6)
    assert pieces[-1].end == pytest.approx(track.end, abs=1e-6)
    assert all(piece.length_m <= longest_m + overlap_m + 1e-6 for piece in pieces)
    for before, after in pairwise(pieces):
        assert math.dist(after.start, before.end) == pytest.approx(overlap_m, abs=1e-6)
        assert math.dist(before.start, after.start) < math.dist(before.start, before.end)
    assert seen(pieces).area == pytest.approx(track.ground.area, rel=1e-6)


@pytest.mark.parametrize(
    ("place", "joints"),
    [
        ((400.0, 50.0), [200, 400, 600, 800]),  # beside it: cut there, then each side equally
        ((400.0, -5_000.0), [250, 500, 750]),  # too far away to fly out and back from
        ((30.0, 10.0), [250, 500, 750]),  # too near its own end
    ],
)
def test_a_track_is_cut_where_it_passes_a_base(place: tuple[float, float], joints: list[float]) -> None:
    pieces = cut(Track((0.0, 0.0), (1000.0, 0.0), SWATH_M), 260.0, beside=[(9_000.0, 9_000.0), place])

    assert [piece.end[0] - LaneParams().overlap_m / 2 for piece in pieces[:-1]] == pytest.approx(joints)


def test_a_cusp_at_the_edge_is_worth_no_lane_more() -> None:
    cusp = shapely.Polygon([(0.0, 2 * SWATH_M), (1.0, 2 * SWATH_M), (0.0, 2 * SWATH_M + 5.0)])
    ground = shapely.union(shapely.box(0.0, 0.0, 2_000.0, 2 * SWATH_M), cusp)

    assert len(lay_cell(Cell(ground, 0.0), EVERYWHERE, SWATH_M, RATES)) == 2


def test_a_lane_that_airspace_bars_moves_aside() -> None:
    """The edge of what may be flown is 3 m short of the middle of the upper lane's strip."""
    ground = shapely.box(0.0, 0.0, 2_000.0, 2 * SWATH_M)
    flyable = shapely.box(-500.0, -500.0, 2_500.0, 1.5 * SWATH_M - 3.0)

    tracks = lay_cell(Cell(ground, 0.0), flyable, SWATH_M, RATES)

    assert len(tracks) == 2
    assert coverage(tracks, ground) > 0.95


@settings(max_examples=25, deadline=None)
@given(ground=grounds())
def test_dropping_leaves_no_needless_track_and_keeps_the_coverage(ground: BaseGeometry) -> None:
    laid = tuple(track for cell in decompose(ground, RATES) for track in lay_cell(cell, EVERYWHERE, SWATH_M, RATES))
    doubled = (*laid, *laid[:3])

    kept = drop_needless(doubled, ground)

    assert len(kept) <= len(laid)
    assert coverage(kept, ground) >= min(coverage(laid, ground), LaneParams().wanted_coverage) - 1e-9
