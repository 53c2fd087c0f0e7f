"""From a drone type's figures to ArduPilot's parameters and airframe, for the embedded vehicle and ArduPilot's own alike."""

from __future__ import annotations

import math

from planner.model import VehicleKind
from sitl.config import VehicleConfig
from sitl.copter_body import AirframeParams

#: ArduPilot's default simulated copter flies this fast at its 30 degrees of lean; faster types get a sleeker frame.
_DEFAULT_FRAME_MPS = 10.0


def parameter_values(config: VehicleConfig) -> dict[str, float]:
    """What differs from a fresh vehicle's parameters, by ArduPilot's names; the configuration's own come last and win."""
    values: dict[str, float] = {
        "SYSID_THISMAV": config.system_id,
        "BATT_CAPACITY": round(config.battery_mah),
    }
    if config.wind.speed_mps > 0:
        values |= {"SIM_WIND_SPD": config.wind.speed_mps, "SIM_WIND_DIR": config.wind.from_deg % 360.0}
    if config.kind is VehicleKind.COPTER:
        values |= {
            "WPNAV_SPEED": config.cruise_mps * 100.0,
            "WPNAV_SPEED_UP": config.climb_mps * 100.0,
            "WPNAV_SPEED_DN": config.descent_mps * 100.0,
            "WPNAV_ACCEL": config.acceleration_mps2 * 100.0,
        }
    else:
        values |= {
            "AIRSPEED_CRUISE": config.cruise_mps,
            "AIRSPEED_MIN": min(13.0, 0.6 * config.cruise_mps),
            "AIRSPEED_MAX": max(35.0, 1.4 * config.cruise_mps),
            "TECS_CLMB_MAX": config.climb_mps,
            "TECS_SINK_MAX": config.descent_mps,
            "WP_RADIUS": max(1.0, round(config.turn_radius_m or 90.0)),
            "WP_LOITER_RAD": max(1.0, round(config.turn_radius_m or 60.0)),
        }
        if config.turn_radius_m > 0:
            values["ROLL_LIMIT_DEG"] = _bank_deg(config.cruise_mps, config.turn_radius_m)
        if config.kind is VehicleKind.QUADPLANE:
            values |= {
                "Q_WP_SPEED_UP": config.climb_mps * 100.0,
                "Q_WP_SPEED_DN": config.descent_mps * 100.0,
                # A slow type would else never be fast enough to leave its rotors.
                "Q_ASSIST_SPEED": min(18.0, 0.72 * config.cruise_mps),
            }
    return values | dict(config.parameters)


def _bank_deg(speed_mps: float, radius_m: float) -> float:
    """Bank of a level turn, which a plane then never exceeds."""
    return min(65.0, max(10.0, math.degrees(math.atan(speed_mps**2 / (9.80665 * radius_m)))))


def airframe(config: VehicleConfig, lean_limit_deg: float) -> AirframeParams:
    """The default frame; a type that cruises faster gets drag that fits its speed at the same lean."""
    return AirframeParams(speed_scale=max(1.0, config.cruise_mps / _DEFAULT_FRAME_MPS), lean_limit_deg=lean_limit_deg)
