"""A plan's figures and violations as rows to read: the makespan beside its bound, the gap, coverage, what is wrong."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from gui.models.text import NOTHING, duration_text, energy_text, part_text
from gui.models.units import Units
from gui.models.words import counted, tr
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
        Figure(title=tr("Nations"), value=", ".join(nation.name for nation in spec.nations)),
        Figure(title=tr("Drones"), value=str(len(spec.drones))),
        Figure(title=tr("Bases"), value=str(len(spec.bases))),
        Figure(title=tr("Keep-outs"), value=str(len(spec.keep_outs))),
        Figure(
            title=tr("Border uncertainty"),
            value=f"± {units.length(spec.position_uncertainty_m)}",
            tip=tr("How wrong the source of the border line may be; without a permission nobody flies in this band"),
        ),
    )


def _plan_figures(plan: Plan, units: Units) -> tuple[Figure, ...]:
    result = plan.result
    return (
        Figure(
            title=tr("Makespan"), value=duration_text(result.makespan_s), tip=tr("From the start until the last drone has landed (h:mm:ss)")
        ),
        Figure(title=tr("Lower bound"), value=duration_text(result.makespan_bound_s), tip=tr("No plan can be faster than this (h:mm:ss)")),
        Figure(
            title=tr("Gap"),
            value=NOTHING if result.gap is None else part_text(result.gap),
            tip=tr("(makespan - bound) / bound: what a better plan could save at most"),
        ),
        Figure(
            title=tr("Coverage"),
            value=part_text(result.coverage, digits=2),
            tip=tr("Part of the coverable ground that the sensors see"),
        ),
        Figure(title=tr("Coverage of area"), value=part_text(result.coverage_of_area, digits=2), tip=tr("The same, of the whole area")),
        Figure(title=tr("Flown length"), value=units.length(result.length_m), tip=tr("Horizontal, all legs")),
        Figure(title=tr("Energy"), value=energy_text(result.energy_wh)),
        Figure(
            title=tr("Sorties"),
            value=tr(
                "{sorties} by {what}",
                sorties=len(plan.sorties),
                what=counted(len({sortie.drone for sortie in plan.sorties}), "{n} drone", "{n} drones"),
            ),
        ),
        *(
            Figure(
                title=tr("Share {nation}", nation=nation), value=part_text(share), tip=tr("Part of the sweep metres that this nation flies")
            )
            for nation, share in result.share.items()
        ),
        *_check_figures(plan),
    )


def _check_figures(plan: Plan) -> tuple[Figure, ...]:
    number = len(plan.violations)
    text, tone = (counted(number, "{n} violation", "{n} violations"), Tone.BAD) if number else (tr("no violation"), Tone.GOOD)
    check = Figure(title=tr("Check"), value=text, tip=tr("What an independent check of the plan found"), tone=tone)
    if not plan.unreachable:
        return (check,)
    reasons = "; ".join(sorted({piece.reason for piece in plan.unreachable}))
    return (
        check,
        Figure(title=tr("Unreachable"), value=counted(len(plan.unreachable), "{n} place", "{n} places"), tip=reasons, tone=Tone.WARNING),
    )


def violation_text(violation: Violation) -> str:
    """One line: the rule, who, and what is wrong."""
    when = "" if violation.at_s is None else tr(" at {at_s}", at_s=duration_text(violation.at_s))
    return f"{violation.rule.value}: {violation.subject}{when}: {violation.text}"
