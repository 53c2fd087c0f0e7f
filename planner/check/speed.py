"""Rule `speed`: no leg is faster than its drone can fly it in the wind the plan counts with."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from planner.check.case import Case
from planner.check.findings import leg_finding
from planner.check.flown import FlownLeg
from planner.check.params import CheckParams
from planner.geo import azimuth_deg
from planner.model import DroneType, Rule, VehicleKind, Violation, Wind


def check_speed(case: Case) -> Iterator[Violation]:
    for leg in case.legs:
        least_s = least_duration_s(leg, case.plan.wind, case.params)
        if math.isinf(least_s):
            text = f"the wind of {case.plan.wind.speed_mps:g} m/s is too strong to fly this course"
            yield leg_finding(Rule.SPEED, leg, text, amount=case.plan.wind.speed_mps, unit="m/s")
        elif leg.duration_s < least_s - case.params.tolerance_s:
            text = f"it takes {leg.duration_s:.1f} s, type {leg.drone_type.id} needs at least {least_s:.1f} s"
            yield leg_finding(Rule.SPEED, leg, text, amount=least_s - leg.duration_s, unit="s")


def least_duration_s(flown: FlownLeg, wind: Wind, params: CheckParams) -> float:
    """The shortest time in which the leg can be flown; infinite when the wind does not let it."""
    return math.fsum(_run_s(run, flown.drone_type) for run in _straight_runs(flown, wind, params))


def ground_speed_mps(course_deg: float, drone_type: DroneType, wind: Wind) -> float | None:
    """The wind triangle: along the course goes what the heading leaves after it has made up for the crosswind.

    None when the course cannot be held, or only backwards, or when the wind is none that blows.
    """
    if not (math.isfinite(wind.from_deg) and math.isfinite(wind.speed_mps)):
        return None
    towards_rad = math.radians(wind.from_deg + 180.0 - course_deg)
    tail_mps, cross_mps = wind.speed_mps * math.cos(towards_rad), wind.speed_mps * math.sin(towards_rad)
    if not abs(cross_mps) < drone_type.cruise_mps:
        return None
    speed_mps = tail_mps + math.sqrt((drone_type.cruise_mps - cross_mps) * (drone_type.cruise_mps + cross_mps))
    if drone_type.kind is VehicleKind.COPTER:
        speed_mps = min(speed_mps, drone_type.cruise_mps)
    return speed_mps if speed_mps > 0 else None


@dataclass(slots=True)
class _Run:
    """A stretch without a turn. `cruising_s` is what its length takes at ground speed, `climbing_s` what its climbs and descents take.
    It is flown at one speed, so a segment that must be flown slower than others, at most `pace_s` a metre, slows down the whole `way_m`.
    """

    length_m: float = 0.0
    cruising_s: float = 0.0
    climbing_s: float = 0.0
    way_m: float = 0.0
    pace_s: float = 0.0
    last_m: float = 0.0
    arrival_deg: float = 0.0


def _straight_runs(flown: FlownLeg, wind: Wind, params: CheckParams) -> list[_Run]:
    runs: list[_Run] = []
    for index, (length_m, climb_m) in enumerate(zip(flown.horizontal_m.tolist(), flown.climb_m.tolist(), strict=True)):
        a, b = flown.points[index], flown.points[index + 1]
        upright = length_m < params.coordinate_step_m
        course_deg = 0.0 if upright else azimuth_deg(a, b)
        if not runs or _turns(runs[-1], length_m, course_deg, params):
            runs.append(_Run())
        run = runs[-1]
        up_s = max(climb_m / flown.drone_type.climb_mps, -climb_m / flown.drone_type.descent_mps)
        run.climbing_s += up_s
        if not upright:
            run.way_m += math.hypot(length_m, climb_m)
            run.pace_s = max(run.pace_s, up_s / math.hypot(length_m, climb_m))
            speed_mps = ground_speed_mps(course_deg, flown.drone_type, wind)
            run.length_m += length_m
            run.cruising_s += math.inf if speed_mps is None else length_m / speed_mps
            run.last_m = length_m
            run.arrival_deg = azimuth_deg(b, a) + 180.0
    return runs


def _turns(run: _Run, length_m: float, course_deg: float, params: CheckParams) -> bool:
    """Whether a next segment turns off the run, or goes up or down on the spot; rounded coordinates tilt short segments."""
    stands, stood = length_m < params.coordinate_step_m, run.length_m == 0.0
    if stands or stood:
        return stands is not stood
    turn_deg = abs((course_deg - run.arrival_deg + 180.0) % 360.0 - 180.0)
    noise_deg = math.degrees(params.coordinate_step_m / min(length_m, run.last_m))
    return turn_deg >= params.straight_deg + noise_deg


def _run_s(run: _Run, drone_type: DroneType) -> float:
    if run.length_m == 0.0:
        return run.climbing_s
    slowest_s = run.pace_s * run.way_m
    if drone_type.kind is not VehicleKind.COPTER or math.isinf(run.cruising_s):
        return max(run.cruising_s, slowest_s)
    speed_mps = run.length_m / run.cruising_s if run.cruising_s > 0 else math.inf
    acceleration_mps2 = drone_type.acceleration_mps2
    if run.length_m < speed_mps * speed_mps / acceleration_mps2:
        return max(2 * math.sqrt(run.length_m / acceleration_mps2), slowest_s)
    return max(run.cruising_s + speed_mps / acceleration_mps2, slowest_s)
