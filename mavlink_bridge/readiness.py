"""Whether a vehicle would arm and fly a mission, and what is in the way when not."""

from __future__ import annotations

from mavlink_bridge.enums import EkfFlag, MavState
from mavlink_bridge.vehicle_state import VehicleState

_FIX_3D = 3
#: What ArduPilot's own tests wait for before they arm (Tools/autotest, `wait_ekf_happy`), less the predicted flags.
_EKF_NEEDED = EkfFlag.ATTITUDE | EkfFlag.VELOCITY_HORIZ | EkfFlag.VELOCITY_VERT | EkfFlag.POS_HORIZ_ABS | EkfFlag.POS_VERT_ABS
_EKF_BAD = EkfFlag.CONST_POS_MODE | EkfFlag.UNINITIALIZED


def not_ready_reasons(state: VehicleState) -> tuple[str, ...]:
    """Everything that is in the way, in words; empty when the vehicle is ready."""
    checks = (
        (state.system_status >= MavState.STANDBY, "still starting"),
        (state.gps_fix >= _FIX_3D, "no GPS fix"),
        (state.ekf_flags & _EKF_NEEDED == _EKF_NEEDED and not state.ekf_flags & _EKF_BAD, "no position estimate"),
        (state.home is not None, "home is not set"),
        (state.prearm_ok, "its pre-arm checks fail"),
    )
    return tuple(text for is_good, text in checks if not is_good)


def is_ready(state: VehicleState) -> bool:
    return not not_ready_reasons(state)


class PrearmTexts:
    """The vehicle's own reasons for not arming: its recent `PreArm:` and `Arm:` texts."""

    #: ArduPilot repeats standing reasons every 30 s (PREARM_DISPLAY_PERIOD).
    KEPT_S = 35.0

    def __init__(self) -> None:
        self._last_s: dict[str, float] = {}

    def add(self, text: str, now_s: float) -> None:
        prefix, colon, reason = text.partition(":")
        if colon and prefix in ("PreArm", "Arm"):
            self._last_s[reason.strip()] = now_s

    def clear(self) -> None:
        self._last_s.clear()

    def recent(self, now_s: float) -> tuple[str, ...]:
        """In the order in which they first came."""
        return tuple(reason for reason, at_s in self._last_s.items() if now_s - at_s <= self.KEPT_S)
