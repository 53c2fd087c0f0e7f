"""Watch how close airborne drones come to each other, from what they say of themselves."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from mavlink_bridge.vehicle_state import VehicleState
from missions.control.itinerary import Minima
from planner.geo import LocalFrame

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Encounter:
    """Two drones closer than both minima, with their distances when that was first seen."""

    drones: tuple[str, str]
    horizontal_m: float
    vertical_m: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fix:
    """A reported position, and the velocity that led there from the report before."""

    at_s: float
    east_m: float
    north_m: float
    amsl_m: float
    east_mps: float = 0.0
    north_mps: float = 0.0


@dataclass(slots=True)
class SeparationWatch:
    """`closest_m` is the least horizontal distance of any two airborne drones that were within the vertical minimum."""

    frame: LocalFrame
    minima: Minima
    stale_s: float
    closest_m: float | None = None
    _fixes: dict[str, _Fix] = field(default_factory=dict)
    _ongoing: set[tuple[str, str]] = field(default_factory=set)
    _looked_s: float | None = None

    def observe(self, airborne: dict[str, VehicleState], now_s: float) -> list[Encounter]:
        """Encounters that began since the last look."""
        period_s = now_s - self._looked_s if self._looked_s is not None else 0.0
        self._looked_s = now_s
        self._fixes = {drone: self._fix(drone, state) for drone, state in airborne.items() if _known(state)}
        fresh = {drone: fix for drone, fix in self._fixes.items() if now_s - fix.at_s <= self.stale_s}
        found = self._near(fresh, now_s, period_s) if len(fresh) > 1 else {}
        begun = [encounter for pair, encounter in found.items() if pair not in self._ongoing]
        self._ongoing = set(found)
        return begun

    def _fix(self, drone: str, state: VehicleState) -> _Fix:
        assert state.position is not None
        at_s, amsl_m = state.position_s or 0.0, state.alt_amsl_m or 0.0
        before = self._fixes.get(drone)
        if before is not None and before.at_s == at_s:
            return before
        east_m, north_m = self.frame.point_to_local(state.position)
        if before is None:
            return _Fix(at_s=at_s, east_m=east_m, north_m=north_m, amsl_m=amsl_m)
        took_s = at_s - before.at_s
        return _Fix(
            at_s=at_s,
            east_m=east_m,
            north_m=north_m,
            amsl_m=amsl_m,
            east_mps=(east_m - before.east_m) / took_s,
            north_mps=(north_m - before.north_m) / took_s,
        )

    def _near(self, fixes: dict[str, _Fix], now_s: float, period_s: float) -> dict[tuple[str, str], Encounter]:
        drones = sorted(fixes)
        horizontal_m, vertical_m = _closest_approaches([fixes[drone] for drone in drones], now_s, period_s)
        same_level = vertical_m < self.minima.vertical_m
        self._remember_closest(horizontal_m[same_level])
        return {
            (drones[a], drones[b]): Encounter(
                drones=(drones[a], drones[b]), horizontal_m=float(horizontal_m[a, b]), vertical_m=float(vertical_m[a, b])
            )
            for a, b in np.argwhere(same_level & (horizontal_m < self.minima.horizontal_m))
        }

    def _remember_closest(self, distances_m: Floats) -> None:
        if distances_m.size:
            nearest_m = float(distances_m.min())
            self.closest_m = nearest_m if self.closest_m is None else min(self.closest_m, nearest_m)


def _known(state: VehicleState) -> bool:
    return state.position is not None and state.alt_amsl_m is not None and state.position_s is not None


def _closest_approaches(fixes: list[_Fix], now_s: float, period_s: float) -> tuple[Floats, Floats]:
    """Pairwise distance and height difference at the nearest moment of the past period: upper triangle, the rest infinite.

    Reports come at different instants, so each drone is first carried to `now_s` by its own velocity.
    """
    position = np.array([(fix.east_m, fix.north_m) for fix in fixes])
    velocity = np.array([(fix.east_mps, fix.north_mps) for fix in fixes])
    amsl_m = np.array([fix.amsl_m for fix in fixes])
    age_s = np.array([now_s - fix.at_s for fix in fixes])
    position = position + velocity * age_s[:, None]
    apart = position[:, None, :] - position[None, :, :]
    closing = velocity[:, None, :] - velocity[None, :, :]
    square = (closing**2).sum(axis=2)
    moment_s = -(apart * closing).sum(axis=2) / np.where(square > 0, square, 1.0)
    nearest = apart + closing * np.clip(moment_s, -period_s, 0.0)[..., None]
    mirrored = ~np.triu(np.ones((len(fixes), len(fixes)), dtype=bool), k=1)
    return (
        np.where(mirrored, np.inf, np.hypot(nearest[..., 0], nearest[..., 1])),
        np.where(mirrored, np.inf, np.abs(amsl_m[:, None] - amsl_m[None, :])),
    )
