"""A quadplane on its rotors: straight up, to a stop over a place, and down (q01, q02, q03)."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

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

    def rise(self, dt_s: float, to_up_m: float) -> None:
        body = self._body
        fastest = self._parameters["Q_WP_SPEED_UP"] / 100.0
        rising = body.up_m < to_up_m
        body.vu = min(fastest, body.vu + self._params.lift_mps2 * dt_s) if rising else max(0.0, body.vu - dt_s)
        self._hover(dt_s, 0.0, 0.0)

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
        part = max(0.0, min(1.0, (body.up_m - final_m) / self._params.final_blend_m))
        body.climb(dt_s, -(slow + (fast - slow) * part))
        self._hover(dt_s, 0.0, 0.0)
        if not self._is_low and body.up_m < final_m:
            self._is_low = True
            self._say("Land final started")

    def _hover(self, dt_s: float, vn: float, ve: float) -> None:
        self._body.hover(dt_s, vn, ve, self._air.north_mps, self._air.east_mps)
