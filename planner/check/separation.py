"""Rule `separation`: while two drones fly they are never closer than both minima at once."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import shapely
from numpy.typing import NDArray

from planner.check.case import Case
from planner.check.findings import plan_finding
from planner.check.flown import FlownLeg
from planner.check.frames import Tile
from planner.check.motion import Meetings, Pieces, in_the_air, meetings
from planner.check.params import CheckParams
from planner.check.shapes import on_earth_m
from planner.geo import LatLon
from planner.model import Rule, Violation


@dataclass(frozen=True, eq=False, kw_only=True, slots=True)
class Approach:
    """The moment at which two drones are closest over ground while nearer in height than the vertical minimum."""

    first: FlownLeg
    second: FlownLeg
    at_s: float
    horizontal_m: float
    vertical_m: float
    place: LatLon


def check_separation(case: Case) -> Iterator[Violation]:
    """One violation for each pair of sorties, at its worst moment."""
    limits = case.plan.limits
    for approach in _approaches(
        case, _forgiving(limits.min_separation_m, case.params), _forgiving(limits.min_vertical_separation_m, case.params)
    ):
        first, second = approach.first, approach.second
        text = (
            f"drone {first.drone.id} (sortie {first.sortie.id}, legs[{first.index}] {first.leg.kind.value}) and "
            f"drone {second.drone.id} (sortie {second.sortie.id}, legs[{second.index}] {second.leg.kind.value}) "
            f"come within {approach.horizontal_m:.1f} m, {approach.vertical_m:.1f} m apart in height; "
            f"the minima are {limits.min_separation_m:g} m and {limits.min_vertical_separation_m:g} m"
        )
        found = plan_finding(
            Rule.SEPARATION,
            f"{first.sortie.id} {second.sortie.id}",
            text,
            amount=limits.min_separation_m - approach.horizontal_m,
            unit="m",
            at=approach.place,
        )
        yield replace(found, at_s=approach.at_s)


def nearest(case: Case) -> Approach | None:
    """The plan's smallest horizontal distance below the vertical minimum; None when heights always keep drones apart."""
    radius_m, vertical_m = on_earth_m(case.plan.limits.min_separation_m), on_earth_m(case.plan.limits.min_vertical_separation_m)
    reach_m = _reach_m(case)
    while True:
        found = _approaches(case, radius_m, vertical_m)
        if found:
            return min(found, key=lambda approach: approach.horizontal_m)
        if radius_m > reach_m:
            return None
        radius_m *= 4


def _forgiving(minimum_m: float, params: CheckParams) -> float:
    """The minimum less the tolerance, which takes a tenth of it at most."""
    return max(on_earth_m(minimum_m) - params.tolerance_m, 0.9 * on_earth_m(minimum_m))


def _approaches(case: Case, horizontal_m: float, vertical_m: float) -> list[Approach]:
    """The closest moment of each pair of sorties that come within both distances, by sortie."""
    closest: dict[tuple[int, int], Approach] = {}
    flights = in_the_air(case.legs)
    for tile, pieces in _by_tile(case, flights, horizontal_m):
        for met in meetings(pieces, horizontal_m=horizontal_m, vertical_m=vertical_m, params=case.params):
            for row in _closest_rows(met):
                pair = (int(met.first_sortie[row]), int(met.second_sortie[row]))
                if pair not in closest or met.horizontal_m[row] < closest[pair].horizontal_m:
                    closest[pair] = _approach(case, tile, met, row)
    return [closest[pair] for pair in sorted(closest)]


def _closest_rows(met: Meetings) -> list[int]:
    """For each pair of sorties the row in which they are closest (the earliest of equals)."""
    order = np.lexsort((met.at_s, met.horizontal_m, met.second_sortie, met.first_sortie))
    pairs = np.column_stack([met.first_sortie, met.second_sortie])[order]
    fresh = np.ones(len(pairs), dtype=np.bool_)
    fresh[1:] = np.any(pairs[1:] != pairs[:-1], axis=1)
    return [int(row) for row in order[fresh]]


def _approach(case: Case, tile: Tile, met: Meetings, row: int) -> Approach:
    first, at_s = case.legs[int(met.first_leg[row])], float(met.at_s[row])
    return Approach(
        first=first,
        second=case.legs[int(met.second_leg[row])],
        at_s=at_s,
        horizontal_m=float(met.horizontal_m[row]),
        vertical_m=float(met.vertical_m[row]),
        place=_place(first, at_s, tile),
    )


def _place(leg: FlownLeg, at_s: float, tile: Tile) -> LatLon:
    times_s = leg.times_s
    lat_deg, lon_deg = np.array([point.lat_deg for point in leg.points]), np.array([point.lon_deg for point in leg.points])
    east_m, north_m = tile.frame.arrays_to_local(lat_deg, lon_deg)
    return tile.frame.point_to_geographic(east_m=float(np.interp(at_s, times_s, east_m)), north_m=float(np.interp(at_s, times_s, north_m)))


def _by_tile(case: Case, flights: Pieces, horizontal_m: float) -> Iterator[tuple[Tile, Pieces]]:
    """Each tile with the pieces that may meet another there, in metres of its frame."""
    if len(flights) == 0:
        return
    x0, y0 = case.grid.overview.arrays_to_local(flights.y0, flights.x0)
    x1, y1 = case.grid.overview.arrays_to_local(flights.y1, flights.x1)
    overview = replace(flights, x0=x0, y0=y0, x1=x1, y1=y1)
    # Distances in the overview frame are never shorter than true, and less than doubled within 12,000 km of its origin.
    reach_m = 2 * horizontal_m
    boxes = shapely.box(
        np.minimum(x0, x1) - reach_m, np.minimum(y0, y1) - reach_m, np.maximum(x0, x1) + reach_m, np.maximum(y0, y1) + reach_m
    )
    for tile in case.tiles:
        if tile.square is None:
            yield tile, overview
        else:
            near: NDArray[np.bool_] = shapely.intersects(tile.square, boxes)
            yield tile, _in_tile(flights.rows(near), tile)


def _in_tile(flights: Pieces, tile: Tile) -> Pieces:
    x0, y0 = tile.frame.arrays_to_local(flights.y0, flights.x0)
    x1, y1 = tile.frame.arrays_to_local(flights.y1, flights.x1)
    return replace(flights, x0=x0, y0=y0, x1=x1, y1=y1)


def _reach_m(case: Case) -> float:
    """No two drones are further apart than this."""
    points = [point for leg in case.legs for point in leg.points]
    if not points:
        return 0.0
    east_m, north_m = case.grid.overview.arrays_to_local(np.array([p.lat_deg for p in points]), np.array([p.lon_deg for p in points]))
    return 2.0 * float(math.hypot(np.ptp(east_m), np.ptp(north_m)))
