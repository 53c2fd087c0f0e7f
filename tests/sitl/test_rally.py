"""Where RTL leads when there are rally points (AP_Rally, ModeRTL::compute_return_target, 4.7.0-dev)."""

from __future__ import annotations

import math

import pytest

from tests.sitl.station import ARM, AUTO, RTL, SET_MODE, Station, item, mission, ready

FAR = (16, 200, 0, 20)


def _landed_at(station: Station) -> tuple[float, float]:
    station.order(SET_MODE, 1, AUTO)
    assert station.order(ARM, 1) == 0
    station.wait(45.0)
    station.order(SET_MODE, 1, RTL)
    while station.vehicle.truth.armed and station.vehicle.now_s < 400:
        station.wait(1.0)
    motion = station.vehicle._pilot.motion()
    return motion.north_m, motion.east_m


@pytest.mark.parametrize(
    ("rally", "parameters", "expected"),
    [
        ((200.0, 100.0), {}, (200.0, 100.0)),
        # home is nearer
        ((200.0, 250.0), {}, (0.0, 0.0)),
        ((200.0, 250.0), {"RALLY_INCL_HOME": 0}, (200.0, 250.0)),
        # beyond RALLY_LIMIT_KM
        ((200.0, 100.0), {"RALLY_LIMIT_KM": 0.05}, (0.0, 0.0)),
    ],
)
def test_rtl_lands_at_the_nearest_rally_point_or_at_home(
    rally: tuple[float, float], parameters: dict[str, float], expected: tuple[float, float]
) -> None:
    station = ready(parameters=parameters)
    assert station.upload([item(0, 5100, *rally, 30)], 2) == 0
    assert station.upload(mission((22, 0, 0, 20), FAR)) == 0
    assert math.dist(_landed_at(station), expected) < 1.0


def test_rtl_stays_below_the_greatest_height_of_the_fence() -> None:
    station = ready(parameters={"RTL_ALT": 6000, "FENCE_ENABLE": 1, "FENCE_TYPE": 1, "FENCE_ALT_MAX": 40})
    assert station.upload(mission((22, 0, 0, 20), FAR)) == 0
    _landed_at(station)
    assert "Max Alt fence breached" not in station.texts()
