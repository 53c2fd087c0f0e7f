"""Rules about one drone's flight, as pure functions of what is known: off its corridor, outside its airspace, short of battery, old.

Each answers with the alert's text, or nothing. When to say it, and how often, is `watch`'s.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from planner.geo import LatLon, azimuth_deg, geodesic_m
from planner.model import DroneType, Wind


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowingParams:
    """Conformance: at least `conforming_part` of the last `window_s` is flown within `corridor_m` of the planned leg, and nobody is
    outside for longer than `recover_s`. `home_margin` is kept of the energy that the way home takes. Positions older than
    `old_s` are old news. Vehicle seconds.
    """

    corridor_m: float = 25.0
    corridor_up_m: float = 10.0
    conforming_part: float = 0.95
    window_s: float = 300.0
    recover_s: float = 60.0
    home_margin: float = 0.15
    old_s: float = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Stray:
    """How far off its planned way a drone was at a moment, metres."""

    at_s: float
    across_m: float
    up_m: float

    def outside(self, params: FollowingParams) -> bool:
        return self.across_m > params.corridor_m or self.up_m > params.corridor_up_m


def conformance(strays: Sequence[Stray], params: FollowingParams) -> str:
    """What is wrong with the way flown, `strays` in order of time; empty when it conforms.

    A short excursion (a gust, a turn) is allowed for as long as the part of the window inside is large enough.
    """
    if not strays or not strays[-1].outside(params):
        return ""
    last = strays[-1]
    since_s = last.at_s
    for stray in reversed(strays):
        if not stray.outside(params):
            break
        since_s = stray.at_s
    outside_s = last.at_s - since_s
    if outside_s >= params.recover_s:
        return f"off its planned way for {outside_s:.0f} s: {last.across_m:.0f} m across, {last.up_m:.0f} m in height"
    part = conforming_part(strays, params)
    if part < params.conforming_part and strays[-1].at_s - strays[0].at_s >= params.recover_s:
        return f"within its corridor for {100 * part:.0f} % of the last {last.at_s - strays[0].at_s:.0f} s, {last.across_m:.0f} m off now"
    return ""


def conforming_part(strays: Sequence[Stray], params: FollowingParams) -> float:
    """Part of the time that was flown inside the corridor; 1 when there is none."""
    whole_s = strays[-1].at_s - strays[0].at_s if strays else 0.0
    if whole_s <= 0:
        return 1.0
    return sum(after.at_s - before.at_s for before, after in pairwise(strays) if not after.outside(params)) / whole_s


def home_speed_mps(kind: DroneType, wind: Wind, course_deg: float) -> float:
    """Speed over ground at cruise airspeed on this course; 0 when the wind is too strong to hold it."""
    against_rad = math.radians(wind.from_deg - course_deg)
    across_mps = wind.speed_mps * math.sin(against_rad)
    if abs(across_mps) >= kind.cruise_mps:
        return 0.0
    return max(0.0, math.sqrt(kind.cruise_mps**2 - across_mps**2) - wind.speed_mps * math.cos(against_rad))


def home_wh(kind: DroneType, wind: Wind, places: Sequence[LatLon], height_m: float) -> float:
    """What flying home over these places, from here to above the base, and landing takes; infinite when the wind does not let it."""
    way_s = sum(_leg_s(kind, wind, place, following) for place, following in pairwise(places))
    return (way_s * kind.power_cruise_w + max(0.0, height_m) / kind.descent_mps * kind.power_hover_w) / 3600


def _leg_s(kind: DroneType, wind: Wind, place: LatLon, following: LatLon) -> float:
    way_m = geodesic_m(place, following)
    speed_mps = home_speed_mps(kind, wind, azimuth_deg(place, following)) if way_m > 1.0 else kind.cruise_mps
    return way_m / speed_mps if speed_mps > 0 else math.inf


def fence(outside_m: float, *, breached: bool) -> str:
    """Whether it is where it may not be, by the plan's airspace or by its own fence; empty when it is not."""
    if outside_m > 0.0:
        return f"{outside_m:.0f} m outside of where it may fly"
    return "it says that it has breached its own fence" if breached else ""


def battery_to_home(kind: DroneType, left_pct: float | None, needs_wh: float, params: FollowingParams) -> str:
    """Whether what is left takes it home with the margin; empty when it does, or nobody knows."""
    if left_pct is None:
        return ""
    left_wh = left_pct / 100 * kind.battery_wh
    if left_wh >= needs_wh * (1 + params.home_margin):
        return ""
    if math.isinf(needs_wh):
        return "the wind does not let it come home at cruise speed"
    return f"{left_wh:.1f} Wh left, the way home takes {needs_wh:.1f} Wh and {100 * params.home_margin:.0f} % are kept"


def link_age(now_s: float, position_s: float | None, params: FollowingParams) -> str:
    """Whether its position is old news; empty when it is not, or was never known."""
    if position_s is None or now_s - position_s <= params.old_s:
        return ""
    return f"its last position is {now_s - position_s:.0f} s old"
