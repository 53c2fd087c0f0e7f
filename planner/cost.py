"""Time and energy of what a drone does: the one place where a leg's, a turn's and a climb's seconds are decided.

docs/plan_file.md states the same rules for the checker, which computes them by its own code.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from planner.errors import WindError
from planner.model import DroneType, LegKind, VehicleKind, Wind

Floats = NDArray[np.float64]

_SECONDS_PER_HOUR = 3600.0
_HOVER_LEGS = frozenset({LegKind.TAKEOFF, LegKind.HOLD, LegKind.LAND})


@dataclass(frozen=True, kw_only=True, slots=True)
class VerticalParams:
    """How autopilots take off and land beyond plain climb and descent.

    Measured on ArduCopter 4.7: motors spin up for 3.3 s, the last 10 m go down at 0.5 m/s, disarming takes 2.1 s,
    and reaching the take-off height tails off by some seconds.
    """

    takeoff_extra_s: float = 6.0
    slow_below_m: float = 10.0
    slow_descent_mps: float = 0.5
    landing_extra_s: float = 4.0


_VERTICAL = VerticalParams()


def ground_speed_mps(drone_type: DroneType, wind: Wind, course_rad: Floats) -> Floats:
    """Speed over ground along courses (radians clockwise from north), from the wind triangle; NaN where the wind wins.

    `cruise_mps` is airspeed. Copters hold a ground speed, so a tail wind does not push them beyond `cruise_mps`.
    """
    blowing_to_rad = math.radians(wind.from_deg + 180.0)
    along_mps = wind.speed_mps * np.cos(blowing_to_rad - course_rad)
    across_mps = wind.speed_mps * np.sin(blowing_to_rad - course_rad)
    with np.errstate(invalid="ignore"):
        speed_mps = np.sqrt(drone_type.cruise_mps**2 - across_mps**2) + along_mps
    speed_mps = np.where(speed_mps > 0, speed_mps, np.nan)
    return np.minimum(speed_mps, drone_type.cruise_mps) if drone_type.hovers else speed_mps


def straight_s(drone_type: DroneType, wind: Wind, east_m: Floats, north_m: Floats) -> Floats:
    """Seconds for straight horizontal runs by their displacement: copters from rest to rest, others at speed.

    Rest to rest is a trapezoid of speed: L/g + g/a, or 2*sqrt(L/a) when it is too short to reach g.
    A run against a wind that is too strong is infinite.
    """
    length_m = np.hypot(east_m, north_m)
    speed_mps = ground_speed_mps(drone_type, wind, np.arctan2(east_m, north_m))
    if drone_type.hovers:
        acceleration = drone_type.acceleration_mps2
        long_s = length_m / speed_mps + speed_mps / acceleration
        seconds = np.where(length_m >= speed_mps**2 / acceleration, long_s, 2 * np.sqrt(length_m / acceleration))
    else:
        seconds = length_m / speed_mps
    return np.where(length_m == 0, 0.0, np.where(np.isnan(speed_mps), np.inf, seconds))


def run_s(drone_type: DroneType, wind: Wind, east_m: float, north_m: float) -> float:
    """Seconds of one straight run."""
    return float(straight_s(drone_type, wind, np.array([east_m]), np.array([north_m]))[0])


def bent_run_s(drone_type: DroneType, wind: Wind, lengths_m: Floats, courses_rad: Floats) -> float:
    """Seconds of one straight run in several segments, whose courses differ a little because the earth is round.

    The run is cruised at the ground speed that its length and cruising time give.
    """
    length_m = float(lengths_m.sum())
    if length_m == 0:
        return 0.0
    cruising_s = float((lengths_m / ground_speed_mps(drone_type, wind, courses_rad)).sum())
    if math.isnan(cruising_s):
        return math.inf
    if not drone_type.hovers:
        return cruising_s
    speed_mps, acceleration = length_m / cruising_s, drone_type.acceleration_mps2
    return cruising_s + speed_mps / acceleration if length_m >= speed_mps**2 / acceleration else 2 * math.sqrt(length_m / acceleration)


def climbing_run_s(drone_type: DroneType, wind: Wind, lengths_m: Floats, courses_rad: Floats, climbs_m: Floats) -> float:
    """Seconds of one run in several segments that go up and down, `lengths_m` over ground and flown at one speed along all of them.

    Airspeed is along the way, so what a segment is longer for its climb takes longer. None is climbed or descended faster than the
    drone can, so the steepest may slow down the whole run.
    """
    ways_m = np.hypot(lengths_m, climbs_m)
    way_m = float(ways_m.sum())
    if way_m == 0:
        return 0.0
    up_s = np.maximum(climbs_m / drone_type.climb_mps, -climbs_m / drone_type.descent_mps)
    at_cruise_s = (ways_m / ground_speed_mps(drone_type, wind, courses_rad)).sum()
    cruising_s = max(float(at_cruise_s), float((up_s / np.where(ways_m > 0, ways_m, 1.0)).max()) * way_m)
    if math.isnan(at_cruise_s):
        return math.inf
    if not drone_type.hovers:
        return cruising_s
    speed_mps, acceleration = way_m / cruising_s, drone_type.acceleration_mps2
    return cruising_s + speed_mps / acceleration if way_m >= speed_mps**2 / acceleration else 2 * math.sqrt(way_m / acceleration)


def steepest(drone_type: DroneType, wind: Wind) -> float:
    """The slope that the drone both climbs and descends without flying slower, whatever its course: metres up a metre over ground."""
    courses_rad = np.linspace(0.0, 2 * math.pi, 360, endpoint=False)
    fastest_mps = float(np.nanmax(ground_speed_mps(drone_type, wind, courses_rad)))
    return min(drone_type.climb_mps, drone_type.descent_mps) / fastest_mps


def polylines_s(drone_type: DroneType, wind: Wind, points_m: Floats) -> Floats:
    """Seconds along each of many polylines (n x points x 2 metres) that are flown without stopping; for planes' turns."""
    steps = np.diff(points_m, axis=1)
    return np.asarray(straight_s(drone_type, wind, steps[..., 0], steps[..., 1]).sum(axis=1))


