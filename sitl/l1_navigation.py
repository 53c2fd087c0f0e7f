"""Which way a plane turns to follow a leg or a circle: ArduPilot's L1 controller.

After S. Park, J. Deyst, J. P. How, "A New Nonlinear Guidance Logic for Trajectory Tracking" (AIAA 2004-4900), in the form of
ArduPilot's AP_L1_Control. All functions give a lateral acceleration to the right, m/s2. Metres and metres per second north, east.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

Point = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class L1Params:
    """NAVL1_PERIOD and NAVL1_DAMPING; the others are constants of AP_L1_Control."""

    period_s: float = 14.0
    damping: float = 0.75
    #: Steepest approach to the leg, as the sine of the angle.
    steepest: float = 0.7071
    #: So long after its end was passed the leg is no longer followed but its end is flown to.
    past_end_s: float = 3.0
    least_speed_mps: float = 0.1

    def distance_m(self, speed_mps: float) -> float:
        """How far ahead on the leg the plane aims."""
        return self.damping * self.period_s * speed_mps / math.pi

    @property
    def gain(self) -> float:
        return 4.0 * self.damping * self.damping


def turn_distance_m(params: L1Params, radius_m: float, speed_mps: float, turn_deg: float) -> float:
    """How far before its end a leg counts as flown, when the next one turns off by this angle (WP_RADIUS, q01: 84 m, q03)."""
    distance_m = min(radius_m, params.distance_m(speed_mps))
    return distance_m * min(1.0, abs(turn_deg) / 90.0)


def follow_leg(params: L1Params, at: Point, velocity: Point, start: Point, end: Point) -> float:
    """Along the line from start to end."""
    speed = max(params.least_speed_mps, math.hypot(*velocity))
    ahead_m = params.distance_m(speed)
    along = _unit(start, end) or _unit(at, end) or _direction(velocity)
    from_start = (at[0] - start[0], at[1] - start[1])
    right_m = _cross(along, from_start)
    along_m = _dot(along, from_start)
    behind_m = math.hypot(*from_start)
    if behind_m > ahead_m and along_m / max(behind_m, 1.0) < -params.steepest:
        # Behind the start: fly to it first.
        bearing = _angle(velocity, (-from_start[0] / behind_m, -from_start[1] / behind_m))
    elif along_m > math.dist(start, end) + speed * params.past_end_s:
        bearing = _angle(velocity, _unit(at, end) or along)
    else:
        closing = math.asin(max(-params.steepest, min(params.steepest, right_m / max(ahead_m, 0.1))))
        bearing = _angle(velocity, along) - closing
    bearing = max(-math.pi / 2, min(math.pi / 2, bearing))
    return params.gain * speed * speed / ahead_m * math.sin(bearing)


def follow_circle(params: L1Params, at: Point, velocity: Point, centre: Point, radius_m: float, *, clockwise: bool) -> tuple[float, bool]:
    """Towards a circle and around it; and whether the plane is on it."""
    speed = max(params.least_speed_mps, math.hypot(*velocity))
    turn = 1.0 if clockwise else -1.0
    omega = 2 * math.pi / params.period_s
    outward = _unit(centre, at) or _direction(velocity)
    inward = (-outward[0], -outward[1])
    capture = (
        params.gain * speed * speed / params.distance_m(speed) * math.sin(max(-math.pi / 2, min(math.pi / 2, _angle(velocity, inward))))
    )
    off_m = math.dist(at, centre) - radius_m
    away_mps = _dot(velocity, outward)
    around_mps = _cross(outward, velocity) * turn
    steering = off_m * omega * omega + away_mps * 2.0 * params.damping * omega
    if away_mps > 0.0 and around_mps < 0.0:
        # Flying the wrong way around: never steer outwards.
        steering = max(steering, 0.0)
    circling = turn * (steering + around_mps * around_mps / max(0.5 * radius_m, radius_m + off_m))
    if off_m > 0.0 and turn * capture < turn * circling:
        return capture, False
    return circling, True


def _unit(start: Point, end: Point) -> Point | None:
    n, e = end[0] - start[0], end[1] - start[1]
    length = math.hypot(n, e)
    return (n / length, e / length) if length > 1e-6 else None


def _direction(velocity: Point) -> Point:
    speed = math.hypot(*velocity)
    return (velocity[0] / speed, velocity[1] / speed) if speed > 1e-6 else (1.0, 0.0)


def _dot(a: Point, b: Point) -> float:
    return a[0] * b[0] + a[1] * b[1]


def _cross(a: Point, b: Point) -> float:
    """How far b lies to the right of a."""
    return a[0] * b[1] - a[1] * b[0]


def _angle(velocity: Point, towards: Point) -> float:
    """From the direction of flight to another, positive to the right."""
    return math.atan2(_cross(velocity, towards), _dot(velocity, towards))
