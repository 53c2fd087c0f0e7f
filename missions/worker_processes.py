"""An executor of processes that can be killed without a trace.

The standard library's pool keeps semaphores, which stay behind with a warning when its owner is killed. This one has
nothing but pipes: a thread hands each of its jobs to a process of its own and waits, and that process ends with its parent.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from typing import Any, TypeVar

J = TypeVar("J")
R = TypeVar("R")

_spawn = multiprocessing.get_context("spawn")


class WorkerProcesses:
    """The planner's executor on this machine: at most `workers` spawned processes, started when they are first needed."""

    def __init__(self, workers: int) -> None:
        self.workers = workers
        self._threads = ThreadPoolExecutor(workers, thread_name_prefix="worker")
        self._mine = threading.local()
        self._starting = threading.Lock()
        self._started: list[tuple[SpawnProcess, Connection]] = []
        self._cancelled = False

    def map(self, function: Callable[[J], R], jobs: Iterable[J], /) -> Iterator[R]:
        """As every executor; all jobs are begun at once as far as there are processes."""
        futures = [self._threads.submit(self._run, function, job) for job in jobs]
        return (future.result() for future in futures)

    def cancel(self) -> None:
        """End the processes, whatever they do."""
        with self._starting:
            self._cancelled = True
        self._threads.shutdown(wait=False, cancel_futures=True)
        for process, _ in self._started:
            process.kill()
        self._threads.shutdown()
        for process, pipe in self._started:
            process.join()
            process.close()
            pipe.close()

    def _run(self, function: Callable[[J], R], job: J) -> R:
        pipe = self._own_pipe()
        try:
            pipe.send((function, job))
            done, result = pipe.recv()
        except (EOFError, BrokenPipeError, ConnectionResetError) as error:
            raise RuntimeError("a worker process ended by itself") from error
        if not done:
            raise result
        value: R = result
        return value

    def _own_pipe(self) -> Connection:
        """The pipe to this thread's process."""
        pipe: Connection | None = getattr(self._mine, "pipe", None)
        if pipe is None:
            with self._starting:
                if self._cancelled:
                    raise RuntimeError("cancelled")
                pipe, theirs = _spawn.Pipe()
                process = _spawn.Process(target=_work, args=(theirs,), name="jointpatrol-worker", daemon=True)
                process.start()
                theirs.close()
                self._mine.pipe = pipe
                self._started.append((process, pipe))
        return pipe


def end_with_parent() -> None:
    """Leave this process when the one that started it is gone, however it went."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def watch() -> None:
        wait([parent.sentinel])
        os._exit(1)

    threading.Thread(target=watch, name="parent-watch", daemon=True).start()


def _work(pipe: Connection) -> None:
    """The whole life of a worker process: one job after the other until the pipe closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    end_with_parent()
    while True:
        try:
            function, job = pipe.recv()
        except EOFError:
            return
        pipe.send(_outcome(function, job))


def _outcome(function: Callable[[Any], Any], job: object) -> tuple[bool, Any]:
    try:
        return True, function(job)
    except Exception as error:  # noqa: BLE001  # raised again where the result is asked for, as every executor does
        return False, error
