"""The steps that orders to a vehicle are made of: each asks for one thing and sees whether it came about.

A step has `start`, `observe` (a frame has come, the state is after it), `tick` and `deadline_s`, as conversations do, and
outputs `Send`s and one `StepEnd`. The state decides: an order whose ACK was lost but which shows has been obeyed.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from mavlink_bridge import messages as m
from mavlink_bridge.command_protocol import DEFAULT_COMMAND, Command, CommandExchange, CommandParams, CommandResult
from mavlink_bridge.conversation import Endpoints, Send, earliest
from mavlink_bridge.enums import MavCmd, MavFrame, ModeFlag
from mavlink_bridge.readiness import PrearmTexts, not_ready_reasons
from mavlink_bridge.vehicle_state import VehicleState
from planner.geo import LatLon

_ALL_BATTERIES = 255.0
_FULL_PCT = 100.0
_PAUSE, _CONTINUE = 0.0, 1.0
_ARM, _DISARM = 1.0, 0.0
_CHANGE_MODE = 1.0


@dataclass(frozen=True, kw_only=True, slots=True)
class StepParams:
    """Vehicle seconds.

    `ready_limit_s` and `arm_limit_s` are how long a launch waits for readiness and keeps asking to arm; `prearm_poll_s` how
    often it asks for reasons meanwhile; `show_s` how long an accepted order may take to show in a HEARTBEAT (1 Hz, some lost).
    """

    command: CommandParams = DEFAULT_COMMAND
    ready_limit_s: float = 120.0
    arm_limit_s: float = 60.0
    arm_retry_s: float = 2.0
    prearm_poll_s: float = 10.0
    show_s: float = 5.0


@dataclass(frozen=True, slots=True)
class StepEnd:
    """`done` is None when nobody knows: the vehicle never answered."""

    done: bool | None
    reason: str = ""


StepOutput = Send | StepEnd


class Step(Protocol):
    @property
    def deadline_s(self) -> float | None: ...

    def start(self, state: VehicleState, now_s: float) -> list[StepOutput]: ...

    def observe(self, frame: m.Frame, state: VehicleState, now_s: float) -> list[StepOutput]: ...

    def tick(self, state: VehicleState, now_s: float) -> list[StepOutput]: ...


class Order:
    """A command, and optionally what the state shows when it has been obeyed."""

    def __init__(
        self, command: Command, endpoints: Endpoints, params: StepParams, *, shows: Callable[[VehicleState], bool] | None = None
    ) -> None:
        self._command = command
        self._exchange = CommandExchange(command, endpoints, params=params.command)
        self._params = params
        self._shows = shows
        self._show_by_s: float | None = None

    @property
    def deadline_s(self) -> float | None:
        return earliest(self._exchange.deadline_s, self._show_by_s)

    def start(self, state: VehicleState, now_s: float) -> list[StepOutput]:
        return self._follow(self._exchange.start(now_s), state, now_s)

    def observe(self, frame: m.Frame, state: VehicleState, now_s: float) -> list[StepOutput]:
        # Only news counts: what the state shows may be older than the order.
        if self._shows is not None and isinstance(frame.message, m.Heartbeat) and self._shows(state):
            return [StepEnd(True)]
        return self._follow(self._exchange.receive(frame, now_s), state, now_s)

    def tick(self, state: VehicleState, now_s: float) -> list[StepOutput]:
        if self._show_by_s is not None and now_s >= self._show_by_s:
            self._show_by_s = None
            return [StepEnd(False, f"{self._name} was accepted and yet nothing changed")]
        return self._follow(self._exchange.tick(now_s), state, now_s)

    def _follow(self, outputs: list[Send | CommandResult], state: VehicleState, now_s: float) -> list[StepOutput]:
        followed: list[StepOutput] = []
        for output in outputs:
            match output:
                case Send():
                    followed.append(output)
                case CommandResult(accepted=True) if self._shows is None or self._shows(state):
                    followed.append(StepEnd(True))
                case CommandResult(accepted=True):
                    self._show_by_s = now_s + self._params.show_s
                case CommandResult(accepted=accepted):
                    followed.append(StepEnd(accepted, f"{self._name}: {output.text}"))
        return followed

    @property
    def _name(self) -> str:
        return MavCmd(self._command.command).name


class WaitReady:
    """Waits until the vehicle is ready to arm; asks it for its reasons now and then."""

    def __init__(self, endpoints: Endpoints, texts: PrearmTexts, params: StepParams) -> None:
        self._endpoints = endpoints
        self._texts = texts
        self._params = params
        self._limit_s = 0.0
        self._poll_s = 0.0

    @property
    def deadline_s(self) -> float | None:
        return min(self._limit_s, self._poll_s)

    def start(self, state: VehicleState, now_s: float) -> list[StepOutput]:
        self._limit_s = now_s + self._params.ready_limit_s
        self._poll_s = now_s + self._params.prearm_poll_s
        return self._look(state)

    def observe(self, _frame: m.Frame, state: VehicleState, _now_s: float) -> list[StepOutput]:
        return self._look(state)

    def tick(self, state: VehicleState, now_s: float) -> list[StepOutput]:
        if now_s >= self._limit_s:
            return [StepEnd(False, "not ready: " + "; ".join([*not_ready_reasons(state), *self._texts.recent(now_s)]))]
        if now_s < self._poll_s:
            return []
        self._poll_s = now_s + self._params.prearm_poll_s
        return [Send(_command(self._endpoints, MavCmd.RUN_PREARM_CHECKS))]

    @staticmethod
    def _look(state: VehicleState) -> list[StepOutput]:
        return [] if not_ready_reasons(state) else [StepEnd(True)]


class Arm:
    """Arms, and asks again while the vehicle refuses: its checks lag behind what it reports."""

    def __init__(self, endpoints: Endpoints, texts: PrearmTexts, params: StepParams) -> None:
        self._endpoints = endpoints
        self._texts = texts
        self._params = params
        self._order: Order | None = None
        self._limit_s = 0.0
        self._again_s: float | None = None
        self._last = StepEnd(None, "it was never asked")

    @property
    def deadline_s(self) -> float | None:
        return earliest(self._order.deadline_s if self._order else None, self._again_s)

    def start(self, state: VehicleState, now_s: float) -> list[StepOutput]:
        self._limit_s = now_s + self._params.arm_limit_s
        return self._ask(state, now_s)

    def observe(self, frame: m.Frame, state: VehicleState, now_s: float) -> list[StepOutput]:
        if state.armed:
            return [StepEnd(True)]
        return self._follow(self._order.observe(frame, state, now_s), now_s) if self._order else []

    def tick(self, state: VehicleState, now_s: float) -> list[StepOutput]:
        if self._order is not None:
            return self._follow(self._order.tick(state, now_s), now_s)
        if self._again_s is None or now_s < self._again_s:
            return []
        self._again_s = None
        if now_s >= self._limit_s:
            return [StepEnd(self._last.done, "; ".join([self._last.reason, *self._texts.recent(now_s)]))]
        return self._ask(state, now_s)

    def _ask(self, state: VehicleState, now_s: float) -> list[StepOutput]:
        self._texts.clear()
        self._order = Order(
            _command(self._endpoints, MavCmd.COMPONENT_ARM_DISARM, _ARM), self._endpoints, self._params, shows=lambda after: after.armed
        )
        return self._follow(self._order.start(state, now_s), now_s)

    def _follow(self, outputs: list[StepOutput], now_s: float) -> list[StepOutput]:
        followed: list[StepOutput] = []
        for output in outputs:
            match output:
                case StepEnd(done=True) | Send():
                    followed.append(output)
                case StepEnd():
                    # The reasons come as texts after the answer (recorded: k10b): never give up at once.
                    self._order, self._last = None, output
                    self._again_s = now_s + self._params.arm_retry_s
        return followed


class Fallback:
    """The second step when the first is refused or unanswered."""

    def __init__(self, first: Step, second: Step) -> None:
        self._now: Step = first
        self._second: Step | None = second

    @property
    def deadline_s(self) -> float | None:
        return self._now.deadline_s

    def start(self, state: VehicleState, now_s: float) -> list[StepOutput]:
        return self._follow(self._now.start(state, now_s), state, now_s)

    def observe(self, frame: m.Frame, state: VehicleState, now_s: float) -> list[StepOutput]:
        return self._follow(self._now.observe(frame, state, now_s), state, now_s)

    def tick(self, state: VehicleState, now_s: float) -> list[StepOutput]:
        return self._follow(self._now.tick(state, now_s), state, now_s)

    def _follow(self, outputs: list[StepOutput], state: VehicleState, now_s: float) -> list[StepOutput]:
        match outputs:
            case [*sends, StepEnd(done=False | None)] if self._second is not None:
                self._now, self._second = self._second, None
                return [*sends, *self._now.start(state, now_s)]
        return outputs


class Optional:
    """A step that may fail: what follows is done all the same."""

    def __init__(self, step: Step) -> None:
        self._step = step

    @property
    def deadline_s(self) -> float | None:
        return self._step.deadline_s

    def start(self, state: VehicleState, now_s: float) -> list[StepOutput]:
        return self._forgiven(self._step.start(state, now_s))

    def observe(self, frame: m.Frame, state: VehicleState, now_s: float) -> list[StepOutput]:
        return self._forgiven(self._step.observe(frame, state, now_s))

    def tick(self, state: VehicleState, now_s: float) -> list[StepOutput]:
        return self._forgiven(self._step.tick(state, now_s))

    @staticmethod
    def _forgiven(outputs: list[StepOutput]) -> list[StepOutput]:
        return [StepEnd(True) if isinstance(output, StepEnd) else output for output in outputs]


def set_mode(mode: int, endpoints: Endpoints, params: StepParams) -> Order:
    """Done when a HEARTBEAT shows the mode."""
    command = _command(endpoints, MavCmd.DO_SET_MODE, float(ModeFlag.CUSTOM_MODE_ENABLED), float(mode))
    return Order(command, endpoints, params, shows=lambda state: state.custom_mode == mode)


def start_mission(mode: int, endpoints: Endpoints, params: StepParams) -> Order:
    """MISSION_START with both parameters 0, as ArduPilot insists; done when it is in AUTO (`mode`)."""
    return Order(_command(endpoints, MavCmd.MISSION_START), endpoints, params, shows=lambda state: state.custom_mode == mode)


def rewind_mission(endpoints: Endpoints, params: StepParams) -> Order:
    """Back to the first item, jump counters too: ArduPilot would otherwise resume where the last flight ended."""
    return Order(_command(endpoints, MavCmd.DO_SET_MISSION_CURRENT, 0.0, 1.0), endpoints, params)


def disarm(endpoints: Endpoints, params: StepParams) -> Order:
    """Refused by the vehicle when it is in the air."""
    return Order(_command(endpoints, MavCmd.COMPONENT_ARM_DISARM, _DISARM), endpoints, params, shows=lambda state: not state.armed)


def hold_mission(endpoints: Endpoints, params: StepParams) -> Order:
    return Order(_command(endpoints, MavCmd.DO_PAUSE_CONTINUE, _PAUSE), endpoints, params)


def continue_mission(endpoints: Endpoints, params: StepParams) -> Order:
    return Order(_command(endpoints, MavCmd.DO_PAUSE_CONTINUE, _CONTINUE), endpoints, params)


def change_speed(kind: float, speed_mps: float, endpoints: Endpoints, params: StepParams) -> Order:
    """As DO_CHANGE_SPEED in a mission: ArduCopter forgets that whenever AUTO is left."""
    return Order(_command(endpoints, MavCmd.DO_CHANGE_SPEED, kind, speed_mps, -1.0), endpoints, params)


def release_camera(every_m: float, endpoints: Endpoints, params: StepParams) -> Order:
    """As DO_SET_CAM_TRIGG_DIST in a mission, without a picture at once; 0 is not at all."""
    return Order(_command(endpoints, MavCmd.DO_SET_CAM_TRIGG_DIST, every_m), endpoints, params)


def go_to(place: LatLon, height_m: float, mode: int, endpoints: Endpoints, params: StepParams) -> Order:
    """Straight there, `height_m` above home, and stay; done when it is on its way (in `mode`). mavlink.io: MAV_CMD_DO_REPOSITION."""
    command = m.CommandInt(
        target_system=endpoints.system,
        target_component=endpoints.component,
        frame=MavFrame.GLOBAL_RELATIVE_ALT_INT,
        command=MavCmd.DO_REPOSITION,
        param1=-1.0,
        param2=_CHANGE_MODE,
        param4=math.nan,
        x=round(place.lat_deg * 1e7),
        y=round(place.lon_deg * 1e7),
        z=height_m,
    )
    return Order(command, endpoints, params, shows=lambda state: state.custom_mode == mode)


def reset_battery(endpoints: Endpoints, params: StepParams) -> Order:
    return Order(_command(endpoints, MavCmd.BATTERY_RESET, _ALL_BATTERIES, _FULL_PCT), endpoints, params)


def _command(endpoints: Endpoints, command: MavCmd, param1: float = 0.0, param2: float = 0.0, param3: float = 0.0) -> m.CommandLong:
    return m.CommandLong(
        target_system=endpoints.system, target_component=endpoints.component, command=command, param1=param1, param2=param2, param3=param3
    )
