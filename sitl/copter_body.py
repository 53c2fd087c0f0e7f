"""A copter's motion under ArduPilot's position controller: lean-limited, dragged by air, late by its attitude loop.

Fitted to the recorded flights of ArduPilot's default simulated copter (frame `+`): drag from 2 to 15 m/s airspeed in calm and
wind (c01-c08c), lean limit and cruise (c01, c03), overshoot at stops (c01). Metres north, east, up of home.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from sitl.kinematics import sqrt_speed

GRAVITY_MPS2 = 9.80665


@dataclass(frozen=True, slots=True, kw_only=True)
class AirframeParams:
    """Drag decelerates each body axis by `linear v + square v |v| - cube v^3`, v the airspeed divided by `speed_scale`.

    `speed_scale` 1 is the default frame, which tops out near 10.1 m/s at 30 degrees and 15 m/s at 45 degrees of lean.
    """

    linear_ps: float = 0.2086
    square_pm: float = 0.04503
    cube_s_pm2: float = 0.000989
    speed_scale: float = 1.0
    lean_limit_deg: float = 30.0
    lean_time_s: float = 0.15


@dataclass(frozen=True, slots=True, kw_only=True)
class ControllerParams:
    """ArduPilot's PSC_* gains in SI units."""

    position_gain_ps: float = 1.0
    velocity_p_ps: float = 2.0
    velocity_i_ps2: float = 1.0
    velocity_d: float = 0.5
    integral_limit_mps2: float = 10.0
    climb_gain_ps: float = 5.0
    yaw_rate_limit_dps: float = 60.0


