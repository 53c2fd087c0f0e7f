"""Two flights beside each other: the differences are those of their figures, and told as better or worse."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from missions.cli import main
from missions.control.wire import encode
from missions.plan_file import write_plan
from missions.report.account import FlightAccount
from missions.report.build import account_of
from missions.report.comparison import Compared, compare
from missions.report.words import percent
from tests.missions.report.sample_flight import FlightOptions, fly
from tests.missions.sample_patrol import sample_plan


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    root = tmp_path_factory.mktemp("flights")
    for name, options in (("gaps", FlightOptions(skipped_lanes=frozenset({"ALD-1"}))), ("whole", FlightOptions())):
        (root / name).mkdir()
        write_plan(sample_plan(), root / name / "plan.json")
        (root / name / "flight.jsonl").write_bytes(b"".join(map(encode, fly(sample_plan(), options))))
    return root / "gaps", root / "whole"


@pytest.fixture(scope="module")
def accounts(folders: tuple[Path, Path]) -> tuple[FlightAccount, FlightAccount]:
    return account_of(folders[0]), account_of(folders[1])


def figure(figures: tuple[Compared, ...], name: str) -> Compared:
    return next(each for each in figures if each.name == name)


def test_differences_are_the_second_less_the_first(accounts: tuple[FlightAccount, FlightAccount]) -> None:
    gaps, whole = accounts
    comparison = compare(gaps, whole)
    assert comparison.same_plan
    covered = figure(comparison.patrol, "covered, flown")
    assert covered.change == whole.flown.coverage - gaps.flown.coverage
    assert (covered.texts[2][0], covered.judgement) == ("+", "good")
    assert figure(comparison.patrol, "planned, not seen").judgement == "good"
    assert figure(compare(whole, gaps).patrol, "covered, flown").judgement == "bad"
    assert [table.name for table in comparison.nations] == [nation.name for nation in gaps.nations]
    assert len(comparison.segments) == len(gaps.segments)


def test_what_does_not_show_is_no_difference() -> None:
    nearly = Compared(name="covered", first=0.99, second=0.990001, told=percent, better=1)
    assert (nearly.texts[2], nearly.judgement) == ("0", "")
    unknown = Compared(name="closest", first=None, second=5.0, told=percent)
    assert unknown.texts == ("–", percent(5.0), "")


def test_segments_of_other_places_are_not_compared(accounts: tuple[FlightAccount, FlightAccount]) -> None:
    gaps, whole = accounts
    elsewhere = tuple(replace(each, middle=whole.plan.bases[0].location) for each in whole.segments)
    assert compare(gaps, replace(whole, segments=elsewhere)).segments == ()


def test_the_command_prints_json_and_writes_a_page_of_its_own(
    folders: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "both.html"
    assert main(["compare", str(folders[0]), str(folders[1]), "-o", str(page), "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["verdicts"] == ["fail", "pass"]
    text = page.read_text(encoding="utf-8")
    assert "gaps and whole" in text
    assert "http" not in text.replace("http://www.w3.org", "")
    assert main(["compare", str(folders[0]), str(tmp_path / "none")]) == 2
