"""What a fresh ArduPilot simulation is told at boot: calibration it could not do itself, the frame, and the drone type."""

from __future__ import annotations

import json
from collections.abc import Mapping

from planner.model import VehicleKind
from sitl.battery import PowerParams
from sitl.config import VehicleConfig
from sitl.vehicle_setup import airframe, parameter_values

#: The simulated sensors are perfect, but ArduPilot arms only with a calibration on record: any offset that is not zero is one.
_CALIBRATION: Mapping[str, float] = {
    **{f"INS_{imu}OFFS_{axis}": 0.001 for imu in ("ACC", "ACC2") for axis in "XYZ"},
    **{f"INS_{imu}SCAL_{axis}": 1.001 for imu in ("ACC", "ACC2") for axis in "XYZ"},
    **{f"COMPASS_{compass}_{axis}": offset for compass in ("OFS", "OFS2", "OFS3") for axis, offset in (("X", 5), ("Y", 13), ("Z", -18))},
}

#: Sticks of the simulated transmitter, and what is the same for every kind.
_COMMON: Mapping[str, float] = {
    **{f"RC{channel}_{end}": value for channel in range(1, 9) for end, value in (("MIN", 1000), ("MAX", 2000), ("TRIM", 1500))},
    "BATT_MONITOR": 4,
    # The flight logs would fill the disc of whoever simulates fifty vehicles.
    "LOG_BACKEND_TYPE": 0,
}

_COPTER: Mapping[str, float] = {
    "FRAME_CLASS": 1,
    "FRAME_TYPE": 0,
    "FS_THR_ENABLE": 1,
    "MOT_THST_EXPO": 0.65,
    "MOT_THST_HOVER": 0.39,
    "MOT_BAT_VOLT_MIN": 9.6,
    "MOT_BAT_VOLT_MAX": 12.8,
    "ATC_RAT_YAW_P": 0.3,
    "ATC_RAT_YAW_I": 0.02,
}

#: What changes a flight in ArduPilot's own defaults for its simulated quadplane (Tools/autotest/default_params/quadplane.parm).
_QUADPLANE: Mapping[str, float] = {
    "Q_ENABLE": 1,
    "Q_FRAME_CLASS": 1,
    "SCHED_LOOP_RATE": 300,
    "NAVL1_PERIOD": 14,
    "ROLL_LIMIT_DEG": 65,
    "RLL_RATE_P": 0.141,
    "RLL_RATE_I": 0.2125,
    "RLL_RATE_FF": 0.5527,
    "PTCH_RATE_P": 0.31,
    "PTCH_RATE_I": 0.2125,
    "PTCH_RATE_FF": 1.407,
    "PTCH_LIM_MAX_DEG": 30,
    "PTCH_LIM_MIN_DEG": -30,
    "KFF_RDDRMIX": 0.5,
    "PTCH2SRV_RLL": 1,
    # The simulated propeller stands still at 1000 us: with the firmware's least of 1100 it pulls while the rotors hover.
    "SERVO3_MIN": 1000,
    "SERVO3_MAX": 2000,
    "Q_A_RAT_RLL_P": 0.108,
    "Q_A_RAT_RLL_I": 0.108,
    "Q_A_RAT_RLL_D": 0.001,
    "Q_A_RAT_PIT_P": 0.103,
    "Q_A_RAT_PIT_I": 0.103,
    "Q_A_RAT_PIT_D": 0.001,
    "Q_A_RAT_YAW_P": 0.02,
    "Q_A_ANG_RLL_P": 6,
    "Q_A_ANG_PIT_P": 6,
    "Q_M_THST_EXPO": 0.65,
    "Q_ASSIST_SPEED": 18,
    "Q_FRAME_TYPE": 1,
    "Q_M_BAT_VOLT_MIN": 9.6,
    "Q_M_BAT_VOLT_MAX": 12.8,
    "ARSPD_TYPE": 2,
    "ARSPD_USE": 1,
    "RTL_ALTITUDE": 20,
    "RALLY_LIMIT_KM": 5,
    "RALLY_INCL_HOME": 0,
}

_PLANE: Mapping[str, float] = {"ARSPD_TYPE": 2, "ARSPD_USE": 1}

_KINDS: Mapping[VehicleKind, Mapping[str, float]] = {
    VehicleKind.COPTER: _COPTER,
    VehicleKind.QUADPLANE: _QUADPLANE,
    VehicleKind.PLANE: _PLANE,
}

#: ArduPilot's names of the simulated airframes.
_MODELS: Mapping[VehicleKind, str] = {VehicleKind.COPTER: "+", VehicleKind.QUADPLANE: "quadplane", VehicleKind.PLANE: "plane"}

#: The default copter frame: speed at its reference lean, drag by the rotors' own flow, and current at hover.
_REFERENCE_MPS, _ROTOR_DRAG, _REFERENCE_A = 15.08, 0.2, 29.3

#: How much of a usual sortie is climbing, turning on the spot and landing.
_HOVER_PART = 0.2

FRAME_FILE = "frame.json"


def parameter_text(config: VehicleConfig) -> str:
    """The `--defaults` file of one vehicle."""
    values = {**_CALIBRATION, **_COMMON, **_KINDS[config.kind], **parameter_values(config)}
    return "".join(f"{name} {value:.9g}\n" for name, value in values.items())


def model_argument(config: VehicleConfig) -> str:
    """The `--model` of one vehicle; a copter that differs from the default frame reads its own from `FRAME_FILE`.

    The path must be relative to the vehicle's folder: ArduPilot hangs on an absolute one.
    """
    model = _MODELS[config.kind]
    return f"{model}:{FRAME_FILE}" if frame_text(config) is not None else model


def frame_text(config: VehicleConfig) -> str | None:
    """The frame file's content, or None when the default frame will do."""
    if config.kind is not VehicleKind.COPTER:
        return None
    different: dict[str, float] = {}
    scale = airframe(config, 30.0).speed_scale
    if scale != 1.0:
        # Both parts of the drag must shrink, or the frame would not reach its cruise at the same lean.
        different["refSpd"] = _REFERENCE_MPS * scale
        different["mdrag_coef"] = _ROTOR_DRAG / scale
    # No battCapacityAh: a simulated pack that was emptied stays so, MAV_CMD_BATTERY_RESET only resets the monitor's count, and the
    # next sortie is refused for low voltage. Charge is counted (BATT_CAPACITY, BATT_LOW_MAH) and a swap resets the count.
    if config.pack_capacity_mah is not None:
        different["refCurrent"] = _reference_a(config)
    return json.dumps(different, indent=1) + "\n" if different else None


def _reference_a(config: VehicleConfig) -> float:
    """Current at hover with which a usual sortie draws what the type's figures say.

    ArduPilot's simulated motors draw by their thrust (SIM_Motor.cpp), so that cruising always takes more than hovering, whatever the
    frame; a type for which it is the other way round cannot have both. Matched by hover alone, flights drew up to 22 % too much.
    """
    frame = PowerParams()
    cruise_w = frame.flying_w(config.cruise_mps / airframe(config, 30.0).speed_scale, 0.0, 0.0, 0.0)
    of_frame_w = _HOVER_PART * frame.hover_w + (1.0 - _HOVER_PART) * cruise_w
    of_type_w = _HOVER_PART * config.power_hover_w + (1.0 - _HOVER_PART) * config.power_cruise_w
    return _REFERENCE_A * of_type_w / of_frame_w
