"""How a patrol went: pass, fail or interrupted, with every reason why it is no pass."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from missions.control.messages import FinalState, Verdict
from missions.control.programme import Programme
from missions.control.separation import Encounter
from planner.model import Limits, Plan

_NAMED_LANES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Conclusion:
    """Reasons are empty exactly when the verdict is PASS."""

    verdict: Verdict
    reasons: tuple[str, ...]


def conclude(
    plan: Plan,
    programmes: Iterable[Programme],
    *,
    encounters: Sequence[Encounter],
    interrupted: bool,
    flown_coverage: float | None,
    tolerance: float,
) -> Conclusion:
    """A patrol passes when every drone flew all its lanes and is home, nobody came too close, and the promised ground was seen."""
    reasons = [reason for programme in programmes for reason in _of_drone(programme)]
    reasons += [_of_encounter(encounter, plan.limits) for encounter in encounters]
    if not plan.sorties:
        reasons.append("the plan has no sortie to fly")
    if flown_coverage is not None and flown_coverage < plan.result.coverage - tolerance:
        reasons.append(f"covered {flown_coverage:.1%} of the coverable ground, planned were {plan.result.coverage:.1%}")
    if interrupted:
        return Conclusion(verdict=Verdict.INTERRUPTED, reasons=("the patrol was called off", *reasons))
    return Conclusion(verdict=Verdict.FAIL if reasons else Verdict.PASS, reasons=tuple(reasons))


def _of_drone(programme: Programme) -> list[str]:
    reasons = []
    final = programme.outcome()
    if final is not FinalState.HOME_DISARMED:
        reasons.append(f"{programme.drone}: {final.replace('_', ' ')}")
    if missed := programme.progress.missed():
        names = ", ".join(missed[:_NAMED_LANES]) + (", ..." if len(missed) > _NAMED_LANES else "")
        why = f"; {programme.note}" if programme.note else ""
        reasons.append(f"{programme.drone}: did not fly {len(missed)} of its lanes ({names}){why}")
    return reasons


def _of_encounter(encounter: Encounter, limits: Limits) -> str:
    first, second = encounter.drones
    return (
        f"{first} and {second} came within {encounter.horizontal_m:.0f} m, {encounter.vertical_m:.0f} m in height "
        f"(minima {limits.min_separation_m:g} m, {limits.min_vertical_separation_m:g} m)"
    )
