"""What a copter can be told to do in the air, one manoeuvre at a time: climb, fly to points, circle, stop, land.

The autopilot decides which; this moves the body. Times and speeds are those of the recorded flights (named at each).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum, auto

from sitl.copter_body import GRAVITY_MPS2, AirframeParams, ControllerParams, CopterBody
from sitl.copter_slowdown import Slowdown
from sitl.kinematics import approach, sqrt_speed, stopping_distance
from sitl.parameters import Parameters
from sitl.waypoint_nav import Vector, WaypointNav, waypoint_params
from sitl.wind import Air


class Manoeuvre(Enum):
    ON_GROUND = auto()
    TAKING_OFF = auto()
    FOLLOWING = auto()
    CIRCLING = auto()
    STOPPING = auto()
    LOITERING = auto()
    LANDING = auto()
    FALLING = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class FlightParams:
    """Figures that are constants in ArduPilot's code or follow from its throttle ramps."""

    #: From arming to the throttle's rise (arming delay and spool-up), and on to the first landed_state 3 (c01: 3.3 s in all).
    spool_s: float = 2.5
    lift_s: float = 0.8
    #: Take-off slows down over this part of the vertical acceleration, and is done below this part of the climb speed (c01, c04):
    #: ArduPilot's tenth, and what the speed falls in the fifth of a second by which vehicle and next leg are behind their target.
    takeoff_slowing: float = 0.56
    takeoff_done_part: float = 0.15
    #: Ground contact to the motors' idling, to landed_state 1, and on to disarming (c01, c09, c12).
    spin_down_s: float = 0.5
    landed_after_s: float = 1.7
    disarm_after_s: float = 0.4
    brake_mps2: float = 7.5
    #: A battery or EKF failsafe hovers before it descends (c10b: 4 s).
    land_pause_s: float = 4.0
    terminal_mps: float = 20.0
    circle_smoothing_s: float = 1.2


