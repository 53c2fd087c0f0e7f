"""The operator's day, played once with mouse and keyboard on a small mission; its pictures are kept where CI looks for artefacts."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from benchmarks.gui_story import FAULTS, Operator, play
from tests.gui.conftest import Desktop
from tests.gui.small_mission import write_small_mission

#: Vehicle time: in the middle of the sortie, however long it took to press the buttons.
CUT_S = 300.0
SPEEDUP = 20


@pytest.mark.slow
@pytest.mark.skipif("STORY_PICTURES" not in os.environ, reason="takes a minute: set STORY_PICTURES to a folder")
def test_from_the_mission_to_the_report_with_mouse_and_keyboard(desktop: Desktop, tmp_path: Path) -> None:
    pictures = Path(os.environ["STORY_PICTURES"])
    pictures.mkdir(parents=True, exist_ok=True)
    faults = tmp_path / "faults.toml"
    faults.write_text(FAULTS.format(drone="ald-west-2", from_s=CUT_S))
    operator = Operator(desktop.window, desktop.desk, pictures)
    play(operator, write_small_mission(tmp_path / "mission"), faults, tmp_path / "report", speedup=SPEEDUP)
    assert operator.defects == []
    assert len(list(pictures.glob("*.png"))) == operator.taken > 12
