"""The vehicles that a patrol flies on: embedded ones, ArduPilot's simulation, or real ones behind a links file."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from mavlink_bridge.fleet import VehicleAddress
from mavlink_bridge.link import FleetLinks
from mavlink_bridge.socket_links import SocketLinks
from missions.links_file import load_links
from planner.model import Plan
from sitl.ardupilot import ArduPilotFleet
from sitl.config import VehicleConfig, configs_from_plan
from sitl.faults import FaultPlan
from sitl.simulated_fleet import LockstepLinks

EMBEDDED = "embedded"
ARDUPILOT = "ardupilot"


@dataclass(frozen=True, slots=True, kw_only=True)
class Embedded:
    """Simulated in this process. `speedup` None is as fast as it goes; `loss` is the part of frames lost each way."""

    speedup: float | None = None
    loss: float = 0.0
    seed: int = 0
    faults: FaultPlan | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ArduPilot:
    """ArduPilot's own simulation, a process a vehicle."""

    speedup: float = 1.0
    seed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Real:
    """Airframes, reached by these links (addresses by drone id)."""

    links: Mapping[str, str]


Vehicles = Embedded | ArduPilot | Real


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenVehicles:
    """Vehicles that can be talked to."""

    links: FleetLinks
    addresses: tuple[VehicleAddress, ...]


def real_vehicles(path: Path, plan: Plan) -> Real:
    """What a links file says of this plan's drones. Raises InputError."""
    return Real(links=load_links(path, plan))


@asynccontextmanager
async def open_vehicles(plan: Plan, vehicles: Vehicles, folder: Path) -> AsyncIterator[OpenVehicles]:
    """Start them if they are simulated, and connect; on the way out everything that was started is stopped.

    Only drones that have a sortie are there. `folder` is for what simulated vehicles write. Raises ArduPilotError, OSError.
    """
    match vehicles:
        case Embedded():
            configs = _configs(plan, vehicles.seed)
            lockstep = LockstepLinks(configs, speedup=vehicles.speedup, loss=vehicles.loss, seed=vehicles.seed, faults=vehicles.faults)
            async with _closing(lockstep, _addresses(configs, lambda drone: drone)) as opened:
                yield opened
        case ArduPilot():
            configs = _configs(plan, vehicles.seed)
            async with ArduPilotFleet(configs, speedup=vehicles.speedup, folder=folder / "vehicles") as fleet:
                links = await SocketLinks.open(fleet.urls, speedup=vehicles.speedup)
                async with _closing(links, _addresses(configs, lambda drone: drone)) as opened:
                    yield opened
        case Real(links=by_drone):
            ids = {drone.id: drone.system_id for drone in plan.drones}
            addresses = tuple(
                VehicleAddress(drone=drone, link=link, system_id=system_id)
                for drone, link in by_drone.items()
                if (system_id := ids[drone]) is not None
            )
            links = await SocketLinks.open({link: link for link in by_drone.values()})
            async with _closing(links, addresses) as opened:
                yield opened


@asynccontextmanager
async def _closing(links: FleetLinks, addresses: tuple[VehicleAddress, ...]) -> AsyncIterator[OpenVehicles]:
    try:
        yield OpenVehicles(links=links, addresses=addresses)
    finally:
        await links.close()


def _configs(plan: Plan, seed: int) -> tuple[VehicleConfig, ...]:
    return configs_from_plan(plan, seed=seed, drones={sortie.drone for sortie in plan.sorties})


def _addresses(configs: Sequence[VehicleConfig], link_of: Callable[[str], str]) -> tuple[VehicleAddress, ...]:
    return tuple(VehicleAddress(drone=config.drone, link=link_of(config.drone), system_id=config.system_id) for config in configs)
