"""From telemetry in mission control's process to pixels in the desktop's: how long it takes, and how long the window is busy at once.

`python -m benchmarks.gui_latency [--seconds 30] [--minutes 10] [--rate 4] [--drones 500]`. A server process publishes where every drone is
four times a second; the desktop runs its own event loop, as for an operator. Latencies are wall clock: on a busy machine they say little.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import math
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import numpy as np
from PyQt6.QtCore import QEventLoop, QTimer
from PyQt6.QtGui import QPaintEvent

from benchmarks.gui import SIZE, tell, until, window_of
from benchmarks.gui_swarm import RATE_HZ, Swarm
from gui.desk import Desk
from gui.views.main_window import MainWindow
from gui.views.map_view import MapView
from missions.control.address import Address, write_address
from missions.control.messages import PatrolState, Snapshot
from missions.control.server import ControlServer, ServerParams
from missions.plan_file import plan_bytes
from planner.geo import LatLon
from tests.missions.control.plans import layered_plan

#: How often the main thread is asked whether it is still there.
BEAT_MS = 4
#: What is new at first is made once: letters, layouts, connections.
WARM_UP_S = 10.0


async def serve(number: int, rate_hz: float) -> None:
    """Mission control's door with so many drones behind it that say so many times a second where they are; for a process of its own."""
    plan, centre = layered_plan(), LatLon(lat_deg=47.5, lon_deg=18.99)
    swarm = Swarm(number, [nation.id for nation in plan.nations], centre, 1_000.0)
    kinds = {drone.nation: drone for drone in plan.drones}
    drones = tuple(replace(kinds[drone.nation], id=drone.id, system_id=None) for drone in swarm.drones)
    snapshot = Snapshot(at_s=time.monotonic(), plan=plan_bytes(replace(plan, drones=drones, sorties=())).decode(), state=PatrolState.FLYING)
    usual = ServerParams()
    params = replace(usual, telemetry_period_s=min(usual.telemetry_period_s, 0.8 / rate_hz))
    async with ControlServer(lambda: snapshot, lambda _intent: None, now_s=time.monotonic, params=params) as server:
        print(server.address.line, flush=True)
        period_s, batch = 0.02, math.ceil(number * rate_hz * 0.02)
        due_s = time.monotonic()
        while True:
            for event in swarm.some(batch, 3.0):
                # CLOCK_MONOTONIC is the same in all processes
                now_s = time.monotonic()
                server.publish(replace(event, at_s=now_s, state=replace(event.state, heard_s=now_s, position_s=now_s)))
            due_s += period_s
            await asyncio.sleep(max(0.0, due_s - time.monotonic()))


@dataclass
class Figures:
    """Wall seconds to the screen; the main thread's CPU and wall seconds between two beats."""

    shown_s: list[float] = field(default_factory=list)
    busy_cpu_s: list[float] = field(default_factory=list)
    busy_wall_s: list[float] = field(default_factory=list)
    paints: int = 0


def latency(number: int, seconds: float, memory_s: float, rate_hz: float) -> tuple[Figures, list[int]]:
    """What was seen in so many seconds, and the memory in kB at each of `memory_s` thereafter, when nothing is written down any more."""
    here = [sys.executable, "-m", "benchmarks.gui_latency", "--serve", str(number), "--rate", f"{rate_hz}"]
    with tempfile.TemporaryDirectory() as name, subprocess.Popen(here, stdout=subprocess.PIPE) as server:
        assert server.stdout is not None
        address = json.loads(server.stdout.readline())
        window, desk = window_of(Path(name))
        window.resize(*SIZE)
        window.show()
        write_address(Path(name), Address(port=address["port"], token=address["token"]))
        desk.flight.attach(Path(name))
        until(lambda: len(desk.tracks.heads) == number)
        _run(WARM_UP_S)
        figures, memory_kb = Figures(), []
        _watch(window, desk, figures, seconds)
        seconds_passed = QTimer()
        seconds_passed.timeout.connect(lambda: memory_kb.append(_memory_kb()))
        seconds_passed.start(1000)
        _run(memory_s)
        seconds_passed.stop()
        server.terminate()
        desk.flight.leave()
        desk.close()
        window.close()
    return figures, memory_kb


