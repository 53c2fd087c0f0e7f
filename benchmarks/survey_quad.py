"""The copter of benchmarks that look at lanes alone: its battery is never what ends a sortie."""

from __future__ import annotations

from dataclasses import replace

from planner.model import Sensor
from tests.planner.missions import QUAD

SWATH_M = 50.0
SURVEY_QUAD = replace(QUAD, endurance_s=9_000.0, battery_wh=5_000.0, sensor=Sensor(swath_m=SWATH_M), height_above_home_m=80.0)
