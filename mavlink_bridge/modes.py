"""What ArduPilot calls its modes, and which of them serve to hold, to go home and to land, by kind of vehicle."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, IntEnum, auto
from types import MappingProxyType

from mavlink_bridge.enums import CopterMode, MavAutopilot, MavType, PlaneMode


class VehicleClass(Enum):
    COPTER = auto()
    PLANE = auto()
    QUADPLANE = auto()


#: MAV_TYPE: quad, coaxial, helicopter, hexa, octo, tricopter, dodeca, deca.
_COPTER_TYPES = frozenset({MavType.QUADROTOR, 3, 4, MavType.HEXAROTOR, 14, 15, 29, 35})
#: MAV_TYPE_VTOL_*.
_VTOL_TYPES = frozenset(range(19, 26))


def vehicle_class(mav_type: int, *, takes_off_vertically: bool = False) -> VehicleClass:
    """The class by HEARTBEAT.type; ArduPilot's quadplanes report plain FIXED_WING, so their mission must tell."""
    if mav_type in _COPTER_TYPES:
        return VehicleClass.COPTER
    return VehicleClass.QUADPLANE if takes_off_vertically or mav_type in _VTOL_TYPES else VehicleClass.PLANE


@dataclass(frozen=True, kw_only=True, slots=True)
class Modes:
    """custom_mode numbers by what they are for.

    In `coming_home` a vehicle heads for a landing. `by_itself` are those it may enter from there as part of the way home,
    `failsafe` those that its failsafes set.
    """

    auto: int
    home: int
    land: int
    hold: int
    #: In which it is armed, before the mission is started.
    arming: int
    #: In which it flies where a station sends it.
    guided: int
    coming_home: frozenset[int]
    by_itself: frozenset[int]
    failsafe: frozenset[int]
    #: Home along the way that it came.
    retrace: int | None = None
    #: On the ground, to forget a mission whose landing is still its current item; None where disarming does that.
    parked: int | None = None


_COPTER_HOME: frozenset[int] = frozenset({CopterMode.RTL, CopterMode.LAND, CopterMode.SMART_RTL})
_PLANE_HOME: frozenset[int] = frozenset({PlaneMode.RTL, PlaneMode.QRTL, PlaneMode.QLAND})
_PLANE_CIRCLE = 1

_MODES: Mapping[VehicleClass, Modes] = MappingProxyType(
    {
        VehicleClass.COPTER: Modes(
            auto=CopterMode.AUTO,
            home=CopterMode.RTL,
            land=CopterMode.LAND,
            # Never LOITER: without a stick in the middle it sinks at 2.5 m/s.
            hold=CopterMode.BRAKE,
            arming=CopterMode.GUIDED,
            guided=CopterMode.GUIDED,
            coming_home=_COPTER_HOME,
            by_itself=frozenset(),
            failsafe=_COPTER_HOME | {CopterMode.BRAKE},
            retrace=CopterMode.SMART_RTL,
        ),
        VehicleClass.PLANE: Modes(
            auto=PlaneMode.AUTO,
            home=PlaneMode.RTL,
            land=PlaneMode.RTL,
            hold=PlaneMode.LOITER,
            arming=PlaneMode.AUTO,
            guided=PlaneMode.GUIDED,
            coming_home=_PLANE_HOME,
            # With Q_RTL_MODE set, RTL becomes QRTL near home.
            by_itself=frozenset({PlaneMode.QRTL, PlaneMode.QLAND}),
            # A short failsafe circles first.
            failsafe=_PLANE_HOME | {_PLANE_CIRCLE},
            parked=PlaneMode.MANUAL,
        ),
        VehicleClass.QUADPLANE: Modes(
            auto=PlaneMode.AUTO,
            # RTL would circle over home for ever unless Q_RTL_MODE says otherwise; QRTL flies home on the wing and lands.
            home=PlaneMode.QRTL,
            land=PlaneMode.QLAND,
            hold=PlaneMode.LOITER,
            arming=PlaneMode.AUTO,
            guided=PlaneMode.GUIDED,
            coming_home=_PLANE_HOME,
            # With Q_RTL_MODE set, RTL becomes QRTL near home.
            by_itself=frozenset({PlaneMode.QRTL, PlaneMode.QLAND}),
            # A short failsafe circles first.
            failsafe=_PLANE_HOME | {_PLANE_CIRCLE},
            parked=PlaneMode.MANUAL,
        ),
    }
)


def modes_of(kind: VehicleClass) -> Modes:
    return _MODES[kind]


def _names(others: str, known: type[IntEnum]) -> Mapping[int, str]:
    """`others` are "number name" pairs that need no enum member here."""
    words = others.split()
    return {**dict(zip(map(int, words[::2]), words[1::2], strict=True)), **{int(mode): mode.name for mode in known}}


_COPTER_NAMES = _names(
    "1 ACRO 7 CIRCLE 11 DRIFT 13 SPORT 14 FLIP 15 AUTOTUNE 16 POSHOLD 18 THROW 19 AVOID_ADSB 20 GUIDED_NOGPS 22 FLOWHOLD 23 FOLLOW "
    "24 ZIGZAG 25 SYSTEMID 26 AUTOROTATE 27 AUTO_RTL 28 TURTLE",
    CopterMode,
)
_PLANE_NAMES = _names(
    "1 CIRCLE 2 STABILIZE 3 TRAINING 4 ACRO 5 FBWA 6 FBWB 7 CRUISE 8 AUTOTUNE 13 TAKEOFF 14 AVOID_ADSB 18 QHOVER 22 QAUTOTUNE "
    "23 QACRO 24 THERMAL 25 LOITER_ALT_QLAND 26 AUTOLAND",
    PlaneMode,
)


def mode_name(mav_type: int, custom_mode: int) -> str:
    """ArduPilot's name of a mode, or `MODE <number>` for one we do not know."""
    names = _COPTER_NAMES if vehicle_class(mav_type) is VehicleClass.COPTER else _PLANE_NAMES
    return names.get(custom_mode, f"MODE {custom_mode}")


_AUTOPILOTS = {int(MavAutopilot.ARDUPILOTMEGA): "ArduPilot", int(MavAutopilot.PX4): "PX4"}


def autopilot_name(autopilot: int) -> str:
    """What flies there (MAV_AUTOPILOT), in words."""
    return _AUTOPILOTS.get(autopilot, "another autopilot")
