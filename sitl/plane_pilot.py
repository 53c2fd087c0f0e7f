"""A plane's or quadplane's modes: what each of them does with the flight, and when one gives way to another (q01, q02, q03)."""

from __future__ import annotations

from mavlink_bridge.enums import LandedState, MavCmd, MavResult, ModeFlag, PlaneMode, Severity, VtolState
from mavlink_bridge.messages import MissionCurrent, MissionItemReached
from planner.model import VehicleKind
from sitl.core import Core
from sitl.mission_runner import RunState
from sitl.pilot import Motion
from sitl.plane_course import Homing, Leg
from sitl.plane_flight import PlaneFlight
from sitl.plane_mission import PlaneMission
from sitl.plane_modes import FBWA, MANUAL, NAVIGATES, NEEDS_POSITION, ROTOR_MODES, UNARMABLE, is_known, mode_name
from sitl.plane_phase import ON_ROTORS, Phase
from sitl.plane_power import WingPowerParams
from sitl.rally import HOME, return_place

_AUTO, _RTL, _QRTL, _QLAND, _GUIDED = PlaneMode.AUTO, PlaneMode.RTL, PlaneMode.QRTL, PlaneMode.QLAND, PlaneMode.GUIDED
_STARTS_ON_ROTORS = frozenset({MavCmd.NAV_VTOL_TAKEOFF, MavCmd.NAV_TAKEOFF})


