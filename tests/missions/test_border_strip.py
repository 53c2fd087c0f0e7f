"""Strips along borders are as wide as asked, at every latitude and length, and consent covers what it promises."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString

from missions.border_strip import Consent, StripParams, consent_polygon, grown, strip_around
from missions.lonlat_shapes import densified, unwrapped
from planner.geo import Geographic, LatLon, LocalFrame, destination, geodesic_area_m2, geodesic_m, path_length_m

PARAMS = StripParams()


def parallel(lat_deg: float, west_deg: float, east_deg: float) -> Geographic:
    """A border along a parallel."""
    return Geographic(densified(LineString([(west_deg, lat_deg), (east_deg, lat_deg)]), 1000.0))


def length_m(line: Geographic) -> float:
    return path_length_m([LatLon(lat_deg=lat, lon_deg=(lon + 180) % 360 - 180) for lon, lat in shapely.get_coordinates(line.geometry)])


@settings(max_examples=25, deadline=None)
@given(
    lat_deg=st.sampled_from([0.0, 40.0, -60.0, 70.0]),
    west_deg=st.sampled_from([-98.6, 179.5, -180.0, 0.0]),
    width_deg=st.floats(0.1, 1.5),
    half_width_m=st.sampled_from([200.0, 1000.0, 5000.0]),
)
def test_a_strip_along_a_parallel_has_the_area_the_ellipsoid_says(
    lat_deg: float, west_deg: float, width_deg: float, half_width_m: float
) -> None:
    line = parallel(lat_deg, west_deg, west_deg + width_deg)
    strip = strip_around(line, half_width_m, PARAMS)
    assert strip.geometry.is_valid
    assert geodesic_area_m2(strip) == pytest.approx(2 * half_width_m * length_m(line), rel=1e-3)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.floats(-60, 60), min_size=2, max_size=30), st.sampled_from([0.0, 40.0, 60.0, 70.0]), st.floats(100, 3000))
def test_nothing_in_a_strip_is_further_from_the_line_than_its_half_width(
    turns_deg: list[float], lat_deg: float, half_width_m: float
) -> None:
    points = [LatLon(lat_deg=lat_deg, lon_deg=25.0)]
    for turn_deg in turns_deg:
        points.append(destination(points[-1], bearing_deg=90 + turn_deg, distance_m=700.0))
    line = Geographic(LineString([(point.lon_deg, point.lat_deg) for point in points]))
    frame = LocalFrame.around([line])
    local_line, local_strip = frame.to_local(line), frame.to_local(strip_around(line, half_width_m, PARAMS))
    assert local_strip.difference(local_line.buffer(half_width_m + 1.0, quad_segs=64)).area < 1.0
    square = local_line.buffer(half_width_m - 1.0 - 0.001 * half_width_m, cap_style="flat", quad_segs=64)
    assert square.difference(local_strip).area < 0.001 * square.area


def test_a_strip_of_a_thousand_kilometres_is_as_wide_at_its_ends_as_in_its_middle() -> None:
    line = parallel(48.99267, -114.0, -100.0)
    strip = strip_around(line, 5000.0, PARAMS)
    assert strip.geometry.geom_type == "Polygon"
    assert not strip.geometry.interiors
    assert geodesic_area_m2(strip) == pytest.approx(10_000 * length_m(line), rel=1e-4)
    south = shapely.get_coordinates(strip.geometry)
    for lon_deg in np.linspace(-113.9, -100.1, 60):
        across = strip.geometry.intersection(LineString([(lon_deg, 48.0), (lon_deg, 50.0)]))
        low, high = (LatLon(lat_deg=lat, lon_deg=lon) for lon, lat in (across.coords[0], across.coords[-1]))
        middle = LatLon(lat_deg=48.99267, lon_deg=float(lon_deg))
        assert geodesic_m(middle, high) == pytest.approx(5000, abs=2)
        assert geodesic_m(middle, low) == pytest.approx(5000, abs=2)
    assert len(south) < 3000


def test_a_winding_strip_in_many_pieces_is_the_strip_in_one() -> None:
    lon_deg = np.linspace(19.0, 20.0, 400)
    line = Geographic(LineString(np.column_stack([lon_deg, 47.5 + 0.02 * np.sin(60 * lon_deg)])))
    whole = strip_around(line, 800.0, PARAMS)
    pieces = strip_around(line, 800.0, StripParams(piece_m=7_000.0))
    frame = LocalFrame.around([line])
    a, b = frame.to_local(whole), frame.to_local(pieces)
    assert a.symmetric_difference(b).area < 1e-3 * a.area
    assert not a.symmetric_difference(b).buffer(-1.0).area


def test_a_strip_across_the_antimeridian_is_one_polygon() -> None:
    strip = strip_around(parallel(-17.0, 179.8, 180.2), 1000.0, PARAMS)
    assert strip.geometry.geom_type == "Polygon"
    assert strip.geometry.bounds[0] == pytest.approx(179.8, abs=1e-3)
    assert strip.geometry.bounds[2] == pytest.approx(180.2, abs=1e-3)


@pytest.mark.parametrize("lon_deg", [19.0, 179.99, -179.95])
def test_a_ring_of_border_has_ground_on_both_sides(lon_deg: float) -> None:
    centre = LatLon(lat_deg=47.5, lon_deg=lon_deg)
    ring = [destination(centre, bearing_deg=bearing, distance_m=5000.0) for bearing in range(0, 361, 2)]
    line = Geographic(LineString([(point.lon_deg, point.lat_deg) for point in ring]))
    line = Geographic(unwrapped(line.geometry))
    strip = strip_around(line, 500.0, PARAMS)
    assert len(strip.geometry.interiors) == 1
    assert geodesic_area_m2(strip) == pytest.approx(1000 * 2 * np.pi * 5000, rel=2e-3)


def consent(depth_m: float, uncertainty_m: float) -> tuple[LocalFrame, shapely.Geometry]:
    line = parallel(47.5, 19.0, 19.1)
    north = Geographic(densified(shapely.box(18.5, 47.5, 19.6, 48.0), 1000.0))
    south = Geographic(densified(shapely.box(18.5, 47.0, 19.6, 47.5), 1000.0))
    window = grown(strip_around(line, 2000.0, PARAMS), 1500.0)
    order = Consent(
        border=line, host_territory=north, guest_territory=south, depth_m=depth_m, position_uncertainty_m=uncertainty_m, window=window
    )
    frame = LocalFrame(LatLon(lat_deg=47.5, lon_deg=19.05))
    return frame, frame.to_local(consent_polygon(order, PARAMS))


@pytest.mark.parametrize(("depth_m", "uncertainty_m"), [(1500.0, 900.0), (0.0, 900.0), (600.0, 900.0)])
def test_consent_holds_the_whole_uncertain_band(depth_m: float, uncertainty_m: float) -> None:
    frame, polygon = consent(depth_m, uncertainty_m)
    band = frame.to_local(parallel(47.5, 19.0, 19.1)).buffer(uncertainty_m, quad_segs=64)
    assert band.difference(polygon).area < 1e-3 * band.area


def test_consent_reaches_as_deep_into_the_host_as_it_says_and_no_further_into_the_guest_than_the_band() -> None:
    _, polygon = consent(1500.0, 900.0)
    across = polygon.intersection(LineString([(0, -5000), (0, 5000)]))
    _, south_m, _, north_m = across.bounds
    assert north_m == pytest.approx(1500, abs=1)
    assert south_m == pytest.approx(-900 * 1.01 - 1, abs=1)


def test_consent_stays_in_the_neighbourhood_of_the_area() -> None:
    _, polygon = consent(50_000.0, 5.0)
    assert polygon.bounds[3] == pytest.approx(3500, abs=60)


def test_without_depth_or_uncertainty_there_is_no_consent() -> None:
    _, polygon = consent(0.0, 0.0)
    assert polygon.is_empty
