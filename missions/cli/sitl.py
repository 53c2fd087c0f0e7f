"""`jointpatrol sitl`: only keep the vehicles up, for any ground station to connect."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from missions.cli.output import JsonFlag, print_json, print_note, print_table
from missions.cli.vehicle_options import (
    ARDUPILOT,
    EMBEDDED,
    FaultOption,
    LossOption,
    SeedOption,
    SpeedupOption,
    check_numbers,
    faults_from,
    require_ardupilot,
    require_embedded,
)
from missions.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from missions.interrupts import Interrupts
    from sitl.config import VehicleConfig
    from sitl.faults import FaultPlan
    from sitl.pace import Pace

#: Of orders at a time; a longer one is none.
_MOST_BYTES = 4096


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("sitl")(sitl)


def sitl(
    what: Annotated[
        str | None,
        typer.Argument(
            metavar="MISSION_or_PLAN", show_default=False, help="Whose fleet: a mission, its folder, a scenario's name or a plan."
        ),
    ] = None,
    vehicles: Annotated[str, typer.Option("--vehicles", metavar="embedded|ardupilot", help="What is simulated.")] = EMBEDDED,
    speedup: SpeedupOption = None,
    first_port: Annotated[
        int | None, typer.Option("--first-port", min=0, max=65000, help="TCP port of the first embedded vehicle; 0 takes free ones.")
    ] = None,
    udp: Annotated[
        str | None,
        typer.Option(
            "--udp", metavar="HOST:PORT", help="Also send to a ground station that waits at this UDP port, such as 127.0.0.1:14550."
        ),
    ] = None,
    processes: Annotated[int, typer.Option("--processes", metavar="N", min=1, max=64, help="Spread embedded vehicles over so many.")] = 1,
    clock: Annotated[
        bool, typer.Option("--clock", help="Take orders to the embedded vehicles' clock from standard input: pause, go, step [N], speed N.")
    ] = False,
    loss: LossOption = 0.0,
    seed: SeedOption = 0,
    fault: FaultOption = None,
    download: Annotated[
        bool, typer.Option("--download", help="Fetch ArduPilot's own published simulation (Linux), verify and keep it; nothing else.")
    ] = False,
    release: Annotated[str, typer.Option("--release", metavar="NAME", help="Which one: stable, beta, latest or stable-4.6.3.")] = "stable",
    json: JsonFlag = False,
) -> None:
    """Keep simulated vehicles up until Ctrl-C, and print where each one is reached."""
    if download:
        _download(release, json=json)
        return
    if what is None:
        raise InputError("there is nobody to simulate", key="MISSION_or_PLAN", mend="give a mission or a plan")
    from missions.plan_source import read_plan_or_mission
    from sitl.config import configs_from_plan

    check_numbers(speedup, loss)
    configs = configs_from_plan(read_plan_or_mission(what), seed=seed)
    tell = _Teller(configs, json=json)
    if vehicles == EMBEDDED:
        faults, there = faults_from(fault), _udp_port(udp)
        code = asyncio.run(
            _embedded(
                configs,
                tell,
                first_port=first_port,
                speedup=speedup or 1.0,
                loss=loss,
                seed=seed,
                faults=faults,
                udp=there,
                processes=processes,
                clock=clock,
            )
        )
    elif vehicles == ARDUPILOT:
        for option, value in (
            ("--first-port", first_port),
            ("--udp", udp),
            ("--loss", loss or None),
            ("--fault", fault),
            ("--clock", clock or None),
        ):
            require_embedded(option, value, vehicles)
        require_ardupilot({config.kind for config in configs})
        code = asyncio.run(_ardupilot(configs, tell, speedup=speedup or 1.0))
    else:
        raise InputError("is neither embedded nor ardupilot", key="--vehicles", value=vehicles, mend="give one of them")
    print_note("all vehicles stopped")
    raise typer.Exit(code)


def _download(release: str, *, json: bool) -> None:
    """Raises InputError."""
    from sitl.download import PROGRAMS, SERVER
    from sitl.download import download as fetch
    from sitl.errors import DownloadError

    print_note(f"fetching from {SERVER}")
    try:
        got = [fetch(program, release=release) for program in PROGRAMS]
    except DownloadError as error:
        raise InputError(str(error), key="--download", mend="try again, or give another --release") from error
    if json:
        print_json({"programs": {one.program: {"path": str(one.path), "sha256": one.sha256, "version": one.version} for one in got}})
        return
    rows = [(one.program, one.version, f"{one.size / 1e6:.1f} MB", one.sha256, str(one.path)) for one in got]
    print_table("", ("program", "version", "size ", "SHA-256", "file"), rows)


def _udp_port(address: str | None) -> tuple[str, int] | None:
    """Raises InputError."""
    from mavlink_bridge.errors import LinkAddressError
    from mavlink_bridge.link_address import UdpAddress, parse_link

    if address is None:
        return None
    try:
        link = parse_link(f"udp:{address}")
    except LinkAddressError as error:
        raise InputError("is no UDP port", key="--udp", value=address, mend="write HOST:PORT, such as 127.0.0.1:14550") from error
    assert isinstance(link, UdpAddress)
    return link.host, link.port


class _Teller:
    """Collects addresses and prints them when all vehicles are up."""

    def __init__(self, configs: Sequence[VehicleConfig], *, json: bool) -> None:
        self._system_ids = {config.drone: config.system_id for config in configs}
        self._urls: dict[str, str] = {}
        self._json = json

    def add(self, drone: str, url: str) -> None:
        self._urls[drone] = url
        if len(self._urls) == len(self._system_ids):
            self._print()

    def add_all(self, urls: Mapping[str, str]) -> None:
        for drone, url in urls.items():
            self.add(drone, url)

    def _print(self) -> None:
        if self._json:
            print_json({"vehicles": {drone: {"url": url, "system_id": self._system_ids[drone]} for drone, url in self._urls.items()}})
            return
        print_table(
            "", ("drone", "address", "system id "), [(drone, url, str(self._system_ids[drone])) for drone, url in self._urls.items()]
        )
        print_note("up; Ctrl-C stops them")


async def _embedded(
    configs: Sequence[VehicleConfig],
    tell: _Teller,
    *,
    first_port: int | None,
    speedup: float,
    loss: float,
    seed: int,
    faults: FaultPlan | None,
    udp: tuple[str, int] | None,
    processes: int,
    clock: bool,
) -> int:
    from sitl.pace import Pace
    from sitl.server import FIRST_PORT, serve
    from sitl.spread import serve_spread

    port = FIRST_PORT if first_port is None else first_port
    if clock and processes > 1:
        raise InputError("several processes have no clock that stops", key="--clock", mend="leave out --processes")
    pace = Pace(speedup)
    how = partial(serve_spread, processes=processes) if processes > 1 else partial(serve, pace=pace)
    serving = asyncio.create_task(
        how(configs, first_port=port, speedup=speedup, loss=loss, seed=seed, faults=faults, announce=tell.add, udp=udp)
    )
    with _until_interrupted(serving) as interrupts, _obeyed(pace) if clock else contextlib.nullcontext():
        try:
            await serving
        except asyncio.CancelledError:
            if interrupts.code is None:
                raise
        except OSError as error:
            text = f"a port from {port} on is not free: {error.strerror or error}"
            raise InputError(text, key="--first-port", value=port, mend="give another --first-port, or 0") from error
    return interrupts.code or 0


@contextlib.contextmanager
def _obeyed(pace: Pace) -> Iterator[None]:
    """Orders on standard input are carried out; its end is none."""
    from sitl.clock_orders import obey
    from sitl.errors import ClockOrderError

    loop, standard_input = asyncio.get_running_loop(), sys.stdin.fileno()

    def read() -> None:
        # Not by readline: lines that wait in its buffer wake nobody.
        said = os.read(standard_input, _MOST_BYTES)
        if not said:
            loop.remove_reader(standard_input)
        for line in said.decode(errors="replace").splitlines():
            try:
                print_note(obey(pace, line))
            except ClockOrderError as error:
                print_note(str(error))

    loop.add_reader(standard_input, read)
    try:
        yield
    finally:
        loop.remove_reader(standard_input)


async def _ardupilot(configs: Sequence[VehicleConfig], tell: _Teller, *, speedup: float) -> int:
    import tempfile

    from sitl.ardupilot import ArduPilotFleet
    from sitl.errors import ArduPilotError

    forever = asyncio.create_task(asyncio.Event().wait())
    with tempfile.TemporaryDirectory(prefix="jointpatrol-sitl-") as folder, _until_interrupted(forever) as interrupts:
        try:
            async with ArduPilotFleet(configs, speedup=speedup, folder=Path(folder)) as fleet:
                tell.add_all(fleet.urls)
                await forever
        except asyncio.CancelledError:
            if interrupts.code is None:
                raise
        except ArduPilotError as error:
            raise InputError(str(error), key="--vehicles", mend="use --vehicles embedded") from error
        finally:
            forever.cancel()
    return interrupts.code or 0


def _until_interrupted(task: asyncio.Task[Any]) -> Interrupts:
    from missions.interrupts import Interrupts

    return Interrupts(task.cancel, task.cancel)
