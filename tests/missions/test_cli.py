"""The command line keeps its word: exit codes, what goes to stdout, and nothing left behind when interrupted."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import typer

from missions.cli import commands, main
from missions.cli.plan import slug
from missions.plan_file import parse_plan, plan_bytes, read_plan, write_plan
from missions.solve import SolveOrder
from missions.spec_hash import spec_sha256
from planner.errors import PlannerError
from planner.geo import Geographic
from planner.model import Plan, Rule, Unreachable, Violation
from planner.progress import Progress
from tests.missions.mission_folders import training_folder
from tests.missions.sample_patrol import sample_plan
from tests.missions.test_solve import all_end

PLAN = parse_plan(plan_bytes(sample_plan()), "sample")
LATE = Violation(
    rule=Rule.SPEED, subject="ald-west-1.1", amount=2.5, unit="s", text="leg 3 is too fast", lat_deg=47.5, lon_deg=19.0, at_s=12.0
)
ISLAND = Unreachable(polygon=Geographic(PLAN.keep_outs[0].polygon.geometry), reason="too far from every base")

Solve = Callable[[SolveOrder, Callable[[Progress], None]], Plan]


@pytest.fixture
def orders(monkeypatch: pytest.MonkeyPatch) -> list[SolveOrder]:
    """The orders that the plan command gives; each is answered with the sample plan."""
    given: list[SolveOrder] = []

    def answer(order: SolveOrder, on_progress: Callable[[Progress], None]) -> Plan:
        given.append(order)
        on_progress(Progress("routes", 0.5))
        return PLAN

    monkeypatch.setattr("missions.solve.solve", answer)
    return given


def answer_with(monkeypatch: pytest.MonkeyPatch, plan: Plan) -> None:
    monkeypatch.setattr("missions.solve.solve", lambda _order, _on_progress: plan)


def fail_with(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    def failing(_order: SolveOrder, _on_progress: object) -> Plan:
        raise error

    monkeypatch.setattr("missions.solve.solve", failing)


def run(*arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "missions.cli", *arguments], capture_output=True, text=True, check=False, **options)


def test_the_version_is_told_without_loading_anything_heavy() -> None:
    code = "import sys; from missions.cli import main; c = main(['--version']); print(c, [m for m in sys.modules if '.' not in m])"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert told.startswith("jointpatrol ")
    loaded = set(re.findall(r"'(\w+)'", told))
    assert not loaded & {"shapely", "numpy", "pyproj", "ortools", "pyogrio", "rich", "PyQt6", "pymavlink", "planner"}


def test_without_arguments_the_help_is_printed_and_the_exit_code_says_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert "Commands:" in capsys.readouterr().out


def test_help_lists_every_command_of_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    told = capsys.readouterr().out
    for name in commands.COMMANDS:
        assert re.search(rf"^  {name} ", told, re.MULTILINE), name


@pytest.mark.parametrize("name", sorted(commands.COMMANDS))
def test_every_command_explains_itself(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([name, "--help"]) == 0
    assert f"jointpatrol {name}" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["plna", "training"], "did you mean plan?"),
        (["plan"], "Missing"),
        (["plan", "training", "--efort", "3"], "--efort"),
        (["plan", "training", "--effort", "6"], "--effort"),
        (["plan", "training", "--effort", "3", "--time-limit", "5"], "either --effort or --time-limit"),
        (["plan", "training", "--workers", "0"], "--workers"),
        (["plan", "training", "--seed", "x"], "--seed"),
        (["check", "a", "b"], "b"),
        (["--nonsense"], "--nonsense"),
    ],
)
def test_bad_usage_is_one_line_and_exit_code_2(arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*arguments, "--json"]) == 2
    output = capsys.readouterr()
    assert words in output.err
    assert output.err.count("\n") == 1
    assert set(json.loads(output.out)["error"]) == {"file", "key", "value", "mend", "text"}


def test_plan_writes_the_plan_and_says_what_it_asks_of_everybody(
    orders: list[SolveOrder], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "p.json"
    path.write_text("old", encoding="utf-8")
    assert main(["plan", "training", "-o", str(path), "--effort", "4", "--seed", "5", "--workers", "2"]) == 0
    assert read_plan(path) == PLAN
    (order,) = orders
    assert (order.effort, order.seed, order.workers, order.time_limit_s) == (4, 5, 2, None)
    assert order.spec_sha256 == spec_sha256(order.spec)
    told = capsys.readouterr()
    for drone in PLAN.drones:
        assert re.search(rf"{drone.id} +[12] +\d+\.\d +\d\.\d\d +\d+", told.out), drone.id
    for word in ("makespan", "lower bound", "gap", "coverage"):
        assert word in told.out
    assert str(path) in told.err


def test_plan_says_what_is_wrong_with_agreements_before_it_solves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ended = '[[permission]]\nid = "visit"\nhost = "ALD"\nguest = "BRE"\ndepth_m = 100\nto_utc = 2026-06-01T05:00:00Z\n\n[[keep_out]]'
    folder = training_folder(tmp_path / "m", ("[[keep_out]]", ended))
    told: list[str] = []

    def answer(_order: SolveOrder, _on_progress: Callable[[Progress], None]) -> Plan:
        told.append(capsys.readouterr().out)
        return PLAN

    monkeypatch.setattr("missions.solve.solve", answer)
    assert main(["plan", str(folder), "-o", str(tmp_path / "p.json")]) == 0
    assert told == ["agreement: permission visit of ALD for BRE is not used: it ended 3600 s before the plan starts\n"]


def test_plan_as_json_prints_nothing_else_on_stdout(orders: list[SolveOrder], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "p.json"
    assert main(["plan", "training", "-o", str(path), "--time-limit", "3", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert set(document) == {"result", "violations", "file"}
    assert document["file"] == str(path)
    assert document["result"] == json.loads(path.read_bytes())["result"]
    assert (orders[0].time_limit_s, orders[0].seed) == (3.0, 0)


@pytest.mark.parametrize(
    "defective", [replace(PLAN, violations=(LATE,)), replace(PLAN, unreachable=(ISLAND,))], ids=["violation", "unreachable"]
)
def test_a_plan_that_breaks_a_rule_or_leaves_ground_is_written_with_exit_code_1(
    defective: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    answer_with(monkeypatch, defective)
    assert main(["plan", "training", "-o", str(tmp_path / "p.json")]) == 1
    assert read_plan(tmp_path / "p.json") == defective
    told = capsys.readouterr().out
    assert ("leg 3 is too fast" in told) or ("too far from every base" in told)


def test_without_an_output_the_plan_is_named_after_the_mission_and_nothing_is_replaced(
    orders: list[SolveOrder], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["plan", "training"]) == 0
    assert [path.name for path in tmp_path.iterdir()] == ["training-border.plan.json"]
    assert main(["plan", "training"]) == 2
    assert "give -o training-border.plan.json to replace it" in capsys.readouterr().err
    assert len(orders) == 1


@pytest.mark.parametrize("output", [".", "no/such/folder/p.json", "a\0b"])
def test_an_output_that_cannot_be_written_is_told_before_the_work(
    output: str, orders: list[SolveOrder], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["plan", "training", "-o", output]) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert not orders
    assert not list(tmp_path.iterdir())


def test_a_mission_that_cannot_be_planned_is_bad_input(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fail_with(monkeypatch, PlannerError("no drone can leave its base"))
    assert main(["plan", "training", "-o", str(tmp_path / "p.json")]) == 2
    assert capsys.readouterr().err == "training: no drone can leave its base (correct the mission file)\n"
    assert not list(tmp_path.iterdir())


def test_a_defect_is_exit_code_70_with_a_traceback_on_request_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fail_with(monkeypatch, ZeroDivisionError("of the planner"))
    arguments = ["plan", "training", "-o", str(tmp_path / "p.json")]
    assert main(arguments) == 70
    assert capsys.readouterr().err == "internal error: ZeroDivisionError: of the planner (run it again with -v for a traceback)\n"
    assert main([*arguments, "-v"]) == 70
    assert "Traceback" in capsys.readouterr().err


def test_an_interrupt_is_exit_code_130(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    fail_with(monkeypatch, KeyboardInterrupt())
    assert main(["plan", "training", "-o", str(tmp_path / "p.json")]) == 130
    assert capsys.readouterr().err == "interrupted\n"


def test_check_finds_nothing_in_a_sound_plan(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_plan(PLAN, tmp_path / "p.json")
    assert main(["check", str(tmp_path / "p.json"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"ok": True, "violations": []}
    assert main(["check", str(tmp_path / "p.json")]) == 0
    assert capsys.readouterr().err == "no violation\n"


def test_check_names_the_rule_that_a_tampered_plan_breaks(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first = PLAN.sorties[0]
    hasty = replace(first, legs=(*first.legs[:2], replace(first.legs[2], end_s=first.legs[2].start_s + 1.0), *first.legs[3:]))
    write_plan(replace(PLAN, sorties=(hasty, *PLAN.sorties[1:])), tmp_path / "p.json")
    assert main(["check", str(tmp_path / "p.json"), "--json"]) == 1
    document = json.loads(capsys.readouterr().out)
    assert document["ok"] is False
    assert "speed" in {violation["rule"] for violation in document["violations"]}
    assert set(document["violations"][0]) == {"rule", "subject", "amount", "unit", "lat_deg", "lon_deg", "at_s", "text"}
    assert main(["check", str(tmp_path / "p.json")]) == 1
    assert re.search(r"^speed: .* N .* E", capsys.readouterr().out, re.MULTILINE)


def test_check_tells_a_malformed_plan_from_a_mission(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "p").write_text('{"schema": 1, "nations": 3}', encoding="utf-8")
    assert main(["check", str(tmp_path / "p")]) == 2
    assert f"{tmp_path / 'p'}: nations: " in capsys.readouterr().err
    assert main(["check", str(tmp_path / "missing.json")]) == 2
    assert "cannot be read" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["training", "forty_ninth"])
def test_check_finds_the_scenarios_sound(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", name, "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"ok": True, "violations": []}


def test_scenarios_are_listed_with_their_folders(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["scenarios", "--json"]) == 0
    found = {each["name"]: each for each in json.loads(capsys.readouterr().out)["scenarios"]}
    assert Path(found["training"]["folder"], "mission.toml").is_file()
    assert main(["scenarios"]) == 0
    assert "forty_ninth" in capsys.readouterr().out


class MissingDesktop:
    """An entry point whose package cannot be imported."""

    name = "gui"

    def load(self) -> Callable[[typer.Typer], None]:
        raise ModuleNotFoundError("No module named 'PyQt6'", name="PyQt6")


class DesktopWithoutQt(MissingDesktop):
    """An entry point whose command finds out late that Qt is not there."""

    def load(self) -> Callable[[typer.Typer], None]:
        def register(app: typer.Typer) -> None:
            @app.command("gui")
            def gui() -> None:
                raise ImportError("libEGL.so.1: cannot open shared object file")

        return register


@pytest.mark.parametrize("found", [[], [MissingDesktop()], [DesktopWithoutQt()]], ids=["no package", "no PyQt6", "no library"])
def test_without_the_desktop_gui_says_what_installs_it(
    found: list[MissingDesktop], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(commands, "entry_points", lambda group: found if group == "jointpatrol.commands" else [])
    assert main(["gui"]) == 2
    line = capsys.readouterr().err
    assert 'pip install "jointpatrol[gui]"' in line
    assert line.count("\n") == 1


def test_a_broken_desktop_breaks_no_other_command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(commands, "entry_points", lambda group: [MissingDesktop()])  # noqa: ARG005
    assert main(["--help"]) == 0
    assert "gui" in capsys.readouterr().out


def test_a_commands_package_can_add_its_own(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    class Other(MissingDesktop):
        name = "hello"

        def load(self) -> Callable[[typer.Typer], None]:
            def register(app: typer.Typer) -> None:
                @app.command("hello")
                def hello() -> None:
                    typer.echo("hello")
                    raise typer.Exit(1)

            return register

    monkeypatch.setattr(commands, "entry_points", lambda group: [Other()])  # noqa: ARG005
    assert main(["hello"]) == 1
    assert capsys.readouterr().out == "hello\n"


def test_names_become_file_names() -> None:
    assert [slug(name) for name in ("Training border", "  Ä/../x", "///", "")] == ["training-border", "x", "mission", "mission"]


def children_of(pid: int) -> list[int]:
    """The processes that any thread of this one has started, and theirs."""
    found = [int(child) for path in Path(f"/proc/{pid}/task").glob("*/children") for child in path.read_text(encoding="utf-8").split()]
    return [*found, *(grandchild for child in found for grandchild in children_of(child))]


@pytest.mark.skipif(not Path(f"/proc/self/task/{os.getpid()}/children").exists(), reason="looks at /proc")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_interrupting_plan_leaves_no_process_and_no_file(number: signal.Signals, code: int, tmp_path: Path) -> None:
    options = ["--time-limit", "500", "--workers", "2", "-o", str(tmp_path / "p.json")]
    command = [sys.executable, "-m", "missions.cli", "plan", "training", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as program:
        try:
            pause, until_s = threading.Event(), time.monotonic() + 60
            while len(children := children_of(program.pid)) < 3 and program.poll() is None and time.monotonic() < until_s:
                pause.wait(0.05)
            program.send_signal(number)
            told, complaints = program.communicate(timeout=60)
        finally:
            program.kill()
    assert (program.returncode, told, complaints) == (code, "", "interrupted\n" if code == 130 else "")
    assert len(children) >= 3
    assert all_end(children)
    assert not list(tmp_path.iterdir())
