"""Who runs the planner's independent jobs: this process, others of this machine, or a cluster. Results never depend on it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

J = TypeVar("J")
R = TypeVar("R")


class Executor(Protocol):
    """Whatever runs jobs elsewhere needs functions, jobs and results that pickle."""

    @property
    def workers(self) -> int:
        """How many jobs may run at once."""
        ...

    def map(self, function: Callable[[J], R], jobs: Iterable[J], /) -> Iterator[R]:
        """The results in the order of the jobs, which may all be begun before the first result is asked for.

        What a job raises is raised where its result is asked for.
        """
        ...

    def cancel(self) -> None:
        """Give up all jobs that are not done. Nothing more may be asked of the executor."""
        ...


@dataclass(frozen=True, slots=True)
class InTurn:
    """This process: each job is run when its result is asked for."""

    @property
    def workers(self) -> int:
        return 1

    def map(self, function: Callable[[J], R], jobs: Iterable[J], /) -> Iterator[R]:
        return map(function, jobs)

    def cancel(self) -> None:
        return None


@dataclass(frozen=True, kw_only=True, slots=True)
class Executors:
    """`own` runs what concerns one nation alone, by nation; `common` everything else, and what concerns nations without their own."""

    common: Executor = field(default_factory=InTurn)
    own: Mapping[str, Executor] = field(default_factory=dict)

    def of(self, nation: str) -> Executor:
        """Who runs what concerns this nation alone."""
        return self.own.get(nation, self.common)

    @property
    def workers(self) -> int:
        """How many jobs may run at once."""
        return self.common.workers + sum(each.workers for each in self.own.values())

    def cancel(self) -> None:
        """Give up all jobs that are not done."""
        for each in (self.common, *self.own.values()):
            each.cancel()


#: Everything in this process.
ALONE = Executors()
