"""When sorties rely on permissions that begin late, end or count drones, and when they may therefore be flown."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from planner.model import Permission

Floats = NDArray[np.float64]

#: Shorter segments are points (metres).
_NO_LENGTH_M = 1e-6


@dataclass(frozen=True, slots=True)
class GuestGround:
    """Where a nation's drones fly by nothing but this permission; local metres."""

    permission: Permission
    ground: BaseGeometry


@dataclass(frozen=True, slots=True)
class Stay:
    """A drone relies on a permission for some time, in seconds."""

    permission: Permission
    drone: str
    from_s: float
    to_s: float

    def shifted(self, delay_s: float) -> Stay:
        return replace(self, from_s=self.from_s + delay_s, to_s=self.to_s + delay_s)


def is_bounded(permission: Permission, drones: int) -> bool:
    """Whether a fleet of so many must look at the clock or at each other to keep to it."""
    counts = permission.max_drones is not None and permission.max_drones < drones
    return counts or permission.validity.from_s > 0 or permission.validity.to_s < math.inf


def guest_stays(drone: str, times_s: Floats, points_m: Floats, grounds: Sequence[GuestGround], slack_s: float) -> tuple[Stay, ...]:
    """All stays on the grounds of a flight through points (rows of east, north) at these times; those closer than the slack are one."""
    found: list[Stay] = []
    for each in grounds:
        joined: list[Stay] = []
        for from_s, to_s in _inside(times_s, points_m, each.ground):
            if joined and from_s <= joined[-1].to_s + slack_s:
                joined[-1] = replace(joined[-1], to_s=max(to_s, joined[-1].to_s))
            else:
                joined.append(Stay(each.permission, drone, from_s, to_s))
        found += joined
    return tuple(found)


def _inside(times_s: Floats, points_m: Floats, ground: BaseGeometry) -> Iterator[tuple[float, float]]:
    """From when to when each segment is on the ground, in order."""
    starts, ends = points_m[:-1, :2], points_m[1:, :2]
    lengths_m = np.hypot(*(ends - starts).T)
    still = lengths_m < _NO_LENGTH_M
    segments = np.asarray(shapely.linestrings(np.stack([starts, ends], axis=1)))
    # GEOS takes a line without length for nothing.
    segments[still] = shapely.points(starts[still])
    for index in np.flatnonzero(shapely.intersects(ground, segments)).tolist():
        from_s, to_s = float(times_s[index]), float(times_s[index + 1])
        if still[index]:
            yield from_s, to_s
            continue
        for part in shapely.get_parts(shapely.intersection(segments[index], ground)):
            along = shapely.line_locate_point(segments[index], shapely.points(shapely.get_coordinates(part))) / lengths_m[index]
            yield from_s + (to_s - from_s) * float(along.min()), from_s + (to_s - from_s) * float(along.max())


def window_s(relied_on: Iterable[Stay], slack_s: float) -> tuple[float, float]:
    """By how much at least and at most the flight must be moved to be within the validity of all it relies on."""
    at_least, at_most = -math.inf, math.inf
    for stay in relied_on:
        at_least = max(at_least, stay.permission.validity.from_s + slack_s - stay.from_s)
        at_most = min(at_most, stay.permission.validity.to_s - slack_s - stay.to_s)
    return at_least, at_most


def overcrowd(mine: Sequence[Stay], others: Sequence[Stay], slack_s: float) -> bool:
    """Whether some permission would admit fewer drones at once than would be there."""
    for stay in mine:
        most = stay.permission.max_drones
        if most is None:
            continue
        near = [
            other
            for other in others
            if other.permission.id == stay.permission.id
            and other.drone != stay.drone
            and other.from_s < stay.to_s + slack_s
            and stay.from_s < other.to_s + slack_s
        ]
        # The most are there at once when one of them comes.
        for at_s in [stay.from_s - slack_s, *(other.from_s for other in near)]:
            there = {other.drone for other in near if other.from_s <= max(at_s, stay.from_s - slack_s) < other.to_s + slack_s}
            if len(there) + 1 > most:
                return True
    return False


def why_not(relied_on: Sequence[Stay]) -> str:
    """In words, why a flight that relies on these could not be launched: whose permission, and which of its terms."""
    stay = min(relied_on, key=lambda each: (each.permission.validity.to_s, each.permission.id))
    permission = stay.permission
    name = f"permission {permission.id} of {permission.host} for {permission.guest}"
    if permission.validity.to_s < math.inf:
        return f"{name} ends at {permission.validity.to_s:.0f} s, before it could be swept and left"
    if permission.max_drones is not None:
        return f"{name} admits {permission.max_drones} drones at once, and no time was found when it could be swept"
    return f"{name} begins at {permission.validity.from_s:.0f} s, and no time was found when it could be swept"
