"""Edits the open mission: every change can be undone, is checked as the command line would, and is kept aside until it is saved."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PyQt6.QtCore import QObject, QTimer

from gui.background import Background
from gui.documents import Documents
from gui.models.document import Document, edited, opened_draft
from gui.models.draft_check import Checked, Problem, check_draft
from gui.models.draft_files import DraftPlace, forget_kept, keep_aside, kept_source, load_draft, load_kept, save_draft
from gui.models.history import History
from gui.models.mission_draft import MissionDraft
from gui.models.notices import Choice, Notice, NoticeLevel, Notices
from gui.models.observable import Changed
from gui.models.words import tr
from missions.errors import InputError
from missions.scenario_library import MISSION_FILE_NAME, scenarios
from planner.model import Plan

TOPIC = "edit"
#: A drag or typing is checked when it pauses for so long.
_PAUSE_MS = 120
_ASIDE_MS = 1_000
#: Plans of earlier drafts that undo brings back.
_PLANS_KEPT = 5


class Editing(QObject):
    """`history` is None while nothing is open that can be edited; `problem` is what is wrong with the draft as it stands."""

    def __init__(self, background: Background, documents: Documents, notices: Notices, *, recovery: Path, begun: Path) -> None:
        super().__init__()
        self.changed = Changed()
        self.history: History[MissionDraft] | None = None
        self.problem: Problem | None = None
        self._background = background
        self._documents = documents
        self._notices = notices
        self._recovery = recovery
        self._begun = begun
        """Where missions are that were begun here and never saved."""
        self._place: DraftPlace | None = None
        self._plans: list[tuple[MissionDraft, Plan]] = []
        self._checking = False
        self._check_soon = _single_shot(self, _PAUSE_MS, self._check)
        self._aside_soon = _single_shot(self, _ASIDE_MS, self._keep_aside)
        documents.changed.connect(self._follow)
        documents.guard = self._guard

    @property
    def draft(self) -> MissionDraft | None:
        return None if self.history is None else self.history.current

    @property
    def unsaved(self) -> bool:
        return self.history is not None and self.history.unsaved

    @property
    def saveable(self) -> bool:
        """Whether there is a file of the operator's to save to: scenarios that come with the program, and what was just begun, are not."""
        return self._place is not None and not self._is_scenario and self._begun not in self._place.file.parents

    @property
    def valid(self) -> bool:
        """Whether what would be planned is the draft as it stands."""
        return self.draft is None or (self.problem is None and self.checked)

    @property
    def checked(self) -> bool:
        """Whether the map shows the draft as it stands."""
        return not self._checking and not self._check_soon.isActive()

    # --- changes -----------------------------------------------------------------------------------------------------

    def do(self, text: str, draft: MissionDraft, *, stroke: object = None) -> None:
        """`text` says what was done, for undo; changes of one stroke are undone at once."""
        if self.history is not None:
            self.history.do(text, draft, stroke=stroke)

    def undo(self) -> None:
        if self.history is not None:
            self.history.undo()

    def redo(self) -> None:
        if self.history is not None:
            self.history.redo()

    def end_stroke(self) -> None:
        """The next change is one of its own."""
        if self.history is not None:
            self.history.end_stroke()

    def tell(self, text: str) -> None:
        """Why something cannot be done."""
        self._notices.info(TOPIC, text)

    def _edited(self) -> None:
        self._check_soon.start()
        self._aside_soon.start()
        self.changed.emit()

    # --- checking ----------------------------------------------------------------------------------------------------

    def _check(self) -> None:
        document, draft = self._documents.current, self.draft
        if self._checking or draft is None or document is None or self._place is None:
            return
        self._checking = True
        plan = next((plan for of, plan in self._plans if of is draft), None)
        check = partial(check_draft, draft, self._place, plan, document.scene.frame)
        self._background.run(check, then=self._take, failed=partial(self._notices.error, TOPIC))

    def _take(self, result: Checked | Problem) -> None:
        self._checking = False
        if result.draft is not self.draft:
            # it has changed meanwhile
            self._check_soon.start()
            return
        document = self._documents.current
        if isinstance(result, Problem):
            self.problem = result
        elif document is not None:
            self.problem = None
            self._documents.revise(edited(document, result))
        self.changed.emit()

    # --- what is open ------------------------------------------------------------------------------------------------

    def _follow(self) -> None:
        document = self._documents.current
        if document is None or document.place is None or document.draft is None:
            if self.history is not None and document is not None:
                self._begin(None, None)
        elif document.place is not self._place:
            self._begin(History(document.draft), document.place)
        elif document.plan is not None and self.draft is not None and all(of is not self.draft for of, _ in self._plans):
            self._plans = [*self._plans[1 - _PLANS_KEPT :], (self.draft, document.plan)]

    def _begin(self, history: History[MissionDraft] | None, place: DraftPlace | None) -> None:
        self.history, self._place, self.problem, self._plans = history, place, None, []
        if history is not None:
            history.changed.connect(self._edited)
        self.changed.emit()

    def _guard(self, run: Callable[[], None]) -> None:
        if not self.unsaved:
            run()
            return
        choices = (
            Choice(title=tr("Stay"), run=lambda: None),
            Choice(title=tr("Open without saving"), run=partial(self._discard_and, run)),
        )
        self._notices.post(
            Notice(topic=TOPIC, level=NoticeLevel.QUESTION, text=tr("The mission has edits that are not saved."), choices=choices)
        )

    def _discard_and(self, run: Callable[[], None]) -> None:
        self.discard()
        run()

    def discard(self) -> None:
        """The edits are not wanted."""
        if self.history is not None:
            self.history.mark_saved(self.history.current)
        self._aside_soon.stop()
        forget_kept(self._recovery)

    # --- files -------------------------------------------------------------------------------------------------------

    def save(self) -> None:
        """To the file that was opened."""
        if self._place is not None:
            self._save(self._place.file)

    def save_as(self, file: Path) -> None:
        """To this file, or as `mission.toml` in this folder; goes on with it."""
        self._save(file if file.suffix == ".toml" else file / MISSION_FILE_NAME)

    def _save(self, file: Path) -> None:
        draft, place = self.draft, self._place
        if draft is not None and place is not None:
            self._background.run(
                partial(save_draft, draft, place, file),
                then=lambda _: self._saved(draft, file),
                failed=lambda text: self._notices.error(TOPIC, tr("The mission was not saved: {text}", text=text)),
            )

    def _saved(self, draft: MissionDraft, file: Path) -> None:
        document = self._documents.current
        if self.history is None or self._place is None or document is None:
            return
        if file.resolve() != self._place.file.resolve():
            self._place = DraftPlace(file=file)
            self._documents.rename(document, str(file), self._place)
        self.history.mark_saved(draft)
        self._aside_soon.stop()
        forget_kept(self._recovery)
        wrong = "" if self.problem is None else tr(" It is not a valid mission yet.")
        self._notices.info(TOPIC, tr("Saved {file}.{wrong}", file=file, wrong=wrong))

    @property
    def _is_scenario(self) -> bool:
        return self._place is not None and any(self._place.folder.resolve() == each.folder.resolve() for each in scenarios())

    # --- recovery ----------------------------------------------------------------------------------------------------

    def _keep_aside(self) -> None:
        draft, place = self.draft, self._place
        if draft is not None and place is not None and self.unsaved:
            write = partial(keep_aside, draft, place, self._recovery)
            self._background.run(
                write, then=lambda _: None, failed=lambda text: self.tell(tr("The edits could not be kept aside: {text}", text=text))
            )

    def offer_recovery(self) -> None:
        """Ask whether edits that were never saved are wanted back."""
        source = kept_source(self._recovery)
        if source is None:
            return
        choices = (
            Choice(title=tr("Forget them"), run=partial(forget_kept, self._recovery)),
            Choice(title=tr("Get them back"), run=partial(self._recover, source)),
        )
        text = tr("There are edits of {name} that were never saved.", name=source.parent.name)
        self._notices.post(Notice(topic=TOPIC, level=NoticeLevel.QUESTION, text=text, choices=choices))

    def _recover(self, source: Path) -> None:
        self._background.run(
            partial(_recovered, source, self._recovery),
            then=self._show_recovered,
            failed=lambda text: self._notices.error(TOPIC, tr("The edits cannot be brought back: {text}", text=text)),
        )

    def _show_recovered(self, found: tuple[Document, MissionDraft]) -> None:
        document, draft = found
        self._documents.show(document)
        self.do(tr("Get edits back"), draft)


def _recovered(source: Path, recovery: Path) -> tuple[Document, MissionDraft]:
    """The mission as it is on disk, and the edited draft of it. Raises InputError."""
    place = DraftPlace(file=source)
    try:
        before = opened_draft(str(source), load_draft(place), place)
    except InputError:
        # the file is gone or broken meanwhile: what was kept stands for itself
        kept = load_kept(recovery, place)
        return opened_draft(str(source), kept, place), kept
    return before, load_kept(recovery, place)


def _single_shot(owner: QObject, interval_ms: int, run: Callable[[], None]) -> QTimer:
    timer = QTimer(owner)
    timer.setSingleShot(True)
    timer.setInterval(interval_ms)
    timer.timeout.connect(run)
    return timer
