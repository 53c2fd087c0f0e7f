"""Home by a legal way: straight where nothing is in between, else a short mission around it; one after the other at each base."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from mavlink_bridge.vehicle_state import VehicleState
from planner.geo import LatLon, Position
from planner.heights_home import safe_m
from planner.model import KeepOut, Leg, LegKind, Plan, Sortie

if TYPE_CHECKING:
    from planner.ways.way_home import WayHome, WaysHome

#: Permissions end.
_GOOD_FOR_S = 60.0


def way_home_name(sortie: Sortie | None) -> str:
    return f"{sortie.id}-home" if sortie is not None else "home"


@dataclass(slots=True)
class Homecoming:
    """Ways home for one plan; `plan` and `closed` may change. Computed when first asked for: a hundredth of a second each."""

    plan: Plan
    closed: tuple[KeepOut, ...] = ()
    _ways: WaysHome | None = None
    _ways_s: float = 0.0
    _known: dict[tuple[str, str, int, int], WayHome] = field(default_factory=dict)

    def change(self, plan: Plan, closed: tuple[KeepOut, ...]) -> None:
        self.plan, self.closed, self._ways = plan, closed, None
        self._known.clear()

    def way(self, drone: str, place: LatLon, base: str, patrol_s: float) -> WayHome:
        """Some ten metres make no difference."""
        key = (drone, base, round(place.lat_deg * 1e4), round(place.lon_deg * 1e4))
        if key not in self._known:
            self._known[key] = self._fresh(patrol_s)(drone, place, base)
        return self._known[key]

    def outside_m(self, drone: str, place: LatLon, patrol_s: float) -> float:
        return self._fresh(patrol_s).is_outside_m(drone, place)

    def lets_pass(self, drone: str, here: LatLon, there: LatLon, patrol_s: float) -> bool:
        """Whether it may fly straight from here to there."""
        return self._fresh(patrol_s).lets_pass(drone, here, there)

    def _fresh(self, patrol_s: float) -> WaysHome:
        if self._ways is None or (patrol_s - self._ways_s > _GOOD_FOR_S and not self._ways.is_timeless):
            # Nobody needs a way home while flights are being taken up, and its module brings half of the planner.
            from planner.ways.way_home import WaysHome

            self._ways, self._ways_s = WaysHome(self.plan, self.closed, patrol_s), patrol_s
        return self._ways

    def mission(self, sortie: Sortie, state: VehicleState, patrol_s: float) -> Sortie | None:
        """The way home from where it is; None when it may fly straight, or nobody knows where it is."""
        if state.position is None:
            return None
        base = self.plan.base(sortie.start_base)
        # Afresh: what is flown begins where the drone is.
        way = self._fresh(patrol_s)(sortie.drone, state.position, base.id)
        if way.is_straight:
            return None
        top_m = sortie.legs[0].end.height_m
        height_m = state.alt_amsl_m - base.elevation_m if state.alt_amsl_m is not None else top_m
        return _as_sortie(sortie, way.places, max(height_m, safe_m(self.plan, self.plan.drone(sortie.drone)) or 0.0) or top_m)


def _as_sortie(sortie: Sortie, places: Sequence[LatLon], height_m: float) -> Sortie:
    """Take-off and landing as in the sortie, the way between them at this height. Its times are nobody's."""
    takeoff, landing = sortie.legs[0], sortie.legs[-1]
    points = [Position(lat_deg=place.lat_deg, lon_deg=place.lon_deg, height_m=height_m) for place in places]
    legs = [Leg(kind=LegKind.TRANSIT, start=a, end=b, start_s=0.0, end_s=0.0, energy_wh=0.0) for a, b in pairwise(points)]
    return replace(sortie, id=way_home_name(sortie), legs=(takeoff, *legs, replace(landing, start=points[-1])))
