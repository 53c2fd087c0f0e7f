"""Write results so that nobody ever finds half of one: files by renaming, folders only when they are ours to fill."""

from __future__ import annotations

import os
import secrets
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Final

from missions.errors import InputError

#: A file's content, or what makes it in another thread (so that it should be of the kind that lets others run, as packing is).
Content = bytes | Callable[[], bytes]

#: Files that are written at a time, while others are made.
_WRITERS: Final = 4


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that its old or its new content is there at every moment, never a part. Raises OSError."""
    write_all([(path, content)])


def write_all(files: Mapping[Path, Content] | Iterable[tuple[Path, Content]]) -> list[Path]:
    """Write files so that each has its old or its new content at every moment; all are complete on disk before the first is replaced.

    Contents may be made as they are asked for: each is written while the next one is made, and what is left to be called is called there.
    Raises OSError, and what making them raises; then no file has changed, unless it was replacing that failed.
    """
    parts: dict[Path, Path] = {}
    with ThreadPoolExecutor(_WRITERS) as pool:
        try:
            under_way: deque[Future[None]] = deque()
            for path, content in files.items() if isinstance(files, Mapping) else files:
                parts[path] = path.with_name(f".{secrets.token_hex(8)}.part")
                under_way.append(pool.submit(_write_new, parts[path], content))
                if len(under_way) > _WRITERS:
                    under_way.popleft().result()
            for each in under_way:
                each.result()
            # all at the end and side by side: a thousand files take a second so, and ten when each is waited for
            deque(pool.map(_settle, parts.values()), maxlen=0)
            for path, part in parts.items():
                part.replace(path)
        except BaseException:
            pool.shutdown(cancel_futures=True)
            for part in parts.values():
                part.unlink(missing_ok=True)
            raise
    return list(parts)


def _write_new(path: Path, content: Content) -> None:
    data = content if isinstance(content, bytes) else content()
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)
    with os.fdopen(handle, "wb") as file:
        file.write(data)


def _settle(path: Path) -> None:
    """Wait until the file's content is on the disk."""
    with path.open("r+b") as file:
        os.fsync(file.fileno())


def write_into(folder: Path, files: Mapping[str, bytes] | Iterable[tuple[str, Content]], *, force: bool) -> list[Path]:
    """Write named files into a folder, made if missing; one with anything in it only with `force`. Raises InputError.

    A folder that was made for files that could not be is taken away again.
    """
    require_ours(folder, force=force)
    named: Iterable[tuple[str, Content]] = files.items() if isinstance(files, Mapping) else files
    made = [each for each in (folder, *folder.parents) if not each.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return write_all((folder / name, content) for name, content in named)
    except BaseException as error:
        for each in made:
            with suppress(OSError):
                each.rmdir()
        if isinstance(error, OSError):
            raise InputError(f"cannot be written: {error.strerror}", file=str(folder), mend="choose another folder") from error
        raise


def require_ours(folder: Path, *, force: bool) -> None:
    """Refuse a folder that holds something, unless forced, and a path that is no folder. Raises InputError."""
    if folder.exists() and not folder.is_dir():
        raise InputError("is a file, not a folder", file=str(folder), mend="choose another folder")
    if not force and folder.is_dir() and any(folder.iterdir()):
        raise InputError("is not empty", file=str(folder), mend="choose another folder, or add --force to write into this one")
