"""A quadplane on its rotors: straight up, to a stop over a place, and down (q01, q02, q03)."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

from sitl.kinematics import turned_deg
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
    #: With the nose so far off the place it brakes, comes round and flies there no faster than Q_WP_SPEED, and so fast at its end
    #: (QuadPlane::vtol_position_controller, "VTOL Overshoot"), judged from where the rotors will have taken hold.
    overshot_deg: float = 60.0
    position2_mps: float = 3.0
    coming_round_dps: float = 30.0
    taking_hold_s: float = 2.0
    #: Until it may raise its nose (Q_BACKTRANS_MS, and pitching) drag alone slows it, and it sinks; then it brakes with the nose up, which
    #: lifts it by a part of its speed (ArduPlane: 25 m/s to 1 m/s and 15 m up within 6 s of QLAND).
    pitching_s: float = 2.0
    drag_mps2: float = 1.0
    dragged_sink_mps: float = 1.3
    nose_up_mps2: float = 4.3
    nose_up_part: float = 0.2
    stopped_mps: float = 1.5
    final_blend_m: float = 6.0
    lifted_m: float = 0.3
    #: Less wind than this does not turn the nose.
    calm_mps: float = 1.0


#: Wind, and how fast a quadplane sinks over one place in it with its rotors idling: the wings of ArduPilot's simulated airframe carry it
#: all, and no order makes it sink faster. The polar of a glider (SIM_Plane.h: 4.5 kg, 0.45 m2, lift 0.56 + 6.9 a, drag 0.1 + lift
#: squared / 22), and ArduPlane flown in 3, 5, 6.5, 8 and 10 m/s, where it stalls in less than 6 m/s and its rotors work.
_POLAR = ((5.5, 2.5), (6.5, 1.5), (7.3, 1.4), (8.0, 1.23), (9.0, 1.28), (10.0, 1.34), (12.0, 1.75), (14.0, 2.4))

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
        self._has_overshot = False
        self._positioning_s = 0.0
        self._is_stopped = False
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
        self._positioning_s, self._is_stopped = 0.0, False
        off_deg = self._off_deg()
        self._has_overshot = abs(off_deg) > self._params.overshot_deg
        if self._has_overshot:
            self._say(f"VTOL Overshoot d={self._first_m:.1f} cs={self._closing_mps(self._first_m):.1f} yerr={off_deg:.1f}")

    def _off_deg(self) -> float:
        """From the nose to the place as it will be seen when the rotors have taken hold."""
        body, soon_s = self._body, self._params.taking_hold_s
        n, e = self.touchdown[0] - body.north_m - body.vn * soon_s, self.touchdown[1] - body.east_m - body.ve * soon_s
        if math.dist(body.at, self.touchdown) < body.ground_mps * soon_s:
            return 0.0
        return turned_deg(body.heading_deg, math.degrees(math.atan2(e, n)))

    def position(self, dt_s: float) -> bool:
        """One step towards the place; whether it is there."""
        params, body = self._params, self._body
        self._positioning_s += dt_s
        left_m = math.dist(body.at, self.touchdown)
        if self._comes_round(left_m):
            self._come_round(dt_s, left_m)
            return False
        speed = self._first_mps * min(1.0, left_m / max(self._first_m, 1e-3)) ** params.positioning_power
        part = min(speed / left_m, 1.0 / dt_s) if left_m > 1e-6 else 0.0
        body.climb(dt_s, 0.0)
        self._hover(dt_s, (self.touchdown[0] - body.north_m) * part, (self.touchdown[1] - body.east_m) * part)
        if not self.is_close and left_m < params.position2_m:
            self.is_close = True
            self._say(f"VTOL position2 started v={speed:.1f} d={left_m:.1f} h={body.up_m:.1f}")
        return left_m < params.positioned_m

    def _comes_round(self, left_m: float) -> bool:
        if left_m < self._params.position2_m:
            if self._has_overshot:
                self._has_overshot = False
                self._first_m, self._first_mps = left_m, max(self._body.ground_mps, self._params.position2_mps)
            return False
        return self._has_overshot

    def _way(self) -> Point:
        return self.touchdown[0] - self._body.north_m, self.touchdown[1] - self._body.east_m

    def _closing_mps(self, left_m: float) -> float:
        n, e = self._way()
        return (self._body.vn * n + self._body.ve * e) / max(left_m, 1e-3)

    def _come_round(self, dt_s: float, left_m: float) -> None:
        """To a stop first, then towards the place, no harder than Q_TRANS_DECEL."""
        p, params, body = self._parameters, self._params, self._body
        if self._positioning_s < p["Q_BACKTRANS_MS"] / 1000.0 + params.pitching_s:
            body.climb(dt_s, -params.dragged_sink_mps)
            self._slow_down(dt_s, params.drag_mps2)
            return
        if not self._is_stopped:
            self._is_stopped = self.stop(dt_s)
            return
        n, e = self._way()
        bearing_deg = math.degrees(math.atan2(e, n))
        most_deg = params.coming_round_dps * dt_s
        body.heading_deg = (body.heading_deg + max(-most_deg, min(most_deg, turned_deg(body.heading_deg, bearing_deg)))) % 360.0
        near = max(0.0, min(1.0, left_m / params.position2_m - 1.5))
        speed = params.position2_mps + (p["Q_WP_SPEED"] / 100.0 - params.position2_mps) * near
        change_n, change_e = speed * n / left_m - body.vn, speed * e / left_m - body.ve
        part = min(1.0, p["Q_TRANS_DECEL"] * dt_s / max(1e-6, math.hypot(change_n, change_e)))
        body.climb(dt_s, 0.0)
        self._hover(dt_s, body.vn + change_n * part, body.ve + change_e * part)

    def stop(self, dt_s: float) -> bool:
        """Brake straight on, nose up; whether it all but stands."""
        params, body = self._params, self._body
        body.climb(dt_s, params.nose_up_part * body.ground_mps)
        self._slow_down(dt_s, params.nose_up_mps2)
        return body.ground_mps < params.stopped_mps

    def _slow_down(self, dt_s: float, by_mps2: float) -> None:
        body = self._body
        part = max(0.0, 1.0 - by_mps2 * dt_s / max(1e-6, body.ground_mps))
        self._hover(dt_s, body.vn * part, body.ve * part)

    def begin_descent(self) -> None:
        self.is_close = True
        self._is_low = False
        self._say("Land descend started")

    def descend(self, dt_s: float) -> None:
        """Fast, and slowly from Q_LAND_FINAL_ALT on."""
        p, body = self._parameters, self._body
        fast, slow, final_m = p["Q_WP_SPEED_DN"] / 100.0, p["Q_LAND_FINAL_SPD"], p["Q_LAND_FINAL_ALT"]
        fast = min(fast, _gliding_mps(math.hypot(self._air.north_mps, self._air.east_mps)))
        part = max(0.0, min(1.0, (body.up_m - final_m) / self._params.final_blend_m))
        body.climb(dt_s, -(slow + (fast - slow) * part))
        self._hover(dt_s, 0.0, 0.0)
        if not self._is_low and body.up_m < final_m:
            self._is_low = True
            self._say("Land final started")

    def _hover(self, dt_s: float, vn: float, ve: float) -> None:
        self._body.hover(dt_s, vn, ve, self._air.north_mps, self._air.east_mps)


def _gliding_mps(wind_mps: float) -> float:
    return math.inf if wind_mps < _POLAR[0][0] else _interpolated(_POLAR, wind_mps)


def _wander_deg(since_s: float) -> float:
    return _interpolated(_WANDER, since_s)


def _interpolated(table: tuple[tuple[float, float], ...], at: float) -> float:
    for (start_at, start), (end_at, end) in pairwise(table):
        if at < end_at:
            return start + (end - start) * (at - start_at) / (end_at - start_at)
    return table[-1][1]
