"""How long checking the separation of many flights takes: `python -m benchmarks.separation [--flights N] [--legs M]`.

Random flights of drones of two nations over a strip along a border, all at one height, so that every pair must be told apart
by place and time. Timed are the rule from the bare plan on (legs measured on the ellipsoid, placed, compared) and the
comparison alone; beside them what brute force finds on some of the pairs, sampled in time.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from dataclasses import dataclass, replace

import numpy as np
import shapely
from numpy.typing import NDArray

from planner.check.case import Case
from planner.check.motion import in_the_air, meetings
from planner.check.params import DEFAULT
from planner.check.separation import check_separation
from planner.geo import Geographic, LatLon, LocalFrame, Position
from planner.model import (
    Base,
    Drone,
    DroneType,
    Leg,
    LegKind,
    Limits,
    Nation,
    Plan,
    PlanResult,
    Sensor,
    SolverInfo,
    Sortie,
    VehicleKind,
)

_HERE = LocalFrame(LatLon(lat_deg=49.0, lon_deg=-97.8))
_SPEED_MPS = 15.0
_HEIGHT_M = 80.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Traffic:
    """So many flights of so many legs, within a strip, starting within a day's `hours`."""

    flights: int = 1_000
    legs: int = 100
    length_m: float = 100_000.0
    width_m: float = 10_000.0
    hours: float = 2.0
    longest_leg_m: float = 1_500.0


def traffic_plan(traffic: Traffic, seed: int) -> Plan:
    """A plan of random flights; nothing but their separation is meant to be judged."""
    dice = random.Random(seed)
    nations = ("N", "S")
    base = {name: Base(id=name, nation=name, location=_HERE.origin) for name in nations}
    sorties = tuple(_flight(dice, traffic, number, nations[number % 2]) for number in range(traffic.flights))
    ground = _HERE.to_geographic(shapely.box(-traffic.length_m / 2, -traffic.width_m / 2, traffic.length_m / 2, traffic.width_m / 2))
    drone_type = DroneType(
        id="wing",
        kind=VehicleKind.PLANE,
        cruise_mps=_SPEED_MPS,
        endurance_s=36_000.0,
        battery_wh=5_000.0,
        power_hover_w=900.0,
        power_cruise_w=250.0,
        sensor=Sensor(swath_m=80.0),
        height_above_home_m=_HEIGHT_M,
    )
    return Plan(
        name="traffic",
        spec_sha256="0" * 64,
        start_utc="2026-06-01T06:00:00Z",
        area=ground,
        coverable=Geographic(shapely.MultiPolygon()),
        border=None,
        position_uncertainty_m=0.0,
        nations=tuple(Nation(id=name, name=name, territory=ground) for name in nations),
        permissions=(),
        keep_outs=(),
        limits=Limits(min_separation_m=50.0),
        bases=tuple(base.values()),
        drone_types=(drone_type,),
        drones=tuple(Drone(id=sortie.drone, nation=sortie.nation, type="wing", base=sortie.nation) for sortie in sorties),
        sectors=(),
        lanes=(),
        sorties=sorties,
        unreachable=(),
        result=PlanResult(
            makespan_s=0.0,
            makespan_bound_s=0.0,
            gap=None,
            length_m=0.0,
            length_bound_m=0.0,
            coverage=1.0,
            coverage_of_area=1.0,
            share={},
            worst_revisit_s=None,
            energy_wh=0.0,
        ),
        solver=SolverInfo(seconds=0.0, workers=1, effort=None, reproducible=True),
    )


