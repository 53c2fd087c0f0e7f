"""A flight of a plan as its log would tell it: drones that do what their legs say, and what can go wrong on request."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from mavlink_bridge.events import (
    Airborne,
    Armed,
    Connected,
    Disarmed,
    FleetEvent,
    Landed,
    LaneFinished,
    LaneStarted,
    Ready,
    Returning,
    Telemetry,
    Uploaded,
    UploadOutcome,
)
from mavlink_bridge.vehicle_state import VehicleState
from missions.control.messages import PatrolEvent, PatrolState, PatrolStateChanged
from planner.geo import LatLon
from planner.model import Leg, LegKind, Plan, Sortie

#: Vehicle time when the patrol's second 0 is.
ZERO_S = 35.0
VOLTS, HOVER_A = 12.0, 30.0


@dataclass(frozen=True, kw_only=True)
class FlightOptions:
    """What goes wrong. `gets_through` and `displaced_deg` (north, east) are asked with the drone and the patrol second.

    `height_m` is added to the heights it reports.
    """

    step_s: float = 1.0
    skipped_lanes: frozenset[str] = frozenset()
    upload: UploadOutcome = UploadOutcome.VERIFIED
    battery_speaks: bool = True
    gets_through: Callable[[str, float], bool] = lambda *_: True
    displaced_deg: Callable[[str, float], tuple[float, float]] = lambda *_: (0.0, 0.0)
    height_m: Callable[[str], float] = lambda _: 0.0
    ends_s: float = float("inf")


def fly(plan: Plan, options: FlightOptions = FlightOptions()) -> list[PatrolEvent]:
    """All drones' events in the order of time; the flight is cut off at `ends_s` patrol seconds."""
    events: list[PatrolEvent] = [PatrolStateChanged(at_s=ZERO_S, state=PatrolState.FLYING, patrol_s=0.0)]
    for drone in plan.drones:
        events.append(Connected(drone=drone.id, at_s=1.0, system_id=drone.system_id or 0))
        events.append(Ready(drone=drone.id, at_s=10.0))
        for sortie in plan.sorties_of(drone.id):
            events += _sortie(plan, sortie, options)
    kept = [event for event in events if event.at_s - ZERO_S <= options.ends_s]
    return sorted(kept, key=lambda event: event.at_s)


def _sortie(plan: Plan, sortie: Sortie, options: FlightOptions) -> Iterator[FleetEvent]:
    drone, start_s = sortie.drone, ZERO_S + sortie.start_s
    yield Uploaded(drone=drone, at_s=start_s - 20.0, outcome=options.upload, sortie=sortie.id)
    yield Armed(drone=drone, at_s=start_s - 2.0)
    yield Airborne(drone=drone, at_s=start_s)
    for leg in sortie.legs:
        yield from _lane_events(sortie, leg, options)
        yield from _telemetry(plan, sortie, leg, options)
    last_lane_s = max(leg.end_s for leg in sortie.legs if leg.kind is LegKind.SWEEP)
    yield Returning(drone=drone, at_s=ZERO_S + last_lane_s, reason="its mission")
    yield Landed(drone=drone, at_s=ZERO_S + sortie.end_s)
    yield Disarmed(drone=drone, at_s=ZERO_S + sortie.end_s + 3.0)


def _lane_events(sortie: Sortie, leg: Leg, options: FlightOptions) -> Iterator[FleetEvent]:
    if leg.lane is not None and leg.lane not in options.skipped_lanes:
        yield LaneStarted(drone=sortie.drone, at_s=ZERO_S + leg.start_s, lane=leg.lane, sortie=sortie.id)
        yield LaneFinished(drone=sortie.drone, at_s=ZERO_S + leg.end_s, lane=leg.lane, sortie=sortie.id)


def _telemetry(plan: Plan, sortie: Sortie, leg: Leg, options: FlightOptions) -> Iterator[Telemetry]:
    elevation_m = plan.base(sortie.start_base).elevation_m
    for patrol_s in np.arange(leg.start_s, leg.end_s, options.step_s).tolist():
        if not options.gets_through(sortie.drone, patrol_s):
            continue
        part = (patrol_s - leg.start_s) / (leg.end_s - leg.start_s)
        north_deg, east_deg = options.displaced_deg(sortie.drone, patrol_s)
        height_m = options.height_m(sortie.drone) + leg.start.height_m + part * (leg.end.height_m - leg.start.height_m)
        state = VehicleState(
            heard_s=ZERO_S + patrol_s,
            armed=True,
            position=LatLon(
                lat_deg=leg.start.lat_deg + part * (leg.end.lat_deg - leg.start.lat_deg) + north_deg,
                lon_deg=leg.start.lon_deg + part * (leg.end.lon_deg - leg.start.lon_deg) + east_deg,
            ),
            position_s=ZERO_S + patrol_s,
            relative_alt_m=height_m,
            alt_amsl_m=elevation_m + height_m,
            battery_v=VOLTS if options.battery_speaks else None,
            battery_a=HOVER_A if options.battery_speaks else None,
        )
        yield Telemetry(drone=sortie.drone, at_s=ZERO_S + patrol_s, state=state)
