"""Words for what was found: a violation that names the drone, the sortie, the leg, the place and the amount."""

from __future__ import annotations

import math

from planner.check.flown import FlownLeg, FlownSortie
from planner.geo import LatLon, Position
from planner.model import Rule, Violation


def plan_finding(rule: Rule, subject: str, text: str, *, amount: float = 0.0, unit: str = "", at: LatLon | None = None) -> Violation:
    """About the plan as a whole or one of its parts."""
    return _violation(rule, subject, amount, unit, text, at, None)


def sortie_finding(
    rule: Rule, flown: FlownSortie, text: str, *, amount: float = 0.0, unit: str = "", at: Position | None = None, at_s: float | None = None
) -> Violation:
    """About a sortie; placed at its start unless told otherwise."""
    name = f"drone {flown.drone.id}, sortie {flown.sortie.id}: {text}"
    return _violation(
        rule, flown.sortie.id, amount, unit, name, at or flown.legs[0].points[0], flown.sortie.start_s if at_s is None else at_s
    )


def leg_finding(
    rule: Rule,
    flown: FlownLeg,
    text: str,
    *,
    amount: float = 0.0,
    unit: str = "",
    at: LatLon | Position | None = None,
    at_s: float | None = None,
) -> Violation:
    """About a leg, counted as in the file (`legs[0]` is the first); placed at its start unless told otherwise."""
    name = f"drone {flown.drone.id}, sortie {flown.sortie.id}, legs[{flown.index}] {flown.leg.kind.value}: {text}"
    subject = f"{flown.sortie.id}.legs[{flown.index}]"
    return _violation(rule, subject, amount, unit, name, at or flown.points[0], flown.leg.start_s if at_s is None else at_s)


def _violation(
    rule: Rule, subject: str, amount: float, unit: str, text: str, at: LatLon | Position | None, at_s: float | None
) -> Violation:
    return Violation(
        rule=rule,
        subject=subject,
        amount=amount if math.isfinite(amount) else 0.0,
        unit=unit,
        text=text,
        lat_deg=None if at is None else at.lat_deg,
        lon_deg=None if at is None else at.lon_deg,
        at_s=at_s if at_s is not None and math.isfinite(at_s) else None,
    )
