"""Plans to fly in tests: the sample patrol, its two nations' drones in different layers so that nobody comes close."""

from __future__ import annotations

from dataclasses import replace

from planner.geo import Position
from planner.model import Leg, Plan, Sortie
from tests.missions.sample_patrol import sample_plan

ALD_1, ALD_2, BRE_1 = "ald-west-1", "ald-west-2", "bre-east-1"
LAYER_M = 15.0


def layered_plan() -> Plan:
    """Two sorties of Aldermark from one base, 60 s apart; two of Brenn from another, one after the other, 15 m higher."""
    plan = sample_plan()
    return replace(plan, sorties=tuple(_raised(sortie) if sortie.nation == "BRE" else sortie for sortie in plan.sorties))


def only(plan: Plan, *drones: str) -> Plan:
    """The plan with these drones' sorties alone."""
    return replace(plan, sorties=tuple(sortie for sortie in plan.sorties if sortie.drone in drones))


def _raised(sortie: Sortie) -> Sortie:
    return replace(sortie, legs=tuple(_raised_leg(leg) for leg in sortie.legs))


def _raised_leg(leg: Leg) -> Leg:
    return replace(leg, start=_raised_point(leg.start), end=_raised_point(leg.end))


def _raised_point(point: Position) -> Position:
    return replace(point, height_m=point.height_m + LAYER_M if point.height_m > 0 else 0.0)
