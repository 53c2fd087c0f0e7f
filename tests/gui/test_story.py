"""The operator's day, played with mouse and keyboard on a small mission; its pictures are kept where CI looks for artefacts."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.gui_operator import Operator
from benchmarks.gui_story import FAULTS, SCALES, THEMES, play
from tests.gui.conftest import Desktop
from tests.gui.small_mission import write_small_mission

SPEEDUP = 60
#: The drone that starts last, and the vehicle time at which its link is cut: after its upload, even where pressing the buttons takes 10 s.
LOST, CUT_S = "bre-east-1", 600.0
MISSING = [tool for tool in ("Xvfb", "openbox", "xdotool") if shutil.which(tool) is None]
#: A day takes half a minute in each look, which the suite does not have: `make story` plays them, as CI does.
IN_WINDOWS = pytest.mark.skipif("STORY_WINDOWS" not in os.environ, reason="`make story` plays it in real windows on virtual screens")
WITH_SCREENS = pytest.mark.skipif(bool(MISSING), reason=f"no {', '.join(MISSING)}: `make story-deps` installs them")


def pictures_in(tmp_path: Path) -> Path:
    pictures = Path(os.environ.get("STORY_PICTURES", tmp_path / "pictures"))
    pictures.mkdir(parents=True, exist_ok=True)
    return pictures


@pytest.mark.slow
def test_from_the_mission_to_the_report_with_mouse_and_keyboard(desktop: Desktop, tmp_path: Path) -> None:
    pictures = pictures_in(tmp_path)
    faults = tmp_path / "faults.toml"
    faults.write_text(FAULTS.format(drone=LOST, from_s=CUT_S))
    operator = Operator(desktop.window, desktop.desk, pictures)
    play(operator, write_small_mission(tmp_path / "mission"), faults, tmp_path / "report", speedup=SPEEDUP)
    assert operator.defects == []
    assert len(list(pictures.glob("*.png"))) == operator.taken > 12


@IN_WINDOWS
@WITH_SCREENS
@pytest.mark.slow
@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("theme", THEMES)
def test_the_same_in_a_real_window_on_a_virtual_screen(tmp_path: Path, theme: str, scale: float) -> None:
    pictures, mission = pictures_in(tmp_path), write_small_mission(tmp_path / "mission")
    look = ["--theme", theme, "--scale", f"{scale}", "--lose", LOST, "--lose-at", f"{CUT_S}", "--speedup", f"{SPEEDUP}"]
    command = [sys.executable, "-m", "benchmarks.gui_story", "--out", str(pictures), "--mission", str(mission), *look, "--require-window"]
    played = subprocess.run(command, capture_output=True, text=True, check=False)
    assert played.returncode == 0, played.stdout + played.stderr
    assert len(list((pictures / f"{theme}-{round(100 * scale)}").glob("*.png"))) > 12
