from __future__ import annotations

from dataclasses import replace

from gui.models.figures import Tone
from gui.models.fleet import FleetModel
from gui.models.proposal import Change, proposal_diff
from missions.control.messages import (
    Accept,
    Continue,
    IntentRefused,
    IntentTaken,
    PatrolState,
    PatrolStateChanged,
    Pause,
    PlanChanged,
    Reject,
    ReplanProposed,
    Resumed,
    Snapshot,
    SortieChange,
    TheseDrones,
)
from tests.gui.quick_planners import PLACE
from tests.gui.test_fleet import telemetry
from tests.missions.control.plans import layered_plan

FURTHER = SortieChange(sortie="ald-west-1.2", drone="ald-west-1", start_s=600.0, end_s=900.0, lanes=("ALD-007", "ALD-008", "ALD-009"))


def proposal(number: int = 1, *, added: tuple[SortieChange, ...] = (FURTHER,), violations: tuple[str, ...] = ()) -> ReplanProposed:
    return ReplanProposed(
        at_s=5.0,
        proposal=number,
        added=added,
        dropped=("ald-west-2.1",),
        uncovered=("closed during the flight: fair",),
        violations=violations,
        coverage=0.995,
        makespan_s=layered_plan().result.makespan_s + 61,
    )


def fleet_with(*events: object) -> FleetModel:
    fleet = FleetModel()
    fleet.reset(layered_plan().drones)
    fleet.apply(events, now_s=1.0)  # type: ignore[arg-type]  # events of several kinds
    return fleet


def test_the_difference_says_who_gives_and_who_takes_which_lanes_and_when() -> None:
    diff = proposal_diff(proposal(violations=("comes close",)), layered_plan())
    assert diff.title == "Proposal 1: 3 lanes of ald-west-2 to ald-west-1"
    less, more, ground, check = diff.rows
    assert (less.change, less.drone, less.sortie) == (Change.LESS, "ald-west-2", "ald-west-2.1")
    assert less.text.startswith("not flown: had 3 lanes ")
    assert (more.change, more.drone, more.when) == (Change.MORE, "ald-west-1", "0:10:00 to 0:15:00")
    assert more.text == "new: 3 lanes ALD-007, ALD-008, ALD-009"
    assert (ground.text, check.text, check.tone) == ("stays uncovered: closed during the flight: fair", "check: comes close", Tone.BAD)
    assert "Coverage 99.50 %" in diff.figures
    assert "(+0:01:01)" in diff.figures


def test_what_the_check_finds_in_the_flown_plan_as_well_is_counted() -> None:
    plan = replace(layered_plan(), violations=(PLACE,))
    texts = [row.text for row in proposal_diff(proposal(violations=(PLACE.text, "comes close")), plan).rows]
    assert texts[-2:] == ["check: comes close", "check: 1 violation as in the plan that is flown"]


def test_a_sortie_of_another_plan_is_named_all_the_same() -> None:
    told = ReplanProposed(at_s=0.0, proposal=2, added=(FURTHER,), shortened=("unheard-of.1",), coverage=1.0, makespan_s=1.0)
    assert proposal_diff(told, layered_plan()).rows[0].sortie == "unheard-of.1"


def test_many_lanes_are_counted() -> None:
    many = SortieChange(sortie="a.1", drone="a", start_s=0.0, end_s=1.0, lanes=tuple(f"L{number}" for number in range(9)))
    assert proposal_diff(proposal(added=(many,)), layered_plan()).rows[1].text == "new: 9 lanes L0, L1, L2, L3 and 5 more"


def test_a_proposal_is_open_until_it_is_decided_by_anybody() -> None:
    assert fleet_with(proposal()).proposal == proposal()
    for decided in (
        IntentTaken(at_s=6.0, intent=Reject(proposal=1)),
        PlanChanged(at_s=6.0, proposal=1),
        IntentRefused(at_s=6.0, reason="things have changed since", intent=Accept(proposal=1)),
        PatrolStateChanged(at_s=6.0, state=PatrolState.RECALLING, patrol_s=3.0),
    ):
        assert fleet_with(proposal(), decided).proposal is None
    assert fleet_with(proposal(2), IntentTaken(at_s=6.0, intent=Reject(proposal=1))).proposal == proposal(2)


def test_a_proposal_that_adds_nothing_is_not_open() -> None:
    assert fleet_with(proposal(added=())).proposal is None


def test_who_attaches_late_sees_the_proposal() -> None:
    assert fleet_with(Snapshot(at_s=9.0, plan="", state=PatrolState.FLYING, proposal=proposal())).proposal == proposal()


def test_proposals_changes_and_gaps_are_in_the_alerts() -> None:
    rows = fleet_with(proposal(), PlanChanged(at_s=6.0, proposal=1), Resumed(at_s=70.0, gap_s=60.0)).alerts.rows
    assert [row.text for row in reversed(rows)] == [
        "proposal 1 to fly on otherwise",
        "proposal 1 is flown",
        "another mission control goes on; of 0:01:00 nothing is known",
    ]


def test_the_patrols_time_goes_with_the_vehicles_and_stands_while_everybody_is_paused() -> None:
    fleet = fleet_with(telemetry(10.0))
    assert fleet.patrol_now_s is None
    fleet.apply([PatrolStateChanged(at_s=10.0, state=PatrolState.FLYING, patrol_s=0.0), telemetry(30.0)], now_s=1.0)
    assert fleet.patrol_now_s == 20.0
    fleet.apply([IntentTaken(at_s=35.0, intent=Pause()), telemetry(60.0)], now_s=1.0)
    assert fleet.patrol_now_s == 25.0
    fleet.apply([IntentTaken(at_s=65.0, intent=Continue()), telemetry(70.0)], now_s=1.0)
    assert fleet.patrol_now_s == 30.0
    fleet.apply([IntentTaken(at_s=70.0, intent=Pause(scope=TheseDrones(drones=("ald-west-1",)))), telemetry(80.0)], now_s=1.0)
    assert fleet.patrol_now_s == 40.0
    fleet.apply([PatrolStateChanged(at_s=90.0, state=PatrolState.FINISHED, patrol_s=50.0)], now_s=1.0)
    assert fleet.patrol_now_s is None


def test_lanes_have_the_names_that_they_have_in_the_plan_that_is_flown() -> None:
    plan = layered_plan()
    change = SortieChange(
        sortie="n.1", drone="ald-west-1", start_s=0.0, end_s=60.0, lanes=("X-1", "X-2"), was=("ALD-1", "ALD-1"), instead_of="ald-west-1.1"
    )
    told = ReplanProposed(at_s=1.0, proposal=1, added=(change,), coverage=1.0, makespan_s=plan.result.makespan_s)
    (row,) = proposal_diff(told, plan).rows
    assert row.text == "in the air, instead of ald-west-1.1: 1 lane ALD-1"
