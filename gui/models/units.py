"""The units that an operator reads: metric, or those of aviation. Everything is kept in metres and seconds."""

from __future__ import annotations

from enum import StrEnum

from gui.models.observable import Changed
from gui.models.text import length_text
from gui.models.words import mark, number_text, signed_text, tr

_FOOT_M = 0.3048
_NAUTICAL_MILE_M = 1852.0
_KNOT_MPS = _NAUTICAL_MILE_M / 3600.0
#: Shorter ways than this are read in feet.
_SHORTEST_NM = 0.1


class Units(StrEnum):
    """The value is its title."""

    METRIC = mark("Metric (m, km, m/s)")
    AVIATION = mark("Aviation (ft, NM, kt, ft/min)")

    @property
    def text(self) -> str:
        return tr(self.value)

    def height(self, height_m: float) -> str:
        # adding zero takes the sign off a negative one
        return tr("{height} m", height=number_text(round(height_m) + 0)) if self is Units.METRIC else _feet(height_m)

    def speed(self, speed_mps: float) -> str:
        return (
            tr("{speed} m/s", speed=number_text(speed_mps, 1))
            if self is Units.METRIC
            else tr("{speed} kt", speed=number_text(speed_mps / _KNOT_MPS, 1))
        )

    def climb(self, climb_mps: float) -> str:
        return (
            tr("{speed} m/s", speed=signed_text(climb_mps, 1))
            if self is Units.METRIC
            else tr("{speed} ft/min", speed=signed_text(round(60 * climb_mps / _FOOT_M, -1) + 0))
        )

    def length(self, length_m: float) -> str:
        if self is Units.METRIC:
            return length_text(length_m)
        miles = length_m / _NAUTICAL_MILE_M
        return tr("{length} NM", length=number_text(miles, 1)) if miles >= _SHORTEST_NM else _feet(length_m)

    def scale_steps_m(self) -> tuple[float, str, float, str]:
        """The small unit of a scale bar and its name, and the large one that takes over where it is as long."""
        return (1.0, "m", 1000.0, "km") if self is Units.METRIC else (_FOOT_M, "ft", _NAUTICAL_MILE_M, "NM")


def _feet(length_m: float) -> str:
    return tr("{length} ft", length=number_text(round(length_m / _FOOT_M) + 0))


class UnitsChoice:
    """What the operator has chosen; `changed` when it is another one."""

    def __init__(self) -> None:
        self.changed = Changed()
        self.now = Units.METRIC

    def choose(self, units: Units) -> None:
        if units is not self.now:
            self.now = units
            self.changed.emit()
