"""The joint plan beside the separate ones: figures of both, and which is flown."""

from __future__ import annotations

from dataclasses import replace

from planner.geo import path_length_m
from planner.model import Comparison, NationTally, Plan, PlanTally

#: Differences in coverage below this are rounding.
_COVERAGE_DECIMALS = 4


def better(separate: tuple[Plan, bool], joint: tuple[Plan, bool]) -> tuple[Plan, bool]:
    """Whichever breaks fewer rules, sees more, and is home earlier, in this order; of equals the separate plan. Both are compared in it.

    The flags that come with the plans are handed on.
    """
    chosen = min(separate, joint, key=lambda each: _rank(each[0]))
    comparison = Comparison(separate=tally(separate[0]), joint=tally(joint[0]), joint_is_flown=chosen is not separate)
    return replace(chosen[0], comparison=comparison), chosen[1]


def _rank(plan: Plan) -> tuple[int, float, float]:
    return len(plan.violations), -round(plan.result.coverage, _COVERAGE_DECIMALS), plan.result.makespan_s


def tally(plan: Plan) -> PlanTally:
    """The plan's work by nation, those without drones left out."""
    nations = []
    for nation in plan.nations:
        own = [sortie for sortie in plan.sorties if sortie.nation == nation.id]
        if any(drone.nation == nation.id for drone in plan.drones):
            nations.append(
                NationTally(
                    nation=nation.id,
                    sorties=len(own),
                    length_m=sum(path_length_m(leg.points) for sortie in own for leg in sortie.legs),
                    airborne_s=sum(sortie.end_s - sortie.start_s for sortie in own),
                    home_s=max((sortie.end_s for sortie in own), default=0.0),
                )
            )
    swaps_s = [plan.drone_type(plan.drone(sortie.drone).type).battery_swap_s for sortie in plan.sorties]
    makespan_s = max((each.home_s for each in nations), default=0.0)
    return PlanTally(
        makespan_s=makespan_s,
        revisit_s=makespan_s + max(swaps_s, default=0.0),
        coverage=plan.result.coverage,
        nations=tuple(nations),
    )
