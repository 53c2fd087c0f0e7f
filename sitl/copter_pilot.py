"""A copter's modes: what each of them does with the flight, and when one gives way to another."""

from __future__ import annotations

import math

from mavlink_bridge.enums import CopterMode, LandedState, MavResult, ModeFlag, Severity, VtolState
from mavlink_bridge.messages import MissionCurrent
from sitl.copter_flight import CopterFlight, Manoeuvre
from sitl.copter_mission import CopterMission
from sitl.copter_modes import is_armable, is_manual, known_mode, mode_name, needs_position
from sitl.copter_rtl import CopterRtl
from sitl.core import Core
from sitl.mission_runner import RunState
from sitl.pilot import Motion
from sitl.rally import return_place
from sitl.smart_rtl import CopterSmartRtl, ReturnPath
from sitl.vehicle_setup import airframe

#: Modes that end by landing: the vehicle disarms by itself then.
_LANDING_MODES = frozenset({CopterMode.RTL, CopterMode.SMART_RTL, CopterMode.LAND, CopterMode.AUTO})

#: In-flight yaw alignment is told when the vehicle first passes this height (c01).
_YAW_TOLD_M = 2.5


class CopterPilot:
    """`sitl.pilot.Pilot` for a copter."""

    def __init__(self, core: Core) -> None:
        self._core = core
        frame = airframe(core.config, core.parameters["ANGLE_MAX"] / 100.0)
        self.flight = CopterFlight(core.parameters, core.air, frame)
        self.flight.body.heading_deg = core.config.heading_deg
        self.mission = CopterMission(core, self.flight)
        self.mode = CopterMode.STABILIZE
        self._rtl: CopterRtl | CopterSmartRtl | None = None
        self._path = ReturnPath(core.parameters)
        self._taking_off = False
        self._yaw_told = False
        self._motion = Motion()

    # What it is

    @property
    def custom_mode(self) -> int:
        return int(self.mode)

    @property
    def initial_mode(self) -> int:
        return int(self._core.parameters["INITIAL_MODE"])

    @property
    def mode_flags(self) -> int:
        flags = ModeFlag.CUSTOM_MODE_ENABLED | ModeFlag.STABILIZE_ENABLED | ModeFlag.MANUAL_INPUT_ENABLED
        # Before it is initialised the vehicle shows the guided flag in every mode (k01).
        if not is_manual(self.mode) or not self._core.readiness.is_up(self._core.now_s):
            flags |= ModeFlag.GUIDED_ENABLED
        return int(flags)

    @property
    def needs_position(self) -> bool:
        return needs_position(self.mode)

    @property
    def is_landed(self) -> bool:
        return not self.flight.is_flying or self.flight.has_landed

    @property
    def landed_state(self) -> LandedState:
        if self.is_landed:
            return LandedState.ON_GROUND
        if self.flight.manoeuvre is Manoeuvre.TAKING_OFF:
            return LandedState.TAKEOFF
        return LandedState.LANDING if self.is_landing else LandedState.IN_AIR

    @property
    def vtol_state(self) -> VtolState:
        # A copter says MC (k15).
        return VtolState.MC

    @property
    def is_landing(self) -> bool:
        if self.mode is CopterMode.LAND:
            return self.flight.is_flying
        if self._rtl is not None:
            return self._rtl.is_landing
        return self.mission.active and self.mission.is_landing

    @property
    def flies_mission(self) -> bool:
        return self.mode is CopterMode.AUTO

    @property
    def power_w(self) -> float:
        power, flight, body = self._core.power, self.flight, self.flight.body
        if flight.is_lifting:
            # Half of hover power on average while the throttle rises.
            return 0.5 * power.hover_w
        if not flight.is_flying or flight.has_spun_down:
            return power.idle_w
        return power.flying_w(body.airspeed_mps, body.excess_lean, body.vu, body.vertical_mps2)

    def motion(self) -> Motion:
        body, motion = self.flight.body, self._motion
        motion.north_m, motion.east_m, motion.up_m = body.north_m, body.east_m, body.up_m
        motion.vn, motion.ve, motion.vu = body.vn, body.ve, body.vu
        motion.heading_deg = body.heading_deg
        heading = math.radians(body.heading_deg)
        forward = body.lean_n * math.cos(heading) + body.lean_e * math.sin(heading)
        right = body.lean_e * math.cos(heading) - body.lean_n * math.sin(heading)
        motion.pitch_deg = -math.degrees(math.atan(forward / 9.80665))
        motion.roll_deg = math.degrees(math.atan(right / 9.80665))
        motion.airspeed_mps = body.airspeed_mps
        motion.throttle_pct = 0.0 if self.is_landed else min(100.0, 36.0 * self.power_w / self._core.power.hover_w)
        return motion

    # Modes

    def change_mode(self, number: int) -> MavResult:
        mode = known_mode(number)
        if mode is None:
            self._core.say(Severity.WARNING, f"No such mode {number}")
            return MavResult.FAILED
        if mode is self.mode:
            return MavResult.ACCEPTED
        problem = self._mode_change_problem(mode)
        if problem is not None:
            self._core.say(Severity.WARNING, f"Mode change to {mode_name(mode)} failed: {problem}")
            return MavResult.FAILED
        self._enter(mode)
        return MavResult.ACCEPTED

    def _mode_change_problem(self, mode: CopterMode) -> str | None:
        core = self._core
        has_position = core.readiness.has_position(core.now_s)
        if mode is CopterMode.SMART_RTL and (not has_position or (core.armed and not self._path.is_usable)):
            return "init failed"
        if not core.armed:
            return None
        if needs_position(mode) and not has_position:
            return "requires position"
        if mode is CopterMode.AUTO:
            if core.missions.count <= 1:
                return "init failed"
            if self.is_landed and not self.mission.runner.starts_with_takeoff:
                core.say(Severity.CRITICAL, "Auto: Missing Takeoff Cmd")
                return "init failed"
        return None

    def _enter(self, mode: CopterMode, *, pause: bool = False) -> None:
        flight = self.flight
        if self.mission.active:
            self.mission.leave()
        if isinstance(self._rtl, CopterSmartRtl):
            self._rtl.leave()
        self._rtl = None
        self._taking_off = False
        flight.faces_target = True
        self.mode = mode
        if mode is CopterMode.AUTO:
            self.mission.enter()
            return
        if not flight.is_flying:
            return
        match mode:
            case CopterMode.RTL:
                to = return_place(self._core, flight.body.north_m, flight.body.east_m)
                self._rtl = CopterRtl(flight, self._core, to=to)
            case CopterMode.SMART_RTL:
                self._rtl = CopterSmartRtl(flight, self._path, self._core.now_s)
            case CopterMode.LAND:
                flight.land(pause=pause)
            case CopterMode.BRAKE:
                flight.stop()
            case CopterMode.GUIDED:
                flight.begin_legs()
            case _:
                # Every manual mode is flown as LOITER; a throttle stick that nobody holds is at its minimum (c13b).
                flight.pilot_climb_mps = self._pilot_climb_mps()
                flight.loiter()

    def _pilot_climb_mps(self) -> float:
        p, stick = self._core.parameters, self._core.sticks.climb(self._core.now_s)
        fastest = p["PILOT_SPEED_UP"] if stick > 0 else (p["PILOT_SPEED_DN"] or p["PILOT_SPEED_UP"])
        return stick * fastest / 100.0

    def fly_home(self) -> None:
        if self._core.readiness.has_position(self._core.now_s):
            self._switch(CopterMode.RTL)
        else:
            self.land_now(pause=True)

    def fly_back(self, *, or_land: bool) -> None:
        if self.change_mode(CopterMode.SMART_RTL) is MavResult.ACCEPTED:
            return
        self._core.say(Severity.WARNING, f"SmartRTL Unavailable, {'Using Land' if or_land else 'Trying RTL'} Mode")
        if or_land:
            self.land_now(pause=True)
        else:
            self.fly_home()

    def stop_or_land(self) -> None:
        if self._core.readiness.has_position(self._core.now_s):
            self._switch(CopterMode.BRAKE)
        else:
            self.land_now(pause=True)

    def land_now(self, *, pause: bool) -> None:
        self._switch(CopterMode.LAND, pause=pause)

    def _switch(self, mode: CopterMode, *, pause: bool = False) -> None:
        if self.mode is not mode:
            self._enter(mode, pause=pause)

    # Arming

    def mode_problem(self) -> str | None:
        if is_armable(self.mode, int(self._core.parameters["AUTO_OPTIONS"])):
            return None
        return f"{mode_name(self.mode)} mode not armable"

    def mission_problems(self) -> list[str]:
        return ["Mode requires mission"] if self.mode is CopterMode.AUTO and self._core.missions.count <= 1 else []

    def armed(self) -> None:
        self.flight.arm(self._core.now_s)
        self._path.begin(self.flight.position, self._core.now_s)
        self._yaw_told = False
        item = self.mission.runner.item
        if self.mission.active and item is not None and self.mission.runner.state is RunState.RUNNING:
            # AUTO had begun its first item on the ground; now it can lift off.
            self.mission.begin_again()

    def disarmed(self) -> None:
        self.mission.disarmed()
        self.flight.disarm()
        self._rtl = None

    @property
    def wants_disarm(self) -> bool:
        return self.mode in _LANDING_MODES and self.flight.should_disarm

    @property
    def is_idle(self) -> bool:
        return self.is_landed and not self.flight.is_spooling

    # Flying

    def step(self, dt_s: float) -> None:
        core, flight = self._core, self.flight
        if flight.manoeuvre is Manoeuvre.LOITERING:
            flight.pilot_climb_mps = self._pilot_climb_mps()
        flight.home_up_m = core.home_up_m
        flight.step(dt_s, core.now_s)
        if self.mode is not CopterMode.SMART_RTL:
            self._remember_way()
        if self.mission.active:
            self.mission.step()
        elif self._rtl is not None:
            self._rtl.step(core.now_s)
        elif self._taking_off and flight.takeoff_is_done:
            self._taking_off = False
            flight.begin_legs(origin=flight.takeoff_point)
        if not self._yaw_told and flight.body.up_m > _YAW_TOLD_M:
            self._yaw_told = True
            core.say(Severity.INFO, "EKF3 IMU0 MAG0 in-flight yaw alignment complete")
            core.say(Severity.INFO, "EKF3 IMU1 MAG0 in-flight yaw alignment complete")
        if flight.take_impact():
            core.say(Severity.INFO, f"SIM Hit ground at {flight.impact_mps:.6f} m/s")

    def _remember_way(self) -> None:
        core = self._core
        lost = self._path.pass_by(self.flight.position, core.now_s, position_is_good=core.readiness.has_position(core.now_s))
        if lost is not None:
            core.say(Severity.WARNING, f"SmartRTL deactivated: {lost}")

    def rest(self, dt_s: float) -> None:
        # AUTO entered before the origin was known begins its mission now, armed or not.
        if self.mission.active:
            self.mission.begin_when_possible()
        self.flight.rest(dt_s, self._core.now_s)

    def fall(self) -> None:
        self.flight.fall()

    def stand_at_home(self) -> None:
        self.flight.body.north_m = self.flight.body.east_m = 0.0

    def shift(self, north_m: float, east_m: float) -> None:
        self.flight.body.north_m += north_m
        self.flight.body.east_m += east_m

    def drop_from(self, up_m: float) -> None:
        self.flight.body.up_m = up_m
        self.flight.drop()

    def parameter_set(self, name: str) -> None:
        p, flight = self._core.parameters, self.flight
        if name == "ANGLE_MAX":
            flight.body.limit_lean(p[name] / 100.0)
        elif name == "WPNAV_SPEED" and flight.manoeuvre is Manoeuvre.FOLLOWING and p[name] > 0:
            flight.nav.change_speed(p[name] / 100.0)

    def banner(self) -> list[tuple[Severity, str]]:
        system = f"{self._core.config.seed:08x}{self._core.config.system_id:08x}"
        return [(Severity.INFO, text) for text in ("ArduCopter V4.7.0-dev (856c2a19)", system, "Frame: QUAD/PLUS")]

    # Commands

    def take_off(self, height_m: float) -> MavResult:
        """NAV_TAKEOFF in GUIDED, on the ground and armed."""
        if not self._core.armed or self.mode is not CopterMode.GUIDED or not self.is_landed:
            return MavResult.FAILED
        self.flight.take_off(max(1.0, height_m))
        self._taking_off = True
        return MavResult.ACCEPTED

    def start_mission(self) -> MavResult:
        if self.mode is not CopterMode.AUTO:
            result = self.change_mode(CopterMode.AUTO)
            if result is not MavResult.ACCEPTED:
                return result
        self.mission.start()
        return MavResult.ACCEPTED

    def set_current(self, seq: int, *, from_start: bool) -> bool:
        return self.mission.set_current(seq, from_start=from_start)

    def pause(self, *, go_on: bool) -> MavResult:
        flight = self.flight
        follows = flight.manoeuvre is Manoeuvre.FOLLOWING and self.mode in (CopterMode.AUTO, CopterMode.GUIDED)
        if not follows:
            self._core.say(Severity.INFO, "Failed to resume" if go_on else "Failed to pause")
            return MavResult.FAILED
        flight.nav.paused = not go_on
        return MavResult.ACCEPTED

    def change_speed(self, kind: int, speed_mps: float) -> MavResult:
        if self.mode is CopterMode.AUTO:
            return MavResult.ACCEPTED if self.mission.change_speed(kind, speed_mps) else MavResult.FAILED
        if self.mode not in (CopterMode.GUIDED, CopterMode.RTL) or speed_mps <= 0:
            return MavResult.FAILED
        if kind in (0, 1):
            self.flight.nav.change_speed(speed_mps)
        return MavResult.ACCEPTED

    def reposition(self, place: tuple[float, float, float], speed_mps: float, *, switch: bool) -> MavResult:
        core = self._core
        if not core.readiness.has_position(core.now_s):
            return MavResult.FAILED
        if self.mode is not CopterMode.GUIDED:
            if not switch:
                return MavResult.DENIED
            if self.change_mode(CopterMode.GUIDED) is not MavResult.ACCEPTED:
                return MavResult.FAILED
        if not self.flight.is_flying or self.flight.manoeuvre is Manoeuvre.TAKING_OFF:
            return MavResult.FAILED
        self.flight.begin_legs(speed_mps if speed_mps > 0 else self.flight.nav.speed_mps)
        self.flight.nav.fly_to(place)
        return MavResult.ACCEPTED

    def mission_current(self) -> MissionCurrent:
        return self.mission.current()

    def mission_changed(self) -> None:
        self.mission.changed()
