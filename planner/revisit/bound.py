"""What no patrol that goes on for ever can undercut: lower bounds of the worst gap, battery changes counted."""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from planner.model import DroneType, Wind

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, slots=True)
class Fleet:
    """All that matters of the drones: how many, the fastest's speed over ground, the widest swath, and the sum over the
    drones of one base, of that where it is most, of the part of the time that each stands there at least; `stop_s` is for how long on end,
    `sees_m2ps` the ground that all see per second at most.
    """

    drones: int
    fastest_mps: float
    widest_m: float
    standing: float
    stop_s: float
    sees_m2ps: float


def fleet_of(types: Sequence[DroneType], wind: Wind, homes: Sequence[Hashable], *, recharge: bool = True) -> Fleet:
    """The fleet of these drones: a type for each, and whatever tells the place of its own base. Without recharge nobody ever stands."""
    speeds_mps = [each.cruise_mps + (0.0 if each.hovers else wind.speed_mps) for each in types]
    standing = [standing_part(each) if recharge else 0.0 for each in types]
    at_home: dict[Hashable, float] = {}
    for home, part in zip(homes, standing, strict=True):
        at_home[home] = at_home.get(home, 0.0) + part
    return Fleet(
        drones=len(types),
        fastest_mps=max(speeds_mps),
        widest_m=max(each.swath_m for each in types),
        standing=max(at_home.values()),
        stop_s=min(sortie_limits_s(each)[1] + each.battery_swap_s for each in types) if recharge else 0.0,
        sees_m2ps=sum(each.swath_m * mps * (1 - part) for each, mps, part in zip(types, speeds_mps, standing, strict=True)),
    )


def standing_part(drone_type: DroneType) -> float:
    """The least part of the time that a drone which flies for ever is at a base, climbing there, descending or changing its battery.

    A sortie is at most `sortie_s` long, V of that vertical; with a swap b after it at least (V + b) / (sortie_s + b) goes by at the base,
    and the more the shorter the sortie is.
    """
    sortie_s, vertical_s = sortie_limits_s(drone_type)
    return (vertical_s + drone_type.battery_swap_s) / (sortie_s + drone_type.battery_swap_s)


def line_reference_s(length_m: float, speeds_mps: Sequence[float]) -> float:
    """2L / sum of speeds: sectors in proportion to speeds, flown there and back. A bound for equal speeds without recharge alone."""
    return 2 * length_m / sum(speeds_mps)


def line_bound_s(line: BaseGeometry, fleet: Fleet) -> float:
    """No patrol of the line that goes on for ever, by drones that take off from and land at bases of their own, has a lesser worst gap.

    Let x be the projection on the axis of the line's ends: the line's points reach over L there, a drone moves at most at v, and it sees
    what is at most w / 2 away. Let g be the worst gap. Order all n drones by x at each time, those on the ground too, and call the i-th the
    i-th track: tracks are as fast as drones, and never pass each other. Put h = v g / 2 + w.

    *Tracks keep to their places*: track i never passes i h - w/2. By induction: nobody below i sees a point right of (i - 1) h, so when it
    is seen, at least every g, track i is at most w/2 beyond it; in between it gets v g / 2 further. With i = n the last point needs
    L <= n h. The same holds from the other end.

    The two bounds that follow from it are `_by_standing_s` and `_by_stops_s`.
    """
    length_m = _extent_m(line)
    return max(_by_standing_s(length_m, fleet), _by_stops_s(length_m, fleet), 0.0)


