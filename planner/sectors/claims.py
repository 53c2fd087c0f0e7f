"""Who sees which part of the lines and points that patrols ask for: each team of drones a stretch of its own, all about as long.

A team is the drones of one type at one base. Who may see a place is asked first of those whose nation's sector it lies in, then of all.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import LineString
from shapely.geometry.base import BaseGeometry
from shapely.ops import substring

from planner import cost, overlay
from planner.airspace import Airspace
from planner.geo import LocalFrame
from planner.model import Drone, DroneType, MissionSpec, Patrol, PatrolKind
from planner.sectors.allotment import Allotment, Beyond
from planner.tracks.lanes import Point

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True, slots=True)
class ClaimParams:
    """Lines are looked at in cells of `cell_m`, more of them than `least_cells` and fewer than `most_cells`. What is within `sight` of
    half a swath of where a team may fly can be seen. A place within `at_home_m` of a sector is in it. A sortie goes no further than
    `reach` of what its battery lasts for.
    """

    cell_m: float = 100.0
    least_cells: int = 200
    most_cells: int = 4_000
    sight: float = 0.85
    at_home_m: float = 1.5
    reach: float = 0.95


@dataclass(frozen=True, kw_only=True, slots=True)
class Team:
    """A nation's drones of one type at one base. `usable_s` is what one battery lasts in cruise, `away_s` what else a
    sortie takes before the next; nothing where a battery outlasts the patrol. Rounds take `over_s` more than the way along their lines,
    and places wait `pace` times what a round takes by drones: both as learned from rounds that are written (`revisit.sharing`).
    """

    nation: str
    base: str
    drone_type: DroneType
    drones: tuple[Drone, ...]
    place: Point
    usable_s: float
    away_s: float
    over_s: float = 0.0
    pace: float = 1.0

    def seconds(self, length_m: float, off_m: float, far_m: float, params: ClaimParams) -> float:
        """How long a stretch waits at most when all the team's drones fly along it there and back."""
        speed_mps = self.drone_type.cruise_mps
        if 2 * far_m / speed_mps > self.usable_s * params.reach:
            return math.inf
        flown_s = 2 * length_m / speed_mps + max(self.over_s, 2 * off_m / speed_mps)
        sorties = max(1.0, math.ceil(flown_s / self.usable_s))
        return self.pace * (flown_s + sorties * self.away_s) / len(self.drones)


def teams_of(spec: MissionSpec, frame: LocalFrame, heights_m: Mapping[str, float]) -> tuple[Team, ...]:
    """All teams, in the order of the drones."""
    keys = dict.fromkeys((drone.nation, drone.base, drone.type) for drone in spec.drones)
    found = []
    for key in keys:
        nation, base, kind = key
        drone_type = spec.drone_type(kind)
        drones = tuple(drone for drone in spec.drones if (drone.nation, drone.base, drone.type) == key)
        height_m = max(heights_m[drone.id] for drone in drones)
        vertical_s = cost.takeoff_s(drone_type, height_m) + cost.landing_s(drone_type, height_m)
        usable_s = cost.usable_cruise_s(drone_type, height_m)
        outlasts = spec.duration_s is not None and usable_s > spec.duration_s
        found.append(
            Team(
                nation=nation,
                base=base,
                drone_type=drone_type,
                drones=drones,
                place=frame.point_to_local(spec.base(base).location),
                usable_s=usable_s,
                away_s=0.0 if outlasts else vertical_s + drone_type.battery_swap_s,
            )
        )
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Claims:
    """For each team, by number, its own part of the patrols of lines and points; and the parts that nobody may see or reach."""

    patrols: tuple[tuple[Patrol, ...], ...]
    nobody: tuple[Patrol, ...]

    def of(self, numbers: Sequence[int]) -> tuple[Patrol, ...]:
        """The parts of several teams put together."""
        merged: dict[str, Patrol] = {}
        for number in numbers:
            for patrol in self.patrols[number]:
                merged[patrol.id] = _merged(merged[patrol.id], patrol) if patrol.id in merged else patrol
        return tuple(merged.values())


def _merged(one: Patrol, other: Patrol) -> Patrol:
    if one.shape is None or other.shape is None:
        return replace(one, places=(*one.places, *other.places))
    return replace(one, shape=type(one.shape)(shapely.union(one.shape.geometry, other.shape.geometry)))


