"""Sensors that lie: a receiver that is off by a stretch, a compass that fails (ArduCopter 4.7.0-dev, flown with SIM_ parameters).

A glitch is rejected for ten seconds; then the estimator believes it, and the vehicle flies to where it thinks its leg is. The
same again when the glitch ends. A failed compass is replaced by the next after ten seconds, but nobody arms with it.
"""

from __future__ import annotations

import math

from mavlink_bridge.enums import Severity
from sitl.core import Core
from sitl.earth import METRES_PER_DEGREE
from sitl.pilot import Pilot

_Offset = tuple[float, float]


class SensorFaults:
    """`tick` looks at the simulator's parameters; `shift` is how far the vehicle's idea of its place is off, metres north, east."""

    _NOTICED_S, _BELIEVED_S, _SWITCHED_S = 1.4, 10.3, 10.1
    #: The receiver's own noise is no glitch.
    _LEAST_M = 1.0

    def __init__(self, core: Core, pilot: Pilot) -> None:
        self._core = core
        self._pilot = pilot
        self.shift: _Offset = (0.0, 0.0)
        self._seen: _Offset = (0.0, 0.0)
        self._since_s: float | None = None
        self._told = False
        self._compass_since_s: float | None = None
        self._compass_told = False

    def tick(self) -> None:
        self._check_compass()
        offset = self._glitch_m()
        if math.dist(offset, self._seen) > self._LEAST_M:
            self._seen = offset
            self._since_s = self._core.now_s
        if self._since_s is not None:
            self._follow(self._core.now_s - self._since_s)

    def _glitch_m(self) -> _Offset:
        p = self._core.parameters
        north_deg, east_deg = p["SIM_GPS1_GLTCH_X"], p["SIM_GPS1_GLTCH_Y"]
        if north_deg == 0.0 and east_deg == 0.0:
            return 0.0, 0.0
        narrowing = math.cos(math.radians(self._core.home.lat_deg))
        return north_deg * METRES_PER_DEGREE, east_deg * METRES_PER_DEGREE * narrowing

    def _follow(self, since_s: float) -> None:
        if math.dist(self._seen, self.shift) > self._LEAST_M:
            if not self._told and since_s >= self._NOTICED_S:
                self._told = True
                self._core.say(Severity.CRITICAL, "GPS Glitch or Compass error")
            if since_s < self._BELIEVED_S:
                return
            self._pilot.shift(self._seen[0] - self.shift[0], self._seen[1] - self.shift[1])
            self.shift = self._seen
        if self._told:
            self._told = False
            self._core.say(Severity.CRITICAL, "Glitch cleared")
        self._since_s = None

    def _check_compass(self) -> None:
        core = self._core
        fails = core.parameters["SIM_MAG1_FAIL"] > 0
        core.readiness.compass_fails = fails
        if not fails:
            self._compass_since_s, self._compass_told = None, False
            return
        if self._compass_since_s is None:
            self._compass_since_s = core.now_s
        if not self._compass_told and core.now_s - self._compass_since_s >= self._SWITCHED_S:
            self._compass_told = True
            core.say(Severity.INFO, "EKF3 IMU0 switching to compass 1")
            core.say(Severity.INFO, "EKF3 IMU1 switching to compass 1")
