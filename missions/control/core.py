"""The decisions of mission control, without any I/O: intents, fleet events and time go in; actions and events come out.

One patrol: connect, upload and verify, launch each sortie at its time in the plan, swap batteries, until all sorties are
flown or somebody calls everyone home. Each drone's own programme is in `programme`; here is what concerns several.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_args

from mavlink_bridge.events import Alert, AlertLevel, FleetEvent, Recognised, Telemetry
from mavlink_bridge.vehicle_state import VehicleState
from missions.control.actions import Action
from missions.control.approach import bound_home, is_homeward
from missions.control.battery_watch import BatteryWatch
from missions.control.drone_view import drone_view
from missions.control.homeward import whose_turn
from missions.control.launch_gate import LaunchGate
from missions.control.launches import Launches
from missions.control.messages import (
    Accept,
    CloseArea,
    Continue,
    ControlEvent,
    DronePhase,
    DroneProgress,
    Everyone,
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
    StandingRule,
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


class MissionControl:
    """Call `handle_event` for everything the fleet says, `handle_intent` for what people ask, `tick` at every step.

    Times are vehicle time. When `finished`, nothing more comes; how it went is told by `missions.report` from the log.
    """

    def __init__(self, plan: Plan, params: ControlParams = DEFAULTS) -> None:
        self.plan = plan
        self.params = params
        self.clock = PatrolClock()
        #: Drones without a sortie are not contacted.
        self.programmes = {drone.id: Programme(plan, drone.id, self.clock, params) for drone in plan.drones if plan.sorties_of(drone.id)}
        frame = LocalFrame.around([plan.area])
        self._watch = Watch(plan, params, frame)
        self.retasking = Retasking(params.standing_rule, frame)
        gate = LaunchGate(plan, frame, params, minima_of(plan, params))
        self._launches = Launches(gate, self.programmes, self.retasking.barred)
        self._batteries = {drone.id: BatteryWatch(drone.id, 100 * plan.drone_type(drone.type).reserve) for drone in plan.drones}
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
                return self._close(intent, now_s)
            case Accept(proposal=number) | Reject(proposal=number):
                return self._decide(intent, number, now_s)
            case Upload() | Launch() | Pause() | Continue() | Recall() | Land() | Withdraw() | HandBack():
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
                called = [output for programme in able for output in programme.recall(now_s)]
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
        recalled = recognised(programme, event, now_s) if isinstance(event, Recognised) else []
        outputs: list[Output] = [*programme.handle(event, now_s), *recalled]
        if departs(event) and programme.progress.sortie is not None:
            self._launches.gate.departed(programme.progress.sortie, self.clock.patrol_s(event.at_s) or 0.0)
        return outputs

    # --- flying on otherwise -----------------------------------------------------------------------------------------

    def _close(self, intent: CloseArea, now_s: float) -> list[Output]:
        """Who would fly through what is closed is called back."""
        try:
            self.retasking.close(intent)
        except ValueError as error:
            return [IntentRefused(at_s=now_s, intent=intent, reason=f"that is no area: {error}")]
        outputs: list[Output] = [IntentTaken(at_s=now_s, intent=intent)]
        for programme in self.programmes.values():
            sortie, leg = programme.progress.sortie, programme.progress.leg
            if programme.phase is not DronePhase.FLYING or not programme.automatic or sortie is None:
                continue
            if self.retasking.in_the_way(sortie, sortie.legs.index(leg) if leg is not None else 0):
                outputs += programme.call_back(now_s)
        return [*outputs, *self._send_home(now_s)]

    def _retask(self, now_s: float) -> list[Output]:
        patrol_s = self.clock.patrol_s(now_s)
        if not self._started or self._recalling or patrol_s is None or self.clock.paused:
            return []
        wanted = self.retasking.due(self.plan, self.programmes, patrol_s)
        return [wanted] if wanted is not None else []

    def handle_replan(self, plan: Plan, now_s: float) -> list[Output]:
        """What `Replan` came to."""
        proposed = self.retasking.proposed(self.plan, plan, now_s)
        outputs: list[Output] = [proposed]
        if not proposed.added:
            self.retasking.decide(accepted=False)
            text = f"nobody can take over what is left: {'; '.join(proposed.uncovered) or 'it is too late'}"
            outputs.append(Alert(drone="", at_s=now_s, level=AlertLevel.WARNING, rule="retasking", text=text))
        elif self.params.standing_rule is StandingRule.ACCEPT and self.retasking.open is not None and self.retasking.open.bearable:
            outputs += self._change_plan(self.retasking.open, now_s)
        return self._told(outputs, now_s)

    def _decide(self, intent: Accept | Reject, number: int, now_s: float) -> list[Output]:
        proposal = self.retasking.open
        if proposal is None or proposal.number != number:
            return [IntentRefused(at_s=now_s, intent=intent, reason=f"there is no proposal {number} to decide on")]
        if isinstance(intent, Reject):
            self.retasking.decide(accepted=False)
            return [IntentTaken(at_s=now_s, intent=intent)]
        if proposal.is_stale(self.programmes.values()):
            self.retasking.look_again()
            return [IntentRefused(at_s=now_s, intent=intent, reason="things have changed since: another proposal follows")]
        return [IntentTaken(at_s=now_s, intent=intent), *self._change_plan(proposal, now_s)]

    def _change_plan(self, proposal: Proposal, now_s: float) -> list[Output]:
        self.retasking.decide(accepted=True)
        self.retasking.number = proposal.number
        self.plan = self._launches.gate.plan = self._watch.plan = proposal.plan
        outputs: list[Output] = [PlanChanged(at_s=now_s, proposal=proposal.number)]
        for programme in self.programmes.values():
            outputs += programme.change_plan(proposal.plan, now_s)
        return outputs

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
            case _ if isinstance(event, get_args(FleetEvent)) and event.drone in self.programmes:
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
        self._change_plan(Proposal(number=changed.proposal, plan=plan), changed.at_s)

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
            outputs += self._watch.look(self.programmes, now_s)
        self._start_clock(now_s)
        if now_s >= self._next_retask_s:
            self._next_retask_s = now_s + self.params.retask_period_s
            outputs += self._retask(now_s)
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
        bound = [bound_home(programme, self.plan) for programme in self.programmes.values() if is_homeward(programme)]
        outputs: list[Output] = []
        for drone, before in whose_turn(bound, self.params.homeward).items():
            programme = self.programmes[drone]
            outputs += programme.wait_for(before) if before else programme.ask_home(now_s)
        return outputs

    # --- parts -------------------------------------------------------------------------------------------------------

    def _told(self, outputs: list[Output], now_s: float) -> list[Output]:
        """The outputs, remembered, with what has changed for those who watch."""
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
