"""What a cluster's workers run: the planner's jobs, but only for a client whose program and libraries are the same as theirs.

Jobs travel by the names of their functions, so a worker has the program installed. Dask is loaded by whoever has it; without it no
job is a cluster's.
"""

from __future__ import annotations

import hashlib
import platform
import sys
from collections.abc import Callable, Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final, TypeVar

import planner

J = TypeVar("J")
R = TypeVar("R")

#: Libraries that decide over a plan's numbers, or over how it travels.
_LIBRARIES: Final = ("distributed", "numpy", "shapely", "pyproj", "ortools", "numba")


class StrangerError(RuntimeError):
    """The worker is not like the client: what it computed might not be what others compute."""


@cache
def this_build() -> Mapping[str, str]:
    """The program and what it is run by, as far as plans depend on them."""
    import pyproj
    import shapely

    return {
        "jointpatrol": _version_of("jointpatrol"),
        "the planner's source": _source_digest(),
        "python": platform.python_version(),
        "processor": platform.machine(),
        **{name: _version_of(name) for name in _LIBRARIES},
        "GEOS": shapely.geos_version_string,
        "PROJ": str(pyproj.proj_version_str),
    }


def differences(theirs: Mapping[str, str], ours: Mapping[str, str]) -> str:
    """What is not the same, in words; empty when all is."""
    names = [name for name in dict.fromkeys((*ours, *theirs)) if theirs.get(name) != ours.get(name)]
    return ", ".join(f"{name} {theirs.get(name, 'none')} instead of {ours.get(name, 'none')}" for name in names)


def run_job(job: J, *, function: Callable[[J], R], build: Mapping[str, str]) -> R:
    """One of the client's jobs. Workers may join at any time, so each job asks anew whether its worker is like the client."""
    unlike = differences(this_build(), build)
    if unlike:
        raise StrangerError(unlike)
    return function(job)


def is_dropped() -> bool:
    """Whether nobody waits any more for the job that this thread runs; False where no cluster's worker runs it."""
    distributed = sys.modules.get("distributed")
    if distributed is None:
        return False
    try:
        worker: Any = distributed.get_worker()
    except ValueError:
        return False
    task = worker.state.tasks.get(worker.get_current_task())
    return task is None or task.state == "cancelled"


def _source_digest() -> str:
    digest = hashlib.sha256()
    for folder in map(Path, planner.__path__):
        for file in sorted(folder.rglob("*.py")):
            digest.update(file.relative_to(folder).as_posix().encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()[:12]


def _version_of(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "none"