def _run(seconds: float) -> None:
    loop = QEventLoop()  # not the application's own: to end that is to close the window, which asks while drones fly
    QTimer.singleShot(round(1000 * seconds), loop.quit)
    loop.exec()


def _watch(window: MainWindow, desk: Desk, figures: Figures, seconds: float) -> None:
    """The event loop for so long, looked at from within."""
    view = window.findChild(MapView)
    assert view is not None
    born_s = {drone.id: drone.state.heard_s for drone in desk.fleet.drones.values() if drone.state is not None}
    paint = type(view).paintEvent

    def painted(event: QPaintEvent | None) -> None:
        paint(view, event)
        now_s = time.monotonic()
        figures.paints += 1
        for drone in desk.fleet.drones.values():
            state = drone.state
            if state is not None and state.heard_s is not None and born_s.get(drone.id) != state.heard_s:
                born_s[drone.id] = state.heard_s
                figures.shown_s.append(now_s - state.heard_s)

    last = [time.monotonic(), time.thread_time()]

    def beat() -> None:
        now = [time.monotonic(), time.thread_time()]
        figures.busy_wall_s.append(now[0] - last[0])
        figures.busy_cpu_s.append(now[1] - last[1])
        last[:] = now

    view.paintEvent = painted  # type: ignore[method-assign, assignment]
    beats = QTimer()
    beats.timeout.connect(beat)
    beats.start(BEAT_MS)
    _run(seconds)
    beats.stop()
    view.paintEvent = partial(paint, view)  # type: ignore[method-assign]


def _memory_kb() -> int:
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1])


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure the way from telemetry to pixels.")
    parser.add_argument("--seconds", type=float, default=30.0, help="how long it is measured")
    parser.add_argument("--minutes", type=float, help="how long memory is looked at thereafter; as long when left out")
    parser.add_argument("--rate", type=float, default=RATE_HZ, help="positions a second and drone: more make a long flight short")
    parser.add_argument("--drones", type=int, default=500)
    parser.add_argument("--serve", type=int, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.serve is not None:
        asyncio.run(serve(arguments.serve, arguments.rate))
        return
    memory_s = arguments.seconds if arguments.minutes is None else 60 * arguments.minutes
    figures, memory_kb = latency(arguments.drones, arguments.seconds, memory_s, arguments.rate)
    tell(f"telemetry to pixels, {arguments.drones} drones, wall", figures.shown_s, "p99 250 ms")
    tell("main thread in one go, CPU", figures.busy_cpu_s, "worst 50 ms")
    tell("main thread in one go, wall", figures.busy_wall_s, "worst 50 ms")
    print(f"{figures.paints / arguments.seconds:.1f} paints a second; {_memory_text(memory_kb, arguments.rate)}")


def _memory_text(memory_kb: list[int], rate_hz: float) -> str:
    """How it grew, by the straight line through the second half: at the start trails still grow to their bound."""
    half = np.array(memory_kb[len(memory_kb) // 2 :], dtype=float)
    per_s = float(np.polyfit(np.arange(len(half)), half, 1)[0]) if len(half) > 1 else 0.0
    whole = 100 * (memory_kb[-1] / memory_kb[0] - 1)
    hour = 100 * 3600 * per_s / half[0] * RATE_HZ / rate_hz
    tenths = " ".join(str(kb) for kb in memory_kb[:: max(1, len(memory_kb) // 10)])
    told = f"memory {memory_kb[0]} kB, {whole:+.2f} % in {len(memory_kb)} s; in their second half {hour:+.2f} % in an hour of flight"
    return f"{told}\nevery tenth of the time: {tenths} kB"


if __name__ == "__main__":
    main()
