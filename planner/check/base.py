"""Rule `base`: sorties start and end on the ground of their own nation's bases, where the drone really is."""

from __future__ import annotations

from collections.abc import Iterator

from planner.check.case import Case
from planner.check.findings import leg_finding, sortie_finding
from planner.check.flown import FlownLeg, FlownSortie
from planner.check.params import CheckParams
from planner.geo import Position, geodesic_m
from planner.model import Base, LegKind, Rule, Violation


def check_bases(case: Case) -> Iterator[Violation]:
    """At most one violation a leg; others are about the sortie as a whole."""
    for flown in case.sorties:
        yield from _foreign(flown)
        for leg in flown.legs:
            found = _off_base(flown, leg, case.params) or _slanted(leg, case.params)
            if found is not None:
                yield found
    yield from _elsewhere(case)


def _foreign(flown: FlownSortie) -> Iterator[Violation]:
    nation = flown.drone.nation
    if flown.sortie.nation != nation:
        yield sortie_finding(Rule.BASE, flown, f"it is a sortie of {flown.sortie.nation}, but the drone belongs to {nation}")
    for base in dict.fromkeys((flown.start_base, flown.end_base)):
        if base.nation != nation:
            yield sortie_finding(Rule.BASE, flown, f"base {base.id} belongs to {base.nation}, the drone to {nation}")


def _off_base(flown: FlownSortie, leg: FlownLeg, params: CheckParams) -> Violation | None:
    found = None
    if leg.index == 0:
        found = _away(leg, leg.points[0], flown.start_base, "starts", leg.leg.start_s, params)
    if found is None and leg.index == len(flown.legs) - 1:
        found = _away(leg, leg.points[-1], flown.end_base, "ends", leg.leg.end_s, params)
    return found


def _away(leg: FlownLeg, point: Position, base: Base, verb: str, at_s: float, params: CheckParams) -> Violation | None:
    away_m = geodesic_m(point, base.location)
    if away_m > params.tolerance_m:
        text = f"the sortie {verb} {away_m:.1f} m from base {base.id}"
        return leg_finding(Rule.BASE, leg, text, amount=away_m, unit="m", at=point, at_s=at_s)
    if abs(point.height_m) > params.tolerance_m:
        text = f"the sortie {verb} at height {point.height_m:.1f} m, not on the ground of base {base.id}"
        return leg_finding(Rule.BASE, leg, text, amount=abs(point.height_m), unit="m", at=point, at_s=at_s)
    return None


def _slanted(leg: FlownLeg, params: CheckParams) -> Violation | None:
    if leg.leg.kind not in (LegKind.TAKEOFF, LegKind.LAND):
        return None
    drift_m = max(geodesic_m(leg.points[0], point) for point in leg.points)
    if drift_m <= params.tolerance_m:
        return None
    return leg_finding(Rule.BASE, leg, f"it moves {drift_m:.1f} m over ground; it is vertical", amount=drift_m, unit="m")


def _elsewhere(case: Case) -> Iterator[Violation]:
    """A sortie that starts where its drone is not."""
    whereabouts = {drone.id: drone.base for drone in case.plan.drones}
    for flown in sorted(case.sorties, key=lambda flown: (flown.sortie.start_s, flown.sortie.id)):
        at_base = whereabouts[flown.drone.id]
        if flown.sortie.start_base != at_base:
            yield sortie_finding(Rule.BASE, flown, f"it starts at base {flown.sortie.start_base}, but the drone is at {at_base}")
        whereabouts[flown.drone.id] = flown.sortie.end_base
