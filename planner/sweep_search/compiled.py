"""The decorators of the compiled inner loops: numba's, with the function's own type kept for readers and type checkers."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, ParamSpec, TypeVar, cast

from numba import njit
from numba.core.sigutils import normalize_signature
from numba.core.types import unliteral

#: Functions that make no arrays need not count who holds one: that is most of the code that numba would make of a handful of arrays.
#: What is divided by nothing is infinite, as in numpy, instead of an error to be looked for at every division.
_PLAIN: dict[str, Any] = {"cache": True, "error_model": "numpy", "no_cfunc_wrapper": True, "_nrt": False}
_WITH_ARRAYS: dict[str, Any] = {**_PLAIN, "_nrt": True}
#: Without the door from Python half of the work of compiling a small function is saved.
_NO_DOOR: dict[str, Any] = {"no_cpython_wrapper": True}

_P = ParamSpec("_P")
_R = TypeVar("_R")


def compiled(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """Compile at the first call, and remember the result beside the module. It makes no arrays, and is given back none."""
    return _jit(function, _PLAIN)


def compiled_with_arrays(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """Likewise, for functions that make arrays (a copy, or for a moment where one slice is assigned to another) or call others that do."""
    return _jit(function, _WITH_ARRAYS)


def compiled_inside(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """As `compiled`, for functions that only compiled ones call."""
    return _jit(function, {**_PLAIN, **_NO_DOOR})


def compiled_inside_with_arrays(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """As `compiled_with_arrays`, for functions that only compiled ones call."""
    return _jit(function, {**_WITH_ARRAYS, **_NO_DOOR})


def compiled_into(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """Taken as it stands into the compiled function that calls it: for short ones that choose between large ones."""
    return _jit(function, {**_PLAIN, **_NO_DOOR, "inline": "always"})


def compiled_fast(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """As `compiled`, for arithmetic that neither meets infinities nor cares for the order of sums."""
    return _jit(function, {**_PLAIN, "fastmath": True})


def _jit(function: Callable[_P, _R], options: dict[str, Any]) -> Callable[_P, _R]:
    """Compiled once for all numbers: numba would do so anew for each that is written out in a call, such as 0 or True."""
    dispatcher: Any = njit(**options)(function)
    compile_for = dispatcher.compile

    def compile_for_numbers(signature: Any) -> Any:
        kinds, _ = normalize_signature(signature)  # type: ignore[no-untyped-call]  # numba's own are without types
        return compile_for(tuple(unliteral(kind) for kind in kinds))  # type: ignore[no-untyped-call]  # likewise

    dispatcher.compile = compile_for_numbers
    return cast("Callable[_P, _R]", dispatcher)


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
