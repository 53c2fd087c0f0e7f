"""A plan's figures and violations as rows to read: the makespan beside its bound, the gap, coverage, what is wrong."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from gui.models.text import NOTHING, count_text, duration_text, energy_text, part_text
from gui.models.units import Units
from planner.model import MissionSpec, Plan, Violation


class Tone(StrEnum):
    """How something reads: colour is added by the theme, never the only sign."""

    NORMAL = "normal"
    MUTED = "muted"
    GOOD = "good"
    WARNING = "warning"
    BAD = "bad"


@dataclass(frozen=True, kw_only=True, slots=True)
class Figure:
    title: str
    value: str
    tip: str = ""
    tone: Tone = Tone.NORMAL


def figures_of(document: MissionSpec | Plan | None, units: Units) -> tuple[Figure, ...]:
    match document:
        case None:
            return ()
        case Plan():
            return _plan_figures(document, units)
        case _:
            return _mission_figures(document, units)


def _mission_figures(spec: MissionSpec, units: Units) -> tuple[Figure, ...]:
    return (
        Figure(title="Nations", value=", ".join(nation.name for nation in spec.nations)),
        Figure(title="Drones", value=str(len(spec.drones))),
        Figure(title="Bases", value=str(len(spec.bases))),
        Figure(title="Keep-outs", value=str(len(spec.keep_outs))),
        Figure(
            title="Border uncertainty",
            value=f"± {units.length(spec.position_uncertainty_m)}",
            tip="How wrong the source of the border line may be; without a permission nobody flies in this band",
        ),
    )


def _plan_figures(plan: Plan, units: Units) -> tuple[Figure, ...]:
    result = plan.result
    return (
        Figure(title="Makespan", value=duration_text(result.makespan_s), tip="From the start until the last drone has landed (h:mm:ss)"),
        Figure(title="Lower bound", value=duration_text(result.makespan_bound_s), tip="No plan can be faster than this (h:mm:ss)"),
        Figure(
            title="Gap",
            value=NOTHING if result.gap is None else part_text(result.gap),
            tip="(makespan - bound) / bound: what a better plan could save at most",
        ),
        Figure(
            title="Coverage",
            value=part_text(result.coverage, digits=2),
            tip="Part of the coverable ground that the sensors see",
        ),
        Figure(title="Coverage of area", value=part_text(result.coverage_of_area, digits=2), tip="The same, of the whole area"),
        Figure(title="Flown length", value=units.length(result.length_m), tip="Horizontal, all legs"),
        Figure(title="Energy", value=energy_text(result.energy_wh)),
        Figure(title="Sorties", value=f"{len(plan.sorties)} by {count_text(len({sortie.drone for sortie in plan.sorties}), 'drone')}"),
        *(
            Figure(title=f"Share {nation}", value=part_text(share), tip="Part of the sweep metres that this nation flies")
            for nation, share in result.share.items()
        ),
        *_check_figures(plan),
    )


def _check_figures(plan: Plan) -> tuple[Figure, ...]:
    number = len(plan.violations)
    text, tone = (count_text(number, "violation"), Tone.BAD) if number else ("no violation", Tone.GOOD)
    check = Figure(title="Check", value=text, tip="What an independent check of the plan found", tone=tone)
    if not plan.unreachable:
        return (check,)
    reasons = "; ".join(sorted({piece.reason for piece in plan.unreachable}))
    return (check, Figure(title="Unreachable", value=count_text(len(plan.unreachable), "place"), tip=reasons, tone=Tone.WARNING))


def violation_text(violation: Violation) -> str:
    """One line: the rule, who, and what is wrong."""
    when = "" if violation.at_s is None else f" at {duration_text(violation.at_s)}"
    return f"{violation.rule.value}: {violation.subject}{when}: {violation.text}"
