"""What patrols ask for beside the area's coverage: lines, corridors and points seen, and places seen again within their interval.

Rules `coverage` and `timing`, from the legs alone: docs/plan_file.md, "Segments and gaps".
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from planner.check.case import Case
from planner.check.findings import plan_finding
from planner.geo import LatLon, LocalFrame
from planner.model import LegKind, Patrol, Revisit, Rule, Violation

Floats = NDArray[np.float64]

_SEGMENT_M = 2_000.0
_STEP_M = 50.0
_SQUARES = 2_000
_STRIPS = 8
#: What counting places otherwise (two of a segment of a line), or rounding of times, may change.
_PART_TOLERANCE = 2 * _STEP_M / _SEGMENT_M
_GAP_TOLERANCE_S = 15.0


@dataclass(frozen=True, eq=False, slots=True)
class _Segment:
    name: str
    places_m: Floats
    required_s: float | None


def check_patrols(case: Case) -> Iterator[Violation]:
    """At most one violation a patrol for what is not seen and one for its longest gap, and those of stated figures that are not so."""
    plan = case.plan
    if plan.area.is_empty or (plan.duration_s is None and not any(patrol.places or patrol.shape is not None for patrol in plan.patrols)):
        return
    frame = LocalFrame.around([plan.area])
    legs = _sweep_legs(case, frame)
    found: list[Revisit] = []
    for patrol in plan.patrols:
        segments = _segments(case, patrol, frame)
        own = [_judged(patrol, segment, _seen_at(segment.places_m, legs), plan.duration_s) for segment in segments]
        yield from _unseen(patrol, segments, own, frame)
        yield from _too_late(patrol, segments, own, frame, case)
        found += own
    yield from _misstated(case, found)


def measure_revisits(case: Case) -> tuple[Revisit, ...]:
    """All segments of all patrols, in order, as the plan's legs see them."""
    frame = LocalFrame.around([case.plan.area])
    legs = _sweep_legs(case, frame)
    return tuple(
        _judged(patrol, segment, _seen_at(segment.places_m, legs), case.plan.duration_s)
        for patrol in case.plan.patrols
        for segment in _segments(case, patrol, frame)
    )


def _sweep_legs(case: Case, frame: LocalFrame) -> Floats:
    """A row for each straight piece of a SWEEP leg: from east, north, to east, north, from and to seconds, half the swath."""
    rows = []
    for leg in case.legs:
        if leg.leg.kind is LegKind.SWEEP:
            half_m = min(leg.leg.swath_m or 0.0, leg.seen_swath_m) / 2
            east_m, north_m = frame.arrays_to_local(leg.degrees[:, 1], leg.degrees[:, 0])
            for first in range(len(east_m) - 1):
                ends = (east_m[first], north_m[first], east_m[first + 1], north_m[first + 1])
                rows.append((*ends, leg.times_s[first], leg.times_s[first + 1], half_m))
    return np.array(rows, dtype=np.float64).reshape(-1, 7)


def _seen_at(places_m: Floats, legs: Floats) -> list[Floats]:
    """When each place is seen: abeam of a leg, within half its swath."""
    (west, south), (east, north) = places_m.min(axis=0), places_m.max(axis=0)
    half_m = legs[:, 6]
    near = (
        (legs[:, [0, 2]].min(axis=1) - half_m <= east)
        & (legs[:, [0, 2]].max(axis=1) + half_m >= west)
        & (legs[:, [1, 3]].min(axis=1) - half_m <= north)
        & (legs[:, [1, 3]].max(axis=1) + half_m >= south)
    )
    times: list[list[float]] = [[] for _ in places_m]
    for start_e, start_n, end_e, end_n, from_s, to_s, half in legs[near].tolist():
        length_m = math.hypot(end_e - start_e, end_n - start_n)
        if length_m <= 0:
            continue
        unit = np.array([(end_e - start_e) / length_m, (end_n - start_n) / length_m])
        off = places_m - np.array([start_e, start_n])
        along, across = off @ unit, off @ np.array([-unit[1], unit[0]])
        for place in np.flatnonzero((along >= -1e-6) & (along <= length_m + 1e-6) & (np.abs(across) <= half)).tolist():
            times[place].append(from_s + float(along[place]) / length_m * (to_s - from_s))
    return [np.array(sorted(each)) for each in times]


def _judged(patrol: Patrol, segment: _Segment, times: Sequence[Floats], until_s: float | None) -> Revisit:
    if until_s is not None:
        times = [each[each <= until_s] for each in times]
    seen = [each for each in times if len(each)]
    gaps = np.concatenate([np.diff([*each, until_s]) for each in seen]) if seen and until_s is not None else np.empty(0)
    return Revisit(
        patrol=patrol.id,
        segment=segment.name,
        part=len(seen) / len(times),
        visits=sum(len(each) for each in times) / len(times),
        first_s=max((float(each[0]) for each in seen), default=None),
        worst_s=float(gaps.max()) if len(gaps) else None,
        mean_s=float(gaps.mean()) if len(gaps) else None,
        p95_s=float(np.percentile(gaps, 95)) if len(gaps) else None,
        required_s=segment.required_s,
    )


def _segments(case: Case, patrol: Patrol, frame: LocalFrame) -> list[_Segment]:
    if patrol.places:
        return [
            _Segment(
                place.id,
                np.array([frame.point_to_local(place.location)]),
                None if patrol.interval_s is None else patrol.interval_s / place.weight,
            )
            for place in patrol.places
        ]
    if patrol.has_ground:
        ground = frame.ground(case.plan.coverable)
        return _strips(ground if patrol.shape is None else ground.intersection(frame.ground(patrol.shape)), patrol.interval_s)
    assert patrol.shape is not None
    return list(_stretches(frame.line(patrol.shape), patrol.interval_s))


