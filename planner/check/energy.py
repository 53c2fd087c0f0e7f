"""Rule `energy`: stated energies are power times duration, and a sortie stays within its battery less the reserve."""

from __future__ import annotations

import math
from collections.abc import Iterator

from planner.check.case import Case
from planner.check.findings import leg_finding, plan_finding, sortie_finding
from planner.check.flown import FlownLeg, FlownSortie
from planner.check.params import CheckParams
from planner.model import LegKind, Rule, Violation

_HOVERING = (LegKind.TAKEOFF, LegKind.HOLD, LegKind.LAND)
_SECONDS_PER_HOUR = 3600.0


def check_energy(case: Case) -> Iterator[Violation]:
    """At most one violation a leg, one a sortie, and one for the plan's total."""
    for flown in case.sorties:
        for leg in flown.legs:
            needed_wh = leg_energy_wh(leg)
            if not _agrees(leg.leg.energy_wh, needed_wh, _power_w(leg), case.params):
                text = f"states {leg.leg.energy_wh:.2f} Wh, its power for {leg.duration_s:.1f} s makes {needed_wh:.2f} Wh"
                yield leg_finding(Rule.ENERGY, leg, text, amount=abs(leg.leg.energy_wh - needed_wh), unit="Wh")
        yield from _sortie_energy(flown, case.params)
    yield from _total_energy(case)


def leg_energy_wh(leg: FlownLeg) -> float:
    """What a leg takes out of the battery; a leg that ends before it starts gives nothing back."""
    return _power_w(leg) * max(leg.duration_s, 0.0) / _SECONDS_PER_HOUR


def _power_w(leg: FlownLeg) -> float:
    return leg.drone_type.power_hover_w if leg.leg.kind in _HOVERING else leg.drone_type.power_cruise_w


def _agrees(stated_wh: float, needed_wh: float, power_w: float, params: CheckParams) -> bool:
    rounding_wh = power_w * params.tolerance_s / _SECONDS_PER_HOUR
    return abs(stated_wh - needed_wh) <= params.energy_tolerance * needed_wh + rounding_wh


def _sortie_energy(flown: FlownSortie, params: CheckParams) -> Iterator[Violation]:
    needed_wh = math.fsum(leg_energy_wh(leg) for leg in flown.legs)
    usable_wh = flown.drone_type.battery_wh * (1 - flown.drone_type.reserve)
    power_w = max(flown.drone_type.power_hover_w, flown.drone_type.power_cruise_w)
    if needed_wh > usable_wh + power_w * params.tolerance_s / _SECONDS_PER_HOUR:
        text = f"it takes {needed_wh:.1f} Wh, {usable_wh:.1f} Wh of the battery are usable"
        yield sortie_finding(Rule.ENERGY, flown, text, amount=needed_wh - usable_wh, unit="Wh")
    elif not _agrees(flown.sortie.energy_wh, needed_wh, power_w, params):
        text = f"states {flown.sortie.energy_wh:.2f} Wh, its legs take {needed_wh:.2f} Wh"
        yield sortie_finding(Rule.ENERGY, flown, text, amount=abs(flown.sortie.energy_wh - needed_wh), unit="Wh")


def _total_energy(case: Case) -> Iterator[Violation]:
    """Judged only when every sortie could be read: otherwise the sum is not to be had."""
    if len(case.sorties) != len(case.plan.sorties):
        return
    stated_wh = case.plan.result.energy_wh
    needed_wh = math.fsum(leg_energy_wh(leg) for leg in case.legs)
    power_w = max((max(flown.drone_type.power_hover_w, flown.drone_type.power_cruise_w) for flown in case.sorties), default=0.0)
    if not _agrees(stated_wh, needed_wh, power_w, case.params):
        text = f"the plan states {stated_wh:.1f} Wh in all, its sorties take {needed_wh:.1f} Wh"
        yield plan_finding(Rule.ENERGY, "result.energy_wh", text, amount=abs(stated_wh - needed_wh), unit="Wh")
