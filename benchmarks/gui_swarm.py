"""Drones that fly about an area and say where they are, for measurements of the desktop."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence

from mavlink_bridge.events import Telemetry
from mavlink_bridge.vehicle_state import VehicleState
from planner.geo import LatLon
from planner.model import Drone

RATE_HZ = 4


class Swarm:
    """Drones that fly about the mission's area, each straight on and turning now and then."""

    def __init__(self, number: int, nations: Sequence[str], centre: LatLon, reach_m: float, seed: int = 1) -> None:
        self._random = random.Random(seed)
        self.drones = tuple(
            Drone(id=f"d{index:04d}", nation=nations[index % len(nations)], type="t", base="b", system_id=None) for index in range(number)
        )
        self._at = {
            drone.id: moved(centre, self._random.uniform(0, 360), reach_m * math.sqrt(self._random.random())) for drone in self.drones
        }
        self._course = {drone.id: self._random.uniform(0, 360) for drone in self.drones}
        self._next = 0
        self.now_s = 0.0

    def some(self, number: int, step_m: float) -> list[Telemetry]:
        """The next so many drones have moved on."""
        told = []
        for _ in range(number):
            drone = self.drones[self._next].id
            self._next = (self._next + 1) % len(self.drones)
            if self._random.random() < 0.1:
                self._course[drone] += self._random.uniform(-90, 90)
            self._at[drone] = moved(self._at[drone], self._course[drone], step_m)
            state = VehicleState(
                heard_s=self.now_s, armed=True, position=self._at[drone], position_s=self.now_s, heading_deg=self._course[drone] % 360
            )
            told.append(Telemetry(drone=drone, at_s=self.now_s, state=state))
        self.now_s += number / (RATE_HZ * len(self.drones))
        return told


def moved(place: LatLon, course_deg: float, step_m: float) -> LatLon:
    """Near enough for a swarm, and quick."""
    north_deg = step_m * math.cos(math.radians(course_deg)) / 111_200
    east_deg = step_m * math.sin(math.radians(course_deg)) / (111_200 * math.cos(math.radians(place.lat_deg)))
    return LatLon(lat_deg=place.lat_deg + north_deg, lon_deg=place.lon_deg + east_deg)
