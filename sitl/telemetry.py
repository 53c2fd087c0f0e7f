"""What a vehicle reports of itself on each link, how often, and what each report says."""

from __future__ import annotations

import math
import zlib
from collections.abc import Callable, Mapping

from mavlink_bridge import messages as m
from mavlink_bridge.enums import DataStream, MavAutopilot, MavType, MessageId, ModeFlag
from planner.model import VehicleKind
from sitl.arming import Arming
from sitl.core import Core
from sitl.failsafes import Failsafes
from sitl.pilot import Pilot
from sitl.terrain import Terrain

#: Which of our messages each stream of REQUEST_DATA_STREAM holds (observed on ArduPilot 4.7.0-dev).
_STREAMS: Mapping[int, tuple[MessageId, ...]] = {
    DataStream.EXTENDED_STATUS: (MessageId.SYS_STATUS, MessageId.MISSION_CURRENT, MessageId.GPS_RAW_INT, MessageId.FENCE_STATUS),
    DataStream.RC_CHANNELS: (MessageId.RC_CHANNELS,),
    DataStream.POSITION: (MessageId.GLOBAL_POSITION_INT,),
    DataStream.EXTRA1: (MessageId.ATTITUDE,),
    DataStream.EXTRA2: (MessageId.VFR_HUD,),
    DataStream.EXTRA3: (
        MessageId.SYSTEM_TIME,
        MessageId.BATTERY_STATUS,
        MessageId.EKF_STATUS_REPORT,
        MessageId.TERRAIN_REPORT,
        MessageId.TERRAIN_REQUEST,
    ),
}

#: The parameters SR0_*, SR1_* of each link's streams, in Hz.
STREAM_PARAMETERS: Mapping[str, int] = {
    "RAW_SENS": DataStream.RAW_SENSORS,
    "EXT_STAT": DataStream.EXTENDED_STATUS,
    "RC_CHAN": DataStream.RC_CHANNELS,
    "RAW_CTRL": DataStream.RAW_CONTROLLER,
    "POSITION": DataStream.POSITION,
    "EXTRA1": DataStream.EXTRA1,
    "EXTRA2": DataStream.EXTRA2,
    "EXTRA3": DataStream.EXTRA3,
}

#: SYS_STATUS's sensor bits of the simulated board: always present, enabled, healthy; the rest comes with readiness.
_PRESENT, _ENABLED, _HEALTHY = 0x5371FC0F, 0x52419C0F, 0x47519C0F
_GPS, _AHRS, _FENCE, _PREARM = 0x20, 0x200000, 0x100000, 0x10000000

_TYPES: Mapping[VehicleKind, MavType] = {
    VehicleKind.COPTER: MavType.QUADROTOR,
    VehicleKind.PLANE: MavType.FIXED_WING,
    VehicleKind.QUADPLANE: MavType.FIXED_WING,
}

#: ArduCopter 4.7.0-dev's own numbers.
_CAPABILITIES, _FIRMWARE_VERSION = 64495, 0x04070000

#: ArduPilot refuses rates above its main loop's.
_LEAST_INTERVAL_S = 1.0 / 400.0


