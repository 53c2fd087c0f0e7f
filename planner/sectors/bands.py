"""Cut long ground into bands, one for each base's drones, so that each is planned alone, side by side with the others.

Time and memory then grow with the length of a border and not with its square, and each band is measured in a local frame of its own.
Bands tile the ground, so nothing is missed at the seams; launch times are found for all of them together.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from planner.airspace import Airspace
from planner.geo import polygons_of
from planner.model import MissionSpec
from planner.sectors.division import among_bases
from planner.sectors.effort import scaled, seconds_per_m2_along


@dataclass(frozen=True, kw_only=True, slots=True)
class BandParams:
    """Ground that is longer than `longest_m` is cut. Edges get a point every `step_m` before they change frames."""

    longest_m: float = 110_000.0
    step_m: float = 1_000.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Band:
    """A nation's drones and the ground that they sweep: the whole mission's airspace and this part of it (local metres), or a mission of
    its own, whose area it is. The specification has no drones and bases but these.
    """

    nation: str
    spec: MissionSpec
    known: tuple[Airspace, BaseGeometry] | None


def bands_of(
    spec: MissionSpec,
    airspace: Airspace,
    nation: str,
    ground: BaseGeometry,
    params: BandParams | None = None,
    *,
    slower: Mapping[str, float] | None = None,
) -> list[Band]:
    """The nation's ground (local metres) in one band, or one for each of its bases with drones. `slower` is how many times as long as
    estimated the drones of a base take.
    """
    params, slower = params or BandParams(), slower or {}
    drones = [drone for drone in spec.drones if drone.nation == nation]
    bases = list(dict.fromkeys(drone.base for drone in drones))
    if ground.is_empty or len(bases) < 2 or not is_long(ground, params):
        # Whoever plans the band needs to know nothing of other nations' fleets.
        kept = tuple(spec.base(base) for base in bases)
        return [Band(nation=nation, spec=replace(spec, drones=tuple(drones), bases=kept), known=(airspace, ground))]
    at = {base: [drone for drone in drones if drone.base == base] for base in bases}
    places = {base: shapely.Point(airspace.frame.point_to_local(spec.base(base).location)) for base in bases}
    estimates = {base: scaled(seconds_per_m2_along(spec, airspace.frame, at[base]), slower.get(base, 1.0)) for base in bases}
    parts = among_bases(ground, places, estimates)
    found = []
    for base in bases:
        part = polygons_of(parts[base])
        shape = airspace.frame.to_geographic(shapely.segmentize(part, params.step_m))
        if not part.is_empty:
            own = replace(spec, area=shape, drones=tuple(at[base]), bases=(spec.base(base),))
            found.append(Band(nation=nation, spec=own, known=None))
    return found


def is_long(ground: BaseGeometry, params: BandParams | None = None) -> bool:
    """Whether ground (local metres) is so long that it is cut."""
    west, south, east, north = ground.bounds
    return not ground.is_empty and float(np.hypot(east - west, north - south)) > (params or BandParams()).longest_m
