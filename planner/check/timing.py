"""Rule `timing`: legs follow each other without a gap, and a drone rests for its battery swap between sorties."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from planner.check.case import Case
from planner.check.findings import leg_finding, sortie_finding
from planner.check.flown import FlownLeg, FlownSortie
from planner.check.params import CheckParams
from planner.model import Rule, Violation


def check_timing(case: Case) -> Iterator[Violation]:
    """At most one violation a leg, one for a sortie's stated times, and one for each rest that is too short."""
    for flown in case.sorties:
        for leg in flown.legs:
            yield from _leg_times(flown, leg, case.params)
        yield from _stated_times(flown, case.params)
    yield from _short_rests(case)


def _leg_times(flown: FlownSortie, leg: FlownLeg, params: CheckParams) -> Iterator[Violation]:
    start_s = leg.leg.start_s
    gap_s = start_s - flown.legs[leg.index - 1].leg.end_s if leg.index > 0 else 0.0
    if leg.duration_s <= 0:
        yield leg_finding(Rule.TIMING, leg, f"it takes {leg.duration_s:.2f} s", amount=abs(leg.duration_s), unit="s")
    elif start_s < -params.tolerance_s:
        yield leg_finding(Rule.TIMING, leg, f"it starts {-start_s:.1f} s before the plan does", amount=-start_s, unit="s")
    elif abs(gap_s) > params.tolerance_s:
        text = f"it starts {abs(gap_s):.2f} s {'after' if gap_s > 0 else 'before'} the leg before ends"
        yield leg_finding(Rule.TIMING, leg, text, amount=abs(gap_s), unit="s")


def _stated_times(flown: FlownSortie, params: CheckParams) -> Iterator[Violation]:
    first_s, last_s = flown.legs[0].leg.start_s, flown.legs[-1].leg.end_s
    off_s = max(abs(flown.sortie.start_s - first_s), abs(flown.sortie.end_s - last_s))
    if off_s > params.tolerance_s:
        text = (
            f"its times {flown.sortie.start_s:.1f} to {flown.sortie.end_s:.1f} s are not those of its legs, {first_s:.1f} to {last_s:.1f} s"
        )
        yield sortie_finding(Rule.TIMING, flown, text, amount=off_s, unit="s")


def _short_rests(case: Case) -> Iterator[Violation]:
    by_drone: dict[str, list[FlownSortie]] = {}
    for flown in case.sorties:
        by_drone.setdefault(flown.drone.id, []).append(flown)
    for sorties in by_drone.values():
        for before, after in pairwise(sorted(sorties, key=lambda flown: (flown.legs[0].leg.start_s, flown.sortie.id))):
            rest_s = after.legs[0].leg.start_s - before.legs[-1].leg.end_s
            needed_s = after.drone_type.battery_swap_s
            if rest_s < -case.params.tolerance_s:
                text = f"it starts {-rest_s:.1f} s before sortie {before.sortie.id} of the same drone ends"
                yield sortie_finding(Rule.TIMING, after, text, amount=needed_s - rest_s, unit="s")
            elif rest_s < needed_s - case.params.tolerance_s:
                text = f"{rest_s:.1f} s after sortie {before.sortie.id} are less than the {needed_s:g} s of a battery swap"
                yield sortie_finding(Rule.TIMING, after, text, amount=needed_s - rest_s, unit="s")
