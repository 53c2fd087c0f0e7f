"""Write results so that nobody ever finds half of one: files by renaming, folders only when they are ours to fill."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from missions.errors import InputError


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that its old or its new content is there at every moment, never a part. Raises OSError."""
    write_all({path: content})


def write_all(files: Mapping[Path, bytes]) -> None:
    """Write files so that each has its old or its new content at every moment; all are complete on disk before the first is replaced.

    Raises OSError; then no file has changed, unless it was replacing that failed.
    """
    parts: dict[Path, Path] = {}
    try:
        for path, content in files.items():
            parts[path] = path.with_name(f".{secrets.token_hex(8)}.part")
            _write_new(parts[path], content)
        # all at the end: a thousand files take a second so, and ten when each is waited for
        for part in parts.values():
            _settle(part)
        for path, part in parts.items():
            part.replace(path)
    except BaseException:
        for part in parts.values():
            part.unlink(missing_ok=True)
        raise


def _write_new(path: Path, content: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)
    with os.fdopen(handle, "wb") as file:
        file.write(content)


def _settle(path: Path) -> None:
    """Wait until the file's content is on the disk."""
    with path.open("r+b") as file:
        os.fsync(file.fileno())


def write_into(folder: Path, files: Mapping[str, bytes], *, force: bool) -> list[Path]:
    """Write named files into a folder, made if missing; one with anything in it only with `force`. Raises InputError."""
    require_ours(folder, force=force)
    paths = [folder / name for name in files]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_all(dict(zip(paths, files.values(), strict=True)))
    except OSError as error:
        raise InputError(f"cannot be written: {error.strerror}", file=str(folder), mend="choose another folder") from error
    return paths


def require_ours(folder: Path, *, force: bool) -> None:
    """Refuse a folder that holds something, unless forced, and a path that is no folder. Raises InputError."""
    if folder.exists() and not folder.is_dir():
        raise InputError("is a file, not a folder", file=str(folder), mend="choose another folder")
    if not force and folder.is_dir() and any(folder.iterdir()):
        raise InputError("is not empty", file=str(folder), mend="choose another folder, or add --force to write into this one")
