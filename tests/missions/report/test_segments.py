"""Segments along the border: their ground is the patrol's, and what was seen of each is what was flown there."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import shapely

from missions.control.messages import Accept, CloseArea, IntentRefused, IntentTaken, OfNation, PatrolEvent, PlanChanged, Recall
from missions.control.wire import encode
from missions.plan_file import write_plan
from missions.report.account import FlightAccount
from missions.report.build import account_of
from missions.report.cost import Tariff, costs
from missions.report.numbers import number_files
from missions.report.params import ReportParams
from missions.report.pdf import report_pdf
from missions.report.responses import responses
from missions.report.terms import agreed, asked
from planner.model import HeightBand, Permission, Validity
from tests.missions.report.sample_flight import FlightOptions, fly
from tests.missions.sample_patrol import MIDDLE, Ground, sample_plan


def flown(folder: Path, options: FlightOptions) -> FlightAccount:
    folder.mkdir()
    write_plan(sample_plan(), folder / "plan.json")
    (folder / "flight.jsonl").write_bytes(b"".join(map(encode, fly(sample_plan(), options))))
    return account_of(folder)


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> FlightAccount:
    return flown(tmp_path_factory.mktemp("flights") / "gaps", FlightOptions(skipped_lanes=frozenset({"ALD-1"})))


def test_segments_part_the_coverable_ground_and_add_up_to_the_patrols_coverage(account: FlightAccount) -> None:
    coverable = account.frame.ground(account.plan.coverable)
    grounds = [segment.ground for segment in account.segments]
    assert shapely.union_all(grounds).symmetric_difference(coverable).area < 1.0
    assert sum(ground.area for ground in grounds) == pytest.approx(coverable.area, rel=1e-6)
    seen = sum(segment.flown_coverage * segment.coverable_m2 for segment in account.segments)
    assert seen / coverable.area == pytest.approx(account.flown.coverage, abs=1e-3)
    assert [segment.from_m for segment in account.segments[1:]] == [segment.to_m for segment in account.segments[:-1]]


def test_a_lane_left_out_is_missing_where_it_lies(account: FlightAccount) -> None:
    worst = min(account.segments, key=lambda segment: segment.flown_coverage)
    assert worst.flown_coverage < worst.planned_coverage
    assert account.seen.visits.min() == 0


def test_times_are_those_at_which_drones_came_by(account: FlightAccount) -> None:
    begun = min(span.start_s for record in account.records.values() for span in record.swept) - account.zero_s
    ended = max(span.end_s for record in account.records.values() for span in record.swept) - account.zero_s
    firsts = [segment.first_s for segment in account.segments if segment.first_s is not None]
    lasts = [segment.last_s for segment in account.segments if segment.last_s is not None]
    assert begun <= min(firsts) <= max(lasts) <= ended


def test_the_tables_hold_the_segments_and_a_nation_without_a_sector_has_no_ground(account: FlightAccount) -> None:
    lonely = replace(account, plan=replace(account.plan, sectors=account.plan.sectors[:1]))
    files = number_files(lonely)
    assert files["segments.csv"].count(b"\r\n") == 1 + len(account.segments)
    assert files["report.gpkg"].startswith(b"SQLite format 3")


def test_the_paper_holds_text_and_is_the_same_for_the_same_flight(account: FlightAccount) -> None:
    tariff = Tariff(currency="EUR", per_hour=100.0)
    first, second = (report_pdf(account, ReportParams(), command="jointpatrol report gaps", tariff=tariff) for _ in range(2))
    assert first == second
    assert first.startswith(b"%PDF-")
    assert first.count(b"/Type /Page\n") >= 3


def test_costs_are_those_of_hours_and_energy_and_nothing_without_a_tariff(account: FlightAccount) -> None:
    *nations, together = costs(account, Tariff(per_hour=60.0, per_sortie=1.0))
    hours = sum(drone.flown.time_s for drone in account.drones) / 3600
    assert together.flown == pytest.approx(60.0 * hours + sum(drone.sorties_flown for drone in account.drones))
    assert together.planned == pytest.approx(sum(cost.planned for cost in nations))
    assert costs(account, Tariff()) == []


def test_answers_are_told_in_words() -> None:
    ring = ((19.0, 47.5), (19.1, 47.5), (19.1, 47.6))
    events: list[PatrolEvent] = [
        IntentTaken(at_s=40.0, intent=CloseArea(name="fire", ring=ring, buffer_m=50.0)),
        IntentRefused(at_s=41.0, reason="no such proposal", intent=Accept(proposal=7)),
        PlanChanged(at_s=42.0, proposal=1),
        IntentTaken(at_s=43.0, intent=Recall(scope=OfNation(nation="BRE"))),
    ]
    assert [(each.at_s, each.text) for each in responses(events, 35.0)] == [
        (5.0, "asked: close fire, 50 m kept from it"),
        (6.0, "asked and refused: accept proposal 7 (no such proposal)"),
        (7.0, "proposal 1 is what is flown from here on"),
        (8.0, "asked: recall all of BRE"),
    ]


def test_terms_say_what_was_agreed() -> None:
    lent = Permission(
        id="lent",
        host="BRE",
        guest="ALD",
        polygon=Ground(MIDDLE).box(0.0, 0.0, 100.0, 100.0),
        band=HeightBand(max_m=60.0),
        validity=Validity(to_s=3600.0),
        max_drones=1,
    )
    plan = replace(sample_plan(), permissions=(lent,))
    told = dict(agreed(plan))
    assert told["Permission lent"] == "BRE lets ALD in, at most 1 at a time; up to 60 m, until 2026-06-01T07:00:00Z"
    assert "15 m" in told["Keep-out mast"]
    assert "99 %" in dict(asked(plan))["Coverage"]
