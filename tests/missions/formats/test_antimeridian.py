"""Cutting at the 180th meridian keeps all ground, wherever the geometry starts and however often it crosses."""

from __future__ import annotations

from itertools import pairwise

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import GeometryCollection, LineString, MultiLineString, MultiPolygon, Point, Polygon
from shapely.geometry.base import BaseGeometry

from missions.formats.antimeridian import cut_line, within_world

steps = st.lists(st.tuples(st.floats(-90, 90), st.floats(-5, 5), st.floats(0, 100)), min_size=1, max_size=8)


def wrapped_deg(lon_deg: float) -> float:
    return (lon_deg + 180) % 360 - 180


@given(start_deg=st.floats(-180, 180), steps=steps)
def test_a_cut_line_is_as_long_as_it_was_and_stays_inside(start_deg: float, steps: list[tuple[float, float, float]]) -> None:
    points = [(start_deg, 0.0, 0.0)]
    for east_deg, north_deg, up_m in steps:
        points.append((points[-1][0] + east_deg, points[-1][1] + north_deg, points[-1][2] + up_m))
    given_points = [(wrapped_deg(lon_deg), *others) for lon_deg, *others in points]
    parts = cut_line(given_points)
    assert all(-180 - 1e-9 <= point[0] <= 180 + 1e-9 for part in parts for point in part)
    assert all(abs(a[0] - b[0]) <= 180 for part in parts for a, b in pairwise(part))
    length = sum(shapely.LineString(part).length for part in parts)
    assert length == pytest.approx(shapely.LineString(points).length, abs=1e-6)


@pytest.mark.parametrize(
    "polygon",
    [
        pytest.param(Polygon([(179, 0), (181, 0), (181, 1), (179, 1)]), id="beyond 180"),
        pytest.param(Polygon([(179, 0), (-179, 0), (-179, 1), (179, 1)]), id="with a jump"),
        pytest.param(Polygon([(-181, 0), (-179, 0), (-179, 1), (-181, 1)]), id="before -180"),
    ],
)
def test_a_cut_polygon_is_the_same_two_halves_however_it_was_written(polygon: Polygon) -> None:
    halves = MultiPolygon([shapely.box(179, 0, 180, 1), shapely.box(-180, 0, -179, 1)])
    assert within_world(polygon).equals(halves)


def test_a_hole_written_on_the_other_side_stays_in_its_polygon() -> None:
    polygon = Polygon([(179, 0), (181, 0), (181, 1), (179, 1)], [[(-179.5, 0.2), (-179.3, 0.2), (-179.3, 0.4)]])
    cut = within_world(polygon)
    assert cut.area == pytest.approx(2 - 0.02)
    assert not cut.contains(Point(-179.35, 0.25))


def test_a_line_that_runs_along_the_antimeridian_stays_on_its_side() -> None:
    assert cut_line([(179.0, 1.0), (181.0, 2.0), (180.0, 3.0), (182.0, 4.0)]) == [
        [(179.0, 1.0), (180.0, 1.5)],
        [(-180.0, 1.5), (-179.0, 2.0), (-180.0, 3.0), (-178.0, 4.0)],
    ]


@pytest.mark.parametrize(
    "geometry",
    [
        Point(180, 3),
        LineString([(-170, 0), (-160, 5)]),
        shapely.segmentize(shapely.box(-180, -90, 180, 90), 30),
        shapely.box(10, 10, 20, 20),
    ],
)
def test_what_lies_in_the_world_is_left_as_it_is(geometry: BaseGeometry) -> None:
    assert within_world(geometry) is geometry


def test_many_parts_are_each_cut() -> None:
    lines = MultiLineString([[(179, 0), (181, 0)], [(10, 0), (11, 0)]])
    assert within_world(lines) == MultiLineString([[(179, 0), (180, 0)], [(-180, 0), (-179, 0)], [(10, 0), (11, 0)]])
    areas = MultiPolygon([shapely.box(179, 0, 181, 1), shapely.box(10, 0, 11, 1)])
    assert len(shapely.get_parts(within_world(areas))) == 3
    assert within_world(Point(190, 3)) == Point(-170, 3)


def test_a_mixture_beyond_the_world_is_refused() -> None:
    with pytest.raises(TypeError, match="GeometryCollection"):
        within_world(GeometryCollection([Point(190, 3)]))


def test_a_ring_that_crosses_itself_where_its_longitudes_run_on_is_cut_all_the_same() -> None:
    ring = shapely.Polygon([(170, 0), (200, 20), (200, 0), (170, 20), (185, 40), (-170, 10)])
    cut = within_world(ring)
    west, _, east, _ = cut.bounds
    assert (cut.is_valid, west >= -180, east <= 180) == (True, True, True)
