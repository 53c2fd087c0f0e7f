"""Longitude/latitude geometry is repaired where it can be and refused, with the place, where it cannot."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely import LineString, MultiLineString, MultiPolygon, Polygon

from missions.lonlat_shapes import (
    ShapeError,
    ShapeParams,
    clean_line,
    clean_polygon,
    continuous,
    densified,
    mission_longitude,
    near_longitude,
    place_text,
)
from planner.geo import Geographic, LatLon, geodesic_area_m2, geodesic_m
from tests.missions.mission_folders import BOW_TIE, box_ring

PARAMS = ShapeParams()


def test_open_rings_repeated_points_and_orientation_are_put_right() -> None:
    clockwise = [(0, 0), (0, 1), (0, 1), (1, 1), (1, 0)]
    cleaned = clean_polygon(Polygon(clockwise), PARAMS)
    assert isinstance(cleaned, Polygon)
    assert cleaned.exterior.is_ccw
    assert len(cleaned.exterior.coords) == 5
    assert cleaned.area == 1


def test_a_hole_stays_a_hole() -> None:
    cleaned = clean_polygon(Polygon(box_ring(0, 0, 1, 1), [box_ring(0.4, 0.4, 0.6, 0.6)]), PARAMS)
    assert cleaned.area == pytest.approx(0.96)


@pytest.mark.parametrize(
    ("polygon", "words"),
    [
        (Polygon(BOW_TIE), "crosses itself at 47.50000 N 19.01000 E"),
        (Polygon(box_ring(0, 0, 1, 1), [box_ring(2, 2, 3, 3)]), "hole lies outside shell at 2.00000 N 2.00000 E"),
        (Polygon([(0, 0), (1, 1), (0, 0), (0, 0)]), "fewer than three"),
        (Polygon([(0, 0), (1, 0), (2, 0), (0, 0)]), "crosses itself"),
        (Polygon([(0, 0), (0, 91), (1, 1)]), "latitude 91"),
        (Polygon([(0, 0), (361, 0), (1, 1)]), "longitude 361"),
        (Polygon([(0, 0), (math.inf, 0), (1, 1)]), "not a finite number"),
        (Polygon([(lon, 80) for lon in range(-180, 180, 10)]), "goes round a pole"),
        (LineString([(0, 0), (1, 1)]), "no polygon, but LineString"),
    ],
)
def test_what_is_no_simple_polygon_is_refused(polygon: Polygon, words: str) -> None:
    with pytest.raises(ShapeError) as caught:
        clean_polygon(polygon, PARAMS)
    assert words in caught.value.text


def test_overlapping_parts_are_united() -> None:
    cleaned = clean_polygon(MultiPolygon([Polygon(box_ring(0, 0, 2, 1)), Polygon(box_ring(1, 0, 3, 1))]), PARAMS)
    assert cleaned.area == 3


def test_pieces_of_a_line_are_joined() -> None:
    cleaned = clean_line(MultiLineString([[(0, 0), (1, 0)], [(2, 0), (1, 0)]]), PARAMS)
    assert isinstance(cleaned, LineString)
    assert cleaned.length == 2


def test_too_many_points_are_refused() -> None:
    with pytest.raises(ShapeError, match="more than 10"):
        clean_line(LineString([(i, 0) for i in range(11)]), ShapeParams(max_points=10))


@given(west_deg=st.floats(-179.9, 179.9), south_deg=st.floats(-80, 75), width_deg=st.floats(0.01, 5), height_deg=st.floats(0.01, 5))
def test_a_box_is_the_same_however_it_passes_the_antimeridian(
    west_deg: float, south_deg: float, width_deg: float, height_deg: float
) -> None:
    running_on = box_ring(west_deg, south_deg, west_deg + width_deg, south_deg + height_deg)
    jumping = [((lon + 180) % 360 - 180, lat) for lon, lat in running_on]
    middle_deg = mission_longitude(clean_polygon(Polygon(running_on), PARAMS))
    boxes = [near_longitude(clean_polygon(Polygon(ring), PARAMS), middle_deg) for ring in (running_on, jumping)]
    assert shapely.equals_exact(*(shapely.normalize(box) for box in boxes), tolerance=3e-9)
    assert boxes[0].bounds[0] >= -180
    assert boxes[0].bounds[2] <= 360


def test_halves_cut_at_the_antimeridian_are_one_polygon_again() -> None:
    halves = MultiPolygon([Polygon(box_ring(179, 0, 180, 1)), Polygon(box_ring(-180, 0, -179, 1))])
    cleaned = clean_polygon(halves, PARAMS)
    whole = near_longitude(cleaned, mission_longitude(cleaned))
    assert isinstance(whole, Polygon)
    assert whole.bounds == (179, 0, 181, 1)


@given(lat_deg=st.sampled_from([0.0, 40.0, 60.0, 70.0, -55.0]), east_deg=st.floats(0.001, 3), north_deg=st.floats(-2, 2))
def test_densified_edges_are_short_and_straight_in_longitude_and_latitude(lat_deg: float, east_deg: float, north_deg: float) -> None:
    edge = LineString([(10.0, lat_deg), (10.0 + east_deg, lat_deg + north_deg)])
    dense = densified(edge, 1000.0)
    points = [LatLon(lat_deg=lat, lon_deg=lon) for lon, lat in shapely.get_coordinates(dense)]
    assert max(geodesic_m(a, b) for a, b in pairwise(points)) <= 1000 * (1 + abs(north_deg))
    assert dense.hausdorff_distance(edge) < 2e-9
    assert shapely.get_coordinates(dense)[[0, -1]].tolist() == np.round(shapely.get_coordinates(edge), 9).tolist()


def test_an_edge_shared_by_two_nations_gets_the_same_points_from_both_sides() -> None:
    a, b = (-98.6, 48.99267), (-97.2, 49.1234567)
    there, back = (shapely.get_coordinates(densified(LineString(ends), 1000.0)) for ends in ([a, b], [b, a]))
    assert there.tolist() == back[::-1].tolist()


def test_a_densified_box_keeps_its_ground() -> None:
    box = Polygon(box_ring(-98.6, 48.9, -97.2, 49.0))
    # the geodesic edges of the plain box bow north of the parallels by some 236 m: the same at both, so compare the shapes
    dense = densified(box, 1000.0)
    assert dense.symmetric_difference(box).area < 1e-7
    assert geodesic_area_m2(Geographic(dense)) == pytest.approx(geodesic_area_m2(Geographic(densified(box, 100.0))), rel=1e-6)


def test_continuous_longitudes_have_no_jump() -> None:
    points = continuous(np.array([[179.0, 0.0], [-179.0, 1.0], [-178.0, 2.0], [179.5, 3.0]]))
    assert points[:, 0].tolist() == [179.0, 181.0, 182.0, 179.5]


@pytest.mark.parametrize(("lon_deg", "lat_deg", "text"), [(181.0, -1.5, "1.50000 S 179.00000 W"), (19.01, 47.5, "47.50000 N 19.01000 E")])
def test_places_are_told_as_people_write_them(lon_deg: float, lat_deg: float, text: str) -> None:
    assert place_text(lon_deg, lat_deg) == text
