"""The embedded copter against figures of the real autopilot's recorded flights (named in each test), kept here as numbers."""

from __future__ import annotations

import math

import pytest

from tests.sitl.sortie import Sortie, launch

TAKEOFF = (22, 0, 0, 50)
HOMEWARDS = (20,)
#: The first lanes of c02b's survey, which c09, c10, c12 and c13 fly too.
LANES = (TAKEOFF, (16, 0, 50, 50), (16, 400, 50, 50), (16, 400, 110, 50), (16, 0, 110, 50), HOMEWARDS)


@pytest.fixture(scope="module")
def square() -> Sortie:
    """c01: 200 m legs, right angles, home."""
    return launch(TAKEOFF, (16, 200, 0, 50), (16, 200, 200, 50), (16, 0, 200, 50), (16, 0, 0, 50), HOMEWARDS).fly_down()


def test_takeoff_to_50_m_is_told_from_3_3_s_on_and_done_after_26_3_s_as_in_c01(square: Sortie) -> None:
    assert square.landed_state_s(3) == pytest.approx(3.3, abs=0.15)
    assert square.reached_s(1) == pytest.approx(26.3, abs=0.35)
    climbs = [(b[3] - a[3]) / (b[0] - a[0]) for a, b in zip(square.rows, square.rows[1:], strict=False)]
    assert max(climbs) == pytest.approx(2.54, abs=0.06)


def test_items_are_reached_at_the_times_of_c01(square: Sortie) -> None:
    recorded = {1: 26.3, 2: 51.5, 3: 74.3, 4: 97.0, 5: 121.8, 6: 180.9}
    assert {seq: square.reached_s(seq) for seq in square.reached} == pytest.approx(recorded, abs=0.35)
    assert max(row[4] for row in square.rows) == pytest.approx(10.0, abs=0.05)


def test_a_right_angle_is_rounded_at_2_9_mps_and_reached_inside_the_corner_as_in_c01(square: Sortie) -> None:
    assert square.least_speed_mps(200, 0) == pytest.approx(2.9, abs=0.15)
    _, north_m, east_m, _, speed = square.at(square.reached_s(2))
    assert 1.2 <= math.hypot(north_m - 200, east_m) <= 1.6
    assert speed == pytest.approx(3.0, abs=0.2)


def test_the_item_before_a_return_is_a_full_stop_told_0_8_m_early_as_in_c01(square: Sortie) -> None:
    _, north_m, east_m, _, _ = square.at(square.reached_s(5))
    assert square.least_speed_mps(0, 0, within_m=5.0) < 0.2
    assert math.hypot(north_m, east_m) == pytest.approx(0.8, abs=0.3)


def test_waiting_over_home_landing_and_disarming_take_the_times_of_c01(square: Sortie) -> None:
    lands_s, contact_s = square.landed_state_s(4), square.said_s("SIM Hit ground")
    down_s, end_s = square.landed_state_s(1, after_s=contact_s), square.said_s("Disarming motors")
    assert lands_s - square.reached_s(5) == pytest.approx(8.6, abs=0.2)
    assert contact_s - lands_s == pytest.approx(48.3, abs=0.2)
    assert down_s - contact_s == pytest.approx(1.7, abs=0.11)
    assert end_s - down_s == pytest.approx(0.4, abs=0.11)


def test_it_descends_at_1_49_mps_and_below_10_m_at_0_49_as_in_c01(square: Sortie) -> None:
    lands_s = square.landed_state_s(4)
    high, low = square.at(lands_s + 10), square.at(lands_s + 20)
    assert (high[3] - low[3]) / (low[0] - high[0]) == pytest.approx(1.49, abs=0.02)
    near, nearer = (next(row for row in square.rows if row[0] > lands_s and row[3] < height_m) for height_m in (7.0, 2.0))
    assert (near[3] - nearer[3]) / (nearer[0] - near[0]) == pytest.approx(0.49, abs=0.02)


def test_landed_state_goes_3_2_4_1_and_the_mission_ends_complete_as_in_c01(square: Sortie) -> None:
    assert square.landed_states == [1, 3, 2, 4, 1]
    assert square.mission_states[-1] == 5
    assert square.modes == [3]


def test_the_flight_takes_18_wh_and_stands_where_it_rose_as_in_c01(square: Sortie) -> None:
    assert square.vehicle.truth.battery_consumed_wh == pytest.approx(18.01, rel=0.03)
    assert math.hypot(*square.rows[-1][1:3]) < 0.1


