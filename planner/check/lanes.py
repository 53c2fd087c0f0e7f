"""Rule `lane_missing`: each lane is swept over its whole length by SWEEP legs that name it and lie on it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import shapely

from planner.check.case import Case
from planner.check.findings import leg_finding, plan_finding
from planner.check.flown import FlownLeg
from planner.check.frames import in_frame
from planner.geo import LocalFrame, geodesic_points
from planner.model import Lane, LegKind, Rule, Violation


def check_lanes(case: Case) -> Iterator[Violation]:
    """One violation a lane (its largest gap), and one for each leg that names a lane which does not exist."""
    known = {lane.id for lane in case.plan.lanes}
    by_lane: dict[str, list[FlownLeg]] = {}
    for leg in case.legs:
        name = leg.leg.lane
        if name is None or leg.leg.kind is not LegKind.SWEEP:
            continue
        by_lane.setdefault(name, []).append(leg)
        if name not in known:
            yield leg_finding(Rule.LANE_MISSING, leg, f"it sweeps lane {name!r}, which the plan does not have")
    for lane in case.plan.lanes:
        yield from _unswept(lane, by_lane.get(lane.id, []), case)


def _unswept(lane: Lane, legs: Sequence[FlownLeg], case: Case) -> Iterator[Violation]:
    frame = case.grid.at(lane.start).frame
    line = shapely.LineString(in_frame(geodesic_points(lane.start, lane.end, max_step_m=case.params.max_segment_m), frame))
    swept, strays = [], []
    for leg in legs:
        points = shapely.points(in_frame((point.ground for point in leg.points), frame))
        off_m = float(shapely.distance(line, points).max())
        if off_m > case.params.tolerance_m:
            strays.append(f"legs[{leg.index}] of sortie {leg.sortie.id} is {off_m:.1f} m off it")
        else:
            along_m = shapely.line_locate_point(line, points)
            swept.append((float(along_m.min()), float(along_m.max())))
    gaps = _gaps(swept, line.length, case.params.tolerance_m)
    if gaps:
        yield _missing(lane, gaps, line, frame, strays)


def _gaps(swept: Sequence[tuple[float, float]], length_m: float, tolerance_m: float) -> list[tuple[float, float]]:
    """Stretches of the lane, in metres from its start, that no piece sweeps."""
    reached_m, gaps = 0.0, []
    for low_m, high_m in [*sorted(swept), (length_m, length_m)]:
        if low_m > reached_m + tolerance_m:
            gaps.append((reached_m, low_m))
        reached_m = max(reached_m, high_m)
    return gaps if swept else [(0.0, length_m)]


def _missing(
    lane: Lane, gaps: Sequence[tuple[float, float]], line: shapely.LineString, frame: LocalFrame, strays: Sequence[str]
) -> Violation:
    low_m, high_m = max(gaps, key=lambda gap: gap[1] - gap[0])
    middle = np.asarray(shapely.line_interpolate_point(line, (low_m + high_m) / 2).coords[0])
    place = frame.point_to_geographic(east_m=float(middle[0]), north_m=float(middle[1]))
    unswept_m = sum(high - low for low, high in gaps)
    text = f"lane {lane.id} of {lane.nation}: {unswept_m:.1f} of its {line.length:.1f} m are not swept"
    return plan_finding(Rule.LANE_MISSING, lane.id, "; ".join([text, *strays]), amount=unswept_m, unit="m", at=place)
