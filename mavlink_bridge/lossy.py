"""A bad radio for tests and drills: seeded loss, duplication, reordering and corruption of whole frames."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, fields

from mavlink_bridge.framing import frame_end
from mavlink_bridge.link import FleetLinks, Received, TimeObserver


@dataclass(frozen=True, kw_only=True, slots=True)
class LossParams:
    """Probabilities, each for every frame on its own. A reordered frame arrives after the one that follows it."""

    loss: float = 0.0
    duplication: float = 0.0
    reordering: float = 0.0
    corruption: float = 0.0

    def __post_init__(self) -> None:
        for item in fields(self):
            if not 0 <= getattr(self, item.name) <= 1:
                raise ValueError(f"{item.name} {getattr(self, item.name)} is outside [0, 1]")


class LossyPipe:
    """One direction of a bad link. The same seed and traffic give the same losses."""

    def __init__(self, params: LossParams, *, seed: int) -> None:
        self._params = params
        self._dice = random.Random(seed)
        self._late: list[bytes] = []

    def carry(self, frame: bytes) -> list[bytes]:
        """What comes out at the other end, in order, when this goes in."""
        arrived = [self._maybe_corrupted(frame)] if self._dice.random() >= self._params.loss else []
        if arrived and self._dice.random() < self._params.duplication:
            arrived = arrived * 2
        late, self._late = self._late, []
        if arrived and self._dice.random() < self._params.reordering:
            self._late = arrived
            return late
        return arrived + late

    def _maybe_corrupted(self, frame: bytes) -> bytes:
        if not frame or self._dice.random() >= self._params.corruption:
            return frame
        place = self._dice.randrange(len(frame))
        return frame[:place] + bytes([frame[place] ^ self._dice.randrange(1, 256)]) + frame[place + 1 :]


class LossyLinks:
    """A `FleetLinks` whose every link is bad, each way and each link with dice of its own."""

    def __init__(self, links: FleetLinks, params: LossParams, *, seed: int) -> None:
        self._links = links
        self._params = params
        self._seed = seed
        self._pipes: dict[tuple[str, str], LossyPipe] = {}

    @property
    def now_s(self) -> float:
        return self._links.now_s

    def observe(self, link: str, boot_s: float) -> None:
        if isinstance(self._links, TimeObserver):
            self._links.observe(link, boot_s)

    async def exchange(self) -> Sequence[Received]:
        received = await self._links.exchange()
        return [
            Received(item.link, frame)
            for item in received
            for whole in split_frames(item.data)
            for frame in self._pipe("in", item.link).carry(whole)
        ]

    def send(self, link: str, data: bytes) -> None:
        for whole in split_frames(data):
            for frame in self._pipe("out", link).carry(whole):
                self._links.send(link, frame)

    async def close(self) -> None:
        await self._links.close()

    def _pipe(self, way: str, link: str) -> LossyPipe:
        key = (way, link)
        if key not in self._pipes:
            # A string seeds the same on every machine, unlike its hash.
            seed = random.Random(f"{self._seed}/{way}/{link}").randrange(2**32)
            self._pipes[key] = LossyPipe(self._params, seed=seed)
        return self._pipes[key]


def split_frames(data: bytes) -> list[bytes]:
    """MAVLink 2 frames apart; what is not a whole frame stays in one piece, so that nothing is lost or reordered."""
    frames = []
    start = 0
    while start < len(data):
        end = frame_end(data, start)
        if end is None or end > len(data):
            frames.append(data[start:])
            break
        frames.append(data[start:end])
        start = end
    return frames
