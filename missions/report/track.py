"""A drone's flown path as arrays over time, rebuilt from its telemetry."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from planner.geo import LatLon, LocalFrame

Floats = NDArray[np.float64]

#: Reports closer in time than this are of one moment, as far as speeds go.
_INSTANT_S = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """One row for each position a drone reported, in order of time; what it did not say is NaN.

    `at_s` is vehicle time, `east_m` and `north_m` are of the frame it was built in, `amsl_m` is above sea level.
    `consumed_mah` is what the battery has given since it was fitted.
    """

    at_s: Floats
    east_m: Floats
    north_m: Floats
    amsl_m: Floats
    volts: Floats
    amperes: Floats
    consumed_mah: Floats

    def __len__(self) -> int:
        return len(self.at_s)

    def between(self, from_s: float, to_s: float) -> Track:
        """The part from one moment to another, ends interpolated where the track has points on both sides."""
        if len(self) == 0:
            return self
        inside = self._rows(np.flatnonzero((self.at_s > from_s) & (self.at_s < to_s)))
        ends = [moment_s for moment_s in (from_s, to_s) if self._holds(moment_s)]
        return inside._with(self._interpolated(np.array(ends)))

    def pieces(self, *, max_gap_s: float, max_speed_mps: float) -> list[Track]:
        """The track cut wherever nothing was heard for longer than `max_gap_s`, or a position jumped faster than can be flown."""
        steps_s, steps_m = np.diff(self.at_s), np.hypot(np.diff(self.east_m), np.diff(self.north_m))
        cuts = np.flatnonzero((steps_s > max_gap_s) | (steps_m > max_speed_mps * np.maximum(steps_s, _INSTANT_S))) + 1
        return [self._rows(rows) for rows in np.split(np.arange(len(self)), cuts) if len(rows) > 0]

    def length_m(self, *, min_step_m: float) -> float:
        """Horizontal length; steps shorter than `min_step_m` are added up first, so that jitter at a hover counts little."""
        total_m, last = 0.0, None
        for here in zip(self.east_m.tolist(), self.north_m.tolist(), strict=True):
            if last is None:
                last = here
                continue
            step_m = float(np.hypot(here[0] - last[0], here[1] - last[1]))
            if step_m >= min_step_m:
                total_m, last = total_m + step_m, here
        return total_m

    def places(self, frame: LocalFrame) -> tuple[LatLon, ...]:
        """The points as latitude and longitude."""
        lat_deg, lon_deg = frame.arrays_to_geographic(self.east_m, self.north_m)
        return tuple(LatLon(lat_deg=lat, lon_deg=lon) for lat, lon in zip(lat_deg.tolist(), lon_deg.tolist(), strict=True))

    def _holds(self, moment_s: float) -> bool:
        return bool(self.at_s[0] <= moment_s <= self.at_s[-1])

    def _rows(self, rows: NDArray[np.intp]) -> Track:
        return Track(**{name: getattr(self, name)[rows] for name in Track.__slots__})

    def _interpolated(self, moments_s: Floats) -> Track:
        others = [name for name in Track.__slots__ if name != "at_s"]
        return Track(at_s=moments_s, **{name: np.interp(moments_s, self.at_s, getattr(self, name)) for name in others})

    def _with(self, other: Track) -> Track:
        joined = Track(**{name: np.concatenate([getattr(self, name), getattr(other, name)]) for name in Track.__slots__})
        return joined._rows(np.argsort(joined.at_s, kind="stable"))
