"""The report's tables say what the report says."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import pytest

from mavlink_bridge.events import Alert, AlertLevel
from missions.cli import main
from missions.control.wire import encode
from missions.plan_file import write_plan
from missions.report.account import FlightAccount
from missions.report.build import account_of
from missions.report.numbers import number_files
from tests.missions.formats.reading import read_with_gdal
from tests.missions.report.sample_flight import FlightOptions, fly
from tests.missions.sample_patrol import sample_plan


@pytest.fixture(scope="module")
def flight(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder, plan = tmp_path_factory.mktemp("flights") / "bad", sample_plan()
    folder.mkdir()
    write_plan(plan, folder / "plan.json")
    options = FlightOptions(skipped_lanes=frozenset({"ALD-1"}), ends_s=1500.0)
    (folder / "flight.jsonl").write_bytes(b"".join(map(encode, fly(plan, options))))
    return folder


@pytest.fixture(scope="module")
def account(flight: Path) -> FlightAccount:
    return account_of(flight)


def rows(files: dict[str, bytes], name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(files[name].decode("utf-8-sig"))))


def test_tables_hold_the_accounts_figures(account: FlightAccount) -> None:
    files = number_files(account)
    for row, drone in zip(rows(files, "drones.csv"), account.drones, strict=True):
        assert (row["drone"], row["final"]) == (drone.drone, drone.final.value)
        assert float(row["length_m_flown"]) == pytest.approx(drone.flown.length_m, abs=1e-5)
        assert float(row["energy_wh_planned"]) == pytest.approx(drone.planned.energy.wh, abs=1e-5)
    for row, nation in zip(rows(files, "nations.csv"), account.nations, strict=True):
        assert float(row["coverage_flown"]) == pytest.approx(nation.flown_coverage, abs=1e-5)
    assert len(rows(files, "sorties.csv")) == len(account.sorties)
    assert sum(float(row["area_m2"]) for row in rows(files, "missed.csv")) == pytest.approx(
        sum(piece.area_m2 for piece in account.missed.pieces), abs=1e-3
    )


def test_the_geopackage_shows_where(account: FlightAccount, tmp_path: Path) -> None:
    layers = read_with_gdal(number_files(account)["report.gpkg"], tmp_path / "report.gpkg")
    assert set(layers) == {"nations", "segments", "missed", "encounters", "tracks"}
    assert [row.fields["number"] for row in layers["missed"]] == [piece.number for piece in account.missed.pieces]
    assert {row.fields["drone"] for row in layers["tracks"]} == {record.drone for record in account.records.values() if record.airtimes}
    assert all(row.geometry.is_valid for row in layers["nations"])


def test_a_flight_without_a_fault_has_empty_tables(account: FlightAccount, tmp_path: Path) -> None:
    flawless = replace(account, missed=replace(account.missed, pieces=()), encounters=(), violations=(), alerts=())
    layers = read_with_gdal(number_files(flawless)["report.gpkg"], tmp_path / "report.gpkg")
    assert layers["encounters"] == layers["missed"] == []


def test_a_text_from_a_vehicle_is_no_formula(account: FlightAccount) -> None:
    alert = Alert(drone="=cmd", at_s=1.0, level=AlertLevel.WARNING, rule="text", text='=HYPERLINK("x")\r\nnext')
    (row,) = rows(number_files(replace(account, alerts=(alert,))), "alerts.csv")
    assert (row["drone"], row["text"]) == ("'=cmd", '\'=HYPERLINK("x") next')


def test_the_command_writes_them_into_an_empty_folder_only(flight: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    assert main(["report", str(flight), "--numbers", str(out)]) == 1
    assert {path.name for path in out.iterdir()} >= {"drones.csv", "report.gpkg"}
    capsys.readouterr()
    assert main(["report", str(flight), "--numbers", str(out), "--json"]) == 2
    assert "--force" in json.loads(capsys.readouterr().out)["error"]["mend"]
