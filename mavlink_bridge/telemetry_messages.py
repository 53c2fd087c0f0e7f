"""What vehicles report of themselves, unasked or at a rate: part of `messages`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Heartbeat:
    type: int
    autopilot: int
    base_mode: int
    custom_mode: int
    system_status: int
    mavlink_version: int = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class SysStatus:
    sensors_present: int
    sensors_enabled: int
    sensors_health: int
    load_pct: float = 0.0
    voltage_v: float | None = None
    current_a: float | None = None
    battery_remaining_pct: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemTime:
    time_unix_s: float
    time_boot_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class GpsRawInt:
    time_s: float
    fix_type: int
    lat_deg: float
    lon_deg: float
    alt_amsl_m: float
    satellites_visible: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Attitude:
    time_boot_s: float
    roll_rad: float
    pitch_rad: float
    yaw_rad: float
    rollspeed_radps: float = 0.0
    pitchspeed_radps: float = 0.0
    yawspeed_radps: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class GlobalPositionInt:
    time_boot_s: float
    lat_deg: float
    lon_deg: float
    alt_amsl_m: float
    relative_alt_m: float
    north_mps: float
    east_mps: float
    down_mps: float
    heading_deg: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VfrHud:
    airspeed_mps: float
    groundspeed_mps: float
    heading_deg: int
    throttle_pct: int
    alt_amsl_m: float
    climb_mps: float


@dataclass(frozen=True, slots=True, kw_only=True)
class BatteryStatus:
    """Only the first cell's voltage is kept: ArduPilot puts the pack's total there (65.535 V at most)."""

    id: int
    voltage_v: float | None
    current_a: float | None
    consumed_mah: int | None
    remaining_pct: int | None
    temperature_degc: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtendedSysState:
    landed_state: int
    vtol_state: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class EkfStatusReport:
    flags: int
    velocity_variance: float = 0.0
    pos_horiz_variance: float = 0.0
    pos_vert_variance: float = 0.0
    compass_variance: float = 0.0
    terrain_alt_variance: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class FenceStatus:
    breach_status: int
    breach_count: int
    breach_type: int
    breach_time_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class HomePosition:
    lat_deg: float
    lon_deg: float
    alt_amsl_m: float


@dataclass(frozen=True, slots=True, kw_only=True)
class AutopilotVersion:
    capabilities: int
    flight_sw_version: int = 0
    board_version: int = 0
    vendor_id: int = 0
    product_id: int = 0
    uid: int = 0
    uid2: bytes = b""

    @property
    def board_id(self) -> str:
        """The board's own number in hexadecimal, as its maker burnt it in; empty when it has none."""
        long = self.uid2.rstrip(b"\0")
        return long.hex() if long else f"{self.uid:x}" if self.uid else ""

    @property
    def firmware(self) -> str:
        """Such as 4.6.0, or 4.7.0-dev; empty when it was not told (a byte each: major, minor, patch, FIRMWARE_VERSION_TYPE)."""
        major, minor, patch, stage = self.flight_sw_version.to_bytes(4, "big")
        words = next((name for least, name in _STAGES if stage >= least), "dev")
        return f"{major}.{minor}.{patch}{'-' if words else ''}{words}" if self.flight_sw_version else ""


_STAGES = ((255, ""), (192, "rc"), (128, "beta"), (64, "alpha"))


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusText:
    severity: int
    text: str
    id: int = 0
    chunk_seq: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RcChannels:
    """Pilot's sticks, microseconds; 65535 is unused."""

    time_boot_s: float
    chancount: int
    channels_us: tuple[int, ...]
    rssi: int = 255


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraFeedback:
    time_s: float
    img_idx: int
    lat_deg: float
    lon_deg: float
    alt_amsl_m: float
    relative_alt_m: float


@dataclass(frozen=True, slots=True, kw_only=True)
class GpsGlobalOrigin:
    """Where the vehicle's own local frame begins."""

    lat_deg: float
    lon_deg: float
    alt_amsl_m: float
