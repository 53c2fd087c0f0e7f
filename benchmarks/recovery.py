"""Kill mission control at random moments of a flight, take the flight up again, and see whether anything was lost.

The vehicles are simulated by a process of their own and fly on. A client is attached; what it was told must be in the log. Each
new mission control is started as people start it, `jointpatrol fly --resume DIR`, and its time to the `Resumed` event is taken.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import math
import os
import random
import signal
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add
from pathlib import Path

import msgspec

from mavlink_bridge.events import LaneStarted, ModeChanged, Recognised, Telemetry, Uploaded, UploadOutcome
from missions.control.address import ADDRESS_FILE, read_address
from missions.control.client import ControlClient, ControlUnreachableError
from missions.control.messages import IntentRefused, IntentTaken, PatrolEvent, Recall, Resumed
from missions.errors import InputError
from missions.fly import FlightOrder, fly
from missions.plan_file import read_plan
from missions.report.flight_events import EVENTS_FILE, FlightEvents, event_lines
from missions.vehicles import Real
from sitl.config import configs_from_plan
from sitl.server import serve


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("plan", help="a plan.json whose flight is long enough for the kills")
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--within", type=float, default=math.inf, metavar="S", help="begin no other kill after so long")
    parser.add_argument("--speedup", type=float, default=4.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--longest", type=float, default=2.0, metavar="S", help="longest time a mission control lives, once attached")
    parser.add_argument("--tally", type=Path, metavar="FILE", help="add this run's kills to this file, and tell of all that are in it")
    parser.add_argument("--vehicles", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--control", metavar="LINKS", help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.vehicles:
        return asyncio.run(_vehicles(arguments.plan, arguments.speedup))
    if arguments.control:
        return asyncio.run(_control(arguments.plan, arguments.folder, json.loads(arguments.control), arguments.speedup))
    with tempfile.TemporaryDirectory(prefix="jointpatrol-recovery-") as folder:
        return asyncio.run(_Run(arguments, Path(folder)).run())


async def _vehicles(plan_file: str, speedup: float) -> int:
    plan = read_plan(plan_file)
    configs = configs_from_plan(plan, drones={sortie.drone for sortie in plan.sorties})
    urls: dict[str, str] = {}

    def announce(drone: str, url: str) -> None:
        urls[drone] = url
        if len(urls) == len(configs):
            ids = {config.drone: config.system_id for config in configs}
            print(json.dumps({"links": urls, "system_ids": ids}), flush=True)

    await serve(configs, first_port=0, speedup=speedup, announce=announce)
    return 0


async def _control(plan_file: str, folder: Path, found: dict[str, dict[str, object]], speedup: float) -> int:
    links = {drone: str(link) for drone, link in found["links"].items()}
    ids = {drone: int(str(number)) for drone, number in found["system_ids"].items()}
    await fly(FlightOrder(plan=read_plan(plan_file), vehicles=Real(links=links, system_ids=ids, speedup=speedup), folder=folder))
    return 0


_ERRORS = "errors.txt"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kills:
    """What one or more runs came to, kill by kill."""

    wall_s: tuple[float, ...]
    cpu_s: tuple[float, ...]
    load: tuple[float, ...]
    gap_s: tuple[float, ...]
    acknowledged: int
    lost: int
    hands: int
    read_back: int
    recognised: int
    verified_twice: tuple[str, ...]
    home: int
    drones: int

    def lines(self) -> list[str]:
        return [
            f"mission controls killed: {len(self.wall_s)}",
            f"events acknowledged to the client: {self.acknowledged}, lost: {self.lost}",
            f"taken up after (wall seconds, process start included): {_spread(self.wall_s)}; {_within(self.wall_s)}",
            f"processor seconds of that: {_spread(self.cpu_s)}",
            f"load meanwhile: {_spread(self.load)} on {os.cpu_count()} processors",
            f"vehicle seconds nobody looked: {_spread(self.gap_s)}",
            f"missions read back: {self.read_back}, recognised: {self.recognised}",
            f"sorties verified more than once: {', '.join(self.verified_twice) or 'none'}",
            f"modes that were not ours: {self.hands}; drones home and disarmed: {self.home} of {self.drones}",
        ]


def _spread(values: Sequence[float]) -> str:
    ordered = sorted(values)
    p99 = ordered[min(len(ordered) - 1, math.ceil(0.99 * len(ordered)) - 1)]
    return f"median {statistics.median(ordered):.2f}, p99 {p99:.2f}, worst {ordered[-1]:.2f}"


def _within(values: Sequence[float]) -> str:
    return f"{sum(value <= _WANTED_S for value in values)} of {len(values)} within {_WANTED_S:g} s"


_WANTED_S = 5.0
_HOME_S = 300.0


def _tallied(file: Path, kills: Kills) -> Kills:
    """All runs in the file, this one among them."""
    with file.open("ab") as tally:
        tally.write(msgspec.json.encode(kills) + b"\n")
    runs = [msgspec.json.decode(line, type=Kills) for line in file.read_bytes().splitlines()]
    return Kills(**{name: reduce(add, [getattr(run, name) for run in runs]) for name in Kills.__slots__})


class _Run:
    """One flight and all its mission controls."""

    def __init__(self, arguments: argparse.Namespace, folder: Path) -> None:
        self._arguments = arguments
        self._folder = folder
        self._dice = random.Random(arguments.seed)
        self._told: list[PatrolEvent] = []
        self._attached_s: list[float] = []
        self._attached_cpu_s: list[float] = []
        self._loads: list[float] = []

    async def run(self) -> int:
        own = ("-m", "benchmarks.recovery", self._arguments.plan, "--speedup", str(self._arguments.speedup))
        vehicles = await self._start(*own, "--vehicles")
        try:
            assert vehicles.stdout is not None
            found = (await vehicles.stdout.readline()).decode()
            control = await self._start(*own, "--control", found, "--folder", str(self._folder))
            await self._until_airborne(control)
            until_s = time.monotonic() + self._arguments.within
            for _ in range(self._arguments.kills):
                if time.monotonic() > until_s:
                    break
                await self._live(control, self._dice.uniform(0.0, self._arguments.longest))
                control.send_signal(signal.SIGKILL)
                await control.wait()
                control = await self._next_control()
            await self._call_home()
            await asyncio.wait_for(control.wait(), _HOME_S)
        except TimeoutError:
            raise RuntimeError("\n".join(["not everybody came home:", *self._last_words()])) from None
        finally:
            vehicles.kill()
            await vehicles.wait()
        return self._judge()

    async def _start(self, *command: str) -> asyncio.subprocess.Process:
        with (self._folder / _ERRORS).open("ab") as errors:
            # Each in a session of its own, as people start them: Linux shares its processors out between sessions.
            return await asyncio.create_subprocess_exec(
                sys.executable, *command, stdout=asyncio.subprocess.PIPE, stderr=errors, start_new_session=True
            )

    async def _next_control(self) -> asyncio.subprocess.Process:
        log = self._folder / EVENTS_FILE
        seen = log.stat().st_size
        start_s = time.monotonic()
        control = await self._start("-m", "missions.cli", "fly", "--resume", str(self._folder))
        while not _has_resumed(log, seen):
            if control.returncode is not None:
                raise RuntimeError("\n".join([f"the next mission control ended with {control.returncode}:", *self._last_words()]))
            await asyncio.sleep(0.02)
        self._attached_s.append(time.monotonic() - start_s)
        self._attached_cpu_s.append(_cpu_s(control.pid))
        self._loads.append(os.getloadavg()[0])
        return control

    def _last_words(self) -> list[str]:
        errors = (self._folder / _ERRORS).read_text(errors="replace").splitlines()
        events = [line for line in (self._folder / EVENTS_FILE).read_text(errors="replace").splitlines() if '"Telemetry"' not in line]
        return [*errors[-20:], *events[-20:]]

    async def _live(self, control: asyncio.subprocess.Process, seconds: float) -> None:
        """Be attached for so long, and keep what was told."""
        async with await self._client(control) as client:
            try:
                async with asyncio.timeout(seconds):
                    async for event in client.events():
                        self._told.append(event)
            except TimeoutError:
                pass

    async def _until_airborne(self, control: asyncio.subprocess.Process) -> None:
        """The first one is left alone until somebody flies: what is killed are flights."""
        async with await self._client(control) as client:
            async for event in client.events():
                self._told.append(event)
                if isinstance(event, LaneStarted):
                    return

    async def _client(self, control: asyncio.subprocess.Process) -> ControlClient:
        while control.returncode is None:
            if (self._folder / ADDRESS_FILE).exists():
                try:
                    async with ControlClient(read_address(self._folder)):
                        return ControlClient(read_address(self._folder))
                except (ControlUnreachableError, InputError):
                    pass  # of the last one, or half written
            await asyncio.sleep(0.02)
        raise RuntimeError(f"mission control ended with {control.returncode}")

    async def _call_home(self) -> None:
        async with ControlClient(read_address(self._folder)) as client:
            client.ask(Recall())
            async for event in client.events():
                if isinstance(event, IntentTaken | IntentRefused):
                    return

    def _judge(self) -> int:
        events = FlightEvents(event_lines(self._folder / EVENTS_FILE))
        logged = list(events)
        kept = {repr(event) for event in logged}
        lost = [event for event in self._told if not isinstance(event, Telemetry) and repr(event) not in kept]
        verified = [event for event in logged if isinstance(event, Uploaded) and event.outcome is UploadOutcome.VERIFIED]
        repeated = Counter((event.drone, event.sortie) for event in verified)
        recognised = Counter(event.on_board for event in logged if isinstance(event, Recognised))
        hands = [event for event in logged if isinstance(event, ModeChanged) and not event.ours]
        report = json.loads((self._folder / "report.json").read_text()) if (self._folder / "report.json").exists() else {}
        finals = Counter(drone["final"] for drone in report.get("drones", {}).values())
        kills = Kills(
            wall_s=tuple(self._attached_s),
            cpu_s=tuple(self._attached_cpu_s),
            load=tuple(self._loads),
            gap_s=tuple(event.gap_s for event in logged if isinstance(event, Resumed)),
            acknowledged=sum(not isinstance(event, Telemetry) for event in self._told),
            lost=len(lost),
            hands=len(hands),
            read_back=recognised.total(),
            recognised=recognised[True],
            verified_twice=tuple(f"{drone} {sortie} x{count}" for (drone, sortie), count in repeated.items() if count > 1),
            home=finals["home_disarmed"],
            drones=finals.total(),
        )
        print("\n".join(kills.lines()))
        damaged = events.unreadable_lines - events.torn_lines
        print(f"lines torn: {events.torn_lines}, otherwise unreadable: {damaged}; report: {report.get('verdict')}, {dict(finals)}")
        for event in lost[:5]:
            print("LOST", event)
        if self._arguments.tally:
            print("\nall runs so far", *_tallied(self._arguments.tally, kills).lines(), sep="\n")
        return 1 if lost or hands or set(finals) != {"home_disarmed"} else 0


def _has_resumed(log: Path, seen: int) -> bool:
    """Whether the log says so beyond what was seen; reading all of it again and again would take the time that is measured."""
    with log.open("rb") as file:
        file.seek(seen)
        return b'"type":"Resumed"' in file.read()


def _cpu_s(pid: int) -> float:
    """What the process has used so far; not a number where there is no /proc."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return math.nan
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    sys.exit(main())
