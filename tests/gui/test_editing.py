from __future__ import annotations

import math
import shutil
import time
from pathlib import Path

import pytest
from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtGui import QAction
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QLabel, QTableView, QTabWidget, QWidget

from gui.models.map_model import Tool
from gui.models.mission_draft import Item
from gui.models.shapes import Vertex
from missions.cli.program import main
from missions.mission_file import load_mission
from missions.scenario_library import find_mission
from planner.geo import LatLon
from tests.gui.conftest import Desktop
from tests.gui.test_window import answer_file_dialog, take_plan

LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    """The training mission as the operator's own."""
    shutil.copytree(find_mission("training").parent, tmp_path / "mine")
    return tmp_path / "mine"


def map_of(desktop: Desktop) -> QWidget:
    return desktop.find(QWidget, "map")


def item(desktop: Desktop, title: str) -> Item:
    draft = desktop.desk.editing.draft
    assert draft is not None
    return next(item for item in draft.items if item.title == title)


def pixel(desktop: Desktop, vertex: Vertex) -> QPoint:
    scene = desktop.desk.map.scene
    assert scene is not None
    east_m, north_m = scene.frame.point_to_local(LatLon(lat_deg=vertex[1], lon_deg=vertex[0]))
    x_px, y_px = desktop.desk.map.viewport.to_screen(east_m=east_m, north_m=north_m)
    return QPoint(round(x_px), round(y_px))


def corner(desktop: Desktop, title: str, index: int) -> QPoint:
    shape = item(desktop, title).shape
    assert shape is not None
    return pixel(desktop, shape.rings[0][index])


def click(desktop: Desktop, place: QPoint, button: Qt.MouseButton = LEFT) -> None:
    QTest.mouseMove(map_of(desktop), place)
    QTest.mouseClick(map_of(desktop), button, pos=place)


def drag(desktop: Desktop, start: QPoint, end: QPoint) -> None:
    view = map_of(desktop)
    QTest.mouseMove(view, start)
    QTest.mousePress(view, LEFT, pos=start)
    for part in (0.3, 0.7, 1.0):
        QTest.mouseMove(view, start + (end - start) * part)
    QTest.mouseRelease(view, LEFT, pos=end)


def settle(desktop: Desktop) -> None:
    desktop.wait(lambda: desktop.desk.editing.checked)


def test_a_corner_is_dragged_undone_and_done_again(desktop: Desktop, mine: Path) -> None:
    desktop.open(mine)
    desktop.keys("Ctrl+D")
    start = corner(desktop, "lower-ford", 0)
    click(desktop, start)
    before = desktop.desk.editing.draft
    drag(desktop, start, start + QPoint(-30, 10))
    moved = desktop.desk.editing.draft
    assert (corner(desktop, "lower-ford", 0) - (start + QPoint(-30, 10))).manhattanLength() <= 1
    settle(desktop)
    document, scene = desktop.desk.documents.current, desktop.desk.map.scene
    assert document is not None
    assert document.spec is not None
    assert scene is not None
    west_m = scene.keep_outs[0].inner.geometry.bounds[0]
    desktop.keys("Ctrl+Z")
    assert desktop.desk.editing.draft is before
    settle(desktop)
    assert desktop.desk.map.scene is not None
    assert desktop.desk.map.scene.keep_outs[0].inner.geometry.bounds[0] > west_m + 50
    desktop.keys("Ctrl+Y")
    assert desktop.desk.editing.draft is moved
    settle(desktop)


def test_corners_are_added_on_an_edge_and_deleted(desktop: Desktop, mine: Path) -> None:
    desktop.open(mine)
    desktop.keys("Ctrl+D")
    first, second = corner(desktop, "lower-ford", 0), corner(desktop, "lower-ford", 1)
    number = len(item(desktop, "lower-ford").shape or ())
    click(desktop, first)
    middle = (first + second) / 2
    drag(desktop, middle, middle + QPoint(8, 8))
    assert len(item(desktop, "lower-ford").shape or ()) == number + 1
    QTest.keyClick(map_of(desktop), Qt.Key.Key_Delete)
    assert len(item(desktop, "lower-ford").shape or ()) == number
    click(desktop, corner(desktop, "lower-ford", 2), RIGHT)
    assert len(item(desktop, "lower-ford").shape or ()) == number - 1
    settle(desktop)


