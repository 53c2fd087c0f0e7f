"""Drones are withdrawn in the window, and what mission control proposes is shown, decided on, and then drawn."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QAction, QContextMenuEvent
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QLabel, QMenu, QPushButton, QTableView, QTableWidget, QWidget

from gui.views.hold_button import HOLD_MS, HoldButton
from gui.views.proposal_panel import ARM_MS
from missions.control.messages import Accept, OfNation, Reject, TheseDrones, Withdraw
from planner.check import check_plan
from tests.gui.conftest import Desktop
from tests.gui.patrol_server import PatrolServer
from tests.gui.test_flying import cell, fly
from tests.missions.control.plans import layered_plan

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def patrol() -> Iterator[PatrolServer]:
    """Of a plan that asks for no coverage: the sample's violations would be the proposal's as well."""
    plan = replace(layered_plan(), min_coverage=0.0)
    with PatrolServer(replace(plan, violations=check_plan(plan))) as server:
        yield server


def hold(desktop: Desktop, name: str) -> None:
    button = desktop.find(HoldButton, name)
    QTest.mousePress(button, LEFT)
    desktop.qtbot.wait(HOLD_MS + 100)


def choose(desktop: Desktop, drone: str, action_id: str) -> str:
    """Right click on the drone's row and take this entry of the menu; what it says."""
    table = desktop.find(QTableView, "fleet-table")
    model, viewport = table.model(), table.viewport()
    assert model is not None
    assert viewport is not None
    row = next(row for row in range(model.rowCount()) if model.index(row, 0).data() == drone)
    place = table.visualRect(model.index(row, 0)).center()
    QApplication.sendEvent(viewport, QContextMenuEvent(QContextMenuEvent.Reason.Mouse, place, viewport.mapToGlobal(place)))
    menu = desktop.find(QMenu, "fleet-menu")
    action = next(action for action in menu.actions() if action.objectName() == action_id)
    text = action.text()
    desktop.wait(action.isEnabled)
    action.trigger()
    menu.close()
    desktop.wait(lambda: desktop.window.findChild(QMenu, "fleet-menu") is None)
    return text


def propose(desktop: Desktop, patrol: PatrolServer) -> None:
    """Withdraw a drone that flies, until the proposal is in the window."""
    fly(desktop, patrol)
    desktop.desk.selection.pick({"ald-west-1"})
    desktop.desk.orders.withdraw()
    hold(desktop, "choice-Hold to withdraw")
    desktop.wait(lambda: desktop.find(QWidget, "proposal").isVisible())


def test_withdrawing_from_the_fleet_table_takes_a_press_that_lasts(desktop: Desktop, patrol: PatrolServer) -> None:
    fly(desktop, patrol)
    taken = list(patrol.taken)
    choose(desktop, "ald-west-1", "fly.withdraw")
    assert desktop.desk.selection.drones == {"ald-west-1"}
    assert desktop.notice.startswith("Withdraw ald-west-1?")
    QTest.mouseClick(desktop.find(HoldButton, "choice-Hold to withdraw"), LEFT)
    desktop.qtbot.wait(50)
    assert patrol.taken == taken
    hold(desktop, "choice-Hold to withdraw")
    desktop.wait(lambda: Withdraw(scope=TheseDrones(drones=("ald-west-1",))) in patrol.taken)
    desktop.wait(lambda: cell(desktop, "ald-west-1", "State") == "returning, recalled")


def test_a_nation_is_withdrawn_from_the_menu_over_one_of_its_drones(desktop: Desktop, patrol: PatrolServer) -> None:
    fly(desktop, patrol)
    assert choose(desktop, "ald-west-2", "fleet.withdraw-nation") == "Withdraw all of ALD"
    assert desktop.notice.startswith("Withdraw ALD (2 drones)?")
    hold(desktop, "choice-Hold to withdraw")
    desktop.wait(lambda: Withdraw(scope=OfNation(nation="ALD")) in patrol.taken)


