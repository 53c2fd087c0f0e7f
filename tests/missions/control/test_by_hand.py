"""Orders beside the plan: go to, height, speed, and home by the way that it came; never out of the airspace."""

from __future__ import annotations

import math

import pytest

from mavlink_bridge.enums import MavCmd
from mavlink_bridge.events import CommandEnded
from missions.control.messages import (
    ChangeSpeed,
    Continue,
    DronePhase,
    GoTo,
    Intent,
    IntentRefused,
    OfNation,
    Recall,
    TheseDrones,
)
from missions.failsafes import ceiling_m
from tests.missions.control.patrol import Patrol
from tests.missions.control.plans import ALD_1, ALD_2, BRE_1, layered_plan

PLAN = layered_plan()
LANE = next(leg for leg in PLAN.sorties_of(ALD_1)[0].legs if leg.lane)
CEILING_M = ceiling_m(PLAN, PLAN.drone(ALD_1))


def ordered(intent: Intent, *, at_s: float = 120.0, until_s: float = 140.0) -> Patrol:
    return Patrol(PLAN).fly(at={at_s: intent}, until_s=until_s)


def refusal(patrol: Patrol) -> str:
    (refused,) = patrol.told(IntentRefused)
    return refused.reason


def test_a_drone_goes_where_it_is_sent_holds_and_takes_its_sortie_up_again() -> None:
    there = GoTo(drone=ALD_1, lat_deg=LANE.end.lat_deg, lon_deg=LANE.end.lon_deg, height_m=60.0)
    patrol = Patrol(PLAN).fly(at={120.0: there, 180.0: Continue(scope=TheseDrones(drones=(ALD_1,)))})
    (asked,) = [what for _, what, drone in patrol.fleet.asked if drone == ALD_1 and what.startswith("go_to")]
    assert "60.0" in asked
    assert len(patrol.fleet.when("resume", ALD_1)) == 1
    assert patrol.flown


def test_only_the_height_changes_where_no_place_is_given() -> None:
    patrol = ordered(GoTo(drone=ALD_1, height_m=55.0))
    assert patrol.fleet.when("go_to None 55.0", ALD_1)
    assert patrol.phase(ALD_1) is DronePhase.PAUSED


@pytest.mark.parametrize(
    ("intent", "words"),
    [
        (GoTo(drone="nobody", height_m=40.0), "no drone nobody"),
        (GoTo(drone=ALD_1), "needs a place, a height, or both"),
        (GoTo(drone=ALD_1, lat_deg=47.0), "needs a place"),
        (GoTo(drone=ALD_1, lat_deg=147.0, lon_deg=19.0), "no place on earth"),
        (GoTo(drone=ALD_1, lat_deg=math.nan, lon_deg=19.0), "no place on earth"),
        (GoTo(drone=ALD_1, height_m=CEILING_M + 1), "m above home, not at"),
        (GoTo(drone=ALD_1, height_m=1.0), "m above home, not at"),
        (GoTo(drone=ALD_1, height_m=math.nan), "m above home, not at"),
        (GoTo(drone=ALD_1, lat_deg=LANE.end.lat_deg + 1.0, lon_deg=LANE.end.lon_deg), "would leave its airspace"),
        (GoTo(drone=BRE_1, height_m=40.0), ""),
        (ChangeSpeed(scope=TheseDrones(drones=(ALD_1,)), speed_mps=100.0), "m/s, not at 100"),
        (ChangeSpeed(scope=TheseDrones(drones=(ALD_1,)), speed_mps=math.nan), "m/s, not at nan"),
    ],
)
def test_what_makes_no_sense_or_is_not_legal_is_refused_with_its_reason(intent: Intent, words: str) -> None:
    at_s = 120.0 if words else 2.0
    patrol = ordered(intent, at_s=at_s)
    assert (words or "is on the ground") in refusal(patrol)
    assert not [what for _, what, _ in patrol.fleet.asked if what.startswith(("go_to", "speed"))]


def test_the_fence_on_board_counts_too() -> None:
    patrol = Patrol(PLAN)
    patrol.control.fence_lets_pass = lambda _plan, _sortie, _way: False
    patrol.fly(at={120.0: GoTo(drone=ALD_1, height_m=60.0)}, until_s=130.0)
    assert "would leave its airspace" in refusal(patrol)


def test_a_nation_flies_at_another_speed() -> None:
    cruise_mps = PLAN.drone_type(PLAN.drone(ALD_1).type).cruise_mps
    patrol = ordered(ChangeSpeed(scope=OfNation(nation="ALD"), speed_mps=0.75 * cruise_mps))
    asked = {drone for _, what, drone in patrol.fleet.asked if what == f"speed {0.75 * cruise_mps:g}"}
    assert asked <= {ALD_1, ALD_2}
    assert ALD_1 in asked


def test_an_order_that_was_not_obeyed_is_told_and_the_sortie_goes_on() -> None:
    patrol = ordered(GoTo(drone=ALD_1, height_m=55.0))
    failed = CommandEnded(drone=ALD_1, at_s=141.0, command=MavCmd.DO_REPOSITION, accepted=False, reason="DENIED")
    alerts = patrol.control.handle_event(failed, 141.0)
    assert "did not take the order DO_REPOSITION: DENIED" in str(alerts)
    assert patrol.phase(ALD_1) is DronePhase.FLYING


def test_a_recall_by_the_way_that_it_came_is_passed_on() -> None:
    patrol = ordered(Recall(scope=TheseDrones(drones=(ALD_1,)), retrace=True))
    assert patrol.fleet.when("retrace", ALD_1)
