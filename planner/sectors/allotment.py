"""Who sweeps which ground: each nation what it can see of its sector; what it cannot see goes to whoever can, or is named."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import shapely
from shapely.geometry.base import BaseGeometry

from planner import cost
from planner.agreements import unusable
from planner.airspace import Airspace, nation_types
from planner.geo import polygons_of
from planner.model import MissionSpec
from planner.tracks.turning_room import turning_ground


@dataclass(frozen=True, kw_only=True, slots=True)
class AllotmentParams:
    """Strips narrower than `narrow_m` (what the clearance leaves of a swath's edge) are neither handed over nor named, as long
    as all of them are less than `narrow_part` of the coverable ground.
    """

    narrow_m: float = 4.0
    narrow_part: float = 0.005


@dataclass(frozen=True, slots=True)
class Beyond:
    """Coverable ground that nobody sees on a way from and back to a base, and why."""

    ground: BaseGeometry
    reason: str


@dataclass(frozen=True, slots=True)
class Allotment:
    """`grounds` by nation with drones, without overlap; local metres."""

    grounds: Mapping[str, BaseGeometry]
    beyond: tuple[Beyond, ...]


def allot(
    spec: MissionSpec,
    airspace: Airspace,
    sectors: Mapping[str, BaseGeometry],
    heights_m: Mapping[str, float] | None = None,
    params: AllotmentParams | None = None,
) -> Allotment:
    """Share out the coverable ground by sector and sight. A nation sees half a type's swath far from where that may fly and turn.

    `heights_m` are the drones' working heights; their types' own when left out.
    """
    params = params or AllotmentParams()
    heights_m = heights_m or {drone.id: spec.drone_type(drone.type).height_above_home_m for drone in spec.drones}
    shut = _shut(spec, airspace, heights_m)
    active = [nation.id for nation in spec.nations if nation_types(spec, nation.id)]
    sights = {nation: sight(spec, nation, airspace.flyable[nation]) for nation in active}
    own = {nation: polygons_of(sector.intersection(airspace.coverable)) for nation, sector in sectors.items()}
    grounds = {nation: [own[nation].intersection(sights[nation])] for nation in active}
    beyond: list[Beyond] = []
    for nation, ground in own.items():
        left = polygons_of(ground.difference(sights[nation])) if nation in sights else ground
        for other in active:
            if other != nation:
                grounds[other].append(_without_rims(left.intersection(sights[other]), airspace, params))
                left = polygons_of(left.difference(sights[other]))
        beyond.extend(_named(spec, airspace, nation, _without_rims(left, airspace, params), shut))
    return Allotment({nation: polygons_of(shapely.union_all(parts)) for nation, parts in grounds.items()}, tuple(beyond))


def sight(spec: MissionSpec, nation: str, flyable: BaseGeometry, overlap: float = 0.0) -> BaseGeometry:
    """What the nation's drones see from flyable ground, those that must turn from where they have room to. With an overlap, what lanes
    laid with it would be responsible for: less by that part of the swath.
    """
    seen = []
    for drone_type in nation_types(spec, nation):
        radius_m = drone_type.turn_radius_m if cost.is_winged(drone_type) else 0.0
        seen.append(turning_ground(flyable, radius_m).buffer(drone_type.swath_m * (1 - overlap) / 2))
    return shapely.union_all(seen)


def _without_rims(ground: BaseGeometry, airspace: Airspace, params: AllotmentParams) -> BaseGeometry:
    ground = polygons_of(ground)
    if ground.is_empty or ground.area > params.narrow_part * airspace.coverable.area:
        return ground
    half_m = params.narrow_m / 2
    return polygons_of(ground.buffer(-half_m).buffer(half_m).intersection(ground))


@dataclass(frozen=True, slots=True)
class _Shut:
    """Ground that could be seen by a permission which nobody can fly by, and why not."""

    ground: BaseGeometry
    reason: str


def _shut(spec: MissionSpec, airspace: Airspace, heights_m: Mapping[str, float]) -> list[_Shut]:
    reasons = unusable(spec, heights_m)
    found = []
    for permission in spec.permissions:
        if permission.id in reasons and nation_types(spec, permission.guest):
            reach_m = _widest_m(spec, permission.guest) / 2
            found.append(_Shut(airspace.frame.ground(permission.polygon).buffer(reach_m), reasons[permission.id]))
    return found


def _named(spec: MissionSpec, airspace: Airspace, nation: str, ground: BaseGeometry, shut: Sequence[_Shut]) -> Iterator[Beyond]:
    for each in shut:
        yield Beyond(polygons_of(ground.intersection(each.ground)), each.reason)
        ground = polygons_of(ground.difference(each.ground))
    if ground.is_empty:
        return
    if not nation_types(spec, nation):
        yield Beyond(ground, f"{nation} has no drone, and no other nation's drones see it")
        return
    reach_m = _widest_m(spec, nation) / 2
    cut_off = polygons_of(ground.intersection(airspace.cut_off[nation].buffer(reach_m)))
    cramped = polygons_of(ground.difference(cut_off).intersection(airspace.flyable[nation].buffer(reach_m)))
    yield Beyond(cut_off, _why_cut_off(spec, airspace, nation))
    yield Beyond(cramped, f"no drone of {nation} sees it from where it has room to turn")
    yield Beyond(
        polygons_of(ground.difference(shapely.union(cut_off, cramped))),
        "no drone may fly where it could be seen from, all times and heights of this plan considered",
    )


def _widest_m(spec: MissionSpec, nation: str) -> float:
    return max(drone_type.swath_m for drone_type in nation_types(spec, nation))


def _why_cut_off(spec: MissionSpec, airspace: Airspace, nation: str) -> str:
    used = sorted({drone.base for drone in spec.drones if drone.nation == nation})
    places = {base: shapely.Point(airspace.frame.point_to_local(spec.base(base).location)) for base in used}
    shut = [base for base, place in places.items() if not airspace.approach[nation].intersects(place)]
    reason = f"no drone of {nation} has a legal way there and back"
    return f"{reason}: it may not fly at {', '.join(shut)}" if shut else reason
