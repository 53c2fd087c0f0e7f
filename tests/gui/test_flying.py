from __future__ import annotations

from pathlib import Path

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QAction
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QLabel, QListView, QTableView

from gui.app import make_window
from gui.flight import LinkState
from gui.models.fleet_columns import COLUMNS
from gui.models.map_model import Tool
from gui.views.hold_button import HOLD_MS, HoldButton
from missions.control.address import Address, write_address
from missions.control.messages import EVERYONE, DronePhase, Launch, OfNation, PatrolState, Pause, Recall, Start, TheseDrones
from tests.gui.conftest import Desktop
from tests.gui.patrol_server import PatrolServer

LEFT = Qt.MouseButton.LeftButton


def fly(desktop: Desktop, patrol: PatrolServer) -> None:
    """Until the first drone of each nation flies."""
    desktop.attach(patrol)
    desktop.press_tool("fly.start")
    desktop.click("choice-Fly the patrol")
    drones = desktop.desk.fleet.drones
    desktop.wait(lambda: all(drones[drone].phase is DronePhase.FLYING for drone in ("ald-west-1", "bre-east-1")))


def cell(desktop: Desktop, drone: str, title: str) -> str:
    table = desktop.find(QTableView, "fleet-table")
    model = table.model()
    assert model is not None
    rows = {model.index(row, 0).data(): row for row in range(model.rowCount())}
    column = next(index for index, column in enumerate(COLUMNS) if column.title == title)
    return str(model.index(rows[drone], column).data())


def status(desktop: Desktop, name: str) -> str:
    return desktop.find(QLabel, f"status-{name}").text()


def test_nobody_edits_the_map_under_drones_that_fly(desktop: Desktop, patrol: PatrolServer) -> None:
    desktop.desk.map.take_tool(Tool.EDIT)
    desktop.attach(patrol)
    desktop.desk.map.take_tool(Tool.EDIT)
    patrol.die()
    desktop.wait(lambda: desktop.desk.flight.link is LinkState.LOST)
    assert desktop.desk.map.tool is Tool.LOOK


# --- attaching -------------------------------------------------------------------------------------------------------


def test_attaching_shows_the_plan_and_the_fleet(desktop: Desktop, patrol: PatrolServer) -> None:
    desktop.attach(patrol)
    assert desktop.desk.map.scene is not None
    assert len(desktop.desk.map.scene.routes) == len(patrol.plan.sorties)
    assert status(desktop, "link") == "attached"
    desktop.wait(lambda: cell(desktop, "bre-east-1", "State") == "ready")
    assert set(desktop.desk.tracks.heads) == {"ald-west-1", "ald-west-2", "bre-east-1"}


def test_attaching_to_nobody_says_so(desktop: Desktop, tmp_path: Path) -> None:
    write_address(tmp_path, Address(port=1, token="none"))
    desktop.desk.flight.attach(tmp_path)
    desktop.wait(lambda: "no mission control on port 1" in desktop.notice)
    assert not desktop.desk.flight.attached


def test_a_wrong_token_is_refused_in_words(desktop: Desktop, patrol: PatrolServer, tmp_path: Path) -> None:
    write_address(tmp_path, Address(port=patrol.address.port, token="wrong"))
    desktop.desk.flight.attach(tmp_path)
    desktop.wait(lambda: "did not accept the token" in desktop.notice)


def test_a_folder_without_an_address_says_so(desktop: Desktop, tmp_path: Path) -> None:
    desktop.desk.flight.attach(tmp_path)
    assert "report folder of a patrol that is running" in desktop.notice


def test_detaching_ends_the_thread_and_leaves_mission_control_alone(desktop: Desktop, patrol: PatrolServer) -> None:
    fly(desktop, patrol)
    desktop.find(QAction, "fly.leave").trigger()
    assert desktop.desk.flight.link is LinkState.NONE
    now_s = patrol.fleet.now_s
    desktop.wait(lambda: patrol.fleet.now_s > now_s + 10)
    assert patrol.control.airborne


# --- orders ----------------------------------------------------------------------------------------------------------


