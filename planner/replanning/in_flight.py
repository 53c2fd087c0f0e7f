"""Put the rest of a sortie in the air in another's place: the legs up to there stay, what follows is written anew."""

from __future__ import annotations

from dataclasses import replace

from planner import cost, geo
from planner.geo import LatLon
from planner.model import DroneType, Leg, LegKind, Sortie
from planner.timetable.sortie_names import next_version


def beginning(sortie: Sortie, last_leg: int) -> Sortie:
    """The sortie up to the end of this leg: what stays."""
    legs = sortie.legs[: last_leg + 1]
    return replace(sortie, legs=legs, end_s=legs[-1].end_s, energy_wh=sum(leg.energy_wh for leg in legs))


def rest(part: Sortie, written: Sortie) -> Sortie:
    """What follows the first SWEEP of a sortie that was written along the end of the part's last lane, from exactly where that ends."""
    here = part.legs[-1].end
    stub = next(index for index, leg in enumerate(written.legs) if leg.kind is LegKind.SWEEP)
    first, *others = written.legs[stub + 1 :]
    first = replace(first, start=here, path=(here, *first.path[1:]) if first.path is not None else None)
    return replace(written, id=next_version(part.id), legs=(first, *others), start_s=first.start_s)


def joined(part: Sortie, following: Sortie, drone_type: DroneType) -> Sortie:
    """Both as one sortie under its next name; between them the drone holds until what follows begins."""
    legs = [*part.legs]
    last, wait_s = part.legs[-1], following.start_s - part.end_s
    if wait_s > 0:
        energy_wh = cost.energy_wh(drone_type, LegKind.HOLD, wait_s)
        legs.append(Leg(kind=LegKind.HOLD, start=last.end, end=last.end, start_s=last.end_s, end_s=following.start_s, energy_wh=energy_wh))
    legs += following.legs
    return replace(following, legs=tuple(legs), start_s=legs[0].start_s, energy_wh=sum(leg.energy_wh for leg in legs))


def towards(place: LatLon, other: LatLon, metres: float) -> LatLon:
    """The point so far from the place towards the other one, or that one when it is nearer."""
    whole_m = geo.geodesic_m(place, other)
    if whole_m <= metres:
        return other
    return geo.destination(place, bearing_deg=geo.azimuth_deg(place, other), distance_m=metres)
