"""When a pack is low, and how its voltage falls (c10, c10b; AP_BattMonitor failsafes, the simulator's lithium cell)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sitl.battery import Battery, BatteryLevel, PackParams, nominal_v
from sitl.parameter_tables import copter_table
from sitl.parameters import Parameters

HOVER_W = 354.3


def _battery(capacity_mah: float | None = None, **parameters: float) -> Battery:
    return Battery(PackParams(capacity_mah=capacity_mah), Parameters(copter_table(), {"BATT_LOW_VOLT": 0.0, **parameters}))


def _levels(battery: Battery, seconds: float, watts: float = HOVER_W) -> Iterator[tuple[float, BatteryLevel]]:
    for tick in range(int(seconds * 10)):
        battery.draw(watts, 0.1)
        low = battery.check(tick * 0.1)
        if low is not None:
            yield tick * 0.1, low.level


def test_a_charge_threshold_acts_at_once() -> None:
    battery = _battery(BATT_CAPACITY=1000, BATT_LOW_MAH=900)
    (at_s, level), *_ = _levels(battery, 60)
    assert level is BatteryLevel.LOW
    assert at_s == pytest.approx(100 / (HOVER_W / 12.6) * 3.6, abs=0.2)


def test_a_voltage_threshold_acts_after_batt_low_timer() -> None:
    battery = _battery(capacity_mah=3300, BATT_LOW_VOLT=12.59, BATT_LOW_TIMER=10)
    assert [(round(at_s), level) for at_s, level in _levels(battery, 30)] == [(10, BatteryLevel.LOW)]


def test_a_dip_shorter_than_the_timer_is_forgotten() -> None:
    battery = _battery(capacity_mah=3300, BATT_LOW_VOLT=12.2)
    for tick in range(300):
        # Five seconds of every ten the current pulls the voltage under the threshold.
        battery.draw(600.0 if tick % 100 < 50 else 1.0, 0.1)
        assert battery.check(tick * 0.1) is None


def test_low_comes_before_critical_and_each_is_told_once() -> None:
    battery = _battery(BATT_CAPACITY=1000, BATT_LOW_MAH=900, BATT_CRT_MAH=800)
    assert [level for _, level in _levels(battery, 120)] == [BatteryLevel.LOW, BatteryLevel.CRITICAL]


def test_the_default_simulated_pack_counts_down_but_keeps_its_voltage() -> None:
    battery = _battery(BATT_CAPACITY=1000)
    list(_levels(battery, 60))
    assert battery.voltage_v == 12.6
    assert battery.remaining_pct < 60
    assert not battery.is_empty


def test_a_limited_pack_sags_and_empties() -> None:
    battery = _battery(capacity_mah=500)
    list(_levels(battery, 30))
    assert 9.0 < battery.voltage_v < 12.4
    list(_levels(battery, 60))
    assert battery.is_empty


def test_a_collapse_takes_charge_but_never_gives_any() -> None:
    battery = _battery(capacity_mah=1000, BATT_CAPACITY=1000)
    battery.collapse(20.0)
    assert battery.charge_pct == pytest.approx(20.0)
    battery.collapse(80.0)
    assert battery.charge_pct == pytest.approx(20.0)


def test_a_pack_under_its_failsafe_level_does_not_arm() -> None:
    battery = _battery(BATT_CAPACITY=1000, BATT_LOW_MAH=500)
    assert battery.arming_problem() is None
    battery.collapse(10.0)
    assert battery.arming_problem() == "Battery 1 low capacity failsafe"


def test_the_mean_voltage_lies_between_full_and_empty() -> None:
    assert 9.5 < nominal_v() < 12.6
