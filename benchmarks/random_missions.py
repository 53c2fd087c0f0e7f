"""Random missions from a seed: odd areas, one to four nations with their agreements, keep-outs, mixed fleets; the raw material of
the run over 10,000 worlds (`benchmarks.random_areas`).
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import shapely
from shapely.geometry.base import BaseGeometry

from benchmarks.random_grounds import GroundRanges, borders, fans, place_in, random_area, random_obstacle
from planner.geo import Geographic, LatLon, LocalFrame
from planner.model import (
    Agreement,
    Base,
    Drone,
    DroneType,
    HeightBand,
    KeepOut,
    Limits,
    MissionSpec,
    Nation,
    Objective,
    PartitionMode,
    Patrol,
    Permission,
    Policy,
    Sensor,
    Validity,
    VehicleKind,
    Wind,
)

#: Each nation's ground reaches so far from the area.
_REACH_M = 20_000.0
#: Ground this near to what is shut holds no base.
_OFF_M = 8.0


@dataclass(frozen=True, kw_only=True, slots=True)
class MissionRanges:
    """From what missions are drawn. One in `antimeridian` lies there, one in `polar` beyond 72 degrees, one nation in `bystander`
    takes no part, one mission in `grounded` has a base where nobody may fly.
    """

    ground: GroundRanges = field(default_factory=GroundRanges)
    most_nations: int = 4
    most_keep_outs: int = 3
    most_bases: int = 2
    most_drones_at_base: int = 2
    strongest_wind_mps: float = 6.0
    antimeridian: int = 8
    polar: int = 12
    bystander: int = 6
    grounded: int = 40


DEFAULT_RANGES = MissionRanges()
#: Of all the same kinds, but areas of a few swaths at most.
SMALL_RANGES = MissionRanges(ground=GroundRanges(smallest_m=10.0, usual_m=45.0, largest_m=90.0))


@dataclass(frozen=True, slots=True)
class _World:
    """The ground of a mission in local metres. `members` fly, bystanders do not; disputed ground is nobody's, or claimed by two."""

    frame: LocalFrame
    area: BaseGeometry
    territory: Mapping[str, BaseGeometry]
    members: tuple[str, ...]
    disputed: BaseGeometry
    border: BaseGeometry

    def shape(self, ground: BaseGeometry) -> Geographic:
        return self.frame.to_geographic(shapely.segmentize(ground, 500.0))


def random_mission(seed: int, ranges: MissionRanges = DEFAULT_RANGES) -> MissionSpec:
    """The mission of a seed: the same on every machine and in every process."""
    dice = random.Random(seed)
    world = _claimed(seed, _world(dice, ranges))
    shut = _keep_outs(dice, world, ranges)
    uncertainty_m = dice.choice([0.0, 0.0, 5.0, 12.0]) if len(world.territory) > 1 else 0.0
    closed = shapely.union_all(
        [ground.buffer(each.buffer_m + _OFF_M) for ground, each in shut] + [world.border.buffer(uncertainty_m + _OFF_M)]
    )
    if dice.randrange(ranges.grounded) == 0:
        closed = shapely.Polygon()
    types = tuple(_drone_type(dice, number) for number in range(dice.choice([1, 1, 1, 2, 3])))
    bases = _bases(dice, world, closed, ranges)
    drones = tuple(
        Drone(id=f"{base.id}-{place}", nation=base.nation, type=dice.choice(types).id, base=base.id)
        for base in bases
        for place in range(dice.randint(1, ranges.most_drones_at_base))
    )
    spec = MissionSpec(
        name=f"random {seed}",
        start_utc="2026-06-01T06:00:00Z",
        area=world.shape(world.area),
        border=None if world.border.is_empty else world.shape(world.border),
        position_uncertainty_m=0.0 if world.border.is_empty else uncertainty_m,
        nations=tuple(
            Nation(id=name, name=name, territory=world.shape(ground), policy=Policy(max_height_m=dice.choice([100.0, 120.0, 150.0])))
            for name, ground in world.territory.items()
        ),
        bases=bases,
        drone_types=types,
        drones=drones,
        patrols=(Patrol(side_overlap=dice.choice([0.0, 0.0, 0.1, 0.3])),),
        permissions=_permissions(dice, world),
        keep_outs=tuple(each for _, each in shut),
        objective=dice.choice([Objective.MAKESPAN, Objective.MAKESPAN, Objective.TOTAL_TIME]),
        stay_inside=dice.random() < 0.2,
        min_coverage=dice.choice([0.9, 0.95, 0.97]),
        wind=Wind(from_deg=dice.uniform(0, 360), speed_mps=dice.choice([0.0, dice.uniform(0, ranges.strongest_wind_mps)])),
        limits=Limits(min_separation_m=dice.choice([20.0, 30.0, 50.0])),
    )
    return _agreed(dice, spec, world.members)


