"""Which schema a document is of, and the steps that bring older ones to the present one; a file of another schema is never guessed at."""

from __future__ import annotations

from collections.abc import Callable, Mapping, MutableMapping
from typing import Any, Final

from missions.errors import InputError, shortened
from missions.tables import kind_of

#: A parsed file, changed in place; those that keep comments are mappings as well.
Document = MutableMapping[str, Any]
#: Brings a document from one schema to the next, and tells what it changed.
Step = Callable[[Document], list[str]]
#: By the schema that it starts from.
Steps = Mapping[int, Step]

MISSION_SCHEMA: Final = 1
#: None so far: there has been one schema.
MISSION_STEPS: Final[Steps] = {}
PLAN_STEPS: Final[Steps] = {}


def require_newest(document: object, file: str, *, newest: int, steps: Steps) -> None:
    """Refuse a document of another schema, and say what to do about it. Raises InputError."""
    version = stated_schema(document, file, newest=newest)
    if version == newest:
        return
    if version > newest:
        raise _error(
            file, version, f"{shortened(version)} is newer than {newest}, the newest that this program knows", "use a newer jointpatrol"
        )
    if version in steps:
        raise _error(file, version, f"{shortened(version)} is an older schema than {newest}", f"run: jointpatrol migrate {file}")
    raise _error(file, version, f"{shortened(version)} is no schema that ever was", f"give a file of schema {newest}")


def migrate(document: Document, file: str, *, newest: int, steps: Steps) -> list[str]:
    """Bring a document to the newest schema, step by step; what was changed. Raises InputError."""
    told: list[str] = []
    while (version := stated_schema(document, file, newest=newest)) in steps and version < newest:
        told += steps[version](document)
        document["schema"] = version + 1
    require_newest(document, file, newest=newest, steps=steps)
    return told


def stated_schema(document: object, file: str, *, newest: int) -> int:
    """The number under `schema`. Raises InputError where there is none."""
    if not isinstance(document, Mapping):
        raise InputError(f"is {kind_of(document)}, expected a table", file=file, value=document, mend="give keys and values")
    version = document.get("schema")
    if version is None:
        raise _error(file, None, "is missing", f"add schema = {newest}, if it is written as the reference says")
    if isinstance(version, bool) or not isinstance(version, int):
        raise _error(file, version, f"is {kind_of(version)}, expected a whole number", f"write schema = {newest}")
    return int(version)


def _error(file: str, value: object, text: str, mend: str) -> InputError:
    return InputError(text, file=file, key="schema", value=value, mend=mend)
