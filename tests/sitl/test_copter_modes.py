"""Mode changes and failsafes of the embedded copter, against the real autopilot's recorded flights named in each test."""

from __future__ import annotations

import math
from typing import Any

import pytest

from mavlink_bridge import messages as m
from mavlink_bridge.enums import CopterMode, MavResult
from tests.sitl.sortie import Sortie, launch
from tests.sitl.station import ARM, MISSION_START, PAUSE, SET_INTERVAL, SET_MODE, as_item, item, ready
from tests.sitl.test_copter_flights import HOMEWARDS, LANES, TAKEOFF

_HOLDS_AFTER_S = 3.0
REPOSITION = 192
SWITCH_TO_GUIDED = 1.0
CRITICAL = 5
_BATTERY_STATUS = 147


def on_the_lane(**differences: Any) -> Sortie:
    """c09, c12, c13: 45.1 s after arming, on the first lane at 10 m/s."""
    return launch(*LANES, **differences).fly(45.1)


def stopped(flight: Sortie) -> tuple[float, float]:
    """Seconds and metres until it is slower than 0.2 m/s."""
    began = flight.rows[-1]
    flight.fly_until(lambda: flight.rows[-1][4] < 0.2, 30.0)
    ended = flight.rows[-1]
    return ended[0] - began[0], math.hypot(ended[1] - began[1], ended[2] - began[2])


def test_brake_stops_in_5_0_s_and_19_3_m_and_holds_height_as_in_c13() -> None:
    flight = on_the_lane()
    flight.station.command(SET_MODE, 1, CopterMode.BRAKE)
    took_s, went_m = stopped(flight)
    assert (took_s, went_m) == pytest.approx((5.0, 19.3), abs=0.5)
    before = flight.rows[-1]
    flight.fly(_HOLDS_AFTER_S)
    assert math.dist(flight.rows[-1][1:4], before[1:4]) < 0.7


def test_auto_after_brake_flies_the_same_item_from_where_it_stands_as_in_c13() -> None:
    flight = on_the_lane()
    flight.station.command(SET_MODE, 1, CopterMode.BRAKE)
    flight.fly(12.0).station.command(SET_MODE, 1, CopterMode.AUTO)
    flight.fly_until(lambda: 3 in flight.reached)
    assert flight.reached_s(3) == pytest.approx(93.8, abs=0.5)
    assert flight.mission_states == [3, 2, 3]


def test_loiter_with_a_centred_stick_stops_in_3_3_s_and_16_1_m_and_keeps_its_height_as_in_c13() -> None:
    flight = on_the_lane()
    flight.station.sticks_us = (65535, 65535, 1500, *[65535] * 15)
    flight.station.command(SET_MODE, 1, CopterMode.LOITER)
    took_s, went_m = stopped(flight)
    assert (took_s, went_m) == pytest.approx((3.3, 16.1), abs=0.9)
    assert flight.fly(5.0).rows[-1][3] == pytest.approx(50.0, abs=0.1)


def test_loiter_without_a_stick_sinks_at_2_5_mps_as_in_c13b() -> None:
    flight = on_the_lane()
    flight.station.command(SET_MODE, 1, CopterMode.LOITER)
    assert flight.fly(8.0).rows[-1][3] == pytest.approx(50.0 - 17.8, abs=0.6)


def test_an_override_of_the_stick_that_is_not_repeated_ends_after_3_s() -> None:
    flight = on_the_lane()
    flight.station.command(SET_MODE, 1, CopterMode.LOITER)
    flight.station.send(m.RcChannelsOverride(target_system=1, target_component=1, channels_us=(65535, 65535, 1500, *[65535] * 15)))
    assert flight.fly(2.9).rows[-1][3] > 49.5
    assert flight.fly(4.0).rows[-1][3] < 45.0


