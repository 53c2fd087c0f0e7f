"""A winged vehicle's motion: banked turns through moving air, and speed and climb that change gradually.

Fitted to the recorded flights of ArduPilot's simulated quadplane (q01, q02, q03). Metres north, east, up of home.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from sitl.copter_body import GRAVITY_MPS2


@dataclass(frozen=True, slots=True, kw_only=True)
class WingParams:
    """How quickly the airframe answers."""

    roll_time_s: float = 0.25
    roll_rate_dps: float = 75.0
    #: Sideways acceleration of a bank, as a part of g tan(bank): 41.3 degrees held a circle of 88.3 m at 25.5 m/s (q02).
    turn_part: float = 0.86
    #: Airspeed follows its goal so: slowing down for a landing (q01) and speeding up after a transition.
    slowing_time_s: float = 6.0
    slowing_mps2: float = 0.55
    quickening_time_s: float = 2.0
    quickening_mps2: float = 1.2
    climb_time_s: float = 0.7
    #: True airspeed over indicated, at sea level and in the simulated temperature (q01: 25.55 m/s for 25 at 250 m).
    warm_part: float = 1.01


def true_over_indicated(amsl_m: float, warm_part: float) -> float:
    """By the density of the standard atmosphere (ISO 2533)."""
    return warm_part * math.pow(max(0.1, 1.0 - 2.25577e-5 * amsl_m), -4.2559 / 2)


class PlaneBody:
    """Place, velocity over ground, airspeed, heading through the air and bank."""

    __slots__ = (
        "_params",
        "airspeed_mps",
        "east_m",
        "heading_deg",
        "north_m",
        "pitch_deg",
        "roll_deg",
        "up_m",
        "ve",
        "vn",
        "vu",
    )

    def __init__(self, params: WingParams) -> None:
        self._params = params
        self.north_m = self.east_m = self.up_m = 0.0
        self.vn = self.ve = self.vu = 0.0
        self.airspeed_mps = self.heading_deg = self.roll_deg = self.pitch_deg = 0.0

    @property
    def at(self) -> tuple[float, float]:
        return self.north_m, self.east_m

    @property
    def velocity(self) -> tuple[float, float]:
        return self.vn, self.ve

    @property
    def ground_mps(self) -> float:
        return math.hypot(self.vn, self.ve)

    def rest(self) -> None:
        self.vn = self.ve = self.vu = 0.0
        self.airspeed_mps = self.roll_deg = self.pitch_deg = 0.0

    def bank(self, dt_s: float, lateral_mps2: float, limit_deg: float) -> None:
        """Roll towards the bank that gives this acceleration to the right."""
        p = self._params
        wanted = max(-limit_deg, min(limit_deg, math.degrees(math.atan(lateral_mps2 / GRAVITY_MPS2))))
        change = max(-p.roll_rate_dps * dt_s, min(p.roll_rate_dps * dt_s, (wanted - self.roll_deg) * min(1.0, dt_s / p.roll_time_s)))
        self.roll_deg += change

    def quicken(self, dt_s: float, goal_mps: float) -> None:
        p = self._params
        missing = goal_mps - self.airspeed_mps
        slowing, quickening = max(-p.slowing_mps2, missing / p.slowing_time_s), min(p.quickening_mps2, missing / p.quickening_time_s)
        self.airspeed_mps += (slowing if missing < 0 else quickening) * dt_s

    def climb(self, dt_s: float, goal_mps: float, time_s: float | None = None) -> None:
        self.vu += (goal_mps - self.vu) * min(1.0, dt_s / (time_s if time_s is not None else self._params.climb_time_s))

    def glide(self, dt_s: float, wind_n: float, wind_e: float) -> None:
        """Move on with the air, turning as the bank says."""
        lateral = self._params.turn_part * GRAVITY_MPS2 * math.tan(math.radians(self.roll_deg))
        turn = lateral / max(5.0, self.airspeed_mps) * dt_s
        heading = math.radians(self.heading_deg) + turn
        self.heading_deg = math.degrees(heading) % 360.0
        # Where the turn's middle points: exact enough for steps of 2 degrees.
        middle = heading - turn / 2
        self.vn = self.airspeed_mps * math.cos(middle) + wind_n
        self.ve = self.airspeed_mps * math.sin(middle) + wind_e
        self.pitch_deg = math.degrees(math.atan2(self.vu, max(5.0, self.airspeed_mps)))
        self._move(dt_s)

    def hover(self, dt_s: float, vn: float, ve: float, wind_n: float, wind_e: float) -> None:
        """Move over ground as the rotors hold it."""
        self.vn, self.ve = vn, ve
        self.airspeed_mps = math.hypot(vn - wind_n, ve - wind_e)
        self.roll_deg *= max(0.0, 1.0 - dt_s / self._params.roll_time_s)
        self.pitch_deg = 0.0
        self._move(dt_s)

    def _move(self, dt_s: float) -> None:
        self.north_m += self.vn * dt_s
        self.east_m += self.ve * dt_s
        self.up_m += self.vu * dt_s
