from __future__ import annotations

from PyQt6.QtCore import QObject
from pytestqt.qtbot import QtBot

from gui.views.throttle import Throttle


def test_first_at_once_and_last_not_lost(qtbot: QtBot) -> None:
    owner, called = QObject(), []
    throttle = Throttle(lambda: called.append(len(called)), 30, owner)
    throttle()
    assert called == [0]
    for _ in range(100):
        throttle()
    assert called == [0]
    qtbot.waitUntil(lambda: called == [0, 1])
    qtbot.wait(80)
    assert called == [0, 1]