class CopterBody:
    """State and one step of motion towards a target (position, velocity, acceleration)."""

    __slots__ = (
        "_accel_limit",
        "_air",
        "_command_e",
        "_command_n",
        "_control",
        "_error_e",
        "_error_n",
        "_fresh",
        "_integral_e",
        "_integral_n",
        "_limited",
        "_wish_e",
        "_wish_n",
        "accel_e",
        "accel_n",
        "airspeed_mps",
        "drag_mps2",
        "east_m",
        "heading_deg",
        "lean_e",
        "lean_n",
        "north_m",
        "up_m",
        "ve",
        "vertical_mps2",
        "vn",
        "vu",
    )

    def __init__(self, air: AirframeParams, control: ControllerParams) -> None:
        self._air = air
        self._control = control
        self.limit_lean(air.lean_limit_deg)
        self.north_m = self.east_m = self.up_m = 0.0
        self.vn = self.ve = self.vu = 0.0
        #: Acceleration by lean, what the thrust's horizontal part gives.
        self.lean_n = self.lean_e = 0.0
        self.vertical_mps2 = 0.0
        #: What is left of the lean after drag.
        self.accel_n = self.accel_e = 0.0
        self.heading_deg = 0.0
        self.airspeed_mps = 0.0
        self.drag_mps2 = 0.0
        self._integral_n = self._integral_e = 0.0
        self._wish_n = self._wish_e = 0.0
        self._command_n = self._command_e = 0.0
        self._error_n = self._error_e = 0.0
        self._limited = False
        self._fresh = True

    def hand_over(self) -> None:
        """Another manoeuvre takes the controls: the integral starts from the acceleration asked for now, the filters anew."""
        self._integral_n, self._integral_e = self._command_n, self._command_e
        self._fresh = True

    def limit_lean(self, lean_deg: float) -> None:
        """Lean at most so far (ANGLE_MAX)."""
        self._accel_limit = GRAVITY_MPS2 * math.tan(math.radians(lean_deg))

    def rest(self) -> None:
        """On the ground, motors idle."""
        self.vn = self.ve = self.vu = 0.0
        self.lean_n = self.lean_e = self.vertical_mps2 = 0.0
        self.accel_n = self.accel_e = 0.0
        self._integral_n = self._integral_e = self._error_n = self._error_e = 0.0
        self._command_n = self._command_e = 0.0
        self.airspeed_mps = self.drag_mps2 = 0.0

    @property
    def excess_lean(self) -> float:
        """Thrust over weight, less what it would be in steady flight at this airspeed."""
        lean = (self.lean_n * self.lean_n + self.lean_e * self.lean_e) / (GRAVITY_MPS2 * GRAVITY_MPS2)
        steady = self.drag_mps2 / GRAVITY_MPS2
        return math.sqrt(1.0 + lean) - math.sqrt(1.0 + steady * steady)

    def fly(
        self,
        dt_s: float,
        position: tuple[float, float, float],
        velocity: tuple[float, float, float],
        acceleration: tuple[float, float, float],
        wind_n: float,
        wind_e: float,
        gain_accel_mps2: float,
    ) -> None:
        """One step of at most 0.1 s. `gain_accel_mps2` shapes how hard a large position error is flown off."""
        control = self._control
        # Position to velocity, as a vector: the square-root law acts on its length.
        en, ee = position[0] - self.north_m, position[1] - self.east_m
        gain = control.position_gain_ps
        away = math.hypot(en, ee)
        if away > gain_accel_mps2 / (gain * gain):
            gain = sqrt_speed(away, gain, gain_accel_mps2) / away
        want_n, want_e = velocity[0] + gain * en, velocity[1] + gain * ee
        # Velocity to acceleration.
        err_n, err_e = want_n - self.vn, want_e - self.ve
        i_n, i_e = self._integral_n, self._integral_e
        step = control.velocity_i_ps2 * dt_s
        add_n, add_e = err_n * step, err_e * step
        new_n, new_e = i_n + add_n, i_e + add_e
        if self._limited and add_n * self._wish_n + add_e * self._wish_e > 0.0:
            # At the lean limit the integral may turn but not grow.
            before, after = math.hypot(i_n, i_e), math.hypot(new_n, new_e)
            if after > before:
                scale = before / after
                new_n, new_e = new_n * scale, new_e * scale
        self._integral_n, self._integral_e = new_n, new_e
        if self._fresh:
            self._fresh = False
            self._error_n, self._error_e = err_n, err_e
        p, d = control.velocity_p_ps, control.velocity_d / dt_s
        an = acceleration[0] + p * err_n + new_n + d * (err_n - self._error_n)
        ae = acceleration[1] + p * err_e + new_e + d * (err_e - self._error_e)
        self._error_n, self._error_e = err_n, err_e
        self._wish_n, self._wish_e = an, ae
        limit = self._accel_limit
        self._limited = an * an + ae * ae > limit * limit
        if self._limited:
            an, ae = _cross_first(an, ae, velocity[0], velocity[1], limit)
        self._command_n, self._command_e = an, ae
        self._move(dt_s, an, ae, wind_n, wind_e)
        self._rise(dt_s, position[2], velocity[2], acceleration[2])

    def _move(self, dt_s: float, an: float, ae: float, wind_n: float, wind_e: float) -> None:
        air = self._air
        fade = math.exp(-dt_s / air.lean_time_s)
        lag = air.lean_time_s * (1.0 - fade) / dt_s
        # Mean lean over the step of a first-order lag.
        mean_n = an + (self.lean_n - an) * lag
        mean_e = ae + (self.lean_e - ae) * lag
        self.lean_n = an + (self.lean_n - an) * fade
        self.lean_e = ae + (self.lean_e - ae) * fade
        drag_n, drag_e = self._drag(self.vn - wind_n, self.ve - wind_e)
        self.drag_mps2 = math.hypot(drag_n, drag_e)
        self.accel_n, self.accel_e = mean_n - drag_n, mean_e - drag_e
        vn, ve = self.vn, self.ve
        self.vn = vn + self.accel_n * dt_s
        self.ve = ve + self.accel_e * dt_s
        self.north_m += (vn + self.vn) * 0.5 * dt_s
        self.east_m += (ve + self.ve) * 0.5 * dt_s

    def _drag(self, an: float, ae: float) -> tuple[float, float]:
        air = self._air
        self.airspeed_mps = math.hypot(an, ae)
        heading = math.radians(self.heading_deg)
        c, s = math.cos(heading), math.sin(heading)
        scale = air.speed_scale
        x, y = (c * an + s * ae) / scale, (c * ae - s * an) / scale
        dx = x * (air.linear_ps + abs(x) * air.square_pm - x * x * air.cube_s_pm2)
        dy = y * (air.linear_ps + abs(y) * air.square_pm - y * y * air.cube_s_pm2)
        return c * dx - s * dy, s * dx + c * dy

    def _rise(self, dt_s: float, up_m: float, vu: float, au: float) -> None:
        control = self._control
        want = vu + control.position_gain_ps * (up_m - self.up_m)
        gain = (1.0 - math.exp(-control.climb_gain_ps * dt_s)) / dt_s
        self.vertical_mps2 = au + gain * (want - self.vu)
        before = self.vu
        self.vu += self.vertical_mps2 * dt_s
        self.up_m += (before + self.vu) * 0.5 * dt_s

    def turn_to(self, dt_s: float, heading_deg: float) -> None:
        """Yaw towards this heading."""
        error = (heading_deg - self.heading_deg + 180.0) % 360.0 - 180.0
        step = self._control.yaw_rate_limit_dps * dt_s
        rate = error * min(1.0, 2.0 * dt_s)
        self.heading_deg = (self.heading_deg + max(-step, min(step, rate))) % 360.0


def _cross_first(an: float, ae: float, vn: float, ve: float, limit: float) -> tuple[float, float]:
    """Limit the length, keeping the part across the direction of travel: slow down rather than drift."""
    speed = math.hypot(vn, ve)
    if speed < 1e-9:
        scale = limit / math.hypot(an, ae)
        return an * scale, ae * scale
    un, ue = vn / speed, ve / speed
    along = an * un + ae * ue
    cn, ce = an - along * un, ae - along * ue
    across = math.hypot(cn, ce)
    if across >= limit:
        return cn * limit / across, ce * limit / across
    room = math.sqrt(limit * limit - across * across)
    along = -room if along < -room else min(along, room)
    return cn + along * un, ce + along * ue
