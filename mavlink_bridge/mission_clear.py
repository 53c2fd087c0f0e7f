"""Empty a vehicle's mission, fence or rally list, and see that it is empty."""

from __future__ import annotations

from mavlink_bridge import messages as m
from mavlink_bridge.conversation import Downloaded, Endpoints, Failed, Send, TransferOutput, Unknown, Verified
from mavlink_bridge.enums import MissionResult, MissionType
from mavlink_bridge.mission_download import MissionDownload, result_name
from mavlink_bridge.transfer_params import DEFAULT_TRANSFER, TransferParams


class MissionClear:
    """One clearing. Verified only by a read-back of no items; a lost ACK is settled by that too.

    ArduPilot answers CLEAR_ALL with ERROR while the mission runs, but takes a COUNT of 0 then, so tries alternate. It knows
    no mission_type ALL: clear the three lists one by one.
    """

    def __init__(
        self, endpoints: Endpoints, *, mission_type: MissionType = MissionType.MISSION, params: TransferParams = DEFAULT_TRANSFER
    ) -> None:
        self._endpoints = endpoints
        self._type = mission_type
        self._params = params
        self._tries = 0
        self._last_nack: int | None = None
        self._readback: MissionDownload | None = None
        self._deadline_s: float | None = None
        self.is_over = False

    @property
    def deadline_s(self) -> float | None:
        return self._readback.deadline_s if self._readback else self._deadline_s

    def start(self, now_s: float) -> list[TransferOutput]:
        return self._ask(now_s)

    def receive(self, frame: m.Frame, now_s: float) -> list[TransferOutput]:
        if self.is_over or not self._endpoints.is_from_vehicle(frame):
            return []
        if self._readback is not None:
            return self._follow(self._readback.receive(frame, now_s), now_s)
        match frame.message:
            case m.MissionAck(mission_type=self._type) as ack if self._endpoints.is_for_us(ack.target_system, ack.target_component):
                if ack.type == MissionResult.ACCEPTED:
                    return self._read_back(now_s)
                self._last_nack = ack.type
        return []

    def tick(self, now_s: float) -> list[TransferOutput]:
        if self.is_over or self.deadline_s is None or now_s < self.deadline_s:
            return []
        if self._readback is not None:
            return self._follow(self._readback.tick(now_s), now_s)
        # Each silence is followed by a look: the ACK may be all that was lost.
        return self._read_back(now_s)

    def _ask(self, now_s: float) -> list[TransferOutput]:
        self._tries += 1
        self._deadline_s = now_s + self._params.list_timeout_s
        system, component = self._endpoints.system, self._endpoints.component
        if self._tries % 2 == 1:
            return [Send(m.MissionClearAll(target_system=system, target_component=component, mission_type=self._type))]
        return [Send(m.MissionCount(target_system=system, target_component=component, count=0, mission_type=self._type))]

    def _read_back(self, now_s: float) -> list[TransferOutput]:
        self._readback = MissionDownload(self._endpoints, mission_type=self._type, params=self._params)
        return self._readback.start(now_s)

    def _follow(self, outputs: list[TransferOutput], now_s: float) -> list[TransferOutput]:
        sends: list[TransferOutput] = [output for output in outputs if isinstance(output, Send)]
        for output in outputs:
            match output:
                case Downloaded(items=()):
                    return [*sends, self._end(Verified())]
                case Downloaded():
                    return [*sends, *self._again("the vehicle still has items", now_s)]
                case Failed(reason=reason):
                    return [*sends, self._end(Unknown(reason))]
        if self._readback is not None and self._readback.count is not None:
            # No need to read on: a count above zero says that it is not empty.
            return self._again("the vehicle still has items", now_s)
        return sends

    def _again(self, reason: str, now_s: float) -> list[TransferOutput]:
        self._readback = None
        if self._tries < self._params.list_tries:
            return self._ask(now_s)
        answer = "" if self._last_nack is None else f" and answered {result_name(self._last_nack)}"
        return [self._end(Failed(reason + answer))]

    def _end(self, outcome: TransferOutput) -> TransferOutput:
        self.is_over = True
        self._readback = None
        self._deadline_s = None
        return outcome
