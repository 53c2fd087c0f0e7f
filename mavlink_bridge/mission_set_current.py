"""Make an item of the mission the current one, and see that it is."""

from __future__ import annotations

from mavlink_bridge import messages as m
from mavlink_bridge.conversation import Endpoints, Send, TransferOutput, Unknown, Verified
from mavlink_bridge.transfer_params import DEFAULT_TRANSFER, TransferParams

_HIGHEST_SEQ = 65535


class SetCurrent:
    """One MISSION_SET_CURRENT. Verified by MISSION_CURRENT; Unknown when that never says so.

    ArduPilot does not answer at all when the item does not exist, so silence cannot be told from refusal.
    """

    def __init__(self, seq: int, endpoints: Endpoints, *, params: TransferParams = DEFAULT_TRANSFER) -> None:
        if not 0 <= seq <= _HIGHEST_SEQ:
            raise ValueError(f"item {seq} cannot be asked for: 0 to {_HIGHEST_SEQ}")
        self._seq = seq
        self._endpoints = endpoints
        self._params = params
        self._tries_left = params.list_tries
        self.deadline_s: float | None = None
        self.is_over = False

    def start(self, now_s: float) -> list[TransferOutput]:
        self._tries_left -= 1
        self.deadline_s = now_s + self._params.list_timeout_s
        return [Send(m.MissionSetCurrent(target_system=self._endpoints.system, target_component=self._endpoints.component, seq=self._seq))]

    def receive(self, frame: m.Frame, _now_s: float) -> list[TransferOutput]:
        if self.is_over or not self._endpoints.is_from_vehicle(frame):
            return []
        match frame.message:
            case m.MissionCurrent(seq=self._seq):
                return [self._end(Verified())]
        return []

    def tick(self, now_s: float) -> list[TransferOutput]:
        if self.is_over or self.deadline_s is None or now_s < self.deadline_s:
            return []
        if self._tries_left > 0:
            return self.start(now_s)
        return [self._end(Unknown(f"the vehicle never made item {self._seq} the current one"))]

    def _end(self, outcome: TransferOutput) -> TransferOutput:
        self.is_over = True
        self.deadline_s = None
        return outcome
