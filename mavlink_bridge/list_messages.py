"""Missions, fences and rally points on the wire: part of `messages`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedCommand:
    """A command and its place. x, y are as on the wire: degrees * 1e7 in global frames, unscaled in MAV_FRAME_MISSION."""

    frame: int
    command: int
    param1: float = 0.0
    param2: float = 0.0
    param3: float = 0.0
    param4: float = 0.0
    x: int = 0
    y: int = 0
    z: float = 0.0


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
class MissionItemInt(PlacedCommand):
    target_system: int
    target_component: int
    seq: int
    current: int = 0
    autocontinue: int = 1
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
