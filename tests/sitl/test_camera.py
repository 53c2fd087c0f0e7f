"""The camera's pictures, told by CAMERA_FEEDBACK (AP_Camera, ArduCopter 4.7.0-dev)."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest

from mavlink_bridge import messages as m
from mavlink_bridge.enums import MavResult
from tests.sitl.station import ARM, AUTO, HOME, SET_MODE, Station, mission, ready

TRIGGER_DISTANCE, DIGICAM, START_CAPTURE, STOP_CAPTURE = 206, 203, 2000, 2001


@pytest.fixture
def station() -> Station:
    return ready(parameters={"CAM1_TYPE": 1})


def _pictures(station: Station) -> list[m.CameraFeedback]:
    pictures: list[m.CameraFeedback] = station.said(m.CameraFeedback)
    return pictures


def test_a_vehicle_without_a_camera_takes_no_pictures_and_refuses_a_series() -> None:
    station = ready()
    assert station.order(START_CAPTURE, 0, 1, 3) == MavResult.FAILED
    assert station.order(DIGICAM, 0, 0, 0, 0, 1) == MavResult.ACCEPTED
    station.wait(3.0)
    assert not _pictures(station)


def test_digicam_control_takes_one_picture_at_home(station: Station) -> None:
    assert station.order(DIGICAM, 0, 0, 0, 0, 1) == MavResult.ACCEPTED
    (picture,) = _pictures(station)
    assert picture.img_idx == 1
    assert picture.lat_deg == pytest.approx(HOME.lat_deg, abs=1e-6)
    assert picture.alt_amsl_m == pytest.approx(150.1, abs=0.1)


def test_a_series_ends_with_its_last_picture_and_an_endless_one_when_it_is_stopped(station: Station) -> None:
    station.order(START_CAPTURE, 0, 0.5, 3)
    station.wait(4.0)
    assert [picture.img_idx for picture in _pictures(station)] == [1, 2, 3]
    station.order(START_CAPTURE, 0, 0.5, 0)
    station.wait(2.0)
    station.order(STOP_CAPTURE)
    taken = len(_pictures(station))
    assert taken > 5
    station.wait(2.0)
    assert len(_pictures(station)) == taken


def test_a_mission_s_trigger_distance_releases_every_so_many_metres_until_it_is_zero(station: Station) -> None:
    items = mission(
        (22, 0, 0, 20),
        (16, 30, 0, 20),
        (TRIGGER_DISTANCE, {"param1": 20.0, "place": False}),
        (16, 130, 0, 20),
        (TRIGGER_DISTANCE, {"param1": 0.0, "place": False}),
        (16, 200, 0, 20),
    )
    assert station.upload(items) == 0
    station.order(SET_MODE, 1, AUTO)
    station.order(ARM, 1)
    while not any(reached.seq == 6 for reached in station.said(m.MissionItemReached)) and station.vehicle.now_s < 120:
        station.wait(1.0)
    north = [(picture.lat_deg - HOME.lat_deg) * 111_318.845 for picture in _pictures(station)]
    assert len(north) in (4, 5)
    gaps = [later - earlier for earlier, later in pairwise(north)]
    assert all(math.isclose(gap, 20.0, abs_tol=1.1) for gap in gaps)
    assert max(north) < 135.0