class Reports:
    """Builds each message from the vehicle's state."""

    def __init__(self, core: Core, pilot: Pilot, arming: Arming, failsafes: Failsafes, terrain: Terrain) -> None:
        self._core = core
        self._pilot = pilot
        self._arming = arming
        self._failsafes = failsafes
        self._builders: Mapping[int, Callable[[], m.Message | None]] = {
            MessageId.HEARTBEAT: self.heartbeat,
            MessageId.SYS_STATUS: self._sys_status,
            MessageId.SYSTEM_TIME: self._system_time,
            MessageId.GPS_RAW_INT: self._gps,
            MessageId.ATTITUDE: self._attitude,
            MessageId.GLOBAL_POSITION_INT: self._position,
            MessageId.MISSION_CURRENT: pilot.mission_current,
            MessageId.RC_CHANNELS: self._channels,
            MessageId.VFR_HUD: self._hud,
            MessageId.BATTERY_STATUS: self._battery,
            MessageId.AUTOPILOT_VERSION: self._version,
            MessageId.FENCE_STATUS: failsafes.fence_status,
            MessageId.EKF_STATUS_REPORT: self._ekf,
            MessageId.HOME_POSITION: core.home_position,
            MessageId.EXTENDED_SYS_STATE: self._extended,
            MessageId.TERRAIN_REQUEST: terrain.request,
            MessageId.TERRAIN_REPORT: terrain.report,
        }

    def knows(self, message_id: int) -> bool:
        return message_id in self._builders

    def build(self, message_id: int) -> m.Message | None:
        """The message now; None when the vehicle does not know it or has nothing to say yet."""
        if message_id == MessageId.HOME_POSITION and not self._core.readiness.has_home(self._core.now_s):
            return None
        if message_id == MessageId.FENCE_STATUS and not self._failsafes.fence_is_on:
            return None
        builder = self._builders.get(message_id)
        return builder() if builder is not None else None

    def heartbeat(self) -> m.Heartbeat:
        core, pilot = self._core, self._pilot
        return m.Heartbeat(
            type=_TYPES[core.config.kind],
            autopilot=MavAutopilot.ARDUPILOTMEGA,
            base_mode=pilot.mode_flags | (ModeFlag.SAFETY_ARMED if core.armed else 0),
            custom_mode=pilot.custom_mode,
            system_status=core.status(is_landed=pilot.is_landed),
        )

    def _sys_status(self) -> m.SysStatus:
        core = self._core
        ready = core.readiness
        gps = _GPS if ready.has_gps_place(core.now_s) else 0
        estimator = _AHRS if ready.trusts_estimator(core.now_s) else 0
        fence = _FENCE if self._failsafes.fence_is_on else 0
        healthy = _HEALTHY | estimator | (gps if ready.gps_works else 0) | (_PREARM if self._arming.checks_pass else 0)
        if fence and self._failsafes.fence_status().breach_status:
            healthy &= ~_FENCE
        return m.SysStatus(
            sensors_present=_PRESENT | gps,
            sensors_enabled=_ENABLED | gps | estimator | fence,
            sensors_health=healthy,
            voltage_v=core.battery.voltage_v,
            current_a=core.battery.current_a,
            battery_remaining_pct=core.battery.remaining_pct,
        )

    def _system_time(self) -> m.SystemTime:
        now_s = self._core.now_s
        unix_s = self._core.unix_s if self._core.readiness.has_gps_place(now_s) else 0.0
        return m.SystemTime(time_unix_s=unix_s, time_boot_s=now_s)

    def _gps(self) -> m.GpsRawInt:
        core = self._core
        fix, satellites = core.readiness.gps_fix(core.now_s)
        lat_deg, lon_deg, alt_m = self._place(seen=fix > 0)
        return m.GpsRawInt(
            time_s=core.now_s, fix_type=fix, lat_deg=lat_deg, lon_deg=lon_deg, alt_amsl_m=alt_m, satellites_visible=satellites
        )

    def _place(self, *, seen: bool) -> tuple[float, float, float]:
        if not seen:
            return 0.0, 0.0, 0.0
        core, motion = self._core, self._pilot.motion()
        lat_deg, lon_deg = core.to_degrees(motion.north_m, motion.east_m)
        return lat_deg, lon_deg, core.home_amsl_m + motion.up_m

    def _attitude(self) -> m.Attitude:
        motion = self._pilot.motion()
        return m.Attitude(
            time_boot_s=self._core.now_s,
            roll_rad=math.radians(motion.roll_deg),
            pitch_rad=math.radians(motion.pitch_deg),
            yaw_rad=math.radians((motion.heading_deg + 180.0) % 360.0 - 180.0),
        )

    def _position(self) -> m.GlobalPositionInt:
        core, motion = self._core, self._pilot.motion()
        lat_deg, lon_deg, alt_m = self._place(seen=core.readiness.has_gps_place(core.now_s))
        return m.GlobalPositionInt(
            time_boot_s=core.now_s,
            lat_deg=lat_deg,
            lon_deg=lon_deg,
            alt_amsl_m=alt_m,
            relative_alt_m=motion.up_m - core.home_up_m,
            north_mps=motion.vn,
            east_mps=motion.ve,
            down_mps=-motion.vu,
            heading_deg=motion.heading_deg,
        )

    def _channels(self) -> m.RcChannels:
        channels_us = self._core.sticks.channels_us(self._core.now_s)
        return m.RcChannels(time_boot_s=self._core.now_s, chancount=16, channels_us=channels_us)

    def _hud(self) -> m.VfrHud:
        motion = self._pilot.motion()
        return m.VfrHud(
            airspeed_mps=motion.airspeed_mps,
            groundspeed_mps=math.hypot(motion.vn, motion.ve),
            heading_deg=int(motion.heading_deg),
            throttle_pct=int(motion.throttle_pct),
            alt_amsl_m=self._core.home_amsl_m + motion.up_m,
            climb_mps=motion.vu,
        )

    def _battery(self) -> m.BatteryStatus:
        battery = self._core.battery
        return m.BatteryStatus(
            id=0,
            voltage_v=battery.voltage_v,
            current_a=battery.current_a,
            consumed_mah=int(battery.consumed_mah),
            remaining_pct=battery.remaining_pct,
        )

    def _version(self) -> m.AutopilotVersion:
        # Each airframe has a number of its own, so that a station can tell them apart.
        uid = zlib.crc32(self._core.config.drone.encode())
        return m.AutopilotVersion(capabilities=_CAPABILITIES, flight_sw_version=_FIRMWARE_VERSION, uid=uid)

    def _ekf(self) -> m.EkfStatusReport:
        return m.EkfStatusReport(flags=self._core.readiness.ekf_flags(self._core.now_s))

    def _extended(self) -> m.ExtendedSysState:
        return m.ExtendedSysState(landed_state=self._pilot.landed_state, vtol_state=self._pilot.vtol_state)


