"""Find mission files: the user's own, and the ready scenarios that come with the program."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from missions.errors import InputError, nearest_mend

MISSION_FILE_NAME: Final = "mission.toml"

# the scenarios lie beside this module as plain files; the package is never run from an archive
_LIBRARY: Final = Path(__file__).parent / "scenarios"


@dataclass(frozen=True, slots=True)
class Scenario:
    """A ready mission: its name, what it shows in a line, and its folder."""

    name: str
    summary: str
    folder: Path


def scenarios() -> list[Scenario]:
    """All ready missions, by name; variants of one lie in its folder and are called after both."""
    found = sorted(_LIBRARY.glob(f"*/{MISSION_FILE_NAME}")) + sorted(_LIBRARY.glob(f"*/*/{MISSION_FILE_NAME}"))
    return sorted(
        (Scenario(path.parent.relative_to(_LIBRARY).as_posix(), _summary(path.parent), path.parent) for path in found),
        key=lambda each: each.name,
    )


def find_mission(what: str | Path) -> Path:
    """The mission file that a file's name, a folder's or a scenario's stands for. Raises InputError when there is none."""
    path = Path(what)
    try:
        if path.is_file():
            return path
        if (path / MISSION_FILE_NAME).is_file():
            return path / MISSION_FILE_NAME
        folder = path.is_dir()
    except (OSError, ValueError):  # a name too long, or with a NUL
        folder = False
    names = [scenario.name for scenario in scenarios()]
    if str(what) in names:
        return _LIBRARY / str(what) / MISSION_FILE_NAME
    text = f"is a folder without {MISSION_FILE_NAME}" if folder else "does not exist"
    mend = nearest_mend(str(what), names, what="scenarios")
    raise InputError(text, file=str(what), value=str(what), mend=f"give a mission file, its folder or a scenario's name; {mend}")


def _summary(folder: Path) -> str:
    """The first line of the scenario's README after its heading."""
    lines = (folder / "README.md").read_text(encoding="utf-8").splitlines()
    return next((line for line in lines[1:] if line.strip()), "")
