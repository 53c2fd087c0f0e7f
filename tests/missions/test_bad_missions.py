"""Every bad mission ends in one line that names file, key and mend, exit code 2, and nothing written."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import pytest

from missions.cli import main
from tests.missions.mission_folders import BOW_TIE, box_ring, line_feature, polygon_feature, training_folder, write_features


@dataclass(frozen=True)
class Bad:
    """A defect: what is replaced by what, the key that must be blamed, and words that the line must hold."""

    name: str
    edits: tuple[tuple[str, str], ...]
    key: str
    words: tuple[str, ...]


CASES = [
    Bad("a typo in the TOML", (("half_width_m = 1000", "half_width_m 1000"),), "line 11", ("half_width_m 1000",)),
    Bad("a text that does not end", (('name = "Training border"', 'name = "Training border'),), "line 4", ("TOML",)),
    Bad("an unknown key", (("half_width_m", "half_widht_m"),), "area.half_widht_m", ("unknown key", "did you mean half_width_m?")),
    Bad("an unknown table", (("[[keep_out]]", "[[keepout]]"),), "keepout", ("did you mean keep_out?",)),
    Bad("another schema", (("schema = 1", "schema = 2"),), "schema", ("2",)),
    Bad("no schema", (("schema = 1\n", ""),), "schema", ("missing",)),
    Bad("no name", (('name = "Training border"\n', ""),), "name", ("missing",)),
    Bad("a start without zone", (("06:00:00Z", "06:00:00"),), "start_utc", ("time zone", "Z")),
    Bad("a start in quotes", (("2026-06-01T06:00:00Z ", '"2026-06-01T06:00:00Z" '),), "start_utc", ("without quotes",)),
    Bad("an unknown objective", (('"makespan"', '"makspan"'),), "objective", ("did you mean makespan?",)),
    Bad("a border without uncertainty", (("position_uncertainty_m = 5", "# "),), "area.position_uncertainty_m", ("missing",)),
    Bad("neither polygon nor border", (('border = "border.geojson"', ""),), "area.border", ("polygon",)),
    Bad("a border without width", (("half_width_m = 1000", ""),), "area.half_width_m", ("missing",)),
    Bad("a negative width", (("half_width_m = 1000", "half_width_m = -1"),), "area.half_width_m", ("-1", "at least 1")),
    Bad("a width of nothing", (("half_width_m = 1000", "half_width_m = 1e-320"),), "area.half_width_m", ("at least 1",)),
    Bad("an infinite width", (("half_width_m = 1000", "half_width_m = inf"),), "area.half_width_m", ("finite",)),
    Bad("no area", (("[area]", "[limits]"), ("limits = {", "wind = {} # {")), "area", ("missing",)),
    Bad("a missing geometry file", (("border.geojson", "boarder.geojson"),), "area.border", ("boarder.geojson", "does not exist")),
    Bad("a missing feature", (("nations.geojson#BRE", "nations.geojson#BRV"),), "nation[1].territory", ("BRV", "ALD, BRE")),
    Bad("a feature to choose", (("nations.geojson#BRE", "nations.geojson"),), "nation[1].territory", ("2 features", "ALD, BRE")),
    Bad("a polygon as border", (('"border.geojson"', '"village.geojson"'),), "area.border", ("Polygon", "LineString")),
    Bad("a line as polygon", (('"village.geojson"', '"border.geojson"'),), "keep_out[0].polygon", ("LineString",)),
    Bad("a nation without a base", (('nation = "BRE"', 'nation = "ALD"'), ("47.494423", "47.5023")), "nation[1].id", ("BRE has no base",)),
    Bad("a nation without drones", (('base = "bre-east"\n', 'base = "ald-west"\n'),), "nation[1].id", ("BRE has no drones", "share = 0")),
    Bad("two nations of one id", (('id = "BRE"', 'id = "ALD"'),), "nation[1].id", ("already used",)),
    Bad("two bases of one id", (('id = "bre-east"', 'id = "ald-west"'),), "base[1].id", ("already used",)),
    Bad("two types of one id", (('id = "hexa"', 'id = "quad"'),), "drone_type[1].id", ("already used",)),
    Bad("an id that is a path", (('id = "quad"', 'id = "../quad"'),), "drone_type[0].id", ("not an id",)),
    Bad("a base of an unknown nation", (('nation = "BRE"', 'nation = "BRA"'),), "base[1].nation", ("BRA", "did you mean")),
    Bad("a fleet at an unknown base", (('base = "bre-east"', 'base = "bre-eats"'),), "fleet[1].base", ("did you mean bre-east?",)),
    Bad("a fleet of an unknown type", (('type = "hexa"', 'type = "octo"'),), "fleet[1].type", ("octo",)),
    Bad("an empty fleet", (("count = 3", "count = 0"),), "fleet[0].count", ("0", "1 to 250")),
    Bad("half a drone", (("count = 3", "count = 2.5"),), "fleet[0].count", ("whole number",)),
    Bad("no fleet at all", (("[[fleet]]", "[[keep_out]]"), ("[[fleet]]", "[[keep_out]]")), "fleet", ("missing", "[[fleet]]")),
    Bad("zero endurance", (("endurance_s = 1500", "endurance_s = 0"),), "drone_type[0].endurance_s", ("0", "above 0")),
    Bad("endurance that is no number", (("endurance_s = 1500", "endurance_s = nan"),), "drone_type[0].endurance_s", ("finite",)),
    Bad("endurance in quotes", (("endurance_s = 1500", 'endurance_s = "1500"'),), "drone_type[0].endurance_s", ("without quotes",)),
    Bad("negative swap time", (("reserve = 0.2", "reserve = 0.2\nbattery_swap_s = -1"),), "drone_type[0].battery_swap_s", ("-1",)),
    Bad("all in reserve", (("reserve = 0.2", "reserve = 1"),), "drone_type[0].reserve", ("below 1",)),
    Bad("an unknown kind", (('kind = "copter"', 'kind = "kopter"'),), "drone_type[0].kind", ("did you mean copter?",)),
    Bad("a sensor of two widths", (("= 70 }", "= 70, swath_m = 9 }"),), "drone_type[0].sensor", ("one of",)),
    Bad("no rest", (("= 70 }", "= 70, trigger_distance_m = 0.5 }"),), "drone_type[0].sensor.trigger_distance_m", ("0.5",)),
    Bad("no sensor", (("sensor = { fov_across_deg = 70 }", ""),), "drone_type[0].sensor", ("missing",)),
    Bad("higher than allowed", (("home_m = 110", "home_m = 160"),), "drone_type[1].height_above_home_m", ("BRE",)),
    Bad("one system id twice", (("first_system_id = 4", 'first_system_id = 4\n[[fleet]]\nbase = "bre-east"\ntype = "hexa"\ncount = 2\n'
        "first_system_id = 6"),), "fleet[2].first_system_id", ("bre-east-3 and bre-east-4", "system id 6")),
    Bad("system ids beyond MAVLink's", (("first_system_id = 4", "first_system_id = 254"),), "fleet[1].count", ("254",)),
    Bad("a base outside its territory", (("lat_deg = 47.494423", "lat_deg = 47.51"),), "base[1].lat_deg", ("bre-east", "outside")),
    Bad("a swapped base", (("lat_deg = 47.494423\nlon_deg = 19.041944", "lat_deg = 19.041944\nlon_deg = 47.494423"),), "base[1].lat_deg",
        ("are swapped",)),
    Bad("a base outside the world", (("lat_deg = 47.494423", "lat_deg = 119"),), "base[1].lat_deg", ("119", "swapped")),
    Bad("shares that do not add up", (("#ALD\"", "#ALD\"\nshare = 0.7"), ("#BRE\"", "#BRE\"\nshare = 0.7")), "nation[1].share", ("1.4",)),
    Bad("one share of two", (("#ALD\"", "#ALD\"\nshare = 0.7"),), "nation[1].share", ("missing",)),
    Bad("two sweeps", (("[[patrol]]", "[[patrol]]\n[[patrol]]"),), "patrol[1].kind", ("second sweep",)),
    Bad("two patrols of one id", (("[[patrol]]", '[[patrol]]\nid = "a"\nkind = "line"\n[[patrol]]\nid = "a"'),), "patrol[1].id",
        ("already used",)),
    Bad("a line's key for a sweep", (('kind = "sweep"', "offsets_m = [5]"),), "patrol[0].offsets_m", ('kind = "line"',)),
    Bad("a line outside the area", (('kind = "sweep"', 'kind = "line"\noffsets_m = [1500]'),), "patrol[0].offsets_m", ("outside the",)),
    Bad("no offset", (('kind = "sweep"', 'kind = "line"\noffsets_m = []'),), "patrol[0].offsets_m", ("empty",)),
    Bad("an offset in words", (('kind = "sweep"', 'kind = "line"\noffsets_m = ["near"]'),), "patrol[0].offsets_m", ("not a number",)),
    Bad("widths that go back", (('kind = "sweep"', 'kind = "line"\nwidths_m = [[9, 50], [3, 60]]'),), "patrol[0].widths_m", ("further",)),
    Bad("widths alone", (('kind = "sweep"', 'kind = "line"\nwidths_m = [9]'),), "patrol[0].widths_m", ("metres along",)),
    Bad("two widths", (('kind = "sweep"', 'kind = "line"\nwidth_m = 9\nwidths_m = [[0, 9]]'),), "patrol[0].widths_m", ("another width",)),
    Bad("points without any", (('kind = "sweep"', 'kind = "points"'),), "patrol[0].place", ("missing", "[[patrol.place]]")),
    Bad("a point far away", (('kind = "sweep"\nside_overlap = 0.1', 'kind = "points"\nplace = [{ lat_deg = 40, lon_deg = 19 }]'),),
        "patrol[0].place", ("point-1", "outside the area")),
    Bad("points that are a line", (('kind = "sweep"', 'kind = "points"\npoints = "border.geojson"'),), "patrol[0].points", ("no point",)),
    Bad("a point of no weight", (('kind = "sweep"', 'kind = "points"\nplace = [{ lat_deg = 47.5, lon_deg = 19, weight = 0 }]'),),
        "patrol[0].place[0].weight", ("above 0",)),
    Bad("one interval of two", (("[[patrol]]", '[[patrol]]\nkind = "line"\ninterval_s = 900\n[[patrol]]'),), "patrol[1].interval_s",
        ("every patrol",)),
    Bad("chance without an interval", (('kind = "sweep"', "random_timing = true"),), "patrol[0].random_timing", ("interval_s",)),
    Bad("a duration for once", (("[area]", "[area] # "), ("limits = {", "duration_s = 900 # {")), "duration_s", ("interval_s",)),
    Bad("too short", (("limits = {", "duration_s = 9 # {"), ('kind = "sweep"', "interval_s = 18")), "duration_s", ("short",)),
    Bad("no sweep", (("limits = {", "min_coverage = 1 # {"), ('kind = "sweep"', 'kind = "line"')), "min_coverage", ("sweeps",)),
    Bad("rest without duty", (("elevation_m = 118", "rest_s = 900"),), "base[0].rest_s", ("duty_s",)),
    Bad("no pads", (("elevation_m = 118", "pads = 0"),), "base[0].pads", ("0", "1 to 250")),
    Bad("full overlap", (("side_overlap = 0.1", "side_overlap = 1"),), "patrol[0].side_overlap", ("below 1",)),
    Bad("a table for a list", (("[[patrol]]", "[patrol]"),), "patrol", ("[[patrol]]",)),
    Bad("a number for a table", (("limits = {", "wind = 3 # {"),), "wind", ("expected a table",)),
    Bad("wind above the limit", (("limits = {", "wind = { speed_mps = 13 } # {"),), "wind.speed_mps", ("max_wind_mps",)),
    Bad("wind faster than a drone", (("limits = {", "wind = { speed_mps = 8.5 } # {"),), "wind.speed_mps", ("hexa",)),
    Bad("a keep-out that ends before it begins", (("buffer_m = 50", "from_utc = 2026-06-01T08:00:00Z\nto_utc = 2026-06-01T07:00:00Z"),),
        "keep_out[0].to_utc", ("not after",)),
    Bad("a keep-out of no height", (("buffer_m = 50", "min_height_m = 50\nmax_height_m = 50"),), "keep_out[0].max_height_m", ("50",)),
    Bad("a negative buffer", (("buffer_m = 50", "buffer_m = -50"),), "keep_out[0].buffer_m", ("-50",)),
    Bad("a guest that is the host", (("[[keep_out]]", '[[permission]]\nhost = "ALD"\nguest = "ALD"\ndepth_m = 9\n[[keep_out]]'),),
        "permission[0].guest", ("host",)),
    Bad("a permission nowhere", (("[[keep_out]]", '[[permission]]\nhost = "ALD"\nguest = "BRE"\n[[keep_out]]'),), "permission[0].polygon",
        ("depth_m",)),
    Bad("a permission of an unknown nation", (("[[keep_out]]", '[[permission]]\nhost = "ADL"\nguest = "BRE"\ndepth_m = 9\n[[keep_out]]'),),
        "permission[0].host", ("did you mean ALD?",)),
]  # fmt: skip


def told(capsys: pytest.CaptureFixture[str]) -> str:
    """The one line on stderr."""
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err.endswith("\n")
    assert output.err.count("\n") == 1
    return output.err.strip()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_bad_mission_gets_one_clear_line_and_nothing_is_written(case: Bad, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = training_folder(tmp_path / "mission", *case.edits)
    before = sorted(tmp_path.rglob("*"))
    assert main(["plan", str(folder), "-o", str(tmp_path / "plan.json")]) == 2
    line = told(capsys)
    assert line.startswith(f"{folder / 'mission.toml'}: {case.key}: ")
    for words in case.words:
        assert words in line
    assert line.endswith(")"), "there is no mend"
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("command", ["plan", "check"])
def test_json_gives_the_error_as_an_object(command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = training_folder(tmp_path, ("endurance_s = 1500", "endurance_s = 0"))
    assert main([command, str(folder), "--json"]) == 2
    output = capsys.readouterr()
    error = json.loads(output.out)["error"]
    assert set(error) == {"file", "key", "value", "mend", "text"}
    assert (error["file"], error["key"], error["value"]) == (str(folder / "mission.toml"), "drone_type[0].endurance_s", 0)
    assert output.err.count("\n") == 1


def test_a_missing_mission_lists_the_scenarios(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", str(tmp_path / "nowhere.toml")]) == 2
    line = told(capsys)
    assert "does not exist" in line
    assert "training" in line


def test_a_folder_without_a_mission_is_told_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(tmp_path)]) == 2
    assert "folder without mission.toml" in told(capsys)


def test_a_misspelt_scenario_is_guessed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "trainning"]) == 2
    assert "did you mean training?" in told(capsys)


@pytest.mark.parametrize("data", [b"\xff\xfe\x00", b"a = [" * 3000, b"a = " + b"9" * 5000, b"\x00"], ids=["utf-16", "deep", "long", "nul"])
def test_a_file_that_is_no_toml_is_told_so(data: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "mission.toml"
    path.write_bytes(data)
    assert main(["check", str(path)]) == 2
    assert told(capsys).startswith(f"{path}: ")


def test_a_self_crossing_area_is_named_with_the_place(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = training_folder(tmp_path, ('border = "border.geojson"', 'polygon = "bow.geojson"'))
    write_features(folder / "bow.geojson", polygon_feature(BOW_TIE))
    assert main(["check", str(folder)]) == 2
    line = told(capsys)
    assert "area.polygon: bow.geojson crosses itself at 47.50000 N 19.01000 E" in line


def test_a_self_crossing_keep_out_is_named_with_the_place(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = training_folder(tmp_path)
    write_features(folder / "village.geojson", polygon_feature(BOW_TIE))
    assert main(["check", str(folder)]) == 2
    assert "keep_out[0].polygon: village.geojson crosses itself at 47.50000 N 19.01000 E" in told(capsys)


def test_geometry_outside_the_world_is_told_as_swapped(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = training_folder(tmp_path)
    write_features(folder / "border.geojson", line_feature([(48.99, -98.6), (48.99, -97.2)]))
    assert main(["check", str(folder)]) == 2
    line = told(capsys)
    assert "area.border" in line
    assert "latitude -98.6" in line
    assert "swapped" in line


def test_a_swapped_area_inside_the_world_is_told_by_its_place(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = training_folder(tmp_path, ('border = "border.geojson"', 'polygon = "area.geojson"'))
    write_features(folder / "area.geojson", polygon_feature(box_ring(47.49, 19.0, 47.51, 19.05)))
    assert main(["check", str(folder)]) == 2
    line = told(capsys)
    assert "area: lies outside the territory of every nation" in line
    assert "swapped" in line


def test_a_swapped_territory_is_told_by_its_place(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = training_folder(tmp_path, ("nations.geojson#BRE", "swapped.geojson"))
    write_features(folder / "swapped.geojson", polygon_feature(box_ring(47.4, 18.9, 47.6, 19.1)))
    assert main(["check", str(folder)]) == 2
    line = told(capsys)
    assert "nation[1].territory: lies nowhere near" in line


def test_the_mission_file_is_never_the_output(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = training_folder(tmp_path) / "mission.toml"
    before = path.read_bytes()
    assert main(["plan", str(path), "-o", str(path)]) == 2
    assert "is the mission file" in told(capsys)
    assert path.read_bytes() == before
