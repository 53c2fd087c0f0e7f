from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from PyQt6.QtCore import QPoint, QPointF, Qt
from PyQt6.QtGui import QAction, QColor, QWheelEvent
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QWidget

from gui.models.time_axis import TimeAxis
from gui.models.timeline import BarState, Timeline, bar_state, timeline_of
from gui.views.map_view import MapView
from gui.views.timeline_view import TimelineView
from missions.control.messages import DronePhase, DroneProgress, PatrolState, PatrolStateChanged
from planner.model import LegKind
from tests.gui.conftest import Desktop
from tests.gui.patrol_server import PatrolServer
from tests.gui.test_flying import fly
from tests.missions.control.plans import layered_plan

LEFT = Qt.MouseButton.LeftButton


def timeline() -> Timeline:
    return timeline_of(layered_plan())


# --- what it shows ---------------------------------------------------------------------------------------------------


def test_every_drone_has_a_row_and_every_sortie_a_bar_with_its_lanes() -> None:
    plan = layered_plan()
    assert [row.drone for row in timeline().rows] == [drone.id for drone in plan.drones]
    bars = {bar.sortie: bar for row in timeline().rows for bar in row.bars}
    assert bars.keys() == {sortie.id for sortie in plan.sorties}
    for sortie in plan.sorties:
        lanes = [leg for leg in sortie.legs if leg.kind is LegKind.SWEEP]
        assert (bars[sortie.id].start_s, bars[sortie.id].end_s) == (sortie.start_s, sortie.end_s)
        assert len(bars[sortie.id].sweeps) == len(lanes)
        assert f"{len(lanes)} lanes" in bars[sortie.id].tip


def test_the_battery_is_swapped_between_sorties_and_never_during_one() -> None:
    plan = layered_plan()
    row = next(row for row in timeline().rows if len(row.bars) == 2)
    ((start_s, end_s),) = row.swaps
    assert start_s == row.bars[0].end_s
    assert start_s < end_s <= row.bars[1].start_s
    assert end_s - start_s <= plan.drone_type(plan.drone(row.drone).type).battery_swap_s
    assert all(other.swaps == () for other in timeline().rows if other.drone != row.drone)


def test_bars_tell_what_is_flown_and_what_is_under_way() -> None:
    row = next(row for row in timeline().rows if len(row.bars) == 2)
    second = DroneProgress(at_s=1.0, drone=row.drone, phase=DronePhase.FLYING, sortie=row.bars[1].sortie, sorties_done=1, leg=LegKind.SWEEP)
    waiting = DroneProgress(at_s=1.0, drone=row.drone, phase=DronePhase.READY, sortie=row.bars[0].sortie)
    assert [bar_state(row, index, second) for index in (0, 1)] == [BarState.FLOWN, BarState.UNDER_WAY]
    assert [bar_state(row, index, waiting) for index in (0, 1)] == [BarState.AHEAD, BarState.AHEAD]
    assert bar_state(row, 0, None) is BarState.AHEAD


def test_arrows_go_to_neighbours_and_stop_at_the_ends() -> None:
    shown = timeline()
    assert shown.beside(None) == "ald-west-1.1"
    assert shown.beside("ald-west-1.1", rows=1) == "ald-west-2.1"
    assert shown.beside("ald-west-1.1", rows=-1) == "ald-west-1.1"
    assert shown.beside("bre-east-1.1", bars=1) == "bre-east-1.2"
    assert shown.beside("bre-east-1.2", bars=1) == "bre-east-1.2"
    assert Timeline().beside(None) is None


# --- the axis --------------------------------------------------------------------------------------------------------


def test_zooming_keeps_the_time_under_the_mouse_and_never_shows_more_than_all() -> None:
    widest = TimeAxis().fitted(3600.0, width_px=800.0)
    near = widest.zoomed(4.0, x_px=300.0, widest=widest)
    assert near.at_s(300.0) == pytest.approx(widest.at_s(300.0))
    assert near.zoomed(0.01, x_px=10.0, widest=widest) == widest
    assert near.panned(1e6, widest=widest).start_s == widest.start_s
    assert near.panned(-1e6, widest=widest).at_s(800.0) == pytest.approx(widest.at_s(800.0))


@pytest.mark.parametrize("end_s", [10.0, 900.0, 5400.0, 90_000.0])
def test_marks_are_round_and_far_enough_apart(end_s: float) -> None:
    axis = TimeAxis().fitted(end_s, width_px=800.0)
    ticks = axis.ticks_s(apart_px=70.0)
    assert ticks[0] == 0
    assert 2 <= len(ticks) <= 12
    assert all(axis.x_px(after) - axis.x_px(before) >= 70.0 for before, after in pairwise(ticks))


