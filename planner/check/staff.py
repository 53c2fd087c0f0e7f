"""Rule `timing` at bases: pads, launch slots and crews on duty."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise

from planner.check.case import Case
from planner.check.findings import sortie_finding
from planner.check.flown import FlownSortie
from planner.model import Base, Rule, Violation


def check_staff(case: Case) -> Iterator[Violation]:
    """At most one violation a sortie and rule of its base."""
    for base in case.plan.bases:
        started = sorted((flown for flown in case.sorties if flown.start_base.id == base.id), key=_starts_s)
        ended = sorted((flown for flown in case.sorties if flown.end_base.id == base.id), key=_ends_s)
        yield from _slots(base, started, case.params.tolerance_s)
        yield from _pads(base, ended, case.params.tolerance_s)
        yield from _duty(base, started, case.params.tolerance_s)


def _starts_s(flown: FlownSortie) -> float:
    return flown.legs[0].leg.start_s


def _ends_s(flown: FlownSortie) -> float:
    return flown.legs[-1].leg.end_s


def _slots(base: Base, started: Sequence[FlownSortie], tolerance_s: float) -> Iterator[Violation]:
    for before, after in pairwise(started):
        short_s = base.staff.launch_every_s - (_starts_s(after) - _starts_s(before))
        if base.staff.launch_every_s > 0 and short_s > tolerance_s:
            text = f"base {base.id} launches every {base.staff.launch_every_s:g} s; {before.sortie.id} took off {short_s:.1f} s too late"
            yield sortie_finding(Rule.TIMING, after, text, amount=short_s, unit="s")


def _pads(base: Base, ended: Sequence[FlownSortie], tolerance_s: float) -> Iterator[Violation]:
    if base.staff.pads is None:
        return
    for index, flown in enumerate(ended):
        at_s = _ends_s(flown)
        there = 1 + sum(at_s < _ends_s(other) + other.drone_type.battery_swap_s - tolerance_s for other in ended[:index])
        if there > base.staff.pads:
            text = f"{there} drones would be on the {base.staff.pads} pads of base {base.id}"
            yield sortie_finding(Rule.TIMING, flown, text, amount=there - base.staff.pads, at_s=at_s)


def _duty(base: Base, started: Sequence[FlownSortie], tolerance_s: float) -> Iterator[Violation]:
    """Crews follow each other; the first is back after its duty and its rest."""
    turn_s, on_s = base.staff.duty_s + base.staff.rest_s, base.staff.crews * base.staff.duty_s
    if math.isinf(on_s) or on_s >= turn_s:
        return
    for flown in started:
        since_s = (_starts_s(flown) + tolerance_s) % turn_s
        over_s = since_s + (_ends_s(flown) - _starts_s(flown)) - on_s - 2 * tolerance_s
        if over_s > 0:
            text = f"no crew of base {base.id} is on duty for {over_s:.0f} s of it"
            yield sortie_finding(Rule.TIMING, flown, text, amount=over_s, unit="s")
