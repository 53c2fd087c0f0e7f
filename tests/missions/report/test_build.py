"""A report is rebuilt from a flight's folder alone, always the same, and says what is wrong with a folder that is none."""

from __future__ import annotations

import hashlib
import json
import math
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import shapely
from shapely.geometry import shape

from missions.cli import main
from missions.control.wire import encode
from missions.errors import InputError
from missions.plan_file import write_plan
from missions.report.account import FlightAccount
from missions.report.build import account_of, build_report
from planner.geo import Geographic, geodesic_area_m2
from planner.model import Plan
from tests.missions.report.sample_flight import FlightOptions, fly
from tests.missions.sample_patrol import sample_plan

DRONE_FIELDS = {"nation", "system_id", "upload", "final", "hours_h", "length_m", "energy_wh"}


def write_flight(folder: Path, plan: Plan, options: FlightOptions) -> Path:
    folder.mkdir()
    write_plan(plan, folder / "plan.json")
    (folder / "flight.jsonl").write_bytes(b"".join(map(encode, fly(plan, options))))
    return folder


@pytest.fixture(scope="module")
def flights(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Two folders as `fly` leaves them: one flight that went well, one that left a lane out and told nothing of its batteries."""
    root, plan = tmp_path_factory.mktemp("flights"), sample_plan()
    bad = FlightOptions(skipped_lanes=frozenset({"ALD-1"}), battery_speaks=False, ends_s=1500.0)
    return {"good": write_flight(root / "good", plan, FlightOptions()), "bad": write_flight(root / "bad", plan, bad)}


@pytest.fixture
def good(flights: dict[str, Path], tmp_path: Path) -> Path:
    return Path(shutil.copytree(flights["good"], tmp_path / "good"))


@pytest.fixture
def bad(flights: dict[str, Path], tmp_path: Path) -> Path:
    return Path(shutil.copytree(flights["bad"], tmp_path / "bad"))


def read_json(folder: Path) -> dict[str, Any]:
    def no_constant(word: str) -> float:
        raise AssertionError(f"{word} is no JSON")

    document: dict[str, Any] = json.loads((folder / "report.json").read_text(encoding="utf-8"), parse_constant=no_constant)
    return document


def test_report_json_has_exactly_the_fields_of_the_contract(bad: Path) -> None:
    build_report(bad)
    document = read_json(bad)
    assert list(document) == [
        "schema",
        "verdict",
        "plan_sha256",
        "start_utc",
        "duration_s",
        "coverage",
        "nations",
        "drones",
        "violations",
        "alerts",
        "min_separation_m",
    ]
    assert document["schema"] == 1
    assert document["verdict"] == "fail"
    assert set(document["coverage"]) == {"planned", "flown", "missed"}
    assert {name: set(nation) for name, nation in document["nations"].items()} == {
        name: {"hours_h", "length_m", "energy_wh", "coverage"} for name in ("ALD", "BRE")
    }
    assert {name: set(drone) for name, drone in document["drones"].items()} == dict.fromkeys(
        ("ald-west-1", "ald-west-2", "bre-east-1"), DRONE_FIELDS
    )
    assert {drone["upload"] for drone in document["drones"].values()} == {"verified"}
    assert document["drones"]["bre-east-1"]["final"] == "flying"
    assert set(document["violations"][0]) == {"rule", "subject", "amount", "unit", "lat_deg", "lon_deg", "at_s", "text"}


def test_report_names_the_plan_by_the_sha_256_of_its_file(good: Path) -> None:
    build_report(good)
    assert read_json(good)["plan_sha256"] == hashlib.sha256((good / "plan.json").read_bytes()).hexdigest()


def test_missed_ground_in_the_report_is_as_large_as_the_coverage_says(bad: Path) -> None:
    account = build_report(bad)
    document = read_json(bad)
    missed = shape(document["coverage"]["missed"])
    assert missed.is_valid
    assert {part.geom_type for part in shapely.get_parts(missed)} == {"Polygon"}
    part = geodesic_area_m2(Geographic(missed)) / geodesic_area_m2(account.plan.coverable)
    assert part == pytest.approx(1 - document["coverage"]["flown"], abs=1e-4)


def test_a_report_that_is_built_again_is_the_same(good: Path) -> None:
    build_report(good)
    first = (good / "report.json").read_bytes()
    (good / "report.json").unlink()
    moved = good.rename(good.parent / "elsewhere")
    build_report(moved)
    assert (moved / "report.json").read_bytes() == first


def test_a_torn_last_line_is_told_and_the_rest_counts(good: Path) -> None:
    log = (good / "flight.jsonl").read_bytes()
    (good / "flight.jsonl").write_bytes(log + b"\n" + log[:70])
    account = account_of(good)
    assert [(alert.rule, alert.text) for alert in account.alerts] == [
        ("log", "a line torn when mission control stopped in the middle of it")
    ]
    assert account.flown.coverage == pytest.approx(account.planned.coverage, abs=1e-3)


@pytest.mark.parametrize(
    ("break_it", "file", "text"),
    [
        (lambda folder: (folder / "plan.json").unlink(), "plan.json", "cannot be read"),
        (lambda folder: (folder / "flight.jsonl").unlink(), "flight.jsonl", "cannot be read"),
        (lambda folder: (folder / "flight.jsonl").write_text("not\nevents\n"), "flight.jsonl", "holds no event"),
        (lambda folder: (folder / "plan.json").write_text("{"), "plan.json", "is not JSON"),
        (shutil.rmtree, "good", "is not a folder"),
    ],
)
def test_a_folder_that_is_no_flight_is_refused_by_name(good: Path, break_it: Any, file: str, text: str) -> None:
    break_it(good)
    with pytest.raises(InputError) as caught:
        build_report(good)
    assert Path(caught.value.file or "").name == file
    assert text in caught.value.text
    assert caught.value.mend
    assert not (good / "report.json").exists()


class Page(HTMLParser):
    """Everything a page refers to, its ids, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.references: list[str] = []
        self.ids: list[str] = []
        self.tags: set[str] = set()
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        for name, value in attrs:
            if name in {"src", "href", "srcset", "data", "action", "xlink:href"}:
                self.references.append(value or "")
            if name == "id":
                self.ids.append(value or "")

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture(scope="module")
def pages(flights: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[FlightAccount, str]]:
    root = tmp_path_factory.mktemp("pages")
    folders = {name: Path(shutil.copytree(folder, root / name)) for name, folder in flights.items()}
    return {name: (build_report(folder), (folder / "report.html").read_text(encoding="utf-8")) for name, folder in folders.items()}


@pytest.fixture(params=["good", "bad"])
def page(pages: dict[str, tuple[FlightAccount, str]], request: pytest.FixtureRequest) -> tuple[FlightAccount, str]:
    return pages[request.param]


def test_the_page_needs_nothing_but_itself(page: tuple[FlightAccount, str]) -> None:
    _, html = page
    read = Page(html)
    assert not read.tags & {"script", "link", "img", "iframe", "object", "embed"}
    assert all(reference.startswith("#") for reference in read.references)
    assert not re.findall(r"url\((?!#)", html)
    assert "@import" not in html
    assert "http" not in html.replace("http://www.w3.org", "")


def test_every_id_that_the_page_refers_to_is_there_once(page: tuple[FlightAccount, str]) -> None:
    _, html = page
    ids = Page(html).ids
    assert len(ids) == len(set(ids))
    assert set(re.findall(r"url\(#([\w-]+)\)", html)) <= set(ids)
    defined = set(re.findall(r"(--[\w-]+):", html))
    assert set(re.findall(r"var\((--[\w-]+)\)", html)) <= defined


def test_the_page_is_for_light_and_dark_and_paper(page: tuple[FlightAccount, str]) -> None:
    _, html = page
    assert "@media screen and (prefers-color-scheme: dark)" in html
    assert "@media print" in html


def test_the_page_escapes_what_comes_from_files(page: tuple[FlightAccount, str]) -> None:
    _, html = page
    assert "Sample &lt;border&gt; &amp; more" in html
    assert "<border>" not in html
    assert "<Sons>" not in html
    assert "Brenn & <Sons>" in Page(html).text


def test_the_page_says_what_the_report_says(page: tuple[FlightAccount, str]) -> None:
    account, html = page
    text = Page(html).text.replace("\xa0", " ")
    assert account.verdict.value in text
    assert account.plan_sha256 in text
    assert f"jointpatrol report {'good' if account.verdict == 'pass' else 'bad'}" in text
    for reason in account.reasons:
        assert reason in text
    for drone in account.drones:
        assert drone.drone in text
        assert drone.flown.energy.source.value in text
    assert f"{math.floor(10_000 * account.flown.coverage) / 100:.2f} %" in text


def test_the_drawings_are_well_formed_and_show_every_layer(pages: dict[str, tuple[FlightAccount, str]]) -> None:
    html = pages["bad"][1]
    for layer in ("area", "sector", "missed", "keep-out", "keep-out-buffer", "lane", "track", "swept", "border"):
        assert f"m-{layer}" in html
    start, end = html.index('<svg class="timeline"'), html.index("</svg>", html.index('<svg class="timeline"'))
    timeline = ElementTree.fromstring(html[start : end + len("</svg>")])
    bars = [bar.get("class") for bar in timeline.iter("rect")]
    assert (bars.count("planned"), bars.count("flown")) == (4, 4)


def test_a_report_of_a_plan_without_keep_outs_border_and_flights_is_drawn_too(tmp_path: Path) -> None:
    folder = tmp_path / "empty"
    write_flight(folder, sample_plan(), FlightOptions(ends_s=-1000.0))
    account = build_report(folder)
    assert account.verdict == "fail"
    assert "0 of 4" in Page((folder / "report.html").read_text(encoding="utf-8")).text


def run(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    code = main(arguments)
    told = capsys.readouterr()
    return code, told.out, told.err


def test_the_command_ends_by_the_verdict(good: Path, bad: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(["report", str(good)], capsys)
    assert (code, "pass" in out) == (0, True)
    code, out, err = run(["report", str(bad)], capsys)
    assert (code, "fail" in out, "bre-east-1: flying" in err) == (1, True, True)
    assert (bad / "report.html").exists()


def test_the_command_prints_report_json(good: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(["report", str(good), "--json"], capsys)
    assert code == 0
    assert json.loads(out) == read_json(good)


def test_the_command_refuses_a_folder_that_is_no_flight(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(["report", str(tmp_path), "--json"], capsys)
    assert code == 2
    assert json.loads(out)["error"]["file"] == str(tmp_path / "plan.json")
    assert err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []
