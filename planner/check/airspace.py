"""Rules `airspace` and `permission`: every point of every leg lies where the drone's nation may fly, then and that high."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from planner.check import intervals
from planner.check.case import Case, Scene, Track
from planner.check.crowding import Stay, crowded
from planner.check.findings import leg_finding
from planner.check.flown import FlownLeg, FlownSortie
from planner.check.ground import Ground
from planner.check.intervals import NOWHERE, WHOLE, Intervals
from planner.check.params import CheckParams
from planner.geo import LocalFrame
from planner.model import LegKind, Permission, Rule, Violation


def check_airspace(case: Case) -> Iterator[Violation]:
    """At most one violation a leg and rule; crowding is reported once a stay."""
    if not 0 <= case.plan.position_uncertainty_m < np.inf:
        yield _no_uncertainty(case.plan.position_uncertainty_m)
    bound = _bound_to_area(case)
    stays: list[Stay] = []
    for scene in case.scenes:
        for nation_id in sorted({track.flown.drone.nation for track in scene.tracks}):
            airspace = _Airspace.of(nation_id, scene.ground, case.params)
            for track in _suspects(scene, airspace, bound):
                judged = _judge(track, airspace, case.params, inside_area=track.flown in bound)
                stays += judged.stays
                yield from _findings(judged, track, airspace, scene.tile.frame, inside_area=track.flown in bound)
    yield from crowded(stays, case.params)


@dataclass(frozen=True, eq=False, slots=True)
class _Airspace:
    """One nation's airspace in a tile, each part forgiving `tolerance_m`."""

    nation: str
    ground: Ground
    area: BaseGeometry
    own: BaseGeometry
    guest: tuple[tuple[Permission, BaseGeometry], ...]

    @classmethod
    def of(cls, nation_id: str, ground: Ground, params: CheckParams) -> _Airspace:
        own, area = ground.own[nation_id].buffer(params.tolerance_m), ground.area.buffer(params.tolerance_m)
        guest = tuple((permission, polygon.buffer(params.tolerance_m)) for permission, polygon in ground.guest[nation_id])
        shapely.prepare([own, area, *(polygon for _, polygon in guest)])
        return cls(nation_id, ground, area, own, guest)


@dataclass(frozen=True, slots=True)
class _Judged:
    """Where on each segment a leg has no polygon at all, and where it has one whose terms it breaks."""

    nowhere_allowed: tuple[Intervals, ...]
    against_terms: tuple[Intervals, ...]
    stays: tuple[Stay, ...]


def _suspects(scene: Scene, airspace: _Airspace, bound: set[FlownLeg]) -> Iterator[Track]:
    """The nation's tracks that are not plainly within its own territory."""
    tracks = [track for track in scene.tracks if track.flown.drone.nation == airspace.nation]
    shapes = np.array([track.shape for track in tracks])
    at_home = shapely.covers(airspace.own, shapes)
    in_area = shapely.covers(airspace.area, shapes)
    for track, home, in_ in zip(tracks, at_home, in_area, strict=True):
        if not home or (track.flown in bound and not in_):
            yield track


def _bound_to_area(case: Case) -> set[FlownLeg]:
    """Legs that `stay_inside` holds to the area: from a sortie's first SWEEP to its last. The rest is the way there and back."""
    if not case.plan.stay_inside:
        return set()
    return {leg for flown in case.sorties for leg in _between_sweeps(flown)}


def _between_sweeps(flown: FlownSortie) -> tuple[FlownLeg, ...]:
    sweeps = [leg.index for leg in flown.legs if leg.leg.kind is LegKind.SWEEP]
    return flown.legs[sweeps[0] : sweeps[-1] + 1] if sweeps else ()


