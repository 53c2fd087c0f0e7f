"""Export a plan: every file is complete on the disk before the first one replaces an old one."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from missions.errors import InputError, nearest_mend
from missions.folders import Content, write_into
from missions.formats.file_names import file_stems
from missions.formats.registry import FORMATS, Format
from missions.formats.writing import Remark, Writers, unremarked
from planner.model import Plan

#: Stem of the file that holds the whole plan.
_WHOLE = "plan"


def format_named(name: str) -> Format:
    """A table row by its name. Raises InputError that lists what there is."""
    if name not in FORMATS:
        raise InputError(f"{name!r} is not a format", key="--format", value=name, mend=nearest_mend(name, FORMATS, what="formats"))
    return FORMATS[name]


def exported_files(plan: Plan, target: Format, remark: Remark = unremarked) -> dict[str, bytes]:
    """File name -> content: one file a sortie, named after it, and `plan.<extension>` where the format holds a whole plan.

    What a sortie in particular loses is remarked.
    """
    return {name: content if isinstance(content, bytes) else content() for name, content in _contents(plan, target, remark)}


def _contents(plan: Plan, target: Format, remark: Remark) -> Iterator[tuple[str, Content]]:
    stems = file_stems((sortie.id for sortie in plan.sorties), taken=[_WHOLE])
    writers = target.prepare(plan, remark)
    for sortie in plan.sorties:
        yield f"{stems[sortie.id]}.{target.extension}", _made(writers, writers.sortie(sortie))
    if writers.whole is not None:
        yield f"{_WHOLE}.{target.extension}", _made(writers, writers.whole())


def _made(writers: Writers, content: bytes) -> Content:
    return content if writers.packed is None else partial(writers.packed, content)


def export_plan(plan: Plan, target: Format, folder: Path, *, force: bool = False, remark: Remark = unremarked) -> list[Path]:
    """Write the files and return their paths. A folder with anything in it is refused without `force`. Raises InputError."""
    return write_into(folder, _contents(plan, target, remark), force=force)