def test_pausing_the_mission_stops_in_4_3_s_and_21_9_m_and_stays_in_auto_as_in_c13c() -> None:
    flight = on_the_lane()
    assert flight.station.order(PAUSE, 0) == MavResult.ACCEPTED
    took_s, went_m = stopped(flight)
    assert (took_s, went_m) == pytest.approx((4.3, 21.9), abs=0.9)
    flight.fly_until(lambda: flight.now_s >= 57.05)
    flight.station.command(PAUSE, 1)
    flight.fly_until(lambda: 3 in flight.reached)
    assert flight.reached_s(3) == pytest.approx(91.9, abs=0.5)
    assert (flight.mission_states, flight.modes) == ([3, 4, 3], [3])


def test_rtl_comes_home_and_lands_in_the_time_of_c09() -> None:
    flight = on_the_lane()
    flight.station.command(SET_MODE, 1, CopterMode.RTL)
    flight.fly_down()
    assert flight.landed_state_s(4) == pytest.approx(71.0, abs=0.6)
    assert flight.now_s == pytest.approx(122.0, abs=0.8)
    assert (flight.landed_states, flight.modes) == ([1, 3, 2, 4, 1], [3, 6])
    assert math.hypot(*flight.rows[-1][1:3]) < 0.1


def test_rtl_from_8_m_climbs_to_15_m_first_as_in_c09b() -> None:
    flight = launch((22, 0, 0, 8), (16, 100, 0, 8), (16, 100, 200, 8), (16, 0, 200, 8), HOMEWARDS).fly(29.9)
    flight.station.command(SET_MODE, 1, CopterMode.RTL)
    flight.fly_down()
    assert max(row[3] for row in flight.rows) == pytest.approx(15.0, abs=0.3)
    assert flight.now_s == pytest.approx(85.1, abs=0.8)


def test_land_comes_down_where_it_is() -> None:
    flight = on_the_lane()
    flight.station.command(SET_MODE, 1, CopterMode.LAND)
    flight.fly_down()
    assert flight.modes == [3, 9]
    assert flight.rows[-1][1] > 60.0


def test_low_charge_turns_the_vehicle_home_at_once_as_in_c10() -> None:
    pack = {"BATT_CAPACITY": 1500, "BATT_LOW_MAH": 700, "BATT_CRT_MAH": 0, "BATT_FS_LOW_ACT": 2, "BATT_LOW_VOLT": 0}
    flight = launch(*LANES, parameters=pack)
    flight.fly_until(lambda: flight.vehicle.truth.custom_mode == CopterMode.RTL)
    assert flight.now_s == pytest.approx(98.6, abs=1.5)
    assert any(text.startswith("Battery 1 is low 12.6") for text in flight.station.texts())
    assert "Battery Failsafe" in flight.station.texts()
    assert flight.fly(1.0).station.said(m.Heartbeat)[-1].system_status == CRITICAL


def test_low_voltage_counts_after_batt_low_timer_and_a_critical_one_lands_it_where_it_is_as_in_c10b() -> None:
    pack = {"BATT_FS_LOW_ACT": 2, "BATT_FS_CRT_ACT": 1, "BATT_LOW_VOLT": 11.2, "BATT_CRT_VOLT": 10.9}
    flight = launch(TAKEOFF, (16, 2000, 0, 50), HOMEWARDS, battery_wh=35.0, parameters=pack)
    station = flight.station
    station.command(SET_INTERVAL, _BATTERY_STATUS, 100_000)
    flight.fly_until(lambda: flight.vehicle.truth.custom_mode == CopterMode.RTL)
    voltages = [(at_s - flight.start_s, status.voltage_v) for at_s, status in station.said_at(m.BatteryStatus)]
    above_s = max(at_s for at_s, volts in voltages if volts >= 11.2)
    assert flight.now_s - above_s == pytest.approx(10.0, abs=0.5)
    flight.fly_down()
    assert (flight.modes, flight.landed_states) == ([3, 6, 9], [1, 3, 2, 4, 1])
    assert math.hypot(*flight.rows[-1][1:3]) > 300


