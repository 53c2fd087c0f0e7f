"""Jobs for a cluster's workers that show what becomes of them."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Begun:
    """Squares a number after a while, and leaves a file named like the number with the process id of its worker."""

    folder: Path
    seconds: float

    def __call__(self, number: int) -> int:
        (self.folder / f"{number}.tmp").write_text(str(os.getpid()), encoding="utf-8")
        (self.folder / f"{number}.tmp").rename(self.folder / str(number))
        threading.Event().wait(self.seconds)
        return number * number


def until_told(job: tuple[Path, Callable[[], bool]]) -> None:
    """Leaves a file when begun and another when told to stop."""
    folder, should_stop = job
    (folder / "begun").touch()
    never = threading.Event()
    while not should_stop():
        never.wait(0.01)
    (folder / "stopped").touch()


def fail(number: int) -> int:
    """A defect, or an honest no."""
    raise ArithmeticError(f"not {number}")
