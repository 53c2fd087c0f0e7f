"""Small laws of motion that several parts share: square-root approach, jerk-limited speed change, limits along a slope."""

from __future__ import annotations

import math


def sqrt_speed(error: float, gain_ps: float, deceleration: float) -> float:
    """Speed towards a goal `error` away: proportional near it, as fast as this deceleration can still stop further out."""
    near = deceleration / (gain_ps * gain_ps)
    if error > near:
        return math.sqrt(2 * deceleration * (error - near / 2))
    if error < -near:
        return -math.sqrt(2 * deceleration * (-error - near / 2))
    return error * gain_ps


def stopping_distance(speed: float, gain_ps: float, deceleration: float) -> float:
    """How far `sqrt_speed` lets it go from this speed to rest."""
    near = deceleration / gain_ps
    if speed < near:
        return speed / gain_ps
    return speed * speed / (2 * deceleration) + deceleration / (2 * gain_ps * gain_ps)


def approach(goal: float, value: float, rate: float, rate_limit: float, jerk: float, dt_s: float) -> tuple[float, float]:
    """One step of a jerk-limited change of `value` (a speed) to `goal`: the new value and its rate of change."""
    wanted = sqrt_speed(goal - value, jerk / rate_limit, jerk)
    wanted = -rate_limit if wanted < -rate_limit else min(wanted, rate_limit)
    change = jerk * dt_s
    rate = rate - change if wanted < rate - change else min(wanted, rate + change)
    after = value + rate * dt_s
    if (goal - value) * (goal - after) <= 0.0 and abs(rate) <= change:
        return goal, 0.0
    return after, rate


def kinematic_limit(flat: float, up: float, limit_flat: float, limit_up: float, limit_down: float) -> float:
    """The largest magnitude along a direction (unit parts `flat`, `up`) within horizontal and vertical limits."""
    vertical = limit_up if up > 0.0 else limit_down
    steep = abs(up)
    if flat < 1e-9:
        return vertical
    if steep < 1e-9:
        return limit_flat
    return min(limit_flat / flat, vertical / steep)


def turned_deg(before_deg: float, after_deg: float) -> float:
    """From one heading to another the short way, positive to the right."""
    return (after_deg - before_deg + 180.0) % 360.0 - 180.0
