"""The fleet as last heard: one reducer from mission control's events to what is on the screen."""

from __future__ import annotations

from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass
from typing import Any

from msgspec.structs import replace

from gui.models.alerts import AlertLog, AlertRow
from gui.models.drone_view import DroneView
from gui.models.observable import Changed
from gui.models.seen import Sweeping
from gui.models.text import duration_text
from gui.models.words import tr
from mavlink_bridge.events import (
    Alert,
    AlertLevel,
    Connected,
    LinkLost,
    LinkRestored,
    SessionCrashed,
    Telemetry,
    TrafficSeen,
    Uploaded,
    UploadProgress,
)
from mavlink_bridge.traffic import Traffic
from mavlink_bridge.vehicle_state import VehicleState
from missions.control.messages import (
    Accept,
    Continue,
    CoverageChanged,
    DronePhase,
    DroneProgress,
    Everyone,
    Intent,
    IntentRefused,
    IntentTaken,
    PatrolEnded,
    PatrolEvent,
    PatrolState,
    PatrolStateChanged,
    Pause,
    PlanChanged,
    Reject,
    ReplanProposed,
    Resumed,
    Snapshot,
)
from missions.control.patrol_clock import PatrolClock
from planner.geo import LatLon
from planner.model import Drone, LegKind

#: Other aircraft that are remembered.
_MOST_TRAFFIC = 1_000


@dataclass(frozen=True, kw_only=True, slots=True)
class FleetPicture:
    """All that the model knows at one instant, to come back to."""

    drones: dict[str, DroneView]
    patrol_state: PatrolState
    patrol_s: float | None
    coverage: CoverageChanged | None
    ended: PatrolEnded | None
    proposal: ReplanProposed | None
    clock: PatrolClock
    at_s: float
    alerts: tuple[AlertRow, ...]
    traffic: dict[str, Traffic]


