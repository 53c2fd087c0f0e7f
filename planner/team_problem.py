"""A nation's drones, and what dividing track pieces over them costs: the routing problem in numbers."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from planner import cost, overlay
from planner.airspace import Airspace, nation_types
from planner.geo import LocalFrame, polygons_of
from planner.model import Base, Drone, DroneType, MissionSpec, Wind
from planner.relief.following import GroundFollower
from planner.relief.surface import FlyingSurface, surfaces, top_m
from planner.routes.fleet_problem import DroneClass, FleetProblem, Routes, Seat
from planner.sectors.arrangements import Arrangement, TypeGroup
from planner.timetable.schedule import DroneDay, Floats, LegWriter, Piece
from planner.tracks.lanes import Point, Track
from planner.ways.deadheads import Deadheads, find_deadheads
from planner.ways.visibility import DeadheadParams

#: Ways bend at corners of the airspace that are simplified by this part of the widest swath.
_CORNER_PART = 0.05


@dataclass(frozen=True, kw_only=True, slots=True)
class Team:
    """A nation's drones with where they start, where they may fly and how high they work. `turned_rad` is the most by which
    courses in the local frame differ from true ones there. `surfaces`, by type, are empty where the earth is flat, and `barred` is
    the ground that is too steep for some types.
    """

    drones: tuple[Drone, ...]
    types: tuple[DroneType, ...]
    bases: tuple[Base, ...]
    places: tuple[Point, ...]
    heights_m: Mapping[str, float]
    flyable: BaseGeometry
    approach: BaseGeometry
    turned_rad: float
    frame: LocalFrame
    surfaces: Mapping[str, FlyingSurface]
    barred: Mapping[str, BaseGeometry]

    @property
    def base_ids(self) -> tuple[str, ...]:
        return tuple(base.id for base in self.bases)

    def of_type(self, drone_type: DroneType) -> list[Drone]:
        return [drone for drone in self.drones if drone.type == drone_type.id]

    def base_of(self, drone: Drone) -> int:
        return self.base_ids.index(drone.base)

    def top_m(self, drone_type: DroneType) -> float:
        """How high the type's drones take off at most."""
        surface = self.surfaces.get(drone_type.id)
        return max(
            top_m(surface, drone_type, self.bases[self.base_of(drone)], self.heights_m[drone.id]) for drone in self.of_type(drone_type)
        )

    def flyable_by(self, drone_type: DroneType) -> BaseGeometry:
        """Where the nation's drones of the type may fly, and can."""
        return _without(self.flyable, self.barred.get(drone_type.id))

    def within_sight(self, arrangement: Arrangement) -> Arrangement:
        """The ground that each type can see; what it cannot, because it is too steep for it, goes to the first that can."""
        if not self.barred:
            return arrangement
        seen = {each.id: self.flyable_by(each).buffer(each.swath_m / 2) for each in self.types}
        found = [(each, polygons_of(part.intersection(seen[each.id]))) for each, part in arrangement]
        left = overlay.union(part.difference(seen[each.id]) for each, part in arrangement)
        for each in self.types:
            found.append((each, polygons_of(left.intersection(seen[each.id]))))
            left = left.difference(seen[each.id])
        return tuple((each, part) for each, part in found if not part.is_empty)

    def approach_of(self, drone_type: DroneType) -> BaseGeometry:
        return _without(self.approach, self.barred.get(drone_type.id))


def _without(ground: BaseGeometry, barred: BaseGeometry | None) -> BaseGeometry:
    return ground if barred is None else polygons_of(ground.difference(barred))


def team_of(spec: MissionSpec, airspace: Airspace, nation: str, heights_m: Mapping[str, float]) -> Team:
    drones = tuple(drone for drone in spec.drones if drone.nation == nation)
    bases = tuple(spec.base(base) for base in dict.fromkeys(drone.base for drone in drones))
    types = nation_types(spec, nation)
    found = surfaces(spec)
    return Team(
        drones=drones,
        types=types,
        bases=bases,
        places=tuple(airspace.frame.point_to_local(base.location) for base in bases),
        heights_m=heights_m,
        flyable=airspace.flyable[nation],
        approach=airspace.approach[nation],
        turned_rad=airspace.frame.most_turned_rad(airspace.approach[nation]),
        frame=airspace.frame,
        surfaces=found,
        barred=_barred(found, airspace.frame, bases),
    )


