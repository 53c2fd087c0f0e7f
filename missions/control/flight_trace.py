"""What a drone's events say of the flight it is on: enough for another mission control's bridge to go on with it."""

from __future__ import annotations

from dataclasses import dataclass, field

from mavlink_bridge import events as e
from mavlink_bridge.flight_memory import FlightMemory
from mavlink_bridge.mission_items import sortie_mission
from mavlink_bridge.vehicle_state import VehicleState
from planner.model import Plan


@dataclass(slots=True)
class FlightTrace:
    """Feed it one drone's events in order. `on_board` is the sortie that was verified last, None from when another was begun."""

    on_board: str | None = None
    state: VehicleState = field(default_factory=VehicleState)
    heard_s: float | None = None
    _armed: bool = False
    _airborne: bool = False
    _landed: bool = False
    _returning: bool = False
    _lanes_started: int = 0
    _lanes_finished: int = 0

    def take(self, event: e.FleetEvent) -> None:
        match event:
            case e.Telemetry(state=state):
                self.state, self.heard_s = state, event.at_s
            case e.UploadProgress():
                self.on_board = None
            case e.Uploaded(outcome=outcome, sortie=sortie):
                self.on_board = sortie if outcome is e.UploadOutcome.VERIFIED else None
            case e.Armed():
                self._forget_flight()
                self._armed = True
            case e.Airborne():
                self._armed = self._airborne = True
            case e.LaneStarted():
                self._lanes_started += 1
            case e.LaneFinished():
                self._lanes_finished += 1
            case e.Returning():
                self._returning = True
            case e.Landed():
                self._landed = True
            case e.Disarmed():
                self._forget_flight()

    def memory(self, plan: Plan, *, taken: bool) -> FlightMemory:
        """`taken` says that somebody else has the drone in hand. A sortie that the plan does not have is not remembered."""
        sortie = next((sortie for sortie in plan.sorties if sortie.id == self.on_board), None)
        return FlightMemory(
            state=self.state,
            mission=sortie_mission(plan, sortie) if sortie is not None else None,
            armed=self._armed,
            airborne=self._airborne,
            landed=self._landed,
            returning=self._returning,
            lanes_started=self._lanes_started,
            lanes_finished=self._lanes_finished,
            taken=taken,
        )

    def _forget_flight(self) -> None:
        self._armed = self._airborne = self._landed = self._returning = False
        self._lanes_started = self._lanes_finished = 0