def test_what_is_drawn_and_typed_is_saved_as_the_command_line_accepts_it(
    desktop: Desktop, mine: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    desktop.open(mine)
    desktop.keys("Ctrl+Alt+K")
    assert desktop.desk.map.tool is Tool.DRAW
    for place in (QPoint(500, 300), QPoint(560, 310), QPoint(530, 340)):
        click(desktop, place)
    QTest.keyClick(map_of(desktop), Qt.Key.Key_Return)
    desktop.keys("Ctrl+Alt+B")
    click(desktop, QPoint(620, 130))
    assert item(desktop, "ald-base-1").point is not None
    drag(desktop, pixel(desktop, item(desktop, "ald-base-1").point or (0, 0)), QPoint(600, 140))
    desktop.find(QAction, "view.dock.mission").trigger()
    desktop.find(QTabWidget, "mission-tabs").setCurrentIndex(3)
    desktop.click("add-fleet")
    fleet = desktop.find(QTableView, "grid-Fleet")
    model = fleet.model()
    assert model is not None
    model.setData(model.index(2, 0), "ald-base-1")
    settle(desktop)
    assert "valid" in desktop.find(QLabel, "mission-verdict").text()
    assert len(desktop.desk.fleet.drones) == 7
    desktop.keys("Ctrl+Shift+S")
    desktop.wait(lambda: "Saved" in desktop.notice)
    assert not desktop.desk.editing.unsaved
    assert main(["check", str(mine)]) == 0
    capsys.readouterr()
    spec = load_mission(mine)
    assert [keep_out.id for keep_out in spec.keep_outs] == ["lower-ford", "keep-out-1"]
    assert sum(drone.base == "ald-base-1" for drone in spec.drones) == 1


def test_priorities_are_drawn_moved_thinned_undone_and_saved(desktop: Desktop, mine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    desktop.open(mine)
    before = desktop.desk.editing.draft
    desktop.keys("Ctrl+Alt+I")
    ends = QPoint(480, 300), QPoint(560, 310)
    for place in ends:
        click(desktop, place)
    QTest.keyClick(map_of(desktop), Qt.Key.Key_Return)
    click(desktop, ends[0])
    middle = (ends[0] + ends[1]) / 2
    drag(desktop, middle, middle + QPoint(0, 20))
    assert len(item(desktop, "priority-1").shape or ()) == 3
    drag(desktop, corner(desktop, "priority-1", 2), ends[1] + QPoint(10, 0))
    click(desktop, corner(desktop, "priority-1", 1), RIGHT)
    assert len(item(desktop, "priority-1").shape or ()) == 2
    desktop.keys("Ctrl+Alt+O")
    click(desktop, QPoint(600, 320))
    drag(desktop, pixel(desktop, item(desktop, "places-1 1").point or (0, 0)), QPoint(590, 330))
    done = desktop.desk.editing.draft
    settle(desktop)
    assert desktop.desk.map.scene is not None
    assert next(patch.label for patch in desktop.desk.map.scene.priorities) == "priority-1"
    for _ in range(6):
        desktop.keys("Ctrl+Z")
    assert desktop.desk.editing.draft is before
    for _ in range(6):
        desktop.keys("Ctrl+Y")
    assert desktop.desk.editing.draft is done
    settle(desktop)
    assert "valid" in desktop.find(QLabel, "mission-verdict").text()
    desktop.keys("Ctrl+Shift+S")
    desktop.wait(lambda: "Saved" in desktop.notice)
    assert main(["check", str(mine)]) == 0
    capsys.readouterr()
    spec = load_mission(mine)
    assert [(patrol.kind.value, patrol.weight) for patrol in spec.patrols] == [("sweep", 1.0), ("line", 2.0), ("points", 2.0)]
    click(desktop, pixel(desktop, item(desktop, "places-1 1").point or (0, 0)))
    QTest.keyClick(map_of(desktop), Qt.Key.Key_Delete)
    assert not any(each.title.startswith("places") for each in desktop.desk.shapes.items)


def test_typing_nonsense_is_told_as_on_the_command_line_and_nothing_is_planned(desktop: Desktop, mine: Path) -> None:
    desktop.open(mine)
    desktop.find(QAction, "view.dock.mission").trigger()
    desktop.find(QTabWidget, "mission-tabs").setCurrentIndex(4)
    table = desktop.find(QTableView, "grid-Drone types")
    model = table.model()
    assert model is not None
    table.setCurrentIndex(model.index(0, 3))
    table.setFocus()
    QTest.keyClicks(table, "a")
    editor = QApplication.focusWidget()
    assert editor is not None
    QTest.keyClicks(editor, "bc")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    desktop.wait(lambda: desktop.desk.editing.problem is not None)
    told = desktop.find(QLabel, "mission-verdict").text()
    assert "drone_type[0].endurance_s: is the text 'abc', expected a number" in told
    desktop.wait(lambda: "drone_type[0].endurance_s" in desktop.find(QLabel, "status-doing").text())
    assert not desktop.find(QAction, "plan.start").isEnabled()
    desktop.keys("Ctrl+Z")
    desktop.wait(lambda: desktop.desk.editing.problem is None)
    desktop.wait(desktop.find(QAction, "plan.start").isEnabled)


def test_undo_brings_the_plan_back_that_an_edit_took(desktop: Desktop) -> None:
    take_plan(desktop)
    desktop.keys("Ctrl+D")
    start = corner(desktop, "lower-ford", 0)
    click(desktop, start)
    drag(desktop, start, start + QPoint(-20, 0))
    settle(desktop)
    document = desktop.desk.documents.current
    assert document is not None
    assert document.plan is None
    desktop.keys("Ctrl+Z")
    settle(desktop)
    assert desktop.desk.documents.current is not None
    assert desktop.desk.documents.current.plan is not None


def test_a_scenario_is_saved_in_a_folder_of_the_operators(desktop: Desktop) -> None:
    desktop.open("training")
    desktop.keys("Ctrl+Shift+S")
    (desktop.folder / "own").mkdir()
    answer_file_dialog(desktop, desktop.folder / "own" / "mission.toml")
    desktop.wait(lambda: "Saved" in desktop.notice)
    assert load_mission(desktop.folder / "own").name == "Training border"
    assert desktop.desk.editing.saveable


def test_unsaved_edits_are_asked_about_kept_aside_and_got_back(desktop: Desktop, mine: Path) -> None:
    desktop.open(mine)
    draft = desktop.desk.editing.draft
    assert draft is not None
    desktop.desk.editing.do("Rename", draft.with_value(("name",), "Another name"))
    recovery = desktop.folder / "state" / "recovery" / "source.txt"
    desktop.wait(recovery.exists)
    settle(desktop)
    desktop.desk.documents.open("forty_ninth")
    assert "not saved" in desktop.notice
    desktop.click("choice-Stay")
    assert desktop.desk.editing.draft is not draft
    # as after a crash: the next start finds what was kept
    desktop.desk.editing.history = None
    desktop.desk.editing.offer_recovery()
    desktop.click("choice-Get them back")
    desktop.wait(lambda: desktop.desk.editing.unsaved)
    settle(desktop)
    assert desktop.window.windowTitle() == "Another name (edited) - jointpatrol"
    desktop.window.close()
    assert "not saved" in desktop.notice
    assert desktop.window.isVisible()
    desktop.click("choice-Close without saving")
    assert not recovery.exists()


def test_recent_files_are_offered_and_remembered(desktop: Desktop, mine: Path) -> None:
    desktop.open(mine)
    action = desktop.find(QAction, "file.recent.0")
    assert action.text() == str(Path(*mine.parts[-2:]))
    assert desktop.settings.recent == (str(mine),)
    assert not desktop.find(QAction, "file.recent.1").isVisible()


def test_editing_two_thousand_corners_answers_at_once(desktop: Desktop, mine: Path) -> None:
    ring = [(19.0155 + 0.004 * math.cos(t / 2000 * math.tau), 47.4945 + 0.002 * math.sin(t / 2000 * math.tau)) for t in range(2000)]
    coordinates = ", ".join(f"[{lon:.7f}, {lat:.7f}]" for lon, lat in [*ring, ring[0]])
    (mine / "village.geojson").write_text(f'{{"type": "Polygon", "coordinates": [[{coordinates}]]}}')
    desktop.open(mine)
    desktop.keys("Ctrl+D")
    start = corner(desktop, "lower-ford", 500)
    click(desktop, start)
    view = map_of(desktop)
    QTest.mousePress(view, LEFT, pos=start)
    took_s = []
    for step in range(1, 11):
        begun_s = time.thread_time()
        QTest.mouseMove(view, start - QPoint(0, step))
        view.grab()
        took_s.append(time.thread_time() - begun_s)
    QTest.mouseRelease(view, LEFT, pos=start - QPoint(0, 10))
    assert sorted(took_s)[5] < 0.05, took_s
    settle(desktop)
