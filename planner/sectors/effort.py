"""What drones take to sweep ground, by where it lies: an estimate without lanes or routes, to divide ground by."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
from numpy.typing import NDArray

from planner import cost
from planner.geo import LocalFrame
from planner.model import Drone, MissionSpec

Floats = NDArray[np.float64]

#: Ground beyond everybody's reach counts so many times what the farthest ground in reach takes.
_BEYOND = 100.0


def scaled(seconds: Callable[[Floats], Floats], factor: float) -> Callable[[Floats], Floats]:
    """So many times as long."""
    return lambda places: factor * seconds(places)


def seconds_per_m2(spec: MissionSpec, frame: LocalFrame, drones: Iterable[Drone]) -> Callable[[Floats], Floats]:
    """A function of places (rows of east, north): seconds of these drones' day that a square metre there takes when all of them
    work together. A drone that sweeps at distance r flies there and back once a sortie, and changes batteries between sorties.
    """
    overlap = max((patrol.side_overlap for patrol in spec.patrols), default=0.0)
    fleet = [(spec.drone_type(drone.type), np.array(frame.point_to_local(spec.base(drone.base).location))) for drone in drones]

    def seconds(places: Floats) -> Floats:
        rate = np.zeros(len(places))
        for drone_type, base in fleet:
            usable_s = cost.usable_cruise_s(drone_type, drone_type.height_above_home_m)
            ways_s = 2 * np.hypot(*(places - base).T) / drone_type.cruise_mps
            day_s = drone_type.usable_endurance_s + drone_type.battery_swap_s
            rate += drone_type.swath_m * (1 - overlap) * drone_type.cruise_mps * np.maximum(0.0, usable_s - ways_s) / day_s
        in_reach = rate > 0
        taken = np.divide(1.0, rate, out=np.zeros(len(places)), where=in_reach)
        return np.where(in_reach, taken, _BEYOND * max(taken.max(initial=0.0), 1e-9))

    return seconds


def seconds_per_m2_along(spec: MissionSpec, frame: LocalFrame, drones: Iterable[Drone]) -> Callable[[Floats], Floats]:
    """The same for long ground on both sides of the drones' bases: a sortie sweeps out along one lane and back along the next, so that
    distance costs nothing up to where it must turn round.
    """
    overlap = max((patrol.side_overlap for patrol in spec.patrols), default=0.0)
    rates: list[float] = []
    reaches: list[tuple[Floats, float]] = []
    for drone in drones:
        drone_type = spec.drone_type(drone.type)
        usable_s = max(0.0, cost.usable_cruise_s(drone_type, drone_type.height_above_home_m))
        day_s = drone_type.usable_endurance_s + drone_type.battery_swap_s
        rates.append(drone_type.swath_m * (1 - overlap) * drone_type.cruise_mps * usable_s / day_s)
        reaches.append((np.array(frame.point_to_local(spec.base(drone.base).location)), usable_s * drone_type.cruise_mps / 2))
    # Who turns round early reaches less ground, and saves others that pass over it no way.
    farthest_m = max((reach_m for _, reach_m in reaches), default=0.0)
    rate = sum(rate * (reach_m / farthest_m) ** 2 for rate, (_, reach_m) in zip(rates, reaches, strict=True)) if farthest_m > 0 else 0.0

    def seconds(places: Floats) -> Floats:
        in_reach = np.any([np.hypot(*(places - base).T) < reach_m for base, reach_m in reaches], axis=0)
        return np.where(in_reach, 1.0, _BEYOND) / max(rate, 1e-9)

    return seconds
