from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import gui.models

ROOT = Path(gui.models.__path__[0]).parents[1]


def test_models_are_free_of_qt() -> None:
    modules = [f"gui.models.{path.stem}" for path in Path(gui.models.__path__[0]).glob("*.py") if path.stem != "__init__"]
    code = f"import sys, {', '.join(modules)}; sys.exit(any(name.startswith('PyQt6') for name in sys.modules))"
    assert len(modules) > 10
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def test_the_main_window_stays_small() -> None:
    assert len((ROOT / "gui/views/main_window.py").read_text(encoding="utf-8").splitlines()) < 300
