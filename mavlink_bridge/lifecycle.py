"""When a flight's promised events happen, always in the same order, whatever the order of the messages.

| event | trigger |
|---|---|
| `Connected` | first HEARTBEAT of the autopilot |
| `Ready` | SYS_STATUS with everything good (`readiness`) while disarmed: first after connecting, then once a flight prepared |
| `Armed` | the armed bit of HEARTBEAT rises |
| `Airborne` | armed, and landed_state IN_AIR or LANDING; at the latest with the first lane or the way home |
| `LaneStarted` / `LaneFinished` | the item at the lane's start / end is reached, or a later one is current |
| `Returning` | the last lane's end, or a mode that heads for a landing while in the air: whichever comes first, once a flight |
| `Landed` | after Airborne, landed_state ON_GROUND for a while: a quadplane's flickers (recorded: q01, q03); at the latest with Disarmed |
| `Disarmed` | the armed bit falls |
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from mavlink_bridge import events as e
from mavlink_bridge import messages as m
from mavlink_bridge.enums import LandedState
from mavlink_bridge.flight_memory import FlightMemory
from mavlink_bridge.mission_items import SortieMission
from mavlink_bridge.modes import Modes, VehicleClass, modes_of, vehicle_class
from mavlink_bridge.readiness import is_ready
from mavlink_bridge.vehicle_state import VehicleState

MISSION_COMPLETE = "its lanes are flown"


@dataclass(frozen=True, kw_only=True, slots=True)
class LifecycleParams:
    """How long ON_GROUND must last to be a landing, vehicle seconds. Wings flicker for up to 2 s after touching down."""

    copter_settle_s: float = 1.0
    wing_settle_s: float = 5.0


class _Stage(IntEnum):
    GROUND = 0
    ARMED = 1
    AIRBORNE = 2
    LANDED = 3


class Lifecycle:
    """One vehicle's. `observe` each message, `returning` when a mode heads home, `tick` at `deadline_s`."""

    def __init__(self, drone: str, system_id: int, params: LifecycleParams) -> None:
        self._drone = drone
        self._system_id = system_id
        self._params = params
        self._mission: SortieMission | None = None
        self._stage = _Stage.GROUND
        self._is_connected = False
        self._said_ready = False
        self._wants_ready = True
        self._said_returning = False
        self._completed_seq = 0
        self._lanes_started = 0
        self._lanes_finished = 0
        self.deadline_s: float | None = None

    @property
    def completed_seq(self) -> int:
        return self._completed_seq

    @property
    def is_airborne(self) -> bool:
        return self._stage is _Stage.AIRBORNE

    @property
    def is_ready(self) -> bool:
        """Whether `Ready` has been said for the next flight."""
        return self._said_ready

    def follow(self, mission: SortieMission | None) -> None:
        """The mission that the vehicle has on board, or None when that is not known."""
        self._mission = mission
        self._forget_progress()

    def follow_on(self, mission: SortieMission | None) -> None:
        """As `follow`, in flight: up to where it is the mission is the one before, so that nothing is told twice."""
        self._mission = mission

    def take_up(self, memory: FlightMemory) -> None:
        """Go on with a flight that was followed before: nothing that was told then is told again."""
        self._mission = memory.mission
        if memory.airborne:
            self._stage = _Stage.LANDED if memory.landed else _Stage.AIRBORNE
        elif memory.armed:
            self._stage = _Stage.ARMED
        self._said_returning = memory.returning
        self._completed_seq = memory.completed_seq
        self._lanes_started, self._lanes_finished = memory.lanes_started, memory.lanes_finished

    def prepare(self) -> None:
        """Another flight is being prepared: tell when the vehicle is ready for it."""
        self._wants_ready = True

    def observe(self, before: VehicleState, after: VehicleState, message: m.Message, now_s: float) -> list[e.FleetEvent]:
        """What this message, which led from one state to the other, makes happen."""
        match message:
            case m.Heartbeat():
                return self._heartbeat(before, after, now_s)
            case m.SysStatus():
                return self._maybe_ready(after, now_s)
            case m.ExtendedSysState():
                return self._landed_state(after, now_s)
            case m.MissionItemReached(seq=seq):
                return self._progress(seq, now_s)
            case m.MissionCurrent(seq=seq) if after.custom_mode == self._modes(after).auto:
                return self._progress(self._navigation_before(seq), now_s)
        return []

    def returning(self, state: VehicleState, reason: str, now_s: float) -> list[e.FleetEvent]:
        """It has turned home, or to a landing where it is; on the ground that means nothing."""
        if self._stage is _Stage.ARMED and state.landed_state not in (LandedState.UNDEFINED, LandedState.ON_GROUND):
            return [*self._airborne(now_s), *self._return(reason, now_s)]
        return self._return(reason, now_s) if self.is_airborne else []

    def tick(self, now_s: float) -> list[e.FleetEvent]:
        return self._landed(now_s) if self.deadline_s is not None and now_s >= self.deadline_s else []

    # --- HEARTBEAT, SYS_STATUS ---------------------------------------------------------------------------------------

    def _heartbeat(self, before: VehicleState, after: VehicleState, now_s: float) -> list[e.FleetEvent]:
        happened: list[e.FleetEvent] = []
        if not self._is_connected:
            self._is_connected = True
            happened.append(e.Connected(drone=self._drone, at_s=now_s, system_id=self._system_id))
        if after.armed and self._stage is _Stage.GROUND:
            self._stage = _Stage.ARMED
            self._forget_progress()
            happened.append(e.Armed(drone=self._drone, at_s=now_s))
        if before.armed and not after.armed:
            happened += self._disarmed(now_s)
        return happened

    def _disarmed(self, now_s: float) -> list[e.FleetEvent]:
        landed = self._landed(now_s)
        self._stage = _Stage.GROUND
        self._said_ready = self._wants_ready = False
        return [*landed, e.Disarmed(drone=self._drone, at_s=now_s)]

    def _maybe_ready(self, state: VehicleState, now_s: float) -> list[e.FleetEvent]:
        is_due = self._is_connected and self._wants_ready and not self._said_ready
        if not is_due or state.armed or not is_ready(state):
            return []
        self._said_ready = True
        return [e.Ready(drone=self._drone, at_s=now_s)]

    # --- in the air --------------------------------------------------------------------------------------------------

    def _landed_state(self, state: VehicleState, now_s: float) -> list[e.FleetEvent]:
        if state.landed_state == LandedState.ON_GROUND:
            if self.is_airborne and self.deadline_s is None:
                self.deadline_s = now_s + self._settle_s(state)
            return []
        self.deadline_s = None
        return self._airborne(now_s) if state.landed_state in (LandedState.IN_AIR, LandedState.LANDING) else []

    def _settle_s(self, state: VehicleState) -> float:
        is_copter = vehicle_class(state.vehicle_type) is VehicleClass.COPTER
        return self._params.copter_settle_s if is_copter else self._params.wing_settle_s

    def _airborne(self, now_s: float) -> list[e.FleetEvent]:
        if self._stage not in (_Stage.ARMED, _Stage.LANDED):
            return []
        self._stage = _Stage.AIRBORNE
        return [e.Airborne(drone=self._drone, at_s=now_s)]

    def _landed(self, now_s: float) -> list[e.FleetEvent]:
        self.deadline_s = None
        if not self.is_airborne:
            return []
        self._stage = _Stage.LANDED
        return [e.Landed(drone=self._drone, at_s=now_s)]

    def _return(self, reason: str, now_s: float) -> list[e.FleetEvent]:
        if self._said_returning:
            return []
        self._said_returning = True
        return [e.Returning(drone=self._drone, at_s=now_s, reason=reason)]

    # --- the mission -------------------------------------------------------------------------------------------------

    def _forget_progress(self) -> None:
        self._said_returning = False
        self._completed_seq = self._lanes_started = self._lanes_finished = 0

    def _modes(self, state: VehicleState) -> Modes:
        return modes_of(vehicle_class(state.vehicle_type))

    def _navigation_before(self, current_seq: int) -> int:
        """The item that must be done for this one to be current; 0 is none. DO_ items between them never show."""
        seqs = self._mission.navigation_seqs if self._mission else ()
        return max((seq for seq in seqs if seq < current_seq), default=0)

    def _progress(self, completed_seq: int, now_s: float) -> list[e.FleetEvent]:
        mission = self._mission
        is_news = completed_seq > self._completed_seq
        if mission is None or not is_news or self._stage not in (_Stage.ARMED, _Stage.AIRBORNE) or completed_seq >= len(mission.items):
            return []
        self._completed_seq = completed_seq
        happened = [*self._airborne(now_s), *self._lanes(mission, now_s)]
        if completed_seq >= mission.returning_seq:
            happened += self._return(MISSION_COMPLETE, now_s)
        return happened

    def _lanes(self, mission: SortieMission, now_s: float) -> list[e.FleetEvent]:
        happened: list[e.FleetEvent] = []
        for number, span in enumerate(mission.spans, start=1):
            if number > self._lanes_started and self._completed_seq >= span.start_seq:
                self._lanes_started = number
                happened.append(e.LaneStarted(drone=self._drone, at_s=now_s, lane=span.lane, sortie=mission.sortie))
            if number > self._lanes_finished and self._completed_seq >= span.end_seq:
                self._lanes_finished = number
                happened.append(e.LaneFinished(drone=self._drone, at_s=now_s, lane=span.lane, sortie=mission.sortie))
        return happened