def _agreed(dice: random.Random, spec: MissionSpec, members: Sequence[str]) -> MissionSpec:
    """With an agreement: half of the missions by territory, the others by shares or balanced, half of all joint. Drawn last, so that
    all else of a seed is as it was before there were agreements.
    """
    modes = [PartitionMode.TERRITORY, PartitionMode.TERRITORY, PartitionMode.SHARES, PartitionMode.BALANCED]
    agreement = Agreement(partition=dice.choice(modes), joint=dice.random() < 0.5)
    parts = {name: dice.uniform(0.1, 1.0) for name in members}
    if agreement.partition is not PartitionMode.SHARES:
        return replace(spec, agreement=agreement)
    shares = {name: part / sum(parts.values()) for name, part in parts.items()}
    return replace(spec, agreement=agreement, nations=tuple(replace(each, share=shares.get(each.id, 0.0)) for each in spec.nations))


def _world(dice: random.Random, ranges: MissionRanges) -> _World:
    """Nations around a point of the area; at times ground that several claim, and neighbours that take no part."""
    frame = LocalFrame(_somewhere(dice, ranges))
    area = random_area(dice, ranges.ground)
    names = "ABCD"[: min(dice.choice([1, 2, 2, 2, 3, 3, 4]), ranges.most_nations)]
    middle = area.representative_point()
    territory = dict(zip(names, fans(dice, (middle.x, middle.y), len(names), _REACH_M), strict=True))
    border = borders(list(territory.values())) if len(names) > 1 else shapely.MultiLineString()
    disputed: BaseGeometry = shapely.Polygon()
    if len(names) > 1 and dice.random() < 0.15:
        disputed = random_obstacle(dice, area)
        territory = {name: ground.difference(disputed) for name, ground in territory.items()}
    bystanders = {name for name in names[1:] if dice.randrange(ranges.bystander) == 0}
    return _World(frame, area, territory, tuple(name for name in names if name not in bystanders), disputed, border)


def _claimed(seed: int, world: _World) -> _World:
    """Of every second seed the disputed ground is claimed by the first two nations; no dice, so that all else stays as it was."""
    if world.disputed.is_empty or seed % 2 == 0:
        return world
    first, second = list(world.territory)[:2]
    claims = {name: shapely.union(world.territory[name], world.disputed) for name in (first, second)}
    return replace(world, territory={**world.territory, **claims})


def _keep_outs(dice: random.Random, world: _World, ranges: MissionRanges) -> list[tuple[BaseGeometry, KeepOut]]:
    """Obstacles, some only at some heights or times, and with a buffer the ground of neighbours that take no part."""
    near = world.area.buffer(3_000.0)
    grounds = [random_obstacle(dice, world.area) for _ in range(dice.randint(0, ranges.most_keep_outs))]
    found = [
        (
            ground,
            KeepOut(
                id=f"k{number}",
                polygon=world.shape(ground),
                buffer_m=dice.choice([0.0, 10.0, 50.0]),
                band=dice.choice([HeightBand()] * 6 + [HeightBand(max_m=40.0), HeightBand(min_m=65.0), HeightBand(min_m=130.0)]),
                validity=dice.choice([Validity()] * 6 + [Validity(from_s=900.0), Validity(to_s=900.0), Validity(to_s=-60.0)]),
            ),
        )
        for number, ground in enumerate(grounds)
    ]
    for name, ground in world.territory.items():
        if name not in world.members and dice.random() < 0.7:
            theirs = ground.intersection(near)
            if not theirs.is_empty:
                found.append((theirs, KeepOut(id=f"of-{name}", polygon=world.shape(theirs), buffer_m=dice.choice([15.0, 40.0]))))
    return found


