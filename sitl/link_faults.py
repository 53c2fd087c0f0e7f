"""A bad link: frames lost, changed, late or cut off, by a seed and a timetable."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from random import Random

from sitl.faults import Corruption, Delay, Fault, LinkCut, PacketLoss

_START = 0xFD
_HEADER, _CHECKSUM, _SIGNATURE = 10, 2, 13
_SIGNED = 0x01


class LinkPath:
    """One direction of one link. Bytes go in as they are sent and come out as they arrive; frames are never cut by it."""

    def __init__(self, faults: Sequence[Fault], *, loss: float = 0.0, seed: int = 0) -> None:
        self._faults = tuple(fault for fault in faults if isinstance(fault, PacketLoss | Corruption | Delay | LinkCut))
        self._loss = loss
        self._random = Random(seed)
        self._under_way: deque[tuple[float, bytes]] = deque()
        self._is_clean = loss <= 0.0 and not self._faults

    @property
    def delays(self) -> bool:
        """Whether anything can ever be under way; else what is sent arrives, if it does, at once."""
        return any(isinstance(fault, Delay) for fault in self._faults)

    def carry(self, data: bytes, now_s: float) -> bytes:
        """What arrives now, of these bytes and of those still under way."""
        if self._is_clean:
            return data
        lost, changed, late_s = self._state(now_s)
        for frame in frames(data):
            if lost > 0.0 and self._random.random() < lost:
                continue
            if changed > 0.0 and self._random.random() < changed:
                frame = self._damaged(frame)
            at_s = now_s + late_s
            # A shorter delay later on does not let a frame overtake.
            self._under_way.append((max(at_s, self._under_way[-1][0]) if self._under_way else at_s, frame))
        arrived = bytearray()
        while self._under_way and self._under_way[0][0] <= now_s + 1e-9:
            arrived += self._under_way.popleft()[1]
        return bytes(arrived)

    def _state(self, now_s: float) -> tuple[float, float, float]:
        kept, whole, late_s = 1.0 - self._loss, 1.0, 0.0
        for fault in self._faults:
            if not fault.is_on(now_s):
                continue
            match fault:
                case PacketLoss():
                    kept *= 1.0 - fault.part
                case Corruption():
                    whole *= 1.0 - fault.part
                case Delay():
                    late_s += fault.delay_s
                case LinkCut():
                    kept = 0.0
        return 1.0 - kept, 1.0 - whole, late_s

    def _damaged(self, frame: bytes) -> bytes:
        at = self._random.randrange(len(frame))
        return frame[:at] + bytes([frame[at] ^ self._random.randrange(1, 256)]) + frame[at + 1 :]


def frames(data: bytes) -> list[bytes]:
    """MAVLink 2 frames of a piece of stream; what is not one travels as a piece of its own."""
    found: list[bytes] = []
    start = 0
    while start < len(data):
        if data[start] != _START or start + 3 > len(data):
            found.append(data[start:])
            break
        length = _HEADER + data[start + 1] + _CHECKSUM + (_SIGNATURE if data[start + 2] & _SIGNED else 0)
        found.append(data[start : start + length])
        start += length
    return found
