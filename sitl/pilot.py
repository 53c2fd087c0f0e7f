"""What the autopilot's common parts ask of the one that flies: a copter's or a plane's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from mavlink_bridge.enums import LandedState, MavResult, Severity, VtolState
from mavlink_bridge.messages import MissionCurrent


@dataclass(slots=True)
class Motion:
    """Where the vehicle is and how it moves: metres north, east, up of home; degrees; true values."""

    north_m: float = 0.0
    east_m: float = 0.0
    up_m: float = 0.0
    vn: float = 0.0
    ve: float = 0.0
    vu: float = 0.0
    heading_deg: float = 0.0
    roll_deg: float = 0.0
    pitch_deg: float = 0.0
    airspeed_mps: float = 0.0
    throttle_pct: float = 0.0


class Pilot(Protocol):
    """Modes, mission and motion of one vehicle."""

    @property
    def custom_mode(self) -> int: ...
    @property
    def initial_mode(self) -> int:
        """The mode after boot."""
        ...

    @property
    def mode_flags(self) -> int:
        """HEARTBEAT.base_mode without the armed bit."""
        ...

    @property
    def needs_position(self) -> bool:
        """Whether the current mode arms only with a position."""
        ...

    @property
    def landed_state(self) -> LandedState: ...
    @property
    def vtol_state(self) -> VtolState: ...
    @property
    def is_landed(self) -> bool:
        """The land detector's word; HEARTBEAT is STANDBY then."""
        ...

    @property
    def power_w(self) -> float: ...
    def motion(self) -> Motion: ...
    def change_mode(self, number: int) -> MavResult:
        """A station or a failsafe asks for a mode; the reason of a refusal is said."""
        ...

    def fly_home(self) -> None:
        """Return as a failsafe does; land when that is refused."""
        ...

    def fly_back(self, *, or_land: bool) -> None:
        """SMART_RTL where the vehicle has it; when it is refused, land or RTL."""
        ...

    def stop_or_land(self) -> None:
        """BRAKE where the vehicle has it; without a position, land."""
        ...

    def land_now(self, *, pause: bool) -> None: ...
    @property
    def is_landing(self) -> bool: ...
    @property
    def flies_mission(self) -> bool: ...
    def mode_problem(self) -> str | None:
        """Why the current mode cannot be armed in, after all other checks."""
        ...

    def mission_problems(self) -> list[str]: ...
    def armed(self) -> None: ...
    def disarmed(self) -> None: ...
    @property
    def wants_disarm(self) -> bool:
        """It has landed, and its mode ends with that."""
        ...

    @property
    def is_idle(self) -> bool:
        """Armed on the ground with nothing under way."""
        ...

    def step(self, dt_s: float) -> None: ...
    def rest(self, dt_s: float) -> None:
        """One step while disarmed."""
        ...

    def fall(self) -> None:
        """No more thrust."""
        ...

    def stand_at_home(self) -> None:
        """Home has moved to where it stands."""
        ...

    def shift(self, north_m: float, east_m: float) -> None:
        """It finds itself somewhere else than it thought: its idea of its place moves, nothing else does."""
        ...

    def drop_from(self, up_m: float) -> None:
        """Just booted, in the air."""
        ...

    def parameter_set(self, name: str) -> None:
        """A parameter has a new value."""
        ...

    def banner(self) -> list[tuple[Severity, str]]:
        """What the vehicle says of itself when its parameters are listed."""
        ...

    # Commands
    def take_off(self, height_m: float) -> MavResult: ...
    def start_mission(self) -> MavResult: ...
    def set_current(self, seq: int, *, from_start: bool) -> bool: ...
    def pause(self, *, go_on: bool) -> MavResult: ...
    def change_speed(self, kind: int, speed_mps: float) -> MavResult: ...
    def reposition(self, place: tuple[float, float, float], speed_mps: float, *, switch: bool) -> MavResult: ...
    def mission_current(self) -> MissionCurrent: ...
    def mission_changed(self) -> None: ...
