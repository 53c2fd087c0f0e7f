"""Transfers to whole fleets and to a real autopilot, timed, read-back included."""

from __future__ import annotations

import asyncio
import math
import random
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from benchmarks.bad_radio import Conversation
from benchmarks.random_uploads import random_items
from mavlink_bridge import messages as m
from mavlink_bridge.codec import Decoder, Encoder
from mavlink_bridge.conversation import Endpoints, Progress, Send, TransferOutput
from mavlink_bridge.enums import MavAutopilot, MavCmd, MavState, MavType, MissionType
from mavlink_bridge.ftp_upload import FtpUpload
from mavlink_bridge.link import FleetLinks
from mavlink_bridge.mission_upload import MissionUpload
from mavlink_bridge.socket_links import SocketLinks
from planner.geo import LatLon
from sitl.ardupilot import ArduPilotFleet
from sitl.config import VehicleConfig
from sitl.readiness import ReadinessParams
from sitl.simulated_fleet import LockstepLinks

_HOME = LatLon(lat_deg=47.5, lon_deg=19.0)
_LIMIT_S = 120.0
Lists = Sequence[tuple[MissionType, tuple[m.MissionItemInt, ...]]]


def full_lists(mission_items: int = 650, vertices: int = 70, rally_points: int = 46) -> Lists:
    """As much as ArduPilot's simulated board holds."""
    dice = random.Random(1)
    fence = tuple(
        m.MissionItemInt(
            target_system=0,
            target_component=0,
            seq=seq,
            frame=0,
            command=MavCmd.NAV_FENCE_POLYGON_VERTEX_INCLUSION,
            param1=float(vertices),
            x=475_000_000 + round(90_000 * math.sin(2 * math.pi * seq / vertices)),
            y=190_000_000 + round(130_000 * math.cos(2 * math.pi * seq / vertices)),
            mission_type=MissionType.FENCE,
        )
        for seq in range(vertices)
    )
    return (
        (MissionType.MISSION, random_items(dice, MissionType.MISSION, mission_items)),
        (MissionType.FENCE, fence),
        (MissionType.RALLY, random_items(dice, MissionType.RALLY, rally_points)),
    )


def conversation(way: str, items: tuple[m.MissionItemInt, ...], kind: MissionType, endpoints: Endpoints, session: int) -> Conversation:
    if way == "file":
        return FtpUpload(items, endpoints, mission_type=kind, sessions=count(session))
    return MissionUpload(items, endpoints, mission_type=kind)


@dataclass(slots=True)
class _Vehicle:
    """One vehicle's uploads, one after the other."""

    waiting: list[Conversation]
    encoder: Encoder = field(default_factory=lambda: Encoder(system_id=255, component_id=190))
    decoder: Decoder = field(default_factory=Decoder)
    ends: list[TransferOutput] = field(default_factory=list)
    ended_s: list[float] = field(default_factory=list)
    is_ready: bool = False


