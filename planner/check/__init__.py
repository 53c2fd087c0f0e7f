"""Verify a plan from nothing but itself: written from docs/plan_file.md, sharing no code with the solver.

Legs are measured on the ellipsoid and placed in local frames near where they are flown. Nothing here raises on a plan
that is merely wrong: what cannot be read (unknown ids, numbers that are none) is a violation too.
"""

from __future__ import annotations

from collections.abc import Iterable

from planner.check.case import Case
from planner.check.coverage import CoverageFigures, CoveredPiece, figures_of, pieces_of
from planner.check.params import DEFAULT, CheckParams
from planner.check.revisits import measure_revisits as _revisits_of
from planner.check.rules import RULES, RULES_OF_FIGURES
from planner.check.separation import Approach, nearest
from planner.model import Plan, Revisit, Rule, Violation

__all__ = [
    "Approach",
    "CheckParams",
    "CoverageFigures",
    "check_figures",
    "check_flights",
    "check_plan",
    "closest_approach",
    "in_order",
    "look_at_ground",
    "measure_coverage",
    "measure_revisits",
]

_RULE_ORDER = {rule: number for number, rule in enumerate(Rule)}


def check_plan(plan: Plan, params: CheckParams = DEFAULT) -> tuple[Violation, ...]:
    """Everything the plan breaks, by rule, time and subject; empty when it keeps every rule.

    What the plan says about its own violations is not looked at. A leg breaks a rule at most once.
    """
    case = Case(plan, params)
    return in_order([*case.unfit, *(violation for rule in RULES for violation in rule(case))])


def check_flights(plan: Plan, params: CheckParams = DEFAULT) -> tuple[Violation, ...]:
    """The part of `check_plan` that does not look at the plan's figures; `check_figures` is the rest of it. They are independent: together
    they find what `check_plan` does.
    """
    case = Case(plan, params)
    return in_order([*case.unfit, *(violation for rule in RULES if rule not in RULES_OF_FIGURES for violation in rule(case))])


def check_figures(plan: Plan, seen: tuple[CoveredPiece, ...] | None = None, params: CheckParams = DEFAULT) -> tuple[Violation, ...]:
    """The rules that also hold the plan's figures against what is flown. `seen` is what `look_at_ground` found, if it was asked."""
    case = Case(plan, params, seen)
    return in_order([violation for rule in RULES_OF_FIGURES for violation in rule(case)])


def look_at_ground(plan: Plan, params: CheckParams = DEFAULT) -> tuple[CoveredPiece, ...]:
    """The part of `check_figures` that takes long, which does not look at figures: what of the ground is seen, by tile."""
    return pieces_of(Case(plan, params))


def in_order(found: Iterable[Violation]) -> tuple[Violation, ...]:
    """By rule, time and subject."""
    return tuple(sorted(found, key=_order))


def measure_coverage(plan: Plan, params: CheckParams = DEFAULT) -> CoverageFigures:
    """What the plan's SWEEP legs see, worked out from the plan's geometry and not from what it states."""
    return figures_of(Case(plan, params))


def closest_approach(plan: Plan, params: CheckParams = DEFAULT) -> Approach | None:
    """The smallest horizontal distance of two flying drones that are less than the vertical minimum apart in height.

    None when no two drones ever are.
    """
    return nearest(Case(plan, params))


def measure_revisits(plan: Plan, params: CheckParams = DEFAULT) -> tuple[Revisit, ...]:
    """How the places of each segment of each patrol are seen, worked out from the legs."""
    return _revisits_of(Case(plan, params))


def _order(violation: Violation) -> tuple[int, float, str, str, float]:
    at_s = -1.0 if violation.at_s is None else violation.at_s
    return _RULE_ORDER[violation.rule], at_s, violation.subject, violation.text, violation.amount
