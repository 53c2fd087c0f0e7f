from __future__ import annotations

import gc
import threading
from collections.abc import Iterator

import pytest
from PyQt6.QtCore import QObject
from pytestqt.qtbot import QtBot

from gui import garbage
from gui.garbage import collect_in_main_thread


class Ring(QObject):
    """Refers to itself, so that only the collector frees it; `freed_in` says in which threads that happened."""

    freed_in: list[threading.Thread]

    def __init__(self, freed_in: list[threading.Thread]) -> None:
        super().__init__()
        self.freed_in = freed_in
        self.itself = self

    def __del__(self) -> None:
        self.freed_in.append(threading.current_thread())


@pytest.fixture
def owner(monkeypatch: pytest.MonkeyPatch) -> Iterator[QObject]:
    monkeypatch.setattr(garbage, "_INTERVAL_MS", 10)
    # as it is when a program starts
    gc.enable()
    owner = QObject()
    collect_in_main_thread(owner)
    yield owner
    owner.deleteLater()
    gc.enable()


@pytest.mark.usefixtures("owner")
def test_another_threads_allocations_free_nothing_of_qt(qtbot: QtBot) -> None:
    freed_in: list[threading.Thread] = []
    for _ in range(20):
        Ring(freed_in)
    busy = threading.Thread(target=lambda: [[] for _ in range(200_000)])
    busy.start()
    busy.join()
    assert freed_in == []
    keep: list[list[int]] = [[] for _ in range(2 * gc.get_threshold()[0])]
    qtbot.waitUntil(lambda: len(freed_in) == 20)
    assert set(freed_in) == {threading.main_thread()}
    assert keep
