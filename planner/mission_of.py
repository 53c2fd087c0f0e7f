"""The mission that a plan is of, as far as the plan tells."""

from __future__ import annotations

from collections.abc import Sequence

from planner.model import Drone, KeepOut, MissionSpec, Plan


def mission_of(plan: Plan, closed: Sequence[KeepOut]) -> MissionSpec:
    """The mission that the plan is of."""
    return MissionSpec(
        name=plan.name,
        start_utc=plan.start_utc,
        area=plan.area,
        border=plan.border,
        position_uncertainty_m=plan.position_uncertainty_m,
        nations=plan.nations,
        bases=plan.bases,
        drone_types=plan.drone_types,
        drones=plan.drones,
        patrols=plan.patrols,
        permissions=plan.permissions,
        keep_outs=(*plan.keep_outs, *closed),
        objective=plan.objective,
        stay_inside=plan.stay_inside,
        min_coverage=plan.min_coverage,
        wind=plan.wind,
        limits=plan.limits,
    )


def working_height_m(plan: Plan, drone: Drone) -> float:
    """Where the drone's sorties work; its type's height when it has none."""
    tops = [leg.end.height_m for sortie in plan.sorties_of(drone.id) for leg in sortie.legs[:1]]
    return max(tops, default=plan.drone_type(drone.type).height_above_home_m)
