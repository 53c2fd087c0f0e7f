"""A plane's flight modes: which there are and what each of them is flown as."""

from __future__ import annotations

from collections.abc import Mapping

from mavlink_bridge.enums import PlaneMode

_OTHERS: Mapping[int, str] = {
    1: "CIRCLE",
    2: "STABILIZE",
    3: "TRAINING",
    4: "ACRO",
    5: "FBWA",
    6: "FBWB",
    7: "CRUISE",
    8: "AUTOTUNE",
    13: "TAKEOFF",
    18: "QHOVER",
    22: "QAUTOTUNE",
    23: "QACRO",
    24: "THERMAL",
    25: "LOITER2QLAND",
    26: "AUTOLAND",
}

#: The flight mode switch of the simulated transmitter stands here after boot (q01).
FBWA = 5

#: On rotors; planes without them refuse these.
ROTOR_MODES = frozenset({int(PlaneMode.QSTABILIZE), 18, int(PlaneMode.QLOITER), int(PlaneMode.QLAND), int(PlaneMode.QRTL), 22, 23, 25})

#: Cannot be armed in.
UNARMABLE = frozenset({int(PlaneMode.RTL), int(PlaneMode.QLAND), int(PlaneMode.QRTL), int(PlaneMode.INITIALISING), 13, 24, 25, 26})

#: Held by hand: HEARTBEAT shows no guided flag.
MANUAL = frozenset({int(PlaneMode.MANUAL), 2, 3, 4, FBWA, 6, 7, 8, int(PlaneMode.QSTABILIZE), 18, 22, 23})

#: Go where they want by themselves (Mode::does_auto_navigation).
NAVIGATES = frozenset({1, int(PlaneMode.AUTO), int(PlaneMode.RTL), int(PlaneMode.LOITER), int(PlaneMode.GUIDED), 13, 24})

NEEDS_POSITION = frozenset(map(int, PlaneMode)) - {int(PlaneMode.MANUAL), int(PlaneMode.QSTABILIZE), int(PlaneMode.INITIALISING)}

_KNOWN = frozenset(map(int, PlaneMode)) | frozenset(_OTHERS)


def is_known(number: int) -> bool:
    return number in _KNOWN and number != PlaneMode.INITIALISING


def mode_name(number: int) -> str:
    return _OTHERS[number] if number in _OTHERS else PlaneMode(number).name if number in _KNOWN else str(number)
