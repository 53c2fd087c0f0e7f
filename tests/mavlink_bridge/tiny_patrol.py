"""A patrol small enough for a test: two short lanes and two sorties a drone, flown through a `Fleet` step by step."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace

from mavlink_bridge import events as e
from mavlink_bridge.fleet import Fleet, FleetParams, FrameRecorder, VehicleAddress
from mavlink_bridge.link import FleetLinks
from mavlink_bridge.mission_items import SortieMission, sortie_mission
from planner.model import Lane, Plan, Sortie
from sitl.config import VehicleConfig, configs_from_plan
from sitl.readiness import ReadinessParams
from sitl.simulated_fleet import LockstepLinks
from sitl.vehicle import EmbeddedVehicle
from tests.planner.plan_builder import BASES, Setting, build, flight, with_sorties

DRONES = ("w1", "w2")
#: What one whole sortie promises, whoever flies it; it is launched after the first Ready and Uploaded.
SORTIE_EVENTS = (
    "Armed",
    "Airborne",
    "LaneStarted {drone}-0",
    "LaneFinished {drone}-0",
    "LaneStarted {drone}-1",
    "LaneFinished {drone}-1",
    "Returning",
    "Landed",
    "Disarmed",
)
LANE_M, AWAY_M, APART_M = 60.0, 30.0, 20.0
HEIGHT_M = 20.0
_HASTE = 10.0


def tiny_plan() -> Plan:
    """The honest plan's drones of one nation with lanes and sorties that take a minute each."""
    setting = Setting()
    plan = build(setting)
    lanes = {drone: _lanes(setting, drone, base) for drone, base in zip(DRONES, BASES, strict=True)}
    sorties = [_sortie(setting, drone, base, lanes[drone], number) for drone, base in zip(DRONES, BASES, strict=True) for number in (1, 2)]
    all_lanes = tuple(lane for pair in lanes.values() for lane in pair)
    return replace(with_sorties(plan, sorties), lanes=all_lanes)


def _lanes(setting: Setting, drone: str, base: str) -> tuple[Lane, Lane]:
    east_m, north_m = BASES[base]
    south_m = north_m + AWAY_M

    def lane(number: int, from_m: float, to_m: float) -> Lane:
        there_m = east_m + number * APART_M
        start, end = setting.place(there_m, from_m), setting.place(there_m, to_m)
        return Lane(id=f"{drone}-{number}", nation="W", start=start, end=end, swath_m=setting.drone_type.swath_m)

    return lane(0, south_m, south_m + LANE_M), lane(1, south_m + LANE_M, south_m)


def _sortie(setting: Setting, drone: str, base: str, lanes: Sequence[Lane], number: int) -> Sortie:
    flown = flight(setting, "W", base, drone=drone, start_s=1000.0 * (number - 1)).takeoff(HEIGHT_M)
    return flown.sweep(lanes[0]).sweep(lanes[1]).to(*BASES[base]).land().sortie(f"{drone}/{number}", "W")


PLAN = tiny_plan()


def configs(drones: Sequence[str] = DRONES) -> tuple[VehicleConfig, ...]:
    return configs_from_plan(PLAN, drones=drones)


def mission(drone: str, number: int = 1) -> SortieMission:
    return sortie_mission(PLAN, PLAN.sorties_of(drone)[number - 1])


def fleet_of(
    vehicles: Sequence[VehicleConfig],
    links: FleetLinks,
    *,
    params: FleetParams | None = None,
    recorders: Mapping[str, FrameRecorder] | None = None,
) -> Fleet:
    addresses = [VehicleAddress(drone=each.drone, link=each.drone, system_id=each.system_id) for each in vehicles]
    return Fleet(addresses, links, params=params or FleetParams(), recorders=recorders)


def promised(drone: str) -> list[str]:
    """What a drone's one whole sortie promises once launched."""
    return [text.format(drone=drone) for text in SORTIE_EVENTS]


Wanted = Callable[[e.FleetEvent], bool]


def is_a(kind: type[e.FleetEvent], drone: str = "w1") -> Wanted:
    return lambda event: isinstance(event, kind) and event.drone == drone


class EmbeddedPatrol:
    """Embedded vehicles and a fleet on one clock; `until` lets time pass until something happens."""

    def __init__(
        self,
        runner: asyncio.Runner,
        drones: Sequence[str],
        *,
        recorders: Mapping[str, FrameRecorder] | None = None,
    ) -> None:
        self._runner = runner
        vehicles = configs(drones)
        self.links = LockstepLinks(vehicles, readiness=ReadinessParams(haste=_HASTE))
        self.fleet = fleet_of(vehicles, self.links, recorders=recorders)
        self.events: list[e.FleetEvent] = []

    def vehicle(self, drone: str = "w1") -> EmbeddedVehicle:
        return self.links.vehicles[drone]

    def until(self, wanted: Wanted, *, limit_s: float = 400.0) -> e.FleetEvent:
        """The first event from now on that is wanted; the events of the step in which it comes are all kept."""
        return self._runner.run(self._until(wanted, limit_s))

    def let_pass(self, seconds: float) -> list[e.FleetEvent]:
        """What happens in the next seconds."""
        seen = len(self.events)
        self._runner.run(self._let_pass(seconds))
        return self.events[seen:]

    def launched(self, drone: str = "w1", number: int = 1) -> None:
        """Ready, uploaded, and told to go."""
        self.fleet.upload(drone, mission(drone, number))
        uploaded = self.until(is_a(e.Uploaded, drone))
        assert isinstance(uploaded, e.Uploaded)
        assert uploaded.outcome is e.UploadOutcome.VERIFIED, uploaded.reason
        self.fleet.launch(drone)

    async def _until(self, wanted: Wanted, limit_s: float) -> e.FleetEvent:
        limit_s += self.fleet.now_s
        while self.fleet.now_s < limit_s:
            happened = await self.fleet.step()
            self.events += happened
            for event in happened:
                if wanted(event):
                    return event
        raise AssertionError(f"it never happened; last: {[event for event in self.events if not isinstance(event, e.Telemetry)][-5:]}")

    async def _let_pass(self, seconds: float) -> None:
        until_s = self.fleet.now_s + seconds
        while self.fleet.now_s < until_s:
            self.events += await self.fleet.step()


@contextmanager
def embedded_patrol(*drones: str, recorders: Mapping[str, FrameRecorder] | None = None) -> Iterator[EmbeddedPatrol]:
    with asyncio.Runner() as runner:
        yield EmbeddedPatrol(runner, drones or ("w1",), recorders=recorders)
