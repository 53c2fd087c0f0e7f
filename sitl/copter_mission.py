"""AUTO: a copter carries out its mission, item by item."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from enum import Enum, auto

from mavlink_bridge.enums import MavCmd, MissionState, Severity
from mavlink_bridge.messages import MissionCurrent, MissionItemReached
from sitl.copter_flight import CopterFlight, Manoeuvre
from sitl.copter_rtl import CopterRtl
from sitl.core import Core
from sitl.item_rules import StoredItem
from sitl.mission_runner import MissionRunner, RunState, Step
from sitl.waypoint_nav import Vector

#: Items at which the vehicle need not stop when one of these comes next.
_FLOWING = frozenset({MavCmd.NAV_WAYPOINT, MavCmd.NAV_LOITER_UNLIM, MavCmd.NAV_LOITER_TIME})

#: Done on the way by the vehicle itself: their number then stands in MISSION_ITEM_REACHED instead of the item before (c07).
_OVERWRITE_REACHED = frozenset({MavCmd.DO_CHANGE_SPEED, MavCmd.DO_SET_HOME, 201, 205})


class _Landing(Enum):
    APPROACHING = auto()
    DESCENDING = auto()


class CopterMission:
    """The mission under way. `enter` when AUTO begins, `step` after each step of the flight, `leave` when it ends."""

    #: Closer to the edge than this, a circle begins at once (ArduCopter: auto circle's edge, 3 m).
    _EDGE_M = 3.0

    def __init__(self, core: Core, flight: CopterFlight) -> None:
        self._core = core
        self._flight = flight
        self.runner = MissionRunner(core.missions)
        self.active = False
        self._waiting_for_origin = False
        self._reached_s: float | None = None
        self._circling = False
        self._landing: _Landing | None = None
        self.rtl: CopterRtl | None = None
        self._speed_mps: float | None = None
        self._legs_running = False
        self._start: Mapping[int, Callable[[StoredItem], None]] = {
            MavCmd.NAV_TAKEOFF: self._start_takeoff,
            MavCmd.NAV_WAYPOINT: self._start_waypoint,
            82: self._start_waypoint,
            MavCmd.NAV_LOITER_UNLIM: self._start_loiter,
            MavCmd.NAV_LOITER_TIME: self._start_loiter,
            MavCmd.NAV_LOITER_TURNS: self._start_circle,
            MavCmd.NAV_RETURN_TO_LAUNCH: self._start_rtl,
            MavCmd.NAV_LAND: self._start_land,
            MavCmd.NAV_DELAY: self._start_delay,
        }
        self._verify: Mapping[int, Callable[[StoredItem], bool]] = {
            MavCmd.NAV_TAKEOFF: lambda _item: self._flight.takeoff_is_done,
            MavCmd.NAV_WAYPOINT: self._waypoint_is_done,
            82: self._waypoint_is_done,
            MavCmd.NAV_LOITER_UNLIM: lambda _item: False,
            MavCmd.NAV_LOITER_TIME: self._loiter_is_done,
            MavCmd.NAV_LOITER_TURNS: self._circle_is_done,
            MavCmd.NAV_RETURN_TO_LAUNCH: lambda _item: False,
            MavCmd.NAV_LAND: self._land_is_done,
            MavCmd.NAV_DELAY: self._delay_is_done,
        }

    # Entering, leaving, changing

    def enter(self) -> None:
        self.active = True
        self._speed_mps = None
        self._legs_running = False
        self._waiting_for_origin = not self._core.readiness.has_home(self._core.now_s)
        if not self._waiting_for_origin:
            # An empty mission is over at once, and stays so when items are uploaded afterwards (k10b).
            self._take(self.runner.start_or_resume())

    def start(self) -> None:
        """MISSION_START: go on, or begin anew when it was over."""
        if self.runner.state is not RunState.RUNNING and self._core.missions.count > 1:
            self._take(self.runner.start_or_resume())

    def begin_again(self) -> None:
        """Start the current item anew, silently: the motors have just been armed."""
        item = self.runner.item
        if item is not None:
            self._start.get(item.command, self._ignore)(item)

    def leave(self) -> None:
        self.active = False
        self.runner.stop()
        self.rtl = None
        self._landing = None

    def set_current(self, seq: int, *, from_start: bool = False) -> bool:
        """DO_SET_MISSION_CURRENT and MISSION_SET_CURRENT: whether there is such an item."""
        if from_start:
            self.runner.reset()
            seq = max(seq, 1) if self._core.missions.count > 1 else seq
        if not self.runner.set_current(seq):
            return False
        if self.active and self.runner.state is not RunState.COMPLETE and self._core.missions.count > 1:
            self.runner.state = RunState.RUNNING
            step = self.runner.restart()
            if step is not None:
                self._take(step)
        return True

    def changed(self) -> None:
        """What is stored has changed while it is flown: the running item begins again (k07)."""
        if not self.active or self.runner.state is not RunState.RUNNING:
            return
        step = self.runner.restart()
        if step is not None:
            self._take(step)
            self._core.say(Severity.CRITICAL, "Auto mission changed, restarted cmd")
        elif self._core.missions.count == 0:
            self._core.say(Severity.CRITICAL, "Auto mission changed but failed to restart cmd")

    def change_speed(self, kind: int, speed_mps: float) -> bool:
        """DO_CHANGE_SPEED; lasts until AUTO is left."""
        if speed_mps <= 0:
            return False
        if kind in (0, 1):
            self._speed_mps = speed_mps
            self._flight.nav.change_speed(speed_mps)
        return True

    def disarmed(self) -> None:
        """On the ground for good: an item that ends by landing is done, and the next flight begins with the first item."""
        item = self.runner.item
        runs = self.active and self.runner.state is RunState.RUNNING
        if runs and item is not None and self._ends_by_landing(item):
            self._announce_reached(self.runner.seq)
            self.runner.state = RunState.COMPLETE
            runs = False
        self.runner.reset()
        self._legs_running = False
        if runs:
            self._take(self.runner.start_or_resume())

    def _ends_by_landing(self, item: StoredItem) -> bool:
        return item.command in (MavCmd.NAV_RETURN_TO_LAUNCH, MavCmd.NAV_LAND) and self._flight.has_landed

    def current(self) -> MissionCurrent:
        """MISSION_CURRENT as the vehicle would say it now."""
        count = self._core.missions.count
        total = max(0, count - 1)
        return MissionCurrent(seq=self.runner.seq, total=total, mission_state=self._state(total), mission_mode=int(self.active))

    def _state(self, total: int) -> MissionState:
        if total == 0:
            return MissionState.NO_MISSION
        if self.runner.state is RunState.COMPLETE:
            return MissionState.COMPLETE
        if not self.active or self.runner.state is RunState.STOPPED:
            return MissionState.NOT_STARTED
        return MissionState.PAUSED if self._flight.nav.paused else MissionState.ACTIVE

    # One step

    def begin_when_possible(self) -> None:
        """AUTO begins its mission when the vehicle knows where it is."""
        if self._waiting_for_origin and self._core.readiness.has_home(self._core.now_s):
            self._waiting_for_origin = False
            self._take(self.runner.start_or_resume())

    def step(self) -> None:
        if self._waiting_for_origin:
            self.begin_when_possible()
            return
        if self.rtl is not None:
            self.rtl.step(self._core.now_s)
        if self.runner.state is not RunState.RUNNING:
            return
        item = self.runner.item
        if item is not None and self._is_done(item):
            self._complete(item)
        elif (pending := self.runner.pending()) is not None:
            self._core.say(Severity.INFO, self.runner.said(pending))
            self._do(pending[1])

    @property
    def is_landing(self) -> bool:
        return self._landing is _Landing.DESCENDING or (self.rtl is not None and self.rtl.is_landing)

    def _is_done(self, item: StoredItem) -> bool:
        verify = self._verify.get(item.command)
        return verify is None or verify(item)

    def _complete(self, item: StoredItem) -> None:
        seq = self.runner.seq
        if item.command in (MavCmd.NAV_WAYPOINT, 82, MavCmd.NAV_LOITER_TIME):
            self._core.say(Severity.INFO, f"Reached command #{seq}")
        step = self.runner.advance()
        first_done = step.done[0] if step.done else None
        overwritten = first_done is not None and first_done[1].command in _OVERWRITE_REACHED
        self._announce_reached(first_done[0] if overwritten and first_done is not None else seq)
        self._take(step)

    def _announce_reached(self, seq: int) -> None:
        self._core.out.announce(MissionItemReached(seq=seq))

    def _take(self, step: Step) -> None:
        for text in step.texts:
            self._core.say(Severity.INFO, text)
        for _, item in step.done:
            self._do(item)
        self.rtl = None
        self._landing = None
        self._reached_s = None
        self._circling = False
        if step.item is None:
            self._over()
            return
        self._start.get(step.item.command, self._ignore)(step.item)

    def _over(self) -> None:
        """After the last item a copter in the air stays where it is."""
        if self._flight.is_flying and self._flight.manoeuvre is not Manoeuvre.LANDING:
            self._flight.begin_legs()
            self._legs_running = False

    def _do(self, item: StoredItem) -> None:
        if item.command == MavCmd.DO_CHANGE_SPEED:
            self.change_speed(int(item.param1), item.param2)

    def _ignore(self, item: StoredItem) -> None:
        """Items that the simulated vehicle has no equipment for are done at once."""

    # Starting items

    def _default_place(self) -> Vector:
        nav = self._flight.nav
        return nav.destination if self._legs_running else self._flight.stopping_point()

    def _start_takeoff(self, item: StoredItem) -> None:
        flight = self._flight
        if not self._core.armed:
            return
        self._legs_running = False
        flight.faces_target = True
        flight.take_off(max(self._core.height_of(item, flight.body.up_m), flight.body.up_m, 1.0))

    def _fly_to(self, place: Vector) -> None:
        flight = self._flight
        if not flight.is_flying:
            return
        flight.faces_target = True
        if not self._legs_running or not flight.nav.reached or flight.manoeuvre is not Manoeuvre.FOLLOWING:
            flight.begin_legs(self._speed_mps, self._takeoff_point())
            self._legs_running = True
        flight.nav.fly_to(place)

    def _takeoff_point(self) -> Vector | None:
        """After a take-off legs begin where it was to end, not where the vehicle would stop."""
        flight = self._flight
        if flight.manoeuvre is not Manoeuvre.TAKING_OFF:
            return None
        return flight.takeoff_point

    def _start_waypoint(self, item: StoredItem) -> None:
        place = self._core.place_of(item, self._default_place())
        self._fly_to(place)
        following = self.runner.peek_next(self.runner.seq)
        if item.param1 <= 0 and following is not None and following.command in _FLOWING:
            self._flight.nav.announce(self._core.place_of(following, place))

    def _start_loiter(self, item: StoredItem) -> None:
        self._fly_to(self._core.place_of(item, self._default_place()))

    def _start_circle(self, item: StoredItem) -> None:
        n, e, up_m = self._core.place_of(item, self._default_place())
        radius_m = abs(item.param3) or self._core.parameters["CIRCLE_RADIUS"] / 100.0
        flight = self._flight
        vn, ve = flight.body.north_m - n, flight.body.east_m - e
        distance_m = math.hypot(vn, ve)
        un, ue = (vn / distance_m, ve / distance_m) if distance_m > 1e-6 else (-1.0, 0.0)
        if abs(distance_m - radius_m) > self._EDGE_M:
            self._fly_to((n + un * radius_m, e + ue * radius_m, up_m))
        else:
            self._begin_circle(item)

    def _begin_circle(self, item: StoredItem) -> None:
        n, e, up_m = self._core.place_of(item, self._default_place())
        radius_m = abs(item.param3) or self._core.parameters["CIRCLE_RADIUS"] / 100.0
        self._flight.circle((n, e), radius_m, clockwise=item.param3 >= 0, up_m=up_m)
        self._circling = True
        self._legs_running = False

    def _start_rtl(self, item: StoredItem) -> None:
        del item
        self._legs_running = False
        if self._flight.is_flying:
            self.rtl = CopterRtl(self._flight, self._core.parameters, self._core.now_s)

    def _start_land(self, item: StoredItem) -> None:
        flight = self._flight
        if item.has_place:
            n, e = self._core.to_local(item.x / 1e7, item.y / 1e7)
            up_m = self._default_place()[2]
            self._fly_to((n, e, up_m))
            self._landing = _Landing.APPROACHING
        else:
            self._descend(flight)

    def _descend(self, flight: CopterFlight) -> None:
        target = flight.nav.destination if self._legs_running and flight.nav.reached else None
        self._legs_running = False
        if flight.is_flying:
            flight.land(at=target[:2] if target is not None else None)
        self._landing = _Landing.DESCENDING

    def _start_delay(self, item: StoredItem) -> None:
        self._reached_s = self._core.now_s
        self._core.say(Severity.INFO, f"Delaying {int(item.param1)} sec")

    # Verifying items

    def _waypoint_is_done(self, item: StoredItem) -> bool:
        return self._stayed(item.param1)

    def _loiter_is_done(self, item: StoredItem) -> bool:
        return self._stayed(item.param1)

    def _stayed(self, delay_s: float) -> bool:
        if not self._flight.nav.reached or self._flight.manoeuvre is not Manoeuvre.FOLLOWING:
            return False
        if self._reached_s is None:
            self._reached_s = self._core.now_s
        # Whole seconds count (ArduCopter: verify_nav_wp).
        return int(self._core.now_s - self._reached_s + 1e-6) >= int(delay_s)

    def _circle_is_done(self, item: StoredItem) -> bool:
        if not self._circling:
            if self._flight.nav.reached and self._flight.manoeuvre is Manoeuvre.FOLLOWING:
                self._begin_circle(item)
            return False
        return self._flight.turns >= item.param1

    def _land_is_done(self, item: StoredItem) -> bool:
        del item
        if self._landing is _Landing.APPROACHING and self._flight.nav.reached:
            self._descend(self._flight)
        return False

    def _delay_is_done(self, item: StoredItem) -> bool:
        return self._reached_s is not None and self._core.now_s - self._reached_s >= item.param1
