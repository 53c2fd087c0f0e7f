"""Motion along one straight leg from rest to rest, with limits on speed, acceleration, jerk and snap.

ArduPilot flies waypoint legs on such S-curves: jerk rises and falls as a raised cosine, so that a copter, which leans to
accelerate, never has to change its lean in a jump (ardupilot.org/dev, "S-Curves for Copter navigation").
"""

from __future__ import annotations

import math
from bisect import bisect_right
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class MotionLimits:
    """Along the leg; each is positive."""

    speed_mps: float
    acceleration_mps2: float
    jerk_mps3: float
    snap_mps4: float


@dataclass(frozen=True, slots=True)
class _Ramp:
    """A change of speed: jerk on for `rise_s` (cosine), `hold_s`, off again; acceleration `level_s`; and back."""

    jerk_mps3: float
    rise_s: float
    hold_s: float
    level_s: float

    @property
    def change_mps(self) -> float:
        peak_mps2 = self.jerk_mps3 * (self.rise_s + self.hold_s)
        return peak_mps2 * (2 * self.rise_s + self.hold_s + self.level_s)

    @property
    def duration_s(self) -> float:
        return 4 * self.rise_s + 2 * self.hold_s + self.level_s


def _ramp(limits: MotionLimits, change_mps: float) -> _Ramp:
    """The quickest change of speed by this much within the limits."""
    rise_s = limits.jerk_mps3 * math.pi / (2 * limits.snap_mps4)
    # A small change never reaches full jerk: its cosines get shorter instead.
    shortest_s = min(
        rise_s,
        (change_mps * math.pi / (4 * limits.snap_mps4)) ** (1 / 3),
        math.sqrt(limits.acceleration_mps2 * math.pi / (2 * limits.snap_mps4)),
    )
    jerk_mps3 = 2 * limits.snap_mps4 * shortest_s / math.pi
    if shortest_s < rise_s:
        peak_mps2 = jerk_mps3 * shortest_s
        return _Ramp(jerk_mps3, shortest_s, 0.0, max(0.0, change_mps / peak_mps2 - 2 * shortest_s))
    # Full jerk. Without a level part: change = J (r + h)(2 r + h), solved for h.
    hold_s = (-3 * rise_s + math.sqrt(rise_s * rise_s + 4 * change_mps / jerk_mps3)) / 2
    hold_s = max(0.0, min(hold_s, limits.acceleration_mps2 / jerk_mps3 - rise_s))
    peak_mps2 = jerk_mps3 * (rise_s + hold_s)
    return _Ramp(jerk_mps3, rise_s, hold_s, max(0.0, change_mps / peak_mps2 - 2 * rise_s - hold_s))


