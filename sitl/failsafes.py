"""What a vehicle decides by itself: low battery, lost ground station, broken fence, lost position (c10, c10b, c11, c12, c14)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from mavlink_bridge.enums import Severity
from mavlink_bridge.messages import FenceStatus
from sitl.arming import Arming
from sitl.battery import BatteryLevel
from sitl.core import Core
from sitl.fence import BREACH_NUMBER, Fence, FenceType, fence_names
from sitl.pilot import Pilot


class Failsafes:
    """Looks at everything ten times a second; `heard_station` is told of heartbeats from SYSID_MYGCS."""

    #: FS_OPTIONS: go on with the mission when the station is lost.
    _GO_ON_WITHOUT_STATION = 2
    #: Farther outside a round or a height fence than this, a copter lands where it is (AC_FENCE_GIVE_UP_DISTANCE).
    _GIVE_UP_M = 100.0
    #: Position is given up so long after the GPS went, and trusted so long after it came back (c14).
    _DEAD_RECKONING_S, _STOPPED_AIDING_S, _USING_AGAIN_S, _CLEARED_S = 8.1, 15.2, 0.4, 1.3

    def __init__(self, core: Core, pilot: Pilot, arming: Arming, fence: Fence) -> None:
        self._core = core
        self._pilot = pilot
        self._arming = arming
        self._fence = fence
        self._station_s: float | None = None
        self._breach = FenceType(0)
        self._breaches = 0
        self._breach_s = 0.0
        self._gps_since_s: float | None = None
        self._gps_said = 0
        land, home = (lambda: pilot.land_now(pause=True)), pilot.fly_home
        # BATT_FS_*_ACT and FS_GCS_ENABLE of copters (ArduCopter/events.cpp); BATT_FS_*_ACT and FS_LONG_ACTN of planes.
        back, back_or_land = (lambda: pilot.fly_back(or_land=False)), (lambda: pilot.fly_back(or_land=True))
        shared: dict[int, Callable[[], None]] = {3: back, 4: back_or_land, 6: home, 7: pilot.stop_or_land}
        copter = ({1: land, 2: home, **shared}, {1: home, 2: home, 5: land, **shared})
        plane = ({1: home, 2: home, 4: land, 6: land}, {1: home, 4: home})
        self._battery_actions: Mapping[int, Callable[[], None]]
        self._station_actions: Mapping[int, Callable[[], None]]
        self._battery_actions, self._station_actions = plane if core.is_plane else copter

    def heard_station(self) -> None:
        self._station_s = self._core.now_s

    def tick(self) -> None:
        self._check_battery()
        self._check_station()
        if self._core.parameters["FENCE_AUTOENABLE"] > 0:
            self._fence.follow_flight(armed=self._core.armed, state=self._pilot.landed_state)
        if self._fence.is_on:
            self._check_fence()
        elif self._breach:
            self._breach = FenceType(0)
        self._check_position()

    @property
    def fence_is_on(self) -> bool:
        return self._fence.is_on

    def fence_status(self) -> FenceStatus:
        number = max((BREACH_NUMBER[part] for part in FenceType if part in self._breach), default=0)
        return FenceStatus(
            breach_status=int(bool(self._breach)), breach_count=self._breaches, breach_type=number, breach_time_s=self._breach_s
        )

    # Battery

    def _check_battery(self) -> None:
        core = self._core
        if not core.armed:
            if core.alarms.battery and core.battery.level is BatteryLevel.FINE:
                core.alarms.battery = False
            return
        if core.battery.is_empty:
            self._pilot.fall()
        low = core.battery.check(core.now_s)
        if low is None:
            return
        core.say(Severity.WARNING, low.text)
        core.alarms.battery = True
        self._act("Battery", self._battery_actions.get(low.action))

    def _act(self, name: str, action: Callable[[], None] | None) -> None:
        """Say which failsafe, then act; on the ground that means disarming."""
        core, pilot = self._core, self._pilot
        if pilot.is_landed:
            core.say(Severity.WARNING, f"{name} Failsafe - Disarming")
            self._arming.disarm()
            return
        core.say(Severity.WARNING, f"{name} Failsafe")
        if action is not None:
            action()

    # Ground station

    def _check_station(self) -> None:
        core, p = self._core, self._core.parameters
        if self._station_s is None:
            return
        silent_s = core.now_s - self._station_s
        enabled = int(p["FS_GCS_ENABL" if core.is_plane else "FS_GCS_ENABLE"])
        timeout_s = p["FS_LONG_TIMEOUT" if core.is_plane else "FS_GCS_TIMEOUT"]
        if core.alarms.station:
            if silent_s < timeout_s or enabled == 0:
                core.alarms.station = False
                core.say(Severity.WARNING, "GCS Failsafe Cleared")
            return
        if enabled == 0 or not core.armed or silent_s < timeout_s:
            return
        core.alarms.station = True
        if self._goes_on_alone:
            core.say(Severity.WARNING, "GCS Failsafe - Continuing Auto Mode")
        else:
            self._act("GCS", self._station_actions.get(int(p["FS_LONG_ACTN"]) if core.is_plane else enabled))

    @property
    def _goes_on_alone(self) -> bool:
        core, p = self._core, self._core.parameters
        may = p["FS_LONG_ACTN"] == 0 if core.is_plane else int(p["FS_OPTIONS"]) & self._GO_ON_WITHOUT_STATION
        return bool(may) and self._pilot.flies_mission

    # Fence

    def _check_fence(self) -> None:
        core = self._core
        motion = self._pilot.motion()
        broken = self._fence.breached(motion.north_m, motion.east_m, motion.up_m)
        if broken == self._breach:
            return
        new = broken & ~self._breach
        if new:
            self._breaches += 1
            self._breach_s = core.now_s
            self._breach = broken
            core.out.announce(self.fence_status())
            if core.armed:
                self._break_out(new)
        elif self._breach and not broken:
            self._breach = broken
            if core.armed:
                core.say(Severity.NOTICE, "Fence breach cleared")

    def _break_out(self, new: FenceType) -> None:
        core, pilot = self._core, self._pilot
        core.say(Severity.NOTICE, f"{fence_names(new)} breached")
        action = int(core.parameters["FENCE_ACTION"])
        if action == 0:
            return
        if pilot.is_landed:
            self._arming.disarm()
            return
        core.say(Severity.INFO, "Manual recovery started")
        motion = pilot.motion()
        if not core.is_plane and self._fence.beyond_m(motion.north_m, motion.east_m, motion.up_m) > self._GIVE_UP_M:
            pilot.land_now(pause=False)
            return
        match action:
            case 2:
                pilot.land_now(pause=False)
            case 3 | 5:
                pilot.fly_back(or_land=action == 5)
            case 4:
                pilot.stop_or_land()
            case _:
                pilot.fly_home()

    # Position

    def _check_position(self) -> None:
        core, readiness = self._core, self._core.readiness
        works = core.parameters["SIM_GPS1_ENABLE"] > 0
        if works != readiness.gps_works:
            readiness.gps_works = works
            self._gps_since_s = core.now_s
            self._gps_said = 0
        if self._gps_since_s is None:
            return
        since_s = core.now_s - self._gps_since_s
        if works:
            self._position_returns(since_s)
        else:
            self._position_fades(since_s)

    def _position_fades(self, since_s: float) -> None:
        core = self._core
        if self._gps_said == 0 and since_s >= self._DEAD_RECKONING_S - 0.1:
            self._gps_said = 1
            core.say(Severity.CRITICAL, "EKF3 lane switch 1")
            core.say(Severity.WARNING, "EKF primary changed:1")
        elif self._gps_said == 1 and since_s >= self._DEAD_RECKONING_S:
            self._gps_said = 2
            core.readiness.position_lost = True
            if core.armed and self._pilot.needs_position:
                core.alarms.estimator = True
                core.say(Severity.CRITICAL, "EKF variance")
                core.say(Severity.CRITICAL, "EKF Failsafe: changed to LAND Mode")
                self._pilot.land_now(pause=True)
        elif self._gps_said == 2 and since_s >= self._STOPPED_AIDING_S:
            self._gps_said = 3
            core.say(Severity.WARNING, "EKF3 IMU0 stopped aiding")
            core.say(Severity.WARNING, "EKF3 IMU1 stopped aiding")

    def _position_returns(self, since_s: float) -> None:
        core = self._core
        if not core.readiness.position_lost:
            self._gps_since_s = None
        elif self._gps_said == 0 and since_s >= self._USING_AGAIN_S:
            self._gps_said = 1
            core.say(Severity.INFO, "EKF3 IMU0 is using GPS")
            core.say(Severity.INFO, "EKF3 IMU1 is using GPS")
        elif self._gps_said == 1 and since_s >= self._CLEARED_S:
            core.readiness.position_lost = False
            self._gps_since_s = None
            if core.alarms.estimator:
                core.alarms.estimator = False
                core.say(Severity.CRITICAL, "EKF Failsafe Cleared")
