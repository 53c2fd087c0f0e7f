from __future__ import annotations

import sys

import pytest

from missions.cli.program import main


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems always have a display")
def test_without_a_display_gui_is_one_line_and_bad_input(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    assert main(["gui"]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_a_document_and_a_patrol_at_once_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["gui", "training", "--attach", "flights/x"]) == 2
    assert "--attach" in capsys.readouterr().err
