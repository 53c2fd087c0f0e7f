"""Runs the planner for the open mission: prepared in the background, solved in a child process, looked at by a timer."""

from __future__ import annotations

import importlib
from functools import partial
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, QTimer

from gui.background import Background
from gui.documents import Documents
from gui.models.alternatives import Alternatives
from gui.models.document import Document
from gui.models.notices import Notices
from gui.models.observable import Changed
from gui.models.words import tr
from missions.solve import (
    PLANNER,
    SolveCancelled,
    SolveCrashed,
    SolveDone,
    SolveEvent,
    SolveJob,
    SolveOrder,
    SolveProgress,
    SolveRefused,
    SolveUnserved,
    usable_cores,
)
from missions.spec_hash import spec_sha256
from planner.model import MissionSpec

if TYPE_CHECKING:
    from planner.pipeline import Progress

POLL_MS = 100
TOPIC = "planning"
DEFAULT_EFFORT = 3


class Planning(QObject):
    """One planning at a time. `progress` is None until the planner has said something."""

    def __init__(
        self, background: Background, documents: Documents, alternatives: Alternatives, notices: Notices, *, effort: int = DEFAULT_EFFORT
    ) -> None:
        super().__init__()
        self.changed = Changed()
        self.busy = False
        self.progress: Progress | None = None
        self.effort = effort
        self.planner = PLANNER
        """`module:function` that the child process runs."""
        self._background = background
        self._documents = documents
        self._alternatives = alternatives
        self._title = ""
        self._notices = notices
        self._document: Document | None = None
        self._job: SolveJob | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(POLL_MS)
        self._timer.timeout.connect(self._look)

    @property
    def can_plan(self) -> bool:
        """Whether a mission is open that could be planned, or planned again."""
        return not self.busy and self._documents.current is not None and self._documents.current.spec is not None

    def set_effort(self, effort: int) -> None:
        """How much work a plan may take, 1..5; holds for the next one."""
        self.effort = effort
        self.changed.emit()

    def start(self) -> None:
        """Plan the open mission."""
        document = self._documents.current
        assert document is not None
        assert document.spec is not None
        self._document, self.busy, self.progress = document, True, None
        self._title = tr("Effort {effort}", effort=self.effort)
        self._notices.drop(TOPIC)
        self._background.run(partial(_order, document.spec, self.effort, self.planner), then=self._solve, failed=self._fail)
        self.changed.emit()

    def cancel(self) -> None:
        """End it at once; there is no plan."""
        if self._job is not None:
            self._job.cancel()
        self._finish()

    def _solve(self, order: SolveOrder) -> None:
        if self.busy:  # not cancelled meanwhile
            self._job = SolveJob(order)
            self._job.start()
            self._timer.start()

    def _look(self) -> None:
        assert self._job is not None
        for event in self._job.poll():
            self._take(event)

    def _take(self, event: SolveEvent) -> None:
        match event:
            case SolveProgress(progress=progress):
                self.progress = progress
                self.changed.emit()
            case SolveDone(plan=plan):
                document = self._document
                self._finish()
                # a document that is no longer open has no use for its plan
                if document is not None and self._documents.current is document:
                    self._alternatives.add(self._title, plan)
                    self._documents.take_plan(document, plan)
            case SolveRefused(text=text) | SolveUnserved(text=text):
                self._fail(text)
            case SolveCrashed(text=text, traceback=details):
                self._finish()
                self._notices.error(TOPIC, tr("The planner failed: {text}", text=text), details)
            case SolveCancelled():
                self._finish()

    def _fail(self, text: str) -> None:
        self._finish()
        self._notices.error(TOPIC, tr("No plan: {text}", text=text))

    def _finish(self) -> None:
        self._timer.stop()
        self._document = self._job = self.progress = None
        self.busy = False
        self.changed.emit()


def _order(spec: MissionSpec, effort: int, planner: str) -> SolveOrder:
    # What the child sends is of this module, which takes long to import: not in the GUI thread.
    importlib.import_module("planner.pipeline")
    return SolveOrder(spec=spec, spec_sha256=spec_sha256(spec), effort=effort, workers=usable_cores(), function=planner)
