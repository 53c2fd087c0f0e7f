"""What the program has to say or ask, in the window instead of in a dialog: nothing is modal while drones fly."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from gui.models.observable import Changed


class NoticeLevel(StrEnum):
    INFO = "info"
    QUESTION = "question"
    ERROR = "error"


@dataclass(frozen=True, kw_only=True, slots=True)
class Choice:
    """An answer. The first choice of a notice is never the one that is taken by accident: no key presses it unasked."""

    title: str
    run: Callable[[], None]
    hold: bool = False
    """Whether it takes a press that lasts: for what must not be hit by accident."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Notice:
    """`topic` replaces an older notice of the same topic; `details` can be copied."""

    topic: str
    level: NoticeLevel
    text: str
    details: str = ""
    choices: tuple[Choice, ...] = ()


class Notices:
    """At most one notice a topic; a question stands before what is merely told."""

    def __init__(self) -> None:
        self.changed = Changed()
        self._notices: tuple[Notice, ...] = ()

    @property
    def front(self) -> Notice | None:
        """The one to show: the newest question, else the newest notice."""
        questions = [notice for notice in self._notices if notice.level is NoticeLevel.QUESTION]
        shown = questions or self._notices
        return shown[-1] if shown else None

    @property
    def waiting(self) -> int:
        """How many more there are."""
        return max(0, len(self._notices) - 1)

    def post(self, notice: Notice) -> None:
        self._notices = (*self._without(notice.topic), notice)
        self.changed.emit()

    def drop(self, topic: str) -> None:
        kept = self._without(topic)
        if kept != self._notices:
            self._notices = kept
            self.changed.emit()

    def choose(self, notice: Notice, choice: Choice) -> None:
        """The operator's answer: the notice goes, then the choice runs."""
        self.drop(notice.topic)
        choice.run()

    def info(self, topic: str, text: str) -> None:
        self.post(Notice(topic=topic, level=NoticeLevel.INFO, text=text))

    def error(self, topic: str, text: str, details: str = "") -> None:
        self.post(Notice(topic=topic, level=NoticeLevel.ERROR, text=text, details=details))

    def _without(self, topic: str) -> tuple[Notice, ...]:
        return tuple(notice for notice in self._notices if notice.topic != topic)