class LinkStreams:
    """Rates of one link: every message has its interval and its next moment. HEARTBEAT comes once a second."""

    def __init__(self, now_s: float) -> None:
        self._intervals_s: dict[int, float] = {MessageId.HEARTBEAT: 1.0}
        self._next_s: dict[int, float] = {MessageId.HEARTBEAT: now_s}
        self.earliest_s = now_s

    def interval_s(self, message_id: int) -> float | None:
        """None when it is not sent by itself."""
        return self._intervals_s.get(message_id)

    def set(self, message_id: int, interval_s: float | None, now_s: float) -> None:
        if interval_s is None:
            self._intervals_s.pop(message_id, None)
            self._next_s.pop(message_id, None)
        else:
            self._intervals_s[message_id] = interval_s
            self._next_s[message_id] = now_s + interval_s
        self.earliest_s = min(self._next_s.values(), default=math.inf)

    def set_stream(self, stream: int, rate_hz: float, now_s: float) -> None:
        """REQUEST_DATA_STREAM; rate 0 stops it."""
        chosen = _STREAMS.values() if stream == DataStream.ALL else (_STREAMS.get(stream, ()),)
        for ids in chosen:
            for message_id in ids:
                self.set(message_id, 1.0 / rate_hz if rate_hz > 0 else None, now_s)

    def due(self, now_s: float) -> list[int]:
        """What is to be sent now, in order of number; each once, however long the step was."""
        due: list[int] = []
        intervals = self._intervals_s
        for message_id, at_s in self._next_s.items():
            if at_s <= now_s + 1e-6:
                due.append(message_id)
                following_s = at_s + intervals[message_id]
                self._next_s[message_id] = following_s if following_s > now_s else now_s + intervals[message_id]
        self.earliest_s = min(self._next_s.values())
        return due


def is_too_fast(interval_s: float) -> bool:
    return interval_s < _LEAST_INTERVAL_S
