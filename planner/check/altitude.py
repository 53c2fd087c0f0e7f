"""Rule `altitude`: heights within every policy that applies, and no swath wider than the sensor sees from there.

In a plan that knows its terrain heights count above ground, as its legs state them; over flat earth, above the base.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from planner.check import intervals
from planner.check.case import Case, Scene, Track
from planner.check.findings import leg_finding
from planner.check.flown import FlownLeg
from planner.check.ground import Ground
from planner.check.intervals import WHOLE
from planner.check.params import CheckParams
from planner.model import LegKind, Nation, Plan, Rule, Violation


def check_altitude(case: Case) -> Iterator[Violation]:
    """At most one violation a leg: too low, else too high, else too wide a swath."""
    for scene in case.scenes:
        for track in scene.tracks:
            found = _too_low(track.flown, case.params) or _too_high(track, case.plan, scene, case.params)
            found = found or _too_wide(track.flown, case.params)
            if found is not None:
                yield found


def _too_wide(flown: FlownLeg, params: CheckParams) -> Violation | None:
    """A SWEEP leg that claims more than its sensor sees, or what is no width at all."""
    claimed_m = flown.leg.swath_m
    if flown.leg.kind is not LegKind.SWEEP or claimed_m is None:
        return None
    seen_m = flown.seen_swath_m
    if 0 < claimed_m <= seen_m + params.swath_tolerance_m:
        return None
    where = f"from {flown.lowest_m:.1f} m: up to {seen_m:.2f} m"
    text = f"swath_m {claimed_m:.2f} is not what the sensor of type {flown.drone_type.id} sees {where}"
    return leg_finding(Rule.ALTITUDE, flown, text, amount=claimed_m - seen_m, unit="m")


def _too_low(flown: FlownLeg, params: CheckParams) -> Violation | None:
    is_flight = flown.leg.kind not in (LegKind.TAKEOFF, LegKind.LAND)
    if flown.above_ground is not None and is_flight:
        low_m = flown.above_ground.least_m
        return leg_finding(Rule.ALTITUDE, flown, f"height {low_m:.1f} m is in the ground", amount=-low_m, unit="m") if low_m <= 0 else None
    heights_m = flown.heights_m
    lowest = int(np.argmin(heights_m))
    height_m = float(heights_m[lowest])
    at, at_s = flown.points[lowest], float(flown.times_s[lowest])
    if height_m < -params.tolerance_m:
        text = f"height {height_m:.1f} m is below the base it started from"
        return leg_finding(Rule.ALTITUDE, flown, text, amount=-height_m, unit="m", at=at, at_s=at_s)
    if height_m <= 0 and is_flight:
        text = f"height {height_m:.1f} m is on the ground, where only TAKEOFF and LAND belong"
        return leg_finding(Rule.ALTITUDE, flown, text, amount=-height_m, unit="m", at=at, at_s=at_s)
    return None


def _too_high(track: Track, plan: Plan, scene: Scene, params: CheckParams) -> Violation | None:
    """The policy that is broken by most, among the drone's own and those of the nations it is over."""
    heights_m = _judged_heights_m(track.flown)
    breaches = [
        (height_m - nation.policy.max_height_m, nation, height_m, index, part)
        for nation in plan.nations
        if heights_m.max() > nation.policy.max_height_m + params.tolerance_m
        for height_m, index, part in _heights_under(nation, track, scene.ground, params)
        if height_m > nation.policy.max_height_m + params.tolerance_m
    ]
    if not breaches:
        return None
    over_m, nation, height_m, index, part = max(breaches, key=lambda breach: breach[0])
    east_m, north_m = track.points_m[index] + (track.points_m[index + 1] - track.points_m[index]) * part
    place = scene.tile.frame.point_to_geographic(east_m=float(east_m), north_m=float(north_m))
    at_s = float(np.interp(index + part, np.arange(len(heights_m)), track.flown.times_s))
    text = f"height {height_m:.1f} m passes the {nation.policy.max_height_m:g} m that {nation.id} allows"
    return leg_finding(Rule.ALTITUDE, track.flown, text, amount=over_m, unit="m", at=place, at_s=at_s)


def _judged_heights_m(flown: FlownLeg) -> NDArray[np.float64]:
    """At each point: the height that policies limit. Above ground a leg states the greatest only, which is taken for all of it."""
    if flown.above_ground is None:
        return flown.heights_m
    return np.full(len(flown.heights_m), flown.above_ground.most_m)


def _heights_under(nation: Nation, track: Track, ground: Ground, params: CheckParams) -> Iterator[tuple[float, int, float]]:
    """Height, segment and part of it, at the ends of each stretch where the nation's policy holds."""
    heights_m = _judged_heights_m(track.flown)
    everywhere = nation.id == track.flown.drone.nation
    territory = ground.territory[nation.id].buffer(-params.tolerance_m)
    for index, (start, end) in enumerate(track.segments()):
        for stretch in WHOLE if everywhere else intervals.inside(territory, start, end):
            for part in stretch:
                yield float(heights_m[index] + (heights_m[index + 1] - heights_m[index]) * part), index, part
