"""A fleet of simulated vehicles on one clock, joined to a ground station in memory; `serve` puts it behind TCP ports."""

from __future__ import annotations

from collections.abc import Sequence

from mavlink_bridge.link import Received
from sitl.config import VehicleConfig
from sitl.faults import FaultPlan
from sitl.faulty_vehicle import FaultyVehicle
from sitl.pace import Pace
from sitl.readiness import ReadinessParams
from sitl.server import FIRST_PORT, PORTS_PER_VEHICLE, serve
from sitl.vehicle import EmbeddedVehicle

__all__ = ["FIRST_PORT", "PORTS_PER_VEHICLE", "TURNAROUND_S", "LockstepLinks", "serve"]

#: How long an answer takes when vehicle and station talk to each other: ArduPilot reads its ports every few milliseconds.
TURNAROUND_S = 0.01


class LockstepLinks:
    """`mavlink_bridge.link.FleetLinks` in memory: every `exchange` lets the whole fleet live one step.

    A link's name is the drone's id. The step is `step_s` while the vehicles only report, and `TURNAROUND_S` while one of
    them answers, so that a conversation goes on at its real pace. `speedup` paces against the wall clock; None runs as fast
    as it can. The same configs, seed and calls give the same bytes. `loss` is the part of frames lost each way.
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
        readiness: ReadinessParams | None = None,
    ) -> None:
        if not step_s > 0:
            raise ValueError(f"step_s {step_s} is not positive")
        if not 0 <= loss < 1:
            raise ValueError(f"loss {loss} is outside [0, 1)")
        plan = (faults or FaultPlan()).drawn(seed)
        self._drones = {config.drone: FaultyVehicle(config, plan, loss=loss, seed=seed, readiness=readiness) for config in configs}
        if len(self._drones) != len(configs):
            raise ValueError("two vehicles have the same drone id")
        self._step_s = step_s
        self._steps_us = 0
        self._pace = Pace(speedup)

    @property
    def now_s(self) -> float:
        return self._steps_us / 1e6

    @property
    def vehicles(self) -> dict[str, EmbeddedVehicle]:
        """By drone id, for tests and for whoever wants to know the truth."""
        return {drone: faulty.vehicle for drone, faulty in self._drones.items()}

    @property
    def pace(self) -> Pace:
        """Speed-up, pause and single step, while it runs."""
        return self._pace

    def send(self, link: str, data: bytes) -> None:
        self._drones[link].receive(data)

    async def exchange(self) -> Sequence[Received]:
        await self._pace.wait(self.now_s)
        received = self._collect()
        dt_s = TURNAROUND_S if received else self._step_s
        self._steps_us += round(dt_s * 1e6)
        for faulty in self._drones.values():
            faulty.step(dt_s)
        # What is said during the step arrives with it; answers arrive one turnaround later.
        return [*received, *self._collect()]

    def _collect(self) -> list[Received]:
        received: list[Received] = []
        for drone, faulty in self._drones.items():
            data = faulty.take_output()
            if data:
                received.append(Received(drone, data))
        return received

    async def close(self) -> None:
        """Nothing to release: the vehicles are only memory."""
