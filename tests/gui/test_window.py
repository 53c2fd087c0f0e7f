from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PyQt6.QtCore import QMimeData, QPoint, QPointF, Qt, QTimer, QUrl
from PyQt6.QtGui import QAction, QDragEnterEvent, QDropEvent
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QDialogButtonBox, QFileDialog, QLabel, QLineEdit, QListWidget, QPushButton, QToolBar

from gui.actions import Action, DuplicateActionError, Menu, ensure_distinct
from gui.app import make_window
from gui.models.map_layers import Layer
from gui.models.text import duration_text
from gui.settings import Settings
from gui.views.notice_bar import NoticeBar
from gui.views.theme import DARK, ThemeChoice
from missions.plan_file import read_plan
from tests.gui.conftest import Desktop
from tests.gui.quick_planners import PLACE
from tests.missions.control.plans import layered_plan


def answer_file_dialog(desktop: Desktop, file: Path) -> None:
    """Type the name and press the button; again when the dialog, which reads folders in a thread, was not ready."""
    desktop.wait(lambda: desktop.window.findChild(QFileDialog, "file-dialog") is not None)
    dialog = desktop.find(QFileDialog, "file-dialog")
    assert not dialog.isModal()
    desktop.wait(dialog.isActiveWindow)
    answered: list[int] = []
    dialog.finished.connect(answered.append)
    name, box = dialog.findChild(QLineEdit), dialog.findChild(QDialogButtonBox)
    assert name is not None
    assert box is not None
    # its list of completions would take the click
    name.setCompleter(None)
    accept = next(button for button in box.buttons() if box.buttonRole(button) is QDialogButtonBox.ButtonRole.AcceptRole)

    def answer() -> bool:
        if not answered:
            name.setFocus()
            name.selectAll()
            QTest.keyClicks(name, str(file))
            QTest.mouseClick(accept, Qt.MouseButton.LeftButton)
        return bool(answered)

    desktop.wait(answer)


def take_plan(desktop: Desktop) -> None:
    """As when the planner has finished: a plan that is nowhere on disk, with a violation."""
    desktop.open("training")
    document = desktop.desk.documents.current
    assert document is not None
    desktop.desk.documents.take_plan(document, replace(layered_plan(), name="Training border", violations=(PLACE,)))
    desktop.wait(lambda: desktop.desk.documents.unsaved)


# --- opening ---------------------------------------------------------------------------------------------------------


def test_open_by_shortcut_and_typed_name_shows_the_plan(desktop: Desktop, plan_file: Path) -> None:
    desktop.keys("Ctrl+O")
    answer_file_dialog(desktop, plan_file)
    desktop.wait(lambda: desktop.desk.documents.current)
    assert desktop.find(QLabel, "figure-Makespan").text() == duration_text(layered_plan().result.makespan_s)
    assert "Sample <border> & more" in desktop.window.windowTitle()
    assert list(desktop.desk.fleet.drones) == ["ald-west-1", "ald-west-2", "bre-east-1"]


def test_a_scenario_opens_from_the_menu(desktop: Desktop) -> None:
    desktop.find(QAction, "file.scenario.training").trigger()
    desktop.wait(lambda: desktop.desk.documents.current)
    assert desktop.find(QLabel, "figure-Drones").text() == "6"


