"""Names of sorties: numbered by drone, and by version when one is changed in the air."""

from __future__ import annotations

import re
from collections.abc import Iterable

from planner.model import Plan, Sortie

_VERSION = re.compile(r"^(.*?)-r(\d+)$")
_NUMBER = re.compile(r"(\d+)$")


def first_version(sortie: str) -> str:
    """The name that the sortie took off with."""
    found = _VERSION.match(sortie)
    return found[1] if found else sortie


def next_version(sortie: str) -> str:
    """The name of the sortie when it has been changed in the air once more."""
    found = _VERSION.match(sortie)
    return f"{found[1]}-r{int(found[2]) + 1}" if found else f"{sortie}-r1"


def version_in(plan: Plan, drone: str, sortie: Sortie | None) -> Sortie | None:
    """What the plan has made of the drone's sortie in the air; None when it stays as it is."""
    if sortie is None:
        return None
    versions = (each for each in plan.sorties_of(drone) if first_version(each.id) == first_version(sortie.id))
    return next((each for each in versions if each.id != sortie.id), None)


def further_number(sorties: Iterable[Sortie]) -> int:
    """A number that none of these has had."""
    used = [int(found[1]) for sortie in sorties if (found := _NUMBER.search(first_version(sortie.id)))]
    return max(used, default=0) + 1
