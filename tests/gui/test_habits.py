from __future__ import annotations

from pathlib import Path

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QAction
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QAbstractButton, QAbstractItemView, QAbstractSlider, QComboBox, QLabel, QLineEdit, QWidget

from benchmarks.gui_operator import cut_or_covered
from gui.models.alerts import AlertLog, AlertRow
from gui.views.alarm import Alarm
from gui.views.alert_list import AlertList
from mavlink_bridge.events import AlertLevel
from tests.gui.conftest import Desktop
from tests.gui.patrol_server import PatrolServer
from tests.gui.test_flying import fly


def alert(level: AlertLevel, text: str) -> AlertRow:
    return AlertRow(at_s=1.0, level=level, text=text)


def test_critical_alerts_sound_until_acknowledged_and_information_never(qapp: object) -> None:
    del qapp
    log, sounds = AlertLog(), []
    alarm = Alarm(log, beep=lambda: sounds.append("beep"))
    log.add([alert(AlertLevel.INFO, "hello")])
    assert not sounds
    log.add([alert(AlertLevel.WARNING, "careful")])
    log.add([alert(AlertLevel.CRITICAL, "now")])
    assert len(sounds) == 2
    alarm._timer.timeout.emit()
    assert len(sounds) == 3
    log.mark_seen()
    assert not alarm._timer.isActive()
    alarm.on = False
    log.add([alert(AlertLevel.CRITICAL, "again")])
    assert len(sounds) == 3


def test_a_click_acknowledges_one_alert_and_the_others_stay_new(desktop: Desktop) -> None:
    log = desktop.desk.fleet.alerts
    log.add([alert(AlertLevel.WARNING, "first"), alert(AlertLevel.CRITICAL, "second")])
    alerts = desktop.find(AlertList, "alert-list")
    viewport, model = alerts.viewport(), alerts.model()
    assert viewport is not None
    assert model is not None
    QTest.mouseClick(viewport, Qt.MouseButton.LeftButton, pos=alerts.visualRect(model.index(1, 0)).center())
    assert [(row.text, row.seen) for row in log.rows] == [("second", False), ("first", True)]


def test_letters_grow_and_the_size_is_remembered(desktop: Desktop) -> None:
    before = desktop.window.fontMetrics().height()
    desktop.find(QAction, "view.font.150").trigger()
    assert desktop.find(QLabel, "status-doing").fontMetrics().height() > 1.3 * before
    assert desktop.settings.font_percent == 150
    desktop.find(QAction, "view.font.100").trigger()
    assert desktop.window.fontMetrics().height() == before


def test_the_drone_panel_tells_all_of_the_picked_drone(desktop: Desktop, patrol: PatrolServer) -> None:
    fly(desktop, patrol)
    desktop.desk.selection.pick({"ald-west-1"})
    desktop.find(QAction, "view.dock.drone").trigger()
    assert "ald-west-1" in desktop.find(QLabel, "drone-title").text()
    desktop.wait(lambda: "flying" in desktop.find(QLabel, "drone-State").text())
    assert "°" in desktop.find(QLabel, "drone-Position").text()
    desktop.desk.selection.clear()
    assert "Pick a drone" in desktop.find(QLabel, "drone-title").text()


def test_every_action_has_a_shortcut_and_every_control_a_name_for_screen_readers(desktop: Desktop, plan_file: Path) -> None:
    desktop.open(plan_file)
    without_keys = [
        action.objectName()
        for action in desktop.window.findChildren(QAction)
        if action.objectName().partition(".")[0] in {"file", "edit", "fly", "view", "replay", "select", "help"}
        and action.shortcut().isEmpty()
    ]
    # lists of files, scenarios, efforts and speeds are reached through the palette
    lists = ("file.recent", "file.scenario", "file.export", "plan.effort", "fly.speed", "replay.speed")
    assert [name for name in without_keys if not name.startswith(lists)] == []
    kinds: tuple[type[QWidget], ...] = (QAbstractButton, QAbstractItemView, QAbstractSlider, QComboBox, QLineEdit)
    nameless = [
        f"{type(widget).__name__} {widget.objectName()}"
        for kind in kinds
        for widget in desktop.window.findChildren(kind)
        if not widget.objectName().startswith("qt_") and not _spoken(widget)
    ]
    assert nameless == []


def _spoken(widget: QWidget) -> bool:
    own = type(widget).__module__.startswith("gui.") or widget.objectName()
    text = widget.text() if isinstance(widget, QAbstractButton) else ""
    return not own or bool(widget.accessibleName() or text)


@pytest.mark.parametrize("percent", [90, 150])
def test_nothing_is_cut_off_at_any_letter_size(desktop: Desktop, plan_file: Path, percent: int) -> None:
    desktop.open(plan_file)
    desktop.window.resize(1920, 1080)
    desktop.find(QAction, f"view.font.{percent}").trigger()
    try:
        desktop.wait(lambda: not cut_or_covered(desktop.window), timeout_ms=3_000)
    finally:
        desktop.find(QAction, "view.font.100").trigger()
