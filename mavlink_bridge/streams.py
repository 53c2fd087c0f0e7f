"""Keep the messages coming that we live on: ask for each rate, and ask again when a message stays away.

Whether a stream runs is seen, not acknowledged: a reboot, another station and a lost command are all met by asking again.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from mavlink_bridge import messages as m
from mavlink_bridge.conversation import Endpoints, Send
from mavlink_bridge.enums import MavCmd, MessageId, ModeFlag

_MICROSECONDS = 1_000_000

_DEFAULT_INTERVALS_S: Mapping[MessageId, float] = MappingProxyType(
    {
        MessageId.GLOBAL_POSITION_INT: 0.25,
        MessageId.ATTITUDE: 0.5,
        MessageId.EXTENDED_SYS_STATE: 0.5,
        MessageId.MISSION_CURRENT: 0.5,
        MessageId.SYS_STATUS: 1.0,
        MessageId.BATTERY_STATUS: 1.0,
        MessageId.GPS_RAW_INT: 1.0,
        MessageId.EKF_STATUS_REPORT: 1.0,
        MessageId.SYSTEM_TIME: 1.0,
        MessageId.VFR_HUD: 1.0,
        MessageId.FENCE_STATUS: 1.0,
        MessageId.RC_CHANNELS: 1.0,
        MessageId.HOME_POSITION: 5.0,
    }
)

#: Enough to follow a flight and prove its coverage, at a third of the messages: for simulations that run as fast as they can.
SPARSE_INTERVALS_S: Mapping[MessageId, float] = MappingProxyType(
    {
        MessageId.GLOBAL_POSITION_INT: 0.5,
        MessageId.EXTENDED_SYS_STATE: 0.5,
        MessageId.MISSION_CURRENT: 1.0,
        MessageId.SYS_STATUS: 2.0,
        MessageId.BATTERY_STATUS: 2.0,
        MessageId.GPS_RAW_INT: 2.0,
        MessageId.EKF_STATUS_REPORT: 2.0,
        MessageId.HOME_POSITION: 5.0,
    }
)

#: The same of a drone that stands disarmed: most of a fleet does, most of the time.
SPARSE_PARKED_INTERVALS_S: Mapping[MessageId, float] = MappingProxyType(
    {
        **SPARSE_INTERVALS_S,
        MessageId.GLOBAL_POSITION_INT: 4.0,
        MessageId.EXTENDED_SYS_STATE: 4.0,
        MessageId.MISSION_CURRENT: 8.0,
        MessageId.BATTERY_STATUS: 4.0,
    }
)

_ID_OF: Mapping[type[m.Message], MessageId] = MappingProxyType(
    {
        m.GlobalPositionInt: MessageId.GLOBAL_POSITION_INT,
        m.Attitude: MessageId.ATTITUDE,
        m.ExtendedSysState: MessageId.EXTENDED_SYS_STATE,
        m.MissionCurrent: MessageId.MISSION_CURRENT,
        m.SysStatus: MessageId.SYS_STATUS,
        m.BatteryStatus: MessageId.BATTERY_STATUS,
        m.GpsRawInt: MessageId.GPS_RAW_INT,
        m.EkfStatusReport: MessageId.EKF_STATUS_REPORT,
        m.SystemTime: MessageId.SYSTEM_TIME,
        m.VfrHud: MessageId.VFR_HUD,
        m.FenceStatus: MessageId.FENCE_STATUS,
        m.RcChannels: MessageId.RC_CHANNELS,
        m.HomePosition: MessageId.HOME_POSITION,
    }
)


@dataclass(frozen=True, kw_only=True, slots=True)
class StreamParams:
    """Wanted intervals by message, and when a stream counts as missing: after `missing_intervals`, at least `patience_s`.

    `parked_intervals_s`, of the same messages, hold while the vehicle is disarmed; None is no difference. Messages more than
    `slow_factor` intervals apart do not count: somebody set a lower rate. A stream that a vehicle does not have at all is asked
    for ever less often, up to `longest_wait_s`.
    """

    intervals_s: Mapping[MessageId, float] = field(default_factory=lambda: _DEFAULT_INTERVALS_S)
    parked_intervals_s: Mapping[MessageId, float] | None = None
    missing_intervals: float = 4.0
    slow_factor: float = 2.5
    patience_s: float = 5.0
    longest_wait_s: float = 60.0


class Streams:
    """One vehicle's streams. `start` when it is first heard, `heard` for each message, `tick` at `deadline_s`."""

    def __init__(self, endpoints: Endpoints, params: StreamParams) -> None:
        self._endpoints = endpoints
        self._params = params
        self._parked = params.parked_intervals_s or params.intervals_s
        self._intervals_s = self._parked
        self._due_s: dict[MessageId, float] = {}
        self._wait_s: dict[MessageId, float] = {}
        self._heard_s: dict[MessageId, float] = {}

    @property
    def deadline_s(self) -> float | None:
        return min(self._due_s.values(), default=None)

    def start(self, now_s: float) -> list[Send]:
        """Ask for everything."""
        self._wait_s = {message_id: self._first_wait_s(message_id) for message_id in self._intervals_s}
        self._due_s = dict.fromkeys(self._intervals_s, now_s)
        return self.tick(now_s)

    def heard(self, message: m.Message, now_s: float) -> None:
        if isinstance(message, m.Heartbeat):
            self._follow(self._params.intervals_s if message.base_mode & ModeFlag.SAFETY_ARMED else self._parked, now_s)
            return
        message_id = _ID_OF.get(type(message))
        if message_id is None or message_id not in self._due_s:
            return
        gap_s = now_s - self._heard_s.get(message_id, -math.inf)
        self._heard_s[message_id] = now_s
        if gap_s <= self._params.slow_factor * self._intervals_s[message_id]:
            self._wait_s[message_id] = self._first_wait_s(message_id)
            self._due_s[message_id] = now_s + self._wait_s[message_id]

    def tick(self, now_s: float) -> list[Send]:
        missing = [message_id for message_id, due_s in self._due_s.items() if now_s >= due_s]
        for message_id in missing:
            self._due_s[message_id] = now_s + self._wait_s[message_id]
            self._wait_s[message_id] = min(2 * self._wait_s[message_id], self._params.longest_wait_s)
        return [Send(self._request(message_id)) for message_id in missing]

    def _follow(self, wanted: Mapping[MessageId, float], now_s: float) -> None:
        """Ask for what is wanted at another rate than so far."""
        if wanted is self._intervals_s:
            return
        changed = [message_id for message_id in self._due_s if wanted[message_id] != self._intervals_s[message_id]]
        self._intervals_s = wanted
        for message_id in changed:
            self._wait_s[message_id] = self._first_wait_s(message_id)
            self._due_s[message_id] = now_s

    def _first_wait_s(self, message_id: MessageId) -> float:
        return max(self._params.patience_s, self._params.missing_intervals * self._intervals_s[message_id])

    def _request(self, message_id: MessageId) -> m.CommandLong:
        return m.CommandLong(
            target_system=self._endpoints.system,
            target_component=self._endpoints.component,
            command=MavCmd.SET_MESSAGE_INTERVAL,
            param1=float(message_id),
            param2=self._intervals_s[message_id] * _MICROSECONDS,
        )
