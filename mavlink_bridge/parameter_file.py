"""All parameters in one file, `@PARAM/param.pck`: read in a fraction of a second, where single reads come ten a second.

The layout is ArduPilot's AP_Filesystem_Param: names are shortened by what they share with the one before, zeros stand before a value
that would cross a block.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence

from mavlink_bridge import messages as m
from mavlink_bridge.conversation import Endpoints, Progress, Send
from mavlink_bridge.ftp_file import FileRead, FtpFailed, FtpOutput, FtpRead
from mavlink_bridge.ftp_requests import DEFAULT_FTP, FtpParams
from mavlink_bridge.parameter_protocol import DEFAULT_PARAMETER, ParameterParams, ParameterRead, ParametersRead

PARAMETER_FILE = "@PARAM/param.pck"
_MAGIC = 0x671B
#: Magic, parameters in this file, parameters in all.
_HEADER = struct.Struct("<HHH")
_VALUES = {1: struct.Struct("<b"), 2: struct.Struct("<h"), 3: struct.Struct("<i"), 4: struct.Struct("<f")}
_NAME_BYTES = 16


class ParameterFileError(ValueError):
    """Bytes that are no parameter file."""


def unpack_parameters(data: bytes) -> dict[str, float]:
    """Values by name, in the vehicle's order. ParameterFileError when it is another file, cut short, or nonsense."""
    if len(data) < _HEADER.size:
        raise ParameterFileError(f"{len(data)} bytes are no parameter file")
    magic, count, _ = _HEADER.unpack_from(data)
    if magic != _MAGIC:
        raise ParameterFileError(f"a parameter file begins with {_MAGIC:#x}, not {magic:#x}")
    values: dict[str, float] = {}
    name, at = "", _HEADER.size
    while at < len(data):
        if data[at] == 0:
            at += 1
            continue
        name, value, at = _entry(data, at, name)
        values[name] = value
    if len(values) != count:
        raise ParameterFileError(f"{len(values)} parameters where {count} were promised")
    return values


def _entry(data: bytes, at: int, previous: str) -> tuple[str, float, int]:
    packing = _VALUES.get(data[at] & 0x0F)
    if packing is None or at + 2 > len(data):
        raise ParameterFileError(f"byte {at} begins no parameter")
    shared, own = data[at + 1] & 0x0F, (data[at + 1] >> 4) + 1
    value_at = at + 2 + own
    end = value_at + packing.size
    if end > len(data) or shared > len(previous) or shared + own > _NAME_BYTES:
        raise ParameterFileError(f"byte {at} begins no parameter")
    name = previous[:shared] + data[at + 2 : value_at].decode("ascii", "replace")
    return name, float(packing.unpack_from(data, value_at)[0]), end


class ParametersByFile:
    """Reads the named parameters through the file; one by one when the vehicle has no such file. Ends with one `ParametersRead`."""

    def __init__(
        self,
        names: Sequence[str],
        endpoints: Endpoints,
        *,
        sessions: Iterator[int],
        params: ParameterParams = DEFAULT_PARAMETER,
        ftp: FtpParams = DEFAULT_FTP,
    ) -> None:
        self._names = list(dict.fromkeys(names))
        self._file = FtpRead(PARAMETER_FILE, endpoints, session=next(sessions), params=ftp)
        self._single = ParameterRead(names, endpoints, params=params)
        self._now: FtpRead | ParameterRead = self._file

    @property
    def deadline_s(self) -> float | None:
        return self._now.deadline_s

    @property
    def is_over(self) -> bool:
        return self._now is self._single and self._single.is_over

    def start(self, now_s: float) -> list[Send | ParametersRead]:
        return self._follow(self._file.start(now_s), now_s)

    def receive(self, frame: m.Frame, now_s: float) -> list[Send | ParametersRead]:
        if self._now is self._file:
            return self._follow(self._file.receive(frame, now_s), now_s)
        return self._single.receive(frame, now_s)

    def tick(self, now_s: float) -> list[Send | ParametersRead]:
        if self._now is self._file:
            return self._follow(self._file.tick(now_s), now_s)
        return self._single.tick(now_s)

    def _follow(self, outputs: list[FtpOutput], now_s: float) -> list[Send | ParametersRead]:
        followed: list[Send | ParametersRead] = []
        for output in outputs:
            match output:
                case Send():
                    followed.append(output)
                case FileRead(data=data):
                    followed += self._read(data, now_s)
                case FtpFailed():
                    followed += self._one_by_one(now_s)
                case Progress():
                    pass
        return followed

    def _read(self, data: bytes, now_s: float) -> list[Send | ParametersRead]:
        try:
            values = unpack_parameters(data)
        except ParameterFileError:
            return self._one_by_one(now_s)
        self._now = self._single
        self._single.is_over = True
        return [ParametersRead({name: values[name] for name in self._names if name in values} if self._names else values)]

    def _one_by_one(self, now_s: float) -> list[Send | ParametersRead]:
        self._now = self._single
        return self._single.start(now_s)
