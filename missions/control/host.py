"""The rim of mission control: one loop that steps the fleet, asks the core, performs its actions and tells everybody."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from shapely.errors import ShapelyError

from mavlink_bridge.events import Alert, AlertLevel, FleetEvent
from mavlink_bridge.list_work import Airspace
from mavlink_bridge.mission_change import ChangeOrder
from mavlink_bridge.mission_items import SortieMission, sortie_mission
from mavlink_bridge.vehicle_state import VehicleState
from missions.control.actions import (
    Action,
    BatterySwapped,
    ChangeDroneSpeed,
    ChangeMission,
    FlyHome,
    HandBackDrone,
    LandDrone,
    LaunchDrone,
    PauseDrone,
    RecallDrone,
    Replan,
    ResumeDrone,
    SendTo,
    UploadSortie,
)
from missions.control.core import MissionControl, Output
from missions.control.messages import Intent, PatrolEvent
from planner.errors import PlannerError
from planner.geo import LatLon
from planner.model import Plan, Sortie


class FleetDoor(Protocol):
    """What mission control needs of `mavlink_bridge.fleet.Fleet`, which says what each call means."""

    @property
    def now_s(self) -> float: ...

    async def step(self) -> Sequence[FleetEvent]: ...

    def upload(self, drone: str, mission: SortieMission, airspace: Airspace | None = None) -> None: ...

    def launch(self, drone: str) -> None: ...

    def change_mission(self, drone: str, order: ChangeOrder) -> None: ...

    def recall(self, drone: str, *, retrace: bool = False) -> None: ...

    def land(self, drone: str) -> None: ...

    def pause(self, drone: str) -> None: ...

    def resume(self, drone: str) -> None: ...

    def go_to(self, drone: str, place: LatLon | None, height_m: float | None) -> None: ...

    def change_speed(self, drone: str, speed_mps: float) -> None: ...

    def hand_back(self, drone: str) -> None: ...

    def battery_swapped(self, drone: str) -> None: ...


class Host:
    """Runs one patrol to its end. Everything happens in the loop that runs the vehicle links, so nothing needs a lock."""

    def __init__(
        self,
        control: MissionControl,
        fleet: FleetDoor,
        *,
        at_once: bool = True,
        airspace: Callable[[Plan, Sortie], Airspace | None] = lambda _plan, _sortie: None,
    ) -> None:
        """`at_once` lets plans be computed while everything else stands still: simulated vehicles wait, real ones would not.

        `airspace` tells what fence and rally points travel with a sortie.
        """
        self.control = control
        self._airspace = airspace
        self._at_once = at_once
        self._tasks: set[asyncio.Task[Plan | PlannerError]] = set()
        self._fleet = fleet
        self._intents: deque[Intent] = deque()
        self._watchers: list[Callable[[PatrolEvent], None]] = []

    @property
    def now_s(self) -> float:
        return self._fleet.now_s

    def watch(self, watcher: Callable[[PatrolEvent], None]) -> None:
        """Have every event from now on told, in order, from within the loop."""
        self._watchers.append(watcher)

    def ask(self, intent: Intent) -> None:
        """Put an intent in line; what becomes of it comes as an event."""
        self._intents.append(intent)

    async def run(self) -> None:
        """Until the patrol is over. Sockets and signals have their turn while the fleet's links wait."""
        while not self.control.finished:
            await self.step()

    async def step(self) -> None:
        """One round: what the fleet says, what people ask, what time brings."""
        for event in await self._fleet.step():
            self.tell(event)
            self._perform(self.control.handle_event(event, self.now_s))
        while self._intents:
            self._perform(self.control.handle_intent(self._intents.popleft(), self.now_s))
        self._perform(self.control.tick(self.now_s))

    def take_up(self, heard: Mapping[str, VehicleState]) -> None:
        """Go on with the patrol of an earlier mission control; `heard` is what drones say of themselves now."""
        self._perform(self.control.take_up(self.now_s, heard))

    def tell(self, event: PatrolEvent) -> None:
        """Pass an event to everybody who watches."""
        for watcher in self._watchers:
            watcher(event)

    def _perform(self, outputs: Sequence[Output]) -> None:
        """What was decided is told, and so logged, before it is done: who goes on after us knows of all that was begun."""
        for output in outputs:
            if not isinstance(output, Action):
                self.tell(output)
        for output in outputs:
            if isinstance(output, Action):
                self._act(output)

    def _replan(self, wanted: Replan) -> None:
        """In a thread where vehicles wait for heartbeats; at once where they wait for us."""
        if self._at_once:
            self._replanned(_planned(wanted))
            return
        task = asyncio.create_task(asyncio.to_thread(_planned, wanted))
        self._tasks.add(task)
        task.add_done_callback(self._computed)

    def _computed(self, task: asyncio.Task[Plan | PlannerError]) -> None:
        self._tasks.discard(task)
        self._replanned(task.result())

    def _replanned(self, outcome: Plan | PlannerError) -> None:
        if isinstance(outcome, PlannerError):
            self.control.retasking.failed()
            self.tell(Alert(drone="", at_s=self.now_s, level=AlertLevel.WARNING, rule="retasking", text=f"no other plan: {outcome}"))
            return
        self._perform(self.control.handle_replan(outcome, self.now_s))

    def _act(self, action: Action) -> None:
        match action:
            case Replan():
                self._replan(action)
            case UploadSortie(drone=drone, sortie=sortie):
                plan = self.control.plan
                self._fleet.upload(drone, sortie_mission(plan, sortie), self._airspace(plan, sortie))
            case LaunchDrone(drone=drone):
                self._fleet.launch(drone)
            case ChangeMission(drone=drone, sortie=sortie, kept_lanes=kept):
                mission = sortie_mission(self.control.plan, sortie)
                order = ChangeOrder(mission=mission, last_kept_seq=mission.spans[kept - 1].end_seq)
                self._fleet.change_mission(drone, replace(order, airspace=self._airspace(self.control.plan, sortie)))
            case FlyHome(drone=drone, way=way):
                mission = sortie_mission(self.control.plan, way)
                # It is in the air: what comes after the take-off is flown first.
                order = ChangeOrder(mission=mission, first_seq=mission.navigation_seqs[1])
                self._fleet.change_mission(drone, replace(order, airspace=self._airspace(self.control.plan, way)))
            case RecallDrone(drone=drone, retrace=retrace):
                self._fleet.recall(drone, retrace=retrace)
            case LandDrone(drone=drone):
                self._fleet.land(drone)
            case PauseDrone(drone=drone):
                self._fleet.pause(drone)
            case ResumeDrone(drone=drone):
                self._fleet.resume(drone)
            case SendTo(drone=drone, place=place, height_m=height_m):
                self._fleet.go_to(drone, place, height_m)
            case ChangeDroneSpeed(drone=drone, speed_mps=speed_mps):
                self._fleet.change_speed(drone, speed_mps)
            case HandBackDrone(drone=drone):
                self._fleet.hand_back(drone)
            case BatterySwapped(drone=drone):
                self._fleet.battery_swapped(drone)


def _planned(wanted: Replan) -> Plan | PlannerError:
    """No patrol ends because another plan could not be made."""
    # Most patrols never need the planner, and one that is taken up has no time to load it.
    from planner.replanning.replan import replan

    try:
        return replan(wanted.plan, wanted.progress, wanted.withdrawn, wanted.closed)
    except PlannerError as error:
        return error
    except (LookupError, ValueError, ShapelyError) as error:
        return PlannerError(f"{type(error).__name__}: {error}")
