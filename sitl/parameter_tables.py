"""ArduPilot's parameters that the simulated vehicles have: name, stored type and default of its simulation's own vehicles.

`data/*.txt` hold what ArduCopter and ArduPlane (quadplane) 4.7.0-dev list themselves with the simulation's default
parameters, in their order; they know the older spellings only. A vehicle acts on those that concern what it simulates, and
keeps the rest for whoever asks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from mavlink_bridge.enums import ParamType
from sitl.item_rules import single


@dataclass(frozen=True, slots=True)
class ParameterRow:
    """One parameter as a fresh vehicle has it."""

    name: str
    type: ParamType
    default: float


@dataclass(frozen=True, slots=True)
class ParameterTable:
    """All rows of one kind of vehicle, and where each name stands."""

    rows: tuple[ParameterRow, ...]
    index: Mapping[str, int]
    defaults: Mapping[str, float]


_TYPES: Mapping[str, ParamType] = {
    "u8": ParamType.UINT8,
    "i8": ParamType.INT8,
    "i16": ParamType.INT16,
    "i32": ParamType.INT32,
    "f32": ParamType.REAL32,
}


def table(rows: tuple[ParameterRow, ...]) -> ParameterTable:
    return ParameterTable(
        rows,
        MappingProxyType({row.name: number for number, row in enumerate(rows)}),
        MappingProxyType({row.name: row.default for row in rows}),
    )


@cache
def copter_table() -> ParameterTable:
    return _read("copter")


@cache
def plane_table() -> ParameterTable:
    """A quadplane's; a plane without rotors has the same."""
    return _read("quadplane")


def _read(name: str) -> ParameterTable:
    lines = (files("sitl") / "data" / f"{name}.txt").read_text(encoding="ascii").splitlines()
    entries = (line.split() for line in lines)
    return table(tuple(ParameterRow(name, _TYPES[kind], single(float(value))) for name, kind, value in entries))