def test_a_corner_of_17_degrees_is_almost_a_stop_as_in_c02() -> None:
    flight = launch(TAKEOFF, (16, 0, 50, 50), (16, 400, 110, 50), (16, 0, 170, 50), (16, 400, 230, 50), HOMEWARDS)
    flight.fly_until(lambda: 4 in flight.reached)
    assert {seq: flight.reached_s(seq) for seq in (2, 3, 4)} == pytest.approx({2: 36.9, 3: 80.2, 4: 124.5}, abs=0.4)
    assert flight.least_speed_mps(400, 110) == pytest.approx(0.5, abs=0.15)


def test_slopes_are_flown_at_climb_and_descent_speed_as_in_c04() -> None:
    flight = launch((22, 0, 0, 30), (16, 0, 300, 30), (16, 300, 300, 100), (16, 300, 0, 40), (16, 600, 0, 40), HOMEWARDS)
    flight.fly_until(lambda: 4 in flight.reached)
    assert {seq: flight.reached_s(seq) for seq in (1, 2, 3, 4)} == pytest.approx({1: 18.3, 2: 53.5, 3: 86.2, 4: 127.9}, abs=0.4)
    # Down from 100 to 40 m in 300 m: the ground speed gives way to the descent.
    assert flight.at(108)[4] == pytest.approx(7.49, abs=0.05)
    assert max(row[3] for row in flight.rows) == pytest.approx(99.4, abs=0.3)


def test_delay_loiter_time_and_turns_take_the_times_of_c05() -> None:
    stops = ((16, 0, 150, 50, {"param1": 10.0}), (19, 150, 150, 50, {"param1": 15.0}), (18, 150, 0, 50, {"param1": 2.0, "param3": 20.0}))
    flight = launch(TAKEOFF, *stops, (16, 150, -150, 50), HOMEWARDS)
    flight.fly_until(lambda: 4 in flight.reached)
    for seq, took_s in ((2, 32.3), (3, 37.3), (4, 71.7)):
        assert flight.reached_s(seq) - flight.reached_s(seq - 1) == pytest.approx(took_s, abs=1.3)
    circle = [math.hypot(row[1] - 150, row[2]) for row in flight.rows if flight.reached_s(3) + 25 < row[0] < flight.reached_s(4)]
    assert 18.8 <= min(circle) <= max(circle) <= 20.2


def test_a_jump_is_repeated_twice_and_never_reached_itself_as_in_c06() -> None:
    corners = ((16, 0, 150, 50), (16, 130, 75, 50), (16, 0, 0, 50))
    flight = launch(TAKEOFF, *corners, (177, {"param1": 2.0, "param2": 2.0}), HOMEWARDS)
    flight.fly_until(lambda: flight.reached.count(4) == 3)
    assert flight.reached == [1, 2, 3, 4, 2, 3, 4, 2, 3, 4]
    assert flight.now_s == pytest.approx(193.8, abs=0.5)


def test_a_changed_speed_holds_and_the_change_is_reached_in_place_of_the_waypoint_as_in_c07() -> None:
    slow, fast = (178, {"param1": 1.0, "param2": 5.0, "param3": -1.0}), (178, {"param1": 1.0, "param2": 12.0, "param3": -1.0})
    flight = launch(TAKEOFF, (16, 0, 250, 50), slow, (16, 250, 250, 50), fast, (16, 250, 0, 50), (16, 250, -250, 50), HOMEWARDS)
    flight.fly_until(lambda: 7 in flight.reached)
    assert flight.reached == [1, 3, 5, 6, 7]
    assert flight.at(80)[4] == pytest.approx(5.0, abs=0.05)
    # 30 degrees of lean allow no more.
    assert flight.at(148)[4] == pytest.approx(10.1, abs=0.1)


def test_with_45_degrees_of_lean_12_mps_are_reached_as_in_c07b() -> None:
    flight = launch(TAKEOFF, (178, {"param1": 1.0, "param2": 12.0}), (16, 0, 400, 50), HOMEWARDS, parameters={"ANGLE_MAX": 4500})
    assert max(row[4] for row in flight.fly(60).rows) == pytest.approx(12.0, abs=0.05)


def test_in_8_mps_of_wind_it_slows_down_along_the_lane_and_does_not_drift_as_in_c08b() -> None:
    from planner.model import Wind

    flight = launch(*LANES, wind=Wind(speed_mps=8.0, from_deg=270.0))
    flight.fly_until(lambda: 3 in flight.reached)
    lane = [row for row in flight.rows if flight.reached_s(2) + 15 < row[0] < flight.reached_s(3) - 15]
    assert 8.4 <= min(row[4] for row in lane) <= max(row[4] for row in lane) <= 9.1
    assert max(abs(row[2] - 50) for row in lane) < 1.8
