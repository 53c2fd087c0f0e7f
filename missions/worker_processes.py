"""An executor of processes that can be killed without a trace.

The standard library's pool keeps semaphores, which stay behind with a warning when its owner is killed. This one has
nothing but pipes: a thread hands each of its jobs to a process of its own and waits, and that process ends with its parent.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from multiprocessing.connection import Connection, wait
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

_spawn = multiprocessing.get_context("spawn")


class WorkerProcesses(Executor):
    """Runs each job in one of at most `workers` spawned processes, started when they are first needed."""

    def __init__(self, workers: int) -> None:
        self._threads = ThreadPoolExecutor(workers, thread_name_prefix="worker")
        self._mine = threading.local()
        self._pipes: list[Connection] = []

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """As for any executor; the function, its arguments and its result must pickle."""
        return self._threads.submit(self._run, fn, args, kwargs)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """No new jobs; the processes end when their last one is done."""
        self._threads.shutdown(wait, cancel_futures=cancel_futures)
        for pipe in self._pipes:
            pipe.close()

    def _run(self, fn: Callable[..., T], args: tuple[Any, ...], kwargs: dict[str, Any]) -> T:
        pipe = self._own_pipe()
        pipe.send((fn, args, kwargs))
        try:
            done, result = pipe.recv()
        except EOFError as error:
            raise RuntimeError("a worker process ended by itself") from error
        if not done:
            raise result
        value: T = result
        return value

    def _own_pipe(self) -> Connection:
        """The pipe to this thread's process."""
        pipe: Connection | None = getattr(self._mine, "pipe", None)
        if pipe is None:
            pipe, theirs = _spawn.Pipe()
            _spawn.Process(target=_work, args=(theirs,), name="jointpatrol-worker", daemon=True).start()
            theirs.close()
            self._mine.pipe = pipe
            self._pipes.append(pipe)
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
            fn, args, kwargs = pipe.recv()
        except EOFError:
            return
        pipe.send(_outcome(fn, args, kwargs))


def _outcome(fn: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[bool, Any]:
    try:
        return True, fn(*args, **kwargs)
    except Exception as error:  # noqa: BLE001  # raised again where the result is asked for, as every executor does
        return False, error