def test_the_patrol_starts_only_after_the_question(desktop: Desktop, patrol: PatrolServer) -> None:
    desktop.attach(patrol)
    desktop.press_tool("fly.start")
    assert "Fly the whole patrol" in desktop.notice
    desktop.click("choice-No")
    assert desktop.notice == ""
    desktop.press_tool("fly.start")
    desktop.click("choice-Fly the patrol")
    desktop.wait(lambda: patrol.taken == [Start()])


def test_the_table_shows_what_the_drones_do(desktop: Desktop, patrol: PatrolServer) -> None:
    fly(desktop, patrol)
    desktop.wait(lambda: cell(desktop, "ald-west-1", "Lanes") == "1/3")
    assert cell(desktop, "ald-west-1", "State") == "flying"
    assert cell(desktop, "ald-west-1", "Upload") == "verified"
    assert cell(desktop, "ald-west-1", "Mode") == "AUTO"
    assert cell(desktop, "ald-west-1", "Height") == "60 m"
    assert cell(desktop, "ald-west-1", "Battery") == "100 %"
    desktop.wait(lambda: "flying" in status(desktop, "patrol"))


def test_drones_move_on_the_map_and_leave_trails(desktop: Desktop, patrol: PatrolServer) -> None:
    fly(desktop, patrol)
    start = desktop.desk.tracks.heads["ald-west-1"]
    desktop.wait(lambda: abs(desktop.desk.tracks.heads["ald-west-1"][0] - start[0]) > 500)
    assert len(desktop.desk.tracks.trails["ald-west-1"].corners) >= 2


def test_a_nations_button_aims_orders_at_it(desktop: Desktop, patrol: PatrolServer) -> None:
    fly(desktop, patrol)
    desktop.click("scope-ALD")
    assert desktop.find(QLabel, "scope-text").text() == "Orders go to ALD (2 drones)"
    desktop.press_tool("fly.pause")
    desktop.wait(lambda: Pause(scope=OfNation(nation="ALD")) in patrol.taken)
    desktop.wait(lambda: cell(desktop, "ald-west-1", "State") == "paused")
    assert cell(desktop, "bre-east-1", "State") == "flying"


def test_a_row_in_the_table_picks_one_drone(desktop: Desktop, patrol: PatrolServer) -> None:
    fly(desktop, patrol)
    table = desktop.find(QTableView, "fleet-table")
    model, viewport = table.model(), table.viewport()
    assert model is not None
    assert viewport is not None
    QTest.mouseClick(viewport, LEFT, pos=table.visualRect(model.index(0, 0)).center())
    assert desktop.desk.selection.drones == {"ald-west-1"}
    # beside the rows: nothing changes, so the next order does not reach everyone
    QTest.mouseClick(viewport, LEFT, pos=viewport.rect().bottomRight())
    assert desktop.desk.selection.drones == {"ald-west-1"}
    desktop.press_tool("fly.recall")
    assert desktop.notice == "Bring ald-west-1 home? They fly no further sortie."
    desktop.click("choice-Bring home")
    desktop.wait(lambda: Recall(scope=TheseDrones(drones=("ald-west-1",))) in patrol.taken)
    QTest.keyClick(table, Qt.Key.Key_Escape)
    assert desktop.desk.selection.scope == EVERYONE


def test_a_question_keeps_its_aim_whatever_is_picked_afterwards(desktop: Desktop, patrol: PatrolServer) -> None:
    fly(desktop, patrol)
    desktop.desk.selection.pick({"bre-east-1"})
    desktop.press_tool("fly.recall")
    desktop.desk.selection.clear()
    desktop.click("choice-Bring home")
    desktop.wait(lambda: Recall(scope=OfNation(nation="BRE")) in patrol.taken)


