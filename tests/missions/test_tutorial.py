"""The tutorial's commands do what it says, in its order."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from missions.cli import main

TUTORIAL = Path(__file__).parents[2] / "docs" / "tutorial.md"
_BLOCK = re.compile(r"```(\w+)(?: (\S+))?\n(.*?)```", re.DOTALL)


def test_the_tutorial_works_as_it_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    commands = 0
    for language, name, content in _BLOCK.findall(TUTORIAL.read_text(encoding="utf-8")):
        if name:
            Path(name).write_text(content, encoding="utf-8")
            continue
        assert language == "sh"
        for line in content.splitlines():
            program, *arguments = shlex.split(line)
            assert (program, main(arguments)) == ("jointpatrol", 0), f"{line}\n{capsys.readouterr().err}"
            commands += 1
    assert commands >= 10
    for name in ("flight/report.html", "numbers/drones.csv", "numbers/report.gpkg"):
        assert Path(name).is_file()
    for folder, suffix in (("for-qgroundcontrol", ".plan"), ("for-google-earth", ".kmz"), ("for-the-crews", ".html")):
        assert {path.suffix for path in Path(folder).iterdir()} == {suffix}
