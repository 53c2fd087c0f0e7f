"""Keep drones apart: working heights in layers, then launch times, so that no two are ever closer than the minima.

Layers come first because they hold even when a drone is late. What remains (one base's take-offs and landings, drones that
share a layer) is solved by launching later, sortie by sortie; several orders of giving way are tried, and the one by which all are home
first is kept.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from planner.geo import LocalFrame, geodesic_m
from planner.guest_stays import GuestGround, Stay, guest_stays, overcrowd, why_not, window_s
from planner.model import Base, Drone, DroneType, Limits, MissionSpec, Sortie
from planner.relief.surface import DEFAULTS, surfaces
from planner.timetable.base_traffic import Visit, clash, visits
from planner.timetable.schedule import shifted

Floats = NDArray[np.float64]

#: What drones fly between two samples, at any speed there is.
_REACH_SLACK_M = 500.0


@dataclass(frozen=True, kw_only=True, slots=True)
class DeconflictParams:
    """Layers are `layer_margin_m` further apart than the vertical minimum. Delays are tried in steps of `delay_step_s`; positions
    are compared every `sample_s`, with a margin for what happens in between. Over a base, where layers do not help, drones
    keep `base_slack_s` apart: flights do not keep to the second. Permissions' times and numbers are kept with `terms_slack_s` to spare.
    `orders` of giving way are tried, fewer than that when there are more than `many_sorties`.
    """

    layer_margin_m: float = 2.0
    delay_step_s: float = 5.0
    sample_s: float = 0.5
    base_slack_s: float = 30.0
    near_margin_m: float = 20.0
    most_delay_s: float = 7_200.0
    terms_slack_s: float = 5.0
    orders: int = 6
    many_sorties: int = 200


def working_heights(spec: MissionSpec, params: DeconflictParams | None = None) -> dict[str, float]:
    """Height of each drone: its type's own, raised by layers as far as policies and permissions let, one drone after the other. Those
    whose bases are further apart than both fly out need no layers of their own: they meet at the seam of two bands at most.

    A higher drone sees a wider swath than its lanes count on, never a narrower one.
    """
    params = params or DeconflictParams()
    step_m = layer_step_m(spec, params)
    heights: dict[str, float] = {}
    for drone in spec.drones:
        drone_type = spec.drone_type(drone.type)
        room = max(0, int((ceiling_m(spec, drone) - drone_type.height_above_home_m) // step_m))
        used_m = [heights[other.id] for other in spec.drones if other.id in heights and _may_meet(spec, drone, other)]
        heights[drone.id] = _least_crowded(drone_type.height_above_home_m, step_m, room, used_m)
    return heights


def layer_step_m(spec: MissionSpec, params: DeconflictParams) -> float:
    """From layer to layer. Over terrain a profile may be so much higher than another that is nearer to its surface."""
    over_ground_m = 0.0 if spec.terrain is None else DEFAULTS.tolerance_m
    return spec.limits.min_vertical_separation_m + params.layer_margin_m + over_ground_m


def _may_meet(spec: MissionSpec, one: Drone, other: Drone) -> bool:
    types = [spec.drone_type(drone.type) for drone in (one, other)]
    out_m = max((drone_type.cruise_mps + spec.wind.speed_mps) * drone_type.usable_endurance_s / 2 for drone_type in types)
    return geodesic_m(spec.base(one.base).location, spec.base(other.base).location) <= out_m


def ceiling_m(spec: MissionSpec, drone: Drone) -> float:
    """The strictest policy, and the top of every permission that the drone's type keeps to at its own height; over terrain what
    the ground leaves of that.
    """
    height_m = spec.drone_type(drone.type).height_above_home_m
    bands = [each.band for each in spec.permissions if each.guest == drone.nation and each.band.min_m <= height_m <= each.band.max_m]
    top_m = min([*(nation.policy.max_height_m for nation in spec.nations), *(band.max_m for band in bands)])
    return top_m if spec.terrain is None else min(top_m, height_m + surfaces(spec)[drone.type].layers_m)


def _least_crowded(lowest_m: float, step_m: float, room: int, used_m: Sequence[float]) -> float:
    """The layer with the fewest drones within one step of it, the lowest of them."""
    layers = [lowest_m + step_m * layer for layer in range(room + 1)]
    return min(layers, key=lambda height_m: (sum(abs(other - height_m) < step_m for other in used_m), height_m))


@dataclass(frozen=True, slots=True)
class Launches:
    """Sorties with their launch times, in their order, and those that no time was found for, with the reason."""

    sorties: tuple[Sortie, ...]
    left_out: Mapping[str, str]


def separate(
    chains: Mapping[str, Sequence[Sortie]],
    *,
    frame: LocalFrame,
    bases: Sequence[Base],
    types: Mapping[str, DroneType],
    drones: Sequence[Drone],
    limits: Limits,
    guest: Mapping[str, Sequence[GuestGround]] | None = None,
    params: DeconflictParams | None = None,
) -> Launches:
    """All sorties with launch times at which no two drones come too close and permissions are kept.

    `chains` are each drone's sorties, timed from 0; they are flown in that order, but those that rely on a permission that ends come
    first. A sortie never starts before the drone's last one has ended and its battery is swapped. Sorties for which no delay
    helps keep their last try (`check` will say so), unless it would break a permission's terms: those are left out. `guest` is by
    nation where its drones fly by such permissions.
    """
    params = params or DeconflictParams()
    sampler = _Sampler(frame, bases, limits, guest or {}, params)
    swap_s = {drone.id: types[drone.type].battery_swap_s for drone in drones}
    flown = {drone: sampler.urgent_first(sorties) for drone, sorties in chains.items() if sorties}
    tracks = {sortie.id: sampler.track(sortie) for sorties in flown.values() for sortie in sorties}
    count = params.orders if len(tracks) <= params.many_sorties else min(2, params.orders)
    tries = [_launch(flown, swap_s, tracks, order, limits, params) for order in _orders(sorted(flown), count)]
    return min(tries, key=lambda launches: (len(launches.left_out), max((sortie.end_s for sortie in launches.sorties), default=0.0)))


@dataclass(frozen=True, slots=True)
class _Order:
    """Who is launched next: whoever is ready first, or (with `weights`) whoever would be home last, by weighted ends."""

    weights: Mapping[str, float] | None

    def rank(self, drone: str, ready_s: float, left_s: float) -> tuple[float, float, str]:
        """The least goes next; `left_s` are the flights and swaps that the drone has still before it."""
        if self.weights is None:
            return ready_s, -left_s, drone
        return -(ready_s + left_s) * self.weights[drone], 0.0, drone


def _orders(drones: Sequence[str], count: int) -> Iterator[_Order]:
    yield _Order(None)
    for number in range(count - 1):
        dice = random.Random(number)
        yield _Order({drone: 1.0 if number == 0 else dice.uniform(0.8, 1.2) for drone in drones})


def _launch(
    chains: Mapping[str, Sequence[Sortie]],
    swap_s: Mapping[str, float],
    tracks: Mapping[str, _Track],
    order: _Order,
    limits: Limits,
    params: DeconflictParams,
) -> Launches:
    waiting = {drone: list(sorties) for drone, sorties in chains.items()}
    ready_s = dict.fromkeys(waiting, 0.0)
    left_s = {drone: sum(sortie.end_s - sortie.start_s + swap_s[drone] for sortie in sorties) for drone, sorties in waiting.items()}
    placed = _Placed(len(tracks))
    left_out: dict[str, str] = {}
    while waiting:
        drone = min(waiting, key=lambda drone: order.rank(drone, ready_s[drone], left_s[drone]))
        sortie = waiting[drone].pop(0)
        left_s[drone] -= sortie.end_s - sortie.start_s + swap_s[drone]
        found = _place(sortie, ready_s[drone], placed, tracks[sortie.id], limits, params)
        if isinstance(found, str):
            left_out[sortie.id] = found
        else:
            placed.add(*found)
            ready_s[drone] = found[0].end_s + swap_s[drone]
        if not waiting[drone]:
            del waiting[drone]
    return Launches(tuple(sorted(placed.sorties, key=lambda sortie: (sortie.start_s, sortie.id))), left_out)


@dataclass(frozen=True, eq=False, slots=True)
class _Track:
    """East, north, height above sea, each `sample_s` from a multiple of it: n x 3, starting at sample number `first`. `bounds_m` are
    the least and the greatest east, north.
    """

    first: int
    points_m: Floats
    bounds_m: tuple[float, float, float, float]
    fastest_mps: float
    steepest_mps: float
    visits: tuple[Visit, ...]
    stays: tuple[Stay, ...]

    def later(self, steps: int, sample_s: float) -> _Track:
        moved = tuple(visit.shifted(steps * sample_s) for visit in self.visits)
        relied_on = tuple(stay.shifted(steps * sample_s) for stay in self.stays)
        return replace(self, first=self.first + steps, visits=moved, stays=relied_on)


class _Placed:
    """Sorties with their times, in the order in which they were found."""

    def __init__(self, most: int) -> None:
        self.sorties: list[Sortie] = []
        self.stays: list[Stay] = []
        self._tracks: list[_Track] = []
        self._bounds_m, self._ends = np.empty((most, 4)), np.empty(most, dtype=np.int64)

    def add(self, sortie: Sortie, track: _Track) -> None:
        number = len(self.sorties)
        self._bounds_m[number], self._ends[number] = track.bounds_m, track.first + len(track.points_m)
        self.sorties.append(sortie)
        self.stays += track.stays
        self._tracks.append(track)

    def near(self, track: _Track, reach_m: float, slack: int) -> list[_Track]:
        """Those that are in the air after the track begins, less so many samples, and not further away than this at all times."""
        bounds_m, ends = self._bounds_m[: len(self.sorties)], self._ends[: len(self.sorties)]
        west, south, east, north = track.bounds_m
        apart_m = np.maximum.reduce([west - bounds_m[:, 2], bounds_m[:, 0] - east, south - bounds_m[:, 3], bounds_m[:, 1] - north])
        return [self._tracks[number] for number in np.flatnonzero((apart_m <= reach_m) & (ends + slack >= track.first)).tolist()]


def _place(
    sortie: Sortie,
    earliest_s: float,
    placed: _Placed,
    from_zero: _Track,
    limits: Limits,
    params: DeconflictParams,
) -> tuple[Sortie, _Track] | str:
    """The sortie at the first time that is free, or why there is none."""
    # Starts lie on the sampling grid, so that one sampling serves all delays.
    start_s = math.ceil(earliest_s / params.delay_step_s) * params.delay_step_s
    template = from_zero.later(round(start_s / params.sample_s), params.sample_s)
    step = round(params.delay_step_s / params.sample_s)
    at_least_s, at_most_s = window_s(template.stays, params.terms_slack_s)
    first = math.ceil(max(0.0, at_least_s) / params.delay_step_s)
    # Two that pass the same base are each within the minimum and the margin of it; no other rule reaches further.
    reach_m = 2 * (limits.min_separation_m + params.near_margin_m) + _REACH_SLACK_M
    near = placed.near(template, reach_m, math.ceil(params.base_slack_s / params.sample_s) + 1)
    for delays in range(first, first + int(params.most_delay_s / params.delay_step_s)):
        if delays * params.delay_step_s > at_most_s:
            break
        track = template.later(delays * step, params.sample_s)
        if overcrowd(track.stays, placed.stays, params.terms_slack_s):
            continue
        in_the_way = next((other for other in near if _meet(track, other, limits, params)), None)
        if in_the_way is not None:
            # Most likely it still is a few seconds later: it is asked first.
            near.remove(in_the_way)
            near.insert(0, in_the_way)
        else:
            return shifted(sortie, start_s + delays * params.delay_step_s), track
    return why_not(template.stays) if template.stays else (shifted(sortie, start_s), template)


class _Sampler:
    """Samples sorties' paths in space and time."""

    def __init__(
        self,
        frame: LocalFrame,
        bases: Sequence[Base],
        limits: Limits,
        guest: Mapping[str, Sequence[GuestGround]],
        params: DeconflictParams,
    ) -> None:
        self._frame, self._guest, self._params = frame, guest, params
        self._elevations_m = {base.id: base.elevation_m for base in bases}
        self._bases_m = {base.id: frame.point_to_local(base.location) for base in bases}
        self._near_m = limits.min_separation_m + params.near_margin_m

    def track(self, sortie: Sortie) -> _Track:
        times_s, corners_m = self._corners(sortie)
        first = int(np.floor(sortie.start_s / self._params.sample_s))
        last = int(np.ceil(sortie.end_s / self._params.sample_s))
        grid_s: Floats = np.arange(first, last + 1, dtype=np.float64) * self._params.sample_s
        points_m = np.stack([np.interp(grid_s, times_s, column) for column in corners_m.T], axis=1, dtype=np.float64)
        fastest_mps = float(np.hypot(*np.diff(points_m[:, :2], axis=0).T).max()) / self._params.sample_s
        steepest_mps = float(np.abs(np.diff(points_m[:, 2])).max()) / self._params.sample_s
        found = visits(grid_s, points_m, self._bases_m, self._near_m)
        bounds_m = (*points_m[:, :2].min(axis=0).tolist(), *points_m[:, :2].max(axis=0).tolist())
        return _Track(first, points_m, bounds_m, fastest_mps, steepest_mps, found, self._stays(sortie, times_s, corners_m))

    def urgent_first(self, sorties: Sequence[Sortie]) -> list[Sortie]:
        """Those that can be launched for the shortest time before the others, those that must wait for a permission after them."""

        def limits_s(sortie: Sortie) -> tuple[float, float]:
            at_least_s, at_most_s = window_s(self._stays(sortie, *self._corners(sortie)), self._params.terms_slack_s)
            return at_most_s, max(0.0, at_least_s)

        return sorted(sorties, key=limits_s) if any(self._guest.get(sortie.nation) for sortie in sorties) else list(sorties)

    def _stays(self, sortie: Sortie, times_s: Floats, corners_m: Floats) -> tuple[Stay, ...]:
        return guest_stays(sortie.drone, times_s, corners_m, self._guest.get(sortie.nation, ()), self._params.terms_slack_s)

    def _corners(self, sortie: Sortie) -> tuple[Floats, Floats]:
        """When the drone is at each point of its legs, and where: rows of east, north and height above sea."""
        paths = [leg.points for leg in sortie.legs]
        rows = np.array([(point.lat_deg, point.lon_deg, point.height_m) for path in paths for point in path])
        east_m, north_m = self._frame.arrays_to_local(rows[:, 0], rows[:, 1])
        ends = np.cumsum([len(path) for path in paths]).tolist()
        times_s = [
            leg.start_s + (leg.end_s - leg.start_s) * _parts(*(axis[end - len(path) : end] for axis in (east_m, north_m, rows[:, 2])))
            for leg, path, end in zip(sortie.legs, paths, ends, strict=True)
        ]
        return np.concatenate(times_s), np.column_stack([east_m, north_m, rows[:, 2] + self._elevations_m[sortie.start_base]])


