"""All flights as straight pieces in space and time, and the exact moments at which two of them are closest."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
import shapely
from numpy.typing import NDArray

from planner.check.flown import Flight
from planner.check.params import CheckParams

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

#: Flights this close to parallel or level are taken as that, so that no quotient overflows (metres a second).
_STILL_MPS = 1e-9


@dataclass(frozen=True, kw_only=True, slots=True)
class Pieces:
    """Columns, one row a piece of motion at constant velocity. Places are x and y (any plane), z is above sea level."""

    leg: Integers
    sortie: Integers
    drone: Integers
    from_s: Floats
    to_s: Floats
    x0: Floats
    y0: Floats
    z0: Floats
    x1: Floats
    y1: Floats
    z1: Floats

    def __len__(self) -> int:
        return len(self.leg)

    def rows(self, chosen: NDArray[np.int64] | NDArray[np.bool_]) -> Pieces:
        return Pieces(**{column.name: getattr(self, column.name)[chosen] for column in fields(self)})


@dataclass(frozen=True, kw_only=True, slots=True)
class Meetings:
    """Columns, one row a pair of pieces that came within both radii: legs, sorties, the moment of least horizontal distance, and
    where the first then is.
    """

    first_leg: Integers
    second_leg: Integers
    first_sortie: Integers
    second_sortie: Integers
    at_s: Floats
    x: Floats
    y: Floats
    horizontal_m: Floats
    vertical_m: Floats


def in_the_air(flights: Sequence[Flight]) -> Pieces:
    """Every flown segment that takes time; x is longitude and y latitude, in degrees. Legs are counted through all flights."""
    if not flights:
        return _pieces(np.empty((0, 4)), np.empty((0, 4)), np.empty((0, 3), dtype=np.int64))
    drones = {name: number for number, name in enumerate(dict.fromkeys(flight.drone.id for flight in flights))}
    counts = np.array([len(flight.times_s) for flight in flights])
    degrees_m = np.concatenate([flight.rows for flight in flights])
    above_sea_m = degrees_m[:, 2] + np.repeat([flight.start_base.elevation_m for flight in flights], counts)
    rows = np.column_stack([np.concatenate([flight.times_s for flight in flights]), degrees_m[:, :2], above_sea_m])
    firsts = np.concatenate([flight.firsts + before for flight, before in zip(flights, np.cumsum(counts) - counts, strict=True)])
    # Where a leg begins no piece ends.
    begins = np.zeros(len(rows), dtype=np.bool_)
    begins[firsts] = True
    sortie = np.repeat(np.arange(len(flights)), counts)
    drone = np.repeat([drones[flight.drone.id] for flight in flights], counts)
    ends = np.flatnonzero(~begins)
    pieces = _pieces(rows[ends - 1], rows[ends], np.column_stack([np.cumsum(begins) - 1, sortie, drone])[ends])
    return pieces.rows(pieces.to_s > pieces.from_s)


def _pieces(start: Floats, end: Floats, owner: Integers) -> Pieces:
    """From rows of time, x, y and z, and of leg, sortie and drone."""
    return Pieces(
        leg=owner[:, 0],
        sortie=owner[:, 1],
        drone=owner[:, 2],
        from_s=start[:, 0],
        to_s=end[:, 0],
        x0=start[:, 1],
        y0=start[:, 2],
        z0=start[:, 3],
        x1=end[:, 1],
        y1=end[:, 2],
        z1=end[:, 3],
    )


def meetings(pieces: Pieces, *, horizontal_m: float, vertical_m: float, params: CheckParams) -> Iterator[Meetings]:
    """Pairs of different drones that are within both radii at once, some slabs of time after the others. Places are metres."""
    margin_m = horizontal_m / 2
    for slabs, number in _slabs(pieces, params):
        # Side by side in one tree, slabs are searched all at once: too far apart for pieces of different ones to meet.
        low, high = np.minimum(slabs.x0, slabs.x1) - margin_m, np.maximum(slabs.x0, slabs.x1) + margin_m
        aside_m = number * (2 * margin_m + float(high.max() - low.min()))
        south, north = np.minimum(slabs.y0, slabs.y1) - margin_m, np.maximum(slabs.y0, slabs.y1) + margin_m
        boxes = shapely.box(low + aside_m, south, high + aside_m, north)
        first, second = shapely.STRtree(boxes).query(boxes)
        other = (first < second) & (slabs.drone[first] != slabs.drone[second])
        yield _met(slabs.rows(first[other]), slabs.rows(second[other]), horizontal_m, vertical_m)


def _slabs(pieces: Pieces, params: CheckParams) -> Iterator[tuple[Pieces, Integers]]:
    """The pieces cut at the slabs' limits, so that boxes are small and only contemporaries meet, and the slab of each; about
    `at_once` of them at a time, whole slabs.
    """
    if len(pieces) == 0:
        return
    start_s, end_s = float(pieces.from_s.min()), float(pieces.to_s.max())
    slab_s = max(params.slab_s, (end_s - start_s) / params.max_slabs)
    first = np.floor((pieces.from_s - start_s) / slab_s).astype(np.int64)
    last = np.floor((pieces.to_s - start_s) / slab_s).astype(np.int64)
    repeats = last - first + 1
    whole = pieces.rows(np.repeat(np.arange(len(pieces)), repeats))
    number = np.arange(len(whole)) - np.repeat(np.cumsum(repeats) - repeats, repeats) + np.repeat(first, repeats)
    cut = _between(whole, start_s + number * slab_s, start_s + (number + 1) * slab_s)
    order = np.argsort(number, kind="stable")
    number = number[order]
    batch = (np.searchsorted(number, number) // params.at_once).astype(np.int64)
    for chosen in np.split(np.arange(len(order)), np.flatnonzero(np.diff(batch)) + 1):
        if len(chosen) > 1:
            yield cut.rows(order[chosen]), number[chosen] - number[chosen[0]]


def _between(pieces: Pieces, from_s: Floats, to_s: Floats) -> Pieces:
    start_s, end_s = np.maximum(pieces.from_s, from_s), np.minimum(pieces.to_s, to_s)
    lasts_s = pieces.to_s - pieces.from_s
    low, high = (start_s - pieces.from_s) / lasts_s, (end_s - pieces.from_s) / lasts_s
    return replace(
        pieces,
        from_s=start_s,
        to_s=end_s,
        x0=pieces.x0 + (pieces.x1 - pieces.x0) * low,
        y0=pieces.y0 + (pieces.y1 - pieces.y0) * low,
        z0=pieces.z0 + (pieces.z1 - pieces.z0) * low,
        x1=pieces.x0 + (pieces.x1 - pieces.x0) * high,
        y1=pieces.y0 + (pieces.y1 - pieces.y0) * high,
        z1=pieces.z0 + (pieces.z1 - pieces.z0) * high,
    )


def _met(first: Pieces, second: Pieces, horizontal_m: float, vertical_m: float) -> Meetings:
    """Exact: relative motion is linear, so horizontal distance is a hyperbola in time and vertical distance a wedge."""
    start_s, end_s = np.maximum(first.from_s, second.from_s), np.minimum(first.to_s, second.to_s)
    together = end_s > start_s
    first, second, start_s, end_s = first.rows(together), second.rows(together), start_s[together], end_s[together]
    one, other = _between(first, start_s, end_s), _between(second, start_s, end_s)
    lasts_s = end_s - start_s
    x, y, z = one.x0 - other.x0, one.y0 - other.y0, one.z0 - other.z0
    u, v, w = (one.x1 - other.x1 - x) / lasts_s, (one.y1 - other.y1 - y) / lasts_s, (one.z1 - other.z1 - z) / lasts_s
    near_from, near_to = _disc_times(x, y, u, v, horizontal_m)
    level_from, level_to = _wedge_times(z, w, vertical_m)
    low, high = np.maximum(np.maximum(near_from, level_from), 0.0), np.minimum(np.minimum(near_to, level_to), lasts_s)
    met = high > low
    x, y, z, u, v, w, start_s, lasts_s, low, high = (column[met] for column in (x, y, z, u, v, w, start_s, lasts_s, low, high))
    moment = np.clip(_closest_times(x, y, u, v), low, high)
    there, part = one.rows(met), moment / lasts_s
    return Meetings(
        first_leg=first.leg[met],
        second_leg=second.leg[met],
        first_sortie=first.sortie[met],
        second_sortie=second.sortie[met],
        at_s=start_s + moment,
        x=there.x0 + (there.x1 - there.x0) * part,
        y=there.y0 + (there.y1 - there.y0) * part,
        horizontal_m=np.hypot(x + u * moment, y + v * moment),
        vertical_m=np.abs(z + w * moment),
    )


def _closest_times(x: Floats, y: Floats, u: Floats, v: Floats) -> Floats:
    speed_squared = u**2 + v**2
    moving = speed_squared > _STILL_MPS**2
    return np.where(moving, -(x * u + y * v) / np.where(moving, speed_squared, 1.0), 0.0)


def _disc_times(x: Floats, y: Floats, u: Floats, v: Floats, radius_m: float) -> tuple[Floats, Floats]:
    """From when to when |(x, y) + (u, v) t| is below the radius; from after to before when it never is."""
    speed_squared = u**2 + v**2
    moving = speed_squared > _STILL_MPS**2
    middle = _closest_times(x, y, u, v)
    nearest_squared = (x + u * middle) ** 2 + (y + v * middle) ** 2
    inside = nearest_squared < radius_m**2
    half = np.sqrt(np.where(inside, radius_m**2 - nearest_squared, 0.0) / np.where(moving, speed_squared, 1.0))
    half = np.where(inside, np.where(moving, half, np.inf), -np.inf)
    return middle - half, middle + half


def _wedge_times(z: Floats, w: Floats, radius_m: float) -> tuple[Floats, Floats]:
    """From when to when |z + w t| is below the radius; from after to before when it never is."""
    climbing = np.abs(w) > _STILL_MPS
    divisor = np.where(climbing, w, 1.0)
    middle, half = np.where(climbing, -z / divisor, 0.0), np.where(climbing, radius_m / np.abs(divisor), 0.0)
    half = np.where(climbing, half, np.where(np.abs(z) < radius_m, np.inf, -np.inf))
    return middle - half, middle + half
