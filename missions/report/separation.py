"""How close drones came to each other in the air, from their tracks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from missions.report.drone_record import DroneRecord
from missions.report.params import ReportParams
from planner.geo import LatLon, LocalFrame
from planner.model import Limits

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Encounter:
    """A pair's nearest moment while they were within the vertical minimum of each other; `lost_s` is how long both minima were undercut."""

    drones: tuple[str, str]
    at_s: float
    horizontal_m: float
    vertical_m: float
    place: LatLon
    lost_s: float

    @property
    def is_loss(self) -> bool:
        return self.lost_s > 0


def encounters(records: Sequence[DroneRecord], limits: Limits, frame: LocalFrame, params: ReportParams) -> list[Encounter]:
    """One for each pair that was ever airborne together at one level, nearest first."""
    paths = [(record.drone, _Path.of(record, params)) for record in records if record.airtimes and len(record.track) > 1]
    found = (_encounter((a, b), path_a, path_b, limits, frame, params) for (a, path_a), (b, path_b) in combinations(paths, 2))
    return sorted((encounter for encounter in found if encounter is not None), key=lambda encounter: encounter.horizontal_m)


@dataclass(frozen=True, slots=True)
class _Path:
    """Positions on the grid of all drones' common clock, from row `first` on; NaN while on the ground or silent."""

    first: int
    positions: Floats

    @classmethod
    def of(cls, record: DroneRecord, params: ReportParams) -> _Path:
        step_s, track = params.separation_step_s, record.track
        first = int(np.ceil(record.airtimes[0].start_s / step_s))
        last = int(np.floor(record.airtimes[-1].end_s / step_s))
        at_s: Floats = np.arange(first, last + 1, dtype=np.float64) * step_s
        positions = np.column_stack([np.interp(at_s, track.at_s, axis) for axis in (track.east_m, track.north_m, track.amsl_m)])
        aloft = np.zeros(len(at_s), dtype=bool)
        for span in record.airtimes:
            aloft |= (at_s >= span.start_s) & (at_s <= span.end_s)
        positions[~(aloft & _heard(at_s, track.at_s, params.max_gap_s))] = np.nan
        return cls(first, positions)


def _heard(at_s: Floats, reports_s: Floats, max_gap_s: float) -> NDArray[np.bool_]:
    """Whether a moment lies between two reports that are close enough to interpolate."""
    after = np.searchsorted(reports_s, at_s)
    inside = (after > 0) & (after < len(reports_s))
    clipped = np.clip(after, 1, len(reports_s) - 1)
    return inside & (reports_s[clipped] - reports_s[clipped - 1] <= max_gap_s)


def _encounter(drones: tuple[str, str], a: _Path, b: _Path, limits: Limits, frame: LocalFrame, params: ReportParams) -> Encounter | None:
    first, end = max(a.first, b.first), min(a.first + len(a.positions), b.first + len(b.positions))
    if end <= first:
        return None
    ours, theirs = a.positions[first - a.first : end - a.first], b.positions[first - b.first : end - b.first]
    apart = ours - theirs
    horizontal_m = np.hypot(apart[:, 0], apart[:, 1])
    vertical_m = np.abs(apart[:, 2])
    # comparisons with NaN are false: what was not heard counts for nothing
    horizontal_m = np.where(vertical_m < limits.min_vertical_separation_m - params.separation_tolerance_m, horizontal_m, np.inf)
    nearest = int(np.nanargmin(horizontal_m))
    if not np.isfinite(horizontal_m[nearest]):
        return None
    middle = (ours[nearest] + theirs[nearest]) / 2
    lost = horizontal_m < limits.min_separation_m - params.separation_tolerance_m
    return Encounter(
        drones=drones,
        at_s=(first + nearest) * params.separation_step_s,
        horizontal_m=float(horizontal_m[nearest]),
        vertical_m=float(vertical_m[nearest]),
        place=frame.point_to_geographic(east_m=float(middle[0]), north_m=float(middle[1])),
        lost_s=float(lost.sum()) * params.separation_step_s,
    )
