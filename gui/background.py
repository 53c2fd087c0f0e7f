"""One worker thread for what would hold up the window (files, geometry); results come back to the GUI thread."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

from PyQt6.QtCore import QObject, pyqtSignal

from missions.errors import InputError

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True, slots=True)
class _Job:
    future: Future[Any]
    then: Callable[[Any], None]
    failed: Callable[[str], None]


class Background(QObject):
    """Jobs run one after another. After `close` no result is delivered."""

    _done = pyqtSignal(object)

    def __init__(self) -> None:
        super().__init__()
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="background")
        self._open = True
        self._done.connect(self._deliver)

    def run(self, work: Callable[[], T], *, then: Callable[[T], None], failed: Callable[[str], None]) -> None:
        """`then` gets the result, `failed` the text of what went wrong; both in the GUI thread.

        Nothing is done after `close`.
        """
        if not self._open:
            return
        future = self._executor.submit(work)
        job = _Job(future=future, then=then, failed=failed)
        future.add_done_callback(lambda _: self._done.emit(job))

    def close(self) -> None:
        """Drop what has not begun, wait for what has."""
        self._open = False
        self._executor.shutdown(wait=True, cancel_futures=True)

    def _deliver(self, job: _Job) -> None:
        if not self._open or job.future.cancelled():
            return
        error = job.future.exception()
        if error is None:
            job.then(job.future.result())
            return
        job.failed(str(error) or type(error).__name__)
        if not isinstance(error, InputError | OSError):
            raise error  # a defect: whoever waits knows, and the window tells where it was
