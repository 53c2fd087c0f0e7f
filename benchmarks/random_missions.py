"""Random missions from a seed: odd areas, one to three nations, keep-outs, mixed fleets; the raw material of the 10,000-areas run."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import dataclass

import shapely
from shapely import affinity
from shapely.geometry.base import BaseGeometry

from planner.geo import Geographic, LatLon, LocalFrame
from planner.model import (
    Base,
    Drone,
    DroneType,
    KeepOut,
    Limits,
    MissionSpec,
    Nation,
    Objective,
    Patrol,
    Permission,
    Policy,
    Sensor,
    VehicleKind,
    Wind,
)

Shape = Callable[[random.Random], BaseGeometry]


@dataclass(frozen=True, kw_only=True, slots=True)
class MissionRanges:
    """From what missions are drawn. Rare kinds of area come once in `rare` missions, the antimeridian once in `antimeridian`."""

    most_nations: int = 3
    most_keep_outs: int = 3
    most_holes: int = 5
    most_bases: int = 2
    most_drones_at_base: int = 3
    strongest_wind_mps: float = 6.0
    smallest_m: float = 150.0
    largest_m: float = 900.0
    rare: int = 12
    rare_corners: int = 5_000
    antimeridian: int = 0


DEFAULT_RANGES = MissionRanges()


def random_mission(seed: int, ranges: MissionRanges = DEFAULT_RANGES) -> MissionSpec:
    """The mission of a seed: the same on every machine and in every process."""
    dice = random.Random(seed)
    frame = LocalFrame(_somewhere(dice, ranges.antimeridian))
    area = random_area(dice, ranges)
    territory = _territories(dice, area, dice.randint(1, ranges.most_nations))
    keep_outs = _keep_outs(dice, area, dice.randint(0, ranges.most_keep_outs))
    uncertainty_m = dice.choice([0.0, 0.0, 5.0, 12.0]) if len(territory) > 1 else 0.0
    border = _border(territory)
    closed = shapely.union_all([shape.buffer(buffer_m + 8) for shape, buffer_m in keep_outs] + [border.buffer(uncertainty_m + 8)])
    types = tuple(_drone_type(dice, number) for number in range(dice.randint(1, 2)))
    bases: list[Base] = []
    drones: list[Drone] = []
    for nation, ground in territory.items():
        for number in range(dice.randint(1, ranges.most_bases)):
            base = _base(dice, frame, f"{nation}-{number}", nation, ground.difference(closed), area)
            bases.append(base)
            count = dice.randint(1, ranges.most_drones_at_base)
            drones += [Drone(id=f"{base.id}-{place}", nation=nation, type=dice.choice(types).id, base=base.id) for place in range(count)]
    names = tuple(territory)
    return MissionSpec(
        name=f"random {seed}",
        start_utc="2026-06-01T06:00:00Z",
        area=_geographic(frame, area),
        border=_geographic(frame, border) if len(names) > 1 else None,
        position_uncertainty_m=uncertainty_m,
        nations=tuple(
            Nation(
                id=name, name=name, territory=_geographic(frame, territory[name]), policy=Policy(max_height_m=dice.choice([100.0, 120.0]))
            )
            for name in names
        ),
        bases=tuple(bases),
        drone_types=types,
        drones=tuple(drones),
        patrols=(Patrol(side_overlap=dice.choice([0.0, 0.0, 0.1, 0.3])),),
        permissions=_permissions(dice, frame, names, area),
        keep_outs=tuple(
            KeepOut(id=f"k{number}", polygon=_geographic(frame, shape), buffer_m=buffer_m)
            for number, (shape, buffer_m) in enumerate(keep_outs)
        ),
        objective=dice.choice([Objective.MAKESPAN, Objective.MAKESPAN, Objective.TOTAL_TIME]),
        stay_inside=dice.random() < 0.2,
        min_coverage=dice.choice([0.9, 0.95, 0.97]),
        wind=Wind(from_deg=dice.uniform(0, 360), speed_mps=dice.choice([0.0, dice.uniform(0, ranges.strongest_wind_mps)])),
        limits=Limits(min_separation_m=dice.choice([20.0, 30.0, 50.0])),
    )


def random_area(dice: random.Random, ranges: MissionRanges = DEFAULT_RANGES) -> BaseGeometry:
    """A valid polygon (or several) in local metres: one of the common kinds, or once in a while a rare one."""
    shape = dice.choice(_RARE if dice.randrange(ranges.rare) == 0 else _COMMON)
    area = shape(dice, ranges)
    area = affinity.rotate(area, dice.uniform(0, 180), origin=(0, 0))
    return _with_holes(dice, area, dice.randint(0, ranges.most_holes)) if dice.random() < 0.6 else area


def star(dice: random.Random, radius_m: float, corners: int, depth: float) -> BaseGeometry:
    """A star-shaped polygon, concave where neighbouring radii differ."""
    angles = sorted(dice.uniform(0, 2 * math.pi) for _ in range(corners))
    radii = [radius_m * dice.uniform(1 - depth, 1) for _ in angles]
    ring = [(radius * math.cos(angle), radius * math.sin(angle)) for angle, radius in zip(angles, radii, strict=True)]
    return _largest(shapely.make_valid(shapely.Polygon(ring)))


def _star(dice: random.Random, ranges: MissionRanges) -> BaseGeometry:
    return star(dice, dice.uniform(ranges.smallest_m, ranges.largest_m), dice.randint(4, 30), dice.uniform(0.1, 0.8))


def _comb(dice: random.Random, ranges: MissionRanges) -> BaseGeometry:
    """A spine with teeth."""
    length_m, tooth_m = dice.uniform(ranges.smallest_m, ranges.largest_m), dice.uniform(50, 300)
    teeth = dice.randint(2, 5)
    parts = [shapely.box(0, 0, length_m, dice.uniform(30, 120))]
    width_m = length_m / (2 * teeth)
    parts += [shapely.box(2 * n * width_m, 0, (2 * n + 1) * width_m, tooth_m * dice.uniform(0.5, 1)) for n in range(teeth)]
    return shapely.union_all(parts)


def _strip(dice: random.Random, ranges: MissionRanges) -> BaseGeometry:
    """A band along a winding line."""
    step_m = ranges.largest_m / 4
    points = [(0.0, 0.0)]
    for _ in range(dice.randint(2, 6)):
        points.append((points[-1][0] + step_m, points[-1][1] + dice.uniform(-step_m, step_m)))
    line = affinity.translate(shapely.LineString(points), -points[-1][0] / 2, 0)
    return line.buffer(dice.uniform(40, 150), cap_style="flat", join_style=dice.choice(["round", "mitre"]))


def _ring(dice: random.Random, ranges: MissionRanges) -> BaseGeometry:
    outer = star(dice, dice.uniform(ranges.smallest_m, ranges.largest_m), dice.randint(8, 20), 0.3)
    return _largest(outer.difference(affinity.scale(outer, dice.uniform(0.2, 0.8), dice.uniform(0.2, 0.8), origin=(0, 0))))


def _two(dice: random.Random, ranges: MissionRanges) -> BaseGeometry:
    """Two separate pieces."""
    apart_m = 2.2 * ranges.largest_m
    return shapely.union_all([_star(dice, ranges), affinity.translate(_star(dice, ranges), apart_m * dice.uniform(0.6, 1), 0)])


def _needle(dice: random.Random, ranges: MissionRanges) -> BaseGeometry:
    """A thin triangle, much narrower than a swath."""
    half_m = dice.uniform(ranges.smallest_m, ranges.largest_m) / 2
    return shapely.Polygon([(-half_m, 0), (half_m, dice.uniform(0.5, 15)), (half_m, 0)])


def _speck(dice: random.Random, _ranges: MissionRanges) -> BaseGeometry:
    """Smaller than a swath."""
    return star(dice, dice.uniform(3, 30), dice.randint(3, 9), 0.5)


def _jagged(dice: random.Random, ranges: MissionRanges) -> BaseGeometry:
    """An outline of thousands of corners."""
    corners = dice.randint(ranges.rare_corners // 5, ranges.rare_corners)
    waves = [(dice.randint(2, 40), dice.uniform(0, 2 * math.pi), dice.uniform(0.005, 0.04)) for _ in range(6)]
    radius_m = dice.uniform(ranges.smallest_m, ranges.largest_m)
    ring = []
    for number in range(corners):
        angle = 2 * math.pi * number / corners
        radius = radius_m * (1 + sum(height * math.sin(count * angle + phase) for count, phase, height in waves))
        radius *= 1 + dice.uniform(-0.2, 0.2) / corners
        ring.append((radius * math.cos(angle), radius * math.sin(angle)))
    return _largest(shapely.make_valid(shapely.Polygon(ring)))


_COMMON = (_star, _star, _star, _comb, _strip, _ring, _two)
_RARE = (_needle, _speck, _jagged)


def _with_holes(dice: random.Random, area: BaseGeometry, count: int) -> BaseGeometry:
    """Holes anywhere, some of them touching the outline or each other in a point or along an edge."""
    west, south, east, north = area.bounds
    result = area
    for _ in range(count):
        radius_m = dice.uniform(0.02, 0.12) * max(east - west, north - south)
        hole = star(dice, radius_m, dice.randint(3, 8), 0.4)
        if dice.random() < 0.3:
            east_m, north_m = shapely.get_coordinates(area)[dice.randrange(len(shapely.get_coordinates(area)))].tolist()
        else:
            east_m, north_m = dice.uniform(west, east), dice.uniform(south, north)
        result = result.difference(affinity.translate(hole, east_m, north_m))
    parts = [part for part in shapely.get_parts(result) if part.geom_type == "Polygon" and part.area > 1.0]
    return shapely.union_all(parts) if parts else area


def _largest(geometry: BaseGeometry) -> BaseGeometry:
    polygons: list[BaseGeometry] = [part for part in shapely.get_parts(geometry) if part.geom_type == "Polygon"]
    return max(polygons, key=lambda part: part.area)


def _territories(dice: random.Random, area: BaseGeometry, count: int) -> dict[str, BaseGeometry]:
    """Sectors around a point near the area's middle: with three nations they meet there. Together they hold everything near."""
    centre = area.representative_point()
    reach_m = 20_000.0
    if count == 1:
        return {"A": shapely.box(-reach_m, -reach_m, reach_m, reach_m)}
    first = dice.uniform(0, 2 * math.pi)
    turns = [first + 2 * math.pi * number / count + dice.uniform(-0.4, 0.4) for number in range(count)]
    found: dict[str, BaseGeometry] = {}
    for number, name in enumerate("ABC"[:count]):
        start, end = turns[number], turns[(number + 1) % count] + (2 * math.pi if number + 1 == count else 0)
        fan = [start + (end - start) * part / 8 for part in range(9)]
        ring = [(centre.x, centre.y), *((centre.x + reach_m * math.cos(angle), centre.y + reach_m * math.sin(angle)) for angle in fan)]
        found[name] = shapely.Polygon(ring)
    return found


