"""Patrols of a plan file, and how often their places are seen: written and read."""

from __future__ import annotations

import math
from dataclasses import fields
from typing import Final

from missions.canonical import RATIO_DECIMALS, TIME_DECIMALS, Json, Object, finite, kept, patrol_document
from missions.plan_places import read_shape
from missions.tables import Table, require_unique
from planner.geo import LatLon
from planner.model import Patrol, PatrolFigures, PatrolKind, Place, PlanResult, Revisit, Staff

STAFF_KEYS: Final = tuple(field.name for field in fields(Staff))
_PATROL_KEYS: Final = tuple(field.name for field in fields(Patrol))
_PLACE_KEYS: Final = ("id", "lat_deg", "lon_deg", "weight")


def patrols_document(patrols: tuple[Patrol, ...]) -> list[Json]:
    return [{"id": patrol.id, **patrol_document(patrol)} for patrol in patrols]


def figures_document(result: PlanResult) -> Object:
    """The part of a plan's result that is about patrols."""
    return {
        "patrols": [
            {
                "patrol": each.patrol,
                "seen": kept(each.seen, RATIO_DECIMALS),
                **{name: _seconds(getattr(each, name)) for name in ("worst_s", "bound_s", "reference_s", "entropy_bits")},
            }
            for each in result.patrols
        ],
        "revisits": [
            {
                "patrol": each.patrol,
                "segment": each.segment,
                "part": kept(each.part, RATIO_DECIMALS),
                "visits": kept(each.visits, TIME_DECIMALS),
                **{name: _seconds(getattr(each, name)) for name in ("first_s", "worst_s", "mean_s", "p95_s", "required_s")},
            }
            for each in result.revisits
        ],
    }


def _seconds(value: float | None) -> float | None:
    return None if value is None else finite(kept(value, TIME_DECIMALS))


def read_patrols(root: Table) -> tuple[Patrol, ...]:
    """A plan of before patrols were stated is of one sweep."""
    tables = root.tables("patrols", _PATROL_KEYS)
    require_unique(tables, "id", lambda table: table.id("id"))
    return tuple(_patrol(table) for table in tables) or (Patrol(),)


def _patrol(table: Table) -> Patrol:
    usual = Patrol()
    with table.checked():
        return Patrol(
            id=table.id("id"),
            kind=table.choice("kind", PatrolKind, usual.kind),
            side_overlap=table.number("side_overlap", usual.side_overlap, at_least=0, below=1),
            interval_s=_number(table, "interval_s"),
            weight=table.number("weight", usual.weight, above=0),
            shape=read_shape(table, "shape") if table.has("shape") else None,
            places=tuple(_place(each) for each in table.tables("places", _PLACE_KEYS)),
            random_timing=table.flag("random_timing", usual.random_timing),
            min_seen=table.number("min_seen", usual.min_seen, above=0, at_most=1),
        )


def _place(table: Table) -> Place:
    location = LatLon(
        lat_deg=table.number("lat_deg", at_least=-90, at_most=90), lon_deg=table.number("lon_deg", at_least=-180, at_most=360)
    )
    return Place(id=table.id("id"), location=location, weight=table.number("weight", 1.0, above=0))


def read_staff(table: Table) -> Staff:
    """What a base can do; everything where the plan does not say."""
    staff, usual = table.table("staff", STAFF_KEYS), Staff()
    with staff.checked():
        return Staff(
            pads=staff.integer("pads", at_least=1, at_most=2**31 - 1) if staff.has("pads") else None,
            launch_every_s=staff.number("launch_every_s", usual.launch_every_s, at_least=0),
            crews=staff.integer("crews", usual.crews, at_least=1, at_most=2**31 - 1),
            duty_s=staff.number("duty_s", math.inf, above=0),
            rest_s=staff.number("rest_s", usual.rest_s, at_least=0),
        )


def read_figures(result: Table) -> tuple[tuple[PatrolFigures, ...], tuple[Revisit, ...]]:
    """What the plan states about its patrols; nothing in a plan of before."""
    figures = [
        PatrolFigures(
            patrol=table.text("patrol"),
            seen=table.number("seen"),
            worst_s=_number(table, "worst_s"),
            bound_s=_number(table, "bound_s"),
            reference_s=_number(table, "reference_s"),
            entropy_bits=_number(table, "entropy_bits"),
        )
        for table in result.tables("patrols", tuple(field.name for field in fields(PatrolFigures)))
    ]
    revisits = [
        Revisit(
            patrol=table.text("patrol"),
            segment=table.text("segment"),
            part=table.number("part"),
            visits=table.number("visits"),
            first_s=_number(table, "first_s"),
            worst_s=_number(table, "worst_s"),
            mean_s=_number(table, "mean_s"),
            p95_s=_number(table, "p95_s"),
            required_s=_number(table, "required_s"),
        )
        for table in result.tables("revisits", tuple(field.name for field in fields(Revisit)))
    ]
    return tuple(figures), tuple(revisits)


def _number(table: Table, name: str) -> float | None:
    return table.number(name) if table.has(name) else None