def _judge(track: Track, airspace: _Airspace, params: CheckParams, *, inside_area: bool) -> _Judged:
    nowhere_allowed: list[Intervals] = []
    against_terms: list[Intervals] = []
    stays: list[Stay] = []
    heights_m, times_s = track.flown.heights_m, track.flown.times_s
    for index, (start, end) in enumerate(track.segments()):
        own = intervals.inside(airspace.own, start, end)
        guest = _as_guest(airspace, start, end, heights_m[index : index + 2], times_s[index : index + 2], beyond=own, params=params)
        polygons = intervals.union(own, *(within for _, within, _ in guest))
        lawful = intervals.union(own, *(usable for _, _, usable in guest))
        outside_area = intervals.difference(WHOLE, intervals.inside(airspace.area, start, end)) if inside_area else NOWHERE
        nowhere_allowed.append(intervals.union(intervals.difference(WHOLE, polygons), outside_area))
        against_terms.append(intervals.difference(intervals.difference(polygons, lawful), outside_area))
        stays += _stays(track.flown, guest, times_s[index : index + 2])
    return _Judged(tuple(nowhere_allowed), tuple(against_terms), tuple(stays))


_Guest = tuple[Permission, Intervals, Intervals]


def _as_guest(
    airspace: _Airspace,
    start: tuple[float, float],
    end: tuple[float, float],
    heights_m: NDArray[np.float64],
    times_s: NDArray[np.float64],
    *,
    beyond: Intervals,
    params: CheckParams,
) -> list[_Guest]:
    """For each permission: where the segment is in its polygon beyond the nation's own ground, and where also within its terms."""
    found: list[_Guest] = []
    for permission, polygon in airspace.guest:
        within = intervals.difference(intervals.inside(polygon, start, end), beyond)
        if within:
            found.append((permission, within, intervals.intersection(within, _within_terms(permission, heights_m, times_s, params))))
    return found


def _within_terms(permission: Permission, heights_m: NDArray[np.float64], times_s: NDArray[np.float64], params: CheckParams) -> Intervals:
    band, validity = permission.band, permission.validity
    low, high = band.min_m - params.tolerance_m, band.max_m + params.tolerance_m
    opens, closes = validity.from_s - params.tolerance_s, validity.to_s + params.tolerance_s
    return intervals.intersection(
        intervals.between(float(heights_m[0]), float(heights_m[1]), low=low, high=high),
        intervals.between(float(times_s[0]), float(times_s[1]), low=opens, high=closes),
    )


def _stays(flown: FlownLeg, guest: list[_Guest], times_s: NDArray[np.float64]) -> Iterator[Stay]:
    """Where permissions overlap a drone uses one without limit if it can, else the first listed."""
    used = intervals.union(*(usable for permission, _, usable in guest if permission.max_drones is None))
    for permission, _, usable in guest:
        if permission.max_drones is not None:
            for low, high in intervals.difference(usable, used):
                from_s, to_s = sorted(float(times_s[0] + (times_s[1] - times_s[0]) * part) for part in (low, high))
                yield Stay(permission=permission, flown=flown, from_s=from_s, to_s=to_s)
            used = intervals.union(used, usable)


def _findings(judged: _Judged, track: Track, airspace: _Airspace, frame: LocalFrame, *, inside_area: bool) -> Iterator[Violation]:
    if any(judged.nowhere_allowed):
        allowed = airspace.ground.allowed(airspace.nation)
        within = shapely.intersection(allowed, airspace.ground.area) if inside_area else allowed
        yield _outside(_worst(judged.nowhere_allowed, track, within), track, airspace, frame)
    if any(judged.against_terms):
        yield _terms_broken(_worst(judged.against_terms, track, airspace.ground.own[airspace.nation]), track, airspace, frame)


#: Parts of a stretch. Its very ends may round to the other side of what ends it.
_LOOKED_AT = (1e-6, 0.5, 1 - 1e-6)


@dataclass(frozen=True, slots=True)
class _Spot:
    """A point of a track: metres in the frame, how far from where the drone may be, and its height and time."""

    point: BaseGeometry
    beyond_m: float
    height_m: float
    at_s: float


