"""File names made of ids that anybody may have chosen: safe on every file system, and no two the same."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

#: Bytes left for the name, so that an extension still fits where names end at 255 bytes.
_LONGEST_BYTES = 200
#: Names that Windows keeps for devices, with any extension (learn.microsoft.com, "Naming Files, Paths, and Namespaces").
_DEVICES = frozenset({"con", "prn", "aux", "nul", *(f"{port}{number}" for port in ("com", "lpt") for number in range(1, 10))})


def file_stems(ids: Iterable[str], *, taken: Iterable[str] = ()) -> dict[str, str]:
    """A file name without extension for each id: the id itself where that is safe, and never one of `taken`.

    Letters of any script, digits, `-`, `_` and inner dots stay; whatever else could leave the folder or trouble a file
    system becomes `_`. Names that would then be equal (also to a file system that ignores case) get a number.
    """
    used = {name.casefold() for name in taken}
    stems: dict[str, str] = {}
    for identifier in ids:
        stem = _numbered(_cleaned(identifier), used)
        used.add(stem.casefold())
        stems[identifier] = stem
    return stems


def _cleaned(identifier: str) -> str:
    # macOS takes the composed and the decomposed form of a letter for the same name
    composed = unicodedata.normalize("NFC", identifier)
    kept = "".join(letter if letter.isalnum() or letter in "-_." else "_" for letter in composed)
    stem = kept.encode()[:_LONGEST_BYTES].decode(errors="ignore").strip(".") or "_"
    return f"_{stem}" if stem.split(".")[0].casefold() in _DEVICES else stem


def _numbered(stem: str, used: set[str]) -> str:
    candidate, number = stem, 2
    while candidate.casefold() in used:
        candidate, number = f"{stem}-{number}", number + 1
    return candidate
