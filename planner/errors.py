"""What can be wrong with a planner's input, as exceptions that name the subject and the mend."""

from __future__ import annotations


class PlannerError(Exception):
    """The specification cannot be planned at all; the message says why and what would mend it."""


class GeometryError(PlannerError):
    """A geometry is not usable: self-crossing, empty, or outside the world."""


class WindError(PlannerError):
    """The wind is faster than the drone can fly against."""
