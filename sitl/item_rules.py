"""What ArduPilot keeps of a mission item: which it refuses with which code, and what rounding leaves of the rest.

Observed on ArduPilot (copter and plane 4.7.0-dev) by uploading every command with odd parameters and reading it back;
recording k09 holds the refusals. Parameters that a command does not use come back as 0, integers lose their fraction,
heights their millimetres (towards zero, in 32-bit floats), and frames come back as 0, 3 or 10.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from mavlink_bridge.enums import MavCmd, MissionResult
from mavlink_bridge.messages import MissionItemInt

#: From this height on an item is refused (AP_Common/Location: LOCATION_ALT_MAX_M).
_HIGHEST_M = 83000.0
_LAT_LIMIT_E7, _LON_LIMIT_E7 = 90 * 10**7, 180 * 10**7
_FRAMES: Mapping[int, int] = {0: 0, 2: 0, 3: 3, 5: 0, 6: 3, 10: 10, 11: 10}

_LOITER_TURNS_LIMIT = 255
_SMALL_RADIUS_LIMIT_M = 255


@dataclass(frozen=True, slots=True)
class StoredItem:
    """An item as it lies in the store and comes back. `x`, `y` are degrees * 1e7 for places, raw numbers otherwise."""

    command: int
    frame: int
    param1: float
    param2: float
    param3: float
    param4: float
    x: int
    y: int
    z: float

    @property
    def is_navigation(self) -> bool:
        """Whether the vehicle flies it: navigation commands are completed one after another, the others are done on the way."""
        return self.command < _FIRST_DO_COMMAND

    @property
    def has_place(self) -> bool:
        """Whether it names a place; (0, 0) means "where the vehicle is"."""
        return self.x != 0 or self.y != 0


_DIGICAM_CONTROL = 203
#: MAV_CMD_NAV_LAST; ArduPilot counts the commands below it as navigation.
_FIRST_DO_COMMAND = 95 + 1

_Params = tuple[float, float, float, float]


def single(value: float) -> float:
    """The nearest 32-bit float."""
    return float(struct.unpack("<f", struct.pack("<f", value))[0])


def _u8(value: float) -> float:
    return float(int(value) & 0xFF)


def _i16(value: float) -> float:
    return float((int(value) + 2**15) % 2**16 - 2**15)


def _u16(value: float) -> float:
    return float(int(value) & 0xFFFF)


def _first(p: _Params) -> _Params:
    return _u16(p[0]), 0.0, 0.0, 0.0


def _first_byte(p: _Params) -> _Params:
    return _u8(p[0]), 0.0, 0.0, 0.0


def _first_float(p: _Params) -> _Params:
    return p[0], 0.0, 0.0, 0.0


def _none(_p: _Params) -> _Params:
    return 0.0, 0.0, 0.0, 0.0


def _two_words(p: _Params) -> _Params:
    return _u16(p[0]), _u16(p[1]), 0.0, 0.0


def _two_bytes(p: _Params) -> _Params:
    return _u8(p[0]), _u8(p[1]), 0.0, 0.0


def _bytes(p: _Params) -> _Params:
    return _u8(p[0]), _u8(p[1]), _u8(p[2]), _u8(p[3])


def _radius(p: _Params) -> _Params:
    return 0.0, 0.0, math.copysign(_u16(abs(p[2])), p[2]) if int(p[2]) else 0.0, 0.0


def _turns(p: _Params) -> _Params:
    turns = min(p[0], _LOITER_TURNS_LIMIT)
    whole = turns if 0 < turns < 1 else float(int(turns))
    radius_m = float(int(abs(p[2])))
    if radius_m > _SMALL_RADIUS_LIMIT_M:
        # One byte holds the radius: tens of metres from 256 m on.
        radius_m = min(255.0, float(int(radius_m / 10))) * 10
    return whole, 0.0, math.copysign(radius_m, p[2]) if radius_m else 0.0, 1.0 if p[3] > 0 else 0.0


def _loiter_time(p: _Params) -> _Params:
    return _u16(p[0]), 0.0, -1.0 if p[2] < 0 else 1.0, 1.0 if p[3] > 0 else 0.0


def _land(p: _Params) -> _Params:
    return _u16(p[0]), 0.0, 0.0, 1.0


def _to_height(p: _Params) -> _Params:
    return 0.0, math.copysign(_u16(abs(p[1])), p[1]), 0.0, 1.0 if p[3] > 0 else 0.0


def _delay(p: _Params) -> _Params:
    return p[0], float(int(p[1])), float(int(p[2])), float(int(p[3]))


def _yaw(p: _Params) -> _Params:
    return p[0], p[1], float(int(p[2])), float(int(p[3]))


def _jump(p: _Params) -> _Params:
    return _u16(p[0]), _i16(p[1]), 0.0, 0.0


def _speed(p: _Params) -> _Params:
    return _u8(p[0]), p[1], p[2], 0.0


def _repeat_servo(p: _Params) -> _Params:
    return _u8(p[0]), _u16(p[1]), _u8(p[2]), p[3]


def _repeat_relay(p: _Params) -> _Params:
    return _u8(p[0]), _u16(p[1]), p[2], 0.0


def _mount(p: _Params) -> _Params:
    return p[0], p[1], p[2], 0.0


def _trigger(p: _Params) -> _Params:
    return p[0], 0.0, float(int(p[2])), 0.0


def _capture(p: _Params) -> _Params:
    return _u8(p[0]), p[1], float(int(p[2])), float(int(p[3]))


#: Commands that name a place, and what is left of their parameters.
_PLACES: Mapping[int, Callable[[_Params], _Params]] = {
    MavCmd.NAV_WAYPOINT: _first,
    MavCmd.NAV_LOITER_UNLIM: _radius,
    MavCmd.NAV_LOITER_TURNS: _turns,
    MavCmd.NAV_LOITER_TIME: _loiter_time,
    MavCmd.NAV_LAND: _land,
    MavCmd.NAV_TAKEOFF: _first,
    30: _first_byte,  # NAV_CONTINUE_AND_CHANGE_ALT
    MavCmd.NAV_LOITER_TO_ALT: _to_height,
    82: _first,  # NAV_SPLINE_WAYPOINT
    MavCmd.NAV_VTOL_TAKEOFF: _none,
    MavCmd.NAV_VTOL_LAND: _first,
    92: _first_byte,  # NAV_GUIDED_ENABLE
    94: _first_float,  # NAV_PAYLOAD_PLACE
    MavCmd.DO_SET_HOME: _first_byte,
    189: _none,  # DO_LAND_START
    191: _none,  # DO_GO_AROUND
    201: _first_byte,  # DO_SET_ROI
}

#: Commands without a place.
_OTHERS: Mapping[int, Callable[[_Params], _Params]] = {
    MavCmd.NAV_RETURN_TO_LAUNCH: _none,
    83: _delay,  # NAV_ALTITUDE_WAIT
    MavCmd.NAV_DELAY: _delay,
    112: _first_float,  # CONDITION_DELAY
    114: _first_float,  # CONDITION_DISTANCE
    MavCmd.CONDITION_YAW: _yaw,
    MavCmd.DO_JUMP: _jump,
    MavCmd.DO_CHANGE_SPEED: _speed,
    181: _two_bytes,  # DO_SET_RELAY
    182: _repeat_relay,  # DO_REPEAT_RELAY
    183: _two_words,  # DO_SET_SERVO
    184: _repeat_servo,  # DO_REPEAT_SERVO
    MavCmd.DO_PAUSE_CONTINUE: _first_byte,
    203: _bytes,  # DO_DIGICAM_CONTROL
    205: _mount,  # DO_MOUNT_CONTROL
    MavCmd.DO_SET_CAM_TRIGG_DIST: _trigger,
    207: _first_byte,  # DO_FENCE_ENABLE
    208: _first_byte,  # DO_PARACHUTE
    211: _two_bytes,  # DO_GRIPPER
    212: _first_byte,  # DO_AUTOTUNE_ENABLE
    215: _first,  # DO_SET_RESUME_REPEAT_DIST
    216: _first_byte,  # DO_SPRAYER
    218: _two_words,  # DO_AUX_FUNCTION
    222: _repeat_servo,  # DO_GUIDED_LIMITS
    600: _first,  # JUMP_TAG
    601: _two_words,  # DO_JUMP_TAG
    1000: _bytes,  # DO_GIMBAL_MANAGER_PITCHYAW
    2000: _capture,  # IMAGE_START_CAPTURE
    2001: _first_byte,  # IMAGE_STOP_CAPTURE
    2500: _first_byte,  # VIDEO_START_CAPTURE
    2501: _first_byte,  # VIDEO_STOP_CAPTURE
}

#: Parameters that may be NaN ("as it is now"), counted from 1; everywhere else NaN is refused.
_MAY_BE_NAN: Mapping[int, frozenset[int]] = {
    MavCmd.NAV_WAYPOINT: frozenset({4}),
    MavCmd.NAV_LAND: frozenset({4}),
    MavCmd.NAV_TAKEOFF: frozenset({4}),
    MavCmd.NAV_VTOL_TAKEOFF: frozenset({4}),
    MavCmd.NAV_VTOL_LAND: frozenset({3, 4}),
}

_PARAM_CODES = (
    MissionResult.INVALID_PARAM1,
    MissionResult.INVALID_PARAM2,
    MissionResult.INVALID_PARAM3,
    MissionResult.INVALID_PARAM4,
)


def stored(item: MissionItemInt, *, plane: bool) -> StoredItem | MissionResult:
    """The item as ArduPilot stores it, or the code with which it is refused."""
    given = (item.param1, item.param2, item.param3, item.param4)
    may_be_nan = _MAY_BE_NAN.get(item.command, frozenset())
    for number, value in enumerate(given, start=1):
        if math.isinf(value) or (math.isnan(value) and number not in may_be_nan):
            return _PARAM_CODES[number - 1]
    params: _Params = tuple(0.0 if math.isnan(value) else value for value in given)  # type: ignore[assignment]
    if item.command in _OTHERS:
        # Of plain orders only the camera's keep a fifth and a sixth parameter: shoot, and a number.
        x, y = (item.x & 0xFF, item.y & 0xFF) if item.command == _DIGICAM_CONTROL else (0, 0)
        return StoredItem(item.command, 0, *_singles(_OTHERS[item.command](params)), x, y, 0.0)
    if item.command not in _PLACES:
        return MissionResult.UNSUPPORTED
    return _place_problem(item) or _stored_place(item, params, plane=plane)


def _place_problem(item: MissionItemInt) -> MissionResult | None:
    if abs(item.x) > _LAT_LIMIT_E7:
        return MissionResult.INVALID_PARAM5_X
    if abs(item.y) > _LON_LIMIT_E7:
        return MissionResult.INVALID_PARAM6_Y
    if not abs(item.z) < _HIGHEST_M:
        return MissionResult.INVALID_PARAM7
    if item.frame not in _FRAMES:
        return MissionResult.UNSUPPORTED_FRAME
    return None


def _stored_place(item: MissionItemInt, params: _Params, *, plane: bool) -> StoredItem:
    kept = _PLACES[item.command](params)
    if plane and item.command == MavCmd.NAV_WAYPOINT:
        # A plane cannot wait: the store has room for radius and pass-by distance, a byte each, and none for a delay.
        kept = (0.0, _u8(params[1]), _u8(params[2]), 0.0)
    return StoredItem(item.command, _FRAMES[item.frame], *_singles(kept), item.x, item.y, kept_height_m(item.z))


def kept_height_m(height_m: float) -> float:
    """What whole centimetres in 32-bit floats leave of a height."""
    centimetres = int(single(single(height_m) * 100.0))
    return single(centimetres * single(0.01))


def _singles(params: _Params) -> _Params:
    return single(params[0]), single(params[1]), single(params[2]), single(params[3])