def _parts(east_m: Floats, north_m: Floats, height_m: Floats) -> Floats:
    """How far along a leg each of its points is, 0..1, by length, climbs included."""
    along_m = np.concatenate([[0.0], np.cumsum(np.hypot(np.hypot(np.diff(east_m), np.diff(north_m)), np.diff(height_m)))])
    return along_m / along_m[-1] if along_m[-1] > 0 else np.linspace(0.0, 1.0, len(east_m))


def _meet(one: _Track, other: _Track, limits: Limits, params: DeconflictParams) -> bool:
    return clash(one.visits, other.visits, params.base_slack_s) or _too_close(one, other, limits, params)


def _too_close(one: _Track, other: _Track, limits: Limits, params: DeconflictParams) -> bool:
    first = max(one.first, other.first)
    last = min(one.first + len(one.points_m), other.first + len(other.points_m))
    if first >= last:
        return False
    here, there = slice(first - one.first, last - one.first), slice(first - other.first, last - other.first)
    steepest_m = (one.steepest_mps + other.steepest_mps) * params.sample_s
    level = np.abs(one.points_m[here, 2] - other.points_m[there, 2]) < limits.min_vertical_separation_m + steepest_m
    if not level.any():
        return False
    apart = one.points_m[here] - other.points_m[there]
    # Between two samples both may come closer by what they fly in half the time, and in height by what they just did.
    margin_m = (one.fastest_mps + other.fastest_mps) * params.sample_s / 2
    climbs_m = np.abs(np.diff(apart[:, 2], prepend=apart[:1, 2], append=apart[-1:, 2]))
    margin_up_m = np.maximum(climbs_m[:-1], climbs_m[1:])
    near = np.hypot(apart[:, 0], apart[:, 1]) < limits.min_separation_m + margin_m
    return bool(np.any(near & (np.abs(apart[:, 2]) < limits.min_vertical_separation_m + margin_up_m)))
