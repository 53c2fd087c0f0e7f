"""What a vehicle wants to say, collected while it handles a message or a moment, in the order ArduPilot sends it.

Answers go first, then what the vehicle announces by itself, then texts, then parameter values (recordings k02, k07, k10b).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from mavlink_bridge.enums import Severity
from mavlink_bridge.messages import Message, ParamValue, StatusText

#: STATUSTEXT holds 50 characters; longer texts travel in chunks under one id (k15).
_TEXT_LENGTH = 50


@dataclass(slots=True)
class Outbox:
    """`answers` go to one link each, everything else to every link that has been heard."""

    answers: list[tuple[int, Message]] = field(default_factory=list)
    announcements: list[Message] = field(default_factory=list)
    texts: list[tuple[int | None, int, str]] = field(default_factory=list)
    values: list[ParamValue] = field(default_factory=list)
    late_answers: list[tuple[int, Message]] = field(default_factory=list)
    _last_id: int = 0

    def answer(self, link: int, message: Message) -> None:
        self.answers.append((link, message))

    def answer_late(self, link: int, message: Message) -> None:
        """An answer that comes after the texts."""
        self.late_answers.append((link, message))

    def announce(self, message: Message) -> None:
        self.announcements.append(message)

    def text(self, severity: Severity, text: str, link: int | None = None) -> None:
        """A STATUSTEXT to every station, or to one link alone."""
        self.texts.append((link, severity, text))

    def value(self, value: ParamValue) -> None:
        """A parameter changed; only its latest value is sent."""
        self.values = [other for other in self.values if other.param_id != value.param_id]
        self.values.append(value)

    @property
    def is_empty(self) -> bool:
        return not (self.answers or self.announcements or self.texts or self.values)

    def take(self, *, values: bool = True) -> list[tuple[int | None, Message]]:
        """What there is to send, in order, with its link; None is every link that has been heard. It is gone afterwards.

        Without `values` the parameter values stay for the next time.
        """
        sent: list[tuple[int | None, Message]] = [*self.answers]
        sent += [(None, message) for message in self.announcements]
        for link, severity, text in self.texts:
            sent += [(link, chunk) for chunk in self._chunks(severity, text)]
        sent += self.late_answers
        self.answers, self.announcements, self.texts, self.late_answers = [], [], [], []
        if values:
            sent += [(None, value) for value in self.values]
            self.values = []
        return sent

    def _chunks(self, severity: int, text: str) -> list[Message]:
        if len(text) <= _TEXT_LENGTH:
            return [StatusText(severity=severity, text=text)]
        self._last_id += 1
        parts = [text[start : start + _TEXT_LENGTH] for start in range(0, len(text), _TEXT_LENGTH)]
        return [StatusText(severity=severity, text=part, id=self._last_id, chunk_seq=number) for number, part in enumerate(parts)]
