"""Fly a patrol: vehicles, fleet, mission control, log and report joined together, from the first heartbeat to the last page."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from mavlink_bridge.events import Alert
from mavlink_bridge.fleet import Fleet, VehicleAddress
from mavlink_bridge.flight_log import TlogWriter
from mavlink_bridge.vehicle_state import VehicleState
from missions.airspaces import Airspaces
from missions.control.address import Address, write_address
from missions.control.core import MissionControl
from missions.control.host import Host
from missions.control.live_coverage import LiveCoverage
from missions.control.messages import DronePhase, Intent, PatrolEnded, PatrolEvent, PlanChanged, Resumed, Shutdown, Snapshot, Start
from missions.control.params import ControlParams
from missions.control.programme import Programme
from missions.control.server import ControlServer
from missions.errors import InputError
from missions.event_log import EventLog
from missions.folders import require_ours, write_whole
from missions.interrupts import Interrupts
from missions.plan_file import plan_bytes
from missions.plan_versions import PLAN_FILE, forget_versions, keep_plan
from missions.preflight import Prepared, prepare
from missions.report.flight_events import EVENTS_FILE
from missions.resumption import Attached, Past, attach, remember
from missions.vehicles import Embedded, Real, Vehicles, open_vehicles
from missions.vehicles_file import write_vehicles
from planner.model import Plan, Sortie

if TYPE_CHECKING:
    from missions.report.account import FlightAccount

Watcher = Callable[[PatrolEvent], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class FlightOrder:
    """What is to be flown, on what, and where everything about it is written.

    `intents` are given at once. `port` 0 takes any free one. `alone_s`: when nothing is under way and nobody was attached for so
    long (wall-clock seconds), mission control ends; None waits for ever. `resumes` goes on with the patrol in the folder, whose
    plan and vehicles these are; its intents were given.

    `fences` sends fence and rally points with each mission. `sets_failsafes`: somebody agrees that parameters are set as the plan
    counts on them; None is a yes for simulated vehicles alone.
    """

    plan: Plan
    vehicles: Vehicles
    folder: Path
    intents: tuple[Intent, ...] = (Start(),)
    port: int = 0
    junit: Path | None = None
    alone_s: float | None = None
    params: ControlParams = field(default_factory=ControlParams)
    resumes: bool = False
    fences: bool = True
    sets_failsafes: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FlightEnd:
    """How it ended. `account` is None when it was left at once, and `left` says what drones then do on their own.

    `interrupted` is the exit code that a signal asks for, None when there was none.
    """

    account: FlightAccount | None
    interrupted: int | None = None
    left: tuple[str, ...] = ()


async def fly(order: FlightOrder, *, watchers: Sequence[Watcher] = (), announce: Callable[[Address], None] | None = None) -> FlightEnd:
    """Fly it to its end, and report. `announce` is told where clients can attach.

    The first interrupt calls everyone home and waits; the second leaves at once. Whatever was started is stopped. Raises
    ArduPilotError and OSError when vehicles cannot be reached.
    """
    content = plan_bytes(order.plan)
    past = remember(order.folder, order.params) if order.resumes else None
    if past is None:
        write_whole(order.folder / PLAN_FILE, content)
        # The log is only ever added to; a folder that is written over begins a new one.
        (order.folder / EVENTS_FILE).unlink(missing_ok=True)
        forget_versions(order.folder)
    async with open_vehicles(order.plan, order.vehicles, order.folder) as opened:
        write_vehicles(order.folder, opened.lasting, {address.drone: address.system_id for address in opened.addresses})
        attached = await attach(past, opened, speedup=opened.lasting.speedup if opened.lasting else None) if past is not None else None
        with EventLog(order.folder / EVENTS_FILE) as log, _tlogs(order.folder, opened.addresses) as recorders:
            prepared = await _prepared(order, opened.fleet(recorders)) if past is None else Prepared()
            fleet = (attached.vehicles if attached is not None else opened).fleet(recorders)
            control = past.control if past is not None else MissionControl(order.plan, order.params)
            waits = isinstance(order.vehicles, Embedded)
            airspaces = Airspaces(rooms=prepared.rooms)
            host = Host(control, fleet, at_once=waits, airspace=airspaces.of if order.fences else _no_airspace)
            control.fence_lets_pass = airspaces.lets_pass
            patrol = _Patrol(order, content.decode(), control, host, log)
            patrol.alerts = prepared.alerts
            if past is not None and attached is not None:
                patrol.take_up(past, attached, fleet)
            return await patrol.run(watchers, announce)


async def _prepared(order: FlightOrder, fleet: Fleet) -> Prepared:
    simulated = not isinstance(order.vehicles, Real)
    sets = simulated if order.sets_failsafes is None else order.sets_failsafes
    new_keys = not isinstance(order.vehicles, Real) and order.vehicles.signed
    return await prepare(order.plan, fleet, new_keys=new_keys, fences=order.fences, sets_failsafes=sets)


def _no_airspace(_plan: Plan, _sortie: Sortie) -> None:
    return None


def prepare_folder(folder: Path, *, force: bool) -> None:
    """Make the report folder. Raises InputError when it holds something and `force` is not given, or cannot be made."""
    require_ours(folder, force=force)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"cannot be made: {error.strerror}", file=str(folder), mend="choose another folder with --report") from error


@contextmanager
def _tlogs(folder: Path, addresses: Sequence[VehicleAddress]) -> Iterator[dict[str, TlogWriter]]:
    with ExitStack() as stack:
        yield {address.drone: stack.enter_context(TlogWriter(folder / f"{address.drone}.tlog")) for address in addresses}


class _Patrol:
    """One patrol that is being flown: the host, and everybody who is told."""

    def __init__(self, order: FlightOrder, plan_text: str, control: MissionControl, host: Host, log: EventLog) -> None:
        self._order = order
        self._plan_text = plan_text
        self._control = control
        self._host = host
        self._log = log
        self._coverage = LiveCoverage(order.plan)
        self._taken_up: Mapping[str, VehicleState] | None = None
        self._last_s = 0.0
        #: Told first of all.
        self.alerts: tuple[Alert, ...] = ()

    def take_up(self, past: Past, attached: Attached, fleet: Fleet) -> None:
        """Go on with what was under way: the bridge follows each flight from where it was, the core begins where it stopped."""
        self._coverage = past.coverage
        for drone, memory in past.recollection.memories().items():
            fleet.take_up(drone, memory)
        self._taken_up = attached.heard
        self._last_s = past.recollection.last_s

    async def run(self, watchers: Sequence[Watcher], announce: Callable[[Address], None] | None) -> FlightEnd:
        host = self._host
        async with ControlServer(self._snapshot, host.ask, now_s=lambda: host.now_s, port=self._order.port) as server:
            for watcher in (self._plan_watcher, self._log.write, server.publish, *watchers, self._coverage_watcher):
                host.watch(watcher)
            address_file = write_address(self._order.folder, server.address)
            try:
                if announce is not None:
                    announce(server.address)
                return await self._until_the_end(server)
            finally:
                address_file.unlink(missing_ok=True)

    async def _until_the_end(self, server: ControlServer) -> FlightEnd:
        for alert in self.alerts:
            self._host.tell(alert)
            self._control.handle_event(alert, self._host.now_s)
        if self._taken_up is not None:
            now_s = self._host.now_s
            self._host.tell(Resumed(at_s=now_s, gap_s=now_s - self._last_s, heard=tuple(self._taken_up)))
            self._host.take_up(self._taken_up)
        for intent in self._order.intents if not self._order.resumes else ():
            self._host.ask(intent)
        alone = asyncio.create_task(self._end_when_alone(server))
        with Interrupts(lambda: self._host.ask(Shutdown()), lambda: self._host.ask(Shutdown(leave_flying=True))) as interrupts:
            try:
                await self._host.run()
            finally:
                alone.cancel()
            if interrupts.count > 1:
                return FlightEnd(account=None, interrupted=interrupts.code, left=tuple(left_alone(self._control)))
            return await self._report(interrupts.code)

    async def _report(self, interrupted: int | None) -> FlightEnd:
        # A mission control that takes over must not wait for what only the end needs.
        from missions.junit import write_junit
        from missions.report.build import build_report

        self._log.flush()
        account = await asyncio.to_thread(build_report, self._order.folder)
        if self._order.junit is not None:
            write_junit(account, self._order.folder, self._order.junit)
        folder = str(self._order.folder.resolve())
        self._host.tell(PatrolEnded(at_s=self._host.now_s, verdict=account.verdict, report_folder=folder, reasons=account.reasons))
        return FlightEnd(account=account, interrupted=interrupted)

    async def _end_when_alone(self, server: ControlServer) -> None:
        """A mission control that was started for somebody who has gone does not stay for ever."""
        alone_s = 0.0
        while self._order.alone_s is not None:
            await asyncio.sleep(1.0)
            alone_s = 0.0 if server.attached or self._control.is_busy else alone_s + 1.0
            if alone_s >= self._order.alone_s:
                self._host.ask(Shutdown())

    def _plan_watcher(self, event: PatrolEvent) -> None:
        """The plan is in the folder before anybody is told that it is flown."""
        if isinstance(event, PlanChanged):
            self._plan_text = keep_plan(self._order.folder, self._control.plan, event.proposal).decode()
            self._coverage.change_plan(self._control.plan)

    def _coverage_watcher(self, event: PatrolEvent) -> None:
        changed = self._coverage.observe(event)
        if changed is not None:
            self._host.tell(changed)

    def _snapshot(self) -> Snapshot:
        control, now_s = self._control, self._host.now_s
        return Snapshot(
            at_s=now_s,
            plan=self._plan_text,
            state=control.state,
            patrol_s=control.clock.patrol_s(now_s),
            states=control.states,
            progress=control.progress(now_s),
            alerts=control.alerts,
            coverage=self._coverage.latest,
            proposal=control.retasking.open.told if control.retasking.open is not None else None,
            min_separation_m=control.min_separation_m,
            paused=control.clock.paused,
            report_folder=str(self._order.folder.resolve()),
        )


def left_alone(control: MissionControl) -> Iterator[str]:
    """What each drone that is in the air does when nobody tells it anything any more."""
    return (f"{drone}: {_own_course(control.programmes[drone])}" for drone in control.airborne)


def _own_course(programme: Programme) -> str:
    sortie = programme.progress.sortie
    match programme.phase:
        case DronePhase.FLYING if sortie is not None:
            return f"goes on with its mission and lands at {sortie.end_base}"
        case DronePhase.RETURNING:
            return "is on its way down and lands by itself"
        case DronePhase.PAUSED:
            return "hovers until its battery failsafe brings it down"
        case DronePhase.HELD if not programme.automatic:
            return f"does what whoever took it wants (mode {programme.state.mode_name or 'unknown'})"
        case _:
            return f"does what its autopilot was told last (mode {programme.state.mode_name or 'unknown'})"