def _barred(found: Mapping[str, FlyingSurface], frame: LocalFrame, bases: Sequence[Base]) -> dict[str, BaseGeometry]:
    """By type, where there is any; the highest base counts for all."""
    top_m = max((base.elevation_m for base in bases), default=0.0)
    barred = {name: surface.barred(frame, top_m) for name, surface in found.items()}
    return {name: ground for name, ground in barred.items() if not ground.is_empty}


def groups_of(team: Team) -> list[TypeGroup]:
    groups = []
    for drone_type in team.types:
        own = team.of_type(drone_type)
        east_m, north_m = np.mean([team.places[team.base_of(drone)] for drone in own], axis=0)
        groups.append(TypeGroup(drone_type=drone_type, count=len(own), place=(float(east_m), float(north_m))))
    return groups


def why_unserved(problem: FleetProblem, track: int) -> str:
    """The best any drone could do, in words."""
    alone = [(float(problem.alone_s(seat)[track]), seat) for seat in range(len(problem.seats))]
    needs_s, seat = min(alone)
    drone, limit_s = problem.seats[seat].drone, problem.class_of(seat).limit_s
    if math.isinf(needs_s):
        return "no drone has a legal way there and back with room to turn"
    overhead_s = problem.class_of(seat).overhead_s
    return f"drone {drone} cannot reach it and return: needs {needs_s + overhead_s:.0f} s, has {limit_s + overhead_s:.0f} s"


def problem_of(spec: MissionSpec, team: Team, pieces: Sequence[Piece]) -> tuple[FleetProblem, Mapping[str, Deadheads]]:
    tracks = [piece.track for piece in pieces]
    usual = DeadheadParams()
    # Who sees wide flies far: a corner cut short by a twentieth of the swath is nothing to it, and there are far fewer of them.
    tolerance_m = max(usual.corner_tolerance_m, _CORNER_PART * max(drone_type.swath_m for drone_type in team.types))
    ways: dict[str, Deadheads] = {}
    for types in _alike(team):
        ways |= find_deadheads(
            types,
            tracks,
            team.places,
            spec.wind,
            flyable=team.flyable_by(types[0]),
            approach=team.approach_of(types[0]),
            params=replace(usual, corner_tolerance_m=tolerance_m),
        )
    classes = tuple(_drone_class(spec, team, drone_type, pieces, ways[drone_type.id]) for drone_type in team.types)
    order = {drone_type.id: index for index, drone_type in enumerate(team.types)}
    seats = tuple(Seat(drone=drone.id, drone_class=order[drone.type], base=team.base_of(drone)) for drone in team.drones)
    return FleetProblem(tracks=len(pieces), classes=classes, seats=seats, objective=spec.objective), ways


def _alike(team: Team) -> list[Sequence[DroneType]]:
    """Types that can fly over the same ground together, each of the others by itself."""
    free = [each for each in team.types if each.id not in team.barred]
    return [*([free] if free else []), *([each] for each in team.types if each.id in team.barred)]


def _drone_class(spec: MissionSpec, team: Team, drone_type: DroneType, pieces: Sequence[Piece], ways: Deadheads) -> DroneClass:
    height_m = team.top_m(drone_type)
    vertical_s = cost.takeoff_s(drone_type, height_m) + cost.landing_s(drone_type, height_m)
    straight = Straights(spec.wind, team, drone_type)
    service_s = np.full(2 * len(pieces), np.inf)
    served = np.flatnonzero(_may_sweep(team, drone_type, pieces))
    # Both ways of each track: over ground a climb one way is a descent the other.
    service_s[np.stack([2 * served, 2 * served + 1], axis=1).ravel()] = straight.seconds(
        [ends for index in served.tolist() for ends in _both_ways(pieces[index].track)]
    )
    usable_s = cost.usable_cruise_s(drone_type, height_m)
    return DroneClass(
        id=drone_type.id,
        service_s=service_s,
        out_s=straight.slowed(ways.out_s),
        between_s=_with_continuations(straight.slowed(ways.between_s), service_s, pieces, straight),
        home_s=straight.slowed(ways.home_s),
        limit_s=usable_s * (1 - cost.most_course_error(drone_type, spec.wind, team.turned_rad)),
        overhead_s=vertical_s,
        swap_s=drone_type.battery_swap_s,
        cruise_w=drone_type.power_cruise_w,
        overhead_wh=vertical_s * drone_type.power_hover_w / 3600,
    )


