"""The harness for ArduPilot's own simulation: finding it, starting it, and leaving nothing behind. The program here is a stand-in."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import pytest

from planner.model import VehicleKind
from sitl.ardupilot import FOLDER_VARIABLE, ArduPilotFleet, find_ardupilot
from sitl.errors import ArduPilotError
from tests.sitl.station import config

_SERVES = """
import sys, time
print("told", sys.argv[1:], flush=True)
print("SERIAL0 on TCP port 5760", flush=True)
time.sleep(600)
"""
_FAILS = """
import sys
print("PANIC: no such model", flush=True)
sys.exit(3)
"""


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "programs"
    folder.mkdir()
    monkeypatch.setenv(FOLDER_VARIABLE, str(folder))
    return folder


def _install(folder: Path, script: str, name: str = "arducopter") -> Path:
    program = folder / name
    program.write_text(f"#!{sys.executable}\n{script}", encoding="utf-8")
    program.chmod(0o755)
    return program


def _is_alive(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    return True


def test_the_folder_in_the_environment_comes_before_the_path(programs: Path) -> None:
    program = _install(programs, _SERVES)
    assert find_ardupilot(VehicleKind.COPTER) == program.resolve()


def test_a_checkout_that_was_built_for_sitl_is_a_folder_too(programs: Path) -> None:
    built = programs / "build" / "sitl" / "bin"
    built.mkdir(parents=True)
    program = _install(built, _SERVES, "arduplane")
    assert find_ardupilot(VehicleKind.QUADPLANE) == program.resolve()


def test_every_vehicle_has_its_own_port_folder_number_and_defaults_and_is_gone_afterwards(programs: Path, tmp_path: Path) -> None:
    _install(programs, _SERVES)
    configs = [config(drone=f"d{number}", system_id=number + 1) for number in range(2)]

    async def work() -> dict[str, int]:
        async with ArduPilotFleet(configs, folder=tmp_path / "vehicles", speedup=5) as fleet:
            assert len(set(fleet.urls.values())) == 2
            return dict(fleet.process_ids)

    processes = asyncio.run(work())
    assert not any(_is_alive(process) for process in processes.values())
    for number in range(2):
        folder = tmp_path / "vehicles" / f"d{number}"
        assert "AUTO_OPTIONS" in (folder / "defaults.parm").read_text(encoding="utf-8")
        assert f"'--sysid', '{number + 1}'" in (folder / "output.txt").read_text(encoding="utf-8")


def test_fleets_that_start_at_once_do_not_take_each_others_ports(programs: Path, tmp_path: Path) -> None:
    """The stand-in listens nowhere, as ArduPilot does for its first second."""
    _install(programs, _SERVES)

    async def work() -> list[str]:
        one, two = (ArduPilotFleet([config(drone="d")], folder=tmp_path / name, speedup=5) for name in ("one", "two"))
        async with one, two:
            return [*one.urls.values(), *two.urls.values()]

    assert len(set(asyncio.run(work()))) == 2


def test_a_program_that_fails_is_told_with_its_last_words(programs: Path, tmp_path: Path) -> None:
    _install(programs, _FAILS)

    async def work() -> None:
        async with ArduPilotFleet([config()], folder=tmp_path / "vehicles", on_death=lambda _drone, _words: None):
            pass

    with pytest.raises(ArduPilotError, match="PANIC: no such model"):
        asyncio.run(work())


def test_a_vehicle_that_ends_by_itself_is_told_at_once(programs: Path, tmp_path: Path) -> None:
    _install(programs, _SERVES.replace("time.sleep(600)", "time.sleep(0.2)"))
    died: list[str] = []

    async def work() -> None:
        async with ArduPilotFleet([config()], folder=tmp_path / "vehicles", on_death=lambda drone, _: died.append(drone)):
            async with asyncio.timeout(10):
                while not died:
                    await asyncio.sleep(0.02)

    asyncio.run(work())
    assert died == ["d1"]


def test_nothing_stays_when_whoever_started_it_fails(programs: Path, tmp_path: Path) -> None:
    _install(programs, _SERVES)
    processes: dict[str, int] = {}

    async def work() -> None:
        async with ArduPilotFleet([config()], folder=tmp_path / "vehicles") as fleet:
            processes.update(fleet.process_ids)
            raise RuntimeError("the patrol failed")

    with pytest.raises(RuntimeError, match="the patrol failed"):
        asyncio.run(work())
    assert not any(_is_alive(process) for process in processes.values())
