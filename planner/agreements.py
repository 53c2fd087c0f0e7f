"""What is wrong with permissions before anything is solved: those that have ended, contradict themselves or cannot be used, and why."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

import shapely
from shapely.geometry.base import BaseGeometry

from planner.geo import LocalFrame
from planner.model import KeepOut, MissionSpec, Permission

#: A consent for less than this part of its polygon is one for other nations' ground.
_OWN_PART = 0.01


def why_unusable(spec: MissionSpec, permission: Permission, flown_m: Sequence[float]) -> str | None:
    """Why the guest's drones, which work at these heights, cannot fly by it at any time; None when they can.

    Over terrain heights above a base are another at each place, and limits are above ground: the airspace looks where they hold.
    """
    band, validity = permission.band, permission.validity
    host = spec.nation(permission.host)
    low_m, high_m = band.min_m, min(band.max_m, host.policy.max_height_m)
    if not flown_m:
        return f"{permission.guest} has no drone"
    if validity.to_s <= 0:
        return f"it ended {abs(validity.to_s):.0f} s before the plan starts"
    if permission.max_drones is not None and permission.max_drones < 1:
        return "it admits no drone"
    if spec.terrain is not None:
        return None
    if low_m > high_m:
        return f"it begins at {low_m:g} m, {host.id} allows {host.policy.max_height_m:g} m"
    off_m = [height_m for height_m in flown_m if not low_m <= height_m <= high_m]
    if off_m:
        whose = f"{host.id}'s limit" if high_m < band.max_m and max(off_m) > high_m else "its band"
        return f"drones of {permission.guest} work at {_heights(off_m)} m, outside {whose} ({_range(low_m, high_m)} m)"
    return None


def unusable(spec: MissionSpec, heights_m: Mapping[str, float]) -> dict[str, str]:
    """The permissions that nobody flies by, in the mission's order, each with whose it is and why."""
    found: dict[str, str] = {}
    for permission in spec.permissions:
        flown_m = [heights_m[drone.id] for drone in spec.drones if drone.nation == permission.guest]
        why = why_unusable(spec, permission, flown_m)
        if why is not None:
            found[permission.id] = f"{_name(permission)} is not used: {why}"
    return found


def agreement_notes(spec: MissionSpec, heights_m: Mapping[str, float], frame: LocalFrame) -> tuple[str, ...]:
    """Everything a reader should know about the agreements: unusable ones, and those that contradict the map or the keep-outs."""
    shut = unusable(spec, heights_m)
    at_odds = (note for each in spec.permissions if each.id not in shut for note in _contradictions(spec, each, frame))
    return (*shut.values(), *at_odds)


def rule_notes(spec: MissionSpec) -> tuple[str, ...]:
    """Whose rule holds where nations' rules differ, and what the buffers of keep-outs are made up of."""
    return (*_strictest(spec), *_buffers(spec))


def _strictest(spec: MissionSpec) -> Iterator[str]:
    limits = spec.limits
    for words, minimum_m, asked in (
        ("horizontal", limits.min_separation_m, {nation.id: nation.policy.min_separation_m for nation in spec.nations}),
        ("vertical", limits.min_vertical_separation_m, {nation.id: nation.policy.min_vertical_separation_m for nation in spec.nations}),
    ):
        strict = [nation for nation, value_m in asked.items() if value_m == minimum_m]
        if strict and len(strict) < len(asked):
            yield f"{words} separation of {minimum_m:g} m for all is the rule of {', '.join(strict)}"
    ceilings = {nation.id: nation.policy.max_height_m for nation in spec.nations}
    lowest_m = min(ceilings.values(), default=math.inf)
    strict = [nation for nation, ceiling_m in ceilings.items() if ceiling_m == lowest_m]
    if len(strict) < len(ceilings):
        yield f"nobody flies above {lowest_m:g} m over {', '.join(strict)}, nor do its drones anywhere: its rule is the strictest"


def _buffers(spec: MissionSpec) -> Iterator[str]:
    """What stated buffers are made up of."""
    for each in spec.keep_outs:
        parts = [
            f"{value_m:g} m of {words}"
            for value_m, words in (
                (each.navigation_error_m, "navigation error"),
                (each.wind_drift_m, "wind drift"),
                (each.border_uncertainty_m, "the border's uncertainty"),
            )
            if value_m > 0
        ]
        if parts:
            yield f"keep-out {each.id} is kept clear by {each.buffer_m:g} m: {', '.join(parts)}"


def _contradictions(spec: MissionSpec, permission: Permission, frame: LocalFrame) -> Iterator[str]:
    ground = frame.ground(permission.polygon)
    if permission.host == permission.guest:
        yield f"{_name(permission)} changes nothing: {permission.guest} is host and guest"
    elif ground.area > 0 and ground.intersection(frame.ground(spec.nation(permission.host).territory)).area < _OWN_PART * ground.area:
        yield f"{_name(permission)} is for ground that is not {permission.host}'s"
    for keep_out in spec.keep_outs:
        if _always_holds(keep_out) and _covers(frame, keep_out, ground):
            yield f"{_name(permission)} opens nothing: keep-out {keep_out.id} closes all of its ground"


def _always_holds(keep_out: KeepOut) -> bool:
    band, validity = keep_out.band, keep_out.validity
    return validity.from_s <= 0 and validity.to_s == math.inf and band.min_m <= 0 and band.max_m == math.inf


def _covers(frame: LocalFrame, keep_out: KeepOut, ground: BaseGeometry) -> bool:
    return bool(shapely.covers(frame.ground(keep_out.polygon).buffer(keep_out.buffer_m), ground))


def _name(permission: Permission) -> str:
    return f"permission {permission.id} of {permission.host} for {permission.guest}"


def _heights(values_m: Sequence[float]) -> str:
    return ", ".join(f"{height_m:g}" for height_m in sorted(set(values_m)))


def _range(low_m: float, high_m: float) -> str:
    return f"{'any' if low_m == -math.inf else format(low_m, 'g')} to {'any' if high_m == math.inf else format(high_m, 'g')}"
