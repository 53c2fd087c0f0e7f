from __future__ import annotations

from dataclasses import replace

import pytest

from missions.control.sortie_progress import SortieProgress, lane_runs
from planner.model import Leg, LegKind, Sortie
from tests.missions.control.plans import BRE_1, layered_plan

SORTIES = layered_plan().sorties_of(BRE_1)
SWAP_S = 300.0


def progress() -> SortieProgress:
    return SortieProgress(SORTIES, SWAP_S)


def sweeps(sortie: Sortie) -> list[Leg]:
    return [leg for leg in sortie.legs if leg.kind is LegKind.SWEEP]


def test_delay_follows_what_has_happened_last() -> None:
    way = progress()
    way.took_off(SORTIES[0].start_s + 4.0)
    assert way.delay_s == pytest.approx(4.0)
    leg = sweeps(SORTIES[0])[0]
    assert leg.lane is not None
    way.lane_started(leg.lane, leg.start_s + 10.0)
    assert way.delay_s == pytest.approx(10.0)
    way.lane_finished(leg.lane, leg.end_s + 7.0)
    assert way.delay_s == pytest.approx(7.0)


def test_eta_carries_a_delay_into_the_next_sortie_only_as_far_as_there_is_no_slack() -> None:
    way = progress()
    assert way.eta_s() == pytest.approx(SORTIES[1].end_s)
    slack_s = SORTIES[1].start_s - SORTIES[0].end_s - SWAP_S
    way.delay_s = slack_s + 50.0
    assert way.eta_s() == pytest.approx(SORTIES[1].end_s + 50.0)
    way.landed()
    way.landed()
    assert way.eta_s() is None
    assert way.sortie is None


def test_missed_lanes_are_those_not_flown_to_their_end() -> None:
    way = progress()
    lanes = [leg.lane for leg in sweeps(SORTIES[0])]
    way.took_off(0.0)
    way.lane_started(lanes[0] or "", 1.0)
    way.lane_finished(lanes[0] or "", 2.0)
    way.lane_started(lanes[1] or "", 3.0)
    assert (way.lanes_done, way.lanes_total) == (1, 6)
    assert lanes[0] not in way.missed()
    assert lanes[1] in way.missed()


def test_lane_cut_into_two_runs_counts_twice_and_legs_in_a_row_once() -> None:
    first, second = sweeps(SORTIES[0])[:2]
    turn = next(leg for leg in SORTIES[0].legs if leg.kind is LegKind.TURN)
    again = replace(second, lane=first.lane)
    sortie = replace(SORTIES[0], legs=(first, again, turn, again))
    assert [(run.first, run.last) for run in lane_runs(sortie)] == [(0, 1), (3, 3)]
    way = SortieProgress([sortie], SWAP_S)
    lane = first.lane or ""
    way.lane_finished(lane, 1.0)
    assert way.missed() == (lane,)
    way.lane_finished(lane, 2.0)
    assert way.missed() == ()


def test_lane_that_is_not_in_the_sortie_changes_nothing() -> None:
    way = progress()
    way.lane_started("elsewhere", 5.0)
    way.lane_finished("elsewhere", 6.0)
    assert (way.lanes_done, way.delay_s) == (0, 0.0)
