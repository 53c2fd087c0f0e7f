"""A vehicle's pack: power by what it does, charge, voltage, and the two failsafe levels with ArduPilot's timing.

A limited pack follows ArduPilot's simulated lithium cell: open-circuit voltage by state of charge, less current times
resistance (c10b: 11.13 V at 1406 of 3300 mAh). An unlimited one stays at its full voltage, as ArduPilot's default frame does.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from dataclasses import dataclass
from enum import IntEnum
from itertools import pairwise

from sitl.parameters import Parameters

#: Open-circuit volts of one cell at these states of charge, percent.
_CELL = (
    (0.0, 2.5),
    (1.3, 2.7),
    (1.5, 2.8),
    (2.0, 2.977),
    (3.85, 3.091),
    (7.69, 3.165),
    (11.54, 3.218),
    (15.38, 3.296),
    (19.23, 3.379),
    (23.08, 3.462),
    (26.92, 3.503),
    (30.77, 3.543),
    (34.62, 3.588),
    (38.46, 3.636),
    (42.31, 3.679),
    (46.15, 3.715),
    (50.0, 3.742),
    (53.85, 3.783),
    (57.69, 3.801),
    (61.54, 3.833),
    (65.38, 3.854),
    (69.23, 3.887),
    (73.08, 3.908),
    (76.92, 3.943),
    (80.77, 3.987),
    (84.62, 4.039),
    (88.46, 4.071),
    (92.31, 4.085),
    (96.15, 4.112),
    (100.0, 4.173),
)
_CHARGES = tuple(charge for charge, _ in _CELL)
_FULL_CELL_V = 4.173


def nominal_v(full_v: float = 12.6) -> float:
    """Mean open-circuit voltage of a pack from full to empty."""
    area = sum((high_v + low_v) / 2 * (high - low) for (low, low_v), (high, high_v) in pairwise(_CELL))
    return area / 100.0 * full_v / _FULL_CELL_V


@dataclass(frozen=True, slots=True, kw_only=True)
class PackParams:
    """`capacity_mah` None is ArduPilot's default simulated pack, which never empties."""

    full_v: float = 12.6
    capacity_mah: float | None = None
    resistance_ohm: float = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class PowerParams:
    """Watts in hover and in cruise (at `cruise_mps` of airspeed), and what manoeuvres add, as parts of hover power.

    In steady flight power grows with airspeed to the power `exponent`. Leaning more than the airspeed asks for (to speed up
    or slow down) takes more thrust, and the simulated motors draw by their thrust (SIM_Motor.cpp); climbing and accelerating
    upwards add their parts. Fitted to the current in the recorded flights: 28.1 A
    hovering, 30.5 A at 10 m/s, 33.2 A at 12 m/s, 30.6 A climbing at 2.5 m/s (c01, c02, c07b, c08c, c10).
    """

    hover_w: float = 354.3
    cruise_w: float = 384.6
    cruise_mps: float = 10.0
    exponent: float = 3.8
    lean_part: float = 1.0
    climb_part_spm: float = 0.0352
    descent_part_spm: float = 0.0303
    lift_part_s2pm: float = 0.107
    idle_w: float = 0.5

    def flying_w(self, airspeed_mps: float, excess_lean: float, climb_mps: float, lift_mps2: float) -> float:
        """`excess_lean` is thrust over weight, less what it would be in steady flight at this airspeed."""
        ratio = min(2.0, airspeed_mps / self.cruise_mps)
        steady_w = self.hover_w + (self.cruise_w - self.hover_w) * math.pow(ratio, self.exponent)
        rising = (self.climb_part_spm if climb_mps > 0 else self.descent_part_spm) * climb_mps
        more = self.lean_part * excess_lean + rising + self.lift_part_s2pm * lift_mps2
        return max(0.2 * self.hover_w, steady_w + more * self.hover_w)


class BatteryLevel(IntEnum):
    """ArduPilot's battery failsafe levels, which only ever rise in flight."""

    FINE = 0
    LOW = 1
    CRITICAL = 2


@dataclass(frozen=True, slots=True)
class LowBattery:
    """A level was passed: what the vehicle says, and the action its parameters name (BATT_FS_LOW_ACT, BATT_FS_CRT_ACT)."""

    level: BatteryLevel
    text: str
    action: int


