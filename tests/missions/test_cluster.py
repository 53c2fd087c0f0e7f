"""A cluster plans what this computer alone would, survives its workers, and is never trusted blindly."""

from __future__ import annotations

import importlib
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import shapely

from benchmarks.local_cluster import Authority, LocalCluster
from missions import cluster as cluster_module
from missions.cluster import ClusterError, ClusterParams, DaskExecutor, connect
from missions.cluster_address import Cluster
from missions.cluster_jobs import is_dropped, this_build
from missions.errors import InputError
from missions.plan_file import plan_bytes
from missions.solve import Deadline, SolveOrder, solve
from missions.worker_processes import WorkerProcesses
from planner.executor import ALONE, Executors
from planner.model import Plan
from planner.pipeline import PlanParams, plan_mission
from tests.missions.cluster_work import Begun, fail, until_told
from tests.planner.missions import mission

PATIENCE_S = 30.0
SOON = ClusterParams(workerless_s=0.3, look_s=0.1)
SPEC = mission(
    shapely.box(-400, -250, 400, 250),
    territories={"A": shapely.box(-9_000, -9_000, 0, 9_000), "B": shapely.box(0, -9_000, 9_000, 9_000)},
    bases={"A": [(-350.0, -300.0)], "B": [(300.0, -300.0)]},
)


def until(happens: Callable[[], bool]) -> None:
    pause, until_s = threading.Event(), time.monotonic() + PATIENCE_S
    while not happens():
        assert time.monotonic() < until_s
        pause.wait(0.02)


@pytest.fixture(scope="module")
def machines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCluster]:
    """Two workers."""
    with LocalCluster(tmp_path_factory.mktemp("cluster"), 2) as running:
        running.wait_for(2)
        yield running


@pytest.fixture(scope="module")
def known(machines: LocalCluster) -> Cluster:
    """The cluster, with certificates of its authority."""
    return machines.as_seen_by("planner")


@pytest.fixture
def executor(known: Cluster) -> Iterator[DaskExecutor]:
    connected = connect(known, SOON)
    yield connected
    connected.cancel()


def planned(executors: Executors = ALONE, *, effort: int | None = 1, should_stop: Callable[[], bool] | None = None) -> Plan:
    return plan_mission(SPEC, "0" * 64, PlanParams(effort=effort), should_stop=should_stop or Deadline(None), executors=executors)


def test_the_plan_is_the_same_by_one_process_by_two_and_by_a_cluster(executor: DaskExecutor) -> None:
    here = WorkerProcesses(2)
    alone = planned()

    try:
        assert plan_bytes(planned(Executors(common=here))) == plan_bytes(alone)
    finally:
        here.cancel()
    assert plan_bytes(planned(Executors(common=executor))) == plan_bytes(alone)
    assert plan_bytes(planned(Executors(own={"A": executor}))) == plan_bytes(alone)
    assert {sortie.nation for sortie in alone.sorties} == {"A", "B"}


def test_a_time_limit_holds_on_the_cluster(executor: DaskExecutor) -> None:
    plan = planned(Executors(common=executor), effort=None, should_stop=Deadline(time.time()))

    assert plan.violations == ()
    assert plan.result.coverage > 0.99


def test_what_a_job_raises_is_raised_here(executor: DaskExecutor) -> None:
    with pytest.raises(ArithmeticError, match="not 3"):
        list(executor.map(fail, [3]))


def test_cancelling_tells_jobs_to_stop(executor: DaskExecutor, tmp_path: Path) -> None:
    executor.map(until_told, [(tmp_path, is_dropped)])
    until((tmp_path / "begun").exists)

    executor.cancel()

    until((tmp_path / "stopped").exists)


def test_a_scheduler_that_is_not_there_does_not_answer(known: Cluster) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        nobody = replace(known, scheduler=f"tls://127.0.0.1:{free.getsockname()[1]}")

        with pytest.raises(ClusterError, match="does not answer: Connection refused"):
            connect(nobody)


def test_what_answers_but_is_no_scheduler_is_told(known: Cluster) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"127.0.0.1:{silent.getsockname()[1]}"
        for scheme in ("tls", "tcp"):
            with pytest.raises(ClusterError, match=r"does not answer: .*timed out"):
                connect(replace(known, scheduler=f"{scheme}://{address}"), replace(SOON, answer_s=0.2))


def test_certificates_of_another_authority_are_refused_by_us_and_by_the_scheduler(known: Cluster, tmp_path: Path) -> None:
    other = Authority(tmp_path)
    cert, key = other.certificate("planner")

    with pytest.raises(ClusterError, match="certificates do not match: certificate"):
        connect(replace(known, ca=other.ca))
    with pytest.raises(ClusterError, match="certificates do not match"):
        connect(replace(known, cert=cert, key=key))


def test_certificates_that_cannot_be_used_are_told(known: Cluster, machines: LocalCluster, tmp_path: Path) -> None:
    _, locked = machines.authority.certificate("locked", b"secret")
    empty = tmp_path / "empty.pem"
    empty.touch()

    with pytest.raises(ClusterError, match="has a password"):
        connect(replace(known, key=locked))
    with pytest.raises(ClusterError, match="cannot be read"):
        connect(replace(known, ca=empty))
    with pytest.raises(ClusterError, match=r"needs certificates.*--cluster-cert"):
        connect(replace(known, cert=None, key=None))


def test_without_dask_the_extra_is_named(known: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed.security", None)

    with pytest.raises(ClusterError, match=r"needs a package.*jointpatrol\[cluster\]"):
        connect(known)


def test_workers_with_another_program_get_no_work(known: Cluster) -> None:
    newer = {**this_build(), "the planner's source": "changed", "GEOS": "4"}

    with pytest.raises(ClusterError, match=r"worker tls://.* has the planner's source \w+ instead of changed, GEOS .* instead of 4"):
        connect(known, build=newer)


def test_a_worker_with_another_program_that_joins_later_gets_no_work(executor: DaskExecutor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(executor, "_build", {"python": "4.0"})

    with pytest.raises(ClusterError, match=r"a worker is not like this program: python .* instead of 4\.0"):
        list(executor.map(abs, [-1]))


def test_workers_that_lack_the_program_get_no_work(known: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "only_here.py").write_text("def build():\n    return {}\n", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(cluster_module, "this_build", importlib.import_module("only_here").build)

    with pytest.raises(ClusterError, match=r"lacks this program: .*No module named .*only_here"):
        connect(known, build=this_build())


def test_a_cluster_that_cannot_be_used_is_bad_input(known: Cluster) -> None:
    with pytest.raises(InputError, match=r"--cluster: tls://127.0.0.1:1: does not answer"):
        solve(SolveOrder(spec=SPEC, spec_sha256="", cluster=replace(known, scheduler="tls://127.0.0.1:1")), lambda _progress: None)


def test_a_killed_worker_has_its_jobs_run_again_and_the_last_one_is_missed(
    machines: LocalCluster, known: Cluster, executor: DaskExecutor, tmp_path: Path
) -> None:
    results = executor.map(Begun(tmp_path, 0.2), range(4))
    until((tmp_path / "0").exists)
    os.kill(int((tmp_path / "0").read_text()), signal.SIGKILL)

    assert list(results) == [0, 1, 4, 9]

    results = executor.map(Begun(tmp_path, PATIENCE_S), [5])
    until((tmp_path / "5").exists)
    for worker in machines.workers:
        worker.kill()
    with pytest.raises(ClusterError, match="has no worker left"):
        next(results)
    with pytest.raises(ClusterError, match="has no worker"):
        connect(known)
