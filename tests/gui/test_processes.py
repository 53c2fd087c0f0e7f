"""The desktop with the real mission control and embedded vehicles in processes of their own."""

from __future__ import annotations

from pathlib import Path

import pytest
from PyQt6.QtGui import QAction
from PyQt6.QtWidgets import QApplication

from gui.app import make_window
from gui.control_process import ControlProcess, FleetOptions
from gui.flight import LinkState
from missions.control.messages import DronePhase
from tests.gui.conftest import Desktop

START_MS = 40_000


@pytest.fixture
def told(qapp: QApplication) -> list[str]:
    del qapp
    return []


def test_a_mission_control_that_does_not_start_says_why(desktop: Desktop, told: list[str], tmp_path: Path) -> None:
    process = ControlProcess(tmp_path / "state", flights_in=tmp_path, ready=lambda _: told.append("ready"), failed=told.append)
    process.start(tmp_path / "nowhere.json", FleetOptions())
    desktop.wait(lambda: told, START_MS)
    assert "nowhere.json" in told[0]
    assert not process.running


def test_what_is_no_address_is_refused(desktop: Desktop, told: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    talker = tmp_path / "talker"
    talker.write_text("#!/bin/sh\necho hello\n")
    talker.chmod(0o755)
    monkeypatch.setattr("sys.executable", str(talker))
    process = ControlProcess(tmp_path / "state", flights_in=tmp_path, ready=lambda _: told.append("ready"), failed=told.append)
    process.start(tmp_path / "plan.json", FleetOptions())
    desktop.wait(lambda: told)
    assert told == ["it said hello"]
    desktop.wait(lambda: not process.running)


def test_fly_simulated_lose_the_window_attach_again_and_bring_everyone_home(
    desktop: Desktop, plan_file: Path, qapp: QApplication, tmp_path: Path
) -> None:
    desktop.open(plan_file)
    desktop.find(QAction, "fly.speed.20").trigger()
    desktop.press_tool("fly.simulate")
    desktop.wait(lambda: desktop.desk.flight.attached, START_MS)
    desktop.wait(lambda: all(drone.phase is DronePhase.READY for drone in desktop.desk.fleet.drones.values()), START_MS)
    desktop.press_tool("fly.start")
    desktop.click("choice-Fly the patrol")
    desktop.wait(lambda: desktop.desk.fleet.drones["ald-west-1"].phase is DronePhase.FLYING, START_MS)
    # as after a crash: nothing is said to anybody
    desktop.desk.close()
    folder = desktop.settings.running_patrol
    assert Path(folder).parent == tmp_path / "flights"
    window, desk = make_window(qapp, desktop.settings, state_folder=tmp_path / "again", flights_in=tmp_path)
    desktop.qtbot.addWidget(window)
    window.show()
    desk.flight.offer(folder)
    assert desk.notices.front is not None
    desk.notices.choose(desk.notices.front, desk.notices.front.choices[1])
    desktop.wait(lambda: desk.fleet.airborne)
    desk.orders.everyone_home()
    desktop.wait(lambda: desk.fleet.ended, START_MS)
    desktop.wait(lambda: desk.flight.link is LinkState.NONE)
    assert desk.fleet.airborne == ()
    assert desk.fleet.ended is not None
    assert (Path(desk.fleet.ended.report_folder) / "report.html").is_file()
    assert desktop.settings.running_patrol == ""
    window.close()
    desktop.wait(lambda: not desktop.desk.flight.control_running, START_MS)


def test_a_window_that_closes_before_anything_flew_ends_its_mission_control(desktop: Desktop, plan_file: Path) -> None:
    desktop.open(plan_file)
    desktop.press_tool("fly.simulate")
    desktop.wait(lambda: desktop.desk.flight.attached, START_MS)
    assert desktop.desk.flight.control_running
    assert desktop.window.close()
    desktop.wait(lambda: not desktop.desk.flight.control_running, START_MS)