def test_a_dropped_file_is_opened(desktop: Desktop, plan_file: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(plan_file))])
    enter = QDragEnterEvent(QPoint(10, 10), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(desktop.window, enter)
    assert enter.isAccepted()
    event = QDropEvent(QPointF(10, 10), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(desktop.window, event)
    desktop.wait(lambda: desktop.desk.documents.current)


def test_bad_input_is_one_line_in_the_window_and_what_was_open_stays(desktop: Desktop, plan_file: Path, tmp_path: Path) -> None:
    desktop.open(plan_file)
    broken = tmp_path / "mission.toml"
    broken.write_text("schema = ")
    desktop.desk.documents.open(str(broken))
    desktop.wait(lambda: desktop.notice)
    assert str(broken) in desktop.notice
    assert "line 1" in desktop.notice
    assert desktop.desk.documents.current is not None
    desktop.click("choice-Close")
    assert desktop.notice == ""


# --- planning --------------------------------------------------------------------------------------------------------


def test_planning_shows_progress_and_ends_with_figures_and_routes(desktop: Desktop) -> None:
    desktop.open("training")
    desktop.desk.planning.planner = "tests.gui.quick_planners:quick"
    seen: list[str] = []
    desktop.desk.planning.changed.connect(lambda: seen.append(desktop.find(QLabel, "status-doing").text()))
    desktop.press_tool("plan.start")
    assert not desktop.find(QAction, "file.open").isEnabled()
    desktop.wait(lambda: desktop.desk.documents.current and desktop.desk.documents.current.plan)
    assert any("routes of ALD, makespan 0:20:00, bound 0:10:00" in text for text in seen)
    assert desktop.find(QLabel, "figure-Check").text() == "1 violation"
    assert desktop.desk.map.scene is not None
    assert len(desktop.desk.map.scene.routes) == 4
    assert desktop.window.windowTitle().startswith("Training border *")


def test_planning_can_be_cancelled_and_begun_again(desktop: Desktop) -> None:
    desktop.open("training")
    desktop.desk.planning.planner = "tests.gui.quick_planners:endless"
    desktop.keys("F5")
    desktop.wait(lambda: desktop.desk.planning.progress)
    desktop.press_tool("plan.cancel")
    assert not desktop.desk.planning.busy
    assert desktop.desk.documents.current is not None
    assert desktop.desk.documents.current.plan is None
    assert desktop.find(QAction, "plan.start").isEnabled()


def test_a_mission_that_cannot_be_planned_says_why(desktop: Desktop) -> None:
    desktop.open("training")
    desktop.desk.planning.planner = "tests.gui.quick_planners:refusing"
    desktop.keys("F5")
    desktop.wait(lambda: desktop.notice)
    assert desktop.notice == "No plan: no drone reaches the area"


def test_a_click_on_a_violation_goes_to_its_place(desktop: Desktop) -> None:
    take_plan(desktop)
    violations = desktop.find(QListWidget, "violations")
    item = violations.item(0)
    assert item is not None
    QTest.mouseClick(violations.viewport(), Qt.MouseButton.LeftButton, pos=violations.visualItemRect(item).center())
    view, scene = desktop.desk.map.viewport, desktop.desk.map.scene
    assert scene is not None
    middle = scene.frame.point_to_geographic(east_m=view.centre_east_m, north_m=view.centre_north_m)
    assert (middle.lat_deg, middle.lon_deg) == pytest.approx((PLACE.lat_deg, PLACE.lon_deg), abs=1e-6)
    assert view.metres_per_px <= 1.0
    assert desktop.desk.map.sortie == PLACE.subject


def test_violations_can_be_gone_through_by_keyboard(desktop: Desktop) -> None:
    desktop.open("training")
    document = desktop.desk.documents.current
    assert document is not None
    there = replace(PLACE, lat_deg=47.499, subject="ald-west-2.1.legs[2]")
    everywhere = replace(PLACE, lat_deg=None, lon_deg=None, subject="area")
    desktop.desk.documents.take_plan(document, replace(layered_plan(), violations=(PLACE, everywhere, there)))
    desktop.wait(lambda: desktop.desk.documents.unsaved)
    violations, shown = desktop.find(QListWidget, "violations"), desktop.desk.map
    for keys, row, sortie in (
        ("F8", 0, "ald-west-1.1"),
        ("F8", 2, "ald-west-2.1"),
        ("F8", 0, "ald-west-1.1"),
        ("Shift+F8", 2, "ald-west-2.1"),
    ):
        desktop.keys(keys)
        assert (shown.mark, violations.currentRow(), shown.sortie) == (row, row, sortie)
    middle = shown.viewport
    item = violations.item(1)
    assert item is not None
    QTest.mouseClick(violations.viewport(), Qt.MouseButton.LeftButton, pos=violations.visualItemRect(item).center())
    assert shown.viewport == middle
    assert "no place" in item.toolTip()


def test_a_saved_plan_can_be_read_and_is_no_longer_starred(desktop: Desktop, tmp_path: Path) -> None:
    take_plan(desktop)
    desktop.keys("Ctrl+S")
    answer_file_dialog(desktop, tmp_path / "mine.json")
    desktop.wait(lambda: not desktop.desk.documents.unsaved)
    assert read_plan(tmp_path / "mine.json").name == "Training border"
    assert "*" not in desktop.window.windowTitle()


# --- habits ----------------------------------------------------------------------------------------------------------


def test_every_tool_says_what_it_does(desktop: Desktop) -> None:
    tools = desktop.find(QToolBar, "tools")
    titles = [action.toolTip() for action in tools.actions() if not action.isSeparator() and action.text()]
    assert len(titles) > 5
    assert all(len(title) > 8 for title in titles)


def test_no_two_actions_share_a_shortcut() -> None:
    def action(name: str) -> Action:
        return Action(id=name, menu=Menu.FILE, title=name, run=lambda: None, shortcut="Ctrl+X")

    with pytest.raises(DuplicateActionError, match=r"Ctrl\+X"):
        ensure_distinct((action("a"), action("b")))


def test_theme_and_layers_are_remembered(desktop: Desktop, qapp: QApplication, settings: Settings) -> None:
    desktop.find(QAction, "view.theme.dark").trigger()
    desktop.find(QAction, "view.layer.lanes").trigger()
    assert qapp.palette().window().color().name() == DARK.window
    desktop.window.close()
    assert settings.theme is ThemeChoice.DARK
    window, desk = make_window(qapp, settings, state_folder=desktop.folder, flights_in=desktop.folder)
    desktop.qtbot.addWidget(window)
    assert Layer.LANES not in desk.map.layers
    desk.close()


def test_cursor_position_is_in_the_status_bar(desktop: Desktop, plan_file: Path) -> None:
    desktop.open(plan_file)
    from gui.views.map_view import MapView

    view = desktop.find(MapView, "map")
    x_px, y_px = desktop.desk.map.viewport.to_screen(east_m=0.0, north_m=0.0)
    QTest.mouseMove(view, QPoint(round(x_px), round(y_px)))
    assert desktop.find(QLabel, "status-cursor").text().startswith("47.50")


def test_closing_with_an_unsaved_plan_asks_first(desktop: Desktop) -> None:
    take_plan(desktop)
    assert not desktop.window.close()
    assert "not been saved" in desktop.notice
    desktop.click("choice-Stay")
    assert desktop.window.isVisible()
    assert not desktop.window.close()
    desktop.click("choice-Close without saving")
    desktop.wait(lambda: not desktop.window.isVisible())


def test_a_question_has_no_button_that_return_presses(desktop: Desktop) -> None:
    from gui.models.notices import Choice, Notice, NoticeLevel

    done: list[str] = []
    choices = (Choice(title="No", run=lambda: done.append("no")), Choice(title="Launch", run=lambda: done.append("yes")))
    desktop.desk.notices.post(Notice(topic="order", level=NoticeLevel.QUESTION, text="Launch?", choices=choices))
    QTest.keyClick(desktop.window, Qt.Key.Key_Return)
    QTest.keyClick(desktop.window, Qt.Key.Key_Space)
    assert done == []
    assert not any(button.isDefault() for button in desktop.window.findChildren(QPushButton))


def test_what_needs_no_answer_goes_by_itself_and_questions_stay(desktop: Desktop) -> None:
    bar = desktop.find(NoticeBar, "notice-bar")
    timer = bar.findChild(QTimer)
    assert timer is not None
    timer.setInterval(20)
    desktop.desk.notices.info("file", "Saved plan.json")
    assert desktop.notice == "Saved plan.json"
    desktop.wait(lambda: desktop.notice == "")
    desktop.desk.notices.error("file", "not there")
    desktop.qtbot.wait(60)
    assert desktop.notice == "not there"
