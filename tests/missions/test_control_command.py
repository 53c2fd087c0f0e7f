"""What the commands around a running or dead mission control answer when there is nothing to talk to."""

from __future__ import annotations

from pathlib import Path

import pytest

from missions.cli import main
from missions.plan_file import write_plan
from tests.missions.tiny_mission import whole_tiny_plan


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["fly"], "there is nothing to fly"),
        (["fly", "plan.json", "--resume", "."], "is flown already"),
        (["fly", "--resume", "nowhere"], "is not a folder"),
        (["fly", "--resume", "."], "vehicles.json"),
        (["fly", "plan.json", "--standing-rule", "perhaps"], "--standing-rule"),
        (["control", "accept", "1", "."], "control.json"),
        (["control", "reject", "1", "."], "control.json"),
        (["control", "withdraw", "."], "control.json"),
        (["control", "close", "fire", "missing.geojson", "."], "does not exist"),
        (["control", "close", "fire", "point.geojson", "."], "holds no polygon"),
    ],
)
def test_each_says_in_one_line_what_is_wrong(
    arguments: list[str], text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write_plan(whole_tiny_plan(), tmp_path / "plan.json")
    (tmp_path / "point.geojson").write_text('{"type": "Point", "coordinates": [19.0, 47.0]}')
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 2
    assert text in capsys.readouterr().err
