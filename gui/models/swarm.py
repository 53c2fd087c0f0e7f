"""Thousands of drones as arrays: where each is, which way it points, how it looks. Only what has changed is looked at again."""

from __future__ import annotations

import math
from enum import IntEnum
from itertools import compress
from operator import is_not, or_

import numpy as np
from numpy.typing import NDArray

from gui.models.drone_view import DEFAULT_FRESHNESS, DroneView, Freshness
from gui.models.fleet import FleetModel
from gui.models.text import age_text
from gui.models.tracks import Spot, Tracks
from gui.models.viewport import Viewport

#: A click this close to a drone means it.
REACH_PX = 16.0

Floats = NDArray[np.float64]
Rows = NDArray[np.intp]


class Look(IntEnum):
    """How a drone's symbol is drawn; the value is what `Swarm.looks` holds."""

    FLYING = 0
    GROUNDED = 1
    STALE = 2
    LOST = 3


_NOWHERE = (math.nan, math.nan)
# As numbers and bound once: asking an enum's class for a member takes longer than all else.
_FLYING, _GROUNDED, _STALE, _LOST = (int(look) for look in Look)
_LIVE_FRESHNESS, _OVER_FRESHNESS, _STALE_FRESHNESS = Freshness.LIVE, Freshness.OVER, Freshness.STALE


class Swarm:
    """A row for each drone in the plan's order. Places are metres of the scene's frame, NaN for a drone that never said where it is."""

    def __init__(self) -> None:
        self._begin({})

    def _begin(self, drones: dict[str, DroneView]) -> None:
        number = len(drones)
        self.names = list(drones)
        self.nations = [drone.nation for drone in drones.values()]
        self._drones: list[DroneView | None] = [None] * number
        self._heads: list[Spot | None] = [None] * number
        self.east_m, self.north_m = np.full(number, math.nan), np.full(number, math.nan)
        self.heading_deg = np.zeros(number)
        self.looks = np.full(number, Look.LOST, dtype=np.int8)
        self.airborne = np.zeros(number, dtype=np.bool_)
        self._until_s = np.full(number, math.inf)

    def follow(self, fleet: FleetModel, tracks: Tracks, now_s: float) -> list[int]:
        """Bring the rows up to this instant; those that changed, or all after another fleet has come."""
        if self.names != list(fleet.drones):
            self._begin(fleet.drones)
        drones, heads = list(fleet.drones.values()), list(map(tracks.heads.get, self.names))
        # without a line of Python for each: most have not changed
        others = map(or_, map(is_not, drones, self._drones), map(is_not, heads, self._heads))
        changed = list(compress(range(len(drones)), others))
        changed += np.flatnonzero(self._until_s <= now_s).tolist()
        self._drones, self._heads = list(drones), heads
        if changed:
            self._take(changed, now_s)
        return changed

    def _take(self, rows: list[int], now_s: float) -> None:
        """All at once: writing into arrays one by one takes longer than finding out what to write."""
        places, headings, airborne, looks, until_s = [], [], [], [], []
        for row in rows:
            drone = self._drones[row]
            assert drone is not None
            state, flies = drone.state, drone.airborne
            places.append(self._heads[row] or _NOWHERE)
            headings.append(0.0 if state is None else state.heading_deg or 0.0)
            airborne.append(flies)
            fresh_s = _fresh_until_s(drone)
            if now_s < fresh_s:  # nearly always
                looks.append(_FLYING if flies else _GROUNDED)
                until_s.append(fresh_s)
            else:
                freshness = drone.freshness(now_s)
                looks.append(_look(freshness, airborne=flies))
                until_s.append(_until_s(drone, freshness, now_s))
        self.east_m[rows], self.north_m[rows] = np.array(places).T
        self.heading_deg[rows], self.airborne[rows], self.looks[rows], self._until_s[rows] = headings, airborne, looks, until_s

    def places_px(self, viewport: Viewport) -> tuple[Floats, Floats]:
        """Of all rows, on the screen."""
        # numbers or arrays of them: the viewport does not mind
        return viewport.to_screen(east_m=self.east_m, north_m=self.north_m)  # type: ignore[arg-type, return-value]

    def shown(self, x_px: Floats, y_px: Floats, viewport: Viewport, selected: frozenset[str], *, margin_px: float) -> Rows:
        """The rows in view in the order to paint them: those in flight over those that are not, picked ones on top."""
        within_x = (x_px >= -margin_px) & (x_px <= viewport.width_px + margin_px)
        rows = np.flatnonzero(within_x & (y_px >= -margin_px) & (y_px <= viewport.height_px + margin_px))
        rank = self.airborne.astype(np.int8)
        rank[self.rows_of(selected)] = 2
        return rows[np.argsort(rank[rows], kind="stable")]

    def rows_of(self, drones: frozenset[str]) -> list[int]:
        return [row for row, name in enumerate(self.names) if name in drones] if drones else []

    def label(self, row: int, now_s: float) -> str:
        """The drone's name; stale data carry their age."""
        drone = self._drones[row]
        age_s = None if drone is None or not self.in_trouble(row) else drone.age_s(now_s)
        return self.names[row] if age_s is None else f"{self.names[row]} ({age_text(age_s, tenths=False)})"

    def in_trouble(self, row: int) -> bool:
        return bool(self.looks[row] >= _STALE)

    def drone_at(self, viewport: Viewport, *, x_px: float, y_px: float) -> str | None:
        """The drone nearest to the pixel, if it is within reach."""
        if not self.names:
            return None
        there_x_px, there_y_px = self.places_px(viewport)
        away_px = np.nan_to_num(np.hypot(there_x_px - x_px, there_y_px - y_px), nan=math.inf)
        row = int(np.argmin(away_px))
        return self.names[row] if away_px[row] <= REACH_PX else None


def _fresh_until_s(drone: DroneView) -> float:
    """Till when it is live for certain."""
    if drone.heard_s is None or drone.over or drone.link_lost or drone.logged:
        return -math.inf
    return drone.heard_s + DEFAULT_FRESHNESS.stale_after_s


def _look(freshness: Freshness, *, airborne: bool) -> int:
    if freshness is _LIVE_FRESHNESS or freshness is _OVER_FRESHNESS:
        return _FLYING if airborne else _GROUNDED
    return _STALE if freshness is _STALE_FRESHNESS else _LOST


def _until_s(drone: DroneView, freshness: Freshness, now_s: float) -> float:
    """When the drone looks otherwise if nothing more is heard: it grows stale, or its age is a second more."""
    if drone.heard_s is None or freshness is _OVER_FRESHNESS or (drone.logged and freshness is _LIVE_FRESHNESS):
        return math.inf
    if freshness is _LIVE_FRESHNESS:
        return drone.heard_s + DEFAULT_FRESHNESS.stale_after_s
    return now_s + 1.0 - (now_s - drone.heard_s) % 1.0
