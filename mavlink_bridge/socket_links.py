"""Links over TCP, UDP and serial lines, by asyncio; one that breaks is opened again."""

from __future__ import annotations

import asyncio
import contextlib
import queue
import socket
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Self

import serial

from mavlink_bridge.link import Received
from mavlink_bridge.link_address import LinkAddress, SerialAddress, TcpAddress, UdpAddress, parse_link
from mavlink_bridge.vehicle_clock import VehicleClock

_Receive = Callable[[bytes], None]
_Address = tuple[str | int, ...]

#: `exchange` returns after this much wall time at the latest, so that time-outs are looked at.
_LONGEST_WAIT_S = 0.02
_FIRST_BACKOFF_S, _LONGEST_BACKOFF_S = 0.2, 5.0
_SERIAL_READ_BYTES = 4096
_SERIAL_POLL_S = 0.05
#: What a link that does not take its data may hold back; more is dropped, and asked for again.
_MOST_WAITING_BYTES, _MOST_WAITING_FRAMES = 1 << 18, 1000
_MOST_PEERS = 256


class SocketLinks:
    """Implements `mavlink_bridge.link.FleetLinks`. Make it with `open`, inside a running loop."""

    def __init__(self, *, speedup: float | None) -> None:
        # It begins at real time and is measured from there: a clock that runs ahead would end conversations that have just begun.
        self._clock = VehicleClock(rate=1.0, wall_s=time.monotonic(), fixed=speedup is None)
        self._received: list[Received] = []
        self._arrived = asyncio.Event()
        self._wires: dict[str, _Wire] = {}

    @classmethod
    async def open(cls, urls: Mapping[str, str], *, speedup: float | None = None) -> Self:
        """Open all links (name to address: `tcp:host:port`, `udp:host:port`, `udpin:host:port`, `serial:/dev/x:57600`).

        `speedup` is what simulated vehicles were asked for (what they reach is measured); None means real ones, at real time.
        TCP links are tried until somebody answers. Raises LinkAddressError for an address it does not know, OSError for a port
        that cannot be opened.
        """
        addresses = {name: parse_link(url) for name, url in urls.items()}
        links = cls(speedup=speedup)
        try:
            for name, address in addresses.items():
                wire = _wire(address, links._receiver(name))
                await wire.open()
                links._wires[name] = wire
        except OSError:
            await links.close()
            raise
        return links

    @property
    def now_s(self) -> float:
        return self._clock.now_s(time.monotonic())

    def observe(self, link: str, boot_s: float) -> None:
        self._clock.observe(link, boot_s, time.monotonic())

    async def exchange(self) -> Sequence[Received]:
        if not self._received:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_LONGEST_WAIT_S):
                    await self._arrived.wait()
        self._arrived.clear()
        received, self._received = self._received, []
        return received

    def send(self, link: str, data: bytes) -> None:
        """Bytes for a link that is down are dropped: the protocols above ask again."""
        self._wires[link].send(data)

    async def close(self) -> None:
        for wire in self._wires.values():
            await wire.close()

    def _receiver(self, name: str) -> _Receive:
        def receive(data: bytes) -> None:
            self._received.append(Received(name, data))
            self._arrived.set()

        return receive


def _wire(address: LinkAddress, receive: _Receive) -> _Wire:
    match address:
        case TcpAddress():
            return _TcpWire(address, receive)
        case UdpAddress():
            return _UdpWire(address, receive)
        case SerialAddress():
            return _SerialWire(address, receive)


class _TcpWire:
    """A TCP client that connects again with growing pauses."""

    def __init__(self, address: TcpAddress, receive: _Receive) -> None:
        self._address, self._receive = address, receive
        self._writer: asyncio.StreamWriter | None = None
        self._task: asyncio.Task[None] | None = None

    async def open(self) -> None:
        self._task = asyncio.create_task(self._run(), name=f"link {self._address.host}:{self._address.port}")

    async def _run(self) -> None:
        backoff_s = _FIRST_BACKOFF_S
        while True:
            try:
                reader, self._writer = await asyncio.open_connection(self._address.host, self._address.port)
                backoff_s = _FIRST_BACKOFF_S
                while data := await reader.read(1 << 16):
                    self._receive(data)
            except OSError:
                backoff_s = min(2 * backoff_s, _LONGEST_BACKOFF_S)
            self._drop()
            await asyncio.sleep(backoff_s)

    def send(self, data: bytes) -> None:
        writer = self._writer
        if writer is None or writer.is_closing() or writer.transport.get_write_buffer_size() > _MOST_WAITING_BYTES:
            return
        writer.write(data)

    def _drop(self) -> None:
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        writer = self._writer
        self._drop()
        if writer is not None:
            with contextlib.suppress(OSError):
                await writer.wait_closed()


