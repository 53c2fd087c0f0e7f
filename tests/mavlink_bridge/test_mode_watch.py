"""Whose mode change it was: ours, the vehicle's own failsafe's, or a foreign hand's."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mavlink_bridge.enums import CopterMode, PlaneMode
from mavlink_bridge.mode_watch import ModeCause, ModeDecision, ModeWatch, ModeWatchParams, is_failsafe_text
from mavlink_bridge.modes import Modes, VehicleClass, modes_of
from mavlink_bridge.vehicle_state import VehicleState

COPTER, QUADPLANE = modes_of(VehicleClass.COPTER), modes_of(VehicleClass.QUADPLANE)
AUTO = VehicleState(armed=True, custom_mode=CopterMode.AUTO, mode_name="AUTO", system_status=4)


def turn(
    watch: ModeWatch, mode: int, *, at_s: float, status: int = 4, before: VehicleState = AUTO, modes: Modes = COPTER
) -> list[ModeDecision]:
    after = replace(before, custom_mode=mode, mode_name=f"M{mode}", system_status=status)
    return watch.observe(before, after, modes, at_s)


def watch() -> ModeWatch:
    return ModeWatch(ModeWatchParams())


def causes(decisions: list[ModeDecision]) -> list[ModeCause]:
    return [decision.cause for decision in decisions]


def test_what_we_asked_for_is_ours_for_a_while_and_then_no_more() -> None:
    one = watch()
    one.expect(CopterMode.RTL, 100.0)
    assert causes(turn(one, CopterMode.RTL, at_s=105.0)) == [ModeCause.OURS]
    two = watch()
    two.expect(CopterMode.LOITER, 100.0)
    assert causes(turn(two, CopterMode.LOITER, at_s=130.0)) == [ModeCause.FOREIGN]


def test_a_mode_that_only_people_choose_is_foreign_at_once() -> None:
    assert causes(turn(watch(), CopterMode.LOITER, at_s=1.0)) == [ModeCause.FOREIGN]


def test_the_first_mode_ever_seen_and_a_mode_that_stays_are_nobodys_doing() -> None:
    assert watch().observe(VehicleState(), AUTO, COPTER, 0.0) == []
    assert watch().observe(AUTO, AUTO, COPTER, 0.0) == []


def test_a_return_waits_for_the_failsafes_text_that_follows_it() -> None:
    one = watch()
    assert turn(one, CopterMode.RTL, at_s=10.0) == []
    assert one.is_undecided
    assert one.text("Reached command #3", 10.1) == []
    (decision,) = one.text("Polygon fence breached", 10.2)
    assert (decision.cause, decision.reason) == (ModeCause.VEHICLE, "Polygon fence breached")
    assert not one.is_undecided


def test_a_failsafes_text_may_come_first() -> None:
    one = watch()
    assert one.text("EKF Failsafe: changed to LAND Mode", 9.5) == []
    assert causes(turn(one, CopterMode.LAND, at_s=10.0)) == [ModeCause.VEHICLE]


def test_an_old_text_explains_nothing() -> None:
    one = watch()
    one.text("GCS Failsafe", 1.0)
    assert turn(one, CopterMode.RTL, at_s=10.0) == []
    assert causes(one.tick(11.0)) == [ModeCause.FOREIGN]


def test_without_a_text_a_return_is_foreign_and_a_critical_one_the_vehicles_own() -> None:
    one, two = watch(), watch()
    turn(one, CopterMode.RTL, at_s=10.0)
    assert one.tick(10.9) == []
    assert causes(one.tick(11.0)) == [ModeCause.FOREIGN]
    turn(two, CopterMode.RTL, at_s=10.0, status=5)
    (decision,) = two.tick(11.0)
    assert (decision.cause, decision.reason) == (ModeCause.VEHICLE, "its own failsafe")


def test_a_second_change_settles_the_first() -> None:
    one = watch()
    turn(one, CopterMode.RTL, at_s=10.0)
    after = replace(AUTO, custom_mode=CopterMode.RTL)
    assert causes(turn(one, CopterMode.LOITER, at_s=10.3, before=after)) == [ModeCause.FOREIGN, ModeCause.FOREIGN]


def test_a_quadplanes_landing_at_the_end_of_its_return_is_part_of_it() -> None:
    returning = replace(AUTO, custom_mode=int(PlaneMode.RTL))
    assert causes(turn(watch(), PlaneMode.QRTL, at_s=1.0, before=returning, modes=QUADPLANE)) == [ModeCause.OURS]
    assert causes(turn(watch(), PlaneMode.QLOITER, at_s=1.0, before=returning, modes=QUADPLANE)) == [ModeCause.FOREIGN]


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("Battery Failsafe", True),
        ("Battery 1 is low 12.60V used 801 mAh", True),
        ("Battery 1 is critical 10.89V used 2100 mAh", True),
        ("GCS Failsafe", True),
        ("Radio Failsafe", True),
        ("EKF Failsafe: changed to LAND Mode", True),
        ("Polygon fence breached", True),
        ("Crash: Disarming: AngErr=40>30, Accel=0.2<3.0", True),
        ("GCS Failsafe Cleared", False),
        ("Fence breach cleared", False),
        ("EKF Failsafe Cleared", False),
        ("PreArm: Battery failsafe", False),
        ("Mission: 3 WP", False),
        ("EKF primary changed:1", False),
    ],
)
def test_failsafe_texts_are_told_from_others(text: str, is_one: bool) -> None:
    assert is_failsafe_text(text) is is_one
