"""Permissions and keep-outs that hold in a band of heights, over ground that drones follow: where they are within the band."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

import shapely
from shapely.geometry.base import BaseGeometry

from planner.geo import LocalFrame, polygons_of
from planner.model import Drone, HeightBand, MissionSpec
from planner.relief.surface import DEFAULTS, surfaces


def within_band(
    spec: MissionSpec, frame: LocalFrame, ground: BaseGeometry, band: HeightBand, drones: Iterable[Drone], heights_m: Mapping[str, float]
) -> BaseGeometry:
    """The part of the ground (local metres) over which all these drones keep to the band, which counts from their bases."""
    for kind, own in _by_type(drones).items():
        rises_m = [_rise_m(spec, drone, heights_m) for drone in own]
        low_m, high_m = band.min_m - min(rises_m), band.max_m - max(rises_m) - DEFAULTS.least_room_m
        ground = polygons_of(ground.difference(surfaces(spec)[kind].outside(frame, ground, low_m, high_m, wider=True)))
    return ground


def touching_band(
    spec: MissionSpec, frame: LocalFrame, ground: BaseGeometry, band: HeightBand, drones: Iterable[Drone], heights_m: Mapping[str, float]
) -> BaseGeometry:
    """The part of the ground over which some of these drones may come into the band."""
    parts = []
    for kind, own in _by_type(drones).items():
        rises_m = [_rise_m(spec, drone, heights_m) for drone in own]
        low_m, high_m = band.min_m - max(rises_m) - DEFAULTS.least_room_m, band.max_m - min(rises_m)
        parts.append(ground.difference(surfaces(spec)[kind].outside(frame, ground, low_m, high_m, wider=False)))
    return shapely.union_all(parts)


def is_open(band: HeightBand) -> bool:
    """Whether it holds at all heights."""
    return band.min_m == -math.inf and band.max_m == math.inf


def _by_type(drones: Iterable[Drone]) -> Mapping[str, Sequence[Drone]]:
    found: dict[str, list[Drone]] = {}
    for drone in drones:
        found.setdefault(drone.type, []).append(drone)
    return found


def _rise_m(spec: MissionSpec, drone: Drone, heights_m: Mapping[str, float]) -> float:
    """What to add to its type's surface, which is above sea level, for the drone's height above its base."""
    return heights_m[drone.id] - spec.drone_type(drone.type).height_above_home_m - spec.base(drone.base).elevation_m