class _UdpWire(asyncio.DatagramProtocol):
    """UDP: `udp` sends to its address from the start, `udpin` listens there and answers everybody who has spoken.

    Several vehicles may speak to one port; each ignores what is addressed to another.
    """

    def __init__(self, address: UdpAddress, receive: _Receive) -> None:
        self._address, self._receive = address, receive
        self._transport: asyncio.DatagramTransport | None = None
        self._peers: dict[_Address, None] = {}

    async def open(self) -> None:
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(self._address.host, self._address.port, type=socket.SOCK_DGRAM)
        # Autopilots listen on IPv4; names such as localhost often mean both.
        family, _, _, _, resolved = min(found, key=lambda entry: entry[0] != socket.AF_INET)
        there = (str(resolved[0]), int(resolved[1]))
        if self._address.listens:
            self._transport, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=there)
            return
        self._peers = {there: None}
        any_address = "::" if family == socket.AF_INET6 else "0.0.0.0"
        self._transport, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=(any_address, 0))

    def datagram_received(self, data: bytes, addr: _Address) -> None:
        if len(self._peers) < _MOST_PEERS:
            self._peers[addr] = None
        self._receive(data)

    def error_received(self, exc: Exception) -> None:
        """A refused datagram says only that nobody listens yet."""

    def send(self, data: bytes) -> None:
        if self._transport is not None:
            for peer in self._peers:
                self._transport.sendto(data, peer)

    async def close(self) -> None:
        if self._transport is not None:
            self._transport.close()


class _SerialWire:
    """A serial line with a thread each for reading and writing: that works on every system, and nothing waits for a slow line."""

    def __init__(self, address: SerialAddress, receive: _Receive) -> None:
        self._address, self._receive = address, receive
        self._port: serial.Serial | None = None
        self._threads: list[threading.Thread] = []
        self._closing = threading.Event()
        self._outgoing: queue.Queue[bytes] = queue.Queue(_MOST_WAITING_FRAMES)

    async def open(self) -> None:
        self._port = self._open_port()
        for work in (partial(self._read, asyncio.get_running_loop()), self._write):
            thread = threading.Thread(target=work, daemon=True, name=f"link {self._address.device}")
            thread.start()
            self._threads.append(thread)

    def _open_port(self) -> serial.Serial:
        return serial.Serial(self._address.device, self._address.baud, timeout=_SERIAL_POLL_S, write_timeout=1.0)

    def _read(self, loop: asyncio.AbstractEventLoop) -> None:
        while not self._closing.is_set():
            port = self._port
            if port is None:
                self._reopen()
                continue
            try:
                data = port.read(max(1, min(port.in_waiting, _SERIAL_READ_BYTES)))
            except (OSError, TypeError):  # unplugged; pyserial meets a port closed under it with a TypeError
                self._drop(port)
                continue
            if data and not loop.is_closed():
                loop.call_soon_threadsafe(self._receive, bytes(data))

    def _write(self) -> None:
        while not self._closing.is_set():
            with contextlib.suppress(queue.Empty, OSError):
                data = self._outgoing.get(timeout=_SERIAL_POLL_S)
                port = self._port
                if port is not None:
                    port.write(data)

    def _reopen(self) -> None:
        self._closing.wait(_FIRST_BACKOFF_S)
        with contextlib.suppress(OSError):
            self._port = self._open_port()

    def _drop(self, port: serial.Serial) -> None:
        self._port = None
        with contextlib.suppress(OSError):
            port.close()

    def send(self, data: bytes) -> None:
        with contextlib.suppress(queue.Full):
            self._outgoing.put_nowait(data)

    async def close(self) -> None:
        self._closing.set()
        for thread in self._threads:
            await asyncio.to_thread(thread.join)
        if self._port is not None:
            self._drop(self._port)


_Wire = _TcpWire | _UdpWire | _SerialWire
