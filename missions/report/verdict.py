"""Whether a patrol passed, with every reason why not, and the rules that the flight itself broke."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from mavlink_bridge.events import UploadOutcome
from missions.control.messages import FinalState, Verdict
from missions.report.account import DroneAccount
from missions.report.separation import Encounter
from planner.coverage import CoverageReport
from planner.model import Plan, Rule, Violation


def verdict_of(
    plan: Plan,
    flown: CoverageReport,
    drones: Sequence[DroneAccount],
    plan_violations: Sequence[Violation],
    met: Iterable[Encounter],
    *,
    interrupted: bool,
) -> tuple[Verdict, tuple[str, ...]]:
    """PASS when the ground was covered, everybody is home and disarmed, every upload verified, no rule broken by plan or flight."""
    reasons = tuple(_reasons(plan, flown, drones, plan_violations, met))
    if interrupted:
        return Verdict.INTERRUPTED, ("the patrol was called off", *reasons)
    return (Verdict.FAIL if reasons else Verdict.PASS), reasons


def flight_violations(plan: Plan, flown: CoverageReport, met: Iterable[Encounter]) -> Iterator[Violation]:
    """The plan's own rules, broken in flight. Times are patrol seconds."""
    if flown.coverage < plan.min_coverage:
        yield Violation(
            rule=Rule.COVERAGE, subject="flight", amount=plan.min_coverage - flown.coverage, unit="", text=_too_little(plan, flown)
        )
    for encounter in met:
        if encounter.is_loss:
            yield Violation(
                rule=Rule.SEPARATION,
                subject=" and ".join(encounter.drones),
                amount=plan.limits.min_separation_m - encounter.horizontal_m,
                unit="m",
                lat_deg=encounter.place.lat_deg,
                lon_deg=encounter.place.lon_deg,
                at_s=encounter.at_s,
                text=_too_close(plan, encounter),
            )


def _reasons(
    plan: Plan,
    flown: CoverageReport,
    drones: Sequence[DroneAccount],
    plan_violations: Sequence[Violation],
    met: Iterable[Encounter],
) -> Iterator[str]:
    if not plan.sorties:
        yield "the plan has no sortie to fly"
    if flown.coverage < plan.min_coverage:
        yield _too_little(plan, flown)
    if plan_violations:
        yield f"check finds {len(plan_violations)} {'violation' if len(plan_violations) == 1 else 'violations'} in the plan"
    for account in drones:
        if account.upload is not UploadOutcome.VERIFIED:
            yield f"{account.drone}: upload {account.upload.value}"
        if account.sorties_flown < account.sorties_planned:
            yield f"{account.drone}: flew {account.sorties_flown} of {account.sorties_planned} sorties"
        if account.final is not FinalState.HOME_DISARMED:
            yield f"{account.drone}: {account.final.value.replace('_', ' ')}"
    for encounter in met:
        if encounter.is_loss:
            yield _too_close(plan, encounter)


def _too_little(plan: Plan, flown: CoverageReport) -> str:
    # three decimals, so that 98.996 % is not said to be less than 99.0 %, being 99.0 %
    return f"covered {100 * flown.coverage:.3f} % of the coverable ground; {100 * plan.min_coverage:g} % were asked for"


def _too_close(plan: Plan, encounter: Encounter) -> str:
    first, second = encounter.drones
    minima = f"minima {plan.limits.min_separation_m:g} m and {plan.limits.min_vertical_separation_m:g} m"
    apart = f"{encounter.horizontal_m:.0f} m, {encounter.vertical_m:.0f} m apart in height"
    return f"{first} and {second} came within {apart}; too close ({minima}) for {encounter.lost_s:.0f} s"
