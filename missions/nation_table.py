"""A nation as mission and plan files state it alike, and its policy."""

from __future__ import annotations

from dataclasses import fields
from typing import Final

from missions.tables import Table
from planner.geo import Geographic
from planner.model import Nation, Policy

POLICY_KEYS: Final = tuple(field.name for field in fields(Policy))


def read_nation(table: Table, territory: Geographic) -> Nation:
    """A nation whose territory is known."""
    policy = table.table("policy", POLICY_KEYS)
    return Nation(
        id=table.id("id"),
        name=table.text("name", table.id("id")),
        territory=territory,
        share=table.number("share", at_least=0, at_most=1) if table.has("share") else None,
        policy=Policy(
            max_height_m=policy.number("max_height_m", Policy().max_height_m, above=0),
            min_separation_m=_optional(policy, "min_separation_m"),
            min_vertical_separation_m=_optional(policy, "min_vertical_separation_m"),
        ),
    )


def _optional(table: Table, name: str) -> float | None:
    return table.number(name, above=0) if table.has(name) else None
