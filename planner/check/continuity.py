"""Rule `continuity`: each leg starts where the one before ends, and a sortie is one flight from TAKEOFF to LAND."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from planner.check.case import Case
from planner.check.findings import leg_finding
from planner.check.flown import FlownLeg, FlownSortie
from planner.check.params import CheckParams
from planner.geo import Position, geodesic_m
from planner.model import LegKind, Rule, Violation


def check_continuity(case: Case) -> Iterator[Violation]:
    """At most one violation a leg: a jump, else a misplaced kind, else a segment that is too long."""
    for flown in case.sorties:
        for leg in flown.legs:
            found = _jump(flown, leg, case.params) or _misplaced(flown, leg) or _long_segment(leg, case.params)
            if found is not None:
                yield found


def apart_m(a: Position, b: Position) -> float:
    """How far two places are apart over ground or in height, whichever is more."""
    return max(geodesic_m(a, b), abs(a.height_m - b.height_m))


def _jump(flown: FlownSortie, leg: FlownLeg, params: CheckParams) -> Violation | None:
    stated = leg.leg
    joints = [
        ("it starts {} from the start of its own path", stated.start, leg.points[0]),
        ("it ends {} from the end of its own path", stated.end, leg.points[-1]),
    ]
    if leg.index > 0:
        before = flown.legs[leg.index - 1].points[-1]
        joints.insert(0, ("it starts {} from where the leg before ended", before, leg.points[0]))
    text, before, after = max(joints, key=lambda joint: apart_m(joint[1], joint[2]))
    jump_m = apart_m(before, after)
    if jump_m <= params.tolerance_m:
        return None
    return leg_finding(Rule.CONTINUITY, leg, text.format(f"{jump_m:.1f} m"), amount=jump_m, unit="m", at=after)


def _misplaced(flown: FlownSortie, leg: FlownLeg) -> Violation | None:
    expected: dict[int, LegKind] = {len(flown.legs) - 1: LegKind.LAND, 0: LegKind.TAKEOFF}
    kind = expected.get(leg.index)
    if kind is not None and leg.leg.kind is not kind:
        place = "begins" if leg.index == 0 else "ends"
        return leg_finding(Rule.CONTINUITY, leg, f"a sortie {place} with {kind.value}")
    if kind is None and leg.leg.kind in (LegKind.TAKEOFF, LegKind.LAND):
        return leg_finding(Rule.CONTINUITY, leg, "a sortie is one flight: it is on the ground only at its ends")
    return None


def _long_segment(leg: FlownLeg, params: CheckParams) -> Violation | None:
    for a, b in pairwise(leg.leg.points):
        length_m = geodesic_m(a, b)
        if length_m > params.max_segment_m + params.tolerance_m:
            text = f"a segment of {length_m:.0f} m is longer than {params.max_segment_m:.0f} m"
            return leg_finding(Rule.CONTINUITY, leg, text, amount=length_m - params.max_segment_m, unit="m", at=a)
    return None
