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
    #: Airspeeds, as parts of cruise, at which a sinking wing carries all and a rising one presses with the weight; the climb
    #: and sink that were measured; what a level wing carries of what a sinking one does.
    carried_part: float = 0.27
    pressed_part: float = 0.33
    pressed_most: float = 0.6
    rise_mps: float = 2.5
    sink_mps: float = 1.27
    level_part: float = 0.4
    #: Rotors of which the wings leave nothing to do but hold the nose up (14 to 95 W in q03, 30 to 190 W in five flights in 8 m/s).
    gliding_part: float = 0.2
    #: Motors armed on the ground.
    idle_part: float = 0.06

    def on_wings_w(self, airspeed_mps: float, climb_mps: float) -> float:
        ratio = min(1.6, airspeed_mps / self.cruise_mps)
        return max(0.0, self.cruise_w * (math.pow(ratio, self.exponent) + self.climb_part_spm * climb_mps))

    def on_rotors_w(self, climb_mps: float, airspeed_mps: float) -> float:
        """Rising or sinking over one place, nose into the wind.

        Sinking, the air comes from below and the wings carry a part, up to all of the weight: the rotors then idle. Rising,
        it comes from above and presses on them (q03: 60 to 95 W sinking and 830 W rising in 7 m/s, 489 W and 626 W in calm air).
        """
        if climb_mps > 0:
            pressed = math.pow(airspeed_mps / (self.pressed_part * self.cruise_mps), 3) * climb_mps / self.rise_mps
            return self.hover_w * (1.0 + self.rise_part_spm * climb_mps + min(self.pressed_most, pressed))
        left = 1.0 + self.sink_part_spm * climb_mps - self.carried(climb_mps, airspeed_mps)
        return self.hover_w * max(self.gliding_part, left)

    def carried(self, climb_mps: float, airspeed_mps: float) -> float:
        """Part of the weight that the wings carry over one place in wind."""
        from_below = min(1.0, self.level_part + (1.0 - self.level_part) * max(0.0, -climb_mps) / self.sink_mps)
        return min(1.0, math.pow(airspeed_mps / (self.carried_part * self.cruise_mps), 4)) * from_below

    def between_w(self, airspeed_mps: float, carried_mps: float, *, speeding_up: bool) -> float:
        """Rotors and wings share the weight; above `carried_mps` of airspeed the wings carry all of it."""
        left = max(0.0, 1.0 - math.pow(airspeed_mps / carried_mps, 2))
        return self.hover_w * left + (self.cruise_w * self.thrust_part if speeding_up else 0.0)

    @property
    def idle_w(self) -> float:
        return self.idle_part * self.hover_w
