"""Parts of a parsed JSON document, each refused with its place when it is not what it should be."""

from __future__ import annotations

from missions.errors import InputError
from missions.tables import kind_of


def json_object(raw: object, *, file: str, key: str, mend: str) -> dict[str, object]:
    """Raises InputError."""
    if not isinstance(raw, dict):
        raise InputError(f"is {kind_of(raw)}, expected an object", file=file, key=key, mend=mend)
    return raw


def json_list(raw: object, *, file: str, key: str, mend: str) -> list[object]:
    """Raises InputError."""
    if not isinstance(raw, list):
        raise InputError(f"is {kind_of(raw)}, expected a list", file=file, key=key, mend=mend)
    return raw
