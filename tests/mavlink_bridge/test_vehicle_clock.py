"""Vehicle time: steady, monotonic, and as fast as the vehicles say."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mavlink_bridge.vehicle_clock import VehicleClock


def run(clock: VehicleClock, *, rate: float, from_wall_s: float, seconds: float, boot_s: float = 0.0, link: str = "a") -> float:
    """Let a vehicle that runs at `rate` talk ten times a second; returns vehicle time at the end."""
    for tick in range(1, round(seconds * 10) + 1):
        clock.observe(link, boot_s + tick * 0.1 * rate, from_wall_s + tick * 0.1)
    return clock.now_s(from_wall_s + seconds)


def test_clock_begins_at_zero_and_runs_at_the_asked_rate_until_somebody_speaks() -> None:
    clock = VehicleClock(rate=20.0, wall_s=1000.0)
    assert clock.now_s(1000.0) == 0.0
    assert clock.now_s(1002.0) == pytest.approx(40.0)


def test_vehicle_that_does_not_reach_its_speed_is_followed() -> None:
    clock = VehicleClock(rate=20.0, wall_s=0.0)
    before_s = run(clock, rate=12.0, from_wall_s=0.0, seconds=5.0)
    assert clock.now_s(10.0) - before_s == pytest.approx(12.0 * 5.0, rel=0.01)


def test_real_vehicles_run_in_real_time_whatever_they_say() -> None:
    clock = VehicleClock(rate=1.0, wall_s=0.0, fixed=True)
    assert run(clock, rate=7.0, from_wall_s=0.0, seconds=5.0) == pytest.approx(5.0)


def test_one_strange_vehicle_among_three_does_not_change_the_rate() -> None:
    clock = VehicleClock(rate=10.0, wall_s=0.0)
    for link, rate in (("a", 10.0), ("b", 10.0), ("c", 500.0)):
        clock.observe(link, 0.0, 0.0)
        clock.observe(link, rate, 1.0)
    before_s = clock.now_s(1.0)
    assert clock.now_s(2.0) - before_s == pytest.approx(10.0)


def test_reboot_does_not_turn_time_back() -> None:
    clock = VehicleClock(rate=10.0, wall_s=0.0)
    before_s = run(clock, rate=10.0, from_wall_s=0.0, seconds=3.0, boot_s=1000.0)
    after_s = run(clock, rate=10.0, from_wall_s=3.0, seconds=3.0)
    assert after_s - before_s == pytest.approx(30.0, rel=0.01)


@given(
    seen=st.lists(
        st.tuples(st.sampled_from("abc"), st.floats(0, 1e6), st.floats(-0.5, 3.0)),
        max_size=40,
    )
)
def test_time_never_runs_backwards(seen: list[tuple[str, float, float]]) -> None:
    clock = VehicleClock(rate=10.0, wall_s=0.0)
    wall_s = last_s = 0.0
    for link, boot_s, pause_s in seen:
        wall_s += pause_s
        clock.observe(link, boot_s, wall_s)
        now_s = clock.now_s(wall_s)
        assert now_s >= last_s
        last_s = now_s
