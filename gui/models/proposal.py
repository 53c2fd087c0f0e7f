"""A proposal to fly on otherwise, as a difference to read: who gives lanes up, who takes some on and when, what nobody covers."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from gui.models.figures import Tone
from gui.models.text import duration_text, part_text
from gui.models.words import counted, tr
from missions.control.messages import ReplanProposed, SortieChange
from planner.model import LegKind, Plan, Sortie

#: Lanes and reasons beyond this many are counted.
_LANES_TOLD = 4


class Change(StrEnum):
    """What becomes of a row; the value is its sign."""

    LESS = "−"
    MORE = "+"
    OPEN = "!"


@dataclass(frozen=True, kw_only=True, slots=True)
class ProposalRow:
    """`sortie` is empty for what is of no drone; `tone` is that of the sign."""

    change: Change
    drone: str
    sortie: str
    when: str
    text: str
    tone: Tone


@dataclass(frozen=True, kw_only=True, slots=True)
class ProposalDiff:
    number: int
    title: str
    figures: str
    rows: tuple[ProposalRow, ...]


def proposal_diff(told: ReplanProposed, plan: Plan) -> ProposalDiff:
    """Against the plan that is flown now."""
    return ProposalDiff(
        number=told.proposal,
        title=_title(told, plan),
        figures=_figures(told, plan),
        rows=(
            *(_less(plan, sortie, tr("broken off")) for sortie in told.shortened),
            *(_less(plan, sortie, tr("not flown")) for sortie in told.dropped),
            *(_more(change) for change in told.added),
            *(_open(tr("stays uncovered: {reason}", reason=reason), Tone.WARNING) for reason in told.uncovered),
            *_checked(told.violations, {violation.text for violation in plan.violations}),
        ),
    )


def _title(told: ReplanProposed, plan: Plan) -> str:
    losing = {sortie.drone for sortie in plan.sorties if sortie.id in {*told.shortened, *told.dropped}}
    taking = {change.drone for change in told.added}
    number = sum(len(change.lanes) for change in told.added)
    if not taking:
        return tr(
            "Proposal {proposal}: nobody can take on what {losing} {what}",
            proposal=told.proposal,
            losing=_names(losing),
            what="leaves" if len(losing) < 2 else "leave",
        )
    whose = tr(" of {losing}", losing=_names(losing)) if losing else ""
    return tr(
        "Proposal {proposal}: {number}{whose} to {taking}",
        proposal=told.proposal,
        number=counted(number, "{n} lane", "{n} lanes"),
        whose=whose,
        taking=_names(taking),
    )


def _names(drones: set[str]) -> str:
    names = sorted(drones)
    return ", ".join(names) if len(names) <= 3 else counted(len(names), "{n} drone", "{n} drones")


def _figures(told: ReplanProposed, plan: Plan) -> str:
    before = plan.result
    later_s = told.makespan_s - before.makespan_s
    sign = "+" if later_s >= 0 else ""
    return tr(
        "Coverage {coverage}, planned was {coverage_2}. All down at {makespan_s} ({sign}{later_s}).",
        coverage=part_text(told.coverage, digits=2),
        coverage_2=part_text(before.coverage, digits=2),
        makespan_s=duration_text(told.makespan_s),
        sign=sign,
        later_s=duration_text(later_s),
    )


def _less(plan: Plan, sortie_id: str, what: str) -> ProposalRow:
    sortie = next((sortie for sortie in plan.sorties if sortie.id == sortie_id), None)
    if sortie is None:  # of a plan that we have not seen
        return ProposalRow(change=Change.LESS, drone="", sortie=sortie_id, when="", text=what, tone=Tone.WARNING)
    when = _span(sortie.start_s, sortie.end_s)
    text = tr("{what}: had {sortie}", what=what, sortie=_lanes_text(lanes_of(sortie)))
    return ProposalRow(change=Change.LESS, drone=sortie.drone, sortie=sortie.id, when=when, text=text, tone=Tone.WARNING)


def _more(change: SortieChange) -> ProposalRow:
    """Lanes by the names that they have in the plan that is flown, which the operator knows."""
    lanes = tuple(dict.fromkeys(change.was)) or change.lanes
    kind = tr("in the air, instead of {instead_of}", instead_of=change.instead_of) if change.instead_of else tr("new")
    when, text = _span(change.start_s, change.end_s), f"{kind}: {_lanes_text(lanes)}"
    return ProposalRow(change=Change.MORE, drone=change.drone, sortie=change.sortie, when=when, text=text, tone=Tone.GOOD)


def _open(text: str, tone: Tone) -> ProposalRow:
    return ProposalRow(change=Change.OPEN, drone="", sortie="", when="", text=text, tone=tone)


def _checked(found: tuple[str, ...], known: set[str]) -> tuple[ProposalRow, ...]:
    """What is new stands out; what the plan that is flown has as well is counted."""
    new = [violation for violation in found if violation not in known]
    rows = [_open(tr("check: {violation}", violation=violation), Tone.BAD) for violation in new]
    if len(new) < len(found):
        rows.append(
            _open(
                tr("check: {new} as in the plan that is flown", new=counted(len(found) - len(new), "{n} violation", "{n} violations")),
                Tone.WARNING,
            )
        )
    return tuple(rows)


def _span(start_s: float, end_s: float) -> str:
    return tr("{start_s} to {end_s}", start_s=duration_text(start_s), end_s=duration_text(end_s))


def _lanes_text(lanes: tuple[str, ...]) -> str:
    more = len(lanes) - _LANES_TOLD
    names = ", ".join(lanes[:_LANES_TOLD])
    return f"{counted(len(lanes), '{n} lane', '{n} lanes')} {names}{tr(' and {more} more', more=more) if more > 0 else ''}"


def lanes_of(sortie: Sortie) -> tuple[str, ...]:
    """Ids of the lanes that it sweeps, in flying order."""
    return tuple(leg.lane for leg in sortie.legs if leg.kind is LegKind.SWEEP and leg.lane is not None)
