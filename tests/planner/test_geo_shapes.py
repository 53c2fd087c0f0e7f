"""Polygons and lines of files in the local frame: straight in degrees, whole across the antimeridian, valid."""

from __future__ import annotations

import math

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry.base import BaseGeometry

from planner.geo import EDGE_STEP_DEG, Geographic, LatLon, LocalFrame, geodesic_area_m2, geodesic_m
from tests.planner.missions import Site
from tests.planner.shapes import grounds


def frame(lat_deg: float, lon_deg: float) -> LocalFrame:
    return LocalFrame(LatLon(lat_deg=lat_deg, lon_deg=lon_deg))


def test_an_edge_along_a_parallel_stays_on_it() -> None:
    """A line of two points 100 km apart at 49 N bulges 270 m away from the straight line between them."""
    parallel = Geographic(shapely.LineString([(-98.6, 49.0), (-97.2, 49.0)]))

    line = frame(49.0, -97.9).line(parallel)

    middle = shapely.line_interpolate_point(line, 0.5, normalized=True)
    place = frame(49.0, -97.9).point_to_geographic(east_m=middle.x, north_m=middle.y)
    assert place.lat_deg == pytest.approx(49.0, abs=1e-6)
    steps = shapely.get_coordinates(line)
    assert len(steps) == math.ceil(1.4 / EDGE_STEP_DEG) + 1


@settings(max_examples=30, deadline=None)
@given(ground=grounds(), lat_deg=st.sampled_from([0.0, 40.0, 60.0, 70.0, -45.0]), lon_deg=st.sampled_from([19.0, 180.0, -179.999]))
def test_ground_survives_the_way_to_degrees_and_back(ground: BaseGeometry, lat_deg: float, lon_deg: float) -> None:
    site = Site(lat_deg=lat_deg, lon_deg=lon_deg)

    back = site.frame.ground(site.frame.to_geographic(ground))

    assert back.is_valid
    assert back.area == pytest.approx(ground.area, rel=1e-5)
    assert back.symmetric_difference(ground).area <= 1e-4 * ground.area


def test_holes_across_the_antimeridian_stay_holes() -> None:
    ring = shapely.box(-500, -500, 500, 500).difference(shapely.box(-100, -100, -50, 100))

    for lon_deg in (179.999, 180.0, -179.9995):
        site = Site(lat_deg=10.0, lon_deg=lon_deg)
        assert site.frame.ground(site.frame.to_geographic(ring)).area == pytest.approx(1_000_000 - 10_000, rel=1e-6)


def test_parts_that_meet_at_the_antimeridian_become_one() -> None:
    cut = Geographic(shapely.MultiPolygon([shapely.box(179.9, 10, 180, 10.1), shapely.box(-180, 10, -179.9, 10.1)]))

    ground = LocalFrame.around([cut]).ground(cut)

    assert ground.geom_type == "Polygon"
    assert ground.area == pytest.approx(geodesic_area_m2(cut), rel=1e-4)


def test_overlapping_parts_count_once_and_crossing_outlines_are_mended() -> None:
    two = Geographic(shapely.MultiPolygon([shapely.box(10, 10, 10.02, 10.02), shapely.box(10.01, 10, 10.03, 10.02)]))
    bow = Geographic(shapely.Polygon([(10, 10), (10.02, 10.02), (10.02, 10), (10, 10.02)]))
    here = frame(10.0, 10.0)

    assert here.ground(two).area == pytest.approx(1.5 * here.ground(Geographic(shapely.box(10, 10, 10.02, 10.02))).area, rel=1e-4)
    assert here.ground(bow).is_valid
    assert here.ground(bow).area == pytest.approx(0.5 * here.ground(Geographic(shapely.box(10, 10, 10.02, 10.02))).area, rel=1e-3)


@pytest.mark.parametrize("nothing", [shapely.Polygon(), shapely.GeometryCollection(), shapely.Point(1, 1)])
def test_nothing_is_empty_ground_and_an_empty_line(nothing: BaseGeometry) -> None:
    assert frame(0, 0).ground(Geographic(nothing)).is_empty
    assert frame(0, 0).line(Geographic(nothing)).is_empty


def test_a_line_that_goes_nowhere_is_no_trouble() -> None:
    line = frame(0, 0).line(Geographic(shapely.MultiLineString([[(1, 1), (1, 1)], [(0, 0), (0.01, 0)]])))

    assert line.length == pytest.approx(geodesic_m(LatLon(lat_deg=0, lon_deg=0), LatLon(lat_deg=0, lon_deg=0.01)), rel=1e-6)


def test_north_turns_with_the_distance_from_the_origin() -> None:
    here = frame(60.0, 10.0)

    assert here.most_turned_rad(shapely.Point(0, 0).buffer(1)) == pytest.approx(0, abs=1e-5)
    east = here.point_to_geographic(east_m=100_000, north_m=0)
    expected_rad = math.radians(east.lon_deg - 10.0) * math.sin(math.radians(60.0))
    assert here.most_turned_rad(shapely.box(99_999, -1, 100_000, 1)) == pytest.approx(expected_rad, rel=0.02)