def _by_standing_s(length_m: float, fleet: Fleet) -> float:
    """How much of the time drones stand at bases, in the mean.

    Let drones stand at base b, and j be the least with b <= j h - w/2. Tracks before the j-th are never at b. Track j must be at
    most at (j - 1) h + w/2 every g, so it is away from b for at least 2 (b - (j - 1) h - w/2) / v of each g: with y = b + w/2 - (j - 1) h
    the part (y - w) / (h - w) >= y / h - w / (h - w). So the mean number of tracks left of b is at least (b + w/2) / h - w / (h - w); the
    same from the right; where both speak of one track its two absences exclude each other. Hence at b stand, in the mean, at most
    n - (L + w) / h + 2 w / (h - w). But b's own drones stand there, each for `standing_part` of the time, so that the sum of theirs is no
    more than that, whichever b is. With w = 0 and one base this is g >= 2 L / (v (n - standing)): of n drones only those count that fly.

    Of several bases no more is said than of the one where most stands: drones that stop at different places can be out of step to the
    good of all. Let two have their bases at the ends of a stretch of D <= v g / 2, and fly over it and back by turns, one every g + D / v:
    no place waits longer than g, and 2 D / (v g + D) of them are in the air in the mean, not 2 D / (v g).
    """
    able = fleet.drones - fleet.standing

    def excess(g_s: float) -> float:
        half_m = fleet.fastest_mps * g_s / 2
        return (length_m + fleet.widest_m) / (half_m + fleet.widest_m) - 2 * fleet.widest_m / half_m - able

    # Where tracks keep to their places. From there on the excess may grow at first, then it falls: it vanishes once at most.
    low_s = 2 * (length_m / fleet.drones - fleet.widest_m) / fleet.fastest_mps
    if low_s <= 0 or excess(low_s) <= 0:
        return low_s
    high_s = 2 * low_s
    while excess(high_s) > 0:
        high_s *= 2
    for _ in range(60):
        middle_s = (low_s + high_s) / 2
        low_s, high_s = (low_s, middle_s) if excess(middle_s) <= 0 else (middle_s, high_s)
    return low_s


def _by_stops_s(length_m: float, fleet: Fleet) -> float:
    """How long a drone stands on end, r = `stop_s`: h >= min((L + v r / 2) / n, L / (n - 1)), and g = 2 (h - w) / v.

    A drone A stands at b from 0 to r. Let j and k be the least with b <= j h - w/2 and L - b <= k h - w/2: only the m = n - j - k + 2
    tracks from j on can be at b. With m > 2, L + w <= (j + k) h <= (n - 1) h. Otherwise put P = (j - 1) h + w/2, Q = L - (k - 1) h - w/2:
    track j must be at P or before, track n - k + 1 at Q or beyond, every g. Let a = (b - P) / v, c = (Q - b) / v; both are at most
    g / 2; s = a + c is (L - (n - m) h - w) / v. (Where a or c is negative b is within (n - m + 1) h of both ends: m = 2 gives
    L <= (n - 1) h; m = 1 goes on with the other alone, which is at least as long as s.)

    m = 1: A is the only one at b, nobody passes, and it has been at P and at Q before and after it stands. Two visits of one of them
    have a visit of the other and the stop between: g >= 2 s + r, so n h >= L + v r / 2.

    m = 2: let X be the other of the two tracks, a curve as fast as a drone. While A stands only X comes to P or Q. If X comes to one, to
    the other and to the first again, g >= 2 s, so (n - 1) h >= L. If not, say it is at P last at p and at Q first at q >= p + s. P is
    seen next by A, after r + a, or by X on its way back, which makes 2 s again; Q was seen last by A, before -c, or 2 s again. So
    2 g >= (r + a - p) + (q + c) >= r + 2 s, and n h >= L + v r / 2. If X comes to one or none of them while A stands, it was at the other
    before or will be after: the same sum holds with those times, or X stays on one side and the other side's gap is r + 2 a <= g; with
    2 c <= g that is 2 g >= r + 2 s once more.
    """
    least_m = (length_m + fleet.fastest_mps * fleet.stop_s / 2) / fleet.drones
    if fleet.drones > 1:
        least_m = min(least_m, length_m / (fleet.drones - 1))
    return 2 * (least_m - fleet.widest_m) / fleet.fastest_mps


