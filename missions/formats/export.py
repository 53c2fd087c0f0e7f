"""Export a plan: every file's content first, then all of them into one folder."""

from __future__ import annotations

from pathlib import Path

from missions.errors import InputError, nearest_mend
from missions.folders import write_into
from missions.formats.file_names import file_stems
from missions.formats.registry import FORMATS, Format
from planner.model import Plan

#: Stem of the file that holds the whole plan.
_WHOLE = "plan"


def format_named(name: str) -> Format:
    """A table row by its name. Raises InputError that lists what there is."""
    if name not in FORMATS:
        raise InputError(f"{name!r} is not a format", key="--format", value=name, mend=nearest_mend(name, FORMATS, what="formats"))
    return FORMATS[name]


def exported_files(plan: Plan, target: Format) -> dict[str, bytes]:
    """File name -> content: one file a sortie, named after it, and `plan.<extension>` where the format holds a whole plan."""
    stems = file_stems((sortie.id for sortie in plan.sorties), taken=[_WHOLE])
    files = {f"{stems[sortie.id]}.{target.extension}": target.sortie(plan, sortie) for sortie in plan.sorties}
    if target.whole_plan is not None:
        files[f"{_WHOLE}.{target.extension}"] = target.whole_plan(plan)
    return files


def export_plan(plan: Plan, target: Format, folder: Path, *, force: bool = False) -> list[Path]:
    """Write the files and return their paths. A folder with anything in it is refused without `force`. Raises InputError."""
    return write_into(folder, exported_files(plan, target), force=force)
