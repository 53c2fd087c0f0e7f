"""The MAVLink messages we speak, as frozen data in SI units and degrees; the codec does all scaling.

Names are the specification's own (mavlink.io/en/messages/common.html), with the unit added where ours differs from the
wire's. Numbers that a sender marks as unknown arrive as None. Enumerations are in `enums`, fields are plain ints.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from mavlink_bridge.list_messages import (
    MissionAck,
    MissionClearAll,
    MissionCount,
    MissionCurrent,
    MissionItem,
    MissionItemInt,
    MissionItemReached,
    MissionRequest,
    MissionRequestInt,
    MissionRequestList,
    MissionSetCurrent,
    MissionWritePartialList,
)
from mavlink_bridge.order_messages import (
    CommandAck,
    CommandInt,
    CommandLong,
    FileTransferProtocol,
    MessageInterval,
    ParamRequestList,
    ParamRequestRead,
    ParamSet,
    ParamValue,
    Ping,
    RcChannelsOverride,
    RequestDataStream,
    SetMode,
    SetupSigning,
    Timesync,
)
from mavlink_bridge.telemetry_messages import (
    Attitude,
    AutopilotVersion,
    BatteryStatus,
    CameraFeedback,
    EkfStatusReport,
    ExtendedSysState,
    FenceStatus,
    GlobalPositionInt,
    GpsGlobalOrigin,
    GpsRawInt,
    Heartbeat,
    HomePosition,
    RcChannels,
    StatusText,
    SysStatus,
    SystemTime,
    VfrHud,
)
from mavlink_bridge.terrain_messages import TerrainCheck, TerrainData, TerrainReport, TerrainRequest
from mavlink_bridge.traffic_messages import AdsbVehicle, OpenDroneIdBasicId, OpenDroneIdLocation

__all__ = [
    "AdsbVehicle",
    "Attitude",
    "AutopilotVersion",
    "BatteryStatus",
    "CameraFeedback",
    "CommandAck",
    "CommandInt",
    "CommandLong",
    "EkfStatusReport",
    "ExtendedSysState",
    "FenceStatus",
    "FileTransferProtocol",
    "Frame",
    "GlobalPositionInt",
    "GpsGlobalOrigin",
    "GpsRawInt",
    "Heartbeat",
    "HomePosition",
    "Message",
    "MessageInterval",
    "MissionAck",
    "MissionClearAll",
    "MissionCount",
    "MissionCurrent",
    "MissionItem",
    "MissionItemInt",
    "MissionItemReached",
    "MissionRequest",
    "MissionRequestInt",
    "MissionRequestList",
    "MissionSetCurrent",
    "MissionWritePartialList",
    "OpenDroneIdBasicId",
    "OpenDroneIdLocation",
    "ParamRequestList",
    "ParamRequestRead",
    "ParamSet",
    "ParamValue",
    "Ping",
    "RcChannels",
    "RcChannelsOverride",
    "RequestDataStream",
    "SetMode",
    "SetupSigning",
    "StatusText",
    "SysStatus",
    "SystemTime",
    "TerrainCheck",
    "TerrainData",
    "TerrainReport",
    "TerrainRequest",
    "Timesync",
    "Unknown",
    "VfrHud",
]


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
    | TerrainRequest
    | TerrainData
    | TerrainCheck
    | TerrainReport
    | AdsbVehicle
    | OpenDroneIdBasicId
    | OpenDroneIdLocation
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
