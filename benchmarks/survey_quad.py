"""The copter of benchmarks that look at lanes alone: its battery is never what ends a sortie."""

from __future__ import annotations

from planner.model import DroneType, Sensor, VehicleKind

SWATH_M = 50.0
SURVEY_QUAD = DroneType(
    id="quad",
    kind=VehicleKind.COPTER,
    cruise_mps=10.0,
    endurance_s=9_000.0,
    battery_wh=5_000.0,
    power_hover_w=380.0,
    power_cruise_w=320.0,
    sensor=Sensor(swath_m=SWATH_M),
    height_above_home_m=80.0,
)
