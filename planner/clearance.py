"""How high legs pass above the ground, where a terrain says how high that is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from planner.geo import LatLon, geodesic_points
from planner.model import Base, LegKind, MissionSpec, Plan, Rule, Sortie, Violation
from planner.terrain import Terrain

#: A base whose stated elevation is further off the terrain's is told: heights above sea level count from it.
_BASE_OFF_M = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Clearance:
    """The lowest that a leg passes above the ground, where, and when; None when the terrain does not reach to all of the leg."""

    sortie: str
    leg: int
    clearance_m: float | None
    place: LatLon
    at_s: float


def terrain_notes(spec: MissionSpec, sorties: Sequence[Sortie]) -> Iterator[str]:
    """What a plan says of the ground below it. Nothing that is planned follows the ground so far."""
    if spec.terrain is None:
        yield "flat earth: heights are above each drone's base, no terrain was given"
        return
    yield f"flat earth: lanes and heights do not follow the ground, but were held against {spec.terrain.text}"
    yield from spec.terrain.source.remarks
    yield from base_notes(spec.bases, spec.terrain)
    found = clearances(sorties, {base.id: base for base in spec.bases}, spec.terrain)
    known = [(each.clearance_m, each) for each in found if each.clearance_m is not None]
    if known:
        lowest_m, lowest = min(known, key=lambda each: each[0])
        yield f"lowest above the ground: {lowest_m:.0f} m, on leg {lowest.leg} of {lowest.sortie}"
    if len(known) < len(found):
        yield f"{len(found) - len(known)} legs lead over ground whose height the terrain does not know"


def base_notes(bases: Iterable[Base], terrain: Terrain) -> Iterator[str]:
    """Bases whose stated elevation is not the terrain's."""
    for base in bases:
        (ground_m,) = terrain.height_m(np.array([base.location.lat_deg]), np.array([base.location.lon_deg])).tolist()
        if abs(ground_m - base.elevation_m) > _BASE_OFF_M:
            yield f"base {base.id} is said to lie at {base.elevation_m:g} m, the terrain has {ground_m:.0f} m there"


def too_low(plan: Plan, terrain: Terrain, *, least_m: float) -> tuple[Violation, ...]:
    """Legs that pass lower than `least_m` above the ground, and those that lead where its height is not known."""
    found = clearances(plan.sorties, {base.id: base for base in plan.bases}, terrain)
    return tuple(_violation(each, least_m) for each in found if each.clearance_m is None or each.clearance_m < least_m)


def _violation(found: Clearance, least_m: float) -> Violation:
    known_m = found.clearance_m
    return Violation(
        rule=Rule.ALTITUDE,
        subject=found.sortie,
        amount=0.0 if known_m is None else least_m - known_m,
        unit="m",
        text=f"leg {found.leg} "
        + ("leads where the terrain has no height" if known_m is None else f"passes {known_m:.1f} m above the ground"),
        lat_deg=found.place.lat_deg,
        lon_deg=found.place.lon_deg,
        at_s=found.at_s,
    )


def clearances(sorties: Iterable[Sortie], bases: Mapping[str, Base], terrain: Terrain) -> list[Clearance]:
    """Of every leg but take-offs and landings, which begin and end on the ground; sampled at the terrain's own resolution."""
    step_m = terrain.step_m
    return [
        _clearance(sortie, number, bases[sortie.start_base].elevation_m, terrain, step_m)
        for sortie in sorties
        for number, leg in enumerate(sortie.legs, start=1)
        if leg.kind not in (LegKind.TAKEOFF, LegKind.LAND)
    ]


def _clearance(sortie: Sortie, number: int, elevation_m: float, terrain: Terrain, step_m: float) -> Clearance:
    leg = sortie.legs[number - 1]
    places: list[LatLon] = []
    above_sea_m: list[float] = []
    for begin, end in pairwise(leg.points):
        found = geodesic_points(begin.ground, end.ground, max_step_m=step_m)
        places += found
        above_sea_m += np.linspace(elevation_m + begin.height_m, elevation_m + end.height_m, len(found)).tolist()
    lat_deg, lon_deg = np.array([(place.lat_deg, place.lon_deg) for place in places]).T
    above_ground_m = np.array(above_sea_m) - terrain.height_m(lat_deg, lon_deg)
    is_known = bool(np.isfinite(above_ground_m).all())
    lowest = int(np.argmin(above_ground_m)) if is_known else int(np.argmax(~np.isfinite(above_ground_m)))
    return Clearance(
        sortie=sortie.id,
        leg=number,
        clearance_m=float(above_ground_m[lowest]) if is_known else None,
        place=places[lowest],
        at_s=leg.start_s + (leg.end_s - leg.start_s) * lowest / max(len(places) - 1, 1),
    )
