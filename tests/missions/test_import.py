"""Missions made from flags and from what others drew are sound as they stand, and tell what was changed."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyogrio.raw
import pytest
import shapely

from missions.cli import main
from missions.formats.registry import FORMATS
from missions.formats.writing import unremarked
from missions.mission_file import load_mission
from missions.scenario_library import find_mission
from planner.geo import Geographic, LocalFrame, geodesic_area_m2
from tests.missions.mission_folders import box_ring, line_feature, polygon_feature, training_folder, write_features
from tests.missions.sample_patrol import sample_plan


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = main(list(arguments))
    told = capsys.readouterr()
    return code, told.out, told.err


@pytest.mark.parametrize("at", ["47.5,19.0", "-16.8,180", "70,-25", "0,0"])
@pytest.mark.parametrize("nations", ["ALD,BRE", "ONE"])
def test_a_new_mission_around_a_place_is_sound(at: str, nations: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "new", str(tmp_path / "m"), f"--at={at}", "--nations", nations, "--start", "2026-06-01T06:00Z")
    assert code == 0
    assert {Path(line).name for line in out.splitlines()} >= {"mission.toml", "nations.geojson", "area.geojson"}
    spec = load_mission(tmp_path / "m")
    assert geodesic_area_m2(spec.area) == pytest.approx(4e6, rel=0.01)
    assert [nation.id for nation in spec.nations] == nations.split(",")
    assert spec.start_utc == "2026-06-01T06:00:00Z"


def test_a_new_mission_along_a_border_has_a_nation_on_each_side(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    border = find_mission("training").parent / "border.geojson"
    code, _, _ = run(capsys, "new", str(tmp_path / "m"), "--border", str(border), "--half-width-m", "700", "--drones", "3")
    assert code == 0
    spec = load_mission(tmp_path / "m")
    frame = LocalFrame.around([spec.area])
    left, right = (frame.ground(nation.territory) for nation in spec.nations)
    assert left.intersection(right).area < 1.0
    assert shapely.union(left, right).buffer(1.0).covers(frame.ground(spec.area))
    assert len(spec.drones) == 6


def test_a_folder_with_something_in_it_needs_force(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    code, _, err = run(capsys, "new", str(tmp_path), "--at", "47.5,19.0")
    assert (code, "--force" in err) == (2, True)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
    code, _, _ = run(capsys, "new", str(tmp_path), "--at", "47.5,19.0", "--force")
    assert code == 0
    assert (tmp_path / "mine.txt").read_text() == "mine"


@pytest.mark.parametrize(
    "flags",
    [[], ["--at", "north"], ["--at", "97,19"], ["--at", "1,2,3"], ["--at", "1,2", "--nations", "A,A"], ["--at", "1,2", "--start", "soon"]],
)
def test_bad_flags_are_told_and_nothing_is_written(flags: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "new", str(tmp_path / "m"), *flags, "--json")
    assert code == 2
    assert json.loads(out)["error"]["mend"]
    assert not (tmp_path / "m").exists()


def test_polygons_lines_and_no_fly_zones_find_their_places(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = write_features(
        tmp_path / "drawn.geojson",
        polygon_feature(box_ring(19.0, 47.5, 19.03, 47.52), "field"),
        polygon_feature(box_ring(19.01, 47.505, 19.012, 47.507), "No-fly village"),
        line_feature([(19.015, 47.49), (19.015, 47.53)], "the line"),
    )
    code, _, _ = run(capsys, "import", str(source), "-o", str(tmp_path / "m"), "--buffer-m", "30")
    assert code == 0
    spec = load_mission(tmp_path / "m")
    assert spec.border is not None
    (zone,) = spec.keep_outs
    assert (zone.id, zone.buffer_m) == ("No-fly-village", 30.0)
    assert spec.area.geometry.bounds == pytest.approx((19.0, 47.5, 19.03, 47.52))


def test_another_reference_system_is_converted_and_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    box = shapely.box(650_000, 240_000, 652_000, 241_000)
    path = tmp_path / "hungary.gpkg"
    pyogrio.raw.write(path, np.array([shapely.to_wkb(box)]), [], [], crs="EPSG:23700", geometry_type="Polygon", driver="GPKG")
    code, _, err = run(capsys, "import", str(path), "-o", str(tmp_path / "m"))
    assert (code, "converted from EPSG:23700" in err) == (0, True)
    assert geodesic_area_m2(load_mission(tmp_path / "m").area) == pytest.approx(2e6, rel=0.005)


def test_metres_without_a_reference_system_are_refused_and_taken_with_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = write_features(tmp_path / "metres.geojson", polygon_feature(box_ring(650_000, 240_000, 652_000, 241_000)))
    code, _, err = run(capsys, "import", str(source), "-o", str(tmp_path / "m"))
    assert (code, "--crs" in err) == (2, True)
    code, _, _ = run(capsys, "import", str(source), "-o", str(tmp_path / "m"), "--crs", "EPSG:23700")
    assert code == 0
    code, _, err = run(capsys, "import", str(source), "-o", str(tmp_path / "n"), "--crs", "EPSG:none")
    assert code == 2


def test_a_ring_that_crosses_itself_is_rebuilt_and_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bow_tie = [(19.0, 47.5), (19.02, 47.51), (19.02, 47.5), (19.0, 47.51)]
    source = write_features(tmp_path / "tie.geojson", polygon_feature(bow_tie, "tie"))
    code, _, err = run(capsys, "import", str(source), "-o", str(tmp_path / "m"))
    assert code == 0
    assert "tie: crosses itself at 47.50500 N 19.01000 E" in err


def test_keep_outs_are_added_to_a_mission_that_is_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mission = training_folder(tmp_path / "m")
    before = (mission / "mission.toml").read_text(encoding="utf-8")
    zones = write_features(tmp_path / "zones.geojson", polygon_feature(box_ring(19.01, 47.5, 19.011, 47.501), "barn"))
    command = ["import", str(zones), "-o", str(mission), "--as", "keep-outs"]
    code, _, _ = run(capsys, *command)
    assert code == 0
    assert (mission / "mission.toml").read_text(encoding="utf-8").startswith(before.rstrip())
    assert {zone.id for zone in load_mission(mission).keep_outs} == {"lower-ford", "barn"}
    code, _, _ = run(capsys, *command)
    assert code == 2
    code, _, err = run(capsys, *command, "--force")
    assert (code, "already" in err) == (2, True)


def test_an_area_is_not_forced_on_a_mission_that_is_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mission = training_folder(tmp_path / "m")
    area = write_features(tmp_path / "a.geojson", polygon_feature(box_ring(19.0, 47.5, 19.02, 47.51)))
    code, _, err = run(capsys, "import", str(area), "-o", str(mission))
    assert (code, "only keep-outs" in err) == (2, True)


def test_a_fence_becomes_area_and_keep_outs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plan = sample_plan()
    path = tmp_path / "sortie.fence.waypoints"
    path.write_bytes(FORMATS["fence"].prepare(plan, unremarked).sortie(plan.sorties[0]))
    code, _, _ = run(capsys, "import", str(path), "-o", str(tmp_path / "m"), "--nations", "ALD")
    assert code == 0
    spec = load_mission(tmp_path / "m")
    assert len(spec.keep_outs) == 1
    frame = LocalFrame.around([spec.area])
    assert frame.ground(spec.area).covers(frame.ground(Geographic(plan.keep_outs[0].polygon.geometry)))


def test_airspace_becomes_keep_outs_and_says_what_is_not_known(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mission = training_folder(tmp_path / "m")
    path = tmp_path / "air.txt"
    path.write_text("AC R\nAN RANGE 7\nAH 2000ft\nAL SFC\nV X=47:30:00 N 019:01:00 E\nDC 0.05\n")
    code, _, err = run(capsys, "import", str(path), "-o", str(mission))
    assert (code, "at all heights" in err) == (0, True)
    assert "RANGE-7" in {zone.id for zone in load_mission(mission).keep_outs}


@pytest.mark.parametrize("content", ["", "hello", "{}", "<kml>", "QGC WPL 110\n", "AC R\nAN A\n"])
def test_files_with_nothing_in_them_are_told(content: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "empty.txt"
    path.write_text(content)
    code, out, _ = run(capsys, "import", str(path), "-o", str(tmp_path / "m"), "--json")
    assert code == 2
    assert json.loads(out)["error"]["file"] == str(path)
    assert not (tmp_path / "m").exists()
