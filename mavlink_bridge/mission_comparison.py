"""Whether items read back are the ones sent, given how ArduPilot stores them.

ArduPilot packs an item into 15 bytes: parameters a command does not use come back as 0, others are cut to whole or small
numbers, heights to centimetres (rally points: metres), and frames lose their _INT (libraries/AP_Mission/AP_Mission.cpp,
`mavlink_int_to_mission_cmd` and `mission_cmd_to_mavlink_int`). What changes the flight must still be what was sent.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from mavlink_bridge.enums import MavCmd, MavFrame, MissionType
from mavlink_bridge.messages import MissionItemInt

_HEIGHT_STEP_M = 0.01
_RALLY_HEIGHT_STEP_M = 1.0
_FLOAT32_RELATIVE = 1e-6
_UINT8_MAX, _UINT16_MAX = 255, 65535

_Same = Callable[[float, float], bool]


@dataclass(frozen=True, kw_only=True, slots=True)
class Mismatch:
    """One difference between what was sent and what was read back; `seq` is None for a wrong number of items."""

    seq: int | None
    field: str
    sent: float
    read: float

    def __str__(self) -> str:
        place = "number of items" if self.seq is None else f"item {self.seq} {self.field}"
        return f"{place}: sent {self.sent:g}, read back {self.read:g}"


def items_match(sent: Sequence[MissionItemInt], read_back: Sequence[MissionItemInt]) -> tuple[Mismatch, ...]:
    """All differences that matter, in order; empty when the vehicle has what was sent.

    Home (seq 0 of a mission) is not compared: the vehicle overwrites it with its own.
    """
    if len(sent) != len(read_back):
        return (Mismatch(seq=None, field="count", sent=len(sent), read=len(read_back)),)
    return tuple(mismatch for ours, theirs in zip(sent, read_back, strict=True) for mismatch in _differences(ours, theirs))


def _differences(sent: MissionItemInt, read: MissionItemInt) -> Iterator[Mismatch]:
    def mismatch(field: str) -> Mismatch:
        return Mismatch(seq=sent.seq, field=field, sent=getattr(sent, field), read=getattr(read, field))

    for field in ("seq", "mission_type"):
        if getattr(sent, field) != getattr(read, field):
            yield mismatch(field)
    if sent.seq == 0 and sent.mission_type == MissionType.MISSION:
        return
    if sent.command != read.command:
        # Parameters of different commands cannot be compared.
        yield mismatch("command")
        return
    for number, same in enumerate(_STORED.get(sent.command, _ALL_AS_THEY_ARE), start=1):
        if not same(getattr(sent, f"param{number}"), getattr(read, f"param{number}")):
            yield mismatch(f"param{number}")
    yield from map(mismatch, _place_differences(sent, read))


def _place_differences(sent: MissionItemInt, read: MissionItemInt) -> Iterator[str]:
    if sent.command in _WITHOUT_PLACE:
        return
    if sent.x != read.x:
        yield "x"
    if sent.y != read.y:
        yield "y"
    if sent.command in _FENCES:
        return
    if _plain_frame(sent.frame) != _plain_frame(read.frame):
        yield "frame"
    step_m = _RALLY_HEIGHT_STEP_M if sent.command == MavCmd.NAV_RALLY_POINT else _HEIGHT_STEP_M
    if not abs(sent.z - read.z) <= step_m + abs(sent.z) * _FLOAT32_RELATIVE:
        yield "z"


_PLAIN_FRAMES = {
    MavFrame.GLOBAL_INT: MavFrame.GLOBAL,
    MavFrame.GLOBAL_RELATIVE_ALT_INT: MavFrame.GLOBAL_RELATIVE_ALT,
    MavFrame.GLOBAL_TERRAIN_ALT_INT: MavFrame.GLOBAL_TERRAIN_ALT,
}


def _plain_frame(frame: int) -> int:
    try:
        return _PLAIN_FRAMES.get(MavFrame(frame), MavFrame(frame))
    except ValueError:
        return frame


# --- how a parameter is stored ---------------------------------------------------------------------------------------


def _unused(_sent: float, _read: float) -> bool:
    return True


def _as_it_is(sent: float, read: float) -> bool:
    if math.isnan(sent):
        # NaN is MAVLink's "default" and may be stored as 0.
        return math.isnan(read) or read == 0
    (sent32,) = struct.unpack("<f", struct.pack("<f", sent))
    return math.isclose(sent32, read, rel_tol=_FLOAT32_RELATIVE)


def _whole(sent: float, read: float) -> bool:
    if math.isnan(sent):
        return read == 0
    return math.trunc(max(-_UINT16_MAX, min(_UINT16_MAX, sent))) == read


def _kept_by_planes(sent: float, read: float) -> bool:
    return read == 0 or math.trunc(min(_UINT8_MAX, sent)) == read


def _turns(sent: float, read: float) -> bool:
    stored = math.trunc(sent * 256) / 256 if 0 < sent < 1 else math.trunc(min(_UINT8_MAX, sent))
    return stored == read


def _turn_radius(sent: float, read: float) -> bool:
    size = abs(sent)
    stored = math.trunc(size) if size <= _UINT8_MAX else math.trunc(min(_UINT8_MAX, size * 0.1)) * 10
    return math.copysign(stored, sent) == read


def _direction(sent: float, read: float) -> bool:
    return (sent < 0) == (read < 0)


def _flag(sent: float, read: float) -> bool:
    return (sent > 0) == (read > 0)


_ALL_AS_THEY_ARE: tuple[_Same, ...] = (_as_it_is, _as_it_is, _as_it_is, _as_it_is)

#: How parameters 1 to 4 of each command are kept; what a row leaves out is unused.
_STORED: Mapping[int, tuple[_Same, ...]] = {
    # Copters keep the delay, planes the acceptance radius and pass-by distance instead.
    MavCmd.NAV_WAYPOINT: (_whole, _kept_by_planes, _kept_by_planes),
    MavCmd.NAV_LOITER_UNLIM: (_unused, _unused, _whole),
    MavCmd.NAV_LOITER_TURNS: (_turns, _unused, _turn_radius, _flag),
    MavCmd.NAV_LOITER_TIME: (_whole, _unused, _direction, _flag),
    MavCmd.NAV_RETURN_TO_LAUNCH: (),
    MavCmd.NAV_LAND: (_whole,),
    MavCmd.NAV_TAKEOFF: (_whole,),
    MavCmd.NAV_LOITER_TO_ALT: (_unused, _whole, _unused, _flag),
    MavCmd.NAV_VTOL_TAKEOFF: (),
    MavCmd.NAV_VTOL_LAND: (_whole,),
    MavCmd.NAV_DELAY: (_as_it_is, _whole, _whole, _whole),
    MavCmd.CONDITION_YAW: (_as_it_is, _as_it_is, _whole, _whole),
    MavCmd.DO_JUMP: (_whole, _whole),
    MavCmd.DO_CHANGE_SPEED: (_whole, _as_it_is, _as_it_is),
    MavCmd.DO_SET_CAM_TRIGG_DIST: (_as_it_is, _unused, _whole),
    MavCmd.NAV_FENCE_RETURN_POINT: (),
    MavCmd.NAV_FENCE_POLYGON_VERTEX_INCLUSION: (_whole,),
    MavCmd.NAV_FENCE_POLYGON_VERTEX_EXCLUSION: (_whole,),
    MavCmd.NAV_FENCE_CIRCLE_INCLUSION: (_as_it_is,),
    MavCmd.NAV_FENCE_CIRCLE_EXCLUSION: (_as_it_is,),
    MavCmd.NAV_RALLY_POINT: (),
}

#: Commands whose place and frame are not stored at all.
_WITHOUT_PLACE = frozenset(
    {
        MavCmd.NAV_RETURN_TO_LAUNCH,
        MavCmd.NAV_DELAY,
        MavCmd.CONDITION_YAW,
        MavCmd.DO_JUMP,
        MavCmd.DO_CHANGE_SPEED,
        MavCmd.DO_SET_CAM_TRIGG_DIST,
    }
)

#: Fences have no height, and ArduPilot gives their frame back as 0.
_FENCES = frozenset(
    {
        MavCmd.NAV_FENCE_RETURN_POINT,
        MavCmd.NAV_FENCE_POLYGON_VERTEX_INCLUSION,
        MavCmd.NAV_FENCE_POLYGON_VERTEX_EXCLUSION,
        MavCmd.NAV_FENCE_CIRCLE_INCLUSION,
        MavCmd.NAV_FENCE_CIRCLE_EXCLUSION,
    }
)