def _flight(dice: random.Random, traffic: Traffic, number: int, nation: str) -> Sortie:
    half_m = np.array([traffic.length_m, traffic.width_m]) / 2
    point = np.array([dice.uniform(-1, 1), dice.uniform(-1, 1)]) * half_m
    corners = [point]
    for _ in range(traffic.legs):
        step = np.array([dice.uniform(-1, 1), dice.uniform(-1, 1)]) * traffic.longest_leg_m
        corners.append(np.clip(corners[-1] + step, -half_m, half_m))
    places = np.array(corners)
    lat_deg, lon_deg = _HERE.arrays_to_geographic(places[:, 0], places[:, 1])
    positions = [Position(lat_deg=float(lat), lon_deg=float(lon), height_m=_HEIGHT_M) for lat, lon in zip(lat_deg, lon_deg, strict=True)]
    lasts_s = np.maximum(np.hypot(*np.diff(places, axis=0).T) / _SPEED_MPS, 0.1)
    times_s = np.round(dice.uniform(0, traffic.hours * 3600) + np.concatenate([[0.0], np.cumsum(lasts_s)]), 3).tolist()
    legs = tuple(
        Leg(kind=LegKind.TRANSIT, start=a, end=b, start_s=from_s, end_s=to_s, energy_wh=1.0)
        for a, b, from_s, to_s in zip(positions, positions[1:], times_s, times_s[1:], strict=False)
    )
    return Sortie(
        id=f"s{number}",
        drone=f"d{number}",
        nation=nation,
        start_base=nation,
        end_base=nation,
        start_s=times_s[0],
        end_s=times_s[-1],
        energy_wh=float(len(legs)),
        legs=legs,
    )


def sampled_losses(case: Case, pairs: int, seed: int, step_s: float = 0.25) -> tuple[int, int]:
    """Of so many random pairs of flights: how many sampling finds too close, and how many of those the rule missed."""
    dice = random.Random(seed)
    found = {frozenset(violation.subject.split()) for violation in check_separation(case)}
    close = missed = 0
    for _ in range(pairs):
        one, other = dice.sample(case.sorties, 2)
        from_s, to_s = max(one.sortie.start_s, other.sortie.start_s), min(one.sortie.end_s, other.sortie.end_s)
        grid_s = np.arange(from_s, to_s, step_s)
        apart = np.subtract(*(_places(flown.sortie, grid_s) for flown in (one, other))) if len(grid_s) else np.full((1, 2), np.inf)
        if np.hypot(*apart.T).min() < case.plan.limits.min_separation_m - 2 * case.params.tolerance_m:
            close += 1
            missed += frozenset((one.sortie.id, other.sortie.id)) not in found
    return close, missed


def _places(sortie: Sortie, grid_s: NDArray[np.float64]) -> NDArray[np.float64]:
    points = [sortie.legs[0].start, *(leg.end for leg in sortie.legs)]
    times_s = [sortie.start_s, *(leg.end_s for leg in sortie.legs)]
    east_m, north_m = _HERE.arrays_to_local(np.array([point.lat_deg for point in points]), np.array([point.lon_deg for point in points]))
    return np.column_stack([np.interp(grid_s, times_s, east_m), np.interp(grid_s, times_s, north_m)])


def main() -> int:
    parser = argparse.ArgumentParser(description="Time the check of separation.")
    parser.add_argument("--flights", type=int, default=1_000)
    parser.add_argument("--legs", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--pairs", type=int, default=2_000, help="pairs that brute force looks at")
    arguments = parser.parse_args()
    plan = traffic_plan(Traffic(flights=arguments.flights, legs=arguments.legs), arguments.seed)
    started_s, cpu_s = time.perf_counter(), time.process_time()
    case = Case(plan, DEFAULT)
    found = list(check_separation(case))
    whole_s, whole_cpu_s = time.perf_counter() - started_s, time.process_time() - cpu_s
    flights = in_the_air(case.flights)
    x0, y0 = _HERE.arrays_to_local(flights.y0, flights.x0)
    x1, y1 = _HERE.arrays_to_local(flights.y1, flights.x1)
    local = replace(flights, x0=x0, y0=y0, x1=x1, y1=y1)
    cpu_s = time.process_time()
    met = sum(len(each.at_s) for each in meetings(local, horizontal_m=49.0, vertical_m=9.0, params=DEFAULT))
    compare_cpu_s = time.process_time() - cpu_s
    close, missed = sampled_losses(case, arguments.pairs, arguments.seed)
    print(f"{arguments.flights} flights of {arguments.legs} legs, {len(found)} pairs too close")
    print(f"the rule: {whole_s:.2f} s wall, {whole_cpu_s:.2f} s CPU; comparing alone {compare_cpu_s:.2f} s CPU ({met} meetings)")
    print(f"of {arguments.pairs} pairs sampled {close} are too close, {missed} of them missed")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
