"""A patrol small enough to fly in a test: one base, copters that sweep two short lanes each, and a pair of hands for a fleet."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import shapely

from mavlink_bridge import events as e
from mavlink_bridge.fleet import Fleet
from mavlink_bridge.mission_items import SortieMission, sortie_mission
from planner.geo import Geographic, LatLon, LocalFrame, Position
from planner.model import (
    Base,
    Drone,
    DroneType,
    Leg,
    LegKind,
    Limits,
    Nation,
    Plan,
    PlanResult,
    Sensor,
    SolverInfo,
    Sortie,
    VehicleKind,
)

HOME = LatLon(lat_deg=47.5, lon_deg=19.0)
_FRAME = LocalFrame(HOME)
HEIGHT_M = 40.0


def quad(**changes: object) -> DroneType:
    figures: dict[str, object] = {
        "id": "quad",
        "kind": VehicleKind.COPTER,
        "cruise_mps": 9.0,
        "endurance_s": 1500.0,
        "battery_wh": 180.0,
        "power_hover_w": 353.0,
        "power_cruise_w": 384.0,
        "sensor": Sensor(swath_m=50.0),
        "height_above_home_m": HEIGHT_M,
    }
    return DroneType(**{**figures, **changes})  # type: ignore[arg-type]  # keys are DroneType's own


def at(east_m: float, north_m: float, height_m: float = HEIGHT_M) -> Position:
    place = _FRAME.point_to_geographic(east_m=east_m, north_m=north_m)
    return Position(lat_deg=place.lat_deg, lon_deg=place.lon_deg, height_m=height_m)


def leg(kind: LegKind, *points: Position, lane: str | None = None, duration_s: float = 10.0) -> Leg:
    return Leg(
        kind=kind,
        start=points[0],
        end=points[-1],
        start_s=0.0,
        end_s=duration_s,
        energy_wh=1.0,
        path=points if len(points) > 2 else None,
        lane=lane,
        swath_m=50.0 if lane else None,
    )


def two_lanes(length_m: float = 100.0, east_m: float = 20.0) -> tuple[Leg, ...]:
    """Up, out, one lane north, across, one lane south, home, down."""
    home, up = at(0, 0, 0), at(0, 0)
    corners = [at(east_m, 20), at(east_m, 20 + length_m), at(east_m + 50, 20 + length_m), at(east_m + 50, 20)]
    kinds = [(LegKind.SWEEP, f"L{east_m:g}a"), (LegKind.TRANSIT, None), (LegKind.SWEEP, f"L{east_m:g}b")]
    middle = [leg(kind, a, b, lane=lane) for (kind, lane), (a, b) in zip(kinds, pairwise(corners), strict=True)]
    return (
        leg(LegKind.TAKEOFF, home, up),
        leg(LegKind.TRANSIT, up, corners[0]),
        *middle,
        leg(LegKind.TRANSIT, corners[-1], up),
        leg(LegKind.LAND, up, home),
    )


def plan_with(*routes: Sequence[Leg], kind: DroneType | None = None) -> Plan:
    """A plan with one drone and one sortie for each route; only what the bridge reads is filled in with care."""
    kind = kind or quad()
    ground = Geographic(shapely.box(18.9, 47.4, 19.1, 47.6))
    drones = tuple(
        Drone(id=f"d{number}", nation="ALD", type=kind.id, base="base", system_id=number) for number in range(1, len(routes) + 1)
    )
    sorties = tuple(
        Sortie(
            id=f"{drone.id}.1",
            drone=drone.id,
            nation="ALD",
            start_base="base",
            end_base="base",
            start_s=0.0,
            end_s=sum(item.end_s for item in route),
            energy_wh=1.0,
            legs=tuple(route),
        )
        for drone, route in zip(drones, routes, strict=True)
    )
    return Plan(
        name="small",
        spec_sha256="0" * 64,
        start_utc="2026-06-01T06:00:00Z",
        area=ground,
        coverable=ground,
        border=None,
        position_uncertainty_m=0.0,
        nations=(Nation(id="ALD", name="Aldermark", territory=ground),),
        permissions=(),
        keep_outs=(),
        limits=Limits(),
        bases=(Base(id="base", nation="ALD", location=HOME, elevation_m=150.0),),
        drone_types=(kind,),
        drones=drones,
        sectors=(),
        lanes=(),
        sorties=sorties,
        unreachable=(),
        result=PlanResult(
            makespan_s=1.0,
            makespan_bound_s=1.0,
            gap=0.0,
            length_m=1.0,
            length_bound_m=1.0,
            coverage=1.0,
            coverage_of_area=1.0,
            share={"ALD": 1.0},
            worst_revisit_s=None,
            energy_wh=1.0,
        ),
        solver=SolverInfo(seconds=0.0, workers=1, effort=1, reproducible=True),
    )


def missions_of(plan: Plan) -> dict[str, SortieMission]:
    return {sortie.drone: sortie_mission(plan, sortie) for sortie in plan.sorties}


@dataclass
class Hands:
    """Does what mission control would: steps the fleet, keeps what happened, acts on events when told to."""

    fleet: Fleet
    events: list[e.FleetEvent] = field(default_factory=list)
    on_event: Callable[[e.FleetEvent], None] = lambda _event: None

    async def until(self, is_done: Callable[[list[e.FleetEvent]], bool], *, limit_s: float = 900.0) -> None:
        """Raises TimeoutError, with the last things that happened, when vehicle time runs out."""
        give_up_s = self.fleet.now_s + limit_s
        while not is_done(self.events):
            if self.fleet.now_s > give_up_s:
                raise TimeoutError([event for event in self.events if not isinstance(event, e.Telemetry)][-12:])
            for event in await self.fleet.step():
                self.events.append(event)
                self.on_event(event)

    async def until_all(self, kind: type[e.FleetEvent], drones: Sequence[str], *, limit_s: float = 900.0) -> None:
        """Until the event has happened to every drone (again, if it had before)."""
        missing, seen = set(drones), len(self.events)

        def is_done(events: list[e.FleetEvent]) -> bool:
            nonlocal seen
            missing.difference_update(event.drone for event in events[seen:] if isinstance(event, kind))
            seen = len(events)
            return not missing

        await self.until(is_done, limit_s=limit_s)

    async def fly(self, missions: dict[str, SortieMission], *, limit_s: float = 900.0) -> None:
        """Upload, launch when verified, and wait until all have disarmed."""

        def launch_when_verified(event: e.FleetEvent) -> None:
            if isinstance(event, e.Uploaded) and event.outcome is e.UploadOutcome.VERIFIED:
                self.fleet.launch(event.drone)

        self.on_event = launch_when_verified
        for drone, mission in missions.items():
            self.fleet.upload(drone, mission)
        await self.until_all(e.Disarmed, list(missions), limit_s=limit_s)

    def told(self, drone: str, *kinds: type[e.FleetEvent]) -> list[e.FleetEvent]:
        """What happened to a drone, of these kinds (the lifecycle, if none are named), in order."""
        wanted = kinds or e.LIFECYCLE
        return [event for event in self.events if event.drone == drone and isinstance(event, wanted)]

    def story(self, drone: str) -> list[str]:
        """The lifecycle in words, lanes by name."""
        return [
            f"{type(event).__name__} {lane}" if (lane := getattr(event, "lane", "")) else type(event).__name__ for event in self.told(drone)
        ]


def promised_story(mission: SortieMission) -> list[str]:
    lanes = [word for span in mission.spans for word in (f"LaneStarted {span.lane}", f"LaneFinished {span.lane}")]
    return ["Connected", "Ready", "Uploaded", "Armed", "Airborne", *lanes, "Returning", "Landed", "Disarmed"]
