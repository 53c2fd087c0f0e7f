from __future__ import annotations

import pyproj
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gui.models.coordinates import PositionFormat, parse_position, position_text
from gui.models.mgrs import mgrs_text, parse_mgrs
from planner.geo import LatLon, geodesic_m

PLACE = LatLon(lat_deg=47.502247, lon_deg=-19.012745)


# Two from NGA's GeoTrans documentation and Karney's GeographicLib; the others at the exceptions and the equator.
@pytest.mark.parametrize(
    ("lat_deg", "lon_deg", "grid"),
    [
        (38.8895, -77.0352, "18S UJ 23478 06477"),  # Washington, Washington Monument
        (-33.85678, 151.21530, "56H LH 34885 52332"),  # Sydney Opera House
        (60.39, 5.32, "32V KN 97194 00556"),  # Bergen, by the Norwegian exception
        (78.22, 15.65, "33X WG 14819 83062"),  # Longyearbyen, by Svalbard's
        (0.0, 0.0, "31N AA 66021 00000"),
    ],
)
def test_known_grid_references(lat_deg: float, lon_deg: float, grid: str) -> None:
    text = mgrs_text(LatLon(lat_deg=lat_deg, lon_deg=lon_deg))
    assert text is not None
    square, east, north = text.rsplit(" ", 2)
    wanted, wanted_east, wanted_north = grid.rsplit(" ", 2)
    zone, utm = int(text[:2]), pyproj.Proj(proj="utm", zone=int(text[:2]), south=lat_deg < 0)
    assert square == wanted
    assert (int(east), int(north)) == tuple(int(metres % 100_000) for metres in utm(lon_deg, lat_deg)), zone
    assert abs(int(east) - int(wanted_east)) < 100
    assert abs(int(north) - int(wanted_north)) < 100


def test_there_is_no_grid_at_the_poles() -> None:
    assert mgrs_text(LatLon(lat_deg=84.0, lon_deg=0.0)) is None
    assert position_text(LatLon(lat_deg=-80.1, lon_deg=0.0), PositionFormat.MGRS) == "beyond MGRS"


@given(st.floats(-80, 83.999), st.floats(-180, 180))
@example(-1e-12, 0.0)
def test_what_is_written_is_read_back(lat_deg: float, lon_deg: float) -> None:
    point = LatLon(lat_deg=lat_deg, lon_deg=lon_deg)
    for style, within_m in ((PositionFormat.DECIMAL, 0.1), (PositionFormat.DMS, 2.5), (PositionFormat.MGRS, 0.8)):
        read = parse_position(position_text(point, style))
        assert read is not None
        assert geodesic_m(point, read) < within_m


def test_seconds_never_read_sixty() -> None:
    assert position_text(LatLon(lat_deg=9.99999999, lon_deg=0.0), PositionFormat.DMS) == "10° 00′ 00.0″ N  0° 00′ 00.0″ E"


@pytest.mark.parametrize(
    "text",
    ["47.502247, -19.012745", "47.502247 -19.012745", "47.502247N 19.012745W", "19.012745 W; 47.502247 N", "47°30'8.09\"N 19°0'45.88\"W"],
)
def test_positions_are_read_as_people_write_them(text: str) -> None:
    read = parse_position(text)
    assert read is not None
    assert geodesic_m(read, PLACE) < 1


@pytest.mark.parametrize(
    "text", ["", "ald-west-1", "47.5", "91, 0", "47 61'N 19 E", "1N 2N", "0A AA", "61N AA 1 1", "31N ZA 1 1", "31N AA 12 345", "47.5.1, 3"]
)
def test_what_is_no_position_is_none(text: str) -> None:
    assert parse_position(text) is None


def test_a_grid_reference_without_digits_is_the_middle_of_its_square() -> None:
    middle = parse_mgrs("18SUJ")
    assert middle is not None
    assert mgrs_text(middle) == "18S UJ 50000 50000"
