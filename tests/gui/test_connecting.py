from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QAction
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QLabel, QLineEdit, QTableWidget

from missions.links_file import Airframe, Links, links_text, load_links
from missions.plan_file import write_plan
from sitl.config import configs_from_plan
from sitl.server import serve
from tests.gui.conftest import Desktop
from tests.missions.tiny_mission import whole_tiny_plan

PLAN = whole_tiny_plan()
FLYING = list(dict.fromkeys(sortie.drone for sortie in PLAN.sorties))
SPEEDUP = 8.0


@pytest.fixture
def served() -> Iterator[dict[str, str]]:
    """The plan's drones behind TCP ports, as real ones would be behind their links."""
    loop, urls, ready = asyncio.new_event_loop(), dict[str, str](), threading.Event()

    def announce(drone: str, url: str) -> None:
        urls[drone] = url
        if urls.keys() >= set(FLYING):
            ready.set()

    task = loop.create_task(serve(configs_from_plan(PLAN, drones=set(FLYING)), first_port=0, speedup=SPEEDUP, announce=announce))

    def run() -> None:
        with contextlib.suppress(asyncio.CancelledError):
            loop.run_until_complete(task)
        loop.close()

    thread = threading.Thread(target=run, name="vehicles")
    thread.start()
    assert ready.wait(20)
    yield urls
    loop.call_soon_threadsafe(task.cancel)
    thread.join()


@pytest.fixture
def plan(desktop: Desktop, tmp_path: Path) -> Path:
    path = tmp_path / "tiny.json"
    write_plan(PLAN, path)
    desktop.open(path)
    desktop.find(QAction, "view.dock.connect").trigger()
    return path


def cells(desktop: Desktop) -> list[list[str]]:
    table = desktop.find(QTableWidget, "links-table")
    items = [[table.item(row, column) for column in range(table.columnCount())] for row in range(table.rowCount())]
    return [[item.text() for item in row if item is not None] for row in items]


def test_who_answers_is_told_before_anything_is_connected(desktop: Desktop, plan: Path, served: dict[str, str]) -> None:
    del plan
    real, connect = desktop.desk.real_vehicles, desktop.find(QAction, "fly.connect")
    for drone, link in served.items():
        real.set_link(drone, link)
    assert not connect.isEnabled()
    desktop.click("connect-fly.look")
    assert "Listening" in desktop.find(QLabel, "links-said").text()
    desktop.wait(lambda: real.found)
    rows = cells(desktop)
    assert [row[0] for row in rows] == FLYING
    assert all(row[3].startswith("ArduPilot") and row[4] != "–" and row[5] == "as planned" for row in rows), rows
    assert connect.isEnabled()
    desktop.click("connect-fly.connect")
    assert f"Connect to {len(FLYING)} real drone" in desktop.notice
    # another link: nobody has answered there yet
    real.set_link(FLYING[0], "udp:127.0.0.1:9")
    assert not connect.isEnabled()


def test_one_link_is_set_for_all_and_a_bad_one_is_told_as_the_command_line_tells_it(desktop: Desktop, plan: Path) -> None:
    del plan
    line = desktop.find(QLineEdit, "link-for-all")
    line.selectAll()
    QTest.keyClicks(line, "carrier pigeon")
    QTest.keyClick(line, Qt.Key.Key_Return)
    assert {row[1] for row in cells(desktop)} == {"carrier pigeon"}
    desktop.click("connect-fly.look")
    assert "is no link address" in desktop.notice


def test_what_a_links_file_says_is_written_back_as_it_was(tmp_path: Path) -> None:
    airframes = {drone: Airframe(board="3a00", parameters={"FRAME_CLASS": 1.0}) for drone in FLYING}
    links = Links(links=dict.fromkeys(FLYING, "udpin:0.0.0.0:14550"), airframes=airframes, signed=frozenset(FLYING[:1]))
    (tmp_path / "links.toml").write_text(links_text(links))
    assert load_links(tmp_path / "links.toml", PLAN) == links
