"""Rule `separation`: while two drones fly they are never closer than both minima at once."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
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
from planner.geo import LatLon, LocalFrame
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
    yield from _weaker_than_policies(case)
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


def _weaker_than_policies(case: Case) -> Iterator[Violation]:
    """The plan's minima are those of the strictest nation, or more."""
    limits = case.plan.limits
    for nation in case.plan.nations:
        policy = nation.policy
        for name, stated_m, asked_m in (
            ("horizontal", limits.min_separation_m, policy.min_separation_m),
            ("vertical", limits.min_vertical_separation_m, policy.min_vertical_separation_m),
        ):
            if asked_m is not None and stated_m < asked_m - 1e-9:
                text = f"the {name} minimum is {stated_m:g} m, {nation.id} asks for {asked_m:g} m"
                yield plan_finding(Rule.SEPARATION, "minima", text, amount=asked_m - stated_m, unit="m")


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
    closest: dict[tuple[int, int], tuple[Tile, Meetings, int]] = {}
    flights = in_the_air(case.flights)
    for tile, pieces in _by_tile(case, flights, horizontal_m):
        for met in meetings(pieces, horizontal_m=horizontal_m, vertical_m=vertical_m, params=case.params):
            for row in _closest_rows(met):
                pair = (int(met.first_sortie[row]), int(met.second_sortie[row]))
                known = closest.get(pair)
                if known is None or met.horizontal_m[row] < known[1].horizontal_m[known[2]]:
                    closest[pair] = tile, met, row
    return _told(case, [closest[pair] for pair in sorted(closest)])


def _closest_rows(met: Meetings) -> list[int]:
    """For each pair of sorties the row in which they are closest (the earliest of equals)."""
    order = np.lexsort((met.at_s, met.horizontal_m, met.second_sortie, met.first_sortie))
    pairs = np.column_stack([met.first_sortie, met.second_sortie])[order]
    fresh = np.ones(len(pairs), dtype=np.bool_)
    fresh[1:] = np.any(pairs[1:] != pairs[:-1], axis=1)
    return [int(row) for row in order[fresh]]


def _told(case: Case, found: Sequence[tuple[Tile, Meetings, int]]) -> list[Approach]:
    """The rows in words; places are found all at once, tile by tile."""
    places: dict[int, LatLon] = {}
    for tile in {tile.key: tile for tile, _, _ in found}.values():
        numbers = [number for number, (there, _, _) in enumerate(found) if there.key == tile.key]
        points_m = np.array([(met.x[row], met.y[row]) for _, met, row in (found[number] for number in numbers)])
        degrees = zip(*tile.frame.arrays_to_geographic(points_m[:, 0], points_m[:, 1]), strict=True)
        for number, (lat_deg, lon_deg) in zip(numbers, degrees, strict=True):
            places[number] = LatLon(lat_deg=float(lat_deg), lon_deg=float(lon_deg))
    return [
        Approach(
            first=case.legs[int(met.first_leg[row])],
            second=case.legs[int(met.second_leg[row])],
            at_s=float(met.at_s[row]),
            horizontal_m=float(met.horizontal_m[row]),
            vertical_m=float(met.vertical_m[row]),
            place=places[number],
        )
        for number, (_, met, row) in enumerate(found)
    ]


def _by_tile(case: Case, flights: Pieces, horizontal_m: float) -> Iterator[tuple[Tile, Pieces]]:
    """Each tile with the pieces that may meet another there, in metres of its frame."""
    if len(flights) == 0:
        return
    overview = _in_frame(flights, case.grid.overview)
    if case.grid.side_m is None:
        yield from ((tile, overview) for tile in case.tiles)
        return
    # Distances in the overview frame are never shorter than true, and less than doubled within 12,000 km of its origin.
    reach_m = 2 * horizontal_m
    boxes = shapely.box(
        np.minimum(overview.x0, overview.x1) - reach_m,
        np.minimum(overview.y0, overview.y1) - reach_m,
        np.maximum(overview.x0, overview.x1) + reach_m,
        np.maximum(overview.y0, overview.y1) + reach_m,
    )
    for tile in case.tiles:
        near: NDArray[np.bool_] = shapely.intersects(tile.square, boxes)
        yield tile, _in_frame(flights.rows(near), tile.frame)


def _in_frame(flights: Pieces, frame: LocalFrame) -> Pieces:
    """The pieces in the frame's metres. Most begin where the one before ends: each place is looked up once."""
    x0, y0 = frame.arrays_to_local(flights.y0, flights.x0)
    x1, y1 = np.append(x0[1:], np.nan), np.append(y0[1:], np.nan)
    left = np.append((flights.x1[:-1] != flights.x0[1:]) | (flights.y1[:-1] != flights.y0[1:]), True)
    x1[left], y1[left] = frame.arrays_to_local(flights.y1[left], flights.x1[left])
    return replace(flights, x0=x0, y0=y0, x1=x1, y1=y1)


def _reach_m(case: Case) -> float:
    """No two drones are further apart than this."""
    if not case.legs:
        return 0.0
    degrees = np.concatenate([flight.rows[:, :2] for flight in case.flights])
    east_m, north_m = case.grid.overview.arrays_to_local(degrees[:, 1], degrees[:, 0])
    return 2.0 * float(math.hypot(np.ptp(east_m), np.ptp(north_m)))
