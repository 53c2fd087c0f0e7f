"""A plane on its wings: along its course, up to speed, in to land on wheels (q01, q02, q03)."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from sitl.copter_body import GRAVITY_MPS2
from sitl.kinematics import turned_deg
from sitl.l1_navigation import L1Params, turn_distance_m
from sitl.parameters import Parameters
from sitl.plane_body import PlaneBody, WingParams, true_over_indicated
from sitl.plane_course import Circle, Course, Leg
from sitl.wind import Air


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeedUpParams:
    """A transition speeds up so, towards a part of cruise, and begins to climb after a while; and the way off and onto wheels."""

    thrust_mps2: float = 5.7
    top_part: float = 0.875
    climb_after_s: float = 3.0
    climb_mps2: float = 0.45
    bank_deg: float = 30.0
    turn_radps: float = 0.3
    rotor_yaw_dps: float = 25.0
    braking_mps2: float = 1.0
    slow_from_s: float = 60.0
    slow_until_s: float = 20.0
    flare_m: float = 3.0
    flare_mps: float = 0.8
    run_mps2: float = 4.0
    wheels_mps2: float = 2.5


class Wings:
    """Steers the body along `course`."""

    def __init__(
        self,
        parameters: Parameters,
        air: Air,
        body: PlaneBody,
        *,
        home_amsl_m: float,
        hovers: bool,
        say: Callable[[str], None],
    ) -> None:
        self._parameters = parameters
        self._air = air
        self._body = body
        self._home_amsl_m = home_amsl_m
        self._hovers = hovers
        self._say = say
        self._params = SpeedUpParams()
        self._wing = WingParams()
        self.course: Course | None = None
        self.on_circle = False
        self.turned_deg = 0.0
        #: DO_CHANGE_SPEED's indicated airspeed; None is AIRSPEED_CRUISE.
        self.wanted_mps: float | None = None
        self._fast_enough_s: float | None = None
        self._turns_on_rotors = False

    def take(self, course: Course) -> None:
        self.course = course
        self.on_circle = False
        self.turned_deg = 0.0

    # Figures

    @property
    def cruise_mps(self) -> float:
        """True airspeed that is wanted."""
        return self.true_mps(self.wanted_mps if self.wanted_mps is not None else self._parameters["AIRSPEED_CRUISE"])

    @property
    def landing_mps(self) -> float:
        """Half-way from cruise to the least airspeed (TECS_LAND_ARSPD -1; q01: 19 m/s)."""
        return self.true_mps(self._approach_mps)

    @property
    def _approach_mps(self) -> float:
        return (self._parameters["AIRSPEED_CRUISE"] + self._parameters["AIRSPEED_MIN"]) / 2

    def nearing_mps(self, left_m: float) -> float:
        """On the way to a landing on rotors: cruise a minute before it would begin to stop, slower and slower until 20 s before
        (QuadPlane::get_land_airspeed).
        """
        p, params, slow_mps = self._parameters, self._params, self._approach_mps
        left_s = (left_m - slow_mps**2 / (2 * max(0.1, p["Q_TRANS_DECEL"]))) / max(5.0, slow_mps)
        part = max(0.0, min(1.0, (left_s - params.slow_until_s) / (params.slow_from_s - params.slow_until_s)))
        return self.true_mps(slow_mps + (p["AIRSPEED_CRUISE"] - slow_mps) * part)

    @property
    def carried_mps(self) -> float:
        """Airspeed at which the wings carry all (q01: 18.1 m/s)."""
        p = self._parameters
        return max(p["AIRSPEED_MIN"], p["Q_ASSIST_SPEED"] if self._hovers else 0.0)

    @property
    def is_fast_enough(self) -> bool:
        """During a transition: the rotors only help now."""
        return self._fast_enough_s is not None

    def true_mps(self, indicated_mps: float) -> float:
        return indicated_mps * true_over_indicated(self._home_amsl_m + self._body.up_m, self._wing.warm_part)

    def acceptance_m(self, radius_m: float, turn_deg: float) -> float:
        return turn_distance_m(self._l1(), radius_m, self._body.ground_mps, turn_deg)

    def radius_m(self, radius_m: float, up_m: float) -> float:
        """ArduPilot flies the radius at which the bank stays the same in thinner air."""
        return radius_m * true_over_indicated(self._home_amsl_m + up_m, self._wing.warm_part) ** 2

    def _l1(self) -> L1Params:
        p = self._parameters
        return L1Params(period_s=p["NAVL1_PERIOD"], damping=p["NAVL1_DAMPING"])

    # One step

    def cruise(self, dt_s: float, goal_mps: float | None = None) -> None:
        self._bank(dt_s, self._parameters["ROLL_LIMIT_DEG"])
        self._body.quicken(dt_s, self.cruise_mps if goal_mps is None else goal_mps)
        self._body.climb(dt_s, self._climb_goal_mps())
        self._glide(dt_s)

    def glide_in(self, dt_s: float, leg: Leg) -> None:
        """Down the leg to the ground; straight on and flaring at its end."""
        body, params = self._body, self._params
        flares = body.up_m < params.flare_m or leg.has_passed(body.at)
        if flares:
            body.bank(dt_s, 0.0, params.bank_deg)
        else:
            self._bank(dt_s, self._parameters["ROLL_LIMIT_DEG"])
        body.quicken(dt_s, self.landing_mps)
        sinking_mps = leg.slope * body.ground_mps + self._climb_goal_mps()
        body.climb(dt_s, -params.flare_mps if flares else max(-self._parameters["TECS_SINK_MAX"], sinking_mps))
        self._glide(dt_s)

    def begin_transition(self) -> None:
        """In wind the rotors let it turn on the spot, into the wind; in calm air it goes where its nose points (q01, q02)."""
        air, body = self._air, self._body
        self._turns_on_rotors = math.hypot(air.north_mps, air.east_mps) > 1.0
        if self._turns_on_rotors:
            body.heading_deg = math.degrees(math.atan2(-air.east_mps, -air.north_mps)) % 360.0
        self._fast_enough_s = None
        self._say(f"Transition started airspeed {body.airspeed_mps:.1f}")

    def speed_up(self, dt_s: float, now_s: float, since_s: float) -> bool:
        """One step of a transition; whether it is over."""
        params, body = self._params, self._body
        top_mps = params.top_part * self.cruise_mps
        body.airspeed_mps += max(-1.0, params.thrust_mps2 * (1.0 - math.pow(body.airspeed_mps / top_mps, 3))) * dt_s
        most_mps = max(0.0, (now_s - since_s - params.climb_after_s) * params.climb_mps2)
        body.climb(dt_s, max(-most_mps, min(most_mps, self._climb_goal_mps())))
        # However slow it is, it turns no faster than this.
        lateral_mps2 = params.turn_radps * body.airspeed_mps
        turning_deg = math.degrees(math.atan(lateral_mps2 / (self._wing.turn_part * GRAVITY_MPS2)))
        self._bank(dt_s, min(params.bank_deg, turning_deg))
        over = False
        if self._fast_enough_s is None:
            if self._turns_on_rotors:
                self._yaw_towards(dt_s)
            if body.airspeed_mps >= min(self.carried_mps, 0.98 * top_mps):
                self._fast_enough_s = now_s
                self._say(f"Transition airspeed reached {body.airspeed_mps:.1f}")
        elif now_s - self._fast_enough_s >= self._parameters["Q_TRANSITION_MS"] / 1000.0:
            over = True
            self._say("Transition done")
        self._glide(dt_s)
        return over

    def brake(self, dt_s: float) -> None:
        """The rotors begin to turn, the propeller stops."""
        body, params = self._body, self._params
        self._bank(dt_s, params.bank_deg)
        body.airspeed_mps = max(0.0, body.airspeed_mps - params.braking_mps2 * dt_s)
        body.climb(dt_s, 0.0)
        self._glide(dt_s)

    def run_up(self, dt_s: float) -> None:
        """Along the heading, off the ground as soon as it is fast enough."""
        p, body = self._parameters, self._body
        body.airspeed_mps = min(self.cruise_mps, body.airspeed_mps + self._params.run_mps2 * dt_s)
        if body.airspeed_mps >= self.true_mps(p["AIRSPEED_MIN"]):
            body.climb(dt_s, p["TECS_CLMB_MAX"])
        self._glide(dt_s)

    def roll_out(self, dt_s: float) -> bool:
        """On its wheels; whether it stands."""
        body = self._body
        slower = max(0.0, body.ground_mps - self._params.wheels_mps2 * dt_s)
        part = slower / body.ground_mps if body.ground_mps > 0 else 0.0
        body.vu = 0.0
        body.hover(dt_s, body.vn * part, body.ve * part, self._air.north_mps, self._air.east_mps)
        return slower == 0.0

    def _bank(self, dt_s: float, limit_deg: float) -> None:
        lateral = 0.0
        if self.course is not None:
            lateral, circling = self.course.steer(self._l1(), self._body.at, self._body.velocity)
            self.on_circle = self.on_circle or circling
        self._body.bank(dt_s, lateral, limit_deg)

    def _glide(self, dt_s: float) -> None:
        before_deg = self._body.heading_deg
        self._body.glide(dt_s, self._air.north_mps, self._air.east_mps)
        if self.on_circle and isinstance(self.course, Circle):
            self.turned_deg += abs(turned_deg(before_deg, self._body.heading_deg))

    def _climb_goal_mps(self) -> float:
        p, body = self._parameters, self._body
        goal_up_m = self.course.height_m(body.at) if self.course is not None else body.up_m
        wanted = (goal_up_m - body.up_m) / max(0.5, p["TECS_HDEM_TCONST"])
        return max(-p["TECS_SINK_MAX"], min(p["TECS_CLMB_MAX"], wanted))

    def _yaw_towards(self, dt_s: float) -> None:
        """The rotors turn it towards the leg while it is slow."""
        body = self._body
        if self.course is None or math.dist(body.at, self.course.aim) < 1.0:
            return
        n, e = self.course.aim
        bearing = math.degrees(math.atan2(e - body.east_m, n - body.north_m))
        most = self._params.rotor_yaw_dps * dt_s
        body.heading_deg = (body.heading_deg + max(-most, min(most, turned_deg(body.heading_deg, bearing)))) % 360.0
