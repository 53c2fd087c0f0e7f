"""Vehicle time follows the vehicles' own clocks and never runs backwards."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mavlink_bridge.vehicle_clock import VehicleClock


def test_a_fixed_clock_runs_at_real_time_whatever_is_said() -> None:
    clock = VehicleClock(rate=1.0, wall_s=100.0, fixed=True)
    clock.observe("a", 0.0, 100.0)
    clock.observe("a", 50.0, 105.0)
    assert clock.now_s(110.0) == pytest.approx(10.0)


def test_the_rate_is_what_the_vehicles_reach_not_what_was_asked_for() -> None:
    clock = VehicleClock(rate=1.0, wall_s=0.0)
    for tenth in range(501):
        clock.observe("a", 12.0 * tenth / 10, tenth / 10)
    before_s = clock.now_s(50.0)
    assert clock.now_s(51.0) - before_s == pytest.approx(12.0)


def test_one_link_that_lags_does_not_slow_the_others_down() -> None:
    clock = VehicleClock(rate=1.0, wall_s=0.0)
    for tenth in range(501):
        for link, rate in (("a", 10.0), ("b", 10.0), ("c", 0.5)):
            clock.observe(link, rate * tenth / 10, tenth / 10)
    before_s = clock.now_s(50.0)
    assert clock.now_s(51.0) - before_s == pytest.approx(10.0)


def test_time_stays_with_a_vehicle_that_is_heard_at_uneven_moments_while_its_pace_comes_and_goes() -> None:
    clock, boot_s, wall_s = VehicleClock(rate=1.0, wall_s=0.0), 7.0, 0.0
    for number in range(100):
        clock.observe("a", boot_s, wall_s)
        for_s, rate = (0.5, 10.0) if number % 2 else (2.0, 4.0)
        boot_s, wall_s = boot_s + for_s * rate, wall_s + for_s
    assert clock.now_s(wall_s) == pytest.approx(boot_s - 7.0, abs=15.0)


def test_a_reboot_does_not_turn_time_back() -> None:
    clock = VehicleClock(rate=1.0, wall_s=0.0)
    clock.observe("a", 100.0, 0.0)
    clock.observe("a", 110.0, 1.0)
    before_s = clock.now_s(1.0)
    clock.observe("a", 0.5, 2.0)
    clock.observe("a", 10.5, 3.0)
    assert clock.now_s(3.0) > before_s


def test_clock_begins_at_zero_and_runs_at_the_asked_rate_until_somebody_speaks() -> None:
    clock = VehicleClock(rate=20.0, wall_s=1000.0)
    assert clock.now_s(1000.0) == 0.0
    assert clock.now_s(1002.0) == pytest.approx(40.0)


@given(
    st.lists(
        st.tuples(st.sampled_from("abc"), st.floats(0, 1e6), st.floats(0, 10)),
        max_size=30,
    )
)
def test_time_never_runs_backwards_whatever_is_said(script: list[tuple[str, float, float]]) -> None:
    clock, wall_s, last_s = VehicleClock(rate=1.0, wall_s=0.0), 0.0, 0.0
    for link, boot_s, pause_s in script:
        wall_s += pause_s
        clock.observe(link, boot_s, wall_s)
        now_s = clock.now_s(wall_s)
        assert now_s >= last_s
        last_s = now_s