class CopterFlight:
    """Body, target and the manoeuvre under way. Metres north, east, up of home."""

    def __init__(self, parameters: Parameters, air: Air, frame: AirframeParams, params: FlightParams | None = None) -> None:
        self._parameters = parameters
        self._air = air
        self._params = params or FlightParams()
        self.body = CopterBody(frame, ControllerParams())
        self.nav = WaypointNav(waypoint_params(parameters))
        self.manoeuvre = Manoeuvre.ON_GROUND
        self.armed_s: float | None = None
        self._now_s = 0.0
        self._lift_at_s = math.inf
        self._climb_to_m = 0.0
        self._climb_mps = self._climb_rate = 0.0
        self._descend_at_s = 0.0
        self._touched_s: float | None = None
        self._hold: Vector = (0.0, 0.0, 0.0)
        self._slowdown = Slowdown(parameters)
        self._centre = (0.0, 0.0)
        self._radius_m = 0.0
        self._angle = 0.0
        self._turned = 0.0
        self._spin = 0.0
        self._clockwise = 1.0
        #: Pilot's climb demand in LOITER, m/s; a throttle stick at its minimum descends (c13b).
        self.pilot_climb_mps = 0.0
        self.faces_target = True
        #: Height of home above the ground below.
        self.home_up_m = 0.0
        self.impact_mps = 0.0
        self._impact = False

    # What the autopilot asks for

    def arm(self, now_s: float) -> None:
        self.armed_s = now_s
        self.manoeuvre = Manoeuvre.ON_GROUND
        self._touched_s = None
        self._lift_at_s = math.inf

    def disarm(self) -> None:
        self.armed_s = None
        self._lift_at_s = math.inf
        if self.body.up_m <= 0.0:
            self.manoeuvre = Manoeuvre.ON_GROUND
            self.body.rest()
        else:
            self.drop()

    def rest(self, dt_s: float, now_s: float) -> None:
        """One step while disarmed: in the air it falls."""
        if self.manoeuvre is Manoeuvre.FALLING:
            self.step(dt_s, now_s)
            if self.is_down:
                self.manoeuvre = Manoeuvre.ON_GROUND

    def drop(self) -> None:
        """Without motors, wherever it is."""
        self._touched_s = None
        self.manoeuvre = Manoeuvre.FALLING

    def take_off(self, up_m: float) -> None:
        """Rise straight to this height above home; from the ground after the motors have spooled up."""
        self._climb_to_m = up_m
        self._hold = (self.body.north_m, self.body.east_m, up_m)
        self._climb_mps = max(0.0, self.body.vu)
        if self.manoeuvre is Manoeuvre.ON_GROUND:
            params = self._params
            ready_s = (self.armed_s if self.armed_s is not None else self._now_s) + params.spool_s
            self._lift_at_s = max(ready_s, self._now_s) + params.lift_s
        else:
            self.manoeuvre = Manoeuvre.TAKING_OFF

    def begin_legs(self, speed_mps: float | None = None, origin: Vector | None = None) -> None:
        """Start waypoint navigation anew, from where the vehicle can stop."""
        self.nav.params = waypoint_params(self._parameters)
        self.nav.start(origin if origin is not None else self.stopping_point(), speed_mps)
        self.body.hand_over()
        self.manoeuvre = Manoeuvre.FOLLOWING

    def circle(self, centre: tuple[float, float], radius_m: float, *, clockwise: bool, up_m: float) -> None:
        """Turn around a centre at this height; `turns` counts."""
        body = self.body
        self._centre, self._radius_m = centre, radius_m
        self._clockwise = 1.0 if clockwise else -1.0
        self._angle = math.atan2(body.east_m - centre[1], body.north_m - centre[0])
        self._turned = self._spin = 0.0
        self._hold = (body.north_m, body.east_m, up_m)
        self.manoeuvre = Manoeuvre.CIRCLING

    def stop(self, deceleration_mps2: float | None = None) -> None:
        """Come to a stop and stay there (BRAKE, and landing where it is)."""
        self._begin_stop()
        jerk_mps3 = self.nav.params.shaping_jerk_mps3
        self._slowdown.brake(self.body, deceleration_mps2 if deceleration_mps2 is not None else self._params.brake_mps2, jerk_mps3)
        self.manoeuvre = Manoeuvre.STOPPING

    def loiter(self) -> None:
        self._begin_stop()
        self._slowdown.loiter(self.body, self._now_s)
        self._climb_mps = self.body.vu
        self._climb_rate = 0.0
        self.manoeuvre = Manoeuvre.LOITERING

    def fall(self) -> None:
        """Without power there is nothing but gravity and drag."""
        if self.is_flying:
            self.manoeuvre = Manoeuvre.FALLING

    def land(self, *, pause: bool = False, at: tuple[float, float] | None = None) -> None:
        """Descend to the ground, here or where the navigation target stands; after a pause when a failsafe says so."""
        nav, params = self.nav, self.nav.params
        if self.manoeuvre is Manoeuvre.FOLLOWING:
            # ModeLand::init leaves a position controller that is at work as it is: the target comes to rest (c10b).
            self._hold = (*nav.position[:2], self.stopping_point()[2])
            self._slowdown.slow_target(nav.velocity, nav.acceleration, params.acceleration_mps2, params.shaping_jerk_mps3)
        else:
            self._begin_stop()
            self._slowdown.brake(self.body, params.acceleration_mps2, params.shaping_jerk_mps3)
        if at is not None:
            self._hold = (at[0], at[1], self.body.up_m)
            self._slowdown.forget()
        self._climb_mps = self.body.vu
        self._climb_rate = 0.0
        self._descend_at_s = self._now_s + (self._params.land_pause_s if pause else 0.0)
        self.manoeuvre = Manoeuvre.LANDING

    # What it sees

    @property
    def position(self) -> Vector:
        body = self.body
        return body.north_m, body.east_m, body.up_m

    @property
    def takeoff_point(self) -> Vector:
        """Where the take-off under way ends."""
        return self._hold

    @property
    def turns(self) -> float:
        return self._turned / (2 * math.pi)

    @property
    def is_flying(self) -> bool:
        return self.manoeuvre is not Manoeuvre.ON_GROUND

    @property
    def is_spooling(self) -> bool:
        """On the ground with a take-off ordered."""
        return self.manoeuvre is Manoeuvre.ON_GROUND and self._lift_at_s < math.inf

    @property
    def is_lifting(self) -> bool:
        """The throttle rises for the take-off, the vehicle still stands."""
        return self.manoeuvre is Manoeuvre.ON_GROUND and self._lift_at_s - self._now_s <= self._params.lift_s

    @property
    def is_down(self) -> bool:
        """It has touched the ground, though the land detector may not be sure yet."""
        return self._touched_s is not None

    @property
    def has_spun_down(self) -> bool:
        """Down, and its motors idle."""
        return self._touched_s is not None and self._now_s - self._touched_s >= self._params.spin_down_s

    def take_impact(self) -> bool:
        """Whether it touched the ground since the last call."""
        hit, self._impact = self._impact, False
        return hit

    @property
    def takeoff_is_done(self) -> bool:
        params = self.nav.params
        return (
            self.manoeuvre is Manoeuvre.TAKING_OFF
            and self._climb_mps < self._params.takeoff_done_part * params.climb_mps
            and self._climb_to_m - self.body.up_m < 1.0
        )

    @property
    def has_landed(self) -> bool:
        """Down long enough that ArduPilot's land detector is sure."""
        return self._touched_s is not None and self._now_s - self._touched_s >= self._params.landed_after_s - 1e-9

    @property
    def should_disarm(self) -> bool:
        after_s = self._params.landed_after_s + self._params.disarm_after_s
        return self._touched_s is not None and self._now_s - self._touched_s >= after_s - 1e-9

    @property
    def speed_mps(self) -> float:
        return math.hypot(self.body.vn, self.body.ve)

    def stopping_point(self) -> Vector:
        """Where the position controller would bring it to rest."""
        body, params = self.body, self.nav.params
        speed = self.speed_mps
        ahead_m = stopping_distance(min(speed, params.speed_mps), params.position_gain_ps, params.acceleration_mps2)
        along = ahead_m / speed if speed > 1e-6 else 0.0
        # The limit of the manoeuvre that ends now still counts.
        limit_mps2 = self._parameters["PILOT_ACCEL_Z"] / 100.0 if self.manoeuvre is Manoeuvre.LOITERING else params.vertical_mps2
        rise_m = math.copysign(stopping_distance(abs(body.vu), params.position_gain_ps, limit_mps2), body.vu)
        return body.north_m + body.vn * along, body.east_m + body.ve * along, body.up_m + rise_m

    # One step

    def step(self, dt_s: float, now_s: float) -> None:
        self._now_s = now_s
        manoeuvre = self.manoeuvre
        if manoeuvre is Manoeuvre.ON_GROUND:
            if now_s < self._lift_at_s:
                return
            self._lift_at_s = math.inf
            self.manoeuvre = manoeuvre = Manoeuvre.TAKING_OFF
            self._climb_mps = 0.0
            self._touched_s = None
        if self._touched_s is not None and manoeuvre in (Manoeuvre.LANDING, Manoeuvre.FALLING):
            return
        self._air.update(self.body.up_m)
        if manoeuvre is Manoeuvre.FOLLOWING:
            self._follow(dt_s)
        elif manoeuvre is Manoeuvre.TAKING_OFF:
            self._take_off(dt_s)
        elif manoeuvre is Manoeuvre.CIRCLING:
            self._circle(dt_s)
        elif manoeuvre is Manoeuvre.LANDING:
            self._land(dt_s)
        elif manoeuvre is Manoeuvre.FALLING:
            self._fall(dt_s)
        else:
            self._come_to_rest(dt_s)
        if self.body.up_m <= 0.0 and self.body.vu <= 0.0:
            self._touch()

    def _follow(self, dt_s: float) -> None:
        nav, body = self.nav, self.body
        position, velocity, acceleration = nav.position, nav.velocity, nav.acceleration
        nav.advance(dt_s, (body.north_m, body.east_m, body.up_m), (body.vn, body.ve, body.vu))
        self._fly(dt_s, position, velocity, acceleration)
        vn, ve, _ = nav.velocity
        if self.faces_target and vn * vn + ve * ve > 0.25:
            body.turn_to(dt_s, math.degrees(math.atan2(ve, vn)))

    def _take_off(self, dt_s: float) -> None:
        params = self.nav.params
        left_m = self._climb_to_m - self.body.up_m
        slowing = math.sqrt(2 * self._params.takeoff_slowing * params.vertical_mps2 * max(0.0, left_m))
        before_mps = self._climb_mps
        self._climb_mps = min(before_mps + params.vertical_mps2 * dt_s, params.climb_mps, slowing)
        up_m = self.body.up_m
        # The speed is shaped, so its change is known beforehand and nothing lags (c01, c10b).
        change_mps2 = (self._climb_mps - before_mps) / dt_s
        self._fly(dt_s, (self._hold[0], self._hold[1], up_m), (0.0, 0.0, self._climb_mps), (0.0, 0.0, change_mps2))

    def _circle(self, dt_s: float) -> None:
        params = self.nav.params
        radius_m = max(self._radius_m, 1e-3)
        limit = min(math.radians(abs(self._parameters["CIRCLE_RATE"])), math.sqrt(0.5 * params.acceleration_mps2 * radius_m) / radius_m)
        self._spin = min(limit, self._spin + max(params.acceleration_mps2 / radius_m, math.radians(2.0)) * dt_s)
        angle = self._angle
        self._angle += self._clockwise * self._spin * dt_s
        self._turned += self._spin * dt_s
        # Only the place on the circle is handed on, smoothed: the vehicle trails it and flies a little inside (c05: 19.1 m of 20).
        n, e, up_m = self._hold
        part = dt_s / self._params.circle_smoothing_s
        n += (self._centre[0] + radius_m * math.cos(angle) - n) * part
        e += (self._centre[1] + radius_m * math.sin(angle) - e) * part
        self._hold = position = (n, e, up_m)
        self._fly(dt_s, position, _STILL, _STILL)
        self.body.turn_to(dt_s, math.degrees(angle) + 180.0)

    def _begin_stop(self) -> None:
        body = self.body
        body.hand_over()
        self._hold = (body.north_m, body.east_m, self.stopping_point()[2])

    def _come_to_rest(self, dt_s: float) -> None:
        velocity = self._slowdown.step(dt_s, self._now_s)
        n, e, up_m = self._hold
        climb_mps = 0.0
        if self.manoeuvre is Manoeuvre.LOITERING and self.pilot_climb_mps != 0.0:
            limit, jerk = self._parameters["PILOT_ACCEL_Z"] / 100.0, self._parameters["PSC_JERK_Z"]
            self._climb_mps, self._climb_rate = approach(self.pilot_climb_mps, self._climb_mps, self._climb_rate, limit, jerk, dt_s)
            climb_mps = self._climb_mps
            up_m = self.body.up_m
            self._hold = (n, e, up_m)
        self._fly(dt_s, (n, e, up_m), (*velocity, climb_mps), (*self._slowdown.acceleration, 0.0))
        self._move_hold(dt_s, velocity)

    def _land(self, dt_s: float) -> None:
        velocity = self._slowdown.step(dt_s, self._now_s)
        wanted = self._descent_mps() if self._now_s >= self._descend_at_s else 0.0
        change = self.nav.params.vertical_mps2 * dt_s
        self._climb_mps += max(-change, min(change, -wanted - self._climb_mps))
        n, e, _ = self._hold
        self._fly(dt_s, (n, e, self.body.up_m), (*velocity, self._climb_mps), (*self._slowdown.acceleration, 0.0))
        self._move_hold(dt_s, velocity)

    def _descent_mps(self) -> float:
        """Fast down to LAND_ALT_LOW above home, then LAND_SPEED (c01: 1.49 and 0.49 m/s)."""
        p = self._parameters
        slow = p["LAND_SPEED"] / 100.0
        fast = p["LAND_SPEED_HIGH"] / 100.0 or p["WPNAV_SPEED_DN"] / 100.0
        above_m = self.body.up_m - self.home_up_m - max(1.0, p["LAND_ALT_LOW"] / 100.0)
        return max(slow, min(fast, sqrt_speed(above_m, 1.0, self.nav.params.vertical_mps2)))

    def _fall(self, dt_s: float) -> None:
        body = self.body
        body.vu = max(-self._params.terminal_mps, body.vu - GRAVITY_MPS2 * dt_s)
        body.up_m += body.vu * dt_s
        body.north_m += body.vn * dt_s
        body.east_m += body.ve * dt_s

    def _move_hold(self, dt_s: float, velocity: tuple[float, float]) -> None:
        n, e, up_m = self._hold
        self._hold = (n + velocity[0] * dt_s, e + velocity[1] * dt_s, up_m)

    def _fly(self, dt_s: float, position: Vector, velocity: Vector, acceleration: Vector) -> None:
        air = self._air
        self.body.fly(dt_s, position, velocity, acceleration, air.north_mps, air.east_mps, self.nav.params.acceleration_mps2)

    def _touch(self) -> None:
        body = self.body
        speed_mps = -body.vu
        body.up_m = 0.0
        body.rest()
        if self.manoeuvre is Manoeuvre.TAKING_OFF:
            return
        if self._touched_s is None:
            self._touched_s = self._now_s
            self.impact_mps, self._impact = speed_mps, True
        if self.manoeuvre is not Manoeuvre.FALLING:
            self.manoeuvre = Manoeuvre.LANDING


_STILL: Vector = (0.0, 0.0, 0.0)
