"""A plan's comparison of flying jointly with flying separately, as plain JSON values and back."""

from __future__ import annotations

from dataclasses import fields

from missions.canonical import LENGTH_DECIMALS, RATIO_DECIMALS, TIME_DECIMALS, Object, kept
from missions.tables import Table
from planner.model import Comparison, NationTally, PlanTally

_MAX_SORTIES = 2**31 - 1


def comparison_document(comparison: Comparison | None) -> Object | None:
    """As in the plan file; null where nations were not asked to fly jointly."""
    if comparison is None:
        return None
    return {
        "separate": _tally_document(comparison.separate),
        "joint": _tally_document(comparison.joint),
        "joint_is_flown": comparison.joint_is_flown,
    }


def read_comparison(root: Table) -> Comparison | None:
    """What the file says; None where it says nothing."""
    if not root.has("comparison"):
        return None
    table = root.table("comparison", [field.name for field in fields(Comparison)])
    return Comparison(separate=_tally(table, "separate"), joint=_tally(table, "joint"), joint_is_flown=table.flag("joint_is_flown"))


def _tally_document(tally: PlanTally) -> Object:
    return {
        "makespan_s": kept(tally.makespan_s, TIME_DECIMALS),
        "revisit_s": kept(tally.revisit_s, TIME_DECIMALS),
        "coverage": kept(tally.coverage, RATIO_DECIMALS),
        "nations": [
            {
                "nation": each.nation,
                "sorties": each.sorties,
                "length_m": kept(each.length_m, LENGTH_DECIMALS),
                "airborne_s": kept(each.airborne_s, TIME_DECIMALS),
                "home_s": kept(each.home_s, TIME_DECIMALS),
            }
            for each in tally.nations
        ],
    }


def _tally(table: Table, name: str) -> PlanTally:
    table.raw(name)
    tally = table.table(name, [field.name for field in fields(PlanTally)])
    return PlanTally(
        makespan_s=tally.number("makespan_s"),
        revisit_s=tally.number("revisit_s"),
        coverage=tally.number("coverage"),
        nations=tuple(_nation(each) for each in tally.tables("nations", [field.name for field in fields(NationTally)])),
    )


def _nation(table: Table) -> NationTally:
    return NationTally(
        nation=table.id("nation"),
        sorties=table.integer("sorties", at_least=0, at_most=_MAX_SORTIES),
        length_m=table.number("length_m"),
        airborne_s=table.number("airborne_s"),
        home_s=table.number("home_s"),
    )
