"""Scenarios with a fleet in hand: flown on embedded vehicles, on ArduPilot itself, or over any links."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from mavlink_bridge import events as e
from mavlink_bridge import messages as m
from mavlink_bridge.codec import Encoder
from mavlink_bridge.enums import MavCmd
from mavlink_bridge.fleet import Fleet, FleetParams, VehicleAddress
from mavlink_bridge.link import FleetLinks, Received
from mavlink_bridge.socket_links import SocketLinks
from planner.geo import geodesic_m
from planner.model import Plan, VehicleKind
from sitl.ardupilot import ArduPilotFleet, find_ardupilot
from sitl.config import configs_from_plan
from sitl.simulated_fleet import LockstepLinks
from tests.mavlink_bridge.small_patrol import HOME, Hands, missions_of

EMBEDDED, ARDUPILOT = "embedded", "ardupilot"
SPEEDUP = 20.0


def _needs(kind: VehicleKind, program: str) -> list[pytest.MarkDecorator]:
    return [pytest.mark.ardupilot, pytest.mark.skipif(find_ardupilot(kind) is None, reason=f"{program} is not installed")]


def _on_both(marks: list[pytest.MarkDecorator]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("backend", [EMBEDDED, pytest.param(ARDUPILOT, marks=marks)])


on_both = _on_both(_needs(VehicleKind.COPTER, "arducopter"))
on_both_quadplanes = _on_both(_needs(VehicleKind.QUADPLANE, "arduplane"))


def addresses(plan: Plan) -> list[VehicleAddress]:
    return [VehicleAddress(drone=drone.id, link=drone.id, system_id=drone.system_id or 0) for drone in plan.drones]


class Pilot:
    """Somebody else at the same vehicle: a second ground station on the link."""

    def __init__(self, links: FleetLinks) -> None:
        self._links = links
        self._encoder = Encoder(system_id=254, component_id=190)

    def send(self, link: str, message: m.Message) -> None:
        self._links.send(link, self._encoder.encode(message))

    def set_mode(self, link: str, system_id: int, mode: int) -> None:
        command = m.CommandLong(target_system=system_id, target_component=1, command=MavCmd.DO_SET_MODE, param1=1.0, param2=float(mode))
        self.send(link, command)

    def move_sticks(self, link: str, system_id: int, *channels_us: int) -> None:
        """As a transmitter would; to be repeated, because an override ends by itself. ArduPilot takes it from SYSID_MYGCS alone."""
        override = m.RcChannelsOverride(target_system=system_id, target_component=1, channels_us=channels_us)
        self._links.send(link, Encoder(system_id=255, component_id=191).encode(override))

    def set_parameter(self, link: str, system_id: int, name: str, value: float) -> None:
        self.send(link, m.ParamSet(target_system=system_id, target_component=1, param_id=name, param_value=value))


Scenario = Callable[[Hands, Pilot], Awaitable[None]]


@asynccontextmanager
async def links_to(plan: Plan, backend: str) -> AsyncIterator[FleetLinks]:
    if backend == EMBEDDED:
        yield LockstepLinks(configs_from_plan(plan))
        return
    with tempfile.TemporaryDirectory() as folder:
        async with ArduPilotFleet(configs_from_plan(plan), speedup=SPEEDUP, folder=Path(folder)) as vehicles:
            links = await SocketLinks.open(vehicles.urls, speedup=SPEEDUP)
            yield links
            await links.close()


class SecondPort:
    """The second port of the one vehicle on these links."""

    def __init__(self, links: LockstepLinks) -> None:
        self._links = links
        self._vehicle = links.vehicles["d1"]

    @property
    def now_s(self) -> float:
        return self._links.now_s

    async def exchange(self) -> Sequence[Received]:
        data = self._vehicle.take_output(link=1)
        await self._links.exchange()
        return [Received("d1", data)] if data else []

    def send(self, link: str, data: bytes) -> None:
        assert link == "d1"
        self._vehicle.receive(data, link=1)

    async def close(self) -> None:
        await self._links.close()


@asynccontextmanager
async def second_ports(plan: Plan, backend: str) -> AsyncIterator[tuple[FleetLinks, FleetLinks]]:
    """The first and the second port of the plan's one vehicle."""
    configs = configs_from_plan(plan)
    if backend == EMBEDDED:
        links = LockstepLinks(configs)
        yield links, SecondPort(links)
        return
    with tempfile.TemporaryDirectory() as folder:
        async with ArduPilotFleet(configs, speedup=SPEEDUP, folder=Path(folder)) as vehicles:
            head, _, port = vehicles.urls["d1"].rpartition(":")
            # It runs only while somebody is at the first one.
            first = await SocketLinks.open({"d1": f"{head}:{port}"}, speedup=SPEEDUP)
            second = await SocketLinks.open({"d1": f"{head}:{int(port) + 2}"}, speedup=SPEEDUP)
            yield first, second
            await first.close()
            await second.close()


def fly(scenario: Scenario, plan: Plan, backend: str = EMBEDDED) -> Hands:
    """Run the scenario with a fleet for the plan's drones."""

    async def run() -> Hands:
        async with links_to(plan, backend) as links:
            hands = Hands(Fleet(addresses(plan), links))
            await scenario(hands, Pilot(links))
            return hands

    return asyncio.run(run())


def fly_over(links: FleetLinks, scenario: Scenario, plan: Plan, places: Sequence[VehicleAddress] | None = None) -> Hands:
    """Run the scenario over these links."""

    async def run() -> Hands:
        hands = Hands(Fleet(places or addresses(plan), links, params=FleetParams()))
        await scenario(hands, Pilot(links))
        return hands

    return asyncio.run(run())


async def take_off(hands: Hands, plan: Plan, *, until: type[e.FleetEvent] = e.LaneStarted) -> None:
    """Upload and launch everybody, until this has happened to each."""
    for drone, mission in missions_of(plan).items():
        hands.fleet.upload(drone, mission)
    hands.on_event = lambda event: hands.fleet.launch(event.drone) if isinstance(event, e.Uploaded) else None
    await hands.until_all(until, [drone.id for drone in plan.drones])
    hands.on_event = lambda _event: None


async def down(hands: Hands, plan: Plan) -> None:
    await hands.until_all(e.Disarmed, [drone.id for drone in plan.drones])


def ends(hands: Hands, command: MavCmd, drone: str = "d1") -> list[bool | None]:
    """How the orders of this kind ended."""
    return [event.accepted for event in hands.told(drone, e.CommandEnded) if isinstance(event, e.CommandEnded) and event.command == command]


def reasons(hands: Hands, drone: str = "d1") -> list[str]:
    return [event.reason for event in hands.told(drone, e.Returning) if isinstance(event, e.Returning)]


def is_home(hands: Hands, drone: str) -> bool:
    state = hands.fleet.state(drone)
    return state.position is not None and geodesic_m(state.position, HOME) < 3.0 and not state.armed
