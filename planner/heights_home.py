"""How high a drone comes home that leaves its legs, where there are hills."""

from __future__ import annotations

from planner.model import Drone, Plan, Sortie


def safe_m(plan: Plan, drone: Drone) -> float | None:
    """Above its base: as high as any leg of the plan that follows a terrain, by which its way home may lead; None over flat earth.

    The plan knows the ground below its legs only. They lead all over the area, and each is above the ground by a working height.
    """
    if plan.terrain is None:
        return None
    above_sea_m = [plan.base(sortie.start_base).elevation_m + highest_m(sortie) for sortie in plan.sorties]
    return max(above_sea_m, default=0.0) - plan.base(drone.base).elevation_m


def highest_m(sortie: Sortie) -> float:
    """Above its base."""
    return max(point.height_m for leg in sortie.legs for point in leg.points)
