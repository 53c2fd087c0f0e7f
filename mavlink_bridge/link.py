"""How bytes reach vehicles: the one port that sockets, serial lines and in-memory fleets implement alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable


@dataclass(frozen=True, slots=True)
class Received:
    """Bytes from one link, with the vehicle-time instant at which they were taken."""

    link: str
    data: bytes


class FleetLinks(Protocol):
    """All links of a fleet and their common clock.

    `exchange` waits for the next thing to happen (bytes, or a short while) and returns what came; in a simulated fleet
    that is where the simulation advances. `now_s` is vehicle time in seconds: it runs with the vehicles' own clocks, so that
    time-outs and heartbeats mean the same at any speed-up.
    """

    @property
    def now_s(self) -> float: ...

    async def exchange(self) -> Sequence[Received]: ...

    def send(self, link: str, data: bytes) -> None: ...

    async def close(self) -> None: ...


@runtime_checkable
class TimeObserver(Protocol):
    """Links that keep vehicle time by what the vehicles say of their own clocks."""

    def observe(self, link: str, boot_s: float) -> None:
        """A vehicle on this link has just said how long ago it booted."""
