"""Any bytes on any link: no exception, no growing memory, no endless loop, and nobody else's session is touched."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mavlink_bridge import codec
from mavlink_bridge import events as e
from mavlink_bridge import messages as m
from mavlink_bridge.codec import Encoder
from mavlink_bridge.fleet import Fleet, VehicleAddress
from mavlink_bridge.framing import FRAME_BYTES
from mavlink_bridge.link import Received
from mavlink_bridge.text_assembly import TextAssembly
from mavlink_bridge.vehicle import VehicleSession
from tests.mavlink_bridge.tiny_patrol import mission

HEARTBEAT = m.Heartbeat(type=2, autopilot=3, base_mode=81, custom_mode=3, system_status=3)


@dataclass
class Air:
    """Two links; what is put in `waiting` arrives with the next exchange."""

    waiting: list[Received] = field(default_factory=list)
    sent: int = 0
    now_s: float = 0.0

    async def exchange(self) -> Sequence[Received]:
        self.now_s += 0.05
        waiting, self.waiting = self.waiting, []
        return waiting

    def send(self, link: str, data: bytes) -> None:
        assert link in ("x", "y")
        self.sent += len(data)

    async def close(self) -> None:
        return None


def fleet_of_two() -> tuple[Fleet, Air]:
    air = Air()
    addresses = [VehicleAddress(drone="a", link="x", system_id=1), VehicleAddress(drone="b", link="y", system_id=1)]
    return Fleet(addresses, air), air


def framed(kind: type[m.Message], payload: bytes, system: int, flags: int) -> bytes:
    """A frame with a right checksum and any payload."""
    entry = codec._BY_KIND[kind]
    body = bytes([len(payload), flags, 0, 0, system, 1]) + entry.id.to_bytes(3, "little") + payload
    return (
        b"\xfd" + body + struct.pack("<H", codec._checksum(body + bytes([entry.wire_class.crc_extra]))) + (bytes(13) if flags & 1 else b"")
    )


HOSTILE = st.one_of(
    st.binary(max_size=300),
    st.builds(
        framed, st.sampled_from(codec._KINDS), st.binary(min_size=1, max_size=255), st.sampled_from([1, 1, 1, 9]), st.sampled_from([0, 1])
    ),
    st.builds(lambda byte, length: bytes([byte]) * length, st.sampled_from([0xFD, 0xFE, 0x00, 0xFF]), st.integers(1, 600)),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    attack=st.lists(HOSTILE, min_size=1, max_size=12),
    orders=st.lists(st.sampled_from(["upload", "launch", "recall", "pause", "land"]), max_size=3),
)
def test_no_bytes_crash_a_session_or_reach_another_vehicle(attack: list[bytes], orders: list[str]) -> None:
    fleet, air = fleet_of_two()
    encoder = Encoder(system_id=1, component_id=1)
    air.waiting = [Received(link, encoder.encode(HEARTBEAT)) for link in ("x", "y")]
    events = asyncio.run(fleet.step())
    untouched = fleet.state("b")
    for order in orders:
        fleet.upload("a", mission("w1")) if order == "upload" else getattr(fleet, order)("a")
    for data in attack:
        air.waiting = [Received("x", data)]
        events += asyncio.run(fleet.step())
    assert not [event for event in events if isinstance(event, e.SessionCrashed)]
    assert fleet.state("b") == untouched
    assert not [event for event in events if event.drone == "b" and not isinstance(event, e.Connected | e.Telemetry)]


def test_a_flood_of_garbage_leaves_nothing_behind_and_the_good_frames_are_still_heard() -> None:
    fleet, air = fleet_of_two()
    encoder = Encoder(system_id=1, component_id=1)
    garbage = bytes(range(256)) * 400
    for _ in range(5):
        air.waiting = [Received("x", garbage), Received("x", encoder.encode(HEARTBEAT)), Received("y", encoder.encode(HEARTBEAT))]
        asyncio.run(fleet.step())
        assert all(len(wire.decoder._framer._pending) <= FRAME_BYTES for wire in fleet._wires.values())
    air.waiting = [Received("x", bytes(FRAME_BYTES))]
    asyncio.run(fleet.step())
    assert fleet.state("a").custom_mode == fleet.state("b").custom_mode == 3


def test_strangers_without_end_take_little_memory_and_raise_few_alerts() -> None:
    fleet, air = fleet_of_two()
    events: list[e.FleetEvent] = []
    for _ in range(3):
        air.waiting = [
            Received("x", Encoder(system_id=system, component_id=component).encode(HEARTBEAT))
            for system in range(2, 256)
            for component in (1, 2)
        ]
        events += asyncio.run(fleet.step())
    assert len([event for event in events if isinstance(event, e.Alert)]) <= 254


def test_a_flood_of_texts_in_pieces_is_not_collected_for_ever() -> None:
    fleet, air = fleet_of_two()
    encoder = Encoder(system_id=1, component_id=1)
    for number in range(3000):
        text = m.StatusText(severity=6, text="x" * 50, id=number % 60_000 + 1, chunk_seq=number % 3)
        air.waiting.append(Received("x", encoder.encode(text)))
    asyncio.run(fleet.step())
    assert len(fleet._sessions["a"]._texts._open) <= TextAssembly.MOST_OPEN


def test_a_bug_on_one_vehicle_costs_that_vehicle_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    fleet, air = fleet_of_two()
    encoder = Encoder(system_id=1, component_id=1)
    receive = VehicleSession.receive

    def broken(self: VehicleSession, frame: m.Frame, now_s: float) -> list[object]:
        if self.drone == "a":
            raise RuntimeError("a bug")
        return list(receive(self, frame, now_s))

    monkeypatch.setattr(VehicleSession, "receive", broken)
    events: list[e.FleetEvent] = []
    for _ in range(10):
        air.waiting = [Received(link, encoder.encode(HEARTBEAT)) for link in ("x", "y")]
        events += asyncio.run(fleet.step())
    crashes = [event for event in events if isinstance(event, e.SessionCrashed)]
    assert {event.drone for event in crashes} == {"a"}
    assert len(crashes) <= 4
    assert fleet.state("b").custom_mode == 3