def _border(territory: dict[str, BaseGeometry]) -> BaseGeometry:
    grounds = list(territory.values())
    lines = [grounds[a].boundary.intersection(grounds[b].boundary) for a in range(len(grounds)) for b in range(a)]
    parts = [part for line in lines for part in shapely.get_parts(line) if part.geom_type == "LineString" and part.length > 1.0]
    return shapely.line_merge(shapely.MultiLineString(parts))


def _keep_outs(dice: random.Random, area: BaseGeometry, count: int) -> list[tuple[BaseGeometry, float]]:
    """Blobs, walls across the area, and rings that cut an island off."""
    west, south, east, north = area.bounds
    size_m = max(east - west, north - south)
    found = []
    for _ in range(count):
        at = (dice.uniform(west, east), dice.uniform(south, north))
        shape = star(dice, size_m * dice.uniform(0.03, 0.15), dice.randint(3, 9), 0.4)
        kind = dice.random()
        if kind < 0.15:
            shape = shape.buffer(size_m * 0.15).boundary.buffer(5.0)
        elif kind < 0.3:
            shape = affinity.rotate(shapely.box(-size_m / 2, -4, size_m / 2, 4), dice.uniform(0, 180))
        found.append((affinity.translate(shape, *at), dice.choice([0.0, 10.0, 50.0])))
    return found