class Battery:
    """Charge drawn, voltage shown and failsafe level. `collapse` empties it at once, for tests of what then happens."""

    __slots__ = (
        "_drawn_mah",
        "_low_since_s",
        "_pack",
        "_parameters",
        "consumed_mah",
        "consumed_wh",
        "current_a",
        "level",
        "voltage_v",
    )

    def __init__(self, pack: PackParams, parameters: Parameters) -> None:
        self._pack = pack
        self._parameters = parameters
        self._low_since_s: list[float | None] = [None, None]
        self.renew()

    def renew(self) -> None:
        """A fresh pack."""
        self.voltage_v = self._pack.full_v
        self.current_a = 0.0
        self.consumed_mah = 0.0
        self.consumed_wh = 0.0
        self.level = BatteryLevel.FINE
        self._drawn_mah = 0.0
        self._low_since_s = [None, None]

    def carry_over(self, other: Battery) -> None:
        """The same pack after a reboot: its charge is what it was, but the autopilot counts anew, as from a full one."""
        self.consumed_wh = other.consumed_wh
        self._drawn_mah = other._drawn_mah
        if self._pack.capacity_mah is not None:
            self.voltage_v = self._open_v()

    @property
    def remaining_pct(self) -> int:
        """What the vehicle believes: BATT_CAPACITY less what it counted."""
        capacity_mah = self._parameters["BATT_CAPACITY"]
        return max(0, min(100, int(100 * (capacity_mah - self.consumed_mah) / capacity_mah))) if capacity_mah > 0 else 0

    @property
    def charge_pct(self) -> float:
        """What is really left in a limited pack."""
        capacity_mah = self._pack.capacity_mah
        return 100.0 if capacity_mah is None else max(0.0, 100.0 * (1 - self._drawn_mah / capacity_mah))

    @property
    def is_empty(self) -> bool:
        return self.charge_pct <= 0.0

    def draw(self, watts: float, dt_s: float) -> None:
        self.current_a = watts / self.voltage_v
        milliamp_hours = self.current_a * dt_s / 3.6
        self.consumed_mah += milliamp_hours
        self._drawn_mah += milliamp_hours
        self.consumed_wh += watts * dt_s / 3600.0
        if self._pack.capacity_mah is not None:
            self.voltage_v = max(1.0, self._open_v() - self.current_a * self._pack.resistance_ohm)

    def collapse(self, remaining_pct: float) -> None:
        """The pack suddenly holds no more than this part of its charge, and its counter shows it."""
        capacity_mah = self._pack.capacity_mah or self._parameters["BATT_CAPACITY"]
        self._drawn_mah = max(self._drawn_mah, capacity_mah * (1 - remaining_pct / 100.0))
        self.consumed_mah = max(self.consumed_mah, self._parameters["BATT_CAPACITY"] * (1 - remaining_pct / 100.0))

    def set_remaining(self, remaining_pct: float) -> None:
        """MAV_CMD_BATTERY_RESET while disarmed: another pack with this charge."""
        self.renew()
        self._drawn_mah = (self._pack.capacity_mah or 0.0) * (1 - remaining_pct / 100.0)
        self.consumed_mah = self._parameters["BATT_CAPACITY"] * (1 - remaining_pct / 100.0)
        if self._pack.capacity_mah is not None:
            self.voltage_v = self._open_v()

    def check(self, now_s: float) -> LowBattery | None:
        """The failsafe level, if it has just risen. Charge counts at once, voltage after BATT_LOW_TIMER (c10, c10b)."""
        for level, (low_v, low_mah, action) in ((BatteryLevel.CRITICAL, _CRITICAL), (BatteryLevel.LOW, _LOW)):
            if level <= self.level or not self._is_under(level, self._parameters[low_v], self._parameters[low_mah], now_s):
                continue
            self.level = level
            word = "critical" if level is BatteryLevel.CRITICAL else "low"
            text = f"Battery 1 is {word} {self.voltage_v:.2f}V used {self.consumed_mah:.0f} mAh"
            return LowBattery(level, text, int(self._parameters[action]))
        return None

    def arming_problem(self) -> str | None:
        """Why this pack does not fly (AP_Arming: battery failsafe)."""
        parameters = self._parameters
        for low_v, low_mah, _ in (_LOW, _CRITICAL):
            if 0 < self.voltage_v < parameters[low_v]:
                return "Battery 1 low voltage failsafe"
            if parameters[low_mah] > 0 and parameters["BATT_CAPACITY"] - self.consumed_mah < parameters[low_mah]:
                return "Battery 1 low capacity failsafe"
        return None

    def _is_under(self, level: BatteryLevel, low_v: float, low_mah: float, now_s: float) -> bool:
        if low_mah > 0 and self._parameters["BATT_CAPACITY"] - self.consumed_mah < low_mah:
            return True
        slot = level - 1
        if low_v <= 0 or self.voltage_v >= low_v:
            self._low_since_s[slot] = None
            return False
        since_s = self._low_since_s[slot]
        if since_s is None:
            self._low_since_s[slot] = now_s
            return False
        return now_s - since_s >= self._parameters["BATT_LOW_TIMER"]

    def _open_v(self) -> float:
        charge_pct = self.charge_pct
        at = max(1, min(len(_CELL) - 1, bisect_left(_CHARGES, charge_pct)))
        (low_pct, low_v), (high_pct, high_v) = _CELL[at - 1], _CELL[at]
        cell_v = low_v + (high_v - low_v) * (charge_pct - low_pct) / (high_pct - low_pct)
        return cell_v * self._pack.full_v / _FULL_CELL_V


_LOW = ("BATT_LOW_VOLT", "BATT_LOW_MAH", "BATT_FS_LOW_ACT")
_CRITICAL = ("BATT_CRT_VOLT", "BATT_CRT_MAH", "BATT_FS_CRT_ACT")
