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
from pathlib import Path

from mavlink_bridge.events import Armed, LaneStarted, ModeChanged, Recognised, Telemetry, Uploaded, UploadOutcome
from missions.control.address import ADDRESS_FILE, read_address
from missions.control.client import ControlClient, ControlUnreachableError
from missions.control.messages import PatrolEvent, Recall, Resumed
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
            await asyncio.wait_for(control.wait(), 200)
        finally:
            vehicles.kill()
            await vehicles.wait()
        return self._judge()

    async def _start(self, *command: str) -> asyncio.subprocess.Process:
        pipe = asyncio.subprocess.PIPE
        return await asyncio.create_subprocess_exec(sys.executable, *command, stdout=pipe, stderr=asyncio.subprocess.DEVNULL)

    async def _next_control(self) -> asyncio.subprocess.Process:
        before = self._resumptions()
        start_s = time.monotonic()
        control = await self._start("-m", "missions.cli", "fly", "--resume", str(self._folder))
        while self._resumptions() == before:
            if control.returncode is not None:
                raise RuntimeError(f"the next mission control ended with {control.returncode}")
            await asyncio.sleep(0.02)
        self._attached_s.append(time.monotonic() - start_s)
        self._attached_cpu_s.append(_cpu_s(control.pid))
        self._loads.append(os.getloadavg()[0])
        return control

    def _resumptions(self) -> int:
        return (self._folder / EVENTS_FILE).read_bytes().count(b'"type":"Resumed"')

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
                if not isinstance(event, Telemetry):
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
        gaps = [event.gap_s for event in logged if isinstance(event, Resumed)]
        damaged = events.unreadable_lines - events.torn_lines
        print(f"mission controls killed: {len(self._attached_s)}; lines torn: {events.torn_lines}, otherwise unreadable: {damaged}")
        print(f"events acknowledged to the client: {sum(not isinstance(event, Telemetry) for event in self._told)}, lost: {len(lost)}")
        worst = sorted(self._attached_s)
        print(f"taken up after (process start included): median {statistics.median(worst):.2f} s, worst {worst[-1]:.2f} s")
        cpu, processors = sorted(self._attached_cpu_s), os.cpu_count()
        print(f"processor time of that: median {statistics.median(cpu):.2f} s, worst {cpu[-1]:.2f} s")
        print(f"load meanwhile: {min(self._loads):.1f} to {max(self._loads):.1f} on {processors} processors")
        print(f"vehicle time nobody looked: median {statistics.median(gaps):.1f} s, worst {max(gaps):.1f} s")
        print(f"missions read back: {dict(recognised)}; sorties verified more than once: {sum(count > 1 for count in repeated.values())}")
        print(f"arms {sum(isinstance(event, Armed) for event in logged)}, modes that were not ours: {len(hands)}")
        print(f"report: {report.get('verdict')}, {dict(finals)}")
        for event in lost[:5]:
            print("LOST", event)
        return 1 if lost or hands or set(finals) != {"home_disarmed"} else 0


def _cpu_s(pid: int) -> float:
    """What the process has used so far; not a number where there is no /proc."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return math.nan
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    sys.exit(main())
