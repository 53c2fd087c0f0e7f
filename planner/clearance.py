"""How high legs pass above the ground, where a terrain says how high that is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from planner.geo import LatLon, geodesic_points
from planner.model import AboveGround, Base, LegKind, MissionSpec, Plan, Rule, Sortie, Violation
from planner.terrain import Terrain

#: A base whose stated elevation is further off the terrain's is told: heights above sea level count from it.
_BASE_OFF_M = 10.0
#: Both sample legs, at places of their own.
_STATED_OFF_M = 5.0
_FLIGHT = frozenset(LegKind) - {LegKind.TAKEOFF, LegKind.LAND}


@dataclass(frozen=True, slots=True, kw_only=True)
class Clearance:
    """The lowest that a leg passes above the ground, where, and when; the highest. None when the terrain does not reach to all of it."""

    sortie: str
    leg: int
    clearance_m: float | None
    most_m: float | None
    place: LatLon
    at_s: float


def terrain_notes(spec: MissionSpec, sorties: Sequence[Sortie]) -> Iterator[str]:
    """What a plan says of the ground below it."""
    if spec.terrain is None:
        yield "flat earth: heights are above each drone's base, no terrain was given"
        return
    yield f"legs follow the ground: {spec.terrain.text}"
    yield from spec.terrain.source.remarks
    yield from base_notes(spec.bases, spec.terrain)
    flown = [(leg, sortie.id, number) for sortie in sorties for number, leg in enumerate(sortie.legs, start=1) if leg.kind in _FLIGHT]
    known = [(leg.above_ground, sortie, number) for leg, sortie, number in flown if leg.above_ground is not None]
    if known:
        low, low_sortie, low_leg = min(known, key=lambda each: each[0].least_m)
        high, high_sortie, high_leg = max(known, key=lambda each: each[0].most_m)
        yield (
            f"above the ground: lowest {low.least_m:.0f} m on leg {low_leg} of {low_sortie}, highest {high.most_m:.0f} m on leg {high_leg} "
            f"of {high_sortie}; swaths count as seen from the working height, never more"
        )
    if len(known) < len(flown):
        yield f"{len(flown) - len(known)} legs lead over ground whose height the terrain does not know"


def base_notes(bases: Iterable[Base], terrain: Terrain) -> Iterator[str]:
    """Bases whose stated elevation is not the terrain's."""
    for base in bases:
        (ground_m,) = terrain.height_m(np.array([base.location.lat_deg]), np.array([base.location.lon_deg])).tolist()
        if abs(ground_m - base.elevation_m) > _BASE_OFF_M:
            yield f"base {base.id} is said to lie at {base.elevation_m:g} m, the terrain has {ground_m:.0f} m there"


def against_terrain(plan: Plan, terrain: Terrain, *, least_m: float) -> tuple[Violation, ...]:
    """Legs that pass lower than `least_m` above the ground, that lead where its height is not known, or that state heights above it
    which they do not have.
    """
    stated = {(sortie.id, number): leg.above_ground for sortie in plan.sorties for number, leg in enumerate(sortie.legs, start=1)}
    found = clearances(plan.sorties, {base.id: base for base in plan.bases}, terrain)
    judged = [(each, _fault(each, stated[each.sortie, each.leg] if plan.terrain is not None else None, least_m)) for each in found]
    return tuple(_violation(each, *fault) for each, fault in judged if fault is not None)


def _fault(found: Clearance, stated: AboveGround | None, least_m: float) -> tuple[str, float] | None:
    """In words and metres, the worst."""
    if found.clearance_m is None or found.most_m is None:
        return "leads where the terrain has no height", 0.0
    if found.clearance_m < least_m:
        return f"passes {found.clearance_m:.1f} m above the ground", least_m - found.clearance_m
    if stated is None:
        return None
    off_m = max(abs(stated.least_m - found.clearance_m), abs(stated.most_m - found.most_m))
    if off_m <= _STATED_OFF_M:
        return None
    text = f"states {stated.least_m:.1f} to {stated.most_m:.1f} m above the ground, it is {found.clearance_m:.1f} to {found.most_m:.1f} m"
    return text, off_m


def _violation(found: Clearance, text: str, amount: float) -> Violation:
    return Violation(
        rule=Rule.ALTITUDE,
        subject=found.sortie,
        amount=amount,
        unit="m",
        text=f"leg {found.leg} {text}",
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
        most_m=float(above_ground_m.max()) if is_known else None,
        place=places[lowest],
        at_s=leg.start_s + (leg.end_s - leg.start_s) * lowest / max(len(places) - 1, 1),
    )
