"""The operator's day, played once with mouse and keyboard on a small mission; its pictures are kept where CI looks for artefacts."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from benchmarks.gui_operator import Operator
from benchmarks.gui_story import FAULTS, play
from tests.gui.conftest import Desktop
from tests.gui.small_mission import write_small_mission

SPEEDUP = 60
#: The drone that starts last, and the vehicle time at which its link is cut: after its upload, even where pressing the buttons takes 10 s.
LOST, CUT_S = "bre-east-1", 600.0


@pytest.mark.slow
def test_from_the_mission_to_the_report_with_mouse_and_keyboard(desktop: Desktop, tmp_path: Path) -> None:
    pictures = Path(os.environ.get("STORY_PICTURES", tmp_path / "pictures"))
    pictures.mkdir(parents=True, exist_ok=True)
    faults = tmp_path / "faults.toml"
    faults.write_text(FAULTS.format(drone=LOST, from_s=CUT_S))
    operator = Operator(desktop.window, desktop.desk, pictures)
    play(operator, write_small_mission(tmp_path / "mission"), faults, tmp_path / "report", speedup=SPEEDUP)
    assert operator.defects == []
    assert len(list(pictures.glob("*.png"))) == operator.taken > 12
