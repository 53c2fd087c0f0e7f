"""Telemetry into vehicle state: a real autopilot's mix of messages, as fast as one core takes it."""

from __future__ import annotations

import asyncio
import resource
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from mavlink_bridge import messages as m
from mavlink_bridge.codec import Decoder, Encoder
from mavlink_bridge.conversation import Endpoints
from mavlink_bridge.enums import MavAutopilot, MavState, MavType
from mavlink_bridge.socket_links import SocketLinks
from mavlink_bridge.vehicle import SessionParams, VehicleSession
from mavlink_bridge.vehicle_state import VehicleState, apply
from planner.geo import LatLon
from sitl.ardupilot import ArduPilotFleet
from sitl.config import VehicleConfig
from sitl.vehicle import EmbeddedVehicle

_ALL_STREAMS, _RATE_HZ = 0, 4
_CONFIG = VehicleConfig(drone="c", system_id=1, home=LatLon(lat_deg=47.5, lon_deg=19.0), home_amsl_m=150.0)
_HEARTBEAT = m.Heartbeat(type=MavType.GCS, autopilot=MavAutopilot.INVALID, base_mode=0, custom_mode=0, system_status=MavState.ACTIVE)


def ardupilot_mix(seconds: float) -> list[bytes]:
    """What ArduPilot says in this time when all its streams are asked for at 4 Hz, frame by frame."""
    return asyncio.run(_listen(seconds))


async def _listen(seconds: float) -> list[bytes]:
    encoder, decoder, frames = Encoder(system_id=255, component_id=190), Decoder(), []
    with tempfile.TemporaryDirectory() as folder:
        async with ArduPilotFleet([_CONFIG], speedup=1.0, folder=Path(folder)) as fleet:
            links = await SocketLinks.open(fleet.urls, speedup=1.0)
            try:
                heartbeat_s, until_s = 0.0, links.now_s + 5.0 + seconds
                while links.now_s < until_s:
                    if links.now_s >= heartbeat_s:
                        heartbeat_s = links.now_s + 1.0
                        links.send("c", encoder.encode(_HEARTBEAT))
                        links.send("c", encoder.encode(_wish()))
                    for received in await links.exchange():
                        heard = decoder.feed(received.data)
                        # The first seconds are the boot's.
                        frames += [frame.raw for frame in heard] if links.now_s > until_s - seconds else []
            finally:
                await links.close()
    return frames


def _wish() -> m.RequestDataStream:
    return m.RequestDataStream(target_system=1, target_component=1, req_stream_id=_ALL_STREAMS, req_message_rate=_RATE_HZ, start_stop=1)


def embedded_mix(seconds: float) -> list[bytes]:
    """The same of an embedded vehicle, which says less: only what the bridge reads."""
    vehicle, encoder, decoder = EmbeddedVehicle(_CONFIG), Encoder(system_id=255, component_id=190), Decoder()
    vehicle.step(5.0)
    vehicle.receive(encoder.encode(_wish()))
    vehicle.take_output()
    vehicle.step(seconds)
    return [frame.raw for frame in decoder.feed(vehicle.take_output())]


@dataclass(frozen=True, kw_only=True, slots=True)
class Throughput:
    """`p99_s` is the 99th percentile of how long a batch took, `grown_kib` what the process grew by in the second half."""

    messages: int
    cpu_s: float
    p99_s: float
    grown_kib: int


def into_state(frames: list[bytes], messages: int, vehicles: int, batch: int) -> Throughput:
    """Decoder and state of each vehicle, the vehicles in turn, a batch of messages each time."""
    decoders, states = [Decoder() for _ in range(vehicles)], [VehicleState() for _ in range(vehicles)]

    def take(number: int, data: bytes, now_s: float) -> None:
        state = states[number]
        for frame in decoders[number].feed(data):
            state = apply(state, frame.message, now_s)
        states[number] = state

    return _timed(take, frames, messages, vehicles, batch)


def into_sessions(frames: list[bytes], messages: int, vehicles: int, batch: int) -> Throughput:
    """The whole of a vehicle's session: lifecycle, streams, texts, telemetry events."""
    decoders = [Decoder() for _ in range(vehicles)]
    sessions = [VehicleSession(f"d{number}", Endpoints(system=1), SessionParams()) for number in range(vehicles)]

    def take(number: int, data: bytes, now_s: float) -> None:
        for frame in decoders[number].feed(data):
            sessions[number].receive(frame, now_s)

    return _timed(take, frames, messages, vehicles, batch)


def _timed(take: object, frames: list[bytes], messages: int, vehicles: int, batch: int) -> Throughput:
    assert callable(take)
    chunks = [b"".join(frames[at : at + batch]) for at in range(0, len(frames) - batch, batch)]
    took: list[float] = []
    half_kib = 0
    began_s = time.process_time()
    rounds = messages // batch
    for number in range(rounds):
        start_s = time.perf_counter()
        take(number % vehicles, chunks[number // vehicles % len(chunks)], number * 0.01)
        took.append(time.perf_counter() - start_s)
        if number == rounds // 2:
            half_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    cpu_s = time.process_time() - began_s
    took.sort()
    grown_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - half_kib
    return Throughput(messages=rounds * batch, cpu_s=cpu_s, p99_s=took[int(len(took) * 0.99)], grown_kib=grown_kib)


def mix_of(frames: list[bytes]) -> Counter[str]:
    """How many of each message."""
    return Counter(type(frame.message).__name__ for frame in Decoder().feed(b"".join(frames)))
