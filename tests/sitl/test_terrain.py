"""The ground's height: which grids a vehicle asks for, and what it makes of the answers (AP_Terrain, 4.7.0-dev)."""

from __future__ import annotations

import pytest

from mavlink_bridge import messages as m
from mavlink_bridge.enums import DataStream
from tests.sitl.station import HOME, Station, ready

GROUND_M = 140


def _listening() -> Station:
    station = ready()
    station.send(
        m.RequestDataStream(target_system=1, target_component=1, req_stream_id=DataStream.EXTRA3, req_message_rate=2, start_stop=1)
    )
    station.wait(1.0)
    return station


def _answer(station: Station, request: m.TerrainRequest) -> None:
    """Send all parts; the ground rises by a metre a point to the east."""
    for part in range(56):
        if request.mask >> part & 1:
            heights = tuple(GROUND_M + part % 8 * 4 + point % 4 for point in range(16))
            data = m.TerrainData(
                lat_deg=request.lat_deg, lon_deg=request.lon_deg, grid_spacing=request.grid_spacing, gridbit=part, heights_m=heights
            )
            station.send(data)


def test_it_asks_for_the_whole_grid_around_it_and_again_after_two_seconds() -> None:
    station = _listening()
    station.wait(4.0)
    (first_s, first), (again_s, again), *_ = station.said_at(m.TerrainRequest)
    assert (first.mask, first.grid_spacing) == (2**56 - 1, 100)
    assert (first.lat_deg, first.lon_deg) == (again.lat_deg, again.lon_deg)
    assert again_s - first_s >= 2.0
    # As ArduPilot asked at the same home: grids are 2,400 m by 2,800 m from the whole degree on.
    assert (first.lat_deg, first.lon_deg) == pytest.approx((47.4958728, 19.0), abs=1.5e-7)


def test_it_reports_the_height_that_it_was_told_and_asks_no_more() -> None:
    station = _listening()
    while (asked := station.said(m.TerrainRequest)) and asked[-1].mask:
        station.forget()
        _answer(station, asked[-1])
        station.wait(3.0)
    report = station.said(m.TerrainReport)[-1]
    assert (report.spacing, report.pending) == (100, 0)
    assert report.loaded == 56
    assert report.terrain_height == pytest.approx(GROUND_M, abs=0.1)
    (there,) = [
        answer
        for answer in station.send(m.TerrainCheck(lat_deg=HOME.lat_deg, lon_deg=HOME.lon_deg + 150 / 75_206))
        if isinstance(answer, m.TerrainReport)
    ]
    assert there.terrain_height == pytest.approx(GROUND_M + 1.5, abs=0.02)


def test_a_place_it_knows_nothing_of_has_no_spacing() -> None:
    station = _listening()
    (report,) = [answer for answer in station.send(m.TerrainCheck(lat_deg=10.0, lon_deg=20.5)) if isinstance(answer, m.TerrainReport)]
    assert report.spacing == 0


def test_without_terrain_enable_nothing_is_asked_for() -> None:
    station = _listening()
    station.set_parameter("TERRAIN_ENABLE", 0)
    station.forget()
    station.wait(5.0)
    assert not station.said(m.TerrainRequest)
