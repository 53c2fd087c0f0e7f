"""Exporting to a folder: right names, nothing outside it, nothing half-written, and an honest list of what is lost."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from missions.cli import main
from missions.errors import InputError
from missions.formats.export import export_plan, exported_files, format_named
from missions.formats.file_names import file_stems
from missions.formats.registry import FORMATS
from missions.formats.writing import Writers
from missions.plan_file import write_plan
from missions.utc import at_utc, utc_text
from planner.model import HeightBand, Plan, Sortie
from tests.missions.sample_patrol import sample_plan


@pytest.fixture(scope="module")
def plan() -> Plan:
    return sample_plan()


def names_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


@pytest.mark.parametrize(
    ("name", "extension", "has_whole_plan"),
    [("qgc-plan", "plan", False), ("wpl", "waypoints", False), ("geojson", "geojson", True), ("kml", "kml", True)],
)
def test_export_writes_a_file_for_each_sortie(plan: Plan, tmp_path: Path, name: str, extension: str, has_whole_plan: bool) -> None:
    written = export_plan(plan, format_named(name), tmp_path / "new" / "out")
    expected = {f"{sortie.id}.{extension}" for sortie in plan.sorties} | ({f"plan.{extension}"} if has_whole_plan else set())
    assert names_in(tmp_path / "new" / "out") == expected == {path.name for path in written}
    assert all(path.read_bytes() for path in written)


def test_a_folder_with_anything_in_it_is_refused(plan: Plan, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(InputError, match="--force"):
        export_plan(plan, format_named("wpl"), tmp_path)
    assert names_in(tmp_path) == {"mine.txt"}


def test_force_replaces_what_it_writes_and_leaves_the_rest(plan: Plan, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    first, *others = exported_files(plan, format_named("wpl"))
    (tmp_path / first).write_text("old")
    export_plan(plan, format_named("wpl"), tmp_path, force=True)
    assert (tmp_path / first).read_text().startswith("QGC WPL 110")
    assert (tmp_path / "mine.txt").read_text() == "mine"
    assert names_in(tmp_path) == {"mine.txt", first, *others}


def test_a_link_in_the_folder_is_replaced_not_followed(plan: Plan, tmp_path: Path) -> None:
    victim = tmp_path / "victim.txt"
    victim.write_text("precious")
    folder = tmp_path / "out"
    folder.mkdir()
    name = next(iter(exported_files(plan, format_named("wpl"))))
    (folder / name).symlink_to(victim)
    export_plan(plan, format_named("wpl"), folder, force=True)
    assert victim.read_text() == "precious"


def test_a_file_in_place_of_the_folder_is_named(plan: Plan, tmp_path: Path) -> None:
    path = tmp_path / "out"
    path.write_text("")
    with pytest.raises(InputError, match="is a file, not a folder"):
        export_plan(plan, format_named("wpl"), path)


def test_nothing_is_written_when_one_sortie_cannot_be(plan: Plan, tmp_path: Path) -> None:
    def only_the_first(sortie: Sortie) -> bytes:
        if sortie is not plan.sorties[0]:
            raise ValueError(sortie.id)
        return b"fine"

    with pytest.raises(ValueError, match=plan.sorties[1].id):
        export_plan(plan, replace(FORMATS["wpl"], prepare=lambda _plan, _remark: Writers(only_the_first)), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_an_unknown_format_is_answered_with_the_nearest() -> None:
    with pytest.raises(InputError) as caught:
        format_named("qgcplan")
    assert "qgc-plan" in caught.value.mend


def test_losses_name_only_what_the_plan_has(plan: Plan) -> None:
    fenced = " ".join(FORMATS["qgc-plan"].lost_of(plan))
    assert "heights and times of keep-outs" not in fenced
    low = replace(plan, keep_outs=tuple(replace(zone, band=HeightBand(max_m=50.0)) for zone in plan.keep_outs))
    assert "heights and times of keep-outs" in " ".join(FORMATS["qgc-plan"].lost_of(low))
    assert any("keep-outs" in loss for loss in FORMATS["wpl"].lost_of(plan))
    assert not any("keep-outs" in loss for loss in FORMATS["wpl"].lost_of(replace(plan, keep_outs=())))


@given(ids=st.lists(st.text(max_size=300), unique=True, max_size=12))
def test_file_names_stay_in_their_folder_and_differ(ids: list[str]) -> None:
    stems = file_stems(ids, taken=["plan"])
    assert len({stem.casefold() for stem in stems.values()} | {"plan"}) == len(ids) + 1
    for stem in stems.values():
        assert Path(f"/out/{stem}.kml").resolve().parent == Path("/out")
        assert not set(stem) & set('/\\:*?"<>|\0\n')
        assert stem.strip(".")
        assert len(stem.encode()) <= 220


@pytest.mark.parametrize(
    ("identifier", "stem"),
    [
        ("ald-west-1.1", "ald-west-1.1"),
        ("ald/west", "ald_west"),
        ("../../etc/passwd", "_.._etc_passwd"),
        ("..", "_"),
        ("", "_"),
        ("con", "_con"),
        ("NUL.1", "_NUL.1"),
        ("Őrség-1", "Őrség-1"),
        ("plan", "plan-2"),
    ],
)
def test_file_names_of_plain_ids_are_the_ids(identifier: str, stem: str) -> None:
    assert file_stems([identifier], taken=["plan"]) == {identifier: stem}


def test_ids_that_would_share_a_file_are_numbered() -> None:
    assert list(file_stems(["a/1", "a_1", "A_1"]).values()) == ["a_1", "a_1-2", "A_1-3"]


def test_plan_seconds_become_utc() -> None:
    assert utc_text(at_utc("2026-06-01T06:00:00Z", 90.0)) == "2026-06-01T06:01:30Z"
    assert utc_text(at_utc("2026-06-01T08:00:00+02:00", 0.25)) == "2026-06-01T06:00:00.250Z"
    assert utc_text(at_utc("2026-06-01T06:00:00", 0.9996)) == "2026-06-01T06:00:01Z"


@pytest.fixture
def plan_file(plan: Plan, tmp_path: Path) -> Path:
    path = tmp_path / "p.json"
    write_plan(plan, path)
    return path


def run(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    code = main(arguments)
    told = capsys.readouterr()
    return code, told.out, told.err


def test_the_command_lists_files_on_stdout_and_losses_on_stderr(
    plan_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = run(["export", str(plan_file), "--format", "qgc-plan", "-o", str(tmp_path / "out")], capsys)
    assert code == 0
    assert {Path(line) for line in out.splitlines()} == set((tmp_path / "out").iterdir())
    assert "departure times" in err


def test_the_command_refuses_a_full_folder_with_exit_code_2(plan_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["export", str(plan_file), "--format", "wpl", "-o", str(tmp_path), "--json"]
    code, out, _ = run(command, capsys)
    assert (code, "--force" in json.loads(out)["error"]["mend"]) == (2, True)
    assert names_in(tmp_path) == {"p.json"}
    code, out, _ = run([*command, "--force"], capsys)
    assert (code, len(json.loads(out)["files"])) == (0, 4)


@pytest.mark.parametrize(("change", "key"), [(["--format", "shapefile"], "--format"), ([], None)], ids=["unknown format", "no format"])
def test_the_command_answers_bad_usage_with_one_line(
    change: list[str], key: str | None, plan_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = run(["export", str(plan_file), *change, "-o", str(tmp_path / "out"), "--json"], capsys)
    assert code == 2
    assert json.loads(out)["error"]["key"] == key
    assert err.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_a_plan_without_sorties_is_said_to_be_one(plan: Plan, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_plan(replace(plan, sorties=()), tmp_path / "p.json")
    code, out, err = run(["export", str(tmp_path / "p.json"), "--format", "geojson", "-o", str(tmp_path / "out")], capsys)
    assert (code, "no sortie" in err) == (1, True)
    assert [Path(line).name for line in out.splitlines()] == ["plan.geojson"]


def test_the_commands_help_names_every_format(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run(["export", "--help"], capsys)
    assert all(name in out for name in FORMATS)


def test_the_documentation_names_every_format_with_its_extension() -> None:
    table = (Path(__file__).parents[3] / "docs" / "formats.md").read_text(encoding="utf-8")
    assert all(f"| `{entry.name}` | `.{entry.extension}` |" in table for entry in FORMATS.values())
