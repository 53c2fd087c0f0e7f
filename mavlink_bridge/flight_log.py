"""The telemetry log of one drone: every frame both ways, readable by MAVProxy, Mission Planner and QGroundControl."""

from __future__ import annotations

import os
import struct
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

_STAMP = struct.Struct(">Q")
_OVERHEAD_1, _OVERHEAD_2 = 8, 12
_SIGNATURE_BYTES, _SIGNED_FLAG = 13, 0x01
#: The longest record: stamp, header, 255 bytes of payload, checksum and signature.
_LONGEST_RECORD = _STAMP.size + _OVERHEAD_2 + 255 + _SIGNATURE_BYTES
#: How much of the end is looked at for a torn record, and how many records on end prove where one begins.
_TAIL_BYTES = 64 * 1024
_PROOF_RECORDS = 3


class TlogWriter:
    """Appends frames to a `.tlog`: a big-endian count of microseconds since 1970 before each raw frame.

    `clock_s` tells wall time. Each frame is with the operating system when `record` returns, so that a process that is killed
    loses none. A record that was torn when an earlier writer died is cut off on opening.
    """

    def __init__(self, path: Path, *, clock_s: Callable[[], float] = time.time) -> None:
        _cut_torn_record(path)
        self._file = path.open("ab", buffering=0)
        self._clock_s = clock_s

    def record(self, frame: bytes) -> None:
        self._file.write(_STAMP.pack(int(self._clock_s() * 1e6)) + frame)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._file.close()


def whole_records_end(tail: bytes, *, from_start: bool) -> int:
    """Where the last whole record of a log's end is over. `from_start` says that `tail` is all of it, not just its end.

    What no record can be found in ends at its length: it is no telemetry log, or one that nobody should cut.
    """
    if from_start:
        return _follow(tail, 0)[0]
    for start in range(min(_LONGEST_RECORD, len(tail))):
        end, records = _follow(tail, start)
        if records >= _PROOF_RECORDS and len(tail) - end < _LONGEST_RECORD:
            return end
    return len(tail)


def _follow(data: bytes, start: int) -> tuple[int, int]:
    """Go from record to record; where the last whole one ends, and how many there were."""
    records = 0
    while (length := _record_bytes(data, start)) is not None and start + length <= len(data):
        start += length
        records += 1
    return start, records


def _record_bytes(data: bytes, start: int) -> int | None:
    """The length of the record that begins here; None when none does, or its header is torn."""
    header = start + _STAMP.size
    if header + 3 > len(data):
        return None
    match data[header]:
        case 0xFD:
            signature = _SIGNATURE_BYTES if data[header + 2] & _SIGNED_FLAG else 0
            return _STAMP.size + _OVERHEAD_2 + data[header + 1] + signature
        case 0xFE:
            return _STAMP.size + _OVERHEAD_1 + data[header + 1]
    return None


def _cut_torn_record(path: Path) -> None:
    """Readers would take the next record's stamp for the rest of a torn one."""
    if not path.exists() or path.stat().st_size == 0:
        return
    with path.open("r+b") as file:
        size = file.seek(0, os.SEEK_END)
        begin = max(0, size - _TAIL_BYTES)
        file.seek(begin)
        end = begin + whole_records_end(file.read(), from_start=begin == 0)
        if end < size:
            file.truncate(end)