def test_the_fence_turns_it_home_at_the_line_itself_as_in_c11() -> None:
    corners = [(-100, -100), (-100, 250), (300, 250), (300, -100)]
    vertices = [item(number, 5001, north_m, east_m, 0, param1=4.0) for number, (north_m, east_m) in enumerate(corners)]
    fence = {"FENCE_ENABLE": 1, "FENCE_TYPE": 4, "FENCE_ACTION": 1}
    flight = launch(TAKEOFF, (16, 100, 0, 50), (16, 100, 450, 50), HOMEWARDS, fences=vertices, parameters=fence)
    flight.fly_until(lambda: flight.vehicle.truth.custom_mode == CopterMode.RTL)
    assert flight.now_s == pytest.approx(68.0, abs=0.4)
    assert flight.rows[-1][2] == pytest.approx(250.0, abs=1.2)
    flight.fly_until(lambda: "Fence breach cleared" in flight.station.texts())
    assert max(row[2] for row in flight.rows) == pytest.approx(271.2, abs=1.0)
    assert flight.now_s - flight.said_s("Polygon fence breached") == pytest.approx(9.6, abs=0.4)
    assert flight.vehicle.truth.custom_mode == CopterMode.RTL


def test_without_gps_it_flies_on_for_8_1_s_and_then_lands_as_in_c14() -> None:
    flight = on_the_lane()
    flight.station.set_parameter("SIM_GPS1_ENABLE", 0.0)
    lost_s = flight.now_s
    flight.fly_until(lambda: flight.vehicle.truth.custom_mode == CopterMode.LAND, 20.0)
    assert flight.now_s - lost_s == pytest.approx(8.1, abs=0.2)
    assert "EKF Failsafe: changed to LAND Mode" in flight.station.texts()
    flight.fly_until(lambda: flight.now_s >= lost_s + 20.0)
    flight.station.set_parameter("SIM_GPS1_ENABLE", 1.0)
    flight.fly(3.0)
    assert "EKF Failsafe Cleared" in flight.station.texts()
    assert flight.vehicle.truth.custom_mode == CopterMode.LAND


def test_a_lost_station_sends_it_home_5_s_after_the_last_heartbeat_as_in_c12() -> None:
    flight = on_the_lane(parameters={"FS_GCS_ENABLE": 1, "FS_GCS_TIMEOUT": 5})
    flight.station.beats = False
    last_s = flight.now_s
    flight.fly_until(lambda: flight.vehicle.truth.custom_mode == CopterMode.RTL, 10.0)
    assert 4.0 <= flight.now_s - last_s <= 5.1
    flight.fly(15.0)
    assert flight.station.said(m.Heartbeat)[-1].system_status == 5
    flight.station.beats = True
    flight.fly(1.5)
    assert "GCS Failsafe Cleared" in flight.station.texts()
    assert (flight.station.said(m.Heartbeat)[-1].system_status, flight.vehicle.truth.custom_mode) == (4, 6)


# Guided flight, arming and disarming


def test_guided_takes_off_and_flies_to_a_place_it_is_given() -> None:
    station = ready()
    station.command(SET_MODE, 1, CopterMode.GUIDED)
    station.command(ARM, 1)
    assert station.order(22, 0, 0, 0, 0, 0, 0, 20) == MavResult.ACCEPTED
    flight = Sortie(station).fly(25.0)
    assert flight.rows[-1][3] == pytest.approx(20.0, abs=0.3)
    station.send(_go_to(60.0, 80.0, 30.0))
    assert math.dist(flight.fly(30.0).rows[-1][1:4], (60.0, 80.0, 30.0)) < 0.5


def test_a_reposition_switches_to_guided_only_when_it_says_so() -> None:
    flight = on_the_lane()
    assert flight.station.send(_go_to(0.0, 0.0, 50.0, flags=0.0))[0] == _ack(REPOSITION, MavResult.DENIED)
    assert flight.station.send(_go_to(0.0, 0.0, 50.0))[0] == _ack(REPOSITION, MavResult.ACCEPTED)
    assert flight.vehicle.truth.custom_mode == CopterMode.GUIDED


