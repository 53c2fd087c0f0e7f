"""Starts mission control as a process of its own that outlives the window, and waits for its address without blocking."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import msgspec
from PyQt6.QtCore import QObject, QTimer

import missions
from gui.models.words import tr
from missions.control.address import Address
from missions.errors import one_line

POLL_MS = 50
#: What `--vehicles` calls simulated ones.
EMBEDDED, ARDUPILOT = "embedded", "ardupilot"
#: The end of what a process said that did not start: what an operator can use is there.
_TOLD_CHARS = 400


@dataclass(frozen=True, kw_only=True, slots=True)
class FleetOptions:
    """Which vehicles, how much faster than life a simulation runs, and what goes wrong in it.

    `vehicles` is embedded, ardupilot or a links file; whoever names one of these has been asked whether real drones are to fly.
    """

    vehicles: str = EMBEDDED
    speedup: float = 1.0
    faults: Path | None = None
    """What goes wrong with simulated vehicles, to practise with (docs/faults.md)."""


class ControlProcess(QObject):
    """One child at a time. It writes to files, not pipes: a window that dies takes nothing from it.

    `folder` is where these files go; reports go where mission control puts them below `flights_in`.
    """

    def __init__(self, folder: Path, *, flights_in: Path, ready: Callable[[Address], None], failed: Callable[[str], None]) -> None:
        super().__init__()
        self._folder = folder
        self._flights_in = flights_in
        self._ready = ready
        self._failed = failed
        self._process: subprocess.Popen[bytes] | None = None
        self._out = self._err = Path()
        self._timer = QTimer(self)
        self._timer.setInterval(POLL_MS)
        self._timer.timeout.connect(self._look)

    def start(self, plan_file: Path, options: FleetOptions) -> None:
        """`ready` or `failed` is called later, once. Raises OSError when no process can be started at all."""
        self._folder.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "missions.control", str(plan_file), "--vehicles", options.vehicles]
        if options.vehicles not in (EMBEDDED, ARDUPILOT):
            command += ["--yes"]
        elif options.speedup != 1.0 or options.vehicles == ARDUPILOT:
            command += ["--speedup", f"{options.speedup:g}"]
        if options.faults is not None:
            command += ["--fault", str(options.faults.resolve())]
        out, self._out = _new_file(self._folder, ".out")
        err, self._err = _new_file(self._folder, ".err")
        with os.fdopen(out, "wb") as stdout, os.fdopen(err, "wb") as stderr:
            # A session of its own: Ctrl-C in the terminal that runs the window is not for the drones.
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=stdout,
                stderr=stderr,
                cwd=self._flights_in,
                env=_environment(),
                start_new_session=True,
            )
        self._timer.start()

    @property
    def running(self) -> bool:
        """Whether a child of ours is alive."""
        return self._process is not None and self._process.poll() is None

    def stop_waiting(self) -> None:
        """Look no more; the child goes on."""
        self._timer.stop()

    def give_up(self) -> None:
        """End a child that has not told its address yet: nobody could reach its vehicles."""
        if self._timer.isActive() and self._process is not None:
            self._process.terminate()
        self.stop_waiting()

    def _look(self) -> None:
        assert self._process is not None
        ended = self._process.poll()
        line = self._out.read_bytes().partition(b"\n")
        if line[1]:
            self._timer.stop()
            self._announce(line[0])
        elif ended is not None:
            self._timer.stop()
            told = one_line(self._err.read_text(errors="replace"))[-_TOLD_CHARS:]
            self._failed(told or tr("it ended with code {ended}", ended=ended))

    def _announce(self, line: bytes) -> None:
        try:
            address = msgspec.json.decode(line, type=Address)
        except msgspec.DecodeError:
            self._failed(tr("it said {decode}", decode=one_line(line.decode(errors="replace"))[:_TOLD_CHARS]))
        else:
            self._ready(address)


def _new_file(folder: Path, suffix: str) -> tuple[int, Path]:
    """Readable by its owner alone: the address in it opens mission control."""
    handle, name = tempfile.mkstemp(prefix="control-", suffix=suffix, dir=folder)
    return handle, Path(name)


def _environment() -> dict[str, str]:
    """The child runs the same code as we do, wherever it was found."""
    here = str(Path(missions.__path__[0]).parent)
    return {**os.environ, "PYTHONPATH": os.pathsep.join([here, *filter(None, [os.environ.get("PYTHONPATH")])])}
