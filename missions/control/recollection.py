"""Bring a mission control to where the last one was, from the log of what that one told: nothing is commanded by it."""

from __future__ import annotations

from typing import get_args

from mavlink_bridge.events import FleetEvent
from mavlink_bridge.flight_memory import FlightMemory
from mavlink_bridge.vehicle_state import VehicleState
from missions.control.core import MissionControl
from missions.control.flight_trace import FlightTrace
from missions.control.messages import PatrolEvent

_FLEET_EVENTS: tuple[type[FleetEvent], ...] = get_args(FleetEvent)


class Recollection:
    """Give it every logged event in order. Then `control` stands where the last one stood when it wrote its last line."""

    def __init__(self, control: MissionControl) -> None:
        self._control = control
        self._traces = {drone: FlightTrace() for drone in control.programmes}
        self.last_s = 0.0

    def take(self, event: PatrolEvent) -> None:
        self.last_s = max(self.last_s, event.at_s)
        self._control.recollect(event)
        if isinstance(event, _FLEET_EVENTS) and event.drone in self._traces:
            self._traces[event.drone].take(event)

    @property
    def states(self) -> dict[str, VehicleState]:
        """What each drone that was heard said last."""
        return {drone: trace.state for drone, trace in self._traces.items() if trace.heard_s is not None}

    @property
    def boots_s(self) -> dict[str, tuple[float, float]]:
        """For each drone that said so: the last instant at which it was heard, and how long ago it had booted then."""
        return {
            drone: (trace.heard_s, trace.state.boot_s)
            for drone, trace in self._traces.items()
            if trace.heard_s is not None and trace.state.boot_s is not None
        }

    def memories(self) -> dict[str, FlightMemory]:
        """What the bridge needs of each drone that was heard."""
        programmes = self._control.programmes
        return {
            drone: trace.memory(self._control.plan, taken=not programmes[drone].automatic)
            for drone, trace in self._traces.items()
            if trace.heard_s is not None
        }