def test_takeoff_is_refused_while_disarmed_and_outside_guided() -> None:
    station = ready()
    assert station.order(22, 0, 0, 0, 0, 0, 0, 20) == MavResult.FAILED
    station.command(ARM, 1)
    assert station.order(22, 0, 0, 0, 0, 0, 0, 20) == MavResult.FAILED


def test_in_the_air_disarming_is_refused_unless_forced_and_then_it_falls() -> None:
    flight = on_the_lane()
    assert flight.station.order(ARM, 0) == MavResult.FAILED
    assert flight.station.order(ARM, 0, 21196) == MavResult.ACCEPTED
    flight.station.wait(5.0)
    assert flight.vehicle.truth.height_m == 0.0
    assert flight.rows[-1][3] == pytest.approx(50.0, abs=0.2)


def test_armed_and_left_alone_it_disarms_after_disarm_delay() -> None:
    station = ready()
    station.command(SET_MODE, 1, CopterMode.GUIDED)
    station.command(ARM, 1)
    station.wait(9.8)
    assert station.vehicle.truth.armed
    station.wait(0.5)
    assert not station.vehicle.truth.armed


def test_armed_in_guided_the_mission_begins_with_mission_start() -> None:
    station = ready()
    assert station.upload([item(0, 16), item(1, 22, 0, 0, 10), item(2, 20)]) == 0
    station.command(SET_MODE, 1, CopterMode.GUIDED)
    station.command(ARM, 1)
    assert station.order(MISSION_START, 0, 0) == MavResult.ACCEPTED
    flight = Sortie(station).fly_down()
    # A return climbs 2.5 m at least, even over home.
    assert max(row[3] for row in flight.rows) == pytest.approx(12.5, abs=0.2)
    assert flight.reached == [1, 2]


def test_armed_elsewhere_it_takes_that_place_for_home() -> None:
    flight = on_the_lane()
    flight.station.command(SET_MODE, 1, CopterMode.LAND)
    flight.fly_down()
    there = flight.vehicle.truth.position
    flight.station.command(SET_MODE, 1, CopterMode.GUIDED)
    flight.station.forget()
    flight.station.command(ARM, 1)
    home = flight.station.said(m.HomePosition)[-1]
    assert (home.lat_deg, home.lon_deg) == pytest.approx((there.lat_deg, there.lon_deg), abs=2e-7)


def test_after_a_reboot_in_the_air_it_lies_below_with_its_charge_and_a_fresh_count() -> None:
    flight = on_the_lane(battery_wh=50.0)
    before = flight.vehicle.truth
    flight.vehicle.reboot()
    flight.station.wait(10.0)
    after = flight.vehicle.truth
    assert (after.armed, after.height_m) == (False, 0.0)
    assert after.position.lat_deg == pytest.approx(before.position.lat_deg, abs=1e-4)
    assert after.battery_remaining_pct == pytest.approx(before.battery_remaining_pct, abs=0.1)


def test_it_lands_on_the_real_charge_not_on_the_counted_one() -> None:
    flight = launch(*LANES, battery_wh=6.0)
    flight.fly_until(lambda: flight.vehicle.truth.battery_remaining_pct <= 0.0)
    assert flight.rows[-1][3] > 20.0
    flight.fly(10.0)
    assert flight.rows[-1][3] == 0.0


def _ack(command: int, result: MavResult) -> m.CommandAck:
    return m.CommandAck(command=command, result=result, target_system=255, target_component=190)


def _go_to(north_m: float, east_m: float, up_m: float, *, flags: float = SWITCH_TO_GUIDED) -> m.CommandInt:
    place = as_item(item(0, 16, north_m, east_m, up_m))
    return m.CommandInt(
        target_system=1, target_component=1, frame=6, command=REPOSITION, param1=-1.0, param2=flags, x=place.x, y=place.y, z=up_m
    )
