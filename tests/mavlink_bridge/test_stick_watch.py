"""A hand on the sticks is noticed, and outranks us; a jumping receiver is not a hand."""

from __future__ import annotations

from mavlink_bridge import events as e
from mavlink_bridge.enums import MavCmd
from mavlink_bridge.stick_watch import StickParams, StickWatch
from tests.mavlink_bridge.flight_scenarios import Pilot, down, ends, fly, is_home, on_both, take_off
from tests.mavlink_bridge.small_patrol import Hands, plan_with, two_lanes

REST = (1500, 1500, 1000, 1500, 1800)
ROLLED = (1800, *REST[1:])


def watch_in_flight() -> StickWatch:
    watch = StickWatch(StickParams())
    assert watch.observe(REST, 0.0, armed=False) == ""
    return watch


def test_stick_that_stays_moved_is_told_once() -> None:
    watch = watch_in_flight()
    assert [watch.observe(ROLLED, at_s, armed=True) for at_s in (1.0, 1.3, 1.6, 2.0)] == ["", "", "roll", ""]


def test_jump_of_the_receiver_and_absent_channels_are_nobodys_hand() -> None:
    watch = watch_in_flight()
    assert watch.observe(ROLLED, 1.0, armed=True) == ""
    assert watch.observe(REST, 2.0, armed=True) == ""
    assert watch.observe((0, 65535, 0, 1500), 3.0, armed=True) == ""
    assert watch.observe((0, 65535, 0, 1500), 9.0, armed=True) == ""


def test_sticks_rest_where_they_are_when_the_drone_is_handed_back() -> None:
    watch = watch_in_flight()
    watch.observe(ROLLED, 1.0, armed=True)
    watch.rest()
    assert watch.observe(ROLLED, 2.0, armed=True) == watch.observe(ROLLED, 9.0, armed=True) == ""


@on_both
def test_hand_on_the_sticks_is_respected_until_the_drone_is_handed_back(backend: str) -> None:
    plan = plan_with(two_lanes())

    async def scenario(hands: Hands, pilot: Pilot) -> None:
        await take_off(hands, plan)
        until_s = hands.fleet.now_s + 12.0
        last_s = 0.0

        def moved(events: list[e.FleetEvent]) -> bool:
            nonlocal last_s
            if hands.fleet.now_s - last_s > 0.5:
                last_s = hands.fleet.now_s
                pilot.move_sticks("d1", 1, 1800, *[65535] * 17)
            return any(isinstance(event, e.SticksMoved) for event in events)

        await hands.until(moved, limit_s=until_s)
        hands.fleet.recall("d1")
        await hands.until_all(e.CommandEnded, ["d1"])
        hands.fleet.hand_back("d1")
        hands.fleet.recall("d1")
        await down(hands, plan)

    hands = fly(scenario, plan, backend)
    (told,) = (event for event in hands.told("d1", e.SticksMoved) if isinstance(event, e.SticksMoved))
    assert told.sticks == "roll"
    assert ends(hands, MavCmd.NAV_RETURN_TO_LAUNCH) == [False, True]
    assert is_home(hands, "d1")
