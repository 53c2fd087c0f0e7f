"""Put another mission in the place of the one that a vehicle flies, sans-IO: hold, send, read back, set the current item, fly on.

ArduPilot restarts the running item at every item that comes in, and flies what an upload that was cut off has left
(shared recordings k07, k09c): so it holds in another mode meanwhile, and flies on only with a mission that was read back. When
the new one cannot be verified, the one before is put back, and flown on; when that cannot be either, it stays where it is. A pilot's
hand, or another order, ends the change: what was begun to be sent is brought to its end, and nothing flies on by itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from mavlink_bridge import events as e
from mavlink_bridge import messages as m
from mavlink_bridge.conversation import Endpoints, Failed, Progress, Send, TransferOutput, Unknown, Verified
from mavlink_bridge.enums import MissionType
from mavlink_bridge.flight import Flight, Output
from mavlink_bridge.list_work import Airspace, ListAction, ListOrder, ListSequence, ListWays
from mavlink_bridge.mission_items import SortieMission
from mavlink_bridge.mission_set_current import SetCurrent
from mavlink_bridge.steps import StepEnd
from mavlink_bridge.transfer_ends import outcome_of
from mavlink_bridge.transfer_params import TransferParams
from mavlink_bridge.vehicle_state import VehicleState


@dataclass(frozen=True, kw_only=True, slots=True)
class ChangeOrder:
    """Items up to `last_kept_seq` are those on board, and the vehicle flies on with the one that is current; or, when that is None,
    the mission is another one and is begun with `first_seq`: the way home. `airspace` travels before it, as with any upload.
    """

    mission: SortieMission
    airspace: Airspace | None = None
    last_kept_seq: int | None = None
    first_seq: int = 1

    @property
    def is_way_home(self) -> bool:
        return self.last_kept_seq is None


class _Stage(Enum):
    HOLDING = auto()
    SENDING = auto()
    RESTORING = auto()
    POINTING = auto()
    FLYING_ON = auto()
    OVER = auto()


class MissionChange:
    """Feed it frames after the flight has had them, and the time at `deadline_s`; ends with one `MissionChanged`."""

    def __init__(
        self,
        drone: str,
        order: ChangeOrder,
        flight: Flight,
        ways: ListWays,
        endpoints: Endpoints,
        params: TransferParams,
        airspace: Airspace | None = None,
    ) -> None:
        """`airspace` is what is known to be on board."""
        self._drone, self._order, self._flight, self._ways = drone, order, flight, ways
        self._endpoints, self._params = endpoints, params
        self._airspace_before = self._airspace_now = airspace
        self._before = flight.mission
        self._conversation: ListSequence | SetCurrent | None = None
        self._stage = _Stage.HOLDING
        self._script_end: StepEnd | None = None
        self._seq = 0
        self._why = ""
        self._dropped = ""

    @property
    def deadline_s(self) -> float | None:
        return self._conversation.deadline_s if self._conversation is not None else None

    @property
    def airspace(self) -> Airspace | None:
        """What is known to be on board now."""
        return self._airspace_now

    @property
    def is_over(self) -> bool:
        return self._stage is _Stage.OVER

    @property
    def leads_home(self) -> bool:
        """Whether it ends with the drone on its way home, if nothing else is ordered meanwhile."""
        return self._order.is_way_home and not self._dropped

    def drop(self, reason: str) -> None:
        """Another order has been given: it is not to fly on by itself."""
        self._dropped = self._dropped or reason

    def other_station_heard(self) -> None:
        if isinstance(self._conversation, ListSequence):
            self._conversation.other_station_heard()

    def start(self, state: VehicleState, now_s: float) -> list[Output]:
        why_not = self._flight.why_not_in_the_air(state) or self._why_too_late(state)
        if why_not:
            return [self._end(why_not, changed=False, flies_on=True, now_s=now_s)]
        outputs = self._flight.hold(state, now_s, self._script_ended)
        return [*outputs, *self._go_on(state, now_s)]

    def receive(self, frame: m.Frame, state: VehicleState, now_s: float) -> list[Output]:
        outputs = self._follow(self._conversation.receive(frame, now_s), state, now_s) if self._conversation is not None else []
        return [*outputs, *self._go_on(state, now_s)]

    def tick(self, state: VehicleState, now_s: float) -> list[Output]:
        outputs = self._follow(self._conversation.tick(now_s), state, now_s) if self._conversation is not None else []
        return [*outputs, *self._go_on(state, now_s)]

    # --- the flight's part -------------------------------------------------------------------------------------------

    def _script_ended(self, end: StepEnd) -> None:
        self._script_end = end

    def _go_on(self, state: VehicleState, now_s: float) -> list[Output]:
        """What follows once the flight has held, or flies on."""
        if self._script_end is None:
            return []
        end, self._script_end = self._script_end, None
        match self._stage:
            case _Stage.HOLDING:
                return self._held(end, state, now_s)
            case _Stage.FLYING_ON:
                return self._flown_on(end, state, now_s)
        return []

    def _held(self, end: StepEnd, state: VehicleState, now_s: float) -> list[Output]:
        self._why = ("" if end.done else end.reason or "it did not hold") or self._taken or self._why_too_late(state)
        if self._why:
            return self._fly_on(state, now_s)
        self._seq = state.mission_seq if self._order.last_kept_seq is not None else self._order.first_seq
        self._stage = _Stage.SENDING
        self._flight.follow_on(None)
        self._airspace_now = None
        return self._send(self._order.mission, self._order.airspace, state, now_s)

    def _why_too_late(self, state: VehicleState) -> str:
        kept = self._order.last_kept_seq
        is_past = kept is not None and (state.mission_seq > kept or self._flight.completed_seq >= kept)
        return "it has passed the place where its mission changes" if is_past else ""

    @property
    def _taken(self) -> str:
        """Who else decides now what it flies."""
        return self._dropped or ("somebody else has taken it" if self._flight.is_held else "")

    def _fly_on(self, state: VehicleState, now_s: float) -> list[Output]:
        changed = not self._why
        if not self._taken and not self._flight.may_fly_on(state):
            self.drop(f"it is in mode {state.mode_name} by now")
        if self._taken:
            return [self._end("; ".join(filter(None, (self._why, self._taken))), changed=changed, flies_on=False, now_s=now_s)]
        self._stage = _Stage.FLYING_ON
        outputs = self._flight.fly_on(state, now_s, self._script_ended)
        return [*outputs, *self._go_on(state, now_s)]

    def _flown_on(self, end: StepEnd, state: VehicleState, now_s: float) -> list[Output]:
        changed, flies_on = not self._why, bool(end.done) and not self._taken
        outputs: list[Output] = []
        if changed and flies_on and self._order.is_way_home:
            outputs += self._flight.heads_home(state, now_s)
        reason = "; ".join(filter(None, (self._why, "" if flies_on else self._taken or end.reason)))
        return [*outputs, self._end(reason, changed=changed, flies_on=flies_on, now_s=now_s)]

    # --- what is on board --------------------------------------------------------------------------------------------

    def _send(self, mission: SortieMission, airspace: Airspace | None, state: VehicleState, now_s: float) -> list[Output]:
        upload = ListOrder(kind=MissionType.MISSION, action=ListAction.UPLOAD, items=mission.items)
        orders = airspace.orders if airspace is not None and self._order.airspace != self._airspace_before else ()
        self._conversation = ListSequence([*orders, upload], self._ways)
        return self._follow(self._conversation.start(now_s), state, now_s)

    def _follow(self, said: list[TransferOutput], state: VehicleState, now_s: float) -> list[Output]:
        outputs: list[Output] = []
        for output in said:
            match output:
                case Send():
                    outputs.append(output)
                case Progress(done=done, total=total) if self._stage is _Stage.SENDING:
                    outputs.append(e.UploadProgress(drone=self._drone, at_s=now_s, sent=done, total=total))
                case Verified():
                    return outputs + self._verified(state, now_s)
                case Failed() | Unknown():
                    return outputs + self._failed(*outcome_of(output), state, now_s)
        return outputs

    def _verified(self, state: VehicleState, now_s: float) -> list[Output]:
        self._conversation = None
        match self._stage:
            case _Stage.SENDING:
                self._flight.follow_on(self._order.mission)
                self._airspace_now = self._order.airspace
                return [self._uploaded(e.UploadOutcome.VERIFIED, "", now_s), *self._point(state, now_s)]
            case _Stage.RESTORING:
                self._flight.follow_on(self._before)
                self._airspace_now = self._airspace_before
                self._why += "; what it had is on board again"
                return self._point(state, now_s)
        return self._fly_on(state, now_s)

    def _failed(self, outcome: e.UploadOutcome, reason: str, state: VehicleState, now_s: float) -> list[Output]:
        self._conversation = None
        if self._stage is _Stage.SENDING:
            told = self._uploaded(outcome, reason, now_s)
            self._why = f"the change could not be verified on board ({reason})"
            self._stage = _Stage.RESTORING
            if self._before is None or self._order.is_way_home:
                return [told, self._end(f"{self._why}; it holds", changed=False, flies_on=False, now_s=now_s)]
            return [told, *self._send(self._before, self._airspace_before, state, now_s)]
        why = f"{self._why}; nor could what it had be put back ({reason})" if self._stage is _Stage.RESTORING else reason
        return [self._end(f"{why}; it holds", changed=False, flies_on=False, now_s=now_s)]

    def _point(self, state: VehicleState, now_s: float) -> list[Output]:
        """An upload by files leaves no item current; one by items the old one, but only in memory."""
        self._stage = _Stage.POINTING
        self._conversation = SetCurrent(self._seq, self._endpoints, params=self._params)
        return self._follow(self._conversation.start(now_s), state, now_s)

    def _uploaded(self, outcome: e.UploadOutcome, reason: str, now_s: float) -> e.Uploaded:
        return e.Uploaded(drone=self._drone, at_s=now_s, outcome=outcome, sortie=self._order.mission.sortie, reason=reason)

    def _end(self, reason: str, *, changed: bool, flies_on: bool, now_s: float) -> e.MissionChanged:
        self._stage = _Stage.OVER
        return e.MissionChanged(
            drone=self._drone, at_s=now_s, sortie=self._order.mission.sortie, changed=changed, flies_on=flies_on, reason=reason
        )