def most_course_error(drone_type: DroneType, wind: Wind, turned_rad: float) -> float:
    """By which part a leg may take longer than computed with its course off by up to `turned_rad`."""
    courses_rad = np.linspace(0.0, 2 * math.pi, 360, endpoint=False)
    speed_mps = ground_speed_mps(drone_type, wind, courses_rad)
    turned_mps = np.minimum(*(ground_speed_mps(drone_type, wind, courses_rad + side * turned_rad) for side in (-1, 1)))
    return max(0.0, 1 - float(np.min(turned_mps / speed_mps)))


def takeoff_s(drone_type: DroneType, height_m: float) -> float:
    """From arming to the working height."""
    return height_m / drone_type.climb_mps + _VERTICAL.takeoff_extra_s


def landing_s(drone_type: DroneType, height_m: float) -> float:
    """From above the base to disarmed."""
    slow_m = min(height_m, _VERTICAL.slow_below_m)
    slow_mps = min(_VERTICAL.slow_descent_mps, drone_type.descent_mps)
    return (height_m - slow_m) / drone_type.descent_mps + slow_m / slow_mps + _VERTICAL.landing_extra_s


def power_w(drone_type: DroneType, kind: LegKind) -> float:
    """Constant-power battery model."""
    return drone_type.power_hover_w if kind in _HOVER_LEGS else drone_type.power_cruise_w


def energy_wh(drone_type: DroneType, kind: LegKind, seconds: float) -> float:
    return power_w(drone_type, kind) * seconds / _SECONDS_PER_HOUR


def usable_cruise_s(drone_type: DroneType, height_m: float) -> float:
    """Cruise seconds that one sortie has after take-off and landing, within both endurance and energy, less the reserve."""
    vertical_s = takeoff_s(drone_type, height_m) + landing_s(drone_type, height_m)
    vertical_wh = drone_type.power_hover_w * vertical_s / _SECONDS_PER_HOUR
    by_energy_s = (drone_type.usable_energy_wh - vertical_wh) * _SECONDS_PER_HOUR / drone_type.power_cruise_w
    return min(drone_type.usable_endurance_s - vertical_s, by_energy_s)


def ensure_flyable(drone_type: DroneType, wind: Wind) -> None:
    """Raise `WindError` when the wind is at least the type's own speed: then no closed route exists."""
    if wind.speed_mps >= drone_type.cruise_mps:
        raise WindError(
            f"wind of {wind.speed_mps:g} m/s is not slower than {drone_type.id} ({drone_type.cruise_mps:g} m/s): it could not fly back"
        )


def is_winged(drone_type: DroneType) -> bool:
    """Whether it cruises on wings, so that it must keep moving and turn with a radius."""
    return drone_type.kind is not VehicleKind.COPTER
