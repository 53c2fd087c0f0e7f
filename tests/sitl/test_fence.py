"""What a broken fence does, and how it is switched (AC_Fence, GCS_Fence, ArduCopter/fence.cpp, 4.7.0-dev)."""

from __future__ import annotations

import pytest

from mavlink_bridge.enums import MavResult
from sitl.fence import FenceType, fence_names
from tests.sitl.station import ARM, AUTO, BRAKE, LAND, RTL, SET_MODE, Station, mission, ready

FENCE_ENABLE = 207
SMART_RTL = 21


def _out(**parameters: float) -> Station:
    """In AUTO on the way to 300 m north, beyond a round fence of 60 m."""
    station = ready(parameters={"FENCE_TYPE": 2, "FENCE_RADIUS": 60, **parameters})
    assert station.upload(mission((22, 0, 0, 20), (16, 300, 0, 20))) == 0
    station.order(SET_MODE, 1, AUTO)
    assert station.order(ARM, 1) == 0
    return station


@pytest.mark.parametrize(("action", "mode"), [(0, AUTO), (1, RTL), (2, LAND), (3, SMART_RTL), (4, BRAKE), (5, SMART_RTL)])
def test_each_fence_action_leads_to_its_mode(action: int, mode: int) -> None:
    station = _out(FENCE_ENABLE=1, FENCE_ACTION=action)
    station.wait(30.0)
    assert "Circle fence breached" in station.texts()
    assert station.vehicle.truth.custom_mode == mode


def test_who_is_more_than_a_hundred_metres_outside_lands_where_he_is() -> None:
    station = _out()
    station.wait(45.0)
    assert station.vehicle._pilot.motion().north_m > 180
    station.set_parameter("FENCE_ENABLE", 1)
    station.wait(0.5)
    assert station.vehicle.truth.custom_mode == LAND


def test_do_fence_enable_switches_it_on_and_off_without_the_parameter() -> None:
    station = _out()
    assert station.order(FENCE_ENABLE, 1) == MavResult.ACCEPTED
    assert station.order(FENCE_ENABLE, 0) == MavResult.ACCEPTED
    station.wait(30.0)
    assert station.vehicle.truth.custom_mode == AUTO
    assert station.order(FENCE_ENABLE, 1) == MavResult.ACCEPTED
    station.wait(0.5)
    assert station.vehicle.truth.custom_mode == RTL


def test_a_fence_of_nothing_cannot_be_switched_on() -> None:
    station = ready(parameters={"FENCE_TYPE": 4})
    assert station.order(FENCE_ENABLE, 1) == MavResult.FAILED
    assert station.order(FENCE_ENABLE, 9) == MavResult.FAILED


def test_fences_are_named_as_ardupilot_names_them() -> None:
    assert fence_names(FenceType.CIRCLE) == "Circle fence"
    assert fence_names(FenceType.CIRCLE | FenceType.POLYGON) == "Circle and Polygon fences"
    assert fence_names(FenceType.ALT_MAX | FenceType.CIRCLE | FenceType.POLYGON) == "Max Alt, Circle and Polygon fences"


def test_setting_the_parameter_overrules_the_order() -> None:
    station = _out(FENCE_ENABLE=1)
    station.order(FENCE_ENABLE, 0)
    station.set_parameter("FENCE_ENABLE", 1)
    station.wait(30.0)
    assert station.vehicle.truth.custom_mode == RTL


def test_a_mission_may_switch_the_fence_off() -> None:
    station = ready(parameters={"FENCE_TYPE": 2, "FENCE_RADIUS": 60, "FENCE_ENABLE": 1})
    items = mission((22, 0, 0, 20), (FENCE_ENABLE, {"param1": 0.0, "place": False}), (16, 300, 0, 20))
    assert station.upload(items) == 0
    station.order(SET_MODE, 1, AUTO)
    assert station.order(ARM, 1) == 0
    station.wait(35.0)
    assert "Circle fence disabled" in station.texts()
    assert station.vehicle.truth.custom_mode == AUTO


@pytest.mark.parametrize(("how", "landing"), [(1, "Circle fence auto-disabled"), (2, "")])
def test_fence_autoenable_switches_it_on_after_take_off_and_off_for_landing(how: int, landing: str) -> None:
    station = ready(parameters={"FENCE_TYPE": 2, "FENCE_RADIUS": 300, "FENCE_AUTOENABLE": how})
    assert station.upload(mission((22, 0, 0, 20), (16, 30, 0, 20))) == 0
    station.order(SET_MODE, 1, AUTO)
    assert station.order(ARM, 1) == 0
    station.wait(2.0)
    assert not station.vehicle._fence.is_on
    station.wait(20.0)
    assert "Circle fence auto-enabled" in station.texts()
    station.order(SET_MODE, 1, LAND)
    station.wait(1.0)
    assert [text for text in station.texts() if "auto-disabled" in text] == ([landing] if landing else [])


def test_fence_autoenable_3_switches_it_with_arming() -> None:
    station = ready(parameters={"FENCE_TYPE": 2, "FENCE_RADIUS": 300, "FENCE_AUTOENABLE": 3})
    station.order(SET_MODE, 1, 4)
    assert station.order(ARM, 1) == 0
    station.wait(0.3)
    assert station.vehicle._fence.is_on
    assert station.order(ARM, 0) == 0
    station.wait(0.3)
    assert not station.vehicle._fence.is_on
