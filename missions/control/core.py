"""The decisions of mission control, without any I/O: intents, fleet events and time go in; actions and events come out.

One patrol: connect, upload and verify, launch each sortie at its time in the plan, swap batteries, until all sorties are
flown or somebody calls everyone home. Each drone's own programme is in `programme`; here is what concerns several.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_args

from mavlink_bridge.events import Alert, FleetEvent, MissionChanged, Recognised, Telemetry, TrafficSeen
from mavlink_bridge.vehicle_state import VehicleState
from missions.control.actions import Action, FlyHome, RecallDrone
from missions.control.approach import bound_home, is_homeward
from missions.control.battery_watch import BatteryWatch
from missions.control.by_hand import LetsPass, go_to
from missions.control.camera_watch import CameraWatch
from missions.control.changed_mission import mission_changed
from missions.control.drone_view import drone_view
from missions.control.flying_on import FlyingOn
from missions.control.homecoming import Homecoming
from missions.control.homeward import whose_turn
from missions.control.launch_gate import LaunchGate
from missions.control.launches import Launches
from missions.control.messages import (
    Accept,
    ChangeSpeed,
    CloseArea,
    Continue,
    ControlEvent,
    DronePhase,
    DroneProgress,
    Everyone,
    GoTo,
    HandBack,
    Intent,
    IntentRefused,
    IntentTaken,
    Land,
    Launch,
    PatrolEvent,
    PatrolState,
    PatrolStateChanged,
    Pause,
    PlanChanged,
    Recall,
    Reject,
    ReplanProposed,
    Shutdown,
    Start,
    Upload,
    Withdraw,
)
from missions.control.obedience import act, departs, ends_patrol, in_scope, joined, not_reached
from missions.control.params import ControlParams
from missions.control.patrol_clock import PatrolClock
from missions.control.programme import Programme
from missions.control.retasking import Proposal, Retasking
from missions.control.taking_up import recognised, recollect, take_up
from missions.control.watch import Watch, minima_of
from missions.control.why_not import ScopedIntent, why_not
from planner.geo import LocalFrame
from planner.model import Plan

Output = Action | Alert | ControlEvent

DEFAULTS = ControlParams()
_FLEET_EVENTS: tuple[type[FleetEvent], ...] = get_args(FleetEvent)


class MissionControl:
    """Call `handle_event` for everything the fleet says, `handle_intent` for what people ask, `tick` at every step.

    Times are vehicle time. When `finished`, nothing more comes; how it went is told by `missions.report` from the log.
    """

    def __init__(self, plan: Plan, params: ControlParams = DEFAULTS) -> None:
        self.params = params
        self.clock = PatrolClock()
        #: Drones without a sortie are not contacted.
        self.programmes = {drone.id: Programme(plan, drone.id, self.clock, params) for drone in plan.drones if plan.sorties_of(drone.id)}
        frame = LocalFrame.around([plan.area])
        self.homecoming = Homecoming(plan)
        self._watch = Watch(plan, params, frame, self.homecoming)
        self.retasking = Retasking(params, frame)
        gate = LaunchGate(plan, frame, params, minima_of(plan, params))
        self._launches = Launches(gate, self.programmes, self.retasking.barred)
        self.flying_on = FlyingOn(plan, self.programmes, self.retasking, self.clock, params, gate, self._watch, self.homecoming)
        self._batteries = {drone.id: BatteryWatch(drone.id, 100 * plan.drone_type(drone.type).reserve) for drone in plan.drones}
        self._cameras = {drone.id: CameraWatch(drone.id, plan.drone_type(drone.type).sensor.trigger_distance_m) for drone in plan.drones}
        #: Whoever puts fences on vehicles says so.
        self.fence_lets_pass: LetsPass = lambda _plan, _sortie, _way: True
        self._started = False
        self._recalling = False
        self._leaving = False
        self._recollecting = False
        self._alerts: list[Alert] = []
        self._shown: dict[str, DroneProgress] = {}
        self._shown_state: PatrolState | None = None
        self._next_tick_s = 0.0
        self._next_gate_s = self._next_retask_s = 0.0
        self._next_separation_s = 0.0

    # --- what others want to know ------------------------------------------------------------------------------------

    @property
    def plan(self) -> Plan:
        """What is flown: it changes when a proposal is accepted."""
        return self.flying_on.plan

    @property
    def state(self) -> PatrolState:
        if self.finished:
            return PatrolState.FINISHED
        if self._recalling:
            return PatrolState.RECALLING
        if self.clock.running:
            return PatrolState.FLYING
        phases = {programme.phase for programme in self.programmes.values()}
        if phases & {DronePhase.OFFLINE, DronePhase.CONNECTED}:
            return PatrolState.CONNECTING
        return PatrolState.UPLOADING if self._started or DronePhase.UPLOADING in phases else PatrolState.IDLE

    @property
    def finished(self) -> bool:
        """Everybody is down for good (or lost), or mission control was told to leave."""
        if self._leaving:
            return True
        over = self._recalling or self._started
        return over and all(programme.settled for programme in self.programmes.values())

    @property
    def is_busy(self) -> bool:
        """Whether anything is under way that must not be left: a drone in the air, or one that is being got there."""
        return self._recalling or any(programme.is_busy for programme in self.programmes.values())

    @property
    def airborne(self) -> tuple[str, ...]:
        return tuple(drone for drone, programme in self.programmes.items() if programme.airborne)

    @property
    def min_separation_m(self) -> float | None:
        """The least horizontal distance of two airborne drones within the vertical minimum; None when none were."""
        return self._watch.separation.closest_m

    @property
    def alerts(self) -> tuple[Alert, ...]:
        return tuple(self._alerts)

    @property
    def states(self) -> dict[str, VehicleState]:
        """Of drones that have been heard."""
        return {drone: programme.state for drone, programme in self.programmes.items() if programme.state.heard_s is not None}

    def progress(self, now_s: float) -> tuple[DroneProgress, ...]:
        return tuple(drone_view(programme, now_s) for programme in self.programmes.values())

    # --- intents -----------------------------------------------------------------------------------------------------

    def handle_intent(self, intent: Intent, now_s: float) -> list[Output]:
        return self._told(self._obey(intent, now_s), now_s)

    def _obey(self, intent: Intent, now_s: float) -> list[Output]:
        if self.finished:
            return [IntentRefused(at_s=now_s, intent=intent, reason="the patrol is over")]
        match intent:
            case Start():
                return self._start(intent, now_s)
            case Shutdown(leave_flying=leave_flying):
                return self._shut_down(intent, now_s, leave_flying=leave_flying)
            case CloseArea():
                return [*self.flying_on.close(intent, now_s), *self._send_home(now_s)]
            case Accept() | Reject():
                return self.flying_on.decide(intent, now_s)
            case GoTo():
                return go_to(intent, self.programmes, self.homecoming, self.fence_lets_pass, now_s, self.clock.patrol_s(now_s) or 0.0)
            case Upload() | Launch() | Pause() | Continue() | Recall() | Land() | ChangeSpeed() | Withdraw() | HandBack():
                return self._for_each(intent, now_s)

    def _start(self, intent: Start, now_s: float) -> list[Output]:
        if self._started or self._recalling:
            return [IntentRefused(at_s=now_s, intent=intent, reason="the patrol has started already")]
        self._started = True
        outputs: list[Output] = [IntentTaken(at_s=now_s, intent=intent)]
        for programme in self.programmes.values():
            outputs += programme.start(now_s)
        return outputs

    def _shut_down(self, intent: Shutdown, now_s: float, *, leave_flying: bool) -> list[Output]:
        self._recalling = True
        self._leaving = leave_flying
        outputs: list[Output] = [IntentTaken(at_s=now_s, intent=intent)]
        return outputs if leave_flying else [*outputs, *self._call_everyone_home(Recall(), now_s)]

    def _call_everyone_home(self, how: Recall | Land, now_s: float) -> list[Output]:
        """Those who cannot be called (in other hands, not ready yet) get nothing new to do."""
        outputs: list[Output] = []
        for programme in self.programmes.values():
            if reason := why_not(how, programme):
                programme.call_off()
                outputs += [not_reached(programme, reason, now_s)] if programme.airborne else []
            else:
                outputs += act(how, programme, now_s)
        return [*outputs, *self._send_home(now_s)]

    def _for_each(self, intent: ScopedIntent, now_s: float) -> list[Output]:
        """Do it for every drone in scope that can; refused when there is none, the others are named in an alert."""
        try:
            chosen = in_scope(intent.scope, self.plan, self.programmes)
        except KeyError as unknown:
            return [IntentRefused(at_s=now_s, intent=intent, reason=f"the plan has no {unknown.args[0]}")]
        reasons = {programme.drone: why_not(intent, programme) for programme in chosen}
        able = [programme for programme in chosen if not reasons[programme.drone]]
        if not able and not (self._started and ends_patrol(intent)):
            return [IntentRefused(at_s=now_s, intent=intent, reason=joined(reasons) or "it is for nobody")]
        outputs: list[Output] = [IntentTaken(at_s=now_s, intent=intent)]
        match intent:
            case Recall() | Land() if ends_patrol(intent):
                self._recalling = True
                return [*outputs, *self._call_everyone_home(intent, now_s)]
            case Recall() | Withdraw():
                retrace = isinstance(intent, Recall) and intent.retrace
                called = [output for programme in able for output in programme.recall(now_s, retrace=retrace)]
                return [*outputs, *called, *self._send_home(now_s)]
            case Launch():
                self.clock.start(now_s)
            case Pause(scope=Everyone()):
                self.clock.pause(now_s)
            case Continue(scope=Everyone()):
                self.clock.go_on(now_s)
            case _:
                pass
        for programme in able:
            outputs += act(intent, programme, now_s)
        return outputs

    # --- events ------------------------------------------------------------------------------------------------------

    def handle_event(self, event: FleetEvent, now_s: float) -> list[Output]:
        """Events of drones that the plan does not have are ignored."""
        if isinstance(event, Alert):
            self._alerts.append(event)
            return []
        if isinstance(event, TrafficSeen):
            self._watch.traffic.hear(event.traffic)
            return []
        if event.drone not in self.programmes:
            return []
        if isinstance(event, Telemetry):
            self.programmes[event.drone].state = event.state
            low = self._batteries[event.drone].observe(event.state, now_s)
            self._alerts += low
            return [*low]
        return self._told(self._take(event, now_s), now_s)

    def _take(self, event: FleetEvent, now_s: float) -> list[Output]:
        programme = self.programmes[event.drone]
        outputs: list[Output] = [*programme.handle(event, now_s), *self._cameras[event.drone].observe(event, programme.progress.sortie)]
        match event:
            case Recognised():
                outputs += recognised(programme, event, now_s)
            case MissionChanged():
                outputs += mission_changed(programme, event, now_s)
                outputs += self._send_home(now_s)
            case _:
                pass
        if departs(event) and programme.progress.sortie is not None:
            self._launches.gate.departed(programme.progress.sortie, self.clock.patrol_s(event.at_s) or 0.0)
        return outputs

    def handle_replan(self, plan: Plan, now_s: float) -> list[Output]:
        """What `Replan` came to."""
        return self._told(self.flying_on.replanned(plan, now_s), now_s)

    # --- going on after another mission control ----------------------------------------------------------------------

    def recollect(self, event: PatrolEvent) -> None:
        """Take in what an earlier mission control told or was told; what that led to was done then."""
        self._recollecting = True
        match event:
            case IntentTaken(intent=intent) if intent != Shutdown(leave_flying=True):
                self._obey(intent, event.at_s)
            case PatrolStateChanged(patrol_s=patrol_s) if patrol_s is not None and not self.clock.running:
                self.clock.start(event.at_s - patrol_s)
            case DroneProgress():
                self._recollect_progress(event)
            case ReplanProposed():
                self.retasking.number = event.proposal
            case Telemetry(drone=drone, state=state) if drone in self.programmes:
                self.programmes[drone].state = state
            case Alert():
                self._alerts.append(event)
            case _ if isinstance(event, _FLEET_EVENTS) and event.drone in self.programmes:
                self._take(event, event.at_s)
            case _:
                pass

    def _recollect_progress(self, event: DroneProgress) -> None:
        programme = self.programmes.get(event.drone)
        if programme is None:
            return
        launches = event.phase is DronePhase.LAUNCHING and programme.phase is not DronePhase.LAUNCHING
        if launches and programme.progress.sortie is not None:
            self._launches.gate.launched(programme.progress.sortie, self.clock.patrol_s(event.at_s) or 0.0)
        recollect(programme, event)

    def recollect_plan(self, changed: PlanChanged, plan: Plan) -> None:
        """An earlier mission control went over to this plan."""
        self.flying_on.adopt(Proposal(number=changed.proposal, plan=plan), changed.at_s)

    def take_up(self, now_s: float, heard: Mapping[str, VehicleState]) -> list[Output]:
        """Go on from here. `heard` is what drones say of themselves now."""
        self._recollecting, outputs = False, list[Output]()
        for drone, programme in self.programmes.items():
            programme.state = heard.get(drone, programme.state)
            outputs += take_up(programme, now_s)
        return self._told(outputs, now_s)

    # --- time --------------------------------------------------------------------------------------------------------

    def tick(self, now_s: float) -> list[Output]:
        if now_s < self._next_tick_s:
            return []
        self._next_tick_s = now_s + self.params.tick_period_s
        outputs: list[Output] = []
        for programme in self.programmes.values():
            outputs += programme.tick(now_s)
        if now_s >= self._next_separation_s:
            self._next_separation_s = now_s + self.params.separation_period_s
            outputs += self._watch.look(self.programmes, now_s, self.clock.patrol_s(now_s) or 0.0)
        self._start_clock(now_s)
        if now_s >= self._next_retask_s:
            self._next_retask_s = now_s + self.params.retask_period_s
            outputs += self.flying_on.look(now_s) if self._started and not self._recalling else []
        outputs += self._send_home(now_s)
        if now_s >= self._next_gate_s and self.clock.running and not self.clock.paused:
            self._next_gate_s = now_s + self.params.gate_recheck_s
            outputs += self._launches.due(self.clock.patrol_s(now_s) or 0.0, now_s)
        return self._told(outputs, now_s)

    def _start_clock(self, now_s: float) -> None:
        """The patrol begins when every first upload has ended, one way or the other, and somebody is left to fly."""
        if not self._started or self._recalling or self.clock.running:
            return
        waiting = any(not programme.settled and programme.phase is not DronePhase.UPLOADED for programme in self.programmes.values())
        if not waiting and not self.finished:
            self.clock.start(now_s)
            self._next_gate_s = now_s

    def _send_home(self, now_s: float) -> list[Output]:
        """Let those set out who are called home and whose turn it is; the others hold where they are."""
        if self._recollecting:
            return []
        patrol_s = self.clock.patrol_s(now_s) or 0.0
        bound = [
            bound_home(programme, self.plan, self.homecoming, patrol_s) for programme in self.programmes.values() if is_homeward(programme)
        ]
        outputs: list[Output] = []
        for drone, before in whose_turn(bound, self.params.homeward).items():
            programme = self.programmes[drone]
            outputs += programme.wait_for(before) if before else programme.ask_home(now_s)
        return outputs

    def _homewards(self, action: RecallDrone, now_s: float) -> Action:
        """RTL flies straight: around what is closed it takes a short mission."""
        programme = self.programmes[action.drone]
        sortie = programme.progress.sortie
        if self._recollecting or action.retrace or sortie is None or not programme.airborne:
            return action
        way = self.homecoming.mission(sortie, programme.state, self.clock.patrol_s(now_s) or 0.0)
        return FlyHome(action.drone, way) if way is not None else action

    # --- parts -------------------------------------------------------------------------------------------------------

    def _told(self, outputs: list[Output], now_s: float) -> list[Output]:
        """The outputs, remembered, with what has changed for those who watch; who is called home is given a legal way."""
        outputs = [self._homewards(output, now_s) if isinstance(output, RecallDrone) else output for output in outputs]
        self._alerts += [output for output in outputs if isinstance(output, Alert)]
        changes: list[Output] = []
        for programme in self.programmes.values():
            view = drone_view(programme, 0.0)
            if view != self._shown.get(programme.drone):
                self._shown[programme.drone] = view
                changes.append(drone_view(programme, now_s))
        if self.state is not self._shown_state:
            self._shown_state = self.state
            changes.append(PatrolStateChanged(at_s=now_s, state=self.state, patrol_s=self.clock.patrol_s(now_s)))
        return [*outputs, *changes]
