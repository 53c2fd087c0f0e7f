"""What a plane or quadplane can be told to do, one manoeuvre at a time: rise, fly legs and circles, land on rotors or wheels.

The autopilot decides which; this moves the body. Times and speeds are those of the recorded flights (q01, q02, q03).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from sitl.copter_body import GRAVITY_MPS2
from sitl.l1_navigation import Point
from sitl.parameters import Parameters
from sitl.plane_body import PlaneBody, WingParams
from sitl.plane_course import Circle, Course, Leg
from sitl.plane_phase import ON_ROTORS, Phase
from sitl.plane_power import WingPowerParams
from sitl.plane_rotors import Rotors
from sitl.plane_wings import Wings
from sitl.wind import Air


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaneFlightParams:
    """Constants in ArduPilot's code, or fitted to q01, q02, q03."""

    #: From arming to leaving the ground, and to being in the air in the vehicle's own eyes.
    lift_after_s: float = 1.0
    seen_flying_s: float = 0.4
    #: Below this height a leg's new height is sought at once, not along its slope.
    slope_above_m: float = 20.0
    #: Rotors brake for so long at least before they take over, which they do below an airspeed or when it comes too fast.
    braking_s: float = 1.0
    below_least_mps: float = 2.0
    too_fast_part: float = 1.2
    too_fast_mps: float = 2.0
    #: Nearer than this many stopping distances from cruise it brakes at once (QuadPlane::transition_threshold).
    near_part: float = 1.5
    #: Ground contact to landed, and to disarming.
    landed_after_s: float = 4.0
    disarm_after_s: float = 6.1
    terminal_mps: float = 30.0


