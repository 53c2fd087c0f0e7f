"""Simulated vehicles behind TCP ports, or sending to a UDP port, for any ground station: QGroundControl, MAVProxy, or our own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from sitl.config import VehicleConfig
from sitl.faults import FaultPlan
from sitl.faulty_vehicle import FaultyVehicle
from sitl.pace import Pace

FIRST_PORT = 5760
PORTS_PER_VEHICLE = 10

#: Wall time between two steps of a served fleet.
_BEAT_S = 0.02
#: A station that does not read is cut off when this much waits for it.
_MOST_UNREAD = 1 << 20
#: No datagram is longer; a frame that is cut is put together again by who reads a stream of them.
_DATAGRAM_BYTES = 1400


class _Station(asyncio.Protocol):
    """One connection: its own link of the vehicle."""

    def __init__(self, port: VehiclePort) -> None:
        self._port = port
        self.link = -1
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.link = self._port.join(self)

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        self._port.leave(self)

    def data_received(self, data: bytes) -> None:
        self._port.drone.receive(data, link=self.link)
        self.push()

    def push(self) -> None:
        """Send what the vehicle has said on this link."""
        data = self._port.drone.take_output(link=self.link)
        if not data or self.transport is None:
            return
        if self.transport.get_write_buffer_size() > _MOST_UNREAD:
            self.transport.abort()
            return
        self.transport.write(data)


class _UdpStation(asyncio.DatagramProtocol):
    """A ground station that waits at a UDP port for vehicles to speak; each vehicle does from a port of its own."""

    link = 9

    def __init__(self, drone: FaultyVehicle) -> None:
        self._drone = drone
        self.transport: asyncio.DatagramTransport | None = None

    def datagram_received(self, data: bytes, addr: object) -> None:
        del addr
        self._drone.receive(data, link=self.link)
        self.push()

    def error_received(self, exc: Exception) -> None:
        """A refused datagram says only that nobody listens yet."""

    def push(self) -> None:
        data = self._drone.take_output(link=self.link)
        if data and self.transport is not None:
            for start in range(0, len(data), _DATAGRAM_BYTES):
                self.transport.sendto(data[start : start + _DATAGRAM_BYTES])


class VehiclePort:
    """One vehicle and the stations that are connected to it; several may be at once."""

    def __init__(self, drone: FaultyVehicle) -> None:
        self.drone = drone
        self._stations: dict[int, _Station] = {}
        self._udp: _UdpStation | None = None

    async def speak_to(self, address: tuple[str, int]) -> None:
        """From now on also send to this UDP port. Raises OSError."""
        loop = asyncio.get_running_loop()
        transport, self._udp = await loop.create_datagram_endpoint(lambda: _UdpStation(self.drone), remote_addr=address)
        self._udp.transport = transport

    def join(self, station: _Station) -> int:
        link = next(number for number in range(len(self._stations) + 1) if number not in self._stations)
        self._stations[link] = station
        if link == 0:
            # What was said while nobody listened is gone.
            self.drone.take_output()
        return link

    def leave(self, station: _Station) -> None:
        self._stations.pop(station.link, None)
        self.drone.close_link(station.link)

    def step(self, dt_s: float) -> None:
        self.drone.step(dt_s)
        for station in list(self._stations.values()):
            station.push()
        if self._udp is not None:
            self._udp.push()
        if 0 not in self._stations:
            self.drone.take_output()

    def close(self) -> None:
        for station in (*self._stations.values(), self._udp):
            if station is not None and station.transport is not None:
                station.transport.abort()


async def serve(
    configs: Sequence[VehicleConfig],
    *,
    host: str = "127.0.0.1",
    first_port: int = FIRST_PORT,
    speedup: float = 1.0,
    loss: float = 0.0,
    seed: int = 0,
    faults: FaultPlan | None = None,
    announce: Callable[[str, str], None] | None = None,
    pace: Pace | None = None,
    udp: tuple[str, int] | None = None,
) -> None:
    """Keep the fleet up for any ground station until cancelled: vehicle n listens on TCP `first_port` + 10 n.

    With `udp`, all vehicles send to that port as well, and listen to who answers.

    `announce(drone, url)` is told each address once it listens; `first_port` 0 takes free ports. Raises OSError when a port
    is taken. Vehicles keep living while nobody is connected.
    """
    plan = (faults or FaultPlan()).drawn(seed)
    ports = [VehiclePort(FaultyVehicle(config, plan, loss=loss, seed=seed)) for config in configs]
    loop = asyncio.get_running_loop()
    servers: list[asyncio.Server] = []
    try:
        for number, (config, port) in enumerate(zip(configs, ports, strict=True)):
            wanted = first_port + PORTS_PER_VEHICLE * number if first_port else 0
            server = await loop.create_server(lambda port=port: _Station(port), host, wanted)  # type: ignore[misc]
            servers.append(server)
            if announce is not None:
                announce(config.drone, f"tcp:{host}:{server.sockets[0].getsockname()[1]}")
        if udp is not None:
            for port in ports:
                await port.speak_to(udp)
        await _run(ports, pace or Pace(speedup))
    finally:
        for server in servers:
            server.close()
        for port in ports:
            port.close()
        # Let the connections' ends be seen before the loop goes on.
        await asyncio.sleep(0)


async def _run(ports: Sequence[VehiclePort], pace: Pace) -> None:
    now_s = 0.0
    while True:
        await pace.wait(now_s)
        dt_s = _BEAT_S * (pace.speedup or 1.0)
        now_s += dt_s
        for port in ports:
            port.step(dt_s)
