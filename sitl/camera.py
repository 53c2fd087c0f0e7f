"""A camera that is released by distance, by interval or on order, and tells of every picture (AP_Camera, 4.7.0-dev).

It is there when CAM1_TYPE was set at boot; ArduPilot's default simulated vehicle has none (k15).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from mavlink_bridge.enums import MavResult
from mavlink_bridge.messages import CameraFeedback
from sitl.core import Core
from sitl.item_rules import StoredItem
from sitl.pilot import Motion

#: What a vehicle without a camera answers (ArduPilot probed).
_ABSENT: Mapping[int, MavResult] = {
    203: MavResult.ACCEPTED,
    206: MavResult.ACCEPTED,
    2000: MavResult.FAILED,
    2001: MavResult.ACCEPTED,
}
_FOR_EVER = -1


class Camera:
    """`obey` takes orders of stations and missions; `tick` after each step of the flight."""

    def __init__(self, core: Core, motion: Callable[[], Motion], flies_mission: Callable[[], bool]) -> None:
        self._core = core
        self._flies_mission = flies_mission
        self._motion = motion
        self._exists = core.parameters["CAM1_TYPE"] > 0
        self._every_m = 0.0
        self._last: tuple[float, float] | None = None
        self._every_s, self._left, self._next_s = 0.0, 0, 0.0
        self.pictures = 0

    @property
    def is_busy(self) -> bool:
        return self._every_m > 0 or self._left != 0

    def obey(self, command: int, p1: float, p2: float, p3: float, p5: float) -> MavResult | None:
        """The answer; None when it is no matter of the camera's."""
        if command not in _ABSENT:
            return None
        if not self._exists:
            return _ABSENT[command]
        match command:
            case 203:  # DO_DIGICAM_CONTROL
                if round(p5) == 1:
                    self._release()
            case 206:  # DO_SET_CAM_TRIGG_DIST
                if p3 == 1:
                    self._release()
                self._every_m, self._last = max(0.0, p1), None
            case 2000:  # IMAGE_START_CAPTURE
                self._every_s, self._left = max(0.0, p2), int(p3) if p3 > 0 else _FOR_EVER
                self._next_s = self._core.now_s
            case _:
                self._left = 0
        return MavResult.ACCEPTED

    def obey_item(self, item: StoredItem) -> None:
        self.obey(item.command, item.param1, item.param2, item.param3, item.x)

    def tick(self) -> None:
        if self._left and self._core.now_s >= self._next_s - 1e-9:
            self._next_s = self._core.now_s + self._every_s
            self._left -= 1 if self._left > 0 else 0
            self._release()
        if self._every_m > 0 and (not self._core.parameters["CAM_AUTO_ONLY"] or self._flies_mission()):
            self._release_by_distance()

    def _release_by_distance(self) -> None:
        motion = self._motion()
        here = motion.north_m, motion.east_m
        if self._last is None:
            # The first place only counts from here.
            self._last = here
        elif math.dist(here, self._last) >= self._every_m:
            self._last = here
            self._release()

    def _release(self) -> None:
        core, motion = self._core, self._motion()
        self.pictures += 1
        lat_deg, lon_deg = core.to_degrees(motion.north_m, motion.east_m)
        core.out.announce(
            CameraFeedback(
                time_s=core.unix_s,
                img_idx=self.pictures,
                lat_deg=lat_deg,
                lon_deg=lon_deg,
                alt_amsl_m=core.home_amsl_m + motion.up_m,
                relative_alt_m=motion.up_m - self._core.home_up_m,
            )
        )
