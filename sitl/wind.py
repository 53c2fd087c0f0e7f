"""The air around a vehicle: steady wind that grows with height, and gusts from a seed, by ArduPilot's SIM_WIND_* parameters."""

from __future__ import annotations

import math
import random

from sitl.parameters import Parameters


class Air:
    """Wind at a height. ArduPilot's default profile is a square root up to SIM_WIND_T_ALT, so 8 m/s is 7.3 m/s at 50 m."""

    __slots__ = ("_gust", "_parameters", "_random", "east_mps", "north_mps", "up_mps")

    #: Part of the turbulence that is left after one step of a tenth of a second (a few seconds' memory).
    _MEMORY = 0.98

    def __init__(self, parameters: Parameters, seed: int) -> None:
        self._parameters = parameters
        self._random = random.Random(seed)
        self._gust = [0.0, 0.0]
        self.north_mps = self.east_mps = self.up_mps = 0.0
        self.update()

    def update(self, height_m: float = 0.0) -> None:
        """The wind at this height now; call once a step."""
        p = self._parameters
        speed_mps = p["SIM_WIND_SPD"]
        if speed_mps <= 0.0 and p["SIM_WIND_TURB"] <= 0.0:
            self.north_mps = self.east_mps = 0.0
            return
        top_m = p["SIM_WIND_T_ALT"]
        if p["SIM_WIND_T"] == 0 and 0.0 <= height_m < top_m:
            speed_mps *= math.sqrt(height_m / top_m)
        towards = math.radians(p["SIM_WIND_DIR"] + 180.0)
        self.north_mps = speed_mps * math.cos(towards)
        self.east_mps = speed_mps * math.sin(towards)
        turbulence_mps = p["SIM_WIND_TURB"]
        if turbulence_mps > 0.0:
            self._blow(turbulence_mps)

    def _blow(self, turbulence_mps: float) -> None:
        fresh = turbulence_mps * math.sqrt(1 - self._MEMORY**2)
        self._gust = [self._MEMORY * part + fresh * self._random.gauss(0.0, 1.0) for part in self._gust]
        self.north_mps += self._gust[0]
        self.east_mps += self._gust[1]