def _stretches(line: BaseGeometry, required_s: float | None) -> Iterator[_Segment]:
    parts = shapely.get_parts(shapely.line_merge(line) if line.geom_type == "MultiLineString" else line)
    for number, part in enumerate(parts, start=1):
        count = max(1, math.ceil(part.length / _SEGMENT_M))
        for index in range(count):
            low_m, high_m = part.length * index / count, part.length * (index + 1) / count
            steps = max(1, math.ceil((high_m - low_m) / _STEP_M))
            places = [part.interpolate(low_m + (high_m - low_m) * step / steps).coords[0] for step in range(steps + 1)]
            yield _Segment(f"{number}:{low_m:.0f}-{high_m:.0f} m", np.array(places), required_s)


def _strips(ground: BaseGeometry, required_s: float | None) -> list[_Segment]:
    if ground.is_empty:
        return []
    west, south, east, north = ground.bounds
    side_m = math.sqrt(ground.area / _SQUARES)
    columns = [west + side_m * (index + 0.5) for index in range(math.ceil((east - west) / side_m))]
    rows = [south + side_m * (index + 0.5) for index in range(math.ceil((north - south) / side_m))]
    by_strip: dict[int, list[tuple[float, float]]] = {}
    shapely.prepare(ground)
    for row in rows:
        inside = shapely.contains_xy(ground, columns, [row] * len(columns))
        for column in (column for column, within in zip(columns, inside, strict=True) if within):
            part = (column - west) / (east - west) if east - west >= north - south else (row - south) / (north - south)
            by_strip.setdefault(min(_STRIPS - 1, int(part * _STRIPS)), []).append((column, row))
    return [_Segment(f"strip {number + 1}", np.array(places), required_s) for number, places in sorted(by_strip.items())]


def _unseen(patrol: Patrol, segments: Sequence[_Segment], own: Sequence[Revisit], frame: LocalFrame) -> Iterator[Violation]:
    """The area's own coverage is judged elsewhere."""
    if patrol.shape is None and not patrol.places:
        return
    total = sum(len(segment.places_m) for segment in segments)
    if total == 0:
        return
    seen = sum(each.part * len(segment.places_m) for each, segment in zip(own, segments, strict=True)) / total
    least = 1.0 if patrol.places else patrol.min_seen
    if seen < least - 1e-9:
        worst = min(range(len(own)), key=lambda index: own[index].part)
        names = [each.segment for each in own if each.part < 1.0]
        text = f"patrol {patrol.id}: {seen:.2%} is seen, {least:.2%} is asked for; missed in {', '.join(names[:8])}"
        yield plan_finding(Rule.COVERAGE, patrol.id, text, amount=least - seen, at=_place(segments[worst], frame))


def _too_late(patrol: Patrol, segments: Sequence[_Segment], own: Sequence[Revisit], frame: LocalFrame, case: Case) -> Iterator[Violation]:
    if case.plan.duration_s is None:
        return
    late = [
        (each.worst_s - each.required_s, index)
        for index, each in enumerate(own)
        if each.worst_s is not None and each.required_s is not None and each.worst_s > each.required_s + case.params.tolerance_s
    ]
    if late:
        most_s, index = max(late)
        each = own[index]
        text = (
            f"patrol {patrol.id}: {each.segment} waits {each.worst_s:.0f} s, it is to be seen again within {each.required_s:.0f} s; "
            f"{len(late)} of {len(own)} segments wait too long"
        )
        yield plan_finding(Rule.TIMING, patrol.id, text, amount=most_s, unit="s", at=_place(segments[index], frame))


def _place(segment: _Segment, frame: LocalFrame) -> LatLon:
    east_m, north_m = segment.places_m[len(segment.places_m) // 2].tolist()
    return frame.point_to_geographic(east_m=east_m, north_m=north_m)


def _misstated(case: Case, found: Sequence[Revisit]) -> Iterator[Violation]:
    """Stated segments and the stated worst gap against those found."""
    result = case.plan.result
    worst = max((each.worst_s for each in found if each.worst_s is not None), default=None)
    if _differ(result.worst_revisit_s, worst):
        text = f"the plan states {_told(result.worst_revisit_s)}, it is {_told(worst)}"
        yield plan_finding(
            Rule.TIMING, "result.worst_revisit_s", text, amount=abs((result.worst_revisit_s or 0.0) - (worst or 0.0)), unit="s"
        )
    if len(result.revisits) != len(found):
        text = f"{len(result.revisits)} segments are stated, there are {len(found)}"
        yield plan_finding(Rule.TIMING, "result.revisits", text, amount=abs(len(result.revisits) - len(found)))
        return
    for stated, each in zip(result.revisits, found, strict=True):
        off = [name for name in ("first_s", "worst_s", "mean_s", "p95_s") if _differ(getattr(stated, name), getattr(each, name))]
        if abs(stated.part - each.part) > _PART_TOLERANCE:
            off.append("part")
        if off:
            text = f"patrol {each.patrol}, {each.segment}: the stated {', '.join(off)} are not what is found"
            yield plan_finding(Rule.TIMING, f"result.revisits {each.patrol} {each.segment}", text)


def _differ(stated_s: float | None, found_s: float | None) -> bool:
    if stated_s is None or found_s is None:
        return stated_s is not found_s
    return not abs(stated_s - found_s) <= max(_GAP_TOLERANCE_S, 0.01 * found_s)


def _told(seconds: float | None) -> str:
    return "none" if seconds is None else f"{seconds:.1f} s"
