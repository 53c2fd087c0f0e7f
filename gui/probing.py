"""Ask on links who is there, in a thread of its own: vehicles take seconds to answer, and the window goes on meanwhile."""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, pyqtSignal

from missions.errors import InputError
from missions.links_file import Links
from planner.model import Plan

if TYPE_CHECKING:
    from missions.identify import Answers


class Probing(QObject):
    """At most one at a time. `ended` gets the answers, or the text of why there are none, in the GUI thread."""

    _ended = pyqtSignal(object)

    def __init__(self, ended: Callable[[Answers | str], None]) -> None:
        super().__init__()
        self._tell = ended
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[Answers] | None = None
        self._thread: threading.Thread | None = None
        self._ended.connect(self._take)

    @property
    def busy(self) -> bool:
        return self._thread is not None

    def start(self, plan: Plan, links: Links) -> None:
        """Nothing is changed on anybody."""
        self.stop()
        self._loop = asyncio.new_event_loop()
        self._task = self._loop.create_task(_asked(plan, links))
        self._thread = threading.Thread(target=self._run, args=(self._loop, self._task), name="probing")
        self._thread.start()

    def stop(self) -> None:
        """Returns when the thread has ended; nothing more is told."""
        thread, self._thread = self._thread, None
        if thread is None or self._loop is None or self._task is None:
            return
        with contextlib.suppress(RuntimeError):  # it has ended by itself
            self._loop.call_soon_threadsafe(self._task.cancel)
        thread.join()

    def _run(self, loop: asyncio.AbstractEventLoop, task: asyncio.Task[Answers]) -> None:
        with contextlib.suppress(asyncio.CancelledError):
            try:
                self._ended.emit(loop.run_until_complete(task))
            except (InputError, OSError) as error:
                self._ended.emit(str(error))
            finally:
                loop.close()

    def _take(self, ended: Answers | str) -> None:
        if self._thread is not None:
            self._thread.join()
            self._thread = None
            self._tell(ended)


async def _asked(plan: Plan, links: Links) -> Answers:
    # takes a while to import, which is no matter in this thread
    from missions.identify import who_answers
    from missions.vehicles import Real

    with tempfile.TemporaryDirectory() as folder:
        return await who_answers(plan, Real(links=links.links, airframes=links.airframes), Path(folder))
