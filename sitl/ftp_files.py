"""The files that a vehicle shows over MAVFTP: ArduPilot's virtual `@MISSION`, `@PARAM` and `@SYS`, in memory.

Facts from ArduPilot's AP_Filesystem_Mission and AP_Filesystem_Param (4.7.0-dev) and recordings k12-k14, k07b.
"""

from __future__ import annotations

import errno
from collections.abc import Mapping
from typing import Protocol

from mavlink_bridge.enums import MissionType
from sitl.errors import VehicleFileError
from sitl.item_file import ItemFileReader, ItemFileWriter, ItemStores
from sitl.parameter_file import ParameterFileReader, ParameterFileWriter, is_parameter_file, parameter_file_options
from sitl.parameters import Parameters


class Reader(Protocol):
    def read(self, offset: int, count: int) -> bytes:
        """Up to `count` bytes; nothing at the end. Raises VehicleFileError."""
        ...


class Writer(Protocol):
    def write(self, offset: int, data: bytes) -> None: ...
    def close(self) -> None:
        """The file is complete: take it over. Nobody is told whether it was any good (k13)."""
        ...


#: ArduPilot does not count before it sends: every item file is announced with a mebibyte, parameters with 12 bytes each.
_ITEM_FILE_BYTES = 1 << 20
_BYTES_PER_PARAMETER = 12

_ITEM_FILES: Mapping[str, MissionType] = {
    "@MISSION/mission.dat": MissionType.MISSION,
    "@MISSION/fence.dat": MissionType.FENCE,
    "@MISSION/rally.dat": MissionType.RALLY,
}

#: "D" and a folder's name, or "F", a file's name and its size (k12). The virtual folders of items and parameters cannot be listed.
_FOLDERS: Mapping[str, tuple[str, ...]] = {
    "/": ("D.", "D..", "Dterrain", "D@ROMFS", "D@SYS"),
    "@SYS": (
        "Fthreads.txt\t100000",
        "Ftasks.txt\t100000",
        "Fdma.txt\t100000",
        "Fmemory.txt\t100000",
        "Fuarts.txt\t100000",
        "Ftimers.txt\t100000",
        "Fcrash_dump.bin\t100000",
        "Fstorage.bin\t16384",
    ),
}


class VehicleFiles:
    """Open, list, measure. Paths are as they come; unknown ones raise VehicleFileError(ENOENT)."""

    def __init__(self, stores: ItemStores, parameters: Parameters) -> None:
        self._stores = stores
        self._parameters = parameters

    def entries(self, folder: str) -> tuple[str, ...]:
        path = folder.rstrip("/") or "/"
        if path not in _FOLDERS:
            raise VehicleFileError(errno.ENOENT)
        return _FOLDERS[path]

    def size_bytes(self, path: str) -> int:
        if path in _ITEM_FILES:
            return _ITEM_FILE_BYTES
        if is_parameter_file(path):
            return len(self._parameters) * _BYTES_PER_PARAMETER
        raise VehicleFileError(errno.ENOENT)

    def open_to_read(self, path: str) -> Reader:
        if path in _ITEM_FILES:
            return ItemFileReader(self._stores, _ITEM_FILES[path])
        options = parameter_file_options(path)
        if options is None:
            raise VehicleFileError(errno.EINVAL)
        return ParameterFileReader(self._parameters, options)

    def open_to_write(self, path: str) -> Writer:
        """Nothing is kept but items and parameters: the rest of the card is read-only."""
        if path in _ITEM_FILES:
            return ItemFileWriter(self._stores, _ITEM_FILES[path])
        if is_parameter_file(path):
            return ParameterFileWriter(self._parameters)
        raise VehicleFileError(errno.ENOENT if path.startswith(("@MISSION", "@PARAM")) else errno.EROFS)

    def remove(self, path: str) -> None:
        raise VehicleFileError(errno.EROFS if path in _ITEM_FILES or is_parameter_file(path) else errno.ENOENT)
