"""Fields that differ on the wire in name or unit from the messages' own; the codec applies them, pymavlink knows the rest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mavlink_bridge import messages as m


@dataclass(frozen=True, slots=True)
class Field:
    """How one field is written: `wire = value * per_unit`, None as `unknown`."""

    attribute: str
    wire: str
    per_unit: float = 1.0
    unknown: int | None = None

    def read(self, value: Any) -> Any:
        if self.unknown is not None and value == self.unknown:
            return None
        return value / self.per_unit if self.per_unit != 1.0 else value

    def write(self, value: Any) -> Any:
        if value is None:
            return self.unknown
        return round(value * self.per_unit) if self.per_unit != 1.0 else value


_DEG = 1e7


def _f(attribute: str, wire: str, per_unit: float = 1.0, unknown: int | None = None) -> Field:
    return Field(attribute, wire, per_unit, unknown)


#: Fields that differ from the wire in name or unit; all others go through by their own name.
DIFFERENT: Mapping[type[Any], tuple[Field, ...]] = {
    m.SysStatus: (
        _f("sensors_present", "onboard_control_sensors_present"),
        _f("sensors_enabled", "onboard_control_sensors_enabled"),
        _f("sensors_health", "onboard_control_sensors_health"),
        _f("load_pct", "load", 10.0),
        _f("voltage_v", "voltage_battery", 1000.0, 65535),
        _f("current_a", "current_battery", 100.0, -1),
        _f("battery_remaining_pct", "battery_remaining", 1.0, -1),
    ),
    m.SystemTime: (_f("time_unix_s", "time_unix_usec", 1e6), _f("time_boot_s", "time_boot_ms", 1000.0)),
    m.GpsRawInt: (
        _f("time_s", "time_usec", 1e6),
        _f("lat_deg", "lat", _DEG),
        _f("lon_deg", "lon", _DEG),
        _f("alt_amsl_m", "alt", 1000.0),
    ),
    m.Attitude: (
        _f("time_boot_s", "time_boot_ms", 1000.0),
        _f("roll_rad", "roll"),
        _f("pitch_rad", "pitch"),
        _f("yaw_rad", "yaw"),
        _f("rollspeed_radps", "rollspeed"),
        _f("pitchspeed_radps", "pitchspeed"),
        _f("yawspeed_radps", "yawspeed"),
    ),
    m.GlobalPositionInt: (
        _f("time_boot_s", "time_boot_ms", 1000.0),
        _f("lat_deg", "lat", _DEG),
        _f("lon_deg", "lon", _DEG),
        _f("alt_amsl_m", "alt", 1000.0),
        _f("relative_alt_m", "relative_alt", 1000.0),
        _f("north_mps", "vx", 100.0),
        _f("east_mps", "vy", 100.0),
        _f("down_mps", "vz", 100.0),
        _f("heading_deg", "hdg", 100.0, 65535),
    ),
    m.VfrHud: (
        _f("airspeed_mps", "airspeed"),
        _f("groundspeed_mps", "groundspeed"),
        _f("heading_deg", "heading"),
        _f("throttle_pct", "throttle"),
        _f("alt_amsl_m", "alt"),
        _f("climb_mps", "climb"),
    ),
    m.RcChannels: (_f("time_boot_s", "time_boot_ms", 1000.0),),
    m.FenceStatus: (_f("breach_time_s", "breach_time", 1000.0),),
    m.HomePosition: (
        _f("lat_deg", "latitude", _DEG),
        _f("lon_deg", "longitude", _DEG),
        _f("alt_amsl_m", "altitude", 1000.0),
    ),
    m.GpsGlobalOrigin: (
        _f("lat_deg", "latitude", _DEG),
        _f("lon_deg", "longitude", _DEG),
        _f("alt_amsl_m", "altitude", 1000.0),
    ),
    m.CameraFeedback: (
        _f("time_s", "time_usec", 1e6),
        _f("lat_deg", "lat", _DEG),
        _f("lon_deg", "lng", _DEG),
        _f("alt_amsl_m", "alt_msl"),
        _f("relative_alt_m", "alt_rel"),
    ),
    m.BatteryStatus: (
        _f("current_a", "current_battery", 100.0, -1),
        _f("consumed_mah", "current_consumed", 1.0, -1),
        _f("remaining_pct", "battery_remaining", 1.0, -1),
        _f("temperature_degc", "temperature", 100.0, 32767),
    ),
    m.AdsbVehicle: (
        _f("icao_address", "ICAO_address"),
        _f("lat_deg", "lat", _DEG),
        _f("lon_deg", "lon", _DEG),
        _f("altitude_m", "altitude", 1000.0),
        _f("heading_deg", "heading", 100.0),
        _f("horizontal_mps", "hor_velocity", 100.0),
        _f("vertical_mps", "ver_velocity", 100.0),
        _f("since_s", "tslc"),
    ),
    m.OpenDroneIdLocation: (
        _f("direction_deg", "direction", 100.0, 36100),
        _f("horizontal_mps", "speed_horizontal", 100.0, 25500),
        _f("vertical_mps", "speed_vertical", 100.0, 6300),
        _f("lat_deg", "latitude", _DEG),
        _f("lon_deg", "longitude", _DEG),
        _f("altitude_barometric_m", "altitude_barometric"),
        _f("altitude_geodetic_m", "altitude_geodetic"),
        _f("height_m", "height"),
        _f("timestamp_s", "timestamp"),
    ),
    m.TerrainRequest: (_f("lat_deg", "lat", _DEG), _f("lon_deg", "lon", _DEG)),
    m.TerrainData: (_f("lat_deg", "lat", _DEG), _f("lon_deg", "lon", _DEG)),
    m.TerrainCheck: (_f("lat_deg", "lat", _DEG), _f("lon_deg", "lon", _DEG)),
    m.TerrainReport: (_f("lat_deg", "lat", _DEG), _f("lon_deg", "lon", _DEG)),
}
