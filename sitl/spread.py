"""A served fleet spread over processes, on one clock: for more vehicles than one core keeps up with."""

from __future__ import annotations

import asyncio
import contextlib
import multiprocessing
import signal
import time
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import Connection

from sitl.config import VehicleConfig
from sitl.faults import FaultPlan
from sitl.pace import Pace
from sitl.server import FIRST_PORT, PORTS_PER_VEHICLE, serve

#: Until then all processes are up, and begin at the same moment.
_START_S = 2.0
_STOP_S = 3.0

_spawn = multiprocessing.get_context("spawn")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Share:
    """What one process serves: `serve` with all but what belongs to that process. `start_s` is on the machine's monotonic clock,
    which all processes share.
    """

    serve: Callable[..., Coroutine[None, None, None]]
    speedup: float
    start_s: float


async def serve_spread(
    configs: Sequence[VehicleConfig],
    *,
    processes: int,
    host: str = "127.0.0.1",
    first_port: int = FIRST_PORT,
    speedup: float = 1.0,
    loss: float = 0.0,
    seed: int = 0,
    faults: FaultPlan | None = None,
    announce: Callable[[str, str], None] | None = None,
    udp: tuple[str, int] | None = None,
) -> None:
    """As `serve`, in so many processes, which end with this one however it ends. Raises OSError when a port is taken."""
    start_s = time.monotonic() + _START_S
    size = -(-len(configs) // max(1, min(processes, len(configs))))
    ports = range(first_port, first_port + PORTS_PER_VEHICLE * len(configs), PORTS_PER_VEHICLE) if first_port else [0] * len(configs)
    alike = partial(serve, host=host, loss=loss, seed=seed, faults=faults, udp=udp)
    shares = [
        _Share(serve=partial(alike, configs[first : first + size], first_port=ports[first]), speedup=speedup, start_s=start_s)
        for first in range(0, len(configs), size)
    ]
    pipes: list[Connection] = []
    started = []
    try:
        for share in shares:
            ours, theirs = _spawn.Pipe()
            process = _spawn.Process(target=_work, args=(theirs, share), name="jointpatrol-sitl", daemon=True)
            process.start()
            theirs.close()
            pipes.append(ours)
            started.append(process)
        loop = asyncio.get_running_loop()

        def told(drone: str, url: str) -> None:
            if announce is not None:
                loop.call_soon_threadsafe(announce, drone, url)

        await asyncio.gather(*(asyncio.to_thread(_listen, pipe, told) for pipe in pipes))
    finally:
        # A process whose pipe ends stops; those that do not within a moment are ended.
        for pipe in pipes:
            with contextlib.suppress(OSError):
                pipe.send(None)
        for process in started:
            await asyncio.to_thread(process.join, _STOP_S)
            if process.is_alive():
                process.kill()
        for pipe in pipes:
            pipe.close()


def _listen(pipe: Connection, announce: Callable[[str, str], object]) -> None:
    """Pass on what a process announces until it ends."""
    while True:
        try:
            said = pipe.recv()
        except (EOFError, OSError):
            return
        if isinstance(said, OSError):
            raise said
        announce(*said)


def _work(pipe: Connection, share: _Share) -> None:
    # Ctrl-C is for the process that started us.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        asyncio.run(_serve(pipe, share))
    except OSError as error:
        with contextlib.suppress(OSError):
            pipe.send(OSError(error.errno, error.strerror))


async def _serve(pipe: Connection, share: _Share) -> None:
    pace = Pace(share.speedup, start_s=share.start_s)
    serving = asyncio.create_task(share.serve(announce=lambda drone, url: pipe.send((drone, url)), pace=pace))
    loop = asyncio.get_running_loop()
    # Whatever comes, or the end of who started us, is the end.
    loop.add_reader(pipe.fileno(), serving.cancel)
    with contextlib.suppress(asyncio.CancelledError):
        await serving
    loop.remove_reader(pipe.fileno())
