"""Go on with a patrol whose mission control has died: what its log knows, the vehicles as they are now, one line of time."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from mavlink_bridge.link import FleetLinks, Received, TimeObserver
from mavlink_bridge.vehicle_state import VehicleState
from missions.control.address import ADDRESS_FILE, read_address
from missions.control.client import ControlClient, ControlUnreachableError
from missions.control.core import MissionControl
from missions.control.live_coverage import LiveCoverage
from missions.control.messages import PatrolEnded, PatrolEvent, PlanChanged
from missions.control.params import ControlParams
from missions.control.recollection import Recollection
from missions.errors import InputError
from missions.plan_file import read_plan
from missions.plan_versions import PLAN_FILE, first_plan, plan_version
from missions.report.flight_events import EVENTS_FILE, FlightEvents, event_lines
from missions.vehicles import OpenVehicles
from missions.vehicles_file import read_vehicles
from planner.model import Plan

#: Wall-clock seconds to wait for vehicles to say who and where they are; who speaks later is taken up then.
_LISTEN_S = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """A patrol as its folder tells it: the core where the last one was, and what the bridge needs of each drone."""

    recollection: Recollection
    control: MissionControl
    coverage: LiveCoverage
    ended_wall_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Attached:
    """Vehicles on the patrol's own line of time, and what those that answered say of themselves."""

    vehicles: OpenVehicles
    heard: Mapping[str, VehicleState]


def plan_of(folder: Path) -> Plan:
    """The plan that is being flown there. Raises InputError when that is no patrol to be gone on with."""
    if not folder.is_dir():
        raise InputError("is not a folder", file=str(folder), mend="give the report folder of a patrol")
    read_vehicles(folder)
    if asyncio.run(_is_alive(folder)):
        raise InputError("its mission control is running", file=str(folder), mend="jointpatrol control status")
    return read_plan(str(folder / PLAN_FILE))


def remember(folder: Path, params: ControlParams) -> Past:
    """Read the log. Raises InputError when the patrol is over."""
    plan = first_plan(folder)
    control, coverage = MissionControl(plan, params), LiveCoverage(plan)
    recollection = Recollection(control)
    path = folder / EVENTS_FILE
    for event in FlightEvents(event_lines(path)):
        _require_unended(event, folder)
        if isinstance(event, PlanChanged):
            later = plan_version(folder, event.proposal)
            control.recollect_plan(event, later)
            coverage.change_plan(later)
        recollection.take(event)
        coverage.recollect(event)
    return Past(recollection=recollection, control=control, coverage=coverage, ended_wall_s=path.stat().st_mtime)


async def attach(past: Past, vehicles: OpenVehicles, *, speedup: float | None) -> Attached:
    """Listen until everybody that was heard before has said how it is, or patience ends. Heartbeats and stream requests are all
    that is sent.
    """
    fleet = vehicles.fleet()
    before = past.recollection.states
    until_s = time.monotonic() + _LISTEN_S
    while time.monotonic() < until_s and not all(_is_clear(fleet.state(drone), then) for drone, then in before.items()):
        await fleet.step()
    heard = {drone: state for drone, then in before.items() if _is_clear(state := fleet.state(drone), then)}
    since_s = (time.time() - past.ended_wall_s) * (speedup or 1.0)
    shift_s = _shift_s(past.recollection, heard, now_s=fleet.now_s, since_s=since_s)
    shifted = {drone: _later(state, shift_s) for drone, state in heard.items()}
    links = ShiftedLinks(vehicles.links, shift_s)
    return Attached(vehicles=replace(vehicles, links=links), heard=shifted)


class ShiftedLinks:
    """Links whose time goes on where the patrol's was."""

    def __init__(self, links: FleetLinks, shift_s: float) -> None:
        self._links = links
        self._shift_s = shift_s

    @property
    def now_s(self) -> float:
        return self._links.now_s + self._shift_s

    def observe(self, link: str, boot_s: float) -> None:
        if isinstance(self._links, TimeObserver):
            self._links.observe(link, boot_s)

    async def exchange(self) -> Sequence[Received]:
        return await self._links.exchange()

    def send(self, link: str, data: bytes) -> None:
        self._links.send(link, data)

    async def close(self) -> None:
        await self._links.close()


def _shift_s(recollection: Recollection, heard: Mapping[str, VehicleState], *, now_s: float, since_s: float) -> float:
    """By how much our clock is behind the patrol's. The vehicles' own clocks say best how long nobody looked."""
    told: list[float] = []
    for drone, (then_s, booted_then_s) in recollection.boots_s.items():
        state = heard.get(drone)
        if state is not None and state.boot_s is not None and state.heard_s is not None and state.boot_s >= booted_then_s:
            told.append(then_s + state.boot_s - booted_then_s - state.heard_s)
    last_s = recollection.last_s
    guess_s = statistics.median(told) if told else last_s + since_s - now_s
    return max(guess_s, last_s - now_s)


def _is_clear(now: VehicleState, then: VehicleState) -> bool:
    """Whether it has said what it had said before, as far as it matters for going on."""
    placed = now.position is not None or then.position is None
    return now.custom_mode is not None and now.boot_s is not None and placed and bool(now.landed_state or not then.landed_state)


def _later(state: VehicleState, shift_s: float) -> VehicleState:
    position_s = state.position_s + shift_s if state.position_s is not None else None
    return replace(state, heard_s=state.heard_s + shift_s if state.heard_s is not None else None, position_s=position_s)


def _require_unended(event: PatrolEvent, folder: Path) -> None:
    if isinstance(event, PatrolEnded):
        raise InputError("is over: it ended and was reported", file=str(folder), mend=f"see {folder / 'report.html'}")


async def _is_alive(folder: Path) -> bool:
    """Whether the mission control that left its address there still answers."""
    if not (folder / ADDRESS_FILE).exists():
        return False
    try:
        async with ControlClient(read_address(folder)):
            return True
    except (ControlUnreachableError, InputError):
        return False
