"""The target that a copter follows along waypoints: legs on jerk-limited profiles, corners cut where it need not stop.

The rules are those of ArduPilot's waypoint navigation, as its flights show them: each leg is flown from rest to rest; when the
leg after it is known, it starts while this one still brakes, so that the two motions add up to a rounded corner within the
waypoint's radius and the corner acceleration (recordings c01, c02, c02b). The target waits for a vehicle that cannot follow.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from sitl.jerk_profile import JerkProfile, MotionLimits
from sitl.kinematics import approach, kinematic_limit
from sitl.parameters import Parameters

Vector = tuple[float, float, float]
_NOWHERE: Vector = (0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class WaypointParams:
    """ArduPilot's WPNAV_* in SI units; `corner_mps2` is WPNAV_ACCEL_C, or twice the acceleration when that is 0.

    `position_gain_ps` is PSC_POSXY_P and `shaping_jerk_mps3` PSC_JERK_XY. The snap follows from the attitude controller's
    input time constant (0.15 s): jerk * pi / (2 * 0.15), halved.
    """

    speed_mps: float = 10.0
    climb_mps: float = 2.5
    descent_mps: float = 1.5
    acceleration_mps2: float = 2.5
    vertical_mps2: float = 1.0
    corner_mps2: float = 5.0
    jerk_mps3: float = 1.0
    radius_m: float = 2.0
    position_gain_ps: float = 1.0
    shaping_jerk_mps3: float = 5.0
    input_time_s: float = 0.15

    @property
    def snap_mps4(self) -> float:
        return 0.5 * self.jerk_mps3 * math.pi / (2 * self.input_time_s)


class _Leg:
    """One straight leg and how far its profile has run."""

    __slots__ = ("delta", "direction", "profile", "time_s", "vertical")

    def __init__(self, origin: Vector, destination: Vector, params: WaypointParams, speed_mps: float) -> None:
        self.delta = (destination[0] - origin[0], destination[1] - origin[1], destination[2] - origin[2])
        flat_m = math.hypot(self.delta[0], self.delta[1])
        length_m = math.hypot(flat_m, self.delta[2])
        self.time_s = 0.0
        if length_m < 1e-3:
            self.direction: Vector = _NOWHERE
            self.profile = JerkProfile(0.0, _limits(params, 1.0, 0.0, speed_mps))
            self.delta = _NOWHERE
            return
        self.direction = (self.delta[0] / length_m, self.delta[1] / length_m, self.delta[2] / length_m)
        self.profile = JerkProfile(length_m, _limits(params, flat_m / length_m, self.delta[2] / length_m, speed_mps))

    def change_speed(self, params: WaypointParams, speed_mps: float) -> None:
        if self.profile.length_m > 0.0:
            flat = math.hypot(self.direction[0], self.direction[1])
            self.profile.change_speed(self.time_s, _limits(params, flat, self.direction[2], speed_mps).speed_mps)

    @property
    def left_s(self) -> float:
        return self.profile.duration_s - self.time_s


def _limits(params: WaypointParams, flat: float, up: float, speed_mps: float) -> MotionLimits:
    return MotionLimits(
        speed_mps=kinematic_limit(flat, up, speed_mps, params.climb_mps, params.descent_mps),
        acceleration_mps2=kinematic_limit(flat, up, params.acceleration_mps2, params.vertical_mps2, params.vertical_mps2),
        jerk_mps3=params.jerk_mps3,
        snap_mps4=params.snap_mps4,
    )


class WaypointNav:
    """North, east, up in metres from home. `position`, `velocity` and `acceleration` are the moving target."""

    __slots__ = (
        "_destination",
        "_fast",
        "_flow",
        "_flow_acceleration",
        "_next",
        "_next_destination",
        "_origin",
        "_previous",
        "_rate",
        "_this",
        "acceleration",
        "params",
        "paused",
        "position",
        "reached",
        "speed_mps",
        "velocity",
    )

    def __init__(self, params: WaypointParams) -> None:
        self.params = params
        self.start((0.0, 0.0, 0.0))

    def start(self, origin: Vector, speed_mps: float | None = None) -> None:
        """Begin anew, at rest at this point; legs follow by `fly_to`."""
        self.speed_mps = speed_mps if speed_mps is not None else self.params.speed_mps
        self._origin = self._destination = origin
        self._previous: _Leg | None = None
        self._this: _Leg | None = None
        self._next: _Leg | None = None
        self._next_destination: Vector | None = None
        self._fast = False
        self.reached = True
        self.paused = False
        #: How fast the target's time runs (it waits for the vehicle), and the part of the speed left by pausing.
        self._rate = 1.0
        self._flow = 1.0
        self._flow_acceleration = 0.0
        self.position: Vector = origin
        self.velocity: Vector = _NOWHERE
        self.acceleration: Vector = _NOWHERE

    @property
    def destination(self) -> Vector:
        return self._destination

    @property
    def origin(self) -> Vector:
        return self._origin

    def fly_to(self, destination: Vector) -> None:
        """The next leg, from the last destination; it goes on with the corner when it was announced."""
        prepared = self._next if self._fast and self._next_destination == destination else None
        self._previous = self._this
        self._origin, self._destination = self._destination, destination
        self._this = prepared or _Leg(self._origin, destination, self.params, self.speed_mps)
        self._next = self._next_destination = None
        self._fast = False
        self.reached = False

    def announce(self, destination: Vector) -> None:
        """The leg after this one: the vehicle does not stop between."""
        self._next = _Leg(self._destination, destination, self.params, self.speed_mps)
        self._next_destination = destination
        self._fast = True

    def change_speed(self, speed_mps: float) -> None:
        self.speed_mps = speed_mps
        for leg in (self._this, self._next):
            if leg is not None:
                leg.change_speed(self.params, speed_mps)

    def advance(self, dt_s: float, position: Vector, velocity: Vector) -> None:
        """Move the target on by one time step, given where the vehicle is and how fast it goes."""
        params = self.params
        vn, ve, vu = self.velocity
        speed = math.sqrt(vn * vn + ve * ve + vu * vu)
        wanted = 1.0
        if speed > 1e-6:
            tn, te, tu = self.position
            pn, pe, pu = position
            ahead_m = ((tn - pn) * vn + (te - pe) * ve + (tu - pu) * vu) / speed
            made_mps = (velocity[0] * vn + velocity[1] * ve + velocity[2] * vu) / speed
            wanted = 0.05 + (made_mps - params.position_gain_ps * ahead_m) / speed
            wanted = 0.0 if wanted < 0.0 else min(wanted, 1.0)
        if self.paused or self._flow < 1.0:
            self._pause_or_resume(dt_s)
        self._rate += (wanted - self._rate) * min(1.0, dt_s * params.jerk_mps3 / params.acceleration_mps2)
        self._follow(self._rate * self._flow * dt_s, position)

    def _pause_or_resume(self, dt_s: float) -> None:
        params = self.params
        speed = self._flow * self.speed_mps
        goal = 0.0 if self.paused else self.speed_mps
        speed, self._flow_acceleration = approach(
            goal, speed, self._flow_acceleration, params.acceleration_mps2, params.shaping_jerk_mps3, dt_s
        )
        self._flow = min(1.0, max(0.0, speed / self.speed_mps))

    def _follow(self, dt_s: float, position: Vector) -> None:
        leg = self._this
        if leg is None:
            return
        finished = leg.time_s + dt_s >= leg.profile.duration_s
        leg.time_s = min(leg.time_s + dt_s, leg.profile.duration_s)
        along, speed, acceleration = leg.profile.at(leg.time_s)
        un, ue, uu = leg.direction
        on, oe, ou = self._origin
        n, e, u = on + un * along, oe + ue * along, ou + uu * along
        vn, ve, vu = un * speed, ue * speed, uu * speed
        an, ae, au = un * acceleration, ue * acceleration, uu * acceleration
        before = self._previous
        if before is not None:
            before.time_s += dt_s
            if before.time_s >= before.profile.duration_s:
                self._previous = None
            else:
                along, speed, acceleration = before.profile.at(before.time_s)
                un, ue, uu = before.direction
                along -= before.profile.length_m
                n, e, u = n + un * along, e + ue * along, u + uu * along
                vn, ve, vu = vn + un * speed, ve + ue * speed, vu + uu * speed
                an, ae, au = an + un * acceleration, ae + ue * acceleration, au + uu * acceleration
        after = self._next
        if after is not None and (after.time_s > 0.0 or self._may_turn(leg, after, leg.time_s)):
            # A long step finds the moment within it at which the turn began.
            after.time_s += dt_s if after.time_s > 0.0 else self._turning_since_s(leg, after, dt_s)
            along, speed, acceleration = after.profile.at(after.time_s)
            un, ue, uu = after.direction
            n, e, u = n + un * along, e + ue * along, u + uu * along
            vn, ve, vu = vn + un * speed, ve + ue * speed, vu + uu * speed
            an, ae, au = an + un * acceleration, ae + ue * acceleration, au + uu * acceleration
            # The leg is over when the turn is half done.
            finished = finished or after.time_s >= leg.left_s
        flow = self._flow
        self.position = (n, e, u)
        self.velocity = (vn * flow, ve * flow, vu * flow)
        self.acceleration = (an * flow * flow, ae * flow * flow, au * flow * flow)
        if self._flow_acceleration != 0.0:
            self._add_pausing(vn, ve, vu)
        if finished and not self.reached:
            self.reached = self._fast or math.dist(position, self._destination) <= self.params.radius_m

    def _add_pausing(self, vn: float, ve: float, vu: float) -> None:
        per = self._flow_acceleration / self.speed_mps
        an, ae, au = self.acceleration
        self.acceleration = (an + vn * per, ae + ve * per, au + vu * per)

    def _turning_since_s(self, leg: _Leg, after: _Leg, dt_s: float) -> float:
        early_s, late_s = leg.time_s - dt_s, leg.time_s
        for _ in range(4):
            middle_s = (early_s + late_s) / 2
            if self._may_turn(leg, after, middle_s):
                late_s = middle_s
            else:
                early_s = middle_s
        return max(1e-3, leg.time_s - late_s)

    def _may_turn(self, leg: _Leg, after: _Leg, time_s: float) -> bool:
        """Whether the next leg may start now: the corner's middle must stay within radius, speed and acceleration."""
        profile, then = leg.profile, after.profile
        left_s = profile.duration_s - time_s
        if time_s < profile.decelerates_s or left_s > then.accelerated_s or left_s >= then.duration_s / 2:
            return False
        along, speed, acceleration = profile.at(time_s + left_s / 2)
        along -= profile.length_m
        far, fast, hard = then.at(left_s / 2)
        (un, ue, uu), (wn, we, wu) = leg.direction, after.direction
        miss_m = math.dist((un * along + wn * far, ue * along + we * far, uu * along + wu * far), _NOWHERE)
        turn_mps = math.hypot(un * speed + wn * fast, ue * speed + we * fast)
        turn_mps2 = math.hypot(un * acceleration + wn * hard, ue * acceleration + we * hard)
        least_mps = min(profile.limits.speed_mps, then.limits.speed_mps)
        return miss_m < self.params.radius_m and turn_mps < least_mps and turn_mps2 < self.params.corner_mps2


def waypoint_params(p: Parameters) -> WaypointParams:
    """ArduPilot's WPNAV_* and PSC_*, from centimetres to metres."""
    acceleration_mps2 = max(0.1, p["WPNAV_ACCEL"] / 100.0)
    return WaypointParams(
        speed_mps=max(0.2, p["WPNAV_SPEED"] / 100.0),
        climb_mps=max(0.1, p["WPNAV_SPEED_UP"] / 100.0),
        descent_mps=max(0.1, p["WPNAV_SPEED_DN"] / 100.0),
        acceleration_mps2=acceleration_mps2,
        vertical_mps2=max(0.1, p["WPNAV_ACCEL_Z"] / 100.0),
        corner_mps2=p["WPNAV_ACCEL_C"] / 100.0 or 2.0 * acceleration_mps2,
        jerk_mps3=max(0.1, p["WPNAV_JERK"]),
        radius_m=max(0.05, p["WPNAV_RADIUS"] / 100.0),
        position_gain_ps=p["PSC_POSXY_P"],
        shaping_jerk_mps3=p["PSC_JERK_XY"],
        input_time_s=max(0.1, p["ATC_INPUT_TC"]),
    )
