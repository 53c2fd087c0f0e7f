"""A quadplane on its rotors: straight up, to a stop over a place, and down (q01, q02, q03)."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

from sitl.l1_navigation import Point
from sitl.parameters import Parameters
from sitl.plane_body import PlaneBody
from sitl.wind import Air


@dataclass(frozen=True, slots=True, kw_only=True)
class RotorParams:
    """Fitted to q01, q02, q03."""

    lift_mps2: float = 6.0
    #: Speed over the distance left, both as parts of those when the rotors took over.
    positioning_power: float = 0.38
    positioned_m: float = 0.5
    position2_m: float = 10.0
    final_blend_m: float = 6.0
    lifted_m: float = 0.3
    #: In wind of this part of cruise the wings carry a sinking plane, whose rotors idle and cannot make it sink faster than this
    #: (q03, and ArduPlane flown in 8 m/s from four sides: 0.8 to 1.25 m/s above some 35 m, Q_WP_SPEED_DN below).
    gliding_part: float = 0.25
    gliding_mps: float = 1.0
    #: Less wind than this does not turn the nose.
    calm_mps: float = 1.0


#: Seconds since lifting off and degrees from the first heading. Rising in calm air, weathervaning follows the small leans with
#: which ArduPilot holds its place: the nose wanders, the same way in every calm recording (q01, q02).
_WANDER = (
    (0.0, 0.0),
    (3.0, 1.0),
    (4.0, 6.0),
    (6.0, 10.0),
    (7.0, 4.0),
    (8.0, -14.0),
    (9.0, -35.0),
    (10.5, -46.0),
    (12.0, -40.0),
    (13.0, 6.0),
    (14.0, 56.0),
    (15.0, 68.0),
    (16.0, 69.0),
)


class Rotors:
    """Rising and landing. `say` is told what the vehicle reports while it does it."""

    def __init__(
        self, parameters: Parameters, air: Air, body: PlaneBody, say: Callable[[str], None], params: RotorParams | None = None
    ) -> None:
        self._parameters = parameters
        self._air = air
        self._body = body
        self._say = say
        self._params = params or RotorParams()
        self.touchdown: Point = (0.0, 0.0)
        self._first_m = self._first_mps = 0.0
        #: Over the place where it comes down, but for a few metres.
        self.is_close = False
        self._is_low = False
        self._rising_s = 0.0
        self._first_deg = 0.0

    def rise(self, dt_s: float, to_up_m: float) -> None:
        body = self._body
        fastest = self._parameters["Q_WP_SPEED_UP"] / 100.0
        rising = body.up_m < to_up_m
        body.vu = min(fastest, body.vu + self._params.lift_mps2 * dt_s) if rising else max(0.0, body.vu - dt_s)
        self._weathervane(dt_s)
        self._hover(dt_s, 0.0, 0.0)

    def _weathervane(self, dt_s: float) -> None:
        body, air = self._body, self._air
        if body.up_m < self._params.lifted_m:
            self._rising_s, self._first_deg = 0.0, body.heading_deg
            return
        self._rising_s += dt_s
        if math.hypot(air.north_mps, air.east_mps) < self._params.calm_mps:
            body.heading_deg = (self._first_deg + _wander_deg(self._rising_s)) % 360.0

    def begin_positioning(self) -> None:
        body = self._body
        self._first_m = math.dist(body.at, self.touchdown)
        self._first_mps = max(body.ground_mps, self._parameters["Q_WP_SPEED"] / 100.0)
        self.is_close = False
        self._say(f"VTOL position1 v={body.ground_mps:.1f} d={self._first_m:.1f} h={body.up_m:.1f} dc={body.ground_mps:.1f}")

    def position(self, dt_s: float) -> bool:
        """One step towards the place; whether it is there."""
        params, body = self._params, self._body
        left_m = math.dist(body.at, self.touchdown)
        speed = self._first_mps * min(1.0, left_m / max(self._first_m, 1e-3)) ** params.positioning_power
        part = min(speed / left_m, 1.0 / dt_s) if left_m > 1e-6 else 0.0
        body.climb(dt_s, 0.0)
        self._hover(dt_s, (self.touchdown[0] - body.north_m) * part, (self.touchdown[1] - body.east_m) * part)
        if not self.is_close and left_m < params.position2_m:
            self.is_close = True
            self._say(f"VTOL position2 started v={speed:.1f} d={left_m:.1f} h={body.up_m:.1f}")
        return left_m < params.positioned_m

    def begin_descent(self) -> None:
        self.is_close = True
        self._is_low = False
        self._say("Land descend started")

    def descend(self, dt_s: float) -> None:
        """Fast, and slowly from Q_LAND_FINAL_ALT on."""
        p, body = self._parameters, self._body
        fast, slow, final_m = p["Q_WP_SPEED_DN"] / 100.0, p["Q_LAND_FINAL_SPD"], p["Q_LAND_FINAL_ALT"]
        if math.hypot(self._air.north_mps, self._air.east_mps) > self._params.gliding_part * p["AIRSPEED_CRUISE"]:
            fast = min(fast, self._params.gliding_mps)
        part = max(0.0, min(1.0, (body.up_m - final_m) / self._params.final_blend_m))
        body.climb(dt_s, -(slow + (fast - slow) * part))
        self._hover(dt_s, 0.0, 0.0)
        if not self._is_low and body.up_m < final_m:
            self._is_low = True
            self._say("Land final started")

    def _hover(self, dt_s: float, vn: float, ve: float) -> None:
        self._body.hover(dt_s, vn, ve, self._air.north_mps, self._air.east_mps)


def _wander_deg(since_s: float) -> float:
    for (start_s, start), (end_s, end) in pairwise(_WANDER):
        if since_s < end_s:
            return start + (end - start) * (since_s - start_s) / (end_s - start_s)
    return _WANDER[-1][1]