def _may_sweep(team: Team, drone_type: DroneType, pieces: Sequence[Piece]) -> NDArray[np.bool_]:
    """A drone that sees less than the lane counts on may not fly it, and one that cannot follow the ground there cannot."""
    sees = np.array([drone_type.swath_m >= piece.track.swath_m - 1e-6 for piece in pieces], dtype=np.bool_)
    barred = team.barred.get(drone_type.id)
    if barred is None or not pieces:
        return sees
    return np.asarray(sees & ~shapely.intersects(barred, [piece.track.line for piece in pieces]))


def _both_ways(track: Track) -> tuple[tuple[Point, Point], tuple[Point, Point]]:
    return (track.start, track.end), (track.end, track.start)


class Straights:
    """How long a type takes for straight runs and other ways, over flat earth or over the ground that there is."""

    def __init__(self, wind: Wind, team: Team, drone_type: DroneType) -> None:
        self._wind, self._type = wind, drone_type
        surface = team.surfaces.get(drone_type.id)
        self._follower = None if surface is None else GroundFollower(surface, drone_type, wind, team.frame)
        # Of ways between tracks only the most is known before they are flown: `within_limits` looks at those that are.
        self._steeper = 1.0 if surface is None else math.hypot(1.0, surface.rises)

    def seconds(self, runs: Sequence[tuple[Point, Point]]) -> list[float]:
        """Of each run from one point to another (local metres)."""
        if self._follower is None:
            return [cost.run_s(self._type, self._wind, end[0] - start[0], end[1] - start[1]) for start, end in runs]
        return self._follower.seconds([np.array(run) for run in runs]).tolist() if runs else []

    def slowed(self, ways_s: Floats) -> Floats:
        """Of ways that take so long over flat earth."""
        return ways_s if self._follower is None else ways_s * self._steeper


def _with_continuations(between_s: Floats, service_s: Floats, pieces: Sequence[Piece], straight: Straights) -> Floats:
    """Going straight on along a cut track costs nothing, and saves the pieces' overlap and a copter the stop that both count.

    A run's seconds are concave in its length, so that three pieces on end take no longer than two such savings promise.
    """
    seconds = between_s.copy()
    by_place = {(piece.parent, piece.index): index for index, piece in enumerate(pieces)}
    for (parent, index), here in by_place.items():
        following = by_place.get((parent, index + 1))
        if following is not None and math.isfinite(service_s[2 * here] + service_s[2 * following]):
            start, end = pieces[here].track.start, pieces[following].track.end
            on, back = (2 * here, 2 * following), (2 * following + 1, 2 * here + 1)
            on_s, back_s = straight.seconds([(start, end), (end, start)])
            seconds[on] = on_s - service_s[list(on)].sum()
            seconds[back] = back_s - service_s[list(back)].sum()
    return seconds


def over_limits(
    spec: MissionSpec, team: Team, pieces: Sequence[Piece], ways: Mapping[str, Deadheads], problem: FleetProblem, routes: Routes
) -> tuple[float, ...] | None:
    """By type which part of what sorties take over the ground is left to them, where that is less than all; None where they keep to it.

    Over flat earth they do: what ways take is known there before they are flown.
    """
    if not team.surfaces:
        return None
    parts = dict.fromkeys(range(len(problem.classes)), 1.0)
    for seat, drone, sorties in zip(problem.seats, team.drones, routes, strict=True):
        day = DroneDay(
            drone=drone,
            drone_type=spec.drone_type(drone.type),
            base=team.bases[seat.base],
            base_index=seat.base,
            height_m=team.heights_m[drone.id],
            ways=ways[drone.type],
            surface=team.surfaces[drone.type],
        )
        usable_s = cost.usable_cruise_s(day.drone_type, day.top_m)
        for number, states in enumerate(sorties, start=1):
            legs = LegWriter(team.frame, spec.wind, drone.nation).sortie(day, number, states, pieces).legs
            parts[seat.drone_class] = min(parts[seat.drone_class], usable_s / (legs[-1].start_s - legs[0].end_s))
    return None if min(parts.values()) >= 1.0 else tuple(parts.values())


def with_limits(problem: FleetProblem, parts: Sequence[float]) -> FleetProblem:
    """The problem with these parts of its sorties' time, by class."""
    return replace(
        problem, classes=tuple(replace(each, limit_s=each.limit_s * part) for each, part in zip(problem.classes, parts, strict=True))
    )
