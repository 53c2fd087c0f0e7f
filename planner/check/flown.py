"""Sorties with their names resolved and their legs measured: what the rules judge, and what is too broken to judge."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from planner.check.params import CheckParams
from planner.geo import LatLon, Position, geodesic_m, geodesic_points, geodesic_steps_m
from planner.model import Base, Drone, DroneType, Leg, Plan, Rule, Sortie, Violation


@dataclass(frozen=True, eq=False, kw_only=True, slots=True)
class FlownLeg:
    """A leg with everything it refers to. `points` are those stated, cut so that no segment passes 5 km.

    `horizontal_m` and `climb_m` have one value a segment, `heights_m` and `times_s` one a point, `degrees` one row a point:
    longitude, latitude.
    """

    sortie: Sortie
    drone: Drone
    drone_type: DroneType
    start_base: Base
    leg: Leg
    index: int
    points: tuple[Position, ...]
    degrees: NDArray[np.float64]
    horizontal_m: NDArray[np.float64]
    climb_m: NDArray[np.float64]
    heights_m: NDArray[np.float64]
    times_s: NDArray[np.float64]

    @property
    def duration_s(self) -> float:
        return self.leg.end_s - self.leg.start_s

    @property
    def seen_swath_m(self) -> float:
        """What the drone's sensor sees across from the leg's lowest height."""
        return max(self.drone_type.sensor.width_m(float(self.heights_m.min())), 0.0)


@dataclass(frozen=True, eq=False, kw_only=True, slots=True)
class FlownSortie:
    """A sortie with everything it refers to; it has at least one leg."""

    sortie: Sortie
    drone: Drone
    drone_type: DroneType
    start_base: Base
    end_base: Base
    legs: tuple[FlownLeg, ...]


@dataclass(frozen=True, slots=True)
class _Names:
    drones: Mapping[str, Drone]
    drone_types: Mapping[str, DroneType]
    bases: Mapping[str, Base]
    nations: frozenset[str]


def resolve(plan: Plan, params: CheckParams) -> tuple[tuple[FlownSortie, ...], tuple[Violation, ...]]:
    """The sorties that can be judged, and why the others cannot; no rule looks at those any further."""
    names = _Names(
        {drone.id: drone for drone in plan.drones},
        {drone_type.id: drone_type for drone_type in plan.drone_types},
        {base.id: base for base in plan.bases},
        frozenset(nation.id for nation in plan.nations),
    )
    flown: list[FlownSortie] = []
    unfit = list(_repeated_ids(plan))
    for sortie in plan.sorties:
        faults = list(_faults(sortie, names))
        unfit += faults
        if not faults:
            flown.append(_flown_sortie(sortie, names, params))
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


def _faults(sortie: Sortie, names: _Names) -> Iterator[Violation]:
    who = f"drone {sortie.drone}, sortie {sortie.id}"
    for text in _name_faults(sortie, names):
        yield _unfit(Rule.BASE, sortie.id, f"{who}: {text}; nothing else of this sortie can be judged")
    if not sortie.legs:
        yield _unfit(Rule.CONTINUITY, sortie.id, f"{who}: it has no legs")
    if not (math.isfinite(sortie.start_s) and math.isfinite(sortie.end_s)):
        yield _unfit(Rule.TIMING, sortie.id, f"{who}: its times {sortie.start_s} to {sortie.end_s} are not numbers")
    for index, leg in enumerate(sortie.legs):
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
    return None


def _unfit(rule: Rule, subject: str, text: str, *, amount: float = 0.0) -> Violation:
    return Violation(rule=rule, subject=subject, amount=amount, unit="", text=text)


def _flown_sortie(sortie: Sortie, names: _Names, params: CheckParams) -> FlownSortie:
    drone = names.drones[sortie.drone]
    drone_type = names.drone_types[drone.type]
    start_base = names.bases[sortie.start_base]
    end_base = names.bases[sortie.end_base]
    flown = FlownSortie(sortie=sortie, drone=drone, drone_type=drone_type, start_base=start_base, end_base=end_base, legs=())
    return replace(flown, legs=tuple(_flown_legs(flown, params)))


def _flown_legs(flown: FlownSortie, params: CheckParams) -> Iterator[FlownLeg]:
    """All legs of the sortie, measured together: that is many times faster than one by one."""
    paths: list[tuple[Position, ...]] = [leg.points for leg in flown.sortie.legs]
    rows, steps_m = _measured(paths)
    if steps_m.max() > params.max_segment_m:
        paths = [_cut(path, params.max_segment_m) for path in paths]
        rows, steps_m = _measured(paths)
    climbs_m = np.diff(rows[:, 2], prepend=rows[0, 2])
    ends = np.cumsum([len(path) for path in paths])
    firsts = np.concatenate([[0], ends[:-1]])
    steps_m[firsts] = climbs_m[firsts] = 0.0
    times_s = _times_s(flown.sortie, np.hypot(steps_m, climbs_m), firsts, ends)
    for index, (leg, path, first, end) in enumerate(zip(flown.sortie.legs, paths, firsts.tolist(), ends.tolist(), strict=True)):
        yield FlownLeg(
            sortie=flown.sortie,
            drone=flown.drone,
            drone_type=flown.drone_type,
            start_base=flown.start_base,
            leg=leg,
            index=index,
            points=path,
            degrees=rows[first:end, :2],
            horizontal_m=steps_m[first + 1 : end],
            climb_m=climbs_m[first + 1 : end],
            heights_m=rows[first:end, 2],
            times_s=times_s[first:end],
        )


def _measured(paths: Sequence[Sequence[Position]]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """A row of longitude, latitude and height for each point of the paths, and the metres to each from the one before (0 to the
    first): between two paths that is no segment.
    """
    rows = np.array([(point.lon_deg, point.lat_deg, point.height_m) for path in paths for point in path])
    return rows, np.concatenate([[0.0], geodesic_steps_m(rows[:, 1], rows[:, 0])])


def _times_s(sortie: Sortie, steps_m: NDArray[np.float64], firsts: NDArray[np.int64], ends: NDArray[np.int64]) -> NDArray[np.float64]:
    """When the drone is at each point: constant speed along a leg's path, climbs included; legs without length take equal parts."""
    counts = ends - firsts
    travelled_m = np.cumsum(steps_m)
    travelled_m -= np.repeat(travelled_m[firsts], counts)
    lengths_m = np.repeat(travelled_m[ends - 1], counts)
    numbers = np.arange(len(steps_m)) - np.repeat(firsts, counts)
    part = np.where(lengths_m > 0, travelled_m / np.where(lengths_m > 0, lengths_m, 1.0), numbers / np.repeat(counts - 1, counts))
    limits_s = np.array([(leg.start_s, leg.end_s) for leg in sortie.legs])
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
