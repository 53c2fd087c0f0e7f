"""Return to launch: stop, climb if below RTL_ALT, fly home or to a rally point, wait, land (recordings c01, c09, c09b, c12)."""

from __future__ import annotations

import math
from enum import Enum, auto

from sitl.copter_flight import CopterFlight
from sitl.core import Core
from sitl.earth import METRES_PER_DEGREE
from sitl.rally import HOME
from sitl.waypoint_nav import Vector


class RtlPhase(Enum):
    CLIMBING = auto()
    RETURNING = auto()
    WAITING = auto()
    LANDING = auto()


#: ArduPilot keeps places in whole units of 1e-7 degrees from the origin.
_PLACE_UNIT_M = METRES_PER_DEGREE * 1e-7


def _kept_m(offset_m: float, unit_m: float) -> float:
    """What is left of an offset that is cut to whole units, on average: where in a unit it lies is nobody's to foretell."""
    return offset_m - math.copysign(min(unit_m / 2, abs(offset_m)), offset_m)


class CopterRtl:
    """One return; `step` after each step of the flight."""

    #: RTL climbs at least so far when the cone would let it stay low, and never returns lower (ArduCopter: RTL_ABS_MIN_CLIMB, RTL_ALT_MIN).
    _LEAST_CLIMB_M = 2.5
    _LEAST_HEIGHT_M = 2.0
    #: From navigation's begin to the path's: less than one main loop of 400 a second (c09, c10, c10b, c11, c12).
    _LOOP_S = 0.0023
    #: FENCE_TYPE's bit of the greatest height, which also holds for the return.
    _ALT_MAX = 1

    def __init__(self, flight: CopterFlight, core: Core, *, to: Vector = HOME) -> None:
        """`to` is where it lands, home or a rally point; the way there is no lower than its height."""
        self._flight = flight
        self._to = to
        self._home_up_m = core.home_up_m
        self._parameters = parameters = core.parameters
        self._since_s = core.now_s
        self.phase = RtlPhase.CLIMBING
        flight.faces_target = False
        speed_mps = parameters["RTL_SPEED"] / 100.0
        flight.begin_legs(speed_mps if speed_mps > 0 else None)
        n, e, _ = flight.stopping_point()
        self._height_m = self._return_height_m(math.dist((n, e), to[:2]), flight.body.up_m)
        # The path is built one main loop later than navigation begins: a moving vehicle first flies a leg of a centimetre or
        # two onwards, and the target's time, which waits for it, has slowed down when the return begins (c09, c11, c12).
        body = flight.body
        east_unit_m = _PLACE_UNIT_M * math.cos(math.radians(core.home.lat_deg))
        kept = _kept_m(n + body.vn * self._LOOP_S, _PLACE_UNIT_M), _kept_m(e + body.ve * self._LOOP_S, east_unit_m)
        flight.nav.fly_to((*kept, self._height_m))
        # Climb and return are one motion: the corner between them is rounded (c09b).
        flight.nav.announce(self._above)

    @property
    def _above(self) -> Vector:
        return self._to[0], self._to[1], self._height_m

    def _return_height_m(self, distance_m: float, above_ground_m: float) -> float:
        p, up_m = self._parameters, above_ground_m - self._home_up_m
        wanted_m = max(
            up_m + max(0.0, p["RTL_CLIMB_MIN"] / 100.0), p["RTL_ALT"] / 100.0, self._LEAST_HEIGHT_M, self._to[2] - self._home_up_m
        )
        slope = p["RTL_CONE_SLOPE"]
        if slope >= 0.5:
            wanted_m = min(wanted_m, max(distance_m * slope, up_m + self._LEAST_CLIMB_M))
        wanted_m = max(up_m, wanted_m)
        if p["FENCE_ENABLE"] > 0 and int(p["FENCE_TYPE"]) & self._ALT_MAX:
            wanted_m = min(wanted_m, p["FENCE_ALT_MAX"] - p["FENCE_MARGIN"])
        return wanted_m + self._home_up_m

    def step(self, now_s: float) -> None:
        flight = self._flight
        if self.phase is RtlPhase.CLIMBING and flight.nav.reached:
            self.phase = RtlPhase.RETURNING
            flight.nav.fly_to(self._above)
        elif self.phase is RtlPhase.RETURNING and flight.nav.reached:
            self.phase = RtlPhase.WAITING
            self._since_s = now_s
        elif self.phase is RtlPhase.WAITING and now_s - self._since_s >= self._parameters["RTL_LOIT_TIME"] / 1000.0:
            self.phase = RtlPhase.LANDING
            flight.land(at=(self._to[0], self._to[1]))

    @property
    def is_landing(self) -> bool:
        return self.phase is RtlPhase.LANDING
