"""Commands, parameters, streams, files, clocks and keys: part of `messages`."""

from __future__ import annotations

from dataclasses import dataclass, field

from mavlink_bridge.list_messages import PlacedCommand


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandLong:
    target_system: int
    target_component: int
    command: int
    confirmation: int = 0
    param1: float = 0.0
    param2: float = 0.0
    param3: float = 0.0
    param4: float = 0.0
    param5: float = 0.0
    param6: float = 0.0
    param7: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandInt(PlacedCommand):
    target_system: int
    target_component: int
    current: int = 0
    autocontinue: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandAck:
    command: int
    result: int
    progress: int = 0
    result_param2: int = 0
    target_system: int = 0
    target_component: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SetMode:
    target_system: int
    base_mode: int
    custom_mode: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ParamRequestRead:
    target_system: int
    target_component: int
    param_id: str
    param_index: int = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class ParamRequestList:
    target_system: int
    target_component: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ParamSet:
    target_system: int
    target_component: int
    param_id: str
    param_value: float
    param_type: int = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class ParamValue:
    param_id: str
    param_value: float
    param_type: int = 9
    param_count: int = 0
    param_index: int = 65535


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestDataStream:
    target_system: int
    target_component: int
    req_stream_id: int
    req_message_rate: int
    start_stop: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageInterval:
    message_id: int
    interval_us: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Ping:
    time_usec: int
    seq: int
    target_system: int = 0
    target_component: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Timesync:
    tc1: int
    ts1: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FileTransferProtocol:
    """MAVFTP; the 251-byte payload is packed by whoever speaks FTP."""

    target_network: int
    target_system: int
    target_component: int
    payload: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class RcChannelsOverride:
    """Sticks moved by a station, microseconds; 0 gives a channel back to the pilot, 65535 leaves it as it is."""

    target_system: int
    target_component: int
    channels_us: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SetupSigning:
    """A new key for the vehicle, or 32 zeros to end signing. The key never shows in a text."""

    target_system: int
    target_component: int
    secret_key: bytes = field(repr=False)
    initial_timestamp: int