class PlanePilot:
    """`sitl.pilot.Pilot` for planes with and without rotors. Modes that need a hand on the stick circle where they are."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._hovers = core.config.kind is VehicleKind.QUADPLANE
        self.flight = PlaneFlight(
            core.parameters,
            core.air,
            home_amsl_m=core.config.home_amsl_m,
            hovers=self._hovers,
            say=lambda text: core.say(Severity.INFO, text),
        )
        self.flight.body.heading_deg = core.config.heading_deg
        self._power = WingPowerParams(
            hover_w=core.config.power_hover_w, cruise_w=core.config.power_cruise_w, cruise_mps=core.config.cruise_mps
        )
        self.mission = PlaneMission(core, self.flight, hovers=self._hovers, go_home=lambda: self._switch(_RTL))
        self.mode: int = PlaneMode.MANUAL
        self._return_to = HOME[:2]
        self._home_circle = (0.0, 0.0, True)
        self._has_arrived = False
        self._motion = Motion()

    # What it is

    @property
    def custom_mode(self) -> int:
        return int(self.mode) if self._core.readiness.is_up(self._core.now_s) else int(PlaneMode.INITIALISING)

    @property
    def initial_mode(self) -> int:
        return FBWA

    @property
    def mode_flags(self) -> int:
        flags = ModeFlag.CUSTOM_MODE_ENABLED | ModeFlag.STABILIZE_ENABLED
        if not self._core.readiness.is_up(self._core.now_s):
            return int(flags)
        flags |= ModeFlag.MANUAL_INPUT_ENABLED
        return int(flags if self.mode in MANUAL else flags | ModeFlag.GUIDED_ENABLED)

    @property
    def needs_position(self) -> bool:
        return self.mode in NEEDS_POSITION

    @property
    def is_landed(self) -> bool:
        flight = self.flight
        if not flight.is_flying:
            return not flight.is_lifting
        return flight.has_landed and not (self._hovers and flight.looks_up and self.mode == _AUTO)

    @property
    def landed_state(self) -> LandedState:
        return LandedState.ON_GROUND if self.is_landed else LandedState.IN_AIR

    @property
    def vtol_state(self) -> VtolState:
        if not self._hovers:
            return VtolState.UNDEFINED
        match self.flight.phase:
            case Phase.TRANSITION | Phase.BRAKING:
                return VtolState.TRANSITION_TO_FW
            case Phase.POSITIONING if not self.flight.is_close:
                return VtolState.TRANSITION_TO_MC
            case phase if phase in ON_ROTORS:
                return VtolState.MC
            case Phase.ON_GROUND:
                return VtolState.MC if self._would_rise else VtolState.FW
        return VtolState.FW

    @property
    def _would_rise(self) -> bool:
        item = self.mission.runner.item
        on_rotors = item is not None and item.command in (_STARTS_ON_ROTORS | {MavCmd.NAV_VTOL_LAND, MavCmd.NAV_LAND})
        return self.mode in ROTOR_MODES or (self.mode == _AUTO and on_rotors)

    @property
    def is_landing(self) -> bool:
        return self.mode in (_QLAND, _QRTL) or (self.mission.active and self.mission.is_landing)

    @property
    def flies_mission(self) -> bool:
        return self.mode == _AUTO

    @property
    def power_w(self) -> float:
        return self.flight.power_w(self._power)

    def motion(self) -> Motion:
        body, motion = self.flight.body, self._motion
        motion.north_m, motion.east_m, motion.up_m = body.north_m, body.east_m, body.up_m
        motion.vn, motion.ve, motion.vu = body.vn, body.ve, body.vu
        motion.heading_deg, motion.roll_deg, motion.pitch_deg = body.heading_deg, body.roll_deg, body.pitch_deg
        motion.airspeed_mps = body.airspeed_mps
        full_w = self._power.hover_w * 2 if self.flight.phase in ON_ROTORS else self._power.cruise_w * 1.6
        motion.throttle_pct = 0.0 if self.is_landed else min(100.0, 100.0 * self.power_w / full_w)
        return motion

    # Modes

    def change_mode(self, number: int) -> MavResult:
        if not is_known(number) or (number in ROTOR_MODES and not self._hovers):
            self._core.say(Severity.INFO, f"No such mode {number}")
            return MavResult.FAILED
        if number == self.mode:
            return MavResult.ACCEPTED
        if self._core.armed and number in NEEDS_POSITION and not self._core.readiness.has_position(self._core.now_s):
            self._core.say(Severity.WARNING, f"Mode change to {mode_name(number)} failed: requires position")
            return MavResult.FAILED
        if number == _AUTO and self._core.armed and self._core.missions.count <= 1:
            self._core.say(Severity.WARNING, "Mode change to AUTO failed: no mission")
            return MavResult.FAILED
        self._enter(number)
        return MavResult.ACCEPTED

    def _enter(self, mode: int) -> None:
        if self.mission.active:
            self.mission.leave()
        self.mode = mode
        flight = self.flight
        if self.mission.runner.in_landing and not self._core.armed and mode not in NAVIGATES:
            self._core.say(Severity.INFO, "In landing sequence: mission reset")
            self.mission.runner.reset()
        if mode == _AUTO:
            self.mission.enter()
            return
        flight.wings.wanted_mps = None
        if not flight.is_flying or flight.phase is Phase.FALLING:
            return
        match mode:
            case PlaneMode.RTL:
                self._fly_home_on_wings()
            case PlaneMode.QRTL:
                self._land_at_home()
            case mode if mode in ROTOR_MODES:
                # Without a stick in the middle these sink to the ground.
                flight.descend()
            case _:
                self._circle(flight.body.at, flight.body.up_m)

    def _circle(self, centre: tuple[float, float], up_m: float) -> None:
        self._has_arrived = False
        signed_m = self._core.parameters["WP_LOITER_RAD"]
        self.flight.circle(centre, abs(signed_m), up_m, clockwise=signed_m >= 0)

    def _fly_home_on_wings(self) -> None:
        p, flight = self._core.parameters, self.flight
        to = return_place(self._core, flight.body.north_m, flight.body.east_m)
        up_m = to[2] if to[2] > 0 else p["RTL_ALTITUDE"] + self._core.home_up_m if p["RTL_ALTITUDE"] >= 0 else flight.body.up_m
        signed_m = p["RTL_RADIUS"] or p["WP_LOITER_RAD"]
        # Down the slope to it, then around it.
        flight.head_for(to[:2], up_m)
        self._return_to = to[:2]
        self._home_circle = (abs(signed_m), up_m, signed_m >= 0)

    def _land_at_home(self) -> None:
        """QRTL: on the wings to where the rotors can stop it, unless it is there already (q02); down to RTL_ALTITUDE at once, and to
        Q_RTL_ALT as late as it can sink that far (ModeQRTL::update_target_altitude).
        """
        p, flight = self._core.parameters, self.flight
        over_m = max(0.0, p["RTL_ALTITUDE"] - p["Q_RTL_ALT"])
        sinking_m = p["AIRSPEED_CRUISE"] * over_m / max(1.0, 0.6 * p["TECS_SINK_MAX"])
        radius_m = max(abs(p["WP_LOITER_RAD"]), abs(p["RTL_RADIUS"]))
        near_m = 2.0 * radius_m
        at = return_place(self._core, *flight.body.at)[:2]
        far_m = max(near_m, min(20.0 * radius_m, near_m + sinking_m))
        flight.land_on_rotors(at, Homing(at, p["Q_RTL_ALT"] + self._core.home_up_m, over_m, near_m, far_m))

    def fly_home(self) -> None:
        self._switch(_RTL)

    def fly_back(self, *, or_land: bool) -> None:
        del or_land
        self.fly_home()

    def stop_or_land(self) -> None:
        self.land_now(pause=False)

    def land_now(self, *, pause: bool) -> None:
        del pause
        self._switch(_QLAND if self._hovers else _RTL)

    def _switch(self, mode: int) -> None:
        if self.mode != mode:
            self._enter(mode)

    # Arming

    def mode_problem(self) -> str | None:
        return f"Mode not armable: {mode_name(self.mode)}" if self.mode in UNARMABLE else None

    def mission_problems(self) -> list[str]:
        """Landed in AUTO it stays at its landing item: nobody arms there until the mission is rewound (AP_Arming_Plane)."""
        if self.mode == _AUTO and self._core.missions.count <= 1:
            return ["No mission loaded"]
        runner = self.mission.runner
        if runner.starts_with_takeoff:
            return []
        problems = ["In landing sequence"] if runner.in_landing else []
        return [*problems, "AUTO missing takeoff waypoint"] if self.mode == _AUTO and self._hovers else problems

    def armed(self) -> None:
        self.flight.arm(self._core.now_s)
        if self.mission.active and self.mission.runner.item is not None and self.mission.runner.state is RunState.RUNNING:
            self.mission.begin_again()

    def disarmed(self) -> None:
        if self.flight.phase is not Phase.FALLING or self.flight.is_down:
            self.flight.disarm()
        self.mission.disarmed()

    @property
    def wants_disarm(self) -> bool:
        return self.flight.should_disarm and not self.flight.looks_up

    @property
    def is_idle(self) -> bool:
        return self.is_landed and not self.flight.has_orders

    # Flying

    def step(self, dt_s: float) -> None:
        core, flight = self._core, self.flight
        flight.step(dt_s, core.now_s)
        if self.mission.active:
            self.mission.step()
        elif self.mode == _RTL and flight.is_flying:
            self._return()
        elif self.mode == _GUIDED:
            self._guide()
        if flight.should_disarm and not flight.looks_up and core.armed:
            core.say(Severity.INFO, "Land complete")
        impact_mps = flight.take_impact()
        if impact_mps is not None:
            core.say(Severity.INFO, f"SIM Hit ground at {impact_mps:.6f} m/s")

    def _guide(self) -> None:
        """Circles once it has risen; where it was sent to counts as item 0 (Plane::update_loiter)."""
        flight = self.flight
        if flight.phase is Phase.RISING and flight.takeoff_is_done:
            self._circle(flight.body.at, flight.body.up_m)
        elif flight.wings.on_circle and not self._has_arrived:
            self._has_arrived = True
            self._core.out.announce(MissionItemReached(seq=0))

    def _return(self) -> None:
        p, flight = self._core.parameters, self.flight
        radius_m, up_m, clockwise = self._home_circle
        near_m = max(radius_m, flight.stopping_m)
        if self._hovers and int(p["Q_RTL_MODE"]) == 1:
            if flight.distance_m < near_m and flight.phase is Phase.CRUISING:
                self._switch(_QRTL)
        elif flight.distance_m < near_m * 1.5 and isinstance(flight.course, Leg):
            flight.circle(self._return_to, radius_m, up_m, clockwise=clockwise)

    def rest(self, dt_s: float) -> None:
        if self.mission.active:
            self.mission.begin_when_possible()
        flight = self.flight
        if flight.phase is Phase.FALLING:
            flight.step(dt_s, self._core.now_s)
            if flight.is_down:
                flight.disarm()

    def fall(self) -> None:
        self.flight.fall()

    def stand_at_home(self) -> None:
        self.flight.body.north_m = self.flight.body.east_m = 0.0

    def shift(self, north_m: float, east_m: float) -> None:
        self.flight.body.north_m += north_m
        self.flight.body.east_m += east_m

    def drop_from(self, up_m: float) -> None:
        self.flight.body.up_m = up_m
        self.flight.phase = Phase.FALLING

    def parameter_set(self, name: str) -> None:
        """All parameters are read when they are used."""

    def banner(self) -> list[tuple[Severity, str]]:
        system = f"{self._core.config.seed:08x}{self._core.config.system_id:08x}"
        frame = ["QuadPlane initialised, Frame: QUAD/X"] if self._hovers else []
        return [(Severity.INFO, text) for text in ("ArduPlane V4.7.0-dev (856c2a19)", system, *frame)]

    # Commands

    def take_off(self, height_m: float) -> MavResult:
        """On the rotors, in GUIDED."""
        if not self._hovers or not self._core.armed or self.mode != _GUIDED or not self.is_landed:
            return MavResult.FAILED
        self.flight.take_off(max(1.0, height_m))
        return MavResult.ACCEPTED

    def start_mission(self) -> MavResult:
        if self.mode != _AUTO:
            result = self.change_mode(_AUTO)
            if result is not MavResult.ACCEPTED:
                return result
        self.mission.start()
        return MavResult.ACCEPTED

    def set_current(self, seq: int, *, from_start: bool) -> bool:
        return self.mission.set_current(seq, from_start=from_start)

    def pause(self, *, go_on: bool) -> MavResult:
        # ArduPlane pauses guided paths only.
        del go_on
        return MavResult.FAILED

    def change_speed(self, kind: int, speed_mps: float) -> MavResult:
        if self.mode not in (_AUTO, _GUIDED):
            return MavResult.FAILED
        return MavResult.ACCEPTED if self.mission.change_speed(kind, speed_mps) else MavResult.FAILED

    def reposition(self, place: tuple[float, float, float], speed_mps: float, *, switch: bool) -> MavResult:
        if not self._core.readiness.has_position(self._core.now_s) or not self.flight.is_flying:
            return MavResult.FAILED
        if self.mode != _GUIDED:
            if not switch:
                return MavResult.DENIED
            self._enter(_GUIDED)
        if speed_mps > 0:
            self.mission.change_speed(0, speed_mps)
        self._circle(place[:2], place[2])
        return MavResult.ACCEPTED

    def mission_current(self) -> MissionCurrent:
        return self.mission.current()

    def mission_changed(self) -> None:
        self.mission.changed()
