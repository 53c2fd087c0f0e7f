"""Write results so that nobody ever finds half of one: files by renaming, folders only when they are ours to fill."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from missions.errors import InputError


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that its old or its new content is there at every moment, never a part. Raises OSError."""
    temporary = path.with_name(f".{secrets.token_hex(8)}.part")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def write_into(folder: Path, files: Mapping[str, bytes], *, force: bool) -> list[Path]:
    """Write named files into a folder, made if missing; one with anything in it only with `force`. Raises InputError."""
    require_ours(folder, force=force)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        paths = [folder / name for name in files]
        for path, content in zip(paths, files.values(), strict=True):
            write_whole(path, content)
    except OSError as error:
        raise InputError(f"cannot be written: {error.strerror}", file=str(folder), mend="choose another folder") from error
    return paths


def require_ours(folder: Path, *, force: bool) -> None:
    """Refuse a folder that holds something, unless forced, and a path that is no folder. Raises InputError."""
    if folder.exists() and not folder.is_dir():
        raise InputError("is a file, not a folder", file=str(folder), mend="choose another folder")
    if not force and folder.is_dir() and any(folder.iterdir()):
        raise InputError("is not empty", file=str(folder), mend="choose another folder, or add --force to write into this one")
