"""COMMAND_LONG and COMMAND_INT: which a vehicle knows, how it answers, and what follows (k10, k15, and ArduPilot probed)."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from mavlink_bridge import messages as m
from mavlink_bridge.enums import MavCmd, MavResult, MessageId, Severity
from planner.geo import LatLon
from sitl.arming import FORCE, Arming
from sitl.camera import Camera
from sitl.core import Core
from sitl.fence import DO_FENCE_ENABLE, Fence
from sitl.mission_protocol import Station
from sitl.pilot import Pilot
from sitl.telemetry import LinkStreams, Reports, is_too_fast


@dataclass(frozen=True, slots=True)
class Order:
    """A command from either message; `x_deg`, `y_deg` are its fifth and sixth parameter, `is_int` whether it came as INT."""

    command: int
    p1: float
    p2: float
    p3: float
    p4: float
    x_deg: float
    y_deg: float
    z: float
    frame: int
    is_int: bool

    @classmethod
    def from_long(cls, message: m.CommandLong) -> Order:
        p = message
        return cls(p.command, p.param1, p.param2, p.param3, p.param4, p.param5, p.param6, p.param7, 3, False)

    @classmethod
    def from_int(cls, message: m.CommandInt) -> Order:
        p = message
        return cls(p.command, p.param1, p.param2, p.param3, p.param4, p.x / 1e7, p.y / 1e7, p.z, p.frame, True)


#: PREFLIGHT_REBOOT_SHUTDOWN's sixth parameter that reboots even while armed (GCS_Common.cpp).
FORCED_REBOOT = 20190226

_Handler = Callable[[Order, Station], MavResult | None]

#: What a vehicle without that equipment answers, the same in every state.
_FIXED: Mapping[int, MavResult] = {
    MavCmd.CONDITION_YAW: MavResult.ACCEPTED,
    195: MavResult.ACCEPTED,
    197: MavResult.ACCEPTED,
    201: MavResult.ACCEPTED,
    205: MavResult.FAILED,
    208: MavResult.ACCEPTED,
    211: MavResult.FAILED,
    500: MavResult.FAILED,
    2500: MavResult.FAILED,
}


class Commands:
    """Answers a command; None from a handler means that the answer has been given."""

    def __init__(
        self,
        core: Core,
        pilot: Pilot,
        arming: Arming,
        fence: Fence,
        reports: Reports,
        camera: Camera,
        streams: Callable[[int], LinkStreams],
    ) -> None:
        self._core = core
        self._fence = fence
        self._camera = camera
        self._pilot = pilot
        self._arming = arming
        self._reports = reports
        self._streams = streams
        self.reboot_wanted = False
        self._handlers: Mapping[int, _Handler] = {
            MavCmd.DO_SET_MODE: self._set_mode,
            MavCmd.COMPONENT_ARM_DISARM: self._arm_disarm,
            MavCmd.RUN_PREARM_CHECKS: self._run_checks,
            MavCmd.MISSION_START: self._start_mission,
            MavCmd.DO_SET_MISSION_CURRENT: self._set_current,
            MavCmd.DO_PAUSE_CONTINUE: self._pause,
            MavCmd.DO_CHANGE_SPEED: self._change_speed,
            MavCmd.DO_REPOSITION: self._reposition,
            MavCmd.NAV_TAKEOFF: self._take_off,
            MavCmd.NAV_VTOL_TAKEOFF: self._take_off,
            MavCmd.NAV_RETURN_TO_LAUNCH: self._return,
            MavCmd.NAV_LAND: self._land,
            MavCmd.NAV_LOITER_UNLIM: self._loiter,
            MavCmd.DO_SET_HOME: self._set_home,
            MavCmd.GET_HOME_POSITION: self._get_home,
            MavCmd.REQUEST_MESSAGE: self._request_message,
            MavCmd.SET_MESSAGE_INTERVAL: self._set_interval,
            MavCmd.GET_MESSAGE_INTERVAL: self._get_interval,
            MavCmd.BATTERY_RESET: self._reset_battery,
            MavCmd.PREFLIGHT_REBOOT_SHUTDOWN: self._reboot,
            DO_FENCE_ENABLE: self._switch_fence,
        }

    def handle(self, order: Order, station: Station) -> None:
        handler = self._handlers.get(order.command)
        result = handler(order, station) if handler is not None else self._obeyed(order)
        if result is not None:
            self._answer(order, station, result)

    def _obeyed(self, order: Order) -> MavResult:
        """An order to equipment."""
        p5 = order.x_deg * 1e7 if order.is_int else order.x_deg
        result = self._camera.obey(order.command, order.p1, order.p2, order.p3, p5)
        return _FIXED.get(order.command, MavResult.UNSUPPORTED) if result is None else result

    def _answer(self, order: Order, station: Station, result: MavResult) -> None:
        self._core.out.answer(
            station.link,
            m.CommandAck(command=order.command, result=result, target_system=station.system_id, target_component=station.component_id),
        )

    # Modes and arming

    def set_mode(self, custom_mode: int) -> MavResult:
        """Also for the SET_MODE message. A new mode is told at once."""
        before = self._pilot.custom_mode
        result = self._pilot.change_mode(custom_mode)
        if self._pilot.custom_mode != before:
            self._core.out.announce(self._reports.heartbeat())
        return result

    def _set_mode(self, order: Order, station: Station) -> MavResult:
        del station
        return self.set_mode(int(order.p2))

    def _arm_disarm(self, order: Order, station: Station) -> MavResult | None:
        force = int(order.p2) == FORCE
        if order.p1 == 1:
            result = self._arming.arm(force=force)
        elif order.p1 == 0:
            result = self._arming.disarm(force=force)
        else:
            return MavResult.UNSUPPORTED
        if not self._core.readiness.is_up(self._core.now_s):
            # While it still initialises, the reasons come before the answer (k10a).
            self._core.out.answer_late(
                station.link,
                m.CommandAck(command=order.command, result=result, target_system=station.system_id, target_component=station.component_id),
            )
            return None
        return result

    def _run_checks(self, order: Order, station: Station) -> MavResult:
        del order, station
        if self._core.armed:
            return MavResult.TEMPORARILY_REJECTED
        self._arming.run_checks()
        return MavResult.ACCEPTED

    # Mission and flight

    def _start_mission(self, order: Order, station: Station) -> MavResult:
        del station
        if order.p1 != 0 or order.p2 != 0:
            return MavResult.DENIED
        before = self._pilot.custom_mode
        result = self._pilot.start_mission()
        if self._pilot.custom_mode != before:
            self._core.out.announce(self._reports.heartbeat())
        return result

    def _set_current(self, order: Order, station: Station) -> MavResult | None:
        seq, from_start = int(order.p1), order.p2 == 1
        exists = 0 <= seq < self._core.missions.count
        if not exists or not self._pilot.set_current(seq, from_start=from_start):
            return MavResult.DENIED
        self._answer(order, station, MavResult.ACCEPTED)
        self._core.out.answer(station.link, self._pilot.mission_current())
        return None

    def _pause(self, order: Order, station: Station) -> MavResult:
        del station
        if order.p1 not in (0, 1):
            return MavResult.DENIED
        return self._pilot.pause(go_on=order.p1 == 1)

    def _change_speed(self, order: Order, station: Station) -> MavResult:
        del station
        return self._pilot.change_speed(int(order.p1), order.p2)

    def _reposition(self, order: Order, station: Station) -> MavResult:
        del station
        if not order.is_int:
            return MavResult.UNSUPPORTED
        core = self._core
        place = (*core.to_local(order.x_deg, order.y_deg), core.up_m(order.frame, order.z))
        return self._pilot.reposition(place, order.p1, switch=bool(int(order.p2) & 1))

    def _take_off(self, order: Order, station: Station) -> MavResult:
        del station
        return self._pilot.take_off(order.z + self._core.home_up_m)

    def _return(self, order: Order, station: Station) -> MavResult:
        del order, station
        before = self._pilot.custom_mode
        self._pilot.fly_home()
        return self._told(before)

    def _land(self, order: Order, station: Station) -> MavResult:
        del order, station
        before = self._pilot.custom_mode
        self._pilot.land_now(pause=False)
        return self._told(before)

    def _told(self, before: int) -> MavResult:
        if self._pilot.custom_mode != before:
            self._core.out.announce(self._reports.heartbeat())
        return MavResult.ACCEPTED

    def _loiter(self, order: Order, station: Station) -> MavResult:
        del order, station
        return self.set_mode(12 if self._core.is_plane else 5)

    def _switch_fence(self, order: Order, station: Station) -> MavResult:
        del station
        return self._fence.switch(int(order.p1), int(order.p2))

    # Questions

    def _set_home(self, order: Order, station: Station) -> MavResult:
        del station
        core = self._core
        if not core.readiness.has_home(core.now_s):
            return MavResult.FAILED
        if order.p1 == 1 or (order.x_deg == 0 and order.y_deg == 0):
            motion = self._pilot.motion()
            lat_deg, lon_deg = core.to_degrees(motion.north_m, motion.east_m)
            up_m = motion.up_m
        else:
            lat_deg, lon_deg = order.x_deg, order.y_deg
            # Without a frame its height is above the sea (GCS_Common.cpp: mav_frame_for_command_long).
            up_m = core.up_m(order.frame if order.is_int else 0, order.z)
        if order.p1 not in (0, 1):
            return MavResult.FAILED
        if not (abs(lat_deg) <= 90 and abs(lon_deg) <= 180):
            return MavResult.DENIED
        core.put_home(LatLon(lat_deg=lat_deg, lon_deg=lon_deg), up_m)
        return MavResult.ACCEPTED

    def _get_home(self, order: Order, station: Station) -> MavResult | None:
        if not self._core.readiness.has_home(self._core.now_s):
            return MavResult.FAILED
        self._answer(order, station, MavResult.ACCEPTED)
        self._core.out.answer(station.link, self._core.home_position())
        return None

    def _request_message(self, order: Order, station: Station) -> MavResult | None:
        message = self._reports.build(int(order.p1))
        if message is None:
            return MavResult.FAILED
        self._answer(order, station, MavResult.ACCEPTED)
        self._core.out.answer(station.link, message)
        return None

    def _set_interval(self, order: Order, station: Station) -> MavResult:
        message_id, interval_s = int(order.p1), order.p2 / 1e6
        if not self._reports.knows(message_id):
            self._core.say(Severity.INFO, f"No ap_message for mavlink id ({message_id})")
            return MavResult.DENIED
        streams = self._streams(station.link)
        if interval_s < 0:
            streams.set(message_id, None, self._core.now_s)
        elif interval_s == 0:
            default_s = 1.0 if message_id == MessageId.HEARTBEAT else None
            streams.set(message_id, default_s, self._core.now_s)
        elif is_too_fast(interval_s):
            self._core.say(Severity.INFO, f"Requested rate for message ID {message_id} too fast. Increase SCHED_LOOP_RATE")
            return MavResult.DENIED
        else:
            streams.set(message_id, interval_s, self._core.now_s)
        return MavResult.ACCEPTED

    def _get_interval(self, order: Order, station: Station) -> MavResult | None:
        message_id = int(order.p1)
        known = self._reports.knows(message_id)
        interval_s = self._streams(station.link).interval_s(message_id)
        interval_us = 0 if not known else -1 if interval_s is None else round(interval_s * 1e6)
        # The interval comes first, the answer second (k15).
        self._core.out.answer(station.link, m.MessageInterval(message_id=message_id, interval_us=interval_us))
        return MavResult.ACCEPTED if known else MavResult.FAILED

    # The vehicle itself

    def _reset_battery(self, order: Order, station: Station) -> MavResult:
        """While disarmed somebody can put in another pack, with this charge."""
        del station
        if self._core.armed:
            return MavResult.FAILED
        if not 0 <= order.p2 <= 100 or math.isnan(order.p2):
            return MavResult.FAILED
        self._core.battery.set_remaining(order.p2)
        self._core.alarms.battery = False
        return MavResult.ACCEPTED

    def _reboot(self, order: Order, station: Station) -> MavResult:
        del station
        magic = order.y_deg * 1e7 if order.is_int else order.y_deg
        if self._core.armed and round(magic) != FORCED_REBOOT:
            return MavResult.FAILED
        if order.p1 not in (1, 3):
            return MavResult.UNSUPPORTED
        self.reboot_wanted = True
        return MavResult.ACCEPTED