class PlaneFlight:
    """Body, course and the manoeuvre under way. `say` is told what the vehicle reports while it does it."""

    def __init__(
        self,
        parameters: Parameters,
        air: Air,
        *,
        home_amsl_m: float,
        hovers: bool,
        say: Callable[[str], None],
        params: PlaneFlightParams | None = None,
    ) -> None:
        self._parameters = parameters
        self._air = air
        self._hovers = hovers
        self._say = say
        self._params = params or PlaneFlightParams()
        self.body = PlaneBody(WingParams())
        self.wings = Wings(parameters, air, self.body, home_amsl_m=home_amsl_m, hovers=hovers, say=say)
        self._rotors = Rotors(parameters, air, self.body, say)
        self.phase = Phase.ON_GROUND
        self._now_s = 0.0
        self._since_s = 0.0
        self._lift_at_s = math.inf
        self._goal_up_m = 0.0
        self._brakes_at_once = False
        self._touched_s: float | None = None
        self._impact_mps: float | None = None

    # What the autopilot asks for

    def arm(self, now_s: float) -> None:
        self._now_s = now_s
        self._touched_s = None

    def disarm(self) -> None:
        self.phase = Phase.ON_GROUND
        self._lift_at_s = math.inf
        self._touched_s = None
        self.wings.course = None
        self.body.rest()

    def take_off(self, up_m: float) -> None:
        """To this height above home: straight up on the rotors, or along the heading."""
        self._goal_up_m = up_m
        if self.phase is Phase.ON_GROUND:
            self._lift_at_s = self._now_s + self._params.lift_after_s
        elif self.phase in ON_ROTORS:
            self._enter(Phase.RISING)

    def follow(self, end: Point, up_m: float) -> None:
        """A leg to this place, from the last one's end or from where it is."""
        body, course = self.body, self.course
        match course:
            case Leg():
                start, start_up_m = course.end, course.end_up_m
            case Circle(left_from_centre=True):
                start, start_up_m = course.centre, course.up_m
            case _:
                start, start_up_m = body.at, body.up_m
        sloped = body.up_m > self._params.slope_above_m or up_m < body.up_m
        self._take(Leg(start, end, start_up_m, up_m, sloped))

    def head_for(self, end: Point, up_m: float) -> None:
        """Straight there, along a slope."""
        self._take(Leg(self.body.at, end, self.body.up_m, up_m, True))

    def circle(self, centre: Point, radius_m: float, up_m: float, *, clockwise: bool, left_from_centre: bool = False) -> None:
        """Around a place; `turns` counts from when it is reached."""
        self._take(Circle(centre, self.wings.radius_m(radius_m, up_m), clockwise, up_m, left_from_centre))

    def land_on_rotors(self, at: Point, way: Course | None = None) -> None:
        """Fly there on the wings, slow down, and descend: along a leg at the height it has, or another way."""
        body, course = self.body, self.course
        self._rotors.touchdown = at
        if self.phase in ON_ROTORS:
            self._position()
            return
        start = course.end if isinstance(course, Leg) else body.at
        self.wings.take(way or Leg(start, at, body.up_m, body.up_m, True))
        if not self.is_flying:
            return
        self._brakes_at_once = self.distance_m < self._params.near_part * self._stopping_from(self._parameters["AIRSPEED_CRUISE"])
        if not self._brakes_at_once:
            self._say(f"VTOL approach d={self.distance_m:.1f}")
        self._enter(Phase.APPROACHING)

    def descend(self) -> None:
        """Down where it is, as soon as the rotors carry it."""
        if not self.is_flying:
            return
        body = self.body
        if self.phase in ON_ROTORS:
            self._rotors.touchdown = body.at
            self._descend()
            return
        self._enter(Phase.STOPPING)

    def land_on_wheels(self, at: Point) -> None:
        course = self.course
        start = course.end if isinstance(course, Leg) else self.body.at
        self.wings.take(Leg(start, at, self.body.up_m, 0.0, True))
        if self.is_flying:
            self._enter(Phase.GLIDING_IN)

    def fall(self) -> None:
        if self.is_flying and self._touched_s is None:
            self._enter(Phase.FALLING)

    def _take(self, course: Course) -> None:
        self.wings.take(course)
        if self.phase in ON_ROTORS:
            self.wings.begin_transition()
            self._enter(Phase.TRANSITION)
        elif self.phase in (Phase.APPROACHING, Phase.BRAKING, Phase.GLIDING_IN, Phase.RUNNING_UP):
            self._enter(Phase.CRUISING)

    def _enter(self, phase: Phase) -> None:
        self.phase = phase
        self._since_s = self._now_s

    def _position(self) -> None:
        self._rotors.begin_positioning()
        self._enter(Phase.POSITIONING)

    def _descend(self) -> None:
        self._rotors.begin_descent()
        self._enter(Phase.DESCENDING)

    # What it sees

    @property
    def course(self) -> Course | None:
        return self.wings.course

    @property
    def is_flying(self) -> bool:
        return self.phase is not Phase.ON_GROUND

    @property
    def is_close(self) -> bool:
        """Over the place where it comes down."""
        return self._rotors.is_close

    @property
    def has_orders(self) -> bool:
        """On the ground with a take-off ordered."""
        return self.phase is Phase.ON_GROUND and self._lift_at_s < math.inf

    @property
    def is_lifting(self) -> bool:
        """On the ground, with a take-off under way long enough to be taken for flying."""
        return self.has_orders and self._now_s >= self._lift_at_s - self._params.lift_after_s + self._params.seen_flying_s - 1e-9

    @property
    def takeoff_is_done(self) -> bool:
        return self.phase in (Phase.RISING, Phase.RUNNING_UP, Phase.CRUISING) and self.body.up_m >= self._goal_up_m

    @property
    def distance_m(self) -> float:
        """To the end of the leg, or to the circle's centre."""
        return math.dist(self.body.at, self.course.aim) if self.course is not None else 0.0

    @property
    def has_passed(self) -> bool:
        return isinstance(self.course, Leg) and self.course.has_passed(self.body.at)

    @property
    def turns(self) -> float:
        return self.wings.turned_deg / 360.0

    @property
    def stopping_m(self) -> float:
        """How far it flies while the rotors brake it."""
        return self._stopping_from(self.body.ground_mps)

    def _stopping_from(self, speed_mps: float) -> float:
        return speed_mps * speed_mps / (2 * max(0.1, self._parameters["Q_TRANS_DECEL"]))

    @property
    def _on_ground_s(self) -> float:
        """Seconds since it stood again; below zero in the air."""
        return -1.0 if self._touched_s is None else self._now_s - self._touched_s

    @property
    def is_down(self) -> bool:
        """It stands on the ground again, though it may not know yet."""
        return self._touched_s is not None

    @property
    def has_landed(self) -> bool:
        return self._on_ground_s >= self._params.landed_after_s - 1e-9

    @property
    def should_disarm(self) -> bool:
        return self._on_ground_s >= self._disarm_after_s - 1e-9

    @property
    def looks_up(self) -> bool:
        """For a moment before it disarms a quadplane takes itself for flying again (q01, q03)."""
        return self._disarm_after_s - 0.1 - 1e-9 <= self._on_ground_s < self._disarm_after_s - 1e-9

    @property
    def _disarm_after_s(self) -> float:
        wheels_s = self._params.landed_after_s + self._parameters["LAND_DISARMDELAY"]
        return wheels_s if self.phase is Phase.ROLLING_OUT else self._params.disarm_after_s

    def take_impact(self) -> float | None:
        """Speed of a ground contact since the last call."""
        hit, self._impact_mps = self._impact_mps, None
        return hit

    def power_w(self, power: WingPowerParams) -> float:
        body, wings = self.body, self.wings
        if self._touched_s is not None or self.phase is Phase.ON_GROUND:
            return power.idle_w
        match self.phase:
            case Phase.FALLING | Phase.ROLLING_OUT:
                return 0.0
            case Phase.RISING | Phase.DESCENDING:
                return power.on_rotors_w(body.vu, body.airspeed_mps)
            case Phase.POSITIONING | Phase.BRAKING | Phase.STOPPING:
                return power.between_w(body.airspeed_mps, wings.carried_mps, speeding_up=False)
            case Phase.TRANSITION if not wings.is_fast_enough:
                return power.between_w(body.airspeed_mps, wings.carried_mps, speeding_up=True)
        return power.on_wings_w(body.airspeed_mps, body.vu)

    # One step

    def step(self, dt_s: float, now_s: float) -> None:
        self._now_s = now_s
        body = self.body
        if self.phase is Phase.ON_GROUND:
            if now_s < self._lift_at_s:
                return
            self._lift_at_s = math.inf
            self._touched_s = None
            self._enter(Phase.RISING if self._hovers else Phase.RUNNING_UP)
        if self._touched_s is not None:
            return
        self._air.update(body.up_m)
        self._move(dt_s)
        if body.up_m <= 0.0 and body.vu <= 0.0 and self.phase is not Phase.ROLLING_OUT:
            self._touch()

    def _move(self, dt_s: float) -> None:
        wings, rotors, body = self.wings, self._rotors, self.body
        match self.phase:
            case Phase.CRUISING:
                wings.cruise(dt_s)
            case Phase.RISING:
                rotors.rise(dt_s, self._goal_up_m)
            case Phase.TRANSITION:
                if wings.speed_up(dt_s, self._now_s, self._since_s):
                    self._aim_anew()
                    self._enter(Phase.CRUISING)
            case Phase.APPROACHING:
                self._approach(dt_s)
            case Phase.BRAKING:
                wings.brake(dt_s)
                if self._now_s - self._since_s >= self._params.braking_s and self._rotors_take_over():
                    self._position()
            case Phase.STOPPING:
                if rotors.stop(dt_s):
                    rotors.touchdown = body.at
                    self._descend()
            case Phase.POSITIONING:
                if rotors.position(dt_s):
                    self._descend()
            case Phase.DESCENDING:
                rotors.descend(dt_s)
            case Phase.RUNNING_UP:
                wings.run_up(dt_s)
            case Phase.GLIDING_IN if isinstance(wings.course, Leg):
                wings.glide_in(dt_s, wings.course)
            case Phase.ROLLING_OUT:
                if wings.roll_out(dt_s):
                    self._touched_s = self._now_s
            case _:
                self._fall(dt_s)

    def _aim_anew(self) -> None:
        """Wherever the transition has led it, a leg goes on straight from there (q02)."""
        leg, at = self.course, self.body.at
        if isinstance(leg, Leg):
            self.wings.course = Leg(at, leg.end, leg.height_m(at), leg.end_up_m, leg.sloped)

    def _approach(self, dt_s: float) -> None:
        self.wings.cruise(dt_s, self.wings.nearing_mps(self.distance_m))
        body = self.body
        # The closing speed counts twice more, for jerk and the least time of braking.
        stop_m = self.stopping_m if self._brakes_at_once else self.stopping_m + 2 * body.ground_mps
        if self._brakes_at_once or self.distance_m < stop_m:
            self._say(f"VTOL airbrake v={body.ground_mps:.1f} d={self.distance_m:.0f} sd={stop_m:.0f} h={body.up_m:.1f}")
            self._enter(Phase.BRAKING)

    def _rotors_take_over(self) -> bool:
        """Too slow for the wings, or too fast for the way that is left (QuadPlane::vtol_position_controller, QPOS_AIRBRAKE)."""
        p, params, body = self._parameters, self._params, self.body
        wanted = min(math.sqrt(2 * max(0.1, p["Q_TRANS_DECEL"]) * self.distance_m), self.wings.landing_mps)
        too_fast = body.ground_mps > max(params.too_fast_part * wanted, wanted + params.too_fast_mps)
        least = self.wings.true_mps(max(p["AIRSPEED_MIN"] - params.below_least_mps, p["Q_ASSIST_SPEED"]))
        return body.airspeed_mps < least or too_fast or body.ground_mps < wanted / 2

    def _fall(self, dt_s: float) -> None:
        body = self.body
        body.vu = max(-self._params.terminal_mps, body.vu - GRAVITY_MPS2 * dt_s)
        body.hover(dt_s, body.vn, body.ve, self._air.north_mps, self._air.east_mps)

    def _touch(self) -> None:
        body = self.body
        if self.phase in (Phase.RISING, Phase.RUNNING_UP):
            body.up_m = 0.0
            return
        self._impact_mps = -body.vu
        body.up_m = body.vu = 0.0
        if self.phase is Phase.GLIDING_IN:
            self._enter(Phase.ROLLING_OUT)
            return
        body.rest()
        self._touched_s = self._now_s
