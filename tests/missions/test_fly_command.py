"""The commands around a flight, as the programs that people run."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from missions.cli import main
from missions.cli.demo import has_desktop
from missions.plan_file import write_plan
from planner.model import Plan
from tests.missions.tiny_mission import whole_tiny_plan

ROOT = Path(__file__).parents[2]
DEADLINE_S = 60.0

posix = pytest.mark.skipif(sys.platform == "win32", reason="signals are sent as on POSIX")


@pytest.fixture(scope="module")
def tiny() -> Plan:
    return whole_tiny_plan()


@pytest.fixture
def plan_file(tmp_path: Path, tiny: Plan) -> Path:
    path = tmp_path / "tiny.json"
    write_plan(tiny, path)
    return path


class Program:
    """The command line as a process of its own, in a session of its own, with what it printed."""

    def __init__(self, *arguments: str, cwd: Path) -> None:
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        self.folder = cwd
        self._out, self._err = cwd / "out.txt", cwd / "err.txt"
        with self._out.open("wb") as out, self._err.open("wb") as err:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "missions.cli", *arguments],
                cwd=cwd,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                start_new_session=True,
            )

    @property
    def out(self) -> str:
        return self._out.read_text()

    @property
    def err(self) -> str:
        return self._err.read_text()

    def until(self, pattern: str, *, stdout: bool = False) -> str:
        """Wait until it has printed that, and return it."""
        end_s = time.monotonic() + DEADLINE_S
        while time.monotonic() < end_s:
            found = re.search(pattern, self.out if stdout else self.err)
            if found:
                return found.group(0)
            if self.process.poll() is not None:
                break
            _pause(self.process)
        raise AssertionError(f"no {pattern!r} in:\n{self.out}\n{self.err}")

    def signal(self, number: int) -> None:
        self.process.send_signal(number)

    def ended(self) -> int:
        return self.process.wait(DEADLINE_S)

    @property
    def left_over(self) -> list[str]:
        """Processes of its session that outlived it."""
        found = subprocess.run(["ps", "-o", "pid=,args=", "-s", str(self.process.pid)], capture_output=True, text=True, check=False)
        return [line for line in found.stdout.splitlines() if line.strip()]

    def kill(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(DEADLINE_S)


def _pause(process: subprocess.Popen[bytes]) -> None:
    """A moment, or until it ends."""
    try:
        process.wait(0.05)
    except subprocess.TimeoutExpired:
        return


@pytest.fixture
def programs() -> Iterator[list[Program]]:
    started: list[Program] = []
    yield started
    for program in started:
        program.kill()


def test_fly_passes_and_says_so(plan_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["fly", str(plan_file), "--report", str(tmp_path / "r")])
    told = capsys.readouterr()
    assert code == 0
    assert "verdict: pass" in told.out
    assert "w1: airborne" in told.err
    assert f"report in {tmp_path / 'r'}" in told.err


def test_fly_prints_the_report_as_json(plan_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["fly", str(plan_file), "--report", str(tmp_path / "r"), "--json"])
    out = capsys.readouterr().out
    assert code == 0
    assert json.loads(out) == json.loads((tmp_path / "r" / "report.json").read_text())


def test_fly_goes_into_a_folder_of_its_own_by_default(
    plan_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["fly", str(plan_file)]) == 0
    (folder,) = (tmp_path / "flights").iterdir()
    assert re.fullmatch(r"hand-made-\d{8}T\d{6}Z", folder.name)
    assert (folder / "report.html").exists()
    capsys.readouterr()


def test_fly_refuses_a_folder_that_holds_something(plan_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fly", str(plan_file), "--report", str(tmp_path)]) == 2
    assert "--force" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--loss", "1.5"], "--loss"),
        (["--loss", "nan"], "--loss"),
        (["--speedup", "0"], "--speedup"),
        (["--speedup", "inf"], "--speedup"),
        (["--vehicles", "nothing.toml"], "nothing.toml"),
        (["--vehicles", "links.toml", "--loss", "0.1"], "simulated vehicles only"),
        (["--fault", "nothing.toml"], "nothing.toml"),
        (["--junit", "no/such/folder/j.xml"], "j.xml"),
    ],
)
def test_fly_names_the_option_that_is_wrong_and_writes_nothing(
    plan_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], options: list[str], words: str
) -> None:
    assert main(["fly", str(plan_file), "--report", str(tmp_path / "r"), *options]) == 2
    error = capsys.readouterr().err
    assert words in error
    assert len(error.strip().splitlines()) == 1
    assert not (tmp_path / "r").exists()


def test_missing_ardupilot_is_said_before_anything_is_written(
    plan_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JOINTPATROL_ARDUPILOT_DIR", raising=False)
    assert main(["fly", str(plan_file), "--vehicles", "ardupilot", "--report", str(tmp_path / "r")]) == 2
    assert "ArduPilot" in capsys.readouterr().err
    assert not (tmp_path / "r").exists()


def test_dry_run_shows_who_answers_and_uploads_nothing(plan_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fly", str(plan_file), "--dry-run", "--report", str(tmp_path / "r")]) == 0
    out = capsys.readouterr().out
    assert "w1.1" in out
    assert "as planned" in out
    assert not (tmp_path / "r").exists()


def test_real_vehicles_need_somebody_who_says_so(
    plan_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    links = tmp_path / "links.toml"
    links.write_text('w1 = "tcp:127.0.0.1:1"\nw2 = "tcp:127.0.0.1:2"\n')
    monkeypatch.setattr(sys, "stdin", (tmp_path / "empty").open("w+"))
    assert main(["fly", str(plan_file), "--vehicles", str(links), "--report", str(tmp_path / "r")]) == 2
    assert "--yes" in capsys.readouterr().err
    assert not (tmp_path / "r").exists()
    sys.stdin.close()


@posix
def test_ctrl_c_brings_everyone_home_exits_130_and_leaves_no_process(plan_file: Path, tmp_path: Path, programs: list[Program]) -> None:
    program = Program("fly", str(plan_file), "--speedup", "40", "--report", "r", cwd=tmp_path)
    programs.append(program)
    program.until("w1: airborne")
    program.signal(signal.SIGINT)
    assert program.ended() == 130
    assert "patrol recalling" in program.err
    assert "w1: disarmed" in program.err
    assert json.loads((tmp_path / "r" / "report.json").read_text())["verdict"] == "interrupted"
    assert program.left_over == []


@posix
def test_second_ctrl_c_leaves_at_once_and_says_what_the_drones_do(plan_file: Path, tmp_path: Path, programs: list[Program]) -> None:
    program = Program("fly", str(plan_file), "--speedup", "10", "--report", "r", cwd=tmp_path)
    programs.append(program)
    program.until("airborne")
    program.signal(signal.SIGINT)
    program.until("recalling")
    program.signal(signal.SIGINT)
    assert program.ended() == 130
    assert "lands by itself" in program.err
    assert program.left_over == []


@posix
def test_control_is_served_asked_and_shut_down_from_other_programs(
    plan_file: Path, tmp_path: Path, programs: list[Program], capsys: pytest.CaptureFixture[str]
) -> None:
    program = Program("control", "serve", str(plan_file), "--speedup", "40", "--report", "r", cwd=tmp_path)
    programs.append(program)
    address = json.loads(program.until(r"\{.*\}\n", stdout=True))
    assert set(address) == {"port", "token"}
    folder = str(tmp_path / "r")
    assert main(["control", "launch", folder]) == 1
    assert "no verified mission" in capsys.readouterr().err
    assert main(["control", "start", folder]) == 0
    program.until("w1: airborne")
    assert main(["control", "status", folder, "--json"]) == 0
    status = json.loads(capsys.readouterr().out)
    assert status["state"] == "flying"
    assert {drone["drone"] for drone in status["progress"]} == {"w1", "w2"}
    assert main(["control", "recall", folder, "--drone", "w1"]) == 0
    assert main(["control", "recall", folder, "--nation", "nowhere"]) == 1
    assert main(["control", "shutdown", folder]) == 0
    assert program.ended() == 1
    assert main(["control", "status", folder]) == 2
    capsys.readouterr()


@posix
def test_control_as_a_module_is_the_same_program(plan_file: Path, tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "missions.control", str(plan_file), "--report", "r", "--alone", "1", "--speedup", "40"]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, timeout=DEADLINE_S, check=False)
    assert set(json.loads(done.stdout.splitlines()[0])) == {"port", "token"}
    assert done.returncode == 1


def test_control_without_a_patrol_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["control", "status"]) == 2
    assert "no patrol is running" in capsys.readouterr().err


@posix
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_sitl_keeps_vehicles_up_until_interrupted(plan_file: Path, tmp_path: Path, programs: list[Program], number: int, code: int) -> None:
    program = Program("sitl", str(plan_file), "--first-port", "0", "--json", cwd=tmp_path)
    programs.append(program)
    vehicles = json.loads(program.until(r"\{.*\}\n", stdout=True))["vehicles"]
    assert all(re.fullmatch(r"tcp:127\.0\.0\.1:\d+", vehicle["url"]) for vehicle in vehicles.values())
    assert vehicles["w1"]["system_id"] == 1
    program.signal(number)
    assert program.ended() == code
    assert program.left_over == []


@posix
@pytest.mark.slow
def test_fly_on_vehicles_behind_a_links_file(plan_file: Path, tmp_path: Path, programs: list[Program], tiny: Plan) -> None:
    """What `sitl` serves over TCP is flown as if it were real: identified first, then confirmed, then flown."""
    (tmp_path / "vehicles").mkdir()
    served = Program("sitl", str(plan_file), "--first-port", "0", "--speedup", "4", "--json", cwd=tmp_path / "vehicles")
    programs.append(served)
    vehicles = json.loads(served.until(r"\{.*\}\n", stdout=True))["vehicles"]
    flying = {sortie.drone for sortie in tiny.sorties}
    links = "".join(f'{drone} = "{vehicle["url"]}"\n' for drone, vehicle in vehicles.items() if drone in flying)
    (tmp_path / "links.toml").write_text(links)
    program = Program("fly", str(plan_file), "--vehicles", "links.toml", "--yes", "--report", "r", cwd=tmp_path)
    programs.append(program)
    program.until("w1: airborne")
    assert "as planned" in program.out
    program.signal(signal.SIGINT)
    assert program.ended() == 130
    assert json.loads((tmp_path / "r" / "report.json").read_text())["drones"]["w1"]["final"] == "home_disarmed"


def test_desktop_is_there_only_with_a_display(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    assert not has_desktop()
