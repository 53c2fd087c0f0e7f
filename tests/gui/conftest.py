from __future__ import annotations

import gc
import os
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PyQt6.QtCore import QEvent, QObject, QSettings, Qt
from PyQt6.QtGui import QAction, QKeySequence
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QAbstractButton, QApplication, QLabel, QToolBar, QWidget
from pytestqt.qtbot import QtBot

from gui.app import make_window
from gui.desk import Desk
from gui.settings import Settings
from gui.views.main_window import MainWindow
from gui.views.theme import ThemeChoice
from missions.control.address import write_address
from missions.plan_file import write_plan
from tests.gui.patrol_server import PatrolServer
from tests.missions.control.plans import layered_plan

W = TypeVar("W", bound=QObject)

# What Qt's offscreen platform cannot do and says so (size hints, raising a popup); real platforms can.
_OFFSCREEN_GAP = "This plugin does not support"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "gui" in item.path.parts:
            item.add_marker(pytest.mark.qt_log_ignore(_OFFSCREEN_GAP, extend=True))


@dataclass
class Clock:
    """The real one, which a test may put forward."""

    ahead_s: float = 0.0

    def now_s(self) -> float:
        return time.monotonic() + self.ahead_s


@dataclass(frozen=True)
class Desktop:
    """A window on the screen and what it works on."""

    window: MainWindow
    desk: Desk
    settings: Settings
    folder: Path
    qtbot: QtBot
    clock: Clock

    def wait(self, condition: Callable[[], object], timeout_ms: int = 30_000) -> None:
        self.qtbot.waitUntil(lambda: bool(condition()), timeout=timeout_ms)

    def find(self, kind: type[W], name: str) -> W:
        found = self.window.findChild(kind, name)
        assert found is not None, f"no {kind.__name__} {name}"
        return found

    def click(self, name: str) -> None:
        """Press the button of this object name with the mouse."""
        button = self.find(QAbstractButton, name)
        assert button.isVisible()
        self.wait(button.isEnabled)
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)

    def press_tool(self, action_id: str) -> None:
        """Press an action's button in the tool bar with the mouse."""
        tools = self.find(QToolBar, "tools")
        button = tools.widgetForAction(self.find(QAction, action_id))
        assert button is not None
        self.wait(button.isEnabled)
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)

    def keys(self, sequence: str) -> None:
        """Type a shortcut into the window."""
        QTest.keySequence(self.window, QKeySequence(sequence))

    @property
    def notice(self) -> str:
        """What the bar in the window says; empty when it is not there."""
        bar = self.find(QWidget, "notice-bar")
        return self.find(QLabel, "notice-text").text() if bar.isVisible() else ""

    def attach(self, patrol: PatrolServer) -> None:
        write_address(self.folder, patrol.address)
        self.desk.flight.attach(self.folder)
        self.wait(lambda: self.desk.flight.attached and all(drone.state for drone in self.desk.fleet.drones.values()))

    def open(self, source: Path | str) -> None:
        self.desk.documents.open(str(source))
        self.wait(lambda: self.desk.documents.current is not None and not self.desk.documents.opening and self.desk.map.grounds)


@pytest.fixture(autouse=True, scope="module")
def what_is_there_already_is_not_looked_at_again() -> Iterator[None]:
    """Collecting takes milliseconds then. Not for each test: what held the last one's window, frozen, would hold it for ever."""
    gc.unfreeze()
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.fixture(autouse=True)
def garbage_is_collected_in_the_main_thread(qapp: QApplication) -> Iterator[None]:
    """Python collects cycles in whichever thread allocates next; a window freed by a server's thread crashes Qt."""
    gc.disable()
    yield
    qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    gc.collect()
    gc.enable()


@pytest.fixture(autouse=True)
def no_thread_outlives_its_test() -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    left = [thread.name for thread in threading.enumerate() if thread not in before and not thread.daemon]
    assert not left, f"threads still run: {left}"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Not the user's."""
    settings = Settings(QSettings(str(tmp_path / "settings.ini"), QSettings.Format.IniFormat))
    settings.theme = ThemeChoice.LIGHT
    return settings


@pytest.fixture
def desktop(qapp: QApplication, qtbot: QtBot, settings: Settings, tmp_path: Path) -> Iterator[Desktop]:
    clock = Clock()
    window, desk = make_window(qapp, settings, state_folder=tmp_path / "state", flights_in=tmp_path, now_s=clock.now_s)
    qtbot.addWidget(window)
    window.resize(1280, 800)
    window.show()
    qtbot.waitExposed(window)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    yield Desktop(window=window, desk=desk, settings=settings, folder=tmp_path, qtbot=qtbot, clock=clock)
    desk.close()


@pytest.fixture
def plan_file(tmp_path: Path) -> Path:
    path = tmp_path / "plan.json"
    write_plan(layered_plan(), path)
    return path


@pytest.fixture
def patrol() -> Iterator[PatrolServer]:
    """A mission control that runs, with a fleet that behaves."""
    with PatrolServer(layered_plan()) as server:
        yield server