def test_everyone_home_needs_a_hold_and_no_question(desktop: Desktop, patrol: PatrolServer) -> None:
    fly(desktop, patrol)
    home = desktop.find(HoldButton, "everyone-home")
    QTest.mouseClick(home, LEFT)
    desktop.qtbot.wait(50)
    assert patrol.taken == [Start()]
    QTest.mousePress(home, LEFT)
    desktop.qtbot.wait(HOLD_MS // 2)
    assert patrol.taken == [Start()]
    desktop.wait(lambda: Recall() in patrol.taken)
    QTest.mouseRelease(home, LEFT)
    desktop.wait(lambda: desktop.desk.fleet.patrol_state is PatrolState.FINISHED)
    assert desktop.desk.fleet.airborne == ()


def test_everyone_home_by_keyboard_asks_first(desktop: Desktop, patrol: PatrolServer) -> None:
    fly(desktop, patrol)
    desktop.keys("Ctrl+Shift+H")
    assert desktop.notice.startswith("Bring everyone home?")
    desktop.click("choice-Everyone home")
    desktop.wait(lambda: Recall() in patrol.taken)


def test_everyone_home_is_in_sight_without_mission_control_too(desktop: Desktop) -> None:
    home = desktop.find(HoldButton, "everyone-home")
    assert not home.isEnabled()
    for width_px in (1280, 600):
        desktop.window.resize(width_px, 700)
        desktop.qtbot.wait(20)
        assert home.visibleRegion().boundingRect().width() == home.width()


def test_a_refusal_is_told(desktop: Desktop, patrol: PatrolServer) -> None:
    desktop.attach(patrol)
    desktop.desk.flight.ask(Launch())
    desktop.wait(lambda: "has no verified mission to fly" in desktop.notice)
    assert desktop.find(QListView, "alert-list").model().rowCount() == 1  # type: ignore[union-attr]  # a list always has one


# --- trouble ---------------------------------------------------------------------------------------------------------


def test_silence_looks_stale_and_then_lost(desktop: Desktop, patrol: PatrolServer) -> None:
    fly(desktop, patrol)
    patrol.freeze()
    desktop.qtbot.wait(100)
    desktop.clock.ahead_s = 4.0
    assert cell(desktop, "ald-west-1", "Link").startswith("stale")
    desktop.clock.ahead_s = 30.0
    assert cell(desktop, "ald-west-1", "Link").startswith("LOST")


def test_a_mission_control_that_dies_is_told_and_nothing_is_hidden(desktop: Desktop, patrol: PatrolServer) -> None:
    fly(desktop, patrol)
    patrol.die()
    desktop.wait(lambda: status(desktop, "link") == "CONNECTION LOST")
    assert "connection to mission control is lost" in desktop.notice
    assert len(desktop.desk.fleet.airborne) == 2
    assert not desktop.find(HoldButton, "everyone-home").isEnabled()


# --- leaving ---------------------------------------------------------------------------------------------------------


def test_closing_in_flight_asks_and_can_leave_them_flying(
    desktop: Desktop, patrol: PatrolServer, qapp: QApplication, tmp_path: Path
) -> None:
    fly(desktop, patrol)
    assert not desktop.window.close()
    assert "2 drones in flight" in desktop.notice
    desktop.click("choice-Stay")
    assert desktop.window.isVisible()
    assert not desktop.window.close()
    desktop.click("choice-Leave them flying and close")
    desktop.wait(lambda: not desktop.window.isVisible())
    assert patrol.taken == [Start()]
    assert len(patrol.control.airborne) == 2
    window, desk = make_window(qapp, desktop.settings, state_folder=tmp_path / "again", flights_in=tmp_path)
    desktop.qtbot.addWidget(window)
    desk.flight.attach(tmp_path)
    desktop.wait(lambda: len(desk.fleet.airborne) >= 2)
    desk.close()


def test_closing_can_bring_everyone_home_first(desktop: Desktop, patrol: PatrolServer) -> None:
    fly(desktop, patrol)
    assert not desktop.window.close()
    desktop.click("choice-Everyone home, then close")
    desktop.wait(lambda: Recall() in patrol.taken)
    assert desktop.window.isVisible()
    desktop.wait(lambda: not desktop.window.isVisible())
    assert patrol.control.airborne == ()


@pytest.mark.parametrize("action_id", ["file.open", "plan.start", "fly.simulate", "fly.attach"])
def test_nothing_takes_flying_drones_out_of_sight(desktop: Desktop, patrol: PatrolServer, action_id: str) -> None:
    desktop.attach(patrol)
    desktop.wait(lambda: not desktop.find(QAction, action_id).isEnabled())
