"""How often a plan's places are seen, and how long each waits in between: the figures that a plan states.

`check` works out the same by its own code.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import shapely
from numpy.typing import NDArray

from planner.coverage import swath_along
from planner.geo import LocalFrame
from planner.model import LegKind, Patrol, PatrolFigures, Plan, Revisit
from planner.revisit.bound import Fleet, far_ends_bound_s, fleet_of, ground_bound_s, line_bound_s, line_reference_s, points_bound_s
from planner.revisit.places import Segment, segments_of

Floats = NDArray[np.float64]


def measured(plan: Plan, bits: Mapping[str, float]) -> tuple[tuple[PatrolFigures, ...], tuple[Revisit, ...]]:
    """Figures of each patrol and of each segment. A single sweep that is flown once needs none: its coverage says all."""
    figures: list[PatrolFigures] = []
    revisits: list[Revisit] = []
    if plan.duration_s is None and all(patrol.has_ground and patrol.shape is None for patrol in plan.patrols):
        return (), ()
    frame = LocalFrame.around([plan.area])
    sweeps = _Sweeps(plan, frame)
    for patrol in plan.patrols:
        found = segments_of(plan, patrol, frame)
        times = sweeps.seen_at([segment.places for segment in found])
        own = [_revisit(patrol, segment, each, plan.duration_s) for segment, each in zip(found, times, strict=True)]
        revisits += own
        figures.append(_figures(plan, patrol, own, found, frame, bits.get(patrol.id)))
    return tuple(figures), tuple(revisits)


def _figures(
    plan: Plan, patrol: Patrol, own: Sequence[Revisit], found: Sequence[Segment], frame: LocalFrame, bits: float | None
) -> PatrolFigures:
    places = sum(len(segment.places) for segment in found)
    seen = sum(each.part * len(segment.places) for each, segment in zip(own, found, strict=True))
    worst = [each.worst_s for each in own if each.worst_s is not None]
    again = plan.duration_s is not None
    return PatrolFigures(
        patrol=patrol.id,
        seen=seen / places if places else 1.0,
        worst_s=max(worst, default=None),
        bound_s=_bound_s(plan, patrol, found, frame) if again else None,
        reference_s=_reference_s(plan, patrol, frame) if again else None,
        entropy_bits=bits,
    )


def _bound_s(plan: Plan, patrol: Patrol, found: Sequence[Segment], frame: LocalFrame) -> float:
    types = [plan.drone_type(drone.type) for drone in plan.drones]
    fleet = fleet_of(types, plan.wind, [plan.base(drone.base).location for drone in plan.drones])
    places = np.concatenate([segment.places for segment in found]) if found else np.empty((0, 2))
    bases = np.array([frame.point_to_local(base.location) for base in plan.bases])
    # Of many places some are enough: the bound holds for any of them.
    far_s = far_ends_bound_s(places[:: max(1, len(places) // 400)], bases, types, plan.wind) if len(places) else 0.0
    return max(far_s, _own_bound_s(plan, patrol, places, frame, fleet))


def _own_bound_s(plan: Plan, patrol: Patrol, places: Floats, frame: LocalFrame, fleet: Fleet) -> float:
    if patrol.places:
        return points_bound_s(places, fleet)
    if patrol.has_ground:
        ground = frame.ground(plan.coverable)
        asked = ground if patrol.shape is None else ground.intersection(frame.ground(patrol.shape))
        return ground_bound_s(asked.area * (plan.min_coverage if patrol.shape is None else patrol.min_seen), fleet)
    assert patrol.shape is not None
    return line_bound_s(frame.line(patrol.shape), fleet)


def _reference_s(plan: Plan, patrol: Patrol, frame: LocalFrame) -> float | None:
    if patrol.shape is None or patrol.has_ground:
        return None
    return line_reference_s(frame.line(patrol.shape).length, [plan.drone_type(drone.type).cruise_mps for drone in plan.drones])


def _revisit(patrol: Patrol, segment: Segment, times: Sequence[Floats], until_s: float | None) -> Revisit:
    """`times` are when each of the segment's places is seen, in order."""
    seen = [each for each in times if len(each)]
    gaps = np.concatenate([np.diff(each, append=until_s) for each in seen]) if seen and until_s is not None else np.empty(0)
    return Revisit(
        patrol=patrol.id,
        segment=segment.name,
        part=len(seen) / len(times),
        visits=float(np.mean([len(each) for each in times])),
        first_s=max((float(each[0]) for each in seen), default=None),
        worst_s=float(gaps.max()) if len(gaps) else None,
        mean_s=float(gaps.mean()) if len(gaps) else None,
        p95_s=float(np.percentile(gaps, 95)) if len(gaps) else None,
        required_s=segment.required_s,
    )


class _Sweeps:
    """The straight pieces of all sweep legs: what each sees and when it passes."""

    def __init__(self, plan: Plan, frame: LocalFrame) -> None:
        rows: list[tuple[float, float, float, float, float, float, float]] = []
        for sortie in plan.sorties:
            for leg in sortie.legs:
                if leg.kind is LegKind.SWEEP:
                    ends = [frame.point_to_local(point.ground) for point in (leg.start, leg.end)]
                    rows.append((*ends[0], *ends[1], leg.start_s, leg.end_s, leg.swath_m or 0.0))
        self._rows = np.array(rows, dtype=np.float64).reshape(-1, 7)
        self._until_s = np.inf if plan.duration_s is None else plan.duration_s
        lines = np.asarray(shapely.linestrings(self._rows[:, :4].reshape(-1, 2, 2))) if len(rows) else np.empty(0, dtype=object)
        self._swaths = np.array([swath_along(line, width) for line, width in zip(lines, self._rows[:, 6], strict=True)], dtype=object)

    def seen_at(self, groups: Sequence[Floats]) -> list[list[Floats]]:
        """For each group of places when each place is seen, in order of time."""
        if not groups:
            return []
        places = np.concatenate(groups)
        tree = shapely.STRtree(np.asarray(shapely.points(places)))
        leg, place = tree.query(self._swaths, predicate="intersects") if len(self._swaths) else (np.empty(0, int), np.empty(0, int))
        start, end = self._rows[leg, 0:2], self._rows[leg, 2:4]
        along = ((places[place] - start) * (end - start)).sum(axis=1) / np.maximum(((end - start) ** 2).sum(axis=1), 1e-12)
        at_s = self._rows[leg, 4] + np.clip(along, 0.0, 1.0) * (self._rows[leg, 5] - self._rows[leg, 4])
        kept = at_s <= self._until_s
        order = np.lexsort((at_s[kept], place[kept]))
        times = np.split(at_s[kept][order], np.searchsorted(place[kept][order], np.arange(1, len(places))))
        found, first = [], 0
        for group in groups:
            found.append(times[first : first + len(group)])
            first += len(group)
        return found
