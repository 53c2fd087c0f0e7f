"""SMART_RTL: the way back is the way that was flown, without its loops (AP_SmartRTL, ArduCopter 4.7.0-dev mode_smart_rtl)."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mavlink_bridge import messages as m
from sitl.smart_rtl import straightened, without_loops
from tests.sitl.station import ARM, AUTO, RTL, SET_MODE, Station, mission, ready

SMART_RTL = 21
WAY = ((100.0, 0.0), (100.0, 100.0), (150.0, 50.0))

_metres = st.floats(-200, 200)
_ways = st.lists(st.tuples(_metres, _metres, _metres), min_size=2, max_size=40)


@given(_ways, st.floats(0.5, 20))
def test_a_straightened_way_keeps_its_ends_and_leaves_no_point_farther_off(way: list[tuple[float, float, float]], off_m: float) -> None:
    kept = straightened(way, off_m)
    assert kept[0] == way[0]
    assert kept[-1] == way[-1]
    assert set(kept) <= set(way)


@given(_ways)
def test_cutting_loops_keeps_both_ends(way: list[tuple[float, float, float]]) -> None:
    cut = without_loops(list(way), 2.0)
    assert cut[0] == way[0]
    assert cut[-1] == way[-1]
    assert len(cut) <= len(way)


def test_a_loop_is_cut_where_the_way_crosses_itself() -> None:
    way = [(0.0, 0.0, 10.0), (100.0, 0.0, 10.0), (100.0, 50.0, 10.0), (50.0, 50.0, 10.0), (50.0, -50.0, 10.0)]
    cut = without_loops(way, 2.0)
    assert len(cut) == 3
    assert math.dist(cut[1], (50.0, 0.0, 10.0)) < 0.1


def test_ways_that_cross_at_different_heights_are_no_loop() -> None:
    way = [(0.0, 0.0, 10.0), (100.0, 0.0, 10.0), (100.0, 50.0, 30.0), (50.0, 50.0, 30.0), (50.0, -50.0, 30.0)]
    assert without_loops(way, 2.0) == way


def _far_out(**parameters: float) -> Station:
    """In AUTO, on the third leg."""
    station = ready(parameters=parameters)
    assert station.upload(mission((22, 0, 0, 20), *[(16, north, east, 20) for north, east in WAY])) == 0
    station.order(SET_MODE, 1, AUTO)
    assert station.order(ARM, 1) == 0
    for _ in range(200):
        station.wait(1.0)
        if any(reached.seq == 3 for reached in station.said(m.MissionItemReached)):
            break
    return station


@pytest.fixture(scope="module")
def returned() -> tuple[Station, list[tuple[float, float]]]:
    """A whole return, and where it led."""
    station = _far_out()
    assert station.order(SET_MODE, 1, SMART_RTL) == 0
    places = []
    while station.vehicle.truth.armed and station.vehicle.now_s < 400:
        station.wait(0.5)
        motion = station.vehicle._pilot.motion()
        places.append((motion.north_m, motion.east_m))
    return station, places


def test_smart_rtl_comes_back_over_the_corners_it_went_out_by(returned: tuple[Station, list[tuple[float, float]]]) -> None:
    _, places = returned
    for corner in WAY[:2]:
        assert min(math.dist(place, corner) for place in places) < 3.0


def test_smart_rtl_lands_where_it_took_off_and_disarms(returned: tuple[Station, list[tuple[float, float]]]) -> None:
    station, places = returned
    assert not station.vehicle.truth.armed
    assert math.hypot(*places[-1]) < 1.0


def test_smart_rtl_is_refused_when_srtl_points_is_zero() -> None:
    station = _far_out(SRTL_POINTS=0)
    assert station.order(SET_MODE, 1, SMART_RTL) == 4
    assert "Mode change to SMARTRTL failed: init failed" in station.texts()


@pytest.mark.parametrize(("action", "text", "mode"), [(3, "Trying RTL", RTL), (4, "Using Land", 9)])
def test_a_failsafe_that_cannot_retrace_its_way_says_so_and_does_the_next_best(action: int, text: str, mode: int) -> None:
    station = _far_out(SRTL_POINTS=0, FS_GCS_ENABLE=action, FS_GCS_TIMEOUT=5)
    station.beats = False
    station.wait(7.0)
    assert f"SmartRTL Unavailable, {text} Mode" in station.texts()
    assert station.vehicle.truth.custom_mode == mode


def test_a_lost_station_with_fs_gcs_enable_3_brings_the_copter_back_by_smart_rtl() -> None:
    station = _far_out(FS_GCS_ENABLE=3, FS_GCS_TIMEOUT=5)
    station.beats = False
    station.wait(7.0)
    assert station.vehicle.truth.custom_mode == SMART_RTL
