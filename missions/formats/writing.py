"""What writers of plans have in common: prepared once a plan, called for each sortie, remarking what gets lost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from planner.model import Plan, Sortie

#: Told what a sortie in particular loses in a format.
Remark = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Writers:
    """What makes a plan's files: one for each sortie, and the whole plan where the format can hold it.

    `packed` is what is done to each of them last; it may be done beside the making of the next.
    """

    sortie: Callable[[Sortie], bytes]
    whole: Callable[[], bytes] | None = None
    packed: Callable[[bytes], bytes] | None = None


def each(sortie: Callable[[Plan, Sortie], bytes], whole: Callable[[Plan], bytes] | None = None) -> Callable[[Plan, Remark], Writers]:
    """A format whose sorties need no preparation and lose nothing that the table does not say."""

    def prepare(plan: Plan, _remark: Remark) -> Writers:
        return Writers(partial(sortie, plan), None if whole is None else partial(whole, plan))

    return prepare


def unremarked(_text: str) -> None:
    """For callers who do not want to know."""
