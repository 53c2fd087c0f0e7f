"""The vehicles that a patrol flies on: embedded ones, ArduPilot's simulation, or real ones behind a links file.

Simulations are loaded when they are asked for: real aircraft, and who takes over a flight, do not wait for them.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from mavlink_bridge.fleet import DEFAULT_FLEET, Fleet, FleetParams, FrameRecorder, VehicleAddress
from mavlink_bridge.fleet_signing import FleetSigning
from mavlink_bridge.link import FleetLinks
from mavlink_bridge.signing import SigningKey, TimestampStore
from mavlink_bridge.socket_links import SocketLinks
from mavlink_bridge.streams import SPARSE_INTERVALS_S, SPARSE_PARKED_INTERVALS_S, StreamParams
from mavlink_bridge.vehicle import SessionParams
from missions.links_file import Airframe
from planner.model import Plan

if TYPE_CHECKING:
    from sitl.config import VehicleConfig
    from sitl.faults import FaultPlan

EMBEDDED = "embedded"
ARDUPILOT = "ardupilot"


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """The key of each drone that is spoken to signed, and where the time of signing is kept. `place` says where keys come from."""

    by_drone: Mapping[str, SigningKey]
    timestamps: TimestampStore
    place: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Embedded:
    """Simulated in this process. `speedup` None is as fast as it goes; `loss` is the part of frames lost each way.

    `signed` vehicles get keys of their own before they fly, which end with them.
    """

    speedup: float | None = None
    loss: float = 0.0
    seed: int = 0
    faults: FaultPlan | None = None
    signed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ArduPilot:
    """ArduPilot's own simulation, a process a vehicle. All as for `Embedded`; who resumes the patrol has neither loss nor faults."""

    speedup: float = 1.0
    loss: float = 0.0
    seed: int = 0
    faults: FaultPlan | None = None
    signed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Real:
    """Airframes, reached by these links (addresses by drone id).

    `system_ids` are the plan's when left out. `speedup` is for simulated vehicles that somebody else keeps up. `airframes` tell
    which is which. Drones in `keys` are spoken to signed.
    """

    links: Mapping[str, str]
    system_ids: Mapping[str, int] | None = None
    speedup: float | None = None
    airframes: Mapping[str, Airframe] = field(default_factory=dict)
    keys: Keys | None = None


Vehicles = Embedded | ArduPilot | Real


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenVehicles:
    """Vehicles that can be talked to, and how much they are asked to tell."""

    links: FleetLinks
    addresses: tuple[VehicleAddress, ...]
    params: FleetParams = DEFAULT_FLEET
    lasting: Real | None = None
    """The same vehicles for another mission control, should this one die; None when they die with it."""
    signing: FleetSigning = field(default_factory=FleetSigning)
    """One for all fleets of these vehicles, one after the other."""

    def fleet(self, recorders: Mapping[str, FrameRecorder] | None = None) -> Fleet:
        """The fleet of these vehicles."""
        return Fleet(self.addresses, self.links, params=self.params, recorders=recorders, signing=self.signing)


@asynccontextmanager
async def open_vehicles(plan: Plan, vehicles: Vehicles, folder: Path) -> AsyncIterator[OpenVehicles]:
    """Start them if they are simulated, and connect; on the way out everything that was started is stopped.

    Only drones that have a sortie are there. `folder` is for what simulated vehicles write. Raises ArduPilotError, OSError.
    """
    match vehicles:
        case Embedded() | ArduPilot():
            from sitl.config import configs_from_plan

            configs = configs_from_plan(plan, seed=vehicles.seed, drones={sortie.drone for sortie in plan.sorties})
            async with open_simulated(configs, vehicles, folder) as opened:
                yield opened
        case Real(links=by_drone):
            by_plan = {drone.id: drone.system_id for drone in plan.drones if drone.system_id is not None}
            known = vehicles.system_ids or by_plan
            addresses = tuple(
                VehicleAddress(drone=drone, link=link, system_id=system_id)
                for drone, link in by_drone.items()
                if (system_id := known.get(drone)) is not None
            )
            sockets = await SocketLinks.open({link: link for link in by_drone.values()}, speedup=vehicles.speedup)
            async with _closing(
                OpenVehicles(links=sockets, addresses=addresses, lasting=vehicles, signing=_signing(vehicles.keys))
            ) as opened:
                yield opened


@asynccontextmanager
async def open_simulated(configs: Sequence[VehicleConfig], vehicles: Embedded | ArduPilot, folder: Path) -> AsyncIterator[OpenVehicles]:
    """Start vehicles of these configurations, and connect; as `open_vehicles`."""
    match vehicles:
        case Embedded():
            from sitl.simulated_fleet import LockstepLinks

            lockstep = LockstepLinks(configs, speedup=vehicles.speedup, loss=vehicles.loss, seed=vehicles.seed, faults=vehicles.faults)
            # As fast as it goes, messages are what takes the time.
            params = _SPARSE if vehicles.speedup is None else DEFAULT_FLEET
            async with _closing(OpenVehicles(links=lockstep, addresses=_addresses(configs), params=params)) as opened:
                yield opened
        case ArduPilot():
            from sitl.ardupilot import ArduPilotFleet
            from sitl.faults import FaultPlan
            from sitl.faulty_links import FaultyLinks

            async with ArduPilotFleet(configs, speedup=vehicles.speedup, folder=folder / "vehicles") as fleet:
                links: FleetLinks = await SocketLinks.open(fleet.urls, speedup=vehicles.speedup)
                if vehicles.faults is not None or vehicles.loss > 0:
                    links = FaultyLinks(links, configs, vehicles.faults or FaultPlan(), loss=vehicles.loss, seed=vehicles.seed)
                ids = {config.drone: config.system_id for config in configs}
                lasting = Real(links=fleet.urls, system_ids=ids, speedup=vehicles.speedup)
                async with _closing(OpenVehicles(links=links, addresses=_addresses(configs), lasting=lasting)) as opened:
                    yield opened


def _signing(keys: Keys | None) -> FleetSigning:
    return FleetSigning(keys.by_drone, keys.timestamps) if keys is not None else FleetSigning()


_SPARSE = FleetParams(
    session=SessionParams(streams=StreamParams(intervals_s=SPARSE_INTERVALS_S, parked_intervals_s=SPARSE_PARKED_INTERVALS_S))
)


@asynccontextmanager
async def _closing(opened: OpenVehicles) -> AsyncIterator[OpenVehicles]:
    try:
        yield opened
    finally:
        await opened.links.close()


def _addresses(configs: Sequence[VehicleConfig]) -> tuple[VehicleAddress, ...]:
    """Simulated vehicles have a link each, named as they are."""
    return tuple(VehicleAddress(drone=config.drone, link=config.drone, system_id=config.system_id) for config in configs)
