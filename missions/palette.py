"""One colour per nation, the same in exported files, reports and on the map.

Colours are those of Okabe and Ito (2008), "Color Universal Design": told apart with any colour vision, and readable on
white and on dark grey. Nobody should need them to tell nations apart: names and hatching say the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from planner.model import Nation


@dataclass(frozen=True, slots=True)
class Colour:
    """Red, green, blue in 0..255."""

    red: int
    green: int
    blue: int

    @property
    def css(self) -> str:
        return f"#{self.red:02x}{self.green:02x}{self.blue:02x}"

    def lightened(self, part: float) -> Colour:
        """Mixed with so much white (0..1), for dark grounds; the report's style calls it."""
        return Colour(*(round(value + part * (255 - value)) for value in (self.red, self.green, self.blue)))

    def kml(self, *, opacity: float = 1.0) -> str:
        """Hexadecimal alpha, blue, green, red: the order of KML's colorType."""
        return f"{round(255 * opacity):02x}{self.blue:02x}{self.green:02x}{self.red:02x}"


_NATIONS = (
    Colour(0, 114, 178),
    Colour(230, 159, 0),
    Colour(0, 158, 115),
    Colour(204, 121, 167),
    Colour(86, 180, 233),
    Colour(213, 94, 0),
)

#: What must not be entered.
KEEP_OUT = Colour(200, 30, 45)
#: The shared line, areas and whatever belongs to nobody.
NEUTRAL = Colour(120, 120, 120)


def nation_colours(nations: Sequence[Nation]) -> dict[str, Colour]:
    """A colour for each nation's id, by its place in the plan; they repeat after six."""
    return {nation.id: _NATIONS[index % len(_NATIONS)] for index, nation in enumerate(nations)}
