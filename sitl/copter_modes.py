"""A copter's flight modes: which there are, what each needs, and what happens when one is entered."""

from __future__ import annotations

from collections.abc import Mapping

from mavlink_bridge.enums import CopterMode

_OTHER_MODES: Mapping[int, str] = {
    1: "ACRO",
    7: "CIRCLE",
    11: "DRIFT",
    13: "SPORT",
    14: "FLIP",
    15: "AUTOTUNE",
    16: "POSHOLD",
    18: "THROW",
    19: "AVOID_ADSB",
    20: "GUIDED_NOGPS",
    22: "FLOWHOLD",
    23: "FOLLOW",
    24: "ZIGZAG",
}

_NAMES: Mapping[CopterMode, str] = {mode: mode.name for mode in CopterMode} | {
    CopterMode.ALT_HOLD: "ALT_HOLD",
    CopterMode.SMART_RTL: "SMARTRTL",
}

#: Modes that hold or seek a place, so that arming in them needs a position.
_NEED_POSITION = frozenset(set(CopterMode) - {CopterMode.STABILIZE, CopterMode.ALT_HOLD, CopterMode.LAND})

#: Modes in which a vehicle on the ground may be armed (AUTO when AUTO_OPTIONS says so).
_ARMABLE = frozenset({CopterMode.STABILIZE, CopterMode.ALT_HOLD, CopterMode.LOITER, CopterMode.GUIDED})

#: Modes that the vehicle flies by itself; HEARTBEAT's guided flag (k01, k10a).
_MANUAL = frozenset({CopterMode.STABILIZE, CopterMode.ALT_HOLD})


def known_mode(number: int) -> CopterMode | None:
    """The mode, if the simulated vehicle has it."""
    return CopterMode(number) if number in CopterMode.__members__.values() else None


def mode_name(number: int) -> str:
    mode = known_mode(number)
    return _NAMES[mode] if mode is not None else _OTHER_MODES.get(number, str(number))


def needs_position(mode: CopterMode) -> bool:
    return mode in _NEED_POSITION


def is_armable(mode: CopterMode, auto_options: int) -> bool:
    return mode in _ARMABLE or (mode is CopterMode.AUTO and bool(auto_options & 1))


def is_manual(mode: CopterMode) -> bool:
    return mode in _MANUAL
