"""What was done, to be undone and done again: every state is kept whole, and states share what they have in common."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from gui.models.observable import Changed

T = TypeVar("T")

MAX_STEPS = 500


@dataclass(frozen=True, slots=True)
class _Step(Generic[T]):
    """`text` says what was done to come here; steps of one `stroke` are one to undo."""

    text: str
    state: T
    stroke: object = None


class History(Generic[T]):
    """States are never changed, only replaced. `saved` is the one on disk."""

    def __init__(self, first: T, *, saved: bool = True) -> None:
        self.changed = Changed()
        self._steps: list[_Step[T]] = [_Step("", first)]
        self._here = 0
        self._saved: T | None = first if saved else None

    @property
    def current(self) -> T:
        return self._steps[self._here].state

    @property
    def unsaved(self) -> bool:
        return self.current is not self._saved

    @property
    def undo_text(self) -> str:
        """What would be undone; empty when there is nothing."""
        return self._steps[self._here].text

    @property
    def redo_text(self) -> str:
        return self._steps[self._here + 1].text if self._here + 1 < len(self._steps) else ""

    def do(self, text: str, state: T, *, stroke: object = None) -> None:
        """Steps in a row with the same `stroke` (a drag, the typing of one number) count as one."""
        if state is self.current:
            return
        here = self._steps[self._here]
        goes_on = stroke is not None and here.stroke == stroke and here.state is not self._saved
        del self._steps[self._here + (0 if goes_on else 1) :]
        self._steps.append(_Step(text, state, stroke))
        del self._steps[: max(0, len(self._steps) - MAX_STEPS)]
        self._here = len(self._steps) - 1
        self.changed.emit()

    def end_stroke(self) -> None:
        """The next step is one of its own, whatever its stroke."""
        here = self._steps[self._here]
        self._steps[self._here] = _Step(here.text, here.state)

    def undo(self) -> None:
        self._go(-1)

    def redo(self) -> None:
        self._go(1)

    def mark_saved(self, state: T) -> None:
        self._saved = state
        self.changed.emit()

    def _go(self, steps: int) -> None:
        if 0 <= self._here + steps < len(self._steps):
            self.end_stroke()
            self._here += steps
            self.changed.emit()