def claim(
    spec: MissionSpec,
    airspace: Airspace,
    sectors: Mapping[str, BaseGeometry],
    teams: Sequence[Team],
    params: ClaimParams | None = None,
) -> Claims:
    """Share out every patrol of lines or points among the teams."""
    params = params or ClaimParams()
    own: list[list[Patrol]] = [[] for _ in teams]
    nobody: list[Patrol] = []
    for patrol in spec.patrols:
        if patrol.has_ground:
            continue
        found = _points(patrol, airspace, sectors, teams, params) if patrol.places else _lines(patrol, airspace, sectors, teams, params)
        for number, part in found.items():
            (nobody if number is None else own[number]).append(part)
    return Claims(tuple(tuple(each) for each in own), tuple(nobody))


def _lines(
    patrol: Patrol, airspace: Airspace, sectors: Mapping[str, BaseGeometry], teams: Sequence[Team], params: ClaimParams
) -> dict[int | None, Patrol]:
    assert patrol.shape is not None
    line = airspace.frame.line(patrol.shape)
    merged = shapely.line_merge(line) if line.geom_type == "MultiLineString" else line
    parts: dict[int | None, list[LineString]] = {}
    for part in shapely.get_parts(merged).tolist():
        for number, stretches in _divided(part, airspace, sectors, teams, params).items():
            parts.setdefault(number, []).extend(stretches)
    return {
        number: replace(patrol, shape=airspace.frame.to_geographic(shapely.line_merge(shapely.MultiLineString(each))))
        for number, each in parts.items()
    }


def _divided(
    line: LineString, airspace: Airspace, sectors: Mapping[str, BaseGeometry], teams: Sequence[Team], params: ClaimParams
) -> dict[int | None, list[LineString]]:
    """The line in stretches by team; None for what is nobody's."""
    count = int(np.clip(line.length / params.cell_m, params.least_cells, params.most_cells))
    marks_m = np.linspace(0.0, line.length, count + 1)
    middles = shapely.get_coordinates(shapely.line_interpolate_point(line, (marks_m[1:] + marks_m[:-1]) / 2))
    able = _able(middles, airspace, sectors, teams, params)
    order = sorted(range(len(teams)), key=lambda number: (line.project(shapely.Point(teams[number].place)), number))
    away_m = [np.hypot(*(middles - np.array(team.place)).T) for team in teams]
    cells = _Cells(marks_m, able, away_m, teams, order, params)
    low_s, high_s = 0.0, 1.0
    while not cells.assigned(high_s)[1] and high_s < 1e8:
        low_s, high_s = high_s, 2 * high_s
    for _ in range(40):
        middle_s = (low_s + high_s) / 2
        low_s, high_s = (low_s, middle_s) if cells.assigned(middle_s)[1] else (middle_s, high_s)
    holders = cells.assigned(high_s)[0]
    found: dict[int | None, list[LineString]] = {}
    edges = [0, *(np.flatnonzero(np.diff(holders)) + 1).tolist(), count]
    for first, last in pairwise(edges):
        holder = int(holders[first])
        stretch = substring(line, float(marks_m[first]), float(marks_m[last]))
        if isinstance(stretch, LineString):
            found.setdefault(None if holder < 0 else holder, []).append(stretch)
    return found


@dataclass(frozen=True, slots=True)
class _Cells:
    """A line in cells: where they end, who may see which, how far each is from the teams' bases."""

    marks_m: Floats
    able: Mask
    away_m: Sequence[Floats]
    teams: Sequence[Team]
    order: Sequence[int]
    params: ClaimParams

    def assigned(self, within_s: float) -> tuple[NDArray[np.int64], bool]:
        """Teams in their order each take what they can within the time, from the line's start on; whether that is all that anybody can."""
        count = self.able.shape[1]
        holders = np.full(count, -1)
        somebody: Mask = np.asarray(self.able.any(axis=0))
        place = 0
        for number in self.order:
            first = place
            while first < count and not somebody[first]:
                first += 1
            last = self._furthest(number, first, within_s)
            holders[first:last][self.able[number, first:last]] = number
            place = max(place, last)
        left = somebody & (holders < 0)
        if left.any():
            # What lies before the reach of the next in order goes to whoever is nearest of those that may.
            numbers = np.where(self.able[:, left], np.stack(self.away_m)[:, left], np.inf).argmin(axis=0)
            holders[left] = numbers
        return holders, not left.any()

    def _furthest(self, number: int, first: int, within_s: float) -> int:
        team, away_m, last = self.teams[number], self.away_m[number], first
        low, high = first, len(away_m)
        able = self.able[number]
        stop = first + int(np.argmin(able[first:])) if not able[first:].all() else high
        high = min(high, stop)
        while low < high:
            last = (low + high + 1) // 2
            reach_m = away_m[first:last]
            length_m = float(self.marks_m[last] - self.marks_m[first])
            if team.seconds(length_m, float(reach_m.min()), float(reach_m.max()), self.params) <= within_s:
                low = last
            else:
                high = last - 1
        return low