class Transfers:
    """Runs each link's conversations; `ends` by link when all are over."""

    def __init__(self, links: FleetLinks, conversations: dict[str, list[Conversation]]) -> None:
        self._links = links
        self.vehicles = {name: _Vehicle(list(waiting)) for name, waiting in conversations.items()}

    async def ready(self, *, still_s: float = 0.0) -> None:
        """Until every vehicle says that it stands by, and so much longer."""
        heartbeat_s = -1.0
        until_s: float | None = None
        while until_s is None or self._links.now_s < until_s:
            if until_s is None and all(vehicle.is_ready for vehicle in self.vehicles.values()):
                until_s = self._links.now_s + still_s
            if self._links.now_s >= heartbeat_s:
                heartbeat_s = self._links.now_s + 1.0
                for name, vehicle in self.vehicles.items():
                    self._links.send(name, vehicle.encoder.encode(_HEARTBEAT))
            for received in await self._links.exchange():
                vehicle = self.vehicles[received.link]
                for frame in vehicle.decoder.feed(received.data):
                    match frame.message:
                        case m.Heartbeat(system_status=status):
                            vehicle.is_ready |= status >= MavState.STANDBY

    async def run(self) -> float:
        """Wall seconds until the last one has ended."""
        began_s = time.monotonic()
        for name, vehicle in self.vehicles.items():
            self._take(name, vehicle, vehicle.waiting[0].start(self._links.now_s))
        while any(vehicle.waiting for vehicle in self.vehicles.values()) and time.monotonic() < began_s + _LIMIT_S:
            for received in await self._links.exchange():
                vehicle = self.vehicles[received.link]
                for frame in vehicle.decoder.feed(received.data):
                    if vehicle.waiting:
                        self._take(received.link, vehicle, vehicle.waiting[0].receive(frame, self._links.now_s))
            for name, vehicle in self.vehicles.items():
                if vehicle.waiting:
                    deadline_s = vehicle.waiting[0].deadline_s
                    if deadline_s is not None and self._links.now_s >= deadline_s:
                        self._take(name, vehicle, vehicle.waiting[0].tick(self._links.now_s))
        return time.monotonic() - began_s

    def _take(self, name: str, vehicle: _Vehicle, outputs: list[TransferOutput]) -> None:
        for output in outputs:
            if isinstance(output, Send):
                self._links.send(name, vehicle.encoder.encode(output.message))
            elif not isinstance(output, Progress):
                vehicle.ends.append(output)
                vehicle.ended_s.append(time.monotonic())
                vehicle.waiting.pop(0)
                if vehicle.waiting:
                    self._take(name, vehicle, vehicle.waiting[0].start(self._links.now_s))


_HEARTBEAT = m.Heartbeat(type=MavType.GCS, autopilot=MavAutopilot.INVALID, base_mode=0, custom_mode=0, system_status=MavState.ACTIVE)


def _conversations(way: str, lists: Lists, system: int) -> list[Conversation]:
    endpoints = Endpoints(system=system)
    return [conversation(way, items, kind, endpoints, 10 * number + 1) for number, (kind, items) in enumerate(lists)]


async def to_ardupilot(way: str, lists: Lists) -> tuple[float, list[TransferOutput]]:
    """One ArduPilot SITL at speed-up 1: wall seconds of all lists, and how each ended."""
    config = VehicleConfig(drone="c", system_id=1, home=_HOME, home_amsl_m=150.0)
    with tempfile.TemporaryDirectory() as folder:
        async with ArduPilotFleet([config], speedup=1.0, folder=Path(folder)) as fleet:
            links = await SocketLinks.open(fleet.urls, speedup=1.0)
            try:
                transfers = Transfers(links, {"c": _conversations(way, lists, 1)})
                await transfers.ready(still_s=3.0)
                took_s = await transfers.run()
            finally:
                await links.close()
    return took_s, transfers.vehicles["c"].ends


async def to_embedded(way: str, lists: Lists, vehicles: int = 1) -> Result:
    """Embedded vehicles in this process: wall and simulated seconds, and how each upload ended."""
    configs = [VehicleConfig(drone=f"d{number}", system_id=number, home=_HOME, home_amsl_m=150.0) for number in range(1, vehicles + 1)]
    links = LockstepLinks(configs, readiness=ReadinessParams(haste=100.0))
    transfers = Transfers(links, {config.drone: _conversations(way, lists, config.system_id) for config in configs})
    await transfers.ready()
    simulated_s = links.now_s
    took_s = await transfers.run()
    return Result(took_s, links.now_s - simulated_s, [end for vehicle in transfers.vehicles.values() for end in vehicle.ends])


@dataclass(frozen=True, slots=True)
class Result:
    wall_s: float
    simulated_s: float
    ends: list[TransferOutput]


def run_ardupilot(way: str, lists: Lists) -> tuple[float, list[TransferOutput]]:
    return asyncio.run(to_ardupilot(way, lists))


def run_embedded(way: str, lists: Lists, vehicles: int = 1) -> Result:
    return asyncio.run(to_embedded(way, lists, vehicles))