def _worst(broken: tuple[Intervals, ...], track: Track, allowed: BaseGeometry) -> _Spot:
    """The broken point furthest from allowed ground, looked for in the middle and just inside the ends of each broken stretch."""
    heights_m, times_s = track.flown.heights_m, track.flown.times_s
    parts = [(index, low + (high - low) * at) for index, stretches in enumerate(broken) for low, high in stretches for at in _LOOKED_AT]
    places = [track.points_m[index] + (track.points_m[index + 1] - track.points_m[index]) * part for index, part in parts]
    beyond_m = [0.0 if allowed.is_empty else float(shapely.distance(allowed, shapely.Point(place))) for place in places]
    worst = int(np.argmax(beyond_m))
    index, part = parts[worst]
    return _Spot(
        point=shapely.Point(places[worst]),
        beyond_m=beyond_m[worst],
        height_m=float(heights_m[index] + (heights_m[index + 1] - heights_m[index]) * part),
        at_s=float(times_s[index] + (times_s[index + 1] - times_s[index]) * part),
    )


def _outside(spot: _Spot, track: Track, airspace: _Airspace, frame: LocalFrame) -> Violation:
    hosts = [nation_id for nation_id in airspace.ground.territories_at(spot.point) if nation_id != airspace.nation]
    if shapely.intersects(airspace.ground.band, spot.point):
        whose = "in the border's uncertainty band, where both neighbours must consent"
    elif hosts:
        whose = f"in the airspace of {' and '.join(hosts)}"
    elif shapely.intersects(airspace.own, spot.point):
        whose = "outside the area, which this mission stays inside"
    else:
        whose = "in nobody's airspace"
    text = f"{spot.beyond_m:.1f} m outside what {airspace.nation} may fly in, {whose}"
    return _placed(Rule.AIRSPACE, spot, track, frame, text, amount=spot.beyond_m, unit="m")


def _terms_broken(spot: _Spot, track: Track, airspace: _Airspace, frame: LocalFrame) -> Violation:
    permission, _ = min(airspace.guest, key=lambda held: (round(float(shapely.distance(held[1], spot.point)), 3), _breach(held[0], spot)))
    high_m, late_s = _breach(permission, spot)
    if high_m > 0:
        text, amount, unit = (
            f"height {spot.height_m:.1f} m is outside its band {_range(permission.band.min_m, permission.band.max_m)} m",
            high_m,
            "m",
        )
    else:
        validity = permission.validity
        text, amount, unit = f"time {spot.at_s:.1f} s is outside its validity {_range(validity.from_s, validity.to_s)} s", late_s, "s"
    whose = f"{airspace.nation} is a guest of {permission.host} under permission {permission.id} here, but "
    return _placed(Rule.PERMISSION, spot, track, frame, whose + text, amount=amount, unit=unit)


def _breach(permission: Permission, spot: _Spot) -> tuple[float, float]:
    """Metres outside the band and seconds outside the validity."""
    band, validity = permission.band, permission.validity
    return (
        max(band.min_m - spot.height_m, spot.height_m - band.max_m, 0.0),
        max(validity.from_s - spot.at_s, spot.at_s - validity.to_s, 0.0),
    )


def _range(low: float, high: float) -> str:
    return f"{'-' if low == -np.inf else format(low, 'g')} to {'-' if high == np.inf else format(high, 'g')}"


def _placed(rule: Rule, spot: _Spot, track: Track, frame: LocalFrame, text: str, *, amount: float, unit: str) -> Violation:
    east_m, north_m = shapely.get_coordinates(spot.point)[0]
    place = frame.point_to_geographic(east_m=float(east_m), north_m=float(north_m))
    return leg_finding(rule, track.flown, text, amount=amount, unit=unit, at=place, at_s=spot.at_s)


def _no_uncertainty(value: float) -> Violation:
    text = f"position_uncertainty_m {value} is not a distance, so nobody can tell how far the border's band reaches; taken as 0"
    return Violation(rule=Rule.AIRSPACE, subject="position_uncertainty_m", amount=0.0, unit="m", text=text)
