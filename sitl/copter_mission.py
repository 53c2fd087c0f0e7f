"""AUTO: a copter carries out its mission, item by item."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from enum import Enum, auto

from mavlink_bridge.enums import MavCmd, Severity
from sitl.copter_flight import CopterFlight, Manoeuvre
from sitl.copter_rtl import CopterRtl
from sitl.core import Core
from sitl.item_rules import StoredItem
from sitl.mission_executor import MissionExecutor
from sitl.rally import return_place
from sitl.waypoint_nav import Vector

#: Items at which the vehicle need not stop when one of these comes next.
_FLOWING = frozenset({MavCmd.NAV_WAYPOINT, MavCmd.NAV_LOITER_UNLIM, MavCmd.NAV_LOITER_TIME})
#: Items that begin anew when the stored mission changes (ArduCopter: submode WP).
_FLOWN_TO = _FLOWING | {82}


class _Landing(Enum):
    APPROACHING = auto()
    DESCENDING = auto()


class CopterMission(MissionExecutor):
    """A copter's items: how each begins and when it is done."""

    #: Closer to the edge than this, a circle begins at once (ArduCopter: auto circle's edge, 3 m).
    _EDGE_M = 3.0

    def __init__(self, core: Core, flight: CopterFlight) -> None:
        super().__init__(core)
        self._flight = flight
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

    # Hooks

    def _reset(self) -> None:
        self._speed_mps = None
        self._legs_running = False

    def _clear_item(self) -> None:
        self.rtl = None
        self._landing = None
        self._reached_s = None
        self._circling = False

    def _start_item(self, item: StoredItem) -> None:
        self._start.get(item.command, self._ignore)(item)

    def _is_done(self, item: StoredItem) -> bool:
        verify = self._verify.get(item.command)
        return verify is None or verify(item)

    def _reached_text(self, item: StoredItem, seq: int) -> str | None:
        return f"Reached command #{seq}" if item.command in (MavCmd.NAV_WAYPOINT, 82, MavCmd.NAV_LOITER_TIME) else None

    @property
    def _is_paused(self) -> bool:
        return self._flight.nav.paused

    def _begins_anew(self, item: StoredItem) -> bool:
        return item.command in _FLOWN_TO

    def _ends_by_landing(self, item: StoredItem) -> bool:
        return item.command in (MavCmd.NAV_RETURN_TO_LAUNCH, MavCmd.NAV_LAND) and self._flight.has_landed

    def change_speed(self, kind: int, speed_mps: float) -> bool:
        """DO_CHANGE_SPEED; lasts until AUTO is left."""
        if speed_mps <= 0:
            return False
        if kind in (0, 1):
            self._speed_mps = speed_mps
            self._flight.nav.change_speed(speed_mps)
        return True

    def step(self) -> None:
        if self.rtl is not None:
            self.rtl.step(self._core.now_s)
        super().step()

    @property
    def is_landing(self) -> bool:
        return self._landing is _Landing.DESCENDING or (self.rtl is not None and self.rtl.is_landing)

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
            body = self._flight.body
            to = return_place(self._core, body.north_m, body.east_m)
            self.rtl = CopterRtl(self._flight, self._core, to=to)

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
