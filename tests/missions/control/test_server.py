from __future__ import annotations

import asyncio
import contextlib
import stat
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from mavlink_bridge.events import Armed, Telemetry
from mavlink_bridge.vehicle_state import VehicleState
from missions.control.address import HOST, Address, read_address, write_address
from missions.control.client import ControlClient, ControlUnreachableError
from missions.control.messages import Intent, IntentRefused, PatrolEvent, PatrolState, Recall, Snapshot, Start
from missions.control.server import ControlServer, ServerParams
from missions.control.wire import MAX_INTENT_BYTES, Hello, decode_event, encode
from missions.errors import InputError

QUICK = ServerParams(telemetry_period_s=0.01, greeting_timeout_s=0.2, backlog_bytes=200_000, goodbye_s=0.5)
ARMED = Armed(drone="a", at_s=1.0)


class Desk:
    """Mission control as far as the server knows it."""

    def __init__(self) -> None:
        self.asked: list[Intent] = []
        self.plan = "{}"

    def snapshot(self) -> Snapshot:
        return Snapshot(at_s=7.0, plan=self.plan, state=PatrolState.IDLE)

    @asynccontextmanager
    async def serve(self, params: ServerParams = QUICK) -> AsyncIterator[ControlServer]:
        async with ControlServer(self.snapshot, self.asked.append, now_s=lambda: 7.0, params=params) as server:
            yield server

    async def until_asked(self, count: int) -> None:
        async with asyncio.timeout(5):
            while len(self.asked) < count:
                await asyncio.sleep(0.005)


def run(scenario: Callable[[], Awaitable[None]]) -> None:
    async def bounded() -> None:
        async with asyncio.timeout(10):
            await scenario()

    asyncio.run(bounded())


async def _next(client: ControlClient) -> PatrolEvent:
    return await anext(client.events())


def test_client_gets_the_snapshot_first_then_events_and_its_intents_arrive() -> None:
    desk = Desk()
    desk.plan = "x" * 300_000  # longer than a stream's usual limit

    async def scenario() -> None:
        async with desk.serve() as server, ControlClient(server.address) as client:
            assert client.snapshot == desk.snapshot()
            client.ask(Start())
            client.ask(Recall())
            await desk.until_asked(2)
            server.publish(ARMED)
            assert await _next(client) == ARMED

    run(scenario)
    assert desk.asked == [Start(), Recall()]


def test_wrong_token_learns_nothing_and_can_ask_nothing() -> None:
    desk = Desk()

    async def scenario() -> None:
        async with desk.serve() as server:
            with pytest.raises(ControlUnreachableError, match="token"):
                async with ControlClient(Address(port=server.address.port, token="guess")):
                    pass
            reader, writer = await asyncio.open_connection(HOST, server.address.port)
            writer.write(encode(Recall()) + encode(Recall()))
            assert await reader.read() == b""
            writer.close()
            assert server.attached == 0

    run(scenario)
    assert desk.asked == []


def test_silent_stranger_is_cut_off() -> None:
    async def scenario() -> None:
        async with Desk().serve() as server:
            reader, writer = await asyncio.open_connection(HOST, server.address.port)
            assert await reader.read() == b""
            writer.close()

    run(scenario)


def test_nonsense_from_a_client_is_refused_and_it_stays_attached() -> None:
    desk = Desk()

    async def scenario() -> None:
        async with desk.serve() as server:
            reader, writer = await asyncio.open_connection(HOST, server.address.port)
            writer.write(encode(Hello(token=server.address.token)))
            await reader.readline()
            writer.write(b"\xff{nonsense\n" + encode(Start()))
            refusal = decode_event(await reader.readline())
            assert isinstance(refusal, IntentRefused)
            assert refusal.intent is None
            await desk.until_asked(1)
            writer.close()

    run(scenario)


def test_client_that_sends_an_endless_line_is_cut_off_and_the_others_go_on() -> None:
    async def scenario() -> None:
        async with Desk().serve() as server, ControlClient(server.address) as good:
            reader, writer = await asyncio.open_connection(HOST, server.address.port)
            writer.write(encode(Hello(token=server.address.token)) + b"x" * (3 * MAX_INTENT_BYTES))
            with contextlib.suppress(ConnectionError):
                await reader.read()
            assert server.attached == 1
            server.publish(ARMED)
            assert await _next(good) == ARMED
            writer.close()

    run(scenario)


def test_client_that_dies_disturbs_nobody() -> None:
    async def scenario() -> None:
        async with Desk().serve() as server, ControlClient(server.address) as survivor:
            _, writer = await asyncio.open_connection(HOST, server.address.port)
            writer.write(encode(Hello(token=server.address.token)))
            while server.attached < 2:
                await asyncio.sleep(0.005)
            writer.transport.abort()
            server.publish(ARMED)
            assert await _next(survivor) == ARMED
            while server.attached > 1:
                await asyncio.sleep(0.005)

    run(scenario)


def test_client_that_never_reads_is_dropped_before_it_eats_the_memory() -> None:
    async def scenario() -> None:
        async with Desk().serve() as server:
            _, writer = await asyncio.open_connection(HOST, server.address.port, limit=1000)
            writer.write(encode(Hello(token=server.address.token)))
            while server.attached < 1:
                await asyncio.sleep(0.005)
            for _ in range(200):
                server.publish(IntentRefused(at_s=1.0, reason="x" * 100_000))
                await asyncio.sleep(0)
                if server.attached == 0:
                    break
            assert server.attached == 0
            writer.close()

    run(scenario)


def test_telemetry_is_thinned_to_the_latest_of_each_drone() -> None:
    async def scenario() -> None:
        async with Desk().serve() as server, ControlClient(server.address) as client:
            for step in range(1000):
                server.publish(Telemetry(drone=f"d{step % 2}", at_s=float(step), state=VehicleState()))
            got = [await _next(client), await _next(client)]
            assert sorted(event.at_s for event in got) == [998.0, 999.0]
            server.publish(ARMED)
            assert await _next(client) == ARMED

    run(scenario)


def test_events_published_last_still_reach_a_client_when_the_server_ends() -> None:
    async def scenario() -> None:
        async with Desk().serve() as server:
            client = await ControlClient(server.address).__aenter__()
            server.publish(ARMED)
        assert [event async for event in client.events()] == [ARMED]
        await client.__aexit__(None, None, None)

    run(scenario)


def test_nobody_there_is_one_clear_error() -> None:
    async def scenario() -> None:
        with pytest.raises(ControlUnreachableError, match="no mission control on port"):
            async with ControlClient(Address(port=1, token="x")):
                pass

    run(scenario)


def test_address_file_is_for_its_owner_only(tmp_path: Path) -> None:
    address = Address(port=1234, token="secret")
    path = write_address(tmp_path, address)
    write_address(tmp_path, address)
    assert read_address(tmp_path) == read_address(path) == address
    if sys.platform != "win32":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("content", [None, b"", b"{}", b'{"port":"x","token":1}', b"\xff"])
def test_address_that_cannot_be_read_is_an_input_error(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "control.json").write_bytes(content)
    with pytest.raises(InputError, match=r"control\.json"):
        read_address(tmp_path)
