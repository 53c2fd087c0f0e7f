"""What the operator must know of, newest first, until seen."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from gui.models.observable import Changed
from mavlink_bridge.events import AlertLevel

#: Older rows go when there are more; the flight log keeps them all.
MAX_ROWS = 500


@dataclass(frozen=True, kw_only=True, slots=True)
class AlertRow:
    """`drone` is empty for what concerns the whole patrol; `at_s` is vehicle time; `count` says how often it came in a row."""

    at_s: float
    level: AlertLevel
    text: str
    drone: str = ""
    count: int = 1
    seen: bool = False


class AlertLog:
    def __init__(self) -> None:
        self.changed = Changed()
        self.rows: tuple[AlertRow, ...] = ()

    def add(self, rows: Iterable[AlertRow]) -> None:
        """Rows in the order they came. The same text again from the same drone is counted, not listed again."""
        kept = list(self.rows)
        for row in rows:
            if kept and _same(kept[0], row):
                kept[0] = replace(row, count=kept[0].count + 1)
            else:
                kept.insert(0, row)
        self._set(tuple(kept[:MAX_ROWS]))

    def mark_seen(self, index: int | None = None) -> None:
        """The operator has read this row, or all; they stay in the list."""
        rows = (row if row.seen or index not in (None, at) else replace(row, seen=True) for at, row in enumerate(self.rows))
        self._set(tuple(rows))

    def show(self, rows: tuple[AlertRow, ...]) -> None:
        """Exactly these."""
        self._set(rows)

    def clear(self) -> None:
        self._set(())

    def unseen(self, level: AlertLevel | None = None) -> int:
        """How many rows nobody has read: of one level, or all."""
        return sum(not row.seen and level in (None, row.level) for row in self.rows)

    def _set(self, rows: tuple[AlertRow, ...]) -> None:
        if rows != self.rows:
            self.rows = rows
            self.changed.emit()


def _same(a: AlertRow, b: AlertRow) -> bool:
    return (a.drone, a.level, a.text) == (b.drone, b.level, b.text)