def _base(dice: random.Random, frame: LocalFrame, name: str, nation: str, ground: BaseGeometry, area: BaseGeometry) -> Base:
    """Somewhere legal in or near the area."""
    near = area.buffer(dice.choice([0.0, 100.0, 600.0]))
    place = ground.intersection(near)
    if place.is_empty or place.area < 1.0:
        place = ground.intersection(area.buffer(3_000.0))
    parts = sorted((part for part in shapely.get_parts(place) if part.geom_type == "Polygon"), key=lambda part: -part.area)
    point = parts[0].representative_point()
    west, south, east, north = place.bounds
    for _ in range(60):
        trial = shapely.Point(dice.uniform(west, east), dice.uniform(south, north))
        if place.contains(trial):
            point = trial
            break
    location = frame.point_to_geographic(east_m=point.x, north_m=point.y)
    return Base(id=name, nation=nation, location=location, elevation_m=dice.choice([0.0, 0.0, 35.0, 210.0]))


def _drone_type(dice: random.Random, number: int) -> DroneType:
    height_m = dice.choice([50.0, 80.0])
    sensor = dice.choice([Sensor(fov_across_deg=dice.choice([40.0, 60.0])), Sensor(swath_m=dice.choice([40.0, 60.0]))])
    if dice.random() < 0.3:
        return DroneType(
            id=f"wing{number}",
            kind=VehicleKind.QUADPLANE,
            cruise_mps=dice.choice([15.0, 20.0]),
            endurance_s=3600.0,
            battery_wh=500.0,
            power_hover_w=900.0,
            power_cruise_w=250.0,
            sensor=sensor,
            height_above_home_m=height_m,
            turn_radius_m=dice.choice([30.0, 60.0]),
        )
    return DroneType(
        id=f"quad{number}",
        kind=VehicleKind.COPTER,
        cruise_mps=dice.choice([8.0, 10.0, 14.0]),
        endurance_s=dice.choice([900.0, 1500.0, 2400.0]),
        battery_wh=180.0,
        power_hover_w=380.0,
        power_cruise_w=320.0,
        sensor=sensor,
        height_above_home_m=height_m,
        acceleration_mps2=dice.choice([1.5, 2.5]),
    )


def _permissions(dice: random.Random, frame: LocalFrame, names: tuple[str, ...], area: BaseGeometry) -> tuple[Permission, ...]:
    """At times the first nation may fly over some of the second's ground."""
    if len(names) < 2 or dice.random() > 0.25:
        return ()
    polygon = _geographic(frame, area.convex_hull.buffer(dice.uniform(10, 300)))
    return (Permission(id="visit", host=names[1], guest=names[0], polygon=polygon),)


def _somewhere(dice: random.Random, antimeridian: int) -> LatLon:
    """Anywhere people live, one time in `antimeridian` on the antimeridian."""
    lon_deg = 180.0 if antimeridian and dice.randrange(antimeridian) == 0 else dice.uniform(-179, 179)
    return LatLon(lat_deg=dice.uniform(-55, 72), lon_deg=lon_deg)


def _geographic(frame: LocalFrame, shape: BaseGeometry) -> Geographic:
    return frame.to_geographic(shapely.segmentize(shape, 500.0))
