"""What flying on wings and on rotors costs a quadplane or a plane.

Fitted to the current in the recorded flights (q01, q02): 12.7 A at 25.5 m/s, 7.7 A at 19 m/s, 17 A climbing at 3.7 m/s, 9.8 A
sinking at 2.35 m/s, 42 A hovering, 50 A rising at 2.5 m/s, 39 A sinking at 1.5 m/s.
"""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class WingPowerParams:
    """Watts hovering and in cruise (at `cruise_mps` of airspeed); the parts are of the one or the other."""

    hover_w: float
    cruise_w: float
    cruise_mps: float
    exponent: float = 1.75
    climb_part_spm: float = 0.097
    rise_part_spm: float = 0.075
    sink_part_spm: float = 0.048
    #: The propeller alone while it speeds up from hover.
    thrust_part: float = 1.5
    #: Motors armed on the ground.
    idle_part: float = 0.06

    def on_wings_w(self, airspeed_mps: float, climb_mps: float) -> float:
        ratio = min(1.6, airspeed_mps / self.cruise_mps)
        return max(0.0, self.cruise_w * (math.pow(ratio, self.exponent) + self.climb_part_spm * climb_mps))

    def on_rotors_w(self, climb_mps: float) -> float:
        """Rising or sinking without speed. In wind the wings carry a part, which is left out: the true current is lower (q03)."""
        part = self.rise_part_spm if climb_mps > 0 else self.sink_part_spm
        return self.hover_w * (1.0 + part * climb_mps)

    def between_w(self, airspeed_mps: float, carried_mps: float, *, speeding_up: bool) -> float:
        """Rotors and wings share the weight; above `carried_mps` of airspeed the wings carry all of it."""
        left = max(0.0, 1.0 - math.pow(airspeed_mps / carried_mps, 2))
        return self.hover_w * left + (self.cruise_w * self.thrust_part if speeding_up else 0.0)

    @property
    def idle_w(self) -> float:
        return self.idle_part * self.hover_w
