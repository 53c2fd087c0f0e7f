"""What a vehicle is asked beside its flight: lists, parameters, what it can hold. One after the other, each ends in one event."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from typing import Protocol

from mavlink_bridge import events as e
from mavlink_bridge import messages as m
from mavlink_bridge.capacity import Capacity, CapacityProbe
from mavlink_bridge.conversation import Downloaded, Endpoints, Failed, Send, Unknown, Verified
from mavlink_bridge.enums import MissionType
from mavlink_bridge.list_work import ListOrder, ListSequence, ListWays
from mavlink_bridge.parameter_file import ParametersByFile
from mavlink_bridge.parameter_protocol import ParameterRead, ParameterSet, ParameterSetResult, ParametersRead
from mavlink_bridge.transfer_ends import TransferEnd, outcome_of

Output = Send | e.FleetEvent


class Conversation(Protocol):
    """Any of ours, whatever it says."""

    @property
    def deadline_s(self) -> float | None: ...

    def start(self, now_s: float) -> Sequence[object]: ...

    def receive(self, frame: m.Frame, now_s: float) -> Sequence[object]: ...

    def tick(self, now_s: float) -> Sequence[object]: ...


class Errand:
    """A conversation that `begin` starts when it is its turn. `told` makes an output of what it says, None of nothing worth telling.

    `too_late` is its event when the vehicle was never ready. Not begun yet, its deadline is `start_by_s`.
    """

    def __init__(
        self,
        begin: Callable[[], Conversation],
        told: Callable[[object, float], Output | None],
        too_late: Callable[[float], e.FleetEvent],
        *,
        start_by_s: float,
    ) -> None:
        self._begin, self._told, self.too_late = begin, told, too_late
        self._start_by_s = start_by_s
        self._now: Conversation | None = None

    @property
    def has_begun(self) -> bool:
        return self._now is not None

    @property
    def deadline_s(self) -> float | None:
        return self._now.deadline_s if self._now is not None else self._start_by_s

    def start(self, now_s: float) -> list[Output]:
        self._now = self._begin()
        return self._outputs(self._now.start(now_s), now_s)

    def receive(self, frame: m.Frame, now_s: float) -> list[Output]:
        return self._outputs(self._now.receive(frame, now_s), now_s) if self._now is not None else []

    def tick(self, now_s: float) -> list[Output]:
        return self._outputs(self._now.tick(now_s), now_s) if self._now is not None else []

    def other_station_heard(self) -> None:
        if isinstance(self._now, ListSequence):
            self._now.other_station_heard()

    def _outputs(self, said: Sequence[object], now_s: float) -> list[Output]:
        outputs = (each if isinstance(each, Send) else self._told(each, now_s) for each in said)
        return [output for output in outputs if output is not None]


class Errands:
    """The line of errands to one vehicle. `may_begin`: the vehicle is up. Not to be called while something else is under way with it."""

    def __init__(self) -> None:
        self._line: deque[Errand] = deque()

    @property
    def are_waiting(self) -> bool:
        """Whether there is any, begun or not."""
        return bool(self._line)

    @property
    def has_begun(self) -> bool:
        """Whether one is under way."""
        return bool(self._line) and self._line[0].has_begun

    @property
    def deadline_s(self) -> float | None:
        return self._line[0].deadline_s if self._line else None

    def add(self, errand: Errand, now_s: float, *, may_begin: bool) -> list[Output]:
        self._line.append(errand)
        return self.tick(now_s, may_begin=may_begin)

    def receive(self, frame: m.Frame, now_s: float, *, may_begin: bool) -> list[Output]:
        if not self.has_begun:
            return self.tick(now_s, may_begin=may_begin)
        return self._follow(self._line[0].receive(frame, now_s), now_s, may_begin=may_begin)

    def tick(self, now_s: float, *, may_begin: bool) -> list[Output]:
        if not self._line:
            return []
        first = self._line[0]
        if first.has_begun:
            return self._follow(first.tick(now_s), now_s, may_begin=may_begin)
        if may_begin:
            return self._follow(first.start(now_s), now_s, may_begin=may_begin)
        if first.deadline_s is None or now_s < first.deadline_s:
            return []
        self._line.popleft()
        return [first.too_late(now_s)]

    def other_station_heard(self) -> None:
        for errand in self._line:
            errand.other_station_heard()

    def _follow(self, outputs: list[Output], now_s: float, *, may_begin: bool) -> list[Output]:
        if all(isinstance(output, Send) for output in outputs):
            return outputs
        # Its event has come: the next one's turn.
        self._line.popleft()
        return outputs + (self.tick(now_s, may_begin=may_begin) if self._line else [])


class ErrandDesk:
    """Makes one vehicle's errands."""

    def __init__(self, drone: str, endpoints: Endpoints, ways: ListWays) -> None:
        self._drone, self._endpoints, self._ways = drone, endpoints, ways

    def list(self, order: ListOrder, start_by_s: float) -> Errand:
        def told(said: object, now_s: float) -> Output | None:
            match said:
                case Verified() | Downloaded() | Failed() | Unknown():
                    return self.list_ended(order, said, now_s)
                case _:
                    return None

        def too_late(now_s: float) -> e.FleetEvent:
            return self.list_ended(order, Failed("it was never ready; nothing was sent"), now_s)

        return Errand(lambda: ListSequence([order], self._ways), told, too_late, start_by_s=start_by_s)

    def list_ended(self, order: ListOrder, end: TransferEnd, now_s: float) -> e.ListEnded:
        outcome, reason = outcome_of(end)
        items = end.items if isinstance(end, Downloaded) else ()
        kind = order.kind.name.lower()
        return e.ListEnded(drone=self._drone, at_s=now_s, kind=kind, action=order.action, outcome=outcome, reason=reason, items=items)

    def read_parameters(self, names: Sequence[str], start_by_s: float) -> Errand:
        def begin() -> ParametersByFile | ParameterRead:
            if self._ways.has_files:
                return ParametersByFile(names, self._endpoints, sessions=self._ways.sessions)
            return ParameterRead(names, self._endpoints)

        def told(said: object, now_s: float) -> Output | None:
            return self._parameters(said.values, now_s) if isinstance(said, ParametersRead) else None

        return Errand(begin, told, lambda now_s: self._parameters({}, now_s), start_by_s=start_by_s)

    def _parameters(self, values: dict[str, float], now_s: float) -> e.ParametersTold:
        return e.ParametersTold(drone=self._drone, at_s=now_s, values=values)

    def set_parameter(self, name: str, value: float, start_by_s: float) -> Errand:
        def changed(accepted: bool | None, kept: float | None, now_s: float) -> Output:
            return e.ParameterChanged(drone=self._drone, at_s=now_s, name=name, accepted=accepted, value=kept)

        def told(said: object, now_s: float) -> Output | None:
            return changed(said.accepted, said.value, now_s) if isinstance(said, ParameterSetResult) else None

        def too_late(now_s: float) -> e.FleetEvent:
            return e.ParameterChanged(drone=self._drone, at_s=now_s, name=name, accepted=None)

        return Errand(lambda: ParameterSet(name, value, self._endpoints), told, too_late, start_by_s=start_by_s)

    def ask_capacity(self, kind: MissionType, start_by_s: float) -> Errand:
        def of(items: int | None, now_s: float) -> e.CapacityTold:
            return e.CapacityTold(drone=self._drone, at_s=now_s, kind=kind.name.lower(), items=items)

        def told(said: object, now_s: float) -> Output | None:
            return of(said.items, now_s) if isinstance(said, Capacity) else None

        return Errand(lambda: CapacityProbe(kind, self._endpoints), told, lambda now_s: of(None, now_s), start_by_s=start_by_s)
