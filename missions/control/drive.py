"""What moves a drone's programme on, and how often something was tried."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Drive(StrEnum):
    """What moves the drone on: intents only, the whole programme by itself, or nothing any more."""

    BY_INTENT = "by_intent"
    PROGRAMME = "programme"
    OVER = "over"


@dataclass(slots=True)
class Attempts:
    """How often something was tried, and when to look at it again."""

    made: int = 0
    next_s: float | None = None

    def due(self, now_s: float) -> bool:
        return self.next_s is not None and now_s >= self.next_s

    def try_again_at(self, at_s: float) -> None:
        self.next_s = at_s