def _able(places: Floats, airspace: Airspace, sectors: Mapping[str, BaseGeometry], teams: Sequence[Team], params: ClaimParams) -> Mask:
    """Teams x places: who may see and reach it; those at home alone where there are any."""
    points = np.asarray(shapely.points(places))
    able = np.zeros((len(teams), len(places)), dtype=bool)
    home = np.zeros_like(able)
    for number, team in enumerate(teams):
        sight_m = params.sight * team.drone_type.swath_m / 2
        ground = airspace.flyable[team.nation]
        shapely.prepare(ground)
        reach_m = params.reach * team.usable_s * team.drone_type.cruise_mps / 2
        able[number] = np.asarray(shapely.dwithin(ground, points, sight_m)) & (np.hypot(*(places - np.array(team.place)).T) < reach_m)
        if team.nation in sectors and not sectors[team.nation].is_empty:
            home[number] = shapely.dwithin(sectors[team.nation], points, params.at_home_m)
    at_home: Mask = able & home
    return np.asarray(np.where(np.any(at_home, axis=0), at_home, able), dtype=bool)


def _points(
    patrol: Patrol, airspace: Airspace, sectors: Mapping[str, BaseGeometry], teams: Sequence[Team], params: ClaimParams
) -> dict[int | None, Patrol]:
    """Each point to the team that it takes least time, what the team has already counted."""
    places = np.array([airspace.frame.point_to_local(place.location) for place in patrol.places])
    able = _able(places, airspace, sectors, teams, params)
    load_s = np.zeros(len(teams))
    taken: dict[int | None, list[int]] = {}
    away_m = np.array([np.hypot(*(places - np.array(team.place)).T) for team in teams])
    for index in np.argsort(-away_m.min(axis=0), kind="stable").tolist():
        able_now = np.flatnonzero(able[:, index]).tolist()
        if not able_now:
            taken.setdefault(None, []).append(index)
            continue

        def after_s(number: int, index: int = index) -> float:
            team = teams[number]
            near = [float(np.hypot(*(places[other] - places[index]))) for other in taken.get(number, [])]
            way_m = min([float(away_m[number, index]), *near])
            return float(load_s[number]) + 2 * way_m / team.drone_type.cruise_mps / len(team.drones)

        number = min(able_now, key=after_s)
        load_s[number] = after_s(number)
        taken.setdefault(number, []).append(index)
    return {number: replace(patrol, places=tuple(patrol.places[index] for index in sorted(each))) for number, each in taken.items()}


@dataclass(frozen=True, slots=True)
class Asked:
    """What patrols ask of whom: ground by nation, with what of it nobody sees, and each team's lines and points."""

    ground: BaseGeometry
    allotment: Allotment
    teams: tuple[Team, ...]
    claims: Claims

    def patrols_of(self, spec: MissionSpec, nation: str, base: str | None = None) -> tuple[Patrol, ...]:
        """The mission's patrols as they concern a nation's drones, or those of one of its bases."""
        ground = tuple(patrol for patrol in spec.patrols if patrol.has_ground)
        own = [number for number, team in enumerate(self.teams) if team.nation == nation and base in (None, team.base)]
        return (*ground, *self.claims.of(own))


def ask(
    spec: MissionSpec, airspace: Airspace, sectors: Mapping[str, BaseGeometry], allotment: Allotment, heights_m: Mapping[str, float]
) -> Asked:
    """Who is to see what. The allotment is of all ground that can be covered; less is asked for where no patrol sweeps the area."""
    ground = ground_asked(airspace, spec.patrols)
    if ground is not airspace.area:
        grounds = {nation: overlay.intersection(own, ground) for nation, own in allotment.grounds.items()}
        beyond = tuple(Beyond(overlay.intersection(each.ground, ground), each.reason) for each in allotment.beyond)
        allotment = Allotment(grounds, beyond)
    teams = teams_of(spec, airspace.frame, heights_m)
    return Asked(ground, allotment, teams, claim(spec, airspace, sectors, teams))


def ground_asked(airspace: Airspace, patrols: Sequence[Patrol]) -> BaseGeometry:
    """The ground that these patrols ask for: all of the area for a sweep, corridors by their shape."""
    shapes = [airspace.frame.ground(patrol.shape) for patrol in patrols if patrol.has_ground and patrol.shape is not None]
    if any(patrol.kind is PatrolKind.SWEEP and patrol.shape is None for patrol in patrols):
        return airspace.area
    return shapely.union_all(shapes) if shapes else shapely.Polygon()
