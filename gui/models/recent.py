"""The files that were opened last, newest first."""

from __future__ import annotations

from pathlib import Path

from gui.models.observable import Changed

SLOTS = 8


class Recent:
    def __init__(self) -> None:
        self.changed = Changed()
        self.files: tuple[str, ...] = ()

    def add(self, source: str) -> None:
        """A file or folder that was opened; a scenario's name is none."""
        path = Path(source)
        if path.exists():
            self.set((str(path.resolve()), *(file for file in self.files if file != str(path.resolve()))))

    def set(self, files: tuple[str, ...]) -> None:
        if files[:SLOTS] != self.files:
            self.files = files[:SLOTS]
            self.changed.emit()

    def file(self, slot: int) -> str:
        """Empty when there are fewer."""
        return self.files[slot] if slot < len(self.files) else ""

    def title(self, slot: int) -> str:
        """Its last two names, which tell missions apart."""
        file = self.file(slot)
        return str(Path(*Path(file).parts[-2:])) if file else ""
