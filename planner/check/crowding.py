"""Permissions that admit only so many drones at once (`max_drones`), part of the rule `permission`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from planner.check.findings import leg_finding
from planner.check.flown import FlownLeg
from planner.check.params import CheckParams
from planner.model import Permission, Rule, Violation


@dataclass(frozen=True, kw_only=True, slots=True)
class Stay:
    """A drone relies on a permission from one moment to another; `flown` is the leg on which it came."""

    permission: Permission
    flown: FlownLeg
    from_s: float
    to_s: float


def crowded(stays: Iterable[Stay], params: CheckParams) -> Iterator[Violation]:
    """One violation for each stay that begins while the permission is already full."""
    by_permission: dict[str, list[Stay]] = {}
    for stay in sorted(stays, key=lambda stay: (stay.from_s, stay.to_s, stay.flown.sortie.id)):
        by_permission.setdefault(stay.permission.id, []).append(stay)
    for held in by_permission.values():
        yield from _overfull(_joined(held, params), params)


def _joined(stays: list[Stay], params: CheckParams) -> list[Stay]:
    """A stay that goes on over the next segments and legs is one."""
    joined: list[Stay] = []
    latest: dict[str, int] = {}
    for stay in stays:
        last = latest.get(stay.flown.sortie.id)
        if last is not None and stay.from_s <= joined[last].to_s + params.tolerance_s:
            joined[last] = replace(joined[last], to_s=max(joined[last].to_s, stay.to_s))
        else:
            latest[stay.flown.sortie.id] = len(joined)
            joined.append(stay)
    return joined


def _overfull(stays: list[Stay], params: CheckParams) -> Iterator[Violation]:
    for index, stay in enumerate(stays):
        limit = stay.permission.max_drones
        present = {other.flown.drone.id for other in stays[:index] if other.to_s > stay.from_s + params.tolerance_s}
        count = len(present | {stay.flown.drone.id})
        if limit is not None and count > limit and stay.to_s > stay.from_s + params.tolerance_s:
            text = f"permission {stay.permission.id} of {stay.permission.host} admits {limit} drones at once, this is number {count}"
            yield leg_finding(Rule.PERMISSION, stay.flown, text, amount=count - limit, unit="drones", at_s=stay.from_s)
