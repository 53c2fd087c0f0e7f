"""How a copter comes to a stop: braked at a limited jerk (BRAKE, LAND), or by a loiter's feigned drag and brake (c13, c13b)."""

from __future__ import annotations

import math

from sitl.copter_body import GRAVITY_MPS2, CopterBody
from sitl.kinematics import approach, sqrt_speed
from sitl.parameters import Parameters
from sitl.waypoint_nav import Vector

#: A loiter begins with the lean that would balance its feigned drag, as if a pilot let the stick go then: kept, and given up.
_KEPT_S, _LET_GO_S = 0.3, 0.2


class Slowdown:
    """The wished velocity from the moment the stop began: `velocity`, metres per second north, east."""

    __slots__ = ("_brake_now", "_braking", "_jerk", "_loiters", "_parameters", "_rate", "_since_s", "acceleration", "velocity")

    def __init__(self, parameters: Parameters) -> None:
        self._parameters = parameters
        self.velocity = self.acceleration = (0.0, 0.0)
        self._rate = self._braking = self._jerk = self._brake_now = 0.0
        self._since_s = 0.0
        self._loiters = False

    def brake(self, body: CopterBody, deceleration_mps2: float, jerk_mps3: float) -> None:
        self._begin(body)
        self._loiters = False
        self._braking, self._jerk = deceleration_mps2, jerk_mps3

    def slow_target(self, velocity: Vector, acceleration: Vector, deceleration_mps2: float, jerk_mps3: float) -> None:
        """It is the target that slows down, from its own velocity: the vehicle goes on following it."""
        self.velocity = velocity[:2]
        speed = math.hypot(*self.velocity)
        self._rate = (acceleration[0] * velocity[0] + acceleration[1] * velocity[1]) / speed if speed > 1e-6 else 0.0
        self._loiters = False
        self._braking, self._jerk = deceleration_mps2, jerk_mps3

    def loiter(self, body: CopterBody, now_s: float) -> None:
        self._begin(body)
        self._loiters = True
        self._since_s = now_s

    def forget(self) -> None:
        """It stands already."""
        self.velocity = self.acceleration = (0.0, 0.0)

    def _begin(self, body: CopterBody) -> None:
        self.velocity = (body.vn, body.ve)
        speed = math.hypot(body.vn, body.ve)
        # It goes on from the acceleration that the lean gives now.
        self._rate = (body.accel_n * body.vn + body.accel_e * body.ve) / speed if speed > 1e-6 else 0.0
        self._brake_now = 0.0

    def step(self, dt_s: float, now_s: float) -> tuple[float, float]:
        vn, ve = self.velocity
        speed = math.hypot(vn, ve)
        if speed < 1e-6:
            self.acceleration = (0.0, 0.0)
            return 0.0, 0.0
        if self._loiters:
            slower = self._loitered(speed, dt_s, now_s)
        else:
            slower, self._rate = approach(0.0, speed, self._rate, self._braking, self._jerk, dt_s)
        part = max(0.0, slower) / speed
        self.velocity = (vn * part, ve * part)
        self.acceleration = ((self.velocity[0] - vn) / dt_s, (self.velocity[1] - ve) / dt_s)
        return self.velocity

    def _loitered(self, speed: float, dt_s: float, now_s: float) -> float:
        p = self._parameters
        since_s = now_s - self._since_s
        drag = GRAVITY_MPS2 * math.tan(math.radians(p["ANGLE_MAX"] / 100.0)) * speed / (p["LOIT_SPEED"] / 100.0)
        drag *= 1.0 - math.exp(-max(0.0, since_s - _KEPT_S) / _LET_GO_S)
        brake = 0.0
        jerk = p["LOIT_BRK_JERK"] / 100.0
        if since_s >= p["LOIT_BRK_DELAY"]:
            brake = min(p["LOIT_BRK_ACCEL"] / 100.0, max(0.0, sqrt_speed(speed, 1.0, jerk)))
        change = jerk * dt_s
        self._brake_now += max(-change, min(change, brake - self._brake_now))
        return speed - (drag + self._brake_now) * dt_s
