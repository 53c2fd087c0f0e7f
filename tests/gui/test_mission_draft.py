from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gui.models.draft_check import Checked, Problem, check_draft
from gui.models.draft_files import DraftPlace, forget_kept, keep_aside, kept_source, load_draft, load_kept, save_draft
from gui.models.draft_tables import GENERAL, GRIDS, Key, Kind
from gui.models.history import History
from gui.models.mission_draft import DRAWN_FILE, MissionDraft
from gui.models.shapes import Shape, Spot, TooFewVerticesError
from missions.mission_file import load_mission
from missions.scenario_library import find_mission
from missions.spec_hash import spec_sha256
from planner.geo import LatLon, LocalFrame

FRAME = LocalFrame(LatLon(lat_deg=47.5, lon_deg=19.0))
SQUARE = Shape.polygon([(19.02, 47.500), (19.03, 47.500), (19.03, 47.505), (19.02, 47.505)])


@pytest.fixture
def place(tmp_path: Path) -> DraftPlace:
    """The training mission as the operator's own file."""
    folder = tmp_path / "mine"
    shutil.copytree(find_mission("training").parent, folder)
    return DraftPlace(file=folder / "mission.toml")


# --- undo ------------------------------------------------------------------------------------------------------------


def test_undo_and_redo_give_back_the_very_states() -> None:
    history = History("a")
    for state in "bcd":
        history.do(f"to {state}", state)
    history.undo()
    history.undo()
    assert (history.current, history.undo_text, history.redo_text) == ("b", "to b", "to c")
    history.redo()
    history.do("to e", "e")
    assert history.redo_text == ""
    history.redo()
    assert history.current == "e"


def test_a_stroke_is_undone_at_once_and_ends() -> None:
    history = History(0)
    for state in (1, 2, 3):
        history.do("drag", state, stroke="first")
    history.end_stroke()
    history.do("drag", 4, stroke="first")
    history.undo()
    assert history.current == 3
    history.undo()
    assert history.current == 0


def test_what_is_saved_is_known_after_undo_too() -> None:
    first, second = "first", "second"
    history = History(first)
    history.do("change", second)
    assert history.unsaved
    history.mark_saved(second)
    assert not history.unsaved
    history.undo()
    assert history.unsaved


# --- shapes ----------------------------------------------------------------------------------------------------------


@given(st.integers(0, 3), st.floats(-0.01, 0.01), st.floats(-0.01, 0.01))
def test_an_inserted_vertex_can_be_taken_out_again(index: int, east: float, north: float) -> None:
    vertex = (19.025 + east, 47.5 + north)
    more = SQUARE.inserted(Spot(0, index), vertex)
    assert more.at(Spot(0, index + 1)) == vertex
    assert more.without(Spot(0, index + 1)) == SQUARE
    assert SQUARE.moved(Spot(0, index), vertex).at(Spot(0, index)) == vertex


def test_holes_and_parts_are_kept() -> None:
    ring = shapely.Polygon([(0, 0), (9, 0), (9, 9), (0, 9)], [[(1, 1), (1, 2), (2, 2)]])
    both = shapely.MultiPolygon([ring, shapely.box(20, 0, 21, 1)])
    shape = Shape.of(both)
    assert shape is not None
    assert len(shape) == 4 + 3 + 4
    assert shape.geometry.equals(both)
    assert shape.moved(Spot(2, 0), (19.5, 0.0)).geometry.geoms[0].equals(ring)


def test_a_triangle_keeps_its_corners() -> None:
    with pytest.raises(TooFewVerticesError, match="needs 3 corners"):
        Shape.polygon([(0, 0), (1, 0), (1, 1)]).without(Spot(0, 1))


# --- drafts and their files ------------------------------------------------------------------------------------------


def same_mission(file: Path, draft: MissionDraft, place: DraftPlace) -> bool:
    """What the command line reads is what the desktop has checked."""
    checked = check_draft(draft, place, None, FRAME)
    assert isinstance(checked, Checked), checked
    return spec_sha256(load_mission(file)) == spec_sha256(checked.spec)


def edited(draft: MissionDraft) -> MissionDraft:
    """Something of everything."""
    shapes = {item.title: item for item in draft.items}
    village, border = shapes["lower-ford"], shapes["border"]
    assert village.shape is not None
    assert border.shape is not None
    lon_deg, lat_deg = village.shape.at(Spot(0, 0))
    draft = draft.with_shape(village.path, village.shape.moved(Spot(0, 0), (lon_deg - 0.0001, lat_deg)))
    draft = draft.with_shape(border.path, border.shape.moved(Spot(0, 5), (19.0, 47.5021)))
    draft = draft.with_keep_out(SQUARE, buffer_m=20).with_base((19.05, 47.508), "ALD")
    draft = draft.with_row("fleet", {"base": "ald-base-1", "type": "hexa", "count": 2})
    draft = draft.with_point(("base", 0), (19.0131, 47.5023))
    return (
        draft.with_value(("drone_type", 0, "endurance_s"), 1450)
        .with_value(("wind", "speed_mps"), 2)
        .with_value(("nation", 1, "name"), None)
    )