class JerkProfile:
    """Distance, speed and acceleration along the leg as functions of the time since its start."""

    __slots__ = ("_ends_s", "_parts", "_ramp_up", "accelerated_s", "decelerates_s", "duration_s", "length_m", "limits", "peak_mps")

    def __init__(self, length_m: float, limits: MotionLimits) -> None:
        self.length_m = length_m
        self.limits = limits
        self._begin()
        if length_m <= 0.0:
            self.accelerated_s = self.decelerates_s = self.peak_mps = 0.0
            return
        ramp = self._ramp_up = _ramp_within(limits, length_m)
        self.peak_mps = ramp.change_mps
        self._add_ramp(ramp, 1.0)
        self.accelerated_s = self.duration_s
        self._finish(ramp)

    def at(self, time_s: float) -> tuple[float, float, float]:
        """Distance (m), speed (m/s) and acceleration (m/s2); at rest at the ends outside the profile."""
        if time_s <= 0.0 or not self._ends_s:
            return 0.0, 0.0, 0.0
        if time_s >= self.duration_s:
            return self.length_m, 0.0, 0.0
        index = bisect_right(self._ends_s, time_s)
        start_s, p0, v0, a0, jerk, cosine, rise_s = self._parts[index]
        t = time_s - start_s
        if cosine == 0.0:
            return p0 + t * (v0 + t * (a0 / 2 + t * jerk / 6)), v0 + t * (a0 + t * jerk / 2), a0 + jerk * t
        half = jerk / 2
        phase = math.pi * t / rise_s
        scale = cosine * half * rise_s / math.pi
        per_s = rise_s / math.pi
        a = a0 + half * t - scale * math.sin(phase)
        v = v0 + t * (a0 + t * half / 2) - scale * per_s * (1.0 - math.cos(phase))
        p = p0 + t * (v0 + t * (a0 / 2 + t * half / 6)) - scale * per_s * (t - per_s * math.sin(phase))
        return p, v, a

    def change_speed(self, time_s: float, speed_mps: float) -> None:
        """Aim at another cruise speed from this moment on; a leg that already brakes goes on braking."""
        limits = self.limits
        self.limits = MotionLimits(
            speed_mps=speed_mps,
            acceleration_mps2=limits.acceleration_mps2,
            jerk_mps3=limits.jerk_mps3,
            snap_mps4=limits.snap_mps4,
        )
        if time_s >= self.decelerates_s or self.length_m <= 0.0:
            return
        if time_s <= 0.0:
            self.__init__(self.length_m, self.limits)  # type: ignore[misc]
            return
        self._replan(time_s, speed_mps)

    def _replan(self, time_s: float, speed_mps: float) -> None:
        ramp = self._ramp_up
        level_from_s = 2 * ramp.rise_s + ramp.hold_s
        if time_s < self.accelerated_s:
            # Still speeding up: the level part of the ramp can be cut short (or made longer), the rest is flown out.
            flown_s = max(0.0, min(time_s - level_from_s, ramp.level_s))
            if time_s < level_from_s + ramp.level_s:
                wanted_s = speed_mps / (ramp.jerk_mps3 * (ramp.rise_s + ramp.hold_s)) - level_from_s
                ramp = _Ramp(ramp.jerk_mps3, ramp.rise_s, ramp.hold_s, max(flown_s, min(wanted_s, ramp.level_s)))
            self._begin()
            self._add_ramp(ramp, 1.0)
            self._ramp_up = ramp
        else:
            p, v, _ = self.at(time_s)
            self._begin()
            self._parts.append((0.0, p - v * time_s, v, 0.0, 0.0, 0.0, 1.0))
            self._ends_s.append(time_s)
            self.duration_s = time_s
        self._adjust(speed_mps)

    def _adjust(self, speed_mps: float) -> None:
        """From the end of the parts so far to the new speed, if the way allows, and on to the end of the leg."""
        p, v, _ = self._end()
        down = _ramp(self.limits_at(v), v)
        change = speed_mps - v
        if abs(change) > 1e-3:
            ramp = _ramp(self.limits, abs(change))
            after = _ramp(self.limits_at(speed_mps), speed_mps)
            needed_m = (v + speed_mps) / 2 * ramp.duration_s + speed_mps / 2 * after.duration_s
            if needed_m < self.length_m - p:
                self._add_ramp(ramp, math.copysign(1.0, change))
                down = after
        self.peak_mps = max(self._end()[1], v)
        self.accelerated_s = self.duration_s
        self._finish(down)

    def limits_at(self, speed_mps: float) -> MotionLimits:
        limits = self.limits
        return MotionLimits(
            speed_mps=speed_mps, acceleration_mps2=limits.acceleration_mps2, jerk_mps3=limits.jerk_mps3, snap_mps4=limits.snap_mps4
        )

    def _finish(self, down: _Ramp) -> None:
        p, v, _ = self._end()
        cruise_m = self.length_m - p - v / 2 * down.duration_s
        if cruise_m > 0.0:
            self._add(cruise_m / v, 0.0, 0.0)
        self.decelerates_s = self.duration_s
        self._add_ramp(down, -1.0)

    def _begin(self) -> None:
        self._parts: list[tuple[float, float, float, float, float, float, float]] = []
        self._ends_s: list[float] = []
        self.duration_s = 0.0

    def _end(self) -> tuple[float, float, float]:
        if not self._ends_s:
            return 0.0, 0.0, 0.0
        start_s, p0, v0, a0, jerk, cosine, rise_s = self._parts[-1]
        t = self.duration_s - start_s
        if cosine == 0.0:
            return p0 + t * (v0 + t * (a0 / 2 + t * jerk / 6)), v0 + t * (a0 + t * jerk / 2), a0 + jerk * t
        half = jerk / 2
        per_s = rise_s / math.pi
        square = cosine * half * per_s * per_s
        p = p0 + t * (v0 + t * (a0 / 2 + t * half / 6)) - square * t
        return p, v0 + t * (a0 + t * half / 2) - 2 * square, a0 + half * t

    def _add_ramp(self, ramp: _Ramp, sign: float) -> None:
        for direction in (sign, -sign):
            jerk = direction * ramp.jerk_mps3
            self._add(ramp.rise_s, jerk, 1.0)
            self._add(ramp.hold_s, jerk, 0.0)
            self._add(ramp.rise_s, jerk, -1.0)
            if direction == sign:
                self._add(ramp.level_s, 0.0, 0.0)

    def _add(self, duration_s: float, jerk: float, cosine: float) -> None:
        if duration_s <= 0.0:
            return
        p, v, a = self._end()
        self._parts.append((self.duration_s, p, v, a, jerk, cosine, duration_s))
        self.duration_s += duration_s
        self._ends_s.append(self.duration_s)


def _ramp_within(limits: MotionLimits, length_m: float) -> _Ramp:
    """The ramp to the cruise speed, or to the highest that a leg this short allows (found by halving)."""
    ramp = _ramp(limits, limits.speed_mps)
    if ramp.change_mps * ramp.duration_s <= length_m:
        return ramp
    low_mps, high_mps = 0.0, limits.speed_mps
    for _ in range(40):
        middle_mps = (low_mps + high_mps) / 2
        ramp = _ramp(limits, middle_mps)
        if ramp.change_mps * ramp.duration_s <= length_m:
            low_mps = middle_mps
        else:
            high_mps = middle_mps
    return _ramp(limits, max(low_mps, 1e-6))
