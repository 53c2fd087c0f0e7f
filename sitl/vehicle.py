"""A simulated vehicle without any I/O: bytes in, time in, bytes out."""

from __future__ import annotations

from dataclasses import dataclass

from planner.geo import LatLon
from sitl.config import VehicleConfig


@dataclass(frozen=True, kw_only=True, slots=True)
class Truth:
    """Where the vehicle really is, whatever it tells: for tests, pictures and reports."""

    time_s: float
    position: LatLon
    height_m: float
    north_mps: float
    east_mps: float
    down_mps: float
    armed: bool
    custom_mode: int
    battery_consumed_wh: float
    battery_remaining_pct: float


class EmbeddedVehicle:
    """One vehicle that speaks MAVLink 2 and behaves as ArduPilot does. Deterministic for its config and its input.

    It may have several links (as ArduPilot has serial ports); link 0 exists from the start, others when first used.
    """

    def __init__(self, config: VehicleConfig) -> None:
        self.config = config

    def receive(self, data: bytes, *, link: int = 0) -> None:
        """Bytes from a ground station. They are answered at once: `take_output` has the answers."""
        raise NotImplementedError

    def step(self, dt_s: float) -> None:
        """Let this much simulated time pass."""
        raise NotImplementedError

    def take_output(self, *, link: int = 0) -> bytes:
        """What the vehicle has sent on this link since the last call."""
        raise NotImplementedError

    @property
    def now_s(self) -> float:
        """Seconds since the vehicle's boot."""
        raise NotImplementedError

    @property
    def truth(self) -> Truth:
        raise NotImplementedError
