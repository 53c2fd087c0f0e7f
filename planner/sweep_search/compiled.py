"""The decorators of the compiled inner loops: numba's, with the function's own type kept for readers and type checkers."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, ParamSpec, TypeVar, cast

from numba import njit

#: numba knows these options; its type stubs do not.
_NO_DOOR: dict[str, Any] = {"cache": True, "no_cpython_wrapper": True, "no_cfunc_wrapper": True}

_P = ParamSpec("_P")
_R = TypeVar("_R")


def compiled(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """Compile at the first call, and remember the result beside the module."""
    return cast("Callable[_P, _R]", njit(cache=True)(function))


def compiled_inside(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """Likewise, for functions that only compiled ones call: without the door from Python, half of the work of compiling is saved."""
    return cast("Callable[_P, _R]", njit(**_NO_DOOR)(function))


def compiled_fast(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """Likewise, for arithmetic that neither meets infinities nor cares for the order of sums."""
    return cast("Callable[_P, _R]", njit(cache=True, fastmath=True)(function))


def forget_stale() -> None:
    """Drop results compiled from other sources than today's.

    numba looks at the file of a function alone, not at those of the functions that it calls and takes into itself.
    """
    folder = Path(__file__).parent
    sources = [source.read_bytes() for source in sorted(folder.glob("*.py"))]
    digest = hashlib.sha256(b"".join(source for source in sources if b"@compiled" in source)).hexdigest()
    results = folder / "__pycache__"
    stamp = results / "compiled-from.sha256"
    with contextlib.suppress(OSError):  # A folder that can't be written to has no results in it either.
        if stamp.exists() and stamp.read_text() == digest:
            return
        for index in results.glob("*.nbi"):
            index.unlink(missing_ok=True)
        results.mkdir(exist_ok=True)
        stamp.write_text(digest)


forget_stale()