def _permissions(dice: random.Random, world: _World) -> tuple[Permission, ...]:
    """Consents of neighbours, in all kinds of terms; on disputed ground of all claimants, or of some."""
    found: list[Permission] = []
    for host in world.territory:
        for guest in world.members:
            if host != guest and dice.random() < 0.2:
                found.append(_permission(dice, world, f"p{len(found)}", host, guest, _granted(dice, world, host)))
            if host != guest and not world.disputed.is_empty and dice.random() < 0.6:
                found.append(_permission(dice, world, f"p{len(found)}", host, guest, world.disputed))
    return tuple(found)


def _granted(dice: random.Random, world: _World, host: str) -> BaseGeometry:
    """All around the area, a depth behind the line, or an odd piece."""
    around = world.area.convex_hull.buffer(dice.uniform(10, 300))
    kind = dice.random()
    if kind < 0.5:
        return around
    if kind < 0.8 and not world.border.is_empty:
        behind = world.border.buffer(dice.uniform(20, 400)).intersection(world.territory[host]).intersection(around.buffer(500))
        return behind if behind.area > 1.0 else around
    return random_obstacle(dice, world.area)


def _permission(dice: random.Random, world: _World, name: str, host: str, guest: str, ground: BaseGeometry) -> Permission:
    return Permission(
        id=name,
        host=host,
        guest=guest,
        polygon=world.shape(ground),
        band=dice.choice([HeightBand()] * 5 + [HeightBand(max_m=100.0), HeightBand(min_m=30.0, max_m=130.0), HeightBand(min_m=95.0)]),
        validity=dice.choice(
            [Validity()] * 4 + [Validity(to_s=dice.choice([200.0, 600.0, 2400.0])), Validity(from_s=600.0), Validity(to_s=-60.0)]
        ),
        max_drones=dice.choice([None, None, None, 1, 2]),
    )


def _bases(dice: random.Random, world: _World, closed: BaseGeometry, ranges: MissionRanges) -> tuple[Base, ...]:
    """Somewhere legal in or near the area."""
    found: list[Base] = []
    for nation in world.members:
        for number in range(dice.randint(1, ranges.most_bases)):
            ground = world.territory[nation].difference(closed)
            place = ground.intersection(world.area.buffer(dice.choice([0.0, 100.0, 600.0])))
            if place.area < 1.0:
                place = ground.intersection(world.area.buffer(5_000.0))
            east_m, north_m = place_in(dice, place)
            location = world.frame.point_to_geographic(east_m=east_m, north_m=north_m)
            found.append(Base(id=f"{nation}-{number}", nation=nation, location=location, elevation_m=dice.choice([0.0, 0.0, 35.0, 210.0])))
    return tuple(found)


def _drone_type(dice: random.Random, number: int) -> DroneType:
    height_m = dice.choice([50.0, 80.0])
    sensor = dice.choice([Sensor(fov_across_deg=dice.choice([40.0, 60.0])), Sensor(swath_m=dice.choice([40.0, 60.0]))])
    if dice.random() < 0.3:
        return DroneType(
            id=f"wing{number}",
            kind=dice.choice([VehicleKind.QUADPLANE, VehicleKind.PLANE]),
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
        endurance_s=dice.choice([300.0, 900.0, 1500.0, 2400.0]),
        battery_wh=180.0,
        power_hover_w=380.0,
        power_cruise_w=320.0,
        sensor=sensor,
        height_above_home_m=height_m,
        acceleration_mps2=dice.choice([1.5, 2.5]),
    )


def _somewhere(dice: random.Random, ranges: MissionRanges) -> LatLon:
    """Anywhere people live, and now and then at the antimeridian or near a pole."""
    lon_deg = 180.0 if dice.randrange(ranges.antimeridian) == 0 else dice.uniform(-179, 179)
    if dice.randrange(ranges.polar) == 0:
        return LatLon(lat_deg=dice.choice([-1, 1]) * dice.uniform(72, 84), lon_deg=lon_deg)
    return LatLon(lat_deg=dice.uniform(-55, 72), lon_deg=lon_deg)
