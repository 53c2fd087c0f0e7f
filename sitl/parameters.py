"""A vehicle's parameters: read, set and listed as ArduPilot does, with its names, stored types and clamping."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Mapping

from mavlink_bridge import messages as m
from mavlink_bridge.enums import ParamType, Severity
from sitl.item_rules import single
from sitl.outbox import Outbox
from sitl.parameter_tables import ParameterTable

#: What a station may not set: counters that follow the stores.
_READ_ONLY = frozenset({"MIS_TOTAL", "FENCE_TOTAL", "RALLY_TOTAL", "FORMAT_VERSION", "STAT_RUNTIME", "STAT_FLTTIME", "STAT_BOOTCNT"})

#: A value too large for the stored type becomes the nearest that fits (k11: FENCE_ACTION 300 becomes 127).
_RANGES: Mapping[ParamType, tuple[float, float]] = {
    ParamType.UINT8: (0, 255),
    ParamType.INT8: (-128, 127),
    ParamType.UINT16: (0, 65535),
    ParamType.INT16: (-32768, 32767),
    ParamType.UINT32: (0, 2**32 - 1),
    ParamType.INT32: (-(2**31), 2**31 - 1),
}

#: Single reads are answered one a tick of 0.1 s; a list comes in bursts (k11: 1358 values in 0.6 s).
_LISTED_PER_TICK = 220


class Parameters:
    """Values by name. `on_set` is told of every change that a station makes."""

    def __init__(self, table: ParameterTable, overrides: Mapping[str, float]) -> None:
        self._rows = table.rows
        self._index = table.index
        unknown = sorted(set(overrides) - set(self._index))
        if unknown:
            raise ValueError(f"no such parameter: {', '.join(unknown)}")
        self._values = dict(table.defaults)
        for name, value in overrides.items():
            self._values[name] = self._fitted(name, value)
        self._reads: deque[tuple[int, int]] = deque()
        self._lists: deque[tuple[int, int]] = deque()
        self.on_set: Callable[[str], None] = lambda _name: None

    def __getitem__(self, name: str) -> float:
        return self._values[name]

    def get(self, name: str, otherwise: float) -> float:
        """For parameters that only some kinds of vehicle have."""
        return self._values.get(name, otherwise)

    @property
    def names(self) -> tuple[str, ...]:
        """In the vehicle's order."""
        return tuple(self._index)

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def __len__(self) -> int:
        return len(self._rows)

    def type_of(self, name: str) -> ParamType:
        return self._rows[self._index[name]].type

    def default_of(self, name: str) -> float:
        return self._rows[self._index[name]].default

    def put(self, name: str, value: float, out: Outbox | None = None) -> None:
        """Set by the vehicle itself or by a fault; told to the stations when an outbox is given and the value is new."""
        fitted = self._fitted(name, value)
        if fitted == self._values[name]:
            return
        self._values[name] = fitted
        if out is not None:
            out.value(self._as_message(self._index[name], 65535))

    def tell(self, name: str, value: float, out: Outbox) -> None:
        """Set by the vehicle itself and told, new or not: counters of what is stored (k09, k09c)."""
        self._values[name] = self._fitted(name, value)
        out.value(self._as_message(self._index[name], 65535))

    def set(self, message: m.ParamSet, link: int, out: Outbox) -> None:
        """PARAM_SET: an unknown name and a value that is no number get no answer; a refusal shows the value, to that link alone."""
        name = message.param_id
        if name not in self._values or not math.isfinite(message.param_value):
            return
        if name in _READ_ONLY:
            out.answer(link, self._as_message(self._index[name], 65535))
            out.text(Severity.WARNING, f"Param write denied ({name})")
            return
        self._values[name] = self._fitted(name, message.param_value)
        self.on_set(name)
        out.value(self._as_message(self._index[name], 65535))

    def request(self, message: m.ParamRequestRead, link: int) -> None:
        index = message.param_index if message.param_index >= 0 else self._index.get(message.param_id, -1)
        if 0 <= index < len(self._rows):
            # Asked by name, a value comes back without its index (k11).
            self._reads.append((link, index if message.param_index >= 0 else -1 - index))

    def request_list(self, link: int) -> None:
        self._lists = deque((other, at) for other, at in self._lists if other != link)
        self._lists.append((link, 0))

    @property
    def is_busy(self) -> bool:
        return bool(self._reads or self._lists)

    def tick(self, out: Outbox) -> None:
        """Answer what was asked for, at ArduPilot's pace."""
        if self._reads:
            link, index = self._reads.popleft()
            out.answer(link, self._as_message(index, index) if index >= 0 else self._as_message(-1 - index, 65535))
        for _ in range(len(self._lists)):
            link, start = self._lists.popleft()
            end = min(len(self._rows), start + _LISTED_PER_TICK)
            for index in range(start, end):
                out.answer(link, self._as_message(index, index))
            if end < len(self._rows):
                self._lists.append((link, end))

    def _as_message(self, index: int, shown_index: int) -> m.ParamValue:
        row = self._rows[index]
        return m.ParamValue(
            param_id=row.name,
            param_value=self._values[row.name],
            param_type=row.type,
            param_count=len(self._rows),
            param_index=shown_index,
        )

    def _fitted(self, name: str, value: float) -> float:
        kind = self._rows[self._index[name]].type
        if kind is ParamType.REAL32:
            return single(value)
        low, high = _RANGES[kind]
        return float(min(high, max(low, round(value))))
