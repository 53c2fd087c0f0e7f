"""The MAVLink messages we speak, as frozen data in SI units and degrees; the codec does all scaling.

Names are the specification's own (mavlink.io/en/messages/common.html), with the unit added where ours differs from the
wire's. Numbers that a sender marks as unknown arrive as None. Enumerations are in `enums`, fields are plain ints.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import NamedTuple

NAN = math.nan


@dataclass(frozen=True, slots=True, kw_only=True)
class Heartbeat:
    type: int
    autopilot: int
    base_mode: int
    custom_mode: int
    system_status: int
    mavlink_version: int = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class SysStatus:
    sensors_present: int
    sensors_enabled: int
    sensors_health: int
    load_pct: float = 0.0
    voltage_v: float | None = None
    current_a: float | None = None
    battery_remaining_pct: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemTime:
    time_unix_s: float
    time_boot_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class GpsRawInt:
    time_s: float
    fix_type: int
    lat_deg: float
    lon_deg: float
    alt_amsl_m: float
    satellites_visible: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Attitude:
    time_boot_s: float
    roll_rad: float
    pitch_rad: float
    yaw_rad: float
    rollspeed_radps: float = 0.0
    pitchspeed_radps: float = 0.0
    yawspeed_radps: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class GlobalPositionInt:
    time_boot_s: float
    lat_deg: float
    lon_deg: float
    alt_amsl_m: float
    relative_alt_m: float
    north_mps: float
    east_mps: float
    down_mps: float
    heading_deg: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VfrHud:
    airspeed_mps: float
    groundspeed_mps: float
    heading_deg: int
    throttle_pct: int
    alt_amsl_m: float
    climb_mps: float


@dataclass(frozen=True, slots=True, kw_only=True)
class BatteryStatus:
    """Only the first cell's voltage is kept: ArduPilot puts the pack's total there (65.535 V at most)."""

    id: int
    voltage_v: float | None
    current_a: float | None
    consumed_mah: int | None
    remaining_pct: int | None
    temperature_degc: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtendedSysState:
    landed_state: int
    vtol_state: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class EkfStatusReport:
    flags: int
    velocity_variance: float = 0.0
    pos_horiz_variance: float = 0.0
    pos_vert_variance: float = 0.0
    compass_variance: float = 0.0
    terrain_alt_variance: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class FenceStatus:
    breach_status: int
    breach_count: int
    breach_type: int
    breach_time_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class HomePosition:
    lat_deg: float
    lon_deg: float
    alt_amsl_m: float


@dataclass(frozen=True, slots=True, kw_only=True)
class AutopilotVersion:
    capabilities: int
    flight_sw_version: int = 0
    board_version: int = 0
    vendor_id: int = 0
    product_id: int = 0
    uid: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusText:
    severity: int
    text: str
    id: int = 0
    chunk_seq: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RcChannels:
    """Pilot's sticks, microseconds; 65535 is unused."""

    time_boot_s: float
    chancount: int
    channels_us: tuple[int, ...]
    rssi: int = 255


@dataclass(frozen=True, slots=True, kw_only=True)
class MissionCount:
    target_system: int
    target_component: int
    count: int
    mission_type: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class MissionRequest:
    """Deprecated, yet what ArduPilot asks with; it expects MISSION_ITEM_INT in answer."""

    target_system: int
    target_component: int
    seq: int
    mission_type: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class MissionRequestInt:
    target_system: int
    target_component: int
    seq: int
    mission_type: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class MissionRequestList:
    target_system: int
    target_component: int
    mission_type: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class MissionItemInt:
    """x, y are as on the wire: degrees * 1e7 in global frames, unscaled in MAV_FRAME_MISSION."""

    target_system: int
    target_component: int
    seq: int
    frame: int
    command: int
    current: int = 0
    autocontinue: int = 1
    param1: float = 0.0
    param2: float = 0.0
    param3: float = 0.0
    param4: float = 0.0
    x: int = 0
    y: int = 0
    z: float = 0.0
    mission_type: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class MissionAck:
    target_system: int
    target_component: int
    type: int
    mission_type: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class MissionClearAll:
    target_system: int
    target_component: int
    mission_type: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class MissionSetCurrent:
    target_system: int
    target_component: int
    seq: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MissionWritePartialList:
    target_system: int
    target_component: int
    start_index: int
    end_index: int
    mission_type: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class MissionCurrent:
    seq: int
    total: int = 0
    mission_state: int = 0
    mission_mode: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class MissionItemReached:
    seq: int


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
class CommandInt:
    target_system: int
    target_component: int
    frame: int
    command: int
    current: int = 0
    autocontinue: int = 0
    param1: float = 0.0
    param2: float = 0.0
    param3: float = 0.0
    param4: float = 0.0
    x: int = 0
    y: int = 0
    z: float = 0.0


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
class CameraFeedback:
    time_s: float
    img_idx: int
    lat_deg: float
    lon_deg: float
    alt_amsl_m: float
    relative_alt_m: float


@dataclass(frozen=True, slots=True, kw_only=True)
class MissionItem:
    """The old form, degrees in 32-bit floats: what ArduPilot answers to the deprecated MISSION_REQUEST."""

    target_system: int
    target_component: int
    seq: int
    frame: int
    command: int
    current: int = 0
    autocontinue: int = 1
    param1: float = 0.0
    param2: float = 0.0
    param3: float = 0.0
    param4: float = 0.0
    x: float = 0.0
    y: float = 0.0
    z: float = 0.0
    mission_type: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class GpsGlobalOrigin:
    """Where the vehicle's own local frame begins."""

    lat_deg: float
    lon_deg: float
    alt_amsl_m: float


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """A well-formed frame of a message we do not speak."""

    message_id: int


Message = (
    Heartbeat
    | SysStatus
    | SystemTime
    | GpsRawInt
    | Attitude
    | GlobalPositionInt
    | VfrHud
    | BatteryStatus
    | ExtendedSysState
    | EkfStatusReport
    | FenceStatus
    | HomePosition
    | AutopilotVersion
    | StatusText
    | RcChannels
    | MissionCount
    | MissionRequest
    | MissionRequestInt
    | MissionRequestList
    | MissionItemInt
    | MissionAck
    | MissionClearAll
    | MissionSetCurrent
    | MissionWritePartialList
    | MissionCurrent
    | MissionItemReached
    | CommandLong
    | CommandInt
    | CommandAck
    | SetMode
    | ParamRequestRead
    | ParamRequestList
    | ParamSet
    | ParamValue
    | RequestDataStream
    | MessageInterval
    | Ping
    | Timesync
    | FileTransferProtocol
    | CameraFeedback
    | MissionItem
    | GpsGlobalOrigin
    | RcChannelsOverride
    | SetupSigning
    | Unknown
)


class Frame(NamedTuple):
    """A received message with its sender; `raw` is the whole frame as it came."""

    system_id: int
    component_id: int
    sequence: int
    message: Message
    raw: bytes = b""

    @property
    def is_signed(self) -> bool:
        """Whether it says so; only its key can tell whether it is true."""
        return len(self.raw) > 2 and self.raw[0] == 0xFD and bool(self.raw[2] & 1)