# --- the view --------------------------------------------------------------------------------------------------------


def shown_timeline(desktop: Desktop, plan_file: Path) -> TimelineView:
    desktop.open(plan_file)
    desktop.find(QAction, "view.dock.timeline").trigger()
    view = desktop.find(TimelineView, "timeline")
    desktop.wait(view.isVisible)
    return view


def drawing_area(view: TimelineView) -> QWidget:
    viewport = view.viewport()
    assert viewport is not None
    return viewport


def click(view: TimelineView, sortie: str) -> None:
    QTest.mouseClick(drawing_area(view), LEFT, pos=view.bar_box(sortie).center().toPoint())


def test_a_click_on_a_sortie_shows_its_lanes_on_the_map(desktop: Desktop, plan_file: Path) -> None:
    view = shown_timeline(desktop, plan_file)
    before = desktop.find(MapView, "map").grab().toImage()
    click(view, "ald-west-2.1")
    assert desktop.desk.map.sortie == "ald-west-2.1"
    desktop.qtbot.wait(30)
    assert desktop.find(MapView, "map").grab().toImage() != before
    QTest.mouseClick(drawing_area(view), LEFT, pos=QPoint(drawing_area(view).width() - 4, drawing_area(view).height() - 4))
    assert desktop.desk.map.sortie is None
    desktop.qtbot.wait(30)
    assert desktop.find(MapView, "map").grab().toImage() == before


def test_sorties_can_be_gone_through_by_keyboard(desktop: Desktop, plan_file: Path) -> None:
    view = shown_timeline(desktop, plan_file)
    for key, sortie in (
        (Qt.Key.Key_Down, "ald-west-1.1"),
        (Qt.Key.Key_Down, "ald-west-2.1"),
        (Qt.Key.Key_Down, "bre-east-1.1"),
        (Qt.Key.Key_Right, "bre-east-1.2"),
        (Qt.Key.Key_Escape, None),
    ):
        QTest.keyClick(view, key)
        assert desktop.desk.map.sortie == sortie


def test_the_wheel_zooms_with_ctrl_and_a_double_click_shows_all_again(desktop: Desktop, plan_file: Path) -> None:
    view = shown_timeline(desktop, plan_file)
    area, whole = drawing_area(view), view.axis
    place = QPointF(area.width() / 2, area.height() - 3)
    wheel = QWheelEvent(
        place,
        QPointF(area.mapToGlobal(place)),
        QPoint(),
        QPoint(0, 480),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.ControlModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(area, wheel)
    assert view.axis.s_per_px < whole.s_per_px / 2
    QTest.mouseDClick(area, LEFT, pos=place.toPoint())
    assert view.axis == whole


def test_a_bar_says_what_it_is(desktop: Desktop, plan_file: Path) -> None:
    view = shown_timeline(desktop, plan_file)
    assert view.tip_at(view.bar_box("bre-east-1.2").center().toPoint()).startswith("bre-east-1.2: 0:17:34 to ")
    assert view.tip_at(QPoint(1, 1)) == ""


def test_another_document_forgets_the_picked_sortie(desktop: Desktop, plan_file: Path) -> None:
    view = shown_timeline(desktop, plan_file)
    click(view, "ald-west-2.1")
    desktop.open("training")
    desktop.wait(lambda: desktop.desk.map.sortie is None)
    assert view.timeline.rows == ()


def test_the_present_time_is_marked_while_flying(desktop: Desktop, patrol: PatrolServer) -> None:
    fly(desktop, patrol)
    patrol.freeze()
    desktop.find(QAction, "view.dock.timeline").trigger()
    view = desktop.find(TimelineView, "timeline")
    fleet = desktop.desk.fleet
    desktop.qtbot.wait(300)
    assert fleet.patrol_now_s is not None
    picture = drawing_area(view).grab().toImage()
    red = QColor("#b3141f")
    row = picture.height() - 2
    columns = [x for x in range(picture.width()) if picture.pixelColor(x, row) == red]
    assert columns
    expected = view.bar_box("ald-west-1.1").left() + fleet.patrol_now_s / view.axis.s_per_px - layered_plan().sorties[0].start_s
    assert abs(columns[0] / picture.devicePixelRatio() - expected) < 3
    fleet.apply([PatrolStateChanged(at_s=9e9, state=PatrolState.FINISHED, patrol_s=9e9)], now_s=0.0)
    desktop.qtbot.wait(300)
    after = drawing_area(view).grab().toImage()
    assert all(after.pixelColor(x, row) != red for x in range(after.width()))
