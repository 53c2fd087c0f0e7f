"""The solver process tells how far it is, can be ended at any moment, and never outlives whoever started it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from missions.mission_file import load_mission
from missions.solve import (
    SolveCancelled,
    SolveCrashed,
    SolveDone,
    SolveJob,
    SolveOrder,
    SolveProgress,
    SolverCrashError,
    solve,
)
from planner.errors import PlannerError
from planner.progress import Progress

PATIENCE_S = 60.0

on_linux = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks at /proc")


def order(function: str, *, effort: int | None = 2, time_limit_s: float | None = None, workers: int = 1) -> SolveOrder:
    return SolveOrder(
        spec=load_mission("training"),
        spec_sha256="cd" * 32,
        seed=7,
        effort=effort,
        time_limit_s=time_limit_s,
        workers=workers,
        function=f"tests.missions.fake_solvers:{function}",
    )


def alive(pid: int) -> bool:
    """Whether a process runs; one that only waits to be reaped does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def all_end(pids: list[int]) -> bool:
    """Whether all these processes are gone within a while."""
    pause, until_s = threading.Event(), time.monotonic() + PATIENCE_S
    while any(alive(pid) for pid in pids) and time.monotonic() < until_s:
        pause.wait(0.02)
    return not any(alive(pid) for pid in pids)


LISTENING = """
import sys
from missions.mission_file import load_mission
from missions.solve import SolveOrder, solve
if __name__ == "__main__":
    order = SolveOrder(spec=load_mission("training"), spec_sha256="", function="tests.missions.fake_solvers:quick")
    solve(order, lambda progress: print(progress.stage))
    print("ortools" in sys.modules)
"""


def first_progress(job: SolveJob) -> Progress:
    """What the job tells first."""
    for event in job.wait(PATIENCE_S):
        if isinstance(event, SolveProgress):
            return event.progress
    raise AssertionError(f"no progress, but {job.outcome}")


@pytest.fixture
def running() -> Iterator[tuple[SolveJob, int]]:
    """A job that searches until it is stopped, and its process id."""
    with SolveJob(order("until_stopped")) as job:
        yield job, int(first_progress(job).stage)


def test_a_plan_comes_back_with_every_step_told_in_order() -> None:
    told: list[Progress] = []
    plan = solve(order("quick"), told.append)
    assert [progress.stage for progress in told] == ["step 0", "step 1", "step 2"]
    assert (plan.name, plan.spec_sha256) == ("Training border", "cd" * 32)
    assert (plan.solver.seed, plan.solver.effort) == (7, 2)
    assert plan.solver.seconds > 0


def test_listening_to_the_planner_loads_no_solver(tmp_path: Path) -> None:
    script = tmp_path / "listen.py"
    script.write_text(LISTENING, encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(Path.cwd())}
    told = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, env=environment, check=True).stdout
    assert told == "step 0\nstep 1\nstep 2\nFalse\n"


def test_polling_never_waits_and_ends_with_the_outcome() -> None:
    with SolveJob(order("quick")) as job:
        events = job.poll()
        while job.outcome is None:
            events += job.wait(PATIENCE_S)
        assert isinstance(events[-1], SolveDone)
        assert job.poll() == []
        assert job.result == events[-1].plan


def test_a_time_limit_ends_the_search_with_the_plan_so_far() -> None:
    plan = solve(order("until_stopped", time_limit_s=0.2), lambda _progress: None)
    assert plan.solver.effort is None
    assert plan.solver.seconds >= 0.2


def test_a_mission_that_cannot_be_planned_is_refused_in_the_planners_words() -> None:
    with pytest.raises(PlannerError, match="no drone can fly against 11 m/s"):
        solve(order("refuse"), lambda _progress: None)


def test_a_defect_of_the_planner_comes_with_its_traceback() -> None:
    with pytest.raises(SolverCrashError, match="ZeroDivisionError: of the planner") as caught:
        solve(order("crash"), lambda _progress: None)
    assert "fake_solvers.py" in str(caught.value)


def test_a_process_that_the_system_ends_is_told_with_its_exit_code() -> None:
    with SolveJob(order("die")) as job:
        assert job.wait(PATIENCE_S) == [SolveCrashed("the solver process ended by itself (exit code 9)")]


def test_a_job_is_started_once() -> None:
    with SolveJob(order("quick")) as job, pytest.raises(RuntimeError, match="once"):
        job.start()


@on_linux
def test_cancelling_ends_the_process_at_once(running: tuple[SolveJob, int]) -> None:
    job, pid = running
    job.cancel()
    assert job.outcome == SolveCancelled()
    assert job.result is None
    assert not alive(pid)
    job.cancel()


@on_linux
def test_cancelling_ends_the_workers_too() -> None:
    with SolveJob(order("with_workers", workers=2)) as job:
        pids = [int(pid) for pid in first_progress(job).stage.split(",")]
        assert len(pids) >= 2
    assert all_end(pids)


@on_linux
def test_an_interrupt_of_this_program_does_not_reach_the_solver(running: tuple[SolveJob, int]) -> None:
    job, pid = running
    os.kill(pid, signal.SIGINT)
    assert job.wait(0.3) == []
    assert alive(pid)


KILLED = """
import sys, threading
from missions.solve import SolveJob
from tests.missions.test_solve import first_progress, order
if __name__ == "__main__":
    job = SolveJob(order("with_workers", workers=2))
    job.start()
    print(first_progress(job).stage, flush=True)
    threading.Event().wait()
"""


@on_linux
def test_when_this_program_is_killed_its_solver_and_workers_end_by_themselves(tmp_path: Path) -> None:
    script = tmp_path / "killed.py"
    script.write_text(KILLED, encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(Path.cwd())}
    with subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, text=True, env=environment) as program:
        assert program.stdout is not None
        pids = [int(pid) for pid in program.stdout.readline().split(",")]
        assert all(alive(pid) for pid in pids)
        program.kill()
        program.wait()
    assert all_end(pids)
