"""How fast one process simulates a fleet over TCP: `python -m benchmarks.sitl [--vehicles 60] [--speedup 40] [--seconds 120]`.

All copters of the fleet fly a mission of long legs; each sends 4 positions, 1 heartbeat and 1 status a simulated second to its
own connection. The fleet's process is measured, not the station that listens: its CPU seconds say how many times real time one
core can do, its wall time what this machine did while the station shared it.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection

from mavlink_bridge import messages as m
from mavlink_bridge.codec import Decoder, Encoder
from mavlink_bridge.link_address import TcpAddress, parse_link
from planner.geo import LatLon
from sitl.config import VehicleConfig
from sitl.earth import degrees_at
from sitl.server import serve

_HOME = LatLon(lat_deg=47.5, lon_deg=19.0)
_SPACING_M, _LEG_M, _HEIGHT_M = 60.0, 3000.0, 50.0
#: Message and its interval, microseconds.
_MIX = ((33, 250_000), (1, 1_000_000))
_SETTLED_S = 60.0


@dataclass(frozen=True, slots=True)
class Reading:
    """The fleet's process at one moment."""

    simulated_s: float
    cpu_s: float
    wall_s: float


def _configs(count: int) -> list[VehicleConfig]:
    places = [degrees_at(_HOME, 0.0, _SPACING_M * number) for number in range(count)]
    return [
        VehicleConfig(
            drone=f"d{number}",
            system_id=number + 1,
            home=LatLon(lat_deg=lat_deg, lon_deg=lon_deg),
            home_amsl_m=150.0,
            parameters={"AUTO_OPTIONS": 3},
        )
        for number, (lat_deg, lon_deg) in enumerate(places)
    ]


def _fleet_process(count: int, speedup: float, pipe: Connection) -> None:
    """The measured process: serve until told to stop, tell CPU seconds when asked."""

    async def run() -> None:
        urls: list[str] = []

        def announce(_drone: str, url: str) -> None:
            urls.append(url)
            if len(urls) == count:
                pipe.send(urls)

        serving = asyncio.create_task(serve(_configs(count), first_port=0, speedup=speedup, announce=announce))

        def asked() -> None:
            if pipe.recv() == "stop":
                serving.cancel()
            else:
                pipe.send(time.process_time())

        asyncio.get_running_loop().add_reader(pipe.fileno(), asked)
        await asyncio.gather(serving, return_exceptions=True)

    asyncio.run(run())


class Station:
    """One connection: prepares its vehicle, then only listens. All bytes are counted; messages are read until it listens."""

    def __init__(self, number: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self._number = number
        self._encoder = Encoder(system_id=255, component_id=190)
        self._decoder = Decoder()
        self.boot_s = 0.0
        self.heard: Counter[str] = Counter()

    async def messages(self) -> list[m.Message]:
        data = await self._reader.read(1 << 16)
        found = [frame.message for frame in self._decoder.feed(data)]
        for message in found:
            self.heard[type(message).__name__] += 1
            if isinstance(message, m.GlobalPositionInt):
                self.boot_s = message.time_boot_s
        return found

    def send(self, message: m.Message) -> None:
        self._writer.write(self._encoder.encode(message))

    def command(self, command: int, p1: float = 0.0, p2: float = 0.0) -> None:
        self.send(m.CommandLong(target_system=self._number + 1, target_component=1, command=command, param1=p1, param2=p2))

    async def prepare(self) -> None:
        """Streams, mission, AUTO, and armed as soon as the vehicle lets us."""
        for message_id, interval_us in _MIX:
            self.command(511, message_id, interval_us)
        while self.boot_s < _SETTLED_S:
            await self.messages()
        await self._upload()
        self.command(176, 1, 3)
        self.command(400, 1)
        while True:
            acks = [one for one in await self.messages() if isinstance(one, m.CommandAck) and one.command == 400]
            if acks:
                if acks[0].result != 0:
                    raise SystemExit(f"vehicle {self._number + 1} refused to arm")
                return

    async def _upload(self) -> None:
        items = self._items()
        self.send(m.MissionCount(target_system=self._number + 1, target_component=1, count=len(items)))
        while True:
            for message in await self.messages():
                if isinstance(message, m.MissionRequest):
                    self.send(items[message.seq])
                if isinstance(message, m.MissionAck):
                    return

    def _items(self) -> list[m.MissionItemInt]:
        east_m = _SPACING_M * self._number
        north = [0.0, 0.0, *([_LEG_M, 0.0] * 4)]
        commands = [16, 22, *([16] * (len(north) - 2))]
        places = [degrees_at(_HOME, north_m, east_m) for north_m in north]
        return [
            m.MissionItemInt(
                target_system=self._number + 1,
                target_component=1,
                seq=seq,
                frame=3,
                command=command,
                x=round(lat_deg * 1e7),
                y=round(lon_deg * 1e7),
                z=_HEIGHT_M,
            )
            for seq, (command, (lat_deg, lon_deg)) in enumerate(zip(commands, places, strict=True))
        ]

    async def listen(self) -> None:
        while True:
            await self.messages()


async def _station(number: int, url: str) -> Station:
    address = parse_link(url)
    assert isinstance(address, TcpAddress)
    return Station(number, *await asyncio.open_connection(address.host, address.port))


def _read(stations: Sequence[Station], pipe: Connection) -> Reading:
    pipe.send("cpu")
    return Reading(stations[0].boot_s, pipe.recv(), time.perf_counter())


async def _measure(urls: list[str], pipe: Connection, seconds: float) -> tuple[Reading, Reading, Counter[str]]:
    stations = [await _station(number, url) for number, url in enumerate(urls)]
    await asyncio.gather(*(station.prepare() for station in stations))
    for station in stations:
        station.heard.clear()
    listeners = [asyncio.create_task(station.listen()) for station in stations]
    before = _read(stations, pipe)
    while stations[0].boot_s < before.simulated_s + seconds:
        await asyncio.sleep(0.05)
    after = _read(stations, pipe)
    for listener in listeners:
        listener.cancel()
    return before, after, sum((station.heard for station in stations), Counter())


def _print(vehicles: int, before: Reading, after: Reading, heard: Counter[str]) -> None:
    simulated_s = after.simulated_s - before.simulated_s
    cpu_s, wall_s = after.cpu_s - before.cpu_s, after.wall_s - before.wall_s
    each = {name: count / vehicles / simulated_s for name, count in heard.most_common()}
    print(f"{vehicles} copters flying, {simulated_s:.0f} simulated seconds")
    print("messages per vehicle and simulated second: " + ", ".join(f"{name} {rate:.2f}" for name, rate in each.items()))
    print(f"one core: {simulated_s / cpu_s:.1f} x real time ({cpu_s:.2f} CPU seconds of the fleet's process)")
    print(f"wall: {simulated_s / wall_s:.1f} x real time ({wall_s:.2f} s)")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--vehicles", type=int, default=60)
    parser.add_argument("--speedup", type=float, default=40.0, help="asked for; what is reached is printed")
    parser.add_argument("--seconds", type=float, default=120.0, help="simulated seconds that are measured")
    wanted = parser.parse_args()
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_fleet_process, args=(wanted.vehicles, wanted.speedup, theirs))
    process.start()
    try:
        _print(wanted.vehicles, *asyncio.run(_measure(ours.recv(), ours, wanted.seconds)))
    finally:
        ours.send("stop")
        process.join()


if __name__ == "__main__":
    main()