def test_an_edited_mission_is_saved_as_the_command_line_reads_it_with_its_comments(place: DraftPlace) -> None:
    before = {path.name: path.read_bytes() for path in place.folder.iterdir()}
    draft = edited(load_draft(place))
    save_draft(draft, place, place.file)
    assert same_mission(place.file, draft, place)
    text = place.file.read_text()
    assert "# usable: 1200 s and 144 Wh" in text
    assert "# sees 112 m across" in text
    # files that others made are left alone
    assert all((place.folder / name).read_bytes() == content for name, content in before.items() if name != "mission.toml")
    again = load_draft(DraftPlace(file=place.file))
    assert again.drawn.keys() == draft.drawn.keys() == {"lower-ford", "border", "keep-out-1"}
    assert again.tables == draft.tables


def test_a_mission_saved_elsewhere_takes_its_geometry_and_its_terrain_along(place: DraftPlace, tmp_path: Path) -> None:
    head = "ncols 40\nnrows 40\nxllcorner 18\nyllcorner 46.5\ncellsize 0.05\n"
    (place.folder / "ground.asc").write_text(head + "150 " * 1600)
    text = place.file.read_text(encoding="utf-8")
    place.file.write_text(text + '\n[terrain]\nfile = "ground.asc"\ncrs = "EPSG:4326"\n', encoding="utf-8")
    draft = edited(load_draft(place))
    save_draft(draft, place, tmp_path / "copy" / "mission.toml")
    shutil.rmtree(place.folder)
    moved = DraftPlace(file=tmp_path / "copy" / "mission.toml")
    assert same_mission(moved.file, load_draft(moved), moved)


def test_a_row_that_goes_takes_no_other_rows_comments_along(place: DraftPlace) -> None:
    draft = load_draft(place)
    save_draft(draft.without_row("fleet", 1).with_value(("nation", 1, "share"), 0).without_row("base", 1), place, place.file)
    text = place.file.read_text()
    assert "# ald-west-1 .. ald-west-3" in text
    assert "bre-east" not in text
    assert [base.id for base in load_mission(place.file).bases] == ["ald-west"]


def test_what_is_wrong_is_told_as_the_command_line_tells_it(place: DraftPlace) -> None:
    wrong = load_draft(place).with_value(("drone_type", 0, "endurance_s"), -5)
    problem = check_draft(wrong, place, None, FRAME)
    assert isinstance(problem, Problem)
    assert problem.key == "drone_type[0].endurance_s"
    save_draft(wrong, place, place.file)
    with pytest.raises(Exception, match="out of range") as told:
        load_mission(place.file)
    assert str(told.value) == problem.line


def test_edits_kept_aside_come_back(place: DraftPlace, tmp_path: Path) -> None:
    recovery = tmp_path / "recovery"
    assert kept_source(recovery) is None
    draft = edited(load_draft(place))
    before = place.file.read_bytes()
    keep_aside(draft, place, recovery)
    assert place.file.read_bytes() == before
    assert kept_source(recovery) == place.file
    back = load_kept(recovery, DraftPlace(file=place.file))
    assert back.tables == draft.tables
    assert back.drawn == draft.drawn
    forget_kept(recovery)
    assert kept_source(recovery) is None


def test_drawing_the_area_takes_the_strips_place(place: DraftPlace) -> None:
    draft = load_draft(place).with_value(("area", "polygon"), "").with_shape(("area", "polygon"), SQUARE)
    checked = check_draft(draft, place, None, FRAME)
    assert isinstance(checked, Checked)
    assert checked.spec.area.geometry.bounds == SQUARE.geometry.bounds


def test_a_shape_that_is_no_longer_used_is_not_written(place: DraftPlace) -> None:
    draft = load_draft(place).with_keep_out(SQUARE)
    draft = draft.without_row("keep_out", 1)
    assert draft.drawn == {}
    save_draft(draft, place, place.file)
    assert not (place.folder / DRAWN_FILE).exists()


# --- tables ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (Kind.NUMBER, "12", 12),
        (Kind.NUMBER, "0.5", 0.5),
        (Kind.NUMBER, "abc", "abc"),
        (Kind.TEXT, " quad ", "quad"),
        (Kind.TEXT, "", None),
        (Kind.FLAG, "Yes", True),
        (Kind.MOMENT, "yesterday", "yesterday"),
    ],
)
def test_typed_text_becomes_what_the_file_would_say(kind: Kind, text: str, value: object) -> None:
    assert Key(path=("x",), title="X", kind=kind).parsed(text) == value


def test_every_cell_written_back_changes_nothing(place: DraftPlace) -> None:
    draft = load_draft(place)
    cells = [((grid.table, row), key) for grid in GRIDS for row in range(len(draft.rows(grid.table))) for key in grid.keys]
    for row, key in [*cells, *(((), key) for key in GENERAL)]:
        if key.text(draft, row):
            assert draft.with_value((*row, *key.path), key.parsed(key.text(draft, row))).tables == draft.tables


def test_shapes_of_other_formats_can_be_edited(place: DraftPlace) -> None:
    ring = [[19.008, 47.494], [19.012, 47.494], [19.012, 47.496], [19.008, 47.494]]
    (place.folder / "zone.json").write_text(json.dumps({"type": "Polygon", "coordinates": [ring]}))
    place.file.write_text(place.file.read_text().replace("village.geojson", "zone.json"))
    (village,) = (item for item in load_draft(place).items if item.title == "lower-ford")
    assert village.shape is not None
    assert len(village.shape) == 3
