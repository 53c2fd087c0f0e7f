"""How a vehicle becomes ready after boot: what it says when, and what keeps it from arming until then.

The timetable is the simulated autopilot's own (recordings k01, k10a, c01; seconds since boot): stores open at 2.4 s, attitude
at 5.9 s, home at 20 s, position at 41.5 s.
"""

from __future__ import annotations

from dataclasses import dataclass

from mavlink_bridge.enums import EkfFlag, Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadinessParams:
    """When each stage is reached, seconds since boot. `haste` divides all of them, for tests that need no boot."""

    first_heartbeat_s: float = 1.0
    ready_s: float = 2.44
    estimator_started_s: float = 4.45
    battery_known_s: float = 5.0
    attitude_s: float = 5.9
    height_s: float = 9.0
    gps_seen_s: float = 9.8
    gps_fix_s: float = 10.0
    inertial_agree_s: float = 15.0
    home_s: float = 20.02
    estimator_trusted_s: float = 22.6
    position_s: float = 41.4
    haste: float = 1.0


#: A quadplane's (q01): its estimator starts later, and knows its place at once.
PLANE_READINESS = ReadinessParams(
    estimator_started_s=10.3,
    attitude_s=12.2,
    height_s=12.2,
    gps_seen_s=9.1,
    gps_fix_s=9.3,
    home_s=20.3,
    estimator_trusted_s=20.5,
    position_s=20.5,
)

_INFO = Severity.INFO

#: What the vehicle says while it boots; {} is the ground's height in metres.
_TEXTS: tuple[tuple[float, str], ...] = (
    (0.32, "Calibrating barometer"),
    (1.92, "Barometer 1 calibration complete"),
    (1.92, "Barometer 2 calibration complete"),
    (2.44, "ArduPilot Ready"),
    (2.44, "AHRS: DCM active"),
    (2.75, "RC7: SaveWaypoint LOW"),
    (4.45, "EKF3 IMU0 initialised"),
    (4.45, "EKF3 IMU1 initialised"),
    (4.46, "AHRS: EKF3 active"),
    (5.8, "EKF3 IMU0 tilt alignment complete"),
    (5.8, "EKF3 IMU1 tilt alignment complete"),
    (5.9, "EKF3 IMU0 MAG0 initial yaw alignment complete"),
    (5.9, "EKF3 IMU1 MAG0 initial yaw alignment complete"),
    (9.8, "GPS 1: probing for u-blox at 230400 baud"),
    (9.82, "GPS 1: detected u-blox"),
    (20.02, "EKF3 IMU0 origin set"),
    (20.05, "Field Elevation Set: {:.0f}m"),
    (20.2, "EKF3 IMU1 origin set"),
    (41.38, "EKF3 IMU0 is using GPS"),
    (41.59, "EKF3 IMU1 is using GPS"),
)

_PLANE_TEXTS: tuple[tuple[float, str], ...] = (
    (0.3, "Calibrating barometer"),
    (1.9, "Barometer 1 calibration complete"),
    (1.9, "Barometer 2 calibration complete"),
    (1.9, "Airspeed 1 calibration started"),
    (2.1, "ArduPilot Ready"),
    (2.1, "AHRS: DCM active"),
    (3.4, "Airspeed 1 calibrated"),
    (9.1, "GPS 1: probing for u-blox at 230400 baud"),
    (9.1, "GPS 1: detected u-blox"),
    (10.3, "EKF3 IMU0 initialised"),
    (10.3, "EKF3 IMU1 initialised"),
    (12.1, "EKF3 IMU1 tilt alignment complete"),
    (12.1, "EKF3 IMU0 tilt alignment complete"),
    (12.2, "EKF3 IMU1 MAG0 initial yaw alignment complete"),
    (12.2, "EKF3 IMU0 MAG0 initial yaw alignment complete"),
    (20.3, "EKF3 IMU1 origin set"),
    (20.3, "EKF3 IMU1 is using GPS"),
    (20.3, "Field Elevation Set: {:.0f}m"),
    (20.5, "EKF3 IMU0 origin set"),
    (20.5, "EKF3 IMU0 is using GPS"),
    (20.5, "AHRS: EKF3 active"),
)