def test_everybody_is_not_withdrawn(desktop: Desktop, patrol: PatrolServer) -> None:
    fly(desktop, patrol)
    desktop.desk.selection.clear()
    desktop.wait(lambda: not desktop.find(QAction, "fly.withdraw").isEnabled())
    assert desktop.find(QAction, "fly.recall").isEnabled()


def test_an_accepted_proposal_is_drawn_and_the_fleet_stays_in_sight(desktop: Desktop, patrol: PatrolServer) -> None:
    propose(desktop, patrol)
    before = desktop.desk.map.scene
    assert before is not None
    desktop.desk.map.zoom(2.0)
    viewport, trails = desktop.desk.map.viewport, set(desktop.desk.tracks.trails)
    assert "of ald-west-1 to ald-west-2" in desktop.find(QLabel, "proposal-title").text()
    rows = desktop.find(QTableWidget, "proposal-rows")
    assert rows.rowCount() >= 2
    for row, sortie in ((0, "ald-west-1.1"), (1, "ald-west-1.1")):  # the second is not in the plan yet
        QTest.mouseClick(rows.viewport(), LEFT, pos=rows.visualRect(rows.model().index(row, 1)).center())  # type: ignore[union-attr]  # a table always has one
        assert desktop.desk.map.sortie == sortie
    desktop.click("proposal-accept")
    desktop.click("choice-Accept all the same")  # what the check finds in the sample patrol, it finds in the proposal
    desktop.wait(lambda: Accept(proposal=1) in patrol.taken)
    desktop.wait(lambda: desktop.desk.map.scene is not before)
    scene = desktop.desk.map.scene
    assert scene is not None
    assert {route.sortie for route in scene.routes} == {sortie.id for sortie in patrol.control.plan.sorties}
    assert {route.sortie for route in scene.routes} != {route.sortie for route in before.routes}
    assert not desktop.find(QWidget, "proposal").isVisible()
    assert desktop.desk.map.viewport.metres_per_px == viewport.metres_per_px
    assert trails <= set(desktop.desk.tracks.trails)
    assert desktop.desk.selection.drones == {"ald-west-1"}


def test_a_rejected_proposal_goes_and_nothing_changes(desktop: Desktop, patrol: PatrolServer) -> None:
    propose(desktop, patrol)
    scene = desktop.desk.map.scene
    desktop.click("proposal-reject")
    desktop.wait(lambda: Reject(proposal=1) in patrol.taken)
    desktop.wait(lambda: not desktop.find(QWidget, "proposal").isVisible())
    assert desktop.desk.map.scene is scene


def test_a_click_that_was_on_its_way_when_the_proposal_came_decides_nothing(desktop: Desktop, patrol: PatrolServer) -> None:
    propose(desktop, patrol)
    accept = desktop.find(QPushButton, "proposal-accept")
    assert not accept.isEnabled()
    QTest.mouseClick(accept, LEFT)
    desktop.qtbot.wait(ARM_MS // 4)
    assert Accept(proposal=1) not in patrol.taken
    desktop.wait(accept.isEnabled)


def test_a_proposal_that_the_check_objects_to_asks_first(desktop: Desktop, patrol: PatrolServer) -> None:
    propose(desktop, patrol)
    fleet = desktop.desk.fleet
    assert fleet.proposal is not None
    fleet.apply(
        [type(fleet.proposal)(at_s=1.0, proposal=1, added=fleet.proposal.added, violations=("close",), coverage=1.0, makespan_s=9.0)],
        now_s=0.0,
    )
    desktop.click("proposal-accept")
    assert "check found 1 violation" in desktop.notice
    assert Accept(proposal=1) not in patrol.taken
    desktop.click("choice-Accept all the same")
    desktop.wait(lambda: Accept(proposal=1) in patrol.taken)


def test_a_window_that_attaches_late_shows_the_proposal(desktop: Desktop, patrol: PatrolServer) -> None:
    propose(desktop, patrol)
    desktop.desk.flight.leave()
    desktop.attach(patrol)
    assert desktop.find(QWidget, "proposal").isVisible()
