"""Sorties with their names resolved and their legs measured: what the rules judge, and what is too broken to judge."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise
from operator import attrgetter

import numpy as np
from numpy.typing import NDArray

from planner.check.params import CheckParams
from planner.geo import LatLon, Position, geodesic_m, geodesic_points, geodesic_steps_m
from planner.model import AboveGround, Base, Drone, DroneType, Leg, Plan, Rule, Sortie, Violation

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True, eq=False, kw_only=True, slots=True)
class Flight:
    """A sortie with everything it refers to, and its points measured, leg after leg; they are those stated, cut so that no segment
    passes 5 km.

    `rows` are longitude, latitude and height of each point. `steps_m` (over ground), `climbs_m` and `times_s` have one value a point;
    steps lead to a point from the one before, and are 0 where a leg begins. `firsts` are the legs' first points.
    """

    sortie: Sortie
    drone: Drone
    drone_type: DroneType
    start_base: Base
    end_base: Base
    rows: Floats
    steps_m: Floats
    climbs_m: Floats
    times_s: Floats
    firsts: Integers
    knows_ground: bool


@dataclass(frozen=True, eq=False, slots=True)
class FlownLeg:
    """A leg, with its part of the flight's points from `first` up to `end`.

    `horizontal_m` and `climb_m` have one value a segment, `heights_m` and `times_s` one a point, `degrees` one row a point:
    longitude, latitude.
    """

    flight: Flight
    leg: Leg
    index: int
    points: tuple[Position, ...]
    first: int
    end: int

    @property
    def sortie(self) -> Sortie:
        return self.flight.sortie

    @property
    def drone(self) -> Drone:
        return self.flight.drone

    @property
    def drone_type(self) -> DroneType:
        return self.flight.drone_type

    @property
    def start_base(self) -> Base:
        return self.flight.start_base

    @property
    def degrees(self) -> Floats:
        return self.flight.rows[self.first : self.end, :2]

    @property
    def heights_m(self) -> Floats:
        return self.flight.rows[self.first : self.end, 2]

    @property
    def horizontal_m(self) -> Floats:
        return self.flight.steps_m[self.first + 1 : self.end]

    @property
    def climb_m(self) -> Floats:
        return self.flight.climbs_m[self.first + 1 : self.end]

    @property
    def times_s(self) -> Floats:
        return self.flight.times_s[self.first : self.end]

    @property
    def duration_s(self) -> float:
        return self.leg.end_s - self.leg.start_s

    @property
    def seen_swath_m(self) -> float:
        """What the drone's sensor sees across from the leg's lowest height, above the ground where that is stated."""
        return max(self.drone_type.sensor.width_m(self.lowest_m), 0.0)

    @property
    def above_ground(self) -> AboveGround | None:
        """What is stated of it, in a plan that knows its terrain."""
        return self.leg.above_ground if self.flight.knows_ground else None

    @property
    def lowest_m(self) -> float:
        return float(self.heights_m.min()) if self.above_ground is None else self.above_ground.least_m


@dataclass(frozen=True, eq=False, slots=True)
class FlownSortie:
    """A flight and its legs, of which there is one at least."""

    flight: Flight
    legs: tuple[FlownLeg, ...]

    @property
    def sortie(self) -> Sortie:
        return self.flight.sortie

    @property
    def drone(self) -> Drone:
        return self.flight.drone

    @property
    def drone_type(self) -> DroneType:
        return self.flight.drone_type

    @property
    def start_base(self) -> Base:
        return self.flight.start_base

    @property
    def end_base(self) -> Base:
        return self.flight.end_base


@dataclass(frozen=True, slots=True)
class _Names:
    drones: Mapping[str, Drone]
    drone_types: Mapping[str, DroneType]
    bases: Mapping[str, Base]
    nations: frozenset[str]
    knows_ground: bool


@dataclass(frozen=True, eq=False, slots=True)
class _Stated:
    """A sortie's legs as they are stated: their points, a row of longitude, latitude and height for each point, leg after leg, and when
    legs start and end.
    """

    paths: Sequence[Sequence[Position]]
    rows: Floats
    limits_s: Floats


def _stated(sortie: Sortie) -> _Stated:
    paths = [leg.points for leg in sortie.legs]
    limits_s = np.array([(leg.start_s, leg.end_s) for leg in sortie.legs])
    return _Stated(paths, _rows(list(chain.from_iterable(paths))), limits_s)


def _rows(points: Sequence[Position]) -> Floats:
    """Longitude, latitude and height of each."""
    values = [attrgetter("lon_deg"), attrgetter("lat_deg"), attrgetter("height_m")]
    return np.column_stack([np.fromiter(map(value, points), dtype=np.float64, count=len(points)) for value in values])


def resolve(plan: Plan, params: CheckParams) -> tuple[tuple[FlownSortie, ...], tuple[Violation, ...]]:
    """The sorties that can be judged, and why the others cannot; no rule looks at those any further."""
    names = _Names(
        {drone.id: drone for drone in plan.drones},
        {drone_type.id: drone_type for drone_type in plan.drone_types},
        {base.id: base for base in plan.bases},
        frozenset(nation.id for nation in plan.nations),
        plan.terrain is not None,
    )
    flown: list[FlownSortie] = []
    unfit = list(_repeated_ids(plan))
    for sortie in plan.sorties:
        stated = _stated(sortie)
        faults = list(_faults(sortie, stated, names))
        unfit += faults
        if not faults:
            flown.append(_flown_sortie(sortie, stated, names, params))
    return tuple(flown), tuple(unfit)


def _repeated_ids(plan: Plan) -> Iterator[Violation]:
    kinds: tuple[tuple[str, Rule, Iterable[str]], ...] = (
        ("nation", Rule.BASE, (nation.id for nation in plan.nations)),
        ("base", Rule.BASE, (base.id for base in plan.bases)),
        ("drone type", Rule.BASE, (drone_type.id for drone_type in plan.drone_types)),
        ("drone", Rule.BASE, (drone.id for drone in plan.drones)),
        ("sortie", Rule.CONTINUITY, (sortie.id for sortie in plan.sorties)),
        ("lane", Rule.LANE_MISSING, (lane.id for lane in plan.lanes)),
    )
    for kind, rule, ids in kinds:
        for name, count in Counter(ids).items():
            if count > 1:
                yield _unfit(rule, name, f"the {kind} id {name!r} is used {count} times", amount=count - 1)


def _faults(sortie: Sortie, stated: _Stated, names: _Names) -> Iterator[Violation]:
    who = f"drone {sortie.drone}, sortie {sortie.id}"
    for text in _name_faults(sortie, names):
        yield _unfit(Rule.BASE, sortie.id, f"{who}: {text}; nothing else of this sortie can be judged")
    if not sortie.legs:
        yield _unfit(Rule.CONTINUITY, sortie.id, f"{who}: it has no legs")
    if not (math.isfinite(sortie.start_s) and math.isfinite(sortie.end_s)):
        yield _unfit(Rule.TIMING, sortie.id, f"{who}: its times {sortie.start_s} to {sortie.end_s} are not numbers")
    for index, leg in enumerate(() if _is_legible(sortie, stated) else sortie.legs):
        fault = _leg_fault(leg)
        if fault is not None:
            rule, text = fault
            yield _unfit(rule, f"{sortie.id}.legs[{index}]", f"{who}, legs[{index}] {leg.kind.value}: {text}")


def _name_faults(sortie: Sortie, names: _Names) -> Iterator[str]:
    drone = names.drones.get(sortie.drone)
    if drone is None:
        yield f"the plan has no drone {sortie.drone!r}"
    else:
        if drone.type not in names.drone_types:
            yield f"the plan has no drone type {drone.type!r}"
        if drone.base not in names.bases:
            yield f"the plan has no base {drone.base!r}, where the drone belongs"
        if drone.nation not in names.nations:
            yield f"the plan has no nation {drone.nation!r}"
    for base_id in dict.fromkeys((sortie.start_base, sortie.end_base)):
        base = names.bases.get(base_id)
        if base is None:
            yield f"the plan has no base {base_id!r}"
        elif not math.isfinite(base.elevation_m):
            yield f"the elevation {base.elevation_m} of base {base_id!r} is not a number"


def _is_legible(sortie: Sortie, stated: _Stated) -> bool:
    """Whether no leg has a fault: all legs at once, which is many times faster than one by one."""
    bent = [leg for leg in sortie.legs if leg.path is not None]
    rows = np.concatenate([stated.rows, _rows([end for leg in bent for end in (leg.start, leg.end)])])
    on_earth = (np.abs(rows[:, 1]) <= 90.0) & (rows[:, 0] >= -180.0) & (rows[:, 0] <= 360.0) & np.isfinite(rows[:, 2])
    sound = not any(_is_amiss(leg.above_ground) for leg in sortie.legs)
    return bool(sound and np.isfinite(stated.limits_s).all() and on_earth.all() and all(len(leg.points) > 1 for leg in bent))


def _is_amiss(above: AboveGround | None) -> bool:
    return above is not None and not -math.inf < above.least_m <= above.most_m < math.inf


def _leg_fault(leg: Leg) -> tuple[Rule, str] | None:
    if not (math.isfinite(leg.start_s) and math.isfinite(leg.end_s)):
        return Rule.TIMING, f"its times {leg.start_s} to {leg.end_s} are not numbers"
    if len(leg.points) < 2:
        return Rule.CONTINUITY, f"its path has {len(leg.points)} points, at least 2 are needed"
    for point in leg.points if leg.path is None else (leg.start, leg.end, *leg.path):
        if not (-90.0 <= point.lat_deg <= 90.0 and -180.0 <= point.lon_deg <= 360.0):
            return Rule.CONTINUITY, f"latitude {point.lat_deg}, longitude {point.lon_deg} is no place on earth"
        if not math.isfinite(point.height_m):
            return Rule.ALTITUDE, f"the height {point.height_m} is not a number"
    if _is_amiss(leg.above_ground):
        return Rule.ALTITUDE, f"its heights above ground {leg.above_ground} are no least and greatest"
    return None


def _unfit(rule: Rule, subject: str, text: str, *, amount: float = 0.0) -> Violation:
    return Violation(rule=rule, subject=subject, amount=amount, unit="", text=text)


def _flown_sortie(sortie: Sortie, stated: _Stated, names: _Names, params: CheckParams) -> FlownSortie:
    """All legs of the sortie, measured together: that is many times faster than one by one."""
    drone = names.drones[sortie.drone]
    paths, rows = stated.paths, stated.rows
    steps_m = _steps_m(rows)
    if steps_m.max() > params.max_segment_m:
        paths = [_cut(path, params.max_segment_m) for path in paths]
        rows = _rows(list(chain.from_iterable(paths)))
        steps_m = _steps_m(rows)
    climbs_m = np.diff(rows[:, 2], prepend=rows[0, 2])
    ends = np.cumsum([len(path) for path in paths])
    firsts = np.concatenate([[0], ends[:-1]])
    steps_m[firsts] = climbs_m[firsts] = 0.0
    flight = Flight(
        sortie=sortie,
        drone=drone,
        drone_type=names.drone_types[drone.type],
        start_base=names.bases[sortie.start_base],
        end_base=names.bases[sortie.end_base],
        rows=rows,
        steps_m=steps_m,
        climbs_m=climbs_m,
        times_s=_times_s(stated.limits_s, np.hypot(steps_m, climbs_m), firsts, ends),
        firsts=firsts,
        knows_ground=names.knows_ground,
    )
    stretches = zip(range(len(paths)), sortie.legs, paths, firsts.tolist(), ends.tolist(), strict=True)
    return FlownSortie(flight, tuple(FlownLeg(flight, leg, index, tuple(path), first, end) for index, leg, path, first, end in stretches))


def _steps_m(rows: Floats) -> Floats:
    """The metres to each point from the one before (0 to the first); between two legs that is no segment."""
    return np.concatenate([[0.0], geodesic_steps_m(rows[:, 1], rows[:, 0])])


def _times_s(limits_s: Floats, steps_m: Floats, firsts: Integers, ends: Integers) -> Floats:
    """When the drone is at each point: constant speed along a leg's path, climbs included; legs without length take equal parts."""
    counts = ends - firsts
    travelled_m = np.cumsum(steps_m)
    travelled_m -= np.repeat(travelled_m[firsts], counts)
    lengths_m = np.repeat(travelled_m[ends - 1], counts)
    numbers = np.arange(len(steps_m)) - np.repeat(firsts, counts)
    part = np.where(lengths_m > 0, travelled_m / np.where(lengths_m > 0, lengths_m, 1.0), numbers / np.repeat(counts - 1, counts))
    start_s, end_s = np.repeat(limits_s, counts, axis=0).T
    return np.asarray(start_s + (end_s - start_s) * part)


def _cut(points: Sequence[Position], max_step_m: float) -> tuple[Position, ...]:
    cut = [points[0]]
    for a, b in pairwise(points):
        if geodesic_m(a, b) > max_step_m:
            cut += _between(a, b, max_step_m)
        cut.append(b)
    return tuple(cut)


def _between(a: Position, b: Position, max_step_m: float) -> Iterator[Position]:
    ground: list[LatLon] = geodesic_points(a.ground, b.ground, max_step_m=max_step_m)
    for step, point in enumerate(ground[1:-1], start=1):
        height_m = a.height_m + (b.height_m - a.height_m) * step / (len(ground) - 1)
        yield Position(lat_deg=point.lat_deg, lon_deg=point.lon_deg, height_m=height_m)
