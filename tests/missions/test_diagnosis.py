"""`doctor` finds what is there, names what is not, and tells what is needed from what only switches something off."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from missions import diagnosis
from missions.cli import main
from planner.model import VehicleKind


@pytest.fixture(autouse=True)
def no_ardupilot(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without ArduPilot, whatever this one has."""

    def nowhere(_kind: VehicleKind) -> Path | None:
        return None

    monkeypatch.setattr(diagnosis, "find_ardupilot", nowhere)


def findings(capsys: pytest.CaptureFixture[str]) -> dict[str, dict[str, str | bool]]:
    return {finding["name"]: finding for finding in json.loads(capsys.readouterr().out)["findings"]}


def test_everything_needed_is_found_where_the_tests_run(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--json"]) == 0
    found = findings(capsys)
    for name in ("Python", "shapely", "ortools", "typer"):
        assert found[name]["found"], name
        assert found[name]["needed"], name
    assert found["ArduPilot SITL"] == {
        "name": "ArduPilot SITL",
        "found": False,
        "needed": False,
        "detail": "not found: embedded vehicles are used",
        "mend": diagnosis.MISSING_TEXT,
    }


def test_a_missing_package_is_told_with_its_mend_and_exit_code_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(diagnosis, "requires", lambda _name: ["shapely>=2.1", "no-such-package>=1", 'PyQt6; extra == "gui"'])
    assert main(["doctor"]) == 1
    told = capsys.readouterr()
    assert "MISSING" in told.out
    assert "no-such-package" in told.out
    assert "no-such-package: pip install jointpatrol" in told.out
    assert told.err == "something needed is missing\n"


def test_a_missing_library_is_named_with_its_package(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(diagnosis, "QT_LIBRARIES", {"libnowhere.so.9": "libnowhere9"})
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.delenv("DISPLAY", raising=False)
    main(["doctor", "--json"])
    libraries = findings(capsys).get("system libraries of Qt")
    if libraries is None:
        pytest.skip("PyQt6 is not installed")
    assert libraries["detail"] == "missing libnowhere.so.9"
    assert libraries["mend"] == "sudo apt-get install libnowhere9"


def test_ardupilot_is_told_with_its_place(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    monkeypatch.setattr(diagnosis, "find_ardupilot", lambda _kind: tmp_path / "arducopter")
    main(["doctor", "--json"])
    assert findings(capsys)["ArduPilot SITL"]["detail"] == str(tmp_path / "arducopter")
