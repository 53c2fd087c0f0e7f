"""Vehicles behind TCP ports, as any ground station meets them."""

from __future__ import annotations

import asyncio
import contextlib
import multiprocessing
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from mavlink_bridge import messages as m
from mavlink_bridge.codec import Decoder, Encoder
from mavlink_bridge.link_address import TcpAddress, parse_link
from mavlink_bridge.socket_links import SocketLinks
from sitl.pace import Pace
from sitl.server import serve
from sitl.spread import serve_spread
from tests.sitl.station import config

_PATIENCE_S = 10.0


@asynccontextmanager
async def _fleet(count: int) -> AsyncIterator[list[TcpAddress]]:
    """Addresses of a fleet that lives as fast as it can."""
    found: asyncio.Queue[str] = asyncio.Queue()
    configs = [config(drone=f"d{number}", system_id=number + 1) for number in range(count)]
    serving = asyncio.create_task(serve(configs, first_port=0, announce=lambda _, url: found.put_nowait(url), pace=Pace(None)))
    try:
        addresses = [parse_link(await found.get()) for _ in range(count)]
        yield [address for address in addresses if isinstance(address, TcpAddress)]
    finally:
        serving.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await serving


class _Client:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self._decoder = Decoder()
        self._encoder = Encoder(system_id=255, component_id=190)

    async def hear(self, wanted: Callable[[m.Frame], bool]) -> m.Frame:
        async with asyncio.timeout(_PATIENCE_S):
            while True:
                for frame in self._decoder.feed(await self._reader.read(4096)):
                    if wanted(frame):
                        return frame

    def send(self, message: m.Message) -> None:
        self._writer.write(self._encoder.encode(message))

    async def close(self) -> None:
        self._writer.close()
        with contextlib.suppress(ConnectionError):
            await self._writer.wait_closed()


async def _connect(address: TcpAddress) -> _Client:
    return _Client(*await asyncio.open_connection(address.host, address.port))


def _run(work: Callable[[], Awaitable[None]]) -> None:
    async def whole() -> None:
        await work()

    asyncio.run(whole())


def test_each_vehicle_speaks_on_its_own_port_under_its_own_number() -> None:
    async def work() -> None:
        async with _fleet(3) as addresses:
            for number, address in enumerate(addresses):
                client = await _connect(address)
                beat = await client.hear(lambda frame: isinstance(frame.message, m.Heartbeat))
                assert beat.system_id == number + 1
                await client.close()

    _run(work)


def test_two_stations_at_one_vehicle_hear_each_other_and_get_their_own_answers() -> None:
    async def work() -> None:
        async with _fleet(1) as (address,):
            first, second = await _connect(address), await _connect(address)
            # A link counts as heard once something came over it.
            second.send(m.Heartbeat(type=6, autopilot=8, base_mode=0, custom_mode=0, system_status=4))
            await second.hear(lambda frame: frame.system_id == 1)
            first.send(m.Heartbeat(type=6, autopilot=8, base_mode=0, custom_mode=0, system_status=4))
            await second.hear(lambda frame: frame.system_id == 255)
            second.send(m.CommandLong(target_system=1, target_component=1, command=512, param1=148))
            await second.hear(lambda frame: isinstance(frame.message, m.AutopilotVersion))
            await first.close()
            await second.close()

    _run(work)


def test_a_station_may_leave_and_come_back() -> None:
    async def work() -> None:
        async with _fleet(1) as (address,):
            for _ in range(3):
                client = await _connect(address)
                await client.hear(lambda frame: isinstance(frame.message, m.Heartbeat))
                await client.close()

    _run(work)


def test_a_port_that_is_taken_is_an_oserror_and_nothing_stays_open() -> None:
    async def work() -> None:
        async with _fleet(1) as (address,):
            with pytest.raises(OSError):
                await serve([config()], first_port=address.port)

    _run(work)


def test_a_station_that_waits_at_a_udp_port_hears_every_vehicle_and_is_answered() -> None:
    async def scenario() -> None:
        station = await SocketLinks.open({"all": "udpin:127.0.0.1:45810"}, speedup=1.0)
        configs = [config(drone=f"d{number}", system_id=number + 1) for number in range(2)]
        serving = asyncio.create_task(serve(configs, first_port=0, pace=Pace(None), udp=("127.0.0.1", 45810)))
        decoder, encoder, answered = Decoder(), Encoder(system_id=255, component_id=190), set[int]()
        try:
            async with asyncio.timeout(_PATIENCE_S):
                while answered != {1, 2}:
                    for received in await station.exchange():
                        for frame in decoder.feed(received.data):
                            if isinstance(frame.message, m.Heartbeat):
                                ask = m.ParamRequestRead(
                                    target_system=frame.system_id, target_component=1, param_id="RTL_ALT", param_index=-1
                                )
                                station.send("all", encoder.encode(ask))
                            if isinstance(frame.message, m.ParamValue) and frame.message.param_id == "RTL_ALT":
                                answered.add(frame.system_id)
        finally:
            serving.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await serving
            await station.close()

    asyncio.run(scenario())


def _asked_of(system_id: int) -> m.ParamRequestRead:
    return m.ParamRequestRead(target_system=system_id, target_component=1, param_id="RTL_ALT", param_index=-1)


def test_a_fleet_spread_over_processes_is_reached_alike_keeps_step_and_is_gone_afterwards() -> None:
    async def scenario() -> None:
        found: asyncio.Queue[str] = asyncio.Queue()
        configs = [config(drone=f"d{number}", system_id=number + 1) for number in range(2)]
        serving = asyncio.create_task(
            serve_spread(configs, processes=2, first_port=0, speedup=20.0, announce=lambda _, url: found.put_nowait(url))
        )
        try:
            async with asyncio.timeout(4 * _PATIENCE_S):
                addresses = [parse_link(await found.get()) for _ in range(2)]
            clients = [await _connect(address) for address in addresses if isinstance(address, TcpAddress)]
            assert len(multiprocessing.active_children()) == 2
            beats = [await client.hear(lambda frame: isinstance(frame.message, m.Heartbeat)) for client in clients]
            assert {beat.system_id for beat in beats} == {1, 2}
            for client in clients:
                await client.close()
        finally:
            serving.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await serving
        assert not multiprocessing.active_children()

    asyncio.run(scenario())
