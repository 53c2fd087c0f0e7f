"""Links by sockets and serial lines, against real peers on this machine."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

import pytest

from mavlink_bridge.link import TimeObserver
from mavlink_bridge.socket_links import SocketLinks

LIMIT_S = 10.0


@asynccontextmanager
async def opened(*urls: str, speedup: float | None = None) -> AsyncIterator[SocketLinks]:
    """Links named a, b, ... in the order of their addresses."""
    links = await SocketLinks.open(dict(zip("abc", urls, strict=False)), speedup=speedup)
    try:
        yield links
    finally:
        await links.close()


async def receive(links: SocketLinks, is_enough: Callable[[bytes], bool]) -> bytes:
    """What comes on link a until it is enough."""
    data = b""
    async with asyncio.timeout(LIMIT_S):
        while not is_enough(data):
            data += b"".join(item.data for item in await links.exchange() if item.link == "a")
    return data


@asynccontextmanager
async def echo_server(port: int = 0) -> AsyncIterator[int]:
    """A TCP peer that sends back in capitals, until told to `hang up`."""

    served: list[asyncio.Task[None]] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while (data := await reader.read(100)) and data != b"hang up":
                writer.write(data.upper())
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    def begin(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        served.append(asyncio.create_task(serve(reader, writer)))

    server = await asyncio.start_server(begin, "127.0.0.1", port)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in served:
            task.cancel()
        await asyncio.gather(*served, return_exceptions=True)


def test_tcp_carries_bytes_both_ways() -> None:
    async def scenario() -> bytes:
        async with echo_server() as port, opened(f"tcp:127.0.0.1:{port}") as links:
            await say_until_answered(links, b"hello")
            links.send("a", b"world")
            return await receive(links, lambda data: data.endswith(b"WORLD"))

    assert asyncio.run(scenario()).endswith(b"WORLD")


async def say_until_answered(links: SocketLinks, word: bytes) -> None:
    """As protocols do: ask again until there is an answer."""
    async with asyncio.timeout(LIMIT_S):
        while True:
            links.send("a", word)
            if any(word.upper() in item.data for item in await links.exchange()):
                return


def test_tcp_connects_when_the_vehicle_comes_up_later_and_again_after_it_hung_up() -> None:
    async def scenario() -> None:
        with socket.socket() as reserved:
            reserved.bind(("127.0.0.1", 0))
            port = reserved.getsockname()[1]
        async with opened(f"tcp:127.0.0.1:{port}") as links:
            links.send("a", b"nobody hears this")
            async with echo_server(port):
                await say_until_answered(links, b"first")
                links.send("a", b"hang up")
                await say_until_answered(links, b"second")

    asyncio.run(scenario())


def test_udp_speaks_first_and_takes_the_answer() -> None:
    async def scenario() -> bytes:
        with socket.socket(type=socket.SOCK_DGRAM) as vehicle:
            vehicle.bind(("127.0.0.1", 0))
            vehicle.setblocking(False)
            async with opened(f"udp:localhost:{vehicle.getsockname()[1]}") as links:
                links.send("a", b"ping")
                loop = asyncio.get_running_loop()
                data, station = await loop.sock_recvfrom(vehicle, 100)
                assert data == b"ping"
                vehicle.sendto(b"pong", station)
                return await receive(links, lambda data: len(data) >= 4)

    assert asyncio.run(scenario()) == b"pong"


def test_udpin_hears_several_vehicles_on_one_port_and_answers_them_all() -> None:
    async def scenario() -> tuple[bytes, bytes, bytes]:
        with socket.socket(type=socket.SOCK_DGRAM) as reserved:
            reserved.bind(("127.0.0.1", 0))
            port = reserved.getsockname()[1]
        with socket.socket(type=socket.SOCK_DGRAM) as one, socket.socket(type=socket.SOCK_DGRAM) as two:
            async with opened(f"udpin:127.0.0.1:{port}") as links:
                for vehicle in (one, two):
                    vehicle.setblocking(False)
                    vehicle.sendto(b"v", ("127.0.0.1", port))
                heard = await receive(links, lambda data: len(data) >= 2)
                links.send("a", b"all")
                loop = asyncio.get_running_loop()
                return heard, await loop.sock_recv(one, 10), await loop.sock_recv(two, 10)

    assert asyncio.run(scenario()) == (b"vv", b"all", b"all")


@pytest.mark.skipif(sys.platform == "win32", reason="pseudo terminals stand in for a serial line")
def test_serial_carries_bytes_both_ways() -> None:
    async def scenario() -> tuple[bytes, bytes]:
        radio, line = os.openpty()
        async with opened(f"serial:{os.ttyname(line)}:57600") as links:
            os.write(radio, b"from the vehicle")
            heard = await receive(links, lambda data: len(data) >= 16)
            links.send("a", b"to it")
            said = await asyncio.to_thread(os.read, radio, 5)
        os.close(radio)
        os.close(line)
        return heard, said

    assert asyncio.run(scenario()) == (b"from the vehicle", b"to it")


def test_a_port_that_cannot_be_opened_is_an_error_and_leaves_no_link_open() -> None:
    async def scenario() -> None:
        async with echo_server() as port:
            with pytest.raises(OSError, match="nothing-here"):
                await SocketLinks.open({"a": f"tcp:127.0.0.1:{port}", "b": "serial:/dev/nothing-here:57600"})
        assert [task for task in asyncio.all_tasks() if task.get_name().startswith("link")] == []

    asyncio.run(scenario())


def test_exchange_returns_soon_when_nothing_comes_so_that_time_outs_are_looked_at() -> None:
    async def scenario() -> float:
        async with echo_server() as port, opened(f"tcp:127.0.0.1:{port}") as links:
            loop = asyncio.get_running_loop()
            start_s = loop.time()
            assert list(await links.exchange()) == []
            return loop.time() - start_s

    assert asyncio.run(scenario()) < 1.0


def test_socket_links_take_the_vehicles_word_on_time() -> None:
    async def scenario() -> None:
        async with opened(speedup=10.0) as links:
            assert isinstance(links, TimeObserver)
            before_s = links.now_s
            assert links.now_s >= before_s >= 0.0

    asyncio.run(scenario())
