"""Links over TCP, UDP and serial lines, by asyncio; a TCP link that breaks is opened again."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Self

import serial

from mavlink_bridge.link import Received
from mavlink_bridge.link_address import LinkAddress, SerialAddress, TcpAddress, UdpAddress, parse_link
from mavlink_bridge.vehicle_clock import VehicleClock

_Receive = Callable[[bytes], None]
_Address = tuple[str, int]

#: `exchange` returns after this much wall time at the latest, so that time-outs are looked at.
_LONGEST_WAIT_S = 0.02
_FIRST_BACKOFF_S, _LONGEST_BACKOFF_S = 0.2, 5.0
_SERIAL_READ_BYTES = 4096


class SocketLinks:
    """Implements `mavlink_bridge.link.FleetLinks`. Make it with `open`, inside a running loop."""

    def __init__(self, *, speedup: float | None) -> None:
        self._clock = VehicleClock(rate=speedup or 1.0, wall_s=time.monotonic(), fixed=speedup is None)
        self._received: list[Received] = []
        self._arrived = asyncio.Event()
        self._wires: dict[str, _Wire] = {}

    @classmethod
    async def open(cls, urls: Mapping[str, str], *, speedup: float | None = None) -> Self:
        """Open all links (name to address: `tcp:host:port`, `udp:host:port`, `udpin:host:port`, `serial:/dev/x:57600`).

        `speedup` is what simulated vehicles were asked for; None means real ones, which run in real time. TCP links are tried
        until somebody answers. Raises LinkAddressError for an address it does not know, OSError for a port that cannot be opened.
        """
        addresses = {name: parse_link(url) for name, url in urls.items()}
        links = cls(speedup=speedup)
        for name, address in addresses.items():
            links._wires[name] = wire = _wire(address, links._receiver(name))
            await wire.open()
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
        if self._writer is not None and not self._writer.is_closing():
            self._writer.write(data)

    def _drop(self) -> None:
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        self._drop()


class _UdpWire(asyncio.DatagramProtocol):
    """UDP: `udp` sends to its address from the start, `udpin` listens there and answers whoever spoke last."""

    def __init__(self, address: UdpAddress, receive: _Receive) -> None:
        self._address, self._receive = address, receive
        self._transport: asyncio.DatagramTransport | None = None
        self._peer: _Address | None = None if address.listens else (address.host, address.port)

    async def open(self) -> None:
        here = (self._address.host, self._address.port)
        loop = asyncio.get_running_loop()
        if self._address.listens:
            self._transport, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=here)
        else:
            self._transport, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=("0.0.0.0", 0))

    def datagram_received(self, data: bytes, addr: _Address) -> None:
        self._peer = addr
        self._receive(data)

    def error_received(self, exc: Exception) -> None:
        """A refused datagram says only that nobody listens yet."""

    def send(self, data: bytes) -> None:
        if self._transport is not None and self._peer is not None:
            self._transport.sendto(data, self._peer)

    async def close(self) -> None:
        if self._transport is not None:
            self._transport.close()


class _SerialWire:
    """A serial line, read by a thread of its own: that works on every system."""

    def __init__(self, address: SerialAddress, receive: _Receive) -> None:
        self._address, self._receive = address, receive
        self._port: serial.Serial | None = None
        self._thread: threading.Thread | None = None
        self._closing = threading.Event()

    async def open(self) -> None:
        self._port = serial.Serial(self._address.device, self._address.baud, timeout=0.05, write_timeout=1.0)
        self._thread = threading.Thread(
            target=self._read, args=(self._port, asyncio.get_running_loop()), daemon=True, name=self._address.device
        )
        self._thread.start()

    def _read(self, port: serial.Serial, loop: asyncio.AbstractEventLoop) -> None:
        while not self._closing.is_set():
            try:
                data = port.read(max(1, min(port.in_waiting, _SERIAL_READ_BYTES)))
            except serial.SerialException:
                return  # unplugged: the session sees a link that went silent
            if data and not loop.is_closed():
                loop.call_soon_threadsafe(self._receive, bytes(data))

    def send(self, data: bytes) -> None:
        if self._port is not None:
            with contextlib.suppress(serial.SerialException):
                self._port.write(data)

    async def close(self) -> None:
        self._closing.set()
        if self._thread is not None:
            await asyncio.to_thread(self._thread.join)
        if self._port is not None:
            self._port.close()


_Wire = _TcpWire | _UdpWire | _SerialWire
