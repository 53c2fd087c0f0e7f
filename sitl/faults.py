"""What goes wrong and when: on the link, in the air, in the pack, at arming; read from a file or built in a test.

`docs/faults.md` describes the file. Times are seconds of vehicle time, the fleet's common clock. One file serves embedded
vehicles and ArduPilot: what the autopilot itself can be made to suffer is named by its SIM_ parameters here.
"""

from __future__ import annotations

import json
import math
import tomllib
from collections.abc import Mapping
from pathlib import Path
from random import Random
from typing import Any

import msgspec

from sitl.earth import METRES_PER_DEGREE
from sitl.errors import FaultFileError

SCHEMA = 1

#: ArduPilot's lower limit of FENCE_RADIUS.
_LEAST_FENCE_M = 30.0


class _Fault(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", forbid_unknown_fields=True):
    """Whom and when: `drones` left out is everyone, `to_s` left out is for ever, `chance` below 1 is drawn from the seed."""

    from_s: float = 0.0
    to_s: float = math.inf
    drones: tuple[str, ...] | None = None
    chance: float = 1.0

    def __post_init__(self) -> None:
        _require(self.from_s >= 0, "from_s is negative")
        _require(self.to_s > self.from_s, f"to_s {self.to_s:g} is not after from_s {self.from_s:g}")
        _require(0 < self.chance <= 1, f"chance {self.chance:g} is outside (0, 1]")

    def concerns(self, drone: str) -> bool:
        return self.drones is None or drone in self.drones

    def is_on(self, now_s: float) -> bool:
        return self.from_s <= now_s < self.to_s


def _require(condition: bool, text: str) -> None:
    if not condition:
        raise ValueError(text)


def _require_part(name: str, value: float) -> None:
    _require(0 <= value <= 1, f"{name} {value:g} is outside [0, 1]")


class PacketLoss(_Fault, frozen=True, kw_only=True, tag="packet_loss"):
    """This part of the frames is lost, each way."""

    part: float

    def __post_init__(self) -> None:
        super().__post_init__()
        _require_part("part", self.part)


class Corruption(_Fault, frozen=True, kw_only=True, tag="corruption"):
    """This part of the frames arrives with one byte changed, each way."""

    part: float

    def __post_init__(self) -> None:
        super().__post_init__()
        _require_part("part", self.part)


class Delay(_Fault, frozen=True, kw_only=True, tag="delay"):
    """Everything arrives later by this, each way; the order stays."""

    delay_s: float

    def __post_init__(self) -> None:
        super().__post_init__()
        _require(self.delay_s >= 0, f"delay_s {self.delay_s:g} is negative")


class LinkCut(_Fault, frozen=True, kw_only=True, tag="link_cut"):
    """Nothing arrives either way."""


class BatteryCollapse(_Fault, frozen=True, kw_only=True, tag="battery_collapse"):
    """At `from_s` the pack holds no more than this."""

    remaining_pct: float = 0.0

    def __post_init__(self) -> None:
        super().__post_init__()
        _require(0 <= self.remaining_pct <= 100, f"remaining_pct {self.remaining_pct:g} is outside 0..100")


class RefuseArming(_Fault, frozen=True, kw_only=True, tag="refuse_arming"):
    """Arming is refused with this text."""

    text: str = "Compass not calibrated"


class GpsLoss(_Fault, frozen=True, kw_only=True, tag="gps_loss"):
    """No satellite is received."""


class GpsGlitch(_Fault, frozen=True, kw_only=True, tag="gps_glitch"):
    """The receiver gives a place that is off by this."""

    north_m: float = 0.0
    east_m: float = 0.0


class CompassError(_Fault, frozen=True, kw_only=True, tag="compass_error"):
    """The first compass fails: in the air the next one takes over, on the ground nobody arms."""


class WindChange(_Fault, frozen=True, kw_only=True, tag="wind"):
    """From `from_s` on the wind is this; it stays when the fault is over."""

    speed_mps: float
    direction_deg: float
    turbulence_mps: float = 0.0

    def __post_init__(self) -> None:
        super().__post_init__()
        _require(self.speed_mps >= 0, f"speed_mps {self.speed_mps:g} is negative")


class MotorFailure(_Fault, frozen=True, kw_only=True, tag="motor_failure"):
    """A motor stops; the vehicle falls."""


class Reboot(_Fault, frozen=True, kw_only=True, tag="reboot"):
    """The autopilot restarts at `from_s`, wherever it is."""


class FenceFault(_Fault, frozen=True, kw_only=True, tag="fence"):
    """A circular fence around home that its plan knows nothing of; who is beyond it comes home, as FENCE_ACTION 1 says."""

    radius_m: float

    def __post_init__(self) -> None:
        super().__post_init__()
        _require(self.radius_m >= _LEAST_FENCE_M, f"radius_m {self.radius_m:g} is less than {_LEAST_FENCE_M:g}")


Fault = (
    PacketLoss
    | Corruption
    | Delay
    | LinkCut
    | BatteryCollapse
    | RefuseArming
    | GpsLoss
    | GpsGlitch
    | CompassError
    | WindChange
    | MotorFailure
    | Reboot
    | FenceFault
)


class FaultPlan(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All faults of a fleet; empty by default. Those with a `chance` have been drawn once `drawn` was called."""

    schema: int = SCHEMA
    fault: tuple[Fault, ...] = ()

    def __post_init__(self) -> None:
        _require(self.schema == SCHEMA, f"schema {self.schema} is not {SCHEMA}")

    def drawn(self, seed: int) -> FaultPlan:
        """The faults that happen with this seed."""
        random = Random(seed)
        return FaultPlan(fault=tuple(fault for fault in self.fault if random.random() < fault.chance))

    def of(self, drone: str) -> tuple[Fault, ...]:
        """Those that concern this drone, by the time they begin."""
        return tuple(sorted((fault for fault in self.fault if fault.concerns(drone)), key=lambda fault: fault.from_s))


def load_faults(path: Path) -> FaultPlan:
    """Read a fault file (TOML, or JSON by its name). Raises FaultFileError naming file, key, value and mend."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise FaultFileError(f"cannot be read: {error}", file=path, mend="give a TOML or JSON file of faults") from error
    try:
        data = json.loads(text) if path.suffix.lower() == ".json" else tomllib.loads(text)
    except (json.JSONDecodeError, tomllib.TOMLDecodeError) as error:
        raise FaultFileError(f"is not {path.suffix.lstrip('.').upper() or 'TOML'}: {error}", file=path, mend="correct that line") from error
    try:
        return msgspec.convert(data, FaultPlan)
    except msgspec.ValidationError as error:
        text, _, place = str(error).partition(" - at `$")
        key = place.rstrip("`").lstrip(".") or None
        value = _at(data, key) if key else None
        raise FaultFileError(text, file=path, key=key, value=value, mend="docs/faults.md lists the kinds and their keys") from error


def _at(data: Any, key: str) -> object:
    """What stands at a path such as `fault[1].part`."""
    for step in key.replace("[", ".[").split("."):
        if step.startswith("[") and isinstance(data, list):
            data = data[int(step[1:-1])]
        elif isinstance(data, Mapping):
            data = data.get(step)
    return data if isinstance(data, str | int | float | bool) else None


def simulator_settings(fault: Fault, *, begins: bool, lat_deg: float = 0.0) -> dict[str, float]:
    """ArduPilot's SIM_ parameters that make it suffer this fault, or end it; empty for faults of the link.

    `lat_deg` is where it flies: ArduPilot counts glitches in degrees.
    """
    match fault:
        case GpsGlitch():
            north_deg = fault.north_m / METRES_PER_DEGREE
            east_deg = fault.east_m / (METRES_PER_DEGREE * math.cos(math.radians(lat_deg)))
            return {"SIM_GPS1_GLTCH_X": north_deg if begins else 0.0, "SIM_GPS1_GLTCH_Y": east_deg if begins else 0.0}
        case CompassError():
            return {"SIM_MAG1_FAIL": 1.0 if begins else 0.0}
        case GpsLoss():
            return {"SIM_GPS1_ENABLE": 0.0 if begins else 1.0}
        case WindChange() if begins:
            return {"SIM_WIND_SPD": fault.speed_mps, "SIM_WIND_DIR": fault.direction_deg, "SIM_WIND_TURB": fault.turbulence_mps}
        case MotorFailure():
            return {"SIM_ENGINE_FAIL": 1.0 if begins else 0.0}
        case FenceFault():
            circle, come_home = 2.0, 1.0
            settings = {"FENCE_TYPE": circle, "FENCE_RADIUS": fault.radius_m, "FENCE_ACTION": come_home, "FENCE_ENABLE": 1.0}
            return settings if begins else {"FENCE_ENABLE": 0.0}
        case BatteryCollapse() if begins:
            # ArduPilot's default frame never empties; its voltage can be set. Its count of what is left is a command's to change.
            return {"SIM_BATT_VOLTAGE": 9.0 + 3.6 * fault.remaining_pct / 100.0}
        case _:
            return {}
