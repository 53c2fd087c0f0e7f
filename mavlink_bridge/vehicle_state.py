"""What a vehicle last said of itself and when: one reducer from messages to a frozen state."""

from __future__ import annotations

from dataclasses import dataclass

from planner.geo import LatLon


@dataclass(frozen=True, slots=True, kw_only=True)
class VehicleState:
    """The latest of everything; None is "never said". Times are vehicle time, seconds since the vehicle's boot.

    `heard_s` is when anything last came, `position_s` when the position did: a position that is old looks old.
    """

    heard_s: float | None = None
    armed: bool = False
    custom_mode: int | None = None
    mode_name: str = ""
    vehicle_type: int = 0
    system_status: int = 0
    landed_state: int = 0
    position: LatLon | None = None
    position_s: float | None = None
    alt_amsl_m: float | None = None
    relative_alt_m: float | None = None
    heading_deg: float | None = None
    groundspeed_mps: float | None = None
    airspeed_mps: float | None = None
    climb_mps: float | None = None
    roll_deg: float | None = None
    pitch_deg: float | None = None
    battery_v: float | None = None
    battery_a: float | None = None
    battery_remaining_pct: int | None = None
    battery_consumed_mah: int | None = None
    gps_fix: int = 0
    satellites: int = 0
    ekf_flags: int = 0
    prearm_ok: bool = False
    home: LatLon | None = None
    home_alt_amsl_m: float | None = None
    mission_seq: int = 0
    mission_total: int = 0
    mission_state: int = 0
    fence_breached: bool = False
