"""A fleet of simulated vehicles on one clock, in memory or behind TCP ports."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from mavlink_bridge.link import Received
from sitl.config import VehicleConfig
from sitl.faults import FaultPlan
from sitl.vehicle import EmbeddedVehicle

FIRST_PORT = 5760
PORTS_PER_VEHICLE = 10


class LockstepLinks:
    """`mavlink_bridge.link.FleetLinks` in memory: every `exchange` lets the whole fleet live one step.

    A link's name is the drone's id. `speedup` paces against the wall clock; None runs as fast as it can. The same configs,
    seed and calls give the same bytes. `loss` is the part of frames lost each way.
    """

    def __init__(
        self,
        configs: Sequence[VehicleConfig],
        *,
        step_s: float = 0.1,
        speedup: float | None = None,
        loss: float = 0.0,
        seed: int = 0,
        faults: FaultPlan | None = None,
    ) -> None:
        raise NotImplementedError

    @property
    def now_s(self) -> float:
        raise NotImplementedError

    @property
    def vehicles(self) -> dict[str, EmbeddedVehicle]:
        """By drone id, for tests."""
        raise NotImplementedError

    async def exchange(self) -> Sequence[Received]:
        raise NotImplementedError

    def send(self, link: str, data: bytes) -> None:
        raise NotImplementedError

    async def close(self) -> None:
        raise NotImplementedError


async def serve(
    configs: Sequence[VehicleConfig],
    *,
    host: str = "127.0.0.1",
    first_port: int = FIRST_PORT,
    speedup: float = 1.0,
    loss: float = 0.0,
    seed: int = 0,
    faults: FaultPlan | None = None,
    announce: Callable[[str, str], None] | None = None,
) -> None:
    """Keep the fleet up for any ground station until cancelled: vehicle n listens on TCP `first_port` + 10 n.

    `announce(drone, url)` is told each address once it listens. Raises OSError when a port is taken.
    """
    raise NotImplementedError
