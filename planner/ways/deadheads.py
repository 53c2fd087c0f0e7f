"""Shortest legal ways between lane ends and bases, for drones that stop at corners and for drones that must keep turning.

A *state* is a track flown one way: 2 * track + 0 from start to end, + 1 back. Matrices give cruise seconds, infinite
where no legal way exists.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from planner import cost
from planner.model import DroneType, Wind
from planner.tracks.lanes import Point, Track
from planner.ways.corner_deadheads import CornerDeadheads
from planner.ways.curved_deadheads import CurvedDeadheads
from planner.ways.visibility import DeadheadParams, Room

Floats = NDArray[np.float64]


class Deadheads(Protocol):
    """Ways of one drone type among tracks and bases."""

    @property
    def out_s(self) -> Floats:
        """bases x states: from above a base to where the state begins."""

    @property
    def between_s(self) -> Floats:
        """states x states: from where the first ends to where the second begins."""

    @property
    def home_s(self) -> Floats:
        """states x bases: from where the state ends to above a base."""

    def out_path(self, base: int, state: int) -> Floats:
        """n x 2 metres, ends included."""

    def between_path(self, first: int, second: int) -> Floats: ...

    def home_path(self, state: int, base: int) -> Floats: ...


def find_deadheads(
    drone_types: Sequence[DroneType],
    tracks: Sequence[Track],
    bases: Sequence[Point],
    wind: Wind,
    *,
    flyable: BaseGeometry,
    approach: BaseGeometry | None = None,
    params: DeadheadParams | None = None,
) -> dict[str, Deadheads]:
    """All shortest ways for each type over the given airspace (local metres); ways to and from bases may use `approach`."""
    room = Room(tracks, bases, flyable, flyable if approach is None else approach, params or DeadheadParams())
    return {
        drone_type.id: CurvedDeadheads(drone_type, wind, room) if _must_turn(drone_type) else CornerDeadheads(drone_type, wind, room)
        for drone_type in drone_types
    }


def _must_turn(drone_type: DroneType) -> bool:
    return cost.is_winged(drone_type) and drone_type.turn_radius_m > 0
