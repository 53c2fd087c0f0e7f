"""How many items of a list a vehicle can hold: boards differ, and only the vehicle knows.

There is no question for it. ArduPilot refuses a list that is announced longer than it can be, says how many it can hold, and
keeps what it had (recorded: k06; GCS_MAVLink/MissionItemProtocol.cpp, handle_mission_count).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from mavlink_bridge import messages as m
from mavlink_bridge.conversation import Endpoints, Send
from mavlink_bridge.enums import MissionResult, MissionType

#: The most that can be announced: nobody holds so many.
_TOO_MANY = 65535
#: What ArduPilot says beside NO_SPACE; 0 while it boots and its store is not open yet (recordings k01, k06, k10a).
CAPACITY_TEXT = re.compile(r"Only (\d+) items are supported")


@dataclass(frozen=True, kw_only=True, slots=True)
class CapacityParams:
    """Vehicle seconds and counts."""

    timeout_s: float = 1.0
    tries: int = 4


@dataclass(frozen=True, slots=True)
class Capacity:
    """None: the vehicle would not say."""

    items: int | None


class CapacityProbe:
    """One question. Outputs `Send`s and one `Capacity`."""

    def __init__(self, kind: MissionType, endpoints: Endpoints, *, params: CapacityParams | None = None) -> None:
        self._kind = kind
        self._endpoints = endpoints
        self._params = params or CapacityParams()
        self._tries_left = self._params.tries
        self.deadline_s: float | None = None

    def start(self, now_s: float) -> list[Send | Capacity]:
        self._tries_left -= 1
        self.deadline_s = now_s + self._params.timeout_s
        system, component = self._endpoints.system, self._endpoints.component
        return [Send(m.MissionCount(target_system=system, target_component=component, count=_TOO_MANY, mission_type=self._kind))]

    def receive(self, frame: m.Frame, _now_s: float) -> list[Send | Capacity]:
        if self.deadline_s is None or not self._endpoints.is_from_vehicle(frame):
            return []
        match frame.message:
            case m.StatusText(text=text) if (said := CAPACITY_TEXT.search(text)) is not None and int(said[1]) > 0:
                return [self._end(int(said[1]))]
            case m.MissionRequest(mission_type=self._kind) | m.MissionRequestInt(mission_type=self._kind) as request if (
                self._endpoints.is_for_us(request.target_system, request.target_component)
            ):
                # It would take them all. It is told to forget it.
                system, component = self._endpoints.system, self._endpoints.component
                ack = m.MissionAck(
                    target_system=system, target_component=component, type=MissionResult.OPERATION_CANCELLED, mission_type=self._kind
                )
                return [Send(ack), self._end(_TOO_MANY)]
        return []

    def tick(self, now_s: float) -> list[Send | Capacity]:
        if self.deadline_s is None or now_s < self.deadline_s:
            return []
        return self.start(now_s) if self._tries_left > 0 else [self._end(None)]

    def _end(self, items: int | None) -> Capacity:
        self.deadline_s = None
        return Capacity(items)