class FleetModel:
    """Drones in the plan's order, the patrol's state, alerts. `changed` comes once per batch of events.

    `moved` holds the positions that came since somebody last called `take_moved`, in order.
    """

    def __init__(self) -> None:
        self.changed = Changed()
        self.alerts = AlertLog()
        self.version = 0
        """Another number whenever anything is otherwise."""
        self._forget(())

    def reset(self, drones: Iterable[Drone]) -> None:
        """Another fleet: nothing has been heard of it."""
        self._forget(drones)
        self.alerts.clear()
        self.changed.emit()

    def _forget(self, drones: Iterable[Drone]) -> None:
        self.version += 1
        self.drones = {drone.id: DroneView(id=drone.id, nation=drone.nation, system_id=drone.system_id) for drone in drones}
        self.patrol_state = PatrolState.IDLE
        self.patrol_s: float | None = None
        self.coverage: CoverageChanged | None = None
        self.ended: PatrolEnded | None = None
        self.proposal: ReplanProposed | None = None
        self.traffic: dict[str, Traffic] = {}
        """Others in the air, as last heard."""
        self._clock = PatrolClock()
        self._at_s = 0.0
        self._from_log = False
        self._moved: dict[str, list[LatLon]] = {}
        self._swept: dict[str, list[Sweeping]] = {}

    def apply(self, events: Iterable[PatrolEvent], *, now_s: float | None) -> None:
        """Take in a batch in the order it came. Drones that are not in the plan are passed over.

        Without `now_s` each event counts as heard when it happened: by vehicle time, as in a replay.
        """
        alerts: list[AlertRow] = []
        self.version += 1
        self._from_log = now_s is None
        for event in events:
            self._apply_one(event, event.at_s if now_s is None else now_s, alerts)
        self.alerts.add(alerts)
        self.changed.emit()

    def picture(self) -> FleetPicture:
        return FleetPicture(
            drones=dict(self.drones),
            patrol_state=self.patrol_state,
            patrol_s=self.patrol_s,
            coverage=self.coverage,
            ended=self.ended,
            proposal=self.proposal,
            clock=copy(self._clock),
            at_s=self._at_s,
            alerts=self.alerts.rows,
            traffic=dict(self.traffic),
        )

    def show(self, picture: FleetPicture) -> None:
        """Be as the model was when the picture was taken; nobody is told until events are applied."""
        self.version += 1
        self.drones, self.patrol_state, self.patrol_s = dict(picture.drones), picture.patrol_state, picture.patrol_s
        self.coverage, self.ended, self.proposal = picture.coverage, picture.ended, picture.proposal
        self._clock, self._at_s, self._moved, self._swept = copy(picture.clock), picture.at_s, {}, {}
        self.alerts.show(picture.alerts)
        self.traffic = dict(picture.traffic)

    def take_moved(self) -> dict[str, list[LatLon]]:
        moved, self._moved = self._moved, {}
        return moved

    def take_swept(self) -> dict[str, list[Sweeping]]:
        """Of the same positions those at which a drone was sweeping a lane."""
        swept, self._swept = self._swept, {}
        return swept

    @property
    def at_s(self) -> float:
        """Vehicle time of the last that was heard."""
        return self._at_s

    @property
    def patrol_now_s(self) -> float | None:
        """The plan's second that mission control is at, as of the last thing it said; None before the start and after the end."""
        over = self.patrol_state in (PatrolState.IDLE, PatrolState.FINISHED)
        return None if over else self._clock.patrol_s(self._at_s)

    @property
    def airborne(self) -> tuple[str, ...]:
        """Ids of drones that are off the ground or about to be."""
        return tuple(drone.id for drone in self.drones.values() if drone.airborne)

    def of_nation(self, nation: str) -> frozenset[str]:
        return frozenset(drone.id for drone in self.drones.values() if drone.nation == nation)

    # Telemetry comes first because nearly every event is one.
    def _apply_one(self, event: PatrolEvent, now_s: float, alerts: list[AlertRow]) -> None:
        match event:
            case Telemetry(drone=drone, state=state, at_s=at_s):
                self._at_s = max(self._at_s, at_s)
                self._hear(drone, state, now_s)
            case TrafficSeen(traffic=traffic):
                self._see(traffic)
            case DroneProgress():
                self._take_progress(event)
            case Connected(drone=drone, system_id=system_id):
                self._change(drone, system_id=system_id, heard_s=now_s, link_lost=False)
            case UploadProgress(drone=drone, sent=sent, total=total):
                self._change(drone, upload=None, upload_reason="", sent_items=sent, total_items=total)
            case Uploaded(drone=drone, outcome=outcome, reason=reason):
                self._change(drone, upload=outcome, upload_reason=reason)
            case LinkLost(drone=drone):
                self._change(drone, link_lost=True)
            case LinkRestored(drone=drone):
                self._change(drone, link_lost=False)
            case CoverageChanged():
                self.coverage = event
            case PatrolStateChanged(at_s=at_s, state=state, patrol_s=patrol_s):
                self.patrol_state = state
                if state in (PatrolState.RECALLING, PatrolState.FINISHED):
                    self.proposal = None
                self._set_clock(at_s, patrol_s)
            case ReplanProposed():
                # without a further sortie there is nothing to decide on; mission control says in an alert why
                self.proposal = event if event.added else None
                _note(event, alerts)
            case PlanChanged():
                self.proposal = None
                _note(event, alerts)
            case IntentTaken(at_s=at_s, intent=intent):
                self._take_intent(intent, at_s)
            case IntentRefused(intent=Accept() | Reject() as intent):
                self._decided(intent)
                _note(event, alerts)
            case PatrolEnded():
                self._end(event)
            case Snapshot():
                self._take(event, now_s, alerts)
            case _:
                _note(event, alerts)

    def _hear(self, drone_id: str, state: VehicleState, now_s: float) -> None:
        drone = self.drones.get(drone_id)
        if drone is None:
            return
        before = drone.state
        # a state may be sent again without the vehicle having said anything: that is no news of it
        heard = before is None or state.heard_s != before.heard_s
        self.drones[drone_id] = replace(drone, state=state, heard_s=now_s if heard else drone.heard_s, logged=self._from_log)
        if state.position is not None and (before is None or state.position != before.position):
            self._moved.setdefault(drone_id, []).append(state.position)
            progress = drone.progress
            if progress is not None and progress.lane is not None and progress.leg is LegKind.SWEEP:
                at_s = state.position_s if state.position_s is not None else self._at_s
                self._swept.setdefault(drone_id, []).append(Sweeping(progress.lane, state.position, at_s))

    def _see(self, traffic: Traffic) -> None:
        """Of a day's traffic only what may still be near is kept."""
        self.traffic[traffic.id] = traffic
        if len(self.traffic) > _MOST_TRAFFIC:
            newest = sorted(self.traffic.values(), key=lambda each: each.seen_s)[_MOST_TRAFFIC // 2 :]
            self.traffic = {each.id: each for each in newest}

    def _change(self, drone_id: str, **changes: Any) -> None:
        drone = self.drones.get(drone_id)
        if drone is not None:
            self.drones[drone_id] = replace(drone, **changes)

    def _take_progress(self, event: DroneProgress) -> None:
        self._change(event.drone, progress=event, upload=event.upload)
        if event.phase is not DronePhase.UPLOADING:
            self._change(event.drone, sent_items=0, total_items=0)

    def _set_clock(self, at_s: float, patrol_s: float | None) -> None:
        self.patrol_s, self._at_s = patrol_s, max(self._at_s, at_s)
        if patrol_s is not None:
            self._clock.start(at_s - patrol_s)

    def _take_intent(self, intent: Intent, at_s: float) -> None:
        """What others asked for, or we: a pause of everybody stops the plan's clock, a decision ends a proposal."""
        match intent:
            case Pause(scope=Everyone()):
                self._clock.pause(at_s)
            case Continue(scope=Everyone()):
                self._clock.go_on(at_s)
            case Accept() | Reject():
                self._decided(intent)
            case _:
                pass

    def _decided(self, intent: Accept | Reject) -> None:
        if self.proposal is not None and self.proposal.proposal == intent.proposal:
            self.proposal = None

    def _end(self, event: PatrolEnded) -> None:
        """Those that mission control could not bring home stay what they are: flying or lost."""
        self.ended, self.proposal = event, None
        for drone in list(self.drones.values()):
            if not drone.airborne and not drone.link_lost:
                self._change(drone.id, over=True)

    def _take(self, snapshot: Snapshot, now_s: float, alerts: list[AlertRow]) -> None:
        """All that was known when we attached; how old it was then still counts."""
        self.patrol_state, self.coverage, self.proposal = snapshot.state, snapshot.coverage, snapshot.proposal
        self._set_clock(snapshot.at_s, snapshot.patrol_s)
        if snapshot.paused:
            self._clock.pause(snapshot.at_s)
        for drone_id, state in snapshot.states.items():
            self._hear(drone_id, state, now_s)
            silent_s = 0.0 if state.heard_s is None else max(0.0, snapshot.at_s - state.heard_s)
            self._change(drone_id, heard_s=now_s - silent_s)
        for progress in snapshot.progress:
            self._take_progress(progress)
        for alert in snapshot.alerts:
            _note(alert, alerts)


def _note(event: PatrolEvent, alerts: list[AlertRow]) -> None:
    """The events that become a row of the alert list; all others are told by the table."""
    match event:
        case Alert(drone=drone, at_s=at_s, level=level, text=text):
            alerts.append(AlertRow(at_s=at_s, level=level, text=text, drone=drone))
        case SessionCrashed(drone=drone, at_s=at_s, text=text):
            alerts.append(AlertRow(at_s=at_s, level=AlertLevel.CRITICAL, text=tr("our own code failed: {text}", text=text), drone=drone))
        case IntentRefused(at_s=at_s, reason=reason):
            alerts.append(AlertRow(at_s=at_s, level=AlertLevel.WARNING, text=tr("refused: {reason}", reason=reason)))
        case ReplanProposed(at_s=at_s, proposal=number) if event.added:
            alerts.append(AlertRow(at_s=at_s, level=AlertLevel.WARNING, text=tr("proposal {number} to fly on otherwise", number=number)))
        case PlanChanged(at_s=at_s, proposal=number):
            alerts.append(AlertRow(at_s=at_s, level=AlertLevel.INFO, text=tr("proposal {number} is flown", number=number)))
        case Resumed(at_s=at_s, gap_s=gap_s):
            text = tr("another mission control goes on; of {gap_s} nothing is known", gap_s=duration_text(gap_s))
            alerts.append(AlertRow(at_s=at_s, level=AlertLevel.WARNING, text=text))
        case _:
            pass
