"""The reducer from messages to a vehicle's state, and what is read from the state."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mavlink_bridge import messages as m
from mavlink_bridge.enums import EkfFlag, SensorFlag
from mavlink_bridge.modes import VehicleClass, mode_name, vehicle_class
from mavlink_bridge.readiness import PrearmTexts, is_ready, not_ready_reasons
from mavlink_bridge.vehicle_state import VehicleState, apply
from planner.geo import LatLon

NEW = VehicleState()
PREARM = int(SensorFlag.PREARM_CHECK)
GOOD_EKF = int(EkfFlag.ATTITUDE | EkfFlag.VELOCITY_HORIZ | EkfFlag.VELOCITY_VERT | EkfFlag.POS_HORIZ_ABS | EkfFlag.POS_VERT_ABS)


def position(**changes: float) -> m.GlobalPositionInt:
    values = {"time_boot_s": 60.0, "lat_deg": 47.5, "lon_deg": 19.0, "alt_amsl_m": 200.0, "relative_alt_m": 50.0}
    return m.GlobalPositionInt(**{**values, "north_mps": 3.0, "east_mps": 4.0, "down_mps": -2.5, **changes})


def test_a_position_brings_speed_climb_and_the_time_it_came() -> None:
    state = apply(NEW, position(heading_deg=270.0), 61.5)
    assert state.position == LatLon(lat_deg=47.5, lon_deg=19.0)
    assert (state.position_s, state.heard_s, state.boot_s) == (61.5, 61.5, 60.0)
    assert (state.relative_alt_m, state.groundspeed_mps, state.climb_mps, state.heading_deg) == (50.0, 5.0, 2.5, 270.0)


@pytest.mark.parametrize("nowhere", [{"lat_deg": 0.0, "lon_deg": 0.0}, {"lat_deg": 214.7}, {"lon_deg": -200.0}])
def test_a_position_without_a_fix_leaves_the_old_one_with_its_age(nowhere: dict[str, float]) -> None:
    old = apply(NEW, position(), 10.0)
    state = apply(old, position(**nowhere), 20.0)
    assert state.position == old.position
    assert (state.position_s, state.heard_s) == (10.0, 20.0)


def test_a_heartbeat_brings_mode_arming_and_status() -> None:
    state = apply(NEW, m.Heartbeat(type=2, autopilot=3, base_mode=217, custom_mode=6, system_status=5), 1.0)
    assert (state.armed, state.custom_mode, state.mode_name, state.system_status) == (True, 6, "RTL", 5)
    assert not apply(state, m.Heartbeat(type=2, autopilot=3, base_mode=81, custom_mode=6, system_status=3), 2.0).armed


def test_unknown_battery_figures_in_sys_status_do_not_wipe_known_ones() -> None:
    state = apply(NEW, m.BatteryStatus(id=0, voltage_v=12.1, current_a=20.0, consumed_mah=700, remaining_pct=60), 1.0)
    state = apply(state, m.SysStatus(sensors_present=0, sensors_enabled=0, sensors_health=0), 2.0)
    assert (state.battery_v, state.battery_a, state.battery_remaining_pct, state.battery_consumed_mah) == (12.1, 20.0, 60, 700)


def test_only_the_first_battery_is_the_drones_battery() -> None:
    state = apply(NEW, m.BatteryStatus(id=1, voltage_v=5.0, current_a=1.0, consumed_mah=1, remaining_pct=1), 1.0)
    assert state.battery_v is None


@pytest.mark.parametrize(
    ("message", "field", "value"),
    [
        (m.GpsRawInt(time_s=0, fix_type=3, lat_deg=0, lon_deg=0, alt_amsl_m=0, satellites_visible=12), "satellites", 12),
        (m.EkfStatusReport(flags=831), "ekf_flags", 831),
        (m.ExtendedSysState(landed_state=2, vtol_state=4), "vtol_state", 4),
        (m.FenceStatus(breach_status=1, breach_count=1, breach_type=3, breach_time_s=1.0), "fence_breached", True),
        (m.HomePosition(lat_deg=47.5, lon_deg=19.0, alt_amsl_m=150.1), "home_alt_amsl_m", 150.1),
        (m.MissionCurrent(seq=4, total=9, mission_state=3), "mission_seq", 4),
        (
            m.VfrHud(airspeed_mps=21.0, groundspeed_mps=20.0, heading_deg=0, throttle_pct=50, alt_amsl_m=0, climb_mps=0),
            "airspeed_mps",
            21.0,
        ),
        (m.SystemTime(time_unix_s=0.0, time_boot_s=99.0), "boot_s", 99.0),
    ],
    ids=lambda value: type(value).__name__,
)
def test_each_message_fills_its_own_part(message: m.Message, field: str, value: object) -> None:
    state = apply(NEW, message, 5.0)
    assert getattr(state, field) == value
    assert state.heard_s == 5.0


@pytest.mark.parametrize("message", [m.Unknown(message_id=1), m.MissionItemReached(seq=2), m.StatusText(severity=6, text="hello")])
def test_messages_that_tell_nothing_of_the_state_only_count_as_heard(message: m.Message) -> None:
    before = apply(NEW, position(), 1.0)
    assert apply(before, message, 9.0) == replace(before, heard_s=9.0)


# --- ready -----------------------------------------------------------------------------------------------------------

READY = replace(NEW, system_status=3, gps_fix=3, ekf_flags=GOOD_EKF, home=LatLon(lat_deg=47.5, lon_deg=19.0), prearm_ok=True)


def test_ready_is_when_everything_is_good() -> None:
    assert is_ready(READY)
    assert not is_ready(NEW)
    assert len(not_ready_reasons(NEW)) == 5


@pytest.mark.parametrize(
    ("worse", "reason"),
    [
        ({"system_status": 2}, "still starting"),
        ({"gps_fix": 2}, "no GPS fix"),
        ({"ekf_flags": GOOD_EKF | EkfFlag.CONST_POS_MODE}, "no position estimate"),
        ({"ekf_flags": GOOD_EKF & ~EkfFlag.POS_HORIZ_ABS}, "no position estimate"),
        ({"home": None}, "home is not set"),
        ({"prearm_ok": False}, "its pre-arm checks fail"),
    ],
)
def test_each_thing_that_is_missing_is_named(worse: dict[str, object], reason: str) -> None:
    assert not_ready_reasons(replace(READY, **worse)) == (reason,)  # type: ignore[arg-type]  # fields of the state


def test_the_prearm_bit_counts_only_when_the_check_is_present() -> None:
    assert apply(NEW, m.SysStatus(sensors_present=PREARM, sensors_enabled=PREARM, sensors_health=PREARM), 1.0).prearm_ok
    assert not apply(NEW, m.SysStatus(sensors_present=0, sensors_enabled=0, sensors_health=PREARM), 1.0).prearm_ok


def test_prearm_reasons_are_kept_once_each_while_they_are_repeated() -> None:
    texts = PrearmTexts()
    for at_s, text in ((0.0, "PreArm: Compass not healthy"), (1.0, "Arm: Compass not healthy"), (2.0, "PreArm: Need Position Estimate")):
        texts.add(text, at_s)
    texts.add("EKF3 IMU0 is using GPS", 3.0)
    assert texts.recent(10.0) == ("Compass not healthy", "Need Position Estimate")
    assert texts.recent(36.5) == ("Need Position Estimate",)


# --- modes -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mav_type", "mode", "name"),
    [(2, 3, "AUTO"), (13, 17, "BRAKE"), (2, 16, "POSHOLD"), (2, 77, "MODE 77"), (1, 10, "AUTO"), (1, 5, "FBWA"), (20, 21, "QRTL")],
)
def test_modes_have_ardupilots_names(mav_type: int, mode: int, name: str) -> None:
    assert mode_name(mav_type, mode) == name


def test_a_quadplane_is_told_by_its_type_or_by_its_mission() -> None:
    assert vehicle_class(2, takes_off_vertically=True) is VehicleClass.COPTER
    assert vehicle_class(1) is VehicleClass.PLANE
    assert vehicle_class(1, takes_off_vertically=True) is VehicleClass.QUADPLANE
    assert vehicle_class(20) is VehicleClass.QUADPLANE
