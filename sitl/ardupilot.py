"""Start, await and stop ArduPilot's own simulation, one process a vehicle, and leave nothing behind."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import os
import shutil
import signal
import socket
import sys
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from planner.model import VehicleKind
from sitl.ardupilot_params import FRAME_FILE, frame_text, model_argument, parameter_text
from sitl.config import VehicleConfig
from sitl.download import downloaded
from sitl.errors import ArduPilotError

MISSING_TEXT = (
    "ArduPilot SITL was not found on PATH or in $JOINTPATROL_ARDUPILOT_DIR; "
    "jointpatrol sitl --download fetches ArduPilot's own published build, or use --vehicles embedded"
)

FOLDER_VARIABLE = "JOINTPATROL_ARDUPILOT_DIR"
_PROGRAMS: Mapping[VehicleKind, str] = {
    VehicleKind.COPTER: "arducopter",
    VehicleKind.PLANE: "arduplane",
    VehicleKind.QUADPLANE: "arduplane",
}

FIRST_PORT = 5760
PORTS_PER_VEHICLE = 10
#: Ports that one instance opens: its three serial ports, counted from its first.
_PORT_OFFSETS = (0, 2, 3)
_CLAIM_OFFSET = 9
_INSTANCES = 500

_START_S = 30.0
_KEPT_LINES = 40


def find_ardupilot(kind: VehicleKind) -> Path | None:
    """The SITL program for this kind of vehicle (arducopter or arduplane), or None.

    `$JOINTPATROL_ARDUPILOT_DIR` comes first: the folder of the programs, or an ArduPilot checkout built for SITL; what was
    downloaded comes after the PATH.
    """
    name = _PROGRAMS[kind]
    folder = os.environ.get(FOLDER_VARIABLE)
    if folder:
        for place in (Path(folder), Path(folder) / "build" / "sitl" / "bin"):
            program = place / name
            if program.is_file() and os.access(program, os.X_OK):
                return program.resolve()
    found = shutil.which(name)
    return Path(found) if found else downloaded(name)


@dataclass(slots=True)
class _Instance:
    """One running vehicle."""

    drone: str
    port: int
    folder: Path
    process: asyncio.subprocess.Process
    lines: deque[str] = field(default_factory=lambda: deque(maxlen=_KEPT_LINES))
    listening: asyncio.Event = field(default_factory=asyncio.Event)
    reader: asyncio.Task[None] | None = None

    @property
    def last_words(self) -> str:
        return "\n".join(self.lines) or "(it printed nothing)"


class ArduPilotFleet:
    """`async with ArduPilotFleet(...) as fleet: fleet.urls`: one ArduPilot a drone, stopped on the way out.

    Each vehicle has its own folder (`folder/<drone>`: parameters, memory, output) and its own ports. `on_death` is told the
    drone and its last output when a process ends by itself. Raises ArduPilotError when a program is missing, or a vehicle
    does not come up.
    """

    def __init__(
        self,
        configs: Sequence[VehicleConfig],
        *,
        speedup: float = 1.0,
        folder: Path,
        on_death: Callable[[str, str], None] | None = None,
    ) -> None:
        self._configs = tuple(configs)
        self._speedup = speedup
        self._folder = folder
        self._on_death = on_death or _print_death
        self._instances: dict[str, _Instance] = {}
        self._claims: list[socket.socket] = []
        self._stopping = False
        self.dead: dict[str, str] = {}

    @property
    def urls(self) -> Mapping[str, str]:
        """Link addresses by drone id: `tcp:127.0.0.1:<port>`."""
        return {drone: f"tcp:127.0.0.1:{instance.port}" for drone, instance in self._instances.items()}

    @property
    def process_ids(self) -> Mapping[str, int]:
        """By drone id, of the processes that were started."""
        return {drone: instance.process.pid for drone, instance in self._instances.items()}

    async def __aenter__(self) -> Self:
        try:
            numbers = _free_instances(self._claims)
            for config in self._configs:
                await self._start(config, next(numbers))
            for instance in self._instances.values():
                await self._await(instance)
        except BaseException:
            await self._stop_all()
            raise
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        del kind, error, trace
        await self._stop_all()

    async def _start(self, config: VehicleConfig, number: int) -> None:
        program = find_ardupilot(config.kind)
        if program is None:
            raise ArduPilotError(MISSING_TEXT)
        folder = self._folder / config.drone
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "defaults.parm").write_text(parameter_text(config), encoding="utf-8")
        if (frame := frame_text(config)) is not None:
            (folder / FRAME_FILE).write_text(frame, encoding="utf-8")
        process = await asyncio.create_subprocess_exec(
            str(program),
            *_arguments(config, number, self._speedup),
            cwd=folder,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            # An own session: Ctrl-C on the terminal is ours to handle, and one signal ends whatever it started.
            start_new_session=True,
            preexec_fn=_parent_death_signal(),
        )
        instance = _Instance(config.drone, FIRST_PORT + PORTS_PER_VEHICLE * number, folder, process)
        self._instances[config.drone] = instance
        instance.reader = asyncio.create_task(self._read(instance), name=f"ardupilot output of {config.drone}")

    async def _read(self, instance: _Instance) -> None:
        """Keep the output, in memory and beside the vehicle, and notice its end."""
        assert instance.process.stdout is not None
        with (instance.folder / "output.txt").open("wb") as kept:
            async for line in instance.process.stdout:
                kept.write(line)
                kept.flush()
                text = line.decode("utf-8", "replace").rstrip()
                instance.lines.append(text)
                if text.startswith("SERIAL0 on TCP port"):
                    instance.listening.set()
        code = await instance.process.wait()
        if not self._stopping:
            words = f"ended with code {code}; it printed last:\n{instance.last_words}"
            self.dead[instance.drone] = words
            instance.listening.set()
            self._on_death(instance.drone, words)

    async def _await(self, instance: _Instance) -> None:
        try:
            async with asyncio.timeout(_START_S):
                await instance.listening.wait()
        except TimeoutError:
            words = f"{instance.drone}: ArduPilot did not open its port in {_START_S:g} s; it printed last:\n{instance.last_words}"
            raise ArduPilotError(words) from None
        if instance.drone in self.dead:
            raise ArduPilotError(f"{instance.drone}: ArduPilot {self.dead[instance.drone]}")

    async def _stop_all(self) -> None:
        self._stopping = True
        for instance in self._instances.values():
            _end_group(instance.process)
        for instance in self._instances.values():
            await instance.process.wait()
            if instance.reader is not None:
                await instance.reader
        for claim in self._claims:
            claim.close()


def _arguments(config: VehicleConfig, number: int, speedup: float) -> list[str]:
    home = config.home
    return [
        "--wipe",
        "--instance",
        str(number),
        "--model",
        model_argument(config),
        "--speedup",
        f"{speedup:g}",
        "--home",
        f"{home.lat_deg:.7f},{home.lon_deg:.7f},{config.home_amsl_m:.3f},{config.heading_deg:.1f}",
        "--defaults",
        "defaults.parm",
        "--sysid",
        str(config.system_id),
    ]


def _free_instances(claims: list[socket.socket]) -> Iterator[int]:
    """Instance numbers whose ports nobody uses. A port of each that ArduPilot leaves alone is held in `claims`, so that nobody else who
    looks now, before ArduPilot listens, is given the same number.
    """
    for number in range(_INSTANCES):
        first = FIRST_PORT + PORTS_PER_VEHICLE * number
        claim = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            claim.bind(("127.0.0.1", first + _CLAIM_OFFSET))
        except OSError:
            claim.close()
            continue
        claims.append(claim)
        if all(_is_free(first + offset) for offset in _PORT_OFFSETS):
            yield number
    raise ArduPilotError(f"no free ports for ArduPilot among {_INSTANCES} instances from {FIRST_PORT} on")


def _is_free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            # ArduPilot listens on all addresses.
            probe.bind(("", port))
        except OSError:
            return False
    return True


def _end_group(process: asyncio.subprocess.Process) -> None:
    """At once: nothing of it is kept. Asked to go (SIGTERM), ArduPilot runs its destructors under threads that still run
    (HAL_SITL_Class.cpp: exit), which may end in "segmentation fault - aborting".
    """
    with contextlib.suppress(ProcessLookupError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()


def _print_death(drone: str, words: str) -> None:
    sys.stderr.write(f"ArduPilot of {drone} {words}\n")


def _parent_death_signal() -> Callable[[], None] | None:
    """Run in the child before it becomes ArduPilot: have the kernel end it when we die, even by SIGKILL.

    Linux only (prctl PR_SET_PDEATHSIG). Elsewhere a killed parent leaves its vehicles to the user.
    """
    if not sys.platform.startswith("linux"):
        return None
    # Looked up now: between fork and exec as little as possible may happen.
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    set_death_signal, ours = 1, os.getpid()

    def die_with_parent() -> None:
        prctl(set_death_signal, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != ours:
            os._exit(1)

    return die_with_parent
