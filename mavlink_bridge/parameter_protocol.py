"""Read and set single parameters by name, classic: mavlink.io/en/services/parameter.html

ArduPilot answers single reads at about ten a second and says nothing at all about names it does not know.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass

from mavlink_bridge import messages as m
from mavlink_bridge.conversation import Endpoints, Send


@dataclass(frozen=True, kw_only=True, slots=True)
class ParameterParams:
    """Vehicle seconds and counts."""

    timeout_s: float = 1.0
    tries: int = 5


DEFAULT_PARAMETER = ParameterParams()


@dataclass(frozen=True, slots=True)
class ParametersRead:
    """Values by name; a name that the vehicle never answered is left out (it does not exist, or the link is bad)."""

    values: dict[str, float]


@dataclass(frozen=True, slots=True)
class ParameterSetResult:
    """`accepted` is True when the vehicle reports the wanted value, False when another (`value`), None when silent."""

    name: str
    accepted: bool | None
    value: float | None = None


class ParameterRead:
    """Reads a few parameters, one after the other. Outputs `Send`s, and one `ParametersRead`.

    Ask for both spellings of a parameter that was renamed (SYSID_THISMAV, MAV_SYSID): the one that exists is answered.
    """

    def __init__(self, names: Sequence[str], endpoints: Endpoints, *, params: ParameterParams = DEFAULT_PARAMETER) -> None:
        self._waiting = list(dict.fromkeys(names))
        self._endpoints = endpoints
        self._params = params
        self._tries_left = params.tries
        self._values: dict[str, float] = {}
        self.deadline_s: float | None = None
        self.is_over = False

    def start(self, now_s: float) -> list[Send | ParametersRead]:
        return self._ask(now_s)

    def receive(self, frame: m.Frame, now_s: float) -> list[Send | ParametersRead]:
        if self.is_over or not self._endpoints.is_from_vehicle(frame):
            return []
        match frame.message:
            case m.ParamValue(param_id=name, param_value=value) if name in self._waiting:
                self._values[name] = value
                return self._next(name, now_s)
        return []

    def tick(self, now_s: float) -> list[Send | ParametersRead]:
        if self.is_over or self.deadline_s is None or now_s < self.deadline_s:
            return []
        if self._tries_left > 0:
            return self._ask(now_s)
        return self._next(self._waiting[0], now_s)

    def _next(self, done: str, now_s: float) -> list[Send | ParametersRead]:
        is_current = done == self._waiting[0]
        self._waiting.remove(done)
        if not is_current:
            return []
        self._tries_left = self._params.tries
        return self._ask(now_s)

    def _ask(self, now_s: float) -> list[Send | ParametersRead]:
        if not self._waiting:
            self.is_over = True
            self.deadline_s = None
            return [ParametersRead(self._values)]
        self._tries_left -= 1
        self.deadline_s = now_s + self._params.timeout_s
        system, component = self._endpoints.system, self._endpoints.component
        return [Send(m.ParamRequestRead(target_system=system, target_component=component, param_id=self._waiting[0]))]


class ParameterSet:
    """Sets one parameter and believes only the PARAM_VALUE that comes back. Outputs `Send`s, and one `ParameterSetResult`."""

    def __init__(self, name: str, value: float, endpoints: Endpoints, *, params: ParameterParams = DEFAULT_PARAMETER) -> None:
        self._name = name
        # As it will come back: parameters travel as 32-bit floats.
        (self._value,) = struct.unpack("<f", struct.pack("<f", value))
        self._endpoints = endpoints
        self._tries_left = params.tries
        self._params = params
        self._seen: float | None = None
        self.deadline_s: float | None = None
        self.is_over = False

    def start(self, now_s: float) -> list[Send | ParameterSetResult]:
        self._tries_left -= 1
        self.deadline_s = now_s + self._params.timeout_s
        system, component = self._endpoints.system, self._endpoints.component
        return [Send(m.ParamSet(target_system=system, target_component=component, param_id=self._name, param_value=self._value))]

    def receive(self, frame: m.Frame, _now_s: float) -> list[Send | ParameterSetResult]:
        if self.is_over or not self._endpoints.is_from_vehicle(frame):
            return []
        match frame.message:
            case m.ParamValue(param_id=self._name, param_value=value):
                self._seen = value
                if value == self._value:
                    return [self._end(ParameterSetResult(self._name, True, value))]
        return []

    def tick(self, now_s: float) -> list[Send | ParameterSetResult]:
        if self.is_over or self.deadline_s is None or now_s < self.deadline_s:
            return []
        if self._tries_left > 0:
            return self.start(now_s)
        return [self._end(ParameterSetResult(self._name, None if self._seen is None else False, self._seen))]

    def _end(self, result: ParameterSetResult) -> ParameterSetResult:
        self.is_over = True
        self.deadline_s = None
        return result
