"""When further sorties are launched in a plan that is being flown: each as soon as it meets nobody whose times are settled."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from planner.geo import LocalFrame
from planner.model import Base, Limits, Plan, Sortie
from planner.timetable.base_traffic import Visit, clash, visits
from planner.timetable.schedule import shifted

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, slots=True)
class LaterParams:
    """Delays are tried in steps of `step_s`, positions compared every `sample_s`. Minima are kept with the margins to spare, over
    a base also `base_slack_s` between drones: flights do not keep to the second.
    """

    step_s: float = 10.0
    sample_s: float = 1.0
    margin_m: float = 30.0
    margin_up_m: float = 2.0
    near_margin_m: float = 20.0
    base_slack_s: float = 30.0
    most_delay_s: float = 7_200.0


@dataclass(frozen=True, slots=True)
class Course:
    """Positions (east, north, above sea) on a grid of seconds, from grid number `first` on."""

    first: int
    points_m: Floats
    visits: tuple[Visit, ...]

    def shifted(self, delay_s: float, sample_s: float) -> Course:
        """The same later, by a multiple of the grid's seconds."""
        return Course(self.first + round(delay_s / sample_s), self.points_m, tuple(visit.shifted(delay_s) for visit in self.visits))


def place_later(
    settled: Sequence[Sortie],
    chains: Mapping[str, Sequence[Sortie]],
    ready_s: Mapping[str, float],
    *,
    frame: LocalFrame,
    plan: Plan,
    late_s: Mapping[str, float] | None = None,
    params: LaterParams | None = None,
) -> tuple[Sortie, ...]:
    """The chains' sorties with their times; a drone's next starts when its battery is swapped. One for which no delay helps keeps
    its earliest time: the check will say so. The first of a drone in `late_s` is the rest of a sortie in the air: it begins at its
    ready time, or so much later, and meets nobody in either case.
    """
    params = params or LaterParams()
    swap_s = {drone.id: plan.drone_type(drone.type).battery_swap_s for drone in plan.drones}
    sampler = CourseSampler(frame, {base.id: base for base in plan.bases}, plan.limits, params)
    courses = [(sortie.drone, sampler.course(sortie)) for sortie in settled]
    placed: list[Sortie] = []
    for drone in sorted(chains, key=lambda name: (ready_s[name], name)):
        earliest_s, late = ready_s[drone], (late_s or {}).get(drone)
        for sortie in chains[drone]:
            others = [course for name, course in courses if name != drone]
            start_s = earliest_s if late is not None else math.ceil(earliest_s / params.step_s) * params.step_s
            variants_s = (0.0,) if late is None else (0.0, late)
            launched = _launched(shifted(sortie, start_s - sortie.start_s), variants_s, others, sampler)
            courses += [(drone, sampler.course(shifted(launched, variant_s))) for variant_s in variants_s]
            placed.append(launched)
            earliest_s, late = launched.end_s + (late or 0.0) + swap_s[drone], None
    return tuple(placed)


def _launched(earliest: Sortie, variants_s: Sequence[float], others: Sequence[Course], sampler: CourseSampler) -> Sortie:
    params = sampler.params
    templates = [sampler.course(shifted(earliest, variant_s)) for variant_s in variants_s]
    for number in range(int(params.most_delay_s / params.step_s)):
        delay_s = number * params.step_s
        laters = [template.shifted(delay_s, params.sample_s) for template in templates]
        if not any(
            clash(later.visits, other.visits, params.base_slack_s) or sampler.meet(later, other) for later in laters for other in others
        ):
            return shifted(earliest, delay_s)
    return earliest


class CourseSampler:
    """Samples sorties' paths in space and time, and tells which of them come too close."""

    def __init__(self, frame: LocalFrame, bases: Mapping[str, Base], limits: Limits, params: LaterParams) -> None:
        self.params = params
        self._frame, self._bases, self._limits = frame, bases, limits
        self._places_m = {name: frame.point_to_local(base.location) for name, base in bases.items()}

    def course(self, sortie: Sortie) -> Course:
        grid_s, points_m = self._points(sortie)
        near_m = self._limits.min_separation_m + self.params.near_margin_m
        return Course(round(grid_s[0] / self.params.sample_s), points_m, visits(grid_s, points_m, self._places_m, near_m))

    def meet(self, one: Course, other: Course) -> bool:
        """Whether both minima are undercut at once, margins included."""
        first = max(one.first, other.first)
        last = min(one.first + len(one.points_m), other.first + len(other.points_m))
        if first >= last:
            return False
        apart_m = np.abs(one.points_m[first - one.first : last - one.first] - other.points_m[first - other.first : last - other.first])
        near = np.hypot(apart_m[:, 0], apart_m[:, 1]) < self._limits.min_separation_m + self.params.margin_m
        return bool(np.any(near & (apart_m[:, 2] < self._limits.min_vertical_separation_m + self.params.margin_up_m)))

    def _points(self, sortie: Sortie) -> tuple[Floats, Floats]:
        ground_m = self._bases[sortie.start_base].elevation_m
        rows: list[tuple[float, float, float, float]] = []
        for leg in sortie.legs:
            places = [(*self._frame.point_to_local(point.ground), point.height_m + ground_m) for point in leg.points]
            east_m, north_m, up_m = np.diff(places, axis=0).T
            steps_m = np.hypot(np.hypot(east_m, north_m), up_m)
            along_m = np.concatenate([[0.0], np.cumsum(steps_m)])
            parts = along_m / along_m[-1] if along_m[-1] > 0 else np.linspace(0.0, 1.0, len(places))
            rows += [(leg.start_s + float(part) * (leg.end_s - leg.start_s), *place) for part, place in zip(parts, places, strict=True)]
        times_s, *axes = np.array(rows).T
        first, last = int(sortie.start_s // self.params.sample_s), math.ceil(sortie.end_s / self.params.sample_s)
        grid_s: Floats = np.arange(first, last + 1, dtype=np.float64) * self.params.sample_s
        return grid_s, np.stack([np.interp(grid_s, times_s, axis) for axis in axes], axis=1)
