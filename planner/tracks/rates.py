"""What sweeping costs a drone type: spacing of lanes, speed, and the time lost per lane."""

from __future__ import annotations

import math

from planner import cost
from planner.model import DroneType, MissionSpec
from planner.tracks.cells import SweepRates


def sweep_rates(spec: MissionSpec, drone_type: DroneType) -> SweepRates:
    """Spacing, speed and the time lost per lane of a type."""
    overlap = max((patrol.side_overlap for patrol in spec.patrols), default=0.0)
    spacing_m = drone_type.swath_m * (1 - overlap)
    radius_m = drone_type.turn_radius_m if cost.is_winged(drone_type) else 0.0
    if radius_m > 0:
        # A half circle and the straight rest of the way over, or the loop it takes when lanes are close (Dubins LRL is longer).
        turn_s = (math.pi * radius_m + abs(spacing_m - 2 * radius_m)) / drone_type.cruise_mps
    else:
        turn_s = cost.run_s(drone_type, spec.wind, spacing_m, 0.0) + drone_type.cruise_mps / drone_type.acceleration_mps2
    return SweepRates(spacing_m=spacing_m, speed_mps=drone_type.cruise_mps, turn_s=turn_s, turn_radius_m=radius_m)
