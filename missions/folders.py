"""Fill a folder with results: only one that is ours to fill, each file as a whole."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from missions.atomic_file import write_atomically
from missions.errors import InputError


def write_into(folder: Path, files: Mapping[str, bytes], *, force: bool) -> list[Path]:
    """Write named files into a folder, made if missing; one with anything in it only with `force`. Raises InputError."""
    require_ours(folder, force=force)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        paths = [folder / name for name in files]
        for path, content in zip(paths, files.values(), strict=True):
            write_atomically(path, content)
    except OSError as error:
        raise InputError(f"cannot be written: {error.strerror}", file=str(folder), mend="choose another folder") from error
    return paths


def require_ours(folder: Path, *, force: bool) -> None:
    """Refuse a folder that holds something, unless forced, and a path that is no folder. Raises InputError."""
    if folder.exists() and not folder.is_dir():
        raise InputError("is a file, not a folder", file=str(folder), mend="choose another folder")
    if not force and folder.is_dir() and any(folder.iterdir()):
        raise InputError("is not empty", file=str(folder), mend="choose another folder, or add --force to write into this one")
