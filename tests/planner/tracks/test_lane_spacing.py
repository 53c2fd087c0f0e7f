"""Lanes are as far apart on the ground as they were meant to be, at any latitude and on the antimeridian."""

from __future__ import annotations

import pytest

from benchmarks.lane_spacing import SWATH_M, planned_spacings
from planner.geo import LatLon


@pytest.mark.parametrize("lat_deg", [0.0, 40.0, 60.0, 70.0])
@pytest.mark.parametrize(("lon_deg", "heading_deg"), [(10.0, 90.0), (180.0, 37.0)])
def test_lane_spacing_is_geodesic_to_a_thousandth(lat_deg: float, lon_deg: float, heading_deg: float) -> None:
    found = planned_spacings(LatLon(lat_deg=lat_deg, lon_deg=lon_deg), heading_deg)

    assert len(found) >= 9
    for each in found:
        assert each.error <= 0.001
        assert 0.8 * SWATH_M <= each.measured_m <= 1.001 * SWATH_M


def test_spacing_is_the_same_at_the_equator_and_in_the_far_north() -> None:
    equator, north = (planned_spacings(LatLon(lat_deg=lat_deg, lon_deg=25.0), 90.0) for lat_deg in (0.0, 70.0))

    assert [each.measured_m for each in equator] == pytest.approx([each.measured_m for each in north], rel=1e-3)
