"""One vehicle's flight, sans-IO: carries out what is ordered, follows what happens, and lets go when somebody else takes over.

Orders are scripts of steps (`steps`); each ends with exactly one `CommandEnded` that bears the order's own command number:
launch MISSION_START, recall NAV_RETURN_TO_LAUNCH, land NAV_LAND, pause and resume DO_PAUSE_CONTINUE, go to DO_REPOSITION, speed
DO_CHANGE_SPEED, battery BATTERY_RESET.
A new order replaces the one that runs. A foreign mode change ends it and holds everything until `hand_back`; orders are
refused meanwhile, because a pilot outranks us.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from mavlink_bridge import events as e
from mavlink_bridge import messages as m
from mavlink_bridge import steps
from mavlink_bridge.conversation import Endpoints, Send, earliest
from mavlink_bridge.enums import LandedState, MavCmd
from mavlink_bridge.flight_memory import FlightMemory
from mavlink_bridge.lifecycle import Lifecycle, LifecycleParams
from mavlink_bridge.mission_items import SortieMission
from mavlink_bridge.mode_watch import ModeCause, ModeDecision, ModeWatch, ModeWatchParams
from mavlink_bridge.modes import Modes, VehicleClass, modes_of, vehicle_class
from mavlink_bridge.readiness import PrearmTexts
from mavlink_bridge.script import Planned, Script
from mavlink_bridge.steps import Step, StepEnd, StepOutput, StepParams
from mavlink_bridge.stick_watch import StickParams, StickWatch
from mavlink_bridge.vehicle_state import VehicleState
from planner.geo import LatLon

Output = Send | e.FleetEvent

_HOMING = frozenset({MavCmd.NAV_RETURN_TO_LAUNCH, MavCmd.NAV_LAND})
_IN_THE_AIR = frozenset({LandedState.IN_AIR, LandedState.TAKEOFF, LandedState.LANDING})
_FIRST_ITEM = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class FlightParams:
    steps: StepParams = field(default_factory=StepParams)
    lifecycle: LifecycleParams = field(default_factory=LifecycleParams)
    mode_watch: ModeWatchParams = field(default_factory=ModeWatchParams)
    sticks: StickParams = field(default_factory=StickParams)


class Flight:
    """Feed it every frame with the states before and after, every whole text, and the time at `deadline_s`."""

    def __init__(self, drone: str, endpoints: Endpoints, params: FlightParams) -> None:
        self._drone = drone
        self._endpoints = endpoints
        self._params = params
        self._lifecycle = Lifecycle(drone, endpoints.system, params.lifecycle)
        self._watch = ModeWatch(params.mode_watch)
        self._sticks = StickWatch(params.sticks)
        self._texts = PrearmTexts()
        self._script: Script | None = None
        self._mission: SortieMission | None = None
        self.is_held = False

    @property
    def deadline_s(self) -> float | None:
        step_s = self._script.planned[0].step.deadline_s if self._script else None
        return earliest(self._lifecycle.deadline_s, self._watch.deadline_s, step_s)

    @property
    def is_ready(self) -> bool:
        """Whether `Ready` has been said for the flight that is being prepared."""
        return self._lifecycle.is_ready

    def prepare(self) -> None:
        """A flight is being prepared: `Ready` is due."""
        self._lifecycle.prepare()

    def follow(self, mission: SortieMission | None) -> None:
        """What is verified to be on the vehicle; None while that is not known. Only that can be launched."""
        self._mission = mission
        self._lifecycle.follow(mission)

    def follow_on(self, mission: SortieMission | None) -> None:
        """As `follow`, while it flies: the same up to where it is, another from there on."""
        self._mission = mission
        self._lifecycle.follow_on(mission)

    @property
    def completed_seq(self) -> int:
        """The last item of the mission that is known to be done."""
        return self._lifecycle.completed_seq

    @property
    def mission(self) -> SortieMission | None:
        """What is known to be on board."""
        return self._mission

    def take_up(self, memory: FlightMemory, now_s: float) -> None:
        """Go on with a flight that was followed before. That its mission runs by now would be our own doing."""
        self._mission = memory.mission
        self._lifecycle.take_up(memory)
        self.is_held = memory.taken
        if memory.mission is not None and not memory.taken:
            self._watch.expect(self._modes(memory.state).auto, now_s)

    # --- what happens ------------------------------------------------------------------------------------------------

    def observe(self, frame: m.Frame, before: VehicleState, after: VehicleState, now_s: float) -> list[Output]:
        is_over = before.armed and not after.armed
        outputs = self._decided(self._watch.flush(), after, now_s) if is_over else []
        outputs += self._lifecycle.observe(before, after, frame.message, now_s)
        if after.custom_mode != before.custom_mode:
            outputs += self._decided(self._watch.observe(before, after, self._modes(after), now_s), after, now_s)
        if isinstance(frame.message, m.RcChannels):
            outputs += self._hand_on_sticks(frame.message, after, now_s)
        if self._script is None:
            return outputs
        return outputs + self._run(lambda step: step.observe(frame, after, now_s), after, now_s)

    def text(self, text: str, state: VehicleState, now_s: float) -> list[Output]:
        """A whole STATUSTEXT: a reason for not arming, or a failsafe's."""
        self._texts.add(text, now_s)
        return self._decided(self._watch.text(text, now_s), state, now_s)

    def tick(self, state: VehicleState, now_s: float) -> list[Output]:
        outputs: list[Output] = [*self._lifecycle.tick(now_s), *self._decided(self._watch.tick(now_s), state, now_s)]
        return outputs + self._run(lambda step: step.tick(state, now_s), state, now_s)

    # --- orders ------------------------------------------------------------------------------------------------------

    def launch(self, state: VehicleState, now_s: float) -> list[Output]:
        why_not = self._why_not_launch(state)
        if why_not:
            return [self._ended(MavCmd.MISSION_START, False, why_not, now_s)]
        modes = self._modes(state)
        planned = [
            *self._out_of_auto(state),
            Planned(steps.WaitReady(self._endpoints, self._texts, self._params.steps)),
            Planned(steps.set_mode(modes.arming, self._endpoints, self._params.steps), modes.arming),
            Planned(steps.Arm(self._endpoints, self._texts, self._params.steps)),
        ]
        if modes.arming != modes.auto:
            if state.mission_seq > _FIRST_ITEM:
                planned.append(Planned(steps.rewind_mission(self._endpoints, self._params.steps)))
            planned.append(Planned(steps.start_mission(modes.auto, self._endpoints, self._params.steps), modes.auto))
        return self._begin(MavCmd.MISSION_START, planned, state, now_s)

    def _out_of_auto(self, state: VehicleState) -> list[Planned]:
        """A plane that has landed in AUTO stays at its landing: it does not arm there, and takes a new mission for the end of the old
        one. In a mode that flies nowhere it forgets where it was (ArduPlane: AP_Arming_Plane, Mode::enter).
        """
        modes = self._modes(state)
        if modes.parked is None or state.custom_mode != modes.auto or state.armed:
            return []
        return [Planned(steps.set_mode(modes.parked, self._endpoints, self._params.steps), modes.parked)]

    def recall(self, state: VehicleState, now_s: float, *, retrace: bool = False) -> list[Output]:
        modes = self._modes(state)
        if retrace and modes.retrace is not None and self._is_in_the_air(state) and not self._held_by_somebody:
            step = steps.Fallback(
                steps.set_mode(modes.retrace, self._endpoints, self._params.steps),
                steps.set_mode(modes.home, self._endpoints, self._params.steps),
            )
            self._watch.expect(modes.home, now_s)
            return self._begin(MavCmd.NAV_RETURN_TO_LAUNCH, [Planned(step, modes.retrace)], state, now_s)
        return self._bring_down(MavCmd.NAV_RETURN_TO_LAUNCH, modes.home, state, now_s)

    def land(self, state: VehicleState, now_s: float) -> list[Output]:
        return self._bring_down(MavCmd.NAV_LAND, self._modes(state).land, state, now_s)

    def pause(self, state: VehicleState, now_s: float) -> list[Output]:
        hold = self._modes(state).hold
        step = steps.Fallback(
            steps.hold_mission(self._endpoints, self._params.steps), steps.set_mode(hold, self._endpoints, self._params.steps)
        )
        return self._in_the_air(MavCmd.DO_PAUSE_CONTINUE, [Planned(step, hold)], state, now_s)

    def resume(self, state: VehicleState, now_s: float) -> list[Output]:
        auto = self._modes(state).auto
        if state.custom_mode == auto:  # the mission itself was paused
            planned = [Planned(steps.continue_mission(self._endpoints, self._params.steps), auto)]
        else:
            planned = self._back_to_auto(state)
        return self._in_the_air(MavCmd.DO_PAUSE_CONTINUE, planned, state, now_s)

    def _in_the_air(self, command: MavCmd, planned: Sequence[Planned], state: VehicleState, now_s: float) -> list[Output]:
        """Only a drone that flies, and is ours, takes it."""
        why_not = self.why_not_in_the_air(state)
        return [self._ended(command, False, why_not, now_s)] if why_not else self._begin(command, planned, state, now_s)

    def _back_to_auto(self, state: VehicleState) -> list[Planned]:
        """AUTO takes the current item up again, with camera and speed as the mission has them there."""
        modes, mission, params = self._modes(state), self._mission, self._params.steps
        planned = [Planned(steps.set_mode(modes.auto, self._endpoints, params), modes.auto)]
        if mission is None:
            return planned
        if release := mission.ordered(MavCmd.DO_SET_CAM_TRIGG_DIST, state.mission_seq):
            planned.insert(0, Planned(steps.Optional(steps.release_camera(release.param1, self._endpoints, params))))
        if speed := mission.ordered(MavCmd.DO_CHANGE_SPEED, state.mission_seq):
            again = steps.change_speed(speed.param1, speed.param2, self._endpoints, params)
            planned.append(Planned(steps.Optional(again), modes.auto))
        return planned

    def go_to(self, place: LatLon | None, height_m: float | None, state: VehicleState, now_s: float) -> list[Output]:
        """`place` None is where it is, `height_m` None as high as it is."""
        there, up_m = place or state.position, height_m if height_m is not None else state.relative_alt_m
        if there is None or up_m is None:
            return [self._ended(MavCmd.DO_REPOSITION, False, "it does not know where it is", now_s)]
        guided = self._modes(state).guided
        step = steps.go_to(there, up_m, guided, self._endpoints, self._params.steps)
        return self._in_the_air(MavCmd.DO_REPOSITION, [Planned(step, guided)], state, now_s)

    def change_speed(self, speed_mps: float, state: VehicleState, now_s: float) -> list[Output]:
        """Until the mission says otherwise, or AUTO is left."""
        kind = 1.0 if vehicle_class(state.vehicle_type) is VehicleClass.COPTER else 0.0
        step = steps.change_speed(kind, speed_mps, self._endpoints, self._params.steps)
        return self._in_the_air(MavCmd.DO_CHANGE_SPEED, [Planned(step)], state, now_s)

    # --- for a change of the mission in flight -----------------------------------------------------------------------

    def hold(self, state: VehicleState, now_s: float, ended: Callable[[StepEnd], None]) -> list[Output]:
        """Leave AUTO and stay where it is; `ended` is told how that went, nobody else."""
        hold = self._modes(state).hold
        planned = [Planned(steps.set_mode(hold, self._endpoints, self._params.steps), hold)]
        return self._drop("replaced by a change of its mission", now_s) + self._start(Script(None, deque(planned), ended), state, now_s)

    def may_fly_on(self, state: VehicleState) -> bool:
        """Whether it still holds for us, or never left AUTO: no failsafe has brought it home meanwhile."""
        modes = self._modes(state)
        return not self._watch.is_undecided and state.custom_mode in (modes.hold, modes.auto)

    def fly_on(self, state: VehicleState, now_s: float, ended: Callable[[StepEnd], None]) -> list[Output]:
        return self._start(Script(None, deque(self._back_to_auto(state)), ended), state, now_s)

    def heads_home(self, state: VehicleState, now_s: float) -> list[Output]:
        """The mission that it flies now is the way home."""
        return [*self._lifecycle.returning(state, "recalled", now_s)]

    def reset_battery(self, state: VehicleState, now_s: float) -> list[Output]:
        step = steps.reset_battery(self._endpoints, self._params.steps)
        return self._begin(MavCmd.BATTERY_RESET, [*self._out_of_auto(state), Planned(step)], state, now_s)

    def hand_back(self) -> None:
        """Orders are taken again; the vehicle stays in the mode that the other hand left it in."""
        self.is_held = False
        self._sticks.rest()

    # --- why not -----------------------------------------------------------------------------------------------------

    def _why_not_launch(self, state: VehicleState) -> str:
        if self._held_by_somebody:
            return _HELD_TEXT
        if self._mission is None:
            return "no verified mission is on board"
        if self._is_in_the_air(state):
            return "it is flying already"
        return ""

    def why_not_in_the_air(self, state: VehicleState) -> str:
        if self._held_by_somebody:
            return _HELD_TEXT
        return "" if self._is_in_the_air(state) else "it is not flying"

    @property
    def _held_by_somebody(self) -> bool:
        # While nobody knows whose mode change it was, it is treated as a pilot's.
        return self.is_held or self._watch.is_undecided

    def _is_in_the_air(self, state: VehicleState) -> bool:
        return state.armed and (self._lifecycle.is_airborne or state.landed_state in _IN_THE_AIR)

    def _modes(self, state: VehicleState) -> Modes:
        takes_off_vertically = self._mission is not None and self._mission.items[_FIRST_ITEM].command == MavCmd.NAV_VTOL_TAKEOFF
        return modes_of(vehicle_class(state.vehicle_type, takes_off_vertically=takes_off_vertically))

    # --- bringing down -----------------------------------------------------------------------------------------------

    def _bring_down(self, command: MavCmd, mode: int, state: VehicleState, now_s: float) -> list[Output]:
        if self._held_by_somebody:
            return [self._ended(command, False, _HELD_TEXT, now_s)]
        set_mode = steps.set_mode(mode, self._endpoints, self._params.steps)
        if self._is_in_the_air(state):
            return self._begin(command, [Planned(set_mode, mode)], state, now_s)
        if state.armed or (self._script is not None and self._script.has_armed):
            # On the ground it is simply disarmed, unless it has left the ground by then and refuses.
            step = steps.Fallback(steps.disarm(self._endpoints, self._params.steps), set_mode)
            return self._begin(command, [Planned(step, mode)], state, now_s)
        return [*self._drop("called off", now_s), self._ended(command, True, "it is not flying", now_s)]

    # --- scripts -----------------------------------------------------------------------------------------------------

    def _begin(self, command: MavCmd, planned: Sequence[Planned], state: VehicleState, now_s: float) -> list[Output]:
        outputs = self._drop(f"replaced by {command.name}", now_s)
        return outputs + self._start(Script(command, deque(planned)), state, now_s)

    def _start(self, script: Script, state: VehicleState, now_s: float) -> list[Output]:
        self._script = script
        mode = script.planned[0].mode
        if mode is not None:
            self._watch.expect(mode, now_s)
        return self._run(lambda step: step.start(state, now_s), state, now_s)

    def _run(self, act: Callable[[Step], list[StepOutput]], state: VehicleState, now_s: float) -> list[Output]:
        if self._script is None:
            return []
        script = self._script
        outputs: list[Output] = []
        for output in act(script.planned[0].step):
            match output:
                case Send():
                    outputs.append(output)
                case StepEnd(done=True):
                    return outputs + self._next(script, state, now_s)
                case StepEnd():
                    return outputs + self._fail(script, output, state, now_s)
        return outputs

    def _next(self, script: Script, state: VehicleState, now_s: float) -> list[Output]:
        if len(script.planned) > 1:
            script.planned.popleft()
            return self._start(script, state, now_s)
        self._script = None
        if script.ended is not None:
            script.ended(StepEnd(True))
        return [self._ended(script.command, True, "", now_s)] if script.command is not None else []

    def _fail(self, script: Script, end: StepEnd, state: VehicleState, now_s: float) -> list[Output]:
        outputs = self._drop(end.reason, now_s, accepted=end.done)
        if not script.has_armed:
            return outputs
        tidy_up = Script(None, deque([Planned(steps.disarm(self._endpoints, self._params.steps))]))
        return outputs + self._start(tidy_up, state, now_s)

    def _drop(self, reason: str, now_s: float, *, accepted: bool | None = False) -> list[Output]:
        script, self._script = self._script, None
        if script is not None and script.ended is not None:
            script.ended(StepEnd(accepted, reason))
        if script is None or script.command is None:
            return []
        return [self._ended(script.command, accepted, reason, now_s)]

    def _ended(self, command: MavCmd, accepted: bool | None, reason: str, now_s: float) -> e.CommandEnded:
        return e.CommandEnded(drone=self._drone, at_s=now_s, command=command, accepted=accepted, reason=reason)

    def _hand_on_sticks(self, message: m.RcChannels, state: VehicleState, now_s: float) -> list[Output]:
        moved = self._sticks.observe(message.channels_us, now_s, armed=self._is_in_the_air(state))
        if not moved:
            return []
        self.is_held = True
        told = e.SticksMoved(drone=self._drone, at_s=now_s, sticks=moved)
        return [told, *self._drop(f"somebody moves the sticks ({moved})", now_s)]

    # --- modes -------------------------------------------------------------------------------------------------------

    def _decided(self, decisions: Sequence[ModeDecision], state: VehicleState, now_s: float) -> list[Output]:
        return [output for decision in decisions for output in self._take_mode(decision, state, now_s)]

    def _take_mode(self, decision: ModeDecision, state: VehicleState, now_s: float) -> list[Output]:
        if not state.armed and self._script is None:
            # On the ground, at rest: boot, or somebody tries the switch.
            return []
        outputs: list[Output] = [
            e.ModeChanged(
                drone=self._drone, at_s=now_s, mode=decision.mode, name=decision.name, ours=decision.cause is not ModeCause.FOREIGN
            )
        ]
        match decision.cause:
            case ModeCause.FOREIGN:
                self.is_held = True
                outputs += self._drop(f"somebody else set mode {decision.name}", now_s)
            case ModeCause.VEHICLE:
                outputs.append(self._failsafe_alert(decision, now_s))
                if self._script is not None and self._script.command not in _HOMING:
                    outputs += self._drop(decision.reason, now_s)
        if decision.mode in self._modes(state).coming_home:
            outputs += self._lifecycle.returning(state, self._why_home(decision, state), now_s)
        return outputs

    def _failsafe_alert(self, decision: ModeDecision, now_s: float) -> e.Alert:
        text = f"{decision.reason}: mode {decision.name}"
        return e.Alert(drone=self._drone, at_s=now_s, level=e.AlertLevel.CRITICAL, rule="failsafe", text=text)

    def _why_home(self, decision: ModeDecision, state: VehicleState) -> str:
        match decision.cause:
            case ModeCause.VEHICLE:
                return decision.reason
            case ModeCause.FOREIGN:
                return f"somebody else set mode {decision.name}"
        return "recalled" if decision.mode in (self._modes(state).home, self._modes(state).retrace) else "ordered to land"


_HELD_TEXT = "somebody else has taken it: hand it back first"