#: EKF_STATUS_REPORT's flags by stage.
_LEVEL_ONLY = EkfFlag.ATTITUDE | EkfFlag.VELOCITY_HORIZ | EkfFlag.VELOCITY_VERT | EkfFlag.POS_VERT_ABS | EkfFlag.CONST_POS_MODE
_POSITION = (
    EkfFlag.ATTITUDE
    | EkfFlag.VELOCITY_HORIZ
    | EkfFlag.VELOCITY_VERT
    | EkfFlag.POS_HORIZ_REL
    | EkfFlag.POS_HORIZ_ABS
    | EkfFlag.POS_VERT_ABS
    | EkfFlag.PRED_POS_HORIZ_REL
    | EkfFlag.PRED_POS_HORIZ_ABS
)

NO_GPS, NO_FIX, RTK_FIX = 0, 1, 6


class Readiness:
    """A vehicle's stage since its boot. `gps_works` is switched by faults; without it the position is lost again."""

    def __init__(self, ground_amsl_m: float, params: ReadinessParams | None = None, *, plane: bool = False) -> None:
        self._params = params or (PLANE_READINESS if plane else ReadinessParams())
        self._texts = _PLANE_TEXTS if plane else _TEXTS
        self._ground_amsl_m = ground_amsl_m
        self._said = 0
        self.gps_works = True
        self.position_lost = False
        self.compass_fails = False

    def _at(self, stage_s: float) -> float:
        return stage_s / self._params.haste

    def texts(self, now_s: float) -> list[tuple[Severity, str]]:
        """What there is to say by now and has not been said."""
        said: list[tuple[Severity, str]] = []
        while self._said < len(self._texts) and now_s >= self._at(self._texts[self._said][0]):
            said.append((_INFO, self._texts[self._said][1].format(self._ground_amsl_m)))
            self._said += 1
        return said

    @property
    def is_settled(self) -> bool:
        """Whether the whole timetable is over."""
        return self._said == len(self._texts)

    def speaks(self, now_s: float) -> bool:
        return now_s >= self._at(self._params.first_heartbeat_s)

    def is_up(self, now_s: float) -> bool:
        """Initialised: STANDBY, and the item stores are open."""
        return now_s >= self._at(self._params.ready_s)

    def has_home(self, now_s: float) -> bool:
        return now_s >= self._at(self._params.home_s)

    def has_position(self, now_s: float) -> bool:
        return now_s >= self._at(self._params.position_s) and not self.position_lost

    def has_gps_place(self, now_s: float) -> bool:
        return now_s >= self._at(self._params.gps_seen_s)

    def trusts_estimator(self, now_s: float) -> bool:
        return now_s >= self._at(self._params.estimator_trusted_s)

    def gps_fix(self, now_s: float) -> tuple[int, int]:
        """Fix type and satellites."""
        if now_s < self._at(self._params.gps_seen_s) or not self.gps_works:
            return (NO_GPS, 0) if self.gps_works else (NO_FIX, 0)
        return (RTK_FIX, 10) if now_s >= self._at(self._params.gps_fix_s) else (NO_FIX, 3)

    def ekf_flags(self, now_s: float) -> int:
        if now_s < self._at(self._params.estimator_started_s):
            return EkfFlag.UNINITIALIZED
        if now_s < self._at(self._params.attitude_s):
            return 0
        return _POSITION if self.has_position(now_s) else _LEVEL_ONLY

    def arming_problems(self, now_s: float, *, needs_position: bool) -> list[str]:
        """What ArduPilot would say against arming now, in its order (k10a)."""
        p = self._params
        problems: list[str] = []

        def until(stage_s: float, text: str) -> None:
            if now_s < self._at(stage_s):
                problems.append(text)

        if needs_position:
            until(p.height_s, "Need Alt Estimate")
        until(p.ready_s, "Hardware safety switch")
        if now_s < self._at(p.ready_s):
            problems.append("Gyros not healthy")
        else:
            until(p.inertial_agree_s, "Accels inconsistent")
        until(p.attitude_s, "EKF attitude is bad")
        if self.compass_fails:
            problems.append("Compass not healthy")
        else:
            until(p.battery_known_s, "Compass not healthy")
        if needs_position:
            until(p.home_s, "AHRS: waiting for home")
        else:
            until(p.estimator_started_s, "AHRS: EKF3 not started")
        until(p.battery_known_s, "Battery 1 unhealthy")
        if needs_position and self.has_home(now_s) and not self.has_position(now_s):
            problems.append("Need Position Estimate")
        return problems
