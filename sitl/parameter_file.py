"""`@PARAM/param.pck`: all parameters in one packed file, with names shortened by what they share with the one before.

Facts from ArduPilot's AP_Filesystem_Param (4.7.0-dev) and recording k14. A value never crosses a block of the size in which
the file is read, so that a block that is read again holds no torn value: zeros are put before it.
"""

from __future__ import annotations

import errno
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from mavlink_bridge.enums import ParamType
from sitl.errors import VehicleFileError
from sitl.parameters import Parameters

_NAME = "@PARAM/param.pck"
_MAGIC, _MAGIC_WITH_DEFAULTS = 0x671B, 0x671C
#: Magic, parameters in this file, parameters in all (in an upload: the file's length).
_HEADER = struct.Struct("<HHH")
_LIMIT = 0xFFFF

#: ArduPilot's numbers of stored types, and how each is packed. Unsigned types are not stored by ArduPilot.
_TYPES: Mapping[ParamType, tuple[int, struct.Struct]] = {
    ParamType.INT8: (1, struct.Struct("<b")),
    ParamType.UINT8: (1, struct.Struct("<B")),
    ParamType.INT16: (2, struct.Struct("<h")),
    ParamType.UINT16: (2, struct.Struct("<H")),
    ParamType.INT32: (3, struct.Struct("<i")),
    ParamType.UINT32: (3, struct.Struct("<I")),
    ParamType.REAL32: (4, struct.Struct("<f")),
}
_BY_NUMBER: Mapping[int, struct.Struct] = {1: struct.Struct("<b"), 2: struct.Struct("<h"), 3: struct.Struct("<i"), 4: struct.Struct("<f")}


@dataclass(frozen=True, slots=True, kw_only=True)
class ParameterFileOptions:
    """What the path asks for: `param.pck?start=N&count=C&withdefaults=1`. `count` 0 is all."""

    start: int = 0
    count: int = 0
    with_defaults: bool = False


def is_parameter_file(path: str) -> bool:
    return path.split("?", 1)[0] == _NAME


def parameter_file_options(path: str) -> ParameterFileOptions | None:
    """None when a number is out of range."""
    numbers = {"start": 0, "count": 0, "withdefaults": 0}
    for part in path.split("?", 1)[1].split("&") if "?" in path else ():
        key, _, value = part.partition("=")
        if key in numbers:
            numbers[key] = int(value) if value.isdecimal() else 0
    if numbers["start"] >= _LIMIT or numbers["count"] >= _LIMIT or numbers["withdefaults"] > 1:
        return None
    return ParameterFileOptions(start=numbers["start"], count=numbers["count"], with_defaults=numbers["withdefaults"] == 1)


class ParameterFileReader:
    """Packs the file when its block size is known, which is at the first read; another size later is EINVAL."""

    def __init__(self, parameters: Parameters, options: ParameterFileOptions) -> None:
        self._parameters = parameters
        self._options = options
        self._block = 0
        self._data = b""

    def read(self, offset: int, count: int) -> bytes:
        if self._options.start >= len(self._parameters) or (self._block and count != self._block):
            raise VehicleFileError(errno.EINVAL)
        if not self._block:
            self._block = count
            self._data = packed_parameters(self._parameters, self._options, block=count)
        return self._data[offset : offset + count]


def packed_parameters(parameters: Parameters, options: ParameterFileOptions, *, block: int) -> bytes:
    """The file as it is read in blocks of `block` bytes."""
    names = parameters.names[options.start :]
    names = names[: options.count] if options.count else names
    magic = _MAGIC_WITH_DEFAULTS if options.with_defaults else _MAGIC
    data = bytearray(_HEADER.pack(magic, len(names), len(parameters)))
    last = ""
    for name in names:
        number, layout = _TYPES[parameters.type_of(name)]
        value = _packed_value(layout, parameters[name])
        default = _packed_value(layout, parameters.default_of(name))
        adds = options.with_defaults and value != default
        entry = _entry(name, last, number, value + default if adds else value, has_default=adds)
        over = (len(data) + len(entry)) % block if block and layout.size > 1 else 0
        data += bytes(layout.size - over if 0 < over < layout.size else 0) + entry
        last = name
    return bytes(data)


def _entry(name: str, last: str, number: int, value: bytes, *, has_default: bool) -> bytes:
    shared = 0
    while shared < min(len(name), len(last)) and name[shared] == last[shared]:
        shared += 1
    shared = min(shared, len(name) - 1)
    own = name[shared:].encode()
    return bytes((number | has_default << 4, shared | (len(own) - 1) << 4)) + own + value


def _packed_value(layout: struct.Struct, value: float) -> bytes:
    return layout.pack(value if layout.format == "<f" else int(value))


class ParameterFileWriter:
    """Parameters that a station sets by writing the file; nothing is set unless magic and length are right."""

    def __init__(self, parameters: Parameters) -> None:
        self._parameters = parameters
        self._data = bytearray()

    def write(self, offset: int, data: bytes) -> None:
        self._data.extend(bytes(max(0, offset + len(data) - len(self._data))))
        self._data[offset : offset + len(data)] = data

    def close(self) -> None:
        if len(self._data) < _HEADER.size:
            return
        magic, count, length = _HEADER.unpack_from(self._data)
        if magic != _MAGIC or length != len(self._data):
            return
        for name, value in _unpacked(bytes(self._data), count):
            if name in self._parameters:
                self._parameters.put(name, value)
                self._parameters.on_set(name)


def _unpacked(data: bytes, count: int) -> Iterator[tuple[str, float]]:
    """Name and value of each; ends where the file makes no sense."""
    at, last = _HEADER.size, ""
    for _ in range(count):
        if at + 2 > len(data):
            return
        layout = _BY_NUMBER.get(data[at] & 0xF)
        shared, own = data[at + 1] & 0xF, (data[at + 1] >> 4) + 1
        end = at + 2 + own + (layout.size if layout else 0)
        if layout is None or data[at] >> 4 or end > len(data):
            return
        last = last[:shared] + data[at + 2 : at + 2 + own].decode("ascii", "replace")
        yield last, float(layout.unpack_from(data, at + 2 + own)[0])
        at = end