def far_ends_bound_s(places_m: Floats, bases_m: Floats, types: Sequence[DroneType], wind: Wind) -> float:
    """Of places no two of which one sortie can see, each takes sorties of its own, one in every gap at least.

    A sortie that sees a place takes V for take-off and landing and the way there from the nearest base and back, less half a swath each
    way; the battery swap b comes after it. All n drones together have n seconds a second: g >= sum over the places (V + way / v + b) / n.
    Two places are too much for one sortie when the way from a base over both to a base, less two swaths, takes more than its battery lasts.
    """
    fastest_mps = max(each.cruise_mps + (0.0 if each.hovers else wind.speed_mps) for each in types)
    widest_m = max(each.swath_m for each in types)
    lasting = [sortie_limits_s(each) for each in types]
    cruise_m = max(sortie_s - vertical_s for sortie_s, vertical_s in lasting) * fastest_mps
    turnaround_s = min(vertical_s + each.battery_swap_s for each, (_, vertical_s) in zip(types, lasting, strict=True))
    away_m = np.hypot(*(places_m[:, None, :] - bases_m[None, :, :]).transpose(2, 0, 1)).min(axis=1)
    chosen: list[int] = []
    for place in np.argsort(-away_m, kind="stable").tolist():
        apart_m = [float(np.hypot(*(places_m[place] - places_m[other]))) for other in chosen]
        ways_m = [away_m[place] + between + away_m[other] - 2 * widest_m for between, other in zip(apart_m, chosen, strict=True)]
        if all(way > cruise_m for way in ways_m):
            chosen.append(place)
    total_s = sum(turnaround_s + max(0.0, 2 * float(away_m[place]) - widest_m) / fastest_mps for place in chosen)
    return total_s / len(types)


def sortie_limits_s(drone_type: DroneType) -> tuple[float, float]:
    """The longest that a sortie can be, and what of it is vertical at least."""
    least_w = min(drone_type.power_cruise_w, drone_type.power_hover_w)
    sortie_s = min(drone_type.usable_endurance_s, drone_type.usable_energy_wh * 3600 / least_w)
    return sortie_s, min(sortie_s, drone_type.height_above_home_m * (1 / drone_type.climb_mps + 1 / drone_type.descent_mps))


def _extent_m(line: BaseGeometry) -> float:
    """The longest stretch of the line, as its points reach along the axis of its ends."""
    longest = 0.0
    for part in shapely.get_parts(shapely.line_merge(line) if line.geom_type == "MultiLineString" else line):
        points = shapely.get_coordinates(part)
        axis = points[-1] - points[0]
        span = float(np.hypot(*axis))
        if span > 0:
            along = points @ (axis / span)
            longest = max(longest, float(along.max() - along.min()))
    return longest


def ground_bound_s(area_m2: float, fleet: Fleet) -> float:
    """Each place is seen once in every gap; a drone sees at most its swath times its speed while it does not stand."""
    return area_m2 / fleet.sees_m2ps if fleet.sees_m2ps > 0 else 0.0


def points_bound_s(points_m: Floats, fleet: Fleet) -> float:
    """In every gap the n drones' ways touch all points, seen from half a swath: a forest of at most n trees. It is no shorter than the
    least spanning tree without its n - 1 longest edges, each edge less a swath.
    """
    edges_m = sorted(_spanning_edges_m(points_m))
    kept = edges_m[: max(0, len(edges_m) - (fleet.drones - 1))]
    return sum(max(0.0, edge - fleet.widest_m) for edge in kept) / (fleet.drones * fleet.fastest_mps)


def _spanning_edges_m(points_m: Floats) -> list[float]:
    """Edges of the least spanning tree (Prim)."""
    if len(points_m) < 2:
        return []
    reach = np.hypot(*(points_m - points_m[0]).T)
    reach[0] = math.inf
    left, edges = len(points_m) - 1, []
    while left:
        nearest = int(np.argmin(reach))
        edges.append(float(reach[nearest]))
        reach = np.where(np.isinf(reach), math.inf, np.minimum(reach, np.hypot(*(points_m - points_m[nearest]).T)))
        reach[nearest] = math.inf
        left -= 1
    return edges
