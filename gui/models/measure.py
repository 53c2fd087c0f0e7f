"""A line that the operator lays over the map to measure: lengths and courses of its legs, on the ellipsoid."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from gui.models.observable import Changed
from gui.models.units import Units, UnitsChoice
from gui.models.words import tr
from planner.geo import LatLon, azimuth_deg, geodesic_m


@dataclass(frozen=True, kw_only=True, slots=True)
class MeasuredLeg:
    start: LatLon
    end: LatLon
    length_m: float
    course_deg: float
    """Clockwise from true north, at its start."""

    def text(self, units: Units) -> str:
        return f"{units.length(self.length_m)}  {self.course_deg:03.0f}°"


class Measure:
    """Settled `points`, and `tip` while the line follows the mouse."""

    def __init__(self, units: UnitsChoice) -> None:
        self.changed = Changed()
        self._units = units
        self.points: tuple[LatLon, ...] = ()
        self.tip: LatLon | None = None

    @property
    def legs(self) -> tuple[MeasuredLeg, ...]:
        points = (*self.points, self.tip) if self.points and self.tip is not None else self.points
        return tuple(
            MeasuredLeg(start=a, end=b, length_m=geodesic_m(a, b), course_deg=azimuth_deg(a, b) % 360.0)
            for a, b in pairwise(points)
            if a != b
        )

    @property
    def text(self) -> str:
        """For the status bar."""
        legs, units = self.legs, self._units.now
        if not legs:
            return tr("Click on the map to measure; Esc ends")
        return tr("{sum} in all, last leg {units}", sum=units.length(sum(leg.length_m for leg in legs)), units=legs[-1].text(units))

    def add(self, point: LatLon) -> None:
        if not self.points or point != self.points[-1]:
            self.points = (*self.points, point)
        self.tip = point
        self.changed.emit()

    def point_at(self, point: LatLon | None) -> None:
        if self.points and point != self.tip:
            self.tip = point
            self.changed.emit()

    def take_back(self) -> None:
        self.points = self.points[:-1]
        self.changed.emit()

    def clear(self) -> None:
        self.points, self.tip = (), None
        self.changed.emit()
