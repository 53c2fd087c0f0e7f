"""How far a drone is from being down at its base, as far as its last position tells."""

from __future__ import annotations

from missions.control.homecoming import Homecoming
from missions.control.homeward import Homeward
from missions.control.messages import DronePhase
from missions.control.programme import Programme
from planner.geo import geodesic_m
from planner.model import Plan


def is_homeward(programme: Programme) -> bool:
    """On its way to a landing, or called home and waiting."""
    return programme.airborne and programme.phase is DronePhase.RETURNING


def bound_home(programme: Programme, plan: Plan, homecoming: Homecoming, patrol_s: float) -> Homeward:
    """Home at cruise speed, by the legal way while it waits; the vehicle goes to where it was armed, which is where its sortie began.

    Who is short of battery, or where nobody may be, does not wait.
    """
    kind = plan.drone_type(plan.drone(programme.drone).type)
    sortie, state = programme.progress.sortie, programme.state
    base = plan.base(sortie.start_base if sortie is not None else plan.drone(programme.drone).base)
    way_m, is_outside = 0.0, False
    if state.position is not None and programme.awaits_turn:
        way_m = homecoming.way(programme.drone, state.position, base.id, patrol_s).length_m
        is_outside = homecoming.outside_m(programme.drone, state.position, patrol_s) > 0.0
    elif state.position is not None:
        way_m = geodesic_m(state.position, base.location)
    height_m = max(0.0, (state.alt_amsl_m or base.elevation_m) - base.elevation_m)
    left_pct = state.battery_remaining_pct
    return Homeward(
        drone=programme.drone,
        base=base.id,
        way_s=way_m / kind.cruise_mps,
        descent_s=height_m / kind.descent_mps,
        waits=programme.awaits_turn,
        urgent=is_outside or (left_pct is not None and left_pct < 100 * kind.reserve),
    )
