"""Look at everybody in the air once a second, and say once what is wrong: separation, conformance, fence, battery, old news."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from mavlink_bridge.events import Alert, AlertLevel
from mavlink_bridge.vehicle_state import VehicleState
from missions.control import following
from missions.control.following import FollowingParams, Stray
from missions.control.homecoming import Homecoming
from missions.control.itinerary import Minima
from missions.control.messages import DronePhase
from missions.control.near_traffic import NearTraffic
from missions.control.params import ControlParams
from missions.control.programme import Programme
from missions.control.separation import Encounter, SeparationWatch
from planner.geo import LocalFrame
from planner.model import Leg, LegKind, Plan, Sortie

#: Metres east, north, and above the base.
_Place = tuple[float, float, float]


def minima_of(plan: Plan, params: ControlParams) -> Minima:
    """What counts as a loss in flight: the plan's minima less what positions are uncertain by."""
    return Minima(
        horizontal_m=plan.limits.min_separation_m - params.separation_tolerance_m,
        vertical_m=plan.limits.min_vertical_separation_m - params.separation_tolerance_m,
        step_s=params.forecast_step_s,
    )


@dataclass(slots=True)
class _Followed:
    """What was seen of one flight. `said` rules are not said again until they have been right in between."""

    strays: deque[Stray] = field(default_factory=deque)
    said: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Watch:
    """`look` at the pace of `separation_period_s`."""

    plan: Plan
    params: ControlParams
    frame: LocalFrame
    homecoming: Homecoming
    separation: SeparationWatch = field(init=False)
    traffic: NearTraffic = field(default_factory=NearTraffic)
    _followed: dict[str, _Followed] = field(default_factory=dict)
    _ways: dict[str, list[list[_Place]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.separation = SeparationWatch(self.frame, minima_of(self.plan, self.params), self.params.stale_position_s)

    def look(self, programmes: Mapping[str, Programme], now_s: float, patrol_s: float) -> list[Alert]:
        airborne = {drone: programme.state for drone, programme in programmes.items() if programme.airborne}
        alerts = [self._too_close(encounter, now_s) for encounter in self.separation.observe(airborne, now_s)]
        alerts += self.traffic.look(airborne, now_s)
        for drone, programme in programmes.items():
            if drone not in airborne:
                self._followed.pop(drone, None)
                continue
            alerts += self._follow(programme, self._followed.setdefault(drone, _Followed()), now_s, patrol_s)
        return alerts

    def _follow(self, programme: Programme, followed: _Followed, now_s: float, patrol_s: float) -> list[Alert]:
        params, state = self.params.following, programme.state
        self._stray(programme, followed, params)
        kind = self.plan.drone_type(self.plan.drone(programme.drone).type)
        battery = following.battery_to_home(kind, state.battery_remaining_pct, self._home_wh(programme, patrol_s), params)
        outside_m = self.homecoming.outside_m(programme.drone, state.position, patrol_s) if state.position is not None else 0.0
        findings = {
            "conformance": (AlertLevel.WARNING, following.conformance(followed.strays, params)),
            "fence": (AlertLevel.CRITICAL, following.fence(outside_m, breached=state.fence_breached)),
            "battery_home": (AlertLevel.CRITICAL, battery),
            "link_age": (AlertLevel.INFO, following.link_age(now_s, state.position_s, params)),
        }
        found = {rule for rule, (_, text) in findings.items() if text}
        alerts = [programme.alert(now_s, level, rule, text) for rule, (level, text) in findings.items() if rule in found - followed.said]
        followed.said = found
        return alerts

    def _stray(self, programme: Programme, followed: _Followed, params: FollowingParams) -> None:
        """Only a drone that flies its sortie has a corridor."""
        leg, state = programme.progress.leg, programme.state
        if programme.phase is not DronePhase.FLYING or leg is None or state.position_s is None:
            followed.strays.clear()
            return
        if followed.strays and followed.strays[-1].at_s >= state.position_s:
            return
        stray = self._off_course(programme, state)
        if stray is not None:
            followed.strays.append(stray)
        while followed.strays and followed.strays[0].at_s < state.position_s - params.window_s:
            followed.strays.popleft()

    def _off_course(self, programme: Programme, state: VehicleState) -> Stray | None:
        """From the nearest of the legs from the one it is known to be on to the next lane: events tell of lanes only."""
        sortie, leg = programme.progress.sortie, programme.progress.leg
        if sortie is None or leg is None or state.position is None or state.position_s is None:
            return None
        place = sortie.legs.index(leg)
        base_m = self.plan.base(sortie.start_base).elevation_m
        here = (*self.frame.point_to_local(state.position), (state.alt_amsl_m or base_m) - base_m)
        sweeps = (number for number in range(place + 1, len(sortie.legs)) if sortie.legs[number].kind is LegKind.SWEEP)
        near = self._ways_of(sortie)[max(0, place - 1) : next(sweeps, len(sortie.legs)) + 1]
        across_m, up_m = min((_off_leg(here, corners) for corners in near), key=lambda off: off[0] + off[1])
        return Stray(at_s=state.position_s, across_m=across_m, up_m=up_m)

    def _ways_of(self, sortie: Sortie) -> list[list[_Place]]:
        if sortie.id not in self._ways:
            self._ways[sortie.id] = [self._corners(leg) for leg in sortie.legs]
        return self._ways[sortie.id]

    def _corners(self, leg: Leg) -> list[_Place]:
        return [(*self.frame.point_to_local(point.ground), point.height_m) for point in leg.points]

    def _home_wh(self, programme: Programme, patrol_s: float) -> float:
        """By the legal way."""
        sortie, state = programme.progress.sortie, programme.state
        if sortie is None or state.position is None:
            return 0.0
        base = self.plan.base(sortie.start_base)
        kind = self.plan.drone_type(self.plan.drone(programme.drone).type)
        height_m = (state.alt_amsl_m or base.elevation_m) - base.elevation_m
        way = self.homecoming.way(programme.drone, state.position, base.id, patrol_s)
        return following.home_wh(kind, self.plan.wind, [state.position, *way.places[1:]], height_m)

    def _too_close(self, encounter: Encounter, now_s: float) -> Alert:
        first, second = encounter.drones
        limits = self.plan.limits
        text = (
            f"{encounter.horizontal_m:.0f} m from {second}, {encounter.vertical_m:.0f} m in height; "
            f"minima {limits.min_separation_m:g} m, {limits.min_vertical_separation_m:g} m"
        )
        return Alert(drone=first, at_s=now_s, level=AlertLevel.CRITICAL, rule="separation", text=text)


def _off_leg(here: _Place, corners: Sequence[_Place]) -> tuple[float, float]:
    """Distance across and in height from the nearest point of a leg's path."""
    best = (math.inf, math.inf, math.inf)
    for start, end in pairwise(corners):
        step = (end[0] - start[0], end[1] - start[1], end[2] - start[2])
        way = (here[0] - start[0], here[1] - start[1], here[2] - start[2])
        square = step[0] * step[0] + step[1] * step[1] + step[2] * step[2]
        along = way[0] * step[0] + way[1] * step[1] + way[2] * step[2]
        part = min(1.0, max(0.0, along / square)) if square > 0 else 0.0
        across_m = math.hypot(way[0] - part * step[0], way[1] - part * step[1])
        up_m = abs(way[2] - part * step[2])
        best = min(best, (math.hypot(across_m, up_m), across_m, up_m))
    return best[1], best[2]
